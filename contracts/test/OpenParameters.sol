// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IParameters} from "../src/interfaces/IParameters.sol";

/// @title Parameters for tests: anything goes, and anyone may change it
contract OpenParameters is IParameters {
    uint256 public constant MAX_PROTOCOL_FEE_BPS = 10_000;
    uint256 public protocolFeeBps = 1_000;
    uint256 public openerBondBps;
    uint256 public appealSeconds = 5_000;
    bool public isPaused;
    mapping(bytes32 curve => bool) private _isRefused;
    mapping(address asset => bool) private _isForeign;

    function setProtocolFee(uint256 bps) external {
        protocolFeeBps = bps;
    }

    function setOpenerBond(uint256 bps) external {
        openerBondBps = bps;
    }

    function setAppealSeconds(uint256 seconds_) external {
        appealSeconds = seconds_;
    }

    function setPaused(bool paused) external {
        isPaused = paused;
    }

    function refuseCurve(bytes32 curve, bool refused) external {
        _isRefused[curve] = refused;
    }

    function refuseAsset(address asset) external {
        _isForeign[asset] = true;
    }

    function isCurveAllowed(bytes32 curve) external view returns (bool) {
        return !_isRefused[curve];
    }

    function isAssetAllowed(address asset) external view returns (bool) {
        return !_isForeign[asset];
    }
}
