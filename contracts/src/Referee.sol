// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IReferee} from "./interfaces/IReferee.sol";
import {SoftFloat} from "./libraries/SoftFloat.sol";

/// @title Decides one number of one operator of a training step, by integer arithmetic
contract Referee is IReferee {
    uint256 private constant HEAD = 11;
    uint256 private constant INPUT = 14;
    uint256 private constant PARAMETER = 8;
    int256 private constant LEAST_EXPONENT = -100;
    int256 private constant SUM_BITS = 26;

    /// @inheritdoc IReferee
    function decode(bytes calldata operator) external pure returns (Operator memory) {
        return _decode(operator);
    }

    /// @inheritdoc IReferee
    function rowOf(bytes calldata operator, uint256 number, uint256 row, uint256 column, bytes calldata first)
        external
        pure
        returns (uint256)
    {
        Operator memory op = _decode(operator);
        _checkPlace(op, row, column);
        Input memory input = op.inputs[number];
        if (op.kind == Kind.DOT && number == 1) {
            return row / uint256(op.parameters[0]) * uint256(op.parameters[1]) + column;
        }
        if (op.kind == Kind.VIEW) return _place(op, row, column) / input.columns;
        if (op.kind == Kind.LOOK_UP && number == 1) {
            int256 id = _signed(_word(first, 0));
            return id < 0 ? 0 : uint256(id);
        }
        return input.rows == 1 ? 0 : row;
    }

    /// @inheritdoc IReferee
    function ruling(bytes calldata operator, uint256 row, uint256 column, bytes[] calldata rows)
        external
        pure
        returns (uint256)
    {
        Operator memory op = _decode(operator);
        _checkPlace(op, row, column);
        for (uint256 k; k < op.inputs.length; ++k) {
            Input memory input = op.inputs[k];
            if (rows[k].length != uint256(input.columns) * input.width) revert WrongRow(k, rows[k].length);
        }
        if (op.kind == Kind.DOT) return _dot(op, rows[0], rows[1]);
        if (op.kind == Kind.VIEW) return _word(rows[0], _place(op, row, column) % op.inputs[0].columns);
        if (op.kind == Kind.JOIN) {
            uint256 left = op.inputs[0].columns;
            return column < left ? _word(rows[0], column) : _word(rows[1], column - left);
        }
        if (op.kind == Kind.LOOK_UP) return _signed(_word(rows[0], 0)) < 0 ? 0 : _word(rows[1], column);
        if (op.kind == Kind.ONE_HOT) return _word(rows[0], 0) == column ? SoftFloat.ONE : 0;
        if (op.kind == Kind.EXPONENT) return uint32(int32(_exponent(rows[0])));
        if (op.kind == Kind.ROW_SUM) return _rowSum(rows[0]);
        if (op.kind == Kind.ROW_MAXIMUM) return _rowMaximum(rows[0]);
        return _elementWise(op, column, rows);
    }

    function _elementWise(Operator memory op, uint256 column, bytes[] calldata rows) private pure returns (uint256) {
        uint256[3] memory x;
        for (uint256 k; k < op.inputs.length; ++k) x[k] = _word(rows[k], op.inputs[k].columns == 1 ? 0 : column);
        if (op.kind == Kind.ADD) return SoftFloat.add(x[0], x[1]);
        if (op.kind == Kind.SUBTRACT) return SoftFloat.subtract(x[0], x[1]);
        if (op.kind == Kind.MULTIPLY) return SoftFloat.multiply(x[0], x[1]);
        if (op.kind == Kind.DIVIDE) return SoftFloat.divide(x[0], x[1]);
        if (op.kind == Kind.SQUARE_ROOT) return SoftFloat.squareRoot(x[0]);
        if (op.kind == Kind.EXPONENTIAL) return SoftFloat.exponential(x[0]);
        if (op.kind == Kind.POWER) return SoftFloat.powerOfTwo(_signed(x[0]));
        if (op.kind == Kind.WHOLE) {
            return uint32(int32(SoftFloat.nearest(x[0], _signed(x[1]) - op.parameters[0])));
        }
        return x[0] != 0 ? x[1] : x[2]; // SELECT
    }

    /// @dev The product of two rows: whole numbers are summed, and the sum is rounded once.
    function _dot(Operator memory op, bytes calldata a, bytes calldata b) private pure returns (uint256) {
        int256 unitA = _exponent(a) - op.parameters[2];
        int256 bitsB = op.parameters[3];
        int256 unitB = bitsB == 0 ? op.parameters[4] : _exponent(b) - bitsB;
        uint256 count = a.length / 4;
        int256 sum;
        // below 2^26 times 2^26 a term, and fewer terms than a transaction can carry: nothing can overflow
        unchecked {
            if (op.inputs[1].width == 1) {
                for (uint256 i; i < count; ++i) sum += SoftFloat.nearest(_word(a, i), unitA) * _small(b, i);
            } else if (bitsB == 0) {
                for (uint256 i; i < count; ++i) sum += SoftFloat.nearest(_word(a, i), unitA) * _signed(_word(b, i));
            } else {
                for (uint256 i; i < count; ++i) {
                    sum += SoftFloat.nearest(_word(a, i), unitA) * SoftFloat.nearest(_word(b, i), unitB);
                }
            }
        }
        uint256 scaled = SoftFloat.multiply(SoftFloat.encode(sum, 0, 0), SoftFloat.powerOfTwo(unitA));
        return SoftFloat.multiply(scaled, SoftFloat.powerOfTwo(unitB));
    }

    function _rowSum(bytes calldata row) private pure returns (uint256) {
        int256 unit = _exponent(row) - SUM_BITS;
        uint256 count = row.length / 4;
        int256 sum;
        unchecked {
            for (uint256 i; i < count; ++i) sum += SoftFloat.nearest(_word(row, i), unit);
        }
        return SoftFloat.multiply(SoftFloat.encode(sum, 0, 0), SoftFloat.powerOfTwo(unit));
    }

    function _rowMaximum(bytes calldata row) private pure returns (uint256 best) {
        best = _word(row, 0);
        for (uint256 i = 1; i < row.length / 4; ++i) best = SoftFloat.greater(best, _word(row, i));
        return SoftFloat.add(best, 0);
    }

    /// @dev The smallest exponent e, -100 at least, with every |x| < 2^e.
    function _exponent(bytes calldata row) private pure returns (int256 e) {
        uint256 count = row.length / 4;
        uint256 highest;
        unchecked {
            for (uint256 i; i < count; ++i) {
                uint256 exponent = _word(row, i) & 0x7F800000;
                if (exponent > highest) highest = exponent;
            }
        }
        e = int256(highest >> 23) - 126;
        if (e < LEAST_EXPONENT) e = LEAST_EXPONENT;
    }

    /// @dev The flat place in the input that a view shows at (row, column).
    function _place(Operator memory op, uint256 row, uint256 column) private pure returns (uint256) {
        uint256 flat = row * op.columns + column;
        int256 place = op.parameters[0];
        for (uint256 k = op.parameters.length - 1; k > 1; k -= 2) {
            uint256 size = uint256(op.parameters[k - 1]);
            place += int256(flat % size) * op.parameters[k];
            flat /= size;
        }
        return uint256(place);
    }

    /// @dev Word i of a row, whose length was checked against the operator; beyond it there are other words or zeros.
    function _word(bytes calldata row, uint256 i) private pure returns (uint256 word) {
        assembly ("memory-safe") {
            word := shr(224, calldataload(add(row.offset, shl(2, i))))
        }
    }

    /// @dev Byte i of a row of int8.
    function _small(bytes calldata row, uint256 i) private pure returns (int256 byte_) {
        assembly ("memory-safe") {
            byte_ := signextend(0, shr(248, calldataload(add(row.offset, i))))
        }
    }

    function _signed(uint256 word) private pure returns (int256) {
        return int32(uint32(word));
    }

    function _checkPlace(Operator memory op, uint256 row, uint256 column) private pure {
        if (row >= op.rows || column >= op.columns) revert OutOfShape(row, column);
    }

    function _decode(bytes calldata text) private pure returns (Operator memory op) {
        if (text.length < HEAD) revert MalformedOperator();
        uint256 inputs = uint8(text[9]);
        uint256 parameters = uint8(text[10]);
        if (text.length != HEAD + INPUT * inputs + PARAMETER * parameters) revert MalformedOperator();
        if (uint8(text[0]) > uint8(type(Kind).max)) revert MalformedOperator();
        op.kind = Kind(uint8(text[0]));
        op.rows = uint32(bytes4(text[1:5]));
        op.columns = uint32(bytes4(text[5:9]));
        op.inputs = new Input[](inputs);
        for (uint256 k; k < inputs; ++k) op.inputs[k] = _input(text[HEAD + INPUT * k:]);
        op.parameters = new int256[](parameters);
        uint256 start = HEAD + INPUT * inputs;
        for (uint256 k; k < parameters; ++k) {
            op.parameters[k] = int64(uint64(bytes8(text[start + PARAMETER * k:start + PARAMETER * (k + 1)])));
        }
    }

    function _input(bytes calldata text) private pure returns (Input memory) {
        return Input({
            source: Source(uint8(text[0])),
            index: uint32(bytes4(text[1:5])),
            rows: uint32(bytes4(text[5:9])),
            columns: uint32(bytes4(text[9:13])),
            width: uint8(text[13])
        });
    }
}
