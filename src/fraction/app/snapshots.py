"""Frozen agents by digest: the chain keeps the digest, the platform the words."""

from pydantic import TypeAdapter

from fraction.agents import Snapshot
from fraction.app.ports import Records
from fraction.base import Digest, NotFound

_KIND = "snapshot"
_SNAPSHOTS: TypeAdapter[Snapshot] = TypeAdapter(Snapshot)


def keep_snapshot(records: Records, snapshot: Snapshot) -> Digest:
    """Keep `snapshot`; return the digest under which it enters."""
    digest = snapshot.digest()
    records.keep(_KIND, digest, _SNAPSHOTS.dump_python(snapshot, mode="json"))
    return digest


def find_snapshot(records: Records, digest: Digest) -> Snapshot | None:
    """Return the snapshot of that digest, if this platform was told of it."""
    try:
        return _SNAPSHOTS.validate_python(records.get(_KIND, digest))
    except NotFound:
        return None
