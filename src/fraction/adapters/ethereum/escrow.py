"""Entry fees, judging and payouts, as one account sees and moves them."""

from collections.abc import Sequence

from fraction.adapters.ethereum.abi import Record
from fraction.adapters.ethereum.contract import (
    Chain,
    Contract,
    Happening,
    Token,
    asset_address,
    await_randomness,
    topic_of,
)
from fraction.adapters.ethereum.facts import facts_of
from fraction.adapters.ethereum.scores import packed
from fraction.app.chain import ChainFact, EscrowPhase, EscrowState, Opening
from fraction.base import Address, AgentId, Digest, Instant, NotFound, Unavailable, Wei, digest_of
from fraction.sessions import Appealed, Committed, Refunded, Revealed
from fraction.spaces import Asset, Space, Tier

_PHASES = tuple(EscrowPhase)
"""In the contract's order."""


class EthereumEscrow:
    """The Session escrow; an `Escrow`."""

    def __init__(self, chain: Chain) -> None:
        self._chain = chain
        self._escrow = Contract(chain, "SessionEscrow")
        self._parameters = Contract(chain, "Parameters")
        self._usd = Token(chain, "TestUSD")
        self._first_blocks: dict[int, int] = {}

    @property
    def address(self) -> Address:
        """The contract."""
        return self._escrow.address

    @property
    def chain_id(self) -> int:
        """The chain."""
        return self._chain.spec.chain_id

    def open(self, key: str, space: Space, tier: Tier) -> int:
        """Open a Session with the bond that governance asks for; return its number. The same `key` opens only one."""
        terms = _terms(space, tier, asset_address(self._chain.deployment, tier.asset))
        with self._chain.sender.lane:
            due = self._due_of_bond(space, tier)
            if tier.asset is Asset.ETH:
                receipt = self._escrow.send(f"open/{key}", "open", terms, value=due)
            else:
                self._allow(due, f"open/{key}")
                receipt = self._escrow.send(f"open/{key}", "open", terms)
        return self._escrow.events_in(receipt, "Opened")[0].integer("id")

    def opening(self, number: int) -> Opening:
        """Return who opened the Session, when, and on what terms of governance.

        Raises:
            NotFound: there is no such Session.
        """
        opened = self._opened(number)
        block = self._chain.rpc.block(opened.log.block_number)
        if block is None:
            raise Unavailable(f"The chain is being reorganised; ask for Session {number} again.")
        return Opening(
            opener=opened.event.address("opener"),
            at=block.timestamp,
            fee_bps=opened.event.integer("feeBps"),
            bond=Wei(opened.event.integer("bond")),
            transaction=opened.log.transaction,
        )

    def sessions(self) -> int:
        """Return how many Sessions were ever opened; their numbers are 1 to this."""
        return self._escrow.read_integer("sessionCount")

    def enter(self, number: int, agent: AgentId, snapshot: Digest, payee: Address) -> str:
        """Pay the fee for `agent` from this account; return the transaction's hash."""
        terms = self._session(number).record("terms")
        fee, key = terms.integer("fee"), f"enter/{number}/{agent}"
        arguments = (number, bytes.fromhex(agent), bytes.fromhex(snapshot), payee)
        if terms.address("asset") == asset_address(self._chain.deployment, Asset.ETH):
            return self._escrow.send(key, "enter", *arguments, value=fee).transaction
        with self._chain.sender.lane:
            if not self._has_entered(number, agent):
                self._usd.allow(self.address, fee, key)
            return self._escrow.send(key, "enter", *arguments).transaction

    def close(self, number: int) -> None:
        """Take no more entries."""
        self._escrow.send(f"close/{number}", "close", number)

    def fix_seed(self, number: int) -> None:
        """Fix the seed from the block after closing."""
        self._with_randomness(number, "fixSeed")

    def publish(self, number: int, transcript: Digest) -> None:
        """Bind the transcript."""
        self._escrow.send(f"publish/{number}/{transcript}", "publish", number, bytes.fromhex(transcript))

    def draw(self, number: int) -> None:
        """Draw the judges from the block after publishing."""
        self._with_randomness(number, "draw")

    def commit(self, number: int, scores: Sequence[int], verdict: Digest, salt: bytes) -> None:
        """Fix this judge's scores without showing them."""
        own = self._chain.sender.address
        answer = self._escrow.read("commitmentOf", number, own, packed(scores), bytes.fromhex(verdict), salt)
        self.copy_commitment(number, answer.digest("0"))

    def copy_commitment(self, number: int, commitment: str) -> None:
        """Commit to bytes somebody else made (which then cannot be revealed)."""
        plain = commitment.removeprefix("0x")
        self._escrow.send(f"commit/{number}/{plain}", "commit", number, bytes.fromhex(plain))

    def reveal(self, number: int, scores: Sequence[int], verdict: Digest, salt: bytes) -> None:
        """Show this judge's scores."""
        arguments = (number, packed(scores), bytes.fromhex(verdict), salt)
        self._escrow.send(f"reveal/{number}", "reveal", *arguments)

    def redraw(self, number: int) -> None:
        """Have judges replaced that stayed away."""
        count = self._session(number).integer("ticket")
        self._escrow.send(f"redraw/{number}/{count}", "redraw", number)

    def settle(self, number: int) -> None:
        """Take the medians of what the present panel revealed; the next part of them in a very large Session."""
        session = self._session(number)
        key = f"settle/{number}/{session.integer('round')}/{session.integer('scored')}"
        self._escrow.send(key, "settle", number)

    def appeal(self, number: int, ticket: int) -> Wei:
        """Contest a ticket's score; return the bond that this account paid."""
        session = self._session(number)
        bond = self._escrow.read_integer("bondOf", number)
        key = f"appeal/{number}/{session.integer('round')}/{ticket}"
        if session.record("terms").address("asset") == asset_address(self._chain.deployment, Asset.ETH):
            self._escrow.send(key, "appeal", number, ticket, value=bond)
            return Wei(bond)
        with self._chain.sender.lane:
            self._allow(bond, key)
            self._escrow.send(key, "appeal", number, ticket)
        return Wei(bond)

    def _allow(self, amount: int, key: str) -> None:
        """Let the escrow take `amount` dollars for the transaction that serves `key`, unless that one was mined."""
        if not self._chain.sender.receipt_of(f"{self.address}/{key}"):
            self._usd.allow(self.address, amount, key)

    def convene(self, number: int) -> None:
        """Have a fresh panel drawn for the scores that were contested."""
        self._escrow.send(f"convene/{number}/{self._session(number).integer('round')}", "convene", number)

    def finalize(self, number: int) -> None:
        """Rank by the final scores and pay."""
        self._escrow.send(f"finalize/{number}", "finalize", number)

    def claim(self, number: int, tickets: Sequence[int]) -> None:
        """Credit these tickets' prizes, where so many win that `finalize` left it to be done."""
        self._escrow.send(f"claim/{number}/{digest_of(list(tickets))}", "claim", number, list(tickets))

    def cancel(self, number: int) -> None:
        """End a Session that missed a deadline."""
        self._escrow.send(f"cancel/{number}", "cancel", number)

    def refund(self, number: int, ticket: int) -> None:
        """Credit an entrant's fee back."""
        self._escrow.send(f"refund/{number}/{ticket}", "refund", number, ticket)

    def withdraw(self, asset: Asset) -> Wei:
        """Fetch what the contract owes this account; return how much it was (0: nothing)."""
        return withdraw_from(self._escrow, asset)

    def credit_of(self, account: Address, asset: Asset) -> Wei:
        """Return what the contract owes `account`."""
        token = asset_address(self._chain.deployment, asset)
        return Wei(self._escrow.read_integer("balanceOf", account, token))

    def held(self, asset: Asset) -> Wei:
        """Return what the contract holds in total."""
        if asset is Asset.ETH:
            return Wei(self._chain.rpc.balance(self.address))
        return Wei(self._usd.balance_of(self.address))

    def points_of(self, agent: AgentId) -> int:
        """Return the agent's participation points: its entries in settled Sessions."""
        entered = self._escrow.happenings("Entered", None, None, topic_of(agent))
        settled = {happening.event.integer("id") for happening in self._escrow.happenings("Settled")}
        return sum(happening.event.integer("id") in settled for happening in entered)

    def state(self, number: int) -> EscrowState:
        """Return where the Session stands now: what the next block would make of it."""
        self._chain.lanes.tend()
        phase = _PHASES[self._escrow.read_integer("phaseOf", number, block="pending")]
        deadline = self._escrow.read_integer("deadlineOf", number, block="pending")
        session = self._session(number)
        facts = self.facts(number, confirmed=False) if phase is not EscrowPhase.NONE else ()
        round = session.integer("round")
        committed = dict.fromkeys(fact.judge for fact in facts if isinstance(fact, Committed))
        transcript = session.digest("transcript")
        return EscrowState(
            phase=phase,
            deadline=Instant(deadline),
            opener=session.address("opener"),
            space=session.record("terms").digest("space"),
            entrants=session.integer("entrants"),
            transcript=transcript if int(transcript, 16) else None,
            judges=self._escrow.read("panelOf", number, round).addresses("0"),
            has_committed=tuple(committed),
            has_revealed=tuple(fact.judge for fact in facts if isinstance(fact, Revealed)),
            refunded=tuple(fact.ticket for fact in facts if isinstance(fact, Refunded)),
            round=round,
            contested=tuple(fact.ticket for fact in facts if isinstance(fact, Appealed) and fact.round == round),
        )

    def facts(self, number: int, confirmed: bool = True) -> tuple[ChainFact, ...]:
        """Return what the chain has decided, in its order; only what is final, unless asked otherwise."""
        happenings = self._escrow.happenings(None, topic_of(number), first_block=self._first_block(number))
        if confirmed:
            happenings = tuple(happening for happening in happenings if self._escrow.is_final(happening))
        return facts_of(happenings)

    def _due_of_bond(self, space: Space, tier: Tier) -> int:
        """Return what the bond of a new Session takes beyond what the contract owes this account already."""
        bps = self._parameters.read_integer("openerBondBps")
        bond = tier.fee * space.max_entrants * bps // 10_000
        return max(0, bond - self.credit_of(self._chain.sender.address, tier.asset))

    def _session(self, number: int) -> Record:
        return self._escrow.read("sessionOf", number).record("0")

    def _opened(self, number: int) -> Happening:
        found = self._escrow.happenings("Opened", topic_of(number))
        if not found:
            raise NotFound(f"Session {number} does not exist on this chain.")
        return found[0]

    def _first_block(self, number: int) -> int:
        """Return the block of the opening, remembered once it is final."""
        if number in self._first_blocks:
            return self._first_blocks[number]
        try:
            opened = self._opened(number)
        except NotFound:
            return self._chain.deployment.block
        if self._escrow.is_final(opened):
            self._first_blocks[number] = opened.log.block_number
        return opened.log.block_number

    def _has_entered(self, number: int, agent: AgentId) -> bool:
        return bool(self._escrow.happenings("Entered", topic_of(number), None, topic_of(agent)))

    def _with_randomness(self, number: int, function: str) -> None:
        """Send what needs a randomness ticket; again with the new one if the ticket had expired."""
        while True:
            ticket = self._session(number).integer("ticket")
            await_randomness(self._chain, ticket)
            receipt = self._escrow.send(f"{function}/{number}/{ticket}", function, number)
            if not self._escrow.events_in(receipt, "Rearmed"):
                return


def withdraw_from(contract: Contract, asset: Asset) -> Wei:
    """Fetch what a contract owes this account; return how much it was (0: nothing)."""
    chain = contract.chain
    own, token = chain.sender.address, asset_address(chain.deployment, asset)
    if not contract.read_integer("balanceOf", own, token):
        return Wei(0)
    times = len(contract.happenings("Withdrawn", topic_of(own), topic_of(token)))
    receipt = contract.send(f"withdraw/{asset.value}/{times}", "withdraw", token, own)
    return Wei(contract.events_in(receipt, "Withdrawn")[0].integer("amount"))


def _terms(space: Space, tier: Tier, asset: Address) -> tuple[object, ...]:
    """Return what the chain must know of the rules, in the order of the contract's `Terms`."""
    return (
        bytes.fromhex(space.digest()),
        asset,
        tier.fee,
        space.min_entrants,
        space.max_entrants,
        space.panel.judges,
        space.panel.quorum,
        space.panel.tolerance,
        space.timing.entry_seconds,
        space.timing.play_seconds,
        space.timing.commit_seconds,
        space.timing.reveal_seconds,
        list(space.payout_bps),
    )
