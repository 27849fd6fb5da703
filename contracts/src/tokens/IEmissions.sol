// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title FRAC for those whose work the other contracts recorded, a fixed amount a month
/// @notice Each month's amount is split among four groups as the plan says, and inside a group by points:
///
///   amount = perMonth * share of the group * own points / all points of the group, rounded down
///
/// but at most the plan's cap for each point, so that a month in which hardly anything happened does not pay a
/// fortune to who made up what happened. Points are written by recorders, contracts that governance chose. What is
/// not earned stays here and can be claimed by nobody until the last month is a year over; then it goes to the owner.
interface IEmissions {
    enum Group {
        /// Owners of agents that played.
        BUILDER,
        /// Who opened the Space's Session.
        CREATOR,
        /// Judges.
        EVALUATOR,
        /// Trainers and verifiers.
        TRAINER
    }

    /// @notice How a month's amount is split.
    struct Plan {
        /// By group, in hundredths of a percent; at most 10000 in sum.
        uint16[4] shareBps;
        /// By group: the most FRAC, in wei, that one point earns.
        uint128[4] maxPerPoint;
    }

    event Recorded(
        uint256 indexed month, Group indexed group, address indexed account, uint256 points, address recorder
    );
    /// @notice The plan counts from `month` on.
    event Planned(uint256 indexed month, Plan plan);
    event RecorderSet(address indexed recorder, Group indexed group, bool may);
    event Claimed(uint256 indexed month, Group indexed group, address indexed account, uint256 points, uint256 amount);
    event Swept(address to, uint256 amount);

    error ZeroAddress();
    /// @dev A month has at least one second, and there is at least one month.
    error NoMonths(uint256 monthSeconds, uint256 months);
    error SharesTooLarge(uint16[4] shareBps);
    error NotRecorder(address caller, Group group);
    error MonthNotOver(uint256 month, uint256 end);
    error NothingToClaim(uint256 month, Group group, address account);
    error TooEarlyToSweep(uint256 from);

    /// @notice Add `points` to what `account` did in the present month; recorders only.
    /// Points recorded after the last month earn nothing.
    function record(Group group, address account, uint96 points) external;

    /// @notice Send `account` what its points in a month that is over earned; anyone may ask.
    function claim(uint256 month, Group group, address account) external returns (uint256 amount);

    /// @notice Change the split from the next month on; owner only.
    function setPlan(Plan calldata plan) external;

    /// @notice Let a contract record points for a group, or stop it; owner only.
    function setRecorder(address recorder, Group group, bool may) external;

    /// @notice Send what nobody earned to the owner, a year after the last month; anyone may.
    function sweep() external returns (uint256 amount);

    /// @notice What `claim` would send, by the points that are recorded now.
    function earned(uint256 month, Group group, address account) external view returns (uint256);

    function pointsOf(uint256 month, Group group, address account) external view returns (uint256);
    function totalPoints(uint256 month, Group group) external view returns (uint256);
    function planOf(uint256 month) external view returns (Plan memory);

    /// @notice The present month, from 0.
    function currentMonth() external view returns (uint256);

    /// @notice FRAC, in wei, of each month: `perMonth` until `months` are over, then 0.
    function perMonth() external view returns (uint256);
    function months() external view returns (uint256);
    function isRecorder(address recorder, Group group) external view returns (bool);
}
