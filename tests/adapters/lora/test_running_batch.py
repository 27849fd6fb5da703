# pyright: basic
# torch has no complete types.
"""Grouped equals alone, bit for bit: whoever joins or leaves, whatever rank, length or kind of loss the others have."""

from dataclasses import dataclass, replace
from pathlib import Path

import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fraction.adapters.lora.base import Base, load_base
from fraction.adapters.lora.checkpoints import FolderCheckpoints
from fraction.adapters.lora.running_batch import RunningBatch
from fraction.app.training_node import Trained
from fraction.base import AgentId, Rejected, Score, SessionId
from fraction.training import Dataset, Example, Loser, Method, Recipe

BASES = ["float32", "bfloat16", "NF4"]
WORDS = ["coffee", "tea", "jazz", "chess", "fog", "night", "lazy", "dog", "quick", "fox"]


def dataset(subject: int, count: int, words: int) -> Dataset:
    """Return examples whose replies have `words` words; each has a loser too."""

    def text(number: int, good: str) -> str:
        return " ".join(WORDS[(subject + number + place) % len(WORDS)] for place in range(words)) + f" is {good}"

    loser = Loser("dull", SessionId("1"), 0, 0, AgentId("b"), Score(10))
    return Dataset(
        tuple(
            Example("be kind", f"write about {WORDS[subject % 10]} {n}", text(n, "good"), SessionId("1"), 0,
                    AgentId("a"), Score(900), loser=replace(loser, reply=text(n, "bad")))
            for n in range(count)
        )
    )  # fmt: skip


@dataclass(frozen=True)
class Plan:
    """One job, when it joins, and when it is taken out for a while."""

    dataset: Dataset
    recipe: Recipe
    joins_at: int
    leaves_after: int | None


@st.composite
def plans(draw: st.DrawFn) -> Plan:
    """Draw a small job."""
    steps = draw(st.integers(1, 4))
    recipe = Recipe(
        method=draw(st.sampled_from(Method)),
        rank=draw(st.sampled_from([1, 2, 4, 5, 8])),
        alpha=draw(st.integers(1, 16)),
        steps=steps,
        batch_size=draw(st.integers(1, 3)),
        learning_rate_ppm=draw(st.sampled_from([500, 5_000])),
        warmup_steps=draw(st.integers(0, 2)),
        max_tokens=224,
        seed=draw(st.integers(0, 99)),
    )
    words = draw(st.sampled_from([3, 20]))
    leaves = draw(st.one_of(st.none(), st.integers(1, steps - 1))) if steps > 1 else None
    return Plan(
        dataset(draw(st.integers(0, 9)), draw(st.integers(1, 4)), words), recipe, draw(st.integers(0, 3)), leaves
    )


@pytest.fixture(scope="module")
def bases(llama: Path) -> dict[str, Base]:
    """Return the small Llama in each precision."""
    return {
        "float32": load_base(llama, nf4=False),
        "bfloat16": load_base(llama, nf4=False, dtype=torch.bfloat16),
        "NF4": load_base(llama, nf4=True),
    }


def alone(base: Base, plan: Plan) -> Trained:
    """Return what a job gives by itself."""
    batch = RunningBatch(base)
    ticket = batch.join(plan.dataset, plan.recipe)
    while batch.members:
        batch.step()
    trained = batch.take(ticket)
    batch.close()
    return trained


def in_company(base: Base, company: list[Plan]) -> list[Trained]:
    """Return what the jobs give when each joins at its time; whoever leaves is back by checkpoint a step later."""
    batch, tickets, away = RunningBatch(base), dict[int, int](), dict[int, bytes]()
    done: dict[int, Trained] = {}
    for now in range(200):
        for number, plan in enumerate(company):
            if number in away:
                tickets[number] = batch.join(plan.dataset, plan.recipe, away.pop(number))
            elif plan.joins_at == now:
                tickets[number] = batch.join(plan.dataset, plan.recipe)
        for step in batch.step():
            number = next(n for n, ticket in tickets.items() if ticket == step.ticket)
            if step.finished:
                done[number] = batch.take(tickets.pop(number))
            elif step.number == company[number].leaves_after:
                away[number] = batch.leave(tickets.pop(number))
        if len(done) == len(company):
            break
    batch.close()
    return [done[number] for number in range(len(company))]


@pytest.mark.parametrize("precision", BASES)
@settings(
    max_examples=5, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(company=st.lists(plans(), min_size=2, max_size=6))
def test_every_job_gives_bit_for_bit_what_it_gives_alone(
    bases: dict[str, Base], precision: str, company: list[Plan]
) -> None:
    base = bases[precision]
    assert in_company(base, company) == [alone(base, plan) for plan in company]


@pytest.mark.parametrize("precision", BASES)
def test_sixteen_jobs_of_one_shape_give_what_they_give_alone(bases: dict[str, Base], precision: str) -> None:
    base = bases[precision]
    recipe = Recipe(steps=2, batch_size=1, rank=4, learning_rate_ppm=5_000, warmup_steps=0)
    company = [Plan(dataset(n, 2, 6), replace(recipe, seed=n), 0, None) for n in range(16)]
    together = in_company(base, company)
    assert together == [alone(base, plan) for plan in company]
    assert len({trained.adapter for trained in together}) == 16


def test_a_checkpoint_goes_on_to_the_same_bits_in_another_run(bases: dict[str, Base], tmp_path: Path) -> None:
    plan = Plan(dataset(3, 3, 5), Recipe(steps=5, batch_size=2, rank=4, warmup_steps=2), 0, None)
    shelf = FolderCheckpoints(tmp_path / "checkpoints")
    assert shelf.load("7") is None
    first = RunningBatch(bases["NF4"])
    ticket = first.join(plan.dataset, plan.recipe)
    for _ in range(3):
        first.step()
        shelf.save("7", first.checkpoint(ticket))
    first.close()
    second = RunningBatch(bases["NF4"])
    ticket = second.join(plan.dataset, plan.recipe, shelf.load("7"))
    assert [step.number for _ in range(2) for step in second.step()] == [4, 5]
    trained = second.take(ticket)
    second.close()
    assert trained == alone(bases["NF4"], plan)
    shelf.drop("7")
    assert shelf.load("7") is None


@pytest.mark.parametrize("damage", ["other seed", "other data", "cut", "rubbish"])
def test_a_checkpoint_of_something_else_is_refused(bases: dict[str, Base], damage: str) -> None:
    plan = Plan(dataset(3, 3, 5), Recipe(steps=5, batch_size=2), 0, None)
    batch = RunningBatch(bases["float32"], places=1)
    ticket = batch.join(plan.dataset, plan.recipe)
    batch.step()
    state = batch.leave(ticket)
    recipe = replace(plan.recipe, seed=1) if damage == "other seed" else plan.recipe
    data = dataset(4, 3, 5) if damage == "other data" else plan.dataset
    broken = {"cut": state[: len(state) // 2], "rubbish": b"\x09rubbish"}.get(damage, state)
    with pytest.raises(Rejected):
        batch.join(data, recipe, broken)
    batch.join(data, recipe)
    with pytest.raises(Rejected, match="trainings run already"):
        batch.join(data, recipe)
    batch.close()


def test_preference_training_makes_winners_likelier_than_losers(bases: dict[str, Base]) -> None:
    recipe = Recipe(method=Method.PREFERENCE, steps=12, batch_size=3, learning_rate_ppm=5_000, warmup_steps=0)
    losses = alone(bases["float32"], Plan(dataset(1, 3, 5), recipe, 0, None)).losses_ppm
    assert losses[0] == 693_147  # log 2: at first the adapter prefers nothing
    assert losses[-1] < 500_000


def test_preference_training_without_a_loser_is_refused(bases: dict[str, Base]) -> None:
    bare = Dataset(tuple(replace(example, loser=None) for example in dataset(1, 3, 5).examples))
    batch = RunningBatch(bases["float32"])
    with pytest.raises(Rejected, match="lost to it"):
        batch.join(bare, Recipe(method=Method.PREFERENCE))
    batch.close()
