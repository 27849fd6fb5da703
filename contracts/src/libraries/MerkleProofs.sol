// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title Merkle trees over SHA-256, as in `fraction.verification.merkle`
/// @notice Leaf: H(00 | payload); inner node: H(01 | left | right); an odd node at the end goes up unchanged.
library MerkleProofs {
    function leafOf(bytes memory payload) internal pure returns (bytes32) {
        return sha256(abi.encodePacked(uint8(0), payload));
    }

    function leafOf(bytes32 payload) internal pure returns (bytes32) {
        return sha256(abi.encodePacked(uint8(0), payload));
    }

    /// @dev The node above neighbours of one level; `nodes` is overwritten.
    function fold(bytes32[] memory nodes) internal pure returns (bytes32) {
        uint256 count = nodes.length;
        while (count > 1) {
            for (uint256 i; i < count / 2; ++i) nodes[i] = _pair(nodes[2 * i], nodes[2 * i + 1]);
            if (count % 2 == 1) nodes[count / 2] = nodes[count - 1];
            count = (count + 1) / 2;
        }
        return nodes[0];
    }

    /// @dev Whether `node` is leaf `index` of the `count` leaves under `root`.
    function isLeaf(bytes32 node, uint256 index, uint256 count, bytes32[] memory proof, bytes32 root)
        internal
        pure
        returns (bool)
    {
        if (index >= count) return false;
        uint256 used;
        for (; count > 1; (index, count) = (index / 2, (count + 1) / 2)) {
            if (index ^ 1 >= count) continue; // no sibling: it goes up unchanged
            if (used == proof.length) return false;
            bytes32 sibling = proof[used++];
            node = index & 1 == 1 ? _pair(sibling, node) : _pair(node, sibling);
        }
        return used == proof.length && node == root;
    }

    function _pair(bytes32 left, bytes32 right) private pure returns (bytes32) {
        return sha256(abi.encodePacked(uint8(1), left, right));
    }
}
