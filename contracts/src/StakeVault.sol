// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Votes} from "@openzeppelin/contracts/governance/utils/Votes.sol";
import {IVotes} from "@openzeppelin/contracts/governance/utils/IVotes.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {Checkpoints} from "@openzeppelin/contracts/utils/structs/Checkpoints.sol";
import {IStakeVault} from "./interfaces/IStakeVault.sol";

/// @title Stakes of the nodes that judge, train and verify
contract StakeVault is IStakeVault, Votes {
    using SafeERC20 for IERC20;
    using Checkpoints for Checkpoints.Trace208;

    /// @dev Bounds the gas of a draw.
    uint256 public constant MAX_NODES = 64;
    uint256 public constant MAX_ENDPOINT = 256;

    address public immutable token;
    address public immutable treasury;
    uint256 public immutable minimumStake;
    uint256 public immutable thawSeconds;
    address public escrow;
    address public registry;
    address private immutable _deployer;

    mapping(Role role => address[]) private _list;
    mapping(Role role => mapping(address node => Node)) private _nodes;
    mapping(Role role => mapping(address node => mapping(address account => Position))) private _positions;
    /// @dev What an account has at stake anywhere, as far as slashes were told: see `sync`.
    mapping(address account => uint256) private _units;
    mapping(Role role => mapping(address node => string)) private _endpoints;
    /// @dev Stake that a draw sees, by block: 0 from the request of an exit on.
    mapping(Role role => mapping(address node => Checkpoints.Trace208)) private _drawable;

    modifier onlyModule(Role role) {
        if (msg.sender != (role == Role.JUDGE ? escrow : registry)) revert NotModule(role, msg.sender);
        _;
    }

    /// @param deployer_ may call `wire` once (named, because a factory makes this contract at a computed address)
    constructor(
        address token_,
        address treasury_,
        uint256 minimumStake_,
        uint256 thawSeconds_,
        address deployer_
    ) EIP712("Fraction stakes", "1") {
        if (token_ == address(0) || treasury_ == address(0)) revert ZeroAddress();
        token = token_;
        treasury = treasury_;
        minimumStake = minimumStake_;
        thawSeconds = thawSeconds_;
        _deployer = deployer_;
    }

    /// @inheritdoc IStakeVault
    function wire(address escrow_, address registry_) external {
        if (msg.sender != _deployer) revert NotDeployer(msg.sender);
        if (escrow != address(0)) revert AlreadyWired();
        if (escrow_ == address(0) || registry_ == address(0)) revert ZeroAddress();
        escrow = escrow_;
        registry = registry_;
        emit Wired(escrow_, registry_);
    }

    /// @inheritdoc IStakeVault
    function register(Role role, uint256 amount, string calldata endpoint) external {
        Node storage node = _nodes[role][msg.sender];
        if (node.place != 0 || _positions[role][msg.sender][msg.sender].shares != 0) {
            revert AlreadyRegistered(role, msg.sender);
        }
        if (amount == 0 || amount < minimumStake) revert StakeTooSmall(amount, minimumStake);
        _setEndpoint(role, endpoint);
        node.place = uint32(_takePlace(role, amount));
        node.exitAt = 0;
        _stake(role, msg.sender, amount);
        emit Registered(role, msg.sender, amount, endpoint);
        IERC20(token).safeTransferFrom(msg.sender, address(this), amount);
    }

    /// @inheritdoc IStakeVault
    function topUp(Role role, uint256 amount) external {
        Node storage node = _listed(role, msg.sender);
        if (node.exitAt != 0) revert ExitRequestedAlready(role, msg.sender);
        _stake(role, msg.sender, amount);
        emit ToppedUp(role, msg.sender, amount, node.stake);
        IERC20(token).safeTransferFrom(msg.sender, address(this), amount);
    }

    /// @inheritdoc IStakeVault
    function delegateStake(Role role, address node, uint256 amount) external {
        if (_listed(role, node).exitAt != 0) revert ExitRequestedAlready(role, node);
        if (node == msg.sender || amount == 0) revert StakeTooSmall(0, 1);
        _stake(role, node, amount);
        emit Delegated(role, node, msg.sender, amount, _nodes[role][node].stake);
        IERC20(token).safeTransferFrom(msg.sender, address(this), amount);
    }

    /// @inheritdoc IStakeVault
    function thaw(Role role, address node, uint256 amount) external returns (uint256 thawsAt) {
        Node storage pool = _nodes[role][node];
        Position storage position = _positions[role][node][msg.sender];
        uint256 shares = pool.stake == 0 ? 0 : Math.mulDiv(amount, pool.shares, pool.stake);
        uint256 active = position.shares - position.thawing;
        if (shares == 0 || shares > active) revert NotThatMuch(_worth(pool, active), amount);
        if (node == msg.sender && _worth(pool, active - shares) < minimumStake) {
            revert StakeTooSmall(_worth(pool, active - shares), minimumStake);
        }
        position.thawing += uint128(shares);
        pool.thawing += uint128(shares);
        thawsAt = block.timestamp + thawSeconds;
        position.thawsAt = uint64(thawsAt);
        _noteDrawable(role, node);
        emit Thawing(role, node, msg.sender, amount, thawsAt);
    }

    /// @inheritdoc IStakeVault
    function withdrawThawed(Role role, address node) external returns (uint256 amount) {
        Position storage position = _positions[role][node][msg.sender];
        uint256 shares = position.thawing;
        if (shares == 0) revert NotThatMuch(0, 0);
        if (block.timestamp < position.thawsAt) revert StillThawing(position.thawsAt);
        _nodes[role][node].thawing -= uint128(shares);
        position.thawing = 0;
        amount = _leave(role, node, shares);
        emit ThawedWithdrawn(role, node, msg.sender, amount);
        IERC20(token).safeTransfer(msg.sender, amount);
    }

    /// @inheritdoc IStakeVault
    function sync(Role role, address node, address account) public {
        Position storage position = _positions[role][node][account];
        uint256 worth = _worth(_nodes[role][node], position.shares);
        if (worth >= position.units) return;
        uint256 lost = position.units - worth;
        position.units = uint128(worth);
        _units[account] -= lost;
        _transferVotingUnits(account, address(0), lost);
    }

    /// @inheritdoc IStakeVault
    function setEndpoint(Role role, string calldata endpoint) external {
        _listed(role, msg.sender);
        _setEndpoint(role, endpoint);
        emit EndpointSet(role, msg.sender, endpoint);
    }

    /// @inheritdoc IStakeVault
    function requestExit(Role role) external {
        if (_listed(role, msg.sender).exitAt != 0) revert ExitRequestedAlready(role, msg.sender);
        emit ExitRequested(role, msg.sender, _thaw(role, msg.sender));
    }

    /// @inheritdoc IStakeVault
    function withdraw(Role role) external {
        Node storage node = _nodes[role][msg.sender];
        if (node.exitAt == 0) revert ExitNotRequested(role, msg.sender);
        if (block.timestamp < node.exitAt) revert StillThawing(node.exitAt);
        if (node.locks != 0) revert StillLocked(node.locks);
        if (node.place != 0) _leavePlace(role, node.place);
        Position storage own = _positions[role][msg.sender][msg.sender];
        node.thawing -= own.thawing;
        own.thawing = 0;
        (node.place, node.exitAt) = (0, 0);
        uint256 amount = _leave(role, msg.sender, own.shares);
        emit Withdrawn(role, msg.sender, amount);
        IERC20(token).safeTransfer(msg.sender, amount);
    }

    /// @inheritdoc IStakeVault
    function lock(Role role, address node) external onlyModule(role) {
        uint256 locks = ++_nodes[role][node].locks;
        emit Locked(role, node, locks);
    }

    /// @inheritdoc IStakeVault
    function release(Role role, address node) external onlyModule(role) {
        uint256 locks = --_nodes[role][node].locks;
        emit Released(role, node, locks);
    }

    /// @inheritdoc IStakeVault
    function slash(Role role, address node, uint256 amount, bytes32 reason)
        external
        onlyModule(role)
        returns (uint256 taken)
    {
        Node storage slashed = _nodes[role][node];
        taken = Math.min(amount, slashed.stake);
        slashed.stake -= uint128(taken);
        sync(role, node, node);
        emit Slashed(role, node, taken, reason, slashed.stake);
        IERC20(token).safeTransfer(treasury, taken);
    }

    /// @inheritdoc IStakeVault
    function nodes(Role role) external view returns (address[] memory) {
        return _list[role];
    }

    /// @inheritdoc IStakeVault
    function nodeOf(Role role, address node) external view returns (Node memory) {
        return _nodes[role][node];
    }

    /// @inheritdoc IStakeVault
    function stakeOf(Role role, address node) external view returns (uint256) {
        return _nodes[role][node].stake;
    }

    /// @inheritdoc IStakeVault
    function positionOf(Role role, address node, address account) external view returns (Position memory) {
        return _positions[role][node][account];
    }

    /// @inheritdoc IStakeVault
    function worthOf(Role role, address node, address account) external view returns (uint256) {
        return _worth(_nodes[role][node], _positions[role][node][account].shares);
    }

    /// @notice Seconds since 1970 (ERC-6372), as FRAC counts.
    function clock() public view override returns (uint48) {
        return uint48(block.timestamp);
    }

    function CLOCK_MODE() public pure override returns (string memory) {
        return "mode=timestamp";
    }

    /// @inheritdoc IStakeVault
    function endpointOf(Role role, address node) external view returns (string memory) {
        return _endpoints[role][node];
    }

    /// @inheritdoc IStakeVault
    function draw(Role role, bytes32 seed, uint256 count, uint256 atBlock, address[] calldata excluded)
        external
        view
        returns (address[] memory drawn)
    {
        address[] memory list = _list[role];
        (uint256[] memory weights, uint256 total) = _weights(role, list, atBlock, excluded);
        drawn = new address[](Math.min(count, list.length));
        uint256 found;
        while (found < drawn.length && total != 0) {
            uint256 point = uint256(keccak256(abi.encode(seed, found))) % total;
            uint256 i;
            while (point >= weights[i]) point -= weights[i++];
            drawn[found++] = list[i];
            total -= weights[i];
            weights[i] = 0; // without replacement
        }
        assembly ("memory-safe") {
            mstore(drawn, found) // fewer than asked for were eligible: shorten
        }
    }

    /// @dev What each node of `list` weighs in a draw; 0 for those that may not be drawn.
    function _weights(Role role, address[] memory list, uint256 atBlock, address[] calldata excluded)
        private
        view
        returns (uint256[] memory weights, uint256 total)
    {
        weights = new uint256[](list.length);
        for (uint256 i; i < list.length; ++i) {
            if (_contains(excluded, list[i])) continue;
            uint256 past = _drawable[role][list[i]].upperLookupRecent(uint48(atBlock));
            uint256 weight = Math.min(past, _active(_nodes[role][list[i]])); // slashed or thawed since
            if (weight < minimumStake) continue;
            weights[i] = weight;
            total += weight;
        }
    }

    function _contains(address[] calldata list, address item) private pure returns (bool) {
        for (uint256 i; i < list.length; ++i) {
            if (list[i] == item) return true;
        }
        return false;
    }

    /// @dev A node that is in the list.
    function _listed(Role role, address account) private view returns (Node storage node) {
        node = _nodes[role][account];
        if (node.place == 0) revert NotRegistered(role, account);
    }

    /// @dev Shares' part of a pool, rounded down.
    function _worth(Node storage pool, uint256 shares) private view returns (uint256) {
        return shares == 0 ? 0 : Math.mulDiv(shares, pool.stake, pool.shares);
    }

    /// @dev What counts in a draw: the pool without what thaws.
    function _active(Node storage pool) private view returns (uint256) {
        return _worth(pool, pool.shares - pool.thawing);
    }

    /// @dev Add the caller's `amount` to a node's pool. The casts are safe: there is not so much FRAC that the transfer of
    /// 2^128 could succeed, and a pool that lost all but dust takes nothing more.
    function _stake(Role role, address node, uint256 amount) private {
        Node storage pool = _nodes[role][node];
        if (pool.shares > uint256(pool.stake) << 20) revert PoolRuined(role, node);
        uint256 shares = pool.shares == 0 ? amount : Math.mulDiv(amount, pool.shares, pool.stake);
        pool.stake += uint128(amount);
        pool.shares += uint128(shares);
        Position storage position = _positions[role][node][msg.sender];
        position.shares += uint128(shares);
        position.units += uint128(amount);
        _noteDrawable(role, node);
        // before the units grow: what is there already moves to the delegate, what comes follows below
        if (delegates(msg.sender) == address(0)) _delegate(msg.sender, IVotes(token).delegates(msg.sender));
        _units[msg.sender] += amount;
        _transferVotingUnits(address(0), msg.sender, amount);
    }

    /// @dev Take the caller's `shares` out of a node's pool; returns what they are worth.
    function _leave(Role role, address node, uint256 shares) private returns (uint256 amount) {
        Node storage pool = _nodes[role][node];
        Position storage position = _positions[role][node][msg.sender];
        amount = _worth(pool, shares);
        uint256 units = position.shares == shares ? position.units : Math.min(amount, position.units);
        pool.stake -= uint128(amount);
        pool.shares -= uint128(shares);
        position.shares -= uint128(shares);
        position.units -= uint128(units);
        _units[msg.sender] -= units;
        _transferVotingUnits(msg.sender, address(0), units);
        sync(role, node, msg.sender);
    }

    /// @dev Later draws see the pool as it is now.
    function _noteDrawable(Role role, address node) private {
        Node storage pool = _nodes[role][node];
        uint256 weight = pool.exitAt == 0 ? _active(pool) : 0;
        _drawable[role][node].push(uint48(block.number), uint208(weight));
    }

    function _getVotingUnits(address account) internal view override returns (uint256) {
        return _units[account];
    }

    /// @dev From the next block on, draws do not see the node.
    function _thaw(Role role, address node) private returns (uint256 exitAt) {
        exitAt = block.timestamp + thawSeconds;
        _nodes[role][node].exitAt = uint64(exitAt);
        _drawable[role][node].push(uint48(block.number), 0);
    }

    function _setEndpoint(Role role, string calldata endpoint) private {
        uint256 length = bytes(endpoint).length;
        if (length == 0 || length > MAX_ENDPOINT) revert EndpointLength(length);
        _endpoints[role][msg.sender] = endpoint;
    }

    /// @dev A free place, or that of the smallest stake below `amount` that is not at work, so that nobody can fill
    /// the list with small stakes and shut it.
    function _takePlace(Role role, uint256 amount) private returns (uint256 place) {
        address[] storage list = _list[role];
        if (list.length < MAX_NODES) {
            list.push(msg.sender);
            return list.length;
        }
        uint256 smallest = amount;
        for (uint256 i; i < MAX_NODES; ++i) {
            Node storage node = _nodes[role][list[i]];
            if (node.locks == 0 && node.stake < smallest) (smallest, place) = (node.stake, i + 1);
        }
        if (place == 0) revert ListFull(role);
        _displace(role, list[place - 1]);
        list[place - 1] = msg.sender;
    }

    function _displace(Role role, address node) private {
        Node storage displaced = _nodes[role][node];
        displaced.place = 0;
        uint256 exitAt = displaced.exitAt == 0 ? _thaw(role, node) : displaced.exitAt;
        emit Displaced(role, node, msg.sender, exitAt);
    }

    /// @dev The last of the list moves to the place that becomes free.
    function _leavePlace(Role role, uint256 place) private {
        address[] storage list = _list[role];
        address last = list[list.length - 1];
        list[place - 1] = last;
        _nodes[role][last].place = uint32(place);
        list.pop();
    }
}
