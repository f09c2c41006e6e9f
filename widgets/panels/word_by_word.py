"""How sure the network is of each class after every word of a text."""

from __future__ import annotations

import math
from typing import Any

from PySide6.QtCore import QEvent, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QVBoxLayout, QWidget

from playground.probes.word_by_word import WordByWord, WordByWordAnswer
from playground.text import note, tr
from widgets.data_view.wording import class_colour
from widgets.panels.parts.plots import Picture, Readout
from widgets.panels.parts.sentence import SentenceBar
from widgets.panels.parts.words_axis import WordsAxis
from widgets.theme import Theme, current, font

DASHES = (Qt.PenStyle.SolidLine, Qt.PenStyle.DashLine, Qt.PenStyle.DotLine, Qt.PenStyle.DashDotLine)
"""How the lines of the classes differ besides their colours."""


class WordByWordPanel(Picture):
    """Shows the share of each class after every word."""

    key = "word_by_word"
    title = note("After every word")
    help = note(
        "The network is asked after the first word, after the first two, and so on, as if the text ended there: the "
        "curves show how sure it is of each class. Where they cross, that word changed its mind. Type a sentence of "
        "your own and see which word turns it round."
    )
    icon = "mdi6.chart-timeline-variant"

    def compose(self, column: QVBoxLayout) -> None:
        """Create the controls, the curves and the line of words."""
        self.answer: WordByWordAnswer | None = None
        self.bar = SentenceBar("word_by_word", self.focus)
        column.addWidget(self.bar)
        self.curves = ShareCurves("word_by_word_curves", self.class_name)
        self.curves.pointed.connect(self._tell)
        column.addWidget(self.curves, 1)
        self._readout = Readout("word_by_word_readout")
        column.addWidget(self._readout)
        self.focus.changed.connect(self._on_focus_changed)
        self.session.restarted.connect(self._on_session_restarted)
        self.destroyed.connect(self.session.document.subscribe(self._on_document_changed))

    def probe(self) -> WordByWord | None:
        """Ask for the text that all panels look at; for nothing where texts have no class."""
        if not WordByWord.suits(self.session.document.now):
            return None
        return WordByWord(index=self.focus.now.index, own=self.focus.now.words)

    def draw(self, answer: WordByWordAnswer | None) -> None:
        """Show the curves."""
        self.answer = answer
        self.show_picture(answer is not None)
        if answer is None:
            return
        self.curves.show_answer(answer)
        self.bar.show_place(answer.index, answer.count, answer.own, True)
        self._tell()

    def _tell(self) -> None:
        """Say how sure the network is after the word that is pointed at, else after the last one."""
        answer, at = self.answer, self.curves.hovered
        if answer is None:
            return
        if at >= 0:
            self._readout.hurry()
        column = answer.shares[:, at]  # of the last word where none is pointed at
        best = int(column.argmax())
        number = answer.shown[best]
        theme = current()
        said = f"{self.class_name(answer.classes[number])} {float(column[best]):.0%}"
        if at >= 0:
            said = tr("after {word}: {said}", word=f"“{answer.words[at]}”", said=said)
        if answer.label < 0:
            self._readout.say(said)
            return
        right = number == answer.label
        colour, mark = (theme.good_text, "✓") if right else (theme.bad_text, "✗")
        label = tr("label {name}", name=self.class_name(answer.classes[answer.label]))
        verdict = f'<span style="color:{colour}">{mark}</span> {said}'
        self._readout.say(f"{label} &nbsp; {verdict}", verdict)

    # -- words -------------------------------------------------------------------------------------------------

    def empty(self) -> str:
        """Say how to fill it."""
        if not WordByWord.suits(self.session.document.now):
            return tr("Where texts have a class, the answer after every word appears here: open sentiment-lstm.")
        return tr("Once the network is complete, its answer after every word appears here.")

    def relabel(self) -> None:
        """Say everything again in the present language."""
        super().relabel()
        self.bar.relabel()
        self.curves.setAccessibleName(tr("The share of each class after every word"))
        self.curves.update()
        self._tell()

    def recolour(self, theme: Theme) -> None:
        """Take the colours of a theme."""
        self.curves.update()

    # -- what happens ------------------------------------------------------------------------------------------

    def sync(self) -> None:
        """Say what is missing while there is nothing to draw."""
        self.show_picture(self.answer is not None)

    def _on_focus_changed(self) -> None:
        self.rewatch()

    def _on_session_restarted(self) -> None:
        self.draw(None)

    def _on_document_changed(self, old: Any, new: Any) -> None:
        if old.facts is not new.facts or old.graph is not new.graph:
            self.show_picture(self.answer is not None)
            self.rewatch()


class ShareCurves(QWidget):
    """Paints a curve for each class over the words.

    Signals:
        pointed(): the pointer is at another word.
    """

    pointed = Signal()

    def __init__(self, name: str, called: Any) -> None:
        super().__init__()
        self.setObjectName(name)
        self.setMouseTracking(True)
        self.setFont(font(8.5))
        self.setMinimumSize(80, 60)
        self.hovered = -1
        self._called = called
        self._answer: WordByWordAnswer | None = None
        self._axis = WordsAxis((), 1)

    def show_answer(self, answer: WordByWordAnswer) -> None:
        """Show these shares."""
        self._answer = answer
        self._axis = WordsAxis(answer.words, len(answer.words), answer.unknown)
        self.hovered = min(self.hovered, len(answer.words) - 1)
        self.update()

    def box(self) -> QRectF:
        """Return where the curves are; the words stand below, the classes beside."""
        metrics = self.fontMetrics()
        answer = self._answer
        names = [self._called(answer.classes[k]) for k in answer.shown] if answer is not None else []
        beside = min(0.3 * self.width(), max(map(metrics.horizontalAdvance, names), default=0) + 12)
        left = metrics.horizontalAdvance("100 %") + 6
        wide = max(20.0, self.width() - left - beside)
        words = self._axis.height(wide / max(1, self._axis.steps), 0.4 * self.height())
        return QRectF(left, 6, wide, max(16.0, self.height() - words - 8))

    # -- Qt ----------------------------------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the scale, the curves, their names and the words."""
        answer = self._answer
        if answer is None:
            return
        theme, painter, box = current(), QPainter(self), self.box()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        line = painter.fontMetrics().height()
        for share in (0.0, 0.5, 1.0):
            y = box.bottom() - share * box.height()
            painter.setPen(QPen(QColor(theme.line), 1.0))
            painter.drawLine(QPointF(box.left(), y), QPointF(box.right(), y))
            painter.setPen(QColor(theme.dim))
            place = QRectF(0, y - line / 2, box.left() - 5, line)
            painter.drawText(place, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, f"{share:.0%}")
        each = box.width() / len(answer.words)
        if self.hovered >= 0:
            painter.fillRect(
                QRectF(box.left() + self.hovered * each, box.top(), each, box.height()), QColor(theme.field)
            )
        taken: list[float] = []
        for k in sorted(range(len(answer.shown)), key=lambda k: -float(answer.shares[k, -1])):
            values = answer.shares[k].tolist()
            points = [
                QPointF(box.left() + (t + 0.5) * each, box.bottom() - value * box.height())
                for t, value in enumerate(values)
            ]
            wide = 2.4 if answer.shown[k] == answer.label else 1.8
            painter.setPen(QPen(class_colour(answer.shown[k]), wide, DASHES[k % len(DASHES)]))
            painter.drawPolyline(QPolygonF(points))
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(class_colour(answer.shown[k]))
            for point in points if each >= 8 else points[-1:]:
                painter.drawEllipse(point, 2.2, 2.2)
            painter.setBrush(Qt.BrushStyle.NoBrush)
            if all(abs(points[-1].y() - other) >= line - 2 for other in taken):
                taken.append(points[-1].y())
                self._paint_name(painter, answer.shown[k], QPointF(box.right() + 5, points[-1].y()))
        words = QRectF(box.left(), box.bottom() + 4, box.width(), self.height() - box.bottom() - 4)
        self._axis.paint(painter, words, self.hovered)

    def _paint_name(self, painter: QPainter, number: int, at: QPointF) -> None:
        """Write what a class is called at the end of its curve, in bold where it is the right one."""
        answer = self._answer
        assert answer is not None
        own = font(8.5)
        own.setBold(number == answer.label)
        painter.setFont(own)
        painter.setPen(QColor(current().text))
        room = self.width() - at.x() - 1
        name = painter.fontMetrics().elidedText(
            self._called(answer.classes[number]), Qt.TextElideMode.ElideRight, int(room)
        )
        painter.drawText(QRectF(at.x(), at.y() - 10, room, 20), Qt.AlignmentFlag.AlignVCenter, name)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Point at a word."""
        super().mouseMoveEvent(event)
        box = self.box()
        at = math.floor((event.position().x() - box.left()) / max(1e-6, box.width()) * self._axis.steps)
        hovered = at if 0 <= at < self._axis.steps else -1
        if hovered != self.hovered:
            self.hovered = hovered
            self.update()
            self.pointed.emit()

    def leaveEvent(self, event: QEvent) -> None:
        """Point at nothing."""
        self.hovered = -1
        self.update()
        self.pointed.emit()
