"""Logs to test with: a whole Session, entry by entry, from a real Space file."""

import tomllib
from pathlib import Path

from fraction.agents import Snapshot
from fraction.base import Address, AgentId, Digest, Instant, Score, SessionId, Wei
from fraction.judging import Mark, Sheet
from fraction.sessions import (
    Closed,
    Entered,
    Event,
    JudgesDrawn,
    Opened,
    Published,
    Replied,
    Revealed,
    SeedFixed,
    Session,
    Settled,
    SheetRead,
    replay,
    sheet_scores,
)
from fraction.sessions.play import asks_due
from fraction.spaces import Space, parse_space
from fraction.transcripts import Reply

CATALOG = Path(__file__).parents[2] / "src/fraction/spaces/catalog"
SEED = "5e" * 32
JUDGES = tuple(Address(f"0x{n:040x}") for n in (1, 2, 3))


def space(name: str) -> Space:
    """Return a Space of the catalogue."""
    return parse_space(tomllib.loads((CATALOG / f"{name}.toml").read_text()))


def opened(name: str = "writing-tweets") -> Opened:
    """Return the opening of a Session in that Space."""
    return Opened(
        session=SessionId("31337-1"),
        number=1,
        space=space(name),
        tier="eth",
        escrow=Address("0x" + "e" * 40),
        chain_id=31337,
        opener=Address("0x" + "9" * 40),
        at=Instant(1_000),
        transaction="0xopen",
    )


def entered(ticket: int) -> Entered:
    """Return the entry of one agent."""
    owner = Address(f"0x{100 + ticket:040x}")
    snapshot = Snapshot(AgentId(f"{ticket:064x}"), owner, f"agent {ticket}", "base", 1, f"prompt {ticket}", None)
    return Entered(ticket=ticket, snapshot=snapshot, payee=owner, transaction=f"0xenter{ticket}")


def begun(name: str = "writing-tweets", entrants: int = 3) -> list[Event]:
    """Return a log up to the fixed seed."""
    return [
        opened(name),
        *(entered(ticket) for ticket in range(entrants)),
        Closed(transaction="0xclose"),
        SeedFixed(seed=SEED, transaction="0xseed"),
    ]


def played(name: str = "writing-tweets", entrants: int = 3) -> list[Event]:
    """Return a log up to the published transcript; in games, everybody bids 9 for the first free cell."""
    log = begun(name, entrants)
    while asks := asks_due(replay(log)):
        replies: list[Reply] = []
        for ask in asks:
            prompt = ask.messages[-1].content
            free = prompt.split("Free cells: ")[-1].split()
            text = (
                f"bid {min(9, ask.place.ticket + 3)} cell {free[0]}" if "Free cells" in prompt else f"reply {ask.place}"
            )
            replies.append(Reply(ask.place, text, ask.model, None, ask.seed, 10, 5, "stop"))
        log.append(Replied(replies=tuple(replies)))
    session = replay(log)
    return [*log, Published(transcript=session.transcript().digest(), transaction="0xpublish")]


def sheet_of(session: Session, judge: int) -> Sheet:
    """Return a sheet of one judge that likes later tickets better."""
    rules = session.opened.space
    marks = tuple(
        Mark(ticket, number, criterion.name, Score(1_000 * (ticket + 1) + 100 * judge), "as it is")
        for ticket in range(len(session.entrants))
        for number in range(rules.rounds)
        for criterion in rules.criteria
    )
    return Sheet(session.opened.session, Digest(session.transcript_digest or ""), JUDGES[judge], "base", judge, marks)


def judged(name: str = "writing-tweets", entrants: int = 3) -> list[Event]:
    """Return a log up to all three reveals, with their sheets."""
    log = [*played(name, entrants), JudgesDrawn(judges=JUDGES, transaction="0xdraw")]
    session = replay(log)
    for judge in range(3):
        sheet = sheet_of(session, judge)
        scores = tuple(int(score) for score in sheet_scores(session, sheet))
        log.append(Revealed(judge=JUDGES[judge], scores=scores, verdict=sheet.digest(), transaction=f"0xreveal{judge}"))
        log.append(SheetRead(sheet=sheet))
    return log


def settled() -> Settled:
    """Return a settlement of three entrants (its amounts are not looked at by the fold)."""
    return Settled(
        medians=(1, 2, 3), payouts=(Wei(0),) * 3, judge_fees=(), treasury=Wei(0), slashes=(), transaction="0xsettle"
    )
