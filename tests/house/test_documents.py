"""The documents name commands, files and options that exist; the constraints name every package."""

import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
DOCUMENTS = [*sorted(ROOT.glob("*.md")), *sorted((ROOT / "docs").rglob("*.md"))]
MAKE = re.compile(r"`(?:\$ )?make ([a-z-]+)|^\$ make ([a-z-]+)", re.MULTILINE)
COMMAND = re.compile(r"`(?:\.venv/bin/)?fraction ([a-z]+(?: [a-z]+)?)")
LINK = re.compile(r"\]\(([^)#:]+)(?:#[^)]*)?\)")


def test_every_make_target_of_the_documents_exists() -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    named = {first or second for path in DOCUMENTS for first, second in MAKE.findall(path.read_text())}
    assert {"demo", "test"} <= named
    assert named - targets == set()


def test_every_command_of_the_documents_exists() -> None:
    named = {match for path in DOCUMENTS for match in COMMAND.findall(path.read_text())}
    assert {"doctor", "up"} <= named
    assert [command for command in sorted(named) if not _has_help(command.split())] == []


def _has_help(words: list[str]) -> bool:
    done = subprocess.run(
        [str(Path(sys.executable).parent / "fraction"), *words, "--help"], capture_output=True, check=False
    )
    if done.returncode == 0:
        return True
    return len(words) == 2 and words[0] not in {"agent", "session", "space", "node"} and _has_help(words[:1])


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_link_leads_somewhere(document: Path) -> None:
    broken = [target for target in LINK.findall(document.read_text()) if not (document.parent / target).exists()]
    assert broken == []


def test_every_dependency_is_pinned_and_has_its_reason() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    wanted = {
        re.split(r"[\[=<>~ ]", requirement)[0].lower()
        for requirements in [project["dependencies"], *project["optional-dependencies"].values()]
        for requirement in requirements
    }
    pinned = {line.partition("==")[0] for line in (ROOT / "constraints.txt").read_text().splitlines()}
    reasons = (ROOT / "docs" / "adr" / "0006-set-up.md").read_text().lower()
    assert wanted - pinned == set()
    assert {name for name in wanted if f"| {name} |" not in reasons} == set()


def test_no_constraint_names_a_place_or_a_build() -> None:
    lines = (ROOT / "constraints.txt").read_text().splitlines()[1:]
    assert [line for line in lines if not re.fullmatch(r"[a-z0-9-]+==[0-9][0-9a-z.]*", line)] == []
