"""Every block that is explained by hand, against torch: what leaves it, what goes back, and every equation."""

from __future__ import annotations

import re

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from playground import blocks as _filled  # noqa: F401 - importing it fills the catalogue
from playground.block import CATALOGUE
from playground.blocks.data import Output
from playground.data import IGNORED
from playground.explaining import MOST_CELLS, Place, explainer_of
from playground.explaining._telling import apart, number, table, total
from playground.explaining.by_step import ByStep
from playground.explaining.losses import Verdict
from playground.frames import frames_in, shapes_leaving
from playground.report import NodeReport
from playground.shape import Shape, ShapeError
from tests.filled import evaluate, holds

torch = pytest.importorskip("torch")

from playground.judging import judge  # noqa: E402
from playground.network import build  # noqa: E402
from playground.spelt import word_by_word  # noqa: E402
from tests.test_blocks import blocks_and_inputs, bounded  # noqa: E402

IMAGE, TALL = Shape(channels=4, height=7, width=9), Shape(channels=2, height=11, width=6)
ROW, STEPS = Shape(features=5), Shape(time=6, features=4)

BLOCKS = [
    ("Dense", {"units": 3}, ROW),
    ("Dense", {"units": 12, "bias": False}, Shape(features=30)),
    ("Dense", {"units": 3}, STEPS),
    *((name, {}, shape) for name in ("Tanh", "ReLU", "GELU", "SiLU", "Softmax") for shape in (ROW, STEPS, IMAGE)),
    ("Step", {"threshold": 0.3, "low": "-1"}, ROW),
    ("Sigmoid", {}, ROW),
    ("Sigmoid", {"slope": 2.5}, IMAGE),
    ("LeakyReLU", {"slope": 0.2}, IMAGE),
    ("ELU", {"alpha": 0.7}, STEPS),
    ("Softplus", {"beta": 3.0}, Shape(features=40)),
    ("Conv2D", {"channels": 3}, IMAGE),
    ("Conv2D", {"channels": 6, "kernel": (3, 2), "stride": (2, 3), "padding": (2, 1), "groups": 2}, IMAGE),
    ("Conv2D", {"channels": 4, "kernel": (2, 3), "dilation": (3, 2), "padding": (1, 2), "groups": 4}, IMAGE),
    ("Conv2D", {"channels": 2, "kernel": 5, "stride": 4, "bias": False}, TALL),
    ("SeparableConv2D", {"channels": 3, "stride": (2, 1), "padding": 1}, IMAGE),
    ("SeparableConv2D", {"channels": 5, "bias": False}, TALL),
    ("ConvTranspose2D", {"channels": 3}, IMAGE),
    (
        "ConvTranspose2D",
        {"channels": 4, "kernel": 3, "stride": (2, 3), "padding": 1, "extra": (1, 2), "groups": 2},
        IMAGE,
    ),
    ("Conv1D", {"channels": 3}, STEPS),
    ("Conv1D", {"channels": 4, "kernel": 2, "stride": 2, "padding": 2, "dilation": 2, "groups": 2}, STEPS),
    ("MaxPool2D", {}, IMAGE),
    ("MaxPool2D", {"kernel": 3, "stride": 2, "padding": 1, "partial": True}, IMAGE),
    ("AvgPool2D", {}, TALL),
    ("AvgPool2D", {"kernel": 3, "stride": 2, "padding": 1, "partial": True}, IMAGE),
    ("AvgPool2D", {"kernel": (2, 3), "stride": (3, 2), "padding": (1, 0), "partial": True}, TALL),
    ("LpPool2D", {"power": 3.0, "kernel": 3, "stride": 2}, IMAGE),
    ("LpPool2D", {"power": 1.0}, IMAGE),
    ("AdaptiveAvgPool2D", {"size": (3, 2)}, IMAGE),
    ("AdaptiveMaxPool2D", {"size": (2, 5)}, IMAGE),
    ("GlobalAvgPool2D", {}, IMAGE),
    *((name, {}, STEPS) for name in ("MaxOverTime", "MeanOverTime", "LastStep")),
    ("Flatten", {}, IMAGE),
    ("Flatten", {"keep_time": True}, Shape(time=3, channels=2, height=2, width=2)),
    ("Reshape", {"shape": "time=auto, features=12"}, IMAGE),
    ("Permute", {"order": "width, channels, height"}, IMAGE),
    ("Permute", {"order": "features, time"}, STEPS),
    ("Slice", {"axis": "height", "first": 2, "length": 3}, IMAGE),
    ("Slice", {"axis": "features", "first": 1}, STEPS),
    ("Upsample", {"factor": 3}, TALL),
    ("Upsample", {"factor": 2, "mode": "bilinear"}, IMAGE),
    ("Dropout", {}, IMAGE),
]


def called(case):
    name, parameters, shape = case
    return f"{name}-{'-'.join(f'{key}={value}' for key, value in parameters.items())}-{shape}".replace(" ", "")


def around(case, seed, integers=False, length=None):
    """Put a block between random numbers: its place, what comes from behind, and what autograd makes of it."""
    name, parameters, shape = case
    return between(CATALOGUE[name](**parameters), shape, seed, integers, length)


def between(block, shape, seed, integers=False, length=None):
    made = shapes_leaving(block, (shape,))
    known = NodeReport(
        "node", block, (shape,), next(iter(made.values())), block.layer(shape), block.weights(shape), 0, None
    )
    torch.manual_seed(seed)
    module = build(known.layer).double().eval()
    x = torch.randn(1, *shape.sizes, dtype=torch.float64)
    x = (2 * x).round() if integers else x
    x.requires_grad_()
    lengths = {} if length is None else {"lengths": [torch.tensor([length])]}
    out = module(x, **lengths)
    behind = torch.randn(out.shape, dtype=torch.float64)
    weights = dict(module.named_parameters())
    by = {"x": x, **weights}
    found = [None] * len(by)
    if out.requires_grad:  # no step has a slope
        found = torch.autograd.grad((out * behind).sum(), list(by.values()), allow_unused=True)
    gradients = {n: np.zeros(v.shape) if g is None else g.numpy() for (n, v), g in zip(by.items(), found, strict=True)}
    gradients["x"] = gradients["x"][0]
    place = Place(
        known,
        {"x": x[0].detach().numpy()},
        {"out": out[0].detach().numpy()},
        {n: w.detach().numpy() for n, w in weights.items()},
        lengths={} if length is None else {"x": length},
    )
    return place, {"out": behind[0].numpy()}, gradients


@pytest.mark.parametrize("case", BLOCKS, ids=called)
def test_what_leaves_a_block_and_what_goes_back_is_as_torch_has_it(case):
    for seed in (1, 2):
        place, behind, gradients = around(case, seed)
        explainer = explainer_of(place.node.block)
        np.testing.assert_allclose(explainer.forward(place)["out"], place.outputs["out"], rtol=0, atol=1e-10)
        found = explainer.backward(place, behind)
        assert found.keys() == gradients.keys()
        for name, gradient in gradients.items():
            np.testing.assert_allclose(found[name], gradient, rtol=0, atol=1e-9, err_msg=name)


@pytest.mark.parametrize("case", BLOCKS, ids=called)
def test_every_equation_makes_what_it_says_and_that_is_the_number_of_torch(case):
    place, behind, gradients = around(case, seed=3)
    explainer = explainer_of(place.node.block)
    rng = np.random.default_rng(4)
    for entry in some(rng, place.outputs["out"].shape):
        told = explainer.tell_forward(place, "out", entry)
        assert told.lines[-1].value == pytest.approx(place.outputs["out"][entry], rel=1e-10, abs=1e-12)
        looked_at(told, entry, place.outputs["out"])
    for name, gradient in gradients.items():
        for entry in some(rng, gradient.shape):
            told = explainer.tell_backward(place, behind, name, entry)
            assert told.lines[-1].value == pytest.approx(gradient[entry], rel=1e-9, abs=1e-12)
            looked_at(told, entry, gradient)


def some(rng, shape):
    """Choose the first entry, the last one, and two others."""
    return [
        (0,) * len(shape),
        tuple(size - 1 for size in shape),
        *(tuple(int(rng.integers(size)) for size in shape) for _ in range(2)),
    ]


def looked_at(told, entry, values):
    """Hold what is told to the contract: equations add up, the number looked at is framed in a table of its kind."""
    for line in told.lines:
        assert holds(line), f"{line.symbol} = {line.filled} is not {line.value}"
        assert not {r"\left", r"\sum"} <= set(re.findall(r"\\\w+", line.formula)), (
            "brackets round a sum grow without end"
        )
        assert "{" not in line.symbol and line.formula.count("{") == line.formula.count("}"), line.formula
    own = [grid for grid in told.grids if grid.entries is not None]
    assert len(own) == 1, "one table chooses"
    (grid,) = own
    assert grid.chosen is not None
    row, column = grid.chosen
    assert grid.values[row, column] == pytest.approx(values[entry], rel=1e-9, abs=1e-12)
    start = grid.entries
    inside = [row, column][2 - min(2, len(start)) :]
    assert (*start[:-2], *(a + b for a, b in zip(start[-2:], inside, strict=True))) == entry
    for grid in told.grids:
        assert grid.values.ndim == 2 and grid.values.size <= MOST_CELLS and grid.values.dtype == np.float64
        assert grid.lit is None or grid.lit.shape == grid.values.shape


EXPLAINED = sorted({name for name, _, _ in BLOCKS})


@pytest.mark.parametrize("name", EXPLAINED)
@settings(bounded, max_examples=40)
@given(data=st.data())
def test_blocks_with_any_parameters_between_any_numbers_are_as_torch_has_them(name, data):
    block, (shape,) = data.draw(blocks_and_inputs(name))
    try:
        shapes_leaving(block, (shape,))
    except ShapeError:
        return
    if frames_in(block, (shape,)):
        return
    place, behind, gradients = between(block, shape, seed=data.draw(st.integers(0, 99)))
    explainer = explainer_of(block)
    np.testing.assert_allclose(explainer.forward(place)["out"], place.outputs["out"], rtol=1e-10, atol=1e-10)
    for found, gradient in zip(explainer.backward(place, behind).values(), gradients.values(), strict=True):
        np.testing.assert_allclose(found, gradient, rtol=1e-9, atol=1e-9)
    entry = data.draw(st.tuples(*(st.integers(0, size - 1) for size in shape.sizes)))
    told = explainer.tell_backward(place, behind, "x", entry)
    assert told.lines[-1].value == pytest.approx(gradients["x"][entry], rel=1e-8, abs=1e-10)


TIED = [
    ("MaxPool2D", {"kernel": 3, "stride": 2, "padding": 1}, IMAGE),
    ("AdaptiveMaxPool2D", {"size": 3}, IMAGE),
    ("MaxOverTime", {}, STEPS),
    ("ReLU", {}, IMAGE),
    ("LeakyReLU", {}, IMAGE),
    ("LpPool2D", {"power": 1.5}, IMAGE),
]


@pytest.mark.parametrize("case", TIED, ids=called)
def test_of_equal_numbers_the_gradient_goes_where_torch_lets_it_go(case):
    for seed in range(4):
        place, behind, gradients = around(case, seed, integers=True)
        found = explainer_of(place.node.block).backward(place, behind)
        np.testing.assert_allclose(found["x"], gradients["x"], rtol=0, atol=1e-12)


ENDING = [
    ("Conv1D", {"channels": 3, "padding": 1}, STEPS),
    *((name, {}, STEPS) for name in ("MaxOverTime", "MeanOverTime", "LastStep")),
]


@pytest.mark.parametrize("case", ENDING, ids=called)
@pytest.mark.parametrize("length", [1, 4])
def test_what_lies_beyond_the_end_of_a_text_does_not_count(case, length):
    place, behind, gradients = around(case, seed=5, length=length)
    explainer = explainer_of(place.node.block)
    np.testing.assert_allclose(explainer.forward(place)["out"], place.outputs["out"], rtol=0, atol=1e-10)
    found = explainer.backward(place, behind)
    for name, gradient in gradients.items():
        np.testing.assert_allclose(found[name], gradient, rtol=0, atol=1e-9, err_msg=name)
    assert not found["x"][length:].any()
    told = explainer.tell_backward(place, behind, "x", (5, 0))
    assert told.lines[-1].value == 0
    looked_at(
        explainer.tell_forward(place, "out", (0,) * place.outputs["out"].ndim),
        (0,) * place.outputs["out"].ndim,
        place.outputs["out"],
    )


def test_each_frame_of_a_clip_is_taken_by_itself_and_its_weights_learn_from_all():
    clip = Shape(time=3, channels=2, height=5, width=4)
    block = CATALOGUE["Conv2D"](channels=3, padding=1)
    module = build(block.layer(clip.frame)).double()
    x = torch.randn(3, 2, 5, 4, dtype=torch.float64, requires_grad=True)
    out = module(x)
    behind = torch.randn(out.shape, dtype=torch.float64)
    (out * behind).sum().backward()
    known = NodeReport(
        "node",
        block,
        (clip,),
        Shape(time=3, channels=3, height=5, width=4),
        block.layer(clip.frame),
        block.weights(clip.frame),
        0,
        None,
    )
    weights = dict(module.named_parameters())
    place = Place(
        known,
        {"x": x.detach().numpy()},
        {"out": out.detach().numpy()},
        {name: one.detach().numpy() for name, one in weights.items()},
    )
    both_ways(
        ByStep(explainer_of(block)),
        place,
        {"out": behind.numpy()},
        {"x": x.grad.numpy(), **{name: one.grad.numpy() for name, one in weights.items()}},
    )


@pytest.mark.parametrize("name", ["Conv1D", "MaxOverTime"])
def test_each_word_is_spelt_by_itself_and_what_only_fills_up_is_zero(name):
    words = Shape(time=3, letters=5, features=4)
    block = CATALOGUE[name](**({"channels": 2, "padding": 1} if name == "Conv1D" else {}))
    module = build(block.layer(words.frame)).double()
    x = torch.randn(1, 3, 5, 4, dtype=torch.float64, requires_grad=True)
    letters = torch.tensor([[5, 0, 2]])
    (read,) = word_by_word(module, x, letters)
    behind = torch.randn(read.value.shape, dtype=torch.float64)
    (read.value * behind).sum().backward()
    known = NodeReport(
        "node",
        block,
        (words,),
        shapes_leaving(block, (words,))["out"],
        block.layer(words.frame),
        block.weights(words.frame),
        0,
        None,
    )
    weights = dict(module.named_parameters())
    place = Place(
        known,
        {"x": x[0].detach().numpy()},
        {"out": read.value[0].detach().numpy()},
        {name: one.detach().numpy() for name, one in weights.items()},
    )
    both_ways(
        ByStep(explainer_of(block), [5, 0, 2]),
        place,
        {"out": behind[0].numpy()},
        {"x": x.grad[0].numpy(), **{name: one.grad.numpy() for name, one in weights.items()}},
    )


def both_ways(explainer, place, behind, gradients):
    """Hold what an explainer reckons and tells to torch's numbers."""
    np.testing.assert_allclose(explainer.forward(place)["out"], place.outputs["out"], rtol=0, atol=1e-10)
    found, rng = explainer.backward(place, behind), np.random.default_rng(1)
    assert found.keys() == gradients.keys()
    for entry in some(rng, place.outputs["out"].shape):
        looked_at(explainer.tell_forward(place, "out", entry), entry, place.outputs["out"])
    for name, gradient in gradients.items():
        np.testing.assert_allclose(found[name], gradient, rtol=0, atol=1e-9, err_msg=name)
        for entry in some(rng, gradient.shape):
            told = explainer.tell_backward(place, behind, name, entry)
            assert told.lines[-1].value == pytest.approx(gradient[entry], rel=1e-9, abs=1e-12)
            looked_at(told, entry, gradient)


# -- losses --------------------------------------------------------------------------------------------------------

LOSSES = [
    (Output(), (5,), 3),
    (Output(smoothing=0.2, weight=0.5), (5,), 0),
    (Output(), (4, 6), [2, IGNORED, 0, 5]),
    (Output(smoothing=0.1), (3, 4, 5), "pixels"),
    (Output(task="binary", loss="binary_cross_entropy"), (1,), [1.0]),
    (Output(task="binary", loss="binary_cross_entropy", weight=2.0), (1,), [0.0]),
    (Output(task="binary", loss="binary_cross_entropy"), (3,), [0.0, 1.0, 0.3]),
    (Output(task="regression", loss="mse"), (1,), [0.7]),
    (Output(task="regression", loss="mse", weight=3.0), (4,), None),
    (Output(task="regression", loss="mae"), (4,), None),
    (Output(task="box", loss="smooth_l1"), (4,), None),
    (Output(task="regression", loss="mse"), (2, 3, 3), None),
]


def verdict_of(case, scale=1.0, seed=6):
    """Judge a random answer by hand and by torch; return both, and torch's derivatives."""
    block, shape, target = case
    rng = np.random.default_rng(seed)
    answer = scale * rng.normal(size=shape)
    if target is None:
        wanted = rng.normal(size=shape)
    elif target == "pixels":
        wanted = rng.integers(0, shape[0], shape[1:])
        wanted[1, 2] = IGNORED
    else:
        wanted = np.array(target)
    a = torch.tensor(answer[None], requires_grad=True)
    loss = block.weight * judge("output", block).loss(a, torch.tensor(wanted[None]))
    (gradient,) = torch.autograd.grad(loss, a)
    return Verdict(block, answer, wanted), loss.item(), gradient[0].numpy()


@pytest.mark.parametrize("scale", [1.0, 30.0], ids=["near", "far"])
@pytest.mark.parametrize("case", LOSSES, ids=lambda case: f"{case[0].loss}-{case[1]}")
def test_a_loss_and_its_delta_are_those_of_torch_and_every_equation_adds_up(case, scale):
    verdict, loss, gradient = verdict_of(case, scale)
    assert verdict.loss == pytest.approx(loss, rel=1e-10, abs=1e-12)
    np.testing.assert_allclose(verdict.delta, gradient, rtol=0, atol=1e-10)
    told = verdict.tell("loss", ())
    assert told.lines[-1].value == pytest.approx(loss, rel=1e-10, abs=1e-12)
    for of in verdict.of:
        values = verdict.value(of)
        for entry in some(np.random.default_rng(7), values.shape):
            told = verdict.tell(of, entry)
            assert told.lines[-1].value == pytest.approx(values[entry], rel=1e-9, abs=1e-12)
            assert all(holds(line) for line in told.lines), told.lines
    for entry in some(np.random.default_rng(8), gradient.shape):
        told = verdict.tell_delta(entry)
        assert told.lines[-1].value == pytest.approx(gradient[entry], rel=1e-8, abs=1e-12)
        looked_at(told, entry, gradient)


def test_a_place_without_a_class_says_that_it_is_passed_by():
    verdict, _, gradient = verdict_of(LOSSES[2])
    told = verdict.tell_delta((1, 3))
    assert told.lines[-1].value == gradient[1, 3] == 0
    assert "passed by" in str(told.remark)


def test_a_certain_answer_keeps_the_digits_of_its_small_loss():
    verdict = Verdict(Output(), np.array([14.0, 0.0, 1.0]), np.array(0))
    line = verdict.tell("loss", ()).lines[-1]
    assert line.filled.startswith("ln(1 + 3.092·10⁻⁶")
    assert evaluate(line.filled).low == pytest.approx(line.value, rel=1e-3)


# -- writing -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.0, "0"),
        (0.5, "0.5"),
        (-12.345678, "−12.35"),
        (0.52139, "0.5214"),
        (3.104e-7, "3.104·10⁻⁷"),
        (1e-8, "1·10⁻⁸"),
        (128, "128"),
        (0.99996, "1.000"),
        (0.1 + 1e-9, "0.1000"),
        (float("nan"), "nan"),
        (float("-inf"), "−inf"),
    ],
)
def test_numbers_are_written_with_four_digits_that_count_or_as_they_are(value, text):
    assert number(value) == text


def test_a_long_sum_is_written_by_its_largest_terms_and_still_adds_up():
    rng = np.random.default_rng(9)
    terms = rng.normal(size=(200, 2))
    text = total(terms, last=0.25)
    assert "[… 192: " in text and text.endswith("+ 0.25")
    made = evaluate(text)
    assert made.low <= terms.prod(axis=1).sum() + 0.25 <= made.high
    assert total([]) == "0" and total([(0.5, 0.0), (-0.5, -2.0)]) == "0.5·0 − 0.5·(−2)"


def test_a_small_difference_is_written_with_digits_enough():
    assert apart(0.99999765, 1) == "0.999997650 − 1"
    assert apart(0.3, -0.2) == "0.3 + 0.2"


def test_of_a_large_table_the_part_around_the_chosen_number_is_shown():
    whole = np.arange(90_000.0).reshape(1, 300, 300)
    grid = table("x", whole, (0, 290, 5), chooses=True)
    assert grid.values.size <= MOST_CELLS and grid.total == (300, 300)
    row, column = grid.chosen
    assert grid.values[row, column] == whole[0, 290, 5]
    assert grid.entries == (0, *grid.first)
