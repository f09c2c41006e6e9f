"""The same core on a CUDA device: near the CPU's numbers, exchangeable checkpoints, watching still changes nothing.

Needs no Qt, so that it can run on a machine with a GPU and without a window.
"""

from __future__ import annotations

import math

import pytest

torch = pytest.importorskip("torch")

from playground import messages  # noqa: E402
from playground.checkpoint import Checkpoint, capture, restore  # noqa: E402
from playground.choices import SGD, Adam, AdamW  # noqa: E402
from playground.lab import Lab  # noqa: E402
from playground.probes import PROBES  # noqa: E402
from playground.text import Refusal  # noqa: E402
from playground.training import Trainer, devices, resolve_device  # noqa: E402
from tests.examples import PRESETS, delicate, eventually, images, pictured, preset, small  # noqa: E402

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


def test_divergence_names_its_node():
    from playground.training import Diverged

    run = Trainer(small(), device="cuda")
    losses(run, 2)
    with torch.no_grad():
        run.network.dense_2.bias.fill_(float("inf"))
    with pytest.raises(Diverged) as trouble:
        losses(run, 5)
    assert trouble.value.node == "dense_2"
