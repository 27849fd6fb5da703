// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Strings} from "@openzeppelin/contracts/utils/Strings.sol";
import {PullPayment} from "./PullPayment.sol";
import {IDisputeGame} from "./interfaces/IDisputeGame.sol";
import {IReferee} from "./interfaces/IReferee.sol";
import {ITrainingRegistry} from "./interfaces/ITrainingRegistry.sol";
import {MerkleProofs} from "./libraries/MerkleProofs.sol";

/// @title Disputes over a training claim: down to one number, which the referee decides
contract DisputeGame is IDisputeGame, PullPayment {
    using MerkleProofs for bytes32;

    /// @dev A leaf of a tree.
    struct Place {
        bytes32 root;
        uint256 count;
        uint256 index;
    }

    /// @dev Levels of a tree that one move goes down.
    uint256 private constant DEPTH = 4;
    /// @dev How the manifest, canonical JSON, names its specification. A string inside it could not contain this text:
    /// its quotation marks would be escaped.
    bytes private constant KEY = '"specification":"';

    ITrainingRegistry private immutable _registry;
    IReferee private immutable _referee;
    /// @inheritdoc IDisputeGame
    uint256 public immutable bond;
    /// @inheritdoc IDisputeGame
    uint256 public immutable moveSeconds;
    /// @inheritdoc IDisputeGame
    uint256 public disputeCount;

    mapping(uint256 id => Dispute) private _disputes;

    /// @dev The caller's move in `stage`, in time; then the clock starts again.
    modifier turn(uint256 id, Stage stage) {
        Dispute storage dispute = _disputes[id];
        address mover = _defenderMoves(stage) ? dispute.defender : dispute.challenger;
        if (dispute.stage != stage || msg.sender != mover) revert NotTurn(id, dispute.stage, msg.sender);
        if (block.timestamp >= dispute.deadline) revert TooLate(id, dispute.deadline);
        _;
        dispute.deadline = uint40(block.timestamp + moveSeconds);
    }

    constructor(address registry_, address referee_, uint256 bond_, uint256 moveSeconds_)
        PullPayment(new address[](0))
    {
        if (registry_ == address(0) || referee_ == address(0)) revert ZeroAddress();
        if (moveSeconds_ == 0) revert ZeroPeriod();
        _registry = ITrainingRegistry(registry_);
        _referee = IReferee(referee_);
        bond = bond_;
        moveSeconds = moveSeconds_;
    }

    /// @inheritdoc IDisputeGame
    function open(
        uint256 task,
        address defender,
        Specification calldata specification,
        bytes calldata head,
        bytes calldata tail
    ) external payable nonReentrant returns (uint256 id) {
        if (msg.value != bond) revert WrongBond(bond, msg.value);
        bytes32 claim = _registry.answerOf(task, defender).root;
        if (claim == 0 || msg.sender == defender) revert NothingToDispute(task, defender);
        bytes32 named = sha256(abi.encode(specification));
        _checkManifest(_registry.taskOf(task).manifest, named, head, tail);
        id = ++disputeCount;
        Dispute storage dispute = _disputes[id];
        (dispute.task, dispute.defender, dispute.challenger) = (task, defender, msg.sender);
        (dispute.claim, dispute.specification, dispute.stage) = (claim, named, Stage.CLAIM);
        dispute.leaves = uint32(specification.steps);
        dispute.deadline = uint40(block.timestamp + moveSeconds);
        emit Opened(id, task, defender, msg.sender, claim);
        _registry.beginDispute(task, defender);
    }

    /// @inheritdoc IDisputeGame
    function openClaim(uint256 id, bytes32 steps) external turn(id, Stage.CLAIM) {
        Dispute storage dispute = _disputes[id];
        bytes32 claim = sha256(abi.encodePacked(uint8(2), dispute.specification, steps));
        if (claim != dispute.claim) revert WrongClaim(dispute.claim, claim);
        dispute.steps = steps;
        emit ClaimOpened(id, steps);
        _descend(dispute, Tree.STEPS, dispute.leaves, steps);
    }

    /// @inheritdoc IDisputeGame
    function show(uint256 id, bytes32[] calldata nodes) external turn(id, Stage.REVEAL) {
        Dispute storage dispute = _disputes[id];
        uint256 depth = _depth(dispute);
        uint256 expected = _countBeneath(dispute, depth);
        if (nodes.length != expected) revert WrongCount(expected, nodes.length);
        bytes32 above = MerkleProofs.fold(_hashes(dispute, nodes, depth));
        if (above != dispute.node) revert WrongNodes(dispute.node, above);
        dispute.shown = keccak256(abi.encode(nodes));
        dispute.stage = Stage.PICK;
        emit Shown(id, dispute.tree, dispute.level - depth, uint256(dispute.index) << depth, nodes);
    }

    /// @inheritdoc IDisputeGame
    function pick(uint256 id, bytes32[] calldata nodes, uint256 position) external turn(id, Stage.PICK) {
        Dispute storage dispute = _disputes[id];
        bytes32 given = keccak256(abi.encode(nodes));
        if (given != dispute.shown) revert WrongNodes(dispute.shown, given);
        if (position >= nodes.length) revert NoSuchNode(position);
        uint256 depth = _depth(dispute);
        dispute.level -= uint8(depth);
        dispute.index = uint32((uint256(dispute.index) << depth) + position);
        dispute.node = nodes[position];
        emit Picked(id, dispute.tree, dispute.level, dispute.index);
        dispute.stage = dispute.level == 0 ? _arrive(dispute) : Stage.REVEAL;
    }

    /// @inheritdoc IDisputeGame
    function openTrace(uint256 id, bytes32 operators) external turn(id, Stage.TRACE) {
        _disputes[id].operators = operators;
        _disputes[id].stage = Stage.TREE;
        emit TraceOpened(id, operators);
    }

    /// @inheritdoc IDisputeGame
    function chooseTree(
        uint256 id,
        Specification calldata specification,
        Plan calldata plan,
        bytes32[] calldata proof,
        bool inState
    ) external turn(id, Stage.TREE) {
        Dispute storage dispute = _disputes[id];
        _checkSpecification(dispute, specification);
        bytes memory encoded = abi.encode(plan);
        bytes32 leaf = MerkleProofs.leafOf(encoded);
        if (!leaf.isLeaf(dispute.step, specification.steps, proof, specification.plans)) revert UnprovedPlan();
        dispute.plan = keccak256(encoded);
        if (inState) {
            _descend(dispute, Tree.STATE, specification.states, dispute.state);
        } else {
            _descend(dispute, Tree.OPERATORS, plan.operators - specification.states, dispute.operators);
        }
    }

    /// @inheritdoc IDisputeGame
    function showOperator(
        uint256 id,
        Specification calldata specification,
        Plan calldata plan,
        bytes calldata operator,
        bytes32[] calldata proof
    ) external turn(id, Stage.OPERATOR) {
        Dispute storage dispute = _disputes[id];
        _checkPlan(dispute, specification, plan);
        if (dispute.tree == Tree.STATE) dispute.operator += uint32(plan.operators - specification.states);
        bytes32 leaf = MerkleProofs.leafOf(operator);
        if (!leaf.isLeaf(dispute.operator, plan.operators, proof, plan.program)) revert WrongOperator();
        IReferee.Operator memory decoded = _referee.decode(operator);
        dispute.operatorHash = keccak256(operator);
        dispute.columns = decoded.columns;
        emit OperatorShown(id, dispute.operator, operator);
        _descend(dispute, Tree.ROWS, decoded.rows, dispute.value);
    }

    /// @inheritdoc IDisputeGame
    function showRow(uint256 id, bytes calldata row) external turn(id, Stage.ROW) {
        Dispute storage dispute = _disputes[id];
        if (row.length != uint256(dispute.columns) * 4 || MerkleProofs.leafOf(row) != dispute.node) revert WrongRow();
        dispute.stage = Stage.PROOF;
        emit RowShown(id, dispute.row, row);
    }

    /// @inheritdoc IDisputeGame
    function prove(uint256 id, Specification calldata specification, Plan calldata plan, Proof calldata proof)
        external
        turn(id, Stage.PROOF)
    {
        Dispute storage dispute = _disputes[id];
        _checkPlan(dispute, specification, plan);
        if (keccak256(proof.operator) != dispute.operatorHash) revert WrongOperator();
        if (MerkleProofs.leafOf(proof.row) != dispute.node) revert WrongRow();
        bytes32 previous = _previous(dispute, specification, proof);
        IReferee.Operator memory operator = _referee.decode(proof.operator);
        bytes[] memory rows = new bytes[](operator.inputs.length);
        if (proof.inputs.length != rows.length) revert WrongCount(rows.length, proof.inputs.length);
        for (uint256 k; k < rows.length; ++k) {
            Place memory place = _place(dispute, specification, plan, operator.inputs[k], previous);
            _checkInput(proof, k, place, dispute.row, operator.inputs[k].rows);
            rows[k] = proof.inputs[k].row;
        }
        uint256 expected = _referee.ruling(proof.operator, dispute.row, proof.column, rows);
        uint256 start = uint256(proof.column) * 4;
        uint256 claimed = uint32(bytes4(proof.row[start:start + 4]));
        emit Ruled(id, expected, claimed);
        _end(id, expected != claimed, false);
    }

    /// @inheritdoc IDisputeGame
    function timeOut(uint256 id) external {
        Dispute storage dispute = _disputes[id];
        Stage stage = dispute.stage;
        if (stage == Stage.NONE || stage >= Stage.DEFENDED) revert AlreadyOver(id, stage);
        if (block.timestamp < dispute.deadline) revert TooEarly(id, dispute.deadline);
        _end(id, _defenderMoves(stage), true);
    }

    /// @inheritdoc IDisputeGame
    function disputeOf(uint256 id) external view returns (Dispute memory) {
        return _disputes[id];
    }

    /// @inheritdoc IDisputeGame
    function registry() external view returns (address) {
        return address(_registry);
    }

    /// @inheritdoc IDisputeGame
    function referee() external view returns (address) {
        return address(_referee);
    }

    function _end(uint256 id, bool refuted, bool silent) private {
        Dispute storage dispute = _disputes[id];
        dispute.stage = refuted ? Stage.REFUTED : Stage.DEFENDED;
        _credit(refuted ? dispute.challenger : dispute.defender, ETH, bond);
        if (refuted) emit Refuted(id, silent);
        else emit Defended(id, silent);
        ITrainingRegistry.Ruling ruling = ITrainingRegistry.Ruling.DEFENDED;
        if (refuted) ruling = silent ? ITrainingRegistry.Ruling.SILENT : ITrainingRegistry.Ruling.WRONG;
        _registry.endDispute(dispute.task, dispute.defender, ruling);
    }

    function _descend(Dispute storage dispute, Tree tree, uint256 leaves, bytes32 root) private {
        (dispute.tree, dispute.leaves, dispute.node) = (tree, uint32(leaves), root);
        (dispute.index, dispute.stage) = (0, Stage.REVEAL);
        uint256 level;
        while (leaves > 1 << level) ++level;
        dispute.level = uint8(level);
    }

    /// @dev Keep what the lowest node of the present tree is, and return what comes next.
    function _arrive(Dispute storage dispute) private returns (Stage) {
        if (dispute.tree == Tree.STEPS) {
            (dispute.step, dispute.state) = (dispute.index, dispute.node);
            return Stage.TRACE;
        }
        if (dispute.tree == Tree.ROWS) {
            dispute.row = dispute.index;
            return Stage.ROW;
        }
        (dispute.operator, dispute.value) = (dispute.index, dispute.node);
        return Stage.OPERATOR;
    }

    function _depth(Dispute storage dispute) private view returns (uint256) {
        return dispute.level < DEPTH ? dispute.level : DEPTH;
    }

    /// @dev How many nodes lie `depth` levels beneath the present one.
    function _countBeneath(Dispute storage dispute, uint256 depth) private view returns (uint256) {
        uint256 lower = dispute.level - depth;
        uint256 all = (uint256(dispute.leaves) + (1 << lower) - 1) >> lower;
        uint256 first = uint256(dispute.index) << depth;
        return all - first < 1 << depth ? all - first : 1 << depth;
    }

    /// @dev The hashes of the nodes that were shown.
    function _hashes(Dispute storage dispute, bytes32[] memory nodes, uint256 depth)
        private
        view
        returns (bytes32[] memory hashes)
    {
        if (depth != dispute.level || dispute.tree == Tree.ROWS) return nodes;
        hashes = new bytes32[](nodes.length);
        for (uint256 i; i < nodes.length; ++i) hashes[i] = MerkleProofs.leafOf(nodes[i]);
    }

    function _checkManifest(bytes32 manifest, bytes32 named, bytes calldata head, bytes calldata tail) private pure {
        bytes memory digits = bytes(Strings.toHexString(uint256(named), 32));
        bytes memory hexadecimal = new bytes(64);
        for (uint256 i; i < 64; ++i) hexadecimal[i] = digits[i + 2]; // without 0x
        bytes32 given = sha256(abi.encodePacked(head, KEY, hexadecimal, '"', tail));
        if (given != manifest) revert WrongManifest(manifest, given);
    }

    function _checkSpecification(Dispute storage dispute, Specification calldata specification) private view {
        bytes32 given = sha256(abi.encode(specification));
        if (given != dispute.specification) revert WrongSpecification(dispute.specification, given);
    }

    function _checkPlan(Dispute storage dispute, Specification calldata specification, Plan calldata plan)
        private
        view
    {
        _checkSpecification(dispute, specification);
        if (keccak256(abi.encode(plan)) != dispute.plan) revert UnprovedPlan();
    }

    /// @dev The root of the state before the step.
    function _previous(Dispute storage dispute, Specification calldata specification, Proof calldata proof)
        private
        view
        returns (bytes32)
    {
        if (dispute.step == 0) return specification.initial;
        bytes32 leaf = MerkleProofs.leafOf(proof.previous);
        bool known = leaf.isLeaf(dispute.step - 1, specification.steps, proof.previousProof, dispute.steps);
        if (!known) revert UnprovedState();
        return proof.previous;
    }

    /// @dev Check that input `number` is the row that the operator needs, of the value at `place`.
    function _checkInput(Proof calldata proof, uint256 number, Place memory place, uint256 row, uint256 rows)
        private
        view
    {
        RowProof calldata given = proof.inputs[number];
        uint256 needed = _referee.rowOf(proof.operator, number, row, proof.column, proof.inputs[0].row);
        bool known = MerkleProofs.leafOf(given.value).isLeaf(place.index, place.count, given.valueProof, place.root)
            && MerkleProofs.leafOf(given.row).isLeaf(needed, rows, given.rowProof, given.value);
        if (!known) revert UnprovedInput(number);
    }

    /// @dev Where an input's value stands; nowhere if it would be computed later.
    function _place(
        Dispute storage dispute,
        Specification calldata specification,
        Plan calldata plan,
        IReferee.Input memory input,
        bytes32 previous
    ) private view returns (Place memory) {
        uint256 index = input.index;
        if (input.source == IReferee.Source.CONSTANT) {
            return Place(specification.constants, specification.constantCount, index);
        }
        if (input.source == IReferee.Source.STATE) return Place(previous, specification.states, index);
        if (input.source == IReferee.Source.DATA) return Place(plan.data, plan.dataCount, index);
        uint256 inner = plan.operators - specification.states;
        if (index >= dispute.operator) return Place(0, 0, 0);
        if (index < inner) return Place(dispute.operators, inner, index);
        return Place(dispute.state, specification.states, index - inner);
    }

    function _defenderMoves(Stage stage) private pure returns (bool) {
        return stage == Stage.CLAIM || stage == Stage.REVEAL || stage == Stage.TRACE || stage == Stage.ROW;
    }
}
