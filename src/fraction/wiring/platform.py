"""The platform process: its ports joined, Spaces published, jobs going on where they stopped."""

import tomllib
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from threading import Lock

from fraction.adapters.clock import SystemClock
from fraction.adapters.ethereum import Connection
from fraction.adapters.keys import KeyFolder, SystemSecrets, key_at, operator_secret
from fraction.app.automate import register_automation
from fraction.app.compare_versions import Gate
from fraction.app.custody import Custody
from fraction.app.house import OPPONENTS, House, Opponent, prepare_house, register_house
from fraction.app.join_session import register_sessions, resume_sessions
from fraction.app.judge_session import Judge
from fraction.app.outward import Outward
from fraction.app.platform import Account, Platform, TrainingSettings
from fraction.app.ports import BlobReader
from fraction.app.publish_space import publish_space
from fraction.app.request_training import register_trainings, resume_trainings
from fraction.app.sign_in import Signatures
from fraction.app.tokens import Door
from fraction.app.webhooks import Webhooks
from fraction.base import Address, Digest, NotFound, Rejected, Wei
from fraction.spaces import Space, parse_space
from fraction.training import Method, PublishedRecipe, parse_recipe
from fraction.wiring.chain import ETHER, ChainAccess
from fraction.wiring.environment import Environment, read_environment
from fraction.wiring.models import EXACT, chat_model, embedded_model, sandboxed_tests, specifier
from fraction.wiring.world import World

_TRAINING_FEE = Wei(ETHER // 1_000)
_TRAINING_SECONDS = 600


@dataclass(frozen=True, slots=True, kw_only=True)
class PlatformSettings:
    """How the platform is started."""

    world: Path
    rpc: str
    """URL of the chain; empty: the chain's own default."""
    models: str
    """URL of the model server."""
    model: Path | None = None
    """The base's folder, for its digest; None: the embedded one."""
    on_trouble: Callable[[str], None] = lambda _trouble: None
    """Told, in a sentence, what goes wrong in a job or with a blob."""


@dataclass(frozen=True, slots=True)
class RunningPlatform:
    """A platform whose jobs run."""

    platform: Platform
    accounts: "EmbeddedAccounts"
    house: House
    webhooks: Webhooks
    door: Door
    signatures: Signatures
    operator_secret: str
    """Whoever knows it may act for every embedded account; it lies in the world's folder."""


@contextmanager
def start_platform(settings: PlatformSettings) -> Iterator[RunningPlatform]:
    """Run the platform; what an earlier process left unfinished goes on."""
    from fraction.adapters.blobs import DiskBlobs
    from fraction.adapters.engine import DbosEngine, EngineSettings
    from fraction.adapters.store import open_store

    environment = read_environment()
    world = World(settings.world)
    world.platform.mkdir(parents=True, exist_ok=True)
    with ExitStack() as stack:
        store = open_store(environment.database or f"sqlite:///{world.platform / 'app.db'}")
        stack.callback(store.close)
        url = environment.database or f"sqlite:///{world.platform / 'engine.db'}"
        engine = DbosEngine(EngineSettings(url=url), settings.on_trouble)
        own = _Connections(ChainAccess(world, settings.rpc, store.outbox))
        stack.callback(own.close)
        operator = own.funded(key_at(world.platform / "operator.key"), "platform")
        accounts = _accounts(world, own)
        platform = Platform(
            clock=SystemClock(),
            logs=store.logs,
            agents=store.agents,
            records=store.records,
            blobs=DiskBlobs(world.platform / "blobs", settings.on_trouble),
            models=chat_model(settings.models),
            engine=engine,
            vault=operator.vault,
            own=operator,
            account_of=accounts.account_of,
            blobs_at=_NodeBlobs().at,
            training=training_settings(),
            gate=_gate(settings, environment, operator),
            base_model=environment.model_name,
            base_digest=_weights_digest(settings.model or embedded_model()),
            specify=specifier(Path(settings.model or embedded_model()), environment.arithmetic),
        )
        house = House(platform, accounts.create, _opponents(environment))
        webhooks = Webhooks(platform, outward_http(), SystemSecrets())
        _register(platform, house, webhooks)
        engine.launch()
        stack.callback(engine.close)
        _resume(platform, house, webhooks)
        yield RunningPlatform(
            platform,
            accounts,
            house,
            webhooks,
            Door(store.tokens, SystemSecrets()),
            own.signatures(),
            operator_secret(world.platform / "operator.secret"),
        )


def _opponents(environment: Environment) -> tuple[Opponent, ...]:
    """Return whom the house sends: it pays for its transactions with test money, so on the local chain only."""
    return OPPONENTS if environment.chain == "local" else ()


def _accounts(world: World, connections: "_Connections") -> "EmbeddedAccounts":
    keys = KeyFolder(world.platform / "accounts")
    return EmbeddedAccounts(keys, connections, Custody(keys, SystemClock(), SystemSecrets()))


def _resume(platform: Platform, house: House, webhooks: Webhooks) -> None:
    """Go on with what an earlier process left."""
    resume_sessions(platform)
    resume_trainings(platform)
    prepare_house(house)
    webhooks.resume()


def _register(platform: Platform, house: House, webhooks: Webhooks) -> None:
    """Publish the Spaces that ship with the package, and tell the engine every kind of job before it starts."""
    for space in catalog():
        publish_space(platform.records, platform.blobs, space)
    register_sessions(platform)
    register_trainings(platform)
    register_house(house)
    register_automation(house)
    webhooks.register()


def catalog() -> tuple[Space, ...]:
    """Return the Spaces that ship with the package."""
    folder = Path(__file__).resolve().parents[1] / "spaces" / "catalog"
    return tuple(parse_space(tomllib.loads(file.read_text("utf-8"))) for file in sorted(folder.glob("*.toml")))


class EmbeddedAccounts:
    """Accounts whose keys the platform keeps for people without a wallet."""

    def __init__(self, keys: KeyFolder, connections: "_Connections", custody: Custody) -> None:
        """Keep keys in `keys`, and use those that `custody` gives."""
        self._keys = keys
        self.custody = custody
        self._connections = connections
        self._addresses: dict[str, Address] = {}
        self._lock = Lock()

    def create(self, name: str) -> Address:
        """Return the address of the account called `name`, made and funded if it is new."""
        if self._keys.is_sealed(name):
            return self._address(name)
        return self._account(name, self._keys.create(name)).wallet.address

    def all(self) -> Mapping[str, Address]:
        """Return the addresses by name, oldest first."""
        return {name: self._addresses.get(name) or self._address(name) for name in self._keys.names()}

    def account_of(self, address: Address) -> Account:
        """Return what an embedded account can do.

        Raises:
            NotFound: its key is not here.
            Rejected: it is locked.
        """
        name = next((name for name, known in self.all().items() if known == address), None)
        if name is None:
            raise NotFound(f"The platform has no key of {address}; its owner must sign with a wallet.")
        return self._account(name, self.custody.key_of(name))

    def _account(self, name: str, key: str) -> Account:
        account = self._connections.funded(key, "person")
        with self._lock:
            self._addresses[name] = account.wallet.address
        return account

    def _address(self, name: str) -> Address:
        address = self._keys.address(name)
        with self._lock:
            self._addresses[name] = address
        return address


class _Connections:
    """One connection for each key that this process holds, all over the first one, the operator's.

    The chain adapter sends again what a fallen-back chain has lost, for all accounts of a connection.
    """

    def __init__(self, access: ChainAccess) -> None:
        self._access = access
        self._open: dict[str, Connection] = {}
        self._lock = Lock()

    def funded(self, key: str, purpose: str) -> Account:
        """Return the account of `key`, given test money on the local chain."""
        with self._lock:
            if key not in self._open:
                self._open[key] = self._connect(key)
            connection = self._open[key]
        self._access.fill(connection, purpose)
        return Account(
            wallet=connection.wallet,
            escrow=connection.escrow,
            registry=connection.registry,
            vault=connection.vault,
            emissions=connection.emissions(),
            disputes=connection.disputes,
        )

    def _connect(self, key: str) -> Connection:
        first = next(iter(self._open.values()), None)
        if first is None:
            return self._access.connect(key)
        connection = first.account(key)
        connection.resend_unconfirmed()
        return connection

    def signatures(self) -> Signatures:
        """Return what checks signatures on this chain."""
        from fraction.adapters.ethereum.signatures import EthereumSignatures

        return EthereumSignatures(next(iter(self._open.values())).chain.rpc)

    def close(self) -> None:
        """Close them all."""
        for connection in self._open.values():
            connection.close()


class _NodeBlobs:
    """Readers of the blobs that nodes serve, one a URL."""

    def __init__(self) -> None:
        self._readers: dict[str, BlobReader] = {}

    def at(self, url: str) -> BlobReader:
        """Return the reader of a node's blobs; raise NotFound for a node that gave no URL."""
        from fraction.adapters.blobs import HttpBlobs

        if not url.startswith(("http://", "https://")):
            raise NotFound(f"The node gives {url!r:.80} as its address, where nothing can be fetched.")
        return self._readers.setdefault(url, HttpBlobs([url]))


def training_settings() -> TrainingSettings:
    """Return how a platform trains, as the environment sets it."""
    environment = read_environment()
    published = published_recipe(environment.recipe)
    if published.recipe.method is not Method.SUPERVISED and environment.arithmetic in EXACT:
        raise Rejected(
            f"{environment.arithmetic} only imitates so far; set FRACTION_ARITHMETIC to another for this recipe."
        )
    most = min(published.recipe.steps, environment.training_steps)
    return TrainingSettings(
        recipe=replace(published, recipe=replace(published.recipe, steps=most)),
        arithmetic=environment.arithmetic,
        fee=_TRAINING_FEE,
        verifiers=3,
        quorum=3,
        seconds=_TRAINING_SECONDS,
        dispute_seconds=environment.dispute_seconds,
    )


def published_recipe(name: str) -> PublishedRecipe:
    """Return the recipe of that name that ships with the package, or the one in the file of that path.

    Raises:
        Rejected: there is none, or the file is not a recipe.
    """
    folder = Path(__file__).resolve().parents[1] / "training" / "recipes"
    file = folder / f"{name}.toml" if "/" not in name and not name.endswith(".toml") else Path(name)
    try:
        return parse_recipe(tomllib.loads(file.read_text("utf-8")))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        names = ", ".join(sorted(path.stem for path in folder.glob("*.toml")))
        raise Rejected(f"There is no recipe {name!r}; there are {names}, or give a TOML file.") from error


def _gate(settings: PlatformSettings, environment: Environment, operator: Account) -> Gate:
    models = chat_model(settings.models)
    judge = Judge(
        address=operator.wallet.address,
        models=models,
        model=environment.model_name,
        tests=sandboxed_tests(),
        wording=0,
        order_seed="gate",
    )
    return Gate(models, judge, environment.model_name, environment.gate_tasks)


def outward_http() -> Outward:
    """Return what calls addresses that strangers name, as far as the environment allows."""
    from fraction.adapters.outward import GuardedHttp, GuardSettings

    return GuardedHttp(GuardSettings(allow_private=read_environment().private_endpoints))


def _weights_digest(folder: Path) -> Digest:
    from fraction.adapters.lora.weights import weights_digest

    return weights_digest(folder)
