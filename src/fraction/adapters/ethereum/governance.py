"""Votes of FRAC's holders, as one account sees and casts them."""

import time

from fraction.adapters.ethereum.abi import Record, interface, keccak
from fraction.adapters.ethereum.contract import Chain, Contract, topic_of
from fraction.app.governance import (
    AppealTime,
    AssetRule,
    Change,
    CurveRule,
    EmissionSplit,
    OpenerBond,
    Parameters,
    Pause,
    Proposal,
    ProposalState,
    ProtocolFee,
    RecipeRule,
    TrainingQuorum,
    Vote,
)
from fraction.base import Address, Instant, NotFound, Unavailable, Wei
from fraction.economy import EmissionPlan

_STATES = tuple(ProposalState)

_Calls = tuple[list[Address], list[int], list[bytes]]
"""Targets, wei and payloads, as the governor takes them."""


class EthereumGovernance:
    """The governor and what it governs; a `Governance`."""

    def __init__(self, chain: Chain) -> None:
        self._chain = chain
        self._governor = Contract(chain, "FracGovernor")
        self._parameters = Contract(chain, "Parameters")
        self._emissions = Contract(chain, "Emissions")
        self._sources = (Contract(chain, "FracToken"), Contract(chain, "StakeVault"))

    def propose(self, changes: tuple[Change, ...], text: str) -> int:
        """Propose changes; return the proposal's id. The same changes and text are the same proposal."""
        calls = self._calls(changes)
        id = self._governor.read_integer("hashProposal", *calls, keccak(text.encode()))
        self._governor.send(f"propose/{id}", "propose", *calls, text)
        return id

    def delegate(self) -> None:
        """Let this account's FRAC, held and staked, count as its own votes; returns when it does, a second later."""
        blocks = [block for source in self._sources if (block := self._delegate_at(source)) is not None]
        if not blocks:
            return
        delegated = self._chain.rpc.block(max(blocks))
        deadline = time.monotonic() + self._chain.spec.receipt_seconds
        while delegated is not None and self._next_second() <= delegated.timestamp + 1:
            if time.monotonic() > deadline:
                raise Unavailable("The chain stands still, so the votes do not count yet; try again later.")
            time.sleep(self._chain.spec.poll_seconds)

    def _delegate_at(self, source: Contract) -> int | None:
        """Return the block in which a contract's votes of this account became its own; None if they were."""
        own = self._chain.sender.address
        if source.read("delegates", own).address("0") == own:
            return None
        times = len(source.happenings("DelegateChanged", topic_of(own)))
        return source.send(f"delegate/{source.address}/{times}", "delegate", own).block_number

    def _next_second(self) -> int:
        """Return the time of the block that comes next."""
        block = self._chain.rpc.block("pending")
        return block.timestamp if block is not None else 0

    def vote(self, id: int, vote: Vote) -> Wei:
        """Vote with what the account had when the vote began; return how much that was."""
        receipt = self._governor.send(f"vote/{id}", "castVote", id, vote.value)
        return Wei(sum(event.integer("weight") for event in self._governor.events_in(receipt, "VoteCast")))

    def queue(self, id: int) -> None:
        """Put a proposal that passed into the timelock."""
        self._governor.send(f"queue/{id}", "queue", *self._proposed(id))

    def execute(self, id: int) -> None:
        """Do what a queued proposal says."""
        self._governor.send(f"execute/{id}", "execute", *self._proposed(id))

    def proposal(self, id: int) -> Proposal:
        """Return a proposal; raise NotFound if there is none."""
        return self._view(self._created(id))

    def proposals(self) -> tuple[Proposal, ...]:
        """Return all proposals, oldest first."""
        return tuple(self._view(found.event) for found in self._governor.happenings("ProposalCreated"))

    def parameters(self) -> Parameters:
        """Return what is set now."""
        read = self._parameters.read_integer
        month = self._emissions.read_integer("currentMonth", block="pending")
        plan = self._emissions.read("planOf", month).record("0")
        return Parameters(
            protocol_fee_bps=read("protocolFeeBps"),
            opener_bond_bps=read("openerBondBps"),
            appeal_seconds=read("appealSeconds"),
            training_quorum=read("minimumQuorum"),
            paused=bool(read("isPaused")),
            curves=self._curves(),
            emissions=EmissionPlan(_four(plan.integers("shareBps")), _four(plan.integers("maxPerPoint"))),
        )

    def _curves(self) -> tuple[tuple[int, ...], ...]:
        told = [happening.event for happening in self._parameters.happenings("CurveSet")]
        allowed = {event.integers("payoutBps"): event.flag("allowed") for event in told}
        return tuple(curve for curve, is_allowed in allowed.items() if is_allowed)

    def _calls(self, changes: tuple[Change, ...]) -> _Calls:
        calls = [_call(change) for change in changes]
        addresses = self._chain.deployment.address
        targets = [addresses(name) for name, _, _ in calls]
        payloads = [interface(name).call(function, *arguments) for name, function, arguments in calls]
        return targets, [0] * len(calls), payloads

    def _proposed(self, id: int) -> tuple[object, ...]:
        """Return what `queue` and `execute` take, as the proposal's event told it."""
        values = self._created(id).values
        digest = keccak(str(values["description"]).encode())
        return values["targets"], values["values"], values["calldatas"], digest

    def _created(self, id: int) -> Record:
        for happening in self._governor.happenings("ProposalCreated"):
            if happening.event.integer("proposalId") == id:
                return happening.event
        raise NotFound(f"There is no proposal {id} on this chain.")

    def _view(self, created: Record) -> Proposal:
        id = created.integer("proposalId")
        tally = self._governor.read("proposalVotes", id)
        names = {Vote.AGAINST: "againstVotes", Vote.FOR: "forVotes", Vote.ABSTAIN: "abstainVotes"}
        return Proposal(
            id=id,
            proposer=created.address("proposer"),
            text=created.text("description"),
            state=_STATES[self._governor.read_integer("state", id, block="pending")],
            votes_begin=Instant(created.integer("voteStart")),
            votes_end=Instant(self._governor.read_integer("proposalDeadline", id)),
            executable_at=Instant(self._governor.read_integer("proposalEta", id)),
            votes={vote: Wei(tally.integer(name)) for vote, name in names.items()},
        )


def _call(change: Change) -> tuple[str, str, tuple[object, ...]]:
    """Return which function of which contract makes the change, and with what."""
    match change:
        case ProtocolFee(bps):
            return "Parameters", "setProtocolFee", (bps,)
        case OpenerBond(bps):
            return "Parameters", "setOpenerBond", (bps,)
        case CurveRule(payout_bps, allowed):
            return "Parameters", "setCurve", (payout_bps, allowed)
        case RecipeRule(recipe, allowed):
            return "Parameters", "setRecipe", (bytes.fromhex(recipe), allowed)
        case AssetRule(asset, allowed):
            return "Parameters", "setAsset", (asset, allowed)
        case AppealTime(seconds):
            return "Parameters", "setAppealSeconds", (seconds,)
        case TrainingQuorum(nodes):
            return "Parameters", "setMinimumQuorum", (nodes,)
        case Pause(paused):
            return "Parameters", "setPaused", (paused,)
        case EmissionSplit(plan):
            return "Emissions", "setPlan", ((plan.share_bps, plan.max_per_point),)


def _four(values: tuple[int, ...]) -> tuple[int, int, int, int]:
    first, second, third, fourth = values
    return first, second, third, fourth
