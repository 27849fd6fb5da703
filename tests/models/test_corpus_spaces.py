"""Laws of the corpus' parts for prose, exercises and OpenSpiel's games."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fraction.base import Dice
from fraction.judging.question import read_answer, read_level
from fraction.spaces import Split
from fraction.spaces.answers import is_right
from fraction.spaces.games.openspiel import SpielGame
from fraction.spaces.sources import everyday, finance
from fraction.spaces.sources.exercise import Family, draw_exercise, split_of
from models.build import ROUNDS
from models.corpus import exercises, games, mix, prose

SEEDS = st.text(alphabet="abcdef0123456789", min_size=1, max_size=16)
FORMS = st.sampled_from(list(mix.FORMS.values()))
LEVELS = st.sampled_from([1, 2, 3])


@pytest.mark.parametrize("shares", [one.shares for one in ROUNDS])
def test_shares_are_percents_of_known_kinds(shares: dict[str, int]) -> None:
    assert sum(shares.values()) == 100
    for kind in shares:
        assert next(mix.chats("kind", {kind: 1}))[-1].role == "assistant"


@settings(max_examples=40, deadline=None)
@given(SEEDS, FORMS)
def test_a_text_with_everything_is_measured_as_meant(seed: str, form: prose.Form) -> None:
    dice = Dice(seed)
    task = prose.unheard(form, dice)
    plan = prose.Plan({f.name: True for f in task.facts}, {f.name: True for f in form.features})
    text = prose.write(form, plan, task, dice)
    for criterion in (form.content, form.manner, "polish"):
        assert prose.judge(form, criterion, text, task).level == 9, (criterion, text)


@settings(max_examples=40, deadline=None)
@given(SEEDS, FORMS)
def test_each_flaw_costs_polish_and_nothing_else(seed: str, form: prose.Form) -> None:
    task = prose.unheard(form, Dice(seed))
    for flaw in ("filler", "repetition", "bad_grammar"):
        plan = prose.Plan({f.name: True for f in task.facts}, {f.name: True for f in form.features})
        setattr(plan, flaw, True)
        text = prose.write(form, plan, task, Dice(seed, flaw))
        assert prose.judge(form, "polish", text, task).level < 9, (flaw, text)
        assert prose.judge(form, form.content, text, task).level == 9


@settings(max_examples=40, deadline=None)
@given(SEEDS, FORMS)
def test_without_its_subject_a_text_has_hardly_content(seed: str, form: prose.Form) -> None:
    dice = Dice(seed)
    task = prose.unheard(form, dice)
    plan = prose.Plan({f.name: i > 0 for i, f in enumerate(task.facts)}, {})
    text = prose.write(form, plan, task, dice)
    assert prose.judge(form, form.content, text, task).level <= 2 or task.facts[0].value in text.lower()


@settings(max_examples=40, deadline=None)
@given(SEEDS, FORMS)
def test_levels_of_prose_stay_on_the_scale(seed: str, form: prose.Form) -> None:
    dice = Dice(seed)
    task = prose.unheard(form, dice)
    text = prose.graded_reply(form, task, dice)
    for criterion in (form.content, form.manner, "polish"):
        answer = prose.judge(form, criterion, text, task)
        assert 0 <= answer.level <= 9
        assert answer.reason


@settings(max_examples=15, deadline=None)
@given(SEEDS, FORMS)
def test_held_out_subjects_and_wishes_never_occur(seed: str, form: prose.Form) -> None:
    kept = set(form.kind.subjects_of(Split.GATE)) | set(form.kind.subjects_of(Split.SESSION))
    assert prose.unheard(form, Dice(seed)).facts[0].value not in kept
    for patterns in prose.wishes_of(form).values():
        seen, unseen = prose.phrase(patterns, Dice(seed)), prose.phrase(patterns, Dice(seed), held_out=True)
        assert (prose.is_held_out(seen), prose.is_held_out(unseen)) == (False, True), patterns


@settings(max_examples=40, deadline=None)
@given(SEEDS)
def test_judges_of_prose_answer_readably(seed: str) -> None:
    answer = mix.prose_judge_chat(Dice(seed))[-1].content
    assert read_answer(answer) is not None or read_level(answer) is not None


@settings(max_examples=40, deadline=None)
@given(SEEDS, st.sampled_from(everyday.FAMILIES + finance.FAMILIES), LEVELS)
def test_solutions_with_and_without_steps_are_right_and_slips_are_wrong(seed: str, family: Family, level: int) -> None:
    drawn = family(Dice(seed), level)
    assert is_right(f"Answer: {drawn.expected.value}", drawn.expected)
    assert is_right(f"{drawn.steps} Answer: {drawn.expected.value}", drawn.expected)
    assert not is_right(f"Answer: {drawn.wrong}", drawn.expected)


@settings(max_examples=40, deadline=None)
@given(SEEDS, st.sampled_from([everyday.FAMILIES, finance.FAMILIES]), LEVELS)
def test_the_corpus_has_only_exercises_of_its_own_part(seed: str, families: tuple[Family, ...], level: int) -> None:
    drawn = draw_exercise(families, Dice(seed), Split.CORPUS, level)
    assert split_of(drawn.question) is Split.CORPUS


def test_who_shows_steps_is_right_more_often_than_who_guesses() -> None:
    def right(wish: str) -> int:
        drawn = [(d, draw_exercise(everyday.FAMILIES, d, Split.CORPUS, 1)) for d in (Dice(wish, i) for i in range(200))]
        return sum(is_right(exercises.write(e, wish, d), e.expected) for d, e in drawn)

    assert right("steps") > 180 > 90 > right("hasty")


@settings(max_examples=15, deadline=None)
@given(SEEDS, st.sampled_from(games.PLAYED), st.sampled_from(list(games.WISHES)))
def test_players_of_every_kind_move_legally(seed: str, game: SpielGame, wish: str) -> None:
    dice = Dice(seed)
    state = games.position(game, dice)
    for seat in state.to_move():
        assert state.is_legal(seat, games.choose(game, state, seat, wish, dice))
