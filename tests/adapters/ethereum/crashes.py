"""Kills at chosen moments: an outbox and a node connection that die at their n-th use."""

from collections.abc import Callable
from typing import Any

from fraction.adapters.ethereum.rpc import JsonRpc
from fraction.app.ports import Outbox, SignedTransaction


class Killed(BaseException):
    """The process died here; no code under test may catch it."""


class Bomb:
    """Goes off at the `fuse`-th step, and not again."""

    def __init__(self, fuse: int) -> None:
        self._left = fuse

    @property
    def has_gone_off(self) -> bool:
        return self._left <= 0

    def step(self) -> None:
        self._left -= 1
        if self._left == 0:
            raise Killed


class KillingOutbox:
    """An outbox that dies before or after an operation has become durable."""

    def __init__(self, kept: Outbox, bomb: Bomb) -> None:
        self._kept = kept
        self._bomb = bomb

    def find(self, key: str) -> SignedTransaction | None:
        self._bomb.step()
        return self._kept.find(key)

    def sign(
        self, key: str, account: str, first_nonce: int, sign: Callable[[int], SignedTransaction]
    ) -> SignedTransaction:
        self._bomb.step()
        signed = self._kept.sign(key, account, first_nonce, sign)
        self._bomb.step()
        return signed

    def forget(self, key: str) -> None:
        self._bomb.step()
        self._kept.forget(key)
        self._bomb.step()

    def unconfirmed(self, account: str) -> tuple[SignedTransaction, ...]:
        self._bomb.step()
        return self._kept.unconfirmed(account)

    def confirm(self, key: str) -> None:
        self._bomb.step()
        self._kept.confirm(key)
        self._bomb.step()


class KillingRpc(JsonRpc):
    """A node connection that dies before a request is sent, or after it was and before the answer is used."""

    def __init__(self, url: str, bomb: Bomb) -> None:
        super().__init__(url)
        self._bomb = bomb

    def request(self, method: str, *params: object) -> Any:  # noqa: ANN401
        self._bomb.step()
        answer = super().request(method, *params)
        self._bomb.step()
        return answer
