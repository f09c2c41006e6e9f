"""One step of training, explained: an example walked through the network and back, number by number."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, NamedTuple

from playground.declare import choice, integer, switch, words
from playground.explaining import Told, Walked
from playground.picture import Picture
from playground.probes import Probe, Subject
from playground.probes._entering import looked_at
from playground.probes._reading import reading, text_field, words_of
from playground.probes._walking import Stops, label_of
from playground.text import Refusal, Sentence, note, say

if TYPE_CHECKING:
    from playground.copied import Copied

MOST_MOMENTS = 2
"""Frozen moments that are kept: the newest."""

KEPT = "explain"
"""Under which name a run keeps them."""


Asked = tuple[str, int, str, Picture | None]


class Way(NamedTuple):
    """A walk that has been taken, with what it was asked for by."""

    asked: Asked
    stops: Stops
    walk: Any
    split: str
    index: int  # type: ignore[assignment]  # hides a method of tuples, which nobody needs here
    count: int  # type: ignore[assignment]  # as index does
    label: str


class Moment:
    """A network as it was when it was frozen, and the example that was walked last."""

    def __init__(self, copied: Copied) -> None:
        self.copied = copied
        self.way: Way | None = None


class Explain(Probe):
    """Walks one example through the network, to the loss, back, and to the update of every weight."""

    key = "explain"
    title = note("Explain this step")
    icon = "mdi6.walk"
    rate = 4.0
    split: str = choice("validation", choices=("validation", "train"), help="From which examples one is taken")
    index: int = integer(0, help="Which example")
    stage: int = integer(0, help="Which stop of the walk")
    of: str = words("", label="Of", help="What is looked at there; empty: the first that there is")
    entry: str = words("", label="Entry", help="Which number of it, such as 3,0,2; empty: one that tells much")
    check: bool = switch(False, help="Compare the gradient with autograd and with central differences")
    moment: int = integer(
        0, high=2**63 - 1, help="A number for the moment at which the network is frozen; 0: as it is now"
    )
    words: str = words("", longest=2000, label="Own sentence", help="Read these words instead")
    picture: Picture | None = None
    """A picture to be looked at in place of the example; nothing is known to be right of it, so there is no loss."""

    def measure(self, subject: Subject) -> Walked | None:
        """Tell of one number; what cannot be walked is said in the remark, and there are no stages."""
        try:
            moment = self._moment(subject)
            way = self._way(subject, moment)
        except Refusal as refusal:
            return _nothing(subject, refusal.sentence)
        stages = way.stops.stages
        at = min(self.stage, len(stages) - 1)
        stage = stages[at]
        of = self.of if self.of in stage.of else stage.of[0]
        entry = way.stops.entry(stage, of, self.entry)
        told = way.stops.told(stage, of, entry)
        checked = None
        if self.check:
            checked, bent = way.stops.checked(stage, of, entry)
            if bent:
                corner = say(
                    "A corner of the function (where ReLU bends, or another number becomes the largest) lies within "
                    "the width of the difference: there it need not agree."
                )
                told = replace(told, remark=corner)
        return Walked(
            step=moment.copied.step,
            stages=stages,
            stage=at,
            of=of,
            entry=entry,
            shape=way.stops.values(stage, of).shape,
            told=told,
            loss=way.walk.loss,
            checked=checked,
            index=way.index,
            count=way.count,
            label=way.label,
        )

    def _moment(self, subject: Subject) -> Moment:
        """Return the moment that is asked for; a new one is frozen now."""
        from playground.copied import Copied

        run: Any = subject  # a Trainer: its judges and its optimiser are asked for too
        if not self.moment:
            return Moment(Copied(run, keep=False))
        kept: dict[int, Moment] = subject.notes.setdefault(KEPT, {})
        if self.moment not in kept:
            made = Moment(Copied(run, keep=True))
            kept[self.moment] = made
            while len(kept) > MOST_MOMENTS:
                kept.pop(next(iter(kept)))
        return kept[self.moment]

    def _way(self, subject: Subject, moment: Moment) -> Way:
        """Return the walk of the example that is asked for."""
        asked = self.split, self.index, self.words.strip(), self.picture
        if moment.way is None or moment.way.asked != asked:
            moment.way = self._walked(subject, moment, asked)
        return moment.way

    def _walked(self, subject: Subject, moment: Moment, asked: Asked) -> Way:
        from playground.walking import Walk

        run: Any = subject
        example = looked_at(subject, self.split, self.index, self.picture)
        if example is None:
            raise Refusal(say("there are no examples to be walked"))
        field = text_field(subject.report)
        read = reading(subject, field, self.split, self.index, self.words) if field and self.words.strip() else None
        if read is not None and read.own:
            given, said = read.inputs, read.words
        else:
            given, said = example.inputs, _words(subject, example.inputs, field)
        if (read is not None and read.own) or example.own:
            inputs = {name: run.feeds.entering(name, values) for name, values in given.items()}
            walk = Walk(moment.copied, inputs, ())
        else:
            inputs, targets = run.feeds.splits[example.split].piece(example.place, example.place + 1)
            walk = Walk(moment.copied, inputs, targets)
        steps = int(inputs[field].shape[1]) if said else 0
        stops = Stops(walk, (*said, *[""] * steps)[:steps])
        label = label_of(subject, example.targets, said)
        return Way(asked, stops, walk, example.split, example.place, example.count, label)


def _words(subject: Subject, inputs: Any, field: str) -> tuple[str, ...]:
    """Return the words of a text by step, none where it is no text."""
    known = subject.data.vocabularies.get(field)
    if known is None or field not in inputs:
        return ()
    row = inputs[field][0]
    return tuple(word if number else "" for number, word in zip(row, words_of(row, known), strict=True))


def _nothing(subject: Subject, why: Sentence) -> Walked:
    """Answer where nothing can be walked, with the reason."""
    return Walked(subject.number, (), 0, "", (), (), Told(remark=why), float("nan"))
