# pyright: basic
# torch has no complete types.
import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from fraction.adapters.lora.adapter_file import adapter_digest, unpack_adapter
from fraction.adapters.lora.base import Base, load_base
from fraction.adapters.lora.lesson import IGNORED, read_lesson
from fraction.adapters.lora.trainer import Job, QloraTrainer, adapter_leaf, train, train_together
from fraction.base import AgentId, Rejected, Score, SessionId
from fraction.training import Dataset, Example, Recipe
from tests.adapters.lora.tiny_models import SHAPES

RECIPE = Recipe(steps=5, batch_size=3, rank=4, learning_rate_ppm=5_000, warmup_steps=1, max_tokens=96)


def examples(count: int, subject: str) -> tuple[Example, ...]:
    return tuple(
        Example(
            system="be kind",
            prompt=f"write about {subject} {number}",
            reply=f"{subject} number {number} is good",
            session=SessionId("1-1"),
            round=0,
            agent=AgentId("a"),
            score=Score(100),
        )
        for number in range(count)
    )


@pytest.fixture(scope="module")
def base(llama: Path) -> Base:
    return load_base(llama, nf4=True)


def silent(_step: int, _loss: int) -> None:
    """Listen to nothing."""


IN_ANOTHER_PROCESS = """
import json, sys
from fraction.adapters.lora.base import load_base
from tests.adapters.lora.test_trainer import RECIPE, examples, silent, train
import torch
torch.set_num_threads(int(sys.argv[2]))
result = train(load_base(sys.argv[1], nf4=True), examples(7, "tea"), RECIPE, silent)
print(json.dumps([list(result.leaves), result.adapter.hex(), list(result.losses_ppm)]))
"""


@pytest.mark.parametrize("threads", ["1", "2"])
def test_another_process_gets_the_same_leaves_adapter_and_losses(base: Base, llama: Path, threads: str) -> None:
    here = train(base, examples(7, "tea"), RECIPE, silent)
    root = Path(__file__).resolve().parents[3]
    done = subprocess.run(
        [sys.executable, "-c", IN_ANOTHER_PROCESS, str(llama), threads],
        cwd=root, env={"PYTHONPATH": f"{root}/src:{root}", "PATH": "/usr/bin:/bin", "OMP_NUM_THREADS": threads},
        capture_output=True, text=True, check=True, timeout=300,
    )  # fmt: skip
    leaves, adapter, losses = json.loads(done.stdout.splitlines()[-1])
    assert tuple(leaves) == here.leaves
    assert bytes.fromhex(adapter) == here.adapter
    assert tuple(losses) == here.losses_ppm


@pytest.mark.parametrize("shape", SHAPES)
def test_jobs_trained_together_are_bitwise_what_they_are_alone(model_folders: dict[str, Path], shape: str) -> None:
    base = load_base(model_folders[shape], nf4=True)
    subjects = ["tea", "jazz", "a subject with more room", "chess", "fog"]
    jobs = [Job(examples(4 + n, s), replace(RECIPE, seed=n)) for n, s in enumerate(subjects)]
    alone = [train(base, job.examples, job.recipe, silent) for job in jobs]
    assert train_together(base, jobs) == alone
    assert len({result.adapter for result in alone}) == len(jobs)


def test_the_unpacked_base_trains_to_the_same_adapter(base: Base, llama: Path) -> None:
    unpacked = load_base(llama, nf4=True, unpacked=True)
    assert train(unpacked, examples(7, "tea"), RECIPE, silent) == train(base, examples(7, "tea"), RECIPE, silent)


def test_the_loss_falls_and_is_told_step_by_step(base: Base) -> None:
    told: list[tuple[int, int]] = []
    result = train(base, examples(6, "tea"), replace(RECIPE, steps=30), lambda step, loss: told.append((step, loss)))
    assert [step for step, _ in told] == list(range(1, 31))
    assert tuple(loss for _, loss in told) == result.losses_ppm
    assert result.losses_ppm[-1] < result.losses_ppm[0] * 0.6


def test_the_last_leaf_is_that_of_the_adapter_handed_out(base: Base) -> None:
    result = train(base, examples(7, "tea"), RECIPE, silent)
    adapter = unpack_adapter(result.adapter, base.linear_shapes, 8)
    assert adapter_leaf(adapter, RECIPE.steps) == result.leaves[-1]
    assert adapter.config.rank == RECIPE.rank
    assert set(adapter.layers) == set(base.linear_shapes)


@pytest.mark.parametrize(
    "change",
    [{"seed": 1}, {"learning_rate_ppm": 5_001}, {"rank": 5}, {"alpha": 17}, {"batch_size": 2}, {"warmup_steps": 2}],
)
def test_each_value_of_the_recipe_decides_the_result(base: Base, change: dict[str, int]) -> None:
    ours = train(base, examples(7, "tea"), RECIPE, silent)
    theirs = train(base, examples(7, "tea"), replace(RECIPE, **change), silent)
    assert theirs.leaves[-1] != ours.leaves[-1]


def test_a_longer_run_begins_with_the_same_leaves(base: Base) -> None:
    short = train(base, examples(7, "tea"), RECIPE, silent)
    long = train(base, examples(7, "tea"), replace(RECIPE, steps=8), silent)
    assert long.leaves[: RECIPE.steps] == short.leaves


def test_one_other_letter_in_the_data_changes_the_leaves_from_the_step_that_reads_it(base: Base) -> None:
    ours = examples(7, "tea")
    theirs = (*ours[:3], replace(ours[3], reply=ours[3].reply.replace("good", "food")), *ours[4:])
    order = read_lesson(base.chat, ours, RECIPE).order
    first = next(step for step, batch in enumerate(order) if 3 in batch)
    a, b = train(base, ours, RECIPE, silent), train(base, theirs, RECIPE, silent)
    assert a.leaves[:first] == b.leaves[:first]
    assert all(x != y for x, y in zip(a.leaves[first:], b.leaves[first:], strict=True))


def test_training_gives_the_base_back_as_it_was(base: Base) -> None:
    tokens = torch.randint(6, 300, (2, 32), generator=torch.Generator().manual_seed(1))
    before = base.model(input_ids=tokens).logits
    layers = base.linear_shapes
    train(base, examples(7, "tea"), RECIPE, silent)
    assert torch.equal(base.model(input_ids=tokens).logits, before)
    assert base.linear_shapes == layers


def test_only_the_reply_and_its_end_are_learnt(base: Base) -> None:
    lesson = read_lesson(base.chat, examples(2, "tea"), RECIPE)
    learnt = [token for token in lesson.labels[0].tolist() if token != IGNORED]
    assert base.chat.text(learnt) == "tea number 0 is good"
    assert learnt[-1] in base.chat.ends
    assert lesson.length % 32 == 0


def test_each_epoch_reads_every_example_once(base: Base) -> None:
    lesson = read_lesson(base.chat, examples(6, "tea"), replace(RECIPE, steps=4))
    stream = [number for batch in lesson.order for number in batch]
    assert sorted(stream[:6]) == sorted(stream[6:]) == list(range(6))
    assert stream[:6] != stream[6:]


def test_examples_that_are_too_long_are_left_out_and_none_left_is_refused(base: Base) -> None:
    long = replace(examples(1, "tea")[0], reply="word " * 100)
    assert len(read_lesson(base.chat, [long, *examples(2, "tea")], RECIPE).tokens) == 2
    with pytest.raises(Rejected, match="None of the 1 examples fits"):
        train(base, [long], RECIPE, silent)


def test_the_trainer_is_what_a_node_needs(base: Base) -> None:
    trainer = QloraTrainer(base)
    result = trainer.train(Dataset(examples(7, "tea")), RECIPE, silent)
    assert trainer.base_digest == base.digest
    assert trainer.arithmetic == "torch-cpu-fp32"
    assert len(adapter_digest(result.adapter)) == 64
    assert len(result.leaves) == len(result.losses_ppm) == RECIPE.steps
