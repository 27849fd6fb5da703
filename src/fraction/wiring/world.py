"""A world's folder: where everything of one local installation lies.

world/ deployment.json   where the contracts are
chain/            the local chain's state
platform/         databases, blobs and the keys of embedded accounts
nodes/NAME/       a node's key, database and blobs
faucet/           wishes for test money, which the local chain's process grants
"""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class World:
    """The folders of one installation."""

    folder: Path

    @property
    def deployment(self) -> Path:
        """The file that says where the contracts are."""
        return self.folder / "deployment.json"

    @property
    def chain(self) -> Path:
        """The local chain's state."""
        return self.folder / "chain"

    @property
    def platform(self) -> Path:
        """The platform's databases, blobs and keys."""
        return self.folder / "platform"

    @property
    def faucet(self) -> Path:
        """Wishes for test money."""
        return self.folder / "faucet"

    def node(self, name: str) -> Path:
        """Return a node's own folder."""
        return self.folder / "nodes" / name
