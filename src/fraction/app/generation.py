"""Asking a language model: one request, one reply, whoever runs the model.

    verbs ──▶ ChatModel ◀── the HTTP client, or a TextEngine in this process
                              TextEngine ◀── the model server puts HTTP in front of it

Sampling is given in whole percents and seeds, so that a request can be digested and asked again alike.
"""

from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Literal, Protocol, TypeAlias

from fraction.base import JsonObject, Rejected, Unavailable
from fraction.transcripts import Message

MAX_TOP_LOGPROBS = 20
"""As many alternatives a token as the OpenAI chat API gives."""

Finish: TypeAlias = Literal["stop", "length", "failed"]
"""Why a reply ended: the model was done, the tokens were used up, or there was no answer."""


class Overloaded(Unavailable):
    """The model has more waiting requests than it takes; ask again after `retry_after_seconds`."""

    def __init__(self, message: str, retry_after_seconds: int = 1) -> None:
        """Remember how long the caller is to wait."""
        super().__init__(message)
        self.retry_after_seconds = retry_after_seconds


@dataclass(frozen=True, slots=True, kw_only=True)
class ChatRequest:
    """What a model is asked, and how to sample its answer."""

    model: str
    """`base`, or `base:<adapter digest>`; other servers have names of their own."""
    messages: tuple[Message, ...]
    max_tokens: int | None = None
    """None: as many as the context has room for."""
    temperature_percent: int = 100
    """0 takes the likeliest token each time; 100 samples the model's own distribution."""
    top_p_percent: int = 100
    """Sample among the likeliest tokens that together have this much probability."""
    seed: int = 0
    """Same seed, same request, same server: same reply."""
    stop: tuple[str, ...] = ()
    """The reply ends before the first of these texts."""
    logprobs: bool = False
    """Whether the reply tells the log-probability of each of its tokens."""
    top_logprobs: int = 0
    """How many alternatives to tell for each token, 0..20; more than 0 implies `logprobs`."""
    json_schema: JsonObject | None = None
    """The reply is JSON that this schema accepts."""

    def __post_init__(self) -> None:
        """Refuse what no server could answer.

        Raises:
            Rejected: a value is out of its range, or there is no message.
        """
        ranges = {
            "max_tokens": (1 if self.max_tokens is None else self.max_tokens, 1, 1 << 20),
            "temperature": (self.temperature_percent, 0, 200),
            "top_p": (self.top_p_percent, 1, 100),
            "seed": (self.seed, -(2**63), 2**63 - 1),
            "top_logprobs": (self.top_logprobs, 0, MAX_TOP_LOGPROBS),
        }
        for name, (value, low, high) in ranges.items():
            if not low <= value <= high:
                raise Rejected(f"The request's {name} is {value}; it must be {low} to {high}.")
        if not self.messages:
            raise Rejected("The request has no messages; send at least one.")

    @property
    def wants_logprobs(self) -> bool:
        """Whether the reply is to carry log-probabilities."""
        return self.logprobs or self.top_logprobs > 0


@dataclass(frozen=True, slots=True)
class TokenOption:
    """A token that could have come at a place of the reply."""

    text: str
    logprob: float
    """Natural logarithm of its probability at temperature 1, before any constraint."""


@dataclass(frozen=True, slots=True)
class ReplyToken:
    """The token that did come, beside the likeliest ones."""

    text: str
    logprob: float
    top: tuple[TokenOption, ...] = ()
    """Likeliest first; the chosen token is among them only if it was that likely."""


@dataclass(frozen=True, slots=True)
class ChatReply:
    """What the model answered."""

    text: str
    finish: Finish
    prompt_tokens: int
    completion_tokens: int
    tokens: tuple[ReplyToken, ...] | None = None
    """None if log-probabilities were not asked for, or the server does not give them."""


@dataclass(frozen=True, slots=True)
class Piece:
    """Some more text of a reply that is still being written."""

    text: str
    tokens: tuple[ReplyToken, ...] = ()
    """The tokens it stands for, if log-probabilities were asked for."""


OnPiece: TypeAlias = Callable[[Piece], None]
"""Called from the engine's thread, in order; it must return at once."""


class ChatModel(Protocol):
    """Answers one request; safe to call from many threads."""

    def complete(self, request: ChatRequest) -> ChatReply:
        """Return the model's reply.

        Raises:
            Rejected: the request is at fault: an unknown model, too long a prompt.
            Unavailable: the model gave no answer in time; asking again may help.
        """
        ...


class TextEngine(ChatModel, Protocol):
    """Runs a model in this process and answers many requests at once."""

    @property
    def context_tokens(self) -> int:
        """How many tokens prompt and reply may have together."""
        ...

    def models(self) -> tuple[str, ...]:
        """Return the names that can be asked now: the base first, then the adapters in memory."""
        ...

    def submit(self, request: ChatRequest, on_piece: OnPiece | None = None) -> "Future[ChatReply]":
        """Queue `request`; return its reply to come. Cancelling the future stops the work.

        Raises:
            Rejected: the request is at fault; NotFound if it names an unknown model.
            Overloaded: too many requests wait already.
        """
        ...

    def close(self) -> None:
        """Stop; whoever waits gets Unavailable."""
        ...
