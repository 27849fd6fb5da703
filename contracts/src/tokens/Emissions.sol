// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Ownable} from "@openzeppelin/contracts/access/Ownable.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {Checkpoints} from "@openzeppelin/contracts/utils/structs/Checkpoints.sol";
import {IEmissions} from "./IEmissions.sol";

/// @title FRAC for those whose work the other contracts recorded, a fixed amount a month
/// @dev Solvent by construction: claims of a month never exceed `perMonth`, and the deployment puts
/// `perMonth * months` here. The owner, who is the timelock once the deployment is done, cannot take any of it early.
contract Emissions is IEmissions, Ownable {
    using SafeERC20 for IERC20;
    using Checkpoints for Checkpoints.Trace208;

    uint256 public constant SWEEP_DELAY = 365 days;
    uint256 private constant WHOLE_BPS = 10_000;

    IERC20 public immutable token;
    uint256 public immutable start;
    uint256 public immutable monthSeconds;
    /// @inheritdoc IEmissions
    uint256 public immutable perMonth;
    /// @inheritdoc IEmissions
    uint256 public immutable months;

    /// @inheritdoc IEmissions
    mapping(address recorder => mapping(Group group => bool)) public isRecorder;
    /// @inheritdoc IEmissions
    mapping(uint256 month => mapping(Group group => mapping(address account => uint256))) public pointsOf;
    /// @inheritdoc IEmissions
    mapping(uint256 month => mapping(Group group => uint256)) public totalPoints;
    Plan[] private _plans;
    /// @dev From which month on which of `_plans` counts.
    Checkpoints.Trace208 private _planAt;

    constructor(address token_, address owner_, uint256 monthSeconds_, uint256 perMonth_, uint256 months_, Plan memory plan)
        Ownable(owner_)
    {
        if (token_ == address(0)) revert ZeroAddress();
        if (monthSeconds_ == 0 || months_ == 0) revert NoMonths(monthSeconds_, months_);
        token = IERC20(token_);
        start = block.timestamp;
        monthSeconds = monthSeconds_;
        perMonth = perMonth_;
        months = months_;
        _setPlan(0, plan);
    }

    /// @inheritdoc IEmissions
    function record(Group group, address account, uint96 points) external {
        if (!isRecorder[msg.sender][group]) revert NotRecorder(msg.sender, group);
        uint256 month = currentMonth();
        pointsOf[month][group][account] += points;
        totalPoints[month][group] += points;
        emit Recorded(month, group, account, points, msg.sender);
    }

    /// @inheritdoc IEmissions
    function claim(uint256 month, Group group, address account) external returns (uint256 amount) {
        if (month >= currentMonth()) revert MonthNotOver(month, start + (month + 1) * monthSeconds);
        amount = earned(month, group, account);
        if (amount == 0) revert NothingToClaim(month, group, account);
        uint256 points = pointsOf[month][group][account];
        pointsOf[month][group][account] = 0;
        emit Claimed(month, group, account, points, amount);
        token.safeTransfer(account, amount);
    }

    /// @inheritdoc IEmissions
    function setPlan(Plan calldata plan) external onlyOwner {
        _setPlan(currentMonth() + 1, plan);
    }

    /// @inheritdoc IEmissions
    function setRecorder(address recorder, Group group, bool may) external onlyOwner {
        if (recorder == address(0)) revert ZeroAddress();
        isRecorder[recorder][group] = may;
        emit RecorderSet(recorder, group, may);
    }

    /// @inheritdoc IEmissions
    function sweep() external returns (uint256 amount) {
        uint256 from = start + months * monthSeconds + SWEEP_DELAY;
        if (block.timestamp < from) revert TooEarlyToSweep(from);
        amount = token.balanceOf(address(this));
        emit Swept(owner(), amount);
        token.safeTransfer(owner(), amount);
    }

    /// @inheritdoc IEmissions
    function earned(uint256 month, Group group, address account) public view returns (uint256) {
        uint256 points = pointsOf[month][group][account];
        if (points == 0 || month >= months) return 0;
        Plan storage plan = _plan(month);
        uint256 pool = perMonth * plan.shareBps[uint256(group)] / WHOLE_BPS;
        uint256 part = Math.mulDiv(pool, points, totalPoints[month][group]);
        return Math.min(part, points * plan.maxPerPoint[uint256(group)]);
    }

    /// @inheritdoc IEmissions
    function planOf(uint256 month) external view returns (Plan memory) {
        return _plan(month);
    }

    /// @inheritdoc IEmissions
    function currentMonth() public view returns (uint256) {
        return (block.timestamp - start) / monthSeconds;
    }

    /// @dev Replaces a plan that was set for the same month.
    function _setPlan(uint256 month, Plan memory plan) private {
        uint256 sum;
        for (uint256 i; i < plan.shareBps.length; ++i) {
            sum += plan.shareBps[i];
        }
        if (sum > WHOLE_BPS) revert SharesTooLarge(plan.shareBps);
        _planAt.push(uint48(month), uint208(_plans.length));
        _plans.push(plan);
        emit Planned(month, plan);
    }

    function _plan(uint256 month) private view returns (Plan storage) {
        return _plans[_planAt.upperLookupRecent(uint48(month))];
    }
}
