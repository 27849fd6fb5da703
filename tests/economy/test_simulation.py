"""The simulated economy: its books balance, the same seed says the same, and cheats at the published sizes lose."""

from dataclasses import replace

import pytest

from fraction.economy import DEVIATION_BPS
from fraction.economy.simulation import SCENARIOS, Scenario, Sizes, simulate
from fraction.economy.simulation.judges import silent
from fraction.economy.simulation.market import Market
from fraction.economy.simulation.scenarios import others, roster

BY_NAME = {scenario.name: scenario for scenario in SCENARIOS}


def test_the_same_seed_gives_the_same_figure_and_another_seed_another() -> None:
    scenario = BY_NAME["honest player"]
    figures = [simulate(scenario, Sizes(), 20, seed) for seed in ("a", "a", "b")]
    assert figures[0] == figures[1] != figures[2]


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.name)
def test_no_money_is_made_or_lost_in_a_session(scenario: Scenario) -> None:
    """What everybody earned, the treasury and the slashed stakes included, is what judging and gas cost."""
    sizes = Sizes(judge_cost=0, gas=0)
    market = Market(sizes, roster(scenario, sizes), f"balance/{scenario.name}")
    for _ in range(30):
        entries = (scenario.entrants or others)(market)
        if entries:
            market.play(entries)
    assert sum(market.profits.values()) + market.books.treasury + market.books.slashed == 0


def test_without_a_quorum_everybody_is_refunded_and_the_silent_pay() -> None:
    sizes = Sizes(nodes=3, gas=0, absent_percent=0)
    scenario = Scenario("all silent", "Nobody reveals.", nodes=3, strategy=silent)
    figure = simulate(scenario, sizes, 10, "a")
    assert (figure.settled, figure.cancelled) == (0, 10)
    assert figure.profit == -3 * sizes.stake // 20


@pytest.mark.parametrize(
    "name", ["silent judge", "sybil agents", "points farm", "farm with judges", "opener with hindsight"]
)
def test_a_cheat_loses_money_at_the_published_sizes(name: str) -> None:
    assert simulate(BY_NAME[name], Sizes(), 150, "1").loses


def test_without_a_bond_an_opener_with_hindsight_gains_and_with_it_one_that_weighs_never_lapses() -> None:
    for name in ("opener with hindsight", "opener that weighs"):
        assert simulate(BY_NAME[name], replace(Sizes(), bond_percent=0), 150, "1").pays
    weighing = simulate(BY_NAME["opener that weighs"], Sizes(), 150, "1")
    assert (weighing.gain, weighing.cancelled) == (0, 0)


def test_a_whale_would_pay_if_overruled_judges_lost_as_little_as_others(monkeypatch: pytest.MonkeyPatch) -> None:
    assert not simulate(BY_NAME["whale"], Sizes(), 150, "1").pays
    monkeypatch.setattr("fraction.economy.simulation.books.OVERRULED_BPS", DEVIATION_BPS)
    assert simulate(BY_NAME["whale"], Sizes(), 150, "1").pays


def test_a_farm_would_pay_if_sessions_without_a_fee_gave_points() -> None:
    sizes = replace(Sizes(), fee=0, gas=0, points_need_fee=False)
    assert simulate(BY_NAME["points farm"], sizes, 50, "1").pays
