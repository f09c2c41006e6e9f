"""What the network gets wrong: every example's error by its present weights, within a bounded time."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, NamedTuple

from playground.blocks.data import Output
from playground.browsing._content import taken
from playground.browsing._targets import answer_of
from playground.browsing.answers import Answer
from playground.choices import LOSSES
from playground.data import IGNORED, Examples
from playground.probes import Subject

if TYPE_CHECKING:
    import numpy as np

    Array = np.ndarray[Any, Any]

MOST_JUDGED = 2000
"""How many examples are judged at most: training waits for it."""

SECONDS = 0.5
"""After how long no further batch is judged."""

BATCH = 128


class Judged(NamedTuple):
    """An Output of the network whose target the data have."""

    id: str
    block: Output


def outputs_of(subject: Subject | None) -> list[Judged]:
    """Return the Outputs that can be judged."""
    if subject is None:
        return []
    targets = subject.data.facts.targets
    return [Judged(id, block) for id, block in subject.report.outputs.items() if block.target in targets]


def judge(subject: Subject, examples: Examples, numbers: Array) -> tuple[Array, int]:
    """Return the numbers of the examples that the network gets wrong, the worst first, and how many were judged.

    A class counts by how sure the network is of the wrong one, steps and pixels by how many are wrong. Where only
    numbers are to be predicted, no example is right: all are returned, by the size of the error.
    """
    import numpy as np

    outputs = outputs_of(subject)
    choosing = [one for one in outputs if one.block.chooses]
    end = time.monotonic() + SECONDS
    found: list[Array] = []
    judged = 0
    while judged < min(len(numbers), MOST_JUDGED) and (judged == 0 or time.monotonic() < end):
        batch = taken(examples, numbers[judged : min(judged + BATCH, MOST_JUDGED)])
        scores = _scores(subject, batch, choosing or outputs)
        errors = [_error(one.block, scores[one.id], batch.targets[one.block.target]) for one in choosing or outputs]
        found.append(np.max(errors, axis=0) if errors else np.zeros(len(batch)))
        judged += len(batch)
    error = np.concatenate(found) if found else np.zeros(0)
    order = np.argsort(-error, kind="stable")
    if choosing or not outputs:
        order = order[error[order] > 0]
    return numbers[:judged][order], judged


def answers_to(subject: Subject, examples: Examples, large: bool = False) -> tuple[Answer, ...]:
    """Return what the network says to some examples."""
    outputs = outputs_of(subject)
    if not len(examples) or not outputs:
        return ()
    scores = _scores(subject, examples, outputs)
    found = []
    for one in outputs:
        name, values, sure = one.block.target, scores[one.id], None
        if one.block.chooses:
            chances = _chances(one.block, values)
            values = chances.argmax(axis=1)
            sure = chances.max(axis=1) if values.ndim == 1 else None
        else:
            values = values.reshape(examples.targets[name].shape)
        found.append(answer_of(subject.data, examples, name, values, sure, large))
    return tuple(found)


def _scores(subject: Subject, examples: Examples, outputs: list[Judged]) -> dict[str, Array]:
    """Return what reaches the Outputs, as float64 arrays."""
    import numpy as np

    seen = subject.look(dict(examples.inputs), tuple(one.id for one in outputs))
    return {
        id: np.asarray(values.cpu() if hasattr(values, "cpu") else values, np.float64) for id, values in seen.items()
    }


def _error(block: Output, scores: Array, target: Array) -> Array:
    """Return how wrong the answer to each example is: 0 where it is right, else more."""
    import numpy as np

    if not block.chooses:
        away: Array = np.abs(scores.reshape(len(target), -1) - target.reshape(len(target), -1)).mean(axis=1)
        return away
    chances = _chances(block, scores)
    answer = chances.argmax(axis=1)
    wrong: Array = (answer != target) & (target != IGNORED)
    if answer.ndim == 1:
        return np.where(wrong, chances.max(axis=1), 0.0)
    asked = (target != IGNORED).reshape(len(target), -1).sum(axis=1)
    share: Array = wrong.reshape(len(target), -1).sum(axis=1) / np.maximum(1, asked)
    return share


def _chances(block: Output, scores: Array) -> Array:
    """Return the probability of every class, (n, classes), and then steps or pixels; one score for yes becomes two."""
    import numpy as np

    if block.task == "binary":
        score = scores.reshape(len(scores))
        yes = 1 / (1 + np.exp(-np.clip(score, -500, 500))) if LOSSES[block.loss].logits else np.clip(score, 0, 1)
        return np.stack([1 - yes, yes], axis=1)
    if scores.ndim == 3:  # of sequences the classes are the last axis
        scores = scores.transpose(0, 2, 1)
    raised = np.exp(scores - scores.max(axis=1, keepdims=True))
    chances: Array = raised / raised.sum(axis=1, keepdims=True)
    return chances
