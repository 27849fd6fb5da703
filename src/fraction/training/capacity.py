"""How many agents a GPU trains at once over one frozen base, and how fast: a plan from formulas, before a purchase.

    memory = base + workspace + activations of the tokens in flight + agents * training state
    time   = the larger of arithmetic and weight reads, plus unpacking the four-bit weights, for each step

Everything is bytes, tokens and seconds; every line of the plan carries its formula.
"""

from dataclasses import dataclass

from fraction.base import Rejected
from fraction.training.model_shape import ModelShape

NF4_BITS_256 = 1_152
"""Bits of 256 weights in NF4: four each, and a float32 scale for every 64 (Dettmers et al. 2023, section 3)."""
STATE_BYTES = 20
"""Of a number that is trained: value, gradient (as computed, and as gathered), and AdamW's two means, float32 each."""
FILE_BYTES = 4
"""Of a number in an adapter's file: float32."""
WIDE_BYTES = 2
"""Of a number that stays wide: embeddings, head and activations in bfloat16."""
WORKSPACE_BYTES = 2 * 10**9
"""Context of the driver, library buffers and fragmentation."""
LOGIT_TOKENS = 4_096
"""Tokens whose logits exist at once; the loss is taken in portions."""
LOGIT_BYTES = 10
"""Of a logit: bfloat16 forth and back, float32 and its exponential between."""
PASSES = 3
"""Over the base in a step: forth, forth again for the checkpointed layers, and back."""


@dataclass(frozen=True, slots=True)
class Gpu:
    """A card by its maker's data sheet."""

    name: str
    memory: int
    """Bytes."""
    bandwidth: int
    """Bytes a second."""
    flops: int
    """Dense bfloat16 operations a second."""


GPUS = {
    "rtx4090": Gpu("RTX 4090", 24 * 2**30, 1_008 * 10**9, 165 * 10**12),
    "a100": Gpu("A100 80GB", 80 * 10**9, 2_039 * 10**9, 312 * 10**12),
    "h100": Gpu("H100 80GB", 80 * 10**9, 3_350 * 10**9, 989 * 10**12),
    "h200": Gpu("H200", 141 * 10**9, 4_800 * 10**9, 989 * 10**12),
}
"""Sources: NVIDIA's Ada GPU Architecture white paper, table 2; data sheets of A100 80GB, H100 and H200 (SXM, dense)."""


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a plan."""

    name: str
    value: int
    unit: str
    formula: str
    """With the numbers in it."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What fits, and how fast it goes at the hardware's limit."""

    parameters: Row
    adapter: Row
    adapter_file: Row
    base: Row
    activations: Row
    state: Row
    agents: Row
    agents_apart: Row
    """If every agent had a copy of the base."""
    speed: Row

    @property
    def rows(self) -> tuple[Row, ...]:
        """All lines, from the model to the speed."""
        return (
            self.parameters,
            self.adapter,
            self.adapter_file,
            self.base,
            self.activations,
            self.state,
            self.agents,
            self.agents_apart,
            self.speed,
        )


def plan(shape: ModelShape, rank: int, gpu: Gpu, tokens: int) -> Plan:
    """Return the plan of training with adapters of `rank` on one card, with `tokens` tokens in each step.

    Raises:
        Rejected: rank or tokens are below 1.
    """
    if rank < 1 or tokens < 1:
        raise Rejected(f"A plan needs a rank and tokens of at least 1; they are {rank} and {tokens}.")
    base, activations = _base(shape), _activations(shape, tokens)
    adapter, state = _adapter(shape, rank), _state(shape, rank)
    return Plan(
        parameters=_parameters(shape),
        adapter=adapter,
        adapter_file=Row("adapter's file", FILE_BYTES * adapter.value, "bytes", f"{FILE_BYTES} * {adapter.value}"),
        base=base,
        activations=activations,
        state=state,
        agents=_agents(gpu, base.value, activations.value, state.value),
        agents_apart=_agents_apart(gpu, base.value, activations.value, state.value),
        speed=_speed(shape, gpu, tokens),
    )


def _parameters(shape: ModelShape) -> Row:
    formula = f"{shape.linear_parameters} in matrices + {shape.embedding_parameters} in embeddings and head"
    return Row("model", shape.parameters, "parameters", formula)


def _adapter(shape: ModelShape, rank: int) -> Row:
    sides = shape.adapter_parameters(1)
    return Row("adapter", rank * sides, "parameters", f"rank {rank} * {sides}, the sum of inputs and outputs")


def _base(shape: ModelShape) -> Row:
    packed = shape.linear_parameters * NF4_BITS_256 // (8 * 256)
    wide = WIDE_BYTES * shape.embedding_parameters
    formula = f"4.5 / 8 * {shape.linear_parameters} + {WIDE_BYTES} * {shape.embedding_parameters}"
    return Row("base in NF4", packed + wide, "bytes", formula)


def _activations(shape: ModelShape, tokens: int) -> Row:
    kept = tokens * shape.hidden * shape.layers * WIDE_BYTES
    layer = tokens * (10 * shape.hidden + 4 * shape.widest) * WIDE_BYTES
    logits = min(tokens, LOGIT_TOKENS) * shape.vocabulary * LOGIT_BYTES
    formula = (
        f"{tokens} tokens * {WIDE_BYTES} * ({shape.hidden} * {shape.layers} layers' inputs + one layer's "
        f"(10 * {shape.hidden} + 4 * {shape.widest})) + {min(tokens, LOGIT_TOKENS)} * {shape.vocabulary} logits "
        f"* {LOGIT_BYTES}"
    )
    return Row("activations", kept + layer + logits, "bytes", formula)


def _state(shape: ModelShape, rank: int) -> Row:
    numbers = shape.adapter_parameters(rank)
    return Row("training state", STATE_BYTES * numbers, "bytes an agent", f"{STATE_BYTES} * {numbers}")


def _agents(gpu: Gpu, base: int, activations: int, state: int) -> Row:
    free = gpu.memory - base - WORKSPACE_BYTES - activations
    formula = f"({gpu.memory} - {base} base - {WORKSPACE_BYTES} workspace - {activations} activations) / {state}"
    return Row("agents over one base", max(0, free // state), "agents", formula)


def _agents_apart(gpu: Gpu, base: int, activations: int, state: int) -> Row:
    each = base + WORKSPACE_BYTES + activations + state
    return Row("agents with a base each", gpu.memory // each, "agents", f"{gpu.memory} / {each}")


def _speed(shape: ModelShape, gpu: Gpu, tokens: int) -> Row:
    weights = shape.linear_parameters
    active = round(weights * shape.active_share) + shape.vocabulary * shape.hidden
    arithmetic = 2 * PASSES * active * tokens / gpu.flops
    reads = PASSES * WIDE_BYTES * weights / gpu.bandwidth
    unpacking = PASSES * weights * (NF4_BITS_256 / 2048 + WIDE_BYTES) / gpu.bandwidth
    formula = (
        f"{tokens} / (max({2 * PASSES} * {active} * {tokens} / {gpu.flops}, {PASSES} * {WIDE_BYTES} * {weights} / "
        f"{gpu.bandwidth}) + {PASSES} * {weights} * (4.5 / 8 + {WIDE_BYTES}) / {gpu.bandwidth} s)"
    )
    return Row(
        "speed at the limit", int(tokens / (max(arithmetic, reads) + unpacking)), "tokens/s, all agents", formula
    )
