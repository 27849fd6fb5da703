"""What putting the contracts on a chain consists of, and what was found there, as values."""

from dataclasses import dataclass

from fraction.base import Address


@dataclass(frozen=True, slots=True)
class PlannedStep:
    """One transaction of a deployment."""

    what: str
    at: Address
    done: bool
    """Whether it was sent already."""
    gas: int
    """0 if it was."""


@dataclass(frozen=True, slots=True)
class PlanReport:
    """A whole deployment before it is sent."""

    chain: str
    chain_id: int
    deployer: Address
    given: dict[str, Address]
    """What must be there already."""
    steps: tuple[PlannedStep, ...]
    wei_per_gas: int
    has_data_fee: bool
    """Whether the chain below takes a fee on top, which is not in `cost`."""
    roles: tuple[str, ...]
    """Who may do what afterwards."""

    @property
    def gas(self) -> int:
        """Return the gas of what is still to be sent."""
        return sum(step.gas for step in self.steps)

    @property
    def cost(self) -> int:
        """Return what that costs now, in wei."""
        return self.gas * self.wei_per_gas


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was compared."""

    what: str
    holds: bool
