"""Agents as tokens, and their own accounts at other protocols."""

import secrets

from fraction.adapters.ethereum.abi import interface, keccak
from fraction.adapters.ethereum.contract import Chain, Contract, topic_of
from fraction.adapters.ethereum.deployment import Deployment
from fraction.adapters.ethereum.typed_data import POLICY, Domain, sign_struct
from fraction.app.property import AgentToken, Policy
from fraction.base import Address, AgentId, Digest, NotFound, Rejected, Unavailable, Wei

_PLATFORM_KEY = "fraction.agent"
_WHOLE_BPS = 10_000


class EthereumAgents:
    """The agent registry; an `Agents`."""

    def __init__(self, chain: Chain) -> None:
        self._chain = chain
        self._agents = Contract(chain, "AgentRegistry")
        self._accounts = Contract(chain, "AgentAccounts")

    def register(self, uri: str, platform_id: AgentId, royalty_receiver: Address, royalty_bps: int) -> int:
        """Make the agent that plays as `platform_id` a token of this account; return its number. Once for each."""
        metadata = [(_PLATFORM_KEY, bytes.fromhex(platform_id))]
        arguments = (uri, metadata, royalty_receiver, royalty_bps)
        receipt = self._agents.send(f"register/{platform_id}", "registerWithRoyalty", *arguments)
        registered = self._agents.events_in(receipt, "Registered")
        if not registered:
            raise Unavailable("The chain does not tell the new agent's number yet; try again in a moment.")
        return registered[0].integer("agentId")

    def agent(self, id: int) -> AgentToken:
        """Return an agent; raise NotFound if there is none."""
        if not 1 <= id <= self.count():
            raise NotFound(f"There is no agent number {id} on this chain.")
        platform_id = self._agents.read("getMetadata", id, _PLATFORM_KEY).raw("0")
        royalty = self._agents.read("royaltyInfo", id, _WHOLE_BPS).values
        receiver, bps = royalty.values()
        return AgentToken(
            id=id,
            owner=self._agents.read("ownerOf", id).address("0"),
            uri=self._agents.read("tokenURI", id).text("0"),
            platform_id=AgentId(Digest(platform_id.hex())) if len(platform_id) == 32 else None,
            royalty_receiver=Address(str(receiver)),
            royalty_bps=int(str(bps)),
            transfers=self._agents.read_integer("transfers", id),
            account=self._accounts.read("accountOf", id).address("0"),
        )

    def count(self) -> int:
        """Return how many agents there are; their numbers are 1 to this."""
        return self._agents.read_integer("agentCount")

    def validate_training(self, agent: int, task: int) -> Digest:
        """Have an accepted training written down as a validation of this account's agent; return its root.

        Raises:
            Rejected: the task is not accepted, was opened by another account, or validated another agent.
        """
        registry = Contract(self._chain, "TrainingRegistry")
        validator = Contract(self._chain, "TrainingValidator")
        root = registry.read("taskOf", task).record("0").digest("root")
        if validator.read_integer("agentOf", task) == agent:
            return root
        if not int(root, 16):
            raise Rejected(f"Training task {task} has no accepted result; only accepted ones are validated.")
        salt = secrets.token_bytes(32)  # so that nobody asks with the same hash first
        request = validator.read("requestHashOf", task, agent, salt).raw("0")
        asked = (validator.address, agent, "", request)
        Contract(self._chain, "AgentValidation").send(f"request/{request.hex()}", "validationRequest", *asked)
        validator.send(f"validate/{request.hex()}", "validate", task, agent, salt)
        return root


class EthereumAgentAccounts:
    """Agents' own accounts; an `AgentAccounts`."""

    def __init__(self, chain: Chain) -> None:
        self._chain = chain
        self._accounts = Contract(chain, "AgentAccounts")

    def create(self, agent: int) -> Address:
        """Return the agent's account, made now if it is not there."""
        account = self._address(agent)
        if not self._chain.rpc.code(account):
            self._accounts.send(f"create/{agent}", "create", agent)
        return account

    def sign(self, agent: int, policy: Policy) -> bytes:
        """Return the owner's signature under a policy."""
        domain = Domain("Fraction Agent Account", self._chain.spec.chain_id, self._address(agent))
        return sign_struct(self._chain.sender.account, domain, POLICY, _packed(policy))

    def act(self, key: str, agent: int, policy: Policy, signature: bytes, rule: int, amount: Wei, call: bytes) -> Wei:
        """Do what a rule allows; return what it spent. One `key` acts once.

        Raises:
            Rejected: it is outside of the policy; the text says how.
        """
        account = self._account(agent)
        receipt = account.send(f"act/{key}", "act", _packed(policy), signature, rule, amount, call)
        return Wei(sum(event.integer("spent") for event in account.events_in(receipt, "Acted")))

    def revoke(self, agent: int, nonce: int) -> None:
        """End a policy at once."""
        account = self._account(agent)
        times = len(account.happenings("Revoked", topic_of(self._chain.sender.address)))
        account.send(f"revoke/{nonce}/{times}", "revoke", nonce)

    def left_today(self, agent: int, policy: Policy, rule: int) -> Wei:
        """Return what a rule still lets the agent spend today."""
        account = self._account(agent)
        return Wei(account.read_integer("leftToday", _packed(policy), rule, block="pending"))

    def is_revoked(self, agent: int, owner: Address, nonce: int) -> bool:
        """Return whether `owner` ended the policies with this nonce."""
        return self._account(agent).read("isRevoked", owner, nonce).flag("0")

    def call(self, function: str, arguments: tuple[str, ...]) -> bytes:
        """Return what calls a function such as `sell(uint256,address)` with arguments written as text.

        Raises:
            Rejected: they are not what the function takes.
        """
        from eth_abi.abi import encode
        from eth_abi.exceptions import EncodingError, ParseError

        inside = function.partition("(")[2].removesuffix(")")
        kinds = inside.split(",") if inside else []
        try:
            values = [_value(kind, text) for kind, text in zip(kinds, arguments, strict=True)]
            return selector_of(function) + bytes(encode(kinds, values))
        except (ValueError, EncodingError, ParseError) as error:
            given = ", ".join(arguments) or "nothing"
            raise Rejected(f"{function} cannot be called with {given:.200}; give each argument it takes.") from error

    def _address(self, agent: int) -> Address:
        return self._accounts.read("accountOf", agent).address("0")

    def _account(self, agent: int) -> Contract:
        """Return the agent's account as a contract; there is one for each agent, so no deployment lists it."""
        own = self._chain.deployment
        addresses = {**own.addresses, "AgentAccount": self._address(agent)}
        deployment = Deployment(own.chain_id, own.genesis, own.block, addresses)
        return Contract(self._chain.of(deployment), "AgentAccount")


def selector_of(function: str) -> bytes:
    """Return the four bytes that a call of the function begins with.

    >>> selector_of("transfer(address,uint256)").hex()
    'a9059cbb'
    """
    return keccak(function.encode())[:4]


def _value(kind: str, text: str) -> object:
    """Return an argument of a simple type; raise ValueError if the text is none."""
    if kind.startswith(("uint", "int")):
        return int(text)
    if kind.startswith("bytes"):
        return bytes.fromhex(text.removeprefix("0x"))
    if kind == "bool":
        return bool(("false", "true").index(text))
    if kind in ("address", "string"):
        return text
    raise ValueError(f"arguments of the type {kind} cannot be written as text")


def encoded_call(contract: str, function: str, *arguments: object) -> bytes:
    """Return what calls a function of one of our contracts."""
    return interface(contract).call(function, *arguments)


def _packed(policy: Policy) -> tuple[object, ...]:
    """Return a policy as the contract takes it."""
    rules = [(r.target, selector_of(r.function), r.asset, r.per_day, r.self_at) for r in policy.rules]
    return policy.operator, rules, policy.nonce, policy.expiry, policy.transfers
