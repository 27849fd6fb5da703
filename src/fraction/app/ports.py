"""What the verbs need from the world; each port has a real adapter, most also one in memory.

Chains, model servers and sandboxes have ports of their own: `fraction.app.chain`,
`fraction.app.generation`, `fraction.app.sandboxing`.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from fraction.agents import Agent
from fraction.base import AgentId, Digest, Instant, JsonObject, SessionId
from fraction.sessions import Event


class Clock(Protocol):
    """Tells the time."""

    def now(self) -> Instant:
        """Return the present, in whole seconds."""
        ...


class BlobReader(Protocol):
    """Finds blobs by the SHA-256 of their bytes."""

    def fetch(self, digest: Digest) -> bytes:
        """Return the bytes, which have been checked against `digest`.

        Raises:
            NotFound: nobody who was asked has them.
        """
        ...


class Blobs(BlobReader, Protocol):
    """Keeps blobs."""

    def keep(self, payload: bytes) -> Digest:
        """Keep `payload`, durable before it returns; return its name."""
        ...


class SessionLogs(Protocol):
    """Keeps the logs of Sessions; an append is all or nothing."""

    def read(self, session: SessionId) -> tuple[Event, ...]:
        """Return the log.

        Raises:
            NotFound: there is no such Session.
        """
        ...

    def append(self, session: SessionId, length: int, events: Sequence[Event]) -> None:
        """Append `events` to a log that has `length` entries; a new log has none.

        Raises:
            Conflict: the log has another length; somebody else appended first.
        """
        ...

    def sessions(self) -> tuple[SessionId, ...]:
        """Return all Sessions that have a log, oldest first."""
        ...


class Agents(Protocol):
    """Keeps agents; every prompt version is kept for ever."""

    def get(self, agent: AgentId) -> Agent:
        """Return the agent; raise NotFound if there is none."""
        ...

    def keep(self, agent: Agent) -> None:
        """Keep `agent` in place of what was known of it.

        Raises:
            Conflict: a prompt version would be lost; somebody else refined the agent meanwhile.
        """
        ...

    def all(self) -> tuple[Agent, ...]:
        """Return every agent, oldest first."""
        ...


class Records(Protocol):
    """Keeps small JSON documents by kind and name: published Spaces, training jobs, settings."""

    def get(self, kind: str, name: str) -> JsonObject:
        """Return the document; raise NotFound if there is none."""
        ...

    def keep(self, kind: str, name: str, document: JsonObject) -> None:
        """Keep `document` in place of what was there."""
        ...

    def names(self, kind: str) -> tuple[str, ...]:
        """Return the names of all documents of a kind, oldest first."""
        ...


@dataclass(frozen=True, slots=True)
class Progress:
    """What one step of a durable job came to."""

    done: bool
    wait_seconds: float
    """How long to wait before the next step; 0 to go on at once."""


class Engine(Protocol):
    """Runs jobs step by step until they are done, across kills and restarts.

    A step loads its state, does one thing, and keeps what it did; it may be repeated after a kill, so
    whatever it does outside carries a key that makes a repetition harmless.
    """

    def register(self, kind: str, step: Callable[[str], Progress]) -> None:
        """Say how jobs of a kind advance; `step` is given the job's name."""
        ...

    def launch(self) -> None:
        """Begin to work; unfinished jobs of an earlier process go on."""
        ...

    def start(self, kind: str, name: str) -> None:
        """Start the job; a job of that kind and name that exists already goes on unchanged."""
        ...

    def pending(self) -> tuple[tuple[str, str], ...]:
        """Return kind and name of every job that is not done."""
        ...

    def close(self) -> None:
        """Stop working; what is unfinished stays so."""
        ...


@dataclass(frozen=True, slots=True)
class SignedTransaction:
    """A transaction that can be broadcast again and again to the same effect."""

    key: str
    """What it is for; one key is paid for once."""
    account: str
    nonce: int
    raw: str
    """The signed bytes in hex, with 0x."""
    hash: str


class Outbox(Protocol):
    """Keeps transactions before they are broadcast, so that a kill can neither lose nor repeat one."""

    def find(self, key: str) -> SignedTransaction | None:
        """Return what was signed under `key`, if anything was."""
        ...

    def sign(
        self, key: str, account: str, first_nonce: int, sign: Callable[[int], SignedTransaction]
    ) -> SignedTransaction:
        """Reserve the account's lowest free nonce from `first_nonce` on, sign and keep, all in one transaction.

        If `key` was signed already, return that instead.
        """
        ...

    def forget(self, key: str) -> None:
        """Drop a transaction that the chain has refused, so that its purpose can be tried anew.

        Its nonce is free again, so the account's lane has no gap.
        """
        ...

    def unconfirmed(self, account: str) -> tuple[SignedTransaction, ...]:
        """Return the account's transactions that are not known to be final, by nonce."""
        ...

    def confirm(self, key: str) -> None:
        """Note that the chain has made the transaction final."""
        ...
