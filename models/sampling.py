"""Asking the model in batches: sampled replies, and a judge's expected level."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import torch
from transformers import AutoTokenizer, LlamaForCausalLM, PreTrainedTokenizerBase

from fraction.judging.question import question_for, read_answer, score_of_level
from fraction.judging.suspicion import clear, clear_code
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
class Asked:
    """One entry and one criterion, for a judge."""

    criterion: str
    question: str
    task: str
    reply: str
    wording: int
    is_code: bool = False


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

    def judge(self, asked: Sequence[Asked], batch: int = 48) -> list[Verdict]:
        """Return a verdict for each entry as the product's judges reach it: they read what does not talk to them."""
        cleared = [(clear_code if a.is_code else clear)(a.reply, a.task).text for a in asked]
        questions = [
            question_for(a.criterion, a.question, a.task, text, a.wording)
            for a, text in zip(asked, cleared, strict=True)
        ]
        answers = self._answers(questions, batch)
        return [self._verdict(text, *answer) for text, answer in zip(cleared, answers, strict=True)]

    @torch.inference_mode()
    def _answers(self, chats: Sequence[Chat], batch: int) -> list[tuple[str, torch.Tensor]]:
        """Return each greedy answer with the logits of the ten digits at its last digit, if it has one."""
        answers: list[tuple[str, torch.Tensor]] = []
        for start in range(0, len(chats), batch):
            inputs = self._inputs(chats[start : start + batch])
            output = self.model.generate(
                **inputs, do_sample=False, temperature=None, top_p=None, max_new_tokens=72,
                output_logits=True, return_dict_in_generate=True,
            )  # fmt: skip
            new = output.sequences[:, inputs["input_ids"].shape[1] :]
            logits = torch.stack(output.logits, 1)[:, :, self.digits].float()
            answers += [self._answer(row, part) for row, part in zip(new, logits, strict=True)]
        return answers

    def _answer(self, tokens: torch.Tensor, logits: torch.Tensor) -> tuple[str, torch.Tensor]:
        digits = set(self.digits.tolist())
        places = [i for i, token in enumerate(tokens.tolist()) if token in digits]
        text = str(self.tokenizer.decode(tokens, skip_special_tokens=True))
        return text, logits[places[-1]] if places else torch.zeros(10)

    @staticmethod
    def _verdict(cleared: str, text: str, logits: torch.Tensor) -> Verdict:
        if not cleared:
            return Verdict("There is nothing besides words to the judge.", True, 0.0)
        read = read_answer(text)
        if read is None:
            return Verdict(text, False, 0.0)
        millilevels = int((torch.softmax(logits, -1) * torch.arange(10) * 1000).sum().round().clamp(0, 9000))
        return Verdict(read.reason, True, score_of_level(millilevels) / 100)
