"""A passphrase for an embedded account: protect, unlock, export, come back from another browser, recover.

Pages only: a passphrase is typed by a person, and no API key may use one. Wrong secrets and unknown accounts get the
same answer after the same work.
"""

from fastapi import APIRouter, Depends, Request, Response
from starlette.responses import HTMLResponse, RedirectResponse

from fraction.app.custody import FEWEST_CHARACTERS, Hold
from fraction.base import NotFound, Rejected
from fraction.faces.web.callers import Caller, limited, remember
from fraction.faces.web.forms import SEE_OTHER, Fields
from fraction.faces.web.people import NotSignedIn, People, Principal
from fraction.faces.web.rates import ATTEMPTS, Rates
from fraction.faces.web.rendering import Renderer

CHANGING = [Depends(limited)]
PRIVATE = {"Cache-Control": "no-store"}


class CustodyPages:
    """Renders and does what concerns an embedded account's key."""

    def __init__(self, people: People, renderer: Renderer) -> None:
        """Serve `people`, written with `renderer`."""
        self._people = people
        self._render = renderer

    def routes(self) -> APIRouter:
        """Return the routes."""
        router = APIRouter(default_response_class=HTMLResponse, include_in_schema=False)
        router.add_api_route("/me/passphrase", self.show, methods=["GET"])
        router.add_api_route("/recover", self.recovery, methods=["GET"])
        for path, form in (
            ("/me/passphrase", self.protect),
            ("/me/unlock", self.unlock),
            ("/me/keystore", self.export),
            ("/sign-in/passphrase", self.sign_in),
            ("/recover", self.recover),
        ):
            router.add_api_route(path, form, methods=["POST"], dependencies=CHANGING)
        return router

    def show(self, caller: Caller) -> Response:
        """Return what can be done about the key of whoever asks."""
        return RedirectResponse("/sign-in", SEE_OTHER) if caller.account is None else self._page(caller)

    def protect(self, caller: Caller, fields: Fields) -> Response:
        """Seal the account's key under a passphrase, and show the recovery key once."""
        passphrase = fields.get("passphrase", "")
        if passphrase != fields.get("again", ""):
            raise Rejected("The two passphrases differ; write the same one twice.")
        return self._page(caller, self._people.custody.protect(self._name(caller), passphrase))

    def unlock(self, request: Request, caller: Caller, fields: Fields) -> Response:
        """Let the platform sign for the account for a while."""
        name = self._name(caller)
        _count(request, name)
        if not self._people.custody.unlock(name, fields.get("passphrase", "")):
            raise Rejected("That is not the passphrase of this account; try again, or use the recovery key.")
        return RedirectResponse("/me/passphrase", SEE_OTHER)

    def export(self, caller: Caller) -> Response:
        """Return the sealed key as a file that wallets read."""
        headers = {"Content-Disposition": 'attachment; filename="fraction-account.json"', **PRIVATE}
        keystore = self._people.custody.keystore(self._name(caller))
        return Response(keystore, media_type="application/json", headers=headers)

    def sign_in(self, request: Request, caller: Caller, fields: Fields) -> Response:
        """Let in whoever knows an account's passphrase."""
        account = fields.get("account", "").strip()
        _count(request, account.lower())
        name = self._people.embedded_name(account)
        if not self._people.custody.unlock(name, fields.get("passphrase", "")):
            raise NotSignedIn("No account of that name or address has that passphrase; check both.")
        return self._enter(request, caller, name)

    def recovery(self, caller: Caller) -> Response:
        """Return the form for people who lost their passphrase."""
        return self._render.page("recover.html", viewer=self._people.viewer(caller), fewest=FEWEST_CHARACTERS)

    def recover(self, request: Request, caller: Caller, fields: Fields) -> Response:
        """Seal an account anew for whoever has its recovery key; every browser is signed out, and this one in."""
        account = fields.get("account", "").strip()
        _count(request, account.lower())
        name = self._people.embedded_name(account)
        renewed = self._people.custody.recover(name, fields.get("recovery", ""), fields.get("passphrase", ""))
        if renewed is None:
            raise NotSignedIn("No account of that name or address has that recovery key; check both.")
        self._people.leave(caller)
        secret = self._people.enter(name, alone=True)
        answer = self._page(self._people.principal(secret, ""), renewed)
        remember(answer, request, secret)
        return answer

    def _enter(self, request: Request, caller: Principal, name: str) -> Response:
        self._people.leave(caller)
        answer = RedirectResponse("/me", SEE_OTHER)
        remember(answer, request, self._people.enter(name))
        return answer

    def _name(self, caller: Principal) -> str:
        name = self._people.name_of(caller.may("account"))
        if name is None or not caller.session:
            raise NotFound("The platform keeps no key of this account: your own wallet does.")
        return name

    def _page(self, caller: Principal, recovery: str = "") -> Response:
        name = self._name(caller)
        page = self._render.page(
            "custody.html",
            section="/me",
            viewer=self._people.viewer(caller),
            account=caller.whoever(),
            name=name,
            hold=self._people.custody.hold(name).value,
            is_open=self._people.custody.hold(name) is Hold.OPEN,
            recovery=recovery,
            fewest=FEWEST_CHARACTERS,
        )
        page.headers.update(PRIVATE)
        return page


def _count(request: Request, account: str) -> None:
    """Count an attempt at an account's secrets, whoever makes it."""
    rates = request.app.state.rates
    assert isinstance(rates, Rates)  # noqa: S101  (set when the application is made)
    rates.take(f"attempts {account:.100}", ATTEMPTS)
