"""Holders of FRAC vote on a payout curve, beside the Sessions: proposal, two votes, timelock, execution."""

import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from fraction.faces.cli.demo.outcome import CurveVote
from fraction.faces.cli.wallet import refusing

if TYPE_CHECKING:
    from fraction.app.governance import Governance

CURVE = (4_000, 3_000, 2_000, 1_000)
"""Four places are paid instead of three."""

REASON = "Pay four places, so that more builders come back"
HOLDERS = ("hana", "hugo")

_LOOK_SECONDS = 0.25
_PATIENCE = 400
"""Looks at most; a vote on the local chain takes about seven seconds."""


@contextmanager
def beside(folder: Path, rpc: str) -> Iterator["Future[CurveVote]"]:
    """Hold the vote while something else goes on; what is given has its outcome.

    Args:
        folder: the world's
        rpc: its chain
    """
    with ThreadPoolExecutor(max_workers=1, thread_name_prefix="vote") as pool:
        yield pool.submit(hold_vote, folder, rpc)


def hold_vote(folder: Path, rpc: str) -> CurveVote:
    """Return what became of the vote on `CURVE`.

    Raises:
        Refusal: it was voted down, or the chain does not answer.
    """
    from fraction.app.governance import CurveRule, Vote, carry_out
    from fraction.wiring import open_wallet

    started = time.monotonic()
    with refusing(), ExitStack() as stack:
        wallets = [stack.enter_context(open_wallet(folder, name, rpc, "holder")) for name in HOLDERS]
        holders = [wallet.governance() for wallet in wallets]
        for holder in holders:
            holder.delegate()
        first, second = holders
        before = CURVE in first.parameters().curves
        id = first.propose((CurveRule(CURVE, True),), REASON)
        _await_vote(first, id)
        first.vote(id, Vote.FOR)
        second.vote(id, Vote.FOR)
        carry_out(second, id, lambda: time.sleep(_LOOK_SECONDS), _PATIENCE)
        found, after = first.proposal(id), CURVE in first.parameters().curves
    return CurveVote(
        proposal=str(id),
        curve=CURVE,
        allowed_before=before,
        allowed_after=after,
        frac_for=found.votes[Vote.FOR] // 10**18,
        frac_against=found.votes[Vote.AGAINST] // 10**18,
        seconds=time.monotonic() - started,
    )


def _await_vote(governance: "Governance", id: int) -> None:
    """Return when votes are taken."""
    from fraction.app.governance import ProposalState
    from fraction.base import Unavailable

    for _ in range(_PATIENCE):
        if governance.proposal(id).state is not ProposalState.PENDING:
            return
        time.sleep(_LOOK_SECONDS)
    raise Unavailable(f"The vote on proposal {id} does not begin; the chain stands still.")
