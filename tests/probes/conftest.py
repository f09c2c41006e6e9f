"""Runs to ask questions of: a small network in the plane, a small network for images."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from playground.blocks.activation import ReLU, Tanh
from playground.blocks.convolution import Conv2D
from playground.blocks.data import Input, Output
from playground.blocks.dense import Dense
from playground.blocks.pooling import MaxPool2D
from playground.data import Data, Examples, Source
from playground.experiment import Experiment, Training
from playground.facts import DataFacts, Target
from playground.graph import Graph
from playground.preparation import Preparation
from playground.shape import Shape
from tests.examples import chain

CLASSES = ("cat", "dog", "owl")


def planar_graph(output: Output, units: int, hidden: int = 6) -> Graph:
    return chain(Input(field="x"), Dense(units=hidden), Tanh(), Dense(units=units), output)


def images(
    channels: int = 1, side: int = 12, count: int = 40, splits: tuple[str, ...] = ("train", "validation")
) -> Data:
    """Random images in three classes."""
    rng = np.random.default_rng(5)
    made = {
        split: Examples(
            {"image": rng.normal(size=(count, channels, side, side)).astype(np.float32)},
            {"label": rng.integers(0, 3, count)},
        )
        for split in splits
    }
    facts = DataFacts(
        {"image": Shape(channels=channels, height=side, width=side)},
        {"label": Target(CLASSES)},
        dict.fromkeys(splits, count),
    )
    return Data(facts, made)


def image_graph(maps: int = 5, kernel: int = 3) -> Graph:
    from playground.blocks.combine import Flatten

    return chain(
        Input(field="image"),
        Conv2D(channels=maps, kernel=kernel),
        ReLU(),
        MaxPool2D(kernel=2),
        Flatten(),
        Dense(units=3),
        Output(target="label"),
    )


@pytest.fixture
def planar() -> Callable[..., Any]:
    """Make a Trainer for points in the plane."""
    from playground.training import Trainer

    def make(source: Source, output: Output, units: int, hidden: int = 6, standardise: bool = False) -> Trainer:
        graph, preparation = planar_graph(output, units, hidden), Preparation(standardise=standardise)
        training = Training(batch_size=16)
        return Trainer(Experiment(source=source, preparation=preparation, graph=graph, training=training), device="cpu")

    return make


@pytest.fixture
def pictured() -> Callable[..., Any]:
    """Make a Trainer for images."""
    from playground.training import Trainer

    def make(data: Data | None = None, graph: Graph | None = None) -> Trainer:
        experiment = Experiment(graph=graph or image_graph(), training=Training(batch_size=16))
        return Trainer(experiment, data or images(), device="cpu")

    return make


@pytest.fixture
def size_of() -> Callable[[Any], int]:
    """Measure how many bytes an answer takes on its way to the window."""
    import pickle

    return lambda answer: len(pickle.dumps(answer, protocol=5))
