"""A platform in memory behind the web face: real ports in memory, and a chain that only tells balances."""

from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from shutil import rmtree
from tempfile import mkdtemp
from threading import Thread
from typing import Any, cast
from weakref import finalize

from fraction.adapters.ethereum.rpc import JsonRpc
from fraction.adapters.ethereum.signatures import EthereumSignatures
from fraction.adapters.keys import KeyFolder, SystemSecrets
from fraction.adapters.memory import (
    ManualClock,
    MemoryAgents,
    MemoryBlobs,
    MemoryLogs,
    MemoryRecords,
    MemoryTokens,
    ThreadEngine,
)
from fraction.adapters.outward import GuardedHttp, GuardSettings
from fraction.app.automate import register_automation
from fraction.app.chain import EscrowPhase, EscrowState, Role
from fraction.app.custody import Custody
from fraction.app.house import House, register_house
from fraction.app.platform import Account, Platform, TrainingSettings
from fraction.app.ports import Clock
from fraction.app.publish_space import publish_space
from fraction.app.tokens import Door
from fraction.app.training_jobs import NodeResult, Status, TrainingJob
from fraction.app.webhooks import Webhooks
from fraction.base import Address, AgentId, Digest, Instant, SessionId, SpaceId, Unavailable, Wei
from fraction.faces.web.app import create_app
from fraction.faces.web.people import People
from fraction.faces.web.platform_backend import PlatformBackend
from fraction.faces.web.serve import GRACE_SECONDS, listen
from fraction.faces.web.streams import Stopping
from fraction.sessions import Credit, Entered, Event, Opened, Settled
from fraction.sessions.judged import standings
from fraction.sessions.session import replay
from fraction.spaces import Asset
from fraction.training import Comparison, PublishedRecipe, Recipe
from fraction_sdk import Fraction
from tests.sessions.logs import JUDGES, judged, space

OPERATOR = "0perat0r" * 8
"""The operator's key."""
SOMEBODY = AgentId("a" * 64)
ESCROW = Address("0x" + "e" * 40)
TREASURY = Address("0x" + "7" * 40)


@dataclass(slots=True)
class Ledger:
    """What a chain would say: balances and what the escrow owes. Read-only, so no transaction is ever sent."""

    address: Address = ESCROW
    chain_id: int = 31337
    held_by_asset: dict[Asset, Wei] = field(default_factory=dict[Asset, Wei])
    credits: dict[Address, Wei] = field(default_factory=dict[Address, Wei])

    def balance(self, asset: Asset) -> Wei:
        return Wei(10**18)

    def balance_of(self, account: Address, asset: Asset) -> Wei:
        return self.balance(asset)

    def credit_of(self, account: Address, asset: Asset) -> Wei:
        return self.credits.get(account, Wei(0)) if asset is Asset.ETH else Wei(0)

    def held(self, asset: Asset) -> Wei:
        return self.held_by_asset.get(asset, Wei(0))

    def state(self, number: int) -> EscrowState:
        return EscrowState(EscrowPhase.OPEN, Instant(1_045), ESCROW, Digest("0" * 64), 0, None, (), (), (), ())

    def points_of(self, agent: AgentId) -> int:
        return 3

    def nodes(self, role: Role) -> tuple[Address, ...]:
        return JUDGES if role is Role.JUDGE else ()

    def stake_of(self, role: Role, node: Address) -> Wei:
        return Wei(1_000 * 10**18)

    def endpoint_of(self, role: Role, node: Address) -> str:
        return "http://127.0.0.1:1"


class Accounts:
    """Embedded accounts with real keys, sealed with little work, in a folder that goes with them."""

    def __init__(self, clock: Clock) -> None:
        folder = Path(mkdtemp())
        finalize(self, rmtree, folder)
        self._keys = KeyFolder(folder, work=2)
        self._known: dict[str, Address] = {}
        self.custody = Custody(self._keys, clock, SystemSecrets())

    def create(self, name: str) -> Address:
        if name not in self._known:
            self._keys.create(name)
            self._known[name] = self._keys.address(name)
        return self._known[name]

    def all(self) -> dict[str, Address]:
        return dict(self._known)


class KeySignatures:
    """Signatures of keys; contracts are asked on the real chain only."""

    def __init__(self) -> None:
        self._real = EthereumSignatures(JsonRpc("http://127.0.0.1:1"))

    def normal(self, address: str) -> Address:
        return self._real.normal(address)

    def has_signed(self, account: Address, message: str, signature: str) -> bool:
        try:
            return self._real.has_signed(account, message, signature)
        except Unavailable:
            return False  # it is no key's signature, and there is no chain here to ask


@dataclass(slots=True)
class MemoryPlatform:
    """A backend with what it stands on."""

    ledger: Ledger
    platform: Platform
    backend: PlatformBackend
    people: People

    def keep_log(self, log: list[Event], number: int = 1) -> SessionId:
        """Keep a log as Session `number`; return its id."""
        first = log[0]
        assert isinstance(first, Opened)
        opened = replace(first, session=SessionId(f"31337-{number}"), number=number)
        self.platform.logs.append(opened.session, 0, [opened, *log[1:]])
        return opened.session


def paid_log(entrants: int = 3, names: tuple[str, ...] = ()) -> list[Event]:
    """Return the log of a Session of Writing Tweets that the contract settled: 90 % to places, 10 % fee."""
    return settle_log([_named(event, names) for event in judged(entrants=entrants)])


def settle_log(log: list[Event]) -> list[Event]:
    """Return a judged log with its settlement: 90 % to places, half of the fee to the judges."""
    session = replay(log)
    entrants = len(session.entrants)
    fee = next(t.fee for t in session.opened.space.tiers if t.name == "eth")
    pot = fee * entrants
    medians = {line.ticket: int(line.score or 0) for line in standings(session)}
    order = [line.ticket for line in standings(session)]
    shares = {ticket: pot * 9 // 10 * bps // 10_000 for ticket, bps in zip(order, (5_000, 3_000, 2_000), strict=False)}
    judge_fee = pot // 60
    paid = sum(shares.values()) + 3 * judge_fee
    return [
        *log,
        Settled(
            medians=tuple(medians[t] for t in range(entrants)),
            payouts=tuple(Wei(shares.get(t, 0)) for t in range(entrants)),
            judge_fees=tuple(Credit(account=j, amount=Wei(judge_fee), reason="judge-fee") for j in JUDGES),
            treasury=Wei(pot - paid),
            slashes=(),
            transaction="0xsettle",
        ),
    ]


def _named(event: Event, names: tuple[str, ...]) -> Event:
    if isinstance(event, Entered) and event.ticket < len(names):
        return replace(event, snapshot=replace(event.snapshot, name=names[event.ticket]))
    return event


def memory_platform(ledger: Ledger | None = None, private: bool = False) -> MemoryPlatform:
    """Return a platform with the three Spaces, and nothing played yet; `private`: it may call private addresses."""
    ledger = ledger or Ledger()
    chain = cast("Any", ledger)  # it has the reads of every port of the chain, and none of the sends
    account = Account(chain, chain, chain, chain, chain)

    def account_of(address: Address) -> Account:
        return account

    clock = ManualClock()
    parts: dict[str, object] = {
        "clock": clock,
        "logs": MemoryLogs(),
        "agents": MemoryAgents(),
        "records": MemoryRecords(),
        "blobs": MemoryBlobs(),
        "engine": ThreadEngine(),
        "vault": chain,
        "own": account,
        "account_of": account_of,
        "training": TrainingSettings(
            recipe=PublishedRecipe(name="test", version=1, recipe=Recipe(), passes=1),
            arithmetic="test",
            fee=Wei(10**15),
            verifiers=2,
            quorum=2,
            seconds=60,
        ),
        "base_model": "base",
    }
    # nothing is asked, judged or trained here: what those ports would be is left out
    platform = Platform(**cast("Any", {part.name: parts.get(part.name) for part in fields(Platform)}))
    for name in ("writing-tweets", "writing-code", "playing-games"):
        publish_space(platform.records, platform.blobs, space(name))
    accounts = Accounts(clock)
    people = People(
        Door(MemoryTokens(), SystemSecrets()),
        platform.clock,
        accounts,
        KeySignatures(),
        ledger.chain_id,
        OPERATOR,
    )
    house = House(platform, accounts.create, opponents=())
    register_automation(house)
    register_house(house)  # the engine is never launched, so the jobs that fill Sessions wait
    webhooks = Webhooks(platform, GuardedHttp(GuardSettings(allow_private=private)), SystemSecrets())
    webhooks.register()
    return MemoryPlatform(ledger, platform, PlatformBackend(house, accounts, webhooks), people)


def filled_platform(log: list[Event]) -> MemoryPlatform:
    """Return a platform with one settled Session in ETH, whose chain holds and owes what the log says."""
    world = memory_platform()
    view = world.backend.session(world.keep_log(log))
    assert view.settlement is not None
    world.ledger.held_by_asset[Asset.ETH] = Wei(len(view.entrants) * int(view.tier.fee))
    for entrant in view.entrants:
        world.ledger.credits[Address(entrant.payee)] = Wei(int(view.settlement.payouts[entrant.ticket]))
    for fee in view.settlement.judge_fees:
        world.ledger.credits[Address(fee.account)] = Wei(int(fee.amount))
    return world


def training_job(agent: AgentId = SOMEBODY) -> TrainingJob:
    """Return a training that promoted an adapter although its trainer lied."""
    trainer = NodeResult(JUDGES[0], "trainer", Digest("a" * 64), Digest("b" * 64), False, 7, Wei(5))
    return TrainingJob(
        name="one",
        agent=agent,
        space=SpaceId("writing-tweets"),
        requested_at=Instant(1),
        sessions=2,
        status=Status.PROMOTED,
        nodes=(trainer,),
        losses_ppm=(2_000_000, 1_000_000),
        adapter=Digest("2" * 64),
        previous=Digest("1" * 64),
        comparison=Comparison(20, 5_000, 6_000, 1_000, 400, 1_600, odds=9_000),
        transactions=("0xt",),
    )


@contextmanager
def served(world: MemoryPlatform) -> Generator[Fraction]:
    """Give a client of the platform, which is served over HTTP on a free port."""
    import uvicorn

    stopping = Stopping()
    app = create_app(world.backend, world.people, stopping=stopping)
    with listen("127.0.0.1", 0) as listener:
        config = uvicorn.Config(app, log_level="warning", lifespan="off", timeout_graceful_shutdown=GRACE_SECONDS)
        server = uvicorn.Server(config)
        thread = Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        try:
            with Fraction(f"http://127.0.0.1:{listener.getsockname()[1]}", timeout_seconds=20, key=OPERATOR) as client:
                yield client
        finally:
            stopping.stop()
            server.should_exit = True
            thread.join()
