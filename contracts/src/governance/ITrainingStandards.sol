// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title What a training must meet, by governance
/// @notice Whoever opens a training task may ask; a task that is open goes on as it was opened.
interface ITrainingStandards {
    /// @notice Equal results that a task must ask for at least.
    function minimumQuorum() external view returns (uint256);

    /// @notice Whether trainings by this recipe (SHA-256 of its canonical JSON) are accepted.
    function isRecipeAllowed(bytes32 recipe) external view returns (bool);
}
