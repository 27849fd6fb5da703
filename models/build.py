"""The whole recipe in one command: tokenizer, six trainings, shipping, figures.

`python -m models.build` makes a model for all Spaces, in about two and a half hours on two free cores; with `--share 1`
(percent of the tokens) it tries the same machinery in a few minutes and leaves what it makes in the work folder.
"""

import argparse
import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from models.card import FIGURES
from models.corpus.mix import SHARES
from models.export import SHIPPED
from models.tokenizer import WORK


@dataclass(frozen=True, slots=True)
class Round:
    """One training, which starts with the weights of the one before."""

    name: str
    tokens: int
    rate: float
    shares: dict[str, int]
    """Percent of chats by kind."""
    pieces: bool
    """Whether unheard words are made of the tokenizer's own pieces."""


_MOVES = {
    "judge": 24,
    "tweet": 18,
    "code": 2,
    "game": 38,
    "table": 4,
    "everyday": 3,
    "finance": 3,
    "listing": 3,
    "email": 2,
    "copywriting": 2,
    "copy": 1,
}
_SETTLING = {
    "judge": 26,
    "tweet": 36,
    "code": 2,
    "game": 20,
    "table": 2,
    "everyday": 2,
    "finance": 2,
    "listing": 3,
    "email": 2,
    "copywriting": 2,
    "copy": 3,
}

ROUNDS = (
    Round("first", 6_800_000, 0.003, {"tweet": 40, "judge": 34, "code": 14, "game": 12}, False),
    Round("copying", 2_900_000, 0.0025, {"tweet": 32, "judge": 34, "code": 8, "game": 4, "copy": 22}, False),
    Round("coverage", 1_200_000, 0.002, {"tweet": 52, "judge": 34, "code": 6, "game": 4, "copy": 4}, True),
    Round("all Spaces", 11_300_000, 0.0025, SHARES, True),
    Round("moves", 2_300_000, 0.002, _MOVES, True),
    Round("settling", 2_000_000, 0.0013, _SETTLING, True),
)
"""The trainings, in order. Moves alone cost the copying of rare words, which the last one brings back at a low rate."""


def main() -> None:
    """Run the steps in turn; a step that fails ends the build, and the same command goes on from there."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--share", type=int, default=100, help="percent of the tokens of each round")
    parser.add_argument("--name", default="build", help="folder of the trainings, in models/work")
    options = parser.parse_args()
    if not (WORK / "tokenizer").exists():
        _run("tokenizer")
    start: Path | None = None
    for number, one in enumerate(ROUNDS):
        name = f"{options.name}-{number}"
        _train(name, one, one.tokens * options.share // 100, start)
        start = WORK / name / "model"
    shipped = options.share >= 100
    target = SHIPPED if shipped else WORK / name / "shipped"
    _run("export", "--name", name, "--to", str(target))
    figures = ["--json", str(FIGURES)] if shipped else []
    _run("evaluate", "--model", str(target), "--count", "150" if shipped else "16", *figures)


def _train(name: str, one: Round, tokens: int, start: Path | None) -> None:
    print(f"{one.name}: {tokens:,} tokens", flush=True)
    more = [*(["--start", str(start)] if start else []), *(["--pieces"] if one.pieces else [])]
    given = ["--name", name, "--tokens", str(tokens), "--rate", str(one.rate), "--shares", json.dumps(one.shares)]
    _run("train", *given, *more)


def _run(module: str, *arguments: str) -> None:
    subprocess.run([sys.executable, "-m", f"models.{module}", *arguments], check=True)


if __name__ == "__main__":
    main()
