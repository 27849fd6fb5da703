"""What the platform answers about trainings, ratings, nodes, money and help: the messages beside Sessions."""

from pydantic import Field

from fraction_sdk.wire.basics import Amount, Message, Score
from fraction_sdk.wire.views import MarkView, ReturnView, TransactionView


class TrainingNodeView(Message):
    """What one node got when it did the training task."""

    address: str
    role: str
    root: str | None
    result: str | None
    """The digest of the adapter."""
    agrees: bool | None
    """Null until the task is decided."""
    first_difference: int | None
    """The first step at which a dissenting node's trail differs, if that could be found."""
    slashed: Amount
    """FRAC in its smallest unit (18 decimals)."""


class DisputeView(Message):
    """A dispute over a training's result that is over: the referee contract computed one number of it again."""

    number: int
    challenger: str
    defender: str
    refuted: bool
    """Whether the defender was wrong, or silent."""
    step: int
    """The disputed step, from 0."""
    found: int | None
    """Bits of the number that the referee found; null if somebody was silent before."""
    claimed: int | None
    """Bits that the defender had there."""
    gas: int
    """Of all moves of both sides."""
    moves: int


class ComparisonView(Message):
    """The blind held-out comparison, in hundredths of a point."""

    tasks: int
    before: int
    after: int
    difference: int
    low: int
    high: int
    promoted: bool
    odds_percent: int = 0
    """What a bet of 1 on "better" has grown to, in hundredths; 4000 is proof enough."""


class TrainingView(Message):
    """A weight update: what was asked, who computed it, whether it won."""

    name: str
    agent: str
    agent_name: str
    space: str
    status: str
    """`collecting`, `training`, `gating`, then `promoted`, `kept` (the old version) or `failed`."""
    over: bool
    """Whether the last three are reached."""
    reason: str | None
    """Why it failed, if it did."""
    sessions: int
    """How many settled Sessions the data set could draw from."""
    dataset_digest: str | None
    examples: int
    manifest: str | None
    specification: str | None = None
    """Names everything that is computed; null where no referee can decide over it."""
    task_number: int | None
    nodes: list[TrainingNodeView]
    disputes: list[DisputeView] = Field(default_factory=list[DisputeView])
    """Those that are over."""
    losses_ppm: list[int]
    """The loss before each step in millionths of a nat per token; known when the nodes have agreed."""
    comparison: ComparisonView | None
    adapter: str | None
    previous: str | None
    """What served before."""
    evidence: str | None
    """The blob with the held-out tasks, both versions' replies and their scores."""
    fee: Amount
    """Wei of ETH that the nodes that agree share."""
    transactions: list[TransactionView]


class LeaderboardRow(Message):
    """An agent's standing in a Space, or over all of them."""

    place: int
    agent: str
    name: str
    account: str | None
    sessions: int
    wins: int
    average: Score
    returns: list[ReturnView]
    trained: bool
    rating: int | None = None
    """From one joint fit over all pairs; 1000 is the average agent."""
    rating_margin: int | None = None
    """Half of the rating's 95 % interval."""


class ReceiptView(Message):
    """One payment or slash: who got or gave how much, why, and in which transaction."""

    what: str
    reason: str
    name: str
    """The agent's, the account's or the node's role; may be empty."""
    account: str
    agent: str | None = None
    amount: Amount
    """Negative if the account gave it."""
    asset: str
    decimals: int
    session: str | None = None
    training: str | None = None
    transaction: str


class EarnedView(Message):
    """What a node earned in one asset."""

    asset: str
    decimals: int
    amount: Amount


class EstimateView(Message):
    """An estimate with its 95 % interval, in thousandths."""

    low: int
    value: int
    high: int


class JudgeRecordView(Message):
    """What a judge's finished Sessions tell about it."""

    drawn: int
    """Sessions to whose first panel it was drawn."""
    answered: EstimateView
    """The share of them in which it revealed."""
    agreement: EstimateView | None
    """Rank correlation of its scores with the other judges' medians; None: too few, or they never varied."""
    length_bias: EstimateView | None
    """Rank correlation of an entry's length with how much more than the others it gave; 0 is fair."""
    kin_bias: EstimateView | None
    """Points more that a model of its own family gets, against the other judges' medians."""


class NodeView(Message):
    """A staked node."""

    address: str
    role: str
    endpoint: str
    stake: Amount
    """FRAC in its smallest unit (18 decimals)."""
    earned: list[EarnedView]
    slashed: Amount
    jobs: int
    """Sessions judged, or training tasks computed."""
    record: JudgeRecordView | None = None
    """Of a judge that was drawn."""


class CreditCheckView(Message):
    """What an account should be owed by the logs, and what the contract says."""

    account: str
    expected: Amount
    on_chain: Amount


class AssetMoneyView(Message):
    """All money of one asset that went through the escrow."""

    asset: str
    decimals: int
    fees: Amount
    """Paid in."""
    prizes: Amount
    judge_fees: Amount
    treasury: Amount
    refunds: Amount
    pending: Amount
    """Fees of Sessions that are not over."""
    bonds: Amount = "0"
    """Bonds that the contract holds: of openers until there is a result, of players whose appeals are not decided."""
    bonds_returned: Amount = "0"
    """Back with players whose appeals were upheld or found no panel."""
    bonds_lost: Amount = "0"
    """Of appeals in vain and of openers without a result: judges and treasury were paid so much more than the fees."""
    deposits: Amount = "0"
    """What openers have in the contract, free for their next bonds."""
    withdrawn: Amount
    held: Amount
    """The contract's balance on chain."""
    credits: list[CreditCheckView]


class MoneyView(Message):
    """The books, against the chain."""

    assets: list[AssetMoneyView]


class AutomationView(Message):
    """What an agent does by itself, and what has come of it."""

    agent: str
    space: str
    tier: str
    max_sessions: int
    stop_loss: Amount | None
    take_profit: Amount | None
    parallel: int
    stopped: str | None
    """Why it stopped; null while it goes on."""
    sessions: int
    running: int
    profit: Amount
    asset: str
    decimals: int


class TrialView(Message):
    """A recorded task, answered with two prompts and scored by the platform's judge."""

    task: str
    old: str
    new: str
    old_score: Score
    new_score: Score


class CoachView(Message):
    """Where an agent lost most, in the judges' words, and a prompt that was tried for free."""

    session: str
    criterion: str
    lost: Score
    quotes: list[MarkView]
    prompt: str
    trials: list[TrialView]
    before: Score
    """The present prompt's mean over the trials."""
    after: Score
