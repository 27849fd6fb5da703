// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IERC721} from "@openzeppelin/contracts/token/ERC721/IERC721.sol";
import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import {SignatureChecker} from "@openzeppelin/contracts/utils/cryptography/SignatureChecker.sol";
import {PullPayment} from "../PullPayment.sol";
import {ICallMeter} from "./ICallMeter.sol";

/// @title Pay an agent by the call, with one transaction for any number of calls
contract CallMeter is ICallMeter, PullPayment, EIP712 {
    uint256 public constant NOTICE = 1 days;
    bytes32 private constant VOUCHER_TYPE =
        keccak256("Voucher(address caller,uint256 agentId,address asset,uint128 total)");

    IERC721 public immutable agents;
    mapping(address caller => mapping(uint256 agentId => mapping(address asset => Account))) private _accounts;

    constructor(address agents_, address[] memory tokens) PullPayment(tokens) EIP712("Fraction Calls", "1") {
        if (agents_ == address(0)) revert ZeroAddress();
        agents = IERC721(agents_);
    }

    /// @inheritdoc ICallMeter
    function deposit(uint256 agentId, address asset, uint128 amount) external payable nonReentrant {
        if (amount == 0) revert AmountZero();
        if (!isAllowed(asset)) revert AssetNotAllowed(asset);
        agents.ownerOf(agentId); // reverts for an agent that does not exist
        Account storage account = _accounts[msg.sender][agentId][asset];
        account.deposited += amount;
        account.closesAt = 0;
        emit Deposited(msg.sender, agentId, asset, amount);
        _take(asset, amount);
    }

    /// @inheritdoc ICallMeter
    function redeem(Voucher calldata voucher, bytes calldata signature) external returns (uint256 amount) {
        if (!SignatureChecker.isValidSignatureNow(voucher.caller, voucherDigest(voucher), signature)) {
            revert VoucherSignatureInvalid(voucher.caller);
        }
        Account storage account = _accounts[voucher.caller][voucher.agentId][voucher.asset];
        if (voucher.total <= account.redeemed) revert NothingNew(voucher.total, account.redeemed);
        if (voucher.total > account.deposited) revert DepositTooSmall(voucher.total, account.deposited);
        amount = voucher.total - account.redeemed;
        account.redeemed = voucher.total;
        address owner = agents.ownerOf(voucher.agentId);
        _credit(owner, voucher.asset, amount);
        emit Redeemed(voucher.caller, voucher.agentId, voucher.asset, owner, amount);
    }

    /// @inheritdoc ICallMeter
    function askToClose(uint256 agentId, address asset) external {
        Account storage account = _accounts[msg.sender][agentId][asset];
        if (account.deposited == account.redeemed) revert AmountZero();
        account.closesAt = uint64(block.timestamp + NOTICE);
        emit ClosingAsked(msg.sender, agentId, asset, account.closesAt);
    }

    /// @inheritdoc ICallMeter
    function close(uint256 agentId, address asset) external returns (uint256 amount) {
        Account storage account = _accounts[msg.sender][agentId][asset];
        if (account.closesAt == 0) revert NotClosing();
        if (block.timestamp < account.closesAt) revert StillOpen(account.closesAt);
        amount = account.deposited - account.redeemed;
        // what was redeemed stays counted, so that no old voucher is worth anything when more is put aside
        account.deposited = account.redeemed;
        account.closesAt = 0;
        _credit(msg.sender, asset, amount);
        emit Closed(msg.sender, agentId, asset, amount);
    }

    /// @inheritdoc ICallMeter
    function accountOf(address caller, uint256 agentId, address asset) external view returns (Account memory) {
        return _accounts[caller][agentId][asset];
    }

    /// @inheritdoc ICallMeter
    function voucherDigest(Voucher calldata voucher) public view returns (bytes32) {
        return _hashTypedDataV4(keccak256(abi.encode(VOUCHER_TYPE, voucher)));
    }
}
