"""What all messages share: money as text, scores as whole numbers, frozen values."""

from typing import Annotated, TypeAlias

from pydantic import BaseModel, ConfigDict, Field

Amount: TypeAlias = Annotated[str, Field(pattern=r"^-?[0-9]+$")]
"""A sum of money in smallest units."""

Score: TypeAlias = int
"""Hundredths of a point."""


class Message(BaseModel):
    """What all messages share: frozen, and deaf to fields that a newer platform may add."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class Problem(Message):
    """An error, in the form of RFC 9457."""

    type: str = "about:blank"
    title: str
    status: int
    detail: str
