"""The whole recipe in one command: tokenizer, training, shipping, figures.

python -m models.build                      # what is shipped; hours on two cores
python -m models.build --tokens 200000      # a quick try of the machinery, into the work folder
"""

import argparse
import subprocess
import sys

from models.export import SHIPPED
from models.tokenizer import WORK

TOKENS = 6_000_000
"""Tokens of the shipped model's training."""


def main() -> None:
    """Run the steps in turn; a step that fails ends the build, and the same command goes on from there."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tokens", type=int, default=TOKENS)
    parser.add_argument("--name", default="build", help="folder of the training, in models/work")
    options = parser.parse_args()
    shipped = options.tokens >= TOKENS
    target = SHIPPED if shipped else WORK / options.name / "shipped"
    steps = [
        ["models.train", "--name", options.name, "--tokens", str(options.tokens)],
        ["models.export", "--name", options.name, "--to", str(target)],
        ["models.evaluate", "--model", str(target), "--count", "200" if shipped else "16"],
    ]
    if not (WORK / "tokenizer").exists():
        steps.insert(0, ["models.tokenizer"])
    if shipped:
        steps[-1] += ["--json", "models/figures.json"]
    for step in steps:
        subprocess.run([sys.executable, "-m", *step], check=True)


if __name__ == "__main__":
    main()
