"""Disputes on the tests' chain: the game as one account moves it, and two sides that play it to its end."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field

from fraction.adapters.traces.job import Job, small_job
from fraction.app.disputes import DisputeGame, advance_dispute
from fraction.base import Address, Digest, Instant, Wei, sha256_of
from fraction.verification.claim import Plan, Specification
from fraction.verification.dispute import Evidence, Position, Proof, Showing, Stage, Tree
from tests.contracts.chain import Decoded, gas_used
from tests.contracts.world import BOND, SALT, TaskPhase, World

STEPS = 6
ADAPTER = b"\x0a" * 32


def job() -> Job:
    """Return the training that the disputes are about."""
    return small_job(STEPS)


def manifest_of(specification: Specification) -> bytes:
    """Return a task's manifest that names the specification."""
    manifest = {"agent": 'a "specification":"', "specification": specification.digest(), "zeal": 1}
    return json.dumps(manifest, sort_keys=True, separators=(",", ":")).encode()


def words(digest: str) -> bytes:
    return bytes.fromhex(digest)


def fields(s: Specification) -> tuple[object, ...]:
    """Return a specification as the contract takes it."""
    return words(s.plans), words(s.constants), s.constant_count, words(s.initial), s.states, s.steps


def plan_fields(plan: Plan) -> tuple[object, ...]:
    return words(plan.program), plan.operators, words(plan.data), plan.data_count


def proof_fields(proof: Proof) -> tuple[object, ...]:
    inputs = [(i.row, list(i.row_proof), i.value, list(i.value_proof)) for i in proof.inputs]
    return proof.column, proof.operator, proof.row, inputs, proof.previous, list(proof.previous_proof)


@dataclass
class GameOf(DisputeGame):
    """The game as `player` moves it; keeps the gas of each move."""

    world: World
    player: str
    gas: list[tuple[str, int]] = field(default_factory=list[tuple[str, int]])

    @property
    def account(self) -> Address:
        return Address(self.player)

    @property
    def bond(self) -> Wei:
        return Wei(BOND)

    def send(self, function: str, *arguments: object, value: int = 0) -> Decoded:
        receipt = self.world.game.send(self.player, function, *arguments, value=value)
        self.gas.append((function, gas_used(receipt)))
        return receipt

    def gas_of(self, number: int) -> tuple[tuple[str, int], ...]:
        return tuple(self.gas)

    def open(self, task: int, defender: Address, specification: Specification, manifest: bytes) -> int:
        head, tail = split(manifest, specification)
        receipt = self.send("open", task, defender, fields(specification), head, tail, value=BOND)
        return self.world.game.event(receipt, "Opened").id

    def open_claim(self, number: int, steps: bytes) -> None:
        self.send("openClaim", number, steps)

    def show(self, number: int, position: Position, nodes: tuple[bytes, ...]) -> None:
        self.send("show", number, list(nodes))

    def pick(self, number: int, position: Position, place: int) -> None:
        self.send("pick", number, list(position.showings[-1].nodes), place)

    def open_trace(self, number: int, operators: bytes) -> None:
        self.send("openTrace", number, operators)

    def choose_tree(
        self, number: int, specification: Specification, plan: Plan, proof: tuple[bytes, ...], in_state: bool
    ) -> None:
        self.send("chooseTree", number, fields(specification), plan_fields(plan), list(proof), in_state)

    def show_operator(
        self, number: int, specification: Specification, plan: Plan, operator: bytes, proof: tuple[bytes, ...]
    ) -> None:
        self.send("showOperator", number, fields(specification), plan_fields(plan), operator, list(proof))

    def show_row(self, number: int, row: bytes) -> None:
        self.send("showRow", number, row)

    def prove(self, number: int, specification: Specification, plan: Plan, proof: Proof) -> None:
        self.send("prove", number, fields(specification), plan_fields(plan), proof_fields(proof))

    def time_out(self, number: int) -> None:
        self.send("timeOut", number)

    def disputes(self) -> int:
        return int(self.world.game.call("disputeCount"))

    def position(self, number: int) -> Position:
        told = self.world.game.call("disputeOf", number)
        rows = [bytes(log.words) for log in self._logs("RowShown", number)]
        showings = [
            Showing(Tree(log.tree), log.level, log.index, tuple(map(bytes, log.nodes)))
            for log in self._logs("Shown", number)
        ]
        return Position(
            task=told.task,
            defender=Address(told.defender),
            challenger=Address(told.challenger),
            claim=Digest(bytes(told.claim).hex()),
            stage=Stage(told.stage),
            deadline=Instant(told.deadline),
            tree=Tree(told.tree),
            level=told.level,
            index=told.index,
            step=told.step,
            operators=bytes(told.operators),
            operator=told.operator,
            row=told.row,
            showings=tuple(showings),
            row_words=rows[-1] if rows else b"",
        )

    def ruling(self, number: int) -> tuple[int, int] | None:
        found = self._logs("Ruled", number)
        return (found[-1].expected, found[-1].claimed) if found else None

    def _logs(self, name: str, number: int) -> list[Decoded]:
        logs = self.world.game.contract.events[name]().get_logs(from_block=0, argument_filters={"id": number})
        return [log.args for log in logs]


@dataclass
class Players:
    """A task whose first node claims one thing and whose second found another."""

    world: World
    task: int
    manifest: bytes
    theirs: Evidence
    ours: Evidence
    defender: GameOf
    challenger: GameOf

    def open(self) -> int:
        """Let the challenger open a dispute; return its number."""
        return self.challenger.open(self.task, self.defender.account, self.ours.specification, self.manifest)

    def moves(self, number: int) -> Iterator[Stage]:
        """Play on, giving the stage before each move, until it is over or nobody can move."""
        while not (stage := self.challenger.position(number).stage).is_over:
            yield stage
            if stage.is_defenders:
                advance_dispute(self.defender, self.theirs, number)
            else:
                advance_dispute(self.challenger, self.ours, number)

    def until(self, number: int, wanted: Stage) -> None:
        """Play until it is that stage's turn."""
        for stage in self.moves(number):
            if stage is wanted:
                return
        raise AssertionError(f"the dispute never came to {wanted}")

    def play(self, number: int) -> Stage:
        """Play to the end; return how it ended."""
        for _ in self.moves(number):
            pass
        return self.challenger.position(number).stage


def players(world: World, theirs: Evidence, ours: Evidence, dispute: int = 10_000) -> Players:
    """Return a task in which the trainer revealed `theirs` and the three verifiers `ours`."""
    manifest = manifest_of(ours.specification)
    digest = words(sha256_of(manifest))
    task = world.drawn_task(manifest=digest, dispute=dispute)
    trainer, *verifiers = world.panel
    claims = {trainer: theirs.claim, **dict.fromkeys(verifiers, ours.claim)}
    for node, claim in claims.items():
        commitment = world.registry.call("commitmentOf", task, node, words(claim), ADAPTER, SALT)
        world.registry.send(node, "commit", task, commitment)
    for node, claim in claims.items():
        world.registry.send(node, "reveal", task, words(claim), ADAPTER, SALT)
    assert world.task_phase(task) == (TaskPhase.DISPUTABLE if dispute else TaskPhase.SETTLEABLE)
    return Players(world, task, manifest, theirs, ours, GameOf(world, trainer), GameOf(world, verifiers[0]))


def split(manifest: bytes, specification: Specification) -> tuple[bytes, bytes]:
    """Return a manifest before and after its specification."""
    head, _, tail = manifest.partition(b'"specification":"' + specification.digest().encode() + b'"')
    return head, tail
