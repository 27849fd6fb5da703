"""`fraction market …`: own agents as tokens; sell, license and pay for them by signed documents."""

import json
import secrets
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from fraction.base import Address, Rejected, Wei
from fraction.faces.cli.options import DATA, AsJson, DataFolder
from fraction.faces.cli.refusal import Refusal
from fraction.faces.cli.wallet import ME, Rpc, WalletName, amount_text, parse_amount, wallet

if TYPE_CHECKING:
    from fraction.app.offers import Offer, SignedOffer
    from fraction.app.property import AgentToken
    from fraction.wiring.wallets import Connection

app = typer.Typer(help="Own, sell, license and hire agents.", no_args_is_help=True)

DAY = 86_400

Number = Annotated[int, typer.Argument(help="The agent's number on chain.")]
Price = Annotated[str, typer.Argument(help="Such as '0.5 ETH' or '20 USD'.")]
Days = Annotated[int, typer.Option(help="How long the offer stands.")]
Out = Annotated[Path, typer.Argument(help="Where the signed document is written.")]
Document = Annotated[Path, typer.Argument(help="A signed document.")]


@app.command()
def register(
    agent: Annotated[str, typer.Argument(help="The agent's id on the platform (64 hexadecimal digits).")],
    uri: Annotated[str, typer.Option(help="Resolves to the registration file.")] = "",
    royalty_bps: Annotated[int, typer.Option(help="Of each sale, in hundredths of a percent; at most 1000.")] = 0,
    royalty_to: Annotated[str, typer.Option(help="Who gets it; without it, the wallet.")] = "",
    data: DataFolder = DATA,
    rpc: Rpc = "",
    name: WalletName = ME,
) -> None:
    """Make an agent a token that the wallet owns."""
    from fraction.base import AgentId, Digest
    from fraction.faces.cli.screen import Screen

    if len(agent) != 64 or set(agent) - set("0123456789abcdef"):
        raise Refusal(f"{agent!r:.80} is no agent's id; it has 64 hexadecimal digits.")
    with wallet(data, name, rpc) as own:
        receiver = Address(royalty_to) if royalty_to else own.wallet.address
        number = own.agents().register(uri, AgentId(Digest(agent)), receiver, royalty_bps)
    Screen().say(f"agent {number}")


@app.command()
def show(
    number: Number, data: DataFolder = DATA, rpc: Rpc = "", name: WalletName = ME, as_json: AsJson = False
) -> None:
    """Show who owns an agent, its royalty and its own account."""
    from fraction.faces.cli.screen import Screen, print_json

    with wallet(data, name, rpc) as own:
        agent = own.agents().agent(number)
    if as_json:
        print_json({key: str(value) for key, value in _facts(agent)})
    else:
        Screen().table(f"agent {number}", ["", ""], [[key, str(value)] for key, value in _facts(agent)])


@app.command()
def validate(
    number: Number,
    task: Annotated[int, typer.Argument(help="The training task's number on chain.")],
    data: DataFolder = DATA,
    rpc: Rpc = "",
    name: WalletName = ME,
) -> None:
    """Have a training of the wallet's agent that the nodes accepted written down as a validation (ERC-8004)."""
    from fraction.faces.cli.screen import Screen

    with wallet(data, name, rpc) as own:
        root = own.agents().validate_training(number, task)
    Screen().say(f"agent {number} is validated by training {task}, root {root}")


@app.command()
def sell(
    number: Number,
    price: Price,
    out: Out,
    to: Annotated[str, typer.Option(help="Who may buy; without it, anyone.")] = "",
    days: Days = 7,
    data: DataFolder = DATA,
    rpc: Rpc = "",
    name: WalletName = ME,
) -> None:
    """Sign an offer to sell; whoever has the document may take it."""
    _offer("ASK", number, price, out, to, days, (data, name, rpc))


@app.command()
def bid(
    number: Number,
    price: Price,
    out: Out,
    days: Days = 7,
    data: DataFolder = DATA,
    rpc: Rpc = "",
    name: WalletName = ME,
) -> None:
    """Sign an offer to buy, in USD; the agent's owner may take it."""
    _offer("BID", number, price, out, "", days, (data, name, rpc))


@app.command("offer-licence")
def offer_licence(
    number: Number,
    price: Price,
    terms: Annotated[Path, typer.Argument(help="File with the terms; its digest is signed.")],
    out: Out,
    use_days: Annotated[int, typer.Option(help="How long one purchase lasts.")] = 30,
    days: Days = 30,
    data: DataFolder = DATA,
    rpc: Rpc = "",
    name: WalletName = ME,
) -> None:
    """Sign an offer to use an agent for a while under terms."""
    from fraction.app.property import Licence
    from fraction.base import Instant, sha256_of

    with wallet(data, name, rpc) as own:
        asset, amount = _amount(price, own)
        licence = Licence(
            agent=number,
            licensor=own.wallet.address,
            asset=asset,
            price=amount,
            seconds=use_days * DAY,
            terms=sha256_of(_read(terms)),
            nonce=secrets.randbits(64),
            expiry=Instant(int(time.time()) + days * DAY),  # noqa: TID251  (a face asks for the time of day)
        )
        _write(out, own, licence, own.market().sign_licence(licence))


@app.command()
def take(document: Document, data: DataFolder = DATA, rpc: Rpc = "", name: WalletName = ME) -> None:
    """Take a signed offer: buy, sell, or buy a licence."""
    from fraction.app.property import Licence, Sale
    from fraction.faces.cli.screen import Screen

    with wallet(data, name, rpc) as own:
        signed = _signed(document, own)
        if isinstance(signed.offer, Sale):
            own.market().trade(signed.offer, signed.signature)
            owner = own.agents().agent(signed.offer.agent).owner
            Screen().say(f"agent {signed.offer.agent} belongs to {owner}")
        elif isinstance(signed.offer, Licence):
            until = own.market().license(signed.offer, signed.signature)
            Screen().say(f"agent {signed.offer.agent} may be used until {until} (seconds since 1970)")
        else:
            raise Rejected("This document is a voucher; redeem it with `fraction market redeem`.")


@app.command()
def cancel(document: Document, data: DataFolder = DATA, rpc: Rpc = "", name: WalletName = ME) -> None:
    """Make an offer that the wallet signed worthless."""
    from fraction.app.property import Voucher
    from fraction.faces.cli.screen import Screen

    with wallet(data, name, rpc) as own:
        offer = _signed(document, own).offer
        if isinstance(offer, Voucher):
            raise Rejected("A voucher cannot be taken back; only a newer one replaces it.")
        own.market().cancel(offer.nonce)
    Screen().say("Nobody can take the offer any more.")


@app.command()
def prepay(number: Number, amount: Price, data: DataFolder = DATA, rpc: Rpc = "", name: WalletName = ME) -> None:
    """Put money aside for calls of an agent."""
    from fraction.faces.cli.screen import Screen

    with wallet(data, name, rpc) as own:
        asset, wei = _amount(amount, own)
        meter = own.call_meter()
        meter.deposit(number, asset, wei, secrets.token_hex(8))
        left = meter.left(own.wallet.address, number, asset)
    Screen().say(f"{amount_text(asset, left)} aside for calls of agent {number}")


@app.command()
def voucher(
    number: Number, total: Price, out: Out, data: DataFolder = DATA, rpc: Rpc = "", name: WalletName = ME
) -> None:
    """Sign for the sum of all calls so far; the agent's owner redeems it."""
    from fraction.app.property import Voucher

    with wallet(data, name, rpc) as own:
        asset, wei = _amount(total, own)
        signed = Voucher(own.wallet.address, number, asset, wei)
        _write(out, own, signed, own.call_meter().sign(signed))


@app.command()
def redeem(document: Document, data: DataFolder = DATA, rpc: Rpc = "", name: WalletName = ME) -> None:
    """Credit the agent's owner with what a voucher is worth."""
    from fraction.app.property import Voucher
    from fraction.faces.cli.screen import Screen

    with wallet(data, name, rpc) as own:
        signed = _signed(document, own)
        if not isinstance(signed.offer, Voucher):
            raise Rejected("This document is an offer; take it with `fraction market take`.")
        amount = own.call_meter().redeem(signed.offer, signed.signature)
    Screen().say(f"{amount_text(signed.offer.asset, amount)} for the owner of agent {signed.offer.agent}")


@app.command()
def withdraw(data: DataFolder = DATA, rpc: Rpc = "", name: WalletName = ME) -> None:
    """Fetch what the market owes the wallet."""
    from fraction.app.property import ETH
    from fraction.faces.cli.screen import Screen

    with wallet(data, name, rpc) as own:
        for asset in (ETH, own.chain.deployment.address("TestUSD")):
            Screen().say(f"withdrew {amount_text(asset, own.market().withdraw(asset))}")


def _offer(side: str, number: int, price: str, out: Path, to: str, days: int, access: tuple[Path, str, str]) -> None:
    from fraction.app.property import ETH, Sale, Side
    from fraction.base import Instant

    with wallet(*access) as own:
        asset, amount = _amount(price, own)
        royalty = own.agents().agent(number).royalty_bps * amount // 10_000
        sale = Sale(
            side=Side[side],
            agent=number,
            maker=own.wallet.address,
            taker=Address(to) if to else ETH,
            asset=asset,
            price=amount,
            max_royalty=Wei(royalty),
            nonce=secrets.randbits(64),
            expiry=Instant(int(time.time()) + days * DAY),  # noqa: TID251  (a face asks for the time of day)
        )
        _write(out, own, sale, own.market().sign_sale(sale))


def _amount(text: str, own: "Connection") -> tuple[Address, Wei]:
    return parse_amount(text, own.chain.deployment.address("TestUSD"))


def _write(path: Path, own: "Connection", offer: "Offer", signature: bytes) -> None:
    from fraction.app.offers import SignedOffer, offer_document
    from fraction.faces.cli.screen import Screen

    document = offer_document(SignedOffer(own.chain.spec.chain_id, offer, signature))
    try:
        path.write_text(json.dumps(document, indent=2) + "\n", encoding="utf-8")
    except OSError as error:
        raise Refusal(f"{path} cannot be written: {error}.") from error
    Screen().say(f"signed; give {path} to whom it is for")


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise Refusal(f"{path} cannot be read: {error}.") from error


def _signed(path: Path, own: "Connection") -> "SignedOffer":
    from fraction.app.offers import parse_offer

    signed = parse_offer(_read(path).decode("utf-8", "replace"))
    if signed.chain_id != own.chain.spec.chain_id:
        raise Rejected(f"The document counts on chain {signed.chain_id}; the wallet is on {own.chain.spec.chain_id}.")
    return signed


def _facts(agent: "AgentToken") -> list[tuple[str, object]]:
    return [
        ("owner", agent.owner),
        ("platform id", agent.platform_id or "-"),
        ("registration file", agent.uri or "-"),
        ("royalty", f"{agent.royalty_bps / 100:g} % to {agent.royalty_receiver}"),
        ("changed hands", agent.transfers),
        ("own account", agent.account),
    ]
