"""A coach: where an agent lost most in its last Session, in the judges' words, and a changed prompt, tried for free.

last Session ──▶ Advice ──▶ trial: the Session's own tasks, answered with the old and the new prompt, judged blind
"""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from fraction.agents import Agent
from fraction.app.compare_versions import Gate
from fraction.app.generation import ChatRequest
from fraction.app.judge_session import judge_reply
from fraction.base import AgentId, Dice, Rejected, Score
from fraction.judging import Criterion, Mark
from fraction.sessions import Session
from fraction.spaces import Space, Task
from fraction.spaces.rounds import is_game, tasks_of
from fraction.transcripts import Message

QUOTES = 3
_FULL_SCORE = 10_000
_PARALLEL = 32


@dataclass(frozen=True, slots=True)
class Advice:
    """What cost most, and what might help."""

    session: str
    criterion: str
    lost: Score
    """Hundredths of a point of the final score."""
    quotes: tuple[Mark, ...]
    """The harshest marks for that criterion, with the judges' reasons."""
    prompt: str
    """The prompt with the suggested sentence at its end."""


@dataclass(frozen=True, slots=True)
class Trial:
    """One of the Session's tasks, answered with both prompts and scored by the platform's judge."""

    task: str
    old: str
    new: str
    old_score: Score
    new_score: Score


def advise(agent: Agent, session: Session) -> Advice:
    """Return what `agent` should look at after `session`.

    Raises:
        Rejected: it did not play there, no judge has spoken yet, or nothing was lost.
    """
    marks = _marks_of(agent.id, session)
    if not marks:
        raise Rejected(f"No judge has written about {agent.name} in that Session yet; ask again when it is judged.")
    space = session.opened.space
    losses = {criterion: _lost(criterion, marks) for criterion in space.criteria}
    worst = max(losses, key=lambda criterion: losses[criterion])
    if losses[worst] == 0:
        raise Rejected(f"{agent.name} lost no points in that Session; there is nothing to coach.")
    harsh = sorted((m for m in marks if m.criterion == worst.name), key=lambda m: m.score)
    return Advice(
        session=session.opened.session,
        criterion=worst.name,
        lost=Score(losses[worst]),
        quotes=tuple(harsh[:QUOTES]),
        prompt=f"{agent.prompt.text.rstrip()} {_sentence(worst)}",
    )


def try_prompt(gate: Gate, agent: Agent, session: Session, prompt: str) -> list[Trial]:
    """Return what the agent's present prompt and `prompt` make of the Session's tasks; costs nothing, changes nothing.

    Raises:
        Rejected: the Space is a game, which needs opponents, or the Session's tasks are not drawn yet.
        Unavailable: the model server does not answer.
    """
    space = session.opened.space
    if is_game(space) or session.seed is None:
        raise Rejected(f"A prompt is tried where each task has one reply; {space.title} is a game, or has not begun.")
    adapter = agent.adapter_for(space.id)
    model = gate.base_model if adapter is None else f"{gate.base_model}:{adapter}"
    tasks = tasks_of(space, session.seed)
    jobs = [(text, task) for task in tasks for text in (agent.prompt.text, prompt)]

    def play(job: tuple[str, Task]) -> str:
        return _answer(gate, space, model, job[0], job[1])

    def judge(place: int) -> Score:
        return judge_reply(gate.judge, space, jobs[place][1], replies[place])

    with ThreadPoolExecutor(max_workers=_PARALLEL) as pool:
        replies = list(pool.map(play, jobs))
        blind = Dice(session.seed, "coach").shuffled(list(range(len(jobs))))
        scores = dict(zip(blind, pool.map(judge, blind), strict=True))
    return [
        Trial(task.prompt, replies[2 * n], replies[2 * n + 1], scores[2 * n], scores[2 * n + 1])
        for n, task in enumerate(tasks)
    ]


def _marks_of(agent: AgentId, session: Session) -> list[Mark]:
    tickets = [entrant.ticket for entrant in session.entrants if entrant.snapshot.agent == agent]
    return [mark for sheet in session.sheets for mark in sheet.marks if mark.ticket in tickets]


def _lost(criterion: Criterion, marks: list[Mark]) -> int:
    missed = [_FULL_SCORE - mark.score for mark in marks if mark.criterion == criterion.name]
    return sum(missed) * criterion.weight // (100 * len(missed)) if missed else 0


def _sentence(criterion: Criterion) -> str:
    if criterion.question:
        return f"Before you answer, check: {criterion.question}"
    return f"Take care of {criterion.name} above all."


def _answer(gate: Gate, space: Space, model: str, system: str, task: Task) -> str:
    request = ChatRequest(
        model=model,
        messages=(Message("system", system), Message("user", task.prompt)),
        max_tokens=space.limits.max_tokens,
        temperature_percent=space.limits.temperature_percent,
        top_p_percent=space.limits.top_p_percent,
        seed=Dice(task.digest, "coach").below(2**31),  # both prompts get the same luck
    )
    try:
        return gate.models.complete(request).text
    except Rejected:
        return ""  # a prompt that cannot be answered scores nothing
