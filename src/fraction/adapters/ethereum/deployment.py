"""Where the contracts are on one chain, as a value and as a file."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from fraction.adapters.ethereum.abi import checksummed
from fraction.base import Address, NotFound, Unavailable


@dataclass(frozen=True, slots=True)
class Deployment:
    """The contracts of one chain."""

    chain_id: int
    genesis: str
    """The hash of the chain's first block: a local chain that was begun anew is another chain."""
    block: int
    """No log of the contracts is older."""
    addresses: Mapping[str, Address]
    """By contract name; `TestUSD` is whatever stablecoin fees are paid in."""

    def address(self, name: str) -> Address:
        """Return where a contract is.

        Raises:
            NotFound: it is not deployed here.
        """
        if name not in self.addresses:
            raise NotFound(f"The contract {name} is not deployed on chain {self.chain_id}; deploy it first.")
        return self.addresses[name]

    def to_text(self) -> str:
        """Return the deployment as it is kept in `deployment.json`."""
        document = {
            "chain_id": self.chain_id,
            "genesis": self.genesis,
            "block": self.block,
            "addresses": dict(self.addresses),
        }
        return json.dumps(document, indent=2) + "\n"


def read_deployment(path: Path) -> Deployment:
    """Return the deployment that a file tells.

    Raises:
        NotFound: there is no such file.
        Unavailable: it is not a deployment.
    """
    try:
        found = json.loads(path.read_text("utf-8"))
        addresses = {str(name): checksummed(str(address)) for name, address in found["addresses"].items()}
        return Deployment(int(found["chain_id"]), str(found["genesis"]), int(found["block"]), addresses)
    except FileNotFoundError as error:
        raise NotFound(f"There is no deployment at {path}; start the platform once, or name the file.") from error
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise Unavailable(f"The deployment at {path} cannot be read; remove the file to deploy again.") from error
