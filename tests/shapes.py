"""Graphs in the shapes that people draw: residual, Inception, dense, U-shaped, encoder and decoder, random."""

from __future__ import annotations

import random

from playground.block import CATALOGUE, Block
from playground.blocks.combine import Add, Concat, Flatten
from playground.blocks.convolution import Conv2D
from playground.blocks.data import Input, Output
from playground.blocks.dense import Dense
from playground.blocks.normalisation import BatchNorm
from playground.graph import Graph, Wire
from playground.shape import Shape

ReLU: type[Block] = CATALOGUE["ReLU"]
MaxPool: type[Block] = CATALOGUE["MaxPool2D"]


class Attend(Block):
    """Attention with three named ports."""

    members = {}  # so that it does not stand among the blocks of the program
    key = "Attend"
    family = "Attention"

    def output(self, query: Shape, key: Shape, value: Shape) -> Shape:
        return query


class Draw:
    """Builds a graph: each call adds a node fed by others and returns its id."""

    def __init__(self) -> None:
        self.graph = Graph()

    def __call__(self, block: Block, *sources: str) -> str:
        id = self.graph.fresh_id(block)
        self.graph = self.graph.add(block, id)
        ports = block.ports()
        for i, source in enumerate(sources):
            port = ports[min(i, len(ports) - 1)].name
            self.graph = self.graph.connect(Wire(source, id, "out", port))
        return id


def resnet(blocks: int = 3, convolutional: int = 2) -> Graph:
    """Residual blocks with identity shortcuts; every `convolutional`-th has a convolution in its shortcut."""
    draw = Draw()
    x = draw(ReLU(), draw(BatchNorm(), draw(Conv2D(), draw(Input()))))
    for i in range(blocks):
        a = draw(ReLU(), draw(BatchNorm(), draw(Conv2D(), x)))
        b = draw(BatchNorm(), draw(Conv2D(), a))
        shortcut = draw(Conv2D(), x) if i % convolutional == convolutional - 1 else x
        x = draw(ReLU(), draw(Add(), b, shortcut))
    draw(Output(), draw(Dense(), draw(Flatten(), x)))
    return draw.graph


def inception(modules: int = 2) -> Graph:
    """Four branches into a Concat, again and again."""
    draw = Draw()
    x = draw(MaxPool(), draw(Conv2D(), draw(Input())))
    for _ in range(modules):
        one = draw(Conv2D(), x)
        three = draw(Conv2D(), draw(Conv2D(), x))
        five = draw(Conv2D(), draw(Conv2D(), x))
        pool = draw(Conv2D(), draw(MaxPool(), x))
        x = draw(Concat(), one, three, five, pool)
    draw(Output(), draw(Dense(), draw(Flatten(), x)))
    return draw.graph


def densenet(layers: int = 4) -> Graph:
    """Each layer sees all before it."""
    draw = Draw()
    made = [draw(Conv2D(), draw(Input()))]
    for _ in range(layers):
        made.append(draw(Conv2D(), draw(Concat(), *made) if len(made) > 1 else made[0]))
    draw(Output(), draw(Flatten(), draw(Concat(), *made)))
    return draw.graph


def unet(depth: int = 3) -> Graph:
    """Down and up again, with a shortcut at each height."""
    draw = Draw()
    x, heights = draw(Input()), []
    for _ in range(depth):
        x = draw(ReLU(), draw(Conv2D(), x))
        heights.append(x)
        x = draw(MaxPool(), x)
    x = draw(ReLU(), draw(Conv2D(), x))
    for height in reversed(heights):
        x = draw(ReLU(), draw(Conv2D(), draw(Concat(), draw(Conv2D(), x), height)))
    draw(Output(), x)
    return draw.graph


def transformer(layers: int = 2) -> Graph:
    """An encoder and a decoder that attends to what the encoder gives."""
    draw = Draw()
    x = draw(Dense(), draw(Input()))
    for _ in range(layers):
        x = draw(BatchNorm(), draw(Add(), draw(Attend(), x, x, x), x))
        x = draw(BatchNorm(), draw(Add(), draw(Dense(), draw(ReLU(), draw(Dense(), x))), x))
    y = draw(Dense(), draw(Input()))
    for _ in range(layers):
        y = draw(BatchNorm(), draw(Add(), draw(Attend(), y, y, y), y))
        y = draw(BatchNorm(), draw(Add(), draw(Attend(), y, x, x), y))
        y = draw(BatchNorm(), draw(Add(), draw(Dense(), draw(ReLU(), draw(Dense(), y))), y))
    draw(Output(), draw(Dense(), y))
    return draw.graph


def scramble(seed: int, nodes: int = 20, wires: float = 1.3, reach: int = 6) -> Graph:
    """A random graph without circles: each node takes from one or more before it, mostly from near ones."""
    rng = random.Random(seed)
    draw = Draw()
    ids = [draw(Input())]
    for _ in range(nodes - 1):
        several = rng.random() < wires - 1
        near = ids[-reach:]
        sources = rng.sample(near, min(len(near), rng.randint(2, 3))) if several else [rng.choice(near)]
        if rng.random() < 0.05:
            sources = []
        ids.append(draw(Add() if several else Dense(), *sources))
    return draw.graph


SHAPES = {
    "resnet": resnet,
    "inception": inception,
    "densenet": densenet,
    "unet": unet,
    "transformer": transformer,
}
