"""The local chain outlives kills, and does not mix itself up with others."""

import os
import shutil
import signal
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import count
from pathlib import Path

import pytest

from fraction.adapters.ethereum import (
    LOCAL,
    Account,
    Connection,
    DeploymentSettings,
    LocalChain,
    LocalChainSettings,
    connect,
    deploy_with,
    dev_key,
    running_url,
)
from fraction.adapters.ethereum.anvil import find_anvil
from fraction.adapters.ethereum.rpc import JsonRpc
from fraction.adapters.memory import MemoryOutbox
from fraction.app.chain import EscrowPhase, Role
from fraction.base import AgentId, Digest, Rejected, Unavailable, Wei, digest_of
from fraction.sessions import Settled
from fraction.spaces import Asset
from tests.adapters.ethereum.cast import SALT, STAKE, VERDICT, ChainClock, free_port, space_of
from tests.adapters.ethereum.conftest import ROOT

pytestmark = pytest.mark.chain

SCORES = (9_000, 8_000)


@pytest.fixture
def chain(tmp_path: Path) -> Iterator[LocalChain]:
    local = LocalChain(LocalChainSettings(folder=tmp_path / "chain", port=free_port(), roots=(ROOT,)))
    local.start()
    yield local
    local.stop()


def kill(chain: LocalChain) -> None:
    assert chain.pid is not None
    os.kill(chain.pid, signal.SIGKILL)


def connected(chain: LocalChain, folder: Path, outbox: MemoryOutbox) -> Connection:
    """Return the deployer's connection; deploys if that is not done yet."""
    spec, clock = replace(LOCAL, rpc_url=chain.url), ChainClock(chain.url)
    settings = DeploymentSettings(treasury=Account.from_key(dev_key(9)).address)
    deployment = deploy_with(spec, dev_key(0), outbox, clock, settings, folder / "deployment.json")
    return connect(spec, deployment, dev_key(0), outbox, clock)


class Play:
    """Does what is due in one Session, again and again, as the platform and the nodes do."""

    def __init__(self, platform: Connection) -> None:
        self.platform = platform
        people = [platform.account(dev_key(place)) for place in (1, 2, 3, 4)]
        self.judges, self.entrants = people[:2], people[2:]
        for judge in self.judges:
            platform.faucet().fund(judge.wallet.address, eth=Wei(0), frac=STAKE, usd=Wei(0))
            judge.vault.register(Role.JUDGE, STAKE, "http://127.0.0.1:9000")
        space = space_of(Asset.ETH, 1_000, 2)
        space = replace(space, panel=replace(space.panel, judges=2, quorum=2))
        self.number = platform.escrow.open("survives", space, space.tiers[0])

    def step(self) -> bool:
        """Do the next thing; return whether it was done."""
        phase = self.platform.escrow.state(self.number).phase
        if phase is EscrowPhase.NONE:
            return False  # the opening itself was lost, and is about to be sent again
        try:
            self._do(phase)
        except (Rejected, Unavailable):
            return False  # to be tried again, as the engine does
        return True

    def _do(self, phase: EscrowPhase) -> None:
        escrow, number = self.platform.escrow, self.number
        actions: dict[EscrowPhase, Callable[[], None]] = {
            EscrowPhase.OPEN: self._enter,
            EscrowPhase.CLOSABLE: lambda: escrow.close(number),
            EscrowPhase.SEEDING: lambda: escrow.fix_seed(number),
            EscrowPhase.PLAYING: lambda: escrow.publish(number, Digest("c0" * 32)),
            EscrowPhase.DRAWING: lambda: escrow.draw(number),
            EscrowPhase.COMMITTING: self._commit,
            EscrowPhase.REVEALING: self._reveal,
            EscrowPhase.SETTLEABLE: lambda: escrow.settle(number),
            EscrowPhase.APPEALABLE: lambda: escrow.finalize(number),  # refused until nobody can contest any more
            EscrowPhase.FINALIZABLE: lambda: escrow.finalize(number),
        }
        actions[phase]()

    def _enter(self) -> None:
        for place, entrant in enumerate(self.entrants):
            entrant.escrow.enter(self.number, AgentId(digest_of(place)), VERDICT, entrant.wallet.address)

    def _commit(self) -> None:
        for judge in self.judges:
            judge.escrow.commit(self.number, SCORES, VERDICT, SALT)

    def _reveal(self) -> None:
        for judge in self.judges:
            judge.escrow.reveal(self.number, SCORES, VERDICT, SALT)


def test_a_session_survives_kills_of_the_chain(chain: LocalChain, tmp_path: Path) -> None:
    platform = connected(chain, tmp_path, MemoryOutbox())
    chain.flush()
    play, done = Play(platform), 0
    deadline = time.monotonic() + 60
    while platform.escrow.state(play.number).phase is not EscrowPhase.SETTLED:
        assert time.monotonic() < deadline
        if play.step():
            done += 1
            if done in (1, 4, 7):
                kill(chain)
                chain.restart()
        else:
            time.sleep(0.05)
    settled = platform.escrow.facts(play.number, confirmed=False)[-1]
    assert isinstance(settled, Settled)
    assert sum(settled.payouts) + sum(c.amount for c in settled.judge_fees) + settled.treasury == 2_000
    assert [person.escrow.withdraw(Asset.ETH) for person in play.entrants] == list(settled.payouts)
    assert platform.escrow.sessions() == 1
    assert done >= 8
    platform.close()


def test_a_kill_costs_nothing_that_was_flushed(chain: LocalChain) -> None:
    rpc = JsonRpc(chain.url)
    for _ in range(5):
        rpc.mine()
    genesis = rpc.block(0)
    chain.flush()
    kill(chain)
    chain.restart()
    assert rpc.head().number == 5
    assert rpc.block(0) == genesis
    rpc.close()


def test_what_an_older_copy_of_the_state_lacks_is_sent_again(chain: LocalChain, tmp_path: Path) -> None:
    folder = tmp_path / "chain"
    platform = connected(chain, tmp_path, MemoryOutbox())
    person = Account.from_key(dev_key(5)).address
    for purpose in count():
        platform.faucet().fund(person, eth=Wei(0), frac=Wei(1), usd=Wei(0), purpose=str(purpose))
        chain.flush()
        if (folder / "state.2.json").exists():
            break
    given = platform.chain.rpc.nonce(platform.wallet.address)
    kill(chain)
    for name in ("state.json", "state.1.json"):
        (folder / name).write_text('{"torn')
    chain.restart()
    assert platform.chain.rpc.nonce(platform.wallet.address) < given
    assert platform.resend_unconfirmed() > 0
    _until(lambda: platform.chain.rpc.nonce(platform.wallet.address) == given)
    platform.close()


def test_a_half_written_state_is_replaced_by_the_last_whole_one(tmp_path: Path) -> None:
    settings = LocalChainSettings(folder=tmp_path, port=free_port(), roots=(ROOT,))
    chain = LocalChain(settings)
    chain.start()
    rpc = JsonRpc(chain.url)
    rpc.mine()
    copy = tmp_path / "state.1.json"
    _until(lambda: copy.exists() and copy.stat().st_size > 3_000)
    chain.stop()
    state = tmp_path / "state.json"
    state.write_bytes(state.read_bytes()[:1_500])
    chain.start()
    assert rpc.head().number >= 0
    chain.stop()
    rpc.close()

    for path in tmp_path.glob("state*.json"):
        path.write_text("{")
    with pytest.raises(Unavailable, match="is damaged; move the folder away"):
        chain.start()


def test_a_later_process_adopts_the_running_chain_and_can_stop_it(chain: LocalChain, tmp_path: Path) -> None:
    settings = LocalChainSettings(folder=tmp_path / "chain", port=int(chain.url.rpartition(":")[2]), roots=(ROOT,))
    later = LocalChain(settings)
    later.start()
    assert later.pid == chain.pid
    later.stop()
    assert chain.pid is None


def test_a_port_that_another_chain_has_taken_is_named(chain: LocalChain, tmp_path: Path) -> None:
    port = int(chain.url.rpartition(":")[2])
    other = LocalChain(LocalChainSettings(folder=tmp_path / "other", port=port, roots=(ROOT,)))
    with pytest.raises(Rejected, match=f"Port {port} is taken by another chain"):
        other.start()


def test_one_state_is_never_written_by_two_chains(chain: LocalChain, tmp_path: Path) -> None:
    folder = tmp_path / "chain"
    second = LocalChain(LocalChainSettings(folder=folder, port=free_port(), roots=(ROOT,)))
    with pytest.raises(Rejected, match=f"runs already, at {chain.url}"):
        second.start()
    assert running_url(folder) == chain.url
    chain.stop()
    assert running_url(folder) is None
    second.start()
    assert running_url(folder) == second.url
    second.stop()


def test_without_anvil_the_fix_is_named(tmp_path: Path) -> None:
    if shutil.which("anvil") is None:
        with pytest.raises(Unavailable, match="run `make setup`"):
            find_anvil(LocalChainSettings(folder=tmp_path))
    with pytest.raises(Unavailable, match="There is no anvil at"):
        find_anvil(LocalChainSettings(folder=tmp_path, binary=tmp_path / "anvil"))


def test_deploying_again_changes_nothing(chain: LocalChain, tmp_path: Path) -> None:
    outbox = MemoryOutbox()
    first = connected(chain, tmp_path, outbox)
    nonce = first.chain.rpc.nonce(first.wallet.address)
    (tmp_path / "deployment.json").unlink()
    second = connected(chain, tmp_path, outbox)
    assert second.chain.deployment == first.chain.deployment
    assert first.chain.rpc.nonce(first.wallet.address) == nonce
    kill(chain)  # at once: the deployment is on disk, and the contracts may be on no chain
    chain.restart()
    third = connected(chain, tmp_path, outbox)
    assert third.chain.deployment.addresses == first.chain.deployment.addresses
    assert third.escrow.sessions() == 0
    for connection in (first, second, third):
        connection.close()


def _until(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 30
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.02)
