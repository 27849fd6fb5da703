"""A Session is the fold of its log: only the drawn arrows exist, and the same log is the same Session."""

from dataclasses import replace

import pytest

from fraction.base import Digest, Rejected, Wei
from fraction.sessions import (
    Cancelled,
    Closed,
    Committed,
    Event,
    IllegalEvent,
    JudgesDrawn,
    Phase,
    Published,
    Refunded,
    Replied,
    SeedFixed,
    SheetRead,
    event_from_json,
    event_to_json,
    replay,
    sheet_from_bytes,
)
from fraction.sessions.judged import candidates, round_score, standings
from fraction.sessions.play import asks_due, sampling_seed
from fraction.transcripts import Place
from tests.sessions.logs import JUDGES, SEED, begun, entered, judged, opened, played, settled, sheet_of

CANCELLED = Cancelled(reason="not published", slashes=(), transaction="0xcancel")
REFUNDED = [Refunded(ticket=t, amount=Wei(8), transaction="0x") for t in range(3)]

TO_REACH: dict[Phase, list[Event]] = {
    Phase.OPEN: [opened(), entered(0)],
    Phase.CLOSED: begun()[:-1],
    Phase.PLAYING: begun(),
    Phase.PUBLISHED: played(),
    Phase.JUDGING: [*played(), JudgesDrawn(judges=JUDGES, transaction="0x")],
    Phase.SETTLED: [*judged(), settled()],
    Phase.CANCELLED: [*begun(), CANCELLED],
}
EVENTS: dict[str, Event] = {
    "opened": opened(),
    "entered": entered(1),
    "closed": Closed(transaction="0x"),
    "seed-fixed": SeedFixed(seed=SEED, transaction="0x"),
    "replied": Replied(replies=()),
    "published": Published(transcript=Digest("0" * 64), transaction="0x"),
    "judges-drawn": JudgesDrawn(judges=JUDGES, transaction="0x"),
    "committed": Committed(judge=JUDGES[0], commitment="0x", transaction="0x"),
    "settled": settled(),
    "cancelled": CANCELLED,
    "refunded": REFUNDED[0],
}
LEGAL: dict[str, set[Phase]] = {
    "opened": set(),
    "entered": {Phase.OPEN},
    "closed": {Phase.OPEN},
    "seed-fixed": {Phase.CLOSED},
    "replied": {Phase.PLAYING},
    "published": {Phase.PLAYING},
    "judges-drawn": {Phase.PUBLISHED},
    "committed": {Phase.JUDGING},
    "settled": {Phase.JUDGING},
    "cancelled": {Phase.OPEN, Phase.CLOSED, Phase.PLAYING, Phase.PUBLISHED, Phase.JUDGING},
    "refunded": {Phase.CANCELLED},
}


@pytest.mark.parametrize("kind", EVENTS)
@pytest.mark.parametrize("phase", Phase)
def test_only_the_drawn_arrows_exist(phase: Phase, kind: str) -> None:
    log = TO_REACH[phase]
    assert replay(log).phase is phase
    if phase in LEGAL[kind]:
        replay([*log, EVENTS[kind]])
    else:
        with pytest.raises(IllegalEvent):
            replay([*log, EVENTS[kind]])


def test_a_log_begins_with_its_opening() -> None:
    with pytest.raises(IllegalEvent):
        replay([entered(0)])
    with pytest.raises(IllegalEvent):
        replay([])


def test_tickets_are_given_in_order() -> None:
    with pytest.raises(IllegalEvent):
        replay([opened(), entered(1)])


def test_nobody_answers_twice() -> None:
    log = played()
    again = next(event for event in log if isinstance(event, Replied))
    with pytest.raises(IllegalEvent):
        replay([*log[:-1], again])


def test_a_sheet_that_was_not_revealed_is_refused() -> None:
    log = judged()
    session = replay(log)
    forged = replace(sheet_of(session, 0), judge=JUDGES[1])
    with pytest.raises(IllegalEvent):
        replay([*log, SheetRead(sheet=forged)])


def test_a_cancelled_session_is_over_when_every_fee_is_credited_back() -> None:
    log = TO_REACH[Phase.CANCELLED]
    assert not replay([*log, *REFUNDED[:2]]).over
    assert replay([*log, *REFUNDED]).over


@pytest.mark.parametrize("name", ["writing-tweets", "writing-code", "playing-games"])
def test_every_event_survives_its_json(name: str) -> None:
    log = [*judged(name), settled()]
    assert [event_from_json(event_to_json(event)) for event in log] == log


def test_rubbish_in_a_log_is_refused_with_its_place() -> None:
    document = event_to_json(entered(0))
    document["ticket"] = "first"
    with pytest.raises(Rejected, match="ticket"):
        event_from_json(document)
    with pytest.raises(Rejected):
        event_from_json({"kind": "invented"})
    with pytest.raises(Rejected):
        sheet_from_bytes(b"not a sheet")


def test_all_entrants_of_a_round_are_asked_the_same_and_rounds_differ() -> None:
    session = replay(begun())
    asks = asks_due(session)
    assert len(asks) == 3
    assert len({ask.messages[-1] for ask in asks}) == 1
    assert [ask.messages[0].content for ask in asks] == ["prompt 0", "prompt 1", "prompt 2"]
    prompts = {r.place.round for r in replay(played()).replies}
    assert prompts == set(range(session.opened.space.rounds))


def test_what_is_answered_is_not_asked_again() -> None:
    log = played()
    session = replay(log)
    assert asks_due(session) == ()
    one = next(event for event in log if isinstance(event, Replied))
    short = Replied(replies=one.replies[:1])
    left = asks_due(replay([*begun(), short]))
    assert {ask.place for ask in left} == {r.place for r in one.replies[1:]}


def test_sampling_seeds_follow_from_the_session_seed_and_differ_by_place() -> None:
    places = [Place(r, d, t, k) for r in range(3) for d in range(3) for t in range(3) for k in range(3)]
    seeds = {sampling_seed(SEED, place) for place in places}
    assert len(seeds) == len(places)
    assert sampling_seed(SEED, places[0]) == sampling_seed(SEED, places[0])


def test_a_game_is_played_to_its_end_in_every_duel() -> None:
    session = replay(played("playing-games", entrants=3))
    assert asks_due(session) == ()
    assert {r.place.duel for r in session.replies} == {0, 1, 2}


def test_standings_follow_the_medians_and_equal_scores_share_a_place() -> None:
    lines = standings(replay(judged()))
    assert [line.ticket for line in lines] == [2, 1, 0]
    assert [line.place for line in lines] == [1, 2, 3]
    assert [line.place for line in standings(replay(begun()))] == [1, 1, 1]


def test_examples_to_learn_from_carry_the_panel_score_of_their_round() -> None:
    session = replay([*judged(), settled()])
    found = candidates(session)
    assert len(found) == 3 * session.opened.space.rounds
    assert all(c.score == round_score(session, int(c.agent, 16), c.round) for c in found)


def test_in_games_the_winners_moves_score_and_the_losers_do_not() -> None:
    session = replay([*judged("playing-games"), settled()])
    scores = {c.score for c in candidates(session)}
    assert scores <= {0, 5_000, 10_000}
    assert 10_000 in scores
