// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title The escrow as one would first write it, to compare its gas: scores in storage, everybody paid at once
/// @notice Warning: for measuring only. One entrant that refuses ETH stops the payment of all.
contract NaivePush {
    address[] private _entrants;
    uint256[][] private _scores;
    uint256 private _pot;

    function enter(address payee) external payable {
        _entrants.push(payee);
        _pot += msg.value;
    }

    function enterMany(uint256 first, uint256 count) external payable {
        for (uint256 i; i < count; ++i) _entrants.push(address(uint160(first + i)));
        _pot += msg.value;
    }

    function judge(uint256[] calldata scores) external {
        _scores.push(scores);
    }

    /// @notice Pay every entrant by its median's part of all medians.
    function settle() external {
        uint256[] memory medians = new uint256[](_entrants.length);
        uint256 sum;
        for (uint256 i; i < medians.length; ++i) {
            medians[i] = _median(i);
            sum += medians[i];
        }
        for (uint256 i; i < medians.length; ++i) {
            (bool sent,) = _entrants[i].call{value: _pot * medians[i] / sum}("");
            require(sent, "refused");
        }
    }

    function _median(uint256 entrant) private view returns (uint256) {
        uint256[] memory sorted = new uint256[](_scores.length);
        for (uint256 j; j < sorted.length; ++j) {
            uint256 score = _scores[j][entrant];
            uint256 free = j;
            for (; free != 0 && sorted[free - 1] > score; --free) sorted[free] = sorted[free - 1];
            sorted[free] = score;
        }
        return sorted[(sorted.length - 1) / 2];
    }
}
