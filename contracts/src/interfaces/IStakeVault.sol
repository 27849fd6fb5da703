// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title Stakes of the nodes that judge, train and verify
/// @notice A node stakes FRAC for each role it serves and names the URL where its blobs are found. Two modules, fixed
/// once, may lock a node while it works for them and take a part of its stake if it fails: the Session escrow for
/// JUDGE, the training registry for TRAINER and VERIFIER. Stake that is on its way out (thawing) can still be taken.
/// Warning: a node whose stake falls below the minimum is not drawn until it tops up, so stake more than the minimum.
interface IStakeVault {
    enum Role {
        JUDGE,
        TRAINER,
        VERIFIER
    }

    struct Node {
        /// FRAC at stake, thawing stake included.
        uint128 stake;
        /// Sessions or tasks that the node still works for.
        uint32 locks;
        /// When the stake may be withdrawn; 0 while no exit was requested.
        uint64 exitAt;
        /// Place in the role's list, from 1; 0 if not in the list.
        uint32 place;
    }

    event Wired(address escrow, address registry);
    event Registered(Role indexed role, address indexed node, uint256 amount, string endpoint);
    event ToppedUp(Role indexed role, address indexed node, uint256 amount, uint256 stake);
    event EndpointSet(Role indexed role, address indexed node, string endpoint);
    event ExitRequested(Role indexed role, address indexed node, uint256 exitAt);
    /// @notice The list was full, and `by` staked more than the smallest stake in it, which now thaws.
    event Displaced(Role indexed role, address indexed node, address indexed by, uint256 exitAt);
    event Withdrawn(Role indexed role, address indexed node, uint256 amount);
    event Locked(Role indexed role, address indexed node, uint256 locks);
    event Released(Role indexed role, address indexed node, uint256 locks);
    /// @notice `reason` is ASCII: "no-show", "deviation" or "mismatch".
    event Slashed(Role indexed role, address indexed node, uint256 amount, bytes32 reason, uint256 stake);

    error ZeroAddress();
    error NotDeployer(address caller);
    error AlreadyWired();
    error NotModule(Role role, address caller);
    error AlreadyRegistered(Role role, address node);
    error NotRegistered(Role role, address node);
    error StakeTooSmall(uint256 amount, uint256 minimum);
    /// @dev Endpoints have 1 to 256 bytes.
    error EndpointLength(uint256 length);
    /// @dev All places are taken by nodes that staked at least as much or are at work.
    error ListFull(Role role);
    error ExitRequestedAlready(Role role, address node);
    error ExitNotRequested(Role role, address node);
    error StillThawing(uint256 exitAt);
    error StillLocked(uint256 locks);

    /// @notice Fix the two modules; once, by the deployer, who has no other right.
    function wire(address escrow, address registry) external;

    /// @notice Stake `amount` FRAC (an allowance is needed) for `role`, and name the URL of the node's blobs.
    function register(Role role, uint256 amount, string calldata endpoint) external;

    /// @notice Add `amount` FRAC to the caller's stake.
    function topUp(Role role, uint256 amount) external;

    /// @notice Change the caller's URL.
    function setEndpoint(Role role, string calldata endpoint) external;

    /// @notice Stop being drawn; the stake can be withdrawn after `thawSeconds`.
    function requestExit(Role role) external;

    /// @notice Send the caller's thawed stake back to it, unless it is still at work.
    function withdraw(Role role) external;

    /// @notice Bind `node` to a piece of work; modules only.
    function lock(Role role, address node) external;

    /// @notice Undo one `lock`; modules only.
    function release(Role role, address node) external;

    /// @notice Take up to `amount` of the node's stake to the treasury; modules only. Returns what was taken.
    function slash(Role role, address node, uint256 amount, bytes32 reason) external returns (uint256 taken);

    /// @notice Nodes in the list of `role`, the thawing ones included.
    function nodes(Role role) external view returns (address[] memory);

    function nodeOf(Role role, address node) external view returns (Node memory);

    /// @notice FRAC at stake, thawing stake included.
    function stakeOf(Role role, address node) external view returns (uint256);

    /// @notice The node's URL; empty if it never registered.
    function endpointOf(Role role, address node) external view returns (string memory);

    /// @notice Up to `count` nodes, drawn by stake without replacement; the same arguments and stakes give the same nodes.
    /// @param atBlock stakes count as they were at the end of this block, top-ups and exits of later blocks do not,
    /// so that nobody who has seen the seed can change the draw
    /// @param excluded nodes that may not be drawn
    function draw(Role role, bytes32 seed, uint256 count, uint256 atBlock, address[] calldata excluded)
        external
        view
        returns (address[] memory);

    function token() external view returns (address);
    function treasury() external view returns (address);
    function minimumStake() external view returns (uint256);
    function thawSeconds() external view returns (uint256);
    function escrow() external view returns (address);
    function registry() external view returns (address);
}
