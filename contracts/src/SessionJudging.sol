// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {NodeWork} from "./NodeWork.sol";
import {SessionBook} from "./SessionBook.sol";
import {SessionPayments} from "./SessionPayments.sol";

/// @title The escrow's code from the draw of judges on
/// @notice `SessionEscrow` makes one and runs its code in its own name (delegatecall), because together they are more than the
/// 24,576 bytes that a contract may have. Called itself, it knows no Session and refuses everything.
contract SessionJudging is SessionPayments {
    constructor(address vault_, address randomness_, address treasury_, address parameters_)
        NodeWork(vault_, randomness_, treasury_, new address[](0))
        SessionBook(parameters_)
    {}
}
