"""What a contract's custom errors mean to the caller: one sentence and one place in the error tree each."""

from collections.abc import Callable

from fraction.adapters.ethereum.abi import Record, interface
from fraction.adapters.ethereum.rpc import RpcError
from fraction.app.chain import EscrowPhase, TaskPhase
from fraction.base import Conflict, FractionError, NotFound, Rejected, Unavailable

_CONTRACTS = (
    "SessionEscrow",
    "TrainingRegistry",
    "DisputeGame",
    "Referee",
    "StakeVault",
    "FracToken",
    "TestUSD",
    "FracGovernor",
    "TimelockController",
    "Parameters",
    "Emissions",
    "WorkPoints",
    "AgentRegistry",
    "AgentReputation",
    "AgentValidation",
    "TrainingValidator",
    "AgentAccount",
    "AgentAccounts",
    "AgentMarket",
    "CallMeter",
)

Sentence = Callable[[Record], str]


def refusal_of(error: RpcError, contract: str = "") -> FractionError:
    """Return what to raise for a node's error.

    Args:
        error: what the node answered
        contract: whose error it is, if that is known; the same name can be an error of several contracts
    """
    if error.revert is None:
        return _node_refusal(error.message)
    names = sorted(_CONTRACTS, key=lambda name: name != contract)
    for name in names:
        record = interface(name).error(error.revert)
        if record is not None:
            return _custom(record, name)
    return Rejected(f"The contract refused this without a reason that is known ({error.message}).")


def _node_refusal(message: str) -> FractionError:
    if "insufficient funds" in message.lower():
        return Rejected("The account holds too little ETH for this transaction and its gas; send it some.")
    return Unavailable(f"The chain's node did not take the request ({message}); try again.")


def _custom(record: Record, contract: str) -> FractionError:
    if record.kind == "WrongPhase":
        return _wrong_phase(record, contract)
    kind, sentence = REFUSALS.get(record.kind, (Rejected, None))
    if sentence is None:
        values = ", ".join(f"{name} {_shown(value)}" for name, value in record.values.items())
        return kind(f"The contract {contract} refused this with {record.kind} ({values}).")
    return kind(sentence(record))


def _wrong_phase(record: Record, contract: str) -> FractionError:
    number, place = record.integer("id"), record.integer("phase")
    phases = list(TaskPhase if contract == "TrainingRegistry" else EscrowPhase)
    what = "Training task" if contract == "TrainingRegistry" else "Session"
    if place == 0:
        return NotFound(f"{what} {number} does not exist on this chain.")
    return Conflict(f"{what} {number} is {phases[place].value} now, which does not allow this.")


def _shown(value: object) -> str:
    return "0x" + value.hex() if isinstance(value, bytes) else str(value)


def _word(record: Record, name: str) -> str:
    return record.raw(name).rstrip(b"\0").decode("ascii", "replace")


def _role(record: Record) -> str:
    return ("judge", "trainer", "verifier")[record.integer("role")]


def _nothing_to_claim(record: Record) -> str:
    """Escrow and emissions call it alike."""
    if "ticket" in record.values:
        return f"Ticket {record.integer('ticket')} of Session {record.integer('id')} has no prize left to credit."
    return f"{record.address('account')} has nothing left to get for that work in month {record.integer('month')}."


REFUSALS: dict[str, tuple[type[FractionError], Sentence]] = {
    # Sessions and training tasks
    "TermOutOfBounds": (
        Rejected,
        lambda r: f"The term {_word(r, 'term')!r} may not be {r.integer('value')}; see the contract's bounds.",
    ),
    "PayoutsInvalid": (
        Rejected,
        lambda r: f"The shares {list(r.integers('payoutBps'))} must fall from place to place and sum to 10000.",
    ),
    "NotOpener": (Rejected, lambda r: f"Only the account that opened Session {r.integer('id')} may do this."),
    "EmptyDigest": (Rejected, lambda _: "A digest of zeros is no digest; give the SHA-256 of the content."),
    "PermitNeedsToken": (Rejected, lambda _: "The fee is in ETH, which needs no permit; enter without one."),
    "RandomnessPending": (
        Unavailable,
        lambda _: "The block that decides this is not there yet; try again in a moment.",
    ),
    "TooFewJudges": (
        Unavailable,
        lambda r: (
            f"Session {r.integer('id')} needs {r.integer('quorum')} judges and {r.integer('available')} can be "
            "drawn; more judges must stake."
        ),
    ),
    "TooFewNodes": (
        Unavailable,
        lambda r: (
            f"Task {r.integer('id')} needs {r.integer('quorum')} nodes and {r.integer('available')} can be drawn; "
            "more trainers or verifiers must stake."
        ),
    ),
    "NotDrawn": (Rejected, lambda r: f"{r.address('caller')} was not drawn for {r.integer('id')}."),
    "CommitmentMismatch": (
        Rejected,
        lambda r: "What is revealed is not what this account committed to; reveal the committed bytes.",
    ),
    "AlreadyRevealed": (Conflict, lambda r: f"This node has revealed for {r.integer('id')} already."),
    "WrongScoresLength": (
        Rejected,
        lambda r: f"Give one score per judged entry: {r.integer('expected')} bytes, not {r.integer('given')}.",
    ),
    "ScoreOutOfRange": (
        Rejected,
        lambda r: f"Place {r.integer('place')} has the score {r.integer('score')}; scores are 0 to 10000.",
    ),
    "Paused": (Unavailable, lambda _: "Governance has stopped new Sessions for now; those that are open go on."),
    "FeeAboveCap": (
        Rejected,
        lambda r: f"The fee of {r.integer('feeBps')} bps is above the cap of {r.integer('cap')} in the code.",
    ),
    "CurveNotAllowed": (
        Rejected,
        lambda _: "Neither governance nor this Space version's first Session allows these shares by place.",
    ),
    "AlreadyContested": (
        Conflict,
        lambda r: f"Ticket {r.integer('ticket')} of Session {r.integer('id')} is contested already in this round.",
    ),
    "TooManyAppeals": (
        Conflict,
        lambda r: f"A panel hears no more appeals than Session {r.integer('id')} has in this round; try the next one.",
    ),
    "NothingToClaim": (Conflict, lambda r: _nothing_to_claim(r)),
    "NoSuchEntrant": (
        NotFound,
        lambda r: f"Session {r.integer('id')} has no ticket {r.integer('ticket')}.",
    ),
    "AlreadyRefunded": (
        Conflict,
        lambda r: f"Ticket {r.integer('ticket')} of Session {r.integer('id')} was refunded already.",
    ),
    # Governance
    "TimelockUnexpectedOperationState": (
        Unavailable,
        lambda _: "What passed still waits in the timelock, or was done already; try again later.",
    ),
    # Emissions
    "NothingToRecord": (Conflict, lambda r: f"All points of {r.integer('id')} are recorded already."),
    "FeeTooSmall": (
        Rejected,
        lambda r: f"The fee of {r.integer('fee')} is below {r.integer('least')}; smaller ones give no points.",
    ),
    "MonthNotOver": (
        Conflict,
        lambda r: f"Month {r.integer('month')} lasts until {r.integer('end')} (seconds since 1970); claim it then.",
    ),
    # Validations
    "NotOpenedByOwner": (
        Rejected,
        lambda r: f"Task {r.integer('task')} was opened by {r.address('opener')}, who does not own the agent now.",
    ),
    "AlreadyValidated": (
        Conflict,
        lambda r: f"Task {r.integer('task')} validated agent {r.integer('agentId')} already; it validates one.",
    ),
    # Policies of agents
    "NotOperator": (Rejected, lambda r: f"{r.address('caller')} is not the key that this policy lets act."),
    "PolicyExpired": (Rejected, lambda r: f"The policy ended at {r.integer('expiry')} (seconds since 1970)."),
    "PolicyRevoked": (Rejected, lambda _: "The agent's owner revoked this policy."),
    "PolicyOfFormerOwner": (Rejected, lambda _: "The agent was sold after this policy was signed; ask its new owner."),
    "PolicySignatureInvalid": (Rejected, lambda r: f"{r.address('owner')}, who owns the agent, did not sign this."),
    "WrongSelector": (Rejected, lambda _: "The rule allows another function than this one."),
    "AllowanceForbidden": (Rejected, lambda _: "No policy can let an agent give allowances, as they outlive the call."),
    "BeneficiaryNotSelf": (
        Rejected,
        lambda r: f"Argument {r.integer('argument')} must be the agent's own account, says the rule.",
    ),
    "OverDailyLimit": (
        Rejected,
        lambda r: f"The rule leaves {r.integer('left')} for today, and {r.integer('wanted')} were to be spent.",
    ),
    "SpentTooMuch": (
        Rejected,
        lambda r: f"The protocol took {r.integer('spent')} of at most {r.integer('amount')}, so nothing was done.",
    ),
    # Disputes
    "NotTurn": (
        Conflict,
        lambda r: f"It is not this account's turn in dispute {r.integer('id')}; read where it stands.",
    ),
    "TooLate": (
        Rejected,
        lambda r: f"The time for this move in dispute {r.integer('id')} is over; who is silent loses.",
    ),
    "TooEarly": (
        Conflict,
        lambda r: f"Dispute {r.integer('id')} cannot be timed out yet; the other side still has time.",
    ),
    "AlreadyOver": (Conflict, lambda r: f"Dispute {r.integer('id')} is not under way."),
    "WrongBond": (
        Rejected,
        lambda r: f"A dispute costs a bond of {r.integer('due')} wei; {r.integer('paid')} were sent.",
    ),
    "NothingToDispute": (
        Rejected,
        lambda r: (
            f"{r.address('defender')} has shown no result for task {r.integer('task')} that this account may dispute."
        ),
    ),
    "WrongClaim": (Rejected, lambda _: "These steps are not what the node claimed; open the claim that was revealed."),
    "UnprovedInput": (Rejected, lambda r: f"Input {r.integer('number')} is not proved under the defender's own roots."),
    # Money
    "ZeroAddress": (Rejected, lambda _: "The zero address belongs to nobody; name an account."),
    "AssetNotAllowed": (Rejected, lambda r: f"Fees cannot be paid in {r.address('asset')} here."),
    "WrongValue": (
        Rejected,
        lambda r: f"Exactly {r.integer('expected')} wei are due, and {r.integer('sent')} were sent.",
    ),
    "WrongAmountReceived": (
        Rejected,
        lambda r: f"The token arrived as {r.integer('received')} of {r.integer('expected')}; it cannot be used.",
    ),
    "NothingOwed": (Conflict, lambda r: f"Nothing is owed to {r.address('account')}."),
    "TransferFailed": (Rejected, lambda r: f"{r.address('to')} refuses the ETH; withdraw to another address."),
    "SafeERC20FailedOperation": (Rejected, lambda r: f"The token at {r.address('token')} refuses the transfer."),
    "ERC20InsufficientBalance": (
        Rejected,
        lambda r: f"{r.address('sender')} holds {r.integer('balance')} of the {r.integer('needed')} needed.",
    ),
    "ERC20InsufficientAllowance": (
        Rejected,
        lambda r: f"{r.address('spender')} may take {r.integer('allowance')} of the {r.integer('needed')} needed.",
    ),
    # Stakes
    "AlreadyRegistered": (Conflict, lambda r: f"{r.address('node')} is registered as {_role(r)} already."),
    "NotRegistered": (NotFound, lambda r: f"{r.address('node')} is not registered as {_role(r)}."),
    "StakeTooSmall": (
        Rejected,
        lambda r: f"The stake of {r.integer('amount')} is below the minimum of {r.integer('minimum')} wei of FRAC.",
    ),
    "EndpointLength": (
        Rejected,
        lambda r: f"An endpoint has 1 to 256 bytes; this one has {r.integer('length')}.",
    ),
    "ListFull": (
        Rejected,
        lambda r: f"All places for the role {_role(r)} are taken by larger stakes; stake more.",
    ),
    "ExitRequestedAlready": (Conflict, lambda r: f"{r.address('node')} is on its way out as {_role(r)} already."),
    "ExitNotRequested": (Rejected, lambda r: f"{r.address('node')} must first ask to exit as {_role(r)}."),
    "StillThawing": (Rejected, lambda r: f"The stake thaws until {r.integer('exitAt')} (seconds since 1970)."),
    "NotThatMuch": (
        Rejected,
        lambda r: f"Only {r.integer('available')} wei of FRAC of this account can be taken out of that node's stake.",
    ),
    "PoolRuined": (Rejected, lambda r: f"Slashes ruined the stake of {r.address('node')}; stake with another node."),
    "StillLocked": (
        Conflict,
        lambda r: f"The node still works for {r.integer('locks')} Sessions or tasks; wait for them to end.",
    ),
}
"""By the error's name: how it is raised and what it says. What is not here is told by name and values."""
