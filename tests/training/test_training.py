"""Recipes, data sets and results: the best is learned from, with provenance and consent, on no held-out task."""

import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fraction.base import AgentId, Digest, Rejected, Score, SessionId, SpaceId
from fraction.training import (
    Candidate,
    Loser,
    Manifest,
    Recipe,
    TrainingResult,
    allowed_candidates,
    parse_recipe,
    result_from_bytes,
    select,
    select_examples,
    select_pairs,
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


@pytest.mark.parametrize("wrong", [{"rank": 0}, {"steps": 0}, {"learning_rate_ppm": 0}, {"seed": -1}])
def test_a_recipe_nobody_could_run_is_refused(wrong: dict[str, int]) -> None:
    with pytest.raises(Rejected, match=next(iter(wrong))):
        Recipe(**wrong)  # pyright: ignore[reportArgumentType] - each is a whole number


def played(agent: str, score: int, reply: str, task: str = "t", shared: bool = True) -> Candidate:
    return Candidate(
        SessionId("s"), 0, 0, AgentId(agent), Digest(task), f"task {task}", reply, Score(score), shared=shared
    )


def test_others_replies_are_learned_from_only_with_consent_and_never_on_a_held_out_task() -> None:
    pool = [
        played("me", 500, "mine", shared=False),
        played("you", 900, "yours", shared=False),
        played("she", 800, "hers"),
        played("she", 800, "hers, held out", task="gate"),
    ]
    allowed = allowed_candidates(pool, AgentId("me"), frozenset({Digest("gate")}))
    assert [c.reply for c in allowed] == ["mine", "hers"]


@given(st.lists(st.builds(played, st.just("a"), st.integers(0, 10_000), st.text("xyz", min_size=1), st.just("t"))))
def test_a_pairs_winner_is_ahead_by_the_margin_and_no_reply_is_in_two_pairs(pool: list[Candidate]) -> None:
    pairs = select_pairs(pool, "system", 500, 100, 100).examples
    losers = [e.loser for e in pairs if e.loser is not None]
    assert len(losers) == len(pairs)
    assert all(e.score - loser.score >= 500 for e, loser in zip(pairs, losers, strict=True))
    texts = [e.reply for e in pairs] + [loser.reply for loser in losers]
    assert len(texts) == len(set(texts))


def test_a_pair_is_of_one_task_and_keeps_where_both_sides_came_from() -> None:
    pool = [played("a", 900, "good"), played("b", 100, "bad"), played("c", 50, "worse", task="other")]
    (pair,) = select_pairs(pool, "be brief", 500, 100, 10).examples
    assert (pair.reply, pair.task, pair.agent) == ("good", "t", "a")
    assert pair.loser == Loser("bad", SessionId("s"), 0, 0, AgentId("b"), Score(100))


RECIPES = Path(__file__).resolve().parents[2] / "src" / "fraction" / "training" / "recipes"


@pytest.mark.parametrize("file", sorted(RECIPES.glob("*.toml")), ids=lambda file: file.stem)
def test_a_published_recipe_is_named_by_all_that_it_says(file: Path) -> None:
    document = tomllib.loads(file.read_text("utf-8"))
    recipe = parse_recipe(document)
    assert recipe.name == file.stem
    for part in ("training", "data"):
        for key, value in document[part].items():
            if isinstance(value, int):
                changed = {**document, part: {**document[part], key: value + 1}}
                assert parse_recipe(changed).digest() != recipe.digest(), key


@pytest.mark.parametrize("change", [{"training": {}}, {"method": "guess"}, {"rank": "4"}, {"extra": 1}, {"rank": 0}])
def test_a_file_that_is_no_recipe_is_refused(change: dict[str, object]) -> None:
    document = tomllib.loads((RECIPES / "imitate.toml").read_text("utf-8"))
    whole = {**document, **change} if "training" in change else document
    broken = whole if "training" in change else {**document, "training": {**document["training"], **change}}
    with pytest.raises(Rejected):
        parse_recipe(broken)


@given(st.integers(1, 5_000))
def test_a_data_set_is_seen_a_few_times_within_the_recipes_bounds(examples: int) -> None:
    recipe = parse_recipe(tomllib.loads((RECIPES / "imitate.toml").read_text("utf-8")))
    steps = recipe.recipe_for(examples).steps
    assert recipe.least_steps <= steps <= recipe.recipe.steps
    if recipe.least_steps < steps < recipe.recipe.steps:
        assert 0 <= steps * recipe.recipe.batch_size - examples * recipe.passes < recipe.recipe.batch_size


def test_the_recipes_method_chooses_the_data() -> None:
    pool = [played("a", 900, "good"), played("b", 100, "bad")]
    imitate, prefer = (parse_recipe(tomllib.loads((RECIPES / f"{n}.toml").read_text())) for n in ("imitate", "prefer"))
    assert [e.loser for e in select(pool, "s", imitate).examples] == [None]
    assert [e.loser.reply for e in select(pool, "s", prefer).examples if e.loser] == ["bad"]


def test_a_manifest_is_named_by_all_that_decides_the_outcome() -> None:
    def manifest(seed: int) -> Manifest:
        return Manifest(AgentId("a"), SpaceId("s"), Digest("b"), Digest("d"), Recipe(seed=seed), Digest("p"), "cpu")

    assert manifest(1).digest() == manifest(1).digest() != manifest(2).digest()


def test_a_result_survives_its_bytes_and_rubbish_is_refused() -> None:
    result = TrainingResult(Digest("a"), (Digest("1"), Digest("2")), (3, 4))
    assert result_from_bytes(result.to_bytes()) == result
    with pytest.raises(Rejected):
        result_from_bytes(b"{}")
