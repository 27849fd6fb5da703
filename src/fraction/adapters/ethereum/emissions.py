"""FRAC for recorded work, as one account sees and claims it."""

from fraction.adapters.ethereum.contract import Chain, Contract
from fraction.base import Address, Wei
from fraction.economy import Group


class EthereumEmissions:
    """The emissions; an `Emissions`."""

    def __init__(self, chain: Chain) -> None:
        self._chain = chain
        self._emissions = Contract(chain, "Emissions")

    def month(self) -> int:
        """Return the present month, from 0."""
        return self._emissions.read_integer("currentMonth", block="pending")

    def points(self, month: int, group: Group, account: Address) -> int:
        """Return what was recorded for the account and is not claimed."""
        return self._emissions.read_integer("pointsOf", month, group.value, account)

    def earned(self, month: int, group: Group, account: Address) -> Wei:
        """Return what the account's points of a month are worth, by what is recorded now."""
        return Wei(self._emissions.read_integer("earned", month, group.value, account))

    def claim(self, month: int, group: Group) -> Wei:
        """Fetch what this account earned in a month that is over; return how much it was."""
        own = self._chain.sender.address
        receipt = self._emissions.send(f"claim/{month}/{group.value}", "claim", month, group.value, own)
        return Wei(sum(event.integer("amount") for event in self._emissions.events_in(receipt, "Claimed")))
