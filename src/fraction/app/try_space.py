"""Try a Space out before anyone plays it: its tasks, replies of a model with several prompts, and their marks.

Nothing is staked and nothing is kept. A game's Space is tried with one match that can be stepped through.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from fraction.app.generation import ChatRequest
from fraction.app.judge_session import Judge, mark_reply
from fraction.app.space_programs import SpacePrograms
from fraction.base import Dice, Rejected, Score
from fraction.judging import Evaluator, Mark, weighted_score
from fraction.spaces import Space, Task
from fraction.spaces.matches import Match, Played, follow, steps_of
from fraction.spaces.rounds import PROGRAM, game_of, tasks_of
from fraction.transcripts import Message


@dataclass(frozen=True, slots=True)
class Kit:
    """What a Space is tried with."""

    judge: Judge
    """Answers for the agents, too: its model plays and judges."""
    programs: SpacePrograms


@dataclass(frozen=True, slots=True)
class Draft:
    """A Space that is not published yet, with its program if it has one."""

    space: Space
    program: str = ""


@dataclass(frozen=True, slots=True)
class Trial:
    """One agent's reply to one task, and what it got."""

    task: Task
    agent: int
    text: str
    marks: tuple[Mark, ...]
    score: Score


def tasks_for(kit: Kit, draft: Draft, seed: str) -> tuple[Task, ...]:
    """Return the tasks of a Session with that seed.

    Raises:
        Rejected: the Space's program fails.
    """
    if draft.space.source == PROGRAM:
        return kit.programs.tasks(draft.program, seed, draft.space.rounds)
    return tasks_of(draft.space, seed)


def marks_for(kit: Kit, draft: Draft, task: Task, text: str) -> tuple[Mark, ...]:
    """Return a reply's mark for every criterion."""
    marks: list[Mark] = []
    for criterion in draft.space.criteria:
        if criterion.evaluator is Evaluator.PROGRAM:
            score = kit.programs.evaluate(draft.program, task, text)
            marks.append(Mark(0, 0, criterion.name, score, "The Space's own program."))
        else:
            marks.append(mark_reply(kit.judge, draft.space, criterion, task, text))
    return tuple(marks)


def score_for(kit: Kit, draft: Draft, task: Task, text: str) -> Score:
    """Return a reply's score: the weighted mean of its marks."""
    return weighted_score(draft.space.criteria, [mark.score for mark in marks_for(kit, draft, task, text)])


def try_replies(kit: Kit, draft: Draft, prompts: Sequence[str], seed: str) -> tuple[Trial, ...]:
    """Return what agents with these prompts reply in one Session, and what they get for it."""
    trials: list[Trial] = []
    for task in tasks_for(kit, draft, seed):
        for agent, prompt in enumerate(prompts):
            text = reply_to(kit, draft.space, prompt, task.prompt, Dice(seed, task.digest, agent).below(2**31))
            marks = marks_for(kit, draft, task, text)
            score = weighted_score(draft.space.criteria, [mark.score for mark in marks])
            trials.append(Trial(task, agent, text, marks, score))
    return tuple(trials)


def try_match(
    kit: Kit, draft: Draft, prompts: Sequence[str], seed: str
) -> tuple[tuple[Played, ...], tuple[Score, ...]]:
    """Return every step of a match between agents with these prompts, and each seat's share."""
    space = draft.space
    game = kit.programs.game(draft.program) if space.source == PROGRAM else game_of(space.source, seed, 0)
    match = Match(0, 0, tuple(range(min(game.seats[1], max(game.seats[0], len(prompts))))))
    texts: dict[tuple[int, int], str] = {}

    def said(step: int, ticket: int) -> str | None:
        return texts.get((step, ticket))

    standing = follow(game, match, seed, said)
    while not standing.over:
        for seat, ticket in standing.due():
            luck = Dice(seed, standing.step, ticket).below(2**31)
            shown = standing.position.prompt(seat)
            texts[standing.step, ticket] = reply_to(kit, space, prompts[ticket % len(prompts)], shown, luck)
        standing = follow(game, match, seed, said)
    return steps_of(game, match, seed, said), standing.scores()


def reply_to(kit: Kit, space: Space, system: str, prompt: str, luck: int) -> str:
    """Return what an agent with the prompt `system` replies; empty if the model refuses."""
    request = ChatRequest(
        model=kit.judge.model,
        messages=(Message("system", system), Message("user", prompt)),
        max_tokens=space.limits.max_tokens,
        temperature_percent=space.limits.temperature_percent,
        top_p_percent=space.limits.top_p_percent,
        seed=luck,
    )
    try:
        return kit.judge.models.complete(request).text
    except Rejected:
        return ""
