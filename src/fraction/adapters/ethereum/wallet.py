"""An account's money, and the local chain's purse that fills it."""

from fraction.adapters.ethereum.contract import NOBODY, Chain, Token
from fraction.adapters.ethereum.sender import Call
from fraction.base import Address, Rejected, Wei
from fraction.spaces import Asset


class EthereumWallet:
    """One account on chain; a `Wallet`."""

    def __init__(self, chain: Chain) -> None:
        self._chain = chain
        self._usd = Token(chain, "TestUSD")
        self._frac = Token(chain, "FracToken")

    @property
    def address(self) -> Address:
        """The account."""
        return self._chain.sender.address

    def balance(self, asset: Asset) -> Wei:
        """Return what the account holds."""
        return self.balance_of(self.address, asset)

    def balance_of(self, account: Address, asset: Asset) -> Wei:
        """Return what another account holds."""
        if asset is Asset.ETH:
            return Wei(self._chain.rpc.balance(account))
        return Wei(self._usd.balance_of(account))

    def stake_balance(self) -> Wei:
        """Return the account's FRAC that is not staked."""
        return Wei(self._frac.balance_of(self.address))


class Faucet:
    """Fills accounts from the local chain's first account, which deployed the contracts and holds all FRAC."""

    def __init__(self, chain: Chain) -> None:
        if not chain.spec.mines_on_demand:
            raise Rejected(f"There is no faucet on the chain {chain.spec.name}; send the account money instead.")
        self._chain = chain
        self._usd = Token(chain, "TestUSD")
        self._frac = Token(chain, "FracToken")

    def fund(self, account: Address, *, eth: Wei, frac: Wei, usd: Wei, purpose: str = "start") -> None:
        """Give the account this much of each; the same `purpose` gives an account only once.

        Raises:
            Rejected: the account is nobody's.
            Unavailable: the chain does not answer; asking again gives only what is missing.
        """
        if account == NOBODY:
            raise Rejected("The zero address belongs to nobody; name an account.")
        key = f"fund/{purpose}/{account}"
        if eth:
            self._chain.sender.send(f"{key}/eth", Call(account, b"", eth))
        if frac:
            self._frac.send(f"{key}/frac", "transfer", account, frac)
        if usd:
            with self._chain.sender.lane:
                self._usd.send(f"{key}/usd-made", "faucet", usd)
                self._usd.send(f"{key}/usd", "transfer", account, usd)
