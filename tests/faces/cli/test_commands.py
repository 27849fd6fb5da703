"""The commands, as a person types them: text or JSON, plain when piped, one sentence on failure."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from fraction.faces.cli.app import run
from fraction.faces.cli.doctor_command import examine, filesystem_of
from fraction_sdk import Fraction
from tests.faces.memory_platform import OPERATOR, MemoryPlatform, memory_platform, paid_log, served

MAIN = "from fraction.faces.cli import main; main()"


@pytest.fixture
def world() -> MemoryPlatform:
    """A platform in memory."""
    return memory_platform()


@pytest.fixture
def url(world: MemoryPlatform, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """Where it is served; the folder of its world lies where the command line looks for it."""
    monkeypatch.chdir(tmp_path)
    secret = tmp_path / ".fraction" / "platform" / "operator.secret"
    secret.parent.mkdir(parents=True)
    secret.write_text(f"0x{OPERATOR}\n")
    with served(world) as client:
        (tmp_path / ".fraction" / "world.json").write_text(json.dumps({"platform": client.url}))
        yield client.url


Said = pytest.CaptureFixture[str]


def test_the_life_of_an_agent(url: str, capsys: Said, tmp_path: Path) -> None:
    prompt = tmp_path / "prompt.txt"
    prompt.write_text("Write [bold]short[/bold] posts.")
    assert run(["agent", "create", "scribe", "--prompt-file", str(prompt), "--url", url]) == 0
    assert "[bold]short[/bold]" in capsys.readouterr().out
    assert run(["agent", "refine", "scribe", "--prompt", "Shorter.", "--url", url, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["prompt_version"] == 2
    assert run(["agent", "list", "--url", url]) == 0
    assert "scribe" in capsys.readouterr().out
    with Fraction(url) as platform:
        assert run(["agent", "show", platform.agents()[0].id[:8], "--url", url]) == 0
    assert "Shorter." in capsys.readouterr().out


def test_sessions_are_listed_shown_and_watched(url: str, world: MemoryPlatform, capsys: Said, tmp_path: Path) -> None:
    session = world.keep_log(paid_log())
    assert run(["session", "list", "--url", url, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)[0]["id"] == session
    assert run(["session", "show", session, "--url", url]) == 0
    assert "0.00108 ETH" in capsys.readouterr().out
    assert run(["session", "watch", session, "--url", url, "--json"]) == 0
    kinds = [json.loads(line)["kind"] for line in capsys.readouterr().out.splitlines()]
    assert kinds == [event.kind for event in paid_log()]
    assert run(["session", "watch", session, "--url", url]) == 0
    assert "medians 11.00, 21.00, 31.00" in capsys.readouterr().out
    out = tmp_path / "bundle.json"
    assert run(["session", "bundle", session, str(out), "--url", url]) == 0
    assert json.loads(out.read_bytes())["log"]


def test_spaces_are_listed_and_files_checked(url: str, capsys: Said, tmp_path: Path) -> None:
    assert run(["space", "list", "--url", url]) == 0
    assert "writing-tweets" in capsys.readouterr().out
    good = Path(__file__).parents[3] / "src/fraction/spaces/catalog/writing-tweets.toml"
    assert run(["space", "check", str(good), "--url", url]) == 0
    bad = tmp_path / "bad.toml"
    bad.write_text(good.read_text().replace("weight = 40", "weight = 41"))
    assert run(["space", "check", str(bad), "--url", url]) == 1
    assert "weights must sum to 100" in capsys.readouterr().err
    bad.write_text("not = = toml")
    assert run(["space", "check", str(bad), "--url", url]) == 2
    assert "not a readable TOML file" in capsys.readouterr().err


def test_who_is_not_there_is_said_in_one_line(url: str, capsys: Said) -> None:
    assert run(["agent", "show", "nobody", "--url", url]) == 2
    assert capsys.readouterr().err == "There is no agent 'nobody'; `fraction agent list` shows those there are.\n"
    assert run(["session", "show", "31337-9", "--url", url]) == 1
    assert capsys.readouterr().err.count("\n") == 1


def test_no_platform_is_said_with_what_to_do(capsys: Said, tmp_path: Path) -> None:
    assert run(["agent", "list", "--data", str(tmp_path)]) == 2
    assert "start one with `fraction up`" in capsys.readouterr().err
    assert run(["agent", "list", "--url", "http://127.0.0.1:9"]) == 2
    assert "start one with `fraction up`" in capsys.readouterr().err


def test_a_missing_model_is_refused_before_anything_starts(capsys: Said, tmp_path: Path) -> None:
    assert run(["up", "--data", str(tmp_path), "--model", str(tmp_path / "nothing")]) == 2
    assert "There is no model in" in capsys.readouterr().err
    assert not (tmp_path / "world.json").exists()


def test_a_folder_with_other_peoples_files_is_not_emptied(capsys: Said, tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("years of work")
    assert run(["demo", "--data", str(tmp_path)]) == 2
    assert "holds other files" in capsys.readouterr().err
    assert (tmp_path / "thesis.txt").read_text() == "years of work"


def test_a_piped_command_has_no_colours(url: str, world: MemoryPlatform) -> None:
    world.keep_log(paid_log(names=("\x1b[31mred", "two", "three")))
    command = [sys.executable, "-c", MAIN, "session", "show", "31337-1", "--url", url]
    said = subprocess.run(command, capture_output=True, text=True, check=True, env={**os.environ, "TERM": "xterm"})
    assert "\x1b" not in said.stdout
    assert "red" in said.stdout


def test_start_up_loads_nothing_heavy() -> None:
    check = (
        "import sys; from fraction.faces.cli import app; "
        "print([m for m in ('torch', 'web3', 'fastapi', 'httpx', 'pydantic', 'sqlalchemy') if m in sys.modules])"
    )
    said = subprocess.run([sys.executable, "-c", check], capture_output=True, text=True, check=True)
    assert said.stdout.strip() == "[]"


def test_ctrl_c_ends_with_130_and_a_line(url: str, world: MemoryPlatform) -> None:
    world.keep_log(paid_log()[:4])
    command = [sys.executable, "-c", MAIN, "session", "watch", "31337-1", "--url", url, "--json"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        assert json.loads(process.stdout.readline())["kind"] == "opened"
        process.send_signal(signal.SIGINT)
        assert process.wait(20) == 130
        assert process.stderr.read() == "Interrupted; whatever this command had started is stopped.\n"


def test_a_reader_that_goes_away_is_no_error(url: str, world: MemoryPlatform) -> None:
    world.keep_log(paid_log())
    pipe = f"{sys.executable} -c '{MAIN}' session watch 31337-1 --url {url} --json | head -n 1"
    said = subprocess.run(["bash", "-c", pipe], capture_output=True, text=True, check=True)
    assert "Traceback" not in said.stderr


def test_doctor_names_a_fix_for_whatever_is_missing(tmp_path: Path) -> None:
    findings = {finding.check: finding for finding in examine(tmp_path / "world")}
    assert findings["Python"].ok
    assert findings["data folder"].ok
    assert all(finding.ok or finding.fix for finding in findings.values())


def test_a_network_file_system_is_recognised(tmp_path: Path) -> None:
    mounts = tmp_path / "mounts"
    mounts.write_text(f"/dev/root / ext4 rw 0 0\nserver:/share {tmp_path} nfs4 rw 0 0\n")
    assert filesystem_of(tmp_path / "world", mounts) == "nfs4"
    assert filesystem_of(Path("/"), mounts) == "ext4"


def test_replay_passes_on_output_and_exit_code(tmp_path: Path) -> None:
    bundle = tmp_path / "bundle.json"
    bundle.write_text("{}")
    started = time.monotonic()
    command = [sys.executable, "-c", MAIN, "replay", str(bundle), "--offline"]
    said = subprocess.run(command, capture_output=True, text=True, check=False)
    assert said.returncode == 2, f"{said.stderr} after {time.monotonic() - started:.0f} s"
    assert "Traceback" not in said.stderr


def test_a_new_space_is_published_and_then_frozen(url: str, capsys: Said, tmp_path: Path) -> None:
    folder = tmp_path / "sums"
    assert run(["space", "new", str(folder)]) == 0
    assert run(["space", "check", str(folder)]) == 0
    digest = capsys.readouterr().out.split()[-1]
    assert run(["space", "publish", str(folder), "--url", url]) == 0
    assert digest in capsys.readouterr().out.replace("\n", "")
    assert run(["space", "list", "--url", url]) == 0
    assert "sums" in capsys.readouterr().out
    file = folder / "space.toml"
    file.write_text(file.read_text().replace("rounds = 3", "rounds = 4"))
    assert run(["space", "publish", str(folder), "--url", url]) == 1
    assert "needs a new version number" in capsys.readouterr().err.replace("\n", " ")


def test_a_space_with_a_program_is_not_published(url: str, capsys: Said, tmp_path: Path) -> None:
    folder = tmp_path / "own"
    assert run(["space", "new", str(folder), "--program"]) == 0
    assert run(["space", "publish", str(folder), "--url", url]) == 2
    assert "can be tried" in capsys.readouterr().err
