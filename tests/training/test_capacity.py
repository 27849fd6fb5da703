"""The plan: its arithmetic, and its agreement with models that transformers builds and memory that a process takes."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fraction.base import Rejected, parse_json
from fraction.training.capacity import GPUS, STATE_BYTES, plan
from fraction.training.model_shape import ModelShape, read_shape

ROOT = Path(__file__).resolve().parents[2]
SHAPES = ROOT / "src" / "fraction" / "training" / "shapes"


def known(name: str) -> ModelShape:
    return read_shape(parse_json((SHAPES / f"{name}.json").read_bytes()))


@pytest.mark.parametrize(
    ("model", "millions"), [("llama-33b", 30.47), ("deepseek-coder-33b", 30.79), ("qwen2.5-32b", 33.55)]
)
def test_rank_four_on_a_33_billion_model_is_30_to_34_million_parameters_and_not_260(
    model: str, millions: float
) -> None:
    shape = known(model)
    assert round(shape.adapter_parameters(4) / 1e6, 2) == millions
    assert 240e6 < shape.adapter_parameters(32) < 275e6  # what the 260 M of the public description are


@given(
    st.integers(1, 64),
    st.integers(1, 16_384),
    st.sampled_from(sorted(GPUS)),
    st.sampled_from(["llama-7b", "llama-33b"]),
)
def test_what_the_plan_admits_fits_and_one_more_does_not(rank: int, tokens: int, gpu: str, model: str) -> None:
    found = plan(known(model), rank, GPUS[gpu], tokens)
    rest = GPUS[gpu].memory - found.base.value - 2 * 10**9 - found.activations.value
    if found.agents.value:
        assert found.agents.value * found.state.value <= rest < (found.agents.value + 1) * found.state.value
    else:
        assert rest < found.state.value
    assert found.agents_apart.value <= max(1, found.agents.value)
    assert found.state.value == STATE_BYTES * found.adapter.value == STATE_BYTES * rank * found.adapter.value // rank


@given(st.integers(1, 8_000), st.integers(1, 8_000))
def test_more_tokens_a_step_are_never_slower(some: int, more: int) -> None:
    speeds = [plan(known("llama-7b"), 4, GPUS["a100"], tokens).speed.value for tokens in sorted((some, some + more))]
    assert speeds[0] <= speeds[1] + 1  # whole tokens


@pytest.mark.parametrize(
    "config",
    [
        [],
        {},
        {"model_type": "whisper", "d_model": 512},
        {"model_type": "llama", "hidden_size": 8, "intermediate_size": 8},
        {"model_type": "llama", "hidden_size": "8", "intermediate_size": 8},
        {"model_type": "llama", "hidden_size": -1, "intermediate_size": 8},
    ],
)
def test_a_config_that_gives_no_shape_is_refused(config: object) -> None:
    with pytest.raises(Rejected):
        read_shape(config)


@pytest.mark.parametrize(("rank", "tokens"), [(0, 1), (1, 0)])
def test_a_plan_of_nothing_is_refused(rank: int, tokens: int) -> None:
    with pytest.raises(Rejected):
        plan(known("llama-7b"), rank, GPUS["a100"], tokens)


MEASURE = """
import json, sys
from pathlib import Path
import torch
torch.set_num_threads(1)
from fraction.adapters.lora.base import load_base
from fraction.adapters.lora.running_batch import RunningBatch
from fraction.base import AgentId, Score, SessionId
from fraction.training import Dataset, Example, Recipe

def resident():
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096

base = load_base(sys.argv[1], nf4=True)
packed = sum(b.numel() * b.element_size() for n, b in base.model.named_buffers() if n.endswith(("codes", "scales")))
example = Example("", "write about tea", "tea is good", SessionId("1"), 0, AgentId("a"), Score(1))
recipe = Recipe(steps=9, batch_size=1, rank=8)
batch = RunningBatch(base)
for agents in (1, 40):
    while len(batch.members) < agents:
        batch.join(Dataset((example,)), recipe)
    batch.step()
    if agents == 1:
        before = resident()
print(json.dumps({"packed": packed, "agent": (resident() - before) / 39}))
"""


@pytest.mark.model
def test_the_plan_agrees_with_a_process_that_trains_40_agents() -> None:
    """Base in NF4 to the byte; an agent's state within a third: the process also keeps its activations."""
    folder = ROOT / "src" / "fraction" / "adapters" / "models" / "embedded"
    done = subprocess.run(
        [sys.executable, "-c", MEASURE, str(folder)],
        capture_output=True, text=True, check=True, timeout=600,
        env={"PYTHONPATH": str(ROOT / "src"), "PATH": "/usr/bin:/bin", "OMP_NUM_THREADS": "1", "HF_HUB_OFFLINE": "1",
             "MALLOC_TRIM_THRESHOLD_": "0", "MALLOC_MMAP_THRESHOLD_": "65536"},
    )  # fmt: skip
    measured = json.loads(done.stdout.splitlines()[-1])
    shape = read_shape(parse_json((folder / "config.json").read_bytes()))
    found = plan(shape, 8, GPUS["rtx4090"], 32)
    wide = 2 * shape.embedding_parameters
    assert measured["packed"] == found.base.value - wide
    assert 0.6 * found.state.value < measured["agent"] < 1.35 * found.state.value
