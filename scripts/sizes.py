"""Name every file and function that is longer than it may be; exit 1 if there is one.

A file has at most 500 lines, a Python function at most 50, its docstring not counted. Long ones hide what they do.
"""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FOLDERS = ("src", "tests", "models", "contracts", "scripts", "bench")
SUFFIXES = (".py", ".sol")
FILE_LINES = 500
FUNCTION_LINES = 50


def too_long(root: Path) -> list[str]:
    """Return a sentence for each file and function under `root` that breaks a limit."""
    return [complaint for path in _sources(root) for complaint in _complaints(path, path.relative_to(root))]


def _sources(root: Path) -> Iterator[Path]:
    for folder in FOLDERS:
        for path in sorted((root / folder).rglob("*")):
            if path.suffix in SUFFIXES and "node_modules" not in path.parts:
                yield path


def _complaints(path: Path, name: Path) -> Iterator[str]:
    text = path.read_text()
    lines = len(text.splitlines())
    if lines > FILE_LINES:
        yield f"{name} has {lines} lines, {FILE_LINES} are allowed."
    if path.suffix != ".py":
        return
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            length = (node.end_lineno or node.lineno) - node.lineno + 1 - _docstring_lines(node)
            if length > FUNCTION_LINES:
                yield f"{name}:{node.lineno} {node.name} has {length} lines, {FUNCTION_LINES} are allowed."


def _docstring_lines(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    first = function.body[0]
    if ast.get_docstring(function) is None or first.end_lineno is None:
        return 0
    return first.end_lineno - first.lineno + 1


if __name__ == "__main__":
    complaints = too_long(ROOT)
    print("\n".join(complaints) or "Sizes: every file and function is within its limit.")
    sys.exit(bool(complaints))
