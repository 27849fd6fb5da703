"""One process at a time runs an engine's jobs, on either database."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from fraction.adapters.engine import DbosEngine, EngineSettings
from tests.ports.conftest import KINDS

ANOTHER_PROCESS = """
import sys
from fraction.adapters.engine import DbosEngine, EngineSettings
from fraction.base import Unavailable

engine = DbosEngine(EngineSettings(sys.argv[1], executor=sys.argv[2]))
try:
    engine.launch()
except Unavailable as error:
    sys.exit(str(error))
engine.close()
"""


def launch_elsewhere(url: str, executor: str = "platform") -> tuple[int, str]:
    paths = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    command = [sys.executable, "-c", ANOTHER_PROCESS, url, executor]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False, env=paths)
    return ended.returncode, ended.stderr


@pytest.mark.parametrize("kind", KINDS[1:])
def test_an_engine_is_run_by_one_process(kind: str, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    url = f"sqlite:///{tmp_path}/engine.db"
    if kind == "postgres":
        create: Callable[[], str] = request.getfixturevalue("new_database")
        url = create()
    engine = DbosEngine(EngineSettings(url))
    engine.launch()
    code, said = launch_elsewhere(url)
    assert code == 1
    assert "Another process is running the jobs" in said
    if kind == "postgres":
        assert launch_elsewhere(url, "second") == (0, "")
    engine.close()
    assert launch_elsewhere(url) == (0, "")
