"""The shipped model: its files, its tokens and its manners."""

from functools import cache
from pathlib import Path

import pytest

from fraction.base import Dice
from fraction.spaces.games import bid_tac_toe as game
from fraction.transcripts import Message
from models.corpus import match
from models.export import MAX_BYTES, SHIPPED
from models.sampling import Asked, Speaker

pytestmark = pytest.mark.model


@cache
def speaker() -> Speaker:
    return Speaker(str(SHIPPED))


def test_all_files_together_are_small_enough_to_ship() -> None:
    files = list(Path(SHIPPED).iterdir())
    assert {"config.json", "generation_config.json", "model.safetensors", "tokenizer.json"} <= {f.name for f in files}
    assert sum(f.stat().st_size for f in files) <= MAX_BYTES


def test_every_digit_is_one_token_wherever_it_stands() -> None:
    for text in ("7", " 7", "score: 7}", "17", "$7,"):
        assert "7" in speaker().pieces(text), text


def test_the_template_marks_roles_and_ends() -> None:
    text = speaker().render((Message("system", "s"), Message("user", "u")))
    assert text == "<|bos|><|system|>s<|end|><|user|>u<|end|><|assistant|>"


def test_a_reply_ends_by_itself() -> None:
    tokenizer = speaker().tokenizer
    assert tokenizer.eos_token == "<|end|>"
    assert speaker().model.config.eos_token_id == tokenizer.eos_token_id


def test_moves_are_legal_in_most_positions() -> None:
    states = [match.position(Dice("test", i)) for i in range(40)]
    chats = [(Message("user", game.render(s, "X")),) for s in states]
    moves = [game.read_move(text) for text in speaker().sample(chats, seed=1, limit=12)]
    assert sum(game.is_legal(s, "X", m) for s, m in zip(states, moves, strict=True)) >= 36


def test_a_judge_answers_readably_and_prefers_the_better_entry() -> None:
    task = "Write a tweet about wedding photos for nurses. Mention the word light."
    good = "Nothing beats wedding photos with good friends for nurses. Bring the light."
    bad = "The bus was late today. My uncle sings."
    questions = [
        Asked("relevance", "Does the tweet keep the topic, name the audience and meet the requirement?", task, r, 0)
        for r in (good, bad)
    ]
    better, worse = speaker().judge(questions)
    assert better.readable
    assert worse.readable
    assert better.score > worse.score + 30
