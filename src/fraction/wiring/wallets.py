"""A person's own wallet in a world's folder: its key never leaves the person's machine.

wallets/NAME.key    the private key
wallets/NAME.db     what was signed and sent
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from fraction.adapters.ethereum.connection import Connection
from fraction.base import Unavailable
from fraction.wiring.chain import ChainAccess
from fraction.wiring.environment import read_environment
from fraction.wiring.world import World


@contextmanager
def open_wallet(folder: Path, name: str, rpc: str = "", purpose: str = "person") -> Iterator[Connection]:
    """Give what the wallet called `name` can do on the world's chain; it is made if it is new.

    Args:
        folder: the world's
        name: up to 40 letters, digits, - and _
        rpc: the chain; empty: the one that the world runs, or that is known for its name
        purpose: what the local chain gives a new wallet: `person` (ETH, test dollars) or `holder` (FRAC too)

    Raises:
        NotFound: there are no contracts.
        Unavailable: the chain does not answer, or the wallet has no money on a public chain.
    """
    from fraction.adapters.ethereum.anvil import running_url
    from fraction.adapters.keys import KeyFolder
    from fraction.adapters.store import open_store

    world = World(folder)
    url = rpc or (running_url(world.chain) or "")
    if not url and read_environment().chain == "local":
        raise Unavailable(f"No chain runs in {folder}; start one with `fraction up`.")
    key = KeyFolder(folder / "wallets").create(name)
    store = open_store(f"sqlite:///{folder / 'wallets' / f'{name}.db'}")
    try:
        connection = ChainAccess(world, url, store.outbox).funded(key, purpose)
        try:
            yield connection
        finally:
            connection.close()
    finally:
        store.close()
