"""Small networks with attention that several tests share, on random sentences."""

from __future__ import annotations

from typing import Any

import numpy as np

from playground.block import Block
from playground.blocks.attention import ScaledDotProductAttention
from playground.blocks.data import Input, Output
from playground.blocks.dense import Dense
from playground.blocks.embedding import Embedding
from playground.blocks.pooling import MeanOverTime
from playground.blocks.position import PositionalEncoding
from playground.data import Data, Examples, column
from playground.data.sequence_tasks import Reverse
from playground.declare import AUTO
from playground.experiment import Experiment, Training
from playground.facts import DataFacts, Target
from playground.graph import Graph, Wire
from playground.preparation import Preparation, prepare
from playground.ready_groups import decoder_block, encoder_block

WIDTH, HEADS = 8, 2
WORDS = ["the", "a", "good", "bad", "film", "plot", "was", "not", "非常", "好"]


class Drawing:
    """A graph while it is drawn: each node is wired to what it reads."""

    def __init__(self) -> None:
        self.graph = Graph()

    def add(self, id: str, block: Block, *sources: str) -> str:
        """Add a node that reads these, in the order of its ports; return its id."""
        self.graph = self.graph.add(block, id)
        ports = [port.name for port in block.ports()]
        ports += ports[-1:] * (len(sources) - len(ports))
        for source, port in zip(sources, ports, strict=False):
            self.graph = self.graph.connect(Wire(source, id, "out", port))
        return id


def sentences(longest: int = 9) -> Data:
    """Random sentences of 1 to 9 words with a label each."""
    rng = np.random.default_rng(4)
    texts = column([tuple(rng.choice(WORDS, size=rng.integers(1, longest + 1))) for _ in range(60)])
    facts = DataFacts(targets={"label": Target(("no", "yes"))}, counts={"train": 60})
    return Data(facts, {"train": Examples({"text": texts}, {"label": rng.integers(0, 2, 60)})})


def classifier(
    heads: int = HEADS,
    causal: bool = False,
    blocks: int = 0,
    positions: str = "sinusoidal",
    longest_text: int = 9,
    width: int = WIDTH,
    **preparation: Any,
) -> tuple[Experiment, Data]:
    """One layer of attention, drawn from its parts, or so many encoder blocks, and a class for the mean."""
    draw = Drawing()
    draw.add("input_1", Input(field="text"))
    draw.add("embed_1", Embedding(size=width), "input_1")
    draw.add("position_1", PositionalEncoding(kind=positions), "embed_1")
    if blocks:
        draw.add("encoder", encoder_block(width, heads, causal=causal).replace(repeat=blocks), "position_1")
    else:
        for id in ("query", "key", "value"):
            draw.add(id, Dense(units=width), "position_1")
        draw.add("attention_1", ScaledDotProductAttention(heads=heads, causal=causal), "query", "key", "value")
    draw.add("mean_1", MeanOverTime(), "encoder" if blocks else "attention_1")
    draw.add("dense_1", Dense(units=2), "mean_1")
    draw.add("output_1", Output(), "dense_1")
    settings = Preparation(**preparation)
    data = prepare(sentences(longest_text), settings, 1)
    training = Training(batch_size=16)
    return Experiment(graph=draw.graph, facts=data.facts, preparation=settings, training=training), data


def writer() -> Experiment:
    """An encoder and a decoder that are to write digits backwards."""
    draw = Drawing()
    draw.add("input_1", Input(field="source"))
    draw.add("embed_1", Embedding(size=WIDTH), "input_1")
    draw.add("position_1", PositionalEncoding(), "embed_1")
    draw.add("encoder", encoder_block(WIDTH, HEADS).replace(repeat=2), "position_1")
    draw.add("input_2", Input(field="previous"))
    draw.add("embed_2", Embedding(size=WIDTH), "input_2")
    draw.add("position_2", PositionalEncoding(), "embed_2")
    draw.add("decoder", decoder_block(WIDTH, HEADS), "position_2", "encoder")
    draw.add("dense_1", Dense(units=AUTO), "decoder")
    draw.add("output_1", Output(target="next"), "dense_1")
    source = Reverse(count=60)
    facts = prepare(source.read(), Preparation(), 1).facts
    return Experiment(source=source, graph=draw.graph, facts=facts, training=Training(batch_size=16))
