"""Reconstructions and the latent plane are what the network really makes."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from playground.blocks.latent import Sample  # noqa: E402
from playground.probes.latent import PRIOR, Latent, code_of, grid  # noqa: E402
from playground.probes.reconstruction import Reconstruction, repeater  # noqa: E402
from playground.training import Trainer  # noqa: E402
from tests.examples import preset  # noqa: E402


@pytest.fixture(scope="module")
def vae():
    trainer = Trainer(preset("vae"), device="cpu")
    for _ in trainer.steps(30):
        pass
    return trainer


def test_the_images_are_what_leaves_the_network_and_the_errors_theirs(vae):
    answer = Reconstruction(first=357, count=4).measure(vae)
    held = vae.data.splits["validation"].inputs["x"]
    shown = held[[357, 358, 0, 1]]
    made = vae.look({"x": shown}, ("output_1",))["output_1"].numpy()
    assert np.array_equal(answer.images[..., 0], (shown[:, 0] * 255.0).round().astype(np.uint8))
    assert np.abs(answer.answers[..., 1].astype(float) - made[:, 0] * 255.0).max() <= 0.51
    assert answer.own == pytest.approx(((made - shown) ** 2).mean(axis=(1, 2, 3)), rel=1e-4)
    assert answer.mean == pytest.approx(vae.evaluate("validation").metrics["mse"], rel=1e-4)
    assert answer.guess == pytest.approx(held.reshape(len(held), -1).var(axis=0).mean(), rel=1e-4)
    assert (answer.first, answer.total) == (357, 359)


def test_the_plane_is_what_the_second_half_makes_of_its_points(vae):
    answer = Latent(cells=5).measure(vae)
    assert answer.node == "sample_1" and answer.drawn and answer.images.shape == (5, 5, 28, 28, 1)
    left, right, bottom, top = answer.extent
    assert -left == right == top == -bottom >= PRIOR
    points = torch.as_tensor(grid(answer.extent, 5), dtype=torch.float32)
    assert points[0, 0] < 0 < points[0, 1] and points[-1, 0] > 0 > points[-1, 1]
    value = points
    with torch.no_grad():
        network = vae.network
        for name in ("dense_1", "relu_3", "reshape_1", "deconv_1", "relu_4", "deconv_2", "sigmoid_1"):
            value = getattr(network, name)(value)
    low, high = answer.low, answer.high
    expected = ((value[:, 0].numpy() - low) / (high - low) * 255.0).reshape(5, 5, 28, 28)
    assert np.abs(answer.images[..., 0].astype(float) - expected.clip(0, 255)).max() <= 0.51


def test_the_codes_are_the_means_with_their_classes(vae):
    answer = Latent().measure(vae)
    held = vae.data.splits["validation"]
    means = vae.look({"x": held.inputs["x"]}, ("mean",))["mean"].numpy()
    assert np.allclose(answer.codes, means, atol=1e-6) and np.array_equal(answer.labels, held.targets["label"])
    assert answer.classes == tuple("0123456789")


def test_asking_leaves_no_trace(vae, size_of):
    before = {name: value.clone() for name, value in vae.network.state_dict().items()}
    state = torch.get_rng_state()
    for probe in (Latent(), Reconstruction()):
        assert size_of(probe.measure(vae)) <= 256 * 1024
    assert torch.equal(torch.get_rng_state(), state) and vae.network.training
    assert all(torch.equal(value, before[name]) for name, value in vae.network.state_dict().items())
    assert not vae.network.sample_1._forward_hooks
    image = {"x": vae.data.splits["validation"].inputs["x"][:2]}
    assert torch.equal(*(vae.look(image, ("sample_1",))["sample_1"] for _ in range(2)))


def test_longer_codes_that_are_drawn_give_the_same_samples_every_time(vae):
    graph = vae.experiment.graph
    for id in ("mean", "log_var"):
        graph = graph.configure(id, graph.nodes[id].block.replace(units=3))
    run = Trainer(replace(vae.experiment, graph=graph), vae.data, device="cpu")
    one, two = Latent(cells=4).measure(run), Latent(cells=4).measure(run)
    assert one.size == 3 and one.extent == () and len(one.codes) == 0
    assert np.array_equal(one.images, two.images) and one.images.shape[:2] == (4, 4)


def test_a_network_without_such_a_code_or_without_reconstructions_has_no_plane():
    report = preset("autoencoder").examined()
    assert repeater(report, preset("autoencoder").facts) == "output_1" and code_of(report, "output_1") == ""
    graph = preset("autoencoder").graph
    two = replace(preset("autoencoder"), graph=graph.configure("code", graph.nodes["code"].block.replace(units=2)))
    assert code_of(two.examined(), "output_1") == "code"
    lenet = preset("lenet")
    assert repeater(lenet.examined(), lenet.facts) == ""
    run = Trainer(lenet, device="cpu")
    assert Latent().measure(run) is None and Reconstruction().measure(run) is None


def test_a_row_beside_which_something_else_gets_through_is_no_code():
    graph = preset("vae").graph
    report = preset("vae").examined()
    assert code_of(report, "output_1") == "sample_1"
    muted = replace(preset("vae"), graph=graph.mark("sample_1", state="bypassed")).examined()
    assert code_of(muted, "output_1") == "mean"
    assert isinstance(report.nodes["sample_1"].block, Sample)
