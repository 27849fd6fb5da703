"""`fraction govern …`: what holders of FRAC decide, from a proposal to its execution."""

import time
from typing import TYPE_CHECKING, Annotated

import typer

from fraction.faces.cli.options import DATA, AsJson, DataFolder
from fraction.faces.cli.refusal import Refusal
from fraction.faces.cli.wallet import ME, Rpc, WalletName, wallet

if TYPE_CHECKING:
    from fraction.app.governance import Change, Proposal
    from fraction.faces.cli.screen import Screen

app = typer.Typer(help="Propose, vote, carry out: protocol fee, payout curves, standards.", no_args_is_help=True)

HOLDER = "holder"
"""What the local chain gives a wallet that votes."""

ProposalId = Annotated[str, typer.Argument(help="A proposal's id, or the digits it begins with.")]


@app.command()
def show(data: DataFolder = DATA, rpc: Rpc = "", name: WalletName = ME, as_json: AsJson = False) -> None:
    """Show what is set now, and all proposals."""
    from fraction.faces.cli.screen import Screen, print_json

    with wallet(data, name, rpc, HOLDER) as own:
        governance = own.governance()
        now, proposals = governance.parameters(), governance.proposals()
    if as_json:
        print_json(
            {
                "protocol_fee_bps": now.protocol_fee_bps,
                "opener_bond_bps": now.opener_bond_bps,
                "appeal_seconds": now.appeal_seconds,
                "training_quorum": now.training_quorum,
                "paused": now.paused,
                "curves": [list(curve) for curve in now.curves],
                "emission_shares_bps": list(now.emissions.share_bps),
                "proposals": [_document(proposal) for proposal in proposals],
            }
        )
        return
    screen = Screen()
    screen.say(f"protocol fee {now.protocol_fee_bps / 100:.2f} %, results contestable for {now.appeal_seconds} s")
    screen.say(
        f"trainings need {now.training_quorum} equal results; new Sessions {'stopped' if now.paused else 'open'}"
    )
    screen.say(f"openers answer for a result with {now.opener_bond_bps / 100:g} % of the largest pot")
    for curve in now.curves:
        screen.say(f"payout curve: {_curve_text(curve)}")
    _show_proposals(screen, proposals)


@app.command()
def delegate(data: DataFolder = DATA, rpc: Rpc = "", name: WalletName = ME) -> None:
    """Let the wallet's FRAC count as votes of its own; needed once, before a vote begins."""
    from fraction.faces.cli.screen import Screen

    with wallet(data, name, rpc, HOLDER) as own:
        own.governance().delegate()
    Screen().say("From now on the wallet's FRAC votes.")


@app.command()
def propose(
    text: Annotated[str, typer.Argument(help="Why, in a sentence; voters read it.")],
    curve: Annotated[list[str] | None, typer.Option(help="Allow a curve, such as 4000,3000,2000,1000.")] = None,
    drop_curve: Annotated[list[str] | None, typer.Option(help="Allow a curve no more.")] = None,
    fee_bps: Annotated[int | None, typer.Option(help="Protocol fee, in hundredths of a percent.")] = None,
    bond_bps: Annotated[int | None, typer.Option(help="An opener's bond, of the largest pot, likewise.")] = None,
    appeal_seconds: Annotated[int | None, typer.Option(help="How long results can be contested.")] = None,
    quorum: Annotated[int | None, typer.Option(help="Equal results that a training needs.")] = None,
    data: DataFolder = DATA,
    rpc: Rpc = "",
    name: WalletName = ME,
) -> None:
    """Propose changes; needs votes worth the threshold."""
    from fraction.app.governance import AppealTime, CurveRule, OpenerBond, ProtocolFee, TrainingQuorum
    from fraction.faces.cli.screen import Screen

    changes: list[Change] = [CurveRule(_curve(text), True) for text in curve or []]
    changes += [CurveRule(_curve(text), False) for text in drop_curve or []]
    changes += [ProtocolFee(fee_bps)] if fee_bps is not None else []
    changes += [OpenerBond(bond_bps)] if bond_bps is not None else []
    changes += [AppealTime(appeal_seconds)] if appeal_seconds is not None else []
    changes += [TrainingQuorum(quorum)] if quorum is not None else []
    if not changes:
        raise Refusal("Propose at least one change; see --help.")
    with wallet(data, name, rpc, HOLDER) as own:
        governance = own.governance()
        governance.delegate()
        id = governance.propose(tuple(changes), text)
    Screen().say(f"proposal {id}")


@app.command()
def vote(
    proposal: ProposalId,
    choice: Annotated[str, typer.Argument(help="for, against or abstain.")],
    data: DataFolder = DATA,
    rpc: Rpc = "",
    name: WalletName = ME,
) -> None:
    """Vote with the FRAC that the wallet had when the vote began."""
    from fraction.app.governance import Vote
    from fraction.faces.cli.screen import Screen

    if choice.upper() not in Vote.__members__:
        raise Refusal("Vote for, against or abstain.")
    with wallet(data, name, rpc, HOLDER) as own:
        governance = own.governance()
        weight = governance.vote(_id(governance.proposals(), proposal), Vote[choice.upper()])
    Screen().say(f"voted {choice} with {weight // 10**18:,} FRAC")


@app.command()
def advance(
    proposal: ProposalId,
    wait: Annotated[int, typer.Option(help="Seconds to wait for the vote and the timelock.")] = 0,
    data: DataFolder = DATA,
    rpc: Rpc = "",
    name: WalletName = ME,
) -> None:
    """Queue or execute a proposal that passed; anyone may."""
    from fraction.app.governance import advance_proposal, carry_out
    from fraction.faces.cli.screen import Screen

    with wallet(data, name, rpc, HOLDER) as own:
        governance = own.governance()
        id = _id(governance.proposals(), proposal)
        if wait:
            carry_out(governance, id, lambda: time.sleep(0.5), 2 * wait)
        state = advance_proposal(governance, id)
    Screen().say(f"the proposal is {state.value}")


def _id(proposals: "tuple[Proposal, ...]", digits: str) -> int:
    found = [proposal.id for proposal in proposals if str(proposal.id).startswith(digits)]
    if len(found) != 1:
        raise Refusal(f"{len(found)} proposals begin with {digits:.20}; see `fraction govern show`.")
    return found[0]


def _curve(text: str) -> tuple[int, ...]:
    parts = text.split(",")
    if not all(part.strip().isdigit() and len(part) <= 6 for part in parts):
        raise Refusal(
            f"{text!r:.60} is no payout curve; write shares in hundredths of a percent, such as 5000,3000,2000."
        )
    return tuple(int(part) for part in parts)


def _curve_text(curve: tuple[int, ...]) -> str:
    return " / ".join(f"{share / 100:g} %" for share in curve)


def _document(proposal: "Proposal") -> dict[str, object]:
    votes = {vote.name.lower(): str(amount) for vote, amount in proposal.votes.items()}
    return {"id": str(proposal.id), "text": proposal.text, "state": proposal.state.value, "votes": votes}


def _show_proposals(screen: "Screen", proposals: "tuple[Proposal, ...]") -> None:
    rows = [
        [str(p.id)[:10], p.state.value, p.text, *(f"{amount // 10**18:,}" for amount in p.votes.values())]
        for p in proposals
    ]
    screen.table("proposals", ["id", "state", "why", "against", "for", "abstain"], rows, numbers=3)
