"""Worked examples: the few numbers with which a text computes something by hand, so that it can be computed again."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from playground.data import MADE, Data, Examples, Source
from playground.declare import choice
from playground.facts import DataFacts, Target
from playground.shape import Shape
from playground.text import note

if TYPE_CHECKING:
    import numpy as np

    Array = np.ndarray[Any, Any]

NUMBERS = ((4.0, 1.0, -4.0), (14.0, 11.0, 6.0), (8.0, 2.0, -8.0), (0.4, 0.1, -0.4), (1.0, 1.0, 1.0))
"""What softmax is asked for: three numbers; the same with 10 added; twice, and a tenth of them; and equal ones."""

SHARES = {
    "model_1": ((0.3, 0.3, 0.4), (0.3, 0.4, 0.3), (0.1, 0.2, 0.7)),
    "model_2": ((0.1, 0.2, 0.7), (0.1, 0.7, 0.2), (0.3, 0.4, 0.3)),
}
"""The shares that two models give to three classes, for three samples."""

CLASSES = (2, 1, 0)
"""The right class of each of these samples."""


class WorkedExample(Source):
    """A handful of numbers from the textbooks, whose result everybody can compute by hand."""

    key = "worked-example"
    title = note("Worked examples")
    kind = note("Points")
    licence = MADE
    example: str = choice(
        "back-propagation",
        choices={
            "back-propagation": note("One example: three numbers in, one of three classes out"),
            "not": note("The logic gate NOT: one number in"),
            "softmax": note("Softmax: three numbers and their shares"),
            "losses": note("Losses: what two models say of three samples"),
        },
        help="Which numbers",
    )

    def read(self) -> Data:
        made = {
            "back-propagation": _back_propagation,
            "not": _not,
            "softmax": _softmax,
            "losses": _losses,
        }
        return made[self.example]()


def _whole(facts: DataFacts, examples: Examples) -> Data:
    """Train and validate on the same few: nothing can be held back of them."""
    counts = {"train": len(examples), "validation": len(examples)}
    facts = DataFacts(facts.inputs, facts.targets, counts, facts.names)
    return Data(facts, {"train": examples, "validation": examples})


def _rows(rows: Any) -> Array:
    import numpy as np

    return np.array(rows, dtype=np.float32)


def _back_propagation() -> Data:
    facts = DataFacts({"x": Shape(features=3)}, {"y": Target(shape=Shape(features=3))}, names={"x": ("x₁", "x₂", "x₃")})
    return _whole(facts, Examples({"x": _rows([(1.0, 0.5, -1.0)])}, {"y": _rows([(1.0, 0.0, 0.0)])}))


def _not() -> Data:
    import numpy as np

    facts = DataFacts({"x": Shape(features=1)}, {"label": Target(("0", "1"))}, names={"x": ("x",)})
    return _whole(facts, Examples({"x": _rows([(0.0,), (1.0,)])}, {"label": np.array([1, 0], dtype=np.int64)}))


def _softmax() -> Data:
    facts = DataFacts({"x": Shape(features=3)}, {"shares": Target(shape=Shape(features=3))})
    raised = [[math.exp(value - max(row)) for value in row] for row in NUMBERS]
    shares = [[value / sum(row) for value in row] for row in raised]
    return _whole(facts, Examples({"x": _rows(NUMBERS)}, {"shares": _rows(shares)}))


def _losses() -> Data:
    """Give the scores that become these shares by softmax, their logarithms, and the right classes in both forms.

    Two Outputs of one network must not have the same target: each model has targets of its own, with the same values.
    """
    import numpy as np

    inputs: dict[str, Array] = {}
    targets: dict[str, Array] = {}
    known: dict[str, Target] = {}
    for model, shares in SHARES.items():
        inputs[model] = np.log(_rows(shares))
        number = model[-1]
        targets |= {
            f"label_{number}": np.array(CLASSES, dtype=np.int64),
            f"shares_{number}": np.eye(3, dtype=np.float32)[list(CLASSES)],
        }
        known |= {
            f"label_{number}": Target(("1", "2", "3")),
            f"shares_{number}": Target(shape=Shape(features=3)),
        }
    names = dict.fromkeys(inputs, ("1", "2", "3"))
    facts = DataFacts(dict.fromkeys(inputs, Shape(features=3)), known, names=names)
    return _whole(facts, Examples(inputs, targets))
