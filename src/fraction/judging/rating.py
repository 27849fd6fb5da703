"""Ratings: one joint fit over every pair of every Session, with intervals.

    P(a beats b) = g(a) / (g(a) + g(b))        rating = 1000 + 400 log10 g

A Session of n entrants counts as its n(n-1)/2 pairs, each with weight 2/n, so that a large Session does not outweigh
many small ones; a tie is half a win for either. Every agent also has drawn `PRIOR_GAMES` times with an average one,
which keeps a single lucky win from being an infinite rating. Ratings are shown and used to match; they never pay.

A Session of `days` ago counts 2 ** (-days / 180). So what is not confirmed fades: the interval of who stays away
widens, and its rating goes back towards the average as its old Sessions come to weigh less than the prior. A newcomer
has the prior alone, 1000 with a margin of 681.

Sources: Bradley and Terry 1952; the minorisation steps are those of Hunter 2004, "MM algorithms for generalized
Bradley-Terry models", section 2; intervals from the observed information, its diagonal.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

from fraction.base import AgentId, Score

PRIOR_GAMES = 1.0
AVERAGE = 1_000
POINTS_PER_TENFOLD = 400
HALF_LIFE_DAYS = 180
"""After so many days a Session counts half."""
_STEPS = 100
_NORMAL_95 = 1.96


@dataclass(frozen=True, slots=True)
class Rating:
    """How strong an agent is, as far as its Sessions tell."""

    points: int
    """1000 is the average agent; 400 more mean ten times the odds of winning."""
    margin: int
    """Half of the 95 % interval, in points."""

    @property
    def low(self) -> int:
        """The lower end of the interval."""
        return self.points - self.margin

    @property
    def high(self) -> int:
        """The upper end of the interval."""
        return self.points + self.margin


def fit_ratings(results: Sequence[Mapping[AgentId, Score]], ages: Sequence[int] = ()) -> dict[AgentId, Rating]:
    """Return a rating for each agent that played.

    Args:
        results: for each Session, the final score of each agent
        ages: how many days ago each Session was; empty if all were today
    """
    games: dict[tuple[AgentId, AgentId], float] = {}
    wins: dict[AgentId, float] = {agent: 0.0 for scores in results for agent in sorted(scores)}
    for scores, age in zip(results, ages or [0] * len(results), strict=True):
        for a, b in combinations(sorted(scores), 2):
            weight = 2 / len(scores) * recency(age)
            games[a, b] = games.get((a, b), 0.0) + weight
            share = 0.5 if scores[a] == scores[b] else float(scores[a] > scores[b])
            wins[a] += weight * share
            wins[b] += weight * (1 - share)
    strengths = _strengths(games, wins)
    return {agent: _rating(agent, strengths, games) for agent in wins}


def recency(days: int) -> float:
    """Return what a Session of `days` ago counts.

    >>> recency(0), recency(180), recency(720)
    (1.0, 0.5, 0.0625)
    """
    return 2.0 ** (-max(0, days) / HALF_LIFE_DAYS)


def newcomer() -> Rating:
    """Return the rating before the first Session: the prior's.

    >>> newcomer()
    Rating(points=1000, margin=681)
    """
    return _rating(AgentId(""), {AgentId(""): 1.0}, {})


def rank(agent: AgentId, ratings: Mapping[AgentId, Rating]) -> int:
    """Return 1 plus the number of agents whose whole interval lies above this one's: no rank that chance could make.

    >>> rank(AgentId("a"), {AgentId("a"): Rating(1000, 50), AgentId("b"): Rating(1090, 50)})
    1
    """
    return 1 + sum(other.low > ratings[agent].high for other in ratings.values())


def _strengths(games: Mapping[tuple[AgentId, AgentId], float], wins: Mapping[AgentId, float]) -> dict[AgentId, float]:
    strengths = dict.fromkeys(wins, 1.0)
    for _ in range(_STEPS):
        met = {agent: PRIOR_GAMES / (strength + 1.0) for agent, strength in strengths.items()}
        for (a, b), count in games.items():
            met[a] += count / (strengths[a] + strengths[b])
            met[b] += count / (strengths[a] + strengths[b])
        strengths = {agent: (wins[agent] + PRIOR_GAMES / 2) / met[agent] for agent in wins}
    return strengths


def _rating(
    agent: AgentId, strengths: Mapping[AgentId, float], games: Mapping[tuple[AgentId, AgentId], float]
) -> Rating:
    mine = strengths[agent]
    information = PRIOR_GAMES * mine / (mine + 1.0) ** 2
    for (a, b), count in games.items():
        if agent in (a, b):
            information += count * strengths[a] * strengths[b] / (strengths[a] + strengths[b]) ** 2
    points_per_nat = POINTS_PER_TENFOLD / math.log(10)
    return Rating(
        AVERAGE + round(points_per_nat * math.log(mine)), round(_NORMAL_95 * points_per_nat / math.sqrt(information))
    )
