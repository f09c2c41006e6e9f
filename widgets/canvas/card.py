"""The card of a node: one item that paints its own ports, and the sentence beneath it when something is wrong."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QFontMetricsF, QImage, QPainter, QPen, QPolygonF, QStaticText
from PySide6.QtWidgets import QGraphicsItem, QStyleOptionGraphicsItem, QWidget

from playground.block import Block
from playground.blocks.group import Group
from playground.text import Sentence
from widgets.canvas import marks
from widgets.canvas.geometry import DOWN, HEIGHT, PORT_RADIUS, RIGHT, WIDTH, Point, input_spots, output_spots
from widgets.canvas.look import CARD, LIVE, ROUND, Look, label

BOUNDS = CARD.adjusted(-12, -12, 12, 12)
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
        mark: ``""``, ``"glow"`` (a wire may end here) or ``"fade"`` (it may not), while a wire is being drawn.
        lit: the port a wire is about to end at.
    """

    def __init__(self, look: Look, id: str, block: Block, direction: str = RIGHT) -> None:
        super().__init__()
        self.look, self.id, self.block, self.direction = look, id, block, direction
        self.place: Point = (0.0, 0.0)
        self.inputs, self.outputs = input_spots(block, direction), output_spots(block, direction)
        self.face = Face("", "", "", False)
        self.chosen = False
        self.mark = ""
        self.lit = ""
        self._name = self._summary = self._count = self._state = self._shape = label("", look.small_font)
        self._badge_wide = 0.0
        self._count_left = 0.0
        self._rise = (0.0, 0.0)
        self._line: QPolygonF | None = None
        self._picture: QImage | None = None
        self.setZValue(2)

    def set_face(self, face: Face) -> None:
        """Say something else; texts are laid out here and never while painting."""
        if face == self.face:
            return
        self.face, look = face, self.look
        room = WIDTH - 24
        name_room = room - marks.room_for(face.signs)
        elide = Qt.TextElideMode.ElideRight
        self._name = label(look.name_metrics.elidedText(face.name, elide, name_room), look.name_font)
        self._state = label(face.state_word, look.small_font)
        self._shape = label(look.small_metrics.elidedText(face.shape, elide, room), look.small_font)
        self._badge_wide = look.small_metrics.horizontalAdvance(face.badge) + 14 if face.badge else 0.0
        counted = look.small_metrics.horizontalAdvance(face.count)
        self._count_left = WIDTH - 12 - counted
        summary = look.small_metrics.elidedText(face.summary, elide, room - (counted + 8 if face.count else 0))
        self._summary, self._count = label(summary, look.small_font), label(face.count, look.small_font)
        # A line with Chinese in it is taller; this keeps its words on the same line as the others.
        self._rise = (_rise(self._name, look.name_metrics), _rise(self._summary, look.small_metrics))
        self.update()

    def set_chosen(self, chosen: bool) -> None:
        """Show the card as selected or not; selected cards lie on top."""
        if chosen != self.chosen:
            self.chosen = chosen
            self.setZValue(3 if chosen else 2)
            self.update()

    def set_mark(self, mark: str, lit: str = "") -> None:
        """Glow or fade while a wire looks for its end."""
        if (mark, lit) != (self.mark, self.lit):
            self.mark, self.lit = mark, lit
            self.setOpacity(0.35 if mark == "fade" else 1.0)
            self.update()

    def set_line(self, values: np.ndarray[Any, Any] | None) -> None:
        """Draw a small line of these magnitudes; positive ones on a log scale."""
        self._line = None if values is None else _polyline(values)
        self.update()

    def set_picture(self, image: QImage | None) -> None:
        """Draw feature maps."""
        self._picture = image
        self.update()

    @property
    def live(self) -> bool:
        """Whether there is anything in the live strip."""
        return self._line is not None or self._picture is not None

    # -- Qt ----------------------------------------------------------------------------------------------------

    def boundingRect(self) -> QRectF:
        return BOUNDS

    def paint(self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None) -> None:
        look, colour = self.look, self.look.family(self.block.family)
        painter.setBrush(look.card_brush)
        if isinstance(self.block, Group):
            painter.setPen(look.line_pen)
            painter.drawRoundedRect(CARD.translated(6, 6), ROUND, ROUND)  # a second edge behind the card
        painter.setPen(Qt.PenStyle.NoPen)
        painter.drawRoundedRect(CARD, ROUND, ROUND)
        painter.fillPath(look.strip, colour)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(self._border())
        painter.drawRoundedRect(CARD, ROUND, ROUND)
        solid = painter.opacity()
        if self.face.state:
            painter.setOpacity(solid * IDLE)
        painter.setPen(look.text)
        painter.setFont(look.name_font)
        painter.drawStaticText(QPointF(12, 11 - self._rise[0]), self._name)
        painter.setPen(look.dim)
        painter.setFont(look.small_font)
        painter.drawStaticText(QPointF(12, 29 - self._rise[1]), self._summary)
        painter.drawStaticText(QPointF(self._count_left, 29), self._count)
        painter.drawStaticText(QPointF(12, 45), self._shape)
        if self.face.signs:
            marks.paint_signs(painter, look, self.face.signs)
        if self.face.state:
            painter.setOpacity(solid)
        if self.face.state:
            marks.paint_state(painter, look, self.face.state, self._state)
        elif self._picture is not None:
            self._paint_picture(painter)
        elif self._line is not None:
            painter.setPen(QPen(colour, 1.4))
            painter.drawPolyline(self._line)
        self._paint_ports(painter)
        if self.face.badge:
            self._paint_badge(painter)

    def _paint_badge(self, painter: QPainter) -> None:
        chip = QRectF(WIDTH - self._badge_wide - 8, -9, self._badge_wide, 18)
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
        size = self._picture.size().scaled(int(LIVE.width()), int(LIVE.height()), Qt.AspectRatioMode.KeepAspectRatio)
        painter.drawImage(QRectF(LIVE.left(), LIVE.top(), size.width(), size.height()), self._picture)

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
            if len(spots) > 1:
                self._paint_port_names(painter, spots, side == "in")

    def _paint_port_names(self, painter: QPainter, spots: dict[str, Point], left: bool) -> None:
        painter.setPen(self.look.dim)
        painter.setFont(self.look.small_font)
        align = Qt.AlignmentFlag.AlignVCenter | (Qt.AlignmentFlag.AlignLeft if left else Qt.AlignmentFlag.AlignRight)
        for name, (x, y) in spots.items():
            if self.direction == DOWN:  # beside the wire, outside the card: inside stand its name and its live strip
                painter.drawText(QRectF(x + 8, y - 19 if left else y + 3, 60, 16), Qt.AlignmentFlag.AlignLeft, name)
            else:
                painter.drawText(QRectF(10 if left else x - 70, y - 8, 60, 16), align, name)


class Callout(QGraphicsItem):
    """The sentence beneath a card: what is wrong, and each remedy as a link."""

    WIDTH = 216.0
    PAD = 8.0

    def __init__(self, look: Look, message: Sentence | str, links: list[str]) -> None:
        super().__init__()
        self.look = look
        self.words = (str(message), tuple(links))
        inner = self.WIDTH - 2 * self.PAD
        self._message = label(self.words[0], look.small_font, inner)
        self._links = [label(f"→ {text}", look.small_font, inner) for text in links]
        self._wide = [min(inner, look.small_metrics.horizontalAdvance(f"→ {text}")) for text in links]
        self._tops = []
        bottom = self.PAD + self._message.size().height()
        for link in self._links:
            self._tops.append(bottom + 4)
            bottom += 4 + link.size().height()
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

    def stand_under(self, x: float, y: float) -> None:
        """Stand beneath the card whose left top is at (x, y)."""
        self.setPos(x + WIDTH / 2 - self.WIDTH / 2, y + HEIGHT + 8)

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


def _rise(text: QStaticText, metrics: QFontMetricsF) -> float:
    taller = text.size().height() - metrics.height()
    return 0.7 * taller if taller > 1.5 else 0.0


def _polyline(values: np.ndarray[Any, Any]) -> QPolygonF | None:
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
    xs = np.linspace(LIVE.left(), LIVE.right(), len(heights))
    ys = LIVE.bottom() - 1 - scaled * (LIVE.height() - 3)
    return QPolygonF([QPointF(x, y) for x, y in zip(xs.tolist(), ys.tolist(), strict=True)])


def picture(mosaic: np.ndarray[Any, Any]) -> QImage:
    """Turn a grey mosaic (H, W) between 0 and 1, or an RGB one (H, W, 3) of bytes, into an image of its own."""
    if mosaic.ndim == 2:
        clean = np.nan_to_num(np.asarray(mosaic, dtype=np.float32))
        grey = np.ascontiguousarray(np.clip(clean * 255.0, 0, 255).astype(np.uint8))
        return QImage(grey.data, grey.shape[1], grey.shape[0], grey.shape[1], QImage.Format.Format_Grayscale8).copy()
    rgb = np.ascontiguousarray(mosaic[..., :3], dtype=np.uint8)
    return QImage(rgb.data, rgb.shape[1], rgb.shape[0], 3 * rgb.shape[1], QImage.Format.Format_RGB888).copy()
