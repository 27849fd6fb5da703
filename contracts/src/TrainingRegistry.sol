// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {NodeWork} from "./NodeWork.sol";
import {IStakeVault} from "./interfaces/IStakeVault.sol";
import {ITrainingRegistry} from "./interfaces/ITrainingRegistry.sol";

/// @title Training tasks: one node trains, others recompute, a quorum of equal results decides
contract TrainingRegistry is ITrainingRegistry, NodeWork {
    uint256 public constant MAX_VERIFIERS = 14;
    /// @notice Stake lost by a node whose result is not the accepted one.
    uint256 public constant MISMATCH_BPS = 1_000;
    /// @notice Stake lost by a node whose result was refuted by arithmetic.
    uint256 public constant REFUTED_BPS = 5_000;

    address private immutable _deployer;
    /// @inheritdoc ITrainingRegistry
    address public game;

    /// @inheritdoc ITrainingRegistry
    uint256 public taskCount;

    mapping(uint256 id => Task) private _tasks;
    mapping(uint256 id => mapping(address node => Answer)) private _answers;
    /// @dev Claims in which the referee found a wrong number.
    mapping(uint256 id => mapping(bytes32 root => bool)) private _isWrong;

    modifier inPhase(uint256 id, Phase wanted) {
        Phase phase = phaseOf(id);
        if (phase != wanted) revert WrongPhase(id, phase);
        _;
    }

    modifier onlyGame() {
        if (msg.sender != game) revert NotGame(msg.sender);
        _;
    }

    /// @param deployer_ may call `wire` once (named, because a factory makes this contract at a computed address)
    constructor(
        address vault_,
        address randomness_,
        address treasury_,
        address[] memory tokens,
        address deployer_
    ) NodeWork(vault_, randomness_, treasury_, tokens) {
        _deployer = deployer_;
    }

    /// @inheritdoc ITrainingRegistry
    function wire(address game_) external {
        if (msg.sender != _deployer) revert NotDeployer(msg.sender);
        if (game != address(0)) revert AlreadyWired();
        if (game_ == address(0)) revert ZeroAddress();
        game = game_;
        emit Wired(game_);
    }

    /// @inheritdoc ITrainingRegistry
    function open(
        bytes32 manifest,
        address asset,
        uint96 fee,
        uint8 verifiers,
        uint8 quorum,
        uint32 commitSeconds,
        uint32 revealSeconds,
        uint32 disputeSeconds
    ) external payable nonReentrant returns (uint256 id) {
        if (!isAllowed(asset)) revert AssetNotAllowed(asset);
        if (manifest == 0) revert EmptyDigest();
        if (verifiers == 0 || verifiers > MAX_VERIFIERS) revert TermOutOfBounds("verifiers", verifiers);
        if (quorum <= (verifiers + 1) / 2 || quorum > verifiers + 1) revert TermOutOfBounds("quorum", quorum);
        _checkPeriod("commitSeconds", commitSeconds);
        _checkPeriod("revealSeconds", revealSeconds);
        if (disputeSeconds > MAX_PERIOD) revert TermOutOfBounds("disputeSeconds", disputeSeconds);
        id = ++taskCount;
        Task storage task = _tasks[id];
        (task.manifest, task.asset, task.fee, task.opener) = (manifest, asset, fee, msg.sender);
        (task.verifiers, task.quorum) = (verifiers, quorum);
        (task.commitSeconds, task.revealSeconds, task.disputeSeconds) = (commitSeconds, revealSeconds, disputeSeconds);
        _go(task, Phase.DRAWING);
        uint256 ticket = _takeTicket(task);
        emit Opened(
            id,
            msg.sender,
            manifest,
            asset,
            fee,
            verifiers,
            quorum,
            commitSeconds,
            revealSeconds,
            disputeSeconds,
            ticket,
            task.deadline
        );
        _take(asset, fee);
    }

    /// @inheritdoc ITrainingRegistry
    function draw(uint256 id) external inPhase(id, Phase.DRAWING) {
        Task storage task = _tasks[id];
        bytes32 seed = _seed(id, task.ticket);
        if (seed == 0) {
            emit Rearmed(id, _takeTicket(task));
            return;
        }
        (address trainer, address[] memory verifiers) = _draw(id, task, seed);
        task.nodes.push(trainer);
        for (uint256 i; i < verifiers.length; ++i) task.nodes.push(verifiers[i]);
        address[] memory nodes = task.nodes;
        for (uint256 i; i < nodes.length; ++i) _answers[id][nodes[i]].drawn = true;
        _go(task, Phase.COMMITTING);
        emit NodesDrawn(id, trainer, verifiers, task.deadline);
        for (uint256 i; i < nodes.length; ++i) _vault.lock(_roleAt(i), nodes[i]);
    }

    /// @inheritdoc ITrainingRegistry
    function commit(uint256 id, bytes32 commitment) external inPhase(id, Phase.COMMITTING) {
        Task storage task = _tasks[id];
        Answer storage answer = _drawn(id);
        if (commitment == 0) revert EmptyDigest();
        if (answer.commitment == 0 && ++task.commits == task.nodes.length) {
            task.deadline = uint40(block.timestamp); // nobody is missing: the time to reveal begins
        }
        answer.commitment = commitment;
        emit Committed(id, msg.sender, commitment, task.deadline);
    }

    /// @inheritdoc ITrainingRegistry
    function reveal(uint256 id, bytes32 root, bytes32 adapter, bytes32 salt) external inPhase(id, Phase.REVEALING) {
        Answer storage answer = _drawn(id);
        if (root == 0 || adapter == 0) revert EmptyDigest();
        if (answer.root != 0) revert AlreadyRevealed(id, msg.sender);
        if (answer.commitment != commitmentOf(id, msg.sender, root, adapter, salt)) {
            revert CommitmentMismatch(id, msg.sender);
        }
        (answer.root, answer.adapter) = (root, adapter);
        Task storage task = _tasks[id];
        if (++task.reveals == task.commits) task.revealedAt = uint40(block.timestamp);
        emit Revealed(id, msg.sender, root, adapter);
    }

    /// @inheritdoc ITrainingRegistry
    function beginDispute(uint256 id, address node) external onlyGame inPhase(id, Phase.DISPUTABLE) {
        if (_answers[id][node].root == 0) revert NotDrawn(id, node);
        ++_tasks[id].disputes;
        emit DisputeBegun(id, node);
    }

    /// @inheritdoc ITrainingRegistry
    function endDispute(uint256 id, address node, Ruling ruling) external onlyGame {
        Task storage task = _tasks[id];
        Answer storage answer = _answers[id][node];
        --task.disputes;
        if (ruling == Ruling.WRONG) _isWrong[id][answer.root] = true;
        uint256 amount;
        if (ruling != Ruling.DEFENDED && !answer.refuted) {
            answer.refuted = true;
            ++task.refutations;
            IStakeVault.Role role = _roleAt(node == task.nodes[0] ? 0 : 1);
            amount = _stakePart(role, node, REFUTED_BPS);
            if (amount != 0) amount = _vault.slash(role, node, amount, "refuted");
        }
        emit DisputeEnded(id, node, ruling, amount);
    }

    /// @inheritdoc ITrainingRegistry
    function settle(uint256 id) external nonReentrant inPhase(id, Phase.SETTLEABLE) {
        Task storage task = _tasks[id];
        address[] memory nodes = task.nodes;
        address agreed = _quorumNode(id, nodes, task.quorum);
        if (agreed == address(0) && task.refutations != 0) agreed = _soleResult(id, nodes);
        if (agreed == address(0)) {
            _fail(id, task, nodes);
        } else {
            _accept(id, task, nodes, _answers[id][agreed]);
        }
    }

    /// @inheritdoc ITrainingRegistry
    function cancel(uint256 id) external inPhase(id, Phase.CANCELLABLE) {
        Task storage task = _tasks[id];
        task.stage = Phase.CANCELLED;
        _credit(task.opener, task.asset, task.fee);
        emit Cancelled(id, task.fee);
    }

    /// @inheritdoc ITrainingRegistry
    function commitmentOf(uint256 id, address node, bytes32 root, bytes32 adapter, bytes32 salt)
        public
        view
        returns (bytes32)
    {
        return keccak256(abi.encode(block.chainid, address(this), id, node, root, adapter, salt));
    }

    /// @inheritdoc ITrainingRegistry
    function phaseOf(uint256 id) public view returns (Phase) {
        Task storage task = _tasks[id];
        bool late = block.timestamp >= task.deadline;
        if (task.stage == Phase.DRAWING) return late ? Phase.CANCELLABLE : Phase.DRAWING;
        if (task.stage != Phase.COMMITTING || !late) return task.stage;
        if (task.reveals < task.commits && block.timestamp < _revealEnd(task)) return Phase.REVEALING;
        return task.disputes != 0 || block.timestamp < _disputeEnd(task) ? Phase.DISPUTABLE : Phase.SETTLEABLE;
    }

    /// @inheritdoc ITrainingRegistry
    function deadlineOf(uint256 id) external view returns (uint256) {
        Phase phase = phaseOf(id);
        if (phase == Phase.REVEALING) return _revealEnd(_tasks[id]);
        if (phase == Phase.DISPUTABLE) return _disputeEnd(_tasks[id]);
        return phase == Phase.DRAWING || phase == Phase.COMMITTING ? _tasks[id].deadline : 0;
    }

    /// @inheritdoc ITrainingRegistry
    function taskOf(uint256 id) external view returns (Task memory) {
        return _tasks[id];
    }

    /// @inheritdoc ITrainingRegistry
    function answerOf(uint256 id, address node) external view returns (Answer memory) {
        return _answers[id][node];
    }

    /// @dev Enter a stage that lasts `commitSeconds` from now.
    function _go(Task storage task, Phase stage) private {
        task.stage = stage;
        task.deadline = uint40(block.timestamp + task.commitSeconds);
    }

    function _takeTicket(Task storage task) private returns (uint256 ticket) {
        ticket = _randomness.ticket();
        (task.ticket, task.ticketBlock) = (uint64(ticket), uint64(block.number));
    }

    /// @dev A trainer who is not the opener, and verifiers who are neither.
    function _draw(uint256 id, Task storage task, bytes32 seed)
        private
        view
        returns (address trainer, address[] memory verifiers)
    {
        address[] memory excluded = new address[](1);
        excluded[0] = task.opener;
        address[] memory trainers = _vault.draw(IStakeVault.Role.TRAINER, seed, 1, task.ticketBlock, excluded);
        if (trainers.length == 0) revert TooFewNodes(id, 0, task.quorum);
        trainer = trainers[0];
        excluded = new address[](2);
        (excluded[0], excluded[1]) = (task.opener, trainer);
        verifiers = _vault.draw(IStakeVault.Role.VERIFIER, seed, task.verifiers, task.ticketBlock, excluded);
        if (verifiers.length + 1 < task.quorum) revert TooFewNodes(id, verifiers.length + 1, task.quorum);
    }

    /// @dev The caller's answer, who was drawn.
    function _drawn(uint256 id) private view returns (Answer storage answer) {
        answer = _answers[id][msg.sender];
        if (!answer.drawn) revert NotDrawn(id, msg.sender);
    }

    function _revealEnd(Task storage task) private view returns (uint256) {
        return task.revealedAt != 0 ? task.revealedAt : uint256(task.deadline) + task.revealSeconds;
    }

    /// @dev If nothing was revealed, there is nothing to dispute.
    function _disputeEnd(Task storage task) private view returns (uint256) {
        return task.reveals == 0 ? 0 : _revealEnd(task) + task.disputeSeconds;
    }

    /// @dev The trainer has the first place.
    function _roleAt(uint256 place) private pure returns (IStakeVault.Role) {
        return place == 0 ? IStakeVault.Role.TRAINER : IStakeVault.Role.VERIFIER;
    }

    /// @dev A node whose result a quorum shares, or 0. There is one such result at most: a quorum is a majority.
    function _quorumNode(uint256 id, address[] memory nodes, uint256 quorum) private view returns (address) {
        for (uint256 i; i + quorum <= nodes.length; ++i) {
            if (!_counts(id, nodes[i])) continue;
            uint256 equal = 1;
            for (uint256 k = i + 1; k < nodes.length; ++k) {
                if (_counts(id, nodes[k]) && _isEqual(_answers[id][nodes[i]], _answers[id][nodes[k]])) ++equal;
            }
            if (equal >= quorum) return nodes[i];
        }
        return address(0);
    }

    /// @dev A node with the one result that is left when the refuted ones do not count, or 0.
    function _soleResult(uint256 id, address[] memory nodes) private view returns (address sole) {
        for (uint256 i; i < nodes.length; ++i) {
            if (!_counts(id, nodes[i])) continue;
            if (sole == address(0)) sole = nodes[i];
            else if (!_isEqual(_answers[id][sole], _answers[id][nodes[i]])) return address(0);
        }
    }

    /// @dev Whether the node revealed a result that nobody refuted.
    function _counts(uint256 id, address node) private view returns (bool) {
        Answer storage answer = _answers[id][node];
        return answer.root != 0 && !answer.refuted && !_isWrong[id][answer.root];
    }

    function _isEqual(Answer storage a, Answer storage b) private view returns (bool) {
        return a.root == b.root && a.adapter == b.adapter;
    }

    function _accept(uint256 id, Task storage task, address[] memory nodes, Answer storage accepted) private {
        bool[] memory agrees = new bool[](nodes.length);
        uint256[] memory slashes = new uint256[](nodes.length);
        uint256[] memory fees = new uint256[](nodes.length);
        for (uint256 i; i < nodes.length; ++i) {
            agrees[i] = _counts(id, nodes[i]) && _isEqual(_answers[id][nodes[i]], accepted);
            if (!agrees[i]) slashes[i] = _penalty(id, nodes[i], i, MISMATCH_BPS);
        }
        uint256 treasuryFee = task.fee - _shareAmong(agrees, fees, task.fee);
        (task.stage, task.root, task.adapter) = (Phase.ACCEPTED, accepted.root, accepted.adapter);
        for (uint256 i; i < nodes.length; ++i) _credit(nodes[i], task.asset, fees[i]);
        _credit(treasury, task.asset, treasuryFee);
        emit Accepted(id, accepted.root, accepted.adapter, fees, slashes, treasuryFee);
        for (uint256 i; i < nodes.length; ++i) {
            Answer storage answer = _answers[id][nodes[i]];
            if (!agrees[i] && answer.root != 0) {
                emit Mismatched(id, nodes[i], answer.root, answer.adapter, slashes[i]);
            }
        }
        _dismissAll(id, nodes, slashes);
    }

    function _fail(uint256 id, Task storage task, address[] memory nodes) private {
        uint256[] memory slashes = new uint256[](nodes.length);
        for (uint256 i; i < nodes.length; ++i) {
            bool wrong = _isWrong[id][_answers[id][nodes[i]].root];
            slashes[i] = _penalty(id, nodes[i], i, wrong ? MISMATCH_BPS : 0);
        }
        task.stage = Phase.FAILED;
        _credit(task.opener, task.asset, task.fee);
        emit Failed(id, task.fee, slashes);
        _dismissAll(id, nodes, slashes);
    }

    /// @dev What the node at `place` loses: for not revealing, or `revealedBps` although it did.
    function _penalty(uint256 id, address node, uint256 place, uint256 revealedBps) private view returns (uint256) {
        if (_answers[id][node].refuted) return 0; // it was slashed when it lost the dispute
        return _stakePart(_roleAt(place), node, _answers[id][node].root == 0 ? NO_SHOW_BPS : revealedBps);
    }

    function _dismissAll(uint256 id, address[] memory nodes, uint256[] memory slashes) private {
        for (uint256 i; i < nodes.length; ++i) {
            bytes32 reason = _answers[id][nodes[i]].root == 0 ? bytes32("no-show") : bytes32("mismatch");
            _dismiss(_roleAt(i), nodes[i], slashes[i], reason);
        }
    }
}
