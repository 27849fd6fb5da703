# pyright: basic
# The OpenAI client's overloads do not take plain dictionaries.
"""The OpenAI package is the judge of whether our server speaks its protocol."""

import json
from pathlib import Path
from typing import Any

import openai
import pytest

from fraction.adapters.lora.adapter_file import pack_adapter
from fraction.adapters.lora.base import load_base
from fraction.adapters.lora.engine import LocalTextEngine
from fraction.app.generation import ChatRequest
from fraction.transcripts import Message
from tests.adapters.lora.tiny_models import BlobShelf, random_adapter

SCHEMA = {
    "type": "object",
    "properties": {"score": {"type": "integer", "minimum": 0, "maximum": 9}},
    "required": ["score"],
    "additionalProperties": False,
}


def ask(client: openai.OpenAI, **changes: Any) -> Any:  # noqa: ANN401
    request: dict[str, Any] = {
        "model": "base",
        "messages": [{"role": "system", "content": "be kind"}, {"role": "user", "content": "tea"}],
        "seed": 3,
        "max_tokens": 12,
        **changes,
    }
    return client.chat.completions.create(**request)


def test_a_chat_answers_what_the_engine_answers(client: openai.OpenAI, engine: LocalTextEngine) -> None:
    answer = ask(client, temperature=0.7, top_p=0.9)
    request = ChatRequest(
        model="base",
        messages=(Message("system", "be kind"), Message("user", "tea")),
        max_tokens=12,
        seed=3,
        temperature_percent=70,
        top_p_percent=90,
    )
    reply = engine.complete(request)
    assert answer.choices[0].message.content == reply.text
    assert answer.choices[0].finish_reason == reply.finish
    assert answer.usage.prompt_tokens == reply.prompt_tokens
    assert answer.usage.completion_tokens == reply.completion_tokens == 12
    assert (answer.model, answer.created, answer.object) == ("base", 1_000, "chat.completion")


def test_a_stream_adds_up_to_the_whole_answer(client: openai.OpenAI) -> None:
    whole = ask(client, max_tokens=30, logprobs=True, top_logprobs=2)
    chunks = list(
        ask(client, max_tokens=30, logprobs=True, top_logprobs=2, stream=True, stream_options={"include_usage": True})
    )
    told = [chunk.choices[0] for chunk in chunks if chunk.choices]
    assert "".join(choice.delta.content or "" for choice in told) == whole.choices[0].message.content
    assert told[-1].finish_reason == whole.choices[0].finish_reason
    tokens = [token for choice in told if choice.logprobs for token in choice.logprobs.content]
    assert tokens == whole.choices[0].logprobs.content
    assert chunks[-1].usage == whole.usage
    assert len(told) > 5


def test_logprobs_tell_twenty_alternatives_likeliest_first(client: openai.OpenAI) -> None:
    content = ask(client, logprobs=True, top_logprobs=20).choices[0].logprobs.content
    assert len(content) == 12
    for token in content:
        values = [option.logprob for option in token.top_logprobs]
        assert len(values) == 20
        assert values == sorted(values, reverse=True)
        assert token.logprob <= 0


def test_a_json_schema_is_kept(client: openai.OpenAI) -> None:
    form = {"type": "json_schema", "json_schema": {"name": "verdict", "strict": True, "schema": SCHEMA}}
    for seed in range(5):
        text = ask(client, response_format=form, seed=seed, max_tokens=40).choices[0].message.content
        assert 0 <= json.loads(text)["score"] <= 9


def test_stop_ends_the_reply(client: openai.OpenAI) -> None:
    whole = ask(client, max_tokens=30).choices[0].message.content
    cut = ask(client, max_tokens=30, stop=[whole[8:10]]).choices[0]
    assert cut.message.content == whole[: whole.index(whole[8:10])]
    assert cut.finish_reason == "stop"


def test_an_adapter_is_asked_by_its_digest_and_listed(
    client: openai.OpenAI, engine: LocalTextEngine, shelf: BlobShelf, llama: Path
) -> None:
    blob = pack_adapter(random_adapter(load_base(llama, nf4=False).linear_shapes, 4, 1))
    name = f"base:{shelf.keep(blob)}"
    assert ask(client, model=name).choices[0].message.content != ask(client).choices[0].message.content
    assert {"base", name} <= {model.id for model in client.models.list()}


def test_text_parts_and_the_developer_role_are_understood(client: openai.OpenAI) -> None:
    parts = [
        {"role": "developer", "content": "be kind"},
        {"role": "user", "content": [{"type": "text", "text": "te"}, {"type": "text", "text": "a"}]},
    ]
    assert ask(client, messages=parts).choices[0].message == ask(client).choices[0].message


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"temperature": 3}, "temperature"),
        ({"top_p": 0}, "top_p"),
        ({"n": 2}, "n is wrong"),
        ({"max_tokens": 0}, "max_tokens"),
        ({"logprobs": True, "top_logprobs": 21}, "top_logprobs"),
        ({"top_logprobs": 5}, "needs logprobs"),
        ({"messages": []}, "messages"),
        ({"messages": [{"role": "robot", "content": "x"}]}, "role"),
        ({"messages": [{"role": "user", "content": "tea " * 900}]}, "context is 256 tokens"),
        ({"stop": ["a", "b", "c", "d", "e"]}, "up to 4"),
        ({"stop": [""]}, "1 to 200 characters"),
        ({"seed": 2**63}, "seed"),
        ({"tools": [{"type": "function", "function": {"name": "f"}}]}, "tools"),
        ({"frequency_penalty": 1.5}, "frequency_penalty"),
        ({"response_format": {"type": "json_schema"}}, "json_schema"),
        (
            {"response_format": {"type": "json_schema", "json_schema": {"name": "x", "schema": {"type": "what"}}}},
            "cannot be enforced",
        ),
    ],
)
def test_a_request_at_fault_is_told_what_is_wrong(client: openai.OpenAI, changes: dict[str, Any], said: str) -> None:
    with pytest.raises(openai.BadRequestError, match=said) as refusal:
        ask(client, **changes)
    assert isinstance(refusal.value.body, dict)
    assert refusal.value.body["type"] == "invalid_request_error"


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("model", ["gpt-4o", f"base:{'0' * 64}", "base:nonsense"])
def test_an_unknown_model_is_not_found(client: openai.OpenAI, model: str, stream: bool) -> None:
    with pytest.raises(openai.NotFoundError) as refusal:
        ask(client, model=model, stream=stream)
    assert refusal.value.code == "model_not_found"
