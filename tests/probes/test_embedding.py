"""The plane of an embedding is that of the principal component analysis, and it stands still while nothing moves."""

from __future__ import annotations

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from playground.blocks.activation import Tanh  # noqa: E402
from playground.blocks.data import Input, Output  # noqa: E402
from playground.blocks.dense import Dense  # noqa: E402
from playground.data.functions import Curve  # noqa: E402
from playground.experiment import Experiment  # noqa: E402
from playground.presets import open_named  # noqa: E402
from playground.probes import LARGEST_ANSWER  # noqa: E402
from playground.probes.embedding import MOST_EXAMPLES, Embedding, plane, telling  # noqa: E402
from playground.training import Trainer  # noqa: E402
from tests.examples import chain  # noqa: E402
from tests.probes.conftest import images  # noqa: E402


@pytest.mark.parametrize("size", [(40, 7), (10, 90), (5, 2)])
def test_the_plane_is_that_of_scikit_learn_up_to_signs(size):
    from sklearn.decomposition import PCA

    values = np.random.default_rng(3).normal(size=size) * np.linspace(3, 0.2, size[1])
    expected = PCA(n_components=2, svd_solver="full")
    where = expected.fit_transform(values)
    found, shares = plane(values)
    for k in (0, 1):
        assert found[:, k] == pytest.approx(where[:, k], abs=1e-6) or found[:, k] == pytest.approx(
            -where[:, k], abs=1e-6
        )
    assert shares == pytest.approx(tuple(expected.explained_variance_ratio_), abs=1e-8)


def test_mirrored_values_give_the_same_picture():
    values = np.random.default_rng(4).gamma(1.0, size=(50, 6))
    values[:, 1:3] *= 2
    turn, _ = np.linalg.qr(np.random.default_rng(5).normal(size=(6, 6)))
    assert plane(values)[0] == pytest.approx(plane(values @ turn)[0], abs=1e-8)


@pytest.mark.parametrize("values", [np.ones((5, 4)), np.full((5, 4), np.nan), np.array([[1.0], [2.0]])])
def test_values_without_a_plane_are_borne(values):
    where, shares = plane(values)
    assert where.shape == (len(values), 2) and np.isfinite(shares).all()


def test_the_points_are_what_leaves_the_node_for_the_examples_that_validate(pictured):
    run = pictured()
    answer = Embedding(node="dense_1").measure(run)
    held = run.data.splits["validation"]
    scores = run.network({"image": torch.as_tensor(held.inputs["image"])})["output_1"].detach().numpy()
    expected, shares = plane(scores)
    assert answer.where == pytest.approx(expected, abs=1e-4) and answer.shares == pytest.approx(shares, abs=1e-5)
    assert np.array_equal(answer.kinds, held.targets["label"]) and answer.classes == ("cat", "dog", "owl")
    assert answer.split == "validation" and answer.size == 3


def test_images_before_a_layer_can_be_seen_too_and_answers_stay_small(pictured, size_of):
    run = pictured(images(side=16, count=900))
    answer = Embedding(node="conv_1").measure(run)
    assert 200 < len(answer.where) <= MOST_EXAMPLES and answer.size == 5 * 14 * 14
    assert size_of(answer) <= LARGEST_ANSWER


def test_numbers_to_predict_are_told_instead_of_classes():
    graph = chain(
        Input(field="x"), Dense(units=5), Tanh(), Dense(units=1), Output(target="y", task="regression", loss="mse")
    )
    run = Trainer(Experiment(source=Curve(count=40), graph=graph), device="cpu")
    answer = Embedding(node="tanh_1").measure(run)
    assert answer.classes == () and answer.kinds == pytest.approx(run.data.splits["validation"].targets["y"][:, 0])


def test_a_node_that_is_not_there_or_an_output_says_nothing(pictured):
    run = pictured()
    assert Embedding(node="nothing").measure(run) is None
    assert Embedding(node="output_1").measure(run) is None
    assert Embedding.accepts(run.report.nodes["conv_1"]) and not Embedding.accepts(run.report.nodes["output_1"])


def test_the_last_hidden_layer_says_most():
    assert telling(open_named("digits-embedding")[0].examined()) == "relu_3"
    assert telling(open_named("xor")[0].examined()) == "tanh_2"
