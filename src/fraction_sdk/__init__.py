"""The Python client of a Fraction platform: `Fraction(url)` has a method for each verb, `AsyncFraction(url)` too."""

from fraction_sdk.async_client import AsyncFraction
from fraction_sdk.client import Fraction
from fraction_sdk.errors import ApiError, Unreachable

__all__ = ["ApiError", "AsyncFraction", "Fraction", "Unreachable"]
