"""What is wrong with a node, said at its card."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QPainter, QPen
from PySide6.QtWidgets import QGraphicsItem, QStyleOptionGraphicsItem, QWidget

from playground.text import Sentence, count
from widgets.canvas.card import Card
from widgets.canvas.geometry import DOWN, WIDTH, Rect
from widgets.canvas.look import Look, label

GAP = 8.0
"""How far from its card it stands."""


class Callout(QGraphicsItem):
    """The sentence at a card: what is wrong, each remedy as a link, and how much more is wrong with it."""

    WIDTH = 216.0
    PAD = 8.0

    def __init__(self, look: Look, message: Sentence | str, links: list[str], more: int = 0) -> None:
        super().__init__()
        self.look = look
        self.words = (str(message), tuple(links))
        self.more = str(count("and {n} more problem", "and {n} more problems", more)) if more else ""
        inner = self.WIDTH - 2 * self.PAD
        self._message = label(self.words[0], look.small_font, inner)
        self._links = [label(f"→ {text}", look.small_font, inner) for text in links]
        self._wide = [min(inner, look.small_metrics.horizontalAdvance(f"→ {text}")) for text in links]
        self._tops = []
        bottom = self.PAD + self._message.size().height()
        for link in self._links:
            self._tops.append(bottom + 4)
            bottom += 4 + link.size().height()
        self._more = label(self.more, look.small_font, inner)
        self._more_top = bottom + 4
        if self.more:
            bottom = self._more_top + self._more.size().height()
        self._rect = QRectF(0, 0, self.WIDTH, bottom + self.PAD)
        self.setZValue(4)

    def link_at(self, x: float, y: float) -> int:
        """Return the number of the link at a point of the scene, or −1."""
        spot = QPointF(x, y) - self.pos()
        for i, rect in enumerate(self.link_rects()):
            if rect.contains(spot):
                return i
        return -1

    def link_rects(self) -> list[QRectF]:
        """Return where the links are, relative to the item."""
        return [
            QRectF(self.PAD - 3, top - 2, wide + 6, link.size().height() + 4)
            for top, link, wide in zip(self._tops, self._links, self._wide, strict=True)
        ]

    def stand_by(self, card: Card, is_free: Callable[[Rect], bool]) -> None:
        """Stand beneath a card, where data flow down beside it, and on no other card if that can be."""
        x, y = card.x(), card.y()
        wide, high = self._rect.width(), self._rect.height()
        under, over = (x + (WIDTH - wide) / 2, y + card.size[1] + GAP), (x + (WIDTH - wide) / 2, y - high - GAP)
        right, left = (x + card.reach() + 2 * GAP, y), (x - wide - 2 * GAP, y)
        places = (right, left, under) if card.direction == DOWN else (under, over)
        free = (place for place in places if is_free((*place, place[0] + wide, place[1] + high)))
        self.setPos(*next(free, places[0]))

    # -- Qt ----------------------------------------------------------------------------------------------------

    def boundingRect(self) -> QRectF:
        return self._rect.adjusted(-1, -1, 1, 1)

    def paint(self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None) -> None:
        look = self.look
        painter.setPen(QPen(look.bad, 1))
        painter.setBrush(look.card_brush)
        painter.drawRoundedRect(self._rect, 6, 6)
        painter.setFont(look.small_font)
        painter.setPen(look.bad_text)
        painter.drawStaticText(QPointF(self.PAD, self.PAD), self._message)
        painter.setPen(look.accent_text)
        for top, link, wide in zip(self._tops, self._links, self._wide, strict=True):
            painter.drawStaticText(QPointF(self.PAD, top), link)
            below = top + link.size().height() - 1
            painter.drawLine(QPointF(self.PAD, below), QPointF(self.PAD + wide, below))
        if self.more:
            painter.setPen(look.dim)
            painter.drawStaticText(QPointF(self.PAD, self._more_top), self._more)
