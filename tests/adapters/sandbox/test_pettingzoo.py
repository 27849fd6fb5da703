"""A game of PettingZoo itself, as its authors ship it, is played as a match through the adapter.

It needs numpy and pygame, which the sandbox does not show to programs of strangers, so here the driver runs in a plain
process: what is tested is the adapter, not the walls (`test_attacks.py` tests those).
"""

import subprocess
import sys
import time
from dataclasses import dataclass

import pytest

from fraction.adapters.sandbox import SandboxedPrograms
from fraction.app.sandboxing import Execution, Limits
from fraction.spaces.matches import Match, follow, steps_of

pytest.importorskip("pettingzoo", reason="pip install 'fraction[games]' brings PettingZoo")

TIC_TAC_TOE = """
from pettingzoo.classic import tictactoe_v3

def make():
    return tictactoe_v3.env()
"""


@dataclass(frozen=True, slots=True)
class PlainProcess:
    """Runs our own driver with the packages of this Python; never to be given a stranger's program."""

    name: str = "plain"

    def run(self, program: str, stdin: bytes, limits: Limits) -> Execution:
        started = time.monotonic()
        done = subprocess.run([sys.executable, "-W", "ignore", "-c", program], input=stdin, capture_output=True)
        spent = round(1000 * (time.monotonic() - started))
        return Execution(done.returncode, done.stdout.decode(), done.stderr.decode(), None, spent)


def test_a_game_of_pettingzoo_is_played_as_a_match_with_its_own_rules_and_rewards() -> None:
    game = SandboxedPrograms(PlainProcess()).game(TIC_TAC_TOE)
    assert game.seats == (2, 2)
    moves = {(0, 0): "0", (1, 1): "4", (2, 0): "1", (3, 1): "4", (4, 0): "2"}  # the fourth names a taken cell

    def said(step: int, ticket: int) -> str | None:
        return moves.get((step, ticket), "2")

    match = Match(0, 0, (0, 1))
    end = follow(game, match, "ab", said)
    assert end.over
    assert sum(end.scores()) == 10_000
    played = steps_of(game, match, "ab", said)
    assert [step.seat for step in played[:4]] == [0, 1, 0, 1]
    assert [step.legal for step in played[:4]] == [True, True, True, False]
    assert "Moves: 0 | 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8" in played[0].prompt
    assert "Moves: 2 | 3 | 5 | 6 | 7 | 8" in played[3].prompt
    assert end.scores() == (10_000, 0) or not played[4].legal  # unless chance took the third cell
