"""How sure the network is of each class after every word of a text, as if it ended there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from playground.declare import choice, integer, words
from playground.experiment import Experiment
from playground.preparation.letters import LETTERS
from playground.preparation.texts import FILL
from playground.probes import Probe, Subject
from playground.probes._answers import judged, probabilities
from playground.probes._reading import reading, text_field
from playground.text import note

if TYPE_CHECKING:
    import numpy as np

    Array = np.ndarray[Any, Any]

MOST_WORDS = 100
"""Words of a text after which it is asked: the first ones; each costs a pass through the network."""

MOST_CLASSES = 6
"""Classes that are told of; of more, those that are ever the likeliest, and the right one."""


@dataclass(frozen=True)
class WordByWordAnswer:
    """The share of some classes after each word, float32 (classes, words).

    `classes` are all, `shown` the numbers of those that are told of, `label` that of the right one, −1: not known.
    """

    axis_names = {"shares": ("class=classes", "word=words")}

    step: int
    words: tuple[str, ...]
    unknown: tuple[int, ...]
    classes: tuple[str, ...]
    shown: tuple[int, ...]
    shares: Array
    label: int
    split: str
    index: int
    count: int
    own: bool


class WordByWord(Probe):
    """Shows how the answer comes about while a text is read."""

    key = "word_by_word"
    title = note("After every word")
    icon = "mdi6.chart-timeline-variant"
    rate = 5.0
    split: str = choice("validation", choices=("validation", "train"), help="From which texts one is taken")
    index: int = integer(0, help="Which text")
    own: str = words("", longest=2000, label="Own sentence", help="Read these words instead")

    @classmethod
    def suits(cls, experiment: Experiment) -> bool:
        """Say whether there are texts, each with a class."""
        facts = experiment.facts
        return bool(facts.vocabularies) and any(
            target.is_class and not target.shape.sizes for target in facts.targets.values()
        )

    def measure(self, subject: Subject) -> WordByWordAnswer | None:
        """Let the network judge the first word, the first two, and so on, all in one batch."""
        import numpy as np

        output, field = judged(subject), text_field(subject.report)
        known = subject.data.vocabularies.get(field)
        read = reading(subject, field, self.split, self.index, self.own) if output and known else None
        if output is None or known is None or read is None:
            return None
        row = np.asarray(read.inputs[field][0])
        fill = known.index(FILL) if FILL in known[:3] else 0
        there = np.flatnonzero((row != 0) & (row != fill))[:MOST_WORDS]
        if not len(there):
            there = np.array([0])
        inputs = {name: np.repeat(values, len(there), axis=0) for name, values in read.inputs.items()}
        for name in (field, LETTERS) if LETTERS in inputs else (field,):
            inputs[name] = _begun(read.inputs[name][0], there, fill=0 if not fill else 1 if name == LETTERS else fill)
        scores = subject.look(inputs, (output.id,))[output.id]
        shares = np.nan_to_num(probabilities(output.block, scores).cpu().numpy().astype(np.float32)).T
        label = int(read.targets[output.block.target][0]) if output.block.target in read.targets else -1
        leading = list(dict.fromkeys([*([label] if label >= 0 else []), *shares.argmax(axis=0)[::-1].tolist()]))
        every = range(len(shares)) if len(shares) <= MOST_CLASSES else leading[:MOST_CLASSES]
        shown = tuple(sorted(every))
        places = {int(at): k for k, at in enumerate(there)}
        return WordByWordAnswer(
            step=subject.number,
            words=tuple(read.words[at] for at in there),
            unknown=tuple(places[at] for at in read.unknown if at in places),
            classes=output.classes,
            shown=shown,
            shares=shares[list(shown)],
            label=label,
            split=read.split,
            index=read.index,
            count=read.count,
            own=read.own,
        )


def _begun(row: Array, there: Array, fill: int) -> Array:
    """Return the first word, the first two, and so on, of a text or of its letters, filled up as the data are."""
    import numpy as np

    begun = np.zeros((len(there), *row.shape), dtype=row.dtype)
    begun.reshape(*begun.shape[:2], -1)[:, :, 0] = fill  # of letters the first: what fills up is a single one
    for k in range(len(there)):
        first = slice(len(row) - k - 1, len(row)) if fill else slice(0, k + 1)
        begun[k, first] = row[there[: k + 1]]
    return begun
