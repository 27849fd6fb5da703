"""Rewrite Solidity by its syntax tree: each node is rendered from its own text and that of its parts.

`coverage.py` and `mutants.py` say what becomes of a node; everything else stays as it is written, line for line.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, TypeAlias

from contracts.build import SETTINGS, ask_solc, collect

Node: TypeAlias = dict[str, Any]
"""A node of solc's syntax tree (JSON)."""

SIMPLE_STATEMENTS = {
    "ExpressionStatement",
    "Return",
    "RevertStatement",
    "EmitStatement",
    "VariableDeclarationStatement",
    "PlaceholderStatement",
    "Break",
    "Continue",
}
"""What ends with a semicolon."""

STATEMENTS = SIMPLE_STATEMENTS | {"IfStatement", "ForStatement", "WhileStatement", "TryStatement", "InlineAssembly"}

PROBE = "test/Probe.sol"
_IMPORT = f'import {{Probe}} from "{PROBE}";\n'


@dataclass(frozen=True)
class Place:
    """A node, and where it stands."""

    node: Node
    parent: Node
    role: str
    """The parent's field that holds the node, such as `condition` or `trueBody`."""
    line: int
    """From 1."""

    @property
    def kind(self) -> str:
        """Return the node's type."""
        return self.node["nodeType"]

    @property
    def is_body(self) -> bool:
        """Return whether a statement is all that an `if` or a loop does, without braces."""
        return self.role in ("trueBody", "falseBody", "body") and self.kind != "Block"

    @property
    def is_statement(self) -> bool:
        """Return whether the node is a statement that stands for itself, not a loop's head."""
        is_head = self.parent["nodeType"] == "ForStatement" and self.role != "body"
        return self.kind in STATEMENTS and not is_head


Change: TypeAlias = Callable[[Place, list[str]], str]
"""What a node's text becomes, given where it stands and its pieces: at odd places its parts, changed already, and at
even places what is written before, between and after them."""


def syntax_trees(sources: dict[str, str]) -> dict[str, Node]:
    """Return the syntax tree of each source unit, by name."""
    settings = SETTINGS | {"outputSelection": {"*": {"": ["ast"]}}}
    return {name: unit["ast"] for name, unit in ask_solc(sources, settings)["sources"].items()}


def rewritten(entries: list[str], change_of: Callable[[str], Change | None]) -> dict[str, str]:
    """Return all sources that `entries` reach, with the function bodies of some changed.

    Args:
        entries: source units
        change_of: by source unit, what becomes of each node in it; None leaves the unit alone
    """
    sources = collect([*entries, PROBE])
    trees = syntax_trees(sources)
    result: dict[str, str] = {}
    for name, text in sources.items():
        change = change_of(name)
        result[name] = text if change is None else _Unit(text, change).render(trees[name]) + _IMPORT
    return result


def parts(node: Node) -> Iterator[tuple[str, Node]]:
    """Yield the direct parts of a node with the field that holds them; nothing of inline assembly."""
    if node["nodeType"] == "InlineAssembly":
        return
    for field, value in node.items():
        for part in value if isinstance(value, list) else [value]:
            if isinstance(part, dict) and "nodeType" in part:
                yield field, part


class _Unit:
    """One source unit that is being rendered."""

    def __init__(self, text: str, change: Change) -> None:
        self._text = text.encode()  # solc counts bytes
        self._change = change

    def render(self, tree: Node) -> str:
        """Return the unit's text with its function bodies changed."""
        done = b""
        at = 0
        for body in sorted(_bodies(tree), key=_start):
            place = Place(body, tree, "code", 1)
            done += self._text[at : _start(body)] + self._render(place).encode()
            at = self._end(place)
        return (done + self._text[at:]).decode()

    def _render(self, place: Place) -> str:
        pieces: list[str] = []
        at, end = _start(place.node), self._end(place)
        for inner in self._parts(place):
            first, last = _start(inner.node), self._end(inner)
            if first < at or last > end:  # a part that is also another's, such as an inferred type
                continue
            pieces += [self._text[at:first].decode(), self._render(inner)]
            at = last
        return self._change(place, [*pieces, self._text[at:end].decode()])

    def _parts(self, place: Place) -> list[Place]:
        found = sorted(parts(place.node), key=lambda field: _start(field[1]))
        return [Place(part, place.node, role, self._line(part)) for role, part in found]

    def _line(self, node: Node) -> int:
        return self._text.count(b"\n", 0, _start(node)) + 1

    def _end(self, place: Place) -> int:
        """Return where a node ends, its semicolon included."""
        end = _start(place.node) + int(place.node["src"].split(":")[1])
        if not place.is_statement:
            return end
        if place.kind in SIMPLE_STATEMENTS:
            rest = self._text[end:].lstrip()
            return len(self._text) - len(rest) + 1 if rest.startswith(b";") else end
        return max([end, *(self._end(part) for part in self._parts(place) if part.is_body)])


def _bodies(node: Node) -> Iterator[Node]:
    """Yield the code of every function and modifier."""
    if node["nodeType"] in ("FunctionDefinition", "ModifierDefinition"):
        if node.get("body"):
            yield node["body"]
        return
    for _, part in parts(node):
        yield from _bodies(part)


def _start(node: Node) -> int:
    return int(node["src"].split(":")[0])
