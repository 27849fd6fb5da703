"""Programs of strangers in a bubblewrap box: namespaces, a system-call filter, limits, another user.

    platform ── bwrap (another user when we are root)
                  └── pid 1 of the box: waits until it is in its control group
                        └── limited_start.py: limits itself for good, then becomes
                              └── python /box/main.py     sees /usr/lib, its Python and an empty /tmp

What each wall is for, and what taught us so:

- Root's processes escape RLIMIT_NPROC, so root runs the box as another user.
- RLIMIT_NPROC counts in the user namespace it was set in. Set outside, it would count everything of that user,
  and one fork bomb would block the next box. So a first program inside sets the limits. (Setting them from here
  by prlimit would save a start of Python, but takes CAP_SYS_RESOURCE, which root in a container may lack.)
- The outer bwrap ends before the kernel has cleared the namespace away. The end of the box is the end of its
  pid 1, awaited on a pidfd.
- Standard input is a sealed memory file: a program that does not read cannot make us wait on a pipe.
- Containers and Ubuntu's AppArmor may forbid namespaces although bwrap is there: only a run can tell.
"""

import fcntl
import json
import os
import resource
import select
import selectors
import shutil
import signal
import subprocess
import time
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from fraction.adapters.sandbox.cgroups import ControlGroup, control_group
from fraction.adapters.sandbox.interpreter import Interpreter
from fraction.adapters.sandbox.seccomp import filter_program
from fraction.app.sandboxing import Execution, Limits, Reason
from fraction.base import Unavailable

PROGRAM = "/box/main.py"
FLAGS = ("-P", "-s", "-S", "-B")  # not -I: it would ignore PYTHONHASHSEED, and sets would differ between judges
BOX_USER = 2_000_000_000  # far from the users of a machine
NOBODY = 65534
LIMITED_START = Path(__file__).with_name("limited_start.py").read_text()
OPEN_FILES = 64
SECONDS_TO_DIE = 10.0
CHUNK = 65536
SEALED = fcntl.F_SEAL_SEAL | fcntl.F_SEAL_SHRINK | fcntl.F_SEAL_GROW | fcntl.F_SEAL_WRITE


@dataclass(frozen=True, slots=True)
class Bubblewrap:
    """The sandbox `bubblewrap` around one Python; a Sandbox."""

    interpreter: Interpreter
    name: str = field(default="bubblewrap", init=False)

    def run(self, program: str, stdin: bytes, limits: Limits) -> Execution:
        """Run `program` in a new box; see `fraction.app.sandboxing.Sandbox`."""
        with ExitStack() as stack:
            started = time.monotonic()
            group = control_group(limits.memory_bytes + limits.scratch_bytes, limits.processes)
            stack.callback(group.remove)
            box = _start(stack, self.interpreter, program, stdin, limits)
            stack.callback(_end, box)
            group.admit(box.pid)
            os.write(box.release, b"x")
            output = _collect(box, started + limits.wall_milliseconds / 1000, limits.output_bytes)
            _end(box)
            code = _exit_code(box.process.returncode)
            reason = output.reason or _reason(code, output.text(1), group)
            if reason is None and not _did_run(box):
                raise Unavailable(_complaint(bytes(output.streams[1])))
            return Execution(
                exit_code=code,
                stdout=output.text(0),
                stderr=output.text(1),
                reason=reason,
                milliseconds=round((time.monotonic() - started) * 1000),
            )


@dataclass(frozen=True, slots=True)
class _Box:
    process: subprocess.Popen[bytes]
    pid: int
    """Of the box's first process, as this process sees it."""
    pidfd: int
    status: int
    """Where bwrap says how it went, one JSON object a line."""
    release: int
    """Write a byte here and the box goes on."""


@dataclass(slots=True)
class _Output:
    limit: int
    streams: tuple[bytearray, bytearray] = field(default_factory=lambda: (bytearray(), bytearray()))
    reason: Reason | None = None

    def text(self, stream: int) -> str:
        return bytes(self.streams[stream][: self.limit]).decode(errors="replace")


def _start(stack: ExitStack, interpreter: Interpreter, program: str, stdin: bytes, limits: Limits) -> _Box:
    """Start a box that waits for its release; `stack` closes what it holds open."""
    bwrap = shutil.which("bwrap")
    if bwrap is None:
        raise Unavailable("bubblewrap is not installed; install it with: apt-get install bubblewrap")
    status, status_for_box = os.pipe()
    stack.callback(os.close, status)
    wait_in_box, release = os.pipe()
    stack.callback(os.close, wait_in_box)
    stack.callback(os.close, release)
    source = _memory_file(stack, program.encode(errors="surrogatepass"))
    seccomp = _memory_file(stack, filter_program())
    user = _box_user()
    command = [
        bwrap,
        *_walls(interpreter),
        *_view(interpreter, limits.scratch_bytes),
        *("--ro-bind-data", str(source), PROGRAM, "--chdir", "/tmp", "--remount-ro", "/"),  # noqa: S108
        *("--seccomp", str(seccomp), "--json-status-fd", str(status_for_box), "--block-fd", str(wait_in_box)),
        *("--", interpreter.executable, *FLAGS, "-c", LIMITED_START, _limits(limits), PROGRAM, *FLAGS),
    ]
    try:
        process = subprocess.Popen(
            command,
            stdin=_memory_file(stack, stdin),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            pass_fds=(status_for_box, wait_in_box, source, seccomp),
            cwd="/",
            process_group=0,
            user=user,
            group=user,
            extra_groups=None if user is None else [],
        )
    finally:
        os.close(status_for_box)  # so that reading `status` ends when bwrap has written it, or died
    stack.enter_context(process)
    return _opened(stack, process, status, release)


def _opened(stack: ExitStack, process: subprocess.Popen[bytes], status: int, release: int) -> _Box:
    try:
        pid = json.loads(_first_line(status))["child-pid"]
        pidfd = os.pidfd_open(pid)
    except (ValueError, KeyError, ProcessLookupError) as error:
        process.kill()
        raise Unavailable(_complaint(_stream(process.stderr).read())) from error
    stack.callback(os.close, pidfd)
    return _Box(process, pid, pidfd, status, release)


def _first_line(descriptor: int) -> bytes:
    """Return what bwrap says first; it writes the line in several pieces."""
    line = b""
    while not line.endswith(b"\n") and (piece := os.read(descriptor, CHUNK)):
        line += piece
    return line


def _line(descriptor: int) -> bytes:
    """Return the first line, which may come in pieces; less if the writer dies."""
    line = b""
    while not line.endswith(b"\n") and (byte := os.read(descriptor, 1)):
        line += byte
    return line


def _walls(interpreter: Interpreter) -> list[str]:
    """Return the options that cut the box off: no namespace shared, no variable, no capability."""
    environment = {
        "PATH": "/usr/bin",
        "HOME": "/tmp",  # noqa: S108
        "LANG": "C.UTF-8",
        "LD_LIBRARY_PATH": interpreter.library_path,
        "PYTHONHASHSEED": "0",
    }
    return [
        *("--unshare-all", "--unshare-user", "--disable-userns", "--die-with-parent", "--new-session"),
        *("--hostname", "box", "--uid", str(NOBODY), "--gid", str(NOBODY), "--cap-drop", "ALL", "--clearenv"),
        *(word for name, value in environment.items() for word in ("--setenv", name, value)),
    ]


def _view(interpreter: Interpreter, scratch_bytes: int) -> list[str]:
    """Return the options that say what can be seen: libraries, one Python, a small /tmp."""
    view: list[str] = []
    for folder in (Path("/usr/lib"), Path("/usr/lib64"), Path("/lib"), Path("/lib64")):
        if folder.is_symlink():
            view += ["--symlink", os.readlink(folder), str(folder)]
        elif folder.is_dir():
            view += ["--ro-bind", str(folder), str(folder)]
    for source, place in interpreter.folders:
        view += ["--ro-bind", source, place]
    # /dev is a memory file system of its own: writable, it would be room without a limit
    view += ["--proc", "/proc", "--dev", "/dev", "--remount-ro", "/dev"]
    return [*view, "--size", str(scratch_bytes), "--tmpfs", "/tmp"]  # noqa: S108


def _memory_file(stack: ExitStack, content: bytes) -> int:
    """Return a descriptor of a file in memory that nobody can change, at its beginning."""
    descriptor = os.memfd_create("fraction", os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING)
    stack.callback(os.close, descriptor)
    with os.fdopen(os.dup(descriptor), "wb") as file:
        file.write(content)
    os.lseek(descriptor, 0, os.SEEK_SET)
    fcntl.fcntl(descriptor, fcntl.F_ADD_SEALS, SEALED)
    return descriptor


def _box_user() -> int | None:
    """Return the user to become; None if we are not root and stay who we are."""
    if os.getuid() != 0:
        return None
    for line in Path("/proc/self/uid_map").read_text().splitlines():
        first, _, count = (int(word) for word in line.split())
        if first <= BOX_USER < first + count:
            return BOX_USER
    return NOBODY  # a container that knows few users


def _limits(limits: Limits) -> str:
    """Return the argument for `limited_start.py`."""
    kinds = (
        (resource.RLIMIT_NPROC, limits.processes, limits.processes),
        (resource.RLIMIT_AS, limits.memory_bytes, limits.memory_bytes),
        (resource.RLIMIT_FSIZE, limits.scratch_bytes, limits.scratch_bytes),
        (resource.RLIMIT_NOFILE, OPEN_FILES, OPEN_FILES),
        (resource.RLIMIT_CORE, 0, 0),
        (resource.RLIMIT_CPU, limits.cpu_seconds, limits.cpu_seconds + 1),
    )
    return " ".join(f"{kind}:{soft}:{hard}" for kind, soft, hard in kinds)


def _collect(box: _Box, deadline: float, limit: int) -> _Output:
    """Read both outputs until the box has ended, has said too much, or its time is over."""
    output = _Output(limit)
    with selectors.DefaultSelector() as selector:
        selector.register(box.pidfd, selectors.EVENT_READ, None)
        for number, stream in enumerate((box.process.stdout, box.process.stderr)):
            selector.register(_stream(stream), selectors.EVENT_READ, output.streams[number])
        while selector.get_map():
            left = deadline - time.monotonic()
            if left <= 0:
                output.reason = "wall-time"
                return output
            for key, _ in selector.select(left):
                if not _take(key.fd, key.data):
                    selector.unregister(key.fileobj)
                elif len(key.data) > limit:
                    output.reason = "output"
                    return output
    return output


def _take(descriptor: int, buffer: bytearray | None) -> bool:
    """Read once into `buffer`; return whether there may be more. The end of the box has nothing to read."""
    if buffer is None:
        return False
    chunk = os.read(descriptor, CHUNK)
    buffer += chunk
    return bool(chunk)


def _end(box: _Box) -> None:
    """See to it that the box is gone with everything in it; harmless if it is."""
    if box.process.returncode is not None:
        return
    ended, _, _ = select.select([box.pidfd], [], [], 0)
    if not ended:
        signal.pidfd_send_signal(box.pidfd, signal.SIGKILL)
        ended, _, _ = select.select([box.pidfd], [], [], SECONDS_TO_DIE)
    try:
        box.process.wait(SECONDS_TO_DIE)
    except subprocess.TimeoutExpired:
        box.process.kill()
        box.process.wait()
    if not ended:
        raise Unavailable("The sandbox cannot end a program that it has killed; restart this node.")


def _did_run(box: _Box) -> bool:
    """Return whether the program was started: bwrap gives an exit code only for a box that was ready.

    A stranger can write what bwrap writes to standard error, but has no hand in this.
    """
    return b"exit-code" in b"".join(iter(lambda: os.read(box.status, CHUNK), b""))


def _complaint(stderr: bytes) -> str:
    said = stderr.decode(errors="replace").strip()[-300:] or "it said nothing"
    return f"bubblewrap cannot make a sandbox here: {said}."


def _reason(code: int, stderr: str, group: ControlGroup) -> Reason | None:
    if code == 128 + signal.SIGXCPU:
        return "cpu-time"
    if code == 128 + signal.SIGKILL:
        return "memory" if group.ran_out_of_memory() else "killed"
    last_line = stderr.rstrip().rpartition("\n")[2]
    return "memory" if code != 0 and last_line.startswith("MemoryError") else None


def _exit_code(returncode: int) -> int:
    return returncode if returncode >= 0 else 128 - returncode


def _stream(pipe: IO[bytes] | None) -> IO[bytes]:
    if pipe is None:
        raise RuntimeError("Both outputs of the box are pipes.")
    return pipe
