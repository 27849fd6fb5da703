"""Who tries what: each scenario is one economy with one master in it whose profit is asked for."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from fraction.economy.pot import FEE_BPS
from fraction.economy.simulation.judges import Strategy, bribed, guessing, honest, lazy, loyal, silent
from fraction.economy.simulation.market import PUBLIC, Entry, Market, Node
from fraction.economy.simulation.sizes import Sizes

MASTER = "the master"

Entrants = Callable[[Market], Sequence[Entry]]
"""Who enters the next Session; nobody at all, if the Session is called off."""


@dataclass(frozen=True, slots=True)
class Scenario:
    """One way to make money, honest or not."""

    name: str
    what: str
    """One sentence for people."""
    nodes: int = 0
    """Judge nodes of the master."""
    strategy: Strategy = honest
    entrants: Entrants | None = None
    """None: agents of others alone."""
    is_cheat: bool = True
    earns_points: bool = False
    """Whether the master's entries collect emissions."""
    instead: Entrants | None = None
    """Who would enter without the cheat; None: the same, if there are judges, and nobody, if there are none."""

    @property
    def honest_counterpart(self) -> "Scenario | None":
        """Return what the same judges and agents would do without the cheat; None if that brings nothing."""
        if not self.is_cheat or (self.instead is None and self.nodes == 0):
            return None
        entrants = self.instead or self.entrants
        return replace(self, strategy=honest, entrants=entrants, is_cheat=False, earns_points=False)


def roster(scenario: Scenario, sizes: Sizes) -> list[Node]:
    """Return all judge nodes; the master's come first."""
    masters = [Node(f"node-{n}", scenario.strategy, MASTER, sizes.stake) for n in range(scenario.nodes)]
    others = range(scenario.nodes, sizes.nodes)
    return [*masters, *(Node(f"node-{n}", honest, PUBLIC, sizes.stake) for n in others)]


def others(market: Market) -> list[Entry]:
    """Return a Session of agents that belong to nobody in particular."""
    return [market.entry(number) for number in range(market.sizes.entrants)]


def with_agents(count: int, strength: int) -> Entrants:
    """Return Sessions in which the master has `count` agents that are better (or worse) by `strength`."""

    def entrants(market: Market) -> list[Entry]:
        mine = [market.entry(number, MASTER, strength) for number in range(count)]
        return [*mine, *(market.entry(number) for number in range(count, market.sizes.entrants))]

    return entrants


def with_hindsight(market: Market) -> Sequence[Entry]:
    """Return Sessions whose opener has an agent in them, and publishes only what that agent will win."""
    entries = with_agents(1, 0)(market)
    best = max(entries, key=lambda entry: entry.quality)
    if best.master == MASTER:
        return entries
    market.lapse(MASTER)
    return []


def weighed(count: int) -> Entrants:
    """Return Sessions whose opener has `count` agents in them, and publishes unless its bond is the smaller loss."""

    def entrants(market: Market) -> Sequence[Entry]:
        entries, sizes = with_agents(count, 0)(market), market.sizes
        ranked = sorted(entries, key=lambda entry: -entry.quality)
        pool = sizes.fee * len(entries) * (10_000 - FEE_BPS) // 10_000
        shares = zip(ranked, sizes.payout_bps, strict=False)
        won = sum(pool * bps // 10_000 for entry, bps in shares if entry.master == MASTER)
        if won >= (count * 100 - len(entries) * sizes.bond_percent) * sizes.fee // 100:
            return entries
        market.lapse(MASTER)
        return []

    return entrants


WEAK = -1_000


SCENARIOS: tuple[Scenario, ...] = (
    Scenario("honest judge", "Reads every entry and reveals.", nodes=1, is_cheat=False),
    Scenario("honest player", "Enters one ordinary agent.", entrants=with_agents(1, 0), is_cheat=False),
    Scenario(
        "strong player", "Enters one agent that is ten points better.", entrants=with_agents(1, 1000), is_cheat=False
    ),
    Scenario("lazy judge", "Gives everybody the middle without reading.", nodes=1, strategy=lazy),
    Scenario("guessing judge", "Rolls dice instead of reading.", nodes=1, strategy=guessing),
    Scenario("silent judge", "Commits, looks what others reveal, withholds.", nodes=1, strategy=silent),
    Scenario(
        "bribed judge",
        "One judge always lets the master's weak agent win.",
        nodes=1,
        strategy=bribed,
        entrants=with_agents(1, WEAK),
    ),
    Scenario("sybil agents", "One owner enters three weak agents to fill the places.", entrants=with_agents(3, WEAK)),
    Scenario(
        "collusion ring",
        "A tenth of all judges serve one weak agent whenever they are the majority of a panel.",
        nodes=2,
        strategy=loyal,
        entrants=with_agents(1, WEAK),
    ),
    Scenario(
        "ring of a fifth",
        "A fifth of all judges serve one weak agent whenever they are the majority of a panel.",
        nodes=4,
        strategy=loyal,
        entrants=with_agents(1, WEAK),
    ),
    Scenario(
        "whale",
        "Two fifths of all judges serve one weak agent whenever they are the majority of a panel.",
        nodes=8,
        strategy=loyal,
        entrants=with_agents(1, WEAK),
    ),
    Scenario(
        "points farm",
        "Plays Sessions against itself to collect emissions.",
        entrants=lambda market: [market.entry(number, MASTER) for number in range(market.sizes.entrants)],
        earns_points=True,
    ),
    Scenario(
        "farm with judges",
        "Plays against itself, with a fifth of all judges, who pay the judges' fees back.",
        nodes=4,
        strategy=loyal,
        entrants=lambda market: [market.entry(number, MASTER) for number in range(market.sizes.entrants)],
        earns_points=True,
        instead=others,
    ),
    Scenario(
        "opener with hindsight",
        "Publishes only the Sessions that its own agent wins.",
        entrants=with_hindsight,
        instead=with_agents(1, 0),
    ),
    Scenario(
        "opener that weighs",
        "Has three agents, and publishes unless losing the bond costs less.",
        entrants=weighed(3),
        instead=with_agents(3, 0),
    ),
)
"""In the order of the report."""


def free_tier(sizes: Sizes) -> Sizes:
    """Return the same economy without entry fees."""
    return replace(sizes, fee=0)
