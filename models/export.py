"""Ship a training's weights: bf16 safetensors, configuration and tokenizer, as plain transformers loads them."""

import argparse
import json
from pathlib import Path

import torch
from transformers import AutoTokenizer, GenerationConfig, LlamaForCausalLM

from models.tokenizer import WORK
from models.train import config

SHIPPED = Path(__file__).parents[1] / "src/fraction/adapters/models/embedded"
"""Where the product finds its embedded model."""

MAX_BYTES = 16_000_000
"""All files of the model together."""


def weights_of(name: str) -> LlamaForCausalLM:
    """Return the model of the training `name` as it was last saved."""
    model = LlamaForCausalLM(config())
    model.load_state_dict(torch.load(WORK / name / "state.pt", weights_only=True)["model"])
    return model


def write(model: LlamaForCausalLM, folder: Path) -> int:
    """Write `model` with its tokenizer into `folder`; return the bytes of all files.

    Raises:
        ValueError: the files are larger than may be shipped.
    """
    model = model.to(torch.bfloat16)
    model.generation_config = GenerationConfig(
        bos_token_id=1, eos_token_id=2, pad_token_id=0, do_sample=True, temperature=0.9, top_p=0.95, max_new_tokens=96
    )
    model.save_pretrained(folder)
    AutoTokenizer.from_pretrained(WORK / "tokenizer").save_pretrained(folder)
    _inline_template(folder)
    size = sum(path.stat().st_size for path in folder.iterdir())
    if size > MAX_BYTES:
        raise ValueError(f"The model takes {size:,} bytes; at most {MAX_BYTES:,} may be shipped.")
    return size


def _inline_template(folder: Path) -> None:
    """Put the chat template into tokenizer_config.json, where every version of transformers looks for it."""
    separate = folder / "chat_template.jinja"
    if not separate.exists():
        return
    path = folder / "tokenizer_config.json"
    settings = json.loads(path.read_text())
    settings["chat_template"] = separate.read_text()
    path.write_text(json.dumps(settings, indent=2, ensure_ascii=False) + "\n")
    separate.unlink()


def main() -> None:
    """Ship the training that the command line names."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--name", default="first", help="folder of the training, in models/work")
    parser.add_argument("--to", type=Path, default=SHIPPED)
    options = parser.parse_args()
    print(f"{options.to}: {write(weights_of(options.name), options.to):,} bytes")


if __name__ == "__main__":
    main()
