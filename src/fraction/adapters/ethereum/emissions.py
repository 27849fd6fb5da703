"""FRAC for recorded work, as one account sees, records and claims it."""

from fraction.adapters.ethereum.contract import Chain, Contract
from fraction.base import Address, Wei
from fraction.economy import Group

_AT_ONCE = 200
"""Entries that one transaction records: about 35,000 gas each."""


class EthereumEmissions:
    """The emissions and what records for them; an `Emissions`."""

    def __init__(self, chain: Chain) -> None:
        self._emissions = Contract(chain, "Emissions")
        self._points = Contract(chain, "WorkPoints")

    def month(self) -> int:
        """Return the present month, from 0."""
        return self._emissions.read_integer("currentMonth", block="pending")

    def points(self, month: int, group: Group, account: Address) -> int:
        """Return what was recorded for the account and is not claimed."""
        return self._emissions.read_integer("pointsOf", month, group.value, account)

    def earned(self, month: int, group: Group, account: Address) -> Wei:
        """Return what the account's points of a month are worth, by what is recorded now."""
        return Wei(self._emissions.read_integer("earned", month, group.value, account))

    def claim(self, month: int, group: Group, account: Address) -> Wei:
        """Send the account what it earned in a month that is over; return how much it was."""
        key = f"claim/{month}/{group.value}/{account}"
        receipt = self._emissions.send(key, "claim", month, group.value, account)
        return Wei(sum(event.integer("amount") for event in self._emissions.events_in(receipt, "Claimed")))

    def record_session(self, number: int) -> int:
        """Record the points of a settled Session; return of how many entries that were not recorded before."""
        due = self._points.read_integer("ticketsDue", number)
        for left in range(due, 0, -_AT_ONCE):
            self._points.send(f"session/{number}/{left}", "recordSession", number, _AT_ONCE)
        return due

    def record_task(self, number: int) -> bool:
        """Record the points of an accepted training; return whether there was anything to record."""
        due = self._points.read("isTaskDue", number).flag("0")
        if due:
            self._points.send(f"task/{number}", "recordTask", number)
        return due
