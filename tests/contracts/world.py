"""The contracts, deployed and wired, with everybody who plays a part; and the steps of a Session or task."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Any

from web3 import Web3

from tests.contracts.chain import Chain, Decoded, Deployed, Refusal

ETH = "0x" + "00" * 20
ETHER = 10**18
STAKE = 1000 * ETHER
MINIMUM_STAKE = 500 * ETHER
THAW_SECONDS = 500
BOND = ETHER // 100
MOVE_SECONDS = 100
SALT = b"\x05" * 32
VERDICT = b"\x06" * 32
TRANSCRIPT = b"\x07" * 32
MANIFEST = b"\x08" * 32

JUDGE, TRAINER, VERIFIER = 0, 1, 2

Scores = Sequence[int]


class Phase(IntEnum):
    NONE = 0
    OPEN = 1
    CLOSABLE = 2
    SEEDING = 3
    PLAYING = 4
    DRAWING = 5
    COMMITTING = 6
    REVEALING = 7
    REDRAWABLE = 8
    SETTLEABLE = 9
    APPEALABLE = 10
    CONTESTED = 11
    FINALIZABLE = 12
    CANCELLABLE = 13
    SETTLED = 14
    CANCELLED = 15


class TaskPhase(IntEnum):
    NONE = 0
    DRAWING = 1
    COMMITTING = 2
    REVEALING = 3
    DISPUTABLE = 4
    SETTLEABLE = 5
    CANCELLABLE = 6
    ACCEPTED = 7
    FAILED = 8
    CANCELLED = 9


class Outcome(IntEnum):
    PENDING = 0
    UPHELD = 1
    DENIED = 2
    LAPSED = 3


class Reason(IntEnum):
    BY_OPENER = 0
    TOO_FEW_ENTRANTS = 1
    NOT_PUBLISHED = 2
    NOT_DRAWN = 3
    NO_QUORUM = 4


@dataclass(frozen=True)
class Terms:
    """A Session's terms as the contract takes them."""

    space: bytes = b"\x01" * 32
    asset: str = ETH
    fee: int = ETHER // 100
    min_entrants: int = 1
    max_entrants: int = 4
    judges: int = 3
    quorum: int = 3
    tolerance: int = 500
    entry_seconds: int = 1000
    play_seconds: int = 2000
    commit_seconds: int = 3000
    reveal_seconds: int = 4000
    payout_bps: tuple[int, ...] = (5000, 3000, 2000)

    def packed(self) -> tuple[Any, ...]:
        return tuple(getattr(self, name) for name in self.__dataclass_fields__)


@dataclass(frozen=True)
class Result:
    """What a settled Session came to."""

    scores: bytes
    """The first panel's medians, packed."""
    payouts: list[int]
    """By ticket."""
    judge_fees: list[int]
    """By place in the first panel, as all of these."""
    deviations: list[int]
    slashes: list[int]
    treasury: int


def least_quorum(judges: int) -> int:
    """Return more than half of a panel, and three of every panel that has three."""
    return max(judges // 2 + 1, min(judges, 3))


def agent(number: int) -> bytes:
    return (number + 1).to_bytes(32, "big")


def snapshot(number: int) -> bytes:
    return (number + 1001).to_bytes(32, "big")


def packed(scores: Scores) -> bytes:
    """Return scores as two bytes each, big-endian."""
    return b"".join(score.to_bytes(2, "big") for score in scores)


def someone(number: int) -> str:
    """Return an account that has nothing."""
    return Web3.to_checksum_address(f"0x{0xACC0_0000_0000 + number:040x}")


@dataclass
class World:
    """The deployed contracts and the accounts."""

    chain: Chain
    frac: Deployed
    usd: Deployed
    odd: Deployed
    randomness: Deployed
    parameters: Deployed
    vault: Deployed
    escrow: Deployed
    registry: Deployed
    referee: Deployed
    game: Deployed
    deployer: str
    treasury: str
    opener: str
    owners: list[str]
    judges: list[str]
    trainers: list[str]
    verifiers: list[str]
    panel: list[str] = field(default_factory=list[str])

    # Sessions

    def open(self, terms: Terms | None = None) -> int:
        self.escrow.send(self.opener, "open", (terms or Terms()).packed())
        return int(self.escrow.call("sessionCount"))

    def enter(self, id: int, count: int, terms: Terms | None = None) -> None:
        """Let `count` agents enter, each with its own owner while they last."""
        terms = terms or Terms()
        for number in range(count):
            owner = self.owners[number % len(self.owners)]
            if terms.asset == self.usd.address:
                self.usd.send(owner, "faucet", terms.fee)
                self.usd.send(owner, "approve", self.escrow.address, terms.fee)
            value = terms.fee if terms.asset == ETH else 0
            self.escrow.send(owner, "enter", id, agent(number), snapshot(number), owner, value=value)

    def close(self, id: int) -> dict[str, Any]:
        if self.phase(id) == Phase.OPEN:
            self.chain.go_to(self.deadline(id))
        return self.escrow.send(self.opener, "close", id)

    def play(self, id: int) -> None:
        """Close, fix the seed, publish."""
        self.close(id)
        self.chain.mine()
        self.escrow.send(self.opener, "fixSeed", id)
        self.escrow.send(self.opener, "publish", id, TRANSCRIPT)

    def draw(self, id: int) -> list[str]:
        self.chain.mine()
        receipt = self.escrow.send(self.opener, "draw", id)
        self.panel = list(self.escrow.event(receipt, "JudgesDrawn").judges)
        return self.panel

    def drawn(self, entrants: int = 3, terms: Terms | None = None) -> int:
        """Return a Session whose judges are drawn."""
        id = self.open(terms)
        self.enter(id, entrants, terms)
        self.play(id)
        self.draw(id)
        return id

    def commit(self, id: int, judge: str, scores: Scores) -> dict[str, Any]:
        commitment = self.escrow.call("commitmentOf", id, judge, packed(scores), VERDICT, SALT)
        return self.escrow.send(judge, "commit", id, commitment)

    def reveal(self, id: int, judge: str, scores: Scores) -> dict[str, Any]:
        return self.escrow.send(judge, "reveal", id, packed(scores), VERDICT, SALT)

    def judge(self, id: int, rows: Sequence[Scores | None]) -> None:
        """Let the panel commit and reveal these rows, and time pass for those who do not."""
        given = [(judge, row) for judge, row in zip(self.panel, rows, strict=True) if row is not None]
        for judge, row in given:
            self.commit(id, judge, row)
        if self.phase(id) == Phase.COMMITTING:
            self.chain.go_to(self.deadline(id))
        for judge, row in given:
            self.reveal(id, judge, row)

    def settle(self, id: int) -> dict[str, Any]:
        return self.escrow.send(self.opener, "settle", id)

    def finalize(self, id: int) -> dict[str, Any]:
        """Let the time to contest pass, and have everybody paid."""
        if self.phase(id) == Phase.APPEALABLE:
            self.chain.go_to(self.deadline(id))
        return self.escrow.send(self.opener, "finalize", id)

    def result(self, id: int, scored: Decoded, settled: Decoded) -> Result:
        """Return what the events Scored and Settled of a Session without appeals say together."""
        entrants = len(scored.medians) // 2
        scores = [int.from_bytes(scored.medians[2 * t : 2 * t + 2], "big") for t in range(entrants)]
        prizes = {prize.median: prize for prize in settled.prizes}
        judges = [self.escrow.call("judgeOf", id, judge) for judge in self.panel]
        return Result(
            scored.medians,
            [p.share + (t < p.bonusBelow) if (p := prizes.get(s)) else 0 for t, s in enumerate(scores)],
            list(settled.judgeFees),
            [judge.distance // entrants for judge in judges],
            [a + b for a, b in zip(scored.slashes, settled.slashes, strict=True)],
            settled.treasuryFee,
        )

    def settled(self, rows: Sequence[Scores | None], terms: Terms | None = None) -> tuple[int, Result]:
        """Return a Session that was played to the end with these scores, and what it came to."""
        entrants = next(len(row) for row in rows if row is not None)
        id = self.drawn(entrants, terms)
        self.judge(id, rows)
        scored = self.escrow.event(self.settle(id), "Scored")
        return id, self.result(id, scored, self.escrow.event(self.finalize(id), "Settled"))

    def contested(self, tickets: Sequence[int], rows: Sequence[Scores], terms: Terms | None = None) -> int:
        """Return a Session whose first panel gave `rows`, with these tickets contested and a fresh panel drawn."""
        id = self.drawn(len(rows[0]), terms)
        self.judge(id, rows)
        self.settle(id)
        for ticket in tickets:
            self.appeal(id, ticket)
        self.convene(id)
        return id

    def appeal(self, id: int, ticket: int, by: str | None = None) -> dict[str, Any]:
        """Contest a score in ETH."""
        bond = self.escrow.call("bondOf", id)
        return self.escrow.send(by or self.owners[0], "appeal", id, ticket, value=bond)

    def convene(self, id: int) -> list[str]:
        """Let the time to contest pass, and have the next panel drawn."""
        self.chain.go_to(self.deadline(id))
        self.escrow.send(self.opener, "convene", id)
        return self.draw(id)

    def phase(self, id: int) -> Phase:
        return Phase(self.escrow.call("phaseOf", id))

    def deadline(self, id: int) -> int:
        return int(self.escrow.call("deadlineOf", id))

    # training tasks

    def open_task(
        self,
        fee: int = ETHER,
        verifiers: int = 3,
        quorum: int = 3,
        asset: str = ETH,
        commit: int = 3000,
        manifest: bytes = MANIFEST,
        dispute: int = 0,
    ) -> int:
        value = fee if asset == ETH else 0
        args = (manifest, asset, fee, verifiers, quorum, commit, 4000, dispute)
        self.registry.send(self.opener, "open", *args, value=value)
        return int(self.registry.call("taskCount"))

    def drawn_task(
        self, fee: int = ETHER, verifiers: int = 3, quorum: int = 3, manifest: bytes = MANIFEST, dispute: int = 0
    ) -> int:
        id = self.open_task(fee, verifiers, quorum, manifest=manifest, dispute=dispute)
        self.chain.mine()
        receipt = self.registry.send(self.opener, "draw", id)
        drawn = self.registry.event(receipt, "NodesDrawn")
        self.panel = [drawn.trainer, *drawn.verifiers]
        return id

    def work(self, id: int, roots: Sequence[bytes | None]) -> None:
        """Let the drawn nodes commit and reveal these roots, and time pass for those who do not."""
        given = [(node, root) for node, root in zip(self.panel, roots, strict=True) if root is not None]
        for node, root in given:
            commitment = self.registry.call("commitmentOf", id, node, root, root, SALT)
            self.registry.send(node, "commit", id, commitment)
        if self.task_phase(id) == TaskPhase.COMMITTING:
            self.chain.go_to(int(self.registry.call("deadlineOf", id)))
        for node, root in given:
            self.registry.send(node, "reveal", id, root, root, SALT)

    def task_phase(self, id: int) -> TaskPhase:
        return TaskPhase(self.registry.call("phaseOf", id))

    # stakes and money

    def stake(self, role: int, node: str, amount: int = STAKE) -> None:
        """Give `node` FRAC and let it register."""
        self.frac.send(self.deployer, "transfer", node, amount)
        self.frac.send(node, "approve", self.vault.address, amount)
        self.vault.send(node, "register", role, amount, f"http://{node}")

    def owed(self, asset: str, accounts: Iterable[str]) -> int:
        return sum(int(self.escrow.call("balanceOf", account, asset)) for account in set(accounts))

    def held(self, holder: Deployed, asset: str) -> int:
        if asset == ETH:
            return self.chain.balance(holder.address)
        return int(self.chain.at("TestUSD", asset).call("balanceOf", holder.address))


def drawn(
    world: World, count: int = 3, seed: int = 1, excluded: tuple[str, ...] = (), block: int | None = None
) -> list[str]:
    at_block = world.chain.w3.eth.block_number if block is None else block
    return list(world.vault.call("draw", JUDGE, seed.to_bytes(32, "big"), count, at_block, list(excluded)))


def slash(world: World, node: str, amount: int, role: int = JUDGE) -> dict[str, Any]:
    """Take stake in a module's name."""
    module = world.escrow if role == JUDGE else world.registry
    return world.vault.send(module.address, "slash", role, node, amount, b"no-show".ljust(32, b"\0"))


def deploy(chain: Chain) -> World:
    """Return the contracts on a fresh chain: fifteen judges, two trainers and four verifiers have staked."""
    accounts = chain.accounts
    deployer, treasury, opener = accounts[:3]
    frac = chain.deploy(deployer, "FracToken", deployer, 10_000_000 * ETHER)
    usd, odd = chain.deploy(deployer, "TestUSD"), chain.deploy(deployer, "OddToken")
    randomness = chain.deploy(deployer, "BlockhashRandomness")
    vault = chain.deploy(deployer, "StakeVault", frac.address, treasury, MINIMUM_STAKE, THAW_SECONDS, deployer)
    parameters = chain.deploy(deployer, "OpenParameters")
    parts = (vault.address, randomness.address, treasury)
    escrow = chain.deploy(deployer, "SessionEscrow", *parts, parameters.address)
    registry = chain.deploy(deployer, "TrainingRegistry", *parts, [usd.address, odd.address], deployer)
    referee = chain.deploy(deployer, "Referee")
    game = chain.deploy(deployer, "DisputeGame", registry.address, referee.address, BOND, MOVE_SECONDS)
    registry.send(deployer, "wire", game.address)
    vault.send(deployer, "wire", escrow.address, registry.address)
    nodes = (accounts[10:25], accounts[25:27], accounts[27:31])
    contracts = (frac, usd, odd, randomness, parameters, vault, escrow, registry, referee, game)
    world = World(chain, *contracts, deployer, treasury, opener, accounts[3:10], *nodes)
    for role, members in enumerate(nodes):
        for node in members:
            world.stake(role, node)
    return world


__all__ = ["ETH", "Phase", "Reason", "Refusal", "TaskPhase", "Terms", "World", "deploy"]
