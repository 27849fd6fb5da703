"""Agents sold, licensed, paid by the call and acting inside limits, through the ports."""

import json
import time
from dataclasses import replace

import pytest

from fraction.adapters.ethereum import Connection
from fraction.adapters.ethereum.agents import encoded_call
from fraction.app.offers import SignedOffer, offer_document, parse_offer
from fraction.app.property import ETH, Licence, Policy, Rule, Sale, Side, Voucher
from fraction.base import Address, AgentId, Digest, Instant, NotFound, Rejected, Wei, digest_of
from tests.adapters.ethereum.cast import Cast

pytestmark = pytest.mark.chain

LATER = Instant(2**40)
TERMS = Digest("0c" * 32)


def owned(owner: Connection, name: str, royalty_bps: int = 500) -> int:
    creator = Address("0x" + "22" * 20)
    return owner.agents().register("ipfs://a", AgentId(digest_of(name)), creator, royalty_bps)


def ask(seller: Connection, agent: int, price: int, asset: Address = ETH, nonce: int = 1) -> Sale:
    return Sale(
        side=Side.ASK,
        agent=agent,
        maker=seller.wallet.address,
        asset=asset,
        price=Wei(price),
        max_royalty=Wei(price // 20),
        nonce=nonce,
        expiry=LATER,
    )


def test_an_agent_is_registered_once_and_knows_who_it_is(cast: Cast) -> None:
    owner = cast.entrants[0]
    number = owned(owner, "once")
    assert owned(owner, "once") == number
    agent = owner.agents().agent(number)
    assert (agent.owner, agent.platform_id) == (owner.wallet.address, digest_of("once"))
    assert (agent.uri, agent.royalty_bps, agent.transfers) == ("ipfs://a", 500, 0)
    with pytest.raises(NotFound, match="no agent number 999"):
        owner.agents().agent(999)


def test_an_ask_travels_as_a_document_and_is_taken(cast: Cast) -> None:
    seller, buyer = cast.entrants[:2]
    agent = owned(seller, "sold")
    sale = ask(seller, agent, 10_000)
    signature = seller.market().sign_sale(sale)
    document = json.dumps(offer_document(SignedOffer(31337, sale, signature)))
    read = parse_offer(document)
    assert read == SignedOffer(31337, sale, signature)
    with pytest.raises(Rejected, match="OfferSignatureInvalid"):
        buyer.market().trade(replace(sale, price=Wei(1), max_royalty=Wei(0)), signature)
    buyer.market().trade(sale, signature)
    buyer.market().trade(sale, signature)  # the same purpose is paid for once
    assert buyer.agents().agent(agent).owner == buyer.wallet.address
    assert seller.market().withdraw(ETH) == 9_500
    assert seller.market().withdraw(ETH) == 0
    with pytest.raises(Rejected, match="Only 0x"):
        buyer.market().sign_sale(sale)


def test_a_bid_in_dollars_is_taken_by_the_owner(cast: Cast) -> None:
    owner, bidder = cast.entrants[2:4]
    agent = owned(owner, "wanted")
    usd = owner.chain.deployment.address("TestUSD")
    bid = replace(ask(bidder, agent, 2_000_000, usd), side=Side.BID)
    signature = bidder.market().sign_sale(bid)
    owner.market().trade(bid, signature)
    assert owner.agents().agent(agent).owner == bidder.wallet.address
    assert owner.market().owed(usd) == 1_900_000


def test_a_cancelled_offer_cannot_be_taken(cast: Cast) -> None:
    seller, buyer = cast.entrants[:2]
    sale = ask(seller, owned(seller, "kept"), 5, nonce=77)
    signature = seller.market().sign_sale(sale)
    seller.market().cancel(77)
    with pytest.raises(Rejected, match="OfferUsed"):
        buyer.market().trade(sale, signature)


@pytest.mark.parametrize("asset", ["ETH", "USD"])
def test_a_licence_is_bought_and_prolonged(cast: Cast, asset: str) -> None:
    owner, user = cast.entrants[:2]
    agent = owned(owner, f"licensed for {asset}")
    licence = Licence(
        agent=agent,
        licensor=owner.wallet.address,
        asset=ETH if asset == "ETH" else owner.chain.deployment.address("TestUSD"),
        price=Wei(100),
        seconds=60,
        terms=TERMS,
        nonce=5,
        expiry=LATER,
    )
    signature = owner.market().sign_licence(licence)
    assert parse_offer(json.dumps(offer_document(SignedOffer(1, licence, signature)))).offer == licence
    first = user.market().license(licence, signature)
    assert user.market().license(licence, signature) == first + 60
    assert owner.market().licensed_until(agent, user.wallet.address, Digest("0d" * 32)) == 0


def test_calls_are_paid_by_voucher(cast: Cast) -> None:
    owner, caller = cast.entrants[4:6]
    agent = owned(owner, "hired")
    caller.call_meter().deposit(agent, ETH, Wei(100), "first")
    caller.call_meter().deposit(agent, ETH, Wei(100), "first")
    voucher = Voucher(caller.wallet.address, agent, ETH, Wei(30))
    signature = caller.call_meter().sign(voucher)
    assert parse_offer(json.dumps(offer_document(SignedOffer(1, voucher, signature)))).offer == voucher
    assert owner.call_meter().redeem(voucher, signature) == 30
    assert owner.call_meter().left(caller.wallet.address, agent, ETH) == 70
    dearer = replace(voucher, total=Wei(60))
    with pytest.raises(Rejected, match="VoucherSignatureInvalid"):
        owner.call_meter().redeem(dearer, signature)
    usd = owner.chain.deployment.address("TestUSD")
    caller.call_meter().deposit(agent, usd, Wei(7), "dollars")
    assert owner.call_meter().left(caller.wallet.address, agent, usd) == 7


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"kind": "sale", "chain_id": 1, "offer": [], "signature": ""}'])
def test_what_is_no_offer_is_refused(text: str) -> None:
    with pytest.raises(Rejected):
        parse_offer(text)


def test_an_agent_acts_inside_its_owners_policy_and_not_outside(cast: Cast) -> None:
    """The market itself is the protocol: the agent may put dollars aside for calls of one other agent, and little."""
    owner, operator = cast.entrants[6:8]
    agent = owned(owner, "acting")
    accounts, usd = owner.agent_accounts(), owner.chain.deployment.address("TestUSD")
    account = accounts.create(agent)
    assert accounts.create(agent) == account == owner.agents().agent(agent).account
    meter = owner.chain.deployment.address("CallMeter")
    rule = Rule(meter, "deposit(uint256,address,uint128)", usd, Wei(10), 0)
    expiry = Instant(time.time_ns() // 10**9 + 10**7)
    policy = Policy(operator.wallet.address, (rule,), 1, expiry, 0)
    signature = accounts.sign(agent, policy)
    cast.platform.faucet().fund(account, eth=Wei(0), frac=Wei(0), usd=Wei(100), purpose="acting")
    acting = operator.agent_accounts()

    def deposit(key: str, amount: int) -> Wei:
        call = encoded_call("CallMeter", "deposit", agent, usd, amount)
        return acting.act(key, agent, policy, signature, 0, Wei(amount), call)

    assert deposit("first", 6) == deposit("first", 6) == 6
    assert acting.left_today(agent, policy, 0) == 4
    with pytest.raises(Rejected, match="leaves 4 for today"):
        deposit("second", 5)
    with pytest.raises(Rejected, match="not the key"):
        accounts.act("own", agent, policy, signature, 0, Wei(1), b"")
    accounts.revoke(agent, 1)
    with pytest.raises(Rejected, match="revoked"):
        deposit("third", 1)
