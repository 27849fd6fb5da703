"""An adapter as one file: safetensors with the PEFT configuration in its header.

    8 bytes   length of the header
    header    {"__metadata__": {"adapter_config": "{...}", "format": "pt"}, "base_model.model.….lora_A.weight": …}
    tensors   float32, in the order of their names

One adapter has one file, byte for byte, so the file's SHA-256 is the adapter's name. A file may come from
anybody: nothing in it is run, and all of it is checked before use.
"""

import struct
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import safetensors.torch
import torch
from safetensors import SafetensorError
from torch import Tensor

from fraction.adapters.lora.adapter_config import AdapterConfig, read_config
from fraction.base import Digest, Json, Rejected, canonical_json, parse_json, sha256_of

MAX_BYTES = 1 << 30
"""No adapter is larger; one of rank 64 for a 33B model is."""
MAX_HEADER_BYTES = 4 << 20
MAX_MAGNITUDE = 1e4
"""Trained values are far below 1; larger ones serve only to overflow."""
_PREFIX = "base_model.model."
_TYPES = {"F32": torch.float32, "F16": torch.float16, "BF16": torch.bfloat16}


@dataclass(frozen=True, slots=True)
class LowRank:
    """One layer's update: scale * B A."""

    a: Tensor
    """float32 (rank, inputs)"""
    b: Tensor
    """float32 (outputs, rank)"""


@dataclass(frozen=True, slots=True)
class Adapter:
    """A checked adapter in memory."""

    config: AdapterConfig
    layers: Mapping[str, LowRank]
    """By the layer's name in the base."""


def pack_adapter(adapter: Adapter) -> bytes:
    """Return the adapter as one file; equal adapters give equal bytes."""
    tensors: dict[str, Tensor] = {}
    for name, layer in adapter.layers.items():
        tensors[f"{_PREFIX}{name}.lora_A.weight"] = layer.a
        tensors[f"{_PREFIX}{name}.lora_B.weight"] = layer.b
    config = canonical_json(adapter.config.to_json()).decode()
    return write_safetensors(tensors, {"adapter_config": config, "format": "pt"})


def unpack_adapter(blob: bytes, linear_shapes: Mapping[str, tuple[int, int]], max_rank: int) -> Adapter:
    """Return the adapter in `blob`, checked against the layers of the base it is for.

    Args:
        blob: what `pack_adapter` wrote, from anybody
        linear_shapes: name of each layer that may be adapted -> (inputs, outputs)
        max_rank: the largest rank that fits

    Raises:
        Rejected: the file is not an adapter of this base, or breaks a limit; the sentence says which.
    """
    header = read_header(blob)
    metadata = header.get("__metadata__")
    text = metadata.get("adapter_config") if isinstance(metadata, dict) else None
    if not isinstance(text, str):
        raise Rejected("The adapter has no adapter_config in its header; pack it with pack_adapter.")
    config = read_config(text)
    if config.rank > max_rank:
        raise Rejected(f"The adapter's rank is {config.rank}; this server takes up to {max_rank}.")
    return Adapter(config, _layers(_tensors(blob, header), config, linear_shapes))


def export_peft(adapter: Adapter, folder: Path) -> None:
    """Write the adapter into `folder` as plain PEFT loads it."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "adapter_model.safetensors").write_bytes(pack_adapter(adapter))
    (folder / "adapter_config.json").write_bytes(canonical_json(adapter.config.to_json()))


def import_peft(folder: Path, linear_shapes: Mapping[str, tuple[int, int]], max_rank: int) -> Adapter:
    """Return the adapter that PEFT saved in `folder`, checked like any other.

    Raises:
        Rejected: the files are missing, or what is in them is not an adapter of this base.
    """
    try:
        weights = (folder / "adapter_model.safetensors").read_bytes()
        text = (folder / "adapter_config.json").read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise Rejected(f"There is no PEFT adapter in {folder}: {error}") from error
    config = read_config(text)
    if config.rank > max_rank:
        raise Rejected(f"The adapter's rank is {config.rank}; this server takes up to {max_rank}.")
    return Adapter(config, _layers(_tensors(weights, read_header(weights)), config, linear_shapes))


def adapter_digest(blob: bytes) -> Digest:
    """Return the adapter's name: the SHA-256 of its file."""
    return sha256_of(blob)


def write_safetensors(tensors: Mapping[str, Tensor], metadata: dict[str, Json]) -> bytes:
    """Return tensors as one safetensors file in float32, sorted by name: equal tensors give equal bytes."""
    header: dict[str, Json] = {"__metadata__": metadata}
    body: list[bytes] = []
    offset = 0
    for name in sorted(tensors):
        raw = tensors[name].detach().to("cpu", torch.float32).contiguous().numpy().astype("<f4").tobytes()
        shape: list[Json] = list(tensors[name].shape)
        header[name] = {"dtype": "F32", "shape": shape, "data_offsets": [offset, offset + len(raw)]}
        body.append(raw)
        offset += len(raw)
    text = canonical_json(header)
    text += b" " * (-len(text) % 8)  # the format wants aligned tensors
    return struct.pack("<Q", len(text)) + text + b"".join(body)


def read_header(blob: bytes) -> dict[str, object]:
    """Return a safetensors file's header.

    Raises:
        Rejected: the bytes are none.
    """
    if len(blob) > MAX_BYTES:
        raise Rejected(f"The adapter has {len(blob)} bytes; {MAX_BYTES} are allowed.")
    length = struct.unpack("<Q", blob[:8])[0] if len(blob) >= 8 else 0
    if not 0 < length <= min(MAX_HEADER_BYTES, len(blob) - 8):
        raise Rejected("The adapter is not a safetensors file; pack it with pack_adapter.")
    try:
        header = parse_json(blob[8 : 8 + length])
    except (ValueError, RecursionError) as error:
        raise Rejected("The adapter's header is not JSON; pack it with pack_adapter.") from error
    if not isinstance(header, dict):
        raise Rejected("The adapter's header is not a JSON object; pack it with pack_adapter.")
    return header


def _tensors(blob: bytes, header: Mapping[str, object]) -> dict[str, Tensor]:
    for name, entry in header.items():
        kind = entry.get("dtype") if isinstance(entry, dict) else None
        if name != "__metadata__" and kind not in _TYPES:
            raise Rejected(f"The adapter's {name} has type {kind}; only {', '.join(_TYPES)} are taken.")
    try:
        return safetensors.torch.load(blob)
    except (SafetensorError, ValueError, KeyError, RuntimeError) as error:
        raise Rejected(f"The adapter is not a valid safetensors file: {error}") from error


def _layers(
    tensors: Mapping[str, Tensor], config: AdapterConfig, linear_shapes: Mapping[str, tuple[int, int]]
) -> dict[str, LowRank]:
    layers: dict[str, LowRank] = {}
    expected: set[str] = set()
    for name, (inputs, outputs) in linear_shapes.items():
        keys = (f"{_PREFIX}{name}.lora_A.weight", f"{_PREFIX}{name}.lora_B.weight")
        if not any(key in tensors for key in keys):
            continue
        expected.update(keys)
        a = _checked(tensors, keys[0], (config.rank, inputs))
        layers[name] = LowRank(a, _checked(tensors, keys[1], (outputs, config.rank)))
    foreign = sorted(set(tensors) - expected)
    if foreign:
        raise Rejected(f"The adapter has {foreign[0]!r}, which is no layer of this base.")
    if not layers:
        raise Rejected("The adapter changes no layer of this base.")
    return layers


def _checked(tensors: Mapping[str, Tensor], key: str, shape: tuple[int, int]) -> Tensor:
    if key not in tensors:
        raise Rejected(f"The adapter lacks {key}; A and B come in pairs.")
    tensor = tensors[key]
    if tuple(tensor.shape) != shape:
        raise Rejected(f"The adapter's {key} has shape {tuple(tensor.shape)}; this base needs {shape}.")
    values = tensor.float()
    if not bool(torch.isfinite(values).all()) or float(values.abs().amax()) > MAX_MAGNITUDE:
        raise Rejected(f"The adapter's {key} has values that are not finite or beyond {MAX_MAGNITUDE:.0f}.")
    return values
