// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title Stakes of the nodes that judge, train and verify
/// @notice A node stakes FRAC for each role it serves and names the URL where its blobs are found; others may add to its
/// stake (delegate), and share its slashes. Each node's stake for a role is a pool of shares, so that a slash reaches all
/// of it, what thaws included. Who stakes keeps its votes: the vault counts them as FRAC does (ERC-5805, by timestamp),
/// and gives them at first to whom the account's FRAC votes go to. Two modules, fixed
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
        /// FRAC at stake, what was delegated and what thaws included.
        uint128 stake;
        /// Sessions or tasks that the node still works for.
        uint32 locks;
        /// When the stake may be withdrawn; 0 while no exit was requested.
        uint64 exitAt;
        /// Place in the role's list, from 1; 0 if not in the list.
        uint32 place;
        /// Into which the stake is divided.
        uint128 shares;
        /// Those of them that thaw, and do not count in draws.
        uint128 thawing;
    }

    /// @notice What one account has in a node's pool.
    struct Position {
        uint128 shares;
        /// Those of them that thaw.
        uint128 thawing;
        /// When what thaws may be withdrawn; a later `thaw` moves it for all.
        uint64 thawsAt;
        /// FRAC that it counts for in votes.
        uint128 units;
    }

    event Wired(address escrow, address registry);
    event Registered(Role indexed role, address indexed node, uint256 amount, string endpoint);
    event ToppedUp(Role indexed role, address indexed node, uint256 amount, uint256 stake);
    event Delegated(Role indexed role, address indexed node, address indexed account, uint256 amount, uint256 stake);
    event Thawing(
        Role indexed role, address indexed node, address indexed account, uint256 amount, uint256 thawsAt
    );
    event ThawedWithdrawn(Role indexed role, address indexed node, address indexed account, uint256 amount);
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
    /// @dev The caller has only so much in the pool that does not thaw yet.
    error NotThatMuch(uint256 available, uint256 amount);
    /// @dev Slashes left next to nothing of the pool: nothing more can be staked in it.
    error PoolRuined(Role role, address node);

    /// @notice Fix the two modules; once, by the deployer, who has no other right.
    function wire(address escrow, address registry) external;

    /// @notice Stake `amount` FRAC (an allowance is needed) for `role`, and name the URL of the node's blobs.
    function register(Role role, uint256 amount, string calldata endpoint) external;

    /// @notice Add `amount` FRAC to the caller's stake.
    function topUp(Role role, uint256 amount) external;

    /// @notice Add `amount` FRAC of the caller's to a node's stake. It counts in draws and is slashed as the node's own; what
    /// the node earns it shares as it has agreed with those who trust it, not here.
    function delegateStake(Role role, address node, uint256 amount) external;

    /// @notice Begin to take `amount` FRAC out of a node's stake. It counts no more in draws and can be slashed until it is
    /// withdrawn. A node leaves at least the minimum of its own, or leaves with `requestExit`.
    function thaw(Role role, address node, uint256 amount) external returns (uint256 thawsAt);

    /// @notice Send the caller what it began to take out `thawSeconds` ago; returns how much it is after slashes.
    function withdrawThawed(Role role, address node) external returns (uint256 amount);

    /// @notice Lower an account's votes to what slashes have left of its stake with a node; for anyone to call. The node's
    /// own votes are lowered at once.
    function sync(Role role, address node, address account) external;

    /// @notice Change the caller's URL.
    function setEndpoint(Role role, string calldata endpoint) external;

    /// @notice Stop being drawn; the stake can be withdrawn after `thawSeconds`.
    function requestExit(Role role) external;

    /// @notice Send the caller's thawed stake back to it, unless it is still at work. What others delegated stays theirs to
    /// take out.
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

    function positionOf(Role role, address node, address account) external view returns (Position memory);

    /// @notice What an account's part of a node's stake is worth, in FRAC, what thaws included.
    function worthOf(Role role, address node, address account) external view returns (uint256);

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
