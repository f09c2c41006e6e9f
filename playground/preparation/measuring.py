"""What is learnt from the numbers that train: means to fill gaps with, a scale for answers, what repeating comes to.

Nothing of what validates or tests goes into it, or a run would be judged by what it has seen.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from playground.data import Data, Examples, Unlearnt
from playground.data._series import unchanging
from playground.preparation.texts import learnt_from
from playground.text import Sentence, say

if TYPE_CHECKING:
    import numpy as np

    Array = np.ndarray[Any, Any]


def measured(data: Data) -> Data:
    """Return the data without gaps, answers scaled where they are to be, and say how naive forecasts do."""
    wanted = data.unlearnt
    if wanted == Unlearnt():
        return _told(data)
    splits = dict(data.splits)
    train = splits[learnt_from(data)]
    if wanted.fill:
        means = {name: _means(values) for name, values in train.inputs.items()}
        splits = {split: _filled(one, means) for split, one in splits.items()}
    if not wanted.scale:
        return _told(replace(data, splits=splits, unlearnt=Unlearnt()))
    shift, scale = _measure(train.targets[wanted.scale])
    splits = {split: _scaled(one, data, shift, scale) for split, one in splits.items()}
    told = say(
        "{column} is scaled: {shift} is taken from it, and the rest divided by {scale}",
        column=wanted.called,
        shift=f"{shift:.6g}",
        scale=f"{scale:.6g}",
    )
    scaled = {**data.scaled, wanted.scale: (shift, scale)}
    return _told(replace(data, splits=splits, scaled=scaled, unlearnt=Unlearnt(), remarks=(*data.remarks, told)))


def _means(values: Array) -> Array:
    """Return the mean of every feature where it is there; 0 where it never is."""
    import numpy as np

    rows = values.reshape(-1, values.shape[-1])
    lacks = np.isnan(rows)
    there = np.maximum(len(rows) - lacks.sum(axis=0), 1)
    means: Array = (np.nansum(rows, axis=0, dtype=np.float64) / there).astype(np.float32)
    return means


def _filled(examples: Examples, means: dict[str, Array]) -> Examples:
    """Put the means in place of what is missing."""
    import numpy as np

    inputs = dict(examples.inputs)
    for name, values in inputs.items():
        if (lacks := np.isnan(values)).any():
            inputs[name] = np.where(lacks, means[name], values)
    return replace(examples, inputs=inputs)


def _measure(answers: Array) -> tuple[float, float]:
    """Return mean and spread of answers; of those that are all the same the spread is taken to be 1."""
    import numpy as np

    spread = float(answers.std(dtype=np.float64))
    return float(answers.mean(dtype=np.float64)), spread if spread > 0 else 1.0


def _scaled(examples: Examples, data: Data, shift: float, scale: float) -> Examples:
    """Scale what is to be predicted, and its past likewise, so that both are in the same measure."""
    name = data.unlearnt.scale
    answers = ((examples.targets[name] - shift) / scale).astype(examples.targets[name].dtype)
    inputs = dict(examples.inputs)
    if data.ahead is not None and data.ahead.past:
        (field,) = inputs
        past = list(data.ahead.past)
        inputs[field] = inputs[field].copy()
        inputs[field][..., past] = (inputs[field][..., past] - shift) / scale
    return replace(examples, inputs=inputs, targets={**examples.targets, name: answers})


def _told(data: Data) -> Data:
    """Say of a series how far off it is to repeat the last value, on what validates if there is something."""
    if data.ahead is None or not data.ahead.past:
        return data
    one = next(data.splits[name] for name in ("validation", "test", learnt_from(data)) if data.splits.get(name))
    (field,), (target,) = one.inputs, one.targets
    told: Sentence = unchanging(one.inputs[field][:, -1, list(data.ahead.past)], one.targets[target])
    return replace(data, remarks=(*data.remarks, told))
