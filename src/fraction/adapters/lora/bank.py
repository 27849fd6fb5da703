"""Many adapters over one base: fixed slots, and for each row of a batch the slot it uses.

    layer l    A: float (slots, inputs, rank)    B: float (slots, rank, outputs)
    row r      y = W x + B[slot[r]] A[slot[r]] x

Slot 0 is the bare base. The tensors never change their shape; a smaller adapter leaves the rest of its rank zero,
which adds exact zeros. So a row's result is bit for bit what it is when that adapter is alone.
"""

from collections import OrderedDict

import torch
from torch import Tensor, nn

from fraction.adapters.lora.adapter_file import Adapter
from fraction.adapters.lora.base import Base, adapted_layers, replace_layer
from fraction.base import Digest, Rejected

BARE = 0
"""The slot without an adapter."""


class Routing:
    """Which slot each row of the present batch uses; shared by all layers of a bank."""

    def __init__(self) -> None:
        """Begin with no rows: the bare base."""
        self.slots: Tensor | None = None
        self.version = 0

    def route(self, slots: Tensor | None) -> None:
        """Use `slots`, int64 (rows,), from now on; None is the bare base for all rows."""
        self.slots = slots
        self.version += 1


class BankLinear(nn.Module):
    """A frozen linear layer with one low-rank update a slot."""

    def __init__(self, layer: nn.Module, slots: int, rank: int, routing: Routing) -> None:
        """Wrap `layer`; all updates are zero at first."""
        super().__init__()
        self.layer, self.routing = layer, routing
        inputs, outputs = int(layer.in_features), int(layer.out_features)  # pyright: ignore[reportArgumentType]
        where = next(iter([*layer.parameters(), *layer.buffers()])).device
        self.register_buffer("a", torch.zeros(slots, inputs, rank, device=where), persistent=False)
        self.register_buffer("b", torch.zeros(slots, rank, outputs, device=where), persistent=False)
        self._picked: tuple[int, Tensor, Tensor] | None = None

    @property
    def weight(self) -> Tensor:
        """The frozen matrix, for models that read it directly."""
        return self.layer.weight  # pyright: ignore[reportReturnType] - a tensor in both kinds of layer

    def forward(self, x: Tensor) -> Tensor:
        """Return float (rows, ..., outputs) for float (rows, ..., inputs)."""
        y = self.layer(x)
        slots = self.routing.slots
        if slots is None:
            return y
        a, b = self._of_rows(slots, x.dtype)
        h = x.reshape(len(slots), -1, x.shape[-1])  # (rows, tokens, inputs)
        return y + torch.bmm(torch.bmm(h, a), b).view(y.shape)

    def _of_rows(self, slots: Tensor, dtype: torch.dtype) -> tuple[Tensor, Tensor]:
        """Return A and B of each row; kept until the routing changes."""
        if self._picked is None or self._picked[0] != self.routing.version:
            a, b = self.a[slots], self.b[slots]  # pyright: ignore[reportIndexIssue]
            self._picked = (self.routing.version, a.to(dtype), b.to(dtype))
        return self._picked[1], self._picked[2]


class Bank:
    """The adapters that are in memory, at most `slots` of them; the least recently used makes room."""

    def __init__(self, base: Base, slots: int, max_rank: int) -> None:
        """Wrap every linear layer of `base`, which must not be in another bank."""
        self.routing = Routing()
        self.max_rank = max_rank
        self.shapes = base.linear_shapes
        self.layers: dict[str, BankLinear] = {}
        for name, layer in adapted_layers(base.model):
            self.layers[name] = BankLinear(layer, slots + 1, max_rank, self.routing)
            replace_layer(base.model, name, self.layers[name])
        self._free = list(range(slots, 0, -1))
        self._slots: OrderedDict[Digest, int] = OrderedDict()
        self._holds: dict[Digest, int] = {}

    @property
    def digests(self) -> tuple[Digest, ...]:
        """The adapters in memory, the least recently used first."""
        return tuple(self._slots)

    def hold(self, digest: Digest) -> int | None:
        """Return the adapter's slot, which stays until `release`; None if it is not in memory."""
        slot = self._slots.get(digest)
        if slot is not None:
            self._slots.move_to_end(digest)
            self._holds[digest] = self._holds.get(digest, 0) + 1
        return slot

    def release(self, digest: Digest) -> None:
        """Let go of one hold."""
        self._holds[digest] -= 1
        if not self._holds[digest]:
            del self._holds[digest]

    def put(self, digest: Digest, adapter: Adapter) -> int:
        """Bring a checked adapter into a slot, replacing the least recently used; return the slot.

        Raises:
            Rejected: its rank is too large, or every slot is held.
        """
        if adapter.config.rank > self.max_rank:
            raise Rejected(f"The adapter's rank is {adapter.config.rank}; this server takes up to {self.max_rank}.")
        if digest in self._slots:
            return self._slots[digest]
        slot = self._free.pop() if self._free else self._evict()
        with torch.no_grad():
            for name, layer in self.layers.items():
                self._write(layer, slot, adapter, name)
        self.routing.version += 1
        self._slots[digest] = slot
        return slot

    def _evict(self) -> int:
        for digest in self._slots:
            if digest not in self._holds:
                return self._slots.pop(digest)
        raise Rejected("Every adapter slot is in use; start the server with more slots.")

    @staticmethod
    def _write(layer: BankLinear, slot: int, adapter: Adapter, name: str) -> None:
        a, b = layer.a, layer.b
        assert isinstance(a, Tensor)  # noqa: S101 - a buffer
        assert isinstance(b, Tensor)  # noqa: S101 - a buffer
        a[slot].zero_()
        b[slot].zero_()
        low_rank = adapter.layers.get(name)
        if low_rank is not None:
            a[slot, :, : adapter.config.rank] = low_rank.a.t()
            b[slot, : adapter.config.rank] = low_rank.b.t() * adapter.config.scale
