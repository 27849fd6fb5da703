"""Data sets and the gate: the best is learned from, and only what is better beyond chance serves."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fraction.base import AgentId, Digest, Rejected, Score, SessionId, SpaceId
from fraction.training import (
    Candidate,
    Manifest,
    Recipe,
    TrainingResult,
    compare,
    result_from_bytes,
    select_examples,
)

scores = st.integers(0, 10_000).map(Score)


def candidate(reply: str, score: int, round: int = 0, agent: str = "a") -> Candidate:
    return Candidate(SessionId("s"), round, 0, AgentId(agent), Digest("t"), f"task {round}", reply, Score(score))


candidates = st.builds(candidate, st.sampled_from(["x", "y", "z", " "]), scores, st.integers(0, 3))


@given(st.lists(candidates, max_size=40), st.integers(1, 100), st.integers(1, 20))
def test_nothing_left_out_is_better_than_anything_kept(pool: list[Candidate], percent: int, most: int) -> None:
    kept = select_examples(pool, "system", percent, most).examples
    assert len(kept) <= most
    left = {(c.prompt, c.reply): 0 for c in pool}
    for c in pool:
        left[c.prompt, c.reply] = max(left[c.prompt, c.reply], c.score)
    for e in kept:
        del left[e.prompt, e.reply]
    best_left = max((s for (_, reply), s in left.items() if reply.strip()), default=0)
    assert all(e.score >= best_left for e in kept)


@given(st.lists(candidates, max_size=30), st.randoms())
def test_everybody_selects_the_same_examples(pool: list[Candidate], random: st.DataObject) -> None:
    shuffled = sorted(pool, key=lambda c: hash((c.reply, c.score, c.round, str(random))))
    assert select_examples(pool, "s", 50, 10).digest() == select_examples(shuffled, "s", 50, 10).digest()


def test_equal_replies_to_a_task_count_once_and_pointless_ones_never() -> None:
    pool = [
        candidate("good", 900),
        candidate("good", 800, agent="b"),
        candidate("bad", 0),
        candidate("  ", 500),
    ]
    kept = select_examples(pool, "be brief", 100, 10).examples
    assert [(e.reply, e.score, e.system) for e in kept] == [("good", 900, "be brief")]


@given(st.lists(scores, min_size=1, max_size=40))
def test_a_version_is_not_better_than_itself(same: list[Score]) -> None:
    found = compare(same, same, "seed")
    assert (found.difference, found.low, found.high, found.promoted) == (0, 0, 0, False)


@given(st.lists(scores.filter(lambda s: s <= 9_000), min_size=2, max_size=40), st.integers(1, 1_000))
def test_a_version_that_is_better_everywhere_is_promoted(before: list[Score], gain: int) -> None:
    after = [Score(s + gain) for s in before]
    found = compare(before, after, "seed")
    assert found.promoted
    assert (found.low, found.high) == (gain, gain)


def test_one_lucky_task_does_not_promote() -> None:
    before = [Score(5_000)] * 20
    after = [Score(9_000), *[Score(4_900)] * 19]
    assert not compare(before, after, "seed").promoted


def test_the_decision_is_the_same_for_everybody() -> None:
    before, after = [Score(i * 97 % 9_000) for i in range(30)], [Score(i * 131 % 9_000) for i in range(30)]
    assert compare(before, after, "seed") == compare(before, after, "seed")


@pytest.mark.parametrize(("before", "after"), [([], []), ([Score(1)], [])])
def test_a_comparison_of_nothing_is_refused(before: list[Score], after: list[Score]) -> None:
    with pytest.raises(Rejected):
        compare(before, after, "seed")


@pytest.mark.parametrize("wrong", [{"rank": 0}, {"steps": 0}, {"learning_rate_ppm": 0}, {"seed": -1}])
def test_a_recipe_nobody_could_run_is_refused(wrong: dict[str, int]) -> None:
    with pytest.raises(Rejected, match=next(iter(wrong))):
        Recipe(**wrong)


def test_a_manifest_is_named_by_all_that_decides_the_outcome() -> None:
    def manifest(seed: int) -> Manifest:
        return Manifest(AgentId("a"), SpaceId("s"), Digest("b"), Digest("d"), Recipe(seed=seed), "cpu")

    assert manifest(1).digest() == manifest(1).digest() != manifest(2).digest()


def test_a_result_survives_its_bytes_and_rubbish_is_refused() -> None:
    result = TrainingResult(Digest("a"), (Digest("1"), Digest("2")), (3, 4))
    assert result_from_bytes(result.to_bytes()) == result
    with pytest.raises(Rejected):
        result_from_bytes(b"{}")
