"""A wallet of the world's folder for commands that sign for themselves, and amounts of money as people write them."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from fraction.base import Address, FractionError, Rejected, Wei
from fraction.faces.cli.refusal import Refusal

if TYPE_CHECKING:
    from fraction.wiring.wallets import Connection

WalletName = Annotated[str, typer.Option("--wallet", help="Whose key signs; it is made if it is new.")]
Rpc = Annotated[str, typer.Option("--rpc", help="URL of the chain; without it, the one of --data.")]
ME = "me"

_AMOUNT = re.compile(r"\s*(\d{1,12}(?:\.\d{1,18})?)\s*(ETH|USD)\s*", re.IGNORECASE)
_DECIMALS = {"ETH": 18, "USD": 6}
_ETH = Address("0x" + "0" * 40)


@contextmanager
def refusing() -> Iterator[None]:
    """Let what the platform refuses end the command with its sentence."""
    try:
        yield
    except FractionError as error:
        raise Refusal(str(error)) from error


@contextmanager
def wallet(data: Path, name: str, rpc: str = "", purpose: str = "person") -> Iterator["Connection"]:
    """Give what the wallet can do on the world's chain."""
    from fraction.wiring import open_wallet

    with refusing(), open_wallet(data, name, rpc, purpose) as connection:
        yield connection


def parse_amount(text: str, usd: Address) -> tuple[Address, Wei]:
    """Return asset and amount of a text such as `0.5 ETH` or `20 USD`.

    Raises:
        Rejected: it is none.

    >>> parse_amount("0.5 ETH", _ETH)[1]
    500000000000000000
    """
    found = _AMOUNT.fullmatch(text)
    if found is None:
        raise Rejected(f"{text!r:.40} is no amount; write it like 0.5 ETH or 20 USD.")
    unit = found[2].upper()
    amount = Decimal(found[1]).scaleb(_DECIMALS[unit])
    if amount != int(amount):
        raise Rejected(f"{text!r:.40} has more decimals than {unit} has.")
    return (_ETH if unit == "ETH" else usd), Wei(int(amount))


def amount_text(asset: Address, amount: int) -> str:
    """Return an amount as people read it."""
    from fraction_sdk.texts import money_text

    return money_text(amount, 18, "ETH") if asset == _ETH else money_text(amount, 6, "USD")
