"""Logs, agents, documents and blobs in dictionaries; each call is atomic among threads."""

from collections.abc import Sequence
from copy import deepcopy
from threading import Lock

from fraction.agents import Agent
from fraction.app.tokens import Token, TokenKind
from fraction.base import Address, AgentId, Conflict, Digest, Instant, JsonObject, NotFound, SessionId, sha256_of
from fraction.sessions import Event


class MemoryLogs:
    """Keeps the logs of Sessions; a `SessionLogs`."""

    def __init__(self) -> None:
        """Begin with no logs."""
        self._logs: dict[SessionId, tuple[Event, ...]] = {}
        self._lock = Lock()

    def read(self, session: SessionId) -> tuple[Event, ...]:
        """Return the log.

        Raises:
            NotFound: there is no such Session.
        """
        if session not in self._logs:
            raise NotFound(f"There is no Session {session}; check its number.")
        return self._logs[session]

    def append(self, session: SessionId, length: int, events: Sequence[Event]) -> None:
        """Append `events` to a log that has `length` entries; a new log has none.

        Raises:
            Conflict: the log has another length; somebody else appended first.
        """
        with self._lock:
            log = self._logs.get(session, ())
            if len(log) != length:
                raise Conflict(
                    f"The log of Session {session} has {len(log)} entries and not {length};"
                    " read it again and decide anew."
                )
            if events:
                self._logs[session] = (*log, *events)

    def sessions(self) -> tuple[SessionId, ...]:
        """Return all Sessions that have a log, oldest first."""
        return tuple(self._logs)


class MemoryAgents:
    """Keeps agents; an `Agents`."""

    def __init__(self) -> None:
        """Begin with no agents."""
        self._agents: dict[AgentId, Agent] = {}
        self._lock = Lock()

    def get(self, agent: AgentId) -> Agent:
        """Return the agent; raise NotFound if there is none."""
        if agent not in self._agents:
            raise NotFound(f"There is no agent {agent}; check its id.")
        return self._agents[agent]

    def keep(self, agent: Agent) -> None:
        """Keep `agent` in place of what was known of it.

        Raises:
            Conflict: a prompt version would be lost, because somebody else refined the prompt first.
        """
        with self._lock:
            known = self._agents.get(agent.id)
            if known and agent.prompts[: len(known.prompts)] != known.prompts:
                raise Conflict(
                    f"Agent {agent.id} has prompt versions that this change would lose;"
                    " read the agent again and repeat the change."
                )
            self._agents[agent.id] = agent

    def all(self) -> tuple[Agent, ...]:
        """Return every agent, oldest first."""
        return tuple(self._agents.values())


class MemoryRecords:
    """Keeps small JSON documents by kind and name; a `Records`."""

    def __init__(self) -> None:
        """Begin with no documents."""
        self._documents: dict[tuple[str, str], JsonObject] = {}

    def get(self, kind: str, name: str) -> JsonObject:
        """Return the document; raise NotFound if there is none."""
        if (kind, name) not in self._documents:
            raise NotFound(f"There is no {kind} {name}; check the name.")
        return deepcopy(self._documents[kind, name])

    def keep(self, kind: str, name: str, document: JsonObject) -> None:
        """Keep `document` in place of what was there."""
        self._documents[kind, name] = deepcopy(document)

    def names(self, kind: str) -> tuple[str, ...]:
        """Return the names of all documents of a kind, oldest first."""
        return tuple(name for other, name in tuple(self._documents) if other == kind)


class MemoryBlobs:
    """Keeps blobs; a `Blobs`."""

    def __init__(self) -> None:
        """Begin with no blobs."""
        self._blobs: dict[Digest, bytes] = {}

    def fetch(self, digest: Digest) -> bytes:
        """Return the bytes whose SHA-256 is `digest`.

        Raises:
            NotFound: there is no such blob.
        """
        if digest not in self._blobs:
            raise NotFound(f"There is no blob {digest}; ask a node that has it.")
        return self._blobs[digest]

    def keep(self, payload: bytes) -> Digest:
        """Keep `payload`; return its name."""
        digest = sha256_of(payload)
        self._blobs[digest] = bytes(payload)
        return digest


class MemoryCheckpoints:
    """Where trainings stand."""

    def __init__(self) -> None:
        """Begin empty."""
        self.kept: dict[str, bytes] = {}

    def load(self, name: str) -> bytes | None:
        """Return what was kept under `name` last; None if nothing was."""
        return self.kept.get(name)

    def save(self, name: str, state: bytes) -> None:
        """Keep `state` in place of what was there."""
        self.kept[name] = state

    def drop(self, name: str) -> None:
        """Forget it."""
        self.kept.pop(name, None)


class MemoryTokens:
    """Keeps tokens; a `Tokens`."""

    def __init__(self) -> None:
        """Begin with no tokens."""
        self._tokens: dict[Digest, Token] = {}
        self._lock = Lock()

    def keep(self, token: Token) -> None:
        """Keep a token."""
        with self._lock:
            self._tokens[token.digest] = token

    def find(self, digest: Digest) -> Token | None:
        """Return the token of that digest."""
        return self._tokens.get(digest)

    def take(self, digest: Digest) -> Token | None:
        """Return the token and drop it."""
        with self._lock:
            return self._tokens.pop(digest, None)

    def of(self, account: Address) -> tuple[Token, ...]:
        """Return an account's tokens, oldest first."""
        with self._lock:
            return tuple(token for token in self._tokens.values() if token.account == account)

    def drop_all(self, account: Address, kind: TokenKind) -> int:
        """Drop an account's tokens of a kind; return how many there were."""
        dropped = [token for token in self.of(account) if token.kind is kind]
        for token in dropped:
            self.take(token.digest)
        return len(dropped)

    def drop_expired(self, now: Instant) -> None:
        """Drop what is no longer good for anything."""
        with self._lock:
            self._tokens = {digest: token for digest, token in self._tokens.items() if token.expires_at > now}
