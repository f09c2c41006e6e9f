"""The card of a node: one item that paints its own ports."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QFontMetricsF, QImage, QPainter, QPen, QPolygonF, QStaticText
from PySide6.QtWidgets import QGraphicsItem, QStyleOptionGraphicsItem, QWidget

from playground.block import Block
from playground.blocks.group import Group
from widgets.canvas import marks
from widgets.canvas.geometry import (
    CARD_SIZE,
    DOWN,
    PORT_RADIUS,
    RIGHT,
    WIDTH,
    Point,
    Rect,
    box,
    input_spots,
    output_spots,
)
from widgets.canvas.look import CARD, LIVE, ROUND, Look, label
from widgets.canvas.sizes import card_size
from widgets.canvas.units import UnitPictures

BOUNDS = {RIGHT: CARD.adjusted(-12, -12, 12, 12), DOWN: CARD.adjusted(-12, -22, 64, 22)}
"""What a card may paint on, by the direction of the network."""
LINES = {"name": (13.0, 26.0), "summary": (31.0, 42.0), "shape": (47.0, 58.0), "live": (62.0, 90.0)}
"""From where to where down the card its lines reach: where a port's name stands, they give way."""
LONGEST_PORT = 46.0
"""How wide the name of a port may become."""
INDENT = 12.0
"""By so much all words give way together where one line must, so that they begin below each other."""
IDLE = 0.55
"""How strongly the words of a node are painted that does not do its work."""


@dataclass(frozen=True)
class Face:
    """What a card says, in the present language: compared to know whether it has to be laid out again."""

    name: str
    summary: str
    count: str
    bad: bool
    signs: tuple[str, ...] = ()
    """Keys of `marks.ICONS`, for the corner."""
    state: str = ""
    """What the node does instead of its work: "bypassed", "muted", or nothing."""
    state_word: str = ""
    shape: str = ""
    """What leaves the node: ``6 × 28 × 28``."""
    badge: str = ""
    """How often a group is repeated: ``× 6``."""


class Card(QGraphicsItem):
    """A node on the canvas.

    Attributes:
        id, block: which node it shows.
        place: where it belongs; while it glides there, its position lags behind.
        chosen: whether it is selected.
        pointed: whether a panel looks at it now: a dashed ring goes round it.
        mark: ``""``, ``"glow"`` (a wire may end here) or ``"fade"`` (it may not), while a wire is being drawn.
        lit: the port a wire is about to end at.
        size: how large it is: taller than others where it shows pictures of many units.
        units: the pictures of its units over the plane, or None where there are none.
    """

    def __init__(self, look: Look, id: str, block: Block, direction: str = RIGHT) -> None:
        super().__init__()
        self.look, self.id, self.block, self.direction = look, id, block, direction
        self.place: Point = (0.0, 0.0)
        self.inputs, self.outputs = input_spots(block, direction), output_spots(block, direction)
        self.face = Face("", "", "", False)
        self.chosen = self.pointed = False
        self.mark = ""
        self.lit = ""
        self._name = self._summary = self._count = self._state = self._shape = label("", look.small_font)
        self._stale = False
        self._port_names, self._room = _port_names(look, self.inputs, self.outputs, direction)
        self._count_left = 0.0
        self._rise = (0.0, 0.0)
        self._line: QPolygonF | None = None
        self._picture: QImage | None = None
        self.size, self._body = CARD_SIZE, CARD
        self.units: UnitPictures | None = None
        self.setZValue(2)

    def set_face(self, face: Face) -> None:
        """Say something else; its texts are laid out once, when the card is first seen with them."""
        if face == self.face:
            return
        self.face, self._stale = face, True
        self.update()

    def _lay_out(self) -> None:
        face, look, self._stale = self.face, self.look, False
        room = {line: right - left for line, (left, right) in self._room.items()}
        name_room = room["name"] - marks.room_for(face.signs)
        elide = Qt.TextElideMode.ElideRight
        self._name = label(look.name_metrics.elidedText(face.name, elide, name_room), look.name_font)
        self._state = label(face.state_word, look.small_font)
        self._shape = label(look.small_metrics.elidedText(face.shape, elide, room["shape"]), look.small_font)
        counted = look.small_metrics.horizontalAdvance(face.count)
        self._count_left = self._room["summary"][1] - counted
        told = room["summary"] - (counted + 8 if face.count else 0)
        summary = look.small_metrics.elidedText(face.summary, elide, told)
        self._summary, self._count = label(summary, look.small_font), label(face.count, look.small_font)
        # A line with Chinese in it is taller; this keeps its words on the same line as the others.
        self._rise = (_rise(self._name, look.name_metrics), _rise(self._summary, look.small_metrics))

    def set_chosen(self, chosen: bool) -> None:
        """Show the card as selected or not; selected cards lie on top."""
        if chosen != self.chosen:
            self.chosen = chosen
            self.setZValue(3 if chosen else 2)
            self.update()

    def set_pointed(self, pointed: bool) -> None:
        """Put a ring round the card, or take it away."""
        if pointed != self.pointed:
            self.pointed = pointed
            self.update()

    def set_mark(self, mark: str, lit: str = "") -> None:
        """Glow or fade while a wire looks for its end."""
        if (mark, lit) != (self.mark, self.lit):
            self.mark, self.lit = mark, lit
            self.setOpacity(0.35 if mark == "fade" else 1.0)
            self.update()

    def set_line(self, values: np.ndarray[Any, Any] | None) -> None:
        """Draw a small line of these magnitudes; positive ones on a log scale."""
        self._line = None if values is None else _polyline(values, self._live())
        self.update()

    def set_picture(self, image: QImage | None) -> None:
        """Draw feature maps."""
        self._picture = image
        self.update()

    def set_units(self, count: int) -> bool:
        """Keep room for so many pictures of units; say whether the card is of another size now."""
        if count == (len(self.units) if self.units is not None else 0):
            return False
        before, self.size = self.size, card_size(count, self.direction)
        self.prepareGeometryChange()
        self._body = QRectF(0, 0, *self.size)
        self.units = UnitPictures(self.look, count, self._room["live"], self.size) if count else None
        self.update()
        return self.size != before

    @property
    def live(self) -> bool:
        """Whether there is anything in the live strip."""
        pictured = self.units is not None and self.units.maps is not None
        return pictured or self._line is not None or self._picture is not None

    def box(self, place: Point | None = None) -> Rect:
        """Return the rectangle that it takes up, where it belongs or at another place."""
        return box(self.place if place is None else place, self.size)

    @property
    def rect(self) -> QRectF:
        """The rectangle that it takes up where it belongs, in the scene."""
        return self._body.translated(*self.place)

    def unit_at(self, x: float, y: float) -> int:
        """Return which picture of a unit lies at a point of the scene, or -1."""
        return -1 if self.units is None or self.face.state else self.units.at(self.mapFromScene(x, y))

    def badge_rect(self) -> QRectF:
        """Return where the badge of a group is, or would be: out of the way of wires and of the names of ports."""
        wide = max(30.0, self.look.small_metrics.horizontalAdvance(self.face.badge) + 14)
        if self.direction == DOWN:
            return QRectF(WIDTH - 8, 12, wide, 18)
        return QRectF(WIDTH - wide - 8, -9, wide, 18)

    def reach(self) -> float:
        """Return how far to the right it reaches, its badge included."""
        return max(WIDTH, self.badge_rect().right()) if self.face.badge else WIDTH

    def _live(self) -> QRectF:
        left, right = self._room["live"]
        return QRectF(left, LIVE.top(), right - left, LIVE.height())

    # -- Qt ----------------------------------------------------------------------------------------------------

    def boundingRect(self) -> QRectF:
        return BOUNDS[self.direction].adjusted(0, 0, 0, self.size[1] - CARD_SIZE[1])

    def paint(self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None) -> None:
        if self._stale:
            self._lay_out()
        look, colour = self.look, self.look.family(self.block.family)
        painter.setBrush(look.card_brush)
        if isinstance(self.block, Group):
            painter.setPen(look.line_pen)
            painter.drawRoundedRect(self._body.translated(6, 6), ROUND, ROUND)  # a second edge behind the card
        painter.setPen(Qt.PenStyle.NoPen)
        painter.drawRoundedRect(self._body, ROUND, ROUND)
        painter.fillPath(look.strip, colour)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(self._border())
        painter.drawRoundedRect(self._body, ROUND, ROUND)
        if self.pointed:
            painter.setPen(look.pointed_pen)
            painter.drawRoundedRect(self._body.adjusted(-5, -5, 5, 5), ROUND + 4, ROUND + 4)
        solid = painter.opacity()
        if self.face.state:
            painter.setOpacity(solid * IDLE)
        painter.setPen(look.text)
        painter.setFont(look.name_font)
        painter.drawStaticText(QPointF(self._room["name"][0], 11 - self._rise[0]), self._name)
        painter.setPen(look.dim)
        painter.setFont(look.small_font)
        painter.drawStaticText(QPointF(self._room["summary"][0], 29 - self._rise[1]), self._summary)
        painter.drawStaticText(QPointF(self._count_left, 29), self._count)
        painter.drawStaticText(QPointF(self._room["shape"][0], 45), self._shape)
        if self.face.signs:
            marks.paint_signs(painter, look, self.face.signs)
        if self.face.state:
            painter.setOpacity(solid)
        if self.face.state:
            marks.paint_state(painter, look, self.face.state, self._state)
        elif self.units is not None:
            self.units.paint(painter)
        elif self._picture is not None:
            self._paint_picture(painter)
        elif self._line is not None:
            painter.setPen(QPen(colour, 1.4))
            painter.drawPolyline(self._line)
        self._paint_ports(painter)
        if self.face.badge:
            self._paint_badge(painter)

    def _paint_badge(self, painter: QPainter) -> None:
        chip = self.badge_rect()
        painter.setPen(self.look.chip_pen)
        painter.setBrush(self.look.chip_brush)
        painter.drawRoundedRect(chip, 9, 9)
        painter.setPen(self.look.text)
        painter.setFont(self.look.small_font)
        painter.drawText(chip, Qt.AlignmentFlag.AlignCenter, self.face.badge)

    def _border(self) -> QPen:
        if self.face.state and not self.face.bad and not self.chosen:
            return QPen(self.look.wire, 1.4, Qt.PenStyle.DashLine)
        if self.face.bad:
            return self.look.bad_pen if not self.chosen else QPen(self.look.bad, 3)
        return self.look.accent_pen if self.chosen else self.look.line_pen

    def _paint_picture(self, painter: QPainter) -> None:
        assert self._picture is not None
        live = self._live()
        size = self._picture.size().scaled(int(live.width()), int(live.height()), Qt.AspectRatioMode.KeepAspectRatio)
        painter.drawImage(QRectF(live.left(), live.top(), size.width(), size.height()), self._picture)

    def _paint_ports(self, painter: QPainter) -> None:
        look = self.look
        colour = look.family(self.block.family)
        for spots, side in ((self.inputs, "in"), (self.outputs, "out")):
            for name, (x, y) in spots.items():
                centre = QPointF(x, y)
                if self.lit == f"{side}:{name}" or (self.mark == "glow" and not self.lit):
                    halo = look.good if self.mark == "glow" else look.accent
                    painter.setPen(QPen(halo, 2.5))
                    painter.setBrush(look.card_brush)
                    painter.drawEllipse(centre, PORT_RADIUS + 3, PORT_RADIUS + 3)
                painter.setPen(look.port_pen)
                painter.setBrush(colour)
                painter.drawEllipse(centre, PORT_RADIUS + 1, PORT_RADIUS + 1)
        if self._port_names:
            painter.setPen(look.dim)
            painter.setFont(look.small_font)
            for place, name in self._port_names:
                painter.drawStaticText(place, name)


def _port_names(
    look: Look, inputs: dict[str, Point], outputs: dict[str, Point], direction: str
) -> tuple[list[tuple[QPointF, QStaticText]], dict[str, tuple[float, float]]]:
    """Lay out the names of ports where there are several, and say from where to where each line of the card reaches."""
    named: list[tuple[QPointF, QStaticText]] = []
    room = dict.fromkeys(LINES, (LIVE.left(), LIVE.right()))
    for spots, left in ((inputs, True), (outputs, False)):
        apart = WIDTH / (len(spots) + 1) if direction == DOWN else LONGEST_PORT + 12
        for name, (x, y) in spots.items() if len(spots) > 1 else ():
            shown = look.small_metrics.elidedText(name, Qt.TextElideMode.ElideRight, min(LONGEST_PORT, apart - 12))
            text, wide = label(shown, look.small_font), look.small_metrics.horizontalAdvance(shown)
            if direction == DOWN:  # beside the wire, outside the card: inside stand its name and its live strip
                named.append((QPointF(x + 8, -20.0 if left else y + 4), text))
                continue
            named.append((QPointF(10.0 if left else WIDTH - 10 - wide, y - 7), text))
            for line, (top, bottom) in LINES.items():
                if top < y + 5 and bottom > y - 5:
                    start, end = room[line]
                    room[line] = (max(start, 16 + wide), end) if left else (start, min(end, WIDTH - 16 - wide))
    words = [line for line in LINES if line != "live"]
    begin = max(room[line][0] for line in words)
    if begin <= LIVE.left() + INDENT:
        room |= {line: (begin, room[line][1]) for line in words}
    return named, room


def _rise(text: QStaticText, metrics: QFontMetricsF) -> float:
    taller = text.size().height() - metrics.height()
    return 0.7 * taller if taller > 1.5 else 0.0


def _polyline(values: np.ndarray[Any, Any], live: QRectF) -> QPolygonF | None:
    heights = np.asarray(values, dtype=float).ravel()[-256:]
    heights = heights[np.isfinite(heights)]
    if len(heights) < 2:
        return None
    if (heights > 0).all():
        heights = np.log10(heights)
    if len(heights) > 60:  # as many points as can be told apart
        heights = heights[np.linspace(0, len(heights) - 1, 60).astype(int)]
    low, high = float(heights.min()), float(heights.max())
    scaled = (heights - low) / (high - low) if high - low > 1e-9 else np.full(len(heights), 0.5)
    xs = np.linspace(live.left(), live.right(), len(heights))
    ys = live.bottom() - 1 - scaled * (live.height() - 3)
    return QPolygonF([QPointF(x, y) for x, y in zip(xs.tolist(), ys.tolist(), strict=True)])


def picture(mosaic: np.ndarray[Any, Any]) -> QImage:
    """Turn a grey mosaic (H, W) between 0 and 1, or an RGB one (H, W, 3) of bytes, into an image of its own."""
    if mosaic.ndim == 2:
        clean = np.nan_to_num(np.asarray(mosaic, dtype=np.float32))
        grey = np.ascontiguousarray(np.clip(clean * 255.0, 0, 255).astype(np.uint8))
        return QImage(grey.data, grey.shape[1], grey.shape[0], grey.shape[1], QImage.Format.Format_Grayscale8).copy()
    rgb = np.ascontiguousarray(mosaic[..., :3], dtype=np.uint8)
    return QImage(rgb.data, rgb.shape[1], rgb.shape[0], 3 * rgb.shape[1], QImage.Format.Format_RGB888).copy()
