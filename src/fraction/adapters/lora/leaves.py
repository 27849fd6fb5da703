"""The digest of an adapter after a step: what trainer and verifiers compare.

leaf t    SHA-256 of the adapter after step t: "fraction/qlora/leaf/1", t, then name and float32 bytes of each
          A and B, in the order of their names
"""

import hashlib
import struct

import torch

from fraction.adapters.lora.adapter_file import Adapter
from fraction.base import Digest


def adapter_leaf(adapter: Adapter, step: int) -> Digest:
    """Return the digest of the adapter as it is after `step` steps."""
    running = hashlib.sha256(b"fraction/qlora/leaf/1" + struct.pack("<I", step))
    for name in sorted(adapter.layers):
        for kind, tensor in (("A", adapter.layers[name].a), ("B", adapter.layers[name].b)):
            running.update(f"{name}.{kind}".encode() + struct.pack("<II", *tensor.shape))
            running.update(tensor.to("cpu", torch.float32).contiguous().numpy().astype("<f4", copy=False).data)
    return Digest(running.hexdigest())
