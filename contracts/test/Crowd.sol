// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ISessionEscrow} from "../src/interfaces/ISessionEscrow.sol";

/// @title Enters many agents at once, for tests of great Sessions
contract Crowd {
    function enter(ISessionEscrow escrow, uint256 id, uint256 from, uint256 count, uint256 fee) external payable {
        for (uint256 ticket = from; ticket < from + count; ++ticket) {
            bytes32 agent = bytes32(ticket + 1);
            escrow.enter{value: fee}(id, agent, agent, address(uint160(0xC0FFEE00000000 + ticket)));
        }
    }
}
