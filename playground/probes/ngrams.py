"""What the filters of a convolution along a text wait for: the words that each answers to most, here and anywhere."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from playground.blocks.convolution import Conv1D
from playground.blocks.data import Input
from playground.blocks.embedding import Embedding
from playground.blocks.group import Entrance, Exit
from playground.declare import choice, integer, words
from playground.preparation.tokens import joined
from playground.probes import Probe, Subject
from playground.probes._answers import Judged, judged, one_example, probabilities
from playground.probes._held_out import answered, held_out
from playground.report import NodeReport, Report
from playground.text import note

if TYPE_CHECKING:
    import numpy as np

    from playground.data import Examples

    Array = np.ndarray[Any, Any]

MOST_FILTERS = 128
"""Filters of a node that an answer tells of: the first ones."""

MOST_WORDS = 200
"""Words of a text that are sent."""

LONGEST_NGRAM, LONGEST_WORD = 12, 24
"""Words of an n-gram, and letters of one of its words, that are sent."""

TOP = 8
"""How many n-grams are told of the filter that is looked at."""

PER_STEP = ("Activation", "Normalisation")
"""Families that leave every step where it is; besides these there are Embedding and Dense."""


class Found(NamedTuple):
    """An n-gram that a filter answers to, how strongly, and the class of the text it was found in (−1: none)."""

    ngram: str
    value: float
    label: int


@dataclass(frozen=True)
class NgramsAnswer:
    """What every filter of a node finds in one text, and in all that were counted.

    By filter: `here` and `anywhere` are the n-grams it answers to most, `values` and `most` (float32) how strongly,
    `leaning` (int16) the class in whose texts its strongest answer is highest on average, −1 where there are none.
    Of the filter that was asked for: `strengths` (float32), for each word of the text the strongest answer to an
    n-gram that holds it, `first` and `last`, where the strongest one begins and ends, and `top`, the strongest
    anywhere.
    """

    axis_names = {
        "words": ("word",),
        "strengths": ("word=words",),
        "here": ("filter",),
        "values": ("filter",),
        "anywhere": ("filter",),
        "most": ("filter",),
        "leaning": ("filter",),
        "top": ("place",),
    }

    step: int
    node: str
    reach: int
    """How many words an n-gram has."""
    total: int
    """How many filters the node has."""
    filter: int
    words: tuple[str, ...]
    strengths: Array
    first: int
    last: int
    here: tuple[str, ...]
    values: Array
    anywhere: tuple[str, ...]
    most: Array
    leaning: Array
    top: tuple[Found, ...]
    classes: tuple[str, ...]
    split: str
    index: int
    count: int
    """Texts in the split; of more than can be afforded, every so-many-th is counted."""
    label: str = ""
    predicted: str = ""
    confidence: float = 0.0


class Ngrams(Probe):
    """Shows which words each filter of a convolution along a text waits for."""

    key = "ngrams"
    title = note("N-grams")
    icon = "mdi6.format-quote-close"
    rate = 2.0
    per_node = True
    node: str = words("", help="Whose filters")
    filter: int = integer(-1, low=-1, help="Which filter is looked at; −1: the one that answers most strongly")
    split: str = choice("validation", choices=("validation", "train"), help="Which texts are shown and counted")
    index: int = integer(0, help="Which text")

    @classmethod
    def accepts(cls, node: NodeReport) -> bool:
        """Say whether it is a convolution along time; whether words come in shows only once it is asked."""
        return isinstance(node.block, Conv1D)

    def measure(self, subject: Subject) -> NgramsAnswer | None:
        """Search the texts; None where the node has no words in front of it."""
        way = way_of(subject.report, self.node)
        example, found = one_example(subject, self.split, self.index), held_out(subject, self.split)
        if way is None or example is None or found is None or not _tokens_of(subject, way):
            return None
        search = _Search(subject, self.node, way)
        search.count(found[1])
        output = judged(subject)
        kept = subject.look(example.inputs, (self.node, output.id) if output else (self.node,))
        shown = _Shown(way, *_texts(way, example.inputs, _array(kept[self.node])))
        values = shown.maxima.max(axis=0)
        filter = self.filter if 0 <= self.filter < len(values) else int(values.argmax())
        first, last = shown.place(filter)
        target, classes = (output.block.target, output.classes) if output else _tags(subject, way)
        return NgramsAnswer(
            step=subject.number,
            node=self.node,
            reach=way.reach,
            total=int(subject.report.nodes[self.node].shape.features),
            filter=filter,
            words=tuple(search.word(token) if token else " " for token in shown.tokens()[:MOST_WORDS]),
            strengths=shown.strengths(filter)[:MOST_WORDS],
            first=first,
            last=last,
            here=tuple(search.ngram(*shown.best(k)) for k in range(len(values))),
            values=values,
            anywhere=search.best(),
            most=search.most,
            leaning=search.leaning(target, len(classes)),
            top=search.top(filter, target),
            classes=classes,
            split=example.split,
            index=example.place,
            count=example.count,
            **(_verdict(output, kept[output.id], example.targets) if output else {}),
        )


def _tokens_of(subject: Subject, way: Way) -> tuple[str, ...]:
    """Return what the numbers stand for that a node reads: words, or letters; nothing where it is neither."""
    data = subject.data
    return data.letters if way.spelt else data.vocabularies.get(way.field, ())


def _tags(subject: Subject, way: Way) -> tuple[str, tuple[str, ...]]:
    """Return the target of the first Output that gives each word that is spelt out a class, and the classes."""
    for block in subject.report.outputs.values() if way.spelt else ():
        target = subject.data.facts.targets.get(block.target)
        if block.chooses and target is not None and target.is_class and target.shape.names == ("time",):
            return block.target, target.classes
    return "", ()


def _texts(way: Way, inputs: Mapping[str, Any], values: Array) -> tuple[Array, Array]:
    """Return texts (n, steps) and what the filters answer, (n, windows, filters): of words with letters every word."""
    import numpy as np

    texts, values = np.asarray(inputs[way.field]), values[..., :MOST_FILTERS]
    if not way.spelt:
        return texts, values
    there = texts[:, :, 0] != 0
    return texts[there], values[there]


class _Shown:
    """One text and what the filters answer to it, or the words of one, each a text of letters."""

    def __init__(self, way: Way, texts: Array, values: Array) -> None:
        import numpy as np

        self._way, self._texts = way, texts
        self._lengths = [max(1, int((text != 0).sum())) for text in texts]
        windows = map(way.windows, self._lengths)
        self._values = [np.nan_to_num(own[:n]) for own, n in zip(values, windows, strict=True)]
        self.maxima = np.stack([own.max(axis=0) for own in self._values])  # (texts, filters)

    def best(self, filter: int) -> tuple[Array, int, int]:
        """Return the text that a filter answers to most, its length, and the window."""
        at = int(self.maxima[:, filter].argmax())
        return self._texts[at], self._lengths[at], int(self._values[at][:, filter].argmax())

    def place(self, filter: int) -> tuple[int, int]:
        """Return where the strongest n-gram begins and ends among all tokens."""
        at = int(self.maxima[:, filter].argmax())
        _, length, window = self.best(filter)
        before = sum(self._lengths[:at]) + at  # a gap before each but the first
        first, last = self._way.words(window, length)
        return before + first, before + last

    def tokens(self) -> list[int]:
        """Return the numbers of all tokens, with a 0 between two words that are spelt out."""
        told = zip(self._texts, self._lengths, strict=True)
        return [int(one) for text, length in told for one in (*text[:length], 0)][:-1]

    def strengths(self, filter: int) -> Array:
        """Return for each of them the strongest answer of a filter to an n-gram that holds it."""
        import numpy as np

        gap = np.zeros(1, dtype=np.float32)
        told = zip(self._values, self._lengths, strict=True)
        found = [one for own, n in told for one in (_by_word(own[:, filter], self._way, n), gap)]
        return np.concatenate(found[:-1])


def _verdict(output: Judged, scores: Any, targets: dict[str, Array]) -> dict[str, Any]:
    """Name the right class and the one that the network chose, and say how sure it is."""
    best, winner = probabilities(output.block, scores)[0].max(dim=0)
    label = output.classes[int(targets[output.block.target][0])]
    return {"label": label, "predicted": output.classes[int(winner)], "confidence": float(best)}


class Way(NamedTuple):
    """The way from the words to a node: window `t` there begins at word ``t · stride − padding``, `reach` words long.

    `steps` are the convolutions on it, the nearest to the words first: reach, stride, padding. Where words are `spelt`
    out it is the letters of each word that are read so, in place of the words of a text.
    """

    field: str
    stride: int
    padding: int
    reach: int
    steps: tuple[tuple[int, int, int], ...]
    spelt: bool = False

    def windows(self, length: int) -> int:
        """Return how many windows there are in a text of so many words; see `playground.layers.Conv1d`."""
        for reach, stride, padding in self.steps:
            length = max(1, (length + 2 * padding - reach) // stride + 1)
        return length

    def words(self, window: int, length: int) -> tuple[int, int]:
        """Return where a window begins and ends (the first word after it) within a text."""
        start = window * self.stride - self.padding
        first = min(max(0, start), length - 1)
        return first, max(first + 1, min(length, start + self.reach))


def way_of(report: Report, id: str) -> Way | None:
    """Follow the wires from a node back to the words; None where something on the way mixes them otherwise."""
    if id not in report.nodes or not isinstance(report.nodes[id].block, Conv1D):
        return None
    stride, padding, reach = 1, 0, 1
    steps: list[tuple[int, int, int]] = []
    while True:
        known, node = report.nodes.get(id) or report.passages.get(id), report.graph.nodes[id]
        if known is None:
            return None
        block = known.block
        if isinstance(block, Input):
            way = Way(block.field, stride, padding, reach, tuple(reversed(steps)), known.shape.is_spelt)
            return way if known.shape.is_tokens else None
        if isinstance(block, Conv1D) and not node.state:
            own = block.dilation * (block.kernel - 1) + 1
            reach, padding = (reach - 1) * block.stride + own, padding * block.stride + block.padding
            stride *= block.stride
            steps.append((own, block.stride, block.padding))
        elif not _stays(known) and node.state != "bypassed":
            return None
        id = report.graph.incoming[id][0].source


def _stays(node: NodeReport) -> bool:
    """Whether a block leaves every step where it is."""
    block = node.block
    if isinstance(block, Embedding | Entrance | Exit):
        return True
    return block.family in PER_STEP or block.key == "Dense"


class _Search:
    """Goes through many texts and keeps, for each filter, the strongest answer to each of them and where it was."""

    def __init__(self, subject: Subject, node: str, way: Way) -> None:
        self._subject, self._node, self._way = subject, node, way
        self._vocabulary = _tokens_of(subject, way)

    def count(self, examples: Examples) -> None:
        """Look through as many texts as can be afforded."""
        import numpy as np

        texts, targets, maxima, places = [], [], [], []
        for batch, kept in answered(self._subject, examples, (self._node,)):
            text, values = _texts(self._way, batch.inputs, _array(kept[self._node]))
            lengths = np.maximum(1, (text != 0).sum(axis=1))
            count = np.array([self._way.windows(int(n)) for n in lengths])
            beyond = np.arange(values.shape[1]) >= count[:, None]
            values = np.where(beyond[:, :, None], -np.inf, np.nan_to_num(values))
            texts.append(text)
            targets.append(self._answers(batch))
            maxima.append(values.max(axis=1))
            places.append(values.argmax(axis=1))
        self._texts = np.concatenate(texts)
        self._targets = {name: np.concatenate([one[name] for one in targets]) for name in targets[0]}
        self._maxima, self._places = np.concatenate(maxima), np.concatenate(places)  # (texts, filters)
        self.most = self._maxima.max(axis=0).astype(np.float32)

    def _answers(self, batch: Examples) -> Mapping[str, Array]:
        """Return what is to be predicted of each text, or of each word that is spelt out."""
        import numpy as np

        if not self._way.spelt:
            return batch.targets
        there = np.asarray(batch.inputs[self._way.field])[:, :, 0] != 0
        steps = {name: one for name, one in batch.targets.items() if one.shape == there.shape}
        return {name: np.asarray(one)[there] for name, one in steps.items()}

    def best(self) -> tuple[str, ...]:
        """Return for each filter the n-gram that it answers to most."""
        return tuple(self._ngram_at(int(text), k) for k, text in enumerate(self._maxima.argmax(axis=0)))

    def top(self, filter: int, target: str) -> tuple[Found, ...]:
        """Return the different n-grams that a filter answers to most, the strongest first: of each text one."""
        labels = self._targets.get(target)
        found: dict[str, Found] = {}
        for text in (-self._maxima[:, filter]).argsort(kind="stable"):
            ngram = self._ngram_at(int(text), filter)
            label = int(labels[text]) if labels is not None else -1
            found.setdefault(ngram, Found(ngram, float(self._maxima[text, filter]), label))
            if len(found) == TOP:
                break
        return tuple(found.values())

    def leaning(self, target: str, classes: int) -> Array:
        """Return for each filter the class whose texts it answers to most strongly on average."""
        import numpy as np

        if not classes:
            return np.full(len(self.most), -1, dtype=np.int16)
        labels = self._targets[target]
        there = [k for k in range(classes) if (labels == k).any()]
        means = np.stack([self._maxima[labels == k].mean(axis=0) for k in there])
        chosen: Array = np.array(there, dtype=np.int16)[means.argmax(axis=0)]
        return chosen

    def ngram(self, text: Array, length: int, window: int) -> str:
        """Write the words of a window."""
        first, last = self._way.words(window, length)
        return joined([self.word(token) for token in text[first : min(last, first + LONGEST_NGRAM)]], self._unit)

    def word(self, token: Any) -> str:
        """Return the word that a number stands for."""
        return self._vocabulary[int(token)][:LONGEST_WORD]

    @property
    def _unit(self) -> str:
        return "characters" if self._way.spelt else self._subject.data.unit

    def _ngram_at(self, text: int, filter: int) -> str:
        row = self._texts[text]
        return self.ngram(row, max(1, int((row != 0).sum())), int(self._places[text, filter]))


def _by_word(values: Sequence[float] | Array, way: Way, length: int) -> Array:
    """Return for each word the strongest answer to a window that holds it; 0 where none does."""
    import numpy as np

    found = np.full(length, -np.inf, dtype=np.float32)
    for window, value in enumerate(values):
        first, last = way.words(window, length)
        found[first:last] = np.maximum(found[first:last], value)
    made: Array = np.where(np.isfinite(found), found, 0.0).astype(np.float32)
    return made


def _array(values: Any) -> Array:
    """Return a tensor as an array of its own."""
    import torch

    found: Array = values.detach().to("cpu", torch.float32, copy=True).numpy()
    return found
