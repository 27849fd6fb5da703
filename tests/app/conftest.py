"""The cast of the Ethereum tests, playing whole Sessions and trainings here."""

from tests.adapters.ethereum.conftest import cast

__all__ = ["cast"]
