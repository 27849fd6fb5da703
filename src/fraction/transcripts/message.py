"""One message of a chat, as every model API counts them."""

from dataclasses import dataclass
from typing import Literal, TypeAlias

Role: TypeAlias = Literal["system", "user", "assistant"]
"""Who speaks; the names of the OpenAI chat protocol."""


@dataclass(frozen=True, slots=True)
class Message:
    """What one side said."""

    role: Role
    content: str
