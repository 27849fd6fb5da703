"""Offers and vouchers as documents: what one account signed, to be sent to another by any means."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import TypeAlias, cast

from fraction.app.property import Licence, Sale, Side, Voucher
from fraction.base import Address, Digest, Instant, Json, JsonObject, Rejected, Wei, parse_json

_KINDS = {Sale: "sale", Licence: "licence", Voucher: "voucher"}

Offer: TypeAlias = Sale | Licence | Voucher


@dataclass(frozen=True, slots=True)
class SignedOffer:
    """An offer and its maker's signature."""

    chain_id: int
    offer: Offer
    signature: bytes


def offer_document(signed: SignedOffer) -> JsonObject:
    """Return a signed offer as JSON; amounts are decimal strings, so that no reader rounds them."""
    kind = _KINDS[type(signed.offer)]
    fields: dict[str, Json] = {name: _json(value) for name, value in asdict(signed.offer).items()}
    return {"kind": kind, "chain_id": signed.chain_id, "offer": fields, "signature": "0x" + signed.signature.hex()}


def parse_offer(text: str) -> SignedOffer:
    """Return the signed offer that a document holds.

    Raises:
        Rejected: it is none.
    """
    try:
        document = _object(parse_json(text))
        fields = _object(document["offer"])
        offer = _offer(str(document["kind"]), fields)
        signature = bytes.fromhex(str(document["signature"]).removeprefix("0x"))
        return SignedOffer(int(str(document["chain_id"])), offer, signature)
    except (KeyError, ValueError, TypeError) as error:
        raise Rejected(f"This is not a signed offer ({error!s:.80}); ask its maker for the whole document.") from error


def _offer(kind: str, fields: Mapping[str, Json]) -> Offer:
    def number(name: str) -> int:
        return int(str(fields[name]))

    def address(name: str) -> Address:
        return Address(str(fields[name]))

    if kind == "sale":
        return Sale(
            side=Side(number("side")),
            agent=number("agent"),
            maker=address("maker"),
            taker=address("taker"),
            asset=address("asset"),
            price=Wei(number("price")),
            max_royalty=Wei(number("max_royalty")),
            nonce=number("nonce"),
            expiry=Instant(number("expiry")),
        )
    if kind == "licence":
        return Licence(
            agent=number("agent"),
            licensor=address("licensor"),
            licensee=address("licensee"),
            asset=address("asset"),
            price=Wei(number("price")),
            seconds=number("seconds"),
            terms=Digest(str(fields["terms"])),
            nonce=number("nonce"),
            expiry=Instant(number("expiry")),
        )
    if kind == "voucher":
        return Voucher(address("caller"), number("agent"), address("asset"), Wei(number("total")))
    raise ValueError(f"unknown kind {kind!r:.20}")


def _object(value: object) -> Mapping[str, Json]:
    if not isinstance(value, dict):
        raise TypeError("a part of it is no object")
    return cast("Mapping[str, Json]", value)  # parsed from JSON


def _json(value: object) -> Json:
    if isinstance(value, Side):
        return value.value
    return str(value)
