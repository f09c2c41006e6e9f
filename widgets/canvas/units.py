"""The pictures of a node's units on its card: what each says over the plane, in the colours of the boundary."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QImage, QPainter

from playground.probes.neurons import UnitMaps
from widgets.canvas.geometry import Rect, Size
from widgets.canvas.look import Look
from widgets.canvas.sizes import pictures
from widgets.plane_colours import packed_table


class UnitPictures:
    """What stands on one card: so many pictures, empty frames until there is an answer.

    Attributes:
        maps: what is shown, or None.
        lit: the picture under the pointer, or -1.
    """

    def __init__(self, look: Look, units: int, room: tuple[float, float], size: Size) -> None:
        self.look = look
        self.maps: UnitMaps | None = None
        self.lit = -1
        self._boxes = [_rect(box) for box in pictures(units, *room, size)]
        self._images: list[QImage] = []

    def __len__(self) -> int:
        return len(self._boxes)

    def show(self, maps: UnitMaps | None) -> None:
        """Show an answer, or empty frames again."""
        self.maps = maps
        self.recolour()

    def recolour(self) -> None:
        """Paint the images anew in the colours of the present theme; painting the card only places them."""
        self._images = [] if self.maps is None else [_image(codes, self.look) for codes in self.maps.codes]

    def at(self, point: QPointF) -> int:
        """Return which picture lies at a point of the card, or -1."""
        return next((k for k, box in enumerate(self._boxes) if box.contains(point)), -1)

    def paint(self, painter: QPainter) -> None:
        """Paint them; the painter is on the card."""
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        for box, image in zip(self._boxes, self._images, strict=False):
            painter.drawImage(box, image)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, False)  # feature maps keep their hard pixels
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(self.look.line_pen)
        painter.drawRects(self._boxes)
        if 0 <= self.lit < len(self._boxes):
            painter.setPen(self.look.accent_pen)
            painter.drawRect(self._boxes[self.lit])


def _rect(box: Rect) -> QRectF:
    return QRectF(QPointF(*box[:2]), QPointF(*box[2:]))


def _image(codes: np.ndarray, look: Look) -> QImage:  # type: ignore[type-arg]
    """Turn the bytes of a map, row 0 the lowest, into a picture that owns its pixels."""
    pixels = np.ascontiguousarray(packed_table(look.theme)[codes[::-1]])
    height, width = codes.shape
    return QImage(pixels.data, width, height, 4 * width, QImage.Format.Format_RGB32).copy()
