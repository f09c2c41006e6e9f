"""Tagged sentences, painted: each word on its tag's colour with the tag below, mistakes framed and struck out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QFont,
    QFontMetricsF,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QResizeEvent,
)
from PySide6.QtWidgets import QWidget

from playground.probes.tagging import Tagged
from playground.text import tr
from widgets.data_view.wording import class_colour, tint
from widgets.theme import current, font

OUTSIDE = "O"
"""The tag of words that are part of no name: it is not written, for nearly all words have it."""

GUTTER = 34.0
"""Pixels in front of a sentence, for how many mistakes it has."""

ROOM, GAP = 4.0, 3.0


class Cell(NamedTuple):
    """A word on its way to be painted: of which sentence, which word, and where."""

    text: int
    word: int
    box: QRectF


def colours(classes: Sequence[str]) -> list[int]:
    """Return the number of each tag's colour: beginning and inside of one kind of name have the same; −1: none."""
    kinds: dict[str, int] = {}
    found = []
    for name in classes:
        kind = name[2:] if name[:2] in ("B-", "I-", "E-", "S-") else name
        found.append(-1 if name == OUTSIDE else kinds.setdefault(kind, len(kinds)))
    return found


class TaggedLines(QWidget):
    """Paints sentences below each other, each broken into as many lines as it needs.

    Signals:
        pointed(): the pointer is at another word.
        picked(int): a sentence was chosen, by its number here.

    Attributes:
        hovered: the sentence and the word that the pointer is at, if it is at one.
        chosen: the number of the sentence that is marked; −1: none.
    """

    pointed = Signal()
    picked = Signal(int)

    def __init__(self, name: str, called: Callable[[str], str]) -> None:
        super().__init__()
        self.setObjectName(name)
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._called = called
        self.texts: tuple[Tagged, ...] = ()
        self.classes: tuple[str, ...] = ()
        self.cells: list[Cell] = []
        self.hovered: tuple[int, int] | None = None
        self.chosen = -1
        self._colours: list[int] = []
        self._word, self._tag = font(9.5), font(7.5)

    def show_texts(self, texts: tuple[Tagged, ...], classes: tuple[str, ...], chosen: int) -> None:
        """Show these sentences, one of them marked."""
        if classes != self.classes:
            self.classes, self._colours = classes, colours(classes)
        laid = [(one.words, one.given.tolist(), one.right.tolist()) for one in texts]
        same = laid == [(one.words, one.given.tolist(), one.right.tolist()) for one in self.texts]
        self.texts, self.chosen = texts, chosen
        if not same:
            self.hovered = None
            self._arrange()
            self._describe()
        self.update()

    def labels(self, text: Tagged, word: int) -> tuple[str, str]:
        """Return the tag that is struck out and the one that stands: of a mistake what was said and what is right."""
        given = self.name(int(text.given[word]))
        if is_wrong(text, word):
            return given, self.name(int(text.right[word]))
        return "", "" if given == OUTSIDE else given

    def name(self, number: int) -> str:
        """Say what a tag is called."""
        return self._called(self.classes[number])

    def relabel(self) -> None:
        """Say everything again in the present language."""
        self._arrange()
        self._describe()

    # -- where things are --------------------------------------------------------------------------------------

    def _arrange(self) -> None:
        words, tags = QFontMetricsF(self._word), QFontMetricsF(self._tag)
        high = words.height() + tags.height() + 2 * GAP
        self.cells, top = [], 2.0
        self._tops: list[float] = []
        for number, text in enumerate(self.texts):
            self._tops.append(top)
            left = GUTTER
            for at, word in enumerate(text.words):
                struck, stands = self.labels(text, at)
                tag = tags.horizontalAdvance(struck) + tags.horizontalAdvance(stands) + (4 if struck else 0)
                wide = max(words.horizontalAdvance(word), tag, 10.0) + 2 * ROOM
                if left + wide > self.width() - 2 and left > GUTTER:
                    left, top = GUTTER, top + high + GAP
                self.cells.append(Cell(number, at, QRectF(left, top, wide, high)))
                left += wide + GAP
            top += high + 10.0
        self._bottom = top
        self.setMinimumHeight(int(top))
        self.updateGeometry()

    def cell_at(self, point: QPointF) -> Cell | None:
        """Return the word at a point."""
        return next((cell for cell in self.cells if cell.box.contains(point)), None)

    def text_at(self, y: float) -> int:
        """Return the sentence at a height, −1 where there is none."""
        return next((k for k in range(len(self._tops) - 1, -1, -1) if y >= self._tops[k]), -1) if self.texts else -1

    def _describe(self) -> None:
        """Let those who cannot see the picture hear the sentence that is marked, or the first one."""
        if self.texts:
            text = self.texts[max(0, self.chosen)]
            pairs = (f"{word}/{self.name(int(tag))}" for word, tag in zip(text.words, text.given, strict=True))
            self.setAccessibleDescription(" ".join(pairs))

    # -- painting ----------------------------------------------------------------------------------------------

    def _paint_cell(self, painter: QPainter, cell: Cell) -> None:
        theme, text = current(), self.texts[cell.text]
        struck, stands = self.labels(text, cell.word)
        colour = self._colours[int(text.given[cell.word])]
        if struck:
            painter.setPen(QPen(QColor(theme.bad), 1.5))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(cell.box.adjusted(0.75, 0.75, -0.75, -0.75), 4, 4)
        elif colour >= 0:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(tint(class_colour(colour), 0.30)))
            painter.drawRoundedRect(cell.box, 4, 4)
        word = QFont(self._word)
        word.setItalic(cell.word in text.unknown)
        painter.setFont(word)
        painter.setPen(QColor(theme.text))
        centre = Qt.AlignmentFlag.AlignHCenter
        painter.drawText(cell.box.adjusted(0, GAP - 1, 0, 0), centre | Qt.AlignmentFlag.AlignTop, text.words[cell.word])
        below = cell.box.adjusted(0, 0, 0, -GAP + 1)
        if not struck:
            painter.setFont(self._tag)
            painter.drawText(below, centre | Qt.AlignmentFlag.AlignBottom, stands)
            return
        crossed = QFont(self._tag)
        crossed.setStrikeOut(True)
        metrics = QFontMetricsF(self._tag)
        first, second = metrics.horizontalAdvance(struck), metrics.horizontalAdvance(stands)
        left = below.center().x() - (first + 4 + second) / 2
        flags = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignBottom
        painter.setFont(crossed)
        painter.setPen(QColor(theme.bad_text))
        painter.drawText(QRectF(left, below.top(), first + 2, below.height()), flags, struck)
        painter.setFont(self._tag)
        painter.setPen(QColor(theme.text))
        painter.drawText(QRectF(left + first + 4, below.top(), second + 4, below.height()), flags, stands)

    def _paint_gutters(self, painter: QPainter) -> None:
        theme = current()
        painter.setFont(self._tag)
        bottoms = [*self._tops[1:], self._bottom]
        for k, (top, bottom) in enumerate(zip(self._tops, bottoms, strict=True)):
            text = self.texts[k]
            if k == self.chosen:
                painter.fillRect(QRectF(0, top, 3, bottom - top - 10), QColor(theme.accent))
            if (text.right < 0).all():
                continue  # nobody knows what is right
            wrong = text.mistakes
            painter.setPen(QColor(theme.bad_text if wrong else theme.good_text))
            place = QRectF(6, top, GUTTER - 8, bottom - top - 10)
            painter.drawText(place, Qt.AlignmentFlag.AlignVCenter, f"✗ {wrong}" if wrong else "✓")

    # -- Qt ----------------------------------------------------------------------------------------------------

    def sizeHint(self) -> QSize:
        """Ask for as much height as all the sentences need."""
        return QSize(200, self.minimumHeight())

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the sentences."""
        if not self.texts:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        seen = QRectF(event.rect())
        for cell in self.cells:
            if cell.box.intersects(seen):
                self._paint_cell(painter, cell)
        self._paint_gutters(painter)
        if self.hasFocus():
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(QColor(current().accent), 1.0))
            painter.drawRect(self.rect().adjusted(0, 0, -1, -1))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Break the lines anew."""
        super().resizeEvent(event)
        if event.oldSize().width() != event.size().width():
            self._arrange()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Point at a word."""
        super().mouseMoveEvent(event)
        cell = self.cell_at(event.position())
        hovered = (cell.text, cell.word) if cell is not None else None
        if hovered != self.hovered:
            self.hovered = hovered
            self.setToolTip(self.told(*hovered) if hovered is not None else "")
            self.pointed.emit()

    def told(self, number: int, word: int) -> str:
        """Say in words what tag a word was given, how surely, and which is right."""
        text = self.texts[number]
        both = ((text.given, text.sure), (text.second, text.less))
        shares = ", ".join(f"{self.name(int(tags[word]))} {float(share[word]):.0%}" for tags, share in both)
        said = f"{text.words[word]}: {shares}"
        if is_wrong(text, word):
            said = tr("{said}; right is {tag}", said=said, tag=self.name(int(text.right[word])))
        return said

    def leaveEvent(self, event: QEvent) -> None:
        """Point at nothing."""
        self.hovered = None
        self.pointed.emit()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Choose the sentence."""
        if event.button() == Qt.MouseButton.LeftButton and (number := self.text_at(event.position().y())) >= 0:
            self.picked.emit(number)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Choose the sentence above or below with the arrow keys."""
        by = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1}.get(Qt.Key(event.key()))
        if by is None or not self.texts:
            super().keyPressEvent(event)
        else:
            self.picked.emit(max(0, min(len(self.texts) - 1, self.chosen + by)))

    def focusInEvent(self, event: object) -> None:
        """Show that the keys choose here."""
        self.update()

    def focusOutEvent(self, event: object) -> None:
        """Show that they do no longer."""
        self.update()


def is_wrong(text: Tagged, word: int) -> bool:
    """Whether a word has another tag than it should."""
    return bool(text.right[word] >= 0 and text.given[word] != text.right[word])
