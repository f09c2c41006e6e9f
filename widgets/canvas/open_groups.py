"""Groups that are open in place: a frame with a title around the cards of what they hold.

The frame follows its cards; it has no place of its own. Its title moves all of it, its button closes it.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPainterPath, QPen
from PySide6.QtWidgets import QGraphicsItem, QStyleOptionGraphicsItem, QWidget

from playground.blocks.group import Group
from playground.sheet import MARGIN
from playground.text import tr
from widgets.canvas.geometry import HEIGHT, WIDTH
from widgets.canvas.look import Look, label

if TYPE_CHECKING:
    from widgets.canvas.scene import Scene

TITLE = 30.0
"""How high the title of a frame is."""
BUTTON = 22.0
READABLE = 11
"""Pixels that a title keeps however small the picture is."""


class OpenGroup(QGraphicsItem):
    """The frame of one group.

    Attributes:
        id: the group's id on the sheet.
        rect: where it is in the scene.
    """

    def __init__(self, look: Look, id: str) -> None:
        super().__init__()
        self.look, self.id = look, id
        self.rect = QRectF()
        self.words = ""
        self.badge = ""
        self._text = label("", look.name_font)
        self.setZValue(-1.5 + 0.01 * id.count("."))  # above the frames that people draw, inner ones above outer ones

    def place(self, rect: QRectF) -> None:
        """Stand around other cards."""
        if rect != self.rect:
            self.prepareGeometryChange()
            self.rect = rect
            self._lay_out()

    def display(self, group: Group) -> None:
        """Say what the group is called and how often it is repeated."""
        own = self.id.rpartition(".")[2]
        words, badge = (f"{group.title} · {own}" if group.title else own), group.summary()
        if (words, badge) != (self.words, self.badge):
            self.words, self.badge = words, badge
            self._lay_out()

    def title_rect(self) -> QRectF:
        """Return where the title is, in the scene."""
        return QRectF(self.rect.left(), self.rect.top(), self.rect.width(), TITLE)

    def button_rect(self) -> QRectF:
        """Return where the button that closes it is, in the scene."""
        return QRectF(self.rect.right() - BUTTON - 4, self.rect.top() + 4, BUTTON, BUTTON)

    def _lay_out(self) -> None:
        room = self.rect.width() - 2 * 12 - BUTTON - self._badge_width()
        shown = self.look.name_metrics.elidedText(self.words, Qt.TextElideMode.ElideRight, max(10.0, room))
        self._text = label(shown, self.look.name_font)
        self.update()

    def _badge_width(self) -> float:
        return self.look.small_metrics.horizontalAdvance(self.badge) + 24 if self.badge else 0.0

    # -- Qt ----------------------------------------------------------------------------------------------------

    def boundingRect(self) -> QRectF:
        return self.rect.adjusted(-6, -2, 6, 6)

    def paint(self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None) -> None:
        look, colour = self.look, QColor(self.look.family("Combine"))
        ground, bar = QColor(colour), QColor(colour)
        ground.setAlpha(20)
        bar.setAlpha(48)
        painter.setPen(QPen(colour, 1.2))
        painter.setBrush(ground)
        if self.badge:
            painter.drawRoundedRect(self.rect.translated(4, 4), 10, 10)
        painter.drawRoundedRect(self.rect, 10, 10)
        painter.fillPath(_top(self.rect), bar)
        painter.setPen(look.text)
        painter.setFont(look.name_font)
        painter.drawStaticText(QPointF(self.rect.left() + 12, self.rect.top() + 7), self._text)
        if self.badge:
            left = self.rect.left() + 12 + self._text.size().width() + 8
            chip = QRectF(left, self.rect.top() + 6, self._badge_width() - 8, 18)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(look.chip_brush)
            painter.drawRoundedRect(chip, 9, 9)
            painter.setPen(look.text)
            painter.setFont(look.small_font)
            painter.drawText(chip, Qt.AlignmentFlag.AlignCenter, self.badge)
        button = self.button_rect()
        painter.setPen(QPen(look.text, 1.6))
        for shift in (-2.5, 2.5):  # two arrows towards each other: fold it
            middle = button.center() + QPointF(0, shift * 2)
            down = 3.0 if shift < 0 else -3.0
            painter.drawLine(middle + QPointF(-4, -down / 2), middle + QPointF(0, down / 2))
            painter.drawLine(middle + QPointF(0, down / 2), middle + QPointF(4, -down / 2))


class OpenGroups:
    """The frames of a scene.

    Attributes:
        items: the frames by the id of the group.
    """

    def __init__(self, scene: Scene) -> None:
        self.scene = scene
        self.items: dict[str, OpenGroup] = {}

    def sync(self) -> None:
        """Show exactly the groups that are open."""
        opened = self.scene.sheet.opened
        for id in [id for id in self.items if id not in opened]:
            self.scene.removeItem(self.items.pop(id))
        for id in opened:
            if id not in self.items:
                self.items[id] = OpenGroup(self.scene.look, id)
                self.scene.addItem(self.items[id])
            if (group := self.scene.sheet.group(id)) is not None:
                self.items[id].display(group)
        self.follow()

    def follow(self) -> None:
        """Stand around the cards as they stand now; inner frames first, for outer ones go around them."""
        for id in sorted(self.items, key=lambda id: -id.count(".")):
            inside = QRectF()
            for one in self.members(id):
                card = self.scene.cards[one]
                inside = inside.united(QRectF(card.x(), card.y(), WIDTH, HEIGHT))
            for other, item in self.items.items():
                if other.startswith(f"{id}."):
                    inside = inside.united(item.rect)
            self.items[id].place(inside.adjusted(-MARGIN[0], -MARGIN[1], MARGIN[0], MARGIN[0]))

    def members(self, id: str) -> list[str]:
        """Return the nodes that stand in a group, at any depth."""
        return [one for one in self.scene.graph.nodes if one.startswith(f"{id}.")]

    def title_at(self, x: float, y: float, reach: float = 0.0) -> str:
        """Return the group whose title is there; in a small picture titles reach further down."""
        found = [
            id
            for id, item in self.items.items()
            if item.title_rect().adjusted(0, 0, 0, max(0.0, reach - TITLE)).contains(x, y)
        ]
        return max(found, key=lambda id: id.count("."), default="")

    def button_at(self, x: float, y: float) -> str:
        """Return the group whose button is there."""
        return next((id for id, item in self.items.items() if item.button_rect().contains(x, y)), "")

    def at(self, x: float, y: float) -> str:
        """Return the innermost group that a point lies in, or nothing."""
        found = [id for id, item in self.items.items() if item.rect.contains(x, y)]
        return max(found, key=lambda id: id.count("."), default="")

    def bounds(self) -> QRectF:
        """Return the rectangle around all frames."""
        total = QRectF()
        for item in self.items.values():
            total = total.united(item.rect)
        return total

    def whole(self, ids: Iterable[str]) -> str:
        """Return the open group that these nodes are all of, or nothing."""
        chosen = set(ids)
        fitting = [id for id in self.items if chosen and chosen == set(self.members(id))]
        return min(fitting, key=len, default="")

    def words_at(self, x: float, y: float) -> str:
        """Return the tooltip of what lies there."""
        if self.button_at(x, y):
            return tr("Close the group")
        if id := self.title_at(x, y):
            return tr("{group}: drag to move it, double-click to open it in a tab of its own", group=id)
        return ""

    def paint_overview(self, painter: QPainter) -> None:
        """Paint plain frames whose titles can still be read; the painter is in the scene."""
        look = self.scene.look
        colour = QColor(look.family("Combine"))
        pen = QPen(colour, 1)
        pen.setCosmetic(True)
        ground = QColor(colour)
        ground.setAlpha(28)
        for item in self.items.values():
            painter.setPen(pen)
            painter.setBrush(ground)
            painter.drawRect(item.rect)
        to_view = painter.transform()
        font = QFont(look.name_font)
        font.setPixelSize(READABLE)
        metrics = QFontMetricsF(font)
        painter.save()
        painter.resetTransform()
        painter.setFont(font)
        painter.setPen(look.text)
        for item in self.items.values():
            rect = to_view.mapRect(item.rect)
            if rect.width() > 40:
                title = metrics.elidedText(item.words, Qt.TextElideMode.ElideRight, rect.width() - 8)
                painter.drawText(QPointF(rect.left() + 4, rect.top() + metrics.ascent() + 2), title)
        painter.restore()


def _top(rect: QRectF) -> QPainterPath:
    bar, top = QPainterPath(), QPainterPath()
    bar.addRoundedRect(QRectF(rect.left(), rect.top(), rect.width(), TITLE + 16), 10, 10)
    top.addRect(QRectF(rect.left(), rect.top(), rect.width(), TITLE))
    return bar.intersected(top)
