// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";

/// @title Who gets how much: medians, distances, prizes
/// @notice The same arithmetic as `fraction.economy` in Python; `vectors/payouts.json` holds both to it. Nothing here
/// is rounded in anybody's favour without being named: what does not divide goes on one wei each, in a fixed order.
library Settlement {
    /// @notice Score of `ticket` in a packed vector (two bytes each, big-endian).
    function scoreAt(bytes memory packed, uint256 ticket) internal pure returns (uint256 score) {
        assembly ("memory-safe") {
            score := shr(240, mload(add(add(packed, 32), mul(ticket, 2))))
        }
    }

    /// @notice Lower median of each entrant, and each judge's summed distance from the medians.
    function medians(bytes[] memory scores, uint256 entrants)
        internal
        pure
        returns (uint256[] memory middle, uint256[] memory distances)
    {
        middle = new uint256[](entrants);
        distances = new uint256[](scores.length);
        uint256[] memory sorted = new uint256[](scores.length);
        for (uint256 ticket; ticket < entrants; ++ticket) {
            sort(scores, ticket, sorted);
            // lower median: with an even panel, an average could be a score that no judge gave
            middle[ticket] = sorted[(scores.length - 1) / 2];
            addDistances(scores, ticket, middle[ticket], distances);
        }
    }

    /// @notice Prize of each ticket: by rank of the medians; equal medians share the prizes of the places they cover.
    function payouts(uint256[] memory middle, uint256 net, uint16[] memory weights)
        internal
        pure
        returns (uint256[] memory paid)
    {
        paid = new uint256[](middle.length);
        uint256[] memory prizes = placePrizes(net, weights, Math.min(middle.length, weights.length));
        uint256 place;
        uint256 above = type(uint256).max;
        while (place < prizes.length) {
            (uint256 best, uint256 tied) = bestBelow(middle, above);
            uint256 pool;
            for (uint256 end = Math.min(place + tied, prizes.length); place < end; ++place) pool += prizes[place];
            shareAmong(paid, middle, best, pool, tied);
            above = best;
        }
    }

    /// @notice What the first `count` places get: their weights scaled up to the whole of `net`; the wei that do not
    /// divide go one each to the places from the first.
    function placePrizes(uint256 net, uint16[] memory weights, uint256 count)
        internal
        pure
        returns (uint256[] memory prizes)
    {
        prizes = new uint256[](count);
        uint256 filled;
        for (uint256 i; i < count; ++i) filled += weights[i];
        uint256 rest = net;
        for (uint256 i; i < count; ++i) {
            prizes[i] = net * weights[i] / filled;
            rest -= prizes[i];
        }
        for (uint256 i; i < rest; ++i) ++prizes[i]; // rest < count
    }

    /// @notice Medians as two bytes each, big-endian.
    function pack(uint256[] memory middle) internal pure returns (bytes memory packed) {
        packed = new bytes(2 * middle.length);
        for (uint256 i; i < middle.length; ++i) {
            packed[2 * i] = bytes1(uint8(middle[i] >> 8));
            packed[2 * i + 1] = bytes1(uint8(middle[i]));
        }
    }

    /// @dev The highest median below `above`, and how many have it.
    function bestBelow(uint256[] memory middle, uint256 above) private pure returns (uint256 best, uint256 tied) {
        for (uint256 i; i < middle.length; ++i) {
            if (middle[i] >= above || (tied != 0 && middle[i] < best)) continue;
            if (tied == 0 || middle[i] > best) (best, tied) = (middle[i], 0);
            ++tied;
        }
    }

    /// @dev Equal parts for all with the median `best`; the wei that do not divide go one each in the order of tickets.
    function shareAmong(uint256[] memory paid, uint256[] memory middle, uint256 best, uint256 pool, uint256 tied)
        private
        pure
    {
        uint256 share = pool / tied;
        uint256 rest = pool % tied;
        for (uint256 i; i < middle.length; ++i) {
            if (middle[i] != best) continue;
            paid[i] = rest == 0 ? share : share + 1;
            if (rest != 0) --rest;
        }
    }

    /// @dev Fill `sorted` with the judges' scores of `ticket`, in ascending order (insertion sort). In assembly, with
    /// the next function, because these two loops run entrants x judges times: it makes the greatest Session fit.
    function sort(bytes[] memory scores, uint256 ticket, uint256[] memory sorted) private pure {
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
    function addDistances(bytes[] memory scores, uint256 ticket, uint256 median, uint256[] memory distances)
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
