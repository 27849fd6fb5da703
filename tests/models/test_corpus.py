"""Laws of the corpus that the embedded model learns from."""

import itertools

from hypothesis import given
from hypothesis import strategies as st

from fraction.base import Dice
from fraction.judging.question import read_answer, read_level
from fraction.spaces import Split
from fraction.spaces.games import bid_tac_toe as game
from fraction.spaces.sources import code
from fraction.spaces.sources.topics import topics_of
from models.corpus import directives, match, mix, program, quality, tweet
from models.corpus.phrases import expand

SEEDS = st.text(alphabet="abcdef0123456789", min_size=1, max_size=16)


def test_the_same_seed_gives_the_same_corpus() -> None:
    assert list(itertools.islice(mix.chats("s"), 40)) == list(itertools.islice(mix.chats("s"), 40))
    assert list(itertools.islice(mix.chats("s"), 40)) != list(itertools.islice(mix.chats("t"), 40))


def test_every_chat_ends_with_the_assistant() -> None:
    for chat in itertools.islice(mix.chats("roles"), 200):
        assert chat[-1].role == "assistant"
        assert [m.role for m in chat[:-1]] in (["user"], ["system", "user"])


@given(SEEDS)
def test_held_out_topics_and_functions_never_occur(seed: str) -> None:
    held_out = {t.name for t in topics_of(Split.GATE)} | {t.name for t in topics_of(Split.SESSION)}
    assert mix.brief(Dice(seed)).topic not in held_out
    names = {f.name for family in code.functions_of(Split.GATE) for f in family}
    user = mix.code_chat(Dice(seed))[-2].content
    assert not any(f"def {name}(" in user for name in names)


@given(SEEDS)
def test_a_held_out_paraphrase_is_never_a_seen_one(seed: str) -> None:
    for directive in directives.DIRECTIVES:
        seen = directives.phrase(directive, Dice(seed, directive.name), held_out=False)
        kept = directives.phrase(directive, Dice(seed, directive.name), held_out=True)
        assert not directives.is_held_out(seen)
        assert directives.is_held_out(kept), directive.name


@given(SEEDS)
def test_every_judge_answer_is_readable(seed: str) -> None:
    answer = mix.judge_chat(Dice(seed))[-1].content
    assert read_answer(answer) is not None or read_level(answer) is not None


@given(SEEDS)
def test_a_plan_without_flaws_is_measured_as_meant(seed: str) -> None:
    dice = Dice(seed)
    brief = mix.brief(dice)
    plan = tweet.Plan(topic=True, audience=True, requirement=True, hook=True, question=True, call=True, emoji=True)
    if brief.kind == "short":
        plan = tweet.Plan(topic=True, audience=True, requirement=True)
    text = tweet.write(plan, brief, dice)
    found = tweet.measure(text, brief)
    assert found.topic
    assert found.audience
    assert found.requirement or brief.kind == "short"
    assert (found.hook, found.question, found.call) == (plan.hook, plan.question, plan.call)


@given(SEEDS)
def test_without_its_topic_a_tweet_is_hardly_relevant(seed: str) -> None:
    dice = Dice(seed)
    brief = mix.brief(dice)
    text = tweet.write(tweet.Plan(topic=False, audience=True, requirement=True), brief, dice)
    assert quality.relevance(text, brief).level <= 2 or brief.topic in text.lower()


@given(SEEDS, st.sampled_from(["relevance", "engagement", "craft"]))
def test_levels_stay_on_the_scale(seed: str, criterion: str) -> None:
    dice = Dice(seed)
    brief = mix.brief(dice)
    answer = quality.TWEET_CRITERIA[criterion](mix.graded_reply(brief, dice), brief)
    assert 0 <= answer.level <= 9
    assert answer.reason


@given(SEEDS)
def test_strategies_only_make_legal_moves(seed: str) -> None:
    dice = Dice(seed)
    state = match.position(dice)
    for bids, cells in itertools.product(match.BIDS, match.CELLS):
        assert game.is_legal(state, "O", match.choose(state, "O", bids, cells, dice))


def test_careful_programs_are_right_more_often_than_hasty_ones() -> None:
    def right(wish: str) -> int:
        dice = Dice("programs", wish)
        return sum(program.write(code.draw_function(dice, Split.CORPUS), wish, dice).right for _ in range(300))

    assert right("careful") > 240 > 130 > right("hasty")


@given(SEEDS)
def test_expansion_leaves_no_braces(seed: str) -> None:
    assert expand("{a|b {c|d}} {e|}", Dice(seed)).rstrip() in {"a", "b c", "b d", "a e", "b c e", "b d e"}
