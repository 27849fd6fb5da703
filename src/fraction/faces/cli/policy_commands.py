"""`fraction agent policy …`: what an agent may do on its own at other protocols, within limits that its owner signs."""

import json
import secrets
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from fraction.base import Address, Rejected
from fraction.faces.cli.options import DATA, AsJson, DataFolder
from fraction.faces.cli.refusal import Refusal
from fraction.faces.cli.wallet import ME, Rpc, WalletName, amount_text, parse_amount, wallet

if TYPE_CHECKING:
    from fraction.app.policies import SignedPolicy
    from fraction.app.property import Rule
    from fraction.wiring.wallets import Connection

app = typer.Typer(help="Let an agent act at other protocols within signed limits.", no_args_is_help=True)

DAY = 86_400

Number = Annotated[int, typer.Argument(help="The agent's number on chain; see `fraction market register`.")]
Document = Annotated[Path, typer.Argument(help="The signed policy.")]


@app.command("set")
def set_policy(
    number: Number,
    out: Annotated[Path, typer.Argument(help="Where the signed policy is written.")],
    operator: Annotated[str, typer.Option(help="The agent's key: the address that may act.")],
    allow: Annotated[
        list[str],
        typer.Option(
            help="'CONTRACT FUNCTION AMOUNT-A-DAY [self=N]', such as "
            "'0x… sell(uint256,address) 10 USD self=2': argument N must be the agent's own account."
        ),
    ],
    days: Annotated[int, typer.Option(min=1, help="How long it counts.")] = 7,
    data: DataFolder = DATA,
    rpc: Rpc = "",
    name: WalletName = ME,
) -> None:
    """Sign what an agent may do; whoever has the operator's key and the document may have it done."""
    from fraction.app.policies import grant_policy, policy_document
    from fraction.app.property import Policy
    from fraction.base import Instant
    from fraction.faces.cli.screen import Screen

    with wallet(data, name, rpc) as own:
        usd = own.chain.deployment.address("TestUSD")
        rules = tuple(_rule(text, usd) for text in allow)
        expiry = Instant(int(time.time()) + days * DAY)  # noqa: TID251  (a face asks for the time of day)
        policy = Policy(_address(operator), rules, secrets.randbits(64), expiry, 0)
        chain_id = own.chain.spec.chain_id
        signed = grant_policy(own.agents(), own.agent_accounts(), chain_id, number, own.wallet.address, policy)
        account = own.agents().agent(number).account
    try:
        out.write_text(json.dumps(policy_document(signed), indent=2) + "\n", encoding="utf-8")
    except OSError as error:
        raise Refusal(f"{out} cannot be written: {error}.") from error
    Screen().say(f"signed; {operator} may act for agent {number} with what is in {account}")


@app.command()
def show(
    document: Document, data: DataFolder = DATA, rpc: Rpc = "", name: WalletName = ME, as_json: AsJson = False
) -> None:
    """Show what a policy allows, what is left of it today, and whether it still counts."""
    from fraction.app.policies import policy_document, standing
    from fraction.base import Instant
    from fraction.faces.cli.screen import Screen, print_json

    with wallet(data, name, rpc) as own:
        signed = _signed(document, own)
        now = Instant(int(time.time()))  # noqa: TID251  (a face asks for the time of day)
        state = standing(own.agents(), own.agent_accounts(), signed, now)
    if as_json:
        left = [str(amount) for amount in state.left_today]
        print_json(policy_document(signed) | {"ended": state.ended, "left_today": left})
        return
    screen = Screen()
    rows = [
        [
            str(place + 1),
            rule.target,
            rule.function,
            amount_text(rule.asset, rule.per_day),
            amount_text(rule.asset, left),
        ]
        for place, (rule, left) in enumerate(zip(signed.policy.rules, state.left_today, strict=True))
    ]
    screen.table("", ["rule", "contract", "function", "a day", "left today"], rows)
    screen.say(f"It counts until {signed.policy.expiry} (seconds since 1970)." if not state.ended else state.ended)


@app.command()
def revoke(document: Document, data: DataFolder = DATA, rpc: Rpc = "", name: WalletName = ME) -> None:
    """End a policy at once; the agent's owner only."""
    from fraction.faces.cli.screen import Screen

    with wallet(data, name, rpc) as own:
        signed = _signed(document, own)
        own.agent_accounts().revoke(signed.agent, signed.policy.nonce)
    Screen().say("Nobody can act by this policy any more.")


@app.command("try")
def try_rule(
    document: Document,
    rule: Annotated[int, typer.Argument(help="Which of the policy's rules, from 1.")],
    amount: Annotated[str, typer.Argument(help="The most it may spend, such as '5 USD'.")],
    arguments: Annotated[
        list[str] | None, typer.Argument(help="Of the rule's function; `self` is the agent's account.")
    ] = None,
    data: DataFolder = DATA,
    rpc: Rpc = "",
    name: WalletName = ME,
) -> None:
    """Act as the agent's key: inside the policy it is done, outside it is refused with the limit that was met."""
    from fraction.app.policies import try_policy
    from fraction.faces.cli.screen import Screen

    with wallet(data, name, rpc) as own:
        signed = _signed(document, own)
        asset, most = parse_amount(amount, own.chain.deployment.address("TestUSD"))
        _check_asset(signed, rule, asset)
        key = secrets.token_hex(8)
        spent = try_policy(own.agent_accounts(), signed, rule, most, tuple(arguments or ()), key)
    Screen().say(f"done; the agent's account spent {amount_text(asset, spent)}")


def _rule(text: str, usd: Address) -> "Rule":
    """Return the rule that a text such as `0x… sell(uint256,address) 10 USD self=2` tells.

    Raises:
        Refusal: it is none.
    """
    from fraction.app.property import Rule

    words = text.split()
    self_at = words.pop().removeprefix("self=") if words and words[-1].startswith("self=") else "0"
    if len(words) != 4 or not self_at.isdigit() or int(self_at) > 255:
        raise Refusal(f"{text!r:.100} is no rule; write it like '0x… sell(uint256,address) 10 USD self=2'.")
    asset, per_day = parse_amount(f"{words[2]} {words[3]}", usd)
    return Rule(_address(words[0]), words[1], asset, per_day, int(self_at))


def _address(text: str) -> Address:
    digits = text.removeprefix("0x")
    if len(digits) != 40 or set(digits) - set("0123456789abcdefABCDEF"):
        raise Refusal(f"{text!r:.60} is no address; it is 0x and 40 hexadecimal digits.")
    return Address(text)


def _check_asset(signed: "SignedPolicy", rule: int, asset: Address) -> None:
    rules = signed.policy.rules
    if 1 <= rule <= len(rules) and rules[rule - 1].asset.lower() != asset.lower():
        raise Rejected(f"Rule {rule} spends another asset than this amount; see `fraction agent policy show`.")


def _signed(path: Path, own: "Connection") -> "SignedPolicy":
    from fraction.app.policies import parse_policy

    try:
        signed = parse_policy(path.read_text("utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise Refusal(f"{path} cannot be read: {error}.") from error
    if signed.chain_id != own.chain.spec.chain_id:
        raise Rejected(f"The policy counts on chain {signed.chain_id}; the wallet is on {own.chain.spec.chain_id}.")
    return signed
