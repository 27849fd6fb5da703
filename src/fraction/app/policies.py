"""What an agent may do on its own at other protocols: granted by its owner, looked up, tried by its key.

owner ──signs──▶ policy document ──given to──▶ the key ──acts──▶ AgentAccount ──only what a rule allows──▶ protocol
"""

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import cast

from fraction.app.property import AgentAccounts, Agents, Policy, Rule
from fraction.base import Address, Instant, Json, JsonObject, Rejected, Wei, parse_json

MOST_RULES = 16
_FUNCTION = re.compile(r"[A-Za-z_$][\w$]{0,63}\([\w,\[\]()]{0,200}\)")


@dataclass(frozen=True, slots=True)
class SignedPolicy:
    """A policy as its owner gives it to the agent's key."""

    chain_id: int
    agent: int
    policy: Policy
    signature: bytes


@dataclass(frozen=True, slots=True)
class Standing:
    """What a policy still allows."""

    ended: str
    """Why it allows nothing any more; empty while it counts."""
    left_today: tuple[Wei, ...]
    """By rule; what it leaves until the day (UTC) is over."""


def grant_policy(
    agents: Agents, accounts: AgentAccounts, chain_id: int, agent: int, own: Address, policy: Policy
) -> SignedPolicy:
    """Sign what an agent may do from now on; its account is made if it is not there.

    Args:
        agents: the registry
        accounts: as the owner uses them
        chain_id: the chain on which the policy is to count
        agent: its number
        own: the account that signs
        policy: what is allowed; how often the agent changed hands is filled in

    Raises:
        NotFound: there is no such agent.
        Rejected: the agent is somebody else's, or a rule could never be used.
    """
    token = agents.agent(agent)
    if token.owner != own:
        raise Rejected(f"Agent {agent} belongs to {token.owner}; only its owner can say what it may do.")
    if not 1 <= len(policy.rules) <= MOST_RULES:
        raise Rejected(f"A policy has 1 to {MOST_RULES} rules.")
    for rule in policy.rules:
        if not _FUNCTION.fullmatch(rule.function):
            raise Rejected(f"{rule.function!r:.80} is no function; write it like sell(uint256,address).")
    accounts.create(agent)
    bound = Policy(policy.operator, policy.rules, policy.nonce, policy.expiry, token.transfers)
    return SignedPolicy(chain_id, agent, bound, accounts.sign(agent, bound))


def standing(agents: Agents, accounts: AgentAccounts, signed: SignedPolicy, now: Instant) -> Standing:
    """Return what a policy still allows, and why it does not if so."""
    token, policy = agents.agent(signed.agent), signed.policy
    left = tuple(accounts.left_today(signed.agent, policy, place) for place in range(len(policy.rules)))
    if token.transfers != policy.transfers:
        return Standing("the agent was sold after it was signed", left)
    if accounts.is_revoked(signed.agent, token.owner, policy.nonce):
        return Standing("its owner revoked it", left)
    return Standing("it expired" if now >= policy.expiry else "", left)


def try_policy(
    accounts: AgentAccounts, signed: SignedPolicy, rule: int, amount: Wei, arguments: tuple[str, ...], key: str
) -> Wei:
    """Have the agent do what a rule allows; return what it spent.

    Args:
        accounts: as the policy's operator uses them
        signed: the policy
        rule: which of its rules, from 1
        amount: the most that may be spent, in the asset's smallest unit
        arguments: of the rule's function, as text; `self` is the agent's account
        key: one key acts once

    Raises:
        Rejected: it is outside of the policy, or the protocol refuses; the text says how.
    """
    rules = signed.policy.rules
    if not 1 <= rule <= len(rules):
        raise Rejected(f"The policy has the rules 1 to {len(rules)}.")
    account = accounts.create(signed.agent)
    call = accounts.call(rules[rule - 1].function, tuple(account if text == "self" else text for text in arguments))
    return accounts.act(key, signed.agent, signed.policy, signed.signature, rule - 1, amount, call)


def policy_document(signed: SignedPolicy) -> JsonObject:
    """Return a signed policy as JSON; amounts are decimal strings, so that no reader rounds them."""
    policy = signed.policy
    rules: list[Json] = [{name: str(value) for name, value in asdict(rule).items()} for rule in policy.rules]
    return {
        "kind": "policy",
        "chain_id": signed.chain_id,
        "agent": signed.agent,
        "operator": policy.operator,
        "rules": rules,
        "nonce": str(policy.nonce),
        "expiry": policy.expiry,
        "transfers": policy.transfers,
        "signature": "0x" + signed.signature.hex(),
    }


def parse_policy(text: str) -> SignedPolicy:
    """Return the signed policy that a document holds.

    Raises:
        Rejected: it is none.
    """
    try:
        document = _object(parse_json(text))
        if document["kind"] != "policy" or not isinstance(document["rules"], list):
            raise ValueError("it is another document")
        policy = Policy(
            operator=Address(str(document["operator"])),
            rules=tuple(_rule(_object(rule)) for rule in document["rules"]),
            nonce=_number(document, "nonce"),
            expiry=Instant(_number(document, "expiry")),
            transfers=_number(document, "transfers"),
        )
        signature = bytes.fromhex(str(document["signature"]).removeprefix("0x"))
        return SignedPolicy(_number(document, "chain_id"), _number(document, "agent"), policy, signature)
    except (KeyError, ValueError, TypeError) as error:
        raise Rejected(f"This is not a signed policy ({error!s:.80}); ask the agent's owner for it.") from error


def _rule(fields: Mapping[str, Json]) -> Rule:
    return Rule(
        target=Address(str(fields["target"])),
        function=str(fields["function"]),
        asset=Address(str(fields["asset"])),
        per_day=Wei(_number(fields, "per_day")),
        self_at=_number(fields, "self_at"),
    )


def _number(fields: Mapping[str, Json], name: str) -> int:
    return int(str(fields[name]))


def _object(value: object) -> Mapping[str, Json]:
    if not isinstance(value, dict):
        raise TypeError("a part of it is no object")
    return cast("Mapping[str, Json]", value)  # parsed from JSON
