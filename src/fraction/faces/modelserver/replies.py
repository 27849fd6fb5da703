"""Replies and errors in the shapes that clients of the OpenAI chat API read."""

from collections.abc import Sequence
from typing import Any

from fraction.app.generation import ChatReply, ReplyToken


def completion(identity: str, created: int, model: str, reply: ChatReply) -> dict[str, Any]:
    """Return a whole `chat.completion`."""
    return {
        "id": identity,
        "object": "chat.completion",
        "created": created,
        "model": model,
        "choices": [
            {
                "index": 0,
                "message": {"role": "assistant", "content": reply.text, "refusal": None},
                "logprobs": None if reply.tokens is None else logprobs(reply.tokens),
                "finish_reason": reply.finish,
            }
        ],
        "usage": usage(reply),
    }


def chunk(
    identity: str,
    created: int,
    model: str,
    delta: dict[str, Any],
    tokens: Sequence[ReplyToken] = (),
    finish: str | None = None,
) -> dict[str, Any]:
    """Return one `chat.completion.chunk` of a stream."""
    return {
        "id": identity,
        "object": "chat.completion.chunk",
        "created": created,
        "model": model,
        "choices": [
            {
                "index": 0,
                "delta": delta,
                "logprobs": logprobs(tokens) if tokens else None,
                "finish_reason": finish,
            }
        ],
    }


def usage(reply: ChatReply) -> dict[str, int]:
    """Return the token counts."""
    return {
        "prompt_tokens": reply.prompt_tokens,
        "completion_tokens": reply.completion_tokens,
        "total_tokens": reply.prompt_tokens + reply.completion_tokens,
    }


def logprobs(tokens: Sequence[ReplyToken]) -> dict[str, Any]:
    """Return the log-probabilities of tokens and of their alternatives."""
    return {
        "content": [
            {
                **_token(token.text, token.logprob),
                "top_logprobs": [_token(option.text, option.logprob) for option in token.top],
            }
            for token in tokens
        ],
        "refusal": None,
    }


def error(message: str, kind: str, code: str | None = None, field: str | None = None) -> dict[str, Any]:
    """Return an error body: one sentence, and a kind for programs."""
    return {"error": {"message": message, "type": kind, "param": field, "code": code}}


def _token(text: str, logprob: float) -> dict[str, Any]:
    return {"token": text, "logprob": max(logprob, -9999.0), "bytes": list(text.encode())}
