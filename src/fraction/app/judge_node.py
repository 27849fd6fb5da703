"""A judge node's work: watch the chain for its draws, judge, commit, reveal; move stuck Sessions on.

It meets the platform only through the chain and through blobs, whose digests it checks. What it has decided
it keeps before it commits, so a kill in between changes nothing.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import cast

from fraction.app.attending import attend_safely
from fraction.app.chain import Escrow, EscrowPhase, EscrowState
from fraction.app.cheats import Cheat, Conduct, favour
from fraction.app.judge_session import Judge, judge_transcript
from fraction.app.ports import BlobReader, Blobs, Clock, Records
from fraction.app.read_transcript import read_transcript
from fraction.base import Digest, Instant, NotFound, Rejected, Score, parse_json
from fraction.judging import Sheet, entry_scores
from fraction.sessions import Committed, Revealed, sheet_from_bytes
from fraction.spaces import Space, parse_space
from fraction.transcripts import Transcript

_SHEET = "sheet"
PATIENCE_SECONDS = 15
"""How long a judge waits for somebody else to take a step that anyone may take before it does so itself."""


@dataclass(slots=True)
class JudgeNode:
    """A judge's ports, and what it remembers between looks."""

    judge: Judge
    escrow: Escrow
    own: Blobs
    """Where the node keeps its sheets, and serves them from."""
    peers: BlobReader
    """Where transcripts and Spaces are fetched."""
    records: Records
    clock: Clock
    salt_of: Callable[[int], bytes]
    """The 32 secret bytes of a Session's commitment; the same at every call."""
    conduct: Conduct = field(default_factory=Conduct)
    done: set[int] = field(default_factory=set[int])
    stuck_since: dict[tuple[int, EscrowPhase], Instant] = field(default_factory=dict[tuple[int, EscrowPhase], Instant])
    not_before: dict[int, Instant] = field(default_factory=dict[int, Instant])


def look(node: JudgeNode) -> tuple[str, ...]:
    """Do what is due in every Session; return what was done, one line each.

    Raises:
        Unavailable: the chain, the blobs or the model server do not answer; look again later.
    """
    lines = [attend_safely(node, number, "Session", _attend) for number in range(1, node.escrow.sessions() + 1)]
    return tuple(line for line in lines if line)


def reveal_due(node: JudgeNode) -> tuple[str, ...]:
    """Reveal what this node has committed to, where that is due now, and do nothing else.

    To be called beside `look` from another thread: `look` may judge one Session for minutes, and meanwhile the
    time to reveal another one would pass.

    Raises:
        Unavailable: the chain does not answer; look again later.
    """
    judged = [int(name) for name in node.records.names(_SHEET)]
    lines = [attend_safely(node, number, "Session", _reveal_if_due) for number in judged if number not in node.done]
    return tuple(line for line in lines if line)


def _attend(node: JudgeNode, number: int) -> str:
    if number in node.done:
        return ""
    state = node.escrow.state(number)
    if state.phase in (EscrowPhase.SETTLED, EscrowPhase.CANCELLED):
        node.done.add(number)
        return ""
    if node.judge.address not in state.judges:
        return ""
    return _act(node, number, state)


def _reveal_if_due(node: JudgeNode, number: int) -> str:
    me = node.judge.address
    state = node.escrow.state(number)
    due = state.phase is EscrowPhase.REVEALING and me in state.has_committed and me not in state.has_revealed
    return _reveal(node, number, state) if due and node.conduct.cheat is not Cheat.NO_SHOW else ""


def _act(node: JudgeNode, number: int, state: EscrowState) -> str:
    me = node.judge.address
    if node.conduct.cheat is Cheat.NO_SHOW:
        return ""
    if state.phase is EscrowPhase.COMMITTING and me not in state.has_committed:
        return _copy(node, number) if node.conduct.cheat is Cheat.COPY else _commit(node, number, state)
    if state.phase is EscrowPhase.REVEALING and me in state.has_committed and me not in state.has_revealed:
        return _reveal(node, number, state)
    return _move_on(node, number, state)


def _commit(node: JudgeNode, number: int, state: EscrowState) -> str:
    sheet, scores = _judged(node, number, state)
    node.escrow.commit(number, scores, sheet.digest(), node.salt_of(number))
    return f"judged Session {number} and committed"


def _reveal(node: JudgeNode, number: int, state: EscrowState) -> str:
    if node.conduct.cheat is Cheat.COPY:
        return _reveal_copy(node, number)
    sheet, scores = _judged(node, number, state)
    node.escrow.reveal(number, scores, sheet.digest(), node.salt_of(number))
    return f"revealed the scores of Session {number}"


def _judged(node: JudgeNode, number: int, state: EscrowState) -> tuple[Sheet, tuple[Score, ...]]:
    """Return the sheet that was decided for this Session, judging first if none was, and the scores to commit to.

    A panel of an appeal judges the whole transcript as the first one did, and gives the contested tickets' scores.
    """
    space = _space(node, state.space)
    try:
        known = node.records.get(_SHEET, str(number))
        sheet = sheet_from_bytes(node.own.fetch(Digest(str(known["digest"]))))
    except NotFound:
        transcript = _transcript(node, state)
        sheet = judge_transcript(node.judge, space, transcript)
        sheet = _bribed(node, number, sheet)
        node.records.keep(_SHEET, str(number), {"digest": node.own.keep(sheet.to_bytes())})
    scores = entry_scores(sheet, space.criteria, state.entrants, space.rounds)
    return sheet, tuple(scores[ticket] for ticket in state.contested) if state.round else scores


def _bribed(node: JudgeNode, number: int, sheet: Sheet) -> Sheet:
    if node.conduct.cheat is not Cheat.BRIBED:
        return sheet
    for fact in node.escrow.facts(number, confirmed=False):
        agent = getattr(fact, "agent", "")
        if agent and agent.startswith(node.conduct.favourite):
            return favour(sheet, getattr(fact, "ticket", 0))
    return sheet


def _transcript(node: JudgeNode, state: EscrowState) -> Transcript:
    if state.transcript is None:
        raise Rejected("The Session has no transcript on chain yet.")
    return read_transcript(node.peers.fetch(state.transcript), state.space, state.entrants)


def _space(node: JudgeNode, digest: Digest) -> Space:
    try:
        document = parse_json(node.peers.fetch(digest))
    except ValueError as error:
        raise Rejected(f"The Space {digest[:12]} is not JSON.") from error
    space = parse_space(cast("dict[str, object]", document)) if isinstance(document, dict) else None
    if space is None or space.digest() != digest:
        raise Rejected(f"The Space {digest[:12]} is not written as Spaces are published.")
    return space


def _copy(node: JudgeNode, number: int) -> str:
    for fact in node.escrow.facts(number, confirmed=False):
        if isinstance(fact, Committed) and fact.judge != node.judge.address:
            node.escrow.copy_commitment(number, fact.commitment)
            return f"copied the commitment of {fact.judge} in Session {number}"
    return ""


def _reveal_copy(node: JudgeNode, number: int) -> str:
    """Try to reveal what the copied judge revealed; the contract refuses, as its address is bound."""
    for fact in node.escrow.facts(number, confirmed=False):
        if isinstance(fact, Revealed) and fact.judge != node.judge.address:
            try:
                node.escrow.reveal(number, fact.scores, fact.verdict, node.salt_of(number))
            except Rejected as refusal:
                node.done.add(number)
                return f"could not reveal the copied commitment: {refusal}"
    return ""


def _move_on(node: JudgeNode, number: int, state: EscrowState) -> str:
    """Take the step that anyone may take, in place of a platform that does not."""
    step = _STEPS.get(state.phase)
    if step is None:
        return ""
    since = node.stuck_since.setdefault((number, state.phase), node.clock.now())
    if node.clock.now() - since < PATIENCE_SECONDS:
        return ""
    try:
        step(node.escrow, number)
    except Rejected:
        return ""  # somebody else was first
    return f"moved Session {number} on from {state.phase.value}, as nobody else did"


_STEPS: dict[EscrowPhase, Callable[[Escrow, int], None]] = {
    EscrowPhase.DRAWING: lambda escrow, number: escrow.draw(number),
    EscrowPhase.REDRAWABLE: lambda escrow, number: escrow.redraw(number),
    EscrowPhase.SETTLEABLE: lambda escrow, number: escrow.settle(number),
    EscrowPhase.CONTESTED: lambda escrow, number: escrow.convene(number),
    EscrowPhase.FINALIZABLE: lambda escrow, number: escrow.finalize(number),
    EscrowPhase.CANCELLABLE: lambda escrow, number: escrow.cancel(number),
}
