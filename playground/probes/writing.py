"""What a network writes: a sample of running text after every epoch, a text that goes on from a prompt, an answer.

A network writes where an Output has the `next` token as its target (`playground.preparation.texts`): that of running
text, which grows at the input it reads, or that of an answer, whose tokens go in again as `previous`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, NamedTuple

from playground.declare import choice, integer, words
from playground.experiment import Experiment
from playground.inquiry import Inquiry, Slice, Slices
from playground.preparation.texts import END, PAD, START, UNKNOWN, numbers_of
from playground.preparation.tokens import joined
from playground.probes import Probe, Subject
from playground.probes._answers import image_input, one_example
from playground.probes._held_out import coloured
from playground.probes._reading import entered, read_of, text_field, typed_tokens
from playground.report import Report
from playground.text import Refusal, note, say

if TYPE_CHECKING:
    import numpy as np

    from playground.data import Data
    from playground.decoding import Written

    Array = np.ndarray[Any, Any]

SAMPLE = {"characters": 120, "words": 40, "jieba": 40}
"""How many tokens a sample has, by what tokens are."""

WARMTH, SEED = 0.7, 1
"""Samples are drawn at this temperature and always by the same chance, so that they differ by what has been learnt."""

MOST_SAMPLES = 40
"""Samples that are kept of a run; beyond that every other one goes."""

MOST_TOKENS = 2000
"""Tokens that are written at once at the most."""

LONGEST_PROMPT = 2000

TOLD_AFTER = 8
"""Tokens that are written between two looks at the clock."""


class Place(NamedTuple):
    """Where a network writes: its Output, the target of that, and the input that grows with what is written."""

    output: str
    target: str
    field: str
    running: bool


class Token(NamedTuple):
    """A token that was written, its probability, and the likeliest ones with theirs; the end of a text is empty."""

    text: str
    share: float
    best: tuple[tuple[str, float], ...]


class Sample(NamedTuple):
    """What was written after so many epochs and steps."""

    epoch: int
    step: int
    text: str


@dataclass(frozen=True)
class SamplesWritten:
    """The samples of a run so far, the latest one last."""

    axis_names = {"samples": ("sample",)}

    step: int
    samples: tuple[Sample, ...]
    running: bool = True


@dataclass(frozen=True)
class AnswerWritten:
    """What a network writes of one example, token by token, the likeliest each time.

    `source` is what it reads, or `image`, uint8 (h, w, 3), what it looks at; `wanted` is what it should write, nothing
    where a person has typed what it reads. `unit` says what tokens are.
    """

    axis_names = {"tokens": ("token",)}

    step: int
    source: str
    image: Array
    wanted: str
    text: str
    tokens: tuple[Token, ...]
    exact: bool
    unit: str
    split: str
    index: int
    count: int
    own: bool
    goes_on: bool
    running: bool = False


@dataclass(frozen=True)
class TextWritten:
    """What was written from a prompt on.

    `unknown` are the tokens of the prompt that the network has never seen. Where it does not go on, it read everything
    anew for each token (`playground.decoding`).
    """

    prompt: str
    tokens: tuple[Token, ...]
    unknown: tuple[str, ...]
    goes_on: bool
    unit: str

    @property
    def text(self) -> str:
        """The prompt and what was written."""
        return self.prompt + self.written

    @property
    def written(self) -> str:
        """What was written, as a text."""
        texts = [token.text for token in self.tokens]
        # Behind a letter that stands for the prompt, so that words are parted from it but marks are not.
        return joined(["x", *texts], self.unit)[1:] if self.prompt else joined(texts, self.unit)


def place_of(report: Report, experiment: Experiment) -> Place | None:
    """Return where a network writes, if it does."""
    facts = experiment.facts
    for id, block in report.outputs.items():
        name, target = block.target, facts.targets.get(block.target)
        if target is None or name.partition("_")[0] != "next" or target.shape.names != ("time",):
            continue
        before = name.replace("next", "previous", 1)
        field = before if before in facts.inputs else text_field(report)
        if field in facts.vocabularies:
            return Place(id, name, field, field != before)
    return None


class Writing(Probe):
    """Shows what a network writes: samples of running text after every epoch, or its answer to one example."""

    key = "writing"
    title = note("Written text")
    icon = "mdi6.typewriter"
    rate = 4.0
    split: str = choice("validation", choices=("validation", "train"), help="From which examples one is taken")
    index: int = integer(0, help="Which example is answered")
    own: str = words("", longest=2000, label="Own sentence", help="Read these words instead")

    @classmethod
    def suits(cls, experiment: Experiment) -> bool:
        """Say whether there is a next token to be predicted."""
        return any(name.partition("_")[0] == "next" for name in experiment.facts.targets)

    def measure(self, subject: Subject) -> SamplesWritten | AnswerWritten | None:
        """Let the network write; None where it does not."""
        place = place_of(subject.report, _as_read(subject))
        if place is None:
            return None
        return self._samples(subject, place) if place.running else self._answer(subject, place)

    def _samples(self, subject: Subject, place: Place) -> SamplesWritten:
        """Return the samples so far, with a new one where an epoch has ended since the last."""
        from playground.decoding import at_rest

        kept: list[Sample] = subject.notes.setdefault("writing", [])
        epoch = subject.number // subject.steps_per_epoch
        if not kept or kept[-1].epoch != epoch:
            unit = subject.data.unit
            author = Author(subject, place, subject.network)
            with at_rest(subject.network):
                tokens = list(author.go_on([], SAMPLE[unit], WARMTH, 0, SEED))
            kept.append(Sample(epoch, subject.number, joined([token.text for token in tokens], unit)))
            if len(kept) > MOST_SAMPLES:
                del kept[1:-1:2]
        return SamplesWritten(subject.number, tuple(kept))

    def _answer(self, subject: Subject, place: Place) -> AnswerWritten | None:
        """Write the answer to one example."""
        import numpy as np

        from playground.decoding import at_rest

        example = one_example(subject, self.split, self.index)
        if example is None:
            return None
        inputs, reads = dict(example.inputs), _reads(subject, place)
        own = bool(self.own.strip()) and bool(reads)
        if own:
            inputs |= entered(subject, reads, self.own)[0]
        unit = subject.data.unit
        source = _read_text(subject.data, reads, inputs[reads][0]) if reads else ""
        picture = image_input(subject.report)
        image = coloured(np.asarray(inputs[picture]))[0] if picture else np.zeros((0, 0, 3), np.uint8)
        author = Author(subject, place, subject.network, {k: v for k, v in inputs.items() if k != place.field})
        with at_rest(subject.network):
            tokens = tuple(author.answer())
        text = joined([token.text for token in tokens if token.text], unit)
        row = example.targets[place.target][0]
        wanted = joined([author.known[int(one)] for one in row[row >= 0] if author.known[int(one)] != END], unit)
        return AnswerWritten(
            step=subject.number,
            source=source,
            image=image,
            wanted="" if own else wanted,
            text=text,
            tokens=tokens,
            exact=not own and text == wanted,
            unit=unit,
            split=example.split,
            index=example.place,
            count=example.count,
            own=own,
            goes_on=author.goes_on,
        )


@dataclass(frozen=True)
class Write(Inquiry):
    """Asks for a text that goes on from a prompt.

    Attributes:
        prompt: how it begins.
        temperature: how boldly tokens are drawn; 0 takes the likeliest each time.
        top: from how many of the likeliest ones; 0: from all.
        length: how many tokens are written.
        seed: by which chance.
    """

    prompt: str = ""
    temperature: float = WARMTH
    top: int = 0
    length: int = 400
    seed: int = 1

    def work(self, subject: Subject) -> Slices:
        """Write it with the network as it is now, telling what is written so far."""
        from playground.decoding import duplicate

        place = place_of(subject.report, _as_read(subject))
        if place is None or not place.running:
            raise Refusal(say("this network does not go on with texts; open the preset character-model"))
        author = Author(subject, place, duplicate(subject.network, subject.report))
        first, unknown = author.read(self.prompt[:LONGEST_PROMPT])
        prompt, unit = self.prompt[:LONGEST_PROMPT], subject.data.unit
        tokens: list[Token] = []
        length = max(1, min(self.length, MOST_TOKENS))
        for token in author.go_on(first, length, self.temperature, self.top, self.seed):
            tokens.append(token)
            if len(tokens) % TOLD_AFTER == 0:
                yield Slice(len(tokens) / length, TextWritten(prompt, tuple(tokens), unknown, author.goes_on, unit))
        return TextWritten(prompt, tuple(tokens), unknown, author.goes_on, unit)


class Author:
    """Lets a network write, in tokens that can be read."""

    def __init__(self, subject: Subject, place: Place, network: Any, whole: Mapping[str, Array] | None = None) -> None:
        from playground.decoding import Decoder

        feeds = subject.feeds  # type: ignore[attr-defined]  # a Trainer is the one Subject there is
        self._device = feeds.entering(place.field, [[0]]).device
        self._subject, self._field = subject, place.field
        self._steps = int(subject.data.facts.inputs[place.field].time)
        entering = {name: feeds.entering(name, values) for name, values in (whole or {}).items()}
        self._decoder = Decoder(network, place.output, place.field, entering, longest=self._steps)
        self.known = subject.data.vocabularies[place.field]
        self.goes_on = self._decoder.goes_on
        self._never = [at for at, token in enumerate(self.known) if token in (PAD, UNKNOWN, START)]

    def read(self, prompt: str) -> tuple[list[int], tuple[str, ...]]:
        """Return a prompt as the numbers of its tokens, and the tokens that are not known."""
        data, preparation = self._subject.data, self._subject.experiment.preparation
        numbers = numbers_of(self.known)
        tokens = typed_tokens(prompt, data.unit, preparation.lower, numbers) if prompt.strip() else []
        unknown = tuple(dict.fromkeys(token for token in tokens if token not in numbers))
        return [numbers.get(token, 1) for token in tokens], unknown

    def go_on(self, first: list[int], length: int, temperature: float, top: int, seed: int) -> Iterator[Token]:
        """Write from these tokens on; from the beginning of a line, or of the texts, where there are none."""
        from playground.decoding import write

        begin = first or [self.known.index("\n") if "\n" in self.known else self._first_token()]
        steps = write(
            self._decoder,
            self._tensor([begin]),
            temperature=temperature,
            top=top,
            seed=seed,
            never=self._never,
            most=length,
        )
        return map(self._token, steps)

    def answer(self) -> Iterator[Token]:
        """Write an answer, the likeliest token each time, up to its end."""
        from playground.decoding import write

        start, end = self.known.index(START), self.known.index(END)
        first = self._tensor([[start]])
        return map(self._token, write(self._decoder, first, never=self._never, end=end, most=self._steps))

    def _first_token(self) -> int:
        split = next(iter(self._subject.data.splits.values()))
        return int(split.inputs[self._field][0, 0])

    def _tensor(self, rows: list[list[int]]) -> Any:
        import torch

        return torch.tensor(rows, device=self._device)

    def _token(self, step: Written) -> Token:
        best = zip(step.best[0].tolist(), step.shares[0].tolist(), strict=True)
        likeliest = tuple((self._shown(number), share) for number, share in best if share > 0)
        return Token(self._shown(int(step.tokens[0])), float(step.share[0]), likeliest)

    def _shown(self, number: int) -> str:
        token = self.known[number]
        return "" if token == END else token


def _as_read(subject: Subject) -> Experiment:
    """Return the experiment with the facts of the data as they were found."""
    return replace(subject.experiment, facts=subject.data.facts)


def _reads(subject: Subject, place: Place) -> str:
    """Return the name of the text that is read before an answer is written, or nothing."""
    known = subject.data.vocabularies
    return next((name for name in subject.data.facts.inputs if name in known and name != place.field), "")


def _read_text(data: Data, field: str, row: Array) -> str:
    known = data.vocabularies[field]
    return joined([known[int(one)] for one in row[: read_of(row)]], data.unit)
