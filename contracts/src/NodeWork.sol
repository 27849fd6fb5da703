// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {PullPayment} from "./PullPayment.sol";
import {INodeWork} from "./interfaces/INodeWork.sol";
import {IRandomness} from "./interfaces/IRandomness.sol";
import {IStakeVault} from "./interfaces/IStakeVault.sol";

/// @title Paid work by drawn nodes: what escrow and registry have in common
abstract contract NodeWork is INodeWork, PullPayment {
    uint256 internal constant BPS = 10_000;
    /// @dev Stake lost by a node that was drawn and did not reveal.
    uint256 internal constant NO_SHOW_BPS = 500;
    uint256 internal constant MAX_PERIOD = 30 days;

    IStakeVault internal immutable _vault;
    IRandomness internal immutable _randomness;

    /// @inheritdoc INodeWork
    address public immutable treasury;

    constructor(address vault_, address randomness_, address treasury_, address[] memory tokens) PullPayment(tokens) {
        if (vault_ == address(0) || randomness_ == address(0) || treasury_ == address(0)) revert ZeroAddress();
        _vault = IStakeVault(vault_);
        _randomness = IRandomness(randomness_);
        treasury = treasury_;
    }

    /// @inheritdoc INodeWork
    function vault() external view returns (address) {
        return address(_vault);
    }

    /// @inheritdoc INodeWork
    function randomness() external view returns (address) {
        return address(_randomness);
    }

    /// @dev The randomness of `ticket` bound to this chain, contract and piece of work; 0 if it expired.
    function _seed(uint256 id, uint256 ticket) internal view returns (bytes32) {
        (IRandomness.Status status, bytes32 value) = _randomness.read(ticket);
        if (status == IRandomness.Status.PENDING) revert RandomnessPending(ticket);
        if (status == IRandomness.Status.EXPIRED) return 0;
        return keccak256(abi.encode(value, block.chainid, address(this), id));
    }

    /// @dev A part of a node's stake, rounded down.
    function _stakePart(IStakeVault.Role role, address node, uint256 bps) internal view returns (uint256) {
        return _vault.stakeOf(role, node) * bps / BPS;
    }

    /// @dev Take `amount` of the node's stake, and let it go.
    function _dismiss(IStakeVault.Role role, address node, uint256 amount, bytes32 reason) internal {
        if (amount != 0) _vault.slash(role, node, amount, reason);
        _vault.release(role, node);
    }

    /// @dev Equal parts of `pool` for those who agree, rounded down; returns what was given away.
    function _shareAmong(bool[] memory agrees, uint256[] memory parts, uint256 pool)
        internal
        pure
        returns (uint256 given)
    {
        uint256 count;
        for (uint256 i; i < agrees.length; ++i) if (agrees[i]) ++count;
        if (count == 0) return 0;
        for (uint256 i; i < agrees.length; ++i) if (agrees[i]) parts[i] = pool / count;
        return pool / count * count;
    }

    function _checkPeriod(bytes32 term, uint256 period) internal pure {
        if (period == 0 || period > MAX_PERIOD) revert TermOutOfBounds(term, period);
    }
}
