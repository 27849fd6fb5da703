"""Names for agents whose makers were in a hurry."""

from fraction.base import Address, digest_of

_MANNERS = (
    "Amber",
    "Brisk",
    "Calm",
    "Dapper",
    "Eager",
    "Gentle",
    "Hazel",
    "Ivory",
    "Jolly",
    "Lucid",
    "Merry",
    "Nimble",
)
_ANIMALS = ("Fox", "Wren", "Hare", "Newt", "Swift", "Mole", "Seal", "Moth", "Crane", "Toad", "Ibex", "Puffin")


def guest_name(account: Address, number: int) -> str:
    """Return a name for the account's agent of that number.

    >>> guest_name(Address("0x" + "1" * 40), 0) != guest_name(Address("0x" + "1" * 40), 1)
    True
    """
    drawn = int(digest_of(["guest", account, number])[:12], 16)
    manner, animal = _MANNERS[drawn % len(_MANNERS)], _ANIMALS[drawn // len(_MANNERS) % len(_ANIMALS)]
    return f"{manner} {animal} {drawn % 89 + 10}"
