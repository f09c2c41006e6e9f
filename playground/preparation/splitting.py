"""Holding back what validates, where the data brings no such examples of its own."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from playground.data import Data, Examples, column
from playground.text import Refusal, say

if TYPE_CHECKING:
    import numpy as np

    Array = np.ndarray[Any, Any]


def split(data: Data, share: float, how: str, seed: int) -> Data:
    """Return the same data with a validation split, a share of train, where there is none.

    `how` is ``random``, ``stratified``, ``end``, ``file``, or ``auto``: the end of what goes on in time, else random.
    """
    data = _with_train(data)
    train = data.splits.get("train")
    if not train:
        raise Refusal(
            say("There is nothing to train on: no file is for training by its name; say under Roles which one is")
        )
    if data.splits.get("validation") or share == 0:
        return data
    if data.running and how in ("auto", "end"):
        return _cut(data, train, share)
    held = _held(data, train, share, how, seed)
    if not len(held):
        return data
    import numpy as np

    kept = np.setdiff1d(np.arange(len(train)), held)
    if data.apart and how in ("auto", "end"):
        kept = kept[: max(1, len(kept) - data.apart)]
    return data.with_splits({**data.splits, "train": train.take(kept), "validation": train.take(np.sort(held))})


def _with_train(data: Data) -> Data:
    """Return the data; where none are for training but some validate, those are divided, which is said."""
    validation = data.splits.get("validation")
    if data.splits.get("train") or not validation:
        return data
    rest = {name: one for name, one in data.splits.items() if name != "validation"}
    told = say("No file is for training by its name, so the one that is for validation is divided")
    return replace(data, remarks=(*data.remarks, told)).with_splits({"train": validation, **rest})


def _held(data: Data, train: Examples, share: float, how: str, seed: int) -> Array:
    """Return the numbers of the examples that are held back; at least one stays."""
    import numpy as np

    n = min(round(len(train) * share), len(train) - 1)
    if how == "end" or (how == "auto" and data.in_time):
        return np.arange(len(train) - n, len(train))
    order = np.random.default_rng(seed).permutation(len(train))
    if how == "stratified":
        return _of_each_class(data, train, order, share)
    if how == "file":
        return _files(train, n, seed)
    return order[:n]


def _of_each_class(data: Data, train: Examples, order: Array, share: float) -> Array:
    """Take the same share of every class; of one with a single example nothing."""
    import numpy as np

    name = next((name for name, one in data.facts.targets.items() if one.is_class and not one.shape.sizes), None)
    if name is None:
        raise Refusal(say("These data have no classes to hold back alike; choose another way under Held back"))
    labels = train.targets[name][order]
    parts = [order[labels == one] for one in np.unique(labels)]
    return np.concatenate([part[: min(round(len(part) * share), len(part) - 1)] for part in parts])


def _files(train: Examples, n: int, seed: int) -> Array:
    """Take whole files, in a random order, until there are about so many examples; one file stays."""
    import numpy as np

    files = np.empty(0) if train.origin is None else np.unique(train.origin)
    if len(files) < 2:
        raise Refusal(
            say("The examples to train on all come from one file, so none can be held back; choose another way")
        )
    held: list[Array] = []
    for file in np.random.default_rng(seed).permutation(files)[:-1]:
        found = np.flatnonzero(train.origin == file)
        have = sum(map(len, held))
        if held and abs(n - have) <= abs(n - have - len(found)):
            break
        held.append(found)
    return np.concatenate(held)


def _cut(data: Data, train: Examples, share: float) -> Data:
    """Hold back the end of what the texts of a stream are together; the text in which it begins is cut in two."""
    (name, texts), *_ = train.inputs.items()
    lengths = [len(text) for text in texts]
    left = sum(lengths) - min(round(sum(lengths) * share), max(sum(lengths) - 1, 0))
    kept, held = [], []
    for text in texts:
        if text[:left]:
            kept.append(text[:left])
        if text[left:]:
            held.append(text[left:])
        left = max(0, left - len(text))
    if not held:
        return data
    made = {split: Examples({name: column(some)}, {}) for split, some in (("train", kept), ("validation", held))}
    return data.with_splits({**data.splits, **made})
