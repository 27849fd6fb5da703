"""The messages of the OpenAI chat API that this server reads; what it does not know it refuses or ignores by name.

Source: platform.openai.com/docs/api-reference/chat/create.
"""

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from fraction.app.generation import MAX_TOP_LOGPROBS, ChatRequest
from fraction.base import Rejected
from fraction.transcripts import Message

MAX_STOPS = 4
MAX_MESSAGES = 200
MAX_CHARACTERS = 200_000


class ContentPart(BaseModel):
    """A part of a message; only text is understood."""

    type: Literal["text"]
    text: str = Field(max_length=MAX_CHARACTERS)


class WireMessage(BaseModel):
    """One message of the chat."""

    role: Literal["system", "developer", "user", "assistant"]
    content: str | list[ContentPart]

    def to_message(self) -> Message:
        """Return the message as the domain knows it; `developer` is OpenAI's newer word for `system`."""
        text = self.content if isinstance(self.content, str) else "".join(part.text for part in self.content)
        if len(text) > MAX_CHARACTERS:
            raise Rejected(f"A message has {len(text)} characters; {MAX_CHARACTERS} are allowed.")
        return Message("system" if self.role == "developer" else self.role, text)


class JsonSchema(BaseModel):
    """A named schema."""

    name: str = "reply"
    json_schema: dict[str, Any] = Field(alias="schema")


class ResponseFormat(BaseModel):
    """The form of the reply."""

    type: Literal["text", "json_object", "json_schema"]
    json_schema: JsonSchema | None = None


class StreamOptions(BaseModel):
    """What a stream tells besides text."""

    include_usage: bool = False


class ChatCompletion(BaseModel):
    """The body of POST /v1/chat/completions."""

    model_config = ConfigDict(extra="ignore")

    model: str = Field(max_length=200)
    messages: list[WireMessage] = Field(min_length=1, max_length=MAX_MESSAGES)
    max_tokens: int | None = Field(default=None, ge=1)
    max_completion_tokens: int | None = Field(default=None, ge=1)
    temperature: float | None = Field(default=None, ge=0, le=2)
    top_p: float | None = Field(default=None, gt=0, le=1)
    seed: int | None = Field(default=None, ge=-(2**63), lt=2**63)
    n: Literal[1] | None = 1
    stop: str | list[str] | None = None
    stream: bool | None = False
    stream_options: StreamOptions | None = None
    logprobs: bool | None = False
    top_logprobs: int | None = Field(default=None, ge=0, le=MAX_TOP_LOGPROBS)
    response_format: ResponseFormat | None = None
    frequency_penalty: Literal[0] | None = None
    presence_penalty: Literal[0] | None = None
    tools: list[Any] | None = Field(default=None, max_length=0)
    logit_bias: dict[str, float] | None = Field(default=None, max_length=0)

    def to_request(self, chance: int) -> ChatRequest:
        """Return the request as an engine takes it; `chance` is the seed of one that names none.

        Raises:
            Rejected: the values contradict each other.
        """
        if self.top_logprobs and not self.logprobs:
            raise Rejected("top_logprobs needs logprobs to be true.")
        limit = self.max_completion_tokens if self.max_completion_tokens is not None else self.max_tokens
        return ChatRequest(
            model=self.model,
            messages=tuple(message.to_message() for message in self.messages),
            max_tokens=limit if limit is None else min(limit, 1 << 20),
            temperature_percent=100 if self.temperature is None else round(100 * self.temperature),
            top_p_percent=100 if self.top_p is None else max(1, round(100 * self.top_p)),
            seed=chance if self.seed is None else self.seed,
            stop=self._stops(),
            logprobs=bool(self.logprobs),
            top_logprobs=self.top_logprobs or 0,
            json_schema=self._schema(),
        )

    def _stops(self) -> tuple[str, ...]:
        stops = [self.stop] if isinstance(self.stop, str) else self.stop or []
        if len(stops) > MAX_STOPS or any(not stop or len(stop) > 200 for stop in stops):
            raise Rejected(f"stop takes up to {MAX_STOPS} texts of 1 to 200 characters.")
        return tuple(stops)

    def _schema(self) -> dict[str, Any] | None:
        form = self.response_format
        if form is None or form.type == "text":
            return None
        if form.type == "json_object":
            return {"type": "object"}
        if form.json_schema is None:
            raise Rejected("response_format json_schema needs the field json_schema with a schema.")
        return form.json_schema.json_schema
