"""An agent acts at another protocol (a test swap) inside its owner's policy, and is stopped outside of it."""

from dataclasses import dataclass, replace
from typing import Any

import pytest

from tests.contracts.chain import Deployed, Refusal
from tests.contracts.estate import DAY, NOBODY, Estate, Person
from tests.contracts.world import ETH, ETHER, someone

pytestmark = pytest.mark.chain

PRICE = 10**12
"""Wei of ETH for a millionth of a test dollar."""
LIMIT = 100


@dataclass(frozen=True)
class Scene:
    """An agent with an account that holds money, and a swap where it may trade a little."""

    estate: Estate
    owner: Person
    operator: Person
    agent: int
    account: Deployed
    swap: Deployed
    rules: tuple[tuple[Any, ...], ...]
    nonce: int = 1
    lasts: int = 30 * DAY
    transfers: int = 0
    signer: Person | None = None

    def policy(self) -> tuple[Any, ...]:
        start = int(self.estate.emissions.call("start"))
        return (self.operator.address, [*self.rules], self.nonce, start + self.lasts, self.transfers)

    def signed(self) -> tuple[Any, ...]:
        policy = self.policy()
        return policy, (self.signer or self.owner).sign(self.account.call("digestOf", policy))

    def sell(self, amount: int, to: str = "", rule: int = 0, named: int | None = None) -> tuple[Any, ...]:
        """Return what `act` takes to sell test dollars for ETH."""
        payload = self.swap.data("sell", amount, to or self.account.address)
        return (*self.signed(), rule, amount if named is None else named, payload)

    def buy(self, wei: int) -> tuple[Any, ...]:
        """Return what `act` takes to buy test dollars for ETH."""
        return (*self.signed(), 1, wei, self.swap.data("buy", self.account.address))

    def act(self, call: tuple[Any, ...]) -> dict[str, Any]:
        return self.account.send(self.operator.address, "act", *call)

    def refusal(self, call: tuple[Any, ...], caller: str = "") -> Refusal:
        return self.account.refusal(caller or self.operator.address, "act", *call)


@pytest.fixture
def scene(estate: Estate) -> Scene:
    owner, operator = estate.people[:2]
    usd = estate.world.usd
    agent = estate.agent_of(owner)
    estate.accounts.send(someone(1), "create", agent)
    account = estate.chain.at("AgentAccount", estate.accounts.call("accountOf", agent))
    swap = estate.chain.deploy(owner.address, "TestSwap", usd.address, PRICE)
    for holder in (account, swap):
        usd.send(owner.address, "faucet", 10_000)
        usd.send(owner.address, "transfer", holder.address, 10_000)
        estate.chain.send(owner.address, account.address, "0x", ETHER)
    estate.chain.rpc("anvil_setBalance", swap.address, hex(ETHER))
    selling = (swap.address, selector(swap, "sell"), usd.address, LIMIT, 2)
    buying = (swap.address, selector(swap, "buy"), ETH, LIMIT * PRICE, 1)
    return Scene(estate, owner, operator, agent, account, swap, (selling, buying))


def selector(contract: Deployed, function: str) -> bytes:
    args = {"sell": (0, NOBODY), "buy": (NOBODY,), "approve": (NOBODY, 0)}[function]
    return bytes.fromhex(contract.data(function, *args)[2:10])


def test_inside_its_limits_the_agent_trades_on_its_own(scene: Scene) -> None:
    usd, account = scene.estate.world.usd, scene.account
    ether = scene.estate.chain.balance(account.address)
    event = account.event(scene.act(scene.sell(60)), "Acted")
    assert (event.rule, event.asset, event.spent) == (0, usd.address, 60)
    assert usd.call("balanceOf", account.address) == 10_000 - 60
    assert scene.estate.chain.balance(account.address) == ether + 60 * PRICE
    scene.act(scene.buy(50 * PRICE))
    assert usd.call("balanceOf", account.address) == 10_000 - 60 + 50
    assert usd.call("allowance", account.address, scene.swap.address) == 0


def test_a_day_has_a_limit_and_the_next_day_a_new_one(scene: Scene) -> None:
    scene.act(scene.sell(60))
    assert scene.account.call("leftToday", scene.policy(), 0) == 40
    refusal = scene.refusal(scene.sell(41))
    assert (refusal.error, refusal.values) == ("OverDailyLimit", (41, 40))
    scene.act(scene.sell(40))
    assert scene.refusal(scene.sell(1)).error == "OverDailyLimit"
    scene.act(scene.buy(LIMIT * PRICE))  # the other rule has its own limit
    scene.estate.chain.go_to((scene.estate.chain.next_time() // DAY + 1) * DAY)
    scene.act(scene.sell(100))


def test_outside_of_its_policy_the_agent_can_do_nothing(scene: Scene) -> None:
    usd, swap = scene.estate.world.usd, scene.swap
    transfer = (*scene.signed(), 0, 10, usd.data("transfer", scene.operator.address, 10))
    assert scene.refusal(transfer).error == "WrongSelector"
    greedy = (*scene.signed(), 0, 10, swap.data("setGreedy", True))
    assert scene.refusal(greedy).error == "WrongSelector"
    assert scene.refusal((*scene.signed(), 0, 10, "0x0102")).error == "WrongSelector"
    assert scene.refusal((*scene.signed(), 2, 10, "0x")).error == "NoSuchRule"
    assert scene.account.refusal(NOBODY, "leftToday", scene.policy(), 2).error == "NoSuchRule"
    to_itself = scene.refusal(scene.sell(10, to=scene.operator.address))
    assert (to_itself.error, to_itself.values) == ("BeneficiaryNotSelf", (2,))
    short = (*scene.signed(), 0, 10, swap.data("sell", 1, NOBODY)[:74])
    assert scene.refusal(short).error == "BeneficiaryNotSelf"
    for function, args in (("call", (usd.address, 0, b"")), ("revoke", (1,))):
        refusal = scene.account.refusal(scene.operator.address, function, *args)
        assert (refusal.error, refusal.values) == ("NotOwner", (scene.operator.address.lower(),))


def test_a_protocol_that_takes_more_than_it_said_gets_nothing(scene: Scene) -> None:
    scene.swap.send(scene.owner.address, "setGreedy", True)
    scene.act(scene.sell(5, named=10))  # it took all that was lent, which is counted
    assert scene.account.call("leftToday", scene.policy(), 0) == LIMIT - 10
    usd = scene.estate.world.usd
    everything = (usd.address, bytes.fromhex(usd.data("transfer", NOBODY, 0)[2:10]), usd.address, LIMIT, 0)
    loose = replace(scene, rules=(everything,))
    payload = usd.data("transfer", scene.operator.address, 11)
    refusal = loose.refusal((*loose.signed(), 0, 10, payload))
    assert (refusal.error, refusal.values) == ("SpentTooMuch", (11, 10))


def test_no_policy_can_give_allowances(scene: Scene) -> None:
    usd = scene.estate.world.usd
    increase = scene.estate.chain.w3.keccak(text="increaseAllowance(address,uint256)")[:4]
    for forbidden in (selector(usd, "approve"), bytes.fromhex("a22cb465"), bytes(increase)):
        loose = replace(scene, rules=((usd.address, forbidden, usd.address, LIMIT, 0),))
        refusal = loose.refusal((*loose.signed(), 0, 1, "0x" + (forbidden + bytes(64)).hex()))
        assert (refusal.error, refusal.values) == ("AllowanceForbidden", (forbidden,))


def test_revoking_works_at_once(scene: Scene) -> None:
    scene.act(scene.sell(1))
    scene.account.send(scene.owner.address, "revoke", 1)
    refusal = scene.refusal(scene.sell(1))
    assert (refusal.error, refusal.values) == ("PolicyRevoked", (1,))
    scene.act(replace(scene, nonce=2).sell(1))  # what else the owner signed still counts


def test_a_policy_ends_with_its_time_and_with_the_sale_of_the_agent(scene: Scene) -> None:
    agents, buyer = scene.estate.agents, scene.estate.people[2]
    agents.send(scene.owner.address, "transferFrom", scene.owner.address, buyer.address, scene.agent)
    assert scene.account.call("owner") == buyer.address
    assert scene.refusal(scene.sell(1)).error == "PolicyOfFormerOwner"
    agents.send(buyer.address, "transferFrom", buyer.address, scene.owner.address, scene.agent)
    assert scene.refusal(scene.sell(1)).error == "PolicyOfFormerOwner"  # not even if the agent comes back
    renewed = replace(scene, transfers=2)
    renewed.act(renewed.sell(1))
    expiry = renewed.policy()[3]
    scene.estate.chain.go_to(expiry)
    scene.estate.chain.mine()
    refusal = renewed.refusal(renewed.sell(1))
    assert (refusal.error, refusal.values) == ("PolicyExpired", (expiry,))


def test_only_the_owner_signs_and_only_the_operator_acts(scene: Scene) -> None:
    stranger = scene.estate.people[3]
    forged = replace(scene, signer=scene.operator)
    assert forged.refusal(forged.sell(1)).error == "PolicySignatureInvalid"
    assert scene.refusal(scene.sell(1), caller=stranger.address).error == "NotOperator"
    widened = replace(scene, rules=((*scene.rules[0][:3], LIMIT * 2, 2),))
    call = (widened.policy(), scene.signed()[1], *scene.sell(1)[2:])
    assert scene.refusal(call).error == "PolicySignatureInvalid"


def test_a_policy_binds_one_account_and_one_chain(scene: Scene) -> None:
    estate = scene.estate
    other = estate.agent_of(scene.owner)
    estate.accounts.send(scene.owner.address, "create", other)
    elsewhere = replace(scene, account=estate.chain.at("AgentAccount", estate.accounts.call("accountOf", other)))
    assert elsewhere.refusal(scene.sell(1)).error == "PolicySignatureInvalid"
    digest = scene.account.call("digestOf", scene.policy())
    estate.chain.rpc("anvil_setChainId", 1)
    try:
        assert scene.account.call("digestOf", scene.policy()) != digest
    finally:
        estate.chain.rpc("anvil_setChainId", 31337)


def test_the_owner_does_anything_and_failures_keep_their_reason(scene: Scene) -> None:
    usd, account, owner = scene.estate.world.usd, scene.account, scene.owner.address
    account.send(owner, "call", usd.address, 0, usd.data("transfer", owner, 10_000))
    assert usd.call("balanceOf", account.address) == 0
    account.send(owner, "call", someone(9), ETHER, b"")
    assert scene.estate.chain.balance(someone(9)) == ETHER
    failed = account.refusal(owner, "call", usd.address, 0, usd.data("transfer", owner, 1))
    assert failed.error == "ERC20InsufficientBalance"
    empty = account.refusal(owner, "call", someone(9), 0, b"\x01\x02\x03\x04")
    assert empty.error == "AddressEmptyCode"


def test_an_account_is_made_once_where_it_was_foretold(scene: Scene) -> None:
    accounts = scene.estate.accounts
    assert scene.account.call("agentId") == scene.agent
    assert accounts.refusal(someone(1), "create", 99).error == "ERC721NonexistentToken"
    assert accounts.refusal(someone(1), "create", scene.agent).error == "AlreadyCreated"
    assert scene.estate.chain.deploy_refusal(someone(1), "AgentAccounts", NOBODY).error == "ZeroAddress"
