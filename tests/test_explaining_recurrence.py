"""Recurrent layers explained by hand, in every form, against torch: what they say, what goes back, every equation."""

from __future__ import annotations

import numpy as np
import pytest

from playground import blocks as _filled  # noqa: F401 - importing it fills the catalogue
from playground.block import CATALOGUE
from playground.explaining import Place, explainer_of
from playground.frames import shapes_leaving
from playground.report import NodeReport
from playground.shape import Shape
from tests.test_explaining import looked_at, some

torch = pytest.importorskip("torch")

from playground.network import build  # noqa: E402

X = Shape(time=6, features=4)

FORMS = [
    ("RNN", {}),
    ("RNN", {"activation": "relu", "start": "identity"}),
    ("RNN", {"direction": "both", "layers": 2}),
    ("LSTM", {}),
    ("LSTM", {"direction": "backward", "biases": "one"}),
    ("LSTM", {"direction": "both", "layers": 2, "biases": "none"}),
    ("PeepholeLSTM", {}),
    ("PeepholeLSTM", {"peepholes": "diagonal", "direction": "both"}),
    *(("GRU", {"update": update, "reset": reset}) for update in ("keeps", "takes") for reset in ("after", "before")),
    ("GRU", {"direction": "both", "layers": 2, "biases": "one", "reset": "before"}),
    ("GRU", {"biases": "none", "direction": "backward"}),
]


def called(form):
    name, settings = form
    return " ".join([name, *(f"{key}={value}" for key, value in settings.items())])


def around(form, seed, length=None, given=False):
    """Put a layer between random numbers: its place, what comes from behind at each port, autograd's gradients."""
    name, settings = form
    block = CATALOGUE[name](units=3, **settings)
    made = shapes_leaving(block, (X,))
    states = {port: shape for port, shape in made.items() if port != "out"} if given else {}
    entering = (X, *states.values())
    known = NodeReport("node", block, entering, made["out"], block.layer(*entering), block.weights(*entering), 0, None)
    torch.manual_seed(seed)
    module = build(known.layer).double().eval()
    with torch.no_grad():
        for weight in module.parameters():
            weight.add_(0.4 * torch.randn(weight.shape, dtype=torch.float64))
    inputs = {"x": torch.randn(1, *X.sizes, dtype=torch.float64, requires_grad=True)}
    for port, shape in states.items():
        inputs[port] = torch.randn(1, *shape.sizes, dtype=torch.float64, requires_grad=True)
    lengths = [None if length is None else torch.tensor([length])]
    left = dict(zip(made, module(*inputs.values(), lengths=lengths), strict=True))
    behind = {port: torch.randn(one.shape, dtype=torch.float64) for port, one in left.items()}
    by = {**inputs, **dict(module.named_parameters())}
    found = torch.autograd.grad(sum((left[port] * one).sum() for port, one in behind.items()), list(by.values()))
    gradients = {key: (one[0] if key in inputs else one).numpy() for key, one in zip(by, found, strict=True)}
    place = Place(
        known,
        {port: one[0].detach().numpy() for port, one in inputs.items()},
        {port: one[0].detach().numpy() for port, one in left.items()},
        {key: one.detach().numpy() for key, one in module.named_parameters()},
        lengths={} if length is None else {"x": length},
    )
    return place, {port: one[0].numpy() for port, one in behind.items()}, gradients


@pytest.mark.parametrize("given", [False, True], ids=["", "from a state"])
@pytest.mark.parametrize("length", [None, 1, 4], ids=["whole", "one step", "padded"])
@pytest.mark.parametrize("form", FORMS, ids=called)
def test_what_is_said_and_what_goes_back_through_time_is_as_torch_has_it(form, length, given):
    place, behind, gradients = around(form, 1, length, given)
    explainer = explainer_of(place.node.block)
    said = explainer.forward(place)
    assert said.keys() == place.outputs.keys()
    for port, values in place.outputs.items():
        np.testing.assert_allclose(said[port], values, rtol=0, atol=1e-10, err_msg=port)
    found = explainer.backward(place, behind)
    assert found.keys() == gradients.keys()
    for name, gradient in gradients.items():
        np.testing.assert_allclose(found[name], gradient, rtol=0, atol=1e-9, err_msg=name)


@pytest.mark.parametrize("form", FORMS, ids=called)
def test_every_equation_of_a_step_and_of_the_way_back_adds_up(form):
    place, behind, gradients = around(form, 2, length=5, given=True)
    explainer = explainer_of(place.node.block)
    rng = np.random.default_rng(3)
    for port, values in place.outputs.items():
        for entry in some(rng, values.shape):
            told = explainer.tell_forward(place, port, entry)
            assert told.lines[-1].value == pytest.approx(values[entry], rel=1e-10, abs=1e-12)
            looked_at(told, entry, values)
    for name, gradient in gradients.items():
        for entry in some(rng, gradient.shape):
            told = explainer.tell_backward(place, behind, name, entry)
            assert told.lines[-1].value == pytest.approx(gradient[entry], rel=1e-9, abs=1e-12)
            looked_at(told, entry, gradient)


def test_the_lines_of_an_lstm_are_its_gates_in_the_order_of_reckoning():
    place, _, _ = around(("LSTM", {}), 4)
    told = explainer_of(place.node.block).tell_forward(place, "out", (2, 1))
    assert [line.symbol for line in told.lines] == ["i₂(3)", "f₂(3)", "g₂(3)", "c₂(3)", "o₂(3)", "h₂(3)"]
    gates = next(grid for grid in told.grids if grid.rows)
    assert gates.rows == ("i", "f", "g", "o", "c", "h")
    assert [float(gates.values[k, 1]) for k in (0, 1, 2, 4, 3, 5)] == pytest.approx([line.value for line in told.lines])


def test_a_step_beyond_the_end_says_so():
    place, behind, _ = around(("GRU", {}), 5, length=2)
    explainer = explainer_of(place.node.block)
    for told in (explainer.tell_forward(place, "out", (4, 0)), explainer.tell_backward(place, behind, "x", (5, 1))):
        assert told.lines[-1].value == 0
        assert "beyond the end" in str(told.remark)
