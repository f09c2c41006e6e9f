"""Notes and frames on the canvas: what people write for people. Items, and what lies where among them.

A frame stands behind everything and is taken by its title bar; a note is a piece of paper above the wires. Both are
resized by their corner. Where the picture is small, notes are plain paper and titles keep a size that can be read.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QColor, QFont, QPainter, QPainterPath, QPen, QTextLayout, QTextOption
from PySide6.QtWidgets import QGraphicsItem, QStyleOptionGraphicsItem, QWidget

from playground.experiment import Remark
from widgets.canvas.geometry import Point, Rect
from widgets.canvas.look import Look, label
from widgets.canvas.titles import bar, paint_titles

if TYPE_CHECKING:
    from widgets.canvas.scene import Scene

TITLE = 28.0
"""How high the title bar of a frame is."""
PAD = 8.0
CORNER = 16.0
"""How far from the right bottom corner a press resizes."""
SMALLEST = {"note": (72.0, 40.0), "frame": (120.0, 72.0)}
LINE = "\u2028"
"""What Qt breaks a line at where it lays out a single paragraph."""


@dataclass(frozen=True)
class Inks:
    """The colours of remarks in one theme."""

    paper: QColor
    ink: QColor
    faint: QColor
    edge: QColor
    ground: QColor
    bar: QColor
    border: QColor


INKS = {
    "dark": Inks(
        paper=QColor("#3A3420"),
        ink=QColor("#F1E7C9"),
        faint=QColor("#B3A988"),
        edge=QColor("#6B6036"),
        ground=QColor(154, 163, 178, 20),
        bar=QColor(154, 163, 178, 44),
        border=QColor(154, 163, 178, 110),
    ),
    "light": Inks(
        paper=QColor("#FFF5CF"),
        ink=QColor("#4A3A08"),
        faint=QColor("#76662F"),
        edge=QColor("#E3CC7E"),
        ground=QColor(102, 112, 133, 16),
        bar=QColor(102, 112, 133, 40),
        border=QColor(102, 112, 133, 110),
    ),
}


class RemarkItem(QGraphicsItem):
    """A note or a frame on the canvas.

    Attributes:
        remark: what it shows; while it is being moved or resized, `rect` differs from it.
        chosen: whether it is selected.
    """

    def __init__(self, look: Look, remark: Remark) -> None:
        super().__init__()
        self.look, self.remark = look, remark
        self.chosen = False
        self.rect = QRectF()
        self._text = label("", look.small_font)
        self._said: tuple[str, float, float] = ("", 0.0, 0.0)
        self._bar = QPainterPath()
        self.setZValue(1.8 if remark.kind == "note" else -2.0)
        self.display(remark)

    @property
    def font(self) -> QFont:
        """The font of its text."""
        return note_font(self.look) if self.remark.kind == "note" else self.look.name_font

    def display(self, remark: Remark) -> None:
        """Show another text or place."""
        self.remark = remark
        self.place(QRectF(*remark.rect))

    def place(self, rect: QRectF) -> None:
        """Stand elsewhere, or have another size, for the moment."""
        self.prepareGeometryChange()
        self.rect = rect
        self.setPos(rect.topLeft())
        said = (self.remark.text, rect.width(), rect.height())
        if said != self._said:
            self._said = said
            height = rect.height() - 2 * PAD if self.remark.kind == "note" else self.look.name_metrics.height() + 1
            shown = fitted(self.remark.text, self.font, rect.width() - 2 * PAD, height)
            self._text = label(shown.replace("\n", LINE), self.font, rect.width() - 2 * PAD)
            self._bar = bar(QRectF(0, 0, rect.width(), 0), TITLE, 8)
        self.update()

    def set_chosen(self, chosen: bool) -> None:
        """Show it as selected or not."""
        if chosen != self.chosen:
            self.chosen = chosen
            self.update()

    def takes(self, x: float, y: float, reach: float) -> bool:
        """Whether a press there takes it: a note anywhere, a frame by its title bar."""
        grabbed = QRectF(self.rect)
        if self.remark.kind == "frame":
            grabbed.setHeight(max(TITLE, reach))
        return grabbed.contains(x, y)

    def at_corner(self, x: float, y: float, reach: float) -> bool:
        """Whether a press there resizes it."""
        size = max(CORNER, reach)
        return QRectF(self.rect.right() - size, self.rect.bottom() - size, size + 4, size + 4).contains(x, y)

    # -- Qt ----------------------------------------------------------------------------------------------------

    def boundingRect(self) -> QRectF:
        return QRectF(-2, -2, self.rect.width() + 4, self.rect.height() + 4)

    def paint(self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None) -> None:
        look, inks = self.look, INKS[self.look.theme.name]
        frame = self.remark.kind == "frame"
        whole = QRectF(0, 0, self.rect.width(), self.rect.height())
        edge = inks.border if frame else inks.edge
        painter.setPen(look.accent_pen if self.chosen else QPen(edge, 1))
        painter.setBrush(inks.ground if frame else inks.paper)
        painter.drawRoundedRect(whole, 8 if frame else 4, 8 if frame else 4)
        if frame:
            painter.fillPath(self._bar, inks.bar)
        painter.setPen(look.text if frame else inks.ink)
        painter.setFont(self.font)
        top = (TITLE - self._text.size().height()) / 2 if frame else PAD
        painter.drawStaticText(QPointF(PAD, top), self._text)
        if widget is None:
            return  # a picture in a file: there is nothing to take by the corner
        painter.setPen(QPen(edge, 1.4))
        right, bottom = whole.right() - 4, whole.bottom() - 4
        for size in (5.0, 9.0):
            painter.drawLine(QPointF(right - size, bottom), QPointF(right, bottom - size))


class Remarks:
    """The notes and frames of a scene.

    Attributes:
        items: the items by the id of the remark.
    """

    def __init__(self, scene: Scene) -> None:
        self.scene = scene
        self.items: dict[str, RemarkItem] = {}

    def sync(self, remarks: Iterable[Remark]) -> None:
        """Show exactly these."""
        wanted = {remark.id: remark for remark in remarks}
        for id, item in tuple(self.items.items()):
            if id not in wanted or wanted[id].kind != item.remark.kind:
                self.scene.removeItem(self.items.pop(id))
        for id, remark in wanted.items():
            if id not in self.items:
                self.items[id] = RemarkItem(self.scene.look, remark)
                self.items[id].set_chosen(id in self.scene.selected_remarks)
                self.scene.addItem(self.items[id])
            elif self.items[id].remark is not remark or self.items[id].rect != QRectF(*remark.rect):
                self.items[id].display(remark)

    def settle(self) -> None:
        """Stand where the document says again."""
        self.sync([item.remark for item in self.items.values()])

    # -- what lies where -----------------------------------------------------------------------------------------

    def at(self, x: float, y: float, reach: float = 0.0) -> str:
        """Return the remark that a press there takes: notes lie on frames, small frames on those around them."""
        found = [
            item for item in self.items.values() if item.takes(x, y, reach) or item.at_corner(x, y, min(reach, CORNER))
        ]
        return min(found, key=_depth).remark.id if found else ""

    def corner_at(self, x: float, y: float, reach: float = 0.0) -> str:
        """Return the remark that a press there resizes."""
        id = self.at(x, y, reach)
        return id if id and self.items[id].at_corner(x, y, reach) else ""

    def within(self, rect: Rect) -> list[str]:
        """Return what a lasso takes: every note it touches, every frame it goes around."""
        around = QRectF(rect[0], rect[1], rect[2] - rect[0], rect[3] - rect[1])
        return [
            id
            for id, item in self.items.items()
            if (around.intersects(item.rect) if item.remark.kind == "note" else around.contains(item.rect))
        ]

    def held(self, frames: Iterable[str]) -> tuple[list[str], list[str]]:
        """Return the nodes and the remarks that lie wholly inside any of these frames."""
        rects = [self.items[id].rect for id in frames if id in self.items and self.items[id].remark.kind == "frame"]
        if not rects:
            return [], []
        cards = {id: card.rect for id, card in self.scene.cards.items()}
        nodes = [id for id, card in cards.items() if any(rect.contains(card) for rect in rects)]
        remarks = [
            id for id, item in self.items.items() if any(r is not item.rect and r.contains(item.rect) for r in rects)
        ]
        return nodes, remarks

    def bounds(self) -> QRectF:
        """Return the rectangle around all of them."""
        total = QRectF()
        for item in self.items.values():
            total = total.united(item.rect)
        return total

    # -- moving without editing ----------------------------------------------------------------------------------

    def show_shifted(self, ids: Iterable[str], dx: float, dy: float) -> None:
        """Draw some of them elsewhere for the moment."""
        for id in ids:
            self.items[id].place(QRectF(*self.items[id].remark.rect).translated(dx, dy))

    def shifted(self, ids: Iterable[str], dx: float, dy: float) -> tuple[Remark, ...]:
        """Return all remarks with some of them moved."""
        moved = set(ids)
        return tuple(
            shifted(remark, (dx, dy)) if remark.id in moved and (dx, dy) != (0, 0) else remark
            for remark in self.scene.sheet.remarks
        )

    # -- painting everything small -------------------------------------------------------------------------------

    def paint_overview(self, painter: QPainter) -> None:
        """Paint frames with titles that can still be read, and notes as plain paper; the painter is in the scene."""
        inks, look = INKS[self.scene.look.theme.name], self.scene.look
        for item in sorted(self.items.values(), key=_depth, reverse=True):
            frame = item.remark.kind == "frame"
            edge = QPen(look.accent if item.chosen else inks.border if frame else inks.edge, 2 if item.chosen else 1)
            edge.setCosmetic(True)
            painter.setPen(edge)
            painter.setBrush(inks.ground if frame else inks.paper)
            painter.drawRect(item.rect)
        titles = ((item.rect, item.remark.text) for item in self.items.values() if item.remark.kind == "frame")
        paint_titles(painter, look, titles)


def shifted(remark: Remark, by: Point) -> Remark:
    """Return a remark that stands elsewhere."""
    x, y, width, height = remark.rect
    return replace(remark, rect=(x + by[0], y + by[1], width, height))


def changed(remarks: Iterable[Remark], new: Mapping[str, Remark]) -> tuple[Remark, ...]:
    """Return the remarks with some replaced, by id."""
    return tuple(new.get(remark.id, remark) for remark in remarks)


def fresh_id(kind: str, remarks: Iterable[Remark]) -> str:
    """Return an id that no remark has."""
    taken = {remark.id for remark in remarks}
    number = 1
    while f"{kind}_{number}" in taken:
        number += 1
    return f"{kind}_{number}"


def note_font(look: Look) -> QFont:
    """Return the font of notes, in scene units."""
    font = QFont(look.small_font)
    font.setPixelSize(13)
    return font


def text_height(text: str, font: QFont, width: float) -> float:
    """Return how high a text is when it wraps at a width."""
    return sum(height for _, height in _wrapped(text, font, width))


def fitted(text: str, font: QFont, width: float, height: float) -> str:
    """Return as much of a text as fits into a rectangle, with dots where it goes on."""
    bottom = 0.0
    for start, high in _wrapped(text, font, width):
        bottom += high
        if bottom > height + 0.5 and start:
            return text[: start - 1].rstrip() + "…"
    return text


def _wrapped(text: str, font: QFont, width: float) -> list[tuple[int, float]]:
    """Break a text into lines: where each begins, and how high it is."""
    layout = QTextLayout(text.replace("\n", LINE), font)
    option = QTextOption()
    option.setWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
    layout.setTextOption(option)
    layout.beginLayout()
    lines = []
    while (line := layout.createLine()).isValid():
        line.setLineWidth(max(1.0, width))
        lines.append((line.textStart(), line.height()))
    layout.endLayout()
    return lines


def _depth(item: RemarkItem) -> tuple[bool, float]:
    """Sort notes before frames, and small ones before large ones."""
    return item.remark.kind == "frame", item.rect.width() * item.rect.height()
