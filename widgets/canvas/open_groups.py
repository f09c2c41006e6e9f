"""Groups that are open in place: a frame with a title around the cards of what they hold.

The frame follows its cards; it has no place of its own. Its title moves all of it, its button closes it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen
from PySide6.QtWidgets import QGraphicsItem, QStyleOptionGraphicsItem, QWidget

from playground.blocks.group import Group
from playground.graph import Node
from playground.text import tr
from widgets.canvas.geometry import RIGHT, Rect, overlap
from widgets.canvas.look import Look, label
from widgets.canvas.marks import state_word
from widgets.canvas.placing import frames
from widgets.canvas.titles import bar, paint_titles

if TYPE_CHECKING:
    from widgets.canvas.scene import Scene

TITLE = 30.0
"""How high the title of a frame is."""
BUTTON = 22.0


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

    def title(self, direction: str) -> Rect:
        """Return what wires keep clear of: the title, as plain numbers; where data flow down only its words.

        What comes from above has to cross it somewhere.
        """
        one = self.title_rect()
        if direction == RIGHT:
            return one.left(), one.top(), one.right(), one.bottom()
        end = self.badge_rect().right() if self.badge else one.left() + 12 + self._text.size().width()
        return one.left(), one.top(), min(end + 12, one.right()), one.bottom()

    def display(self, node: Node) -> None:
        """Say what the group is called, how often it is repeated, and whether it does its work."""
        assert isinstance(node.block, Group)
        own, name = self.id.rpartition(".")[2], node.block.title
        words = f"{name} · {own}" if name else own
        badge = " · ".join(word for word in (node.block.summary(), state_word(node.state)) if word)
        if (words, badge) != (self.words, self.badge):
            self.words, self.badge = words, badge
            self._lay_out()

    def title_rect(self) -> QRectF:
        """Return where the title is, in the scene."""
        return QRectF(self.rect.left(), self.rect.top(), self.rect.width(), TITLE)

    def button_rect(self) -> QRectF:
        """Return where the button that closes it is, in the scene."""
        return QRectF(self.rect.right() - BUTTON - 4, self.rect.top() + 4, BUTTON, BUTTON)

    def badge_rect(self) -> QRectF:
        """Return where in the scene the badge is, or would be."""
        left = self.rect.left() + 12 + self._text.size().width() + 8
        return QRectF(left, self.rect.top() + 6, max(24.0, self._badge_width() - 8), 18)

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
        ground, shade = QColor(colour), QColor(colour)
        ground.setAlpha(20)
        shade.setAlpha(48)
        painter.setPen(QPen(colour, 1.2))
        painter.setBrush(ground)
        if self.badge:
            painter.drawRoundedRect(self.rect.translated(4, 4), 10, 10)
        painter.drawRoundedRect(self.rect, 10, 10)
        painter.fillPath(bar(self.rect, TITLE, 10), shade)
        painter.setPen(look.text)
        painter.setFont(look.name_font)
        painter.drawStaticText(QPointF(self.rect.left() + 12, self.rect.top() + 7), self._text)
        if self.badge:
            chip = self.badge_rect()
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

    def sync(self) -> list[Rect]:
        """Show exactly the groups that are open; return where titles went and came: wires keep clear of them."""
        opened = self.scene.sheet.opened
        gone = []
        for id in [id for id in self.items if id not in opened]:
            gone.append(self.items[id].title(RIGHT))
            self.scene.removeItem(self.items.pop(id))
        for id in opened:
            if id not in self.items:
                self.items[id] = OpenGroup(self.scene.look, id)
                self.scene.addItem(self.items[id])
            if (node := self.scene.sheet.node(id)) is not None:
                self.items[id].display(node)
        return gone + self.follow()

    def follow(self) -> list[Rect]:
        """Stand around the cards as they stand now; return where titles went and came."""
        if not self.items:
            return []
        dirty = []
        places = {id: (card.x(), card.y()) for id, card in self.scene.cards.items()}
        sizes = {id: card.size for id, card in self.scene.cards.items()}
        for id, (left, top, right, bottom) in frames(self.items, places, sizes).items():
            item, before = self.items[id], self.items[id].title(RIGHT)
            item.place(QRectF(left, top, right - left, bottom - top))
            if item.title(RIGHT) != before:
                dirty += [before, item.title(RIGHT)]
        return dirty

    def titles(self, rect: Rect) -> list[Rect]:
        """Return the titles that overlap a rectangle: wires keep clear of them."""
        way = self.scene.direction if self.items else RIGHT
        return [one for item in self.items.values() if overlap(one := item.title(way), rect)]

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

    def words_at(self, x: float, y: float) -> str:
        """Return the tooltip of what lies there."""
        if self.button_at(x, y):
            return tr("Close the group")
        if id := self.title_at(x, y):
            return tr("{group}: drag to move it, double-click to open it in a tab of its own", group=id)
        return ""

    def paint_frames(self, painter: QPainter) -> None:
        """Paint plain frames; the painter is in the scene."""
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

    def paint_overview(self, painter: QPainter) -> None:
        """Paint plain frames whose titles can still be read; the painter is in the scene."""
        look = self.scene.look
        self.paint_frames(painter)
        paint_titles(painter, look, ((item.rect, item.words) for item in self.items.values()))
