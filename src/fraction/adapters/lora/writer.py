"""One reply while it is being written: from logits to tokens, to text, to its end."""

from torch import Tensor

from fraction.adapters.lora.constraint import Constraint
from fraction.adapters.lora.prompts import ChatFormat
from fraction.adapters.lora.sampling import Choice, Sampling, logprobs
from fraction.app.generation import ChatReply, ChatRequest, Finish, OnPiece, Piece, ReplyToken, TokenOption

_INCOMPLETE = "\ufffd"


class Writer:
    """Takes the reply's tokens and hands its text on as soon as it is certain."""

    def __init__(
        self,
        chat: ChatFormat,
        request: ChatRequest,
        prompt_tokens: int,
        limit: int,
        constraint: Constraint | None,
        on_piece: OnPiece | None,
    ) -> None:
        """Begin a reply of at most `limit` tokens."""
        self._chat, self._request, self._constraint, self._on_piece = chat, request, constraint, on_piece
        self._sampling = Sampling(request.temperature_percent, request.top_p_percent, request.seed)
        self._prompt_tokens, self._limit = prompt_tokens, limit
        self._hold = max((len(stop) for stop in request.stop), default=1) - 1
        self.tokens: list[int] = []
        self._text = ""
        self._told: list[ReplyToken] = []
        self._sent_text, self._sent_tokens = 0, 0
        self.finish: Finish | None = None

    def choice(self) -> Choice:
        """Return what decides the next token, beside its logits."""
        allowed = self._constraint.allowed() if self._constraint else None
        return Choice(self._sampling, len(self.tokens), allowed)

    def write(self, token: int, logits: Tensor) -> int | None:
        """Take the next token, chosen from float (vocabulary,); return it, or None if the reply is done."""
        if token in self._chat.ends:
            return self._end("stop")
        self.tokens.append(token)
        if self._constraint:
            self._constraint.accept(token)
        if self._request.wants_logprobs:
            self._told.append(self._tell(logits, token))
        self._text = self._chat.text(self.tokens)
        places = [at for stop in self._request.stop if (at := self._text.find(stop)) >= 0]
        if places:
            self._text = self._text[: min(places)]
            return self._end("stop")
        if self._constraint and self._constraint.finished:
            return self._end("stop")
        if len(self.tokens) >= self._limit:
            return self._end("length")
        self._send(max(0, len(self._text) - self._hold))
        return token

    def reply(self) -> ChatReply:
        """Return the finished reply."""
        assert self.finish is not None  # noqa: S101 - asked only when it is done
        return ChatReply(
            text=self._text,
            finish=self.finish,
            prompt_tokens=self._prompt_tokens,
            completion_tokens=len(self.tokens),
            tokens=tuple(self._told) if self._request.wants_logprobs else None,
        )

    def _end(self, finish: Finish) -> None:
        self.finish = finish
        self._send(len(self._text), last=True)

    def _tell(self, logits: Tensor, token: int) -> ReplyToken:
        logprob, top = logprobs(logits, token, self._request.top_logprobs)
        options = tuple(TokenOption(self._chat.token_text(other), value) for other, value in top)
        return ReplyToken(self._chat.token_text(token), logprob, options)

    def _send(self, upto: int, last: bool = False) -> None:
        """Hand on the text before `upto` that was not sent yet; half a character waits for its other half."""
        if self._on_piece is None or (not last and self._text.endswith(_INCOMPLETE)):
            return
        text, told = self._text[self._sent_text : upto], tuple(self._told[self._sent_tokens :])
        if text or (last and told):
            self._sent_text, self._sent_tokens = upto, len(self._told)
            self._on_piece(Piece(text, told))
