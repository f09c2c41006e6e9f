"""The same core on a CUDA device: near the CPU's numbers, exchangeable checkpoints, watching still changes nothing.

Needs no Qt, so that it can run on a machine with a GPU and without a window.
"""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from playground import feeding, messages  # noqa: E402
from playground.blocks.activation import ReLU  # noqa: E402
from playground.blocks.combine import Flatten  # noqa: E402
from playground.blocks.convolution import Conv2D  # noqa: E402
from playground.blocks.data import Input, Output  # noqa: E402
from playground.blocks.dense import Dense  # noqa: E402
from playground.checkpoint import Checkpoint, capture, restore  # noqa: E402
from playground.choices import SGD, Adam, AdamW  # noqa: E402
from playground.data._stored import Mapped  # noqa: E402
from playground.devices import devices, resolve_device  # noqa: E402
from playground.experiment import Experiment, Training  # noqa: E402
from playground.lab import Lab  # noqa: E402
from playground.preparation import Preparation  # noqa: E402
from playground.probes import PROBES  # noqa: E402
from playground.text import Refusal  # noqa: E402
from playground.training import Trainer  # noqa: E402
from tests.examples import PRESETS, chain, delicate, eventually, images, pictured, preset, small  # noqa: E402

pytestmark = pytest.mark.cuda

OPTIMISERS = (SGD(learning_rate=0.05, momentum=0.9), Adam(), AdamW())


def losses(run, until):
    return [step.loss for step in run.steps(until)]


def test_auto_takes_the_gpu_and_the_list_names_it():
    assert resolve_device("auto").type == "cuda"
    assert devices()[:2] == ("cpu", "cuda:0")
    assert resolve_device("cuda:0").index == 0
    with pytest.raises(Refusal):
        resolve_device(f"cuda:{torch.cuda.device_count()}")


@pytest.mark.parametrize("name", PRESETS)
def test_every_preset_trains_near_the_cpu(name):
    steps = 60
    on_gpu = losses(Trainer(preset(name), device="cuda"), steps)
    on_cpu = losses(Trainer(preset(name), device="cpu"), steps)
    assert all(math.isfinite(loss) for loss in on_gpu)
    assert on_gpu[:5] == pytest.approx(on_cpu[:5], rel=1e-3)
    assert sum(on_gpu[-10:]) == pytest.approx(sum(on_cpu[-10:]), rel=0.1)


@pytest.mark.parametrize("optimiser", OPTIMISERS, ids=lambda optimiser: optimiser.key)
def test_a_run_goes_on_from_a_checkpoint_on_the_same_device(tmp_path, optimiser):
    experiment = delicate(optimiser=optimiser)
    whole = losses(Trainer(experiment, device="cuda"), 30)
    first = Trainer(experiment, device="cuda")
    losses(first, 13)
    capture(first).write(tmp_path / "run.safetensors")
    torch.cuda.manual_seed(999)
    second = Trainer(experiment, device="cuda")
    restore(second, Checkpoint.read(tmp_path / "run.safetensors"))
    assert losses(second, 30) == pytest.approx(whole[13:], rel=1e-5)


@pytest.mark.parametrize(("here", "there"), [("cuda", "cpu"), ("cpu", "cuda")])
@pytest.mark.parametrize("optimiser", OPTIMISERS, ids=lambda optimiser: optimiser.key)
def test_a_checkpoint_of_one_device_goes_on_on_the_other(tmp_path, here, there, optimiser):
    experiment = small(optimiser=optimiser)  # without dropout, whose numbers differ between devices
    whole = losses(Trainer(experiment, device="cpu"), 30)
    first = Trainer(experiment, device=here)
    losses(first, 13)
    capture(first).write(tmp_path / "run.safetensors")
    second = Trainer(experiment, device=there)
    restore(second, Checkpoint.read(tmp_path / "run.safetensors"))
    assert second.number == 13
    assert losses(second, 30) == pytest.approx(whole[13:], rel=1e-3)
    assert {p.device.type for p in second.network.parameters()} == {there}


def watched_losses(experiment, requests):
    lab = Lab()
    lab.start()
    lab.post(messages.Watch(requests))
    lab.post(messages.Load(1, experiment, "cuda"))
    lab.post(messages.Play())
    notices, frames = [], 0

    def finished():
        nonlocal frames
        new, frame = lab.outbox.take()
        notices.extend(new)
        if frame is not None:
            frames += 1
            lab.post(messages.Seen())
        return any(isinstance(n, messages.StateChanged) and n.state == "finished" for n in notices)

    eventually(finished, 60)
    assert lab.close()
    assert not [n for n in notices if isinstance(n, messages.Failed)]
    return [loss for n in notices if isinstance(n, messages.Losses) for loss in n.values.tolist()], frames


def test_watched_and_unwatched_losses_are_equal_bit_for_bit():
    experiment = delicate(epochs=40)
    everything = {key: cls(node="dense_1") if cls.per_node else cls() for key, cls in PROBES.items()}
    alone, _ = watched_losses(experiment, {})
    watched, frames = watched_losses(experiment, everything)
    assert frames > 0 and len(alone) == 320
    assert watched == alone


def test_a_convolution_trains_and_is_judged():
    run = Trainer(pictured(), images(), device="cuda")
    assert all(math.isfinite(loss) for loss in losses(run, 10))
    assert 0.0 <= run.evaluate("validation").metrics["accuracy"] <= 1.0
    assert run.look(images().splits["train"].inputs, ["conv_1"])["conv_1"].device.type == "cuda"


# -- feeding -----------------------------------------------------------------------------------------------------

AUGMENTED = Preparation(standardise=True, flip=True, shift=1, crop=0.2, rotate=10.0, noise=0.05)


def undropped():
    """An experiment on images whose random numbers are all drawn on the CPU, so that devices can be compared."""
    graph = chain(Input(), Conv2D(channels=4), ReLU(), Flatten(), Dense(units=3), Output())
    return Experiment(graph=graph, facts=images().facts, training=Training(batch_size=8))


def stored(data):
    """The same data, their inputs where they lie."""
    splits = {
        split: replace(one, inputs={name: Mapped(values, np.array) for name, values in one.inputs.items()})
        for split, one in data.splits.items()
    }
    return data.with_splits(splits)


@pytest.mark.parametrize("preparation", [Preparation(), Preparation(standardise=True), AUGMENTED])
def test_streamed_losses_are_those_of_examples_held_on_the_device(monkeypatch, preparation):
    experiment = replace(pictured(epochs=9), preparation=preparation)
    held = Trainer(experiment, images(), device="cuda")
    assert held.feeds.train.place.type == "cuda" and not held.feeds.train.ahead
    wanted = losses(held, 23), held.evaluate("validation")
    monkeypatch.setattr(feeding, "ALWAYS", -1)
    monkeypatch.setattr(feeding, "free_of", lambda device: 0.0)
    for data in (images(), stored(images())):  # what lies in the machine's memory, and what lies in a file
        streamed = Trainer(experiment, data, device="cuda")
        assert streamed.feeds.train.ahead
        assert losses(streamed, 23) == pytest.approx(wanted[0], rel=1e-3)
        assert streamed.evaluate("validation").metrics["loss"] == pytest.approx(wanted[1].metrics["loss"], rel=1e-2)
        streamed.close()


def test_a_column_that_fits_comes_to_the_device_piece_by_piece(monkeypatch):
    monkeypatch.setattr("playground.data._stored.PIECE", 4 * 64 * 7)
    monkeypatch.setattr(feeding, "free_of", lambda device: float("inf") if device.type == "cuda" else 0.0)
    run = Trainer(pictured(), stored(images()), device="cuda")
    there = run.feeds.train.batch(torch.arange(40, device="cuda"))[0]["x"]
    assert there.device.type == "cuda"
    assert np.array_equal(there.cpu().numpy(), images().splits["train"].inputs["x"])
    assert not run.data.splits["train"].inputs["x"].is_held


def test_images_are_augmented_as_on_the_cpu_but_for_their_noise():
    quiet = AUGMENTED.replace(noise=0.0)
    on_cpu, on_gpu = (
        Trainer(replace(undropped(), preparation=quiet), images(), device=device) for device in ("cpu", "cuda")
    )
    for _ in range(3):
        index = torch.arange(16)
        ours = on_cpu.feeds.train.batch(index)[0]["x"]
        theirs = on_gpu.feeds.train.batch(index.cuda())[0]["x"]
        assert theirs.device.type == "cuda"
        torch.testing.assert_close(theirs.cpu(), ours, atol=1e-4, rtol=1e-4)


@pytest.mark.parametrize("there", ["cuda", "cpu"])
def test_an_augmented_run_goes_on_from_a_checkpoint_on_either_device(tmp_path, there):
    experiment = replace(undropped(), preparation=AUGMENTED.replace(noise=0.0 if there == "cpu" else 0.05))
    whole = losses(Trainer(experiment, images(), device="cuda"), 20)
    first = Trainer(experiment, images(), device="cuda")
    losses(first, 12)
    capture(first).write(tmp_path / "run.safetensors")
    second = Trainer(experiment, images(), device=there)
    restore(second, Checkpoint.read(tmp_path / "run.safetensors"))
    assert losses(second, 20) == pytest.approx(whole[12:], rel=1e-3)


def test_divergence_names_its_node():
    from playground.training import Diverged

    run = Trainer(small(), device="cuda")
    losses(run, 2)
    with torch.no_grad():
        run.network.dense_2.bias.fill_(float("inf"))
    with pytest.raises(Diverged) as trouble:
        losses(run, 5)
    assert trouble.value.node == "dense_2"
