"""Tables of refusals: what is done, which custom error it meets, and which values that error carries."""

from collections.abc import Callable, Iterable
from typing import Any, TypeAlias

import pytest

from tests.contracts.chain import Decoded, Refusal, artifact
from tests.contracts.world import World

Scenario: TypeAlias = Callable[[World], tuple[Refusal, tuple[Any, ...]]]
"""Provokes a refusal; returns it with the values that it should carry."""


class Refusals:
    """The refusals of one contract."""

    def __init__(self, contract: str) -> None:
        self.contract = contract
        self._scenarios: list[tuple[str, Scenario]] = []

    def provokes(self, error: str) -> Callable[[Scenario], Scenario]:
        """Register a scenario that meets `error`."""

        def register(scenario: Scenario) -> Scenario:
            self._scenarios.append((error, scenario))
            return scenario

        return register

    def parameters(self) -> list[Any]:
        return [pytest.param(e, s, id=f"{e}-{s.__name__.replace('_', ' ')}") for e, s in self._scenarios]

    def unproved(self, unreachable: Iterable[str] = ()) -> set[str]:
        """Return the errors of the ABI that no scenario meets."""
        declared = {entry["name"] for entry in artifact(self.contract)["abi"] if entry["type"] == "error"}
        return declared - {error for error, _ in self._scenarios} - set(unreachable)


def check(world: World, error: str, scenario: Scenario) -> None:
    """Play the scenario, and compare error and values."""
    met, values = scenario(world)
    assert met.error == error
    assert tuple(_plain(value) for value in met.values) == tuple(_plain(value) for value in values)


def _plain(value: Decoded) -> Decoded:
    """Return addresses in one case and arrays as lists."""
    if isinstance(value, str):
        return value.lower()
    return [*value] if isinstance(value, tuple | list) else value  # pyright: ignore[reportUnknownVariableType]


def text(value: str) -> bytes:
    """Return ASCII as a bytes32."""
    return value.encode().ljust(32, b"\0")
