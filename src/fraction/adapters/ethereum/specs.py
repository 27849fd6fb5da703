"""The chains that Fraction knows, as values: a further EVM chain is one more `ChainSpec`, not more code."""

from dataclasses import dataclass

from fraction.base import Rejected

GWEI = 10**9


@dataclass(frozen=True, slots=True, kw_only=True)
class ChainSpec:
    """What differs between chains."""

    name: str
    chain_id: int
    rpc_url: str
    """A JSON-RPC address over HTTP; public ones are often replaced by a setting."""
    confirmations: int = 0
    """Blocks on top of a block after which it counts as final."""
    confirm_seconds: int = 0
    """Age in seconds at which a block counts as final; must be met as well as `confirmations`."""
    keep_seconds: int = 0
    """Age in seconds up to which a mined transaction is still looked after, in case the chain loses it all the same."""
    min_tip: int = 0
    """Least priority fee in wei per gas."""
    mines_on_demand: bool = False
    """Whether blocks come only with transactions, and an empty one can be asked for (`evm_mine`)."""
    poll_seconds: float = 2.0
    """How often to look for a receipt or a block."""
    receipt_seconds: float = 180.0
    """How long a verb waits for its transaction to be mined before it says `Unavailable`."""
    bump_seconds: float = 45.0
    """How long a transaction may stay unmined before it is replaced by one with a higher fee."""


LOCAL = ChainSpec(
    name="local",
    chain_id=31337,
    rpc_url="http://127.0.0.1:8545",
    # The local chain is dumped every second, and seconds are counted whole: what is 2 s old outlives a kill -9.
    confirm_seconds=3,
    # If the machine dies while the state is written, the chain falls back to an older copy of it.
    keep_seconds=120,
    min_tip=1,
    mines_on_demand=True,
    poll_seconds=0.1,
    receipt_seconds=20.0,
    bump_seconds=10.0,
)

SEPOLIA = ChainSpec(
    name="sepolia",
    chain_id=11155111,
    rpc_url="https://ethereum-sepolia-rpc.publicnode.com",
    confirmations=64,
    min_tip=GWEI // 10,
)

BASE = ChainSpec(
    name="base",
    chain_id=8453,
    rpc_url="https://mainnet.base.org",
    # An optimistic rollup's blocks follow its sequencer; ten minutes leave room for a re-derived head.
    confirmations=300,
    min_tip=GWEI // 1000,
    poll_seconds=1.0,
)

ARBITRUM = ChainSpec(
    name="arbitrum",
    chain_id=42161,
    rpc_url="https://arb1.arbitrum.io/rpc",
    confirmations=2400,
    poll_seconds=0.5,
)

CHAINS = {spec.name: spec for spec in (LOCAL, SEPOLIA, BASE, ARBITRUM)}


def chain_named(name: str) -> ChainSpec:
    """Return the chain of that name.

    Raises:
        Rejected: there is none.
    """
    if name not in CHAINS:
        raise Rejected(f"There is no chain called {name!r}; choose one of {', '.join(CHAINS)}.")
    return CHAINS[name]
