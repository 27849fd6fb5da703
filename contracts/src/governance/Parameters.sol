// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Ownable} from "@openzeppelin/contracts/access/Ownable.sol";
import {IParameters} from "../interfaces/IParameters.sol";
import {ITrainingStandards} from "./ITrainingStandards.sol";

/// @title What governance has set
/// @notice The owner is the timelock from the start. Nothing here can reach money, and no change touches a Session or
/// a task that is open already.
contract Parameters is IParameters, ITrainingStandards, Ownable {
    /// @inheritdoc IParameters
    uint256 public constant MAX_PROTOCOL_FEE_BPS = 1_000;
    uint256 public constant MAX_APPEAL_SECONDS = 30 days;
    uint256 public constant MAX_QUORUM = 15;
    uint256 public constant MAX_PLACES = 16;
    uint256 private constant WHOLE_BPS = 10_000;

    struct Values {
        uint256 protocolFeeBps;
        uint256 openerBondBps;
        uint256 appealSeconds;
        uint256 minimumQuorum;
        uint16[][] curves;
        address[] assets;
    }

    /// @inheritdoc IParameters
    uint256 public protocolFeeBps;
    /// @inheritdoc IParameters
    uint256 public openerBondBps;
    /// @inheritdoc IParameters
    uint256 public appealSeconds;
    /// @inheritdoc ITrainingStandards
    uint256 public minimumQuorum;
    /// @inheritdoc IParameters
    bool public isPaused;
    /// @inheritdoc IParameters
    mapping(bytes32 curve => bool) public isCurveAllowed;
    /// @inheritdoc IParameters
    mapping(address asset => bool) public isAssetAllowed;
    /// @inheritdoc ITrainingStandards
    mapping(bytes32 recipe => bool) public isRecipeAllowed;

    event ProtocolFeeSet(uint256 bps);
    event OpenerBondSet(uint256 bps);
    event AppealSecondsSet(uint256 appealSeconds);
    event MinimumQuorumSet(uint256 quorum);
    event CurveSet(bytes32 indexed curve, uint16[] payoutBps, bool allowed);
    event AssetSet(address indexed asset, bool allowed);
    event RecipeSet(bytes32 indexed recipe, bool allowed);
    event PausedSet(bool paused);

    error FeeAboveCap(uint256 bps, uint256 cap);
    error OutOfBounds(uint256 value, uint256 least, uint256 most);
    /// @dev 1 to 16 shares, none 0, none above the one before it, 10000 in sum.
    error CurveInvalid(uint16[] payoutBps);

    constructor(address owner_, Values memory values) Ownable(owner_) {
        _setProtocolFee(values.protocolFeeBps);
        _setOpenerBond(values.openerBondBps);
        _setAppealSeconds(values.appealSeconds);
        _setMinimumQuorum(values.minimumQuorum);
        for (uint256 i; i < values.curves.length; ++i) {
            _setCurve(values.curves[i], true);
        }
        for (uint256 i; i < values.assets.length; ++i) {
            _setAsset(values.assets[i], true);
        }
    }

    /// @notice Part of every later pot that the protocol keeps.
    function setProtocolFee(uint256 bps) external onlyOwner {
        _setProtocolFee(bps);
    }

    /// @notice What openers of later Sessions answer with, of the most that the entrants may pay.
    function setOpenerBond(uint256 bps) external onlyOwner {
        _setOpenerBond(bps);
    }

    /// @notice How long results of later Sessions can be contested; 0 switches appeals off.
    function setAppealSeconds(uint256 seconds_) external onlyOwner {
        _setAppealSeconds(seconds_);
    }

    /// @notice Equal results that later training tasks must ask for at least.
    function setMinimumQuorum(uint256 quorum) external onlyOwner {
        _setMinimumQuorum(quorum);
    }

    /// @notice Allow a payout curve for later Space versions, or allow it no more.
    function setCurve(uint16[] calldata payoutBps, bool allowed) external onlyOwner {
        _setCurve(payoutBps, allowed);
    }

    /// @notice Allow fees in `asset`, or allow them no more; address(0) is ETH.
    function setAsset(address asset, bool allowed) external onlyOwner {
        _setAsset(asset, allowed);
    }

    /// @notice Allow a training recipe, or allow it no more.
    function setRecipe(bytes32 recipe, bool allowed) external onlyOwner {
        isRecipeAllowed[recipe] = allowed;
        emit RecipeSet(recipe, allowed);
    }

    /// @notice Stop new Sessions, or allow them again.
    function setPaused(bool paused) external onlyOwner {
        isPaused = paused;
        emit PausedSet(paused);
    }

    function _setProtocolFee(uint256 bps) private {
        if (bps > MAX_PROTOCOL_FEE_BPS) revert FeeAboveCap(bps, MAX_PROTOCOL_FEE_BPS);
        protocolFeeBps = bps;
        emit ProtocolFeeSet(bps);
    }

    function _setOpenerBond(uint256 bps) private {
        if (bps > WHOLE_BPS) revert OutOfBounds(bps, 0, WHOLE_BPS);
        openerBondBps = bps;
        emit OpenerBondSet(bps);
    }

    function _setAppealSeconds(uint256 seconds_) private {
        if (seconds_ > MAX_APPEAL_SECONDS) revert OutOfBounds(seconds_, 0, MAX_APPEAL_SECONDS);
        appealSeconds = seconds_;
        emit AppealSecondsSet(seconds_);
    }

    function _setMinimumQuorum(uint256 quorum) private {
        if (quorum < 2 || quorum > MAX_QUORUM) revert OutOfBounds(quorum, 2, MAX_QUORUM);
        minimumQuorum = quorum;
        emit MinimumQuorumSet(quorum);
    }

    function _setCurve(uint16[] memory payoutBps, bool allowed) private {
        uint256 sum;
        uint256 last = WHOLE_BPS;
        for (uint256 i; i < payoutBps.length; ++i) {
            if (payoutBps[i] == 0 || payoutBps[i] > last) revert CurveInvalid(payoutBps);
            last = payoutBps[i];
            sum += last;
        }
        if (payoutBps.length > MAX_PLACES || sum != WHOLE_BPS) revert CurveInvalid(payoutBps);
        bytes32 curve = keccak256(abi.encode(payoutBps));
        isCurveAllowed[curve] = allowed;
        emit CurveSet(curve, payoutBps, allowed);
    }

    function _setAsset(address asset, bool allowed) private {
        isAssetAllowed[asset] = allowed;
        emit AssetSet(asset, allowed);
    }
}
