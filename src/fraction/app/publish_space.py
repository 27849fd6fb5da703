"""Publish Spaces: from then on a version's rules are known by their digest and never change."""

from fraction.app.ports import Blobs, Records
from fraction.base import Conflict, Digest, NotFound, Rejected, canonical_json, digest_of
from fraction.judging import Evaluator
from fraction.spaces import Space, parse_space
from fraction.spaces.rounds import PROGRAM

_KIND = "space"


def publish_space(records: Records, blobs: Blobs, space: Space) -> Digest:
    """Publish `space`; publishing the same rules again changes nothing.

    Raises:
        Conflict: that version was published with other rules.
        Rejected: the Space needs a program of its own, which Sessions do not run.
    """
    if space.source == PROGRAM or any(c.evaluator is Evaluator.PROGRAM for c in space.criteria):
        raise Rejected("A Space with a program of its own can be tried with `fraction space try`, but not published.")
    name = f"{space.id}@{space.version}"
    try:
        known = records.get(_KIND, name)
    except NotFound:
        records.keep(_KIND, name, space.to_json())
        return blobs.keep(canonical_json(space.to_json()))
    if digest_of(known) != space.digest():
        raise Conflict(
            f"Version {space.version} of {space.id} is published with other rules; "
            "a change of rules needs a new version number."
        )
    return space.digest()


def published_spaces(records: Records) -> tuple[Space, ...]:
    """Return the newest published version of every Space, in order of publication."""
    newest: dict[str, Space] = {}
    for name in records.names(_KIND):
        space = parse_space(records.get(_KIND, name))
        if space.id not in newest or newest[space.id].version < space.version:
            newest[space.id] = space
    return tuple(newest.values())


def find_space(records: Records, id: str) -> Space:
    """Return the newest version of a Space.

    Raises:
        NotFound: there is none of that name.
    """
    for space in published_spaces(records):
        if space.id == id:
            return space
    known = ", ".join(space.id for space in published_spaces(records)) or "none"
    raise NotFound(f"There is no Space {id!r}; published are: {known}.")
