"""The whole recipe in one command: tokenizer, three trainings, shipping, figures.

`python -m models.build` makes what is shipped, in about an hour on two free cores; with `--tokens 200000` it tries the
same machinery for a few minutes and leaves what it makes in the work folder.
"""

import argparse
import json
import subprocess
import sys

from models.card import FIGURES
from models.corpus.mix import COVERAGE_SHARES, PRACTICE_SHARES, SHARES
from models.export import SHIPPED
from models.tokenizer import WORK

TOKENS = 10_000_000
"""Tokens of the shipped model's three trainings."""


def main() -> None:
    """Run the steps in turn; a step that fails ends the build, and the same command goes on from there."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tokens", type=int, default=TOKENS)
    parser.add_argument("--name", default="build", help="folder of the trainings, in models/work")
    options = parser.parse_args()
    names = [f"{options.name}-{part}" for part in ("first", "second", "third")]
    models = [str(WORK / name / "model") for name in names]
    shipped = options.tokens >= TOKENS
    target = SHIPPED if shipped else WORK / names[2] / "shipped"
    if not (WORK / "tokenizer").exists():
        _run("tokenizer")
    _train(names[0], options.tokens * 60 // 100, SHARES)
    _train(names[1], options.tokens * 27 // 100, PRACTICE_SHARES, "--rate", "0.0025", "--start", models[0])
    _train(names[2], options.tokens * 13 // 100, COVERAGE_SHARES, "--rate", "0.002", "--start", models[1], "--pieces")
    _run("export", "--name", names[2], "--to", str(target))
    figures = ["--json", str(FIGURES)] if shipped else []
    _run("evaluate", "--model", str(target), "--count", "150" if shipped else "16", *figures)


def _train(name: str, tokens: int, shares: dict[str, int], *more: str) -> None:
    _run("train", "--name", name, "--tokens", str(tokens), "--shares", json.dumps(shares), *more)


def _run(module: str, *arguments: str) -> None:
    subprocess.run([sys.executable, "-m", f"models.{module}", *arguments], check=True)


if __name__ == "__main__":
    main()
