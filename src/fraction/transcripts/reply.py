"""One reply of one entrant, with all that is needed to ask the same again."""

from dataclasses import dataclass

from fraction.base import Digest


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """Where in a Session a reply belongs."""

    round: int
    """0 for the first."""
    duel: int
    """Which pairing of a game's round; 0 where there are no duels."""
    turn: int
    """Which turn of that duel; 0 where there are no duels."""
    ticket: int
    """Who: the entrant's number in the Session, in order of entry, 0 for the first."""


@dataclass(frozen=True, slots=True)
class Reply:
    """What an entrant answered, and how it came about."""

    place: Place
    text: str
    model: str
    """The name that was asked, `base` or `base:<adapter digest>`."""
    adapter: Digest | None
    seed: int
    """The sampling seed, 0..2**31-1, derived from the Session's seed."""
    prompt_tokens: int
    completion_tokens: int
    finish: str
    """`stop`, `length`, or `failed` when the model server gave no answer in time."""
