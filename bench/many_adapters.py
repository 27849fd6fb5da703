"""Claim: many adapters over one base cost little more than one. Measured against PEFT one adapter after another.

Run: `python bench/many_adapters.py [--model FOLDER] [--adapters 1 4 8 16]`. Times are seconds of processor time on
one thread, in one process, with the two ways taking turns, so that a busy machine disturbs both alike.
"""

import argparse
import statistics
import tempfile
import time
import warnings
from collections.abc import Callable, Sequence
from pathlib import Path

import torch
from peft import LoraConfig, PeftModel, get_peft_model
from transformers import AutoModelForCausalLM

from fraction.adapters.lora.adapter_file import adapter_digest, export_peft, pack_adapter, unpack_adapter
from fraction.adapters.lora.base import Base, load_base
from fraction.adapters.lora.engine import EngineSettings, LocalTextEngine
from fraction.adapters.lora.group import Group
from fraction.adapters.lora.optimiser import Optimiser
from fraction.app.generation import ChatRequest
from fraction.base import Digest
from fraction.training import Recipe
from fraction.transcripts import Message

EMBEDDED = Path(__file__).resolve().parents[1] / "src/fraction/adapters/models/embedded"
RECIPE = Recipe(rank=4, alpha=8, learning_rate_ppm=2_000)
NEW_TOKENS = 24
ROUNDS = 3


class _Shelf:
    def __init__(self) -> None:
        self.blobs: dict[Digest, bytes] = {}

    def fetch(self, digest: Digest) -> bytes:
        return self.blobs[digest]


def seconds(act: Callable[[], object]) -> float:
    """Return the processor time of one call."""
    start = time.process_time()
    act()
    return time.process_time() - start


def rows_for(base: Base, count: int, length: int) -> torch.Tensor:
    """Return int64 (count, length): any tokens will do for timing."""
    return torch.randint(6, base.model.config.vocab_size, (count, length), generator=torch.Generator().manual_seed(1))


def training(folder: Path, adapters: int, length: int) -> tuple[float, float]:
    """Return seconds a round of steps, one a job: PEFT one job after another, and all jobs in one batch."""
    plain = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32)
    targets = list(load_base(folder, nf4=False).targets)
    theirs = get_peft_model(plain, LoraConfig(r=4, lora_alpha=8, target_modules=targets, task_type="CAUSAL_LM"))
    for number in range(1, adapters):
        theirs.add_adapter(f"a{number}", LoraConfig(r=4, lora_alpha=8, target_modules=targets, task_type="CAUSAL_LM"))
    names = ["default", *(f"a{n}" for n in range(1, adapters))]
    optimisers: dict[str, torch.optim.AdamW] = {}
    for name in names:
        theirs.set_adapter(name)
        optimisers[name] = torch.optim.AdamW([p for p in theirs.parameters() if p.requires_grad], 2e-3)
    base = load_base(folder, nf4=True, unpacked=True)
    group = Group(base, RECIPE, list(range(adapters)))
    ours = Optimiser(group.parameters(), 2e-3, 0)
    tokens = rows_for(base, adapters, length)

    def one_by_one() -> None:
        for row, name in enumerate(names):
            theirs.set_adapter(name)
            theirs(input_ids=tokens[row : row + 1], labels=tokens[row : row + 1]).loss.backward()
            torch.nn.utils.clip_grad_norm_([p for p in theirs.parameters() if p.requires_grad], 1.0)
            optimisers[name].step()
            optimisers[name].zero_grad()

    def together() -> None:
        group.backward(tokens, tokens)
        ours.step()

    return _medians(one_by_one, together)


def generation(folder: Path, adapters: int) -> tuple[float, float]:
    """Return seconds for one reply an adapter: PEFT one after another, and our engine with all at once."""
    base = load_base(folder, nf4=False)
    shelf, names = _Shelf(), list[str]()
    prompt = (Message("user", "Write a tweet about night photography for beginners."),)
    with tempfile.TemporaryDirectory() as there:
        for number in range(adapters):
            group = Group(base, RECIPE, [number])
            blob = pack_adapter(group.adapter(0))
            group.close()
            export_peft(unpack_adapter(blob, base.linear_shapes, 8), Path(there) / f"a{number}")
            shelf.blobs[adapter_digest(blob)] = blob
            names.append(f"base:{adapter_digest(blob)}")
        plain = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32)
        theirs = PeftModel.from_pretrained(plain, f"{there}/a0", adapter_name="a0")
        for number in range(1, adapters):
            theirs.load_adapter(f"{there}/a{number}", adapter_name=f"a{number}")
    tokens = torch.tensor([base.chat.prompt_tokens(prompt)])
    engine = LocalTextEngine(base, shelf, EngineSettings(rows=adapters, max_rank=4))
    written: list[int] = []

    def one_by_one() -> None:
        for number in range(adapters):
            theirs.set_adapter(f"a{number}")
            theirs.generate(
                input_ids=tokens, attention_mask=torch.ones_like(tokens), do_sample=True,
                min_new_tokens=NEW_TOKENS, max_new_tokens=NEW_TOKENS,
            )  # fmt: skip

    def together() -> None:
        requests = [ChatRequest(model=name, messages=prompt, max_tokens=NEW_TOKENS, seed=1) for name in names]
        futures = [engine.submit(request) for request in requests]
        written.append(sum(future.result().completion_tokens for future in futures))

    try:
        theirs_seconds, ours_seconds = _medians(one_by_one, together)
        # our replies may end early: count the time of as many tokens as PEFT was made to write
        return theirs_seconds, ours_seconds * adapters * NEW_TOKENS / statistics.mean(written)
    finally:
        engine.close()


def _medians(one: Callable[[], None], other: Callable[[], None]) -> tuple[float, float]:
    one()
    other()
    pairs = [(seconds(one), seconds(other)) for _ in range(ROUNDS)]
    return statistics.median(a for a, _ in pairs), statistics.median(b for _, b in pairs)


def main(arguments: Sequence[str] | None = None) -> None:
    """Print both tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", type=Path, default=EMBEDDED)
    parser.add_argument("--adapters", type=int, nargs="*", default=[1, 4, 8, 16])
    parser.add_argument("--length", type=int, default=32, help="tokens a row in training")
    options = parser.parse_args(arguments)
    torch.set_num_threads(1)
    warnings.simplefilter("ignore")
    print("| adapters | training: PEFT s | ours s | ratio | generation: PEFT s | ours s | ratio |")
    print("|---|---|---|---|---|---|---|")
    for count in options.adapters:
        a, b = training(options.model, count, options.length)
        c, d = generation(options.model, count)
        print(f"| {count} | {a:.3f} | {b:.3f} | {a / b:.2f} | {c:.2f} | {d:.2f} | {c / d:.2f} |", flush=True)


if __name__ == "__main__":
    main()
