"""What the network says to an input of a person's own: a drawing, words that were typed, a row of numbers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from playground.blocks.data import Output
from playground.data import Examples
from playground.declare import choice, integer, number, rows, words
from playground.facts import DataFacts
from playground.picture import Picture, fits
from playground.probes import Probe, Subject
from playground.probes._answers import Judged, judging, probabilities
from playground.probes._entering import as_picture, form_of, looked_at
from playground.probes._reading import reading
from playground.report import Report
from playground.text import Sentence, note, say

if TYPE_CHECKING:
    import numpy as np

    Array = np.ndarray[Any, Any]

MOST_CLASSES = 20
"""Classes whose probabilities are told; of more, the likeliest and the right one."""

MOST_SAID = 8
"""Numbers that an answer may consist of to be told."""

MOST_FIELDS = 64
"""Numbers of which a row may consist to be given by hand."""

PICTURE_BYTES = 50_000
"""Bytes that the example's picture may take to be sent."""

FARTHEST = 1e9
"""How large a number can be."""


@dataclass(frozen=True)
class OwnInputAnswer:
    """What the network says to what a person gave it (`own`), or else to the example in its place.

    `chances` are the probabilities of the classes `numbers`, named by `classes`, float32 (k,); `label` is the number of
    the right class, −1 where nobody knows. Where the network answers with numbers instead, `said` holds them, and
    `wanted` what would be right; both are in the units of the data.
    """

    axis_names = {
        "chances": ("class=classes",),
        "numbers": ("class=classes",),
        "pixels": ("channel", "row", "column"),
        "values": ("feature=names",),
        "lows": ("feature=names",),
        "highs": ("feature=names",),
    }

    step: int
    form: str
    """Of which form the input is: ``picture``, ``words`` or ``numbers``."""
    own: bool
    split: str
    index: int
    count: int
    """Examples in the split."""
    classes: tuple[str, ...] = ()
    numbers: tuple[int, ...] = ()
    chances: Array | None = None
    label: int = -1
    said: tuple[float, ...] = ()
    wanted: tuple[float, ...] = ()
    pixels: Array | None = None
    """The example's picture, uint8 (channels, height, width), unless it is large or a picture was given."""
    words: tuple[str, ...] = ()
    unknown: tuple[int, ...] = ()
    """The places of words that are not in the vocabulary."""
    names: tuple[str, ...] = ()
    """What the numbers of a row are called."""
    values: Array | None = None
    lows: Array | None = None
    highs: Array | None = None
    """Between which each of them lies in the training set."""


class OwnInput(Probe):
    """Asks the network about what a person draws, types or sets."""

    key = "own_input"
    title = note("Your own input")
    icon = "mdi6.draw"
    rate = 10.0
    split: str = choice("validation", choices=("validation", "train"), help="Where the example is taken from")
    index: int = integer(0, help="Which example it is where nothing is given")
    own: str = words("", longest=2000, label="Own sentence", help="Read these words instead")
    given: tuple[tuple[float, ...], ...] = rows(
        {"value": number(0.0, low=-FARTHEST, high=FARTHEST, help="One of the numbers of a row")},
        most=MOST_FIELDS,
        label="Own numbers",
        help="Take these numbers instead, one for each feature",
    )
    picture: Picture | None = None
    """Look at this picture instead."""

    @classmethod
    def misfit(cls, report: Report, facts: DataFacts) -> Sentence | None:
        """Say why a person cannot give this network an input; None where they can."""
        form, field = form_of(report)
        if not form:
            return say("Once the network is complete, you can give it an input of your own here.")
        if form in ("clip", "curves"):
            return say("A clip or a series cannot be given by hand: take images, texts or tables.")
        shape = facts.inputs.get(field)
        if form == "picture" and (shape is None or not fits(*shape.sizes)):
            return say("The images are too large to be drawn: resize them in the preparation of the data.")
        if form == "numbers" and (shape is None or shape.count > MOST_FIELDS):
            return say("A row has more than {n} numbers here, too many to be set by hand.", n=MOST_FIELDS)
        if _answering(report, facts) is not None:
            return None
        if form == "words":
            return say("This network answers word by word: its own panels, as Tags, take a sentence of yours.")
        return say("This network tells neither a class nor a few numbers of what comes in.")

    def measure(self, subject: Subject) -> OwnInputAnswer | None:
        """Ask; None where the network takes no such input or gives no such answer."""
        found = _answering(subject.report, subject.data.facts)
        if found is None or self.misfit(subject.report, subject.data.facts) is not None:
            return None
        form, field = form_of(subject.report)
        asked = getattr(self, f"_{form}")(subject, field)
        if asked is None:
            return None
        scores = subject.look(asked.inputs, (found.id,))[found.id]
        return OwnInputAnswer(
            step=subject.number,
            form=form,
            own=asked.own,
            split=asked.split,
            index=asked.index,
            count=asked.count,
            **asked.shown,
            **_told(subject, found, scores, asked.targets),
        )

    def _picture(self, subject: Subject, field: str) -> _Asked | None:
        example = looked_at(subject, self.split, self.index, self.picture)
        if example is None:
            return None
        shown: dict[str, Any] = {}
        values = example.inputs[field][0]
        if not example.own and values.size <= PICTURE_BYTES:
            shown = {"pixels": as_picture(subject, field, values).array()}
        return _Asked(example.inputs, example.targets, example.split, example.place, example.count, example.own, shown)

    def _words(self, subject: Subject, field: str) -> _Asked | None:
        read = reading(subject, field, self.split, self.index, self.own)
        if read is None:
            return None
        there = [at for at, word in enumerate(read.words) if word]
        places = {at: k for k, at in enumerate(there)}
        shown = {
            "words": tuple(read.words[at] for at in there),
            "unknown": tuple(places[at] for at in read.unknown if at in places),
        }
        return _Asked(read.inputs, read.targets, read.split, read.index, read.count, read.own, shown)

    def _numbers(self, subject: Subject, field: str) -> _Asked | None:
        import numpy as np

        example = looked_at(subject, self.split, self.index, None)
        if example is None:
            return None
        own = len(self.given) == subject.data.facts.inputs[field].count
        row = np.array(self.given, dtype=np.float32).reshape(1, -1) if own else example.inputs[field]
        lows, highs = _bounds(subject, field)
        shown = {"names": names_of(subject, field), "values": np.array(row[0]), "lows": lows, "highs": highs}
        targets = {} if own else example.targets
        inputs = {**example.inputs, field: row}
        return _Asked(inputs, targets, example.split, example.place, example.count, own, shown)


class _Asked(NamedTuple):
    """What goes in, where it is from, and what is told of it."""

    inputs: Any
    targets: Any
    split: str
    index: int  # type: ignore[assignment]  # hides a method of tuples, which nobody needs here
    count: int  # type: ignore[assignment]  # as index does
    own: bool
    shown: dict[str, Any]


def names_of(subject: Subject, field: str) -> tuple[str, ...]:
    """Return what the numbers of an input are called; without names of their own x1, x2, and so on."""
    count = subject.data.facts.inputs[field].count
    names = subject.data.facts.names.get(field) or tuple(getattr(subject.experiment.source, "features", ()))
    return names if len(names) == count else tuple(f"{field}{k + 1}" for k in range(count))


def _answering(report: Report, facts: DataFacts) -> Judged | None:
    """Return the first Output that tells classes of whole examples apart, or else the first that says a few numbers."""
    if (found := judging(report, facts)) is not None:
        return found
    for id, block in report.outputs.items():
        target = facts.targets.get(block.target)
        few = target is not None and target.shape.names in ((), ("features",)) and target.shape.count <= MOST_SAID
        if block.task == "regression" and few and target is not None and not target.is_class:
            return Judged(id, block, ())
    return None


def _told(subject: Subject, found: Judged, scores: Any, targets: Any) -> dict[str, Any]:
    """Say what the network answers, and what would be right where that is known."""
    import numpy as np

    right = targets.get(found.block.target)
    if not found.classes:
        return _numbers_told(subject, found.block, scores, right)
    chances = np.nan_to_num(probabilities(found.block, scores)[0].float().cpu().numpy())
    label = int(right[0]) if right is not None else -1
    every = range(len(chances))
    if len(chances) > MOST_CLASSES:
        order = [int(k) for k in np.argsort(-chances, kind="stable")]
        every = sorted(list(dict.fromkeys([*([label] if label >= 0 else []), *order]))[:MOST_CLASSES])  # type: ignore[assignment]
    numbers = tuple(every)
    return {
        "classes": tuple(found.classes[k] for k in numbers),
        "numbers": numbers,
        "chances": chances[list(numbers)],
        "label": label,
    }


def _numbers_told(subject: Subject, block: Output, scores: Any, right: Any) -> dict[str, Any]:
    """Return what a network of numbers answers, in the units of the data."""
    shift, scale = subject.data.scaled.get(block.target, (0.0, 1.0))
    said = scores[0].detach().double().cpu().reshape(-1).numpy() * scale + shift
    wanted = right[0].reshape(-1).astype("float64") * scale + shift if right is not None else ()
    return {"said": tuple(map(float, said)), "wanted": tuple(map(float, wanted))}


def _bounds(subject: Subject, field: str) -> tuple[Array, Array]:
    """Return between which each number lies in the training set; of these 10,000 examples at most."""
    import numpy as np

    key = f"bounds of {field}"
    if key not in subject.notes:
        examples: Examples = subject.data.splits["train"]
        values = np.asarray(examples.inputs[field][:10_000])
        values = np.nan_to_num(values.reshape(len(values), -1))
        subject.notes[key] = values.min(axis=0).astype(np.float32), values.max(axis=0).astype(np.float32)
    found: tuple[Array, Array] = subject.notes[key]
    return found
