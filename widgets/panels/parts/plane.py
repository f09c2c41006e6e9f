"""A picture of the plane with points over it, and what the pointer is at: what panels of the plane share."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QPointF, QRectF, Signal
from PySide6.QtGui import QColor

from playground.probes.boundary import Points
from playground.text import Sentence
from widgets.panels.parts.plots import ColourBar, Plot, Square
from widgets.theme import CLASS_COLOURS, Theme, current

Array = np.ndarray[Any, Any]

FINENESS = 4
"""Pixels drawn for each cell along a side, between whose middles the values are interpolated."""

POINTS = (4.0, 8.0)
"""Diameter of a point in a small and in a large picture."""


class PlaneView(Square):
    """The plane, with its axes, the points and a colour bar.

    Attributes:
        plot, image, bar: the axes, the ground, and what its colours mean.
        points: the items of the points by split.
        hover: where in the plane the pointer is, or None.

    Signals:
        pointed(): the pointer is elsewhere.
    """

    pointed = Signal()

    def __init__(self, name: str) -> None:
        self.plot, self.bar = Plot(f"{name}_plot"), ColourBar(f"{name}_bar")
        super().__init__(self.plot, self.bar)
        self.hover: QPointF | None = None
        self.plot.setMouseEnabled(False, False)
        self.plot.getAxis("left").setWidth(46)
        self.plot.getPlotItem().getViewBox().setDefaultPadding(0)
        self.image = pg.ImageItem(axisOrder="row-major")
        self.plot.addItem(self.image)
        self.points = {split: pg.ScatterPlotItem(pxMode=True) for split in ("train", "validation")}
        for item in self.points.values():
            self.plot.addItem(item)
        self._extent: tuple[float, float] | None = None
        self._shown: dict[str, Points] = {}
        self.plot.scene().sigMouseMoved.connect(self._on_scene_mouse_moved)
        self.plot.pointerLeft.connect(self._on_pointer_left)

    def show_ground(self, pixels: Array, extent: tuple[float, float]) -> None:
        """Show the ground, RGBA; its row 0 is the lowest y."""
        low, high = extent
        square = QRectF(low, low, high - low, high - low)
        self.image.setImage(pixels, autoLevels=False, levels=(0, 255))
        self.image.setRect(square)
        if extent != self._extent:
            self._extent = extent
            self.plot.setRange(square, padding=0)

    def show_points(self, points: Mapping[str, Points], *, anew: bool = False) -> None:
        """Show points over it; those that are shown already stay as they are, unless they are wanted anew."""
        for split, item in self.points.items():
            if anew or not _equal(self._shown.get(split), points.get(split)):
                self._draw_points(item, split, points.get(split))
        self._shown = dict(points)

    def cell(self, cells: int) -> tuple[int, int] | None:
        """Return the row and the column of the cell under the pointer, of a square grid with so many along a side."""
        if self.hover is None or self._extent is None:
            return None
        low, high = self._extent
        column, line = (int(np.floor((at - low) / (high - low) * cells)) for at in (self.hover.x(), self.hover.y()))
        return (line, column) if 0 <= line < cells and 0 <= column < cells else None

    def relabel(self, title: str) -> None:
        """Say everything again in the present language; `title` is a literal marked with `note`."""
        self.plot.setAccessibleName(str(Sentence(title)))
        self.plot.setLabel("bottom", "x")
        self.plot.setLabel("left", "y")

    def recolour(self, theme: Theme) -> None:
        """Take the colours of a theme."""
        self.plot.recolour(theme)
        self.show_points(self._shown, anew=True)

    def _draw_points(self, item: pg.ScatterPlotItem, split: str, points: Points | None) -> None:
        if points is None or not len(points.where):
            item.clear()
            return
        theme = current()
        labels, names = points.labels, CLASS_COLOURS
        if not len(labels):  # points of no class
            labels, names = np.zeros(len(points.where), np.uint8), (theme.dim,)
        colours = [QColor(names[k % len(names)]) for k in range(int(labels.max()) + 1)]
        edge = theme.canvas if theme.dark else theme.panel
        if split == "train":
            pens, brushes = [pg.mkPen(edge, width=1)] * len(colours), [pg.mkBrush(colour) for colour in colours]
        else:
            pens, brushes = [pg.mkPen(colour, width=2) for colour in colours], [pg.mkBrush(edge)] * len(colours)
        item.setData(
            x=points.where[:, 0],
            y=points.where[:, 1],
            size=self._point_size(),
            pen=[pens[label] for label in labels],
            brush=[brushes[label] for label in labels],
        )

    def _point_size(self) -> float:
        return float(np.clip(self.side / 32, *POINTS))

    def _on_scene_mouse_moved(self, at: QPointF) -> None:
        box = self.plot.getPlotItem().getViewBox()
        self.hover = box.mapSceneToView(at) if box.sceneBoundingRect().contains(at) else None
        self.pointed.emit()

    def _on_pointer_left(self) -> None:
        self.hover = None
        self.pointed.emit()

    # -- Qt ----------------------------------------------------------------------------------------------------

    def resizeEvent(self, event: Any) -> None:
        """Make the points fit the picture."""
        super().resizeEvent(event)
        for item in self.points.values():
            item.setSize(self._point_size())


def fine(values: Array) -> Array:
    """Interpolate between the middles of the cells, so that a boundary has no stairs."""
    for axis in (0, 1):
        n = values.shape[axis]
        at = ((np.arange(n * FINENESS) + 0.5) / FINENESS - 0.5).clip(0, n - 1)
        low = at.astype(int).clip(0, max(0, n - 2))
        share = (at - low).astype(np.float32)
        share = share[:, None] if axis == 0 else share[None, :]
        values = np.take(values, low, axis) * (1 - share) + np.take(values, (low + 1).clip(0, n - 1), axis) * share
    return values


def _equal(one: Points | None, other: Points | None) -> bool:
    if one is None or other is None:
        return one is other
    return np.array_equal(one.where, other.where) and np.array_equal(one.labels, other.labels)
