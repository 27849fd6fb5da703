"""The shape of a Llama-like model: read from its config.json, refused where exact-v1 does not say what to compute."""

from collections.abc import Mapping
from dataclasses import dataclass

from fraction.base import Rejected

_FAMILIES = ("llama", "qwen2", "mistral")
"""Model types whose layers are: norm, rotary attention, norm, gated SiLU."""
_PLAIN_ROTATION = {"rope_type", "type", "rope_theta"}


@dataclass(frozen=True, slots=True)
class Shape:
    """Sizes and constants of a model."""

    hidden: int
    layers: int
    heads: int
    key_heads: int
    """Heads of keys and values; each serves heads / key_heads heads of queries."""
    head: int
    """Numbers in one head; even."""
    inner: int
    """Width between gate and down projection."""
    vocabulary: int
    norm_epsilon: float
    rotation_base: float


def read_shape(config: Mapping[str, object]) -> Shape:
    """Return the shape that a config.json describes.

    Raises:
        Rejected: the model is of another kind, or uses what exact-v1 does not define.
    """
    family = config.get("model_type")
    if family not in _FAMILIES:
        raise Rejected(f"Exact arithmetic knows models shaped like {', '.join(_FAMILIES)}; this one is a {family}.")
    if config.get("hidden_act") != "silu":
        raise Rejected(f"Exact arithmetic knows the activation silu; this model uses {config.get('hidden_act')}.")
    if config.get("use_sliding_window") or (family == "mistral" and config.get("sliding_window")):
        raise Rejected("Exact arithmetic has no sliding windows; use a base with full attention.")
    heads, hidden = _whole(config, "num_attention_heads"), _whole(config, "hidden_size")
    return Shape(
        hidden=hidden,
        layers=_whole(config, "num_hidden_layers"),
        heads=heads,
        key_heads=_whole(config, "num_key_value_heads") if config.get("num_key_value_heads") else heads,
        head=_whole(config, "head_dim") if config.get("head_dim") else hidden // heads,
        inner=_whole(config, "intermediate_size"),
        vocabulary=_whole(config, "vocab_size"),
        norm_epsilon=_real(config, "rms_norm_eps"),
        rotation_base=_rotation(config),
    )


def _rotation(config: Mapping[str, object]) -> float:
    """Return the base of the rotary angles; only the plain kind is defined."""
    told = config.get("rope_parameters") or config.get("rope_scaling") or {}
    settings: Mapping[str, object] = told if isinstance(told, Mapping) else {}
    kind = settings.get("rope_type", settings.get("type", "default"))
    if kind != "default" or set(settings) - _PLAIN_ROTATION:
        raise Rejected(f"Exact arithmetic has plain rotary positions only; this model's are {dict(settings)}.")
    return _real(settings if "rope_theta" in settings else config, "rope_theta")


def _whole(config: Mapping[str, object], name: str) -> int:
    value = config.get(name)
    if not isinstance(value, int) or isinstance(value, bool) or value < 1:
        raise Rejected(f"The model's {name} is {value!r}; it must be a whole number above 0.")
    return value


def _real(config: Mapping[str, object], name: str) -> float:
    value = config.get(name)
    if not isinstance(value, int | float) or isinstance(value, bool) or not 0 < value < 1e12:
        raise Rejected(f"The model's {name} is {value!r}; it must be a number above 0.")
    return float(value)
