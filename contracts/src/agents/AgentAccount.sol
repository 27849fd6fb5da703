// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {IERC721} from "@openzeppelin/contracts/token/ERC721/IERC721.sol";
import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";
import {Address} from "@openzeppelin/contracts/utils/Address.sol";
import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import {SignatureChecker} from "@openzeppelin/contracts/utils/cryptography/SignatureChecker.sol";
import {IAgentAccount} from "./IAgentAccount.sol";
import {IAgentRegistry} from "./IAgentRegistry.sol";

/// @title An agent's own account at other protocols, kept within what its owner signed
contract AgentAccount is IAgentAccount, EIP712, ReentrancyGuardTransient {
    using SafeERC20 for IERC20;

    address private constant ETH = address(0);
    bytes32 private constant RULE_TYPE =
        keccak256("Rule(address target,bytes4 selector,address asset,uint128 perDay,uint8 selfAt)");
    bytes32 private constant POLICY_TYPE = keccak256(
        "Policy(address operator,Rule[] rules,uint256 nonce,uint64 expiry,uint64 transfers)"
        "Rule(address target,bytes4 selector,address asset,uint128 perDay,uint8 selfAt)"
    );
    bytes4 private constant INCREASE_ALLOWANCE = bytes4(keccak256("increaseAllowance(address,uint256)"));

    address public immutable registry;
    /// @inheritdoc IAgentAccount
    uint256 public immutable agentId;
    /// @inheritdoc IAgentAccount
    mapping(address owner => mapping(uint256 nonce => bool)) public isRevoked;
    mapping(bytes32 policy => mapping(uint256 rule => mapping(uint256 day => uint256))) private _spent;

    modifier onlyOwner() {
        if (msg.sender != owner()) revert NotOwner(msg.sender);
        _;
    }

    constructor(address registry_, uint256 agentId_) EIP712("Fraction Agent Account", "1") {
        registry = registry_;
        agentId = agentId_;
    }

    receive() external payable {}

    /// @inheritdoc IAgentAccount
    function act(Policy calldata policy, bytes calldata signature, uint256 rule, uint256 amount, bytes calldata data)
        external
        nonReentrant
        returns (bytes memory answer)
    {
        bytes32 id = digestOf(policy);
        _checkPolicy(policy, id, signature);
        if (rule >= policy.rules.length) revert NoSuchRule(rule);
        Rule calldata allowed = policy.rules[rule];
        _checkCall(allowed, data);
        uint256 left = _left(id, rule, allowed.perDay);
        if (amount > left) revert OverDailyLimit(amount, left);
        uint256 spent;
        (answer, spent) = _spend(allowed.target, allowed.asset, amount, data);
        if (spent > amount) revert SpentTooMuch(spent, amount);
        _spent[id][rule][_today()] += spent;
        emit Acted(id, rule, allowed.asset, spent);
    }

    /// @inheritdoc IAgentAccount
    function revoke(uint256 nonce) external onlyOwner {
        isRevoked[msg.sender][nonce] = true;
        emit Revoked(msg.sender, nonce);
    }

    /// @inheritdoc IAgentAccount
    function call(address target, uint256 value, bytes calldata data)
        external
        onlyOwner
        nonReentrant
        returns (bytes memory)
    {
        emit Called(target, value, bytes4(data));
        if (data.length != 0) return Address.functionCallWithValue(target, data, value);
        Address.sendValue(payable(target), value);
        return "";
    }

    /// @inheritdoc IAgentAccount
    function leftToday(Policy calldata policy, uint256 rule) external view returns (uint256) {
        if (rule >= policy.rules.length) revert NoSuchRule(rule);
        return _left(digestOf(policy), rule, policy.rules[rule].perDay);
    }

    /// @inheritdoc IAgentAccount
    function digestOf(Policy calldata policy) public view returns (bytes32) {
        bytes32[] memory rules = new bytes32[](policy.rules.length);
        for (uint256 i; i < rules.length; ++i) {
            Rule calldata r = policy.rules[i];
            rules[i] = keccak256(abi.encode(RULE_TYPE, r.target, r.selector, r.asset, r.perDay, r.selfAt));
        }
        bytes32 list = keccak256(abi.encodePacked(rules));
        return _hashTypedDataV4(
            keccak256(
                abi.encode(POLICY_TYPE, policy.operator, list, policy.nonce, policy.expiry, policy.transfers)
            )
        );
    }

    /// @inheritdoc IAgentAccount
    function owner() public view returns (address) {
        return IERC721(registry).ownerOf(agentId);
    }

    function _checkPolicy(Policy calldata policy, bytes32 digest, bytes calldata signature) private view {
        if (msg.sender != policy.operator) revert NotOperator(msg.sender);
        if (block.timestamp >= policy.expiry) revert PolicyExpired(policy.expiry);
        address signer = owner();
        if (isRevoked[signer][policy.nonce]) revert PolicyRevoked(policy.nonce);
        if (policy.transfers != IAgentRegistry(registry).transfers(agentId)) {
            revert PolicyOfFormerOwner(policy.transfers);
        }
        if (!SignatureChecker.isValidSignatureNow(signer, digest, signature)) revert PolicySignatureInvalid(signer);
    }

    function _checkCall(Rule calldata rule, bytes calldata data) private view {
        bytes4 selector = bytes4(data);
        if (data.length < 4 || selector != rule.selector) revert WrongSelector(rule.selector, selector);
        bool givesAllowance = selector == IERC20.approve.selector || selector == IERC721.setApprovalForAll.selector
            || selector == INCREASE_ALLOWANCE;
        if (givesAllowance) revert AllowanceForbidden(selector);
        if (rule.selfAt == 0) return;
        uint256 end = 4 + 32 * uint256(rule.selfAt);
        bool isSelf = data.length >= end && uint256(bytes32(data[end - 32:end])) == uint160(address(this));
        if (!isSelf) revert BeneficiaryNotSelf(rule.selfAt);
    }

    function _spend(address target, address asset, uint256 amount, bytes calldata data)
        private
        returns (bytes memory answer, uint256 spent)
    {
        uint256 before = _holds(asset);
        if (asset == ETH) {
            answer = Address.functionCallWithValue(target, data, amount);
        } else {
            IERC20(asset).forceApprove(target, amount);
            answer = Address.functionCall(target, data);
            IERC20(asset).forceApprove(target, 0);
        }
        uint256 rest = _holds(asset);
        spent = rest < before ? before - rest : 0;
    }

    function _holds(address asset) private view returns (uint256) {
        return asset == ETH ? address(this).balance : IERC20(asset).balanceOf(address(this));
    }

    function _left(bytes32 policy, uint256 rule, uint256 perDay) private view returns (uint256) {
        return perDay - _spent[policy][rule][_today()];
    }

    function _today() private view returns (uint256) {
        return block.timestamp / 1 days;
    }
}
