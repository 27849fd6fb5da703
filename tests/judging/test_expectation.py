import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fraction.app.generation import ChatReply, ReplyToken, TokenOption
from fraction.judging.expectation import expected_level


def plain(text: str) -> ReplyToken:
    return ReplyToken(text, -0.1, (TokenOption("7", -3.0),))


def digit(weights: dict[str, float], chosen: str) -> ReplyToken:
    top = tuple(TokenOption(text, math.log(weight)) for text, weight in weights.items())
    return ReplyToken(chosen, math.log(weights[chosen]), top)


def reply(*tokens: ReplyToken) -> ChatReply:
    return ChatReply("".join(token.text for token in tokens), "stop", 1, len(tokens), tokens)


def judged(weights: dict[str, float], chosen: str = "7") -> ChatReply:
    return reply(plain('{"reason": "ok 3"'), plain(', "score": '), digit(weights, chosen), plain("}"))


def test_a_certain_digit_is_that_level() -> None:
    assert expected_level(judged({"7": 1.0})) == 7_000


def test_the_level_is_the_mean_over_the_digits() -> None:
    assert expected_level(judged({"7": 0.5, "8": 0.25, "3": 0.25})) == 6_250


def test_what_is_no_digit_does_not_count() -> None:
    assert expected_level(judged({"7": 0.6, "9": 0.2, "high": 0.2})) == 7_500


def test_digits_with_less_than_half_of_the_probability_tell_nothing() -> None:
    assert expected_level(judged({"7": 0.4, "high": 0.6})) is None


def test_a_space_before_the_digit_does_not_matter() -> None:
    answer = reply(plain('{"score":'), digit({" 4": 0.5, "4": 0.5}, " 4"), plain("}"))
    assert expected_level(answer) == 4_000


def test_a_score_in_the_reason_is_not_the_score() -> None:
    answer = reply(plain('{"reason": "says "score": 9", '), plain('"score": '), digit({"2": 1.0}, "2"), plain("}"))
    assert expected_level(answer) == 2_000


@pytest.mark.parametrize(
    "answer",
    [
        ChatReply('{"score": 7}', "stop", 1, 1),
        reply(),
        reply(plain("no score here")),
        reply(plain('{"score": 7}')),
        reply(plain('"score": '), plain("x")),
    ],
)
def test_a_reply_that_does_not_tell_gives_none(answer: ChatReply) -> None:
    assert expected_level(answer) is None


@given(st.dictionaries(st.sampled_from("0123456789"), st.floats(0.01, 1.0), min_size=1))
def test_the_level_lies_between_the_lowest_and_the_highest_digit(weights: dict[str, float]) -> None:
    total = sum(weights.values())
    level = expected_level(judged({d: w / total for d, w in weights.items()}, chosen=next(iter(weights))))
    assert level is not None
    assert 1_000 * int(min(weights)) <= level <= 1_000 * int(max(weights))
