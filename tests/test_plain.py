"""The loops that `bench` measures against do what the Trainer does, or the comparison would say nothing."""

import itertools
import re

import pytest
import torch

from playground import plain
from playground.choices import Cosine
from playground.presets import open_named
from playground.training import Trainer

PRESETS = sorted(plain.NETWORKS)


@pytest.fixture(autouse=True)
def threads_as_they_were():
    """The Trainer sets how many threads torch uses."""
    before = torch.get_num_threads()
    yield
    torch.set_num_threads(before)


def trainer_of(name):
    experiment, _ = open_named(name)
    return Trainer(experiment, device="cpu")


def examples_of(trainer):
    inputs, targets = trainer.feeds.train.piece(0, len(trainer.data.splits["train"]))
    return inputs["x"], targets[0]


def written(module):
    """Write a module down, 2 for (2, 2): torch takes both and means the same."""
    return re.sub(r"\((\d+), \1\)", r"\1", repr(module))


@pytest.mark.parametrize("name", PRESETS)
def test_the_network_has_the_layers_of_the_preset(name):
    ours, theirs = trainer_of(name).network, plain.NETWORKS[name]()[0]
    assert [written(module) for module in ours.children()] == [written(module) for module in theirs.children()]


@pytest.mark.parametrize("name", PRESETS)
def test_optimiser_and_batch_are_those_of_the_preset(name):
    trainer = trainer_of(name)
    _, optimiser, batch_size = plain.NETWORKS[name]()
    assert batch_size == trainer.experiment.training.batch_size
    assert type(optimiser) is type(trainer.optimiser)
    flags = ("foreach", "fused")  # how the same numbers are computed; here torch decides
    ours, theirs = ({k: v for k, v in o.defaults.items() if k not in flags} for o in (trainer.optimiser, optimiser))
    assert ours == theirs


@pytest.mark.parametrize("name", PRESETS)
def test_it_takes_the_same_steps_to_the_same_losses(name):
    trainer = trainer_of(name)
    network, optimiser, batch_size = plain.NETWORKS[name]()
    with torch.no_grad():
        for ours, theirs in zip(trainer.network.parameters(), network.parameters(), strict=True):
            theirs.copy_(ours)
    x, y = examples_of(trainer)
    seed = trainer.experiment.training.seed
    settings = trainer.experiment.training
    falls_over = settings.epochs * trainer.steps_per_epoch if isinstance(settings.schedule, Cosine) else 0
    losses = list(
        plain.train(
            network, optimiser, batch_size, plain.LOSSES[name], x, y, epochs=3, seed=seed, falls_over=falls_over
        )
    )
    assert len(losses) == 3 * trainer.steps_per_epoch
    expected = [step.loss for step in itertools.islice(trainer.steps(), len(losses))]
    torch.testing.assert_close(torch.tensor(losses), torch.tensor(expected), rtol=1e-3, atol=1e-5)
    assert losses[0] == expected[0]
