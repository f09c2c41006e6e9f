"""Sentences with the tag that the network gives each word beside the right one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from playground.blocks.data import Output
from playground.declare import choice, integer, words
from playground.experiment import Experiment
from playground.preparation.texts import FILL
from playground.probes import Probe, Subject
from playground.probes._held_out import BATCH, LARGEST_WORK, MOST_EXAMPLES, held_out
from playground.probes._reading import MOST_STEPS, entered, spelling, text_field, words_of
from playground.text import note

if TYPE_CHECKING:
    import numpy as np

    from playground.data import Examples

    Array = np.ndarray[Any, Any]

MOST_TEXTS = 24
"""Sentences that are sent."""

MOST_TAGS = 1000
"""Different tags up to which words are said to be tagged; beyond them it is the next word that is predicted."""

WRITTEN = "next"
"""What the target of a text to be written, or gone on with, is called: no tags either."""

ORDERS = {"given": note("as they come"), "mistaken": note("most mistaken first")}


class Tagged(NamedTuple):
    """A sentence: its words, and of each by number the tag that the network gives and the right one, −1: none.

    `sure` is the share that the network gives its tag, `second` the tag that it finds next best, with `less` as its
    share. `unknown` are the places whose word is not in the vocabulary; `index` the place in its split, −1: typed.
    """

    index: int  # type: ignore[assignment]  # hides tuple.index, which nobody needs here
    words: tuple[str, ...]
    unknown: tuple[int, ...]
    given: Array
    sure: Array
    second: Array
    less: Array
    right: Array

    @property
    def mistakes(self) -> int:
        """How many words have another tag than they should."""
        return int(((self.right >= 0) & (self.given != self.right)).sum())


@dataclass(frozen=True)
class TaggingAnswer:
    """Some sentences in their order from `first` on, of `count` that were looked at, and what was typed.

    Where they are ordered by mistakes, `judged` words of all of them were judged and `hits` had the right tag; else
    both are 0.
    """

    axis_names = {
        "texts": ("sentence",),
        "texts.words": ("word",),
        "texts.given": ("word",),
        "texts.sure": ("word",),
        "texts.second": ("word",),
        "texts.less": ("word",),
        "texts.right": ("word",),
        "typed.words": ("word",),
        "typed.given": ("word",),
        "typed.sure": ("word",),
        "typed.second": ("word",),
        "typed.less": ("word",),
        "typed.right": ("word",),
    }

    step: int
    classes: tuple[str, ...]
    texts: tuple[Tagged, ...]
    typed: Tagged | None
    order: str
    first: int
    count: int
    split: str
    judged: int = 0
    hits: int = 0


class Tagging(Probe):
    """Shows which tag each word gets, and which it should get."""

    key = "tagging"
    title = note("Tags")
    icon = "mdi6.tag-text-outline"
    rate = 3.0
    split: str = choice("validation", choices=("validation", "train"), help="Which sentences are shown")
    order: str = choice("given", choices=ORDERS, help="In which order they stand")
    first: int = integer(0, help="Which of them comes first")
    texts: int = integer(12, low=1, high=MOST_TEXTS, help="How many are shown")
    own: str = words("", longest=2000, label="Own sentence", help="Tag these words too")

    @classmethod
    def suits(cls, experiment: Experiment) -> bool:
        """Say whether there are texts with a tag at each word."""
        facts = experiment.facts
        return bool(facts.vocabularies) and any(
            is_tag(name, len(target.classes), target.shape.names) for name, target in facts.targets.items()
        )

    def measure(self, subject: Subject) -> TaggingAnswer | None:
        """Tag the sentences that are asked for; None where no Output tags words."""
        found, field = tagger(subject), text_field(subject.report)
        some = held_out(subject, self.split)
        if found is None or some is None or field not in subject.data.vocabularies:
            return None
        work = _Work(subject, *found, field)
        split, examples = some
        judged = hits = 0
        if self.order == "mistaken":
            order, judged, hits = work.most_mistaken(examples)
        else:
            order = list(range(len(examples)))
        first = min(self.first, max(0, len(order) - 1))
        chosen = order[first : first + self.texts]
        return TaggingAnswer(
            step=subject.number,
            classes=work.classes,
            texts=tuple(work.tagged(examples, chosen)),
            typed=work.typed(examples, self.own) if self.own.strip() else None,
            order=self.order,
            first=first,
            count=len(order),
            split=split,
            judged=judged,
            hits=hits,
        )


def is_tag(target: str, classes: int, axes: tuple[str, ...]) -> bool:
    """Say whether a target is a tag of each word, and not the words of a text to be written."""
    return axes == ("time",) and 1 < classes <= MOST_TAGS and not target.startswith(WRITTEN)


def tagger(subject: Subject) -> tuple[str, Output] | None:
    """Return the first Output that gives each word a tag."""
    for id, block in subject.report.outputs.items():
        target = subject.data.facts.targets.get(block.target)
        if target is not None and block.chooses and is_tag(block.target, len(target.classes), target.shape.names):
            return id, block
    return None


class _Work:
    """Lets the network tag sentences and reads what it says."""

    def __init__(self, subject: Subject, id: str, block: Output, field: str) -> None:
        self._subject, self._id, self._field, self._target = subject, id, field, block.target
        self._known = subject.data.vocabularies[field]
        self.classes = subject.data.facts.targets[block.target].classes

    def most_mistaken(self, examples: Examples) -> tuple[list[int], int, int]:
        """Order as many sentences as can be afforded by their mistakes; tell how many words were judged, and right."""
        import numpy as np

        affordable = max(BATCH, min(MOST_EXAMPLES, LARGEST_WORK // max(self._subject.report.macs, 1)))
        places = np.arange(0, len(examples), -(-len(examples) // affordable))
        wrong, lost, judged, hits = [], [], 0, 0
        for start in range(0, len(places), BATCH):
            some = examples.take(places[start : start + BATCH])
            shares = self._shares(some.inputs)
            right = np.asarray(some.targets[self._target])
            there = right >= 0
            given = shares.argmax(axis=2)
            wrong.append((there & (given != right)).sum(axis=1))
            of_right = np.take_along_axis(shares, right.clip(0)[..., None], axis=2)[..., 0]
            lost.append(np.where(there, 1 - of_right, 0.0).sum(axis=1))
            judged += int(there.sum())
            hits += int((there & (given == right)).sum())
        order = np.lexsort((-np.concatenate(lost), -np.concatenate(wrong)))
        return [int(place) for place in places[order]], judged, hits

    def tagged(self, examples: Examples, chosen: list[int]) -> list[Tagged]:
        """Tag some sentences of a split."""
        import numpy as np

        if not chosen:
            return []
        some = examples.take(np.array(chosen))
        shares = self._shares(some.inputs)
        right = np.asarray(some.targets[self._target])
        rows = np.asarray(some.inputs[self._field])
        words = [
            words_of(row, self._known, *spelling(self._subject, self._field, some.inputs, k))
            for k, row in enumerate(rows)
        ]
        several = zip(chosen, rows, shares, right, words, strict=True)
        return [self._told(at, row, said, wanted, own) for at, row, said, wanted, own in several]

    def typed(self, examples: Examples, words: str) -> Tagged:
        """Tag what was typed; of it no tag is known to be right."""
        import numpy as np

        read, said = entered(self._subject, self._field, words)
        inputs, row = {**examples.take(slice(0, 1)).inputs, **read}, read[self._field][0]
        return self._told(-1, row, self._shares(inputs)[0], np.full(len(row), -1), said)

    def _shares(self, inputs: Any) -> Array:
        """Return the share of each tag at each step, (n, time, tags)."""
        import torch

        scores = self._subject.look(inputs, (self._id,))[self._id]
        found: Array = torch.softmax(scores, dim=2).to("cpu", torch.float32).nan_to_num().numpy()
        return found

    def _told(self, index: int, row: Array, shares: Array, right: Array, said: tuple[str, ...]) -> Tagged:
        import numpy as np

        empty = {0} | ({self._known.index(FILL)} if FILL in self._known[:3] else set())
        there = [at for at, number in enumerate(row) if int(number) not in empty][:MOST_STEPS]
        best = np.argsort(shares[there], axis=1, kind="stable")[:, ::-1][:, :2]
        sure = np.take_along_axis(shares[there], best, axis=1)
        return Tagged(
            index=index,
            words=tuple(said[at] for at in there),
            unknown=tuple(k for k, at in enumerate(there) if int(row[at]) == 1),
            given=best[:, 0].astype(np.int16),
            sure=sure[:, 0].astype(np.float32),
            second=best[:, 1].astype(np.int16),
            less=sure[:, 1].astype(np.float32),
            right=np.where(right[there] >= 0, right[there], -1).astype(np.int16),
        )
