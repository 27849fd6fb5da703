"""Attacks on the box: each is contained, as root and as a plain user, and the box works afterwards."""

import json
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.adapters.sandbox.attacks import EXHAUSTING, Targets, reaching_out

SOURCE = Path(__file__).parents[3] / "src"
NOBODY = 65534
WHO = ["whoever runs the tests", "a plain user"] if os.getuid() == 0 else ["whoever runs the tests"]
LATEST_END_MILLISECONDS = 15_000  # a run is allowed 1.5 s; this says "it does not hang" on a busy machine

Endings = dict[str, dict[str, Any]]


@pytest.fixture(scope="module", params=WHO)
def endings(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Endings]:
    """How every attack ended, by name."""
    secret = tmp_path_factory.mktemp("outside") / "secret.txt"
    secret.write_text("the wallet's key")
    _open_to_all(secret)
    with socket.create_server(("127.0.0.1", 0)) as tcp, socket.socket(socket.AF_UNIX) as abstract:
        abstract.bind(f"\0fraction-{os.getpid()}-{request.param}")
        abstract.listen()
        targets = Targets(str(secret), tcp.getsockname()[1], f"fraction-{os.getpid()}-{request.param}")
        programs = {**reaching_out(targets), **EXHAUSTING, "afterwards": "print('contained')"}
        yield _run_all(programs, request.param == "a plain user", tmp_path_factory.mktemp("code"))


def _open_to_all(path: Path) -> None:
    """Let everybody read `path`, and enter the folders that pytest has made above it."""
    above = list(path.parents)
    made = above[: above.index(next(folder for folder in above if folder.name.startswith("pytest-of-"))) + 1]
    for folder in (path, *made):
        folder.chmod(0o755)


def _run_all(programs: dict[str, str], as_plain_user: bool, folder: Path) -> Endings:
    environment = {"FRACTION_SECRET": "1", "PATH": os.environ["PATH"], "HOME": "/nonexistent"}
    python, user = sys.executable, None
    code = SOURCE
    if as_plain_user:  # who may be unable to enter the folders of root
        python, user, code = "/usr/bin/python3", NOBODY, Path(shutil.copytree(SOURCE, folder / "src"))
        _open_to_all(folder)
    done = subprocess.run(
        [python, "-c", (Path(__file__).parent / "run_attacks.py").read_text()],
        input=json.dumps(programs),
        env=environment | {"PYTHONPATH": str(code), "PYTHONDONTWRITEBYTECODE": "1"},
        cwd="/",
        user=user,
        group=user,
        extra_groups=None if user is None else [],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.mark.parametrize("name", [*reaching_out(Targets("", 0, "")), *EXHAUSTING, "afterwards"])
def test_an_attack_is_contained(endings: Endings, name: str) -> None:
    ending = endings[name]
    assert "ESCAPED" not in ending["stdout"], ending
    assert "contained" in ending["stdout"] or ending["reason"] or ending["exit_code"] >= 128, ending
    assert ending["milliseconds"] < LATEST_END_MILLISECONDS


def test_nothing_of_the_boxes_is_left(endings: Endings) -> None:
    assert endings
    left = _boxed()
    deadline = time.monotonic() + 20  # tests beside this one may have boxes of their own, which end
    while left and time.monotonic() < deadline:
        time.sleep(0.2)
        left &= _boxed()
    assert left == set()


def _boxed() -> set[str]:
    """Return the ids of the processes that run in a box now."""
    files = Path("/proc").glob("[0-9]*/cmdline")
    return {file.parent.name for file in files if b"/box/main.py" in _content(file)}


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:  # it has ended since
        return b""
