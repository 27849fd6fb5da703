// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {IEmissions} from "./IEmissions.sol";
import {IWorkPoints} from "./IWorkPoints.sol";
import {ISessionEscrow} from "../interfaces/ISessionEscrow.sol";
import {ISessionFacts} from "../interfaces/ISessionFacts.sol";
import {ITrainingRegistry} from "../interfaces/ITrainingRegistry.sol";

/// @title Points for work that is paid: read from the escrow and the training registry, written into the emissions
/// @dev A recorder of the emissions with no owner and nothing to set: other rules are another contract, named by a vote.
contract WorkPoints is IWorkPoints {
    IEmissions public immutable emissions;
    ISessionEscrow public immutable escrow;
    ITrainingRegistry public immutable registry;

    /// @inheritdoc IWorkPoints
    mapping(address asset => uint256) public leastFee;
    mapping(uint256 id => uint256) private _recordedTickets;
    mapping(uint256 id => bool) private _isTaskRecorded;

    /// @param assets what fees that count are paid in; `address(0)` is ETH
    /// @param leastFees by place in `assets`
    constructor(
        IEmissions emissions_,
        ISessionEscrow escrow_,
        ITrainingRegistry registry_,
        address[] memory assets,
        uint256[] memory leastFees
    ) {
        bool isWhole = address(emissions_) != address(0) && address(escrow_) != address(0);
        if (!isWhole || address(registry_) == address(0)) revert ZeroAddress();
        (emissions, escrow, registry) = (emissions_, escrow_, registry_);
        for (uint256 i; i < assets.length; ++i) leastFee[assets[i]] = leastFees[i];
    }

    /// @inheritdoc IWorkPoints
    function recordSession(uint256 id, uint256 most) external {
        ISessionFacts.Session memory session = escrow.sessionOf(id);
        if (session.stage != ISessionFacts.Phase.SETTLED) revert NotSettled(id);
        _checkFee(id, session.terms.asset, session.terms.fee);
        uint256 first = _recordedTickets[id];
        uint256 end = first + Math.min(most, session.entrants - first);
        if (end == first) revert NothingToRecord(id);
        _recordedTickets[id] = end;
        emit SessionRecorded(id, end);
        if (first == 0) {
            for (uint256 round; round <= session.round; ++round) _recordPanel(id, round, session.entrants);
        }
        for (uint256 ticket = first; ticket < end; ++ticket) {
            emissions.record(IEmissions.Group.BUILDER, escrow.entrantOf(id, ticket).payee, 1);
        }
        emissions.record(IEmissions.Group.CREATOR, session.opener, uint96(end - first));
    }

    /// @inheritdoc IWorkPoints
    function recordTask(uint256 id) external {
        ITrainingRegistry.Task memory task = registry.taskOf(id);
        if (task.stage != ITrainingRegistry.Phase.ACCEPTED) revert NotAccepted(id);
        _checkFee(id, task.asset, task.fee);
        if (_isTaskRecorded[id]) revert NothingToRecord(id);
        _isTaskRecorded[id] = true;
        emit TaskRecorded(id);
        for (uint256 i; i < task.nodes.length; ++i) {
            ITrainingRegistry.Answer memory answer = registry.answerOf(id, task.nodes[i]);
            bool agrees = answer.root == task.root && answer.adapter == task.adapter && !answer.refuted;
            if (agrees) emissions.record(IEmissions.Group.TRAINER, task.nodes[i], 1);
        }
    }

    /// @inheritdoc IWorkPoints
    function ticketsDue(uint256 id) external view returns (uint256) {
        ISessionFacts.Session memory session = escrow.sessionOf(id);
        bool isSettled = session.stage == ISessionFacts.Phase.SETTLED;
        if (!isSettled || !_counts(session.terms.asset, session.terms.fee)) return 0;
        return session.entrants - _recordedTickets[id];
    }

    /// @inheritdoc IWorkPoints
    function isTaskDue(uint256 id) external view returns (bool) {
        ITrainingRegistry.Task memory task = registry.taskOf(id);
        bool isAccepted = task.stage == ITrainingRegistry.Phase.ACCEPTED;
        return isAccepted && _counts(task.asset, task.fee) && !_isTaskRecorded[id];
    }

    /// @dev The judges of one round that did their part.
    function _recordPanel(uint256 id, uint256 round, uint256 entrants) private {
        address[] memory panel = escrow.panelOf(id, round);
        uint256 judged = round == 0 ? entrants : _contested(id, round);
        for (uint256 i; i < panel.length; ++i) {
            if (escrow.isPaid(id, panel[i])) emissions.record(IEmissions.Group.EVALUATOR, panel[i], uint96(judged));
        }
    }

    /// @dev Scores that the panel of an appeal gave.
    function _contested(uint256 id, uint256 round) private view returns (uint256 count) {
        ISessionFacts.Appeal[] memory appeals = escrow.appealsOf(id);
        for (uint256 i; i < appeals.length; ++i) {
            if (appeals[i].round == round) ++count;
        }
    }

    function _checkFee(uint256 id, address asset, uint256 fee) private view {
        if (!_counts(asset, fee)) revert FeeTooSmall(id, fee, leastFee[asset]);
    }

    function _counts(address asset, uint256 fee) private view returns (bool) {
        return leastFee[asset] != 0 && fee >= leastFee[asset];
    }
}
