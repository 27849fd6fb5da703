"""The part of PEFT's adapter_config.json that we understand; anything that would change the meaning is refused.

PEFT's own reader imports what a configuration names; this one only compares values.
"""

from dataclasses import dataclass

from fraction.base import JsonObject, Rejected, parse_json

MAX_CONFIG_CHARACTERS = 100_000
_PLAIN = {
    "peft_type": ("LORA",),
    "task_type": ("CAUSAL_LM", None),
    "bias": ("none", None),
    "init_lora_weights": (True, False, None),
    "inference_mode": (True, False, None),
}
_IGNORED = frozenset(
    [
        "peft_version",
        "base_model_name_or_path",
        "revision",
        "r",
        "lora_alpha",
        "lora_dropout",
        "target_modules",
        "exclude_modules",
        "qalora_group_size",
        "megatron_core",
        "layers_to_transform",
        "layers_pattern",
        "auto_mapping",
        "use_rslora",
    ]
)
"""Say nothing about how trained weights are used, or are read below. `auto_mapping` is not followed."""


@dataclass(frozen=True, slots=True)
class AdapterConfig:
    """Rank and strength of an adapter."""

    rank: int
    alpha: int
    targets: tuple[str, ...]
    """Last parts of the names of the layers it changes, sorted."""
    base: str = ""
    """What the base was called; informative."""

    @property
    def scale(self) -> float:
        """Factor of B A (Hu et al. 2021, arXiv:2106.09685, section 4.1)."""
        return self.alpha / self.rank

    def to_json(self) -> JsonObject:
        """Return the configuration as PEFT reads it; lists are sorted, so that it has one form."""
        return {
            "base_model_name_or_path": self.base,
            "bias": "none",
            "fan_in_fan_out": False,
            "inference_mode": True,
            "init_lora_weights": True,
            "lora_alpha": self.alpha,
            "lora_dropout": 0,
            "peft_type": "LORA",
            "r": self.rank,
            "target_modules": list(self.targets),
            "task_type": "CAUSAL_LM",
        }


def read_config(text: str) -> AdapterConfig:
    """Return the configuration in `text`.

    Raises:
        Rejected: it is not JSON, or asks for more than plain LoRA.
    """
    fields = _fields(text)
    for name, allowed in _PLAIN.items():
        if fields.get(name, allowed[0]) not in allowed:
            raise Rejected(f"The adapter's {name} is {fields[name]!r}; only {allowed[0]!r} is taken.")
    for name, value in fields.items():
        if name not in _IGNORED and name not in _PLAIN and value not in (None, False, 0, "", [], {}):
            raise Rejected(f"The adapter's configuration sets {name}; only plain LoRA is taken.")
    if fields.get("use_rslora"):
        raise Rejected("The adapter uses rank-stabilised LoRA; only plain LoRA is taken.")
    return AdapterConfig(
        rank=_positive(fields, "r"),
        alpha=_positive(fields, "lora_alpha"),
        targets=_targets(fields.get("target_modules")),
        base=str(fields.get("base_model_name_or_path") or "")[:200],
    )


def _fields(text: str) -> dict[str, object]:
    if len(text) > MAX_CONFIG_CHARACTERS:
        raise Rejected(f"The adapter's configuration has {len(text)} characters; it is not one.")
    try:
        fields = parse_json(text)
    except (ValueError, RecursionError) as error:
        raise Rejected("The adapter's configuration is not JSON.") from error
    if not isinstance(fields, dict):
        raise Rejected("The adapter's configuration is not a JSON object.")
    return fields


def _positive(fields: dict[str, object], name: str) -> int:
    value = fields.get(name)
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if not isinstance(value, int) or isinstance(value, bool) or not 0 < value <= 1 << 16:
        raise Rejected(f"The adapter's {name} is {value!r}; it must be a whole number above 0.")
    return value


def _targets(value: object) -> tuple[str, ...]:
    names = [value] if isinstance(value, str) else value
    if not isinstance(names, list) or not all(isinstance(n, str) for n in names):
        raise Rejected("The adapter's target_modules is not a list of names.")
    return tuple(sorted(str(n) for n in names))
