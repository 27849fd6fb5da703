// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {ISessionEscrow} from "../../src/interfaces/ISessionEscrow.sol";
import {IStakeVault} from "../../src/interfaces/IStakeVault.sol";
import {ITrainingRegistry} from "../../src/interfaces/ITrainingRegistry.sol";
import {vm} from "./Vm.sol";

/// @dev What the test coin has beside the standard.
interface IFaucet {
    function faucet(uint256 amount) external;
}

/// @title All contracts on one stage, and everybody who acts on it
/// @dev What is deployed is the bytecode of the committed artifacts, which `contracts/invariants.py` puts into `out/`.
/// Chance comes as a number `dice`, from which each question takes its own part by `_roll`.
abstract contract Stage {
    uint256 internal constant STAKE = 1_000e18;
    uint256 internal constant THAW = 500;
    uint256 internal constant PLAYERS = 5;
    uint256 internal constant JUDGES = 14;
    uint256 internal constant TRAINERS = 2;
    uint256 internal constant VERIFIERS = 4;
    address internal constant TREASURY = address(0x7EA5);
    address internal constant OPENER = address(0x0BE2);

    /// @dev What the constructor of `Parameters` takes.
    struct Values {
        uint256 protocolFeeBps;
        uint256 openerBondBps;
        uint256 appealSeconds;
        uint256 minimumQuorum;
        uint16[][] curves;
        address[] assets;
    }

    IERC20 public immutable frac;
    IERC20 public immutable usd;
    IStakeVault public immutable vault;
    ISessionEscrow public immutable escrow;
    ITrainingRegistry public immutable registry;

    /// @notice How often each kind of thing happened; `report` writes it down.
    mapping(bytes32 what => uint256) public seen;
    bytes32[] internal _kinds;

    constructor() {
        frac = IERC20(_deploy("FracToken", abi.encode(address(this), 1_000_000e18)));
        usd = IERC20(_deploy("TestUSD", ""));
        address randomness = _deploy("BlockhashRandomness", "");
        bytes memory stakes = abi.encode(frac, TREASURY, STAKE / 2, THAW, address(this));
        vault = IStakeVault(_deploy("StakeVault", stakes));
        address parameters = _deploy("Parameters", abi.encode(address(this), _values()));
        escrow = ISessionEscrow(_deploy("SessionEscrow", abi.encode(vault, randomness, TREASURY, parameters)));
        address[] memory tokens = new address[](1);
        tokens[0] = address(usd);
        bytes memory registering = abi.encode(vault, randomness, TREASURY, tokens, address(this));
        registry = ITrainingRegistry(_deploy("TrainingRegistry", registering));
        vault.wire(address(escrow), address(registry));
        for (uint256 i; i < PLAYERS; ++i) _enrich(player(i));
        _enrich(OPENER);
        for (uint256 i; i < JUDGES + TRAINERS + VERIFIERS; ++i) {
            (IStakeVault.Role role, address node) = nodeAt(i);
            frac.transfer(node, 10 * STAKE);
            vm.prank(node);
            frac.approve(address(vault), type(uint256).max);
            vm.prank(node);
            vault.register(role, STAKE, "http://node");
        }
        vm.roll(block.number + 1);
    }

    function player(uint256 i) public pure returns (address) {
        return address(uint160(0x1000 + i));
    }

    /// @notice The `i`th node: the judges first, then the trainers, then the verifiers.
    function nodeAt(uint256 i) public pure returns (IStakeVault.Role role, address node) {
        node = address(uint160(0x2000 + i));
        if (i < JUDGES) role = IStakeVault.Role.JUDGE;
        else role = i < JUDGES + TRAINERS ? IStakeVault.Role.TRAINER : IStakeVault.Role.VERIFIER;
    }

    /// @notice Everybody that money can be owed to.
    function accounts() public pure returns (address[] memory all) {
        uint256 nodes = JUDGES + TRAINERS + VERIFIERS;
        all = new address[](PLAYERS + nodes + 2);
        for (uint256 i; i < PLAYERS; ++i) all[i] = player(i);
        for (uint256 i; i < nodes; ++i) (, all[PLAYERS + i]) = nodeAt(i);
        (all[PLAYERS + nodes], all[PLAYERS + nodes + 1]) = (TREASURY, OPENER);
    }

    /// @notice Append what was seen in this run to a file.
    function report(string calldata path) external {
        for (uint256 i; i < _kinds.length; ++i) {
            string memory count = vm.toString(seen[_kinds[i]]);
            vm.writeLine(path, string.concat(_text(_kinds[i]), " ", count));
        }
    }

    function _see(bytes32 what) internal {
        if (seen[what]++ == 0) _kinds.push(what);
    }

    /// @dev A number below `bound` for one question.
    function _roll(uint256 dice, string memory question, uint256 bound) internal pure returns (uint256) {
        return uint256(keccak256(abi.encode(dice, question))) % bound;
    }

    function _passTo(uint256 time) internal {
        if (time > block.timestamp) vm.warp(time);
    }

    function _passBlock() internal {
        vm.roll(block.number + 2);
        vm.warp(block.timestamp + 1);
    }

    function _deploy(string memory name, bytes memory arguments) private returns (address made) {
        bytes memory code = vm.parseBytes(vm.readFile(string.concat("out/", name, ".hex")));
        code = bytes.concat(code, arguments);
        assembly ("memory-safe") {
            made := create(0, add(code, 32), mload(code))
        }
        require(made != address(0), name);
    }

    function _enrich(address account) private {
        vm.deal(account, 1e30);
        vm.prank(account);
        IFaucet(address(usd)).faucet(1e30);
        vm.prank(account);
        usd.approve(address(escrow), type(uint256).max);
        vm.prank(account);
        usd.approve(address(registry), type(uint256).max);
    }

    function _values() private view returns (Values memory values) {
        values.protocolFeeBps = 1_000;
        values.openerBondBps = 5_000;
        values.appealSeconds = 300;
        values.minimumQuorum = 2;
        values.curves = new uint16[][](2);
        values.curves[0] = curve(0);
        values.curves[1] = curve(1);
        values.assets = new address[](2);
        values.assets[1] = address(usd);
    }

    function curve(uint256 which) public pure returns (uint16[] memory bps) {
        bps = new uint16[](which == 0 ? 3 : 1);
        if (which == 0) (bps[0], bps[1], bps[2]) = (5_000, 3_000, 2_000);
        else bps[0] = 10_000;
    }

    function _text(bytes32 what) private pure returns (string memory) {
        uint256 length;
        while (length < 32 && what[length] != 0) ++length;
        bytes memory text = new bytes(length);
        for (uint256 i; i < length; ++i) text[i] = what[i];
        return string(text);
    }
}
