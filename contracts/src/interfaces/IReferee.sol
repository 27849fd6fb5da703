// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title Decides one number of one operator of a training step, by integer arithmetic
/// @notice An operator reads matrices of 32-bit words, row by row, and makes a new one; what each kind does is told in
/// `fraction.verification.program`, and the bytes of an operator in `Operator.encode` there. A row is its numbers,
/// big-endian: 4 bytes each, or 1 where the input says so.
interface IReferee {
    enum Kind {
        ADD,
        SUBTRACT,
        MULTIPLY,
        DIVIDE,
        SQUARE_ROOT,
        EXPONENTIAL,
        POWER,
        WHOLE,
        EXPONENT,
        ROW_SUM,
        ROW_MAXIMUM,
        DOT,
        VIEW,
        JOIN,
        LOOK_UP,
        ONE_HOT,
        SELECT
    }

    enum Source {
        /// An earlier operator of the same step.
        OPERATOR,
        /// The state before the step.
        STATE,
        /// The frozen base and tables.
        CONSTANT,
        /// What is particular to the step.
        DATA
    }

    struct Input {
        Source source;
        uint32 index;
        uint32 rows;
        uint32 columns;
        uint8 width;
    }

    struct Operator {
        Kind kind;
        uint32 rows;
        uint32 columns;
        Input[] inputs;
        int256[] parameters;
    }

    /// @dev The bytes are no operator.
    error MalformedOperator();
    /// @dev There is no element at this place.
    error OutOfShape(uint256 row, uint256 column);
    /// @dev A row has another number of bytes than its input's shape says.
    error WrongRow(uint256 input, uint256 length);

    /// @notice Read an operator.
    function decode(bytes calldata operator) external pure returns (Operator memory);

    /// @notice The row of input `number` that the element at (row, column) depends on.
    /// @param first bytes of the row of input 0, which a look-up needs
    function rowOf(bytes calldata operator, uint256 number, uint256 row, uint256 column, bytes calldata first)
        external
        pure
        returns (uint256);

    /// @notice The bits of the element at (row, column).
    /// @param rows for each input, the row that `rowOf` names
    function ruling(bytes calldata operator, uint256 row, uint256 column, bytes[] calldata rows)
        external
        pure
        returns (uint256);
}
