"""One account's transactions: each purpose is paid for once, whatever is killed in between.

    key ─▶ in the outbox? ─yes─▶ broadcast the kept bytes again ─┐
                 │no                                             ├─▶ wait until it is mined
                 └─▶ simulate ─▶ reserve nonce, sign, keep ─▶ broadcast

The bytes are durable before the chain sees them, so after a kill the same bytes go out again, and the chain takes
them once. A stalled transaction is replaced by one with the same nonce and a higher fee, of which the chain takes
one at most; the replacement's bytes follow from the kept ones (signing is deterministic), so they need no keeping.
"""

import time
from dataclasses import dataclass, replace
from threading import Lock, RLock

from fraction.adapters.ethereum.account import Account, Fees, Unsigned, content_of
from fraction.adapters.ethereum.refusals import refusal_of
from fraction.adapters.ethereum.rpc import JsonRpc, Receipt, RpcError
from fraction.adapters.ethereum.specs import ChainSpec
from fraction.app.ports import Clock, Outbox, SignedTransaction
from fraction.base import Address, Conflict, Unavailable

MAX_BUMPS = 8
"""Raises of the fee by a quarter: the last one pays six times the first offer."""

MAX_GAS = 2**24
"""Most gas a transaction may ask for (EIP-7825)."""

LOOK_SECONDS = 2.0
"""How often a busy account looks which of its transactions have become final."""

_FIRST_POLL_SECONDS = 0.004


@dataclass(frozen=True, slots=True)
class Call:
    """What a transaction is to do."""

    to: Address | None
    """None creates a contract."""
    payload: bytes
    value: int = 0
    contract: str = ""
    """The contract's name, so that its refusals can be read."""


class Finality:
    """Tells which blocks count as final; see `ChainSpec.confirmations` and `confirm_seconds`."""

    def __init__(self, rpc: JsonRpc, spec: ChainSpec, clock: Clock) -> None:
        self._rpc = rpc
        self._spec = spec
        self._clock = clock
        self._timestamps: dict[str, int] = {}

    def is_final(self, number: int, block_hash: str) -> bool:
        """Return whether the block is old and deep enough; the caller has just seen it on chain."""
        if self._spec.confirmations and self._rpc.head().number - number < self._spec.confirmations:
            return False
        return self._clock.now() - self._timestamp(number, block_hash) >= self._spec.confirm_seconds

    def _timestamp(self, number: int, block_hash: str) -> int:
        if block_hash not in self._timestamps:
            block = self._rpc.block(number)
            if block is None or block.hash != block_hash:
                return self._clock.now()  # gone just now: not final
            self._timestamps[block_hash] = block.timestamp
        return self._timestamps[block_hash]


class Sender:
    """Sends for one account of one chain; may be used from several threads."""

    def __init__(self, rpc: JsonRpc, spec: ChainSpec, account: Account, outbox: Outbox, clock: Clock) -> None:
        self._rpc = rpc
        self._spec = spec
        self._account = account
        self._outbox = outbox
        self._finality = Finality(rpc, spec, clock)
        kept_for = max(spec.confirm_seconds, spec.keep_seconds)
        self._safety = Finality(rpc, replace(spec, confirm_seconds=kept_for), clock)
        self._lane_name: str | None = None
        self._is_waiting = True
        self._looked = time.monotonic()
        self.lane = RLock()
        """Held from the choice of a nonce to its broadcast; hold it to keep several sends together."""

    @property
    def address(self) -> Address:
        """The account."""
        return self._account.address

    @property
    def account(self) -> Account:
        """The account, to sign what is not a transaction."""
        return self._account

    def send(self, key: str, call: Call) -> Receipt:
        """Return the receipt of the one transaction that serves `key`, sending it if need be.

        Raises:
            Rejected: the chain refuses it, for the reason given; the key may be tried again.
            Unavailable: the chain does not answer or does not mine; asking again goes on where this ended.
        """
        key = f"{self._lane()}:{key}"
        with self.lane:
            kept = self._kept(key)
            if kept is None:
                self._fill_gap()
                kept = self._sign(key, call)
                self._broadcast_first(kept)
        receipt = self._wait(kept)
        if not receipt.succeeded:
            raise self._reason(call)
        return receipt

    def receipt_of(self, key: str) -> Receipt | None:
        """Return what became of the transaction that serves `key`; None if none was sent or it is not mined."""
        kept = self._outbox.find(f"{self._lane()}:{key}")
        return self._receipt(kept) if kept is not None else None

    def resend_unconfirmed(self) -> int:
        """Broadcast again, by nonce, what the chain has not mined (or no longer has); return how many.

        To be called at start-up: a chain that was killed may come back shorter than it was.
        """
        resent = 0
        with self.lane:
            waiting = self._outbox.unconfirmed(self._lane())
            self._is_waiting = bool(waiting)
            self._looked = time.monotonic()
            mined = self._rpc.nonce(self.address) if waiting else 0
            for kept in waiting:
                if kept.nonce >= mined:
                    if self._spec.mines_on_demand and resent:
                        self._rpc.mine()  # the block between two transactions, which randomness waited for
                    self._broadcast(kept)
                    resent += 1
            self._confirm([kept for kept in waiting if kept.nonce < mined])
        return resent

    def _confirm(self, mined: list[SignedTransaction]) -> None:
        """Stop looking after what is safe, oldest first; what comes after one that is not cannot be either."""
        for kept in mined:
            receipt = self._receipt(kept)
            if receipt is None:
                continue  # another program used its nonce; who asks for its purpose again will be told
            if not self._safety.is_final(receipt.block_number, receipt.block_hash):
                return
            self._outbox.confirm(kept.key)

    def tend(self) -> None:
        """Look after what is not final yet, unless there is nothing or another thread is sending just now."""
        if self._is_waiting and self.lane.acquire(blocking=False):
            try:
                self.resend_unconfirmed()
            finally:
                self.lane.release()

    def _fill_gap(self) -> None:
        """Fill the gap that a shortened chain has left, before a later nonce is signed."""
        waiting = self._outbox.unconfirmed(self._lane())
        has_gap = bool(waiting) and self._rpc.nonce(self.address) <= waiting[-1].nonce
        if has_gap or time.monotonic() - self._looked > LOOK_SECONDS:
            self.resend_unconfirmed()

    def _lane(self) -> str:
        """Return the account's name in the outbox: another chain, even one with the same id, is another lane."""
        if self._lane_name is None:
            genesis = self._rpc.block(0)
            if genesis is None:
                raise Unavailable(f"The chain at {self._rpc.url} has no blocks yet; try again in a moment.")
            self._lane_name = f"{self._spec.chain_id}/{genesis.hash[2:18]}/{self._account.address}"
        return self._lane_name

    def _kept(self, key: str) -> SignedTransaction | None:
        """Return what serves `key` already, broadcast again if it is not mined; None if it must be signed."""
        kept = self._outbox.find(key)
        if kept is None:
            return None
        receipt = self._receipt(kept)
        if receipt is None:
            self.resend_unconfirmed()
            refusal = self._broadcast(kept)  # also if it was final once, and the chain lost it all the same
            if refusal is not None:  # it may be in some node's pool all the same, so it is not forgotten
                raise refusal_of(refusal) from refusal
            return kept
        if receipt.succeeded:
            return kept
        if not self._finality.is_final(receipt.block_number, receipt.block_hash):
            raise Unavailable("The first attempt was refused on chain; try again once that is final.")
        self._outbox.forget(key)
        return None

    def _sign(self, key: str, call: Call) -> SignedTransaction:
        content = self._content(call)
        return self._outbox.sign(
            key,
            self._lane(),
            self._rpc.nonce(self._account.address),
            lambda nonce: self._signed(key, replace(content, nonce=nonce)),
        )

    def _content(self, call: Call) -> Unsigned:
        """Return the transaction but for its nonce; raises what the chain would refuse it with."""
        try:
            gas = self._rpc.estimate(self._account.address, call.to, call.payload, call.value)
            tip = max(self._rpc.tip(), self._spec.min_tip)
        except RpcError as error:
            raise refusal_of(error, call.contract) from error
        # A quarter more than estimated: other transactions may come first and change what ours must do.
        limit = min(gas + gas // 4, max(gas, MAX_GAS))
        fees = Fees(maximum=2 * self._rpc.head().base_fee + tip, tip=tip)
        return Unsigned(self._spec.chain_id, 0, call.to, call.payload, call.value, limit, fees)

    def _signed(self, key: str, content: Unsigned) -> SignedTransaction:
        signed = self._account.sign(content)
        return SignedTransaction(key, self._lane(), content.nonce, signed.raw, signed.hash)

    def _bumped(self, kept: SignedTransaction, times: int) -> SignedTransaction:
        if times == 0:
            return kept
        content = content_of(kept.raw)
        return self._signed(kept.key, replace(content, fees=content.fees.raised(times)))

    def _broadcast(self, kept: SignedTransaction) -> RpcError | None:
        """Hand the bytes to the chain; return why it does not take them, None if it does or has them already."""
        self._is_waiting = True
        try:
            self._rpc.send_raw(kept.raw)
        except RpcError as error:
            return None if _is_known(error.message) else error
        return None

    def _broadcast_first(self, kept: SignedTransaction) -> None:
        refusal = self._broadcast(kept)
        if refusal is not None:  # it never was in any node's pool, so its nonce is free for the next attempt
            self._outbox.forget(kept.key)
            raise refusal_of(refusal) from refusal

    def _receipt(self, kept: SignedTransaction) -> Receipt | None:
        """Return the receipt of the transaction or of its replacement, if one is mined."""
        receipt = self._rpc.receipt(kept.hash)
        if receipt is not None or self._rpc.nonce(self._account.address) <= kept.nonce:
            return receipt
        # The nonce is used: by a replacement, or by the transaction itself between the two requests.
        found = (self._rpc.receipt(self._bumped(kept, times).hash) for times in range(MAX_BUMPS + 1))
        return next((receipt for receipt in found if receipt is not None), None)

    def _wait(self, kept: SignedTransaction) -> Receipt:
        """Return the receipt, replacing the transaction by one with a higher fee whenever it stalls."""
        started = time.monotonic()
        pause, bumps = _FIRST_POLL_SECONDS, 0
        while True:
            receipt = self._receipt(kept)
            if receipt is not None:
                return receipt
            waited = time.monotonic() - started
            if waited > self._spec.receipt_seconds:
                raise Unavailable(
                    f"Transaction {kept.hash} is not mined after {waited:.0f} seconds; asking again goes on with it."
                )
            if waited > (bumps + 1) * self._spec.bump_seconds and bumps < MAX_BUMPS:
                self._check_nonce(kept)
                bumps += 1
                self._broadcast(self._bumped(kept, bumps))
            time.sleep(pause)
            pause = min(2 * pause, self._spec.poll_seconds)

    def _check_nonce(self, kept: SignedTransaction) -> None:
        """Raise Conflict if another program used the transaction's nonce, so that it can never be mined."""
        final = max(0, self._rpc.head().number - self._spec.confirmations)
        used = self._rpc.nonce(self._account.address, hex(final)) > kept.nonce
        if not used or self._receipt(kept) is not None:
            return
        self._outbox.forget(kept.key)
        raise Conflict(
            f"Another program sent from {self._account.address} at the same time; use the account in one place "
            "only, and try again."
        )

    def _reason(self, call: Call) -> Exception:
        """Return why a mined transaction was reverted, as far as the chain still tells."""
        try:
            self._rpc.estimate(self._account.address, call.to, call.payload, call.value)
        except RpcError as error:
            return refusal_of(error, call.contract)
        return Conflict("The chain refused the transaction because another one came first; try again.")


class Lanes:
    """The senders of one process, looked after together: whoever polls the chain keeps all of them whole."""

    def __init__(self, seconds: float = 1.0) -> None:
        self._seconds = seconds
        self._senders: list[Sender] = []
        self._looked = time.monotonic()
        self._lock = Lock()

    def add(self, sender: Sender) -> None:
        """Look after one more; what an earlier one sent may be what a later one builds on, so order counts."""
        with self._lock:
            self._senders.append(sender)

    def tend(self) -> None:
        """Send again what the chain has lost; does nothing if that was done within the last second."""
        with self._lock:
            if time.monotonic() - self._looked < self._seconds:
                return
            self._looked = time.monotonic()
            senders = tuple(self._senders)
        for sender in senders:
            sender.tend()


def _is_known(message: str) -> bool:
    """Return whether a refusal to broadcast means that the chain has this nonce's transaction already."""
    known = ("already known", "already imported", "nonce too low", "underpriced", "already exists")
    return any(words in message.lower() for words in known)
