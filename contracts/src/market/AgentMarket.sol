// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IERC2981} from "@openzeppelin/contracts/interfaces/IERC2981.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {IERC721} from "@openzeppelin/contracts/token/ERC721/IERC721.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import {SignatureChecker} from "@openzeppelin/contracts/utils/cryptography/SignatureChecker.sol";
import {ERC165Checker} from "@openzeppelin/contracts/utils/introspection/ERC165Checker.sol";
import {PullPayment} from "../PullPayment.sol";
import {IAgentMarket} from "./IAgentMarket.sol";

/// @title Agents change hands, or work for others for a while, by offers that were signed elsewhere
contract AgentMarket is IAgentMarket, PullPayment, EIP712 {
    using SafeERC20 for IERC20;

    bytes32 private constant SALE_TYPE = keccak256(
        "Sale(uint8 side,address collection,uint256 agentId,address maker,address taker,address asset,uint256 price,"
        "uint256 maxRoyalty,uint256 nonce,uint256 expiry)"
    );
    bytes32 private constant LICENCE_TYPE = keccak256(
        "Licence(address collection,uint256 agentId,address licensor,address licensee,address asset,uint256 price,"
        "uint32 duration,bytes32 terms,uint256 nonce,uint256 expiry)"
    );

    /// @inheritdoc IAgentMarket
    mapping(address maker => mapping(uint256 nonce => bool)) public isUsed;
    /// @inheritdoc IAgentMarket
    mapping(
        address collection
            => mapping(uint256 agentId => mapping(address user => mapping(bytes32 terms => uint256)))
    ) public userExpires;

    constructor(address[] memory tokens) PullPayment(tokens) EIP712("Fraction Market", "1") {}

    /// @inheritdoc IAgentMarket
    function trade(Sale calldata sale, bytes calldata signature) external payable nonReentrant {
        _checkOffer(sale.maker, sale.taker, sale.asset, sale.nonce, sale.expiry);
        _checkSignature(sale.maker, saleDigest(sale), signature);
        bool isAsk = sale.side == Side.ASK;
        (address seller, address buyer) = isAsk ? (sale.maker, msg.sender) : (msg.sender, sale.maker);
        _checkOwner(sale.collection, sale.agentId, seller);
        (address receiver, uint256 royalty) = _royalty(sale);
        isUsed[sale.maker][sale.nonce] = true;
        _credit(receiver, sale.asset, royalty);
        _credit(seller, sale.asset, sale.price - royalty);
        emit Sold(sale.collection, sale.agentId, seller, buyer, sale.asset, sale.price, royalty);
        if (isAsk) _take(sale.asset, sale.price);
        else _takeFrom(buyer, sale.asset, sale.price);
        IERC721(sale.collection).safeTransferFrom(seller, buyer, sale.agentId);
    }

    /// @inheritdoc IAgentMarket
    function license(Licence calldata licence, bytes calldata signature)
        external
        payable
        nonReentrant
        returns (uint256 until)
    {
        _checkOffer(licence.licensor, licence.licensee, licence.asset, licence.nonce, licence.expiry);
        _checkSignature(licence.licensor, licenceDigest(licence), signature);
        _checkOwner(licence.collection, licence.agentId, licence.licensor);
        mapping(bytes32 => uint256) storage expires = userExpires[licence.collection][licence.agentId][msg.sender];
        until = Math.max(expires[licence.terms], block.timestamp) + licence.duration;
        expires[licence.terms] = until;
        _credit(licence.licensor, licence.asset, licence.price);
        emit Licensed(
            licence.collection,
            licence.agentId,
            msg.sender,
            licence.licensor,
            licence.terms,
            until,
            licence.asset,
            licence.price
        );
        _take(licence.asset, licence.price);
    }

    /// @inheritdoc IAgentMarket
    function cancel(uint256[] calldata nonces) external {
        for (uint256 i; i < nonces.length; ++i) {
            isUsed[msg.sender][nonces[i]] = true;
            emit OfferCancelled(msg.sender, nonces[i]);
        }
    }

    /// @inheritdoc IAgentMarket
    function saleDigest(Sale calldata sale) public view returns (bytes32) {
        return _hashTypedDataV4(keccak256(abi.encode(SALE_TYPE, sale)));
    }

    /// @inheritdoc IAgentMarket
    function licenceDigest(Licence calldata licence) public view returns (bytes32) {
        return _hashTypedDataV4(keccak256(abi.encode(LICENCE_TYPE, licence)));
    }

    function _checkOffer(address maker, address taker, address asset, uint256 nonce, uint256 expiry) private view {
        if (block.timestamp >= expiry) revert OfferExpired(expiry);
        if (isUsed[maker][nonce]) revert OfferUsed(maker, nonce);
        if (taker != address(0) && taker != msg.sender) revert NotTaker(taker, msg.sender);
        if (!isAllowed(asset)) revert AssetNotAllowed(asset);
    }

    function _checkSignature(address maker, bytes32 digest, bytes calldata signature) private view {
        if (!SignatureChecker.isValidSignatureNow(maker, digest, signature)) revert OfferSignatureInvalid(maker);
    }

    function _checkOwner(address collection, uint256 agentId, address account) private view {
        if (IERC721(collection).ownerOf(agentId) != account) revert NotOwnedBy(agentId, account);
    }

    function _royalty(Sale calldata sale) private view returns (address receiver, uint256 royalty) {
        if (!ERC165Checker.supportsInterface(sale.collection, type(IERC2981).interfaceId)) return (address(0), 0);
        (receiver, royalty) = IERC2981(sale.collection).royaltyInfo(sale.agentId, sale.price);
        uint256 most = Math.min(sale.maxRoyalty, sale.price);
        if (royalty > most) revert RoyaltyAboveLimit(royalty, most);
    }

    /// @dev Take exactly `amount` from somebody who signed for it; nothing may be sent along.
    function _takeFrom(address payer, address asset, uint256 amount) private {
        if (asset == ETH) revert BidNeedsToken();
        if (msg.value != 0) revert WrongValue(0, msg.value);
        uint256 before = IERC20(asset).balanceOf(address(this));
        IERC20(asset).safeTransferFrom(payer, address(this), amount);
        uint256 received = IERC20(asset).balanceOf(address(this)) - before;
        if (received != amount) revert WrongAmountReceived(amount, received);
    }
}
