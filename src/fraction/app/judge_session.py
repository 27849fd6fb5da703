"""Judge one Session: from a transcript to a sheet, a mark and a reason for every criterion.

Objective criteria (unit tests, game rules) come out alike at every honest judge; what a language model is
asked is worded and ordered in each judge's own way. An unreadable verdict is the judge's failure and
never a score: it asks again, and if it cannot get an answer it does not commit.
"""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TypeVar

from fraction.app.generation import ChatModel, ChatReply, ChatRequest
from fraction.app.unit_testing import TestRunner, efficiency_score
from fraction.base import Address, Dice, Digest, JsonObject, Score, SessionId, Unavailable
from fraction.judging import Criterion, Evaluator, Mark, Sheet, weighted_score
from fraction.judging.expectation import expected_level
from fraction.judging.question import (
    ANSWER_SCHEMA,
    SCORE_SCHEMA,
    question_for,
    read_answer,
    read_level,
    score_of_level,
    scoring_for,
)
from fraction.judging.suspicion import Cleared, clear, clear_code
from fraction.spaces import Space, Task
from fraction.spaces.answers import expected_from, is_right
from fraction.spaces.matches import follow, match_scores, matches_of
from fraction.spaces.rounds import game_of, is_game, tasks_of
from fraction.transcripts import Message, Place, Reply, Transcript

_Read = TypeVar("_Read")

ANSWER_TOKENS = 120
ATTEMPTS = 3
"""How often a judge asks before it gives up on an unreadable verdict."""
PARALLEL_QUESTIONS = 32
MAX_TOLD = 300
"""Characters of what was left out that the player is shown."""


@dataclass(frozen=True, slots=True)
class Defences:
    """What stands between an entry and its score."""

    clears: bool = True
    """Sentences that talk to the judge are left out before it reads."""
    unseen: bool = False
    """The score is given by a second question, which does not show the entry. Not the default, as the embedded model
    scores findings less exactly than it scores an entry it has read (docs/experiments.md)."""


@dataclass(frozen=True, slots=True)
class Judge:
    """One judge node: who it is, what it asks with."""

    address: Address
    models: ChatModel
    model: str
    tests: TestRunner
    wording: int
    """Which paraphrase of the questions it uses."""
    order_seed: str
    """Decides the order in which it sees entries; nobody else's."""
    defences: Defences = Defences()


def judge_transcript(judge: Judge, space: Space, transcript: Transcript) -> Sheet:
    """Return the judge's sheet.

    Raises:
        Unavailable: the model server does not answer, or gives no readable verdict.
    """
    tasks = tasks_of(space, transcript.seed)
    marks: list[Mark] = []
    if is_game(space):
        marks = game_marks(space, transcript)
    else:
        replies = Dice(judge.order_seed, transcript.session).shuffled(transcript.replies)
        jobs = [(c, r) for r in replies for c in space.criteria]
        mark = _marker(judge, space, tasks)
        with ThreadPoolExecutor(max_workers=PARALLEL_QUESTIONS) as pool:
            marks = list(pool.map(mark, jobs))
    return _sheet(judge, transcript.session, transcript.digest(), marks)


def judge_reply(judge: Judge, space: Space, task: Task, text: str) -> Score:
    """Return one judge's score of one reply outside a Session, as the gate needs it."""
    reply = Reply(Place(0, 0, 0, 0), text, "", None, 0, 0, 0, "stop")
    mark = _marker(judge, space, [task])
    return weighted_score(space.criteria, [mark((criterion, reply)).score for criterion in space.criteria])


def mark_reply(judge: Judge, space: Space, criterion: Criterion, task: Task, text: str) -> Mark:
    """Return one judge's mark of one reply for one criterion outside a Session, with its reason."""
    return _marker(judge, space, [task])((criterion, Reply(Place(0, 0, 0, 0), text, "", None, 0, 0, 0, "stop")))


def _sheet(judge: Judge, session: SessionId, transcript: Digest, marks: Sequence[Mark]) -> Sheet:
    order = {id(m): (m.ticket, m.round, m.criterion) for m in marks}
    return Sheet(
        session=session,
        transcript=transcript,
        judge=judge.address,
        model=judge.model,
        wording=judge.wording,
        marks=tuple(sorted(marks, key=lambda m: order[id(m)])),
    )


def _marker(judge: Judge, space: Space, tasks: Sequence[Task]) -> Callable[[tuple[Criterion, Reply]], Mark]:
    """Return what turns a criterion and a reply into a mark."""

    def mark(job: tuple[Criterion, Reply]) -> Mark:
        criterion, reply = job
        task = tasks[reply.place.round]
        broken = broken_limit(space, reply)
        if broken is not None:
            score, reason = Score(0), broken
        elif criterion.evaluator is Evaluator.TESTS:
            score, reason = _run_tests(judge, task, reply)
        elif criterion.evaluator is Evaluator.EFFICIENCY:
            score, reason = _count_instructions(judge, task, reply)
        elif criterion.evaluator is Evaluator.ANSWER:
            score, reason = _check_answer(task, reply)
        else:
            score, reason = _ask(judge, space, criterion, task, reply.text)
        return Mark(reply.place.ticket, reply.place.round, criterion.name, score, reason)

    return mark


def broken_limit(space: Space, reply: Reply) -> str | None:
    """Return which hard limit of the Space a reply breaks, in words; None if it keeps them all."""
    if not reply.text.strip():
        return "There is no reply."
    if len(reply.text) > space.limits.max_characters:
        return f"The reply has {len(reply.text)} characters; {space.limits.max_characters} are allowed."
    return None


def _run_tests(judge: Judge, task: Task, reply: Reply) -> tuple[Score, str]:
    run = judge.tests.run_tests(reply.text, task.hidden)
    if run.total == 0:
        return Score(0), "There were no tests to run."
    reason = f"{run.passed} of {run.total} unit tests pass."
    if run.error:
        reason += f" {run.error}"
    return Score(10_000 * run.passed // run.total), reason


def _count_instructions(judge: Judge, task: Task, reply: Reply) -> tuple[Score, str]:
    run = judge.tests.run_tests(reply.text, task.hidden)
    if run.passed < run.total or run.instructions is None or run.reference is None:
        return Score(0), run.error or "Its instructions could not be counted."
    reason = f"{run.instructions} instructions; the reference program takes {run.reference}."
    return efficiency_score(run.instructions, run.reference), reason


def _check_answer(task: Task, reply: Reply) -> tuple[Score, str]:
    expected = expected_from(task.hidden)
    if is_right(reply.text, expected):
        return Score(10_000), "The answer is right."
    return Score(0), f"The answer is not {expected.value}."


def _ask(judge: Judge, space: Space, criterion: Criterion, task: Task, text: str) -> tuple[Score, str]:
    """Return the mark and its reason, the judge having read only what does not talk to it."""
    cleared = _clear(judge, space, task, text)
    told = f" Left out, as it talks to the judge: {' | '.join(cleared.left_out)}"[:MAX_TOLD] if cleared.left_out else ""
    if not cleared.text:
        return Score(0), f"There is nothing besides words to the judge.{told}"
    score, reason = _mark_text(judge, criterion, task.prompt, cleared.text)
    return score, reason + told


def _clear(judge: Judge, space: Space, task: Task, text: str) -> Cleared:
    if not judge.defences.clears:
        return Cleared(text, ())
    is_code = any(c.evaluator is Evaluator.TESTS for c in space.criteria)
    return (clear_code if is_code else clear)(text, task.prompt)


def _mark_text(judge: Judge, criterion: Criterion, task: str, text: str) -> tuple[Score, str]:
    question = question_for(criterion.name, criterion.question, task, text, judge.wording)
    if not judge.defences.unseen:
        return _answer(judge, question, ANSWER_SCHEMA, _whole_answer)
    reason = _answer(judge, question, ANSWER_SCHEMA, _findings)
    asked = scoring_for(criterion.name, criterion.question, reason, judge.wording)
    return _answer(judge, asked, SCORE_SCHEMA, _expected_score), reason


def _findings(answer: ChatReply) -> str | None:
    read = read_answer(answer.text)
    return read.reason if read else None


def _whole_answer(answer: ChatReply) -> tuple[Score, str] | None:
    read = read_answer(answer.text)
    if read is None:
        return None
    expected = expected_level(answer)
    return score_of_level(1_000 * read.level if expected is None else expected), read.reason


def _expected_score(answer: ChatReply) -> Score | None:
    level = read_level(answer.text)
    if level is None:
        return None
    expected = expected_level(answer)
    return score_of_level(1_000 * level if expected is None else expected)


def _answer(
    judge: Judge, messages: tuple[Message, ...], schema: JsonObject, read: Callable[[ChatReply], _Read | None]
) -> _Read:
    """Return what `read` makes of the model's answer, asking again while that is nothing."""
    for attempt in range(ATTEMPTS):
        request = ChatRequest(
            model=judge.model,
            messages=messages,
            max_tokens=ANSWER_TOKENS,
            temperature_percent=0 if attempt == 0 else 70,
            seed=attempt,
            top_logprobs=20,
            json_schema=schema if attempt else None,
        )
        found = read(judge.models.complete(request))
        if found is not None:
            return found
    raise Unavailable(
        f"The judge's model {judge.model} gave no readable verdict in {ATTEMPTS} tries; "
        "use a model that follows the answer format."
    )


def game_marks(space: Space, transcript: Transcript) -> list[Mark]:
    """Return the marks that the rules of the game give, the same at every honest judge."""
    texts = {reply.place: reply.text for reply in transcript.replies}
    marks: list[Mark] = []
    for number in range(space.rounds):
        game = game_of(space.source, transcript.seed, number)
        ends = [
            follow(
                game,
                match,
                transcript.seed,
                lambda step, ticket, match=match: texts.get(Place(match.round, match.index, step, ticket)),
            )
            for match in matches_of(game, transcript.entrants, number, transcript.seed)
        ]
        for ticket, score in enumerate(match_scores(ends, transcript.entrants)):
            own = [end.scores()[end.match.tickets.index(ticket)] for end in ends if ticket in end.match.tickets]
            won, lost = own.count(Score(10_000)), own.count(Score(0))
            reason = f"{won} won, {len(own) - won - lost} shared, {lost} lost of {len(own)} matches of {game.name}."
            marks.append(Mark(ticket, number, space.criteria[0].name, score, reason))
    return marks
