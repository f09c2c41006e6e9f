"""Presets as cards: a picture, the title and the first words of each, in rows as the width allows."""

from __future__ import annotations

from itertools import pairwise

from PySide6.QtCore import QPoint, QRect, QRectF, QSize, Qt
from PySide6.QtGui import (
    QColor,
    QFontMetrics,
    QKeyEvent,
    QPainter,
    QPainterPath,
    QPaintEvent,
    QPen,
    QPixmap,
    QResizeEvent,
)
from PySide6.QtWidgets import (
    QAbstractButton,
    QWidget,
)

from playground.experiment import Experiment
from playground.fuzzy import INSIDE, score
from playground.presets import Preset
from playground.text import tr
from widgets import theme

CARD = QSize(236, 222)
PICTURE = 132
GAP = 16


class Card(QAbstractButton):
    """One preset: its picture, title and the first words about it."""

    def __init__(self, preset: Preset, experiment: Experiment | None, parent: QWidget) -> None:
        super().__init__(parent)
        self.preset, self._experiment = preset, experiment
        self.setObjectName(f"preset_{preset.name}")
        self.setFixedSize(CARD)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self._picture = QPixmap(str(preset.picture)) if preset.picture else QPixmap()
        self.relabel()

    def is_found(self, query: str) -> bool:
        """Whether a query finds the preset: by its title, its name, or a row of the curriculum."""
        texts = (self.accessibleName(), self.preset.name, *(self._experiment.rows if self._experiment else ()))
        return not query.strip() or any((score(query, text) or 0.0) >= INSIDE for text in texts)

    def relabel(self) -> None:
        """Say everything in the present language."""
        experiment = self._experiment
        self.title = (str(experiment.title) if experiment else "") or self.preset.name
        about = str(experiment.about) if experiment else tr("This file cannot be read.")
        self.about = about.split("\n\n")[0]
        self.setAccessibleName(self.title)
        self.setAccessibleDescription(self.about)
        self.setToolTip(self.about)
        self.update()

    # -- Qt ----------------------------------------------------------------------------------------------------

    def sizeHint(self) -> QSize:
        """All cards are of one size."""
        return CARD

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter opens, as Space does."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.click()
            return
        super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the card."""
        painter, colours = QPainter(self), theme.current()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        near = self.underMouse() or self.hasFocus()
        whole = QRectF(self.rect()).adjusted(1, 1, -1, -1)
        shape = QPainterPath()
        shape.addRoundedRect(whole, 10, 10)
        painter.fillPath(shape, QColor(colours.card))
        painter.save()
        painter.setClipPath(shape)
        top = QRect(0, 0, self.width(), PICTURE)
        painter.fillRect(top, QColor(colours.canvas))
        if self._picture.isNull():
            _paint_sketch(painter, top, self._experiment)
        else:
            _paint_picture(painter, top, self._picture)
        painter.fillRect(0, PICTURE, self.width(), 1, QColor(colours.line))
        painter.restore()
        painter.setPen(QPen(QColor(colours.accent if near else colours.line), 2 if near else 1))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawPath(shape)
        self._paint_words(painter)
        painter.end()

    def _paint_words(self, painter: QPainter) -> None:
        colours, left, width = theme.current(), 14, self.width() - 28
        painter.setFont(theme.font(10.5, semibold=True))
        painter.setPen(QColor(colours.text))
        title = painter.fontMetrics().elidedText(self.title, Qt.TextElideMode.ElideRight, width)
        painter.drawText(QRect(left, PICTURE + 9, width, 22), Qt.AlignmentFlag.AlignVCenter, title)
        painter.setFont(theme.font(9))
        painter.setPen(QColor(colours.dim))
        line = painter.fontMetrics().height()
        for row, text in enumerate(_lines(self.about, painter.fontMetrics(), width, 3)):
            painter.drawText(QPoint(left, PICTURE + 34 + painter.fontMetrics().ascent() + row * line), text)


class Cards(QWidget):
    """Cards side by side, in as many rows as the width asks for."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.cards: list[Card] = []
        self.query = ""

    def find(self, query: str) -> bool:
        """Show only the cards that a query finds; return whether there are any."""
        self.query = query
        for card in self.cards:
            card.setVisible(card.is_found(query))
        self._arrange()
        return bool(self._found())

    def _found(self) -> list[Card]:
        return [card for card in self.cards if card.is_found(self.query)]

    def _arrange(self) -> None:
        columns = self.columns()
        for number, card in enumerate(self._found()):
            row, column = divmod(number, columns)
            card.move(column * (CARD.width() + GAP), row * (CARD.height() + GAP))
        self.setFixedHeight(max(0, self.heightForWidth(self.width())))

    def columns(self) -> int:
        """How many cards stand in a row."""
        return max(1, (self.width() + GAP) // (CARD.width() + GAP))

    # -- Qt ----------------------------------------------------------------------------------------------------

    def hasHeightForWidth(self) -> bool:
        """A narrow page has more rows."""
        return True

    def heightForWidth(self, width: int) -> int:
        """How high the rows are at this width."""
        columns = max(1, (width + GAP) // (CARD.width() + GAP))
        rows = -(-len(self._found()) // columns)
        return rows * (CARD.height() + GAP) - GAP

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Put the cards into rows."""
        self._arrange()


def _lines(text: str, metrics: QFontMetrics, width: int, most: int) -> list[str]:
    """Break a text into lines; the last ends in an ellipsis where there is more. Chinese breaks anywhere."""
    lines: list[str] = []
    rest = text.strip()
    while rest and len(lines) < most:
        if len(lines) == most - 1:
            return [*lines, metrics.elidedText(rest[:120], Qt.TextElideMode.ElideRight, width)]
        end = _fitting(rest, metrics, width)
        if end < len(rest):
            inside_word = rest[end - 1].isascii() and rest[end].isascii()
            space = rest.rfind(" ", 0, end + 1)
            if inside_word and space > 0:
                end = space
            elif rest[end] in "，。、；：？！”）》" and end > 1:  # these never begin a line
                end -= 1
        lines.append(rest[:end].rstrip())
        rest = rest[end:].lstrip()
    return lines


def _fitting(text: str, metrics: QFontMetrics, width: int) -> int:
    """Return how many characters fit, by halving: measuring text is what takes time here."""
    low, high = 1, min(len(text), 120)
    while low < high:
        middle = (low + high + 1) // 2
        if metrics.horizontalAdvance(text[:middle]) <= width:
            low = middle
        else:
            high = middle - 1
    return low


def _paint_picture(painter: QPainter, rect: QRect, picture: QPixmap) -> None:
    """Fill the rectangle with the picture; what is too much is cut at the sides."""
    scale = max(rect.width() / picture.width(), rect.height() / picture.height())
    width, height = rect.width() / scale, rect.height() / scale
    source = QRectF((picture.width() - width) / 2, (picture.height() - height) / 2, width, height)
    painter.drawPixmap(QRectF(rect), picture, source)


def _paint_sketch(painter: QPainter, rect: QRect, experiment: Experiment | None) -> None:
    """Draw the chain of blocks as small coloured cards, where there is no picture."""
    colours = theme.current()
    painter.setBrush(QColor(colours.dot))
    painter.setPen(Qt.PenStyle.NoPen)
    for x in range(rect.left() + 10, rect.right(), 16):
        for y in range(rect.top() + 10, rect.bottom(), 16):
            painter.drawEllipse(QPoint(x, y), 1, 1)
    nodes = [] if experiment is None else [experiment.graph.nodes[id].block for id in experiment.graph.order][:15]
    columns = min(5, len(nodes)) or 1
    rows = -(-len(nodes) // columns)
    wide, high = 30, 22
    step_x, step_y = (rect.width() - 24) / columns, min(40.0, (rect.height() - 8) / max(1, rows))
    places = []
    for number in range(len(nodes)):
        row, column = divmod(number, columns)
        x = rect.left() + 12 + step_x * (column + 0.5)
        y = rect.center().y() + step_y * (row - (rows - 1) / 2)
        places.append((x, y))
    painter.setPen(QPen(QColor(colours.wire), 1.5))
    for (x0, y0), (x1, y1) in pairwise(places):
        if y0 == y1:
            painter.drawLine(QPoint(round(x0), round(y0)), QPoint(round(x1), round(y1)))
    for (x, y), block in zip(places, nodes, strict=True):
        card = QRectF(x - wide / 2, y - high / 2, wide, high)
        painter.setPen(QPen(QColor(colours.line), 1))
        painter.setBrush(QColor(colours.card))
        painter.drawRoundedRect(card, 4, 4)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.family_colour(block.family))
        painter.drawRoundedRect(QRectF(card.left(), card.top(), wide, 4), 2, 2)
