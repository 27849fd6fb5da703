"""The Python client of a Fraction platform: `Fraction(url)` has a method for each verb."""

from fraction_sdk.client import Fraction
from fraction_sdk.errors import ApiError, Unreachable

__all__ = ["ApiError", "Fraction", "Unreachable"]
