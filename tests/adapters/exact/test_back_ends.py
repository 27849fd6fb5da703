# pyright: basic
# torch has no complete types.
"""One digest for both back ends under every setting; a start-up test that names what is wrong."""

import re
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor

from fraction.adapters.exact import compiler
from fraction.adapters.exact.kernels import Kernels
from fraction.adapters.exact.native import NativeKernels
from fraction.adapters.exact.operators import sliced_product, sqrt, whole_product
from fraction.adapters.exact.selftest import KNOWN_LEAVES, check, kernels_here, known_training, trusted_product
from fraction.adapters.exact.twin import TorchKernels
from fraction.base import Rejected, Unavailable
from fraction.verification.exact import FINE_BITS, fine_bits
from scripts.exact_matrix import digests, exact_part, run
from tests.adapters.exact.small_models import exact_base, leaves, lesson, plain_model
from tests.adapters.exact.small_models import run as train

SOURCES = Path(compiler.__file__).parent


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder for compiled kernels."""
    return tmp_path_factory.mktemp("kernels")


@pytest.mark.parametrize("arithmetic", KNOWN_LEAVES)
@pytest.mark.parametrize("family", ["llama", "qwen2"])
def test_both_back_ends_give_the_same_bits(cache: Path, family: str, arithmetic: str) -> None:
    base = exact_base(plain_model(family), arithmetic)
    lessons = [lesson(0), lesson(1)]
    twin = train(base, lessons, TorchKernels())
    for kernels in (NativeKernels(cache), NativeKernels(cache, whole_product), TorchKernels(sliced_product)):
        native = train(base, lessons, kernels)
        assert [leaves(native, job) for job in (0, 1)] == [leaves(twin, job) for job in (0, 1)]
        assert [s.losses_ppm for s in native] == [s.losses_ppm for s in twin]


@pytest.mark.parametrize(
    "settings",
    [
        {"OMP_NUM_THREADS": "2"},
        {"ATEN_CPU_CAPABILITY": "avx2", "ONEDNN_MAX_CPU_ISA": "AVX2"},
        {"ATEN_CPU_CAPABILITY": "default", "ONEDNN_MAX_CPU_ISA": "SSE41", "MKL_CBWR": "COMPATIBLE"},
    ],
    ids=str,
)
def test_settings_that_change_torchs_bits_do_not_change_ours(settings: dict[str, str]) -> None:
    assert exact_part(run(settings)) == exact_part(digests())


def test_this_machine_passes_and_gives_the_constants(cache: Path) -> None:
    for arithmetic, known in KNOWN_LEAVES.items():
        assert known_training(kernels_here(arithmetic, cache), arithmetic) == known


def test_without_a_compiler_torch_alone_does_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(Unavailable, match="no C compiler"):
        compiler.compiled_kernels(tmp_path)
    assert type(kernels_here("exact-v1", tmp_path)) is TorchKernels


def test_a_build_that_fuses_products_and_sums_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fused = tuple(f.replace("=off", "=fast") for f in compiler.FLAGS)
    library = compiler.compiled_kernels(tmp_path, fused)
    kernels = NativeKernels(tmp_path)
    kernels._library = library
    with pytest.raises(Unavailable, match="known training"):
        check(kernels, "exact-v1")


def test_the_level_of_optimisation_changes_no_bit(tmp_path: Path) -> None:
    plain = tuple("-O0" if f == "-O3" else f for f in compiler.FLAGS)
    library = compiler.compiled_kernels(tmp_path, (*plain, "-DPLAIN"))
    kernels = NativeKernels(tmp_path)
    kernels._library = library
    check(kernels, "exact-v1")


def test_int8_products_that_saturate_are_not_used() -> None:
    def saturating(x: Tensor, weight: Tensor) -> Tensor:
        """Multiply as oneDNN does without VNNI: pairs of products of unsigned inputs, cut off at 16 bits."""
        pairs = (x.long()[:, :, None] + 128) * weight.long()[None]
        sums = (pairs[:, ::2] + pairs[:, 1::2]).clamp(-(1 << 15), (1 << 15) - 1).sum(1)
        return (sums - 128 * weight.long().sum(0)).int()

    def missing(x: Tensor, weight: Tensor) -> Tensor:
        raise RuntimeError("not in this build")

    assert trusted_product(saturating) is whole_product
    assert trusted_product(missing) is whole_product


def test_a_machine_that_drops_small_numbers_is_refused() -> None:
    try:
        assert torch.set_flush_denormal(True)
        with pytest.raises(Unavailable, match="flushed to zero"):
            check(TorchKernels(), "exact-v1")
    finally:
        torch.set_flush_denormal(False)


def test_kernels_with_one_other_number_are_refused() -> None:
    class Other(TorchKernels):
        def rms_norm(self, x: Tensor, weight: Tensor, epsilon: float) -> tuple[Tensor, Tensor, Tensor]:
            return super().rms_norm(x, weight, epsilon * 1.0001)

    with pytest.raises(Unavailable, match="known training in exact-v1 gives"):
        check(Other(), "exact-v1")


def test_roots_are_ieee_where_torchs_own_are_not() -> None:
    x = np.random.default_rng(3).integers(0, 0x7F800000, 300_000, dtype=np.uint32).view(np.float32)
    found = sqrt(torch.from_numpy(x.copy()))
    assert torch.equal(found, torch.from_numpy(np.sqrt(x)))


@pytest.mark.parametrize("back_end", ["torch", "C"])
def test_where_a_number_stands_does_not_matter(cache: Path, back_end: str) -> None:
    kernels: Kernels = TorchKernels() if back_end == "torch" else NativeKernels(cache)
    g, u, d = (torch.randn(1, 1003, generator=torch.Generator().manual_seed(n)) * 3 for n in range(3))
    out, sigmoid = kernels.gate(g, u)
    back = kernels.gate_back(g, u, sigmoid, d)
    for start in (1, 3, 17, 990):
        alone, own = kernels.gate(g[:, start:].contiguous(), u[:, start:].contiguous())
        assert torch.equal(alone, out[:, start:])
        parts = kernels.gate_back(g[:, start:], u[:, start:], own, d[:, start:])
        assert torch.equal(torch.stack(parts), torch.stack(back)[:, :, start:])


def test_products_never_leave_the_exact_range() -> None:
    assert fine_bits(8192, FINE_BITS) == FINE_BITS
    assert fine_bits(8193, FINE_BITS) == FINE_BITS - 1
    for terms in (1, 100, 8192, 8193, 1 << 20):
        assert terms << 2 * fine_bits(terms, FINE_BITS) <= 1 << 53
    with pytest.raises(Rejected, match="too long"):
        fine_bits(1 << 30, FINE_BITS)


def test_no_operation_of_torch_that_differs_between_machines_is_called() -> None:
    # FMA in vectorised loops; libraries' own mathematics; sums whose order is not fixed
    traps = re.compile(
        r"\b(addcmul|addcdiv|lerp|addmm|baddbmm)\(|\b(add|sub)_?\([^)]*alpha=|torch\.(exp|log|sqrt|rsqrt|pow|sigmoid|tanh|cos|sin|mean|norm|"
        r"randn?|std|var|linspace)\(|\.(exp|log|rsqrt|sigmoid|mean|norm|std|var|softmax|log_softmax)\(\)|"
        r"functional\.(softmax|silu|gelu|rms_norm|layer_norm|cross_entropy|scaled_dot_product_attention|linear)"
    )
    found = [
        f"{path.name}:{number}"
        for path in sorted(SOURCES.glob("*.py"))
        if path.name != "rotary.py"  # its exp is a decimal's
        for number, line in enumerate(path.read_text().splitlines(), 1)
        if traps.search(line) and not line.lstrip().startswith(('"', "#", "Return"))
    ]
    assert found == []
