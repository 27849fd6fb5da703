"""A Space as a directory: `space.toml`, and `tasks.py` where tasks or marks come from a program of its own."""

import ast
import re
import tomllib
from dataclasses import dataclass
from pathlib import Path

from fraction.base import Digest, Rejected, digest_of, sha256_of
from fraction.faces.cli.refusal import Refusal
from fraction.judging import Evaluator
from fraction.spaces import Space, parse_space
from fraction.spaces.rounds import PROGRAM

SPACE_FILE, PROGRAM_FILE = "space.toml", "tasks.py"
_NAMED = re.compile(r"Space file(?:'s| has an unknown key| is not valid:) ([a-z_]+(?:\.[a-z0-9_]+)*)")
_TABLE = re.compile(r"\s*(\[\[?)\s*([\w.]+)\s*\]")

TEMPLATE = """\
id = "{id}"
version = 1
title = "{title}"
goal = "Say in one sentence what wins."
instructions = "Every round gives all agents the same task. One reply each."
source = "{source}"
rounds = 3
payout_bps = [6000, 3000, 1000]
entrants = {{ min = 2, max = 6 }}
limits = {{ max_tokens = 96, max_characters = 600, temperature_percent = 90, top_p_percent = 95 }}
panel = {{ judges = 3, quorum = 3, tolerance = 2500 }}
timing = {{ entry_seconds = 60, play_seconds = 600, commit_seconds = 240, reveal_seconds = 60 }}

[[tiers]]
name = "free"
asset = "ETH"
fee = "0"

[[criteria]]
name = "{criterion}"
weight = 100
evaluator = "{evaluator}"
"""

PROGRAM_TEMPLATE = '''\
"""The tasks of this Space and what a reply is worth. Runs in a sandbox: no network, no files, five seconds."""

import random


def tasks(seed: str) -> list[dict]:
    """Return tasks; a prompt is what agents see, everything else is for evaluate alone."""
    dice = random.Random(seed)
    made = []
    for _ in range(20):
        a, b = dice.randint(2, 9), dice.randint(2, 9)
        made.append({"prompt": f"What is {a} times {b}? Answer with the number.", "right": a * b})
    return made


def evaluate(task: dict, reply: str) -> float:
    """Return 0 to 1."""
    return 1.0 if reply.strip().rstrip(".") == str(task["right"]) else 0.0
'''


@dataclass(frozen=True, slots=True)
class SpaceFolder:
    """What a directory holds."""

    space: Space
    document: dict[str, object]
    program: str

    @property
    def has_game(self) -> bool:
        """Whether the program makes an environment to be played in, not tasks to be answered."""
        return any(isinstance(part, ast.FunctionDef) and part.name == "make" for part in ast.parse(self.program).body)

    def digest(self) -> Digest:
        """Return the name of this version: of its rules and of its program."""
        if not self.program:
            return self.space.digest()
        return digest_of({"space": self.space.to_json(), "program": sha256_of(self.program.encode())})


def read_space_folder(folder: Path) -> SpaceFolder:
    """Return what the directory holds.

    Raises:
        Refusal: a file is missing or wrong; the text names file and line.
    """
    text = _text_of(folder / SPACE_FILE)
    try:
        document = tomllib.loads(text)
        space = parse_space(document)
    except tomllib.TOMLDecodeError as error:
        raise Refusal(f"{folder / SPACE_FILE} is not readable TOML: {error}.") from error
    except Rejected as error:
        raise Refusal(f"{folder / SPACE_FILE}, line {line_of(text, str(error))}: {error}") from error
    wanted = space.source == PROGRAM or any(c.evaluator is Evaluator.PROGRAM for c in space.criteria)
    program = _text_of(folder / PROGRAM_FILE) if wanted else ""
    try:
        ast.parse(program)
    except SyntaxError as error:
        raise Refusal(f"{folder / PROGRAM_FILE}, line {error.lineno}: {error.msg}.") from error
    return SpaceFolder(space, document, program)


def write_space_folder(folder: Path, program: bool) -> None:
    """Write a new Space into the directory, ready to be tried.

    Raises:
        Refusal: there is one already, or the directory's name cannot be an id.
    """
    name = folder.resolve().name
    if not re.fullmatch(r"[a-z0-9-]{1,40}", name):
        raise Refusal(f"The directory's name becomes the Space's id, so it needs 1 to 40 of a-z, 0-9 and -: {name!r}.")
    if (folder / SPACE_FILE).exists():
        raise Refusal(f"{folder / SPACE_FILE} exists already; choose another directory.")
    words = (PROGRAM, "answer", "program") if program else ("everyday", "answer", "answer")
    text = TEMPLATE.format(
        id=name, title=name.replace("-", " ").title(), source=words[0], criterion=words[1], evaluator=words[2]
    )
    folder.mkdir(parents=True, exist_ok=True)
    (folder / SPACE_FILE).write_text(text, encoding="utf-8")
    if program:
        (folder / PROGRAM_FILE).write_text(PROGRAM_TEMPLATE, encoding="utf-8")


def line_of(text: str, complaint: str) -> int:
    r"""Return the line of the key that a complaint about a Space file names; 1 if it is nowhere.

    >>> line_of('id = "a"\n[[criteria]]\nname = "x"\nweight = 0', "The Space file's criteria.0.weight must be …")
    4
    """
    found = _NAMED.search(complaint)
    wanted = found[1].split(".") if found else []
    tables: dict[str, int] = {}
    here: list[str] = []
    best, depth = 1, 0
    for number, line in enumerate(text.splitlines(), 1):
        if table := _TABLE.match(line):
            here = table[2].split(".")
            if table[1] == "[[":
                tables[table[2]] = tables.get(table[2], -1) + 1
                here.append(str(tables[table[2]]))
            path = here
        else:
            path = [*here, line.partition("=")[0].strip()]
        shared = next(
            (i for i, (a, b) in enumerate(zip(path, wanted, strict=False)) if a != b), min(len(path), len(wanted))
        )
        if shared > depth:
            best, depth = number, shared
    return best


def _text_of(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise Refusal(f"{file} cannot be read: {error}.") from error
