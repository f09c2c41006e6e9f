"""Many small maps in one picture, on one scale: how they are laid out and coloured."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QPointF, QRectF, Qt, QTimer, Signal
from PySide6.QtGui import QColor, QMouseEvent, QResizeEvent
from PySide6.QtWidgets import QFrame

from widgets.theme import CLASS_COLOURS, Theme

Array = np.ndarray[Any, Any]

TILE = 32
"""Pixels along a side that a small map is enlarged to at least, so that the gaps between maps stay thin."""

GAP = 2


def signed_table(theme: Theme) -> Array:
    """Return 256 colours for signed values, uint8 (256, 3): blue below zero, the background at it, orange above."""
    ground, below, above = (
        np.array(QColor(name).getRgb()[:3], dtype=float) for name in (theme.panel, *CLASS_COLOURS[:2])
    )
    share = np.linspace(-1.0, 1.0, 256)[:, None]
    table: Array = (ground + np.abs(share) * (np.where(share < 0, below, above) - ground)).round().astype(np.uint8)
    return table


def mosaic_table(colours: Array) -> Array:
    """Return the colours of a mosaic: index 0 is the gap, transparent; 1 to 255 are the values (RGBA)."""
    table = np.full((256, 4), 255, dtype=np.uint8)
    table[1:, :3] = colours[np.linspace(0, 255, 255).round().astype(int)]
    table[0] = 0
    return table


def mosaic(maps: Array, columns: int, low: float, high: float, gap: int = GAP) -> Array:
    """Lay maps (n, h, w) in rows on one scale, with gaps of so many pixels, as indices into `mosaic_table`."""
    n, height, width = maps.shape
    span = high - low if high > low else 1.0
    with np.errstate(invalid="ignore"):
        level = np.nan_to_num((maps - low) * (254.0 / span), nan=-1.0, posinf=254.0, neginf=0.0)
    tiles = (level.clip(-1, 254) + 1.5).astype(np.uint8)
    larger = max(1, round(TILE / max(height, width)))
    if larger > 1:
        tiles = tiles.repeat(larger, axis=1).repeat(larger, axis=2)
        height, width = height * larger, width * larger
    rows = -(-n // columns)
    full = np.zeros((rows * columns, height + gap, width + gap), dtype=np.uint8)
    full[:n, :height, :width] = tiles
    laid = full.reshape(rows, columns, height + gap, width + gap).transpose(0, 2, 1, 3)
    return np.ascontiguousarray(laid.reshape(rows * (height + gap), columns * (width + gap))[:-gap, :-gap])


def best_columns(n: int, height: int, width: int, room_x: int, room_y: int) -> int:
    """Return how many maps in a row make all of them as large as possible."""
    scales = {
        columns: min(room_x / (columns * (width + GAP)), room_y / (-(-n // columns) * (height + GAP)))
        for columns in range(1, n + 1)
    }
    return max(scales, key=lambda columns: (scales[columns], -columns))


class Mosaic(pg.GraphicsView):
    """Shows maps as a mosaic, as large as there is room for.

    Signals:
        clicked(int): the number of the map that was clicked.
    """

    clicked = Signal(int)

    def __init__(self, name: str, gap: int = GAP) -> None:
        super().__init__(background=None)
        self.setObjectName(name)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setMinimumSize(60, 40)
        self.box = pg.ViewBox(lockAspect=True, invertY=True, enableMouse=False, enableMenu=False, defaultPadding=0)
        self.setCentralItem(self.box)
        self.image = pg.ImageItem(axisOrder="row-major")
        self.box.addItem(self.image)
        self.columns, self._gap = 1, gap
        self._shown: tuple[Array, float, float, int] | None = None
        self._later = QTimer(self, interval=60, singleShot=True)
        self._later.timeout.connect(self._draw)

    def show_maps(self, maps: Array, low: float, high: float, columns: int = 0) -> None:
        """Show maps (n, h, w) on one scale, so many in a row; 0: as many as make them largest."""
        self._shown = maps, low, high, columns
        self._draw()

    def set_colours(self, table: Array, ground: str) -> None:
        """Take 256 colours, the one for the lowest value first, and that of the gaps."""
        self.setBackground(ground)
        self.image.setLookupTable(mosaic_table(table))

    def map_at(self, point: QPointF) -> int | None:
        """Return which of the maps is at a point of the widget."""
        if self._shown is None or self.image.image is None:
            return None
        place = self.box.mapSceneToView(self.mapToScene(point.toPoint()))
        rows, (height, width) = -(-len(self._shown[0]) // self.columns), self.image.image.shape
        x = int(place.x() // ((width + self._gap) / self.columns))
        y = int(place.y() // ((height + self._gap) / rows))
        number = y * self.columns + x
        return number if 0 <= x < self.columns and y >= 0 and number < len(self._shown[0]) else None

    def pixel_at(self, at: QPointF) -> tuple[int, int, int] | None:
        """Return the map, the row and the column of the number at a point of the scene, if there is one."""
        if self._shown is None or self.image.image is None:
            return None
        place, maps = self.box.mapSceneToView(at), self._shown[0]
        rows, (high, wide) = -(-len(maps) // self.columns), self.image.image.shape
        pitch_x, pitch_y = (wide + self._gap) / self.columns, (high + self._gap) / rows
        left, top = int(place.x() // pitch_x), int(place.y() // pitch_y)
        larger = (pitch_x - self._gap) / maps.shape[2]
        x, y = int((place.x() - left * pitch_x) // larger), int((place.y() - top * pitch_y) // larger)
        number = top * self.columns + left
        inside = 0 <= left < self.columns and top >= 0 and number < len(maps)
        return (number, y, x) if inside and 0 <= y < maps.shape[1] and 0 <= x < maps.shape[2] else None

    def _draw(self) -> None:
        if self._shown is None:
            return
        maps, low, high, columns = self._shown
        self.columns = columns or best_columns(*maps.shape, self.width(), self.height())
        pixels = mosaic(maps, self.columns, low, high, self._gap)
        if self.image.image is None or self.image.image.shape != pixels.shape:
            self.box.setRange(QRectF(0, 0, pixels.shape[1], pixels.shape[0]), padding=0)
        self.image.setImage(pixels, autoLevels=False, levels=(0, 255))

    # -- Qt ----------------------------------------------------------------------------------------------------

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Tell which map was clicked."""
        if event.button() == Qt.MouseButton.LeftButton and (number := self.map_at(event.position())) is not None:
            self.clicked.emit(number)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Lay the maps out anew once the size has settled."""
        super().resizeEvent(event)
        if hasattr(self, "_later"):  # Qt resizes it while it is being made
            self._later.start()
