"""Claim: many adapters over one base cost little more than one. Measured against PEFT in the same run.

    python -m bench.many_adapters [--model FOLDER] [--agents 16] [--json FILE]

Times are seconds of processor time on one thread, in one process, with the ways taking turns, so that a busy machine
disturbs all alike. Training: PEFT with bitsandbytes, its NF4 base and AdamW, one agent after another, as PEFT takes no
mixed batch in training; ours with the trail of digests that verifiers need. Generation: PEFT one agent after another,
PEFT's mixed batch (`adapter_names`), the bare base by transformers. Memory: resident bytes of whole processes.
"""

import argparse
import itertools
import json
import statistics
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import torch
from peft import LoraConfig, PeftModel, get_peft_model
from transformers import AutoModelForCausalLM, BitsAndBytesConfig

from fraction.adapters.lora.adapter_file import adapter_digest, export_peft, pack_adapter, unpack_adapter
from fraction.adapters.lora.base import load_base
from fraction.adapters.lora.engine import EngineSettings, LocalTextEngine
from fraction.adapters.lora.layout import adapter_in, first_row, layout_of
from fraction.adapters.lora.running_batch import RunningBatch
from fraction.app.generation import ChatRequest
from fraction.base import AgentId, Digest, Score, SessionId
from fraction.training import Dataset, Example, Recipe
from fraction.transcripts import Message

EMBEDDED = Path(__file__).resolve().parents[1] / "src/fraction/adapters/models/embedded"
RECIPE = Recipe(rank=4, alpha=16, steps=1_000, batch_size=1, learning_rate_ppm=4_000, max_tokens=4_096)
NEW_TOKENS = 24
ROUNDS = 3
DTYPES = {"float32": torch.float32, "bfloat16": torch.bfloat16}


@dataclass(frozen=True)
class Row:
    """One line of the table."""

    what: str
    against: str
    theirs: float
    ours: float
    ratio: float
    goal: str


class Shelf:
    """Adapters in memory, by digest."""

    def __init__(self) -> None:
        """Begin empty."""
        self.blobs: dict[Digest, bytes] = {}

    def fetch(self, digest: Digest) -> bytes:
        """Return an adapter's file."""
        return self.blobs[digest]


def medians(*ways: Callable[[], object]) -> list[float]:
    """Return the median processor time of each way; they take turns, after one turn that does not count."""
    for way in ways:
        way()
    times: list[list[float]] = [[] for _ in ways]
    for _ in range(ROUNDS):
        for way, spent in zip(ways, times, strict=True):
            start = time.process_time()
            way()
            spent.append(time.process_time() - start)
    return [statistics.median(spent) for spent in times]


def example_of(length: int, base_tokens: Callable[[str], int]) -> Dataset:
    """Return one example that fills rows of `length` tokens (a multiple of 32)."""
    reply = "Tea"
    while base_tokens(reply + " tea") <= length:
        reply += " tea"
    return Dataset((Example("", "Tea?", reply, SessionId("1"), 0, AgentId("a"), Score(1)),))


def quantised(folder: Path, dtype: torch.dtype) -> object:
    """Return the model as PEFT's users load it in four bits."""
    four = BitsAndBytesConfig(load_in_4bit=True, bnb_4bit_quant_type="nf4", bnb_4bit_compute_dtype=dtype)
    return AutoModelForCausalLM.from_pretrained(folder, dtype=dtype, quantization_config=four, device_map="cpu")


def training(folder: Path, agents: int, rows: int, length: int, dtype: torch.dtype) -> tuple[float, float]:
    """Return seconds for one step of every agent: PEFT one after another, and ours in one batch."""
    base = load_base(folder, nf4=True, unpacked=True, dtype=dtype)
    lora = LoraConfig(r=4, lora_alpha=16, target_modules=list(base.targets), task_type="CAUSAL_LM")
    theirs = get_peft_model(quantised(folder, dtype), lora)
    names = ["default", *(f"a{number}" for number in range(1, agents))]
    optimisers: dict[str, torch.optim.AdamW] = {}
    for name in names:
        if name != "default":
            theirs.add_adapter(name, lora)
        theirs.set_adapter(name)
        optimisers[name] = torch.optim.AdamW([p for p in theirs.parameters() if p.requires_grad], 4e-3)
    dataset = example_of(length, lambda reply: _tokens(base, reply))
    batch = RunningBatch(base)
    for seed in range(agents):
        batch.join(dataset, replace(RECIPE, batch_size=rows, seed=seed))
    tokens = torch.randint(6, 4_000, (rows, length), generator=torch.Generator().manual_seed(1))

    def one_by_one() -> None:
        for name in names:
            theirs.set_adapter(name)
            theirs(input_ids=tokens, labels=tokens).loss.backward()
            torch.nn.utils.clip_grad_norm_([p for p in theirs.parameters() if p.requires_grad], 1.0)
            optimisers[name].step()
            optimisers[name].zero_grad()

    a, b = medians(one_by_one, batch.step)
    if {step.tokens for step in batch.step()} != {rows * length}:
        raise AssertionError("the two ways do not read the same number of tokens")
    return a, b


def long_replies(engine: LocalTextEngine, prompt: tuple[Message, ...], count: int) -> list[int]:
    """Return seeds with which the base writes NEW_TOKENS tokens and is not done; untrained adapters write the same."""
    found: list[int] = []
    for first in itertools.count(0, count):
        requests = [
            ChatRequest(model="base", messages=prompt, max_tokens=NEW_TOKENS, seed=first + more)
            for more in range(count)
        ]
        replies = [future.result() for future in [engine.submit(request) for request in requests]]
        found += [
            request.seed
            for request, reply in zip(requests, replies, strict=True)
            if reply.completion_tokens == NEW_TOKENS
        ]
        if len(found) >= count:
            break
    return found[:count]


def generation(folder: Path, agents: int) -> tuple[float, float, float, float]:
    """Return seconds for a reply an agent: PEFT one by one, PEFT mixed, ours, and the bare base by transformers."""
    base = load_base(folder, nf4=True, unpacked=True)
    shelf, names = Shelf(), list[str]()
    theirs = quantised(folder, torch.float32)
    layout = layout_of(base.linear_shapes, 4)
    with tempfile.TemporaryDirectory() as there:
        for number in range(agents):
            blob = pack_adapter(adapter_in(first_row(layout, 4, number), layout, RECIPE, base.targets))
            export_peft(unpack_adapter(blob, base.linear_shapes, 8), Path(there) / f"a{number}")
            shelf.blobs[adapter_digest(blob)] = blob
            names.append(f"base:{adapter_digest(blob)}")
        peft = PeftModel.from_pretrained(theirs, f"{there}/a0", adapter_name="a0")
        for number in range(1, agents):
            peft.load_adapter(f"{there}/a{number}", adapter_name=f"a{number}")
    bare = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32)
    prompt = (Message("user", "Write a tweet about night photography for beginners."),)
    tokens = torch.tensor([base.chat.prompt_tokens(prompt)])
    many = tokens.repeat(agents, 1)
    engine = LocalTextEngine(base, shelf, EngineSettings(rows=agents, max_rank=4))
    seeds = long_replies(engine, prompt, agents)

    def write(model: object, rows: torch.Tensor, **more: object) -> None:
        model.generate(  # pyright: ignore[reportAttributeAccessIssue] - transformers' own
            input_ids=rows, attention_mask=torch.ones_like(rows), do_sample=True,
            min_new_tokens=NEW_TOKENS, max_new_tokens=NEW_TOKENS, **more,
        )  # fmt: skip

    def one_by_one() -> None:
        for number in range(agents):
            peft.set_adapter(f"a{number}")
            write(peft, tokens)

    def mixed() -> None:
        write(peft, many, adapter_names=[f"a{number}" for number in range(agents)])

    def together() -> None:
        requests = [
            ChatRequest(model=name, messages=prompt, max_tokens=NEW_TOKENS, seed=seed)
            for name, seed in zip(names, seeds, strict=True)
        ]
        futures = [engine.submit(request) for request in requests]
        if {future.result().completion_tokens for future in futures} != {NEW_TOKENS}:
            raise AssertionError("the ways do not write the same number of tokens")

    try:
        first, second, ours, plain = medians(one_by_one, mixed, together, lambda: write(bare, many))
        return first, second, ours, plain
    finally:
        engine.close()


def memory(folder: Path, agents: int) -> tuple[float, float]:
    """Return bytes: of `agents` processes with one agent each (one is measured), and of one process with all."""
    one, all_of_them = (_resident(folder, count) for count in (1, agents))
    return agents * one, all_of_them


_RESIDENT = """
import sys
from pathlib import Path
from bench.many_adapters import RECIPE, _tokens, example_of
from dataclasses import replace
from fraction.adapters.lora.base import load_base
from fraction.adapters.lora.running_batch import RunningBatch
base = load_base(sys.argv[1], nf4=True)
batch = RunningBatch(base)
data = example_of(64, lambda reply: _tokens(base, reply))
for seed in range(int(sys.argv[2])):
    batch.join(data, replace(RECIPE, seed=seed))
batch.step(), batch.step()
print(next(int(l.split()[1]) for l in Path("/proc/self/status").read_text().splitlines() if l.startswith("VmHWM")))
"""


def _resident(folder: Path, agents: int) -> int:
    """Return the most memory, in bytes, that a process with that many agents in training takes."""
    command = [sys.executable, "-c", _RESIDENT, str(folder), str(agents)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return 1024 * int(done.stdout.split()[-1])


def _tokens(base, reply: str) -> int:  # noqa: ANN001 - a Base
    messages = [Message("user", "Tea?")]
    return len(base.chat.prompt_tokens(messages)) + len(base.chat.reply_tokens(messages, reply))


def table(folder: Path, agents: int) -> list[Row]:
    """Return all rows; in training both ways compute in the same precision."""
    rows: list[Row] = []
    for dtype, batch, length, goal in (
        ("bfloat16", 1, 32, "4"),
        ("float32", 1, 32, "4"),
        ("bfloat16", 2, 64, "1.6"),
        ("float32", 2, 64, "1.6"),
    ):
        a, b = training(folder, agents, batch, length, DTYPES[dtype])
        what = f"training, {agents} agents x {batch}x{length} tokens, NF4, {dtype}, s a step of all"
        rows.append(Row(what, "PEFT + bitsandbytes one by one", a, b, a / b, f">= {goal}"))
    one, mixed, ours, bare = generation(folder, agents)
    what = f"generation, {agents} adapters x {NEW_TOKENS} tokens, s"
    rows.append(Row(what, "PEFT one by one", one, ours, one / ours, ">= 8"))
    rows.append(Row(what, "PEFT mixed batch", mixed, ours, mixed / ours, ">= 3"))
    rows.append(Row(what, "bare base, transformers (ours / theirs)", bare, ours, ours / bare, "<= 1.5"))
    apart, shared = memory(folder, 64)
    what = "memory, 64 agents in training, MB"
    rows.append(Row(what, "64 processes", apart / 1e6, shared / 1e6, apart / shared, ">= 20"))
    return rows


def main(arguments: Sequence[str] | None = None) -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", type=Path, default=EMBEDDED)
    parser.add_argument("--agents", type=int, default=16)
    parser.add_argument("--json", type=Path, default=None)
    options = parser.parse_args(arguments)
    torch.set_num_threads(1)
    warnings.simplefilter("ignore")
    rows = table(options.model, options.agents)
    print("| what | against | theirs | ours | ratio | goal |")
    print("|---|---|---|---|---|---|")
    for row in rows:
        print(f"| {row.what} | {row.against} | {row.theirs:.3f} | {row.ours:.3f} | {row.ratio:.2f} | {row.goal} |")
    if options.json:
        options.json.parent.mkdir(parents=True, exist_ok=True)
        options.json.write_text(json.dumps([asdict(row) for row in rows], indent=1))


if __name__ == "__main__":
    main()
