"""What the shape rules need to know of a data set, without the data: `DataFacts`.

The reader of a data set returns it, the document caches it, so a file opens and is analysed without its data.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from playground.shape import AXES, Shape
from playground.text import Refusal, say

SPLITS = ("train", "validation", "test")


@dataclass(frozen=True)
class Target:
    """One thing to be predicted: a class (then `classes` names them) or numbers (then `shape` says how many)."""

    classes: tuple[str, ...] = ()
    shape: Shape = field(default_factory=Shape)

    @property
    def is_class(self) -> bool:
        """Whether the target is one of several classes."""
        return bool(self.classes)


@dataclass(frozen=True)
class DataFacts:
    """The shapes of the inputs, the targets by name, and how many examples each split holds."""

    inputs: Mapping[str, Shape] = field(default_factory=dict)
    targets: Mapping[str, Target] = field(default_factory=dict)
    counts: Mapping[str, int] = field(default_factory=dict)

    def auto(self, fact: str) -> int | None:
        """Return the number that an ``auto`` parameter asks for, or None where the data does not say."""
        if fact == "classes":
            return next((len(t.classes) for t in self.targets.values() if t.is_class), None)
        if fact == "outputs":  # classes of the first target, or its numbers
            return next((len(t.classes) or t.shape.count for t in self.targets.values()), None)
        return None

    def to_json(self) -> dict[str, Any]:
        """Write the facts as plain JSON."""
        return {
            "inputs": {name: shape.to_json() for name, shape in self.inputs.items()},
            "targets": {
                name: {"classes": list(t.classes)} if t.is_class else {"shape": t.shape.to_json()}
                for name, t in self.targets.items()
            },
            "counts": dict(self.counts),
        }

    @classmethod
    def from_json(cls, value: Any) -> DataFacts:
        """Read facts from an untrusted value; refuse anything that is not theirs."""
        try:
            return cls(
                {str(name): _shape(axes) for name, axes in _object(value.get("inputs", {})).items()},
                {str(name): _target(target) for name, target in _object(value.get("targets", {})).items()},
                {split: _count(n) for split, n in _object(value.get("counts", {})).items() if split in SPLITS},
            )
        except (TypeError, ValueError, AttributeError, KeyError) as error:
            raise Refusal(say("this does not describe a data set: wrong axes, classes or counts")) from error


def _object(value: Any) -> Mapping[str, Any]:
    if not isinstance(value, Mapping) or len(value) > 64:
        raise TypeError
    return value


def _count(value: Any) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value < 2**53:
        raise ValueError
    return value


def _shape(axes: Any) -> Shape:
    sizes = dict(_object(axes))
    if any(
        name not in AXES or not isinstance(size, int) or isinstance(size, bool) or size > 2**31
        for name, size in sizes.items()
    ):
        raise ValueError
    return Shape(**sizes)


def _target(value: Any) -> Target:
    classes = _object(value).get("classes", [])
    if (
        not isinstance(classes, list)
        or len(classes) > 100_000
        or not all(isinstance(c, str) and len(c) <= 200 for c in classes)
    ):
        raise ValueError
    return Target(tuple(classes), _shape(value.get("shape", {})))
