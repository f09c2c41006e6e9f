"""The picture of every unit is what its own layer says, point by point; weights on wires are the layer's weights."""

from __future__ import annotations

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from playground.blocks.activation import Tanh  # noqa: E402
from playground.blocks.data import Input, Output  # noqa: E402
from playground.blocks.dense import Dense  # noqa: E402
from playground.data.functions import Surface  # noqa: E402
from playground.data.planar import TruthTable, Xor  # noqa: E402
from playground.experiment import Experiment, Training  # noqa: E402
from playground.probes.boundary import middles  # noqa: E402
from playground.probes.neurons import LEVELS, NOTHING, ZERO, Faces, Neurons, units_over_plane  # noqa: E402
from playground.probes.weights import WireWeights, weights_on_wire  # noqa: E402
from playground.training import Trainer  # noqa: E402
from tests.examples import chain  # noqa: E402

BINARY = Output(task="binary", loss="binary_cross_entropy")


def by_hand(run, extent, cells, upto):
    """Return what leaves the first layers on the grid, (units, cells, cells), without `look`."""
    h = torch.as_tensor(middles(extent, cells).astype(np.float32))
    for name in upto:
        h = torch.tanh(h) if name == "tanh" else run.network.get_submodule(name)(h)
    return h.detach().numpy().T.reshape(-1, cells, cells)


def unpacked(maps):
    return (maps.codes.astype(float) - ZERO) / LEVELS * maps.reach


@pytest.mark.parametrize(
    ("node", "upto"),
    [
        ("dense_1", ["dense_1"]),
        ("tanh_1", ["dense_1", "tanh"]),
        ("dense_2", ["dense_1", "tanh", "dense_2"]),
        ("output_1", ["dense_1", "tanh", "dense_2"]),
    ],
)
def test_each_picture_is_what_the_units_own_layer_says(planar, node, upto):
    run = planar(Xor(count=40), BINARY, 1)
    maps = Faces(cells=16).measure(run).maps[node]
    expected = by_hand(run, (-6.0, 6.0), 16, upto)
    assert maps.codes.shape == expected.shape and maps.codes.dtype == np.uint8
    assert maps.reach == pytest.approx(np.abs(expected).max(), rel=1e-6)
    assert np.abs(unpacked(maps) - expected).max() <= maps.reach / LEVELS / 2 + 1e-6
    assert ((maps.codes >= ZERO) >= (expected > 0)).all() and ((maps.codes <= ZERO) >= (expected < 0)).all()


def test_the_inputs_pictures_show_that_y_goes_up_with_the_rows_and_x_with_the_columns(planar):
    x, y = unpacked(Faces(cells=8).measure(planar(Xor(count=40), BINARY, 1)).maps["input_1"])
    assert (np.diff(x, axis=1) > 0).all() and (np.diff(x, axis=0) == 0).all()
    assert (np.diff(y, axis=0) > 0).all() and (np.diff(y, axis=1) == 0).all()


def test_only_what_is_asked_is_measured_and_without_names_everything(planar):
    run = planar(Xor(count=40), BINARY, 1)
    assert list(Faces(nodes="tanh_1 gone_1").measure(run).maps) == ["tanh_1"]
    assert set(Faces().measure(run).maps) == {"input_1", "dense_1", "tanh_1", "dense_2", "output_1"}
    assert Faces(nodes="gone_1").measure(run) is None


def test_layers_of_more_than_sixteen_units_have_no_pictures(planar):
    run = planar(Xor(count=40), BINARY, 1, hidden=17)
    assert set(Faces().measure(run).maps) == {"input_1", "dense_2", "output_1"}
    assert Neurons(node="dense_1").measure(run) is None


def test_the_answer_of_many_full_layers_stays_small(size_of):
    layers = [block for _ in range(24) for block in (Dense(units=16), Tanh())]
    graph = chain(Input(field="x"), *layers, Dense(units=1), BINARY)
    answer = Faces().measure(Trainer(Experiment(source=Xor(count=40), graph=graph), device="cpu"))
    assert len(answer.maps) == 51 and size_of(answer) <= 256 * 1024


def test_what_is_no_number_has_a_byte_of_its_own(planar):
    run = planar(Xor(count=40), BINARY, 1)
    with torch.no_grad():
        run.network.dense_1.bias[2] = float("nan")
    maps = Faces(nodes="dense_1").measure(run).maps["dense_1"]
    assert (maps.codes[2] == NOTHING).all() and (maps.codes[[0, 1, 3]] != NOTHING).all() and np.isfinite(maps.reach)


def test_one_unit_enlarged_is_exact_and_comes_with_the_points(planar):
    run = planar(TruthTable(gate="xor"), BINARY, 1)
    answer = Neurons(node="tanh_1", unit=4, cells=20).measure(run)
    expected = by_hand(run, (-0.5, 1.5), 20, ["dense_1", "tanh"])
    assert (answer.node, answer.unit, answer.units, answer.extent) == ("tanh_1", 4, 6, (-0.5, 1.5))
    assert np.allclose(answer.values, expected[4], atol=1e-6)
    assert answer.reach == pytest.approx(np.abs(expected).max(), rel=1e-6)
    assert sorted(map(tuple, answer.points["train"].where)) == [(0, 0), (0, 1), (1, 0), (1, 1)]
    assert Neurons(node="tanh_1", unit=99).measure(run).unit == 5


def test_a_surface_over_the_plane_has_pictures_too_and_points_of_no_class():
    graph = chain(Input(field="x"), Dense(units=5), Tanh(), Dense(units=1), Output(task="regression", loss="mse"))
    source = Surface(count=60)
    facts = source.read().facts
    graph = graph.configure("input_1", Input(field=next(iter(facts.inputs))))
    graph = graph.configure("output_1", Output(target=next(iter(facts.targets)), task="regression", loss="mse"))
    run = Trainer(Experiment(source=source, graph=graph, training=Training(batch_size=8)), device="cpu")
    answer = Neurons(node="tanh_1", cells=16).measure(run)
    assert np.allclose(answer.values, by_hand(run, source.extent, 16, ["dense_1", "tanh"])[0], atol=1e-6)
    assert answer.points["train"].where.shape[1] == 2 and not len(answer.points["train"].labels)


def test_images_have_no_pictures_of_units_and_are_not_offered_any(pictured, planar):
    run = pictured()
    assert Faces().measure(run) is None and Neurons(node="dense_1").measure(run) is None
    assert not units_over_plane(run.experiment.source, run.report) or not Neurons.suits(run.experiment)
    assert Neurons.suits(planar(Xor(count=40), BINARY, 1).experiment)


# -- weights on wires ------------------------------------------------------------------------------------------------


def test_weights_on_wires_are_the_layers_own_and_their_gradients_those_of_the_last_step(planar):
    run = planar(Xor(count=40), BINARY, 1)
    before = WireWeights().measure(run)
    assert set(before.weights) == {"dense_1", "dense_2"} and not before.gradients
    next(run.steps(1))
    after = WireWeights(nodes="dense_1").measure(run)
    module = run.network.dense_1
    assert list(after.weights) == ["dense_1"]
    assert np.array_equal(after.weights["dense_1"], module.weight.detach().numpy())
    assert np.array_equal(after.gradients["dense_1"], module.weight.grad.numpy())
    assert not np.array_equal(after.weights["dense_1"], before.weights["dense_1"]), "it was a copy"


def test_layers_that_join_more_than_eight_units_keep_plain_wires(planar):
    run = planar(Xor(count=40), BINARY, 1, hidden=9)
    assert WireWeights().measure(run) is None
    run = planar(Xor(count=40), BINARY, 1, hidden=8)
    ends = {path: weights_on_wire(node) for path, node in run.report.nodes.items()}
    assert ends == {"input_1": None, "dense_1": (2, 8), "tanh_1": None, "dense_2": (8, 1), "output_1": None}
