"""One suite over every adapter of the four ports that keep things."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from fraction.agents import create_agent, refine_prompt, serve_adapter
from fraction.app.ports import SignedTransaction
from fraction.app.tokens import Token, TokenKind, digest_of_secret
from fraction.base import (
    Address,
    AgentId,
    Conflict,
    Digest,
    Instant,
    JsonObject,
    NotFound,
    SessionId,
    SpaceId,
    Unavailable,
    Wei,
)
from fraction.sessions import Event, Refunded
from tests.ports.conftest import Stores

SESSION = SessionId("31337-7")
OWNER = Address("0x" + "Ab" * 20)


def refund(ticket: int) -> Event:
    return Refunded(ticket=ticket, amount=Wei(2**255 + ticket), transaction=f"0x{ticket:x} é\0'\"")


def signer(key: str, account: str = "0xA") -> Callable[[int], SignedTransaction]:
    return lambda nonce: SignedTransaction(key, account, nonce, f"0xraw{key}{nonce}", f"0xhash{key}{nonce}")


def test_a_log_reads_as_it_was_appended(stores: Stores) -> None:
    stores.logs.append(SESSION, 0, [refund(0), refund(1)])
    stores.logs.append(SESSION, 2, [refund(2)])
    assert stores.logs.read(SESSION) == (refund(0), refund(1), refund(2))
    stores.logs.append(SESSION, 3, [refund(3)])
    assert stores.logs.read(SESSION) == tuple(map(refund, range(4)))


def test_a_session_without_log_is_not_found(stores: Stores) -> None:
    stores.logs.append(SESSION, 0, [])
    with pytest.raises(NotFound):
        stores.logs.read(SESSION)
    assert stores.logs.sessions() == ()


@pytest.mark.parametrize("length", [0, 1, 3])
def test_an_append_to_another_length_is_a_conflict_and_changes_nothing(stores: Stores, length: int) -> None:
    stores.logs.append(SESSION, 0, [refund(0), refund(1)])
    with pytest.raises(Conflict):
        stores.logs.append(SESSION, length, [refund(9)])
    assert stores.logs.read(SESSION) == (refund(0), refund(1))


def test_sessions_come_oldest_first(stores: Stores) -> None:
    names = [SessionId(f"1-{number}") for number in (9, 10, 2)]
    for name in names:
        stores.logs.append(name, 0, [refund(0)])
    stores.logs.append(names[0], 1, [refund(1)])
    assert stores.logs.sessions() == tuple(names)


def test_of_many_appenders_one_wins_each_place(stores: Stores) -> None:
    def append(ticket: int) -> int:
        try:
            length = len(stores.logs.read(SESSION))
        except NotFound:
            length = 0
        try:
            stores.logs.append(SESSION, length, [refund(ticket)])
        except Conflict:
            return 0
        return 1

    with ThreadPoolExecutor(6) as threads:
        won = sum(threads.map(append, range(48)))
    assert len(stores.logs.read(SESSION)) == won >= 1


def test_an_agent_is_kept_whole(stores: Stores) -> None:
    agent = create_agent(OWNER, "Ada ✓", "fraction-base", "Be brief.\n\0 'quoted'")
    grown = serve_adapter(refine_prompt(agent, "Be kind."), SpaceId("tweets"), Digest("ab" * 32))
    stores.agents.keep(agent)
    stores.agents.keep(grown)
    assert stores.agents.get(agent.id) == grown


def test_agents_come_oldest_first(stores: Stores) -> None:
    made = [create_agent(OWNER, name, "base", "Hi.") for name in "zay"]
    for agent in (*made, made[0]):
        stores.agents.keep(agent)
    assert stores.agents.all() == tuple(made)


def test_an_unknown_agent_is_not_found(stores: Stores) -> None:
    with pytest.raises(NotFound):
        stores.agents.get(AgentId("00" * 32))


def test_a_prompt_version_is_never_lost(stores: Stores) -> None:
    agent = create_agent(OWNER, "Ada", "base", "One.")
    stores.agents.keep(refine_prompt(agent, "Two."))
    with pytest.raises(Conflict):
        stores.agents.keep(refine_prompt(agent, "Another two."))
    assert stores.agents.get(agent.id).prompt.text == "Two."


def test_a_document_replaces_the_one_before(stores: Stores) -> None:
    stores.records.keep("space", "tweets", {"a": 1})
    stores.records.keep("space", "tweets", {"b": [True, None, "é\0"], "c": {"d": -(2**70)}})
    assert stores.records.get("space", "tweets") == {"b": [True, None, "é\0"], "c": {"d": -(2**70)}}


def test_documents_are_found_by_kind_and_name_oldest_first(stores: Stores) -> None:
    for kind, name in (("space", "z"), ("job", "z"), ("space", "a"), ("space", "z")):
        stores.records.keep(kind, name, {"kind": kind})
    assert stores.records.names("space") == ("z", "a")
    assert stores.records.get("job", "z") == {"kind": "job"}
    assert stores.records.names("none") == ()
    with pytest.raises(NotFound):
        stores.records.get("job", "a")


def test_a_document_that_was_given_out_can_be_changed_without_harm(stores: Stores) -> None:
    document: JsonObject = {"list": [1]}
    stores.records.keep("job", "j", document)
    document["list"] = []
    stores.records.get("job", "j")["list"] = []
    assert stores.records.get("job", "j") == {"list": [1]}


def test_one_key_is_signed_once(stores: Stores) -> None:
    first = stores.outbox.sign("settle/7", "0xA", 5, signer("settle/7"))
    assert first.nonce == 5
    assert stores.outbox.sign("settle/7", "0xA", 9, signer("settle/7")) == first
    assert stores.outbox.find("settle/7") == first
    assert stores.outbox.find("settle/8") is None


def test_each_account_has_a_lane_of_nonces(stores: Stores) -> None:
    outbox = stores.outbox
    nonces = [outbox.sign(key, "0xA", 3, signer(key)).nonce for key in "abc"]
    assert nonces == [3, 4, 5]
    assert outbox.sign("other", "0xB", 0, signer("other", "0xB")).nonce == 0
    assert outbox.sign("later", "0xA", 9, signer("later")).nonce == 9
    assert [one.nonce for one in outbox.unconfirmed("0xA")] == [3, 4, 5, 9]


def test_a_final_transaction_is_found_but_not_unconfirmed_and_keeps_its_nonce(stores: Stores) -> None:
    kept = stores.outbox.sign("a", "0xA", 0, signer("a"))
    stores.outbox.confirm("a")
    stores.outbox.confirm("unknown")
    assert stores.outbox.unconfirmed("0xA") == ()
    assert stores.outbox.find("a") == kept
    assert stores.outbox.sign("b", "0xA", 0, signer("b")).nonce == 1


@pytest.mark.parametrize("forgotten", ["a", "b", "c"])
def test_a_forgotten_transaction_leaves_no_gap(stores: Stores, forgotten: str) -> None:
    signed = {key: stores.outbox.sign(key, "0xA", 0, signer(key)) for key in "abc"}
    stores.outbox.forget(forgotten)
    assert stores.outbox.find(forgotten) is None
    assert stores.outbox.sign("anew", "0xA", 0, signer("anew")).nonce == signed[forgotten].nonce


def test_a_signer_that_fails_reserves_nothing(stores: Stores) -> None:
    def refuse(nonce: int) -> SignedTransaction:
        raise Unavailable(f"The key for nonce {nonce} is locked; unlock it.")

    with pytest.raises(Unavailable):
        stores.outbox.sign("a", "0xA", 0, refuse)
    assert stores.outbox.find("a") is None
    assert stores.outbox.sign("b", "0xA", 0, signer("b")).nonce == 0


def test_many_signers_share_a_lane_without_gap_or_repetition(stores: Stores) -> None:
    def sign(number: int) -> int:
        key = f"key/{number % 30}"  # each key is asked for twice
        return stores.outbox.sign(key, "0xA", 0, signer(key)).nonce

    with ThreadPoolExecutor(4) as threads:
        nonces = list(threads.map(sign, range(60)))
    assert sorted(nonces) == sorted([*range(30), *range(30)])
    assert [one.nonce for one in stores.outbox.unconfirmed("0xA")] == list(range(30))


def token(secret: str, account: Address = OWNER, kind: TokenKind = TokenKind.SESSION, expires: int = 100) -> Token:
    return Token(
        digest=digest_of_secret(secret),
        kind=kind,
        account=account,
        scopes=("agents", "play"),
        label="é",
        made_at=Instant(1),
        expires_at=Instant(expires),
    )


def test_a_token_is_found_by_its_digest_until_it_is_dropped(stores: Stores) -> None:
    kept = [token("a"), token("b", kind=TokenKind.KEY), token("c", Address("0x" + "1" * 40))]
    for one in kept:
        stores.tokens.keep(one)
    assert stores.tokens.find(kept[0].digest) == kept[0]
    assert stores.tokens.of(OWNER) == (kept[0], kept[1])
    assert stores.tokens.drop_all(OWNER, TokenKind.SESSION) == 1
    assert stores.tokens.find(kept[0].digest) is None
    assert stores.tokens.of(OWNER) == (kept[1],)
    assert stores.tokens.find(kept[2].digest) == kept[2]


def test_only_one_of_many_takes_a_token(stores: Stores) -> None:
    stores.tokens.keep(token("once"))
    with ThreadPoolExecutor(8) as pool:
        taken = list(pool.map(stores.tokens.take, [digest_of_secret("once")] * 16))
    assert [one for one in taken if one is not None] == [token("once")]


def test_what_has_expired_is_dropped(stores: Stores) -> None:
    stores.tokens.keep(token("old", expires=10))
    stores.tokens.keep(token("new", expires=11))
    stores.tokens.drop_expired(Instant(10))
    assert stores.tokens.of(OWNER) == (token("new", expires=11),)
