"""A dispute played on a local chain of its own: a trainer that lies, an honest verifier, and the contracts between."""

import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from fraction.app.chain import Role
from fraction.app.disputes import advance_dispute, challenge
from fraction.base import Address, Digest, Wei, canonical_json, digest_of, sha256_of
from fraction.verification.dispute import Evidence, Position, Stage
from fraction.wiring.chain import ETHER, FRAC, ROOTS

if TYPE_CHECKING:
    from fraction.adapters.ethereum import Connection

STEPS = 12
_SALT = b"\1" * 32
_SECONDS = 60
_DISPUTE_SECONDS = 600
_FEE = Wei(10**15)


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a dispute ended."""

    refuted: bool
    position: Position
    operator: str
    """What was computed wrongly."""
    ruling: tuple[int, int] | None
    """Bits that the referee found, and those that were claimed."""
    gas: tuple[tuple[str, int], ...]
    """Each transaction's event and gas, in order."""
    stake_before: Wei
    stake_after: Wei


@dataclass(frozen=True, slots=True)
class DisputeWorld:
    """Everybody who takes part, connected."""

    opener: "Connection"
    trainer: "Connection"
    verifiers: tuple["Connection", ...]


def liars() -> tuple[str, ...]:
    """Return the names of the ways in which the trainer can lie."""
    from fraction.adapters.traces.liars import LIARS

    return tuple(LIARS)


@contextmanager
def dispute_world() -> Iterator[DisputeWorld]:
    """Run a chain with the contracts for as long as this lasts; one trainer and two verifiers have staked on it.

    Raises:
        Unavailable: the chain cannot be started.
    """
    import socket

    from fraction.adapters.clock import SystemClock
    from fraction.adapters.ethereum import DeploymentSettings, LocalChain, LocalChainSettings, connect, dev_key
    from fraction.adapters.ethereum.account import Account
    from fraction.adapters.ethereum.connection import deploy_with
    from fraction.adapters.ethereum.specs import LOCAL
    from fraction.adapters.memory import MemoryOutbox

    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="fraction-dispute-")))
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = int(probe.getsockname()[1])
        chain = LocalChain(LocalChainSettings(folder=folder, port=port, roots=ROOTS))
        chain.start()
        stack.callback(chain.stop)
        spec, clock, outbox = replace(LOCAL, rpc_url=chain.url), SystemClock(), MemoryOutbox()
        settings = DeploymentSettings(treasury=Account.from_key(dev_key(1)).address)
        deployment = deploy_with(spec, dev_key(0), outbox, clock, settings, folder / "deployment.json")
        opener = connect(spec, deployment, dev_key(0), outbox, clock)
        stack.callback(opener.close)
        nodes = tuple(opener.account(dev_key(place)) for place in (2, 3, 4))
        for role, node in zip((Role.TRAINER, Role.VERIFIER, Role.VERIFIER), nodes, strict=True):
            opener.faucet().fund(node.wallet.address, eth=Wei(ETHER), frac=Wei(20_000 * FRAC), usd=Wei(0))
            node.vault.register(role, Wei(10_000 * FRAC), f"http://{node.wallet.address}")
        yield DisputeWorld(opener, nodes[0], nodes[1:])


def play_dispute(world: DisputeWorld, liar: str, on_move: Callable[[str, str], None]) -> Outcome:
    """Let the trainer lie, a verifier dispute it, and both play to the end; `on_move(who, what)` follows each move.

    Raises:
        NotFound: there is no such liar.
        Unavailable: the chain does not answer.
    """
    from fraction.adapters.traces.job import carry_out, small_job
    from fraction.adapters.traces.liars import lie

    job = small_job(STEPS)
    theirs, ours = lie(liar, job), carry_out(job).evidence()
    manifest = canonical_json({"arithmetic": "exact-v1", "specification": ours.specification.digest()})
    task = _shown_results(world, liar, sha256_of(manifest), {world.trainer.wallet.address: theirs}, ours)
    trainer, verifier = world.trainer, world.verifiers[0]
    before = trainer.vault.stake_of(Role.TRAINER, trainer.wallet.address)
    number = challenge(verifier.disputes, ours, task, trainer.wallet.address, manifest)
    on_move("verifier", f"disputes what the trainer revealed for task {task}; its bond is {verifier.disputes.bond} wei")
    while not (position := verifier.disputes.position(number)).stage.is_over:
        if position.stage.is_defenders:
            on_move("trainer", advance_dispute(trainer.disputes, theirs, number))
        else:
            on_move("verifier", advance_dispute(verifier.disputes, ours, number))
    operator = job.program.operators[position.operator].kind.name.lower().replace("_", " ")
    return Outcome(
        refuted=position.stage is Stage.REFUTED,
        position=position,
        operator=operator,
        ruling=verifier.disputes.ruling(number),
        gas=verifier.disputes.gas_of(number),
        stake_before=before,
        stake_after=trainer.vault.stake_of(Role.TRAINER, trainer.wallet.address),
    )


def _shown_results(
    world: DisputeWorld, liar: str, manifest: Digest, claims: dict[Address, Evidence], ours: Evidence
) -> int:
    """Open a task and let everybody drawn commit and reveal its claim; return the task's number."""
    registry = world.opener.registry
    task = registry.open(f"dispute/{liar}", manifest, _FEE, 2, 2, _SECONDS, _DISPUTE_SECONDS)
    registry.draw(task)
    nodes = (world.trainer, *world.verifiers)
    found = [(node.registry, claims.get(node.wallet.address, ours).claim) for node in nodes]
    for registry, claim in found:
        registry.commit(task, claim, digest_of("adapter"), _SALT)
    for registry, claim in found:
        registry.reveal(task, claim, digest_of("adapter"), _SALT)
    return task
