"""Does training help? An agent before and after QLoRA on the best of what was played, on unplayed tasks.

For each Space and seed: six agents with different prompts answer tasks of the session split, a judge scores them,
the best become the data set of one agent, and the gate compares old and new on the gate split. No chain is needed:
selection, recipe, trainer and gate are the product's own. The peer is the agent's untrained self, in the same run.

    python -m bench.training_gain --seeds 3 --json out/training_gain.json
"""

import argparse
import hashlib
import json
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from fraction.adapters.memory import MemoryBlobs
from fraction.app.compare_versions import Gate, compare_versions
from fraction.app.generation import ChatModel, ChatRequest
from fraction.app.judge_session import Judge, judge_reply
from fraction.base import Address, AgentId, Dice, Score, SessionId
from fraction.spaces import Space, Split, Task
from fraction.spaces.matches import Match, follow, steps_of
from fraction.spaces.rounds import draw_tasks, game_of, is_game
from fraction.training import Candidate, Dataset, select
from fraction.transcripts import Message
from fraction.wiring import embedded_model
from fraction.wiring.models import sandboxed_tests, trainer_on
from fraction.wiring.platform import catalog, training_settings

PROMPTS = {
    "writing-tweets": (
        "Write short posts.",
        "Write posts that keep to the topic and speak to the audience. Open with a hook and end with a question.",
        "Be funny, use an emoji, and end with a question.",
        "Use a formal tone. No emoji, no hashtags.",
        "Sound excited and finish with a call to action.",
        "Write something.",
    ),
    "writing-code": (
        "Write short code.",
        "You are a careful programmer.",
        "Write clear, conventional Python with a plain loop.",
        "Write correct Python.",
        "Write the function quickly.",
        "Write some code.",
    ),
    "playing-games": (
        "Save your money.",
        "Take the centre first.",
        "Bid boldly when it matters.",
        "Bid low and keep money for the end.",
        "Bid aggressively on every square.",
        "Play.",
    ),
}


@dataclass(frozen=True)
class Row:
    """One seed in one Space; scores in hundredths of a point."""

    space: str
    seed: int
    examples: int
    steps: int
    first_loss: float
    last_loss: float
    before: int
    after: int
    difference: int
    low: int
    high: int
    promoted: bool
    seconds: float


class Bench:
    """The base model, its judge and its trainer, in this process."""

    def __init__(self, rounds: int, gate_tasks: int) -> None:
        """Load the embedded model."""
        from fraction.adapters.lora.base import load_base
        from fraction.adapters.lora.engine import EngineSettings, LocalTextEngine

        self.rounds = rounds
        self.blobs = MemoryBlobs()
        self.models: ChatModel = LocalTextEngine(
            load_base(embedded_model(), nf4=False), self.blobs, EngineSettings(rows=24, queue=2_000)
        )
        self.judge = Judge(Address("0x" + "0" * 40), self.models, "base", sandboxed_tests(), 1, "bench")
        gate_judge = replace(self.judge, wording=0, order_seed="gate")
        self.gate = Gate(self.models, gate_judge, "base", gate_tasks)
        self.settings = training_settings()
        self.trainer = trainer_on(embedded_model())

    def run(self, space: Space, seed: int) -> Row:
        """Play, train and compare once."""
        begun = time.monotonic()
        name = hashlib.sha256(f"bench/{space.id}/{seed}".encode()).hexdigest()
        played = self._duels(space, name) if is_game(space) else self._replies(space, name)
        system = PROMPTS[space.id][-1]
        dataset = select(played, system, self.settings.recipe)
        recipe = self.settings.recipe.recipe_for(len(dataset.examples))
        trained = self.trainer.train(Dataset(dataset.examples), replace(recipe, seed=seed), lambda _s, _l: None)
        adapter = self.blobs.keep(trained.adapter)
        found = compare_versions(self.gate, space, system, None, adapter, name).comparison
        return Row(
            space=space.id,
            seed=seed,
            examples=len(dataset.examples),
            steps=recipe.steps,
            first_loss=trained.losses_ppm[0] / 1e6,
            last_loss=sum(trained.losses_ppm[-4:]) / 4e6,
            before=found.before,
            after=found.after,
            difference=found.difference,
            low=found.low,
            high=found.high,
            promoted=found.promoted,
            seconds=round(time.monotonic() - begun, 1),
        )

    def _replies(self, space: Space, seed: str) -> list[Candidate]:
        tasks = draw_tasks(space.source, seed, Split.SESSION, self.rounds)
        jobs = [
            (agent, prompt, n, task) for agent, prompt in enumerate(PROMPTS[space.id]) for n, task in enumerate(tasks)
        ]

        def play(job: tuple[int, str, int, Task]) -> Candidate:
            agent, prompt, number, task = job
            text = self._answer(space, prompt, task.prompt, Dice(seed, agent, number).below(2**31))
            score = judge_reply(self.judge, space, task, text)
            return _candidate(number, 0, agent, task.prompt, text, score)

        with ThreadPoolExecutor(64) as pool:
            return list(pool.map(play, jobs))

    def _duels(self, space: Space, seed: str) -> list[Candidate]:
        """Every pair of prompts plays `rounds / 4` duels; the winners' moves are worth learning."""
        count = len(PROMPTS[space.id])
        pairs = [
            (x, o, n) for x in range(count) for o in range(count) if x != o for n in range(max(1, self.rounds // 4))
        ]
        with ThreadPoolExecutor(64) as pool:
            return [c for found in pool.map(lambda pair: self._duel(space, seed, *pair), pairs) for c in found]

    def _duel(self, space: Space, seed: str, x: int, o: int, number: int) -> list[Candidate]:
        match, texts = Match(number, x * 10 + o, (x, o)), dict[tuple[int, int], str]()
        game = game_of(space.source, seed, number)

        def said(step: int, ticket: int) -> str | None:
            return texts.get((step, ticket))

        standing = follow(game, match, seed, said)
        while not standing.over:
            for seat, ticket in standing.due():
                prompt = standing.position.prompt(seat)
                dice = Dice(seed, match.index, number, standing.step, ticket)
                texts[standing.step, ticket] = self._answer(space, PROMPTS[space.id][ticket], prompt, dice.below(2**31))
            standing = follow(game, match, seed, said)
        scores = standing.scores()
        return [
            _candidate(number, p.step, p.ticket, p.prompt, p.text, scores[p.seat])
            for p in steps_of(game, match, seed, said)
            if p.legal
        ]

    def _answer(self, space: Space, system: str, prompt: str, seed: int) -> str:
        limits = space.limits
        request = ChatRequest(
            model="base",
            messages=(Message("system", system), Message("user", prompt)),
            max_tokens=limits.max_tokens,
            temperature_percent=limits.temperature_percent,
            top_p_percent=limits.top_p_percent,
            seed=seed,
        )
        return self.models.complete(request).text


def _candidate(number: int, turn: int, agent: int, prompt: str, text: str, score: Score) -> Candidate:
    task = hashlib.sha256(prompt.encode()).hexdigest()
    return Candidate(SessionId("bench"), number, turn, AgentId(str(agent)), task, prompt, text, score)  # type: ignore[arg-type]


def _line(row: Row) -> str:
    """Return one row as text; scores in points."""
    before, after, gain, low, high = (v / 100 for v in (row.before, row.after, row.difference, row.low, row.high))
    return (
        f"{row.space:<15} seed {row.seed}: {row.examples:3} examples, {row.steps:3} steps, "
        f"loss {row.first_loss:.2f} to {row.last_loss:.2f}, before {before:5.1f}, after {after:5.1f}, "
        f"difference {gain:+.1f} [{low:+.1f}, {high:+.1f}], {row.seconds} s"
    )


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--rounds", type=int, default=12, help="tasks that each of the six agents has played")
    parser.add_argument("--gate", type=int, default=96, help="unplayed tasks in the comparison")
    parser.add_argument("--spaces", nargs="*", default=list(PROMPTS))
    parser.add_argument("--json", type=Path, default=None)
    options = parser.parse_args(arguments)
    bench, rows = Bench(options.rounds, options.gate), list[Row]()
    for space in catalog():
        for seed in range(options.seeds if space.id in options.spaces else 0):
            row = bench.run(space, seed)
            rows.append(row)
            print(_line(row), flush=True)
    if options.json:
        options.json.parent.mkdir(parents=True, exist_ok=True)
        options.json.write_text(json.dumps([asdict(row) for row in rows], indent=1) + "\n")


if __name__ == "__main__":
    main()
