// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";

/// @title A token that may keep a fee, answer no, or call back, for tests
contract OddToken is ERC20("Odd", "ODD") {
    uint256 public feeBps;
    bool public answersNo;
    address private _target;
    bytes private _callback;

    function mint(address to, uint256 amount) external {
        _mint(to, amount);
    }

    function setFee(uint256 feeBps_) external {
        feeBps = feeBps_;
    }

    function setAnswersNo(bool answersNo_) external {
        answersNo = answersNo_;
    }

    function setCallback(address target, bytes calldata data) external {
        (_target, _callback) = (target, data);
    }

    function transfer(address to, uint256 amount) public override returns (bool) {
        return !answersNo && super.transfer(to, amount);
    }

    function transferFrom(address from, address to, uint256 amount) public override returns (bool) {
        return !answersNo && super.transferFrom(from, to, amount);
    }

    function _update(address from, address to, uint256 amount) internal override {
        super._update(from, to, amount);
        if (from == address(0) || to == address(0)) return;
        if (feeBps != 0) super._update(to, address(0), amount * feeBps / 10_000);
        if (_target == address(0)) return;
        (bool done, bytes memory answer) = _target.call(_callback);
        if (!done) {
            assembly ("memory-safe") {
                revert(add(answer, 32), mload(answer))
            }
        }
    }
}
