"""The supervisor: in order, one clear sentence on failure, restart when killed, nothing left behind."""

import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from fraction.faces.cli.children import Command, stop_leftovers
from fraction.faces.cli.ports import assign_ports, free_ports, is_free, read_ports
from fraction.faces.cli.processes import Supervisor
from fraction.faces.cli.refusal import Refusal

PATIENCE = 2.0


def script(name: str, body: str) -> Command:
    """Return a small child; `say` prints a line at once."""
    head = "import os, signal, sys, time\ndef say(line):\n    print(line, flush=True)\n"
    return Command(name, [sys.executable, "-c", head + body], ready_seconds=20)


def steady(name: str, diary: Path) -> Command:
    """Return a child that serves until SIGTERM and writes down its end."""
    return script(
        name,
        f"""
def end(*_):
    with open({str(diary)!r}, "a") as file:
        file.write("{name}\\n")
    sys.exit(0)
signal.signal(signal.SIGTERM, end)
say("ready http://127.0.0.1:1")
while True:
    signal.pause()
""",
    )


def eventually(true: Callable[[], bool], seconds: float = 15.0) -> None:
    """Wait until something is true."""
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, "It did not come true."
        time.sleep(0.02)


def lives(pid: int) -> bool:
    """Return whether a process runs."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def test_what_was_started_last_is_stopped_first(tmp_path: Path) -> None:
    diary = tmp_path / "diary"
    with Supervisor(tmp_path / "world", patience_seconds=PATIENCE) as supervisor:
        supervisor.start([steady("chain", diary)])
        supervisor.start([steady("platform", diary)])
    assert diary.read_text().split() == ["platform", "chain"]
    assert list((tmp_path / "world" / "run").iterdir()) == []


def test_a_child_that_refuses_is_quoted(tmp_path: Path) -> None:
    refusing = script("judge-1", "sys.stderr.write('There is no chain.\\n'); sys.exit(2)")
    with (
        Supervisor(tmp_path, patience_seconds=PATIENCE) as supervisor,
        pytest.raises(Refusal, match=r"judge-1 did not start: There is no chain\."),
    ):
        supervisor.start([refusing])


def test_a_killed_child_is_started_again(tmp_path: Path) -> None:
    notices: list[str] = []
    with Supervisor(tmp_path, notices.append, PATIENCE) as supervisor:
        supervisor.start([steady("models", tmp_path / "diary")])
        first = supervisor.pid_of("models")
        os.kill(first, signal.SIGKILL)
        eventually(lambda: supervisor.pid_of("models") != first)
        second = supervisor.pid_of("models")
        assert lives(second)
    assert notices == ["models ended (-9); it is started again"]
    assert not lives(second)


def test_a_child_that_was_stopped_stays_stopped(tmp_path: Path) -> None:
    with Supervisor(tmp_path, patience_seconds=PATIENCE) as supervisor:
        supervisor.start([steady("judge-1", tmp_path / "diary")])
        pid = supervisor.pid_of("judge-1")
        supervisor.stop("judge-1")
        assert not lives(pid)
        supervisor.start([steady("judge-1", tmp_path / "diary")])
        assert lives(supervisor.pid_of("judge-1"))


def test_who_does_not_heed_sigterm_is_killed_with_its_own_children(tmp_path: Path) -> None:
    deaf = script(
        "deaf",
        f"""
import subprocess
signal.signal(signal.SIGTERM, signal.SIG_IGN)
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
open({str(tmp_path / "grandchild")!r}, "w").write(str(child.pid))
say("ready")
while True:
    time.sleep(1)
""",
    )
    with Supervisor(tmp_path / "world", patience_seconds=0.3) as supervisor:
        supervisor.start([deaf])
        pids = [supervisor.pid_of("deaf"), int((tmp_path / "grandchild").read_text())]
    assert not any(lives(pid) for pid in pids)


def test_what_a_killed_supervisor_left_is_stopped(tmp_path: Path) -> None:
    command = steady("chain", tmp_path / "diary")
    program = (
        "import sys, time\nfrom pathlib import Path\nfrom fraction.faces.cli.children import Child, Command\n"
        f"child = Child(Command('chain', {list(command.arguments)!r}), Path({str(tmp_path)!r}))\n"
        "while not child.is_ready():\n    time.sleep(0.02)\nprint(child.pid, flush=True)\ntime.sleep(600)\n"
    )
    with subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True) as killed:
        assert killed.stdout is not None
        pid = int(killed.stdout.readline())
        killed.kill()
    assert lives(pid)
    assert stop_leftovers(tmp_path, PATIENCE) == ["chain"]
    eventually(lambda: not lives(pid))


def test_a_later_process_of_the_same_number_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "chain.json").write_text(json.dumps({"pid": os.getpid(), "started": "1"}))
    assert stop_leftovers(tmp_path, PATIENCE) == []


def test_two_supervisors_do_not_share_a_folder(tmp_path: Path) -> None:
    with Supervisor(tmp_path), pytest.raises(Refusal, match="Another `fraction` runs"), Supervisor(tmp_path):
        pass


def test_an_occupied_port_is_said_in_a_sentence() -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = int(other.getsockname()[1])
        assert not is_free(port)
        with pytest.raises(Refusal, match=f"Port {port} for the platform is occupied"):
            assign_ports(["platform"], {"platform": port}, {})
        assert assign_ports(["platform"], {}, {"platform": port})["platform"] != port


def test_ports_are_kept_from_run_to_run(tmp_path: Path) -> None:
    (known,) = free_ports(1)
    path = tmp_path / "world.json"
    path.write_text(json.dumps({"ports": {"chain": known}}))
    assert assign_ports(["chain", "models"], {}, read_ports(path))["chain"] == known
    path.write_text("not json")
    assert read_ports(path) == {}


def test_stopping_from_a_signal_leaves_nothing_running(tmp_path: Path) -> None:
    program = f"""
import threading
from pathlib import Path
from fraction.faces.cli.children import Command
from fraction.faces.cli.processes import Supervisor
from fraction.faces.cli.start_world import end_on_sigterm
end_on_sigterm()
with Supervisor(Path({str(tmp_path)!r}), patience_seconds=2) as supervisor:
    supervisor.start([Command("chain", {list(steady("chain", tmp_path / "diary").arguments)!r})])
    print(supervisor.pid_of("chain"), flush=True)
    threading.Event().wait()
"""
    for number, code in ((signal.SIGTERM, 128 + signal.SIGTERM), (signal.SIGHUP, 128 + signal.SIGHUP)):
        with subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True) as process:
            assert process.stdout is not None
            pid = int(process.stdout.readline())
            process.send_signal(number)
            assert process.wait(20) == code
        assert not lives(pid)


def test_a_watcher_never_blocks_the_stop(tmp_path: Path) -> None:
    crashing = script("crashing", "say('ready')\ntime.sleep(0.05)\nsys.exit(1)")
    with Supervisor(tmp_path, patience_seconds=PATIENCE) as supervisor:
        supervisor.start([crashing])
        eventually(lambda: (tmp_path / "logs" / "crashing.log").read_text().count("ready") > 1)
    assert threading.active_count() < 20
