"""Examples as tiles: what each looks like, what it is and what the network takes it for; one can be chosen."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QHelpEvent,
    QImage,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QPolygonF,
    QResizeEvent,
)
from PySide6.QtWidgets import QToolTip, QWidget

from playground.probes.mistakes import MOST_SHOWN, MistakesAnswer
from playground.text import tr
from widgets.data_view.wording import class_colour
from widgets.panels.parts.grids import STEPS, fitted
from widgets.panels.parts.plots import as_image, readable
from widgets.theme import current, font

Array = np.ndarray[Any, Any]

SMALLEST, USUAL, LARGEST = 44, 88, 120
"""Pixels along a side of a picture: it is at least so large, larger where the height allows, and largest if few."""

GAP, INSET = 6, 4
WIDE, NARROW = 260, 148
"""Pixels that a text, and a row of numbers, are wide at least."""

LINES = 4
"""Numbers of a row that a tile shows, one below the other."""


class ExampleTiles(QWidget):
    """Paints as many examples as there is room for.

    Attributes:
        at: the tile where the keys are.
        looked_at: the place of the example that all panels look at, −1 where that is none of the data.

    Signals:
        chosen(int): this example is to be looked at, by its place in the split.
        turned(int): the page is to be turned, one forwards or back.
        resized(): there is room for more, or fewer.
    """

    chosen = Signal(int)
    turned = Signal(int)
    resized = Signal()

    def __init__(self, name: str, called: Callable[[str], str]) -> None:
        super().__init__()
        self.setObjectName(name)
        self.setFont(font(8.5))
        self.setMinimumSize(90, 60)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.at, self.looked_at = 0, -1
        self._called = called
        self._answer: MistakesAnswer | None = None
        self._images: list[QImage] = []
        self._lines = 2

    def show_answer(self, answer: MistakesAnswer, looked_at: int) -> None:
        """Show these examples."""
        self._answer, self.looked_at = answer, looked_at
        pictures = answer.pictures if answer.pictures is not None else ()
        self._images = [as_image(np.ascontiguousarray(one)) for one in pictures]
        self._lines = self._lines_below(answer)
        self.at = max(0, min(self.at, len(answer.places) - 1))
        self._describe()
        self.update()

    def room(self, form: str) -> int:
        """Return how many examples of a form can be seen at once."""
        width, height = self._least(form)
        rows = self._down(height)
        if form in ("picture", "clip"):  # as high as so many rows can be
            width += max(0, min(USUAL - SMALLEST, (self.height() + GAP) // rows - GAP - int(height)))
        return max(1, min(MOST_SHOWN, self._across(width) * rows))

    def told(self, k: int) -> str:
        """Say all there is to say of an example."""
        answer = self._answer
        assert answer is not None
        label, guess = (self._called(answer.classes[int(one)]) for one in (answer.labels[k], answer.predicted[k]))
        sure, right = f"{answer.sure[k]:.2f}", f"{answer.right[k]:.2f}"
        place = int(answer.places[k]) + 1
        if answer.labels[k] == answer.predicted[k]:
            return tr("Example {n}: {label}, rightly, with {sure}", n=place, label=label, sure=sure)
        return tr(
            "Example {n}: {label} ({right}), taken for {guess} ({sure})",
            n=place,
            label=label,
            right=right,
            guess=guess,
            sure=sure,
        )

    def tile(self, k: int) -> QRectF:
        """Return where a tile is painted."""
        width, height = self._size()
        across = self._across(width)
        step = (self.width() + GAP) / across if self._is_text() else width + GAP
        return QRectF(k % across * step, k // across * (height + GAP), step - GAP, height)

    # -- how large ---------------------------------------------------------------------------------------------

    def _lines_below(self, answer: MistakesAnswer) -> int:
        """Return how many lines stand below a picture: with long names the two classes have one each."""
        widest = max((self.fontMetrics().horizontalAdvance(self._called(name)) for name in answer.classes), default=0)
        return 2 if 2 * widest + self.fontMetrics().horizontalAdvance("✗  → ") <= SMALLEST else 3

    def _line(self) -> int:
        return self.fontMetrics().height()

    def _least(self, form: str) -> tuple[float, float]:
        """Return the width and height of the smallest tile of a form."""
        line = self._line()
        if form in ("picture", "clip"):
            return SMALLEST + 2 * INSET, SMALLEST + self._lines * line + 2 * INSET
        if form == "words":
            return WIDE, 2 * line + 2 * INSET
        if form == "curves":
            return NARROW, 40 + line + 2 * INSET
        names = self._answer.names if self._answer is not None else ()
        return NARROW, (min(LINES, max(1, len(names))) + 1) * line + 2 * INSET

    def _size(self) -> tuple[float, float]:
        """Return the width and height of the tiles that are shown: few pictures grow into the room that there is."""
        form = self._answer.form if self._answer is not None else ""
        width, height = self._least(form)
        n = len(self._answer.places) if self._answer is not None else 0
        if form in ("picture", "clip") and n:
            sides = range(LARGEST, SMALLEST, -4)
            more = height - SMALLEST
            fits = (s for s in sides if self._across(s + 2 * INSET) * self._down(s + more) >= n)
            side = next(fits, SMALLEST)
            return side + 2 * INSET, side + more
        return width, height

    def _across(self, width: float) -> int:
        return max(1, int((self.width() + GAP) / (width + GAP)))

    def _down(self, height: float) -> int:
        return max(1, int((self.height() + GAP) / (height + GAP)))

    def _is_text(self) -> bool:
        return self._answer is not None and self._answer.form in ("words", "numbers", "curves", "")

    def _at(self, place: QPointF) -> int:
        n = len(self._answer.places) if self._answer is not None else 0
        return next((k for k in range(n) if self.tile(k).contains(place)), -1)

    # -- painting ----------------------------------------------------------------------------------------------

    def _paint_tile(self, painter: QPainter, k: int, box: QRectF) -> None:
        answer, look = self._answer, current()
        assert answer is not None
        here = int(answer.places[k]) == self.looked_at
        painter.setPen(QPen(QColor(look.accent if here else look.line), 2 if here else 1))
        painter.setBrush(QColor(look.field))
        painter.drawRoundedRect(box.adjusted(1, 1, -1, -1), 5, 5)
        inner, line = box.adjusted(INSET + 1, INSET, -INSET - 1, -INSET), self._line()
        lines = self._lines if answer.form in ("picture", "clip") else 1
        above = QRectF(inner.left(), inner.top(), inner.width(), inner.height() - lines * line)
        if answer.form in ("picture", "clip"):
            image = self._images[k]
            painter.drawImage(fitted(above.adjusted(0, 0, 0, -2), image.height(), image.width()), image)
        elif answer.form == "words":
            self._paint_line(painter, above, " ".join(answer.texts[k]), look.text)
        elif answer.form == "curves" and answer.values is not None:
            self._paint_curves(painter, above, answer.values[k])
        elif answer.values is not None:
            self._paint_numbers(painter, above, answer.names, answer.values[k])
        self._paint_verdict(painter, QRectF(inner.left(), above.bottom(), inner.width(), lines * line), k, lines)
        if self.hasFocus() and k == self.at:
            painter.setPen(QPen(QColor(look.accent), 1, Qt.PenStyle.DashLine))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(box.adjusted(3, 3, -3, -3), 3, 3)

    def _paint_verdict(self, painter: QPainter, box: QRectF, k: int, lines: int) -> None:
        """Write the right class, the network's, and how sure it is."""
        answer, look = self._answer, current()
        assert answer is not None
        label, guess = (self._called(answer.classes[int(one)]) for one in (answer.labels[k], answer.predicted[k]))
        right = answer.labels[k] == answer.predicted[k]
        said = f"✓ {label}" if right else f"✗ {label} → {guess}"
        colour = look.good_text if right else look.bad_text
        share = f"{answer.sure[k]:.2f}"
        if lines > 1:
            texts = [(said, colour), (share, look.dim)]
            if lines == 3:  # the right one above the network's
                above = (label, look.text) if not right else ("", look.text)
                texts = [above, (f"{'✓' if right else '✗'} {guess}", colour), (share, look.dim)]
            each = box.height() / lines
            for at, (text, shade) in enumerate(texts):
                place = QRectF(box.left(), box.top() + at * each, box.width(), each)
                self._paint_line(painter, place, text, shade, Qt.AlignmentFlag.AlignHCenter)
            return
        wide = painter.fontMetrics().horizontalAdvance(share) + 4
        self._paint_line(painter, box.adjusted(0, 0, -wide, 0), said, colour)
        self._paint_line(painter, box, share, look.dim, Qt.AlignmentFlag.AlignRight)

    def _paint_line(
        self,
        painter: QPainter,
        box: QRectF,
        text: str,
        colour: str,
        where: Qt.AlignmentFlag = Qt.AlignmentFlag.AlignLeft,
    ) -> None:
        painter.setPen(QColor(colour))
        shown = painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, int(box.width()) + 1)
        painter.drawText(box, where | Qt.AlignmentFlag.AlignVCenter, shown)

    def _paint_numbers(self, painter: QPainter, box: QRectF, names: tuple[str, ...], values: Array) -> None:
        """Write the first numbers of a row below each other, each behind its name."""
        line, look = self._line(), current()
        for k, value in enumerate(values[:LINES]):
            place = QRectF(box.left(), box.top() + k * line, box.width(), line)
            said = readable(float(value)) + (" …" if k == LINES - 1 < len(values) - 1 else "")
            wide = painter.fontMetrics().horizontalAdvance(said) + 6
            self._paint_line(painter, place.adjusted(0, 0, -wide, 0), names[k] if k < len(names) else "", look.dim)
            self._paint_line(painter, place, said, look.text, Qt.AlignmentFlag.AlignRight)

    def _paint_curves(self, painter: QPainter, box: QRectF, values: Array) -> None:
        """Draw a series (steps, features)."""
        shown = np.nan_to_num(values.astype(float))
        low, high = float(shown.min()), float(shown.max())
        span = high - low if high > low else 1.0
        for feature in range(shown.shape[1]):
            painter.setPen(QPen(class_colour(feature), 1.3))
            along = np.linspace(box.left(), box.right(), len(shown))
            up = box.bottom() - 2 - (shown[:, feature] - low) / span * (box.height() - 4)
            painter.drawPolyline(QPolygonF([QPointF(x, y) for x, y in zip(along, up, strict=True)]))

    def _describe(self) -> None:
        answer = self._answer
        if answer is not None:
            self.setAccessibleDescription(self.told(self.at) if len(answer.places) else "")

    # -- Qt ----------------------------------------------------------------------------------------------------

    def sizeHint(self) -> QSize:
        """Ask for two rows of pictures."""
        return QSize(360, 190)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the tiles that there is room for."""
        if self._answer is None:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for k in range(len(self._answer.places)):
            box = self.tile(k)
            if box.bottom() <= self.height() + 1 or k == 0:
                self._paint_tile(painter, k, box)

    def event(self, event: QEvent) -> bool:
        """Say all of an example where the pointer rests on it."""
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            k = self._at(QPointF(event.pos()))
            QToolTip.showText(event.globalPos(), self.told(k) if k >= 0 else "", self)
            return True
        return super().event(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Choose an example."""
        k = self._at(event.position())
        if event.button() == Qt.MouseButton.LeftButton and k >= 0:
            self.at = k
            self._choose()

    def _choose(self) -> None:
        if self._answer is not None and len(self._answer.places):
            self._describe()
            self.update()
            self.chosen.emit(int(self._answer.places[self.at]))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Walk with the arrow keys, choose with Enter, turn the page with the page keys."""
        n = len(self._answer.places) if self._answer is not None else 0
        key = Qt.Key(event.key())
        if key in (Qt.Key.Key_PageUp, Qt.Key.Key_PageDown):
            self.turned.emit(1 if key == Qt.Key.Key_PageDown else -1)
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space):
            self._choose()
        elif key in STEPS and n:
            down, right = STEPS[key]
            self.at = max(0, min(n - 1, self.at + right + down * self._across(self._size()[0])))
            self._describe()
            self.update()
        else:
            super().keyPressEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Tell that there is another room."""
        super().resizeEvent(event)
        self.resized.emit()

    def focusInEvent(self, event: object) -> None:
        """Show where the keys are."""
        self.update()

    def focusOutEvent(self, event: object) -> None:
        """Show it no longer."""
        self.update()
