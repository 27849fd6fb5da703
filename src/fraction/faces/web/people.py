"""Who asks: a browser that is signed in, a program with a key, the operator, or nobody in particular.

cookie  ──▶ browser session ─┐
bearer  ──▶ API key ─────────┼──▶ Principal: an account on chain, and what may be done for it
        └─▶ operator ────────┘
"""

from dataclasses import dataclass
from hmac import compare_digest

from fraction.app.ports import Clock
from fraction.app.sign_in import Signatures, Site, challenge, sign_in
from fraction.app.tokens import SCOPES, Door, Token, TokenKind
from fraction.base import Address, Digest, Rejected
from fraction.faces.web.platform_backend import EmbeddedAccounts

_GUEST = "guest-"
_GUEST_CHARACTERS = 10


class NotSignedIn(Rejected):
    """Nobody may do this without saying who it is."""


class NotAllowed(Rejected):
    """This is somebody else's, or the key has not the scope."""


@dataclass(frozen=True, slots=True)
class Principal:
    """Whoever asks."""

    account: Address | None = None
    """None for a visitor, and for the operator, who has none."""
    scopes: tuple[str, ...] = ()
    is_operator: bool = False
    """The operator's command line may act for every embedded account."""
    session: str = ""
    """The browser session's secret, where it is one."""

    def may(self, scope: str) -> Address:
        """Return for which account `scope` may be used.

        Raises:
            NotSignedIn: nobody is signed in.
            NotAllowed: the key has not that scope.
        """
        account = self.whoever()
        if scope not in self.scopes:
            raise NotAllowed(f"This key has not the scope {scope!r}; make one that has it on your page.")
        return account

    def whoever(self) -> Address:
        """Return whose account it is.

        Raises:
            NotSignedIn: nobody is signed in.
        """
        if self.account is None:
            raise NotSignedIn("Sign in, play as a guest, or send an API key: Authorization: Bearer KEY.")
        return self.account

    def may_for(self, owner: Address, scope: str) -> None:
        """Do nothing if `scope` may be used for what `owner` owns.

        Raises:
            NotSignedIn: nobody is signed in.
            NotAllowed: it is somebody else's.
        """
        if self.is_operator:
            return
        if self.may(scope) != owner:
            raise NotAllowed(f"That belongs to {owner}; sign in with that account.")


VISITOR = Principal()


@dataclass(frozen=True, slots=True)
class Viewer:
    """Whoever is signed in, as the pages greet it."""

    account: Address
    name: str
    is_guest: bool
    has_key_here: bool
    """Whether the platform keeps the account's key and can sign for it."""


class People:
    """Lets people in."""

    def __init__(
        self,
        door: Door,
        clock: Clock,
        accounts: EmbeddedAccounts,
        signatures: Signatures,
        chain_id: int,
        operator_secret: str,
    ) -> None:
        """Keep sessions and keys behind `door`; an empty `operator_secret` lets no operator in."""
        self._door = door
        self._clock = clock
        self._accounts = accounts
        self._signatures = signatures
        self._chain_id = chain_id
        self._operator_secret = operator_secret

    def principal(self, session: str, bearer: str) -> Principal:
        """Return who asks with that cookie and that bearer token; either may be empty.

        Raises:
            NotSignedIn: the bearer token is good for nothing.
        """
        if bearer:
            return self._program(bearer)
        token = self._door.admit(session, TokenKind.SESSION, self._clock.now()) if session else None
        return VISITOR if token is None else Principal(token.account, token.scopes, session=session)

    def _program(self, bearer: str) -> Principal:
        if self._operator_secret and compare_digest(bearer.encode(), self._operator_secret.encode()):
            return Principal(None, SCOPES, is_operator=True)
        token = self._door.admit(bearer, TokenKind.KEY, self._clock.now())
        if token is None:
            raise NotSignedIn("The API key is unknown or was dropped; make a new one on your page.")
        return Principal(token.account, token.scopes)

    def new_guest(self) -> str:
        """Make an embedded account for somebody without one; return the secret of its browser session."""
        name = f"{_GUEST}{self._door.secrets.new()[:_GUEST_CHARACTERS]}"
        return self._door.open_session(self._accounts.create(name), self._clock.now())

    def challenge(self, site: Site, address: str) -> str:
        """Return the message that the wallet of `address` is to sign."""
        return challenge(self._door, self._signatures, site, address, self._clock.now())

    def sign_in(self, site: Site, message: str, signature: str) -> str:
        """Return the secret of a browser session for whoever signed `message`; raise Rejected if it does not hold."""
        now = self._clock.now()
        return self._door.open_session(sign_in(self._door, self._signatures, site, message, signature, now), now)

    def site(self, origin_scheme: str, host: str) -> Site:
        """Return the site that a browser names by that scheme and host."""
        return Site(host, f"{origin_scheme}://{host}", self._chain_id)

    def leave(self, principal: Principal) -> None:
        """End the browser session that `principal` came with."""
        if principal.session:
            self._door.leave(principal.session)

    def leave_everywhere(self, principal: Principal) -> int:
        """End all browser sessions of the account; return how many."""
        return self._door.leave_everywhere(principal.may("account"))

    def make_key(self, principal: Principal, label: str, scopes: tuple[str, ...]) -> str:
        """Return the secret of a new API key; a key cannot make one that may do more than itself."""
        account = principal.may("account")
        for scope in scopes:
            if scope in SCOPES:
                principal.may(scope)
        return self._door.make_key(account, label, scopes, self._clock.now())

    def keys(self, principal: Principal) -> list[Token]:
        """Return the account's API keys."""
        return self._door.keys_of(principal.may("account"), self._clock.now())

    def drop_key(self, principal: Principal, digest: str) -> None:
        """Let one of the account's keys be good for nothing any more."""
        self._door.drop_key(principal.may("account"), Digest(digest))

    def viewer(self, principal: Principal) -> Viewer | None:
        """Return how pages greet whoever asks; None for visitors."""
        if principal.account is None:
            return None
        name = self.name_of(principal.account)
        return Viewer(principal.account, name or principal.account, (name or "").startswith(_GUEST), name is not None)

    def name_of(self, account: Address) -> str | None:
        """Return the embedded account's name; None for a wallet's."""
        return next((name for name, known in self._accounts.all().items() if known == account), None)

    def address_of(self, name: str) -> Address | None:
        """Return the address of the embedded account of that name."""
        return self._accounts.all().get(name)
