// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title An account with a mind of its own, for tests: it does what it is told, and something when it is paid
contract Actor {
    bool public accepts;
    address private _target;
    bytes private _callback;

    /// @notice Call `target` in this contract's name.
    function act(address target, bytes calldata data) external payable returns (bytes memory) {
        return _call(target, data, msg.value);
    }

    /// @notice Accept ETH from now on, or refuse it.
    function setAccepts(bool accepts_) external {
        accepts = accepts_;
    }

    /// @notice Call `target` whenever ETH comes in.
    function setCallback(address target, bytes calldata data) external {
        (_target, _callback) = (target, data);
    }

    receive() external payable {
        require(accepts, "no ETH, please");
        if (_target != address(0)) _call(_target, _callback, 0);
    }

    function _call(address target, bytes memory data, uint256 value) private returns (bytes memory) {
        (bool done, bytes memory answer) = target.call{value: value}(data);
        if (!done) {
            assembly ("memory-safe") {
                revert(add(answer, 32), mload(answer))
            }
        }
        return answer;
    }
}
