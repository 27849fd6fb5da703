"""The gate's comparison: old and new answer the same unplayed tasks, and are judged without labels.

Where a Space is a game, old and new meet each other instead: the new version plays each seat once against the old
on the others, with the same dice, so that luck cancels.
"""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from fraction.app.generation import ChatModel, ChatRequest
from fraction.app.judge_session import Judge, judge_reply
from fraction.base import Dice, Digest, Json, JsonObject, Rejected, Score
from fraction.spaces import Space, Split, Task
from fraction.spaces.games import Game
from fraction.spaces.matches import Match, follow
from fraction.spaces.rounds import draw_tasks, game_of, is_game
from fraction.training import Comparison, compare
from fraction.transcripts import Message

PARALLEL = 64


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
    """Unplayed tasks; in games, half as many sets of mirrored matches."""


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
        seed: decides tasks, sampling seeds, order of judging and bootstrap samples

    Raises:
        Unavailable: the model server does not answer.
    """
    base = gate.base_model
    versions = _Versions(system, base if old is None else f"{base}:{old}", base if new is None else f"{base}:{new}")
    count = gate.tasks
    if is_game(space):
        return _compare_players(gate, space, versions, seed, count)
    tasks = draw_tasks(space.source, seed, Split.GATE, count)
    return _compare_replies(gate, space, versions, seed, tasks)


def _compare_replies(gate: Gate, space: Space, versions: _Versions, seed: str, tasks: Sequence[Task]) -> GateOutcome:
    jobs = [(m, t, i) for m in (versions.old, versions.new) for i, t in enumerate(tasks)]

    def answer(job: tuple[str, Task, int]) -> str:
        model, task, index = job
        return _answer(gate, space, model, versions.system, task.prompt, seed, index)

    def judge(place: int) -> Score:
        return judge_reply(gate.judge, space, jobs[place][1], texts[place])

    with ThreadPoolExecutor(max_workers=PARALLEL) as pool:
        texts = list(pool.map(answer, jobs))
        blind = Dice(seed, "blind").shuffled(list(range(len(jobs))))  # nobody can tell old from new
        judged = list(pool.map(judge, blind))
    scores = dict(zip(blind, judged, strict=True))
    half = len(tasks)
    before = [scores[i] for i in range(half)]
    after = [scores[half + i] for i in range(half)]
    rows: list[Json] = [
        {
            "task": task.prompt,
            "old": texts[i],
            "new": texts[half + i],
            "old_score": before[i],
            "new_score": after[i],
        }
        for i, task in enumerate(tasks)
    ]
    return GateOutcome(compare(before, after, seed), {"seed": seed, "rows": rows})


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


def _compare_players(gate: Gate, space: Space, versions: _Versions, seed: str, count: int) -> GateOutcome:
    def play(number: int) -> tuple[Score, Score]:
        game = game_of(space.source, seed, 2 * number)  # of mixed games, another one each time
        return _mirrored(gate, space, game, versions, f"{seed}/{number}")

    with ThreadPoolExecutor(max_workers=PARALLEL) as pool:
        results = list(pool.map(play, range(max(1, count // 2))))
    before, after = [old for old, _ in results], [new for _, new in results]
    rows: list[Json] = [{"set": i, "old_score": old, "new_score": new} for i, (old, new) in enumerate(results)]
    return GateOutcome(compare(before, after, seed), {"seed": seed, "rows": rows})


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
