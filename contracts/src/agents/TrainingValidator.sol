// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IERC721} from "@openzeppelin/contracts/token/ERC721/IERC721.sol";
import {ITrainingRegistry} from "../interfaces/ITrainingRegistry.sol";
import {IAgentValidation} from "./IAgentValidation.sol";
import {ITrainingValidator} from "./ITrainingValidator.sol";

/// @title Tells the validation registry which trainings of an agent the training registry accepted
contract TrainingValidator is ITrainingValidator {
    uint8 private constant PASSED = 100;

    ITrainingRegistry public immutable registry;
    IAgentValidation public immutable validation;
    /// @inheritdoc ITrainingValidator
    mapping(uint256 task => uint256) public agentOf;

    constructor(ITrainingRegistry registry_, IAgentValidation validation_) {
        if (address(registry_) == address(0) || address(validation_) == address(0)) revert ZeroAddress();
        (registry, validation) = (registry_, validation_);
    }

    /// @inheritdoc ITrainingValidator
    function validate(uint256 task, uint256 agentId, bytes32 salt) external {
        ITrainingRegistry.Task memory found = registry.taskOf(task);
        if (found.stage != ITrainingRegistry.Phase.ACCEPTED) revert NotAccepted(task);
        address owner = IERC721(validation.getIdentityRegistry()).ownerOf(agentId);
        if (found.opener != owner) revert NotOpenedByOwner(task, found.opener, owner);
        if (agentOf[task] != 0) revert AlreadyValidated(task, agentOf[task]);
        bytes32 request = requestHashOf(task, agentId, salt);
        (, uint256 asked,,,,) = validation.getValidationStatus(request);
        if (asked != agentId) revert AskedForAnother(request, asked);
        agentOf[task] = agentId;
        emit Validated(task, agentId, found.root, found.adapter);
        validation.validationResponse(request, PASSED, "", found.root, "training");
    }

    /// @inheritdoc ITrainingValidator
    function requestHashOf(uint256 task, uint256 agentId, bytes32 salt) public view returns (bytes32) {
        return keccak256(abi.encode(block.chainid, address(this), address(registry), task, agentId, salt));
    }
}
