"""The report: whole, self-contained, and every text of a stranger is text."""

import json
import re
from html.parser import HTMLParser

import pytest

from fraction.faces.cli.demo.money_check import check_money
from fraction.faces.cli.demo.outcome import Cheat, Outcome, outcome_document
from fraction.faces.cli.report import render_report
from fraction.faces.cli.tables import comparison_text, sparkline
from fraction.faces.web.training_view import training_view
from fraction.spaces import Asset
from fraction_sdk.wire import SessionView
from tests.faces.memory_platform import MemoryPlatform, filled_platform, paid_log, training_job

ODD = "<b>&\"'\u202e\x1b[31m\u0000"


class Whole(HTMLParser):
    """Checks that elements are closed in order; collects addresses."""

    VOID = ("meta", "br", "line", "rect", "polyline")

    def __init__(self, html: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[str] = []
        self.text = ""
        self.feed(html)
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        assert not any(name in ("src", "href", "action") or name.startswith("on") for name, _ in attrs)
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data


@pytest.fixture
def world() -> MemoryPlatform:
    """A platform on which a Session with an odd name was played, and the chain holds its fees."""
    return filled_platform(paid_log(names=(ODD, "second")))


@pytest.fixture
def session(world: MemoryPlatform) -> SessionView:
    """That Session."""
    return world.backend.session("31337-1")


@pytest.fixture
def outcome(world: MemoryPlatform, session: SessionView) -> Outcome:
    """What a demonstration would have seen of it."""
    found = Outcome(seed=0, usd_per_eth=2_500, health=world.backend.health(), sessions=[session])
    found.trainings = [training_view(training_job(), ODD)]
    found.nodes = world.backend.nodes()
    found.money = check_money(world.backend.money(), [session])
    found.cheats = [Cheat(ODD, True, ODD, ODD)]
    found.replays = {session.id: True}
    found.seconds = {ODD: 1.5}
    return found


def test_the_report_is_whole_and_loads_nothing(outcome: Outcome) -> None:
    html = render_report(outcome)
    page = Whole(html)
    assert not re.search(r"https?://|url\(|@import|<script", html)
    assert {"svg", "table", "style"} <= set(page.tags)
    assert "b" not in page.tags
    assert "\x1b" not in html
    assert "<b>&\"'" in page.text


def test_an_empty_outcome_has_a_report_too() -> None:
    Whole(render_report(Outcome(seed=0, usd_per_eth=1)))


def test_the_report_says_when_something_does_not_hold(outcome: Outcome) -> None:
    assert "does not hold" not in render_report(outcome)
    outcome.replays["31337-1"] = False
    assert not outcome.good
    assert "does not hold" in render_report(outcome)


def test_the_json_has_what_programs_need(outcome: Outcome, session: SessionView) -> None:
    document = json.loads(json.dumps(outcome_document(outcome)))
    assert document["schema"] == "fraction-demo/1"
    assert document["good"] is True
    (played,) = document["sessions"]
    assert played["id"] == session.id
    assert played["digest"] == session.transcript_digest
    assert played["medians"] == [1_100, 2_100, 3_100]
    assert len(played["rounds"]) == 4
    assert [s["by_ticket"]["2"] for s in played["rounds"][0]["scores"]] == [3_000, 3_100, 3_200]
    assert sum(map(int, played["payouts"])) + sum(int(f["amount"]) for f in played["judge_fees"]) + int(
        played["treasury"]
    ) == 3 * int(played["fee"])
    (training,) = document["trainings"]
    assert training["held_out"]["low"] == 400
    assert training["promoted"] is True
    assert len(training["roots"]) == 1


def test_one_wei_too_few_on_chain_does_not_balance(world: MemoryPlatform, session: SessionView) -> None:
    (check,) = check_money(world.backend.money(), [session])
    assert check.balanced
    world.ledger.held_by_asset[Asset.ETH] = type(world.ledger.held_by_asset[Asset.ETH])(check.held - 1)
    (check,) = check_money(world.backend.money(), [session])
    assert not check.balanced
    assert "NOT EQUAL" in check.line()


def test_a_session_that_the_demonstration_did_not_count_does_not_balance(world: MemoryPlatform) -> None:
    (check,) = check_money(world.backend.money(), [])
    assert not check.balanced


def test_curves_and_comparisons_as_text() -> None:
    assert sparkline([1.0]) == "▁"
    assert len(sparkline([float(n) for n in range(500)])) == 60
    assert "+10.00 (95 % interval +4.00 to +16.00)" in comparison_text(training_view(training_job(), "x"))
