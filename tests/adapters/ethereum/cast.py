"""Who plays in the tests, what they play, and how time passes for them."""

import socket
import time
from collections.abc import Sequence
from dataclasses import dataclass

from fraction.adapters.ethereum import FRAC, Connection, LocalChain
from fraction.adapters.ethereum.rpc import JsonRpc
from fraction.app.chain import Role
from fraction.base import AgentId, Digest, Instant, SpaceId, Wei, digest_of
from fraction.spaces import Asset, Limits, Panel, Space, Tier, Timing

JUDGES = 4
NODES = 3
TREASURY_PLACE = 24
"""Of the accounts that follow from the local chain's mnemonic; those before it play."""

STAKE = Wei(2_000 * FRAC)
VERDICT = digest_of("a sheet")
SALT = b"\1" * 32


class ChainClock:
    """The system's time, moved as the chain's is moved."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._ahead = 0

    def now(self) -> Instant:
        return Instant(time.time_ns() // 1_000_000_000 + self._ahead)

    def advance(self, seconds: int) -> None:
        rpc = JsonRpc(self._url)
        rpc.request("evm_increaseTime", hex(seconds))
        rpc.close()
        self._ahead += seconds


@dataclass(frozen=True, slots=True)
class Cast:
    """The players of all tests."""

    chain: LocalChain
    platform: Connection
    judges: Sequence[Connection]
    nodes: Sequence[Connection]
    """Each is trainer or verifier, whatever it is drawn for."""
    entrants: Sequence[Connection]

    def pass_time(self, seconds: int) -> None:
        """Let the chain's clock and everybody's move on."""
        clock = self.platform.clock
        assert isinstance(clock, ChainClock)
        clock.advance(seconds)

    def enter_all(self, number: int, count: int) -> list[AgentId]:
        """Let `count` entrants enter one agent each; return the agents by ticket."""
        agents = [AgentId(digest_of(["agent", number, place])) for place in range(count)]
        for entrant, agent in zip(self.entrants, agents, strict=False):
            entrant.escrow.enter(number, agent, Digest("5a" * 32), entrant.wallet.address)
        return agents

    def play(self, number: int) -> list[Connection]:
        """Take a Session from full to its panel; return the drawn judges in the panel's order."""
        escrow = self.platform.escrow
        escrow.close(number)
        escrow.fix_seed(number)
        escrow.publish(number, Digest("c0" * 32))
        escrow.draw(number)
        return self.drawn(number)

    def drawn(self, number: int) -> list[Connection]:
        """Return the drawn judges in the panel's order."""
        by_address = {judge.wallet.address: judge for judge in self.judges}
        return [by_address[address] for address in self.platform.escrow.state(number).judges]


def stake(cast: Cast) -> None:
    """Fund everybody, and stake for judges and training nodes."""
    for person in (*cast.judges, *cast.nodes, *cast.entrants):
        faucet = cast.platform.faucet()
        faucet.fund(person.wallet.address, eth=Wei(10**18), frac=Wei(6_000 * FRAC), usd=Wei(100_000_000))
    cast.platform.faucet().fund(cast.platform.wallet.address, eth=Wei(0), frac=Wei(0), usd=Wei(100_000_000))
    for place, judge in enumerate(cast.judges):
        judge.vault.register(Role.JUDGE, STAKE, f"http://127.0.0.1:{9000 + place}")
    for place, node in enumerate(cast.nodes):
        node.vault.register(Role.TRAINER, STAKE, f"http://127.0.0.1:{9100 + place}")
        node.vault.register(Role.VERIFIER, STAKE, f"http://127.0.0.1:{9100 + place}")


def space_of(asset: Asset, fee: int, entrants: int, seconds: int = 60) -> Space:
    """Return the rules of a Space that is full with `entrants`."""
    return Space(
        id=SpaceId("writing-tweets"),
        version=1,
        title="Tweets",
        goal="Write well.",
        instructions="Write one.",
        source="tweets",
        rounds=1,
        min_entrants=2,
        max_entrants=entrants,
        limits=Limits(max_tokens=50, max_characters=280, temperature_percent=80, top_p_percent=90),
        criteria=(),
        tiers=(Tier("standard", asset, Wei(fee)),),
        payout_bps=(5000, 3000, 2000),
        panel=Panel(judges=3, quorum=3, tolerance=500),
        timing=Timing(entry_seconds=seconds, play_seconds=seconds, commit_seconds=seconds, reveal_seconds=seconds),
    )


def free_port() -> int:
    """Return a port that nothing listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
