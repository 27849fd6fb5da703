"""Runs inside the box: calls a submission's function and writes down what it returned, nothing else.

Reads one JSON object from standard input: source, entry, calls (a list of argument lists), nonce. Whatever
the submission prints goes nowhere. Each call's line on the real standard output is

    <nonce> {"call": 3, "value": ...}       or       <nonce> {"call": 3, "error": "..."}

The expected values are not in the box: a submission that takes this program over can still only answer. Where the
order has a reference program, its bytecode instructions and the submission's are counted over all calls and written as

    <nonce> {"call": -1, "value": [submission's, reference's]}

Who touches the tracing or starts a thread is not counted at all. Counting is of the same value on every machine with
the same version of Python; work inside built-in functions counts as one instruction.
"""

import io
import json
import os
import sys
from collections.abc import Callable
from types import FrameType
from typing import Any

Write = Callable[[dict[str, object]], None]


def main() -> None:
    """Load the submission and make every call."""
    order = json.loads(sys.stdin.buffer.read())
    write = _channel(order["nonce"])
    try:
        # under another name than __main__, so that a submission's own main block stays quiet
        namespace: dict[str, object] = {"__name__": "submission"}
        exec(compile(order["source"], "submission.py", "exec"), namespace)  # noqa: S102 - the box is for this
        function = namespace[order["entry"]]
    except BaseException as error:  # noqa: BLE001 - a stranger's code may raise anything
        write({"call": 0, "error": _sentence(error)})
        os._exit(0)
    for number, arguments in enumerate(order["calls"]):
        try:
            write({"call": number, "value": function(*arguments)})  # type: ignore[operator]
        except BaseException as error:  # noqa: BLE001
            write({"call": number, "error": _sentence(error)})
    if order.get("reference"):
        reference: dict[str, object] = {"__name__": "reference"}
        exec(compile(order["reference"], "reference.py", "exec"), reference)  # noqa: S102
        steps = [_instructions(f, order["calls"]) for f in (reference[order["entry"]], function)]
        write({"call": -1, "value": steps[::-1]})
    os._exit(0)


def _instructions(function: object, calls: list[list[object]]) -> int | None:
    """Return the bytecode instructions of all calls; None if the function raised or meddled with the counting."""
    counted, meddled = 0, False

    def trace(frame: FrameType, event: str, argument: object) -> Callable[..., Any]:
        nonlocal counted
        frame.f_trace_opcodes = True
        counted += event == "opcode"
        return trace

    def listen(event: str, arguments: tuple[object, ...]) -> None:
        nonlocal meddled
        meddled = meddled or (watching and event in ("sys.settrace", "sys._getframe"))

    copied = json.loads(json.dumps(calls))  # a call may have changed its arguments
    threads = sys.modules.get("_thread")
    if threads is not None:
        threads.start_new_thread = _no_threads  # type: ignore[attr-defined]
    watching = False
    sys.addaudithook(listen)
    try:
        sys.settrace(trace)
        watching = True
        for arguments in copied:
            function(*arguments)  # type: ignore[operator]
    except BaseException:  # noqa: BLE001
        meddled = True
    finally:
        watching = False
        sys.settrace(None)
    return None if meddled else counted


def _no_threads(*_: object) -> None:
    raise RuntimeError("No threads while instructions are counted.")


def _channel(nonce: str) -> Write:
    """Take standard output away from the submission; return what writes a line to it."""
    real = sys.stdout.fileno()
    if sys.platform != "wasi":  # WebAssembly has no dup
        real = os.dup(real)
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, 1)
        os.dup2(nowhere, 2)
    sys.stdout = sys.stderr = io.StringIO()
    encode = json.JSONEncoder().encode

    def write(line: dict[str, object]) -> None:
        os.write(real, f"{nonce} {encode(line)}\n".encode())

    return write


def _sentence(error: BaseException) -> str:
    try:
        return f"{type(error).__name__}: {error}"[:200]
    except BaseException:  # noqa: BLE001 - its text is a stranger's code too
        return type(error).__name__


if __name__ == "__main__":
    main()
