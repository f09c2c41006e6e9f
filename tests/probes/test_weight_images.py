"""The picture of the weights holds the weights."""

from __future__ import annotations

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from playground.blocks.combine import Flatten  # noqa: E402
from playground.blocks.data import Input, Output  # noqa: E402
from playground.blocks.dense import Dense  # noqa: E402
from playground.data import Data  # noqa: E402
from playground.probes.weight_images import MOST_NUMBERS, WeightImages, field_for, picture_of, strongest  # noqa: E402
from playground.training import Trainer  # noqa: E402
from tests.examples import chain, preset  # noqa: E402
from tests.probes.conftest import images  # noqa: E402


@pytest.fixture
def dense(pictured):
    """A run with a dense layer right on pictures of 12 × 12, then one in front of the Output."""

    def make(units=7):
        return pictured(graph=chain(Input(field="image"), Flatten(), Dense(units=units), Dense(units=3), Output()))

    return make


def test_matrix_and_bias_are_the_layers_own(dense):
    run = dense()
    next(run.steps())
    answer = WeightImages(node="dense_1").measure(run)
    assert np.array_equal(answer.matrix, run.network.dense_1.weight.detach().numpy())
    assert np.array_equal(answer.bias, run.network.dense_1.bias.detach().numpy())
    assert (answer.step, answer.size, answer.field, answer.names) == (1, (7, 144), (1, 1), ("weight",))
    assert answer.reach == pytest.approx(float(run.network.dense_1.weight.detach().abs().max()))
    with torch.no_grad():
        run.network.dense_1.weight.zero_()
    assert answer.matrix.any(), "it is a copy"


def test_rows_before_an_output_have_the_names_of_the_classes(dense):
    run = dense()
    assert WeightImages(node="dense_2").measure(run).row_names == ("cat", "dog", "owl")
    assert WeightImages(node="dense_1").measure(run).row_names == ()


def test_columns_behind_an_input_have_the_names_of_its_features():
    run = Trainer(preset("iris"), device="cpu")
    answer = WeightImages(node="dense_1").measure(run)
    assert answer.column_names[0] == "sepal length (cm)" and len(answer.column_names) == 4
    assert WeightImages(node="dense_2").measure(run).column_names == ()


def test_a_recurrent_layer_has_its_matrices_by_name_and_a_band_for_each_gate(size_of):
    run = Trainer(preset("lstm-tagger"), device="cpu")
    words = (
        run.data.vocabularies["words"]
        if "words" in run.data.vocabularies
        else next(iter(run.data.vocabularies.values()))
    )
    answer = WeightImages(node="lstm_1", name="weight_hh_l0_reverse").measure(run)
    lstm = run.network.lstm_1
    assert np.array_equal(answer.matrix, lstm.weight_hh_l0_reverse.detach().numpy())
    assert np.array_equal(answer.bias, lstm.bias_hh_l0_reverse.detach().numpy())
    assert answer.bands == ("i", "f", "g", "o") and "weight_ih_l0" in answer.names
    assert WeightImages(node="lstm_1", name="no such").measure(run).name == answer.names[0]
    embedding = WeightImages(node="embed_1").measure(run)
    assert embedding.row_names == tuple(words)[: embedding.size[0]] and embedding.bias is None
    assert size_of(embedding) < 256 * 1024


def test_a_large_matrix_keeps_of_each_field_the_number_of_largest_magnitude():
    torch.manual_seed(1)
    matrix = torch.randn(5, 7)
    found = strongest(matrix, 2, 3).numpy()
    assert found.shape == (3, 3)
    for row in range(3):
        for column in range(3):
            field = matrix[2 * row : 2 * row + 2, 3 * column : 3 * column + 3].flatten()
            assert found[row, column] == field[field.abs().argmax()]
    for rows, columns in ((4096, 9216), (10, 1_000_000), (1_000_000, 3), (100, 500)):
        high, wide = field_for(rows, columns)
        assert -(-rows // high) * -(-columns // wide) <= MOST_NUMBERS
    assert field_for(100, 500) == (1, 1)


def test_what_does_not_fit_is_pooled_or_cut_off_as_it_is_asked(dense, size_of):
    run = dense(units=600)  # 600 × 144
    pooled = WeightImages(node="dense_1").measure(run)
    assert pooled.field != (1, 1) and pooled.size == (600, 144) and len(pooled.bias) == len(pooled.matrix)
    assert np.abs(pooled.matrix).max() == pytest.approx(pooled.reach)
    first = WeightImages(node="dense_1", fit="rows").measure(run)
    assert first.field == (1, 1) and first.matrix.shape[1] == 144
    assert np.array_equal(first.matrix, run.network.dense_1.weight.detach().numpy()[: len(first.matrix)])
    for answer in (pooled, first):
        assert size_of(answer) < 256 * 1024


def test_kernels_of_images_have_a_picture_of_their_own_and_what_does_not_exist_has_none(pictured):
    run = pictured()
    assert not WeightImages.accepts(run.report.nodes["conv_1"]) and WeightImages.accepts(run.report.nodes["dense_1"])
    assert WeightImages(node="conv_1").measure(run) is None
    assert WeightImages(node="nowhere").measure(run) is None


def test_a_dense_layer_on_a_picture_knows_it(dense, pictured):
    report = dense().report
    assert picture_of(report, "dense_1").sizes == (1, 12, 12)
    assert picture_of(report, "dense_2") is None
    assert picture_of(pictured().report, "dense_1") is None, "five maps are no picture"


def test_shared_weights_are_those_of_their_owner():
    graph = chain(Input(field="image"), Flatten(), Dense(units=3), Dense(units=3), Dense(units=3), Output())
    graph = graph.mark("dense_3", tied_to="dense_2")
    from playground.experiment import Experiment, Training

    data: Data = images()
    run = Trainer(Experiment(graph=graph, training=Training(batch_size=16), facts=data.facts), data, device="cpu")
    own, tied = (WeightImages(node=node).measure(run) for node in ("dense_2", "dense_3"))
    assert np.array_equal(own.matrix, tied.matrix)


def test_one_dimensional_kernels_are_laid_out_in_rows():
    run = Trainer(preset("textcnn"), device="cpu")
    answer = WeightImages(node="conv_3").measure(run)
    assert np.array_equal(answer.matrix, run.network.conv_3.weight.detach().flatten(1).numpy())
