// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IStakeVault} from "../../src/interfaces/IStakeVault.sol";
import {Sessions} from "./Sessions.sol";
import {Tasks} from "./Tasks.sol";

/// @title Everybody at once
contract Everybody is Sessions, Tasks {
    /// @notice Bring everything to its end by time alone.
    function finish() external {
        _finishSessions();
        _finishTasks();
    }
}

/// @title Whatever happens in whatever order: what is owed is there, and in the end nothing is left over
contract InvariantsTest {
    struct FuzzSelector {
        address addr;
        bytes4[] selectors;
    }

    Everybody private _all;

    function setUp() public {
        _all = new Everybody();
    }

    function targetContracts() public view returns (address[] memory targets) {
        targets = new address[](1);
        targets[0] = address(_all);
    }

    function targetSelectors() public view returns (FuzzSelector[] memory targets) {
        bytes4[12] memory acts = [
            _all.openSession.selector,
            _all.enter.selector,
            _all.goOn.selector,
            _all.playAlong.selector,
            _all.waitForSession.selector,
            _all.giveUp.selector,
            _all.fetch.selector,
            _all.openTask.selector,
            _all.workOn.selector,
            _all.waitForTask.selector,
            _all.fetchFee.selector,
            _all.moveStake.selector
        ];
        targets = new FuzzSelector[](1);
        targets[0] = FuzzSelector(address(_all), new bytes4[](acts.length));
        for (uint256 i; i < acts.length; ++i) targets[0].selectors[i] = acts[i];
    }

    function invariant_whatIsOwedIsThere() public view {
        _checkEscrow(address(0), address(_all.escrow()).balance);
        _checkEscrow(address(_all.usd()), _all.usd().balanceOf(address(_all.escrow())));
        require(address(_all.registry()).balance == _all.taskMoney(), "the registry's ETH is not what was paid");
    }

    /// @dev At the end of each run.
    function afterInvariant() public {
        _checkDebts(address(0));
        _checkDebts(address(_all.usd()));
        _all.finish();
        require(address(_all.escrow()).balance == 0, "ETH is left in the escrow");
        require(_all.usd().balanceOf(address(_all.escrow())) == 0, "dollars are left in the escrow");
        require(address(_all.registry()).balance == 0, "ETH is left in the registry");
        (uint256 staked, uint256 locks) = _stakes();
        require(_all.frac().balanceOf(address(_all.vault())) == staked, "the vault's FRAC is not what is staked");
        require(locks == 0, "somebody stays locked");
        _all.report("out/seen.txt");
    }

    function _checkEscrow(address asset, uint256 held) private view {
        require(held == _all.paid(asset) - _all.fetched(asset), "the escrow does not hold what was paid");
    }

    function _checkDebts(address asset) private view {
        uint256 held = _all.paid(asset) - _all.fetched(asset);
        address[] memory accounts = _all.accounts();
        uint256 owed;
        for (uint256 i; i < accounts.length; ++i) owed += _all.escrow().balanceOf(accounts[i], asset);
        require(owed <= held, "the escrow owes more than it holds");
    }

    function _stakes() private view returns (uint256 staked, uint256 locks) {
        for (uint256 role; role < 3; ++role) {
            address[] memory accounts = _all.accounts();
            for (uint256 i; i < accounts.length; ++i) {
                IStakeVault.Node memory node = _all.vault().nodeOf(IStakeVault.Role(role), accounts[i]);
                staked += node.stake;
                locks += node.locks;
            }
        }
    }
}
