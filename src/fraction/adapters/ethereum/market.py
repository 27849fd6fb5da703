"""Signed offers, licences and vouchers, as one account makes and takes them."""

from fraction.adapters.ethereum.contract import NOBODY, Chain, Contract, Token, topic_of
from fraction.adapters.ethereum.deployment import Deployment
from fraction.adapters.ethereum.typed_data import LICENCE, SALE, VOUCHER, Domain, sign_struct
from fraction.app.property import Licence, Sale, Side, Voucher
from fraction.base import Address, Digest, Instant, Rejected, Wei


class EthereumMarket:
    """The market; a `Market`."""

    def __init__(self, chain: Chain) -> None:
        self._chain = chain
        self._market = Contract(chain, "AgentMarket")
        self._agents = Contract(chain, "AgentRegistry")
        self._domain = Domain("Fraction Market", chain.spec.chain_id, self._market.address)

    def sign_sale(self, sale: Sale) -> bytes:
        """Return this account's signature under an offer it makes; lets the market move the agent or the money."""
        self._must_be_own(sale.maker)
        if sale.side is Side.ASK:
            self._let_market_move_agents()
        else:
            _allow(self._chain, sale.asset, self._market.address, sale.price, f"bid/{sale.nonce}")
        return sign_struct(self._chain.sender.account, self._domain, SALE, self._sale(sale))

    def sign_licence(self, licence: Licence) -> bytes:
        """Return this account's signature under a licence it offers."""
        self._must_be_own(licence.licensor)
        return sign_struct(self._chain.sender.account, self._domain, LICENCE, self._licence(licence))

    def trade(self, sale: Sale, signature: bytes) -> None:
        """Take an offer: pay for the agent, or hand it over."""
        purpose = f"trade/{signature.hex()[:40]}"
        value = 0
        if sale.side is Side.BID:
            self._let_market_move_agents()
        elif sale.asset == NOBODY:
            value = sale.price
        else:
            _allow(self._chain, sale.asset, self._market.address, sale.price, purpose)
        self._market.send(purpose, "trade", self._sale(sale), signature, value=value)

    def license(self, licence: Licence, signature: bytes) -> Instant:
        """Buy a licence; return until when it lasts."""
        own = self._chain.sender.address
        bought = self._market.happenings(
            "Licensed", topic_of(self._agents.address), topic_of(licence.agent), topic_of(own)
        )
        purpose = f"license/{signature.hex()[:40]}/{len(bought)}"
        if licence.asset != NOBODY:
            _allow(self._chain, licence.asset, self._market.address, licence.price, purpose)
        value = licence.price if licence.asset == NOBODY else 0
        self._market.send(purpose, "license", self._licence(licence), signature, value=value)
        return self.licensed_until(licence.agent, own, licence.terms)

    def cancel(self, nonce: int) -> None:
        """Make this account's offers with the nonce worthless."""
        self._market.send(f"cancel/{nonce}", "cancel", [nonce])

    def licensed_until(self, agent: int, user: Address, terms: Digest) -> Instant:
        """Return until when `user` may use the agent; 0 if never."""
        arguments = (self._agents.address, agent, user, bytes.fromhex(terms))
        return Instant(self._market.read_integer("userExpires", *arguments))

    def owed(self, asset: Address) -> Wei:
        """Return what the market owes this account."""
        return Wei(self._market.read_integer("balanceOf", self._chain.sender.address, asset))

    def withdraw(self, asset: Address) -> Wei:
        """Fetch what the market owes this account; return how much it was."""
        own, amount = self._chain.sender.address, self.owed(asset)
        if amount:
            times = len(self._market.happenings("Withdrawn", topic_of(own), topic_of(asset)))
            self._market.send(f"withdraw/{asset}/{times}", "withdraw", asset, own)
        return amount

    def _must_be_own(self, maker: Address) -> None:
        if maker != self._chain.sender.address:
            raise Rejected(f"Only {maker} can sign this offer; open its wallet.")

    def _let_market_move_agents(self) -> None:
        own = self._chain.sender.address
        if not self._agents.read("isApprovedForAll", own, self._market.address).flag("0"):
            times = len(self._agents.happenings("ApprovalForAll", topic_of(own), topic_of(self._market.address)))
            self._agents.send(f"approve-market/{times}", "setApprovalForAll", self._market.address, True)

    def _sale(self, sale: Sale) -> tuple[object, ...]:
        """Return a sale as the contract takes it."""
        parties = (sale.maker, sale.taker, sale.asset)
        terms = (sale.price, sale.max_royalty, sale.nonce, sale.expiry)
        return sale.side.value, self._agents.address, sale.agent, *parties, *terms

    def _licence(self, licence: Licence) -> tuple[object, ...]:
        """Return a licence as the contract takes it."""
        parties = (licence.licensor, licence.licensee, licence.asset)
        terms = (licence.price, licence.seconds, bytes.fromhex(licence.terms), licence.nonce, licence.expiry)
        return self._agents.address, licence.agent, *parties, *terms


class EthereumCallMeter:
    """Payment by the call; a `CallMeter`."""

    def __init__(self, chain: Chain) -> None:
        self._chain = chain
        self._meter = Contract(chain, "CallMeter")

    def deposit(self, agent: int, asset: Address, amount: Wei, purpose: str) -> None:
        """Put money aside for calls of an agent; one `purpose` is paid once."""
        if asset != NOBODY:
            _allow(self._chain, asset, self._meter.address, amount, f"calls/{purpose}")
        value = amount if asset == NOBODY else 0
        self._meter.send(f"deposit/{purpose}", "deposit", agent, asset, amount, value=value)

    def sign(self, voucher: Voucher) -> bytes:
        """Return this account's signature under a voucher."""
        domain = Domain("Fraction Calls", self._chain.spec.chain_id, self._meter.address)
        return sign_struct(self._chain.sender.account, domain, VOUCHER, _packed(voucher))

    def redeem(self, voucher: Voucher, signature: bytes) -> Wei:
        """Credit the agent's owner; return how much the voucher added."""
        key = f"redeem/{voucher.caller}/{voucher.agent}/{voucher.asset}/{voucher.total}"
        receipt = self._meter.send(key, "redeem", _packed(voucher), signature)
        return Wei(sum(event.integer("amount") for event in self._meter.events_in(receipt, "Redeemed")))

    def left(self, caller: Address, agent: int, asset: Address) -> Wei:
        """Return what a caller has put aside and nobody redeemed."""
        account = self._meter.read("accountOf", caller, agent, asset).record("0")
        return Wei(account.integer("deposited") - account.integer("redeemed"))


def _packed(voucher: Voucher) -> tuple[object, ...]:
    return voucher.caller, voucher.agent, voucher.asset, voucher.total


def _allow(chain: Chain, asset: Address, spender: Address, amount: Wei, purpose: str) -> None:
    """Let `spender` take `amount` of a token from this account, if it may not yet."""
    own = chain.deployment
    named = Deployment(own.chain_id, own.genesis, own.block, {**own.addresses, "TestUSD": asset})
    Token(chain.of(named), "TestUSD").allow(spender, amount, purpose)
