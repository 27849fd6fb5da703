"""Amounts and scores as people read them; nothing here is ever read back."""


def score_text(score: int | None) -> str:
    """Return hundredths of a point as points, or a hyphen for none.

    >>> score_text(6_125), score_text(None)
    ('61.25', '-')
    """
    return "-" if score is None else f"{score // 100}.{score % 100:02d}"


def difference_text(hundredths: int) -> str:
    """Return a difference of scores with its sign.

    >>> difference_text(-5), difference_text(130)
    ('-0.05', '+1.30')
    """
    return ("-" if hundredths < 0 else "+") + score_text(abs(hundredths))


def decimal_text(amount: str | int, decimals: int) -> str:
    """Return smallest units in whole units, exact to the last digit.

    >>> decimal_text("450000000000000", 18), decimal_text(-1_000_000, 6)
    ('0.00045', '-1')
    """
    units = int(amount)
    whole, rest = divmod(abs(units), 10**decimals)
    fraction = str(rest).rjust(decimals, "0").rstrip("0")
    return ("-" if units < 0 else "") + str(whole) + ("." + fraction if fraction else "")


def money_text(amount: str | int, decimals: int, asset: str) -> str:
    """Return an amount with its asset, exact to the last digit.

    >>> money_text("450000000000000", 18, "ETH")
    '0.00045 ETH'
    """
    return f"{decimal_text(amount, decimals)} {asset}"


def usd_text(amount: str | int, decimals: int, asset: str, usd_per_eth: int) -> str:
    """Return about how many dollars an amount is worth at `usd_per_eth`, rounded to a cent.

    >>> usd_text("450000000000000", 18, "ETH", 2_500)
    '$1.13'
    """
    rate = usd_per_eth if asset == "ETH" else 1
    cents = (2 * int(amount) * rate * 100 + 10**decimals) // (2 * 10**decimals)
    return ("-" if cents < 0 else "") + f"${abs(cents) // 100}.{abs(cents) % 100:02d}"


def percent_text(bps: int | None) -> str:
    """Return hundredths of a percent with sign, or a hyphen for none.

    >>> percent_text(1_250), percent_text(None)
    ('+12.5 %', '-')
    """
    return "-" if bps is None else f"{bps / 100:+.1f} %"


def short_text(name: str) -> str:
    """Return an address, digest or hash cut in the middle.

    >>> short_text("0x1234567890abcdef1234")
    '0x1234…1234'
    """
    return name if len(name) <= 12 else f"{name[:6]}…{name[-4:]}"
