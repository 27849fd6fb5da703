"""Stakes of nodes, as one account sees them."""

from fraction.adapters.ethereum.abi import Record
from fraction.adapters.ethereum.contract import Chain, Contract, Token, topic_of
from fraction.app.chain import Role
from fraction.base import Address, Wei


class EthereumVault:
    """The stake vault; a `Vault`."""

    def __init__(self, chain: Chain) -> None:
        self._chain = chain
        self._vault = Contract(chain, "StakeVault")
        self._frac = Token(chain, "FracToken")

    def register(self, role: Role, amount: Wei, endpoint: str) -> None:
        """Stake `amount` FRAC for `role`; `endpoint` is the URL where the node's blobs are served.

        A node that is registered already adds what is missing to `amount` and changes its endpoint, so a node may
        say this at each start.
        """
        own = self._chain.sender.address
        node = self._own(role)
        if not node.integer("place"):
            self._stake(role, "Registered", "register", amount, endpoint)
            return
        if node.integer("stake") < amount:
            self._stake(role, "ToppedUp", "topUp", amount - node.integer("stake"))
        if self.endpoint_of(role, own) != endpoint:
            key = self._key(role, "EndpointSet")
            self._vault.send(key, "setEndpoint", role.value, endpoint)

    def leave(self, role: Role) -> None:
        """Ask to be drawn no more; the stake can be fetched once it has thawed."""
        if not self._own(role).integer("exitAt"):
            self._vault.send(self._key(role, "ExitRequested"), "requestExit", role.value)

    def withdraw(self, role: Role) -> None:
        """Fetch the thawed stake."""
        self._vault.send(self._key(role, "Withdrawn"), "withdraw", role.value)

    def stake_of(self, role: Role, node: Address) -> Wei:
        """Return what is at stake, thawing stake included."""
        return Wei(self._vault.read_integer("stakeOf", role.value, node))

    def endpoint_of(self, role: Role, node: Address) -> str:
        """Return the node's URL; empty if it never registered."""
        return self._vault.read("endpointOf", role.value, node).text("0")

    def nodes(self, role: Role) -> tuple[Address, ...]:
        """Return who is registered."""
        return self._vault.read("nodes", role.value).addresses("0")

    def minimum_stake(self) -> Wei:
        """Return the least stake that is drawn, in wei of FRAC."""
        return Wei(self._vault.read_integer("minimumStake"))

    def _own(self, role: Role) -> Record:
        return self._vault.read("nodeOf", role.value, self._chain.sender.address).record("0")

    def _stake(self, role: Role, event: str, function: str, amount: int, *more: object) -> None:
        key = self._key(role, event)
        with self._chain.sender.lane:
            self._frac.allow(self._vault.address, amount, key)
            self._vault.send(key, function, role.value, amount, *more)

    def _key(self, role: Role, event: str) -> str:
        """Return the purpose of doing once more what `event` tells: the count of times it was done is part of it."""
        topics = (topic_of(role.value), topic_of(self._chain.sender.address))
        return f"{event}/{role.value}/{len(self._vault.happenings(event, *topics))}"
