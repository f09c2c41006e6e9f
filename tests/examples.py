"""Small graphs, experiments and data that many tests share."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

from playground.block import Block
from playground.blocks.activation import ReLU, Tanh
from playground.blocks.combine import Flatten
from playground.blocks.convolution import Conv2D
from playground.blocks.data import Input, Output
from playground.blocks.dense import Dense
from playground.blocks.normalisation import BatchNorm, Dropout
from playground.choices import SGD
from playground.data import Data, Examples
from playground.data.planar import Xor
from playground.experiment import Experiment, Training
from playground.facts import DataFacts, Target
from playground.files import read
from playground.graph import Graph, Wire
from playground.presets import built_in_folder
from playground.shape import Shape

PRESETS = ("digits-mlp", "lenet", "perceptron-fails", "spirals", "xor")

BINARY = Output(task="binary", loss="binary_cross_entropy")


def preset(name: str) -> Experiment:
    """Read a preset of the program."""
    return read(built_in_folder() / f"{name}.json")


def chain(*blocks: Block) -> Graph:
    """Wire blocks one after the other."""
    graph, before = Graph(), ""
    for block in blocks:
        id = graph.fresh_id(block)
        graph = graph.add(block, id)
        if before:
            graph = graph.connect(Wire(before, id, "out", block.ports()[0].name))
        before = id
    return graph


def planar_facts(features: int = 2) -> DataFacts:
    return DataFacts({"x": Shape(features=features)}, {"label": Target(("0", "1"))}, {"train": 80, "validation": 20})


def image_facts(channels: int = 1, side: int = 28, classes: int = 10) -> DataFacts:
    names = tuple(str(n) for n in range(classes))
    return DataFacts({"x": Shape(channels=channels, height=side, width=side)}, {"label": Target(names)}, {"train": 10})


def small(*hidden: Block, **training: Any) -> Experiment:
    """An experiment on XOR that takes no time: 80 points, batches of 10."""
    blocks = hidden or (Dense(units=4), Tanh())
    return Experiment(
        source=Xor(count=100, noise=0.1),
        facts=planar_facts(),
        graph=chain(Input(), *blocks, Dense(units=1), BINARY),
        training=Training(**{"batch_size": 10, "epochs": 4, **training}),
    )


def delicate(**training: Any) -> Experiment:
    """An experiment with everything that makes repeating hard: dropout, batch statistics, momentum."""
    return small(Dense(units=8), BatchNorm(), ReLU(), Dropout(rate=0.3), Dense(units=6), Tanh(), **training)


def images(count: int = 40, side: int = 8, classes: int = 3, splits: tuple[str, ...] = ("train", "validation")) -> Data:
    """Random images in a few classes."""
    rng = np.random.default_rng(5)
    made = {
        split: Examples(
            {"x": rng.normal(size=(count, 1, side, side)).astype(np.float32)},
            {"label": rng.integers(0, classes, count)},
        )
        for split in splits
    }
    return Data(replace(image_facts(1, side, classes), counts=dict.fromkeys(splits, count)), made)


def pictured(**training: Any) -> Experiment:
    """An experiment for `images`, with a convolution."""
    graph = chain(Input(), Conv2D(channels=4), BatchNorm(), ReLU(), Flatten(), Dropout(), Dense(units=3), Output())
    return Experiment(graph=graph, facts=images().facts, training=Training(**{"batch_size": 8, **training}))


def regression(answers: int = 2) -> tuple[Experiment, Data]:
    """A linear rule with two answers, to be learnt by one Dense."""
    rng = np.random.default_rng(3)
    x = rng.normal(size=(60, 3)).astype(np.float32)
    y = (x @ rng.normal(size=(3, answers))).astype(np.float32)
    facts = DataFacts({"x": Shape(features=3)}, {"y": Target(shape=Shape(features=answers))}, {"train": 60})
    graph = chain(Input(), Dense(units=answers), Output(target="y", task="regression", loss="mse"))
    training = Training(optimiser=SGD(learning_rate=0.1), batch_size=20)
    return Experiment(graph=graph, facts=facts, training=training), Data(facts, {"train": Examples({"x": x}, {"y": y})})


def eventually(condition: Callable[[], Any], seconds: float = 10.0) -> Any:
    """Wait until something holds, and return it; fail where it never does."""
    deadline = time.monotonic() + seconds
    while not (found := condition()):
        assert time.monotonic() < deadline, "it never came"
        time.sleep(0.002)
    return found
