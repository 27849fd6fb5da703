"""`fraction economy simulate`: a table, JSON and a page; sizes can be changed."""

import json
from pathlib import Path

import pytest

from fraction.faces.cli.app import run

SMALL = ["economy", "simulate", "--sessions", "3"]


def test_it_prints_every_strategy_and_says_which_cheats_pay(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(SMALL) == 0
    printed = capsys.readouterr().out
    assert all(word in printed for word in ("honest judge", "whale", "points farm", "Cheats that pay:"))


def test_json_holds_the_sizes_that_were_set_and_a_page_is_written(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    page = tmp_path / "charts" / "economy.html"
    assert run([*SMALL, "--json", "--set", "tolerance=700", "--page", str(page)]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["sizes"]["tolerance"] == 700
    html = page.read_text(encoding="utf-8")
    assert html.count("<rect") == len(told["figures"])
    assert "http" not in html


@pytest.mark.parametrize("assignment", ["colour=3", "tolerance=many", "tolerance"])
def test_an_unknown_size_is_refused(assignment: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run([*SMALL, "--set", assignment]) == 2
    assert "NAME=NUMBER" in capsys.readouterr().err
