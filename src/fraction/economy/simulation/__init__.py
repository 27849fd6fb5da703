"""A market of honest and dishonest players and judges, to see which cheats pay before money is at stake."""

from fraction.economy.simulation.books import Appeals, Books, Panel, Played, Point
from fraction.economy.simulation.run import Figure, simulate, simulate_all
from fraction.economy.simulation.scenarios import SCENARIOS, Scenario
from fraction.economy.simulation.sizes import DOLLAR, Sizes

__all__ = [
    "DOLLAR",
    "SCENARIOS",
    "Appeals",
    "Books",
    "Figure",
    "Panel",
    "Played",
    "Point",
    "Scenario",
    "Sizes",
    "simulate",
    "simulate_all",
]
