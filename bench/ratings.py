"""What ratings and seating by rating are worth to who plays fair, and to who does not.

    python -m bench.ratings --days 100

48 agents of different strength (standard deviation 150 points) play once a day in Sessions of four, for a fee of 100;
the pot less a tenth is paid 50, 30 and 20 percent. Results are drawn by Plackett's and Luce's model, so ratings can be
right. Seats are given at random, or by `fraction.judging.matchmaking`; ratings are fitted anew every other day.
"""

import argparse
import math
import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from statistics import mean, stdev

from fraction.base import AgentId, Score
from fraction.judging.matchmaking import Table, choose_table
from fraction.judging.rating import POINTS_PER_TENFOLD, Rating, fit_ratings, newcomer
from fraction.judging.report_card import spearman

AGENTS, SEATS, FEE = 48, 4, 100
SHARES = (180, 108, 72)
"""Of a pot of 400 less a tenth."""
PER_NAT = POINTS_PER_TENFOLD / math.log(10)


@dataclass(slots=True)
class League:
    """Agents, what they played, and what their owners earned."""

    by_rating: bool
    luck: random.Random
    strength: dict[str, float]
    owner: Callable[[str], str] = lambda name: name.partition("#")[0]
    throws: Callable[[str, list[str]], bool] = lambda name, table: False
    """Whether an agent loses on purpose at this table."""
    played: list[tuple[int, dict[AgentId, Score]]] = field(default_factory=list[tuple[int, dict[AgentId, Score]]])
    ratings: dict[AgentId, Rating] = field(default_factory=dict[AgentId, Rating])
    earned: Counter[str] = field(default_factory=Counter[str])
    games: Counter[str] = field(default_factory=Counter[str])

    def rating(self, name: str) -> Rating:
        """Return the agent's rating as it is known."""
        return self.ratings.get(AgentId(name), newcomer())

    def fit(self, day: int) -> None:
        """Fit all ratings anew."""
        self.ratings = fit_ratings([scores for _, scores in self.played], [day - then for then, _ in self.played])

    def play(self, day: int, present: list[str]) -> None:
        """Seat everybody who is present, and play the tables that are full."""
        open_tables: list[list[str]] = []
        for name in self.luck.sample(present, len(present)):
            tables = [Table(tuple(self.rating(other) for other in t), SEATS - len(t), 0) for t in open_tables]
            chosen = choose_table(self.rating(name), tables) if self.by_rating else (0 if tables else None)
            table = open_tables[chosen] if chosen is not None else []
            if chosen is None:
                open_tables.append(table)
            table.append(name)
            if len(table) == SEATS:
                open_tables.remove(table)
                self._finish(day, table)
        if day % 2 == 0:
            self.fit(day)

    def _finish(self, day: int, table: list[str]) -> None:
        thrown = {name: -2_000.0 if self.throws(name, table) else 0.0 for name in table}
        shown = {n: self.strength[n] + thrown[n] - PER_NAT * math.log(self.luck.expovariate(1)) for n in table}
        order = sorted(table, key=lambda name: -shown[name])
        self.played.append((day, {AgentId(name): Score(SEATS - place) for place, name in enumerate(order)}))
        for place, name in enumerate(order):
            self.earned[self.owner(name)] += (SHARES[place] if place < len(SHARES) else 0) - FEE
            self.games[self.owner(name)] += 1

    def profit(self, owner: str) -> float:
        """Return what the owner earned a Session, as a share of the fee."""
        return self.earned[owner] / FEE / max(1, self.games[owner])


def league(by_rating: bool, seed: str) -> League:
    """Return agents who have not played; the last one is strong."""
    luck = random.Random(seed)
    strength = {f"agent-{n}": luck.gauss(1_000, 150) for n in range(AGENTS - 1)}
    return League(by_rating, luck, {**strength, "strong": 1_300.0})


def fair(by_rating: bool, days: int, seed: str) -> dict[str, float]:
    """Return how right the ratings are, and what the strong agent earns."""
    found = league(by_rating, seed)
    for day in range(days):
        found.play(day, list(found.strength))
    found.fit(days)
    names = list(found.strength)
    ranks = spearman([found.rating(n).points for n in names], [round(found.strength[n]) for n in names])
    inside = mean(abs(found.rating(n).points - found.strength[n]) <= found.rating(n).margin for n in names)
    spreads = [stdev(found.strength[n] for n in scores) for day, scores in found.played if day > days // 2]
    weak = mean(found.profit(n) for n in sorted(names, key=lambda n: found.strength[n])[: AGENTS // 4])
    return {
        "rank agreement": ranks or 0.0,
        "strength inside the interval": inside,
        "spread at a table": mean(spreads),
        "strong, a Session": found.profit("strong"),
        "weakest quarter": weak,
    }


def smurf(by_rating: bool, days: int, seed: str) -> dict[str, float]:
    """Return what the strong agent's owner earns by coming back as a newcomer every eight Sessions."""
    found = league(by_rating, seed)
    for day in range(days):
        mask = f"strong#{day // 8}"
        found.strength[mask] = found.strength["strong"]
        found.play(day, [*(n for n in found.strength if n.startswith("agent-")), mask])
    return {"smurf, a Session": found.profit("strong")}


def collude(by_rating: bool, days: int, seed: str) -> dict[str, float]:
    """Return what three agents that lose to a fourth of average strength on purpose bring: rating and money."""
    found = league(by_rating, seed)
    ring = ["boss", "one", "two", "three"]
    found.strength.update(dict.fromkeys(ring, 1_000.0))
    found.throws = lambda name, table: name in ring[1:] and "boss" in table
    for day in range(days):
        found.play(day, list(found.strength))
    found.fit(days)
    earned = sum(found.earned[name] for name in ring) / FEE / sum(found.games[name] for name in ring)
    return {"boss's rating": found.rating("boss").points, "ring, a Session of one": earned}


def absent(by_rating: bool, days: int, seed: str) -> dict[str, float]:
    """Return the strong agent's rating after half of the days, and after two years away."""
    found = league(by_rating, seed)
    for day in range(days // 2):
        found.play(day, list(found.strength))
    found.fit(days // 2)
    before = found.rating("strong")
    found.played = [(day, scores) for day, scores in found.played if "strong" in scores]
    found.fit(days // 2 + 730)
    after = found.rating("strong")
    return {
        "strong": before.points,
        "strong, ±": before.margin,
        "two years later": after.points,
        "two years later, ±": after.margin,
    }


def main() -> None:
    """Print a table in Markdown: means over seeds."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--days", type=int, default=100)
    parser.add_argument("--seeds", type=int, default=3)
    options = parser.parse_args()
    print("| | seats at random | seats by rating |")
    print("|---|---:|---:|")
    for scenario in (fair, smurf, collude, absent):
        columns = [
            [scenario(by_rating, options.days, f"{scenario.__name__}/{s}") for s in range(options.seeds)]
            for by_rating in (False, True)
        ]
        for name in columns[0][0]:
            cells = [mean(found[name] for found in column) for column in columns]
            print(f"| {scenario.__name__}: {name} | {cells[0]:.2f} | {cells[1]:.2f} |", flush=True)


if __name__ == "__main__":
    main()
