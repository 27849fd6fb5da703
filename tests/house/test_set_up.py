"""The set-up: repeated it does nothing, and what cannot be had is said in one sentence."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import scripts.setup as set_up

ROOT = Path(__file__).parents[2]


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with what the set-up reads, and the set-up pointed at it."""
    for name in ("pyproject.toml", "constraints.txt", "package.json", "package-lock.json"):
        shutil.copy(ROOT / name, tmp_path)
    monkeypatch.setattr(set_up, "ROOT", tmp_path)
    for name, place in (("VENV", ".venv"), ("PYTHON", ".venv/bin/python"), ("MODULES", "node_modules")):
        monkeypatch.setattr(set_up, name, tmp_path / place)
    monkeypatch.setattr(set_up, "LOG", tmp_path / ".venv" / "setup.log")
    return tmp_path


def test_a_failed_step_says_what_to_do(project: Path) -> None:
    lock = set_up.take_lock()
    try:
        for said, advice in (
            ("OSError: [Errno 28] No space left on device", "The disk is full"),
            ("Temporary failure in name resolution", "The network cannot be reached"),
            ("error: something odd", "It said: error: something odd"),
        ):
            with pytest.raises(set_up.CannotSetUp, match=f"Trial failed. .*{advice}"):
                set_up.run("Trial", [sys.executable, "-c", f"print({said!r}); raise SystemExit(1)"], lock)
    finally:
        os.close(lock)


def test_a_venv_that_was_killed_half_way_is_known_as_such(project: Path) -> None:
    assert not set_up.pip_works()
    (project / ".venv" / "bin").mkdir(parents=True)
    (project / ".venv" / "bin" / "python").symlink_to("/nonexistent/python")
    assert not set_up.pip_works()


def test_what_is_done_is_not_done_again(project: Path) -> None:
    made_from = set_up.digest(project / "pyproject.toml", project / "constraints.txt", sys.version.split()[0])
    (project / ".venv").mkdir()
    (project / ".venv" / f".packages-test-{made_from}").touch()
    lock = set_up.take_lock()
    try:
        set_up.set_up_packages("test", lock)
        set_up.set_up_packages("demo", lock)  # the smaller one is contained
    finally:
        os.close(lock)
    assert not (project / ".venv" / "setup.log").exists()


def test_a_full_disk_is_refused_before_it_is_full(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(set_up, "ROOM_BYTES", 1 << 60)
    with pytest.raises(set_up.CannotSetUp, match="make room"):
        set_up.check_room()


def test_only_one_set_up_works_in_a_folder_at_a_time(project: Path) -> None:
    lock = set_up.take_lock()
    attempt = subprocess.run(
        [sys.executable, "-c", "import fcntl, os, sys; fcntl.flock(os.open(sys.argv[1], os.O_RDONLY), 6)", project],
        capture_output=True,
        text=True,
        check=False,
    )
    os.close(lock)
    assert "BlockingIOError" in attempt.stderr


@pytest.mark.parametrize("arguments", [[], ["everything"]])
def test_called_wrongly_it_says_how(arguments: list[str]) -> None:
    done = subprocess.run(
        [sys.executable, str(ROOT / "scripts" / "setup.py"), *arguments], capture_output=True, text=True, check=False
    )
    assert done.returncode == 2
    assert "demo|test" in done.stdout


def test_make_lists_its_targets() -> None:
    done = subprocess.run(["make", "help"], cwd=ROOT, capture_output=True, text=True, check=False)
    for target in ("demo", "test", "check", "model", "contracts", "bench", "chaos", "up", "clean"):
        assert f"make {target} " in done.stdout
