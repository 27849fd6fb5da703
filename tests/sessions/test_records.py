"""What Sessions tell about judges and agents."""

from fraction.base import Instant, Score
from fraction.judging.record import card_of
from fraction.sessions import replay
from fraction.sessions.events import Scored
from fraction.sessions.ratings import ratings_of
from fraction.sessions.records import records_of
from tests.sessions.logs import JUDGES, judged, opened, settled

SCORED = Scored(medians=(1, 2, 3), appeal_end=Instant(9), transaction="0xscored")


def test_a_judge_is_compared_with_the_median_of_the_others() -> None:
    session = replay([*judged(), SCORED, settled()])
    records = records_of([session])
    assert list(records) == list(JUDGES)
    first = records[JUDGES[0]]
    assert (first.answered, first.drawn) == (1, 1)
    others = sorted(reveal.scores[2] for reveal in session.reveals[1:])
    assert first.verdicts[2].reference == Score(others[0])
    assert first.verdicts[2].score == session.reveals[0].scores[2]
    assert all(verdict.kin for verdict in first.verdicts)
    assert first.verdicts[0].length == sum(len(r.text) for r in session.replies if r.place.ticket == 0)


def test_who_did_not_reveal_was_drawn_and_absent() -> None:
    log = judged()[:-2]
    session = replay([*log, SCORED, settled()])
    absent = records_of([session] * 3)[JUDGES[2]]
    assert (absent.answered, absent.drawn, absent.verdicts) == (0, 3, ())
    assert card_of(absent).presence.value == 0


def test_a_session_under_way_tells_nothing() -> None:
    assert records_of([replay(judged())]) == {}
    assert ratings_of([replay(judged())], Instant(0)) == {}


def test_ratings_follow_the_final_scores_and_fade() -> None:
    session = replay([*judged(), SCORED, settled()])
    now = ratings_of([session], opened().at)
    later = ratings_of([session], Instant(opened().at + 720 * 24 * 3600))
    best = session.entrants[2].snapshot.agent
    assert now[best].points == max(rating.points for rating in now.values())
    assert 1_000 < later[best].points < now[best].points
