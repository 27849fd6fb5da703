"""Agents as ERC-721 tokens of the ERC-8004 shape: identity, what others say, what was validated."""

from dataclasses import replace
from typing import Any

import pytest

from tests.contracts.estate import NOBODY, Estate, Person
from tests.contracts.world import ETHER, someone

pytestmark = pytest.mark.chain

ERC165, ERC721, ERC2981 = bytes.fromhex("01ffc9a7"), bytes.fromhex("80ac58cd"), bytes.fromhex("2a55205a")
HASH = b"\x0b" * 32
FEEDBACK = (80, "session", "tweets", "", "ipfs://why", HASH)


def wallet_digest(estate: Estate, agent: int, wallet: str, deadline: int) -> bytes:
    """Return what a wallet signs, by the letter of EIP-712."""
    keccak, chain_id = estate.chain.w3.keccak, int(estate.chain.rpc("eth_chainId"), 16)

    def word(value: int | str) -> bytes:
        return (int(value, 16) if isinstance(value, str) else value).to_bytes(32, "big")

    domain_type = "EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"
    domain = keccak(
        keccak(text=domain_type)
        + keccak(text="Fraction Agents")
        + keccak(text="1")
        + word(chain_id)
        + word(estate.agents.address)
    )
    kind = keccak(text="AgentWalletSet(uint256 agentId,address newWallet,address owner,uint256 deadline)")
    owner = str(estate.agents.call("ownerOf", agent))
    return bytes(
        keccak(b"\x19\x01" + domain + keccak(kind + word(agent) + word(wallet) + word(owner) + word(deadline)))
    )


def sell(estate: Estate, agent: int, seller: Person, buyer: Person) -> None:
    estate.agents.send(seller.address, "transferFrom", seller.address, buyer.address, agent)


def test_an_agent_is_registered_in_each_of_the_three_ways_of_erc_8004(estate: Estate) -> None:
    owner, agents = estate.people[0].address, estate.agents.contract
    for signature, args in (
        ("register()", ()),
        ("register(string)", ("ipfs://a",)),
        ("register(string,(string,bytes)[])", ("ipfs://b", [("fraction.agent", HASH)])),
    ):
        payload = agents.get_function_by_signature(signature)(*args)._encode_transaction_data()
        assert estate.chain.send(owner, estate.agents.address, payload, 0)["status"] == "0x1"
    assert estate.agents.call("agentCount") == 3
    assert [estate.agents.call("ownerOf", agent) for agent in (1, 2, 3)] == [owner] * 3
    assert [estate.agents.call("tokenURI", agent) for agent in (1, 2, 3)] == ["", "ipfs://a", "ipfs://b"]
    assert estate.agents.call("getMetadata", 3, "fraction.agent") == HASH
    assert estate.agents.call("royaltyInfo", 3, 100)[1] == 0


def test_the_registry_says_which_standards_it_keeps(estate: Estate) -> None:
    for interface in (ERC165, ERC721, ERC2981):
        assert estate.agents.call("supportsInterface", interface)
    assert not estate.agents.call("supportsInterface", b"\xff" * 4)


def test_the_royalty_is_fixed_with_the_agent_and_bounded(estate: Estate) -> None:
    owner, creator = estate.people[0], someone(1)
    agent = estate.agent_of(owner, 500, creator)
    assert [*estate.agents.call("royaltyInfo", agent, ETHER)] == [creator, ETHER // 20]
    refusal = estate.agents.refusal(owner.address, "registerWithRoyalty", "", [], creator, 1_001)
    assert (refusal.error, refusal.values) == ("RoyaltyTooHigh", (1_001, 1_000))
    nobody = estate.agents.refusal(owner.address, "registerWithRoyalty", "", [], NOBODY, 1)
    assert nobody.error == "ERC2981InvalidTokenRoyaltyReceiver"


def test_owner_and_operators_keep_uri_and_metadata_and_nobody_else(estate: Estate) -> None:
    owner, operator, stranger = (person.address for person in estate.people[:3])
    agent = estate.agent_of(estate.people[0])
    estate.agents.send(owner, "setApprovalForAll", operator, True)
    estate.agents.send(operator, "setAgentURI", agent, "ipfs://new")
    estate.agents.send(owner, "setMetadata", agent, "name", b"Ada")
    assert estate.agents.call("tokenURI", agent) == "ipfs://new"
    assert estate.agents.call("getMetadata", agent, "name") == b"Ada"
    calls: dict[str, tuple[Any, ...]] = {
        "setAgentURI": (agent, "x"),
        "setMetadata": (agent, "name", b""),
        "setAgentWallet": (agent, stranger, 2**40, b""),
        "unsetAgentWallet": (agent,),
    }
    for function, args in calls.items():
        refusal = estate.agents.refusal(stranger, function, *args)
        assert (refusal.error, refusal.values) == ("NotOwnerNorApproved", (agent, stranger.lower()))
    assert estate.agents.refusal(owner, "setMetadata", agent, "agentWallet", b"").error == "ReservedKey"
    assert estate.agents.refusal(owner, "setAgentURI", 99, "x").error == "ERC721NonexistentToken"


def test_a_wallet_must_have_signed_and_is_forgotten_with_a_sale(estate: Estate) -> None:
    owner, wallet, buyer = estate.people[:3]
    agent, deadline = estate.agent_of(owner), estate.chain.next_time() + 1_000
    assert estate.agents.call("getAgentWallet", agent) == owner.address
    signature = wallet.sign(wallet_digest(estate, agent, wallet.address, deadline))
    call = (agent, wallet.address, deadline, signature)
    stolen = estate.agents.refusal(owner.address, "setAgentWallet", agent, buyer.address, deadline, signature)
    assert (stolen.error, stolen.values) == ("WalletSignatureInvalid", (buyer.address.lower(),))
    estate.agents.send(owner.address, "setAgentWallet", *call)
    assert estate.agents.call("getAgentWallet", agent) == wallet.address
    assert estate.agents.call("getMetadata", agent, "agentWallet") == bytes.fromhex(wallet.address[2:])
    sell(estate, agent, owner, buyer)
    assert (estate.agents.call("getAgentWallet", agent), estate.agents.call("transfers", agent)) == (NOBODY, 1)
    replayed = estate.agents.refusal(buyer.address, "setAgentWallet", *call)
    assert replayed.error == "WalletSignatureInvalid"
    estate.chain.go_to(deadline + 1)
    late = estate.agents.refusal(buyer.address, "setAgentWallet", *call)
    assert (late.error, late.values) == ("SignatureExpired", (deadline,))


def test_others_speak_about_an_agent_and_may_take_it_back(estate: Estate) -> None:
    owner, opener, friend = (person.address for person in estate.people[:3])
    agent, said = estate.agent_of(estate.people[0]), estate.reputation
    said.send(opener, "giveFeedback", agent, *FEEDBACK)
    said.send(opener, "giveFeedback", agent, 61, "session", "code", "", "", HASH)
    said.send(friend, "giveFeedback", agent, 100, "friendship", "", "", "", HASH)
    assert [*said.call("getSummary", agent, [opener], "session", "")] == [2, 70]
    assert [*said.call("getSummary", agent, [opener], "", "tweets")] == [1, 80]
    assert [*said.call("getSummary", agent, [opener, friend], "", "")] == [3, 80]
    assert [*said.call("getSummary", agent, [someone(1)], "", "")] == [0, 0]
    said.send(opener, "revokeFeedback", agent, 1)
    assert [*said.call("getSummary", agent, [opener], "session", "")] == [1, 61]
    assert [*said.call("readFeedback", agent, opener, 1)] == [80, "session", "tweets", True]
    assert said.call("getLastIndex", agent, opener) == 2
    event = said.event(said.send(owner, "appendResponse", agent, friend, 1, "ipfs://thanks", HASH), "ResponseAppended")
    assert (event.responder, event.feedbackIndex) == (owner, 1)
    assert said.call("getIdentityRegistry") == estate.agents.address


def test_nobody_praises_itself_and_nothing_unsaid_is_answered(estate: Estate) -> None:
    owner, operator, stranger = (person.address for person in estate.people[:3])
    agent, said = estate.agent_of(estate.people[0]), estate.reputation
    estate.agents.send(owner, "approve", operator, agent)
    for caller in (owner, operator):
        refusal = said.refusal(caller, "giveFeedback", agent, *FEEDBACK)
        assert (refusal.error, refusal.values) == ("SelfFeedback", (agent, caller.lower()))
    assert said.refusal(stranger, "giveFeedback", agent, 101, *FEEDBACK[1:]).error == "ScoreOutOfRange"
    said.send(stranger, "giveFeedback", agent, *FEEDBACK)
    said.send(stranger, "revokeFeedback", agent, 1)
    assert said.refusal(stranger, "revokeFeedback", agent, 1).error == "AlreadyRevoked"
    for index in (0, 2):
        assert said.refusal(stranger, "revokeFeedback", agent, index).error == "NoSuchFeedback"
        assert said.refusal(owner, "appendResponse", agent, stranger, index, "", HASH).error == "NoSuchFeedback"
    assert said.refusal(owner, "getSummary", agent, [], "", "").error == "NoClients"
    assert estate.chain.deploy_refusal(owner, "AgentReputation", NOBODY).error == "ZeroAddress"


def test_a_validator_answers_what_it_was_asked(estate: Estate) -> None:
    owner, validator = estate.people[0].address, someone(1)
    agent, validation = estate.agent_of(estate.people[0]), estate.validation
    validation.send(owner, "validationRequest", validator, agent, "ipfs://task", HASH)
    assert [*validation.call("getSummary", agent, [], "")] == [0, 0]
    validation.send(validator, "validationResponse", HASH, 0, "", HASH, "training")
    validation.send(validator, "validationResponse", HASH, 100, "ipfs://root", HASH, "training")
    assert [*validation.call("getValidationStatus", HASH)][:5] == [validator, agent, 100, HASH, "training"]
    assert [*validation.call("getSummary", agent, [validator], "training")] == [1, 100]
    assert [*validation.call("getSummary", agent, [someone(2)], "")] == [0, 0]
    assert [*validation.call("getSummary", agent, [], "other")] == [0, 0]
    assert validation.call("getAgentValidations", agent) == [HASH]
    assert validation.call("getIdentityRegistry") == estate.agents.address


def test_validations_are_asked_by_the_owner_once_and_answered_by_the_one_that_was_asked(estate: Estate) -> None:
    owner, stranger, validator = estate.people[0].address, estate.people[1].address, someone(1)
    agent, validation = estate.agent_of(estate.people[0]), estate.validation
    ask = (validator, agent, "", HASH)
    assert validation.refusal(stranger, "validationRequest", *ask).error == "NotOwnerNorApproved"
    assert validation.refusal(owner, "validationRequest", NOBODY, agent, "", HASH).error == "ZeroAddress"
    assert validation.refusal(validator, "validationResponse", HASH, 1, "", HASH, "").error == "UnknownRequest"
    assert validation.refusal(owner, "getValidationStatus", HASH).error == "UnknownRequest"
    validation.send(owner, "validationRequest", *ask)
    assert validation.refusal(owner, "validationRequest", *ask).error == "AlreadyRequested"
    assert validation.refusal(stranger, "validationResponse", HASH, 1, "", HASH, "").error == "NotValidator"
    assert validation.refusal(validator, "validationResponse", HASH, 101, "", HASH, "").error == "ResponseOutOfRange"
    assert estate.chain.deploy_refusal(owner, "AgentValidation", NOBODY).error == "ZeroAddress"


SALTED = b"\x0c" * 32


def accepted_task(estate: Estate, owner: Person) -> int:
    """Return a training that `owner` opened and whose nodes agree."""
    world = replace(estate.world, opener=owner.address)
    id = world.drawn_task()
    world.work(id, [HASH] * 4)
    world.registry.send(someone(1), "settle", id)
    return id


def ask(estate: Estate, owner: Person, task: int, agent: int, salt: bytes = SALTED) -> bytes:
    """Let an agent's owner ask for the validation of a training; return the request's hash."""
    request: bytes = estate.validator.call("requestHashOf", task, agent, salt)
    estate.validation.send(owner.address, "validationRequest", estate.validator.address, agent, "", request)
    return request


def test_a_training_that_a_quorum_accepted_is_validated_by_anyone(estate: Estate) -> None:
    owner = estate.people[0]
    agent, task = estate.agent_of(owner), accepted_task(estate, owner)
    request = ask(estate, owner, task, agent)
    receipt = estate.validator.send(someone(2), "validate", task, agent, SALTED)
    event = estate.validator.event(receipt, "Validated")
    assert (event.task, event.agentId, event.root, event.adapter) == (task, agent, HASH, HASH)
    status = [*estate.validation.call("getValidationStatus", request)]
    assert status[:5] == [estate.validator.address, agent, 100, HASH, "training"]
    assert [*estate.validation.call("getSummary", agent, [estate.validator.address], "training")] == [1, 100]
    assert estate.validator.call("agentOf", task) == agent
    assert estate.validator.call("registry") == estate.world.registry.address


def test_a_request_binds_task_agent_and_salt(estate: Estate) -> None:
    hashes = {estate.validator.call("requestHashOf", *args) for args in ((1, 1, HASH), (2, 1, HASH), (1, 2, HASH))}
    assert len(hashes | {estate.validator.call("requestHashOf", 1, 1, SALTED)}) == 4


def test_no_training_validates_what_it_does_not_prove(estate: Estate) -> None:
    owner, other, validator = estate.people[0], estate.people[1], estate.validator
    agent, second, foreign = estate.agent_of(owner), estate.agent_of(owner), estate.agent_of(other)
    open_task = replace(estate.world, opener=owner.address).open_task()
    assert validator.refusal(owner.address, "validate", open_task, agent, SALTED).error == "NotAccepted"
    task = accepted_task(estate, owner)
    stolen = validator.refusal(other.address, "validate", task, foreign, SALTED)
    assert (stolen.error, stolen.values) == ("NotOpenedByOwner", (task, owner.address.lower(), other.address.lower()))
    assert validator.refusal(owner.address, "validate", task, agent, SALTED).error == "UnknownRequest"
    blocked: bytes = validator.call("requestHashOf", task, agent, HASH)
    estate.validation.send(other.address, "validationRequest", validator.address, foreign, "", blocked)
    asked = validator.refusal(owner.address, "validate", task, agent, HASH)
    assert (asked.error, asked.values) == ("AskedForAnother", (blocked, foreign))
    request = validator.call("requestHashOf", task, agent, SALTED)
    estate.validation.send(owner.address, "validationRequest", someone(3), agent, "", request)
    assert validator.refusal(owner.address, "validate", task, agent, SALTED).error == "NotValidator"
    ask(estate, owner, task, agent, b"\x0d" * 32)
    validator.send(owner.address, "validate", task, agent, b"\x0d" * 32)
    twice = validator.refusal(owner.address, "validate", task, second, SALTED)
    assert (twice.error, twice.values) == ("AlreadyValidated", (task, agent))


def test_a_validator_needs_both_registries(estate: Estate) -> None:
    parts = (estate.world.registry.address, estate.validation.address)
    for missing in ((NOBODY, parts[1]), (parts[0], NOBODY)):
        assert estate.chain.deploy_refusal(someone(1), "TrainingValidator", *missing).error == "ZeroAddress"
