"""What dishonest judges earn and what they do to results, with equal weights and with weights from their records.

    python -m bench.panels --sessions 4000

Twenty judges of equal stake; the master's come first. A panel scores six entries, of which the first is the master's
and ten points weaker. Who is within ten points of the medians in the mean shares 60 cents; who is not loses half a
percent of a stake of 100 dollars. Reading costs 2 cents; a bribe is half of the first prize of 5.40 dollars, paid if
the master's entry is first alone. In one Session of three, two entries are a gold pair.

`equal`: as on chain today. `weighted`: drawn, heard and paid by `fraction.judging.weight`.
"""

import argparse
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from statistics import mean, stdev

from fraction.base import Score
from fraction.judging.panel import balanced, deviation, weighted_lower_median
from fraction.judging.record import Record, gold_share
from fraction.judging.weight import draw_chances, pay_shares, weight_of

JUDGES, ENTRIES, NOISE, SPREAD, WEAKER = 20, 6, 600, 1_500, 1_000
TOLERANCE, POOL, SLASH, READING, BRIBE = 1_000, 60, 50, 2, 270
"""Hundredths of a point; cents."""
MIDDLE, BEST = Score(5_000), Score(10_000)


@dataclass(frozen=True, slots=True)
class Seat:
    """What a judge knows when it gives its scores."""

    qualities: Sequence[int]
    allies: int
    """How many of the panel are the master's."""
    panel: int
    told: tuple[Score, ...] | None
    """What an ally on the panel gives, if one was asked before."""
    late: bool
    """Whether the second half of all Sessions has begun."""
    luck: random.Random


Given = tuple[tuple[Score, ...], int, bool]
"""Scores, what they cost in cents, and whether they favour the master's entry."""


def honest(seat: Seat) -> Given:
    """Read, and say what was seen."""
    seen = (round(q + seat.luck.gauss(0, NOISE)) for q in seat.qualities)
    return tuple(Score(max(0, min(BEST, score))) for score in seen), READING, False


def bribed(seat: Seat) -> Given:
    """Give everything to the master's entry and nothing to the others."""
    return (BEST, *(Score(0) for _ in seat.qualities[1:])), 0, True


def careful(seat: Seat) -> Given:
    """Read, and give the master's entry ten points more than the best of the others."""
    scores, cost, _ = honest(seat)
    return (Score(min(BEST, max(scores) + 1_000)), *scores[1:]), cost, True


def copying(seat: Seat) -> Given:
    """Repeat what an ally gives; without one, the middle."""
    return seat.told or (MIDDLE,) * len(seat.qualities), 0, False


def lazy(seat: Seat) -> Given:
    """Read nothing: the middle for everybody."""
    return (MIDDLE,) * len(seat.qualities), 0, False


def guessing(seat: Seat) -> Given:
    """Read nothing: dice."""
    return tuple(Score(seat.luck.randint(0, BEST)) for _ in seat.qualities), 0, False


def colluding(seat: Seat) -> Given:
    """Be honest, unless allies are the majority of the panel."""
    return bribed(seat) if 2 * seat.allies > seat.panel else honest(seat)


def building(seat: Seat) -> Given:
    """Be honest for the first half of all Sessions, then sell what the record is worth."""
    return careful(seat) if seat.late else honest(seat)


@dataclass(frozen=True, slots=True)
class Strategy:
    """How the master's nodes judge."""

    name: str
    nodes: int
    judge: Callable[[Seat], Given]
    first: Callable[[Seat], Given] | None = None
    """How the first of them judges, if in another way."""


STRATEGIES = (
    Strategy("honest", 1, honest),
    Strategy("bribed, openly", 1, bribed),
    Strategy("bribed, with care", 1, careful),
    Strategy("copying an ally", 2, copying, honest),
    Strategy("lazy", 1, lazy),
    Strategy("random", 1, guessing),
    Strategy("colluding, a fifth", 4, colluding),
    Strategy("colluding, two fifths", 8, colluding),
    Strategy("building a reputation", 1, building),
    Strategy("building, a fifth", 4, building),
)


@dataclass(slots=True)
class World:
    """Judges with their records, and what the master earned."""

    strategy: Strategy
    size: int
    weighted: bool
    luck: random.Random
    records: list[Record] = field(default_factory=lambda: [Record()] * JUDGES)
    profits: list[int] = field(default_factory=list[int])
    errors: list[int] = field(default_factory=list[int])
    stolen: int = 0
    """Sessions in which the master's entry came first though another one was better."""

    def play(self, late: bool) -> None:
        """Play one Session."""
        luck = self.luck
        qualities = [max(0, min(BEST, round(luck.gauss(MIDDLE, SPREAD)))) for _ in range(ENTRIES)]
        qualities[0] = max(0, qualities[0] - WEAKER)
        pair = sorted(luck.sample(range(1, ENTRIES), 2), key=lambda t: -qualities[t]) if luck.random() < 1 / 3 else []
        if pair:
            qualities[pair[1]] = max(0, qualities[pair[0]] - 2_000)
        panel = self._draw()
        rows, costs, favours = self._scores(panel, qualities, late)
        weights = balanced([weight_of(self.records[j]) for j in panel]) if self.weighted else (1,) * self.size
        medians = [weighted_lower_median([row[t] for row in rows], weights) for t in range(ENTRIES)]
        self._book(panel, rows, medians, costs, favours)
        self.errors += [abs(m - q) for m, q in zip(medians, qualities, strict=True)]
        self.stolen += medians[0] > max(medians[1:]) and qualities[0] < max(qualities)
        for judge, row in zip(panel, rows, strict=True):
            right, asked = gold_share([(row[pair[0]], row[pair[1]])] if pair else [])
            self.records[judge] += Record(gold_right=right, gold_asked=asked, answered=1, drawn=1)

    def _draw(self) -> list[int]:
        chances = draw_chances([1] * JUDGES, [weight_of(r) if self.weighted else 1 for r in self.records])
        keys = [self.luck.random() ** (1 / c) if c else -1.0 for c in chances]  # Efraimidis and Spirakis 2006
        return sorted(sorted(range(JUDGES), key=lambda j: -keys[j])[: self.size])

    def _scores(
        self, panel: Sequence[int], qualities: Sequence[int], late: bool
    ) -> tuple[list[tuple[Score, ...]], int, bool]:
        allies = sum(judge < self.strategy.nodes for judge in panel)
        rows: list[tuple[Score, ...]] = []
        told, costs, favoured = None, 0, False
        for judge in panel:
            mine = judge < self.strategy.nodes
            seat = Seat(qualities, allies, self.size, told, late, self.luck)
            own = self.strategy.first if judge == 0 and self.strategy.first else self.strategy.judge
            scores, cost, favours = own(seat) if mine else honest(seat)
            rows.append(scores)
            if mine:
                told, costs, favoured = told or scores, costs + cost, favoured or favours
        return rows, costs, favoured

    def _book(
        self,
        panel: Sequence[int],
        rows: Sequence[Sequence[Score]],
        medians: Sequence[Score],
        costs: int,
        favoured: bool,
    ) -> None:
        within = [deviation(row, medians) <= TOLERANCE for row in rows]
        weights = [weight_of(self.records[j]) if self.weighted else 1 for j in panel]
        paid = pay_shares(1_000 * POOL, weights, within)
        seats = [place for place, judge in enumerate(panel) if judge < self.strategy.nodes]
        earned = sum(paid[place] for place in seats) - 1_000 * (costs + SLASH * sum(not within[p] for p in seats))
        bribe = 1_000 * BRIBE if favoured and medians[0] > max(medians[1:]) else 0
        self.profits.append(earned + bribe)


def run(strategy: Strategy, size: int, weighted: bool, sessions: int, seed: str) -> World:
    """Return the world after so many Sessions."""
    world = World(strategy, size, weighted, random.Random(f"{seed}/{size}/{weighted}"))
    for number in range(sessions):
        world.play(late=2 * number >= sessions)
    return world


def main() -> None:
    """Print a table in Markdown."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sessions", type=int, default=4_000)
    parser.add_argument("--seed", default="panels")
    options = parser.parse_args()
    print("| judges | panel | weights | cents a Session | ± | median off by | stolen | weight at the end |")
    print("|---|---:|---|---:|---:|---:|---:|---:|")
    for strategy in STRATEGIES:
        for size in (3, 5):
            for weighted in (False, True):
                world = run(strategy, size, weighted, options.sessions, options.seed)
                cents = [profit / 1_000 / strategy.nodes for profit in world.profits]
                error = 1.96 * stdev(cents) / len(cents) ** 0.5
                weight = weight_of(world.records[strategy.nodes - 1])
                print(
                    f"| {strategy.name} | {size} | {'by record' if weighted else 'equal'} | {mean(cents):+.2f} | "
                    f"{error:.2f} | {mean(world.errors) / 100:.2f} | {100 * world.stolen / options.sessions:.1f} % | "
                    f"{weight} |",
                    flush=True,
                )


if __name__ == "__main__":
    main()
