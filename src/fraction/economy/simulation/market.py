"""One economy under simulation: Sessions are entered, judged, contested and settled; every profit is kept."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from fraction.base import Dice, Score
from fraction.economy.simulation.books import Books, Played, Result, lower_median, weigh
from fraction.economy.simulation.judges import MIDDLE, READERS, Bench, Strategy, clamped, wobble
from fraction.economy.simulation.sizes import Sizes

PUBLIC = "the others"
"""The master of everybody who belongs to nobody in particular."""


@dataclass(frozen=True, slots=True)
class Node:
    """A judge node."""

    name: str
    strategy: Strategy
    master: str
    stake: int


@dataclass(frozen=True, slots=True)
class Entry:
    """An agent in a Session."""

    owner: str
    quality: int
    master: str


class Market:
    """Books, nodes and dice; what each master earned."""

    def __init__(self, sizes: Sizes, nodes: Sequence[Node], dice: Dice) -> None:
        """Let the nodes register in their order."""
        self.sizes = sizes
        self.dice = dice
        self.books = Books(sizes.stake)
        self.nodes = {node.name: node for node in nodes}
        self.profits: Counter[str] = Counter()
        """By master, in millionths of a dollar."""
        self.ends: Counter[str] = Counter()
        """How often Sessions were settled, cancelled, contested, corrected."""
        for node in nodes:
            self.books.stake(node.name, node.stake)

    def entry(self, number: int, master: str = PUBLIC, strength: int = 0) -> Entry:
        """Return an agent of ordinary quality, plus `strength`."""
        quality = clamped(MIDDLE + strength + wobble(self.dice, self.sizes.spread))
        return Entry(f"owner-{number}", quality, master)

    def play(self, entries: Sequence[Entry]) -> Result | None:
        """Play one Session to its end, and book what it brought to whom; None if no panel could be drawn."""
        panel = self.draw(self.sizes.judges, {entry.owner for entry in entries})
        if len(panel) < self.sizes.quorum:
            return None
        played = Played(
            fee=self.sizes.fee,
            payout_bps=self.sizes.payout_bps,
            tolerance=self.sizes.tolerance,
            quorum=self.sizes.quorum,
            owners=tuple(entry.owner for entry in entries),
            panel=panel,
            rows=tuple(self._judge(judge, panel, entries) for judge in panel),
        )
        result = self.books.finish(played, self._corrections(played, entries))
        self.ends["settled" if result.medians else "cancelled"] += 1
        self._book(played, result, entries)
        return result

    def draw(self, count: int, excluded: Collection[str]) -> tuple[str, ...]:
        """Return up to `count` nodes by stake, none of them excluded."""
        return self.books.draw(count, excluded, lambda _, total: self.dice.below(2**32) * total >> 32)

    def pay(self, master: str, amount: int) -> None:
        """Book money that does not pass through the contracts, such as emissions or gas (negative)."""
        self.profits[master] += amount

    def _judge(self, judge: str, panel: Sequence[str], entries: Sequence[Entry]) -> tuple[int, ...] | None:
        node = self.nodes[judge]
        is_mine = node.master != PUBLIC
        bench = Bench(
            sizes=self.sizes,
            qualities=[entry.quality for entry in entries],
            friends=frozenset(t for t, entry in enumerate(entries) if is_mine and entry.master == node.master),
            allies=sum(self.nodes[other].master == node.master for other in panel) if is_mine else 1,
            panel=len(panel),
            dice=self.dice,
        )
        self.pay(node.master, -self.sizes.gas - self.sizes.judge_cost * (node.strategy in READERS))
        return node.strategy(bench)

    def _corrections(self, played: Played, entries: Sequence[Entry]) -> dict[int, Score]:
        """Let players contest scores, round by round; return what fresh panels put in their place."""
        corrections: dict[int, Score] = {}
        used = {*played.panel, *played.owners}
        judges = len(played.panel)
        for round_number in range(1, self.sizes.rounds + 1):
            contest = self._contest(played, entries, corrections)
            judges = 2 * judges + 1
            panel = self.draw(judges, used)
            if contest is None or len(panel) <= judges // 2:
                break
            used |= {*panel}
            self.ends["contested"] += 1
            score = self._fresh_score(panel, entries, contest.ticket)
            bond = played.fee * round_number
            if score is not None and abs(score - contest.score) > played.tolerance:
                corrections[contest.ticket] = score
                self.ends["corrected"] += 1
            elif score is not None:
                self.pay(contest.master, -bond)
                for judge in panel:
                    self.pay(self.nodes[judge].master, bond // len(panel))
        return corrections

    def _contest(self, played: Played, entries: Sequence[Entry], corrections: Mapping[int, Score]) -> "Contest | None":
        """Return the score that is most wrong, and who contests it; None if it is not worth a bond."""
        if sum(row is not None for row in played.rows) < played.quorum or not self.dice.chance(
            self.sizes.watch_percent
        ):
            return None
        medians, _ = weigh(played.rows, corrections)
        seen = [clamped(entry.quality + wobble(self.dice, self.sizes.noise)) for entry in entries]
        wrong = [abs(mine - median) for mine, median in zip(seen, medians, strict=True)]
        ticket = wrong.index(max(wrong))
        losers = [entry.master for entry, found in zip(entries, medians, strict=True) if found <= medians[ticket]]
        payer = entries[ticket].master if seen[ticket] > medians[ticket] else losers[-1]
        is_worth_it = max(wrong) > played.tolerance + self.sizes.noise and (payer == PUBLIC or payer in losers)
        return Contest(ticket, medians[ticket], payer) if is_worth_it else None

    def _fresh_score(self, panel: Sequence[str], entries: Sequence[Entry], ticket: int) -> Score | None:
        rows = [row for judge in panel if (row := self._judge(judge, panel, entries)) is not None]
        return lower_median([row[ticket] for row in rows]) if 2 * len(rows) > len(panel) else None

    def _book(self, played: Played, result: Result, entries: Sequence[Entry]) -> None:
        for entry, prize in zip(entries, result.payouts.prizes, strict=True):
            self.pay(entry.master, prize - played.fee - self.sizes.gas)
        fees = result.payouts.judge_fees or (0,) * len(played.panel)
        for judge, fee, slash in zip(played.panel, fees, result.slashes, strict=True):
            self.pay(self.nodes[judge].master, fee - slash)
            self.books.stake(judge, slash)  # topped up, so that every Session is played at the published stakes


@dataclass(frozen=True, slots=True)
class Contest:
    """A score that somebody contests."""

    ticket: int
    score: Score
    master: str
    """Who pays the bond."""
