"""The stream's size and gradient are those that a loop over the same batch finds."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from playground.blocks.normalisation import LayerNorm  # noqa: E402
from playground.probes.residual_stream import Place, ResidualStream, places  # noqa: E402
from playground.ready_groups import encoder_block  # noqa: E402
from playground.training import Trainer  # noqa: E402
from tests.examples import preset, small  # noqa: E402
from tests.transformers import HEADS, WIDTH, classifier, writer  # noqa: E402


def running(norm="after", blocks=2):
    experiment, data = classifier(blocks=blocks)
    block = encoder_block(WIDTH, HEADS, norm=norm).replace(repeat=blocks)
    run = Trainer(replace(experiment, graph=experiment.graph.configure("encoder", block)), data, device="cpu")
    for _ in run.steps(2):
        pass
    return run


def test_behind_every_sum_stands_a_place_at_the_norm_that_follows_it():
    report = running().report
    assert places(report)[0] == Place("position_1")
    assert [place.node for place in places(report)[1:]] == [f"encoder.{b}.norm_{n}" for b in (1, 2) for n in (1, 2)]
    assert [place.sum for place in places(report)[1:]] == [f"encoder.{b}.add_{n}" for b in (1, 2) for n in (1, 2)]


def test_where_the_norm_comes_first_the_stream_is_the_sum_itself():
    found = places(running("before").report)
    assert [place.node for place in found[1:]] == [f"encoder.{b}.add_{n}" for b in (1, 2) for n in (1, 2)]


def test_encoder_and_decoder_are_two_streams():
    found = places(writer().examined())
    assert [place.node for place in found if not place.sum] == ["position_1", "position_2"]
    assert len(found) == 2 + 2 * 2 + 3 and [place.node.split(".")[0] for place in found[-3:]] == ["decoder"] * 3


@pytest.mark.parametrize("norm", ["after", "before"])
def test_the_numbers_are_those_of_the_batch_without_what_fills_it_up(norm):
    run = running(norm)
    answer = ResidualStream().measure(run)
    batch = run.batch
    text = torch.as_tensor(batch.inputs["text"])
    sums = [place.sum or place.node for place in places(run.report)]
    kept = run.look(batch.inputs, {*answer.nodes, *sums, "output_1"}, graded=True)
    loss = torch.nn.functional.cross_entropy(kept["output_1"], torch.as_tensor(batch.targets["label"]))
    stream = [kept[node] for node in answer.nodes]
    gradients = torch.autograd.grad(loss, stream)
    for at, (x, gradient) in enumerate(zip(stream, gradients, strict=True)):
        x = x.detach()
        rows = [x[i, t] for i in range(len(text)) for t in range(text.shape[1]) if text[i, t]]
        assert answer.norms[at] == pytest.approx(float(torch.stack(rows).norm(dim=1).mean()), rel=1e-5)
        assert answer.gradients[at] == pytest.approx(float(gradient.norm()), rel=1e-4)
    assert np.isnan(answer.added[0]) and (answer.added[1:] > 0).all()
    if norm == "before":  # each sum is the one before and what was added
        there = (text != 0).numpy()
        grown = (stream[2] - stream[1]).norm(dim=2).detach().numpy()[there].mean()
        assert answer.added[2] == pytest.approx(grown, rel=1e-5)


def test_the_norm_brings_the_stream_back_to_the_root_of_its_width():
    experiment, data = classifier(blocks=2)
    answer = ResidualStream().measure(_untrained(experiment, data))
    assert answer.norms[1:] == pytest.approx([WIDTH**0.5] * 4, rel=1e-2)
    deep = replace(experiment, graph=experiment.graph.configure("encoder", _before(6)))
    grown = ResidualStream().measure(_untrained(deep, data)).norms
    assert grown[-1] > grown[0]


def _before(blocks):
    return encoder_block(WIDTH, HEADS, norm="before").replace(repeat=blocks)


def _untrained(experiment, data):
    run = Trainer(experiment, data, device="cpu")
    next(iter(run.steps(1)))
    assert any(isinstance(node.block, LayerNorm) for node in run.report.nodes.values())
    return run


def test_residual_networks_of_images_have_a_stream_too():
    found = places(preset("residual-deep").examined())
    assert len(found) > 3 and all(place.shortcut for place in found if place.sum)


def test_without_shortcuts_there_is_none():
    assert ResidualStream().measure(Trainer(small(), device="cpu")) is None
    assert not ResidualStream.suits(small()) and not ResidualStream.suits(preset("plain-deep"))
    assert ResidualStream.suits(preset("residual-deep"))


def test_watching_leaves_no_gradient_behind():
    run = running()
    before = [None if p.grad is None else p.grad.clone() for p in run.network.parameters()]
    ResidualStream().measure(run)
    for was, parameter in zip(before, run.network.parameters(), strict=True):
        assert (was is None and parameter.grad is None) or torch.equal(was, parameter.grad)
