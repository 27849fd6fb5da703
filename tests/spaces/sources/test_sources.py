"""Laws of the task sources."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fraction.base import Dice, Json
from fraction.spaces import Split
from fraction.spaces.sources import code, tweets
from fraction.spaces.sources.topics import topics_of

SEEDS = st.text(alphabet="abcdef0123456789", min_size=1, max_size=16)
PAIRS = [(Split.CORPUS, Split.SESSION), (Split.CORPUS, Split.GATE), (Split.SESSION, Split.GATE)]


@pytest.mark.parametrize(("one", "other"), PAIRS)
def test_splits_share_no_topic(one: Split, other: Split) -> None:
    assert not {t.name for t in topics_of(one)} & {t.name for t in topics_of(other)}


@pytest.mark.parametrize(("one", "other"), PAIRS)
def test_splits_share_no_function(one: Split, other: Split) -> None:
    def names(split: Split) -> set[str]:
        return {f.name for family in code.functions_of(split) for f in family}

    assert not names(one) & names(other)


def test_every_function_has_its_own_name_and_there_are_thousands_of_words_to_say() -> None:
    functions = [f for split in Split for family in code.functions_of(split) for f in family]
    assert len({f.name for f in functions}) == len(functions) > 2_000
    assert len({f.words for f in functions}) == len(functions)


def test_there_are_hundreds_of_topics_and_all_differ() -> None:
    names = [t.name for split in Split for t in topics_of(split)]
    assert len(set(names)) == len(names) > 200


@given(SEEDS, st.sampled_from(Split))
def test_the_same_dice_draw_the_same_task(seed: str, split: Split) -> None:
    for draw in (tweets.draw, code.draw):
        first, again = draw(Dice(seed), split), draw(Dice(seed), split)
        assert (first.prompt, first.hidden) == (again.prompt, again.hidden)


@given(SEEDS, st.sampled_from(Split))
def test_a_tweet_task_says_what_its_hidden_part_holds(seed: str, split: Split) -> None:
    task = tweets.draw(Dice(seed), split)
    hidden = json.loads(json.dumps(task.hidden))
    assert hidden["topic"] in task.prompt
    assert hidden["audience"] in task.prompt
    assert hidden["requirement"]["value"] in task.prompt
    assert hidden["requirement"]["kind"] in tweets.KINDS


@given(SEEDS)
def test_held_out_tasks_are_about_held_out_topics_only(seed: str) -> None:
    topic = tweets.draw(Dice(seed), Split.GATE).hidden["topic"]
    assert topic in {t.name for t in topics_of(Split.GATE)}


@given(SEEDS, st.sampled_from(Split))
def test_hidden_tests_agree_with_the_reference_program(seed: str, split: Split) -> None:
    dice = Dice(seed)
    function = code.draw_function(dice, split)
    body = "\n".join("    " + line for line in function.lines)
    space: dict[str, object] = {}
    exec(f"def {function.name}({function.argument}):\n{body}", space)
    program = space[function.name]
    assert callable(program)
    for case in code.tests_for(function, dice):
        assert isinstance(case, dict)
        args = case["args"]
        assert isinstance(args, list)
        assert program(*args) == case["expect"]


@given(SEEDS)
def test_a_code_task_has_tests_for_the_function_it_names(seed: str) -> None:
    task = code.draw(Dice(seed), Split.SESSION)
    entry, tests = task.hidden["entry"], task.hidden["tests"]
    assert isinstance(entry, str)
    assert f"def {entry}(" in task.prompt
    assert isinstance(tests, list)
    assert 6 <= len(tests) <= 10


def test_hidden_tests_tell_functions_of_one_family_apart() -> None:
    """A program for another task passes a task's tests only by rare coincidence."""
    texts = code.functions_of(Split.CORPUS)[0][:60]
    confused = 0
    for i, function in enumerate(texts):
        tests = code.tests_for(function, Dice("apart", i))
        other = texts[(i + 1) % len(texts)]
        confused += all(other.apply(_argument(t)) == _expected(t) for t in tests)
    assert confused <= 2


def _argument(case: Json) -> Json:
    assert isinstance(case, dict)
    args = case["args"]
    assert isinstance(args, list)
    return args[0]


def _expected(case: Json) -> Json:
    assert isinstance(case, dict)
    return case["expect"]
