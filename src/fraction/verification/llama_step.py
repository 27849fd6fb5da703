"""One training step of a Llama with LoRA on its seven linear layers, as a program: forward, backward, clip, AdamW.

The frozen base is int8 with one scale for each output; everything else is float32. Tokens of all examples are rows.

    constants    embedding; tables of rotary angles and the causal mask; scalars; norms, and for each frozen matrix its
                 int8 rows, those of its transpose, and its scales (`constant_names` gives the order)
    data         ids, labels, weight of each row in the loss, and this step's scalars (`SCHEDULE`)
    state        for each adapter matrix, in the order of their names: clipped gradient, parameter, both AdamW moments

B of an adapter is kept transposed (rank rows), so that all state has long rows.

Source: Touvron et al. 2023, arXiv:2302.13971; Hu et al. 2021, arXiv:2106.09685; Loshchilov & Hutter 2019,
arXiv:1711.05101.
"""

from dataclasses import dataclass, field

from fraction.verification.program import Kind, Program, ProgramBuilder, Source, Value

LINEAR = ("q", "k", "v", "o", "gate", "up", "down")
SCALARS = ("zero", "one", "lowest", "norm-epsilon", "mean", "softmax-scale", "lora-scale")
"""Constants of one number; `mean` is one over the width."""
ADAM = ("beta1", "one-minus-beta1", "beta2", "one-minus-beta2", "adam-epsilon")
SCHEDULE = ("rate", "decay", "correction1", "correction2")
"""Numbers of one step: step size, 1 - rate · weight decay, and 1 / (1 - beta^t) for both moments."""
STATE_PARTS = ("gradient", "parameter", "first moment", "second moment")


@dataclass(frozen=True, slots=True)
class LlamaShape:
    """The sizes that decide a step's program."""

    vocabulary: int
    width: int
    heads: int
    hidden: int
    layers: int
    tokens: int
    """Of one example, padding included."""
    examples: int
    """In one step."""
    rank: int

    @property
    def rows(self) -> int:
        """Tokens of a whole step."""
        return self.tokens * self.examples

    def matrix(self, name: str) -> tuple[int, int]:
        """Return (outputs, inputs) of a linear layer, by the last part of its name."""
        sizes = {"gate": (self.hidden, self.width), "up": (self.hidden, self.width), "down": (self.width, self.hidden)}
        sizes["head"] = (self.vocabulary, self.width)
        return sizes.get(name.rsplit(".", 1)[-1], (self.width, self.width))

    def linear_layers(self) -> tuple[str, ...]:
        """Return the names of the layers that have an adapter."""
        return tuple(f"{layer}.{name}" for layer in range(self.layers) for name in LINEAR)

    def adapter_names(self) -> tuple[str, ...]:
        """Return the names of the adapters' matrices, in the order of the state."""
        return tuple(sorted(f"{name}.{part}" for name in self.linear_layers() for part in "AB"))

    def adapter_shape(self, name: str) -> tuple[int, int]:
        """Return rows (the rank) and columns of an adapter's matrix."""
        outputs, inputs = self.matrix(name[:-2])
        return self.rank, inputs if name.endswith("A") else outputs


def constant_shapes(shape: LlamaShape) -> dict[str, tuple[int, int, int]]:
    """Return rows, columns and element width of each constant, in their order."""
    tables = {f"rope.{part}": (shape.tokens, shape.width // shape.heads, 4) for part in ("cos", "sin", "-sin")}
    found = {"embedding": (shape.vocabulary, shape.width, 4), **tables, "mask": (shape.tokens, shape.tokens, 4)}
    found |= {name: (1, 1, 4) for name in (*SCALARS, *ADAM)}
    norms = [f"{layer}.norm{n}" for layer in range(shape.layers) for n in (1, 2)]
    found |= {name: (1, shape.width, 4) for name in (*norms, "norm")}
    for name in (*shape.linear_layers(), "head"):
        outputs, inputs = shape.matrix(name)
        found |= {f"{name}.rows": (outputs, inputs, 1), f"{name}.columns": (inputs, outputs, 1)}
        found[f"{name}.scale"] = (1, outputs, 4)
    return found


def data_shapes(shape: LlamaShape) -> dict[str, tuple[int, int, int]]:
    """Return rows, columns and element width of each value that is particular to a step, in their order."""
    column = (shape.rows, 1, 4)
    return {"ids": column, "labels": column, "weight": column, **{name: (1, 1, 4) for name in SCHEDULE}}


def llama_step(shape: LlamaShape) -> Program:
    """Return the program of one step."""
    return _Step(shape).program()


@dataclass(slots=True)
class _Block:
    """What the backward pass of a layer needs of its forward pass."""

    inputs: dict[str, Value] = field(default_factory=dict[str, Value])
    low: dict[str, Value] = field(default_factory=dict[str, Value])
    """Inputs times A, by linear layer."""
    norms: dict[str, tuple[Value, Value]] = field(default_factory=dict[str, tuple[Value, Value]])
    kept: dict[str, Value] = field(default_factory=dict[str, Value])


class _Step:
    def __init__(self, shape: LlamaShape) -> None:
        self.shape = shape
        self.b = ProgramBuilder()
        self.constant = _values(Source.CONSTANT, constant_shapes(shape))
        self.data = _values(Source.DATA, data_shapes(shape))
        parts = {f"{n}/{part}": (*shape.adapter_shape(n), 4) for n in shape.adapter_names() for part in STATE_PARTS}
        self.state = _values(Source.STATE, parts)
        self.gradients: dict[str, Value] = {}

    def program(self) -> Program:
        x = self.b.apply(
            Kind.LOOK_UP, (self.data["ids"], self.constant["embedding"]), self.shape.rows, self.shape.width
        )
        blocks: list[_Block] = []
        for layer in range(self.shape.layers):
            block = _Block()
            x = self.feed_forward(f"{layer}.", block, self.attention(f"{layer}.", block, x))
            blocks.append(block)
        back = self.loss_gradient(x)
        for layer in reversed(range(self.shape.layers)):
            prefix, block = f"{layer}.", blocks[layer]
            back = self.attention_back(prefix, block, self.feed_forward_back(prefix, block, back))
        return self.b.finish(self.adamw())

    # forward

    def attention(self, prefix: str, block: _Block, x: Value) -> Value:
        b, s = self.b, self.shape
        normed = self.norm(prefix + "norm1", block, x)
        q, k, v = (self.linear(prefix + name, block, normed) for name in "qkv")
        block.kept["q"] = self.heads(self.rotate(q, "rope.sin"))
        block.kept["k"] = self.heads(self.rotate(k, "rope.sin"))
        block.kept["v"] = self.heads(v)
        batches = s.examples * s.heads
        scores = b.multiply(b.dot(block.kept["q"], block.kept["k"], batches), self.constant["softmax-scale"])
        mask = b.view(
            self.constant["mask"], batches * s.tokens, s.tokens, 0, (batches, 0), (s.tokens, s.tokens), (s.tokens, 1)
        )
        block.kept["p"] = self.softmax(scores, mask)
        mixed = b.dot(block.kept["p"], b.transpose(block.kept["v"], batches), batches)
        return b.add(x, self.linear(prefix + "o", block, self.tokens_again(mixed)))

    def feed_forward(self, prefix: str, block: _Block, x: Value) -> Value:
        b, one = self.b, self.constant["one"]
        normed = self.norm(prefix + "norm2", block, x)
        gate, up = self.linear(prefix + "gate", block, normed), self.linear(prefix + "up", block, normed)
        negative = b.subtract(self.constant["zero"], gate)
        sigmoid = b.divide(one, b.add(b.element_wise(Kind.EXPONENTIAL, negative), one))
        gated = b.multiply(gate, sigmoid)
        block.kept |= {"gate": gate, "up": up, "sigmoid": sigmoid, "gated": gated}
        return b.add(x, self.linear(prefix + "down", block, b.multiply(gated, up)))

    def linear(self, name: str, block: _Block, x: Value) -> Value:
        b = self.b
        block.inputs[name] = x
        block.low[name] = b.dot(x, self.parameter(name + ".A"))
        update = b.dot(block.low[name], b.transpose(self.parameter(name + ".B")))
        return b.add(self.frozen(name, x), b.multiply(update, self.constant["lora-scale"]))

    def frozen(self, name: str, x: Value) -> Value:
        return self.b.multiply(self.b.dot(x, self.constant[name + ".rows"]), self.constant[name + ".scale"])

    def norm(self, name: str, block: _Block, x: Value) -> Value:
        b = self.b
        mean = b.multiply(b.row_sum(b.multiply(x, x)), self.constant["mean"])
        root = b.element_wise(Kind.SQUARE_ROOT, b.add(mean, self.constant["norm-epsilon"]))
        inverse = b.divide(self.constant["one"], root)
        unit = b.multiply(x, inverse)
        block.norms[name] = unit, inverse
        return b.multiply(unit, self.constant[name])

    def softmax(self, scores: Value, mask: Value | None) -> Value:
        b = self.b
        seen = b.element_wise(Kind.SELECT, mask, scores, self.constant["lowest"]) if mask else scores
        highest = b.apply(Kind.ROW_MAXIMUM, (seen,), scores.rows, 1)
        powers = b.element_wise(Kind.EXPONENTIAL, b.subtract(scores, highest))
        if mask:
            powers = b.element_wise(Kind.SELECT, mask, powers, self.constant["zero"])
        return b.divide(powers, b.row_sum(powers))

    def rotate(self, x: Value, sine: str) -> Value:
        """Return the rows turned by their position: halves (a, b) become (a·cos - b·sin, b·cos + a·sin)."""
        b, s = self.b, self.shape
        size = s.width // s.heads
        halves = b.view(x, x.rows, x.columns, size // 2, (x.rows * s.heads, size), (2, -size // 2), (size // 2, 1))
        cosine, sines = (
            b.view(self.constant[n], s.rows, s.width, 0, (s.examples, 0), (s.tokens, size), (s.heads, 0), (size, 1))
            for n in ("rope.cos", sine)
        )
        return b.add(b.multiply(x, cosine), b.multiply(halves, sines))

    def heads(self, x: Value) -> Value:
        """Return rows (example, head, token) of one head's width."""
        s = self.shape
        size, example = s.width // s.heads, s.tokens * s.width
        places = ((s.examples, example), (s.heads, size), (s.tokens, s.width), (size, 1))
        return self.b.view(x, s.rows * s.heads, size, 0, *places)

    def tokens_again(self, x: Value) -> Value:
        """Undo `heads`."""
        s = self.shape
        size, head = s.width // s.heads, s.tokens * (s.width // s.heads)
        places = ((s.examples, s.heads * head), (s.tokens, size), (s.heads, head), (size, 1))
        return self.b.view(x, s.rows, s.width, 0, *places)

    # backward

    def loss_gradient(self, x: Value) -> Value:
        """Return the gradient at the last layer's output: (softmax - one-hot) · weight, back through head and norm."""
        b, block = self.b, _Block()
        shares = self.softmax(self.frozen("head", self.norm("norm", block, x)), None)
        target = b.apply(Kind.ONE_HOT, (self.data["labels"],), shares.rows, shares.columns)
        back = b.multiply(b.subtract(shares, target), self.data["weight"])
        return self.norm_back("norm", block, self.frozen_back("head", back))

    def feed_forward_back(self, prefix: str, block: _Block, back: Value) -> Value:
        b, one, kept = self.b, self.constant["one"], block.kept
        inner = self.linear_back(prefix + "down", block, back)
        slope = b.add(b.multiply(kept["gate"], b.subtract(one, kept["sigmoid"])), one)
        gate = b.multiply(b.multiply(inner, kept["up"]), b.multiply(kept["sigmoid"], slope))
        up = b.multiply(inner, kept["gated"])
        normed = b.add(self.linear_back(prefix + "gate", block, gate), self.linear_back(prefix + "up", block, up))
        return b.add(back, self.norm_back(prefix + "norm2", block, normed))

    def attention_back(self, prefix: str, block: _Block, back: Value) -> Value:
        b, kept = self.b, block.kept
        batches = self.shape.examples * self.shape.heads
        mixed = self.heads(self.linear_back(prefix + "o", block, back))
        v = b.dot(b.transpose(kept["p"], batches), b.transpose(mixed, batches), batches)
        shares = b.dot(mixed, kept["v"], batches)
        centred = b.subtract(shares, b.row_sum(b.multiply(shares, kept["p"])))
        scores = b.multiply(b.multiply(centred, kept["p"]), self.constant["softmax-scale"])
        q = b.dot(scores, b.transpose(kept["k"], batches), batches)
        k = b.dot(b.transpose(scores, batches), b.transpose(kept["q"], batches), batches)
        turned = [self.rotate(self.tokens_again(x), "rope.-sin") for x in (q, k)]
        parts = zip("qkv", (*turned, self.tokens_again(v)), strict=True)
        backs = [self.linear_back(prefix + name, block, value) for name, value in parts]
        return b.add(back, self.norm_back(prefix + "norm1", block, b.add(b.add(backs[0], backs[1]), backs[2])))

    def linear_back(self, name: str, block: _Block, back: Value) -> Value:
        """Return the gradient at a linear layer's input, and note those of its adapter."""
        b = self.b
        scaled = b.multiply(back, self.constant["lora-scale"])
        low = b.dot(scaled, self.parameter(name + ".B"))
        self.gradients[name + ".B"] = b.dot(b.transpose(block.low[name]), b.transpose(scaled))
        self.gradients[name + ".A"] = b.dot(b.transpose(low), b.transpose(block.inputs[name]))
        return b.add(self.frozen_back(name, back), b.dot(low, b.transpose(self.parameter(name + ".A"))))

    def frozen_back(self, name: str, back: Value) -> Value:
        scaled = self.b.multiply(back, self.constant[name + ".scale"])
        return self.b.dot(scaled, self.constant[name + ".columns"])

    def norm_back(self, name: str, block: _Block, back: Value) -> Value:
        b = self.b
        unit, inverse = block.norms[name]
        scaled = b.multiply(back, self.constant[name])
        mean = b.multiply(b.row_sum(b.multiply(scaled, unit)), self.constant["mean"])
        return b.multiply(b.subtract(scaled, b.multiply(unit, mean)), inverse)

    # optimiser

    def adamw(self) -> tuple[Value, ...]:
        """Return the state after the step."""
        clip = self.clip()
        state: list[Value] = []
        for name in self.shape.adapter_names():
            state += self.adamw_of(name, self.b.multiply(self.gradients[name], clip))
        return tuple(state)

    def clip(self) -> Value:
        """Return 1 / max(1, the gradients' norm): row sums, then their sums, then those of the matrices."""
        b = self.b
        total = self.constant["zero"]
        for name in self.shape.adapter_names():
            squares = b.multiply(self.gradients[name], self.gradients[name])
            total = b.add(total, b.row_sum(b.transpose(b.row_sum(squares))))
        one = self.constant["one"]
        longest = b.join(b.element_wise(Kind.SQUARE_ROOT, total), one)
        return b.divide(one, b.apply(Kind.ROW_MAXIMUM, (longest,), 1, 1))

    def adamw_of(self, name: str, gradient: Value) -> tuple[Value, Value, Value, Value]:
        b, c, d = self.b, self.constant, self.data
        _, old, first, second = (self.state[f"{name}/{part}"] for part in STATE_PARTS)
        first = b.add(b.multiply(first, c["beta1"]), b.multiply(gradient, c["one-minus-beta1"]))
        squares = b.multiply(gradient, gradient)
        second = b.add(b.multiply(second, c["beta2"]), b.multiply(squares, c["one-minus-beta2"]))
        root = b.element_wise(Kind.SQUARE_ROOT, b.multiply(second, d["correction2"]))
        move = b.multiply(b.multiply(first, d["correction1"]), d["rate"])
        move = b.divide(move, b.add(root, c["adam-epsilon"]))
        return gradient, b.subtract(b.multiply(old, d["decay"]), move), first, second

    def parameter(self, name: str) -> Value:
        return self.state[f"{name}/parameter"]


def _values(source: Source, shapes: dict[str, tuple[int, int, int]]) -> dict[str, Value]:
    return {name: Value(source, index, *shape) for index, (name, shape) in enumerate(shapes.items())}
