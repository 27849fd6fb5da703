"""Requests and replies of the OpenAI chat API, read with suspicion: servers differ and leave things out.

Source: platform.openai.com/docs/api-reference/chat.
"""

from typing import Any

from fraction.app.generation import ChatReply, ChatRequest, ReplyToken, TokenOption


def request_body(request: ChatRequest) -> dict[str, Any]:
    """Return the JSON body of a request; what is not asked for is not mentioned, for servers that know less."""
    body: dict[str, Any] = {
        "model": request.model,
        "messages": [{"role": m.role, "content": m.content} for m in request.messages],
        "temperature": request.temperature_percent / 100,
        "top_p": request.top_p_percent / 100,
        "seed": request.seed,
    }
    if request.max_tokens is not None:
        body["max_tokens"] = request.max_tokens
    if request.stop:
        body["stop"] = list(request.stop)
    if request.wants_logprobs:
        body |= {"logprobs": True, "top_logprobs": request.top_logprobs}
    if request.json_schema is not None:
        schema = {"name": "reply", "strict": True, "schema": request.json_schema}
        body["response_format"] = {"type": "json_schema", "json_schema": schema}
    return body


def read_reply(body: object, request: ChatRequest) -> ChatReply | None:
    """Return the reply in a server's JSON; None if it is no chat completion.

    Missing token counts read as 0, missing or broken log-probabilities as None.
    """
    choices = body.get("choices") if isinstance(body, dict) else None
    choice = choices[0] if isinstance(choices, list) and choices else None
    message = choice.get("message") if isinstance(choice, dict) else None
    if not isinstance(body, dict) or not isinstance(choice, dict) or not isinstance(message, dict):
        return None
    text = message.get("content")
    if text is not None and not isinstance(text, str):
        return None
    return ChatReply(
        text=text or "",
        finish="length" if choice.get("finish_reason") == "length" else "stop",
        prompt_tokens=_count(body, "prompt_tokens"),
        completion_tokens=_count(body, "completion_tokens"),
        tokens=_tokens(choice) if request.wants_logprobs else None,
    )


def _count(body: dict[str, Any], name: str) -> int:
    usage = body.get("usage")
    value = usage.get(name) if isinstance(usage, dict) else None
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else 0


def _tokens(choice: dict[str, Any]) -> tuple[ReplyToken, ...] | None:
    told = choice.get("logprobs")
    content = told.get("content") if isinstance(told, dict) else None
    if not isinstance(content, list) or not content:
        return None
    try:
        return tuple(
            ReplyToken(
                str(entry["token"]),
                float(entry["logprob"]),
                tuple(TokenOption(str(o["token"]), float(o["logprob"])) for o in entry.get("top_logprobs") or ()),
            )
            for entry in content
        )
    except (KeyError, TypeError, ValueError, AttributeError):
        return None
