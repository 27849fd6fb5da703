// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";

/// @title IEEE 754 binary32 in integers
/// @notice A number is its 32 bits. Every operation rounds once, to the nearest, ties to even; subnormal numbers are
/// kept. Infinities and NaN do not occur: a result that would be one reverts. The same in Python:
/// `fraction.verification.float32`.
library SoftFloat {
    uint256 internal constant ONE = 0x3F800000;
    uint256 private constant SIGN = 0x80000000;

    /// @dev `bits` are no finite number, or a result would not be one.
    error NotFinite(uint256 bits);

    /// @dev m and e with the number = m * 2^e.
    function decode(uint256 word) internal pure returns (int256 m, int256 e) {
        unchecked {
            uint256 exponent = word >> 23 & 0xFF;
            if (exponent == 0xFF) revert NotFinite(word);
            uint256 magnitude = word & 0x7FFFFF;
            if (exponent == 0) {
                e = -149;
            } else {
                magnitude |= 0x800000;
                e = int256(exponent) - 150;
            }
            m = word & SIGN == 0 ? int256(magnitude) : -int256(magnitude);
        }
    }

    /// @dev The number nearest to m * 2^e; `zero` is what 0 becomes (0 or the sign alone).
    function encode(int256 m, int256 e, uint256 zero) internal pure returns (uint256) {
        if (m == 0) return zero;
        uint256 sign = m < 0 ? SIGN : 0;
        uint256 magnitude = uint256(m < 0 ? -m : m);
        int256 shift = int256(Math.log2(magnitude)) - 23;
        if (shift < -149 - e) shift = -149 - e;
        magnitude = shift > 0 ? shiftToEven(magnitude, uint256(shift)) : magnitude << uint256(-shift);
        e += shift;
        if (magnitude == 1 << 24) {
            magnitude >>= 1;
            ++e;
        }
        if (magnitude < 1 << 23) return sign | magnitude;
        if (e > 104) revert NotFinite(sign | 0x7F800000);
        return sign | (magnitude + (uint256(e + 149) << 23));
    }

    function add(uint256 a, uint256 b) internal pure returns (uint256) {
        (int256 ma, int256 ea) = decode(a);
        (int256 mb, int256 eb) = decode(b);
        if (ma == 0) return mb == 0 ? a & b & SIGN : b;
        if (mb == 0) return a;
        if (ea < eb) (ma, ea, mb, eb) = (mb, eb, ma, ea);
        uint256 apart = uint256(ea - eb);
        // beyond 64 places the smaller one only says to which side of the larger the sum lies
        if (apart > 64) (mb, eb, apart) = (mb > 0 ? int256(1) : -1, ea - 64, 64);
        return encode((ma << apart) + mb, eb, 0);
    }

    function subtract(uint256 a, uint256 b) internal pure returns (uint256) {
        return add(a, b ^ SIGN);
    }

    function multiply(uint256 a, uint256 b) internal pure returns (uint256) {
        (int256 ma, int256 ea) = decode(a);
        (int256 mb, int256 eb) = decode(b);
        return encode(ma * mb, ea + eb, (a ^ b) & SIGN);
    }

    function divide(uint256 a, uint256 b) internal pure returns (uint256) {
        (int256 ma, int256 ea) = decode(a);
        (int256 mb, int256 eb) = decode(b);
        if (mb == 0) revert NotFinite(b);
        uint256 dividend = uint256(ma < 0 ? -ma : ma) << 64;
        uint256 divisor = uint256(mb < 0 ? -mb : mb);
        int256 m = int256(dividend / divisor << 1 | (dividend % divisor == 0 ? 0 : 1));
        return encode((ma < 0) != (mb < 0) ? -m : m, ea - eb - 65, (a ^ b) & SIGN);
    }

    function squareRoot(uint256 a) internal pure returns (uint256) {
        (int256 m, int256 e) = decode(a);
        if (m < 0) revert NotFinite(a);
        if (m == 0) return a;
        if (e % 2 != 0) (m, e) = (m << 1, e - 1);
        uint256 square = uint256(m) << 80;
        uint256 root = Math.sqrt(square);
        return encode(int256(root << 1 | (root * root == square ? 0 : 1)), (e - 80) / 2 - 1, 0);
    }

    /// @dev The larger of a and b; of two zeros, +0.
    function greater(uint256 a, uint256 b) internal pure returns (uint256) {
        int256 left = _ordered(a);
        int256 right = _ordered(b);
        if (left == 0 && right == 0) return 0;
        return left > right ? a : b;
    }

    /// @dev 2^exponent, from -126 to 127.
    function powerOfTwo(int256 exponent) internal pure returns (uint256) {
        return encode(1, exponent, 0);
    }

    /// @dev e^x by Cody-Waite reduction and a polynomial; each multiplication and addition rounds by itself.
    function exponential(uint256 x) internal pure returns (uint256) {
        if (_ordered(x) < _ordered(0xC2AE0000)) return 0; // x < -87
        if (_ordered(x) > _ordered(0x42B00000)) x = 0x42B00000; // x > 88
        int256 n = nearest(multiply(x, 0x3FB8AA3B), 0);
        uint256 whole = encode(n, 0, 0);
        uint256 r = subtract(x, multiply(whole, 0x3F318000));
        r = subtract(r, multiply(whole, 0xB95E8083));
        uint256 p = add(multiply(0x39506967, r), 0x3AB743CE);
        p = add(multiply(p, r), 0x3C088908);
        p = add(multiply(p, r), 0x3D2AA9C1);
        p = add(multiply(p, r), 0x3E2AAAAA);
        p = add(multiply(p, r), 0x3F000000);
        p = add(add(multiply(p, multiply(r, r)), r), ONE);
        return multiply(p, powerOfTwo(n));
    }

    /// @dev The number divided by 2^unit, to the nearest integer, ties to even; |unit| < 256.
    function nearest(uint256 a, int256 unit) internal pure returns (int256) {
        unchecked {
            (int256 m, int256 e) = decode(a);
            if (e >= unit) return m << uint256(e - unit);
            uint256 magnitude = shiftToEven(uint256(m < 0 ? -m : m), uint256(unit - e));
            return m < 0 ? -int256(magnitude) : int256(magnitude);
        }
    }

    /// @dev m * 2^-shift to the nearest integer, ties to even; m < 2^254 and shift > 0.
    function shiftToEven(uint256 m, uint256 shift) internal pure returns (uint256 whole) {
        unchecked {
            if (shift > 255) return 0;
            // half of the last place less one bit, plus the last bit that stays: carries just when rounding goes up
            uint256 half = (1 << (shift - 1)) - 1;
            return (m + half + (m >> shift & 1)) >> shift;
        }
    }

    function _ordered(uint256 word) private pure returns (int256) {
        if (word >> 23 & 0xFF == 0xFF) revert NotFinite(word);
        int256 magnitude = int256(word & 0x7FFFFFFF);
        return word & SIGN == 0 ? magnitude : -magnitude;
    }
}
