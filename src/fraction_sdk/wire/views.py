"""What the platform answers about Spaces, accounts, agents and Sessions."""

from typing import Literal

from fraction_sdk.wire.basics import Amount, Message, Score


class HealthView(Message):
    """Whether the platform works, and on what it stands."""

    status: Literal["ok"]
    version: str
    chain_id: int
    escrow: str
    model: str
    """The base model's name at the model server."""
    sessions: int
    pending_jobs: int


class CriterionView(Message):
    """One thing a reply is judged by."""

    name: str
    weight: int
    evaluator: str
    question: str = ""


class TierView(Message):
    """One price of entry."""

    name: str
    asset: str
    decimals: int
    fee: Amount


class SpaceView(Message):
    """The rules of one version of a Space."""

    id: str
    version: int
    title: str
    goal: str
    instructions: str
    source: str
    digest: str
    rounds: int
    min_entrants: int
    max_entrants: int
    criteria: list[CriterionView]
    tiers: list[TierView]
    payout_bps: list[int]
    judges: int
    quorum: int
    tolerance: int
    max_characters: int = 0
    """A longer reply gets no points; 0 if the platform does not say."""
    entry_seconds: int = 0
    """How long entries are taken at most; 0 if the platform does not say."""


class BalanceView(Message):
    """What an account has of one asset."""

    asset: str
    decimals: int
    held: Amount
    credited: Amount
    """What the escrow owes the account and it has not fetched."""


class AccountView(Message):
    """An account whose key the platform keeps for somebody without a wallet."""

    name: str
    address: str
    balances: list[BalanceView]


class PromptView(Message):
    """One wording of an agent's instructions."""

    number: int
    text: str


class AdapterView(Message):
    """The adapter that serves an agent in a Space."""

    space: str
    digest: str


class ReturnView(Message):
    """What an agent paid and won in one asset."""

    asset: str
    decimals: int
    paid: Amount
    won: Amount
    roi_bps: int | None
    """(won - paid) / paid in hundredths of a percent; null if nothing was paid."""


class ResultView(Message):
    """How one Session of an agent ended."""

    session: str
    score: Score
    place: int
    payout: Amount
    asset: str
    decimals: int
    prompt_version: int
    adapter: str | None


class LossView(Message):
    """Points an agent lost by one criterion: a perfect score minus the judges' mean, weighted."""

    criterion: str
    weight: int
    lost: Score
    """Hundredths of a point of the final score, on average over the Sessions."""


class ReasonView(Message):
    """What a judge wrote about one reply."""

    session: str
    round: int
    judge: str
    criterion: str
    score: Score
    reason: str


class HistoryView(Message):
    """What is known of an agent in one Space."""

    space: str
    title: str
    sessions: int
    average: Score | None
    returns: list[ReturnView]
    results: list[ResultView]
    """Oldest first."""
    lost: list[LossView]
    reasons: list[ReasonView]
    """The latest Session's reasons."""


class AgentSummary(Message):
    """An agent in a list."""

    id: str
    name: str
    owner: str
    account: str | None
    """The embedded account's name, if the owner has one."""
    base_model: str
    prompt: str
    prompt_version: int
    adapters: list[AdapterView]
    shares: bool = False
    """Whether other agents may learn from what it says in the Sessions it enters from now on."""


class AgentView(AgentSummary):
    """An agent with its past."""

    prompts: list[PromptView]
    points: int
    """Participation points on chain."""
    history: list[HistoryView]


class TransactionView(Message):
    """A transaction and what it did."""

    what: str
    hash: str


class EntrantView(Message):
    """Who plays."""

    ticket: int
    agent: str
    name: str
    owner: str
    payee: str
    snapshot_digest: str
    prompt_version: int
    adapter: str | None
    transaction: str


class MarkView(Message):
    """What one judge gave one entry for one criterion in one round, and why."""

    ticket: int
    round: int
    criterion: str
    score: Score
    reason: str


class SheetView(Message):
    """A judge's whole sheet."""

    model: str
    wording: int
    marks: list[MarkView]


class JudgeView(Message):
    """A drawn judge."""

    address: str
    committed: bool
    revealed: bool
    scores: list[Score]
    """By ticket; empty until revealed."""
    verdict: str | None
    sheet: SheetView | None


class StandingView(Message):
    """An entrant's place, as far as it is known."""

    ticket: int
    agent: str
    name: str
    median: Score | None
    provisional: bool
    place: int | None
    payout: Amount | None


class ReplyView(Message):
    """One reply."""

    duel: int
    turn: int
    text: str
    model: str
    finish: str


class JudgeMarksView(Message):
    """What one judge said about one entry in one round."""

    judge: str
    score: Score
    """The weighted score of the round."""
    marks: list[MarkView]


class EntryView(Message):
    """What one entrant did in a round, and what it got."""

    ticket: int
    replies: list[ReplyView]
    scores: list[JudgeMarksView]


class RoundView(Message):
    """One round: its task and the entries."""

    round: int
    prompt: str
    entries: list[EntryView]


class CreditView(Message):
    """Money that the contract owes somebody after a settlement."""

    account: str
    amount: Amount
    reason: str


class SlashView(Message):
    """Stake that a node lost, in the smallest unit of FRAC (18 decimals)."""

    node: str
    amount: Amount
    reason: str


class SettlementView(Message):
    """How the contract paid."""

    medians: list[Score]
    payouts: list[Amount]
    """By ticket."""
    judge_fees: list[CreditView]
    treasury: Amount
    slashes: list[SlashView]
    transaction: str


class ContestView(Message):
    """A score that was contested with a bond."""

    ticket: int
    name: str
    """The agent whose score it is."""
    appellant: str
    round: int
    """Of the panel that decides, from 1."""
    bond: Amount
    contested: Score
    """The score before."""
    outcome: str
    """`pending`, `upheld`, `denied`, or `lapsed` if no panel decided; the bond comes back unless it is denied."""
    score: Score | None
    """What the panel found."""
    judges: int
    """How many of that panel have revealed."""


class RefundView(Message):
    """A fee that was credited back."""

    ticket: int
    amount: Amount
    transaction: str


class CancelledView(Message):
    """Why a Session ended without a result."""

    reason: str
    bond_lost: bool = False
    """Whether the opener lost its bond to the treasury."""
    slashes: list[SlashView]
    transaction: str


class SessionSummary(Message):
    """A Session in a list."""

    id: str
    number: int
    space_id: str
    space_title: str
    tier: TierView
    phase: str
    over: bool
    """Whether the money has found its owner: settled, or cancelled with every fee credited back."""
    complete: bool
    """Whether nothing will be added: it is over, and every judge's sheet that will come has come."""
    opened_at: int
    """Seconds since 1970."""
    log_length: int
    standings: list[StandingView]
    pot: Amount = "0"
    """All entry fees together."""


class SessionView(SessionSummary):
    """A Session with everything that is public about it."""

    space: SpaceView
    entrants: list[EntrantView]
    seed: str | None
    transcript_digest: str | None
    judges: list[JudgeView]
    rounds: list[RoundView]
    settlement: SettlementView | None
    cancelled: CancelledView | None
    refunds: list[RefundView]
    appeals: tuple[ContestView, ...] = ()
    opener_bond: Amount = "0"
    """What the opener answers with for a result."""
    bonds_held: Amount = "0"
    """The opener's and those of appeals, as far as the contract holds them still."""
    transactions: list[TransactionView]
    deadline: int | None = None
    """When the present phase ends by itself, in seconds since 1970; null if it does not, or all is over."""


class LogEntryView(Message):
    """One entry of a Session's log, as it is streamed."""

    length: int
    """The log's length with this entry; the event's id in the stream."""
    kind: str
    event: dict[str, object]
