"""Space files: the shipped ones are valid, published ones keep their name, and errors name the key."""

import tomllib
from collections.abc import Callable
from typing import Any

import pytest

from fraction.base import Rejected
from fraction.spaces import Split, parse_space
from fraction.spaces.rounds import draw_tasks, is_game, tasks_of
from tests.sessions.logs import CATALOG

Document = dict[str, Any]
NAMES = sorted(path.stem for path in CATALOG.glob("*.toml"))


def document(name: str = "writing-tweets") -> Document:
    return tomllib.loads((CATALOG / f"{name}.toml").read_text())


@pytest.mark.parametrize("name", NAMES)
def test_a_space_survives_publication(name: str) -> None:
    space = parse_space(document(name))
    assert space.id == name
    again = parse_space(space.to_json())
    assert again == space
    assert again.digest() == space.digest()


def test_the_shipped_spaces_judge_in_every_way_there_is() -> None:
    ways = {name: {c.evaluator.value for c in parse_space(document(name)).criteria} for name in NAMES}
    assert set().union(*ways.values()) == {"model", "tests", "efficiency", "answer", "game"}
    assert ways["playing-games"] == ways["table-games"] == ways["btc-tradewars"] == {"game"}
    assert ways["everyday-tasks"] == ways["deep-finance-tasks"] == {"answer"}


@pytest.mark.parametrize("name", NAMES)
def test_every_shipped_space_has_tasks_for_all_its_rounds_and_for_gates(name: str) -> None:
    space = parse_space(document(name))
    tasks = tasks_of(space, "ab" * 32)
    assert len({task.digest for task in tasks}) == space.rounds
    if not is_game(space):
        gate = {task.prompt for task in draw_tasks(space.source, "cd" * 32, Split.GATE, 12)}
        assert not gate & {task.prompt for task in draw_tasks(space.source, "ef" * 32, Split.SESSION, 40)}


def test_every_rule_is_in_the_digest() -> None:
    changed = document()
    changed["panel"]["tolerance"] += 1
    assert parse_space(changed).digest() != parse_space(document()).digest()


def drop(key: str) -> Callable[[Document], None]:
    def change(d: Document) -> None:
        del d[key]

    return change


def put(path: str, value: object) -> Callable[[Document], None]:
    def change(d: Document) -> None:
        *way, last = path.split(".")
        place: Any = d
        for step in way:
            place = place[int(step) if step.isdigit() else step]
        place[last] = value

    return change


@pytest.mark.parametrize(
    ("change", "named"),
    [
        (drop("title"), "title"),
        (drop("limits"), "limits"),
        (put("rounds", 0), "rounds"),
        (put("rounds", True), "rounds"),
        (put("rounds", "3"), "rounds"),
        (put("source", "nowhere"), "source"),
        (put("id", "Writing Tweets"), "id"),
        (put("colour", "red"), "colour"),
        (put("entrants.least", 1), r"entrants\.least"),
        (put("entrants.max", 1), r"entrants\.max"),
        (put("criteria", []), "criteria"),
        (put("criteria.0.weight", 50), "weights"),
        (put("criteria.1.name", "relevance"), "same name"),
        (put("criteria.0.evaluator", "oracle"), "evaluator"),
        (put("tiers.1.fee", "0,5"), "fee"),
        (put("tiers.1.fee", "0.0000000000000000001"), "decimals"),
        (put("tiers.1.fee", 1), "fee"),
        (put("tiers.1.name", "free"), "same name"),
        (put("payout_bps", [5000, 3000]), "payout_bps"),
        (put("payout_bps", [2000, 3000, 5000]), "payout_bps"),
        (put("payout_bps", "half"), "payout_bps"),
        (put("panel.quorum", 1), "quorum"),
        (put("panel.judges", 16), r"panel\.judges"),
        (put("timing.play_seconds", 0), r"timing\.play_seconds"),
    ],
)
def test_a_malformed_file_is_refused_and_the_key_is_named(change: Callable[[Document], None], named: str) -> None:
    broken = document()
    change(broken)
    with pytest.raises(Rejected, match=named):
        parse_space(broken)
