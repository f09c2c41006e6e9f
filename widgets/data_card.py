"""The card of a data set: what it is, how many examples of what it holds, and its licence."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape
from itertools import accumulate, takewhile

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from playground.data import Source
from playground.facts import DataFacts, Target
from playground.shape import Shape
from playground.text import Sentence, count, note, tr

SPLITS = {"train": note("{n} to train"), "validation": note("{n} to validate"), "test": note("{n} to test")}

SHORT, LONG = 90, 3000
"""How many letters the names of classes or features may take before the rest is left to the tooltip, and there."""


class DataCard(QWidget):
    """What a person should know of the chosen data set.

    Attributes:
        purpose, counts, contents, licence: the labels; what there is nothing to say of is hidden.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.purpose, self.counts, self.contents, self.licence = (
            QLabel(wordWrap=True, objectName=f"data_{name}") for name in ("purpose", "counts", "contents", "licence")
        )
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        for label in (self.purpose, self.counts, self.contents, self.licence):
            label.setProperty("role", "dim")
            label.setTextFormat(Qt.TextFormat.PlainText)  # names come from files
            column.addWidget(label)

    def show_data(self, source: Source, facts: DataFacts) -> None:
        """Show a data set, and what its reader said of it."""
        _fill(self.purpose, str(Sentence(source.purpose())))
        found = [
            Sentence(words, (("n", facts.counts[split]),)) for split, words in SPLITS.items() if facts.counts.get(split)
        ]
        _fill(self.counts, " · ".join(map(str, found)))
        short, long = (list(_contents(source, facts, most)) for most in (SHORT, LONG))
        _fill(self.contents, "\n".join(short))
        self.contents.setToolTip("".join(f"<p>{escape(line)}</p>" for line in long) if long != short else "")
        _fill(self.licence, tr("Licence: {licence}", licence=Sentence(source.licence)) if source.licence else "")


def _fill(label: QLabel, text: str) -> None:
    label.setText(text)
    label.setVisible(bool(text))


def _contents(source: Source, facts: DataFacts, most: int) -> Iterator[str]:
    """Say what goes in and what is to come out, a line each, with names of so many letters at most."""
    for name, shape in facts.inputs.items():
        known = facts.vocabularies.get(name)
        if known is None:
            yield tr("In: {what}", what=_input(shape, facts.names.get(name, ()), most))
        elif shape.is_spelt:
            yield tr(
                "In: up to {letters} letters of each word, {n} different ones", letters=int(shape.letters), n=known
            )
        else:
            yield tr("In: up to {steps} tokens of {n} different ones", steps=int(shape.time), n=known)
    for target in facts.targets.values():
        yield tr("Out: {what}", what=_target(source, target, most))


def _input(shape: Shape, names: tuple[str, ...], most: int) -> str:
    numbers = " × ".join(f"{size:,}" for size in shape.sizes)
    if len(shape.sizes) != 1:
        return tr("{sizes} numbers", sizes=numbers)
    if not names:
        return str(count("{n} number", "{n} numbers", shape.count))
    return str(count("{n} number: {names}", "{n} numbers: {names}", shape.count, names=_listed(names, most)))


def _target(source: Source, target: Target, most: int) -> str:
    if not target.is_class:
        return str(count("{n} number", "{n} numbers", target.shape.count))
    names, n = _listed(tuple(map(source.class_name, target.classes)), most), len(target.classes)
    if target.shape.names == ("time",):
        return str(count("{n} class for each step: {names}", "{n} classes for each step: {names}", n, names=names))
    if target.shape.sizes:
        return str(count("{n} class for each pixel: {names}", "{n} classes for each pixel: {names}", n, names=names))
    return str(count("{n} class: {names}", "{n} classes: {names}", n, names=names))


def _listed(names: tuple[str, ...], most: int) -> str:
    ends = accumulate(len(name) + 2 for name in names)
    shown = max(1, sum(1 for _ in takewhile(lambda end: end <= most + 2, ends)))
    return ", ".join(names[:shown]) + (", …" if len(names) > shown else "")
