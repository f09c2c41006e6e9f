"""Attention, embeddings, normalisation and joints explained by hand, against torch; and whole networks of them."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from playground import blocks as _filled  # noqa: F401 - importing it fills the catalogue
from playground.block import CATALOGUE
from playground.explaining import Place, explainer_of
from playground.explaining.by_step import ByStep
from playground.frames import at_once, frames_in, shapes_leaving
from playground.report import NodeReport
from playground.shape import Shape, ShapeError
from tests.test_explaining import looked_at, some

torch = pytest.importorskip("torch")

from playground.layers import Sample  # noqa: E402
from playground.network import build  # noqa: E402
from tests.examples import preset  # noqa: E402
from tests.test_blocks import blocks_and_inputs, bounded  # noqa: E402
from tests.test_walking import proven, trained, walked  # noqa: E402

IMAGE, ROW, STEPS = Shape(channels=6, height=4, width=5), Shape(features=7), Shape(time=6, features=8)
WIDE, OTHER = Shape(channels=3, height=4, width=5), Shape(time=4, features=8)

BLOCKS = [
    ("ScaledDotProductAttention", {}, (STEPS,) * 3),
    ("ScaledDotProductAttention", {"heads": 4}, (STEPS,) * 3),
    ("ScaledDotProductAttention", {"heads": 2, "causal": True}, (STEPS, STEPS, Shape(time=6, features=4))),
    ("ScaledDotProductAttention", {"causal": True}, (STEPS,) * 3),
    ("ScaledDotProductAttention", {"heads": 2}, (OTHER, STEPS, Shape(time=6, features=12))),
    ("ScaledDotProductAttention", {}, (OTHER, Shape(time=20, features=8), Shape(time=20, features=3))),
    ("Embedding", {"size": 5, "vocabulary": 9}, (Shape(time=7),)),
    *(
        ("PositionalEncoding", {"kind": kind, "scale": scale}, (Shape(time=6, features=size),))
        for kind, scale, size in (("sinusoidal", False, 8), ("sinusoidal", True, 7), ("learned", True, 4))
    ),
    ("PositionalEncoding", {"kind": "learned", "longest": 9}, (STEPS,)),
    ("PositionalEncoding", {"kind": "none"}, (STEPS,)),
    ("BatchNorm", {}, (IMAGE,)),
    ("BatchNorm", {"epsilon": 0.03}, (ROW,)),
    *(("LayerNorm", {}, (shape,)) for shape in (ROW, STEPS, IMAGE)),
    ("GroupNorm", {"groups": 3, "epsilon": 0.01}, (IMAGE,)),
    ("LocalResponseNorm", {}, (IMAGE,)),
    ("LocalResponseNorm", {"size": 4, "alpha": 2.0, "beta": 1.5, "k": 0.7}, (IMAGE,)),
    ("LocalResponseNorm", {"size": 25, "alpha": 1.0, "beta": 0.0}, (Shape(channels=12, height=2, width=2),)),
    *((name, {}, (shape,) * n) for name in ("Add", "Multiply") for shape, n in ((ROW, 1), (STEPS, 2), (IMAGE, 3))),
    ("Add", {}, (ROW,) * 12),
    ("Concat", {}, (ROW,)),
    ("Concat", {}, (STEPS, Shape(time=6, features=2))),
    ("Concat", {}, (IMAGE, WIDE, IMAGE)),
    ("Sample", {}, (ROW, ROW)),
    ("Sample", {"beta": 0.3}, (WIDE, WIDE)),
]


def called(case):
    name, parameters, shapes = case
    settings = "-".join(f"{key}={value}" for key, value in parameters.items())
    return f"{name}-{settings}-{'+'.join(map(str, shapes))}".replace(" ", "")


def between(block, shapes, seed, lengths=None):
    """Put a block between random numbers: its place, what comes from behind, and what autograd makes of it."""
    made = next(iter(shapes_leaving(block, shapes).values()))
    inside = at_once(block, shapes)
    known = NodeReport("node", block, shapes, made, block.layer(*inside), block.weights(*inside), 0, None)
    ports = [port for port in block.ports() if not port.variadic]
    names = [port.name for port in ports] or [f"x_{k + 1}" for k in range(len(shapes))]
    torch.manual_seed(seed)
    module = settled(build(known.layer).double().eval())
    inputs = dict(zip(names, (entering(block, shape) for shape in shapes), strict=True))
    how = {} if lengths is None else {"lengths": [torch.tensor([n]) if n else None for n in lengths]}
    out = module(*inputs.values(), **how)
    behind = torch.randn(out.shape, dtype=torch.float64)
    weights = dict(module.named_parameters())
    by = {port: x for port, x in inputs.items() if x.is_floating_point()} | weights
    loss = (out * behind).sum() + penalty(module, *inputs.values())
    found = torch.autograd.grad(loss, list(by.values()))
    gradients = {n: (one[0] if n in inputs else one).numpy() for n, one in zip(by, found, strict=True)}
    place = Place(
        known,
        {port: x[0].detach().numpy() for port, x in inputs.items()},
        {"out": out[0].detach().numpy()},
        {name: weight.detach().numpy() for name, weight in weights.items()},
        {name: one.numpy() for name, one in module.named_buffers()},
        {name: n for name, n in zip(names, lengths or (), strict=False) if n},
    )
    return place, {"out": behind[0].numpy()}, gradients


def settled(module):
    """Give weights and what is kept of earlier batches numbers that tell mistakes."""
    with torch.no_grad():
        for name, one in [*module.named_parameters(), *module.named_buffers()]:
            if one.is_floating_point():
                one.copy_(torch.rand_like(one) + 0.2 if name == "running_var" else torch.randn_like(one))
    return module


def entering(block, shape):
    if block.key == "Embedding":
        return torch.randint(0, block.vocabulary, (1, *shape.sizes))
    return torch.randn(1, *shape.sizes, dtype=torch.float64, requires_grad=True)


def penalty(module, *inputs):
    """Return what a code adds to the loss, in double precision."""
    if not isinstance(module, Sample):
        return 0.0
    mean, spread = inputs
    return -0.5 * module.beta * (1 + spread - mean**2 - spread.exp()).sum()


def proven_here(explainer, place, behind, gradients, atol=1e-9):
    """Hold what an explainer reckons to torch's numbers."""
    np.testing.assert_allclose(explainer.forward(place)["out"], place.outputs["out"], rtol=1e-10, atol=1e-10)
    found = explainer.backward(place, behind)
    assert found.keys() == gradients.keys()
    for name, gradient in gradients.items():
        assert found[name].shape == gradient.shape
        np.testing.assert_allclose(found[name], gradient, rtol=1e-9, atol=atol, err_msg=name)


def told_here(explainer, place, behind, gradients, seed=4):
    """Hold every equation to what it says, and the last one to torch's number."""
    rng, out = np.random.default_rng(seed), place.outputs["out"]
    for entry in some(rng, out.shape):
        told = explainer.tell_forward(place, "out", entry)
        assert told.lines[-1].value == pytest.approx(out[entry], rel=1e-10, abs=1e-12)
        looked_at(told, entry, out)
    for name, gradient in gradients.items():
        for entry in some(rng, gradient.shape):
            told = explainer.tell_backward(place, behind, name, entry)
            assert told.lines[-1].value == pytest.approx(gradient[entry], rel=1e-9, abs=1e-12)
            looked_at(told, entry, gradient)


@pytest.mark.parametrize("case", BLOCKS, ids=called)
def test_what_leaves_a_joint_and_what_goes_back_is_as_torch_has_it(case):
    name, parameters, shapes = case
    for seed in (1, 2):
        block = CATALOGUE[name](**parameters)
        proven_here(explainer_of(block), *between(block, shapes, seed))


@pytest.mark.parametrize("case", BLOCKS, ids=called)
def test_every_equation_of_a_joint_makes_what_it_says(case):
    name, parameters, shapes = case
    block = CATALOGUE[name](**parameters)
    told_here(explainer_of(block), *between(block, shapes, seed=3))


@pytest.mark.parametrize("name", sorted({name for name, _, _ in BLOCKS}))
@settings(bounded, max_examples=40)
@given(data=st.data())
def test_joints_with_any_parameters_between_any_numbers_are_as_torch_has_them(name, data):
    block, shapes = data.draw(blocks_and_inputs(name))
    try:
        shapes_leaving(block, shapes)
    except ShapeError:
        return
    alone = block.key == "GroupNorm" and shapes[0].count == block.groups  # torch refuses what is alone in its group
    if frames_in(block, shapes) or alone:
        return
    proven_here(explainer_of(block), *between(block, shapes, seed=data.draw(st.integers(0, 99))), atol=1e-8)


@pytest.mark.parametrize("lengths", [(1, 1, 1), (4, 4, 4), (None, 3, 3), (2, None, None), (5, 2, 2)], ids=str)
@pytest.mark.parametrize("causal", [False, True], ids=["all", "causal"])
def test_attention_neither_asks_nor_hears_what_lies_beyond_the_end(causal, lengths):
    block = CATALOGUE["ScaledDotProductAttention"](heads=2, causal=causal)
    place, behind, gradients = between(block, (STEPS,) * 3, 5, lengths)
    explainer = explainer_of(block)
    proven_here(explainer, place, behind, gradients)
    told_here(explainer, place, behind, gradients)
    queries, keys = lengths[:2]
    for port, n in (("query", queries), ("key", keys), ("value", keys)):
        if n is not None:
            told = explainer.tell_backward(place, behind, port, (5, 0))
            assert told.lines[-1].value == 0 and "beyond the end" in str(told.remark)
    if queries is not None:
        assert "beyond the end" in str(explainer.tell_forward(place, "out", (5, 0)).remark)


def test_attention_tells_scores_then_weights_then_what_is_taken():
    block = CATALOGUE["ScaledDotProductAttention"]()
    place, behind, _ = between(block, (Shape(time=2, features=3),) * 3, 6)
    told = explainer_of(block).tell_forward(place, "out", (1, 2))
    assert [line.symbol for line in told.lines] == ["s₂₁", "s₂₂", "S", "α₂₁", "α₂₂", "y₂₃"]
    told = explainer_of(block).tell_backward(place, behind, "query", (1, 2))
    assert [line.symbol for line in told.lines[-3:]] == ["∂L/∂s₂₁", "∂L/∂s₂₂", "∂L/∂q₂₃"]
    assert sum(line.value for line in told.lines[-3:-1]) == pytest.approx(0, abs=1e-12)


def test_scores_so_large_that_their_powers_overflow_are_shared_out_all_the_same():
    block = CATALOGUE["ScaledDotProductAttention"]()
    place, behind, _ = between(block, (STEPS,) * 3, 7)
    place.inputs["key"][:] *= 1e4
    explainer = explainer_of(block)
    out = explainer.forward(place)["out"]
    assert np.isfinite(out).all()
    place.outputs["out"][:] = out
    looked_at(explainer.tell_forward(place, "out", (2, 1)), (2, 1), out)
    gradient = explainer.backward(place, behind)["query"]
    looked_at(explainer.tell_backward(place, behind, "query", (2, 1)), (2, 1), gradient)


def test_a_word_that_stands_several_times_learns_from_all_its_places():
    block = CATALOGUE["Embedding"](size=2, vocabulary=12)
    place, behind, _ = between(block, (Shape(time=5),), 8)
    place.inputs["x"][:] = [11, 3, 11, 0, 0]
    explainer, delta = explainer_of(block), behind["out"]
    told = explainer.tell_backward(place, behind, "weight", (11, 1))
    assert told.lines[-1].symbol == "∂L/∂E₁₁,₂", "a token is called by its own number"
    assert told.lines[-1].value == pytest.approx(delta[0, 1] + delta[2, 1])
    assert told.grids[-1].rows[told.grids[-1].chosen[0]] == "11"
    for token, remark in ((0, "its row is kept"), (5, "does not stand here")):
        told = explainer.tell_backward(place, behind, "weight", (token, 0))
        assert told.lines[-1].value == 0 and remark in str(told.remark)


def test_letters_of_words_are_looked_up_word_by_word_and_only_the_table_learns():
    block, words = CATALOGUE["Embedding"](size=3, vocabulary=6), Shape(time=4, letters=5)
    place, behind, gradients = between(block, (words,), 9)
    told_here(ByStep(explainer_of(block)), place, behind, gradients)
    proven_here(ByStep(explainer_of(block)), place, behind, gradients)


def test_a_vector_of_a_place_where_nothing_stands_learns_nothing():
    block = CATALOGUE["PositionalEncoding"](kind="learned", longest=9)
    place, behind, _ = between(block, (STEPS,), 10)
    told = explainer_of(block).tell_backward(place, behind, "weight", (8, 1))
    assert told.lines[-1].value == 0 and "Nothing stands" in str(told.remark)


def test_batch_normalisation_says_that_it_takes_the_running_statistics():
    block = CATALOGUE["BatchNorm"]()
    place, behind, _ = between(block, (IMAGE,), 11)
    assert "running" in str(explainer_of(block).tell_forward(place, "out", (1, 2, 3)).remark)
    assert "running" in str(explainer_of(block).tell_backward(place, behind, "x", (1, 2, 3)).remark)


def test_numbers_that_do_not_vary_are_normalised_without_a_division_by_nothing():
    block = CATALOGUE["LayerNorm"]()
    place, behind, _ = between(block, (STEPS,), 12)
    place.inputs["x"][:] = 0.1
    explainer = explainer_of(block)
    place.outputs["out"][:] = explainer.forward(place)["out"]
    np.testing.assert_allclose(place.outputs["out"], np.tile(place.weights["bias"], (6, 1)), atol=1e-9)
    looked_at(explainer.tell_forward(place, "out", (2, 3)), (2, 3), place.outputs["out"])
    looked_at(explainer.tell_backward(place, behind, "x", (2, 3)), (2, 3), explainer.backward(place, behind)["x"])


PRESETS = [
    *("transformer", "masked-attention", "transformer-classifier", "self-attention", "positions-sinusoidal"),
    *("residual-deep", "normalisation", "vae", "named-entities"),
]


@pytest.mark.parametrize("name", PRESETS)
def test_every_stop_of_a_network_of_joints_is_by_hand_and_as_autograd_has_it(name):
    walk = walked(trained(preset(name), 1))
    proven(walk)
    assert all(walk.by_hand(path) is not None for path in walk.copied.by_path)
