"""Small data sets by hand, one of each form that data can have, as readers give them."""

from __future__ import annotations

import numpy as np

from playground.data import Data, Examples, column
from playground.facts import DataFacts, Target
from playground.preparation import Preparation, prepare
from playground.shape import Shape

SENTENCES = ("the film is good", "a bad , bad film", "你好 世界 <b>x</b>", "good good good")
NAMES = ("Anna lives in Oslo", "Oslo sleeps")


def _facts(inputs: dict[str, Shape], targets: dict[str, Target], **more: object) -> DataFacts:
    return DataFacts(inputs, targets, **more)  # type: ignore[arg-type]


def images(n: int = 30, side: int = 12, channels: int = 1, classes: int = 3) -> Data:
    """Images whose brightness is their class."""
    labels = np.arange(n) % classes
    x = np.zeros((n, channels, side, side), dtype=np.float32) + (labels / classes)[:, None, None, None]
    x[:, :, 2:6, 2:6] = 1.0
    names = tuple(f"kind {k}" for k in range(classes))
    facts = _facts({"x": Shape(channels=channels, height=side, width=side)}, {"label": Target(names)})
    made = Examples({"x": x.astype(np.float32)}, {"label": labels.astype(np.int64)})
    return Data(facts).with_splits({"train": made, "validation": made.take(slice(0, 9))})


def masked() -> Data:
    """Colour images with a class for each pixel."""
    rng = np.random.default_rng(0)
    masks = np.zeros((6, 20, 20), dtype=np.int64)
    masks[:, 3:9, 3:9], masks[:, 10:16, 10:18] = 1, 2
    x = rng.random((6, 3, 20, 20), dtype=np.float32) * 0.4
    facts = _facts(
        {"x": Shape(channels=3, height=20, width=20)},
        {"mask": Target(("ground", "disc", "square"), Shape(height=20, width=20))},
    )
    return Data(facts).with_splits({"train": Examples({"x": x}, {"mask": masks})})


def boxed() -> Data:
    """Images with a class and a box: the white part."""
    n = 8
    x = np.zeros((n, 1, 16, 16), dtype=np.float32)
    boxes = np.zeros((n, 4), dtype=np.float32)
    for at in range(n):
        x[at, 0, 4 : 6 + at, 2:8] = 1
        boxes[at] = 5 / 16, (4 + 6 + at) / 32, 6 / 16, (2 + at) / 16
    facts = _facts(
        {"x": Shape(channels=1, height=16, width=16)},
        {"label": Target(("thin", "thick")), "box": Target(shape=Shape(features=4))},
    )
    targets = {"label": (np.arange(n) > 3).astype(np.int64), "box": boxes}
    return Data(facts).with_splits({"train": Examples({"x": x}, targets)})


def clips() -> Data:
    """Clips of a dot that wanders, of more frames than are shown."""
    x = np.zeros((5, 10, 1, 8, 8), dtype=np.float32)
    for at in range(5):
        for frame in range(10):
            x[at, frame, 0, at, frame % 8] = 1
    facts = _facts({"x": Shape(time=10, channels=1, height=8, width=8)}, {"label": Target(("left", "right"))})
    return Data(facts).with_splits({"train": Examples({"x": x}, {"label": np.arange(5) % 2})})


def table() -> Data:
    """Two named columns, a class."""
    x = np.array([[1.5, -2], [3, 4e-5], [5, 123456], [0.25, 8]], dtype=np.float32)
    facts = _facts({"x": Shape(features=2)}, {"label": Target(("no", "yes"))}, names={"x": ("height", "width")})
    return Data(facts).with_splits({"train": Examples({"x": x}, {"label": np.array([0, 1, 1, 0])})})


def numbers() -> Data:
    """A function: one number in, one to predict."""
    x = np.linspace(-1, 1, 40, dtype=np.float32)[:, None]
    facts = _facts({"x": Shape(features=1)}, {"y": Target(shape=Shape(features=1))})
    made = Examples({"x": x}, {"y": x**2})
    return Data(facts).with_splits({"train": made, "test": made.take(slice(0, 5))})


def series() -> Data:
    """Waves of two features, and a number to predict."""
    steps = np.linspace(0, 6, 300)
    x = np.stack([np.stack([np.sin(steps + k), np.cos(steps * k) * 0.5], axis=1) for k in range(7)]).astype(np.float32)
    facts = _facts(
        {"x": Shape(time=300, features=2)}, {"y": Target(shape=Shape(features=1))}, names={"x": ("sine", "cosine")}
    )
    return Data(facts).with_splits({"train": Examples({"x": x}, {"y": x[:, -1, :1]})})


def sentences() -> Data:
    """Sentences with a class; one of those that validate holds words never seen."""
    train = Examples({"text": column(SENTENCES)}, {"label": np.array([1, 0, 1, 1])})
    held = Examples({"text": column(("a zebra film",))}, {"label": np.array([0])})
    facts = _facts({}, {"label": Target(("bad", "good"))})
    return prepare(Data(facts).with_splits({"train": train, "validation": held}), Preparation(), 1)


def tagged(padding: str = "end") -> Data:
    """Sentences with a class for each word."""
    words = column([tuple(text.split()) for text in NAMES])
    tags = column([np.array([1, 0, 0, 2]), np.array([2, 0])])
    facts = _facts({}, {"tag": Target(("O", "B-PER", "B-LOC"), Shape(time=1))})
    made = Examples({"text": words}, {"tag": tags})
    return prepare(Data(facts).with_splits({"train": made}), Preparation(validation=0.0, padding=padding), 1)


def pairs() -> Data:
    """Texts that are written anew, letter by letter."""
    train = Examples({"source": column(("3 May", "12 June"))}, {"target": column(("05-03", "06-12"))})
    data = Data(_facts({}, {}), unit="characters").with_splits({"train": train})
    return prepare(data, Preparation(validation=0.0), 1)


def running() -> Data:
    """A stream of letters with line breaks."""
    text = "春眠不觉晓\n处处闻啼鸟\nspring sleep\n" * 20
    data = Data(_facts({}, {}), running=True, unit="characters")
    return prepare(data.with_splits({"train": Examples({"text": column((text,))}, {})}), Preparation(longest=24), 1)


FORMS = {
    made.__name__: made
    for made in (images, masked, boxed, clips, table, numbers, series, sentences, tagged, pairs, running)
}
"""All of them, by name."""
