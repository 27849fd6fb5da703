"""Nobody can change a log unnoticed, on either database."""

import hashlib
from collections.abc import Callable, Iterator

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, create_engine, exc, make_url, text

from fraction.adapters.store import open_store
from fraction.base import SessionId, Unavailable, Wei, canonical_json
from fraction.sessions import Event, Refunded, event_to_json

SESSION = SessionId("31337-7")
LENGTH = 6


def refund(ticket: int) -> Event:
    return Refunded(ticket=ticket, amount=Wei(10**18), transaction=f"0x{ticket}")


@pytest.fixture
def raw(url: str) -> Iterator[Connection]:
    """A connection behind the store's back, to a database with one log."""
    store = open_store(url)
    store.logs.append(SESSION, 0, [refund(ticket) for ticket in range(LENGTH)])
    store.close()
    address = make_url(url)
    if address.get_backend_name() == "postgresql":
        address = address.set(drivername="postgresql+psycopg")
    engine = create_engine(address, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        yield connection
    engine.dispose()


def drop_guards(connection: Connection) -> None:
    if connection.dialect.name == "postgresql":
        connection.execute(text("ALTER TABLE events DISABLE TRIGGER ALL"))
        return
    for change in ("update", "delete"):
        connection.execute(text(f"DROP TRIGGER IF EXISTS events_forbid_{change}"))


@pytest.mark.parametrize("change", ["UPDATE events SET body = '{}'", "DELETE FROM events"])
def test_the_database_itself_refuses_to_change_an_entry(raw: Connection, url: str, change: str) -> None:
    with pytest.raises(exc.DBAPIError, match="entries of a log are never changed"):
        raw.execute(text(change))
    store = open_store(url)
    assert len(store.logs.read(SESSION)) == LENGTH
    store.close()


def test_the_chain_is_what_it_is_said_to_be(raw: Connection) -> None:
    digest = hashlib.sha256(SESSION.encode()).hexdigest()
    rows = raw.execute(text("SELECT body, digest FROM events ORDER BY seq")).all()
    for ticket, (body, kept) in enumerate(rows):
        assert body.encode() == canonical_json(event_to_json(refund(ticket)))
        digest = hashlib.sha256(digest.encode() + body.encode()).hexdigest()
        assert kept == digest
    assert raw.execute(text("SELECT head FROM sessions")).scalar() == digest


Tampering = Callable[[Connection, int, int], None]


def change_a_body(connection: Connection, seq: int, other: int) -> None:
    connection.execute(
        text("UPDATE events SET body = replace(body, '1000', :new) WHERE seq = :seq"),
        {"new": f"{2000 + other}", "seq": seq},
    )


def change_a_digest(connection: Connection, seq: int, other: int) -> None:
    digest = hashlib.sha256(bytes([other])).hexdigest()
    connection.execute(text("UPDATE events SET digest = :d WHERE seq = :seq"), {"d": digest, "seq": seq})


def remove_an_entry(connection: Connection, seq: int, other: int) -> None:
    connection.execute(text("DELETE FROM events WHERE seq = :seq"), {"seq": seq})


def forge_an_entry_with_a_fitting_digest(connection: Connection, seq: int, other: int) -> None:
    query = text("SELECT digest FROM events WHERE seq = :seq")
    before = connection.execute(query, {"seq": seq - 1}).scalar() or hashlib.sha256(SESSION.encode()).hexdigest()
    body = canonical_json(event_to_json(refund(100 + other))).decode()
    digest = hashlib.sha256(before.encode() + body.encode()).hexdigest()
    change = text("UPDATE events SET body = :body, digest = :digest WHERE seq = :seq")
    connection.execute(change, {"body": body, "digest": digest, "seq": seq})


def shorten(connection: Connection, seq: int, other: int) -> None:
    connection.execute(text("UPDATE sessions SET length = :seq"), {"seq": seq})


@pytest.mark.parametrize(
    "tamper",
    [change_a_body, change_a_digest, remove_an_entry, forge_an_entry_with_a_fitting_digest, shorten],
)
@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seq=st.integers(0, LENGTH - 1), other=st.integers(0, 200))
def test_every_change_behind_its_back_is_found(
    raw: Connection, url: str, tamper: Tampering, seq: int, other: int
) -> None:
    raw.execute(text("CREATE TABLE IF NOT EXISTS saved AS SELECT * FROM events"))
    drop_guards(raw)
    tamper(raw, seq, other)
    store = open_store(url)
    try:
        with pytest.raises(Unavailable, match="from a backup"):
            store.logs.read(SESSION)
    finally:
        store.close()
        raw.execute(text("DELETE FROM events"))
        raw.execute(text("INSERT INTO events SELECT * FROM saved"))
        raw.execute(text("UPDATE sessions SET length = :length"), {"length": LENGTH})
