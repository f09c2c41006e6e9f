"""Data sets: what a person can choose to train on. One file a kind; a new set is one class in one place.

A `Source` is declared like a block: its attributes are what a person may set (noise, count, a path). It answers
two questions: `facts`, cheap, what the shape rules need to know; and `read`, the examples themselves as arrays.
Reading happens in the engine, never in the window.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from importlib import import_module
from pkgutil import iter_modules
from typing import TYPE_CHECKING, Any, ClassVar

from playground.declare import Declared
from playground.facts import DataFacts

if TYPE_CHECKING:
    import numpy as np

    Array = np.ndarray[Any, Any]


@dataclass(frozen=True)
class Examples:
    """Some examples: arrays by input name and by target name, the examples along the first axis of each.

    Inputs are float32, physical order as in `Shape`. Class targets are int64, number targets float32.
    """

    inputs: Mapping[str, Array]
    targets: Mapping[str, Array]

    def __len__(self) -> int:
        return len(next(iter(self.inputs.values()), ()))

    def take(self, index: Any) -> Examples:
        """Return some of the examples, by an index array or a slice."""
        return Examples(
            {name: values[index] for name, values in self.inputs.items()},
            {name: values[index] for name, values in self.targets.items()},
        )


@dataclass(frozen=True)
class Scaling:
    """What standardising does to one input: ``(values − shift) / scale``, per channel or feature."""

    shift: Array
    scale: Array

    @classmethod
    def of(cls, values: Array) -> Scaling:
        """Measure examples (batch first): their mean and spread along every axis but channels or features.

        Images (n, channels, height, width) are measured per channel, everything else along its last axis.
        What does not vary is only shifted.
        """
        import numpy as np

        kept = 1 if values.ndim == 4 else values.ndim - 1
        axes = tuple(axis for axis in range(values.ndim) if axis != kept)
        spread = values.std(axis=axes, keepdims=True, dtype=np.float64)[0]
        shift = values.mean(axis=axes, keepdims=True, dtype=np.float64)[0]
        return cls(shift.astype(np.float32), np.where(spread > 0, spread, 1.0).astype(np.float32))


@dataclass(frozen=True)
class Data:
    """A data set that has been read: its examples by split, and its facts.

    `train` always holds something; `validation` and `test` may be empty. Test examples are never used to
    choose anything.
    """

    facts: DataFacts
    splits: Mapping[str, Examples] = field(default_factory=dict)

    def held_out(self, share: float, seed: int) -> Data:
        """Return the same data with a validation split, taken at random from train where there is none."""
        import numpy as np

        train = self.splits["train"]
        if self.splits.get("validation") or share == 0:
            return self
        n = min(round(len(train) * share), len(train) - 1)
        order = np.random.default_rng(seed).permutation(len(train))
        splits = {**self.splits, "train": train.take(np.sort(order[n:]))}
        if n:
            splits["validation"] = train.take(np.sort(order[:n]))
        counts = {split: len(examples) for split, examples in splits.items()}
        return Data(replace(self.facts, counts=counts), splits)


class Source(Declared):
    """The base of all data sets; `members` lists them by the name that files use."""

    members: ClassVar[dict[str, type[Any]]] = {}
    title: ClassVar[str]
    licence: ClassVar[str] = ""

    def read(self) -> Data:
        """Return the examples; refuse with one sentence where they cannot be had."""
        raise NotImplementedError

    def picture(self) -> str:
        """Say how an example is best drawn: ``points`` (two features), ``image``, or nothing special."""
        return ""


SOURCES: Mapping[str, type[Source]] = Source.members


for _module in iter_modules(__path__):
    import_module(f"{__name__}.{_module.name}")
