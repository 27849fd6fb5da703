r"""Verifying by sampling: what it costs, how surely it catches, and when cheating loses money.

A training has n segments. After the trainer has committed, the beacon gives each of k verifiers q of them, and in all
d = min(n, k·q) different ones are computed again. A trainer who falsified m is caught unless all m lie outside:

    P(caught) = 1 - C(n-m, d) / C(n, d)

A verifier who does not compute is caught by planted segments: each gets r more, which hold a known error, and approves
them. Money is in units of the honest cost of one whole training.

Source of the formula: sampling without replacement (the hypergeometric distribution). `simulate` plays it with dice.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import comb

from fraction.base import Dice, Rejected, digest_of

PPM = 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Sampling:
    """One way to verify by sampling; money in millionths of what one whole training costs to compute."""

    segments: int = 128
    """n; a training of fewer steps is recomputed in whole."""
    verifiers: int = 3
    """k"""
    each: int = 7
    """q: segments that one verifier computes."""
    planted: int = 1
    """r: segments with a known error that each verifier gets on top."""
    trainer_pay: int = 1_500_000
    """What the trainer gets if nothing is found."""
    trainer_stake: int = 3_000_000
    """What it loses if it is caught."""
    segment_pay: int = 15_000
    """What a verifier gets for one segment; to compute it costs a whole training over n."""
    verifier_stake: int = 1_000_000

    def __post_init__(self) -> None:
        """Refuse a setting that cannot be carried out.

        Raises:
            Rejected: a number is out of its range.
        """
        fits = self.segments >= 1 and self.verifiers >= 1 and 1 <= self.each <= self.segments
        if not fits or self.planted < 0:
            raise Rejected("Sampling needs segments, verifiers, and 1 to n segments for each of them.")

    @property
    def checked(self) -> int:
        """How many different segments are computed again: assignments do not overlap while there are enough."""
        return min(self.segments, self.verifiers * self.each)

    @property
    def assigned(self) -> int:
        """Segments of one verifier, the planted ones included."""
        return self.each + self.planted

    @property
    def cost_ppm(self) -> int:
        """What verifying costs, planted segments included, in millionths of the training, rounded up."""
        return -(-self.verifiers * self.assigned * PPM // self.segments)


DEFAULT = Sampling()
"""The cheapest setting found by `cheapest` under which every kind of cheating loses money."""
FULL = Sampling(verifiers=1, each=128)
"""Full coverage at once the cost: for jobs where one poisoned step is worth more than the stake."""


def catch_probability(sampling: Sampling, falsified: int) -> float:
    """Return how likely it is that at least one of `falsified` segments is computed again.

    >>> round(catch_probability(Sampling(segments=100, verifiers=1, each=20), 20), 3)
    0.993
    """
    n, d = sampling.segments, sampling.checked
    return 1 - comb(n - falsified, d) / comb(n, d)


def trainer_profit(sampling: Sampling, falsified: int, benefit_ppm: int = 0) -> float:
    """Return what a trainer that skips or falsifies segments expects beyond what an honest one gets, in trainings.

    Args:
        sampling: how it is verified
        falsified: segments that it did not compute as it should, each of which it saves
        benefit_ppm: what the falsified model is worth to it outside, if it is not caught
    """
    saved = falsified * PPM / sampling.segments
    caught = catch_probability(sampling, falsified)
    gain = saved + (1 - caught) * benefit_ppm - caught * (sampling.trainer_pay + sampling.trainer_stake)
    return gain / PPM


def lazy_catch_probability(sampling: Sampling, skipped: int) -> float:
    """Return how likely it is that a planted segment is among the `skipped` ones that a verifier approves unseen."""
    assigned = sampling.assigned
    return 1 - comb(assigned - skipped, sampling.planted) / comb(assigned, sampling.planted)


def lazy_verifier_profit(sampling: Sampling, skipped: int) -> float:
    """Return what a verifier expects beyond an honest one if it approves `skipped` of its segments unseen.

    It cannot tell planted ones from others; one that it approves costs its stake and its pay for all.
    """
    saved = skipped * PPM / sampling.segments
    lost = sampling.verifier_stake + sampling.assigned * sampling.segment_pay
    return (saved - lazy_catch_probability(sampling, skipped) * lost) / PPM


def collusion_probability(share_ppm: int, verifiers: int) -> float:
    """Return how likely it is that all drawn verifiers belong to one party that holds this share of the stake.

    >>> round(collusion_probability(200_000, 3), 4)
    0.008
    """
    return (share_ppm / PPM) ** verifiers


def colluding_profit(sampling: Sampling, falsified: int, share_ppm: int) -> float:
    """Return what a trainer expects that also owns a share of the verifiers' stake.

    It is caught only by verifiers that are not its own; their number among k is binomial.
    """
    share, total = share_ppm / PPM, 0.0
    for honest in range(sampling.verifiers + 1):
        weight = comb(sampling.verifiers, honest) * (1 - share) ** honest * share ** (sampling.verifiers - honest)
        total += weight * (
            trainer_profit(replace(sampling, verifiers=honest), falsified) if honest else falsified / sampling.segments
        )
    return total


def cheating_pays(sampling: Sampling) -> bool:
    """Return whether any share of skipped or falsified work, by trainer or verifier, is expected to gain."""
    trainer = any(trainer_profit(sampling, m) >= 0 for m in range(1, sampling.segments + 1))
    return trainer or any(lazy_verifier_profit(sampling, s) >= 0 for s in range(1, sampling.assigned + 1))


def cheapest(start: Sampling, share_ppm: int = 200_000, certainty: float = 0.99) -> Sampling:
    """Return the setting with the fewest segments a verifier under which cheating loses money.

    It also catches a falsified share of `share_ppm` with at least that certainty.

    Raises:
        Rejected: not even full coverage does.
    """
    falsified = -(-start.segments * share_ppm // PPM)
    for each in range(1, start.segments + 1):
        setting = replace(start, each=each)
        if catch_probability(setting, falsified) >= certainty and not cheating_pays(setting):
            return setting
    raise Rejected("With these payments and stakes cheating pays under any coverage; raise the stakes.")


@dataclass(frozen=True, slots=True)
class Played:
    """What a simulation found."""

    games: int
    caught: int
    profit: float
    """Mean of the cheater's gain over an honest one's, in trainings."""


def simulate(sampling: Sampling, falsified: int, games: int, seed: str) -> Played:
    """Return how many of `games` trainers with `falsified` segments were caught, each game with its own draw."""
    caught = 0
    saved = falsified * PPM / sampling.segments
    loss = sampling.trainer_pay + sampling.trainer_stake
    for game in range(games):
        drawn = draw_segments(digest_of([seed, game]), sampling.segments, sampling.checked)
        wrong = draw_segments(digest_of([seed, game, "wrong"]), sampling.segments, falsified)
        caught += not set(drawn).isdisjoint(wrong)
    return Played(games, caught, (saved - loss * caught / games) / PPM)


def simulate_lazy(sampling: Sampling, skipped: int, games: int, seed: str) -> Played:
    """Return how many verifiers were caught that approve `skipped` of their segments unseen."""
    assigned = sampling.assigned
    caught = 0
    for game in range(games):
        planted = draw_segments(digest_of([seed, game, "planted"]), assigned, sampling.planted)
        unseen = draw_segments(digest_of([seed, game, "unseen"]), assigned, skipped)
        caught += not set(planted).isdisjoint(unseen)
    loss = sampling.verifier_stake + assigned * sampling.segment_pay
    return Played(games, caught, (skipped * PPM / sampling.segments - loss * caught / games) / PPM)


@dataclass(frozen=True, slots=True)
class Row:
    """One kind of cheating, by formula and as played; gains in millionths of one training's cost."""

    who: str
    share_ppm: int
    caught_ppm: int
    caught_played_ppm: int
    gain_ppm: int
    gain_played_ppm: int

    def cells(self) -> list[str]:
        """Return the row as it is printed."""
        shares = [f"{x / 10_000:.1f} %" for x in (self.share_ppm, self.caught_ppm, self.caught_played_ppm)]
        return [self.who, *shares, f"{self.gain_ppm / PPM:+.3f}", f"{self.gain_played_ppm / PPM:+.3f}"]


def table(sampling: Sampling, games: int, seed: str) -> list[Row]:
    """Return what trainers gain that falsify 1 segment to all, and verifiers that approve 1 to all unseen."""
    rows: list[Row] = []
    for percent in (1, 5, 10, 20, 50, 100):
        falsified = max(1, sampling.segments * percent // 100)
        played = simulate(sampling, falsified, games, f"{seed}/{percent}")
        caught, gain = catch_probability(sampling, falsified), trainer_profit(sampling, falsified)
        rows.append(_row("trainer", falsified, sampling.segments, caught, gain, played))
    for skipped in range(1, sampling.assigned + 1) if sampling.planted else ():
        played = simulate_lazy(sampling, skipped, games, f"{seed}/lazy/{skipped}")
        caught = lazy_catch_probability(sampling, skipped)
        rows.append(
            _row("verifier", skipped, sampling.assigned, caught, lazy_verifier_profit(sampling, skipped), played)
        )
    return rows


def _row(who: str, part: int, whole: int, caught: float, gain: float, played: Played) -> Row:
    played_ppm = played.caught * PPM // played.games
    return Row(who, part * PPM // whole, round(caught * PPM), played_ppm, round(gain * PPM), round(played.profit * PPM))


def draw_segments(beacon: str, segments: int, count: int) -> tuple[int, ...]:
    """Return which segments are computed again, in order: drawn from the beacon, none twice.

    >>> draw_segments("00", 10, 3) == draw_segments("00", 10, 3)
    True
    """
    dice = Dice(beacon, "segments")
    left = list(range(segments))
    return tuple(sorted(left.pop(dice.below(len(left))) for _ in range(count)))


def assign(beacon: str, segments: int, verifiers: Sequence[str], each: int) -> dict[str, tuple[int, ...]]:
    """Return each verifier's segments; different ones while there are enough."""
    dice = Dice(beacon, "assignment")
    found: dict[str, tuple[int, ...]] = {}
    left: list[int] = []
    for verifier in verifiers:
        own: list[int] = []
        while len(own) < each:
            left = left or [s for s in range(segments) if s not in own]
            own.append(left.pop(dice.below(len(left))))
        found[verifier] = tuple(sorted(own))
    return found
