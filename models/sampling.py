"""Asking the model in batches: sampled replies, and a judge's expected level."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import torch
from transformers import AutoTokenizer, LlamaForCausalLM, PreTrainedTokenizerBase

from fraction.judging.question import read_answer, score_of_level
from fraction.transcripts import Message

Chat = Sequence[Message]


def chat_of(system: str, user: str) -> Chat:
    """Return what an agent with that prompt is asked."""
    return Message("system", system), Message("user", user)


def percent(found: Iterable[bool]) -> float:
    """Return how many are true, in percent with one decimal; 0 of none."""
    values = [bool(v) for v in found]
    return round(100 * sum(values) / max(1, len(values)), 1)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the model said as a judge."""

    text: str
    readable: bool
    score: float
    """Points, 0 to 100: the expected level over the ten digits, rounded as the product does."""


class Speaker:
    """A model on disk that answers chats."""

    def __init__(self, folder: str) -> None:
        self.tokenizer: PreTrainedTokenizerBase = AutoTokenizer.from_pretrained(folder, padding_side="left")
        self.model = LlamaForCausalLM.from_pretrained(folder, dtype=torch.float32).eval()
        self.digits = torch.tensor([self.tokenizer.convert_tokens_to_ids(str(d)) for d in range(10)])

    def pieces(self, text: str) -> list[str]:
        """Return `text` as the vocabulary's entries."""
        return [str(piece) for piece in self.tokenizer.tokenize(text)]

    def render(self, chat: Chat) -> str:
        """Return what the model reads before it answers `chat`."""
        messages = [{"role": m.role, "content": m.content} for m in chat]
        return str(self.tokenizer.apply_chat_template(messages, tokenize=False, add_generation_prompt=True))

    def _inputs(self, chats: Sequence[Chat]) -> dict[str, torch.Tensor]:
        texts = [self.render(chat) for chat in chats]
        encoded = self.tokenizer(texts, return_tensors="pt", padding=True, add_special_tokens=False)
        return {"input_ids": encoded["input_ids"], "attention_mask": encoded["attention_mask"]}

    @torch.inference_mode()
    def sample(self, chats: Sequence[Chat], seed: int, limit: int = 96, temperature: float = 0.9) -> list[str]:
        """Return one reply for each chat, sampled at `temperature` and top-p 0.95."""
        torch.manual_seed(seed)
        replies: list[str] = []
        for start in range(0, len(chats), 64):
            inputs = self._inputs(chats[start : start + 64])
            output = self.model.generate(
                **inputs, do_sample=True, temperature=temperature, top_p=0.95, top_k=0, max_new_tokens=limit
            )
            new = output[:, inputs["input_ids"].shape[1] :]
            replies += self.tokenizer.batch_decode(new, skip_special_tokens=True)
        return replies

    @torch.inference_mode()
    def judge(self, questions: Sequence[Chat], batch: int = 48) -> list[Verdict]:
        """Return a verdict for each question: greedy reason, expected level at the score's digit."""
        verdicts: list[Verdict] = []
        for start in range(0, len(questions), batch):
            inputs = self._inputs(questions[start : start + batch])
            output = self.model.generate(
                **inputs, do_sample=False, temperature=None, top_p=None, max_new_tokens=72,
                output_logits=True, return_dict_in_generate=True,
            )  # fmt: skip
            new = output.sequences[:, inputs["input_ids"].shape[1] :]
            logits = torch.stack(output.logits, 1)[:, :, self.digits].float()
            verdicts += [self._verdict(row, part) for row, part in zip(new, logits, strict=True)]
        return verdicts

    def _verdict(self, tokens: torch.Tensor, logits: torch.Tensor) -> Verdict:
        text = self.tokenizer.decode(tokens, skip_special_tokens=True)
        readable = read_answer(text) is not None
        places = [i for i, token in enumerate(tokens.tolist()) if token in set(self.digits.tolist())]
        if not readable or not places:
            return Verdict(text, False, 0.0)
        shares = torch.softmax(logits[places[-1]], -1)
        millilevels = int((shares * torch.arange(10) * 1000).sum().round().clamp(0, 9000))
        return Verdict(text, True, score_of_level(millilevels) / 100)
