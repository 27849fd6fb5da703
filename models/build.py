"""The whole recipe in one command: tokenizer, two trainings, shipping, figures.

`python -m models.build` makes what is shipped, in about an hour on two free cores; with `--tokens 200000` it tries the
same machinery for a few minutes and leaves what it makes in the work folder.
"""

import argparse
import json
import subprocess
import sys

from models.corpus.mix import PRACTICE_SHARES, SHARES
from models.export import SHIPPED
from models.tokenizer import WORK

TOKENS = 10_000_000
"""Tokens of the shipped model's two trainings."""


def main() -> None:
    """Run the steps in turn; a step that fails ends the build, and the same command goes on from there."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tokens", type=int, default=TOKENS)
    parser.add_argument("--name", default="build", help="folder of the trainings, in models/work")
    options = parser.parse_args()
    first, second = f"{options.name}-first", f"{options.name}-second"
    shipped = options.tokens >= TOKENS
    target = SHIPPED if shipped else WORK / second / "shipped"
    if not (WORK / "tokenizer").exists():
        _run("tokenizer")
    _train(first, options.tokens * 6 // 10, SHARES)
    _train(
        second, options.tokens * 4 // 10, PRACTICE_SHARES, "--rate", "0.0025", "--start", f"{WORK / first / 'model'}"
    )
    _run("export", "--name", second, "--to", str(target))
    figures = ["--json", "models/figures.json"] if shipped else []
    _run("evaluate", "--model", str(target), "--count", "200" if shipped else "16", *figures)


def _train(name: str, tokens: int, shares: dict[str, int], *more: str) -> None:
    _run("train", "--name", name, "--tokens", str(tokens), "--shares", json.dumps(shares), *more)


def _run(module: str, *arguments: str) -> None:
    subprocess.run([sys.executable, "-m", f"models.{module}", *arguments], check=True)


if __name__ == "__main__":
    main()
