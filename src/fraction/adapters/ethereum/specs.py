"""The chains that Fraction knows, as values: a further EVM chain is one more `ChainSpec`, not more code."""

from dataclasses import dataclass, replace

from fraction.base import Address, Rejected

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
    usd: Address | None = None
    """The stablecoin that fees may be paid in (Circle's USDC); None where only a test coin exists."""
    is_test: bool = False
    """Whether nothing on it is worth anything, so that periods may be short."""
    has_data_fee: bool = False
    """Whether a transaction also pays for its bytes on the chain below, beyond the gas that is estimated (OP stack)."""
    hash_is_chosen: bool = False
    """Whether one sequencer makes all blocks, and so chooses their hashes: no randomness for judges' draws."""
    identity_registry: Address | None = None
    """The ERC-8004 identity registry that everybody shares there; ours names agents and keeps their royalties."""


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
    is_test=True,
    poll_seconds=0.1,
    receipt_seconds=20.0,
    bump_seconds=10.0,
)

_IDENTITY = Address("0x8004A169FB4a3325136EB29fA0ceB6D2e539a432")
_TEST_IDENTITY = Address("0x8004A818BFB912233c491871b3d84c89A494BD9e")
"""Source: https://github.com/erc-8004/erc-8004-contracts (the same on all main chains, and on all test chains)"""

SEPOLIA = ChainSpec(
    name="sepolia",
    chain_id=11155111,
    rpc_url="https://ethereum-sepolia-rpc.publicnode.com",
    confirmations=64,
    min_tip=GWEI // 10,
    usd=Address("0x1c7D4B196Cb0C7B01d743Fbc6116a902379C7238"),
    is_test=True,
    identity_registry=_TEST_IDENTITY,
)

BASE = ChainSpec(
    name="base",
    chain_id=8453,
    rpc_url="https://mainnet.base.org",
    # An optimistic rollup's blocks follow its sequencer; ten minutes leave room for a re-derived head.
    confirmations=300,
    min_tip=GWEI // 1000,
    poll_seconds=1.0,
    usd=Address("0x833589fCD6eDb6E08f4c7C32D4f71b54bdA02913"),
    has_data_fee=True,
    hash_is_chosen=True,
    identity_registry=_IDENTITY,
)

BASE_SEPOLIA = replace(
    BASE,
    name="base-sepolia",
    chain_id=84532,
    rpc_url="https://sepolia.base.org",
    usd=Address("0x036CbD53842c5426634e7929541eC2318f3dCF7e"),
    is_test=True,
    identity_registry=_TEST_IDENTITY,
)

ARBITRUM = ChainSpec(
    name="arbitrum",
    chain_id=42161,
    rpc_url="https://arb1.arbitrum.io/rpc",
    confirmations=2400,
    poll_seconds=0.5,
    usd=Address("0xaf88d065e77c8cC2239327C5EDb3A432268e5831"),
    # what the bytes cost below is part of the gas that Arbitrum estimates
    hash_is_chosen=True,
    identity_registry=_IDENTITY,
)

ARBITRUM_SEPOLIA = replace(
    ARBITRUM,
    name="arbitrum-sepolia",
    chain_id=421614,
    rpc_url="https://sepolia-rollup.arbitrum.io/rpc",
    usd=Address("0x75faf114eafb1BDbe2F0316DF893fd58CE46AA4d"),
    is_test=True,
    identity_registry=_TEST_IDENTITY,
)

CHAINS = {spec.name: spec for spec in (LOCAL, SEPOLIA, BASE, BASE_SEPOLIA, ARBITRUM, ARBITRUM_SEPOLIA)}


def chain_named(name: str) -> ChainSpec:
    """Return the chain of that name.

    Raises:
        Rejected: there is none.
    """
    if name not in CHAINS:
        raise Rejected(f"There is no chain called {name!r}; choose one of {', '.join(CHAINS)}.")
    return CHAINS[name]
