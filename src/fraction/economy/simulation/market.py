"""One economy under simulation: Sessions are entered, judged, contested and settled; every profit is kept."""

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

from fraction.base import Dice
from fraction.economy.appeals import PotTerms, Result, bond_of, panel_size, settle_session
from fraction.economy.simulation.books import Appeals, Books, Panel, Played, Row, hearing_of
from fraction.economy.simulation.judges import MIDDLE, READERS, Bench, Strategy, clamped, wobble
from fraction.economy.simulation.sizes import Sizes

PUBLIC = "the others"
"""The master of everybody who belongs to nobody in particular."""

MAX_ROUNDS = 2
MAX_REDRAWS = 2
"""As in `contracts/src/SessionBook.sol`."""


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

    def __init__(self, sizes: Sizes, nodes: Sequence[Node], seed: str) -> None:
        """Let the nodes register in their order; the same seed brings the same entries, whatever the judges do."""
        self.sizes = sizes
        self.dice = Dice(seed, "judging")
        self._luck = Dice(seed, "entries")
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
        quality = clamped(MIDDLE + strength + wobble(self._luck, self.sizes.spread))
        return Entry(f"owner-{number}", quality, master)

    def pay(self, master: str, amount: int) -> None:
        """Book money that does not pass through the contracts, such as emissions or gas (negative)."""
        self.profits[master] += amount

    def lapse(self, master: str) -> None:
        """Let a Session end without a transcript: everybody gets the fee back, and its opener loses the bond."""
        bond = self.sizes.fee * self.sizes.entrants * self.sizes.bond_percent // 100
        self.pay(master, -self.sizes.gas - bond)
        self.books.treasury += bond

    def play(self, entries: Sequence[Entry]) -> Result | None:
        """Play one Session to its end, and book what it brought to whom; None if it was cancelled."""
        sizes = self.sizes
        terms = PotTerms(fee=sizes.fee, payout_bps=sizes.payout_bps, tolerance=sizes.tolerance)
        owners = tuple(entry.owner for entry in entries)
        used = {*owners}
        panel = self._seat(sizes.judges, sizes.quorum, used, entries, range(len(entries)))
        played = Played(terms, sizes.quorum, owners, panel)
        for entry in entries:
            self.pay(entry.master, -sizes.fee - sizes.gas)
        if panel.reveals >= sizes.quorum:
            played = self._contested(played, used, entries)
        result, moved = self.books.finish(played)
        masters = {entry.owner: entry.master for entry in entries} | {n.name: n.master for n in self.nodes.values()}
        for account, amount in moved:
            self.pay(masters[account], amount)
            if amount < 0:
                self.books.stake(account, -amount)  # topped up: every Session is played at the published stakes
        self.ends["settled" if result else "cancelled"] += 1
        self.ends["corrected"] += sum(r.upheld for rulings in result.rulings for r in rulings) if result else 0
        return result

    def _seat(self, count: int, quorum: int, used: set[str], entries: Sequence[Entry], tickets: Sequence[int]) -> Panel:
        """Draw judges and let them reveal (all commit); as long as a quorum is missing, replace those who do not."""
        rows: dict[str, Row | None] = {}
        replaced: list[str] = []
        for _ in range(1 + MAX_REDRAWS):
            drawn = self._draw(count - len(rows), used)
            if len(rows) + len(drawn) < quorum:
                break  # the contract draws nobody then
            used |= {*drawn}
            panel = [*rows, *drawn]
            rows |= {judge: self._judge(judge, panel, entries, tickets) for judge in drawn}
            if sum(row is not None for row in rows.values()) >= quorum:
                break
            replaced += [judge for judge, row in rows.items() if row is None]
            rows = {judge: row for judge, row in rows.items() if row is not None}
        return Panel(tuple(rows), tuple(rows.values()), tuple(replaced))

    def _draw(self, count: int, excluded: Collection[str]) -> tuple[str, ...]:
        return self.books.draw(count, excluded, lambda _, total: self.dice.below(2**32) * total >> 32)

    def _judge(self, judge: str, panel: Sequence[str], entries: Sequence[Entry], tickets: Sequence[int]) -> Row | None:
        node = self.nodes[judge]
        is_mine = node.master != PUBLIC
        bench = Bench(
            sizes=self.sizes,
            qualities=[entries[ticket].quality for ticket in tickets],
            friends=frozenset(p for p, t in enumerate(tickets) if is_mine and entries[t].master == node.master),
            allies=sum(self.nodes[other].master == node.master for other in panel) if is_mine else 1,
            panel=len(panel),
            dice=self.dice,
        )
        reading = self.sizes.judge_cost * len(tickets) // len(entries) if node.strategy in READERS else 0
        self.pay(node.master, -self.sizes.gas - reading)
        return node.strategy(bench)

    def _contested(self, played: Played, used: set[str], entries: Sequence[Entry]) -> Played:
        """Let players contest scores, round by round; return the Session with the rounds of appeals."""
        for round in range(1, MAX_ROUNDS + 1):
            contests = self._contests(played, entries) if self.sizes.fee else {}
            if not contests:
                break
            for appellant in contests.values():
                self.pay(appellant.master, -bond_of(self.sizes.fee, round))
            owners = tuple(appellant.owner for appellant in contests.values())
            size = panel_size(self.sizes.judges, round)
            panel = self._seat(size, size // 2 + 1, used | {*owners}, entries, tuple(contests))
            appeals = Appeals(tuple(contests), owners, panel, size // 2 + 1)
            played = replace(played, appeals=(*played.appeals, appeals))
            self.ends["contested"] += 1
            if appeals.lapsed:
                break
            used |= {*panel.judges, *panel.replaced}
        return played

    def _contests(self, played: Played, entries: Sequence[Entry]) -> dict[int, Entry]:
        """Return the scores that are wrong enough to be corrected, each with who contests it: who rises most by it.

        Nobody does, if nobody looked, or nobody but the cheat's master would rise.
        """
        if not self.dice.chance(self.sizes.watch_percent):
            return {}
        scores = _settled(played).scores
        seen = [clamped(entry.quality + wobble(self.dice, self.sizes.noise)) for entry in entries]
        enough = self.sizes.tolerance + self.sizes.noise
        right = [mine if abs(mine - score) > enough else score for mine, score in zip(seen, scores, strict=True)]
        gains = {t: _places_gained(scores, right, t) for t, entry in enumerate(entries) if entry.master == PUBLIC}
        best = max(gains, key=lambda ticket: gains[ticket], default=None)
        if best is None or gains[best] <= 0:
            return {}
        wrong = [t for t, (score, corrected) in enumerate(zip(scores, right, strict=True)) if score != corrected]
        return {t: entries[t if gains.get(t, 0) > 0 else best] for t in wrong}


def _settled(played: Played) -> Result:
    return settle_session(played.terms, played.panel.rows, [hearing_of(round) for round in played.appeals])


def _places_gained(before: Sequence[int], after: Sequence[int], ticket: int) -> int:
    """Return how many places the ticket rises if the scores are corrected."""
    return sum(score > before[ticket] for score in before) - sum(score > after[ticket] for score in after)
