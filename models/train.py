"""Training the embedded model from scratch on a CPU: Muon for matrices, AdamW for the rest, bf16 products.

    python -m models.train --tokens 14000000            # about an hour on two cores

The learning rate rises, stays, and falls linearly in the last third. State is saved every few minutes; the same command
goes on after a kill. `--start FOLDER` begins with other weights, `--minutes N` ends early whatever was learned.
"""

import argparse
import itertools
import json
import math
import os
import time
from pathlib import Path

import torch
from transformers import AutoTokenizer, LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerBase

from models.batches import Batch, batches
from models.corpus.mix import SHARES
from models.corpus.phrases import PIECES
from models.tokenizer import VOCABULARY, WORK

STEP_BATCHES = 3
"""Batches of different lengths, and so of different kinds, that make one step."""

BATCH_TOKENS = 1_536
SAVE_SECONDS = 180
WARM_UP = 0.02
FALL = 0.35
"""Last part of the training in which the learning rate falls."""


def config() -> LlamaConfig:
    """Return the architecture: 5.5 million parameters."""
    return LlamaConfig(
        vocab_size=VOCABULARY,
        hidden_size=256,
        intermediate_size=704,
        num_hidden_layers=6,
        num_attention_heads=8,
        num_key_value_heads=4,
        max_position_embeddings=512,
        tie_word_embeddings=True,
        rms_norm_eps=1e-5,
        pad_token_id=0,
        bos_token_id=1,
        eos_token_id=2,
        initializer_range=0.02,
    )


def optimizers(model: LlamaForCausalLM, rate: float) -> list[torch.optim.Optimizer]:
    """Return Muon for the layers' matrices and AdamW for embeddings and norms."""
    matrices = [p for n, p in model.named_parameters() if p.ndim == 2 and "embed" not in n]
    rest = [p for n, p in model.named_parameters() if p.ndim != 2 or "embed" in n]
    return [
        torch.optim.Muon(matrices, lr=rate, weight_decay=0.05, adjust_lr_fn="match_rms_adamw", ns_steps=4),
        torch.optim.AdamW(rest, lr=rate, betas=(0.9, 0.98), weight_decay=0.0, fused=True),
    ]


def rate_at(progress: float) -> float:
    """Return the learning rate as a share of its height, for a progress of 0 to 1."""
    return min(1.0, progress / WARM_UP + 0.02, max(0.02, (1 - progress) / FALL))


def loss_of(model: LlamaForCausalLM, batch: Batch) -> torch.Tensor:
    """Return the weighted sum of the learned tokens' cross entropy, in nats."""
    with torch.autocast("cpu", torch.bfloat16):
        hidden = model.model(batch.tokens[:, :-1].contiguous()).last_hidden_state
        logits = model.lm_head(hidden.flatten(0, 1)[batch.where])
    return (torch.nn.functional.cross_entropy(logits.float(), batch.target, reduction="none") * batch.weight).sum()


def fill_pieces(tokenizer: PreTrainedTokenizerBase) -> None:
    """Let the corpus make its new words of this tokenizer's pieces."""
    starts, ends = PIECES
    for piece in sorted(tokenizer.get_vocab()):
        word = piece.removeprefix("\u0120")
        if word.isascii() and word.isalpha() and word.islower() and len(word) > 1:
            (ends if word == piece else starts).append(word)


class Run:
    """One training with its state on disk."""

    def __init__(self, options: argparse.Namespace) -> None:
        self.options = options
        self.folder = WORK / options.name
        self.folder.mkdir(parents=True, exist_ok=True)
        torch.manual_seed(1)
        self.tokenizer = AutoTokenizer.from_pretrained(WORK / "tokenizer")
        start = options.start
        self.model = (
            LlamaForCausalLM.from_pretrained(start, dtype=torch.float32) if start else LlamaForCausalLM(config())
        )
        self.optimizers = optimizers(self.model, options.rate)
        self.step, self.seen, self.spent = 0, 0, 0.0
        if options.pieces:
            fill_pieces(self.tokenizer)
        if (self.folder / "state.pt").exists():
            self._resume()
        if not options.plain:
            self.model.model.compile(dynamic=True)

    def _resume(self) -> None:
        state = torch.load(self.folder / "state.pt", weights_only=True)
        self.model.load_state_dict(state["model"])
        for optimizer, saved in zip(self.optimizers, state["optimizers"], strict=True):
            optimizer.load_state_dict(saved)
        self.step, self.seen, self.spent = state["step"], state["seen"], state["spent"]

    def save(self) -> None:
        """Write everything that is needed to go on, in one move."""
        state = {
            "model": self.model.state_dict(),
            "optimizers": [o.state_dict() for o in self.optimizers],
            "step": self.step,
            "seen": self.seen,
            "spent": self.spent,
        }
        part = self.folder / "state.part"
        torch.save(state, part)
        part.replace(self.folder / "state.pt")

    def progress(self) -> float:
        """Return how much is done, 0 to 1."""
        return max(self.seen / self.options.tokens, self.spent / 60 / self.options.minutes)

    def learn(self, parts: list[Batch]) -> float:
        """Take one step; return the weighted mean loss in nats a token."""
        learned = float(sum(part.weight.sum() for part in parts))
        total = 0.0
        for part in parts:
            loss = loss_of(self.model, part) / learned
            loss.backward()
            total += loss.item()
        if not math.isfinite(total):
            raise FloatingPointError(f"The loss of step {self.step} is {total}; the state before it is on disk.")
        torch.nn.utils.clip_grad_norm_(self.model.parameters(), 1.0)
        for optimizer in self.optimizers:
            for group in optimizer.param_groups:
                group["lr"] = self.options.rate * rate_at(self.progress())
            optimizer.step()
            optimizer.zero_grad(set_to_none=True)
        return total

    def go(self) -> None:
        """Learn until the end."""
        shares = json.loads(self.options.shares) if self.options.shares else SHARES
        stream = batches(self.tokenizer, f"{self.options.name}/{self.step}", BATCH_TOKENS, shares)
        saved = began = time.monotonic()
        before, mean = self.spent, 0.0
        while self.progress() < 1:
            parts = list(itertools.islice(stream, STEP_BATCHES))
            loss = self.learn(parts)
            mean = loss if not mean else 0.95 * mean + 0.05 * loss
            self.step += 1
            self.seen += sum(part.tokens.numel() for part in parts)
            self.spent = before + time.monotonic() - began
            if self.step % 20 == 0:
                self._report(mean)
            if time.monotonic() - saved > SAVE_SECONDS:
                self.save()
                saved = time.monotonic()
        self.save()
        self.model.save_pretrained(self.folder / "model")

    def _report(self, loss: float) -> None:
        pace = self.seen / self.spent
        left = self.spent / max(self.progress(), 1e-9) * (1 - self.progress()) / 60
        print(
            f"step {self.step} tokens {self.seen:,} loss {loss:.3f} {pace:.0f} tok/s, "
            f"{self.progress():.0%}, {left:.0f} min left",
            flush=True,
        )


def main() -> None:
    """Train as the command line says."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--name", default="first", help="folder of this run, in models/work")
    parser.add_argument("--tokens", type=int, default=14_000_000)
    parser.add_argument("--minutes", type=float, default=100_000.0, help="end after this time at the latest")
    parser.add_argument("--rate", type=float, default=3e-3)
    parser.add_argument("--start", type=Path, help="folder of weights to begin with")
    parser.add_argument("--shares", help="JSON: percent of chats by kind")
    parser.add_argument("--pieces", action="store_true", help="make new words of the tokenizer's own pieces")
    parser.add_argument("--threads", type=int, default=os.cpu_count() or 2)
    parser.add_argument("--plain", action="store_true", help="do not compile")
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    Run(options).go()


if __name__ == "__main__":
    main()
