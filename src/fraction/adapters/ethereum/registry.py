"""Training tasks, as one account sees and moves them."""

from collections.abc import Sequence

from fraction.adapters.ethereum.abi import Record
from fraction.adapters.ethereum.contract import (
    NOBODY,
    Chain,
    Contract,
    Happening,
    await_randomness,
    topic_of,
)
from fraction.adapters.ethereum.escrow import withdraw_from
from fraction.adapters.ethereum.facts import Panel, slashes_of
from fraction.app.chain import TaskAnswer, TaskPhase, TaskState
from fraction.base import Address, Digest, Instant, Wei
from fraction.spaces import Asset

_PHASES = tuple(TaskPhase)
"""In the contract's order."""


class EthereumRegistry:
    """The training registry; a `TrainingRegistry`."""

    def __init__(self, chain: Chain) -> None:
        self._chain = chain
        self._registry = Contract(chain, "TrainingRegistry")

    @property
    def address(self) -> Address:
        """The contract."""
        return self._registry.address

    def open(
        self,
        key: str,
        manifest: Digest,
        fee: Wei,
        verifiers: int,
        quorum: int,
        seconds: int,
        dispute_seconds: int = 0,
    ) -> int:
        """Open a task and pay its fee in ETH; commit and reveal last `seconds` each; return its number."""
        arguments = (bytes.fromhex(manifest), NOBODY, fee, verifiers, quorum, seconds, seconds, dispute_seconds)
        receipt = self._registry.send(f"open/{key}", "open", *arguments, value=fee)
        return self._registry.events_in(receipt, "Opened")[0].integer("id")

    def tasks(self) -> int:
        """Return how many tasks were ever opened."""
        return self._registry.read_integer("taskCount")

    def draw(self, number: int) -> None:
        """Draw trainer and verifiers; again with a new randomness ticket if the old one had expired."""
        while True:
            ticket = self._task(number).integer("ticket")
            await_randomness(self._chain, ticket)
            receipt = self._registry.send(f"draw/{number}/{ticket}", "draw", number)
            if not self._registry.events_in(receipt, "Rearmed"):
                return

    def commit(self, number: int, root: Digest, adapter: Digest, salt: bytes) -> None:
        """Fix this node's result without showing it."""
        own = self._chain.sender.address
        answer = self._registry.read("commitmentOf", number, own, bytes.fromhex(root), bytes.fromhex(adapter), salt)
        commitment = answer.digest("0")
        self._registry.send(f"commit/{number}/{commitment}", "commit", number, bytes.fromhex(commitment))

    def reveal(self, number: int, root: Digest, adapter: Digest, salt: bytes) -> None:
        """Show this node's result."""
        arguments = (number, bytes.fromhex(root), bytes.fromhex(adapter), salt)
        self._registry.send(f"reveal/{number}", "reveal", *arguments)

    def settle(self, number: int) -> None:
        """Count, pay and slash."""
        self._registry.send(f"settle/{number}", "settle", number)

    def cancel(self, number: int) -> None:
        """End a task for which nobody could be drawn in time."""
        self._registry.send(f"cancel/{number}", "cancel", number)

    def withdraw(self) -> Wei:
        """Fetch the ETH that the registry owes this account; return how much it was."""
        return withdraw_from(self._registry, Asset.ETH)

    def state(self, number: int) -> TaskState:
        """Return where the task stands now: what the next block would make of it."""
        self._chain.lanes.tend()
        phase = _PHASES[self._registry.read_integer("phaseOf", number, block="pending")]
        deadline = self._registry.read_integer("deadlineOf", number, block="pending")
        task = self._task(number)
        nodes = task.addresses("nodes")
        happenings = self._registry.happenings(None, topic_of(number))
        answers = _answers(happenings)
        return TaskState(
            phase=phase,
            deadline=Instant(deadline),
            manifest=task.digest("manifest"),
            owner=task.address("opener"),
            fee=Wei(task.integer("fee")),
            trainer=nodes[0] if nodes else None,
            verifiers=nodes[1:],
            quorum=task.integer("quorum"),
            has_committed=tuple(
                dict.fromkeys(h.event.address("node") for h in happenings if h.event.kind == "Committed")
            ),
            answers=answers,
            accepted=_accepted(task, nodes, answers) if phase is TaskPhase.ACCEPTED else None,
            slashes=_slashes(happenings, nodes, answers),
            transactions=tuple(dict.fromkeys(h.log.transaction for h in happenings)),
        )

    def _task(self, number: int) -> Record:
        return self._registry.read("taskOf", number).record("0")


def _answers(happenings: Sequence[Happening]) -> tuple[TaskAnswer, ...]:
    return tuple(
        TaskAnswer(h.event.address("node"), h.event.digest("root"), h.event.digest("adapter"), h.log.transaction)
        for h in happenings
        if h.event.kind == "Revealed"
    )


def _accepted(task: Record, nodes: tuple[Address, ...], answers: Sequence[TaskAnswer]) -> TaskAnswer | None:
    """Return the accepted answer as the first drawn node gave it: the trainer, unless it was wrong."""
    result = task.digest("root"), task.digest("adapter")
    equal = {answer.node: answer for answer in answers if (answer.root, answer.adapter) == result}
    return next((equal[node] for node in nodes if node in equal), None)


def _slashes(
    happenings: Sequence[Happening], nodes: tuple[Address, ...], answers: Sequence[TaskAnswer]
) -> tuple[tuple[Address, Wei, str], ...]:
    panel = Panel(nodes, frozenset(answer.node for answer in answers))
    amounts = next((h.event.integers("slashes") for h in happenings if h.event.kind in ("Accepted", "Failed")), ())
    refuted = [
        (h.event.address("node"), Wei(h.event.integer("amount")), "refuted")
        for h in happenings
        if h.event.kind == "DisputeEnded" and h.event.integer("amount")
    ]
    counted = [(slash.node, slash.amount, slash.reason) for slash in slashes_of(amounts, panel, revealed_as="mismatch")]
    return (*refuted, *counted)
