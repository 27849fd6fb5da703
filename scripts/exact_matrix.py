"""One digest everywhere: the exact training under every setting that makes plain torch differ, side by side.

    python scripts/exact_matrix.py                       settings of this machine, one process each
    python scripts/exact_matrix.py --emulator qemu-x86_64-static    also other processors of the same family
    python scripts/exact_matrix.py --one                 the digests of this process, as JSON

To add another machine or another torch: run `--one` there and compare; the exact digests are constants.
"""

import argparse
import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from fraction.adapters.exact.native import NativeKernels
from fraction.adapters.exact.operators import sliced_product
from fraction.adapters.exact.selftest import KNOWN_LEAVES, known_training, trusted_product
from fraction.adapters.exact.start import uniform
from fraction.adapters.exact.twin import TorchKernels
from fraction.base import Unavailable

ROOT = Path(__file__).resolve().parents[1]
SETTINGS: Mapping[str, Mapping[str, str]] = {
    "as it comes, 1 thread": {},
    "2 threads": {"OMP_NUM_THREADS": "2"},
    "ATen default": {"ATEN_CPU_CAPABILITY": "default"},
    "ATen avx2": {"ATEN_CPU_CAPABILITY": "avx2"},
    "ATen avx512": {"ATEN_CPU_CAPABILITY": "avx512"},
    "oneDNN SSE41": {"ONEDNN_MAX_CPU_ISA": "SSE41"},
    "oneDNN AVX2": {"ONEDNN_MAX_CPU_ISA": "AVX2"},
    "oneDNN AVX512_CORE": {"ONEDNN_MAX_CPU_ISA": "AVX512_CORE"},
    "MKL compatible": {"MKL_CBWR": "COMPATIBLE"},
    "MKL AVX2": {"MKL_CBWR": "AVX2"},
    "all at once": {
        "OMP_NUM_THREADS": "2",
        "ATEN_CPU_CAPABILITY": "default",
        "ONEDNN_MAX_CPU_ISA": "SSE41",
        "MKL_CBWR": "COMPATIBLE",
        "OPENBLAS_CORETYPE": "Haswell",
    },
}
PROCESSORS = ("Haswell", "EPYC-Rome", "Skylake-Client")


def main(arguments: list[str]) -> int:
    """Print the table; return 1 if an exact digest is not the constant."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--one", action="store_true", help="print this process's digests as JSON")
    parser.add_argument("--emulator", default="", help="path of qemu-x86_64-static")
    options = parser.parse_args(arguments)
    if options.one:
        print(json.dumps(digests()))
        return 0
    rows = {name: run(settings) for name, settings in SETTINGS.items()}
    emulator = shutil.which(options.emulator) if options.emulator else None
    if options.emulator and emulator is None:
        print(f"There is no {options.emulator}; Debian's package qemu-user-static has it.")
    for processor in PROCESSORS if emulator else ():
        rows[f"emulated {processor}"] = run({}, [str(emulator), "-cpu", processor])
    return show(rows)


def digests() -> dict[str, str]:
    """Return what this process computes: every exact back end, and plain torch beside them."""
    product = trusted_product()
    backends = {
        "torch": TorchKernels(),
        "numpy": TorchKernels(numpy_product),
        "torch, int8 as found": TorchKernels(product),
    }
    try:
        folder = Path(os.environ.get("EXACT_KERNELS") or tempfile.gettempdir()) / "fraction-exact-kernels"
        backends["C"] = NativeKernels(folder, product)
    except Unavailable as problem:
        print(problem, file=sys.stderr)
    found = {f"{a} by {name}": str(known_training(k, a)) for a in KNOWN_LEAVES for name, k in backends.items()}
    found["int8"] = "two int8 products" if product is sliced_product else "int8 is wrong here: one float64 product"
    found["plain torch"] = plain_training()
    return found


def numpy_product(x: Tensor, weight: Tensor) -> Tensor:
    """Return the exact product by numpy's own BLAS."""
    return torch.from_numpy(np.matmul(x.double().numpy(), weight.double().numpy()))


def plain_training(steps: int = 3) -> str:
    """Return the digest of a small training in torch's own float32, for comparison."""
    names = ("q", "k", "v", "up", "gate", "down")
    sides = {"up": (64, 256), "gate": (64, 256), "down": (256, 64)}
    weights = {n: (uniform(n, 64 * sides.get(n, (64, 64))[1] * sides.get(n, (64, 64))[0] // 64) * 0.2) for n in names}
    parameters = {n: w.view(sides.get(n, (64, 64))).clone().requires_grad_() for n, w in weights.items()}
    x, y = uniform("x", 8 * 50 * 64).view(8, 50, 64), uniform("y", 8 * 50 * 64).view(8, 50, 64)
    optimiser = torch.optim.AdamW(parameters.values(), lr=1e-3)
    for _ in range(steps):
        h = functional.rms_norm(x, (64,))
        q, k, v = (h @ parameters[n] for n in ("q", "k", "v"))
        h = x + functional.scaled_dot_product_attention(q, k, v, is_causal=True)
        h = h + (functional.silu(h @ parameters["gate"]) * (h @ parameters["up"])) @ parameters["down"]
        loss = functional.cross_entropy(h.flatten(0, 1), y.flatten(0, 1).softmax(-1))
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
    running = hashlib.sha256()
    for name in names:
        running.update(parameters[name].detach().contiguous().numpy().tobytes())
    return running.hexdigest()


def run(settings: Mapping[str, str], prefix: list[str] | None = None) -> dict[str, str]:
    """Return the digests of a process with those settings."""
    environment = {
        "PATH": os.environ.get("PATH", ""), "PYTHONPATH": f"{ROOT}/src:{ROOT}", "OMP_NUM_THREADS": "1",
        "OMP_WAIT_POLICY": "PASSIVE", "HOME": str(Path.home()), **settings,
    }  # fmt: skip
    command = [*(prefix or []), sys.executable, str(Path(__file__).resolve()), "--one"]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        return {"failed": (done.stderr.strip().splitlines() or ["without a word"])[-1][:200]}
    return dict(json.loads(done.stdout.splitlines()[-1]))


def exact_part(found: Mapping[str, str]) -> dict[str, str]:
    """Return the exact digests among what a process found."""
    return {name: digest for name, digest in found.items() if name.startswith("exact")}


def show(rows: Mapping[str, Mapping[str, str]]) -> int:
    """Print one line a setting; return 1 if an exact digest is not the constant."""
    wrong = 0
    print(f"{'setting':26} {'exact-v1':14} {'exact-fixed-v1':16} {'plain torch':14} int8")
    for name, found in rows.items():
        if "failed" in found:
            print(f"{name:26} did not run: {found['failed']}")
            wrong += 1
            continue
        shown: list[str] = []
        for arithmetic, known in KNOWN_LEAVES.items():
            own = {d for n, d in found.items() if n.startswith(f"{arithmetic} by")}
            wrong += own != {known}
            shown.append(known[:12] if own == {known} else "DIFFERS: " + ",".join(sorted(d[:8] for d in own)))
        print(f"{name:26} {shown[0]:14} {shown[1]:16} {found['plain torch'][:12]:14} {found['int8']}")
    exact = {d for found in rows.values() for n, d in found.items() if n.startswith("exact-v1 ")}
    plain = {found["plain torch"] for found in rows.values() if "plain torch" in found}
    print(f"\n{len(rows)} settings: {len(exact)} digest of exact-v1, {len(plain)} of plain torch")
    return int(wrong > 0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
