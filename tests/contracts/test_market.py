"""Agents change hands or are licensed by signed offers, and are paid by the call."""

from dataclasses import astuple, dataclass, replace
from typing import Any

import pytest

from tests.contracts.chain import Refusal
from tests.contracts.estate import DAY, NOBODY, Estate, Person
from tests.contracts.world import ETH, ETHER, Terms, agent, someone

pytestmark = pytest.mark.chain

ASK, BID = 0, 1
PRICE = 1_000_000
TERMS = b"\x0c" * 32
FOREVER = 2**40


@dataclass(frozen=True)
class Sale:
    side: int
    collection: str
    agent: int
    maker: str
    taker: str
    asset: str
    price: int = PRICE
    max_royalty: int = PRICE // 10
    nonce: int = 1
    expiry: int = FOREVER


@dataclass(frozen=True)
class Licence:
    collection: str
    agent: int
    licensor: str
    licensee: str
    asset: str
    price: int = PRICE
    duration: int = 100
    terms: bytes = TERMS
    nonce: int = 1
    expiry: int = FOREVER


@dataclass(frozen=True)
class Stall:
    """An agent for sale, its seller, somebody who wants it, and who gets the royalty."""

    estate: Estate
    seller: Person
    buyer: Person
    creator: str
    agent: int

    @property
    def ask(self) -> Sale:
        return Sale(ASK, self.estate.agents.address, self.agent, self.seller.address, NOBODY, ETH)

    @property
    def bid(self) -> Sale:
        usd = self.estate.world.usd.address
        return Sale(BID, self.estate.agents.address, self.agent, self.buyer.address, NOBODY, usd)

    @property
    def licence(self) -> Licence:
        return Licence(self.estate.agents.address, self.agent, self.seller.address, NOBODY, ETH)

    def signed(self, offer: Sale | Licence, signer: Person | None = None) -> tuple[Any, ...]:
        digest = "saleDigest" if isinstance(offer, Sale) else "licenceDigest"
        maker = self.buyer if isinstance(offer, Sale) and offer.side == BID else self.seller
        values = astuple(offer)
        return values, (signer or maker).sign(self.estate.market.call(digest, values))

    def take(self, offer: Sale | Licence, taker: Person, value: int = 0) -> dict[str, Any]:
        function = "trade" if isinstance(offer, Sale) else "license"
        return self.estate.market.send(taker.address, function, *self.signed(offer), value=value)

    def refusal(self, offer: Sale | Licence, taker: Person, value: int = 0, signer: Person | None = None) -> Refusal:
        function = "trade" if isinstance(offer, Sale) else "license"
        return self.estate.market.refusal(taker.address, function, *self.signed(offer, signer), value=value)

    def owed(self, account: str, asset: str = ETH) -> int:
        return int(self.estate.market.call("balanceOf", account, asset))

    def owner(self) -> str:
        return str(self.estate.agents.call("ownerOf", self.agent))


@pytest.fixture
def stall(estate: Estate) -> Stall:
    seller, buyer = estate.people[:2]
    creator = someone(1)
    number = estate.agent_of(seller, 500, creator)
    estate.agents.send(seller.address, "setApprovalForAll", estate.market.address, True)
    return Stall(estate, seller, buyer, creator, number)


def test_a_signed_ask_sells_to_whoever_pays_and_the_royalty_goes_to_its_receiver(stall: Stall) -> None:
    event = stall.estate.market.event(stall.take(stall.ask, stall.buyer, PRICE), "Sold")
    assert (event.seller, event.buyer, event.price, event.royalty) == (
        stall.seller.address,
        stall.buyer.address,
        PRICE,
        PRICE // 20,
    )
    assert stall.owner() == stall.buyer.address
    assert (stall.owed(stall.seller.address), stall.owed(stall.creator)) == (PRICE * 19 // 20, PRICE // 20)
    stall.estate.market.send(stall.creator, "withdraw", ETH, someone(2))
    assert stall.estate.chain.balance(someone(2)) == PRICE // 20


def test_a_signed_bid_is_taken_by_the_owner_and_paid_from_the_bidders_allowance(stall: Stall) -> None:
    usd = stall.estate.world.usd.address
    stall.estate.give(stall.buyer, PRICE, stall.estate.market)
    stall.take(stall.bid, stall.seller)
    assert stall.owner() == stall.buyer.address
    assert stall.owed(stall.seller.address, usd) + stall.owed(stall.creator, usd) == PRICE
    assert stall.estate.world.usd.call("balanceOf", stall.estate.market.address) == PRICE


def test_an_offer_is_taken_once_in_time_by_whom_it_is_for(stall: Stall) -> None:
    stranger = stall.estate.people[2]
    mine = replace(stall.ask, taker=stall.buyer.address)
    refusal = stall.refusal(mine, stranger, PRICE)
    assert (refusal.error, refusal.values) == ("NotTaker", (stall.buyer.address.lower(), stranger.address.lower()))
    late = replace(stall.ask, expiry=stall.estate.chain.next_time())
    assert stall.refusal(late, stall.buyer, PRICE).error == "OfferExpired"
    stall.take(mine, stall.buyer, PRICE)
    stall.estate.agents.send(
        stall.buyer.address, "transferFrom", stall.buyer.address, stall.seller.address, stall.agent
    )
    used = stall.refusal(mine, stall.buyer, PRICE)
    assert (used.error, used.values) == ("OfferUsed", (stall.seller.address.lower(), 1))


def test_only_what_the_owner_signed_is_sold(stall: Stall) -> None:
    stranger = stall.estate.people[2]
    assert stall.refusal(stall.ask, stall.buyer, PRICE, signer=stranger).error == "OfferSignatureInvalid"
    cheaper = (astuple(replace(stall.ask, price=1)), stall.signed(stall.ask)[1])
    assert stall.estate.market.refusal(stall.buyer.address, "trade", *cheaper, value=1).error == "OfferSignatureInvalid"
    turned = (astuple(replace(stall.ask, side=BID)), stall.signed(stall.ask)[1])
    assert stall.estate.market.refusal(stall.buyer.address, "trade", *turned).error == "OfferSignatureInvalid"
    foreign = replace(stall.ask, maker=stranger.address)
    not_owner = stall.refusal(foreign, stall.buyer, PRICE, signer=stranger)
    assert (not_owner.error, not_owner.values) == ("NotOwnedBy", (stall.agent, stranger.address.lower()))
    assert stall.refusal(stall.bid, stranger).error == "NotOwnedBy"


def test_a_cancelled_offer_is_worthless(stall: Stall) -> None:
    signed = stall.signed(stall.ask)
    stall.estate.market.send(stall.seller.address, "cancel", [1, 7])
    assert stall.estate.market.call("isUsed", stall.seller.address, 7)
    assert stall.estate.market.refusal(stall.buyer.address, "trade", *signed, value=PRICE).error == "OfferUsed"
    assert stall.refusal(stall.licence, stall.buyer, PRICE).error == "OfferUsed"


def test_money_is_exact_and_of_an_allowed_kind(stall: Stall) -> None:
    for value in (0, PRICE - 1, PRICE + 1):
        refusal = stall.refusal(stall.ask, stall.buyer, value)
        assert (refusal.error, refusal.values) == ("WrongValue", (PRICE, value))
    assert stall.refusal(replace(stall.ask, asset=someone(5)), stall.buyer).error == "AssetNotAllowed"
    assert stall.refusal(replace(stall.bid, asset=ETH), stall.seller).error == "BidNeedsToken"
    assert stall.refusal(stall.bid, stall.seller, 1).error == "WrongValue"
    refusal = stall.refusal(replace(stall.ask, max_royalty=49_999), stall.buyer, PRICE)
    assert (refusal.error, refusal.values) == ("RoyaltyAboveLimit", (50_000, 49_999))


def test_a_token_that_keeps_a_fee_buys_nothing(stall: Stall) -> None:
    odd = stall.estate.world.odd
    odd.send(stall.buyer.address, "mint", stall.buyer.address, PRICE)
    odd.send(stall.buyer.address, "approve", stall.estate.market.address, PRICE)
    odd.send(stall.buyer.address, "setFee", 100)
    for offer, taker in ((stall.ask, stall.buyer), (stall.bid, stall.seller)):
        refusal = stall.refusal(replace(offer, asset=odd.address), taker)
        assert (refusal.error, refusal.values) == ("WrongAmountReceived", (PRICE, PRICE * 99 // 100))


def test_a_buyer_that_calls_back_gets_no_second_trade(stall: Stall) -> None:
    odd, market = stall.estate.world.odd, stall.estate.market
    odd.send(stall.buyer.address, "mint", stall.buyer.address, PRICE)
    odd.send(stall.buyer.address, "approve", market.address, PRICE)
    ask = replace(stall.ask, asset=odd.address)
    odd.send(stall.buyer.address, "setCallback", market.address, market.data("trade", *stall.signed(ask)))
    assert stall.refusal(ask, stall.buyer).error == "ReentrancyGuardReentrantCall"


def test_a_sale_during_a_session_moves_no_prize(stall: Stall) -> None:
    """Who is paid was fixed at entry; the new owner enters the next Session in its own name."""
    world, terms = stall.estate.world, Terms()
    id = world.open(terms)
    entry = (id, agent(0), b"\x01" * 32, stall.seller.address)
    world.escrow.send(stall.seller.address, "enter", *entry, value=terms.fee)
    stall.take(stall.ask, stall.buyer, PRICE)
    assert world.escrow.call("entrantOf", id, 0).payee == stall.seller.address


def test_a_licence_lasts_as_long_as_was_paid_for_and_outlives_a_sale(stall: Stall) -> None:
    market, user = stall.estate.market, stall.estate.people[2]

    def until() -> int:
        return int(market.call("userExpires", stall.estate.agents.address, stall.agent, user.address, TERMS))

    assert until() == 0
    first = market.event(stall.take(stall.licence, user, PRICE), "Licensed")
    assert (first.licensee, first.terms, first.until) == (user.address, TERMS, until())
    assert until() == stall.estate.chain.next_time() - 1 + 100
    before = until()
    stall.take(stall.licence, user, PRICE)
    assert until() == before + 100
    assert stall.owed(stall.seller.address) == 2 * PRICE
    stall.take(replace(stall.ask, nonce=2), stall.buyer, PRICE)
    assert until() == before + 100
    refusal = stall.refusal(stall.licence, user, PRICE)
    assert refusal.error == "NotOwnedBy"  # the former owner licenses no more
    other = market.call("userExpires", stall.estate.agents.address, stall.agent, user.address, b"\x0d" * 32)
    assert other == 0


def test_a_licence_is_for_whom_it_names_and_what_its_owner_signed(stall: Stall) -> None:
    stranger = stall.estate.people[2]
    named = replace(stall.licence, licensee=stall.buyer.address)
    assert stall.refusal(named, stranger, PRICE).error == "NotTaker"
    assert stall.refusal(stall.licence, stranger, PRICE, signer=stranger).error == "OfferSignatureInvalid"
    assert stall.refusal(replace(stall.licence, expiry=1), stranger, PRICE).error == "OfferExpired"
    assert stall.refusal(stall.licence, stranger, 1).error == "WrongValue"
    assert stall.refusal(replace(stall.licence, asset=someone(5)), stranger).error == "AssetNotAllowed"


def test_offers_of_one_chain_are_worth_nothing_on_another(stall: Stall) -> None:
    digests = [stall.estate.market.call("saleDigest", astuple(stall.ask))]
    stall.estate.chain.rpc("anvil_setChainId", 1)
    try:
        digests.append(stall.estate.market.call("saleDigest", astuple(stall.ask)))
    finally:
        stall.estate.chain.rpc("anvil_setChainId", 31337)
    assert digests[0] != digests[1]


# pay per call


def voucher(stall: Stall, total: int, signer: Person | None = None) -> tuple[Any, ...]:
    values = (stall.buyer.address, stall.agent, ETH, total)
    return values, (signer or stall.buyer).sign(stall.estate.meter.call("voucherDigest", values))


def deposit(stall: Stall, amount: int) -> None:
    stall.estate.meter.send(stall.buyer.address, "deposit", stall.agent, ETH, amount, value=amount)


def test_any_number_of_calls_is_paid_by_the_newest_voucher(stall: Stall) -> None:
    meter = stall.estate.meter
    deposit(stall, 100)
    meter.send(someone(1), "redeem", *voucher(stall, 30))
    meter.send(someone(1), "redeem", *voucher(stall, 75))
    assert meter.call("balanceOf", stall.seller.address, ETH) == 75
    older = meter.refusal(someone(1), "redeem", *voucher(stall, 60))
    assert (older.error, older.values) == ("NothingNew", (60, 75))
    more = meter.refusal(someone(1), "redeem", *voucher(stall, 101))
    assert (more.error, more.values) == ("DepositTooSmall", (101, 100))
    forged = meter.refusal(someone(1), "redeem", *voucher(stall, 80, signer=stall.seller))
    assert (forged.error, forged.values) == ("VoucherSignatureInvalid", (stall.buyer.address.lower(),))


def test_the_rest_comes_back_after_a_day_and_old_vouchers_stay_worthless(stall: Stall) -> None:
    meter, caller = stall.estate.meter, stall.buyer.address
    deposit(stall, 100)
    assert meter.refusal(caller, "close", stall.agent, ETH).error == "NotClosing"
    meter.send(caller, "askToClose", stall.agent, ETH)
    closes = int(meter.call("accountOf", caller, stall.agent, ETH).closesAt)
    early = meter.refusal(caller, "close", stall.agent, ETH)
    assert (early.error, early.values) == ("StillOpen", (closes,))
    meter.send(someone(1), "redeem", *voucher(stall, 40))  # the owner still may
    stall.estate.chain.go_to(closes)
    meter.send(caller, "close", stall.agent, ETH)
    assert meter.call("balanceOf", caller, ETH) == 60
    assert meter.refusal(caller, "askToClose", stall.agent, ETH).error == "AmountZero"
    deposit(stall, 10)
    assert meter.refusal(someone(1), "redeem", *voucher(stall, 40)).error == "NothingNew"
    meter.send(someone(1), "redeem", *voucher(stall, 50))
    assert meter.call("balanceOf", stall.seller.address, ETH) == 50
    assert stall.estate.chain.balance(meter.address) == 50 + 60


def test_a_further_deposit_keeps_the_account_open(stall: Stall) -> None:
    deposit(stall, 100)
    stall.estate.meter.send(stall.buyer.address, "askToClose", stall.agent, ETH)
    deposit(stall, 1)
    assert stall.estate.meter.refusal(stall.buyer.address, "close", stall.agent, ETH).error == "NotClosing"


def test_deposits_are_for_agents_that_exist_in_money_that_is_allowed(stall: Stall) -> None:
    meter, caller = stall.estate.meter, stall.buyer.address
    assert meter.refusal(caller, "deposit", stall.agent, ETH, 0).error == "AmountZero"
    assert meter.refusal(caller, "deposit", stall.agent, someone(5), 1).error == "AssetNotAllowed"
    assert meter.refusal(caller, "deposit", 99, ETH, 1, value=1).error == "ERC721NonexistentToken"
    assert meter.refusal(caller, "deposit", stall.agent, ETH, 1, value=2).error == "WrongValue"
    assert stall.estate.chain.deploy_refusal(caller, "CallMeter", NOBODY, []).error == "ZeroAddress"


def test_a_voucher_pays_who_owns_the_agent_when_it_is_redeemed(stall: Stall) -> None:
    deposit(stall, ETHER)
    stall.take(stall.ask, stall.buyer, PRICE)
    assert stall.estate.meter.call("NOTICE") == DAY
    stall.estate.meter.send(someone(1), "redeem", *voucher(stall, ETHER))
    assert stall.estate.meter.call("balanceOf", stall.buyer.address, ETH) == ETHER
