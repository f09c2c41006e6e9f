"""What panels share that show the answers to some examples side by side: leafing through them, tiles, bars of
shares.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from playground.probes import Probe
from playground.text import Sentence, tr
from widgets.panels.parts.plots import Picture, Readout, icon_button, row
from widgets.theme import current, font

Array = np.ndarray[Any, Any]

GAP = 6

ROOMY = 340
"""Pixels from which on a panel is wide enough for examples and bars side by side."""


class Gallery(Picture):
    """The base of panels that show some examples with the network's answers, and beside them how good all are.

    A subclass creates `tiles` and `beside` in `make`, says in `asked` what it wants to know from a first example on,
    and shows an answer, which has a `first`, a `total` and a `split`, in `show_answer`.
    """

    count = 3
    """How many examples are shown at once."""

    def make(self) -> tuple[QWidget, QWidget]:
        """Create what shows the examples, and what stands beside it."""
        raise NotImplementedError

    def asked(self, first: int) -> Probe | None:
        """Return the question for the examples from a place on; None where the network gives no such answers."""
        raise NotImplementedError

    def show_answer(self, answer: Any) -> None:
        """Show an answer."""
        raise NotImplementedError

    def compose(self, column: QVBoxLayout) -> None:
        """Create the arrows, the tiles and what stands beside them."""
        self.answer: Any = None
        self.first = 0
        self.before = icon_button(f"{self.key}_before", "mdi6.chevron-left")
        self.before.clicked.connect(self._on_before_clicked)
        self.after = icon_button(f"{self.key}_after", "mdi6.chevron-right")
        self.after.clicked.connect(self._on_after_clicked)
        self.place = QLabel(objectName=f"{self.key}_place")
        self.place.setProperty("role", "dim")
        self.readout = Readout(f"{self.key}_readout")
        column.addLayout(row(self.before, self.place, self.after, self.readout))
        self.tiles, self.beside = self.make()
        body = QHBoxLayout()
        body.setSpacing(12)
        body.addWidget(self.tiles, 3)
        body.addWidget(self.beside, 1)
        column.addLayout(body, 1)
        self.destroyed.connect(self.session.document.subscribe(self._on_document_changed))
        self.session.restarted.connect(self._on_session_restarted)

    def probe(self) -> Probe | None:
        """Ask for the examples that are shown."""
        return self.asked(self.first)

    def draw(self, answer: Any) -> None:
        """Show the answers as they are now."""
        self.answer = answer
        self.show_picture(answer is not None)
        if answer is None:
            return
        self._place()
        self.show_answer(answer)

    def _place(self) -> None:
        total, shown = self.answer.total, min(self.count, self.answer.total)
        last = (self.first % total + shown - 1) % total
        text = f"{self.first % total + 1:,}–{last + 1:,} / {total:,}"
        if self.place.text() != text:
            self.place.setText(text)

    def _turn(self, by: int) -> None:
        if self.answer is not None:
            self.first = (self.first + by) % self.answer.total
            self._place()
            self.rewatch()

    # -- words and colours -------------------------------------------------------------------------------------

    def title_detail(self) -> str:
        """Return which examples are shown."""
        return tr("train") if self.answer is not None and self.answer.split == "train" else tr("validation")

    def relabel(self) -> None:
        """Say everything again in the present language."""
        super().relabel()
        for button, words in ((self.before, tr("Previous examples")), (self.after, tr("Next examples"))):
            button.setAccessibleName(words)
            button.setToolTip(words)
        self.tiles.setAccessibleName(str(Sentence(self.title)))
        if self.answer is not None:
            self.show_answer(self.answer)

    def recolour(self, theme: Any) -> None:
        """Take the colours of a theme."""
        if self.answer is not None:
            self.show_answer(self.answer)
        self.tiles.update()
        self.beside.update()

    # -- what happens ------------------------------------------------------------------------------------------

    def sync(self) -> None:
        """Say what is missing while there is nothing to draw."""
        self.show_picture(self.answer is not None)

    def _on_document_changed(self, old: Any, new: Any) -> None:
        if old.graph is not new.graph or old.facts is not new.facts:
            if self.probe() is None:
                self.draw(None)
            self.rewatch()

    def _on_session_restarted(self) -> None:
        self.draw(None)

    def _on_before_clicked(self) -> None:
        self._turn(-self.count)

    def _on_after_clicked(self) -> None:
        self._turn(+self.count)

    # -- Qt ----------------------------------------------------------------------------------------------------

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Leave the bars out where the examples need their room; the line above says their mean."""
        super().resizeEvent(event)
        self.beside.setVisible(self.width() >= ROOMY)


class Shares(QWidget):
    """Names with a bar from 0 to 1 and a number each."""

    LINE = 18

    def __init__(self, name: str) -> None:
        super().__init__()
        self.setObjectName(name)
        self.setFont(font(8.5))
        self.setMinimumWidth(132)
        self.rows: tuple[tuple[str, float, QColor], ...] = ()

    def show_rows(self, rows: tuple[tuple[str, float, QColor], ...]) -> None:
        """Show these names, values (NaN: there is none) and colours."""
        if rows != self.rows:
            self.rows = rows
            self.setAccessibleDescription("; ".join(f"{name} {said(value)}" for name, value, _ in rows))
            self.setToolTip("\n".join(f"{name}  {said(value)}" for name, value, _ in rows))
            self.update()

    # -- Qt ----------------------------------------------------------------------------------------------------

    def sizeHint(self) -> QSize:
        """Ask for a narrow column."""
        return QSize(150, self.LINE * max(1, len(self.rows)))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint as many rows as there is room for."""
        look, painter = current(), QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        metrics = self.fontMetrics()
        number = metrics.horizontalAdvance("0.00") + 4
        widest = max((metrics.horizontalAdvance(name) for name, *_ in self.rows), default=0) + 2
        names = min(widest, self.width() - number - 40)
        room = self.height() // self.LINE
        for k, (name, value, colour) in enumerate(self.rows[:room]):
            top = k * self.LINE
            painter.setPen(QColor(look.text))
            shown = metrics.elidedText(name, Qt.TextElideMode.ElideRight, names)
            painter.drawText(QRectF(0, top, names, self.LINE), Qt.AlignmentFlag.AlignVCenter, shown)
            bar = QRectF(names + 8, top + 5, max(8, self.width() - names - 8 - number - 4), self.LINE - 10)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(look.line))
            painter.drawRoundedRect(bar, 3, 3)
            if value > 0:
                painter.setBrush(colour)
                painter.drawRoundedRect(QRectF(bar.x(), bar.y(), bar.width() * min(1.0, value), bar.height()), 3, 3)
            painter.setPen(QColor(look.dim))
            place = QRectF(self.width() - number, top, number, self.LINE)
            painter.drawText(place, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight, said(value))


def said(value: float) -> str:
    """Write a share; a dash where there is none."""
    return "–" if value != value else f"{value:.2f}"


def enlarged(image: QImage, width: float, height: float) -> float:
    """Return by how much a picture is enlarged to fit into some room: from three times on a whole number of times."""
    times = max(0.1, min(width / image.width(), height / image.height()))
    return float(int(times)) if times >= 3 else times
