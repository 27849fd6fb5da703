"""Agents and small JSON documents."""

import json
from typing import Any

from pydantic import TypeAdapter
from sqlalchemy import Connection, Table, select
from sqlalchemy.dialects import postgresql, sqlite

from fraction.adapters.store.database import Database
from fraction.adapters.store.schema import agents, documents
from fraction.adapters.store.text import stored_text
from fraction.agents import Agent
from fraction.base import AgentId, Conflict, JsonObject, NotFound

_AGENTS: TypeAdapter[Agent] = TypeAdapter(Agent)


class StoredAgents:
    """Keeps agents; an `Agents`."""

    def __init__(self, database: Database) -> None:
        """Keep them in `database`."""
        self._database = database

    def get(self, agent: AgentId) -> Agent:
        """Return the agent; raise NotFound if there is none."""
        with self._database.reading() as connection:
            body = connection.execute(select(agents.c.body).where(agents.c.id == agent)).scalar()
        if body is None:
            raise NotFound(f"There is no agent {agent}; check its id.")
        return _AGENTS.validate_json(body)

    def keep(self, agent: Agent) -> None:
        """Keep `agent` in place of what was known of it.

        Raises:
            Conflict: a prompt version would be lost, because somebody else refined the prompt first.
        """
        with self._database.writing() as connection:
            query = select(agents.c.body).where(agents.c.id == agent.id).with_for_update()
            body = connection.execute(query).scalar()
            known = _AGENTS.validate_json(body).prompts if body else ()
            if agent.prompts[: len(known)] != known:
                raise Conflict(
                    f"Agent {agent.id} has prompt versions that this change would lose;"
                    " read the agent again and repeat the change."
                )
            _upsert(connection, agents, {"id": agent.id}, stored_text(_AGENTS.dump_python(agent, mode="json")))

    def all(self) -> tuple[Agent, ...]:
        """Return every agent, oldest first."""
        with self._database.reading() as connection:
            bodies = connection.execute(select(agents.c.body).order_by(agents.c.number)).scalars()
            return tuple(_AGENTS.validate_json(body) for body in bodies)


class StoredRecords:
    """Keeps small JSON documents by kind and name; a `Records`."""

    def __init__(self, database: Database) -> None:
        """Keep them in `database`."""
        self._database = database

    def get(self, kind: str, name: str) -> JsonObject:
        """Return the document; raise NotFound if there is none."""
        with self._database.reading() as connection:
            query = select(documents.c.body).where(documents.c.kind == kind, documents.c.name == name)
            body = connection.execute(query).scalar()
        if body is None:
            raise NotFound(f"There is no {kind} {name}; check the name.")
        return json.loads(body)

    def keep(self, kind: str, name: str, document: JsonObject) -> None:
        """Keep `document` in place of what was there."""
        with self._database.writing() as connection:
            _upsert(connection, documents, {"kind": kind, "name": name}, stored_text(document))

    def names(self, kind: str) -> tuple[str, ...]:
        """Return the names of all documents of a kind, oldest first."""
        with self._database.reading() as connection:
            query = select(documents.c.name).where(documents.c.kind == kind).order_by(documents.c.number)
            return tuple(connection.execute(query).scalars())


def _upsert(connection: Connection, table: Table, key: dict[str, Any], body: str) -> None:
    insert = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    statement = insert(table).values(**key, body=body)
    connection.execute(statement.on_conflict_do_update(index_elements=list(key), set_={"body": body}))
