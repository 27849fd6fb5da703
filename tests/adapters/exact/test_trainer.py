# pyright: basic
# torch and transformers have no complete types.
"""The exact class through the ports that the nodes use, on the model that serves."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import torch

from fraction.adapters.exact.base import freeze
from fraction.adapters.exact.frozen import fixed_point, sliced
from fraction.adapters.exact.operators import OPERATORS
from fraction.adapters.exact.shape import read_shape
from fraction.adapters.exact.trail import KINDS, step_leaf, tensor_leaves
from fraction.adapters.exact.twin import TorchKernels
from fraction.adapters.lora.adapter_file import unpack_adapter
from fraction.adapters.lora.base import load_base
from fraction.base import AgentId, Rejected, Score, SessionId
from fraction.training import Dataset, Example, Recipe
from fraction.verification import first_difference, merkle_root
from fraction.verification.exact import Application, element
from fraction.wiring.models import embedded_model, specifier, trainer_on
from tests.adapters.exact.small_models import exact_base, leaves, lesson, plain_model, run
from tests.adapters.exact.test_operators import bits
from tests.adapters.lora.tiny_models import save_model

RECIPE = Recipe(steps=4, batch_size=3, rank=4, learning_rate_ppm=5_000, warmup_steps=1, max_tokens=96)


def dataset(count: int, subject: str) -> Dataset:
    return Dataset(
        tuple(
            Example(
                system="be kind",
                prompt=f"write about {subject} {number}",
                reply=f"{subject} number {number} is good",
                session=SessionId("1-1"),
                round=0,
                agent=AgentId("a"),
                score=Score(100),
            )
            for number in range(count)
        )
    )


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_model(tmp_path_factory.mktemp("model"), "llama")


@pytest.fixture(autouse=True)
def _own_kernels(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path_factory.getbasetemp()))


def test_a_node_trains_in_the_exact_class_and_the_adapter_fits_the_model_that_serves(folder: Path) -> None:
    trainer = trainer_on(folder)
    told: list[int] = []
    trained = trainer.train(dataset(7, "tea"), RECIPE, lambda step, _loss: told.append(step))
    base = load_base(folder, nf4=True)
    adapter = unpack_adapter(trained.adapter, base.linear_shapes, 4)
    assert trainer.arithmetic == "exact-v1"
    assert trainer.base_digest == base.digest
    assert sorted(adapter.layers) == sorted(base.linear_shapes)
    assert told == [1, 2, 3, 4]
    assert len(set(trained.leaves)) == len(trained.losses_ppm) == 4
    assert trained.losses_ppm[-1] < trained.losses_ppm[0]
    assert trainer_on(folder).train(dataset(7, "tea"), RECIPE, lambda _s, _l: None) == trained


def test_another_class_gives_another_name_and_other_bits(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found = {}
    for arithmetic in ("exact-v1", "exact-fixed-v1", "torch-cpu-fp32"):
        monkeypatch.setenv("FRACTION_ARITHMETIC", arithmetic)
        trainer = trainer_on(folder)
        assert trainer.arithmetic == arithmetic
        found[arithmetic] = trainer.train(dataset(4, "tea"), RECIPE, lambda _s, _l: None)
    assert len({result.adapter for result in found.values()}) == 3
    first = [result.losses_ppm[0] for result in found.values()]
    assert max(first) < 1.01 * min(first)
    monkeypatch.setenv("FRACTION_ARITHMETIC", "exact-v9")
    with pytest.raises(Rejected, match="not known"):
        trainer_on(folder).train(dataset(4, "tea"), RECIPE, lambda _s, _l: None)


def test_a_leaf_covers_update_and_state_of_every_tensor() -> None:
    base = exact_base(plain_model())
    stepped = run(base, [lesson()], TorchKernels())[-1]
    named, honest = tensor_leaves(stepped.state, stepped.updates, 0), step_leaf(stepped.state, stepped.updates, 0)
    assert honest == merkle_root(list(named.values()))
    names = sorted(stepped.state.parameters)
    assert list(named) == [f"{name}.{kind}" for name in names for kind in KINDS]
    for kind in KINDS:
        changed = {name: x.clone() for name, x in stepped.updates.items()}
        state = stepped.state
        moments = state.moments[names[3]]
        tensor = {
            "update": changed[names[3]],
            "parameter": state.parameters[names[3]],
            "mean": moments.mean,
            "square": moments.square,
        }[kind]
        flat = tensor.view(-1).view(torch.int32)
        flat[5] ^= 1  # one bit
        other = tensor_leaves(state, changed, 0)
        assert [n for n in named if named[n] != other[n]] == [f"{names[3]}.{kind}"]
        assert step_leaf(state, changed, 0) != honest
        flat[5] ^= 1


def test_the_trail_finds_the_first_step_that_was_computed_otherwise() -> None:
    base = exact_base(plain_model())
    honest = leaves(run(base, [lesson()], TorchKernels()))
    late = lesson()
    fresh = [n for n in late.order[1] if n not in late.order[0]]
    late.tokens[fresh[0], 0] = (late.tokens[fresh[0], 0] + 1) % 90
    assert first_difference(honest, leaves(run(base, [late], TorchKernels()))) == 1


def test_a_step_is_a_list_of_operators_and_each_number_of_it_can_be_recomputed() -> None:
    trace: list[tuple[Application, tuple[torch.Tensor, ...], torch.Tensor]] = []
    base = exact_base(plain_model())
    run(base, [lesson()], TorchKernels(listen=lambda a, x, y: trace.append((a, x, y))))
    generator = torch.Generator().manual_seed(1)
    seen: dict[str, int] = {}
    for application, inputs, output in trace[len(trace) // 3 :]:  # the second and third step: no zeros in B
        seen[application.operator] = seen.get(application.operator, 0) + 1
        if seen[application.operator] > 6:
            continue
        position = int(torch.randint(output.numel(), (), generator=generator))
        read = [bits(x) for x in inputs]
        assert element(application, position, lambda i, p, read=read: read[i][p]) == bits(output)[position]
    assert set(seen) == set(OPERATORS) - {"fixed", "fixed_back"}


def test_int8_weights_are_within_half_a_step_and_fixed_ones_within_a_millionth() -> None:
    weight = torch.randn(40, 64, generator=torch.Generator().manual_seed(1))
    weight[3] = 0
    half = weight.abs().amax(1, keepdim=True) / 254
    assert bool(((sliced(weight).matrix() - weight).abs() <= half * 1.00001).all())
    assert float((fixed_point(weight).matrix() - weight).abs().max()) <= 2.0**-18
    weight[5, 5] = float("nan")
    with pytest.raises(Rejected, match="not finite"):
        sliced(weight)


def test_models_that_the_class_does_not_define_are_refused() -> None:
    config = plain_model().config.to_dict()
    scaled = {"rope_type": "llama3", "rope_theta": 1e4, "factor": 8.0}
    for change, reason in (
        ({"model_type": "deepseek_v2"}, "models shaped like"),
        ({"hidden_act": "gelu"}, "activation silu"),
        ({"rope_parameters": scaled}, "plain rotary"),
        ({"num_attention_heads": 0}, "above 0"),
        ({"rms_norm_eps": None}, "above 0"),
        ({"use_sliding_window": True}, "sliding"),
    ):
        with pytest.raises(Rejected, match=reason):
            read_shape({**config, **change})
    shape = read_shape(config)
    with pytest.raises(Rejected, match="missing"):
        freeze(shape, {})
    with pytest.raises(Rejected, match="not known"):
        freeze(shape, plain_model().state_dict(), "exact-v0")


def test_a_training_that_leaves_the_finite_numbers_ends() -> None:
    model = plain_model()
    with torch.no_grad():
        model.model.layers[0].input_layernorm.weight.fill_(3e38)
    with pytest.raises(Rejected, match="finite"):
        run(exact_base(model), [lesson()], TorchKernels())


def test_trainings_that_are_specified_at_once_get_what_they_get_alone() -> None:
    alone = specifier(embedded_model(), "exact-v1")(dataset(3, "rain"), RECIPE)
    specify = specifier(embedded_model(), "exact-v1")
    with ThreadPoolExecutor(4) as pool:
        together = list(pool.map(lambda _: specify(dataset(3, "rain"), RECIPE), range(4)))
    assert together == [alone] * 4
