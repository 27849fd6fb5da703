"""Reading a Space from a mapping, as a TOML file or a form gives it; errors name the key."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import cast

from fraction.base import Rejected, SpaceId, Wei
from fraction.judging import Criterion, Evaluator
from fraction.spaces.rounds import is_game, is_source, source_names
from fraction.spaces.space import Asset, Limits, Panel, Space, Tier, Timing

_MONTH = 30 * 24 * 3600


def parse_space(document: Mapping[str, object]) -> Space:
    """Return the Space that `document` describes.

    A fee is a decimal text in whole units, `"0.0005"` of ETH, or smallest units in a published Space's
    JSON (digits only).

    Raises:
        Rejected: a key is missing, unknown, of the wrong type or out of range; the text names it.
    """
    top = _Section("", document)
    entrants = top.section("entrants")
    space = Space(
        id=SpaceId(top.slug("id")),
        version=top.number("version", 1, 1_000_000),
        title=top.text("title", 80),
        goal=top.text("goal", 500),
        instructions=top.text("instructions", 2_000),
        source=top.checked("source", is_source, "one of " + ", ".join(source_names())),
        rounds=top.number("rounds", 1, 20),
        min_entrants=entrants.number("min", 2, 128),
        max_entrants=entrants.number("max", 2, 128),
        limits=_limits(top.section("limits")),
        criteria=tuple(_criterion(section) for section in top.sections("criteria")),
        tiers=tuple(_tier(section) for section in top.sections("tiers")),
        payout_bps=top.numbers("payout_bps", 0, 10_000),
        panel=_panel(top.section("panel")),
        timing=_timing(top.section("timing")),
    )
    entrants.finish()
    top.finish()
    _check_whole(space)
    return space


def _check_whole(space: Space) -> None:
    weights = sum(c.weight for c in space.criteria)
    own = {c.evaluator for c in space.criteria} == {Evaluator.GAME}
    problems = {
        "criteria: the weights must sum to 100, and sum to " + str(weights): weights != 100,
        "criteria: a game decides alone, in one criterion of evaluator game, and nothing else is decided by a game": (
            is_game(space) != (own and len(space.criteria) == 1)
            or (not own and any(c.evaluator is Evaluator.GAME for c in space.criteria))
        ),
        "criteria: two have the same name": _repeats([c.name for c in space.criteria]),
        "tiers: two have the same name": _repeats([t.name for t in space.tiers]),
        "payout_bps: 1 to 16 shares that sum to 10000": (
            sum(space.payout_bps) != 10_000 or not 1 <= len(space.payout_bps) <= 16
        ),
        "payout_bps: a better place may not get less": (
            list(space.payout_bps) != sorted(space.payout_bps, reverse=True)
        ),
        "entrants.max: smaller than entrants.min": space.max_entrants < space.min_entrants,
        "panel.quorum: must be more than half of panel.judges, three where there are three, and at most all": not (
            max(space.panel.judges // 2 + 1, min(3, space.panel.judges)) <= space.panel.quorum <= space.panel.judges
        ),
    }
    for problem, found in problems.items():
        if found:
            raise Rejected(f"The Space file is not valid: {problem}.")


def _repeats(names: Sequence[str]) -> bool:
    return len(set(names)) != len(names)


def _limits(section: "_Section") -> Limits:
    limits = Limits(
        max_tokens=section.number("max_tokens", 1, 8_192),
        max_characters=section.number("max_characters", 1, 65_536),
        temperature_percent=section.number("temperature_percent", 0, 200),
        top_p_percent=section.number("top_p_percent", 1, 100),
    )
    section.finish()
    return limits


def _criterion(section: "_Section") -> Criterion:
    evaluator = Evaluator(section.one_of("evaluator", [e.value for e in Evaluator]))
    question = section.text("question", 500) if evaluator is Evaluator.MODEL else section.blank()
    criterion = Criterion(section.slug("name"), section.number("weight", 1, 100), evaluator, question)
    section.finish()
    return criterion


def _tier(section: "_Section") -> Tier:
    asset = Asset(section.one_of("asset", [a.value for a in Asset]))
    tier = Tier(section.slug("name"), asset, section.money("fee", asset.decimals))
    section.finish()
    return tier


def _panel(section: "_Section") -> Panel:
    panel = Panel(
        judges=section.number("judges", 1, 15),
        quorum=section.number("quorum", 1, 15),
        tolerance=section.number("tolerance", 0, 10_000),
    )
    section.finish()
    return panel


def _timing(section: "_Section") -> Timing:
    timing = Timing(
        entry_seconds=section.number("entry_seconds", 1, _MONTH),
        play_seconds=section.number("play_seconds", 1, _MONTH),
        commit_seconds=section.number("commit_seconds", 1, _MONTH),
        reveal_seconds=section.number("reveal_seconds", 1, _MONTH),
    )
    section.finish()
    return timing


@dataclass(slots=True)
class _Section:
    """One table of the document; remembers which keys were read, so that strays are named."""

    path: str
    values: Mapping[str, object]
    read: tuple[str, ...] = ()

    def _fail(self, key: str, wanted: str) -> Rejected:
        found = self.values.get(key, "nothing")
        return Rejected(f"The Space file's {self.path}{key} must be {wanted}; it is {found!r:.60}.")

    def _take(self, key: str) -> object:
        self.read = (*self.read, key)
        return self.values.get(key)

    def text(self, key: str, at_most: int) -> str:
        value = self._take(key)
        if not isinstance(value, str) or not value.strip() or len(value) > at_most:
            raise self._fail(key, f"a text of 1 to {at_most} characters")
        return value.strip()

    def blank(self) -> str:
        self._take("question")
        return ""

    def slug(self, key: str) -> str:
        value = self._take(key)
        allowed = "abcdefghijklmnopqrstuvwxyz0123456789-"
        if not isinstance(value, str) or not 1 <= len(value) <= 40 or set(value) - set(allowed):
            raise self._fail(key, "1 to 40 of a-z, 0-9 and -")
        return value

    def one_of(self, key: str, allowed: Sequence[str]) -> str:
        value = self._take(key)
        if not isinstance(value, str) or value not in allowed:
            raise self._fail(key, "one of " + ", ".join(allowed))
        return value

    def checked(self, key: str, check: Callable[[str], bool], wanted: str) -> str:
        value = self._take(key)
        if not isinstance(value, str) or not check(value):
            raise self._fail(key, wanted)
        return value

    def number(self, key: str, low: int, high: int) -> int:
        value = self._take(key)
        if not isinstance(value, int) or isinstance(value, bool) or not low <= value <= high:
            raise self._fail(key, f"a whole number from {low} to {high}")
        return value

    def numbers(self, key: str, low: int, high: int) -> tuple[int, ...]:
        value = self._take(key)
        if not isinstance(value, list):
            raise self._fail(key, f"a list of whole numbers from {low} to {high}")
        items = cast("list[object]", value)
        return tuple(
            _Section(f"{self.path}{key}.", {str(i): item}).number(str(i), low, high) for i, item in enumerate(items)
        )

    def money(self, key: str, decimals: int) -> Wei:
        value = self._take(key)
        whole, dot, part = value.partition(".") if isinstance(value, str) else ("", "", "")
        if not whole.isdigit() or len(whole) > 30 or (dot and not part.isdigit()):
            raise self._fail(key, 'a decimal text such as "0.0005"')
        if len(part) > decimals:
            raise self._fail(key, f"a decimal text with at most {decimals} decimals")
        if not dot:
            return Wei(int(whole))
        return Wei(int(whole) * 10**decimals + int(part.ljust(decimals, "0")))

    def section(self, key: str) -> "_Section":
        value = self._take(key)
        if not isinstance(value, dict):
            raise self._fail(key, "a table")
        return _Section(f"{self.path}{key}.", cast("dict[str, object]", value))

    def sections(self, key: str) -> list["_Section"]:
        value = self._take(key)
        if not isinstance(value, list) or not value:
            raise self._fail(key, "a list of tables")
        tables = cast("list[object]", value)
        return [_Section(f"{self.path}{key}.", {str(i): table}).section(str(i)) for i, table in enumerate(tables)]

    def finish(self) -> None:
        strays = sorted(set(self.values) - set(self.read))
        if strays:
            raise Rejected(f"The Space file has an unknown key {self.path}{strays[0]}; remove it.")
