// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IPullPayment} from "./IPullPayment.sol";

/// @title Disputes over a training claim: down to one number, which the referee decides
/// @notice A challenger says that a node's claim is wrong. The node opens its claim from the top down, up to 16 nodes
/// of a Merkle tree a move, and the challenger picks the first one that differs from what it computed itself:
///
///   CLAIM -> (REVEAL <-> PICK) the steps -> TRACE -> TREE -> (REVEAL <-> PICK) the operators of that step
///         -> OPERATOR -> (REVEAL <-> PICK) the rows of that operator's value -> ROW -> PROOF -> REFUTED or DEFENDED
///
/// What lies before the picked place in the node's own trees then serves as the inputs, and the referee computes the
/// one number again. Each move has a deadline (exclusive), and who is silent loses.
/// Warning: a claim that is right can always be defended, and a wrong one refuted, by whoever recomputed the training
/// and answers in time; neither needs trust in anybody.
interface IDisputeGame is IPullPayment {
    enum Stage {
        NONE,
        /// The defender opens its claim.
        CLAIM,
        /// The defender shows the nodes beneath the present one.
        REVEAL,
        /// The challenger picks one of them.
        PICK,
        /// The defender commits to every value of the step.
        TRACE,
        /// The challenger says whether the wrong value is part of the state.
        TREE,
        /// The challenger shows the operator that was picked.
        OPERATOR,
        /// The defender shows the row that was picked.
        ROW,
        /// The challenger shows the rows that the number depends on.
        PROOF,
        DEFENDED,
        REFUTED
    }

    enum Tree {
        STEPS,
        /// Values of a step that are not part of the state.
        OPERATORS,
        /// The state after a step.
        STATE,
        ROWS
    }

    /// @notice What is to be computed, as `fraction.verification.claim.Specification`; named by the SHA-256 of its
    /// abi.encode, which stands in the task's manifest.
    struct Specification {
        bytes32 plans;
        bytes32 constants;
        uint256 constantCount;
        bytes32 initial;
        uint256 states;
        uint256 steps;
    }

    /// @notice What is particular to one step; `plans` is the root over the steps' plans, abi.encoded.
    struct Plan {
        bytes32 program;
        uint256 operators;
        bytes32 data;
        uint256 dataCount;
    }

    struct Dispute {
        uint256 task;
        address defender;
        address challenger;
        bytes32 claim;
        bytes32 specification;
        Stage stage;
        uint40 deadline;
        /// The tree that is being descended, its leaves, and the present node.
        Tree tree;
        uint32 leaves;
        uint8 level;
        uint32 index;
        bytes32 node;
        /// Hash of the nodes that the defender showed last.
        bytes32 shown;
        /// What was found so far.
        bytes32 steps;
        uint32 step;
        bytes32 state;
        bytes32 plan;
        bytes32 operators;
        uint32 operator;
        bytes32 value;
        bytes32 operatorHash;
        uint32 columns;
        uint32 row;
    }

    /// @notice One input's row: that it is in the value, and that the value is in the tree its source names.
    struct RowProof {
        bytes row;
        bytes32[] rowProof;
        bytes32 value;
        bytes32[] valueProof;
    }

    struct Proof {
        uint32 column;
        bytes operator;
        /// The defender's row.
        bytes row;
        RowProof[] inputs;
        /// The state before the step, and that it is in the claim; empty for the first step.
        bytes32 previous;
        bytes32[] previousProof;
    }

    event Opened(uint256 indexed id, uint256 indexed task, address indexed defender, address challenger, bytes32 claim);
    /// @notice The defender opened its claim to the root over its steps.
    event ClaimOpened(uint256 indexed id, bytes32 steps);
    event Shown(uint256 indexed id, Tree tree, uint256 level, uint256 index, bytes32[] nodes);
    event Picked(uint256 indexed id, Tree tree, uint256 level, uint256 index);
    event TraceOpened(uint256 indexed id, bytes32 operators);
    event OperatorShown(uint256 indexed id, uint256 operator, bytes encoded);
    event RowShown(uint256 indexed id, uint256 row, bytes words);
    /// @notice The referee computed `expected` where the defender has `claimed`.
    event Ruled(uint256 indexed id, uint256 expected, uint256 claimed);
    /// @notice The defender's claim stands; the challenger's bond is the defender's.
    event Defended(uint256 indexed id, bool silent);
    /// @notice The claim is wrong, or was not defended in time.
    event Refuted(uint256 indexed id, bool silent);

    error NotTurn(uint256 id, Stage stage, address caller);
    error TooLate(uint256 id, uint256 deadline);
    error TooEarly(uint256 id, uint256 deadline);
    error AlreadyOver(uint256 id, Stage stage);
    error WrongBond(uint256 due, uint256 paid);
    /// @dev The node showed no result, or it is the caller's own.
    error NothingToDispute(uint256 task, address defender);
    /// @dev The manifest that was given is not the task's, or names another specification.
    error WrongManifest(bytes32 expected, bytes32 given);
    error WrongSpecification(bytes32 expected, bytes32 given);
    error WrongClaim(bytes32 expected, bytes32 given);
    error WrongCount(uint256 expected, uint256 given);
    error WrongNodes(bytes32 expected, bytes32 given);
    error NoSuchNode(uint256 position);
    error WrongOperator();
    error WrongRow();
    /// @dev Input `number` is not proved.
    error UnprovedInput(uint256 number);
    error UnprovedState();
    error UnprovedPlan();
    error ZeroPeriod();

    /// @notice Say that what `defender` revealed for `task` is wrong; the bond is paid here.
    /// @param specification the task's, whose digest stands in its manifest
    /// @param head the manifest up to the specification's digest in hex, without the quotation mark after the colon
    /// @param tail the rest of the manifest after the digest's closing quotation mark
    function open(
        uint256 task,
        address defender,
        Specification calldata specification,
        bytes calldata head,
        bytes calldata tail
    ) external payable returns (uint256 id);

    /// @notice Defender: open the claim, which is SHA-256(02 | specification | steps).
    function openClaim(uint256 id, bytes32 steps) external;

    /// @notice Defender: show the nodes beneath the present one, up to 4 levels down, left to right. At the lowest level
    /// of all trees but ROWS they are what the leaves stand for (roots), not the leaves' hashes.
    function show(uint256 id, bytes32[] calldata nodes) external;

    /// @notice Challenger: go on at one of the nodes just shown.
    function pick(uint256 id, bytes32[] calldata nodes, uint256 position) external;

    /// @notice Defender: commit to the values of the step that are not part of the state.
    function openTrace(uint256 id, bytes32 operators) external;

    /// @notice Challenger: show the step's plan, and go on in the state (`inState`) or in the values before it.
    function chooseTree(
        uint256 id,
        Specification calldata specification,
        Plan calldata plan,
        bytes32[] calldata proof,
        bool inState
    ) external;

    /// @notice Challenger: show the operator whose value was picked.
    function showOperator(
        uint256 id,
        Specification calldata specification,
        Plan calldata plan,
        bytes calldata operator,
        bytes32[] calldata proof
    ) external;

    /// @notice Defender: show the row that was picked.
    function showRow(uint256 id, bytes calldata row) external;

    /// @notice Challenger: name the column that is wrong and prove the rows it depends on; the referee decides.
    function prove(uint256 id, Specification calldata specification, Plan calldata plan, Proof calldata proof)
        external;

    /// @notice End a dispute in which it was somebody's turn for too long.
    function timeOut(uint256 id) external;

    function disputeOf(uint256 id) external view returns (Dispute memory);
    function disputeCount() external view returns (uint256);

    /// @notice What a challenger pays to open a dispute, in wei; the winner gets it.
    function bond() external view returns (uint256);
    function moveSeconds() external view returns (uint256);
    function registry() external view returns (address);
    function referee() external view returns (address);
}
