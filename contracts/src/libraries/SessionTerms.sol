// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {INodeWork} from "../interfaces/INodeWork.sol";
import {ISessionFacts} from "../interfaces/ISessionFacts.sol";

/// @title Bounds of a Session's rules, so that nobody's money can be caught for years or by arithmetic
library SessionTerms {
    /// @dev A judge's scores are the code of one contract (`ScoreCode.MAX_BYTES`).
    uint256 internal constant MAX_ENTRANTS = 12_000;
    uint256 internal constant MAX_JUDGES = 15;
    uint256 internal constant MAX_PLACES = 16;
    uint256 internal constant MAX_SCORE = 10_000;
    /// @dev With two reveals the lower of two scores counts, so that one bribed judge decides; with three it cannot.
    uint256 internal constant SAFE_QUORUM = 3;
    uint256 private constant _BPS = 10_000;

    /// @notice Revert unless all but the asset and the periods are within their bounds.
    function check(ISessionFacts.Terms calldata terms) internal pure {
        if (terms.space == 0) revert INodeWork.EmptyDigest();
        _bound("maxEntrants", terms.maxEntrants, 1, MAX_ENTRANTS);
        _bound("minEntrants", terms.minEntrants, 1, terms.maxEntrants);
        _bound("judges", terms.judges, 1, MAX_JUDGES);
        _bound("quorum", terms.quorum, leastQuorum(terms.judges), terms.judges);
        _bound("tolerance", terms.tolerance, 0, MAX_SCORE);
        _checkPayouts(terms.payoutBps);
    }

    /// @notice More than half of a panel, and three of all panels that have so many.
    function leastQuorum(uint256 judges) internal pure returns (uint256) {
        return Math.max(judges / 2 + 1, Math.min(judges, SAFE_QUORUM));
    }

    function _bound(bytes32 term, uint256 value, uint256 low, uint256 high) private pure {
        if (value < low || value > high) revert INodeWork.TermOutOfBounds(term, value);
    }

    /// @dev Descending, so that a better score never gets less.
    function _checkPayouts(uint16[] calldata payoutBps) private pure {
        uint256 sum;
        uint256 last = _BPS;
        bool good = payoutBps.length <= MAX_PLACES;
        for (uint256 i; good && i < payoutBps.length; ++i) {
            good = payoutBps[i] != 0 && payoutBps[i] <= last;
            last = payoutBps[i];
            sum += last;
        }
        if (!good || sum != _BPS) revert ISessionFacts.PayoutsInvalid(payoutBps);
    }
}
