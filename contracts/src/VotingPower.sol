// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IERC5805} from "@openzeppelin/contracts/interfaces/IERC5805.sol";

/// @title FRAC votes of holders and of those who staked, together
/// @notice What the governor counts. The vault holds staked FRAC and delegates its own votes to nobody, so nothing counts
/// twice. Votes are those of a past second, so a loan within a transaction gives none.
contract VotingPower is IERC5805 {
    IERC5805 public immutable token;
    IERC5805 public immutable vault;

    /// @dev Delegate at the token and at the vault: this contract only adds up.
    error DelegateAtTheSource();

    constructor(address token_, address vault_) {
        (token, vault) = (IERC5805(token_), IERC5805(vault_));
    }

    function clock() public view returns (uint48) {
        return token.clock();
    }

    function CLOCK_MODE() public view returns (string memory) {
        return token.CLOCK_MODE();
    }

    function getVotes(address account) external view returns (uint256) {
        return token.getVotes(account) + vault.getVotes(account);
    }

    function getPastVotes(address account, uint256 timepoint) external view returns (uint256) {
        return token.getPastVotes(account, timepoint) + vault.getPastVotes(account, timepoint);
    }

    /// @notice All FRAC: what is staked is part of it.
    function getPastTotalSupply(uint256 timepoint) external view returns (uint256) {
        return token.getPastTotalSupply(timepoint);
    }

    /// @notice Whom the account's votes at the token go to.
    function delegates(address account) external view returns (address) {
        return token.delegates(account);
    }

    function delegate(address) external pure {
        revert DelegateAtTheSource();
    }

    function delegateBySig(address, uint256, uint256, uint8, bytes32, bytes32) external pure {
        revert DelegateAtTheSource();
    }
}
