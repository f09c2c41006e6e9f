"""Held-out examples with what the network takes them for: mistakes, or those of a cell of the confusion matrix."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from playground.data import Data, Examples
from playground.declare import choice, integer
from playground.facts import DataFacts
from playground.preparation.texts import FILL
from playground.probes import Probe, Subject
from playground.probes._answers import Judged, judged, judging, probabilities
from playground.probes._entering import form_of
from playground.probes._held_out import answered, apart, coloured, held_out
from playground.probes._reading import LONGEST_WORD
from playground.probes.own_input import names_of
from playground.report import Report
from playground.text import Sentence, note, say

if TYPE_CHECKING:
    import numpy as np

    Array = np.ndarray[Any, Any]

MOST_SHOWN = 48
"""Examples that an answer holds."""

MOST_CLASSES = 200
"""As many as the confusion matrix has."""

PICTURE_BYTES = 180_000
"""What the pictures of one answer may take; where they are large, there are fewer of them."""

MOST_WORDS, MOST_NUMBERS, MOST_STEPS = 40, 24, 80
"""Words of a text, numbers of a row and steps of a series that are sent."""

ORDERS = {"sure": note("surest first"), "unsure": note("least sure first")}


@dataclass(frozen=True)
class MistakesAnswer:
    """Some examples in their order, from `first` on, of `found` that were asked for among `looked`.

    `places` are their places in the split (n,), `labels` the right classes and `predicted` the network's, by number,
    `sure` the probability that it gives to its answer and `right` to the right class, float32 (n,). What they look like
    depends on their `form`: `pictures` are uint8 (n, h, w) or (n, h, w, 3), `texts` the words of each, `values` float32
    (n, numbers), or (n, steps, features) of series.
    """

    axis_names = {
        "places": ("example",),
        "labels": ("example",),
        "predicted": ("example",),
        "sure": ("example",),
        "right": ("example",),
        "pictures": ("example", "row", "column", "channel"),
        "texts": ("example", "word"),
        "values": ("example", "feature"),
    }

    step: int
    classes: tuple[str, ...]
    split: str
    total: int
    """Examples in the split; of more than can be afforded, every so-many-th is looked at."""
    looked: int
    wrong: int
    """How many of those looked at are mistaken for another class."""
    found: int
    first: int
    label: int
    answer: int
    """The cell of the confusion matrix that they are from, −1: of no certain one."""
    form: str
    places: Array
    labels: Array
    predicted: Array
    sure: Array
    right: Array
    pictures: Array | None = None
    texts: tuple[tuple[str, ...], ...] = ()
    values: Array | None = None
    names: tuple[str, ...] = ()
    """What the numbers of a row are called."""


class Mistakes(Probe):
    """Shows examples that the network mistakes, or those of one cell of the confusion matrix."""

    key = "mistakes"
    title = note("Examples and mistakes")
    icon = "mdi6.image-off-outline"
    rate = 1.0
    split: str = choice("validation", choices=("validation", "train"), help="Which examples are looked at")
    label: int = integer(-1, low=-1, high=MOST_CLASSES, help="Only examples of this class; -1: of any")
    answer: int = integer(-1, low=-1, high=MOST_CLASSES, help="Only what is taken for this class; -1: every mistake")
    order: str = choice("sure", choices=ORDERS, help="In which order they stand")
    first: int = integer(0, help="How many of them are passed over")
    count: int = integer(12, low=1, high=MOST_SHOWN, help="How many are shown")

    @classmethod
    def misfit(cls, report: Report, facts: DataFacts) -> Sentence | None:
        """Say why there are no mistakes to be shown; None where there are."""
        found = judging(report, facts)
        if found is not None and len(found.classes) <= MOST_CLASSES:
            return None
        if found is not None:
            return say("There are more than {n} classes, too many for this list.", n=MOST_CLASSES)
        if not facts.targets:
            return say("These data have no labels, so nobody can say what is a mistake.")
        if not any(target.is_class for target in facts.targets.values()):
            return say("Numbers are predicted here: they are never quite right, so there is no list of mistakes.")
        return say("Mistakes are listed where a network chooses a class for each example as a whole.")

    def measure(self, subject: Subject) -> MistakesAnswer | None:
        """Judge held-out examples and pick those that are asked for; None where no classes are told apart."""
        import numpy as np

        output, found = judged(subject), held_out(subject, self.split)
        if output is None or found is None or len(output.classes) > MOST_CLASSES:
            return None
        split, examples = found
        verdicts = _judge(subject, output, examples)
        chosen, label, answer = self._chosen(verdicts, len(output.classes))
        first = min(self.first, max(0, len(chosen) - 1))
        form, field = form_of(subject.report)
        shown = chosen[first : first + min(self.count, _room(subject.data.facts, form, field))]
        places = shown * apart(subject, examples)
        return MistakesAnswer(
            step=subject.number,
            classes=output.classes,
            split=split,
            total=len(examples),
            looked=len(verdicts.labels),
            wrong=int(np.count_nonzero(verdicts.labels != verdicts.predicted)),
            found=len(chosen),
            first=first,
            label=label,
            answer=answer,
            form=form,
            places=places.astype(np.int64),
            labels=verdicts.labels[shown].astype(np.int16),
            predicted=verdicts.predicted[shown].astype(np.int16),
            sure=verdicts.sure[shown],
            right=verdicts.right[shown],
            **(_looks(subject, form, field, examples.take(places)) if len(places) else {}),
        )

    def _chosen(self, verdicts: _Verdicts, classes: int) -> tuple[Array, int, int]:
        """Return which are asked for, in their order, and the cell that they are from."""
        import numpy as np

        if 0 <= self.label < classes and 0 <= self.answer < classes:
            label, answer = self.label, self.answer
            among = np.flatnonzero((verdicts.labels == label) & (verdicts.predicted == answer))
        else:
            label = answer = -1
            wrong = verdicts.labels != verdicts.predicted
            among = np.flatnonzero(wrong) if self.order == "sure" else np.arange(len(wrong))
        way = -1 if self.order == "sure" else 1
        return among[np.argsort(way * verdicts.sure[among], kind="stable")], label, answer


class _Verdicts(NamedTuple):
    """Of each example the right class, the answer, and the probabilities of both."""

    labels: Array
    predicted: Array
    sure: Array
    right: Array


def _judge(subject: Subject, output: Judged, examples: Examples) -> _Verdicts:
    """Judge as many examples as the confusion matrix counts."""
    import numpy as np
    import torch

    found: list[tuple[Array, ...]] = []
    for batch, kept in answered(subject, examples, (output.id,)):
        labels = np.asarray(batch.targets[output.block.target]).astype(np.int64)
        with torch.no_grad():
            chances = probabilities(output.block, kept[output.id])
            predicted = chances.argmax(dim=1).cpu().numpy()
            shares = np.nan_to_num(chances.float().cpu().numpy())
        each = np.arange(len(labels))
        found.append((labels, predicted, shares[each, predicted], shares[each, labels]))
    return _Verdicts(*(np.concatenate(parts) for parts in zip(*found, strict=True)))


def _room(facts: DataFacts, form: str, field: str) -> int:
    """Return how many examples an answer can hold."""
    if form not in ("picture", "clip"):
        return MOST_SHOWN
    channels, height, width = facts.inputs[field].sizes[-3:]
    planes = 3 if channels >= 3 else 1
    return max(1, PICTURE_BYTES // (planes * min(height, 64) * min(width, 64)))


def _looks(subject: Subject, form: str, field: str, some: Examples) -> dict[str, Any]:
    """Return what some examples look like, small enough to be sent."""
    import numpy as np

    values = np.asarray(some.inputs[field]) if field else np.zeros((len(some), 0))
    if form == "clip":
        values = values[:, values.shape[1] // 2]  # the frame in the middle
    if form in ("picture", "clip"):
        pictures = coloured(values)
        return {"pictures": pictures if values.shape[1] >= 3 else np.ascontiguousarray(pictures[..., 0])}
    if form == "words":
        return {"texts": tuple(_words(subject.data, field, row) for row in values)}
    if form == "curves":
        stride = -(-values.shape[1] // MOST_STEPS)
        return {"values": values[:, ::stride, :4].astype(np.float32)}
    names = names_of(subject, field)[:MOST_NUMBERS] if field else ()
    return {"values": values.reshape(len(values), -1)[:, :MOST_NUMBERS].astype(np.float32), "names": names}


def _words(data: Data, field: str, row: Array) -> tuple[str, ...]:
    """Return the first words of a text, without what fills it up."""
    known = data.vocabularies.get(field, ())
    filling = known.index(FILL) if FILL in known[:8] else 0
    there = [int(one) for one in row[row != filling] if one][: MOST_WORDS + 1]
    said = [known[one][:LONGEST_WORD] if one < len(known) else str(one) for one in there[:MOST_WORDS]]
    return (*said, "…") if len(there) > MOST_WORDS else tuple(said)
