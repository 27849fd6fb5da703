"""A Session is the fold of its log: only the drawn arrows exist, and the same log is the same Session."""

from dataclasses import replace

import pytest

from fraction.base import Address, Digest, Instant, Rejected, Wei
from fraction.sessions import (
    Appealed,
    AppealsDecided,
    AppealsLapsed,
    Cancelled,
    Closed,
    Committed,
    Convened,
    Event,
    IllegalEvent,
    JudgesDrawn,
    Phase,
    Published,
    Redrawn,
    Refunded,
    Replied,
    Revealed,
    Scored,
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
    "redrawn": Redrawn(missing=JUDGES[:1], transaction="0x"),
    "scored": Scored(medians=(1, 2, 3), appeal_end=Instant(9), transaction="0x"),
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
    "judges-drawn": {Phase.PUBLISHED, Phase.JUDGING},
    "redrawn": {Phase.JUDGING},
    "scored": {Phase.JUDGING},
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


FRESH = tuple(Address(f"0x{n:040x}") for n in range(11, 18))


def contested() -> list[Event]:
    """Return a log up to the draw of a fresh panel for the scores of tickets 2 and 0."""
    return [
        *judged(),
        Scored(medians=(1000, 2000, 3000), appeal_end=Instant(9), transaction="0x1"),
        Appealed(ticket=2, appellant=JUDGES[0], round=1, bond=Wei(5), transaction="0x2"),
        Appealed(ticket=0, appellant=JUDGES[1], round=1, bond=Wei(5), transaction="0x3"),
        Convened(round=1, transaction="0x4"),
        JudgesDrawn(judges=FRESH, round=1, transaction="0x5"),
    ]


def decided(*is_upheld: bool) -> AppealsDecided:
    return AppealsDecided(round=1, scores=(9000, 8000), is_upheld=is_upheld, appeal_end=Instant(19), transaction="0x6")


def test_an_upheld_appeal_replaces_the_contested_score_and_a_denied_one_does_not() -> None:
    session = replay([*contested(), decided(True, False)])
    assert session.scores == (1000, 2000, 9000)
    assert [(a.ticket, a.outcome, a.score) for a in session.contested(1)] == [(2, "upheld", 9000), (0, "denied", 8000)]
    assert (session.judges, session.appeal_panels) == (JUDGES, (FRESH,))


def test_an_appeal_that_lapses_leaves_the_score() -> None:
    session = replay([*contested(), AppealsLapsed(round=1, transaction="0x")])
    assert session.scores == (1000, 2000, 3000)
    assert {appeal.outcome for appeal in session.appeals} == {"lapsed"}


def test_a_panel_of_an_appeal_scores_what_is_contested_and_nothing_else() -> None:
    def revealed(scores: tuple[int, ...]) -> Revealed:
        return Revealed(judge=FRESH[0], scores=scores, verdict=Digest("5" * 64), transaction="0x")

    session = replay([*contested(), revealed((9000, 8000))])
    assert [r.scores for r in session.appeal_reveals] == [(9000, 8000)]
    assert len(session.reveals) == 3
    with pytest.raises(IllegalEvent):
        replay([*contested(), revealed((1, 2, 3))])


@pytest.mark.parametrize(
    "event",
    [
        Appealed(ticket=3, appellant=JUDGES[0], round=1, bond=Wei(5), transaction="0x"),
        JudgesDrawn(judges=FRESH, round=2, transaction="0x"),
        AppealsDecided(round=1, scores=(1,), is_upheld=(True,), appeal_end=Instant(1), transaction="0x"),
    ],
)
def test_what_does_not_fit_an_appeal_is_refused(event: Event) -> None:
    with pytest.raises(IllegalEvent):
        replay([*contested(), event])


def test_a_score_cannot_be_contested_before_there_is_one() -> None:
    with pytest.raises(IllegalEvent):
        replay([*judged(), Appealed(ticket=0, appellant=JUDGES[0], round=1, bond=Wei(5), transaction="0x")])


def test_who_was_replaced_stays_known() -> None:
    newcomer = FRESH[0]
    log = [*judged(), Redrawn(missing=JUDGES[2:], transaction="0x")]
    session = replay([*log, JudgesDrawn(judges=(*JUDGES[:2], newcomer), transaction="0x")])
    assert session.judges == (*JUDGES, newcomer)


def test_a_cancelled_session_is_over_when_every_fee_is_credited_back() -> None:
    log = TO_REACH[Phase.CANCELLED]
    assert not replay([*log, *REFUNDED[:2]]).over
    assert replay([*log, *REFUNDED]).over


@pytest.mark.parametrize("name", ["writing-tweets", "writing-code", "playing-games"])
def test_every_event_survives_its_json(name: str) -> None:
    appealed = [*contested()[-5:], decided(True, False), AppealsLapsed(round=2, transaction="0x")]
    log = [*judged(name), Redrawn(missing=(), transaction="0x"), *appealed, settled()]
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
