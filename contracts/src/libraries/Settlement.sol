// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {ISessionFacts} from "../interfaces/ISessionFacts.sol";

/// @title Who gets how much: medians, distances, prizes
/// @notice The same arithmetic as `fraction.economy` in Python; `vectors/` holds both to it. Nothing here is rounded in
/// anybody's favour without being named: what does not divide goes on one wei each, in a fixed order.
library Settlement {
    uint256 private constant _MAX_SCORE = 10_000;

    /// @notice Score of `ticket` in a packed vector (two bytes each, big-endian).
    function scoreAt(bytes memory packed, uint256 ticket) internal pure returns (uint256 score) {
        assembly ("memory-safe") {
            score := shr(240, mload(add(add(packed, 32), mul(ticket, 2))))
        }
    }

    /// @notice Write `score` at `ticket` of a packed vector.
    function setScore(bytes memory packed, uint256 ticket, uint256 score) internal pure {
        packed[2 * ticket] = bytes1(uint8(score >> 8));
        packed[2 * ticket + 1] = bytes1(uint8(score));
    }

    /// @notice Lower median of each entrant, packed, and each judge's summed distance from the medians.
    function medians(bytes[] memory scores, uint256 entrants)
        internal
        pure
        returns (bytes memory middle, uint256[] memory distances)
    {
        middle = new bytes(2 * entrants);
        distances = new uint256[](scores.length);
        uint256[] memory sorted = new uint256[](scores.length);
        // lower median: with an even panel, an average could be a score that no judge gave
        uint256 half = (scores.length - 1) / 2;
        for (uint256 ticket; ticket < entrants; ++ticket) {
            _sort(scores, ticket, sorted);
            uint256 median = sorted[half];
            assembly ("memory-safe") {
                let place := add(add(middle, 32), mul(ticket, 2))
                mstore8(place, shr(8, median))
                mstore8(add(place, 1), median)
            }
            _addDistances(scores, ticket, median, distances);
        }
    }

    /// @notice The prizes, one for each group of equal medians that covers a place, the best first. Equal medians share
    /// the prizes of the places they cover in equal parts; the wei that do not divide go one each in the order of tickets.
    function prizes(bytes memory middle, uint256 net, uint16[] memory weights)
        internal
        pure
        returns (ISessionFacts.Prize[] memory found)
    {
        uint256 places = Math.min(middle.length / 2, weights.length);
        uint256[] memory byPlace = placePrizes(net, weights, places);
        bytes memory counts = _histogram(middle);
        found = new ISessionFacts.Prize[](places);
        uint256[] memory rests = new uint256[](places);
        uint256 groups;
        uint256 score = _MAX_SCORE + 1;
        for (uint256 place; place < places; ++groups) {
            uint256 tied;
            (score, tied) = _highestBelow(counts, score);
            uint256 pool;
            for (uint256 end = Math.min(place + tied, places); place < end; ++place) pool += byPlace[place];
            found[groups] = ISessionFacts.Prize(uint16(score), uint16(tied), 0, uint128(pool / tied));
            rests[groups] = pool % tied;
        }
        assembly ("memory-safe") {
            mstore(found, groups)
        }
        _markBonuses(middle, found, rests);
    }

    /// @notice What the first `count` places get: their weights scaled up to the whole of `net`; the wei that do not
    /// divide go one each to the places from the first.
    function placePrizes(uint256 net, uint16[] memory weights, uint256 count)
        internal
        pure
        returns (uint256[] memory byPlace)
    {
        byPlace = new uint256[](count);
        uint256 filled;
        for (uint256 i; i < count; ++i) filled += weights[i];
        uint256 rest = net;
        for (uint256 i; i < count; ++i) {
            byPlace[i] = net * weights[i] / filled;
            rest -= byPlace[i];
        }
        for (uint256 i; i < rest; ++i) ++byPlace[i]; // rest < count
    }

    /// @notice What the entrant with this median and ticket gets.
    function prizeOf(ISessionFacts.Prize[] memory all, uint256 median, uint256 ticket)
        internal
        pure
        returns (uint256)
    {
        for (uint256 i; i < all.length; ++i) {
            if (all[i].median == median) return ticket < all[i].bonusBelow ? all[i].share + 1 : all[i].share;
        }
        return 0;
    }

    /// @dev How many entrants have each score: two bytes a score, after 32 bytes of 0 that `_highestBelow` may read.
    function _histogram(bytes memory middle) private pure returns (bytes memory counts) {
        counts = new bytes(2 * (_MAX_SCORE + 1) + 64);
        assembly ("memory-safe") {
            let bins := add(counts, 64)
            let place := add(middle, 32)
            for { let end := add(place, mload(middle)) } lt(place, end) { place := add(place, 2) } {
                let bin := add(bins, mul(2, shr(240, mload(place))))
                mstore(bin, add(mload(bin), shl(240, 1)))
            }
        }
    }

    /// @dev The highest score below `limit` that somebody has, and how many have it; there must be one.
    function _highestBelow(bytes memory counts, uint256 limit) private pure returns (uint256 score, uint256 tied) {
        assembly ("memory-safe") {
            let bins := add(counts, 64)
            score := sub(limit, 1)
            // the sixteen bins that end with that of `score` are one word
            for {} iszero(mload(add(bins, sub(mul(2, score), 30)))) {} { score := sub(score, 16) }
            for {} 1 {} {
                tied := shr(240, mload(add(bins, mul(2, score))))
                if tied { break }
                score := sub(score, 1)
            }
        }
    }

    /// @dev Say of each group up to which ticket one wei more is given, so that `rests` are used up.
    function _markBonuses(bytes memory middle, ISessionFacts.Prize[] memory found, uint256[] memory rests)
        private
        pure
    {
        uint256 left;
        for (uint256 i; i < found.length; ++i) left += rests[i];
        uint256 last = found.length - 1;
        uint256 lowest = found[last].median;
        for (uint256 ticket; left != 0; ++ticket) {
            uint256 median = scoreAt(middle, ticket);
            if (median < lowest) continue;
            uint256 group = last;
            while (found[group].median != median) --group;
            if (rests[group] == 0) continue;
            --left;
            if (--rests[group] == 0) found[group].bonusBelow = uint16(ticket + 1);
        }
    }

    /// @dev Fill `sorted` with the judges' scores of `ticket`, in ascending order (insertion sort). In assembly, with
    /// the next function, because these two loops run entrants x judges times: it makes the greatest Session fit.
    function _sort(bytes[] memory scores, uint256 ticket, uint256[] memory sorted) private pure {
        assembly ("memory-safe") {
            let offset := add(32, mul(ticket, 2))
            let row := add(scores, 32)
            let first := add(sorted, 32)
            let end := add(first, mul(mload(scores), 32))
            for { let slot := first } lt(slot, end) { slot := add(slot, 32) } {
                let score := shr(240, mload(add(mload(row), offset)))
                row := add(row, 32)
                let free := slot
                for {} gt(free, first) {} {
                    let previous := mload(sub(free, 32))
                    if iszero(gt(previous, score)) { break }
                    mstore(free, previous)
                    free := sub(free, 32)
                }
                mstore(free, score)
            }
        }
    }

    /// @dev Add each judge's distance from `median` at `ticket` to its sum.
    function _addDistances(bytes[] memory scores, uint256 ticket, uint256 median, uint256[] memory distances)
        private
        pure
    {
        assembly ("memory-safe") {
            let offset := add(32, mul(ticket, 2))
            let row := add(scores, 32)
            let end := add(row, mul(mload(scores), 32))
            for { let sum := add(distances, 32) } lt(row, end) { sum := add(sum, 32) } {
                let score := shr(240, mload(add(mload(row), offset)))
                row := add(row, 32)
                let distance := sub(score, median)
                if gt(median, score) { distance := sub(median, score) }
                mstore(sum, add(mload(sum), distance))
            }
        }
    }
}
