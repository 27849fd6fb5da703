"""From messages to token numbers and back, through the model's own chat template.

What people wrote can never become a control token: the template is rendered around placeholders, and only the
template's own text may contain special tokens.

    render    <|user|>⟦0⟧<|end|><|assistant|>
    encode    special(<|user|>) plain(content 0) special(<|end|><|assistant|>)
"""

import re
from collections.abc import Sequence
from typing import Any

from jinja2 import TemplateError
from tokenizers import Tokenizer

from fraction.base import Rejected
from fraction.transcripts import Message

_OPEN, _CLOSE = "\uf8f0", "\uf8f1"  # private use: no template or tokenizer gives them a meaning
_PLACE = re.compile(f"{_OPEN}([0-9]+){_CLOSE}")


class ChatFormat:
    """A model's tokenizer and chat template; safe to share between threads."""

    def __init__(self, tokenizer: Any, ends: frozenset[int]) -> None:  # noqa: ANN401 - transformers' own class
        """Take a fast tokenizer of transformers, and the tokens that end a reply."""
        self.tokenizer = tokenizer
        self.ends = ends
        written = tokenizer.backend_tokenizer.to_str()
        self._special = Tokenizer.from_str(written)
        self._plain = Tokenizer.from_str(written)
        self._plain.encode_special_tokens = True
        for one in (self._special, self._plain):
            one.no_padding()
            one.no_truncation()

    def prompt_tokens(self, messages: Sequence[Message]) -> list[int]:
        """Return the tokens after which the model's reply begins.

        Raises:
            Rejected: the chat template does not take these messages.
        """
        return self._encode(messages, reply_follows=True)

    def reply_tokens(self, messages: Sequence[Message], reply: str) -> list[int]:
        """Return the tokens of a reply to `messages` with its end token: what training learns to write."""
        whole = self._encode([*messages, Message("assistant", reply)], reply_follows=False)
        written = self._plain.encode(reply, add_special_tokens=False).ids
        ending = whole[self._find_last(whole, written) + len(written) :]
        for place, token in enumerate(ending):
            if token in self.ends:
                return written + ending[: place + 1]
        return [*written, *sorted(self.ends)[:1]]

    def text(self, tokens: Sequence[int]) -> str:
        """Return the text of a reply's tokens, without control tokens."""
        return self._special.decode(list(tokens), skip_special_tokens=True)

    def token_text(self, token: int) -> str:
        """Return one token as text; a part of a character shows as U+FFFD."""
        return self._special.decode([token], skip_special_tokens=False)

    def _encode(self, messages: Sequence[Message], reply_follows: bool) -> list[int]:
        tokens: list[int] = []
        for place, piece in enumerate(_PLACE.split(self._render(messages, reply_follows))):
            if place % 2:
                content = messages[int(piece)].content
                tokens += self._plain.encode(content, add_special_tokens=False).ids
            elif piece:
                tokens += self._special.encode(piece, add_special_tokens=False).ids
        return tokens

    def _render(self, messages: Sequence[Message], reply_follows: bool) -> str:
        turns = [{"role": m.role, "content": f"{_OPEN}{n}{_CLOSE}"} for n, m in enumerate(messages)]
        try:
            text = self.tokenizer.apply_chat_template(turns, tokenize=False, add_generation_prompt=reply_follows)
        except (TemplateError, ValueError, KeyError, TypeError) as error:
            raise Rejected(f"This model's chat template does not take these messages: {error}") from error
        if [int(n) for n in _PLACE.findall(text)] != list(range(len(messages))):
            raise Rejected(
                "This model's chat template drops or repeats a message; send other roles or use another model."
            )
        return text

    @staticmethod
    def _find_last(whole: list[int], part: list[int]) -> int:
        for start in range(len(whole) - len(part), -1, -1):
            if whole[start : start + len(part)] == part:
                return start
        return len(whole) - len(part)
