"""The gate's comparison: old and new answer the same unplayed tasks, and are judged without labels.

The test holds whenever one stops (`fraction.training.gate`), so tasks come in portions, and the comparison ends as soon
as the new version is shown to be better.

Where a Space is a game, old and new meet each other instead: the new version plays each seat once against the old
on the others, with the same dice, so that luck cancels.
"""

from collections.abc import Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import TypeVar

from fraction.app.generation import ChatModel, ChatRequest
from fraction.app.judge_session import Judge, judge_reply
from fraction.base import Dice, Digest, Json, JsonObject, Rejected, Score
from fraction.spaces import Space, Split, Task
from fraction.spaces.games import Game
from fraction.spaces.matches import Match, follow
from fraction.spaces.rounds import draw_tasks, game_of, is_game
from fraction.training import Comparison, compare
from fraction.transcripts import Message

Item = TypeVar("Item")

PARALLEL = 64
PORTION = 32
"""Tasks between two looks: enough to keep a model server's rows busy."""


@dataclass(frozen=True, slots=True)
class Gate:
    """What the comparison is made with."""

    models: ChatModel
    """Answers for both versions."""
    judge: Judge
    """Judges both, without labels."""
    base_model: str
    """How `models` calls the frozen base."""
    tasks: int
    """Unplayed tasks at most; in games, half as many sets of mirrored matches."""


@dataclass(frozen=True, slots=True)
class GateOutcome:
    """The comparison, and everything it rests on."""

    comparison: Comparison
    evidence: JsonObject


@dataclass(frozen=True, slots=True)
class _Versions:
    """What both versions share, and how they differ."""

    system: str
    old: str
    new: str


def compare_versions(
    gate: Gate,
    space: Space,
    system: str,
    old: Digest | None,
    new: Digest | None,
    seed: str,
) -> GateOutcome:
    """Return how the version with adapter `new` does against `old` (None: the bare base).

    Args:
        gate: who answers and who judges
        space: whose rubric decides
        system: the agent's prompt, the same for both versions
        old: the adapter that serves now
        new: the adapter that was trained
        seed: decides tasks, sampling seeds and order of judging

    Raises:
        Unavailable: the model server does not answer.
    """
    base = gate.base_model
    versions = _Versions(system, base if old is None else f"{base}:{old}", base if new is None else f"{base}:{new}")
    found = _Found()
    with ThreadPoolExecutor(max_workers=PARALLEL) as pool:
        if is_game(space):
            for portion in _portions(range(max(1, gate.tasks // 2))):
                found.add(_compare_players(pool, gate, space, versions, seed, portion))
                if found.comparison().promoted:
                    break
        else:
            for portion in _portions(gate_tasks(gate, space, seed)):
                found.add(_compare_replies(pool, gate, space, versions, seed, portion))
                if found.comparison().promoted:
                    break
    return GateOutcome(found.comparison(), {"seed": seed, "rows": list(found.rows)})


def gate_tasks(gate: Gate, space: Space, seed: str) -> tuple[Task, ...]:
    """Return the tasks that the comparison named by `seed` may use; none in games, where the versions meet."""
    return () if is_game(space) else tuple(draw_tasks(space.source, seed, Split.GATE, gate.tasks))


@dataclass(slots=True)
class _Found:
    """The scores so far, in the order of the tasks, and what they rest on."""

    before: list[Score] = field(default_factory=list[Score])
    after: list[Score] = field(default_factory=list[Score])
    rows: list[Json] = field(default_factory=list[Json])

    def add(self, rows: Sequence[JsonObject]) -> None:
        """Take a portion in."""
        for row in rows:
            self.before.append(Score(int(str(row["old_score"]))))
            self.after.append(Score(int(str(row["new_score"]))))
            self.rows.append(row)

    def comparison(self) -> Comparison:
        """Return what has been found up to here."""
        return compare(self.before, self.after)


def _portions(items: Sequence[Item]) -> list[Sequence[Item]]:
    return [items[at : at + PORTION] for at in range(0, len(items), PORTION)]


def _compare_replies(
    pool: Executor, gate: Gate, space: Space, versions: _Versions, seed: str, tasks: Sequence[Task]
) -> list[JsonObject]:
    jobs = [(m, t) for m in (versions.old, versions.new) for t in tasks]

    def answer(job: tuple[str, Task]) -> str:
        model, task = job
        return _answer(gate, space, model, versions.system, task.prompt, seed, 0)

    def judge(place: int) -> Score:
        return judge_reply(gate.judge, space, jobs[place][1], texts[place])

    texts = list(pool.map(answer, jobs))
    blind = Dice(seed, "blind", tasks[0].prompt).shuffled(list(range(len(jobs))))  # nobody can tell old from new
    scores = dict(zip(blind, pool.map(judge, blind), strict=True))
    half = len(tasks)
    return [
        {
            "task": task.prompt,
            "old": texts[i],
            "new": texts[half + i],
            "old_score": scores[i],
            "new_score": scores[half + i],
        }
        for i, task in enumerate(tasks)
    ]


def _answer(gate: Gate, space: Space, model: str, system: str, prompt: str, seed: str, index: int) -> str:
    request = ChatRequest(
        model=model,
        messages=(Message("system", system), Message("user", prompt)),
        max_tokens=space.limits.max_tokens,
        temperature_percent=space.limits.temperature_percent,
        top_p_percent=space.limits.top_p_percent,
        seed=Dice(seed, "gate", prompt, index).below(2**31),
    )
    try:
        return gate.models.complete(request).text
    except Rejected:
        return ""  # a version that cannot answer scores nothing


def _compare_players(
    pool: Executor, gate: Gate, space: Space, versions: _Versions, seed: str, numbers: Sequence[int]
) -> list[JsonObject]:
    def play(number: int) -> tuple[Score, Score]:
        game = game_of(space.source, seed, 2 * number)  # of mixed games, another one each time
        return _mirrored(gate, space, game, versions, f"{seed}/{number}")

    found = zip(numbers, pool.map(play, numbers), strict=True)
    return [{"set": number, "old_score": old, "new_score": new} for number, (old, new) in found]


def _mirrored(gate: Gate, space: Space, game: Game, versions: _Versions, seed: str) -> tuple[Score, Score]:
    """Let the new version play each seat once; return the mean score of the old players and of the new one."""
    old: list[int] = []
    new: list[int] = []
    seats = game.seats[0]
    for own in range(seats):
        scores = _played(gate, space, game, versions, seed, own)
        new.append(scores[own])
        old += [score for seat, score in enumerate(scores) if seat != own]
    return Score(sum(old) // len(old)), Score(sum(new) // len(new))


def _played(gate: Gate, space: Space, game: Game, versions: _Versions, seed: str, own: int) -> tuple[Score, ...]:
    """Play one match in which the new version has the seat `own`; return each seat's score."""
    match = Match(0, 0, tuple(range(game.seats[0])))
    texts: dict[tuple[int, int], str] = {}

    def said(step: int, ticket: int) -> str | None:
        return texts.get((step, ticket))

    standing = follow(game, match, seed, said)
    while not standing.over:
        for seat, ticket in standing.due():
            model, prompt = versions.new if seat == own else versions.old, standing.position.prompt(seat)
            texts[standing.step, ticket] = _answer(gate, space, model, versions.system, prompt, seed, standing.step)
        standing = follow(game, match, seed, said)
    return standing.scores()
