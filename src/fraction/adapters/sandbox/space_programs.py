"""Programs of Spaces, run in a box; and their environments as games that matches can be played in."""

import json
import math
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from fraction.app.sandboxing import Limits, Sandbox
from fraction.app.space_programs import MAX_SOURCE_CHARACTERS, SpacePrograms, Table
from fraction.base import Dice, Rejected, Score, parse_json
from fraction.spaces import Task
from fraction.spaces.games.game import MAX_FAULTS, Position

DRIVER = Path(__file__).with_name("space_program_driver.py").read_text()
MAX_PROMPT_CHARACTERS = 8_000
MAX_TASKS = 200


@dataclass(frozen=True, slots=True)
class SandboxedPrograms:
    """Runs Spaces' programs in a sandbox; a SpacePrograms."""

    sandbox: Sandbox

    def tasks(self, source: str, seed: str, count: int) -> tuple[Task, ...]:
        """Return tasks that the program makes of a seed; see `fraction.app.space_programs`."""
        made = self._call(source, {"call": "tasks", "seed": seed, "count": min(count, MAX_TASKS)})
        if not isinstance(made, list) or not made:
            raise Rejected("The Space's program made no tasks; tasks(seed) returns a list of objects with a prompt.")
        return tuple(_task(item) for item in made)

    def evaluate(self, source: str, task: Task, reply: str) -> Score:
        """Return what the program thinks of a reply; see `fraction.app.space_programs`."""
        order = {"call": "evaluate", "task": {"prompt": task.prompt, "hidden": task.hidden}, "reply": reply}
        value = self._call(source, order)
        if not isinstance(value, int | float) or isinstance(value, bool) or not math.isfinite(value):
            raise Rejected("The Space's program gave no number for a reply; evaluate(task, reply) returns 0 to 1.")
        return Score(round(10_000 * min(1.0, max(0.0, float(value)))))

    def table(self, source: str, seed: str, actions: tuple[str, ...]) -> Table:
        """Return the program's game after these actions; see `fraction.app.space_programs`."""
        found = self._call(source, {"call": "table", "seed": seed, "actions": list(actions)})
        try:
            rewards = tuple(int(reward) for reward in found["rewards"])
            mover = found["to_move"]
            prompt, moves = str(found["prompt"])[:MAX_PROMPT_CHARACTERS], tuple(map(str, found["moves"]))
            return Table(int(found["seats"]), None if mover is None else int(mover), prompt, moves, rewards)
        except (KeyError, TypeError, ValueError) as error:
            raise Rejected("The Space's environment did not say whose turn it is, its moves and rewards.") from error

    def game(self, source: str) -> "ProgramGame":
        """Return the program's environment as a game; see `fraction.app.space_programs`."""
        seats = self.table(source, "00000000", ()).seats
        return ProgramGame(self, source, "program", (seats, seats))

    def _call(self, source: str, order: dict[str, object]) -> Any:  # noqa: ANN401  (JSON)
        if len(source) > MAX_SOURCE_CHARACTERS:
            raise Rejected(f"A Space's program has at most {MAX_SOURCE_CHARACTERS} characters.")
        nonce = secrets.token_hex(16)
        execution = self.sandbox.run(DRIVER, json.dumps({**order, "source": source, "nonce": nonce}).encode(), Limits())
        lines = [line for line in execution.stdout.splitlines() if line.startswith(nonce)]
        if len(lines) != 1:
            ended = f"its {execution.reason} limit ended it" if execution.reason else "it ended without an answer"
            raise Rejected(f"The Space's program gave no answer: {ended}.")
        answer = parse_json(lines[0].partition(" ")[2])
        if not isinstance(answer, dict) or "value" not in answer:
            said = answer if isinstance(answer, dict) else {}
            raise Rejected(
                f"The Space's program failed in line {said.get('line', 0)}: {said.get('error', 'no value')}."
            )
        return answer["value"]


def _task(item: object) -> Task:
    fields = item if isinstance(item, dict) else {}
    prompt, hidden = fields.get("prompt"), fields.get("hidden")
    if not isinstance(prompt, str) or not 0 < len(prompt) <= MAX_PROMPT_CHARACTERS or not isinstance(hidden, dict):
        raise Rejected(f"A task of a Space's program needs a prompt of 1 to {MAX_PROMPT_CHARACTERS} characters.")
    return Task(prompt, hidden)


@dataclass(frozen=True, slots=True)
class ProgramGame:
    """An environment of Gymnasium's or PettingZoo's form as a `Game`; every step runs in a fresh box."""

    programs: SpacePrograms
    source: str
    name: str
    seats: tuple[int, int]

    def start(self, seats: int, dice: Dice) -> Position:
        """Return the first position; the environment's own seed comes from the dice."""
        seed = f"{dice.below(2**31):08x}"
        return _ProgramPosition(self, seed, (), self.programs.table(self.source, seed, ()), (0,) * seats)


@dataclass(frozen=True, slots=True)
class _ProgramPosition:
    game: ProgramGame
    seed: str
    actions: tuple[str, ...]
    table: Table
    faults: tuple[int, ...]

    def to_move(self) -> tuple[int, ...]:
        """Return whose turn it is; see `Position`."""
        over = self.table.to_move is None or max(self.faults) >= MAX_FAULTS
        return () if over or self.table.to_move is None else (self.table.to_move,)

    def prompt(self, seat: int) -> str:
        """Return what the environment shows, and the moves; see `Position`."""
        moves = " | ".join(self.table.moves)
        shown = f"You are player {seat} of {self.table.seats}.\n{self.table.prompt}"
        return f"{shown}\nMoves: {moves}\nReply: one of the moves"

    def is_legal(self, seat: int, text: str) -> bool:
        """Return whether `text` is a move that the environment offers; see `Position`."""
        return seat == self.table.to_move and text.strip() in self.table.moves

    def play(self, texts: Mapping[int, str], dice: Dice) -> Position:
        """Return the position after the move; an illegal one is replaced by the dice; see `Position`."""
        seat = self.to_move()[0]
        legal = self.is_legal(seat, texts[seat])
        action = texts[seat].strip() if legal else dice.choice(self.table.moves)
        faults = tuple(f + (not legal and i == seat) for i, f in enumerate(self.faults))
        actions = (*self.actions, action)
        table = self.game.programs.table(self.game.source, self.seed, actions)
        return replace(self, actions=actions, table=table, faults=faults)

    def scores(self) -> tuple[Score, ...] | None:
        """Return the share of the others that each seat's reward beats; alone, its reward as a share of 1."""
        if self.to_move():
            return None
        worth = [-(10**9) if f >= MAX_FAULTS else r for r, f in zip(self.table.rewards, self.faults, strict=True)]
        if len(worth) == 1:
            return (Score(10 * min(1000, max(0, worth[0]))),)
        others = 2 * (len(worth) - 1)
        return tuple(
            Score(10_000 * (2 * sum(w < own for w in worth) + worth.count(own) - 1) // others) for own in worth
        )
