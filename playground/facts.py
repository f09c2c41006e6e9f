"""What the shape rules need to know of a data set, without the data: `DataFacts`.

The reader of a data set returns it, the document caches it, so a file opens and is analysed without its data.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from playground.shape import AXES, Shape
from playground.text import Refusal, Sentence, say

SPLITS = ("train", "validation", "test")

MOST_NAMES = 100_000
MOST_WRITTEN = 1_000
LONGEST_NAME = 200
"""How many classes or features are named at most, of how many numbered ones each is written, how long a name can be."""


@dataclass(frozen=True)
class Target:
    """One thing to be predicted: a class (then `classes` names them) or numbers (then `shape` says how many).

    A class with a shape is one of every step (time) or pixel (height, width).
    """

    classes: tuple[str, ...] = ()
    shape: Shape = field(default_factory=Shape)

    @property
    def is_class(self) -> bool:
        """Whether the target is one of several classes."""
        return bool(self.classes)


@dataclass(frozen=True)
class DataFacts:
    """The shapes of the inputs, the targets by name, and how many examples each split holds.

    An input that has only a time axis holds the numbers of tokens, one of time and letters those of their letters;
    `vocabularies` says how many there are of each.
    `names` says what the numbers of an input are called (the columns of a table), where they have names;
    `fingerprint` is the size and hash of the files that were read, by which it is noticed that they have changed.
    """

    inputs: Mapping[str, Shape] = field(default_factory=dict)
    targets: Mapping[str, Target] = field(default_factory=dict)
    counts: Mapping[str, int] = field(default_factory=dict)
    names: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    vocabularies: Mapping[str, int] = field(default_factory=dict)
    fingerprint: str = ""

    def answer(self, name: str) -> Target | None:
        """Return what an Output can ask for by this name: a target or, to be reconstructed, an input of numbers."""
        if name in self.targets:
            return self.targets[name]
        known = name in self.inputs and name not in self.vocabularies
        return Target(shape=self.inputs[name]) if known else None

    def seen_from(self, input: str) -> DataFacts:
        """Return the facts as they are for what reads this input: of several vocabularies its own counts."""
        known = self.vocabularies.get(input)
        return self if known is None or len(self.vocabularies) == 1 else replace(self, vocabularies={input: known})

    def asked_for(self, name: str) -> DataFacts:
        """Return the facts as they are for what answers an Output with this target: it comes before all others."""
        wanted = self.answer(name)
        return self if wanted is None else replace(self, targets={name: wanted, **self.targets})

    def auto(self, fact: str) -> int | None:
        """Return the number that an ``auto`` parameter asks for, or None where the data does not say."""
        if fact == "classes":
            return next((len(t.classes) for t in self.targets.values() if t.is_class), None)
        if fact == "outputs":  # classes of the first target, or its numbers
            return next((len(t.classes) or t.shape.count for t in self.targets.values()), None)
        if fact == "vocabulary":
            return next(iter(self.vocabularies.values()), None)
        if fact == "length":  # the most steps of an example
            return next((int(shape.time) for shape in self.inputs.values() if "time" in shape), None)
        return None

    def to_json(self) -> dict[str, Any]:
        """Write the facts as plain JSON."""
        return {
            "inputs": {name: shape.to_json() for name, shape in self.inputs.items()},
            "targets": {
                name: {
                    **({"classes": _written(t.classes)} if t.is_class else {}),
                    **({"shape": t.shape.to_json()} if t.shape.sizes or not t.is_class else {}),
                }
                for name, t in self.targets.items()
            },
            "counts": dict(self.counts),
            **({"names": {name: list(columns) for name, columns in self.names.items()}} if self.names else {}),
            **({"vocabularies": dict(self.vocabularies)} if self.vocabularies else {}),
            **({"fingerprint": self.fingerprint} if self.fingerprint else {}),
        }

    @classmethod
    def from_json(cls, value: Any) -> DataFacts:
        """Read facts from an untrusted value; refuse anything that is not theirs."""
        try:
            inputs = {str(name): _shape(axes) for name, axes in _object(value.get("inputs", {})).items()}
            return cls(
                inputs,
                {str(name): _target(target) for name, target in _object(value.get("targets", {})).items()},
                {split: _count(n) for split, n in _object(value.get("counts", {})).items() if split in SPLITS},
                {str(name): _columns(n, inputs[name]) for name, n in _object(value.get("names", {})).items()},
                {str(name): _size(n, inputs[name]) for name, n in _object(value.get("vocabularies", {})).items()},
                _fingerprint(value.get("fingerprint", "")),
            )
        except (TypeError, ValueError, AttributeError, KeyError) as error:
            raise Refusal(say("this does not describe a data set: wrong axes, classes or counts")) from error


def changed(before: DataFacts, now: DataFacts) -> Sentence | None:
    """Say that files are not those that the document was saved with, if they are not: results may differ."""
    if not before.fingerprint or not now.fingerprint or before.fingerprint == now.fingerprint:
        return None
    return say("The data files have changed since this document was saved, so results may differ")


def _object(value: Any) -> Mapping[str, Any]:
    if not isinstance(value, Mapping) or len(value) > 64:
        raise TypeError
    return value


def _fingerprint(value: Any) -> str:
    if not isinstance(value, str) or len(value) > 100:
        raise ValueError
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
    return Target(_classes(_object(value).get("classes", [])), _shape(value.get("shape", {})))


def _classes(value: Any) -> tuple[str, ...]:
    """Read names, or how many classes there are that are only numbered from 0."""
    if not isinstance(value, int):
        return _names(value)
    if not 1 <= _count(value) <= MOST_NAMES:
        raise ValueError
    return tuple(map(str, range(value)))


def _written(classes: tuple[str, ...]) -> list[str] | int:
    """Write names, or their number where they are many and only numbered."""
    many = len(classes) > MOST_WRITTEN
    return len(classes) if many and all(name == str(at) for at, name in enumerate(classes)) else list(classes)


def _columns(value: Any, shape: Shape) -> tuple[str, ...]:
    names = _names(value)
    if len(names) != dict(shape.axes).get("features"):
        raise ValueError
    return names


def _size(value: Any, shape: Shape) -> int:
    if not shape.is_tokens or not 1 <= _count(value) <= 2**31:
        raise ValueError
    return _count(value)


def _names(value: Any) -> tuple[str, ...]:
    if (
        not isinstance(value, list)
        or len(value) > MOST_NAMES
        or not all(isinstance(name, str) and len(name) <= LONGEST_NAME for name in value)
    ):
        raise ValueError
    return tuple(value)
