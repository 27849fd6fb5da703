// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IStakeVault} from "../../src/interfaces/IStakeVault.sol";
import {ITrainingRegistry} from "../../src/interfaces/ITrainingRegistry.sol";
import {Stage} from "./Stage.sol";
import {vm} from "./Vm.sol";

/// @title Training tasks and stakes: trainers and verifiers who agree, differ, stay away, leave and come back
abstract contract Tasks is Stage {
    bytes32 private constant SALT = "salt";

    uint256 public taskMoney;
    mapping(uint256 id => mapping(address node => bytes32)) private _roots;

    function openTask(uint256 dice) external {
        uint96 fee = [uint96(0), 1, 101, 1e15][_roll(dice, "fee", 4)];
        uint8 verifiers = uint8(1 + _roll(dice, "verifiers", 3));
        vm.prank(OPENER);
        registry.open{value: fee}("manifest", address(0), fee, verifiers, verifiers / 2 + 2, 100, 100, 0);
        taskMoney += fee;
    }

    function workOn(uint256 dice) external {
        uint256 count = registry.taskCount();
        for (uint256 i; count != 0 && i < 8; ++i) {
            _stepTask(1 + _roll(dice, "task", count), uint256(keccak256(abi.encode(dice, i))));
        }
    }

    function waitForTask(uint256 dice) external {
        uint256 count = registry.taskCount();
        if (count != 0) _passTo(registry.deadlineOf(1 + _roll(dice, "task", count)));
    }

    function fetchFee(uint256 dice) external {
        address[] memory all = accounts();
        _fetchFee(all[_roll(dice, "who", all.length)]);
    }

    /// @notice A node leaves, comes back, or stakes more.
    function moveStake(uint256 dice) external {
        (IStakeVault.Role role, address node) = nodeAt(_roll(dice, "node", JUDGES + TRAINERS + VERIFIERS));
        IStakeVault.Node memory found = vault.nodeOf(role, node);
        vm.prank(node);
        if (found.place == 0) {
            vault.register(role, STAKE, "http://node");
        } else if (found.exitAt == 0) {
            if (_roll(dice, "leaves", 4) == 0) vault.requestExit(role);
            else vault.topUp(role, 1e18);
        } else {
            _passTo(found.exitAt);
            try vault.withdraw(role) {
                _see("stake withdrawn");
            } catch {
                require(found.locks != 0, "an idle node cannot leave");
            }
        }
    }

    function _finishTasks() internal {
        for (uint256 id = 1; id <= registry.taskCount(); ++id) {
            while (!_isTaskOver(id)) {
                _passTo(registry.deadlineOf(id));
                _endTask(id, registry.phaseOf(id));
            }
        }
        address[] memory all = accounts();
        for (uint256 i; i < all.length; ++i) _fetchFee(all[i]);
    }

    function _isTaskOver(uint256 id) private view returns (bool) {
        ITrainingRegistry.Phase phase = registry.phaseOf(id);
        return phase == ITrainingRegistry.Phase.ACCEPTED || phase == ITrainingRegistry.Phase.FAILED
            || phase == ITrainingRegistry.Phase.CANCELLED;
    }

    function _stepTask(uint256 id, uint256 dice) private {
        ITrainingRegistry.Phase phase = registry.phaseOf(id);
        if (phase == ITrainingRegistry.Phase.DRAWING) {
            _passBlock();
            if (registry.phaseOf(id) != phase) return;
            try registry.draw(id) {} catch {
                _see("too few nodes");
            }
        } else if (phase == ITrainingRegistry.Phase.COMMITTING || phase == ITrainingRegistry.Phase.REVEALING) {
            _work(id, phase == ITrainingRegistry.Phase.COMMITTING, dice);
        } else {
            _endTask(id, phase);
        }
    }

    function _endTask(uint256 id, ITrainingRegistry.Phase phase) private {
        if (phase == ITrainingRegistry.Phase.SETTLEABLE) {
            registry.settle(id);
            _see(registry.phaseOf(id) == ITrainingRegistry.Phase.ACCEPTED ? bytes32("accepted") : bytes32("failed"));
        } else if (phase == ITrainingRegistry.Phase.CANCELLABLE) {
            registry.cancel(id);
            _see("task cancelled");
        }
    }

    function _work(uint256 id, bool isCommitting, uint256 dice) private {
        address[] memory nodes = registry.taskOf(id).nodes;
        for (uint256 i; i < nodes.length; ++i) {
            ITrainingRegistry.Answer memory answer = registry.answerOf(id, nodes[i]);
            if (answer.root != 0 || isCommitting != (answer.commitment == 0)) continue;
            if (_roll(dice, "stays away", 12) == 0) break;
            if (isCommitting) {
                _roots[id][nodes[i]] = _roll(dice, "differs", 6) == 0 ? bytes32("other") : bytes32("root");
                bytes32 commitment = registry.commitmentOf(id, nodes[i], _roots[id][nodes[i]], "adapter", SALT);
                vm.prank(nodes[i]);
                registry.commit(id, commitment);
            } else {
                vm.prank(nodes[i]);
                registry.reveal(id, _roots[id][nodes[i]], "adapter", SALT);
            }
            return;
        }
        _passTo(registry.deadlineOf(id));
    }

    function _fetchFee(address account) private {
        uint256 owed = registry.balanceOf(account, address(0));
        if (owed == 0) return;
        vm.prank(account);
        registry.withdraw(address(0), account);
        taskMoney -= owed;
        _see("fee fetched");
    }
}
