"""Run scenarios; say what each brought, and how sure that is."""

from dataclasses import dataclass
from math import isqrt

from fraction.economy.simulation.market import Market
from fraction.economy.simulation.scenarios import MASTER, SCENARIOS, Scenario, others, roster
from fraction.economy.simulation.sizes import Sizes


@dataclass(frozen=True, slots=True)
class Figure:
    """What a scenario brought its master."""

    scenario: str
    what: str
    is_cheat: bool
    sessions: int
    profit: int
    """A Session, in millionths of a dollar: what came in less what went out, emissions and gas included."""
    error: int
    """Standard error of `profit`."""
    gain: int
    """`profit` less what the same judges and agents bring without the cheat; for who is honest, `profit` itself."""
    gain_error: int
    """Standard error of `gain`."""
    settled: int
    cancelled: int
    contested: int
    corrected: int

    @property
    def pays(self) -> bool:
        """Return whether the gain is above 0 by more than two standard errors."""
        return self.gain > 2 * self.gain_error

    @property
    def loses(self) -> bool:
        """Return whether the gain is below 0 by more than two standard errors."""
        return self.gain < -2 * self.gain_error


def simulate(scenario: Scenario, sizes: Sizes, sessions: int, seed: str) -> Figure:
    """Return what the scenario brings in so many Sessions; the same seed gives the same figure."""
    market, profits = _played(scenario, sizes, sessions, seed)
    honest = scenario.honest_counterpart
    usual = [0] * sessions if honest is None else _played(honest, sizes, sessions, seed)[1]
    gains = [profit - other for profit, other in zip(profits, usual, strict=True)]  # of the same entries
    ends = market.ends
    return Figure(
        scenario=scenario.name,
        what=scenario.what,
        is_cheat=scenario.is_cheat,
        sessions=sessions,
        profit=sum(profits) // sessions,
        error=_error(profits),
        gain=sum(gains) // sessions,
        gain_error=_error(gains),
        settled=ends["settled"],
        cancelled=ends["cancelled"],
        contested=ends["contested"],
        corrected=ends["corrected"],
    )


def _played(scenario: Scenario, sizes: Sizes, sessions: int, seed: str) -> tuple[Market, list[int]]:
    """Return the market after so many Sessions, and the master's profit in each."""
    market = Market(sizes, roster(scenario, sizes), f"{seed}/{scenario.name}")
    profits: list[int] = []
    for _ in range(sessions):
        before = market.profits[MASTER]
        entries = (scenario.entrants or others)(market)
        if entries and market.play(entries) and scenario.earns_points:
            mine = sum(entry.master == MASTER for entry in entries)
            market.pay(MASTER, mine * _point_value(sizes))
        profits.append(market.profits[MASTER] - before)
    return market, profits


def simulate_all(sizes: Sizes, sessions: int, seed: str) -> list[Figure]:
    """Return the figures of every scenario."""
    return [simulate(scenario, sizes, sessions, seed) for scenario in SCENARIOS]


def _point_value(sizes: Sizes) -> int:
    """Return what one more point earns of a month's emission, at most: the farm's own points lower it."""
    if sizes.points_need_fee and sizes.fee == 0:
        return 0
    return sizes.emission // sizes.traffic


def _error(values: list[int]) -> int:
    mean = sum(values) // len(values)
    variance = sum((value - mean) ** 2 for value in values) // max(1, len(values) - 1)
    return isqrt(variance // len(values))
