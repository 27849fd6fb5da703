"""The tokenizer: byte-level BPE of 4,096 entries with single digits and six special tokens.

Run `python -m models.tokenizer` to learn it from the corpus and write it into the work folder.
"""

import itertools
import json
from pathlib import Path

from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
from transformers import PreTrainedTokenizerFast

from models.corpus.mix import chats

WORK = Path(__file__).parent / "work"
"""Where everything lies that is not shipped."""

VOCABULARY = 4_096
SPECIAL = ("<|pad|>", "<|bos|>", "<|end|>", "<|system|>", "<|user|>", "<|assistant|>")
TEMPLATE = (
    "{{ bos_token }}{% for message in messages %}{{ '<|' + message['role'] + '|>' + message['content'] + '<|end|>' }}"
    "{% endfor %}{% if add_generation_prompt %}{{ '<|assistant|>' }}{% endif %}"
)


def learn(chat_count: int = 20_000) -> PreTrainedTokenizerFast:
    """Return a tokenizer learned from the first chats of the corpus."""
    bpe = Tokenizer(models.BPE())
    bpe.pre_tokenizer = pre_tokenizers.Sequence(
        [pre_tokenizers.Digits(individual_digits=True), pre_tokenizers.ByteLevel(add_prefix_space=False)]
    )
    bpe.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=VOCABULARY,
        special_tokens=list(SPECIAL),
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
        min_frequency=2,
    )
    texts = (m.content for chat in itertools.islice(chats("tokenizer"), chat_count) for m in chat)
    bpe.train_from_iterator(texts, trainer)
    wrapped = PreTrainedTokenizerFast(
        tokenizer_object=bpe,
        additional_special_tokens=list(SPECIAL[3:]),
        **dict(zip(("pad_token", "bos_token", "eos_token"), SPECIAL, strict=False)),
        clean_up_tokenization_spaces=False,
        model_max_length=512,
    )
    wrapped.chat_template = TEMPLATE
    return wrapped


def main() -> None:
    """Learn the tokenizer, save it and show how long chats are."""
    tokenizer = learn()
    tokenizer.save_pretrained(WORK / "tokenizer")
    lengths: dict[str, list[int]] = {}
    for chat in itertools.islice(chats("lengths"), 400):
        kind = chat[-1].content[:3]
        kind = "judge" if kind.startswith("{") else kind if kind in {"def", "bid"} else "tweet"
        lengths.setdefault(kind, []).append(sum(len(tokenizer.encode(m.content)) + 2 for m in chat) + 1)
    print(json.dumps({kind: [sum(n) / len(n), max(n), len(n)] for kind, n in lengths.items()}))


if __name__ == "__main__":
    main()
