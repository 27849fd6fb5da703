# pyright: basic
# transformers has no complete types.
import json
import shutil
from pathlib import Path

import pytest
from transformers import BertConfig, BertModel

from fraction.adapters.lora.base import load_base
from fraction.base import Rejected, sha256_of
from tests.adapters.lora.tiny_models import SHAPES, save_tokenizer


@pytest.mark.parametrize("shape", SHAPES)
def test_each_family_loads_with_its_linear_layers_and_without_its_head(
    model_folders: dict[str, Path], shape: str
) -> None:
    base = load_base(model_folders[shape], nf4=True)
    assert base.context_tokens == 256
    assert base.chat.ends == {2}
    assert any(name.endswith("o_proj") for name in base.linear_shapes)
    assert not any("lm_head" in name for name in base.linear_shapes)
    assert not any(p.requires_grad for p in base.model.parameters())


def test_a_base_is_named_by_the_digest_of_its_weights(llama: Path) -> None:
    assert load_base(llama, nf4=False).digest == sha256_of((llama / "model.safetensors").read_bytes())


def test_a_folder_without_a_model_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Rejected, match=r"config\.json is missing"):
        load_base(tmp_path, nf4=False)


def test_a_model_without_weights_is_refused(llama: Path, tmp_path: Path) -> None:
    shutil.copy(llama / "config.json", tmp_path)
    with pytest.raises(Rejected, match="no weights"):
        load_base(tmp_path, nf4=False)


def test_weights_that_are_cut_short_are_refused(llama: Path, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(llama, tmp_path / "cut"))
    whole = (folder / "model.safetensors").read_bytes()
    (folder / "model.safetensors").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(Rejected, match="does not load"):
        load_base(folder, nf4=False)


def test_a_model_without_a_tokenizer_is_refused(llama: Path, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(llama, tmp_path / "mute"))
    for name in ("tokenizer.json", "tokenizer_config.json", "chat_template.jinja"):
        (folder / name).unlink(missing_ok=True)
    with pytest.raises(Rejected, match="tokenizer"):
        load_base(folder, nf4=False)


def test_a_model_without_a_chat_template_is_refused(llama: Path, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(llama, tmp_path / "plain"))
    (folder / "chat_template.jinja").unlink(missing_ok=True)
    settings = json.loads((folder / "tokenizer_config.json").read_text())
    settings.pop("chat_template", None)
    (folder / "tokenizer_config.json").write_text(json.dumps(settings))
    with pytest.raises(Rejected, match="no chat template"):
        load_base(folder, nf4=False)


def test_a_model_that_cannot_write_is_refused(tmp_path: Path) -> None:
    config = BertConfig(
        vocab_size=save_tokenizer(tmp_path), hidden_size=16, num_hidden_layers=1, num_attention_heads=2,
        intermediate_size=16,
    )  # fmt: skip
    BertModel(config).save_pretrained(tmp_path)
    settings = json.loads((tmp_path / "config.json").read_text())
    settings["model_type"] = "vit"
    (tmp_path / "config.json").write_text(json.dumps(settings))
    with pytest.raises(Rejected, match="only causal language models"):
        load_base(tmp_path, nf4=False)


def test_a_model_that_wants_to_run_its_own_code_is_refused(llama: Path, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(llama, tmp_path / "coded"))
    settings = json.loads((folder / "config.json").read_text())
    settings |= {"model_type": "strange", "auto_map": {"AutoConfig": "evil.Config", "AutoModelForCausalLM": "evil.M"}}
    (folder / "config.json").write_text(json.dumps(settings))
    (folder / "evil.py").write_text("raise SystemExit('ran')")
    with pytest.raises(Rejected, match="does not load"):
        load_base(folder, nf4=False)
