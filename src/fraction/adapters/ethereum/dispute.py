"""The dispute game, as one account sees and moves it."""

from fraction.adapters.ethereum.abi import Record
from fraction.adapters.ethereum.contract import Chain, Contract, topic_of
from fraction.base import Address, Digest, Instant, Rejected, Wei
from fraction.verification.claim import Plan, Specification
from fraction.verification.dispute import Position, Proof, Showing, Stage, Tree

_KEY = b'"specification":"'


class EthereumDisputes:
    """Disputes on chain; a `DisputeGame`."""

    def __init__(self, chain: Chain) -> None:
        self._chain = chain

    @property
    def _game(self) -> Contract:
        return Contract(self._chain, "DisputeGame")

    @property
    def account(self) -> Address:
        """Whose moves these are."""
        return self._chain.sender.address

    @property
    def bond(self) -> Wei:
        """What a challenger pays to open a dispute."""
        return Wei(self._game.read_integer("bond"))

    def open(self, task: int, defender: Address, specification: Specification, manifest: bytes) -> int:
        """Call what `defender` revealed for a task wrong; return the dispute's number. The same arguments open one.

        Raises:
            Rejected: the manifest does not name the specification.
        """
        key = _KEY + specification.digest().encode() + b'"'
        head, found, tail = manifest.partition(key)
        if not found:
            raise Rejected("The manifest names another specification; dispute the task that you recomputed.")
        arguments = (task, defender, _fields(specification), head, tail)
        receipt = self._game.send(f"open/{task}/{defender}", "open", *arguments, value=self.bond)
        return self._game.events_in(receipt, "Opened")[0].integer("id")

    def open_claim(self, number: int, steps: bytes) -> None:
        """Open the claim to the root over its steps."""
        self._game.send(f"{number}/claim", "openClaim", number, steps)

    def show(self, number: int, position: Position, nodes: tuple[bytes, ...]) -> None:
        """Show the nodes beneath the present one."""
        self._game.send(f"{number}/show/{_place(position)}", "show", number, list(nodes))

    def pick(self, number: int, position: Position, place: int) -> None:
        """Go on at one of the nodes just shown."""
        nodes = list(position.showings[-1].nodes)
        self._game.send(f"{number}/pick/{_place(position)}", "pick", number, nodes, place)

    def open_trace(self, number: int, operators: bytes) -> None:
        """Commit to the values of the step."""
        self._game.send(f"{number}/trace", "openTrace", number, operators)

    def choose_tree(
        self, number: int, specification: Specification, plan: Plan, proof: tuple[bytes, ...], in_state: bool
    ) -> None:
        """Show the step's plan, and go on in the state or before it."""
        arguments = (number, _fields(specification), _plan(plan), list(proof), in_state)
        self._game.send(f"{number}/tree", "chooseTree", *arguments)

    def show_operator(
        self, number: int, specification: Specification, plan: Plan, operator: bytes, proof: tuple[bytes, ...]
    ) -> None:
        """Show the operator that was picked."""
        arguments = (number, _fields(specification), _plan(plan), operator, list(proof))
        self._game.send(f"{number}/operator", "showOperator", *arguments)

    def show_row(self, number: int, row: bytes) -> None:
        """Show the row that was picked."""
        self._game.send(f"{number}/row", "showRow", number, row)

    def prove(self, number: int, specification: Specification, plan: Plan, proof: Proof) -> None:
        """Prove what the number follows from; the referee decides."""
        arguments = (number, _fields(specification), _plan(plan), _proof(proof))
        self._game.send(f"{number}/prove", "prove", *arguments)

    def time_out(self, number: int) -> None:
        """End a dispute in which somebody was silent for too long."""
        self._game.send(f"{number}/time-out", "timeOut", number)

    def disputes(self) -> int:
        """Return how many there were; their numbers are 1 to this."""
        return self._game.read_integer("disputeCount")

    def position(self, number: int) -> Position:
        """Return where a dispute stands."""
        self._chain.lanes.tend()
        told = self._game.read("disputeOf", number).record("0")
        happenings = self._game.happenings(None, topic_of(number))
        rows = [h.event.raw("words") for h in happenings if h.event.kind == "RowShown"]
        return Position(
            task=told.integer("task"),
            defender=told.address("defender"),
            challenger=told.address("challenger"),
            claim=told.digest("claim"),
            stage=Stage(told.integer("stage")),
            deadline=Instant(told.integer("deadline")),
            tree=Tree(told.integer("tree")),
            level=told.integer("level"),
            index=told.integer("index"),
            step=told.integer("step"),
            operators=told.raw("operators"),
            operator=told.integer("operator"),
            row=told.integer("row"),
            showings=tuple(_showing(h.event) for h in happenings if h.event.kind == "Shown"),
            row_words=rows[-1] if rows else b"",
        )

    def ruling(self, number: int) -> tuple[int, int] | None:
        """Return the bits that the referee found and those that the defender had; None if it did not come to that."""
        found = self._game.happenings("Ruled", topic_of(number))
        return (found[-1].event.integer("expected"), found[-1].event.integer("claimed")) if found else None

    def gas_of(self, number: int) -> tuple[tuple[str, int], ...]:
        """Return each transaction of a dispute, by its last event, and the gas that it used, in order."""
        events = {h.log.transaction: h.event.kind for h in self._game.happenings(None, topic_of(number))}
        return tuple((event, self._gas(transaction)) for transaction, event in events.items())

    def _gas(self, transaction: str) -> int:
        receipt = self._chain.rpc.receipt(transaction)
        return receipt.gas_used if receipt else 0


def _showing(event: Record) -> Showing:
    return Showing(Tree(event.integer("tree")), event.integer("level"), event.integer("index"), event.raws("nodes"))


def _place(position: Position) -> str:
    return f"{position.tree.name}/{position.level}/{position.index}"


def _bytes(digest: Digest) -> bytes:
    return bytes.fromhex(digest)


def _fields(s: Specification) -> tuple[object, ...]:
    return _bytes(s.plans), _bytes(s.constants), s.constant_count, _bytes(s.initial), s.states, s.steps


def _plan(plan: Plan) -> tuple[object, ...]:
    return _bytes(plan.program), plan.operators, _bytes(plan.data), plan.data_count


def _proof(proof: Proof) -> tuple[object, ...]:
    inputs = [(i.row, list(i.row_proof), i.value, list(i.value_proof)) for i in proof.inputs]
    return proof.column, proof.operator, proof.row, inputs, proof.previous, list(proof.previous_proof)
