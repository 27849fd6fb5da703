"""Replies that must be JSON of a given shape: which tokens may come next, by llguidance.

Source: github.com/guidance-ai/llguidance; the schema's whitespace is fixed, so that a weak model cannot loop in it.
"""

import json
import threading
from typing import Any

import llguidance
import llguidance.hf
import numpy as np
import torch
from torch import Tensor

from fraction.adapters.lora.prompts import ChatFormat
from fraction.base import JsonObject, Rejected


class Grammars:
    """Compiles JSON schemas for one tokenizer."""

    def __init__(self, chat: ChatFormat, vocabulary: int) -> None:
        """Prepare for logits of `vocabulary` tokens."""
        self.vocabulary = vocabulary
        self._chat = chat
        self._lock = threading.Lock()
        self._tokens: Any = None

    def start(self, schema: JsonObject) -> "Constraint":
        """Return the constraint of a reply that has not begun.

        Raises:
            Rejected: the schema is not one that can be enforced.
        """
        fixed = {**schema, "x-guidance": {"whitespace_flexible": False}}
        try:
            with self._lock:
                self._tokens = self._tokens or self._read_tokens()
            grammar = llguidance.LLMatcher.grammar_from_json_schema(json.dumps(fixed))
            matcher = llguidance.LLMatcher(self._tokens, grammar)
        except ValueError as error:
            raise Rejected(f"The JSON schema cannot be enforced: {error}") from error
        if matcher.is_error():
            raise Rejected(f"The JSON schema cannot be enforced: {matcher.get_error()}")
        return Constraint(matcher, self.vocabulary)

    def _read_tokens(self) -> Any:  # noqa: ANN401 - no types in llguidance
        return llguidance.hf.from_tokenizer(self._chat.tokenizer, n_vocab=self.vocabulary)


class Constraint:
    """What may follow in one reply."""

    def __init__(self, matcher: Any, vocabulary: int) -> None:  # noqa: ANN401 - no types in llguidance
        """Follow `matcher` from its start."""
        self._matcher = matcher
        self._vocabulary = vocabulary

    def allowed(self) -> Tensor:
        """Return bool (vocabulary,): the tokens that may come next; an end token when all is said."""
        bits = np.unpackbits(np.frombuffer(self._matcher.compute_bitmask(), dtype=np.uint8), bitorder="little")
        mask = torch.zeros(self._vocabulary, dtype=torch.bool)
        count = min(self._vocabulary, len(bits))
        mask[:count] = torch.from_numpy(bits[:count].astype(bool))
        return mask

    def accept(self, token: int) -> None:
        """Go on after `token`, which was allowed."""
        self._matcher.consume_token(token)

    @property
    def finished(self) -> bool:
        """Whether nothing more may come."""
        return bool(self._matcher.is_stopped())
