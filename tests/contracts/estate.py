"""Token, governance and agents as property, deployed on top of the world, and what its people sign."""

from dataclasses import dataclass, field
from typing import Any, TypeAlias

from eth_account import Account as EthAccount

from fraction.adapters.ethereum import dev_key
from tests.contracts.chain import Chain, Deployed
from tests.contracts.world import ETH, ETHER, World

DAY = 86_400
MONTH = 30 * DAY
PER_MONTH = 1_000_000 * ETHER
MONTHS = 3
LEAST_FEE = ETHER // 1_000
"""Of an entry or a training in ETH that gives points."""
NOBODY = "0x" + "00" * 20
ZERO = bytes(32)

VOTING_DELAY, VOTING_PERIOD, EXTENSION, TIMELOCK_DELAY = 100, 1_000, 300, 500
THRESHOLD = 1_000 * ETHER
RULES = (VOTING_DELAY, VOTING_PERIOD, THRESHOLD, 4, EXTENSION)

BUILDER, CREATOR, EVALUATOR, TRAINER = 0, 1, 2, 3
PLAN = ([4_000, 1_000, 2_500, 2_500], [10**30] * 4)

CURVES = ([10_000], [5_000, 3_000, 2_000])

AGAINST, FOR, ABSTAIN = 0, 1, 2
Action: TypeAlias = tuple[Deployed, str, tuple[Any, ...]]


@dataclass(frozen=True)
class Person:
    """An account whose key is known, so that it can sign."""

    place: int
    address: str

    def sign(self, digest: bytes) -> bytes:
        return bytes(EthAccount.unsafe_sign_hash(digest, dev_key(self.place)).signature)


def person(chain: Chain, number: int) -> Person:
    """Return somebody who has ETH and plays no other part."""
    return Person(31 + number, chain.accounts[31 + number])


@dataclass
class Estate:
    """The contracts beside Sessions and trainings."""

    world: World
    timelock: Deployed
    governor: Deployed
    parameters: Deployed
    emissions: Deployed
    points: Deployed
    agents: Deployed
    reputation: Deployed
    validation: Deployed
    validator: Deployed
    accounts: Deployed
    market: Deployed
    meter: Deployed
    people: list[Person] = field(default_factory=list[Person])

    @property
    def chain(self) -> Chain:
        return self.world.chain

    # agents

    def agent_of(self, owner: Person, royalty: int = 0, receiver: str = "") -> int:
        """Return a new agent of `owner`."""
        args: tuple[Any, ...] = ("ipfs://agent", [], receiver or owner.address, royalty)
        self.agents.send(owner.address, "registerWithRoyalty", *args)
        return int(self.agents.call("agentCount"))

    def give(self, receiver: Person, usd: int, spender: Deployed | None = None) -> None:
        """Give test dollars, and let a contract take them."""
        self.world.usd.send(receiver.address, "faucet", usd)
        if spender is not None:
            self.world.usd.send(receiver.address, "approve", spender.address, usd)

    # governance

    def proposal(self, actions: list[Action], text: str) -> tuple[Any, ...]:
        """Return what `propose` takes."""
        targets = [contract.address for contract, _, _ in actions]
        payloads = [contract.data(function, *args) for contract, function, args in actions]
        return (targets, [0] * len(actions), payloads, text)

    def hashed(self, proposal: tuple[Any, ...]) -> tuple[Any, ...]:
        """Return what `queue` and `execute` take."""
        return (*proposal[:3], self.chain.w3.keccak(text=proposal[3]))

    def propose(self, proposer: str, proposal: tuple[Any, ...]) -> int:
        self.governor.send(proposer, "propose", *proposal)
        id = int(self.governor.call("hashProposal", *self.hashed(proposal)))
        self.chain.go_to(int(self.governor.call("proposalSnapshot", id)) + 1)
        return id

    def decide(self, voter: str, actions: list[Action], text: str = "change") -> None:
        """Propose, vote for, queue and execute."""
        proposal = self.proposal(actions, text)
        id = self.propose(voter, proposal)
        self.governor.send(voter, "castVote", id, FOR)
        self.chain.go_to(int(self.governor.call("proposalDeadline", id)) + 1)
        self.governor.send(voter, "queue", *self.hashed(proposal))
        self.chain.go_to(int(self.governor.call("proposalEta", id)))
        self.governor.send(voter, "execute", *self.hashed(proposal))


def deploy_estate(world: World) -> Estate:
    """Return everything deployed, owned as after a real deployment."""
    chain, deployer = world.chain, world.deployer
    make = chain.deploy
    timelock = make(deployer, "TimelockController", TIMELOCK_DELAY, [], [ETH], deployer)
    votes = make(deployer, "VotingPower", world.frac.address, world.vault.address)
    governor = make(deployer, "FracGovernor", votes.address, timelock.address, RULES)
    for role in ("PROPOSER_ROLE", "CANCELLER_ROLE"):
        timelock.send(deployer, "grantRole", timelock.call(role), governor.address)
    timelock.send(deployer, "renounceRole", ZERO, deployer)
    values = (1_000, 10_000, 7 * DAY, 3, CURVES, [ETH, world.usd.address])
    parameters = make(deployer, "Parameters", timelock.address, values)
    emissions = make(deployer, "Emissions", world.frac.address, deployer, MONTH, PER_MONTH, MONTHS, PLAN)
    world.frac.send(deployer, "transfer", emissions.address, PER_MONTH * MONTHS)
    work = (emissions.address, world.escrow.address, world.registry.address)
    points = make(deployer, "WorkPoints", *work, [ETH, world.usd.address], [LEAST_FEE, 1_000_000])
    for group in (BUILDER, CREATOR, EVALUATOR, TRAINER):
        emissions.send(deployer, "setRecorder", points.address, group, True)
    emissions.send(deployer, "transferOwnership", timelock.address)
    agents = make(deployer, "AgentRegistry")
    validation = make(deployer, "AgentValidation", agents.address)
    tokens = [world.usd.address, world.odd.address]
    return Estate(
        world,
        timelock,
        governor,
        parameters,
        emissions,
        points,
        agents,
        make(deployer, "AgentReputation", agents.address),
        validation,
        make(deployer, "TrainingValidator", world.registry.address, validation.address),
        make(deployer, "AgentAccounts", agents.address),
        make(deployer, "AgentMarket", tokens),
        make(deployer, "CallMeter", agents.address, tokens),
        [person(chain, number) for number in range(5)],
    )
