"""What holders of FRAC decide, what they cannot, and that nobody else decides anything."""

from typing import Any

import pytest

from tests.contracts.chain import artifact
from tests.contracts.estate import (
    AGAINST,
    CURVES,
    FOR,
    NOBODY,
    TIMELOCK_DELAY,
    VOTING_PERIOD,
    ZERO,
    Action,
    Estate,
)
from tests.contracts.world import ETH, ETHER, JUDGE, World, someone

pytestmark = pytest.mark.chain

PENDING, ACTIVE, CANCELED, DEFEATED, SUCCEEDED, QUEUED, EXPIRED, EXECUTED = range(8)
CURVE = [4_000, 2_500, 1_500, 1_000, 1_000]
ROLES = ("PROPOSER_ROLE", "CANCELLER_ROLE", "EXECUTOR_ROLE")


@pytest.fixture
def voter(estate: Estate) -> str:
    """Return somebody with far more than a quorum."""
    address = estate.people[0].address
    estate.world.frac.send(estate.world.deployer, "transfer", address, 2_000_000 * ETHER)
    estate.world.frac.send(address, "delegate", address)
    estate.chain.mine()
    return address


def curve_digest(estate: Estate, curve: list[int]) -> bytes:
    """Return the key of a curve: keccak256(abi.encode(payoutBps))."""
    words = [32, len(curve), *curve]
    return bytes(estate.chain.w3.keccak(b"".join(word.to_bytes(32, "big") for word in words)))


def change(estate: Estate) -> list[Action]:
    return [(estate.parameters, "setCurve", (CURVE, True)), (estate.parameters, "setCurve", (CURVES[0], False))]


def state(estate: Estate, id: int) -> int:
    estate.chain.mine()
    return int(estate.governor.call("state", id))


def test_a_vote_changes_the_payout_curves_that_new_spaces_may_use(estate: Estate, voter: str) -> None:
    parameters = estate.parameters
    assert not parameters.call("isCurveAllowed", curve_digest(estate, CURVE))
    assert parameters.call("isCurveAllowed", curve_digest(estate, CURVES[0]))
    estate.decide(voter, change(estate))
    assert parameters.call("isCurveAllowed", curve_digest(estate, CURVE))
    assert not parameters.call("isCurveAllowed", curve_digest(estate, CURVES[0]))


def test_every_parameter_is_the_timelocks_to_set(estate: Estate, voter: str) -> None:
    parameters, usd, recipe = estate.parameters, estate.world.usd.address, b"\x09" * 32
    estate.decide(
        voter,
        [
            (parameters, "setProtocolFee", (700,)),
            (parameters, "setOpenerBond", (5_000,)),
            (parameters, "setAppealSeconds", (60,)),
            (parameters, "setMinimumQuorum", (5,)),
            (parameters, "setAsset", (usd, False)),
            (parameters, "setRecipe", (recipe, True)),
            (parameters, "setPaused", (True,)),
        ],
    )
    names = ("protocolFeeBps", "openerBondBps", "appealSeconds", "minimumQuorum", "isPaused")
    assert [parameters.call(name) for name in names] == [700, 5_000, 60, 5, True]
    assert (parameters.call("isAssetAllowed", usd), parameters.call("isAssetAllowed", ETH)) == (False, True)
    assert parameters.call("isRecipeAllowed", recipe)


def test_nobody_but_the_timelock_sets_a_parameter(estate: Estate) -> None:
    setters: dict[str, tuple[Any, ...]] = {
        "setProtocolFee": (1,),
        "setOpenerBond": (1,),
        "setAppealSeconds": (1,),
        "setMinimumQuorum": (3,),
        "setCurve": (CURVE, True),
        "setAsset": (ETH, True),
        "setRecipe": (ZERO, True),
        "setPaused": (True,),
        "transferOwnership": (someone(1),),
        "renounceOwnership": (),
    }
    for function, args in setters.items():
        for caller in (estate.world.deployer, estate.governor.address, someone(1)):
            refusal = estate.parameters.refusal(caller, function, *args)
            assert (refusal.error, refusal.values) == ("OwnableUnauthorizedAccount", (caller.lower(),)), function


def test_the_code_bounds_what_a_vote_can_set(estate: Estate) -> None:
    timelock, parameters = estate.timelock.address, estate.parameters

    def refused(function: str, *args: object) -> tuple[str, tuple[Any, ...]]:
        refusal = parameters.refusal(timelock, function, *args)
        return refusal.error, refusal.values

    assert refused("setProtocolFee", 1_001) == ("FeeAboveCap", (1_001, 1_000))
    assert refused("setOpenerBond", 10_001) == ("OutOfBounds", (10_001, 0, 10_000))
    month = 30 * 86_400
    assert refused("setAppealSeconds", month + 1) == ("OutOfBounds", (month + 1, 0, month))
    assert refused("setMinimumQuorum", 1) == ("OutOfBounds", (1, 2, 15))
    assert refused("setMinimumQuorum", 16) == ("OutOfBounds", (16, 2, 15))
    for curve in ([], [9_999], [5_000, 5_001], [10_000, 0], [4_000, 6_000], [625] * 15 + [313, 312]):
        assert refused("setCurve", curve, True) == ("CurveInvalid", (tuple(curve),))


def test_after_deployment_the_timelock_holds_every_role_and_nobody_else_does(estate: Estate) -> None:
    timelock, world = estate.timelock, estate.world
    for contract in (estate.parameters, estate.emissions):
        assert contract.call("owner") == timelock.address
    assert estate.governor.call("timelock") == timelock.address
    admin = timelock.call("DEFAULT_ADMIN_ROLE")
    granted = {role: holders(estate, timelock.call(role)) for role in ROLES}
    assert granted == {
        "PROPOSER_ROLE": {estate.governor.address},
        "CANCELLER_ROLE": {estate.governor.address},
        "EXECUTOR_ROLE": {ETH},
    }
    assert holders(estate, admin) == {timelock.address}
    assert not timelock.call("hasRole", admin, world.deployer)


def holders(estate: Estate, role: bytes) -> set[str]:
    """Return who holds a role, from the whole history of grants and revocations."""
    found: set[str] = set()
    events = estate.timelock.contract.events
    granted = events.RoleGranted().get_logs(from_block=0)
    revoked = events.RoleRevoked().get_logs(from_block=0)
    for log in sorted([*granted, *revoked], key=lambda log: (log.blockNumber, log.logIndex)):
        if log.args.role == role:
            (found.add if log.event == "RoleGranted" else found.discard)(log.args.account)
    return found


def test_contracts_that_hold_money_have_no_owner(estate: Estate) -> None:
    powers = {"owner", "transferOwnership", "grantRole", "pause", "upgradeTo", "upgradeToAndCall", "mint"}
    for name in ("FracToken", "AgentMarket", "CallMeter", "AgentRegistry", "AgentAccounts"):
        functions = {entry["name"] for entry in artifact(name)["abi"] if entry["type"] == "function"}
        assert not functions & powers, name


def test_votes_borrowed_after_the_snapshot_do_not_count(estate: Estate, voter: str) -> None:
    """A flash loan's FRAC comes and goes within one block, after the moment at which votes are counted."""
    proposal = estate.proposal(change(estate), "borrowed")
    id = estate.propose(voter, proposal)
    estate.chain.mine()
    borrower = estate.people[1].address
    estate.world.frac.send(voter, "transfer", borrower, 2_000_000 * ETHER)
    estate.world.frac.send(borrower, "delegate", borrower)
    receipt = estate.governor.send(borrower, "castVote", id, FOR)
    assert estate.governor.event(receipt, "VoteCast").weight == 0
    receipt = estate.governor.send(voter, "castVote", id, FOR)
    assert estate.governor.event(receipt, "VoteCast").weight == 2_000_000 * ETHER


def test_who_staked_votes_with_what_is_at_stake(estate: Estate, voter: str) -> None:
    """Staking moves votes from the token to the vault, and adds none; half of them here, both halves count once."""
    world = estate.world
    world.frac.send(voter, "approve", world.vault.address, 1_000_000 * ETHER)
    world.vault.send(voter, "register", JUDGE, 1_000_000 * ETHER, "http://voter")
    assert world.frac.call("getVotes", voter) == world.vault.call("getVotes", voter) == 1_000_000 * ETHER
    estate.chain.mine()
    id = estate.propose(voter, estate.proposal(change(estate), "staked"))
    receipt = estate.governor.send(voter, "castVote", id, FOR)
    assert estate.governor.event(receipt, "VoteCast").weight == 2_000_000 * ETHER
    assert (
        estate.governor.call("quorum", estate.governor.call("proposalSnapshot", id))
        == world.frac.call("totalSupply") * 4 // 100
    )


def test_stakes_made_or_moved_after_the_snapshot_do_not_count(estate: Estate, voter: str) -> None:
    """FRAC lent for a stake has no vote, votes at stake given on have none, and who had them keeps them."""
    world, borrower, heir = estate.world, estate.people[1].address, estate.people[2].address
    world.frac.send(voter, "approve", world.vault.address, 1_500_000 * ETHER)
    world.vault.send(voter, "register", JUDGE, 1_500_000 * ETHER, "http://voter")
    estate.chain.mine()
    id = estate.propose(voter, estate.proposal(change(estate), "lent"))
    estate.chain.mine()
    world.frac.send(voter, "transfer", borrower, 500_000 * ETHER)
    world.frac.send(borrower, "delegate", borrower)
    world.frac.send(borrower, "approve", world.vault.address, 500_000 * ETHER)
    world.vault.send(borrower, "register", JUDGE, 500_000 * ETHER, "http://borrower")
    world.vault.send(voter, "delegate", heir)
    assert (world.vault.call("getVotes", borrower), world.vault.call("getVotes", heir)) == (
        500_000 * ETHER,
        1_500_000 * ETHER,
    )
    weights = {
        account: estate.governor.event(estate.governor.send(account, "castVote", id, FOR), "VoteCast").weight
        for account in (borrower, heir, voter)
    }
    assert weights == {borrower: 0, heir: 0, voter: 2_000_000 * ETHER}


def test_without_votes_nobody_proposes(estate: Estate, voter: str) -> None:
    refusal = estate.governor.refusal(someone(1), "propose", *estate.proposal(change(estate), "mine"))
    assert refusal.error == "GovernorInsufficientProposerVotes"


def test_without_a_quorum_or_a_majority_nothing_passes(estate: Estate, voter: str) -> None:
    frac, small = estate.world.frac, estate.people[1].address
    frac.send(voter, "transfer", small, 2_000 * ETHER)
    frac.send(small, "delegate", small)
    estate.chain.mine()
    few = estate.propose(small, estate.proposal(change(estate), "few"))
    estate.governor.send(small, "castVote", few, FOR)
    contested = estate.propose(small, estate.proposal(change(estate), "contested"))
    estate.governor.send(small, "castVote", contested, FOR)
    estate.governor.send(voter, "castVote", contested, AGAINST)
    estate.chain.go_to(int(estate.governor.call("proposalDeadline", contested)) + 1)
    assert (state(estate, few), state(estate, contested)) == (DEFEATED, DEFEATED)
    hashed = estate.hashed(estate.proposal(change(estate), "few"))
    assert estate.governor.refusal(voter, "queue", *hashed).error == "GovernorUnexpectedProposalState"


def test_a_quorum_in_the_last_second_prolongs_the_vote(estate: Estate, voter: str) -> None:
    id = estate.propose(voter, estate.proposal(change(estate), "late"))
    deadline = int(estate.governor.call("proposalDeadline", id))
    estate.chain.go_to(deadline - 1)
    estate.governor.send(voter, "castVote", id, FOR)
    prolonged = int(estate.governor.call("proposalDeadline", id))
    assert prolonged == deadline - 1 + 300
    estate.chain.go_to(deadline + 5)
    assert state(estate, id) == ACTIVE


def test_what_passed_waits_in_the_timelock_and_cannot_go_around_it(estate: Estate, voter: str) -> None:
    proposal = estate.proposal(change(estate), "waits")
    id = estate.propose(voter, proposal)
    estate.governor.send(voter, "castVote", id, FOR)
    assert estate.governor.refusal(voter, "queue", *estate.hashed(proposal)).error == "GovernorUnexpectedProposalState"
    estate.chain.go_to(int(estate.governor.call("proposalDeadline", id)) + 1)
    assert state(estate, id) == SUCCEEDED
    estate.governor.send(voter, "queue", *estate.hashed(proposal))
    assert state(estate, id) == QUEUED
    early = estate.governor.refusal(voter, "execute", *estate.hashed(proposal))
    assert early.error == "TimelockUnexpectedOperationState"
    targets, values, payloads, _ = proposal
    batch = (targets, values, payloads, ZERO, ZERO)
    for caller in (voter, estate.world.deployer, someone(1)):
        refusal = estate.timelock.refusal(caller, "scheduleBatch", *batch, TIMELOCK_DELAY)
        assert refusal.error == "AccessControlUnauthorizedAccount"
        assert estate.timelock.refusal(caller, "executeBatch", *batch).error == "TimelockUnexpectedOperationState"
        assert estate.timelock.refusal(caller, "updateDelay", 0).error == "TimelockUnauthorizedCaller"
        assert estate.governor.refusal(caller, "relay", NOBODY, 0, b"").error == "GovernorOnlyExecutor"
        assert estate.governor.refusal(caller, "setVotingPeriod", 1).error == "GovernorOnlyExecutor"


def test_the_rules_of_voting_change_only_by_a_vote(estate: Estate, voter: str) -> None:
    governor = estate.governor
    estate.decide(voter, [(governor, "setVotingPeriod", (VOTING_PERIOD + 1,)), (governor, "setVotingDelay", (7,))])
    assert (governor.call("votingPeriod"), governor.call("votingDelay")) == (VOTING_PERIOD + 1, 7)
    assert governor.call("proposalThreshold") == 1_000 * ETHER
    assert governor.call("quorumNumerator") == 4
    assert governor.call("proposalNeedsQueuing", 0)


def test_the_proposer_may_take_a_proposal_back_before_the_vote(estate: Estate, voter: str) -> None:
    proposal = estate.proposal(change(estate), "regretted")
    estate.governor.send(voter, "propose", *proposal)
    id = int(estate.governor.call("hashProposal", *estate.hashed(proposal)))
    assert state(estate, id) == PENDING
    assert estate.governor.refusal(someone(1), "cancel", *estate.hashed(proposal)).error == "GovernorUnableToCancel"
    estate.governor.send(voter, "cancel", *estate.hashed(proposal))
    assert state(estate, id) == CANCELED


def test_the_constructor_of_the_parameters_checks_what_it_is_given(world: World) -> None:
    def refused(fee: int, curves: list[list[int]]) -> str:
        values = (fee, 10_000, 1, 3, curves, [ETH])
        return world.chain.deploy_refusal(world.deployer, "Parameters", someone(1), values).error

    assert refused(1_001, [[10_000]]) == "FeeAboveCap"
    assert refused(1_000, [[1]]) == "CurveInvalid"
