"""The picture of a loss surface: contours with their colour bar, the relief, and the way over both."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QPointF, QRectF, Signal
from PySide6.QtWidgets import QHBoxLayout, QWidget

from playground.probes.loss_surface import SurfaceAnswer
from playground.text import Sentence, note, tr
from widgets.panels.parts.plots import ColourBar, Plot, readable
from widgets.panels.parts.relief import Relief, at_places, banded, contours, filled, heights
from widgets.theme import Theme

Array = np.ndarray[Any, Any]

TITLE = note("Loss surface")


class SurfacePicture(QWidget):
    """Draws a surface and a way over it.

    Signals:
        pointed(): the pointer is elsewhere; `words` says what it is on.
    """

    pointed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._surface: SurfaceAnswer | None = None
        self._hover: QPointF | None = None
        self.plot = Plot("loss_surface_plot")
        self.plot.setMouseEnabled(False, False)
        self.plot.getAxis("left").setWidth(46)
        self.plot.getPlotItem().getViewBox().setDefaultPadding(0)
        self.image = pg.ImageItem(axisOrder="row-major")
        self.plot.addItem(self.image)
        self.under, self.way = (self.plot.plot([], [], antialias=True) for _ in range(2))
        self.dots = pg.ScatterPlotItem(pxMode=True)
        self.plot.addItem(self.dots)
        self.bar = ColourBar("loss_surface_bar")
        self.bar.set_colours(banded())
        self.relief = Relief("loss_surface_relief")
        line = QHBoxLayout(self)
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(4)
        line.addWidget(self.plot, 3)
        line.addWidget(self.bar)
        line.addWidget(self.relief, 2)
        self.plot.scene().sigMouseMoved.connect(self._on_scene_mouse_moved)
        self.plot.pointerLeft.connect(self._on_pointer_left)

    def show_surface(self, surface: SurfaceAnswer) -> None:
        """Show a surface, or as much as is known of it."""
        self._surface = surface
        found = heights(surface.losses)
        if found is None:
            return
        (left, right), (low, high) = surface.extent
        box = QRectF(left, low, right - left, high - low)
        self.image.setImage(contours(found.shares), autoLevels=False, levels=(0, 255))
        self.image.setRect(box)
        self.plot.setRange(box, padding=0)
        self.bar.set_range(found.low, found.high, log=True)
        self.relief.set_heights(found.shares)
        self._sync_axes(surface)

    def show_way(self, points: Array) -> None:
        """Draw a way through these places of the plane, (n, 2); the last one gets the dot."""
        for line in (self.under, self.way):
            line.setData(points[:, 0], points[:, 1])
        self.dots.setData(pos=points[-1:], size=9, brush=pg.mkBrush("#FFFFFF"), pen=pg.mkPen("#14161B", width=1.5))
        if self._surface is not None:
            (left, right), (low, high) = self._surface.extent
            self.relief.set_way((points - (left, low)) / (right - left, high - low))

    def words(self) -> str:
        """Say the loss under the pointer; nothing where it is elsewhere."""
        surface, at = self._surface, self._hover
        if surface is None or at is None:
            return ""
        (left, right), (low, high) = surface.extent
        across, up = (at.x() - left) / (right - left), (at.y() - low) / (high - low)
        if not (0 <= across <= 1 and 0 <= up <= 1):
            return ""
        loss = float(at_places(filled(surface.losses.astype(np.float64)), np.array([across]), np.array([up]))[0])
        x, y = (readable(round(value, 2)) for value in (at.x(), at.y()))
        return tr("{x}, {y}: loss {loss}", x=x, y=y, loss=readable(loss))

    def relabel(self) -> None:
        """Say everything again in the present language."""
        self.plot.setAccessibleName(str(Sentence(TITLE)))
        words = tr("The loss as a landscape; drag it, or press the arrow keys, to turn it")
        self.relief.setAccessibleName(words)
        self.relief.setToolTip(words)
        if self._surface is not None:
            self._sync_axes(self._surface)

    def recolour(self, theme: Theme) -> None:
        """Take the colours of a theme."""
        self.plot.recolour(theme)
        thin = self.devicePixelRatioF()  # pens are cosmetic: their width counts in pixels of the device
        self.under.setPen(pg.mkPen((0, 0, 0, 150), width=3.6 * thin))
        self.way.setPen(pg.mkPen("#FFFFFF", width=1.8 * thin))

    def _sync_axes(self, surface: SurfaceAnswer) -> None:
        """Name the axes where they have a meaning: random directions have none."""
        names = surface.names
        if surface.explained:
            first, second = (f"{100 * share:.0f} %" for share in surface.explained)
            names = tr("first direction: {share} of the way", share=first), tr("second: {share}", share=second)
        for side, name in zip(("bottom", "left"), names, strict=True):
            self.plot.setLabel(side, name)
            self.plot.getAxis(side).showLabel(bool(name))

    def _on_scene_mouse_moved(self, at: QPointF) -> None:
        box = self.plot.getPlotItem().getViewBox()
        self._hover = box.mapSceneToView(at) if box.sceneBoundingRect().contains(at) else None
        self.pointed.emit()

    def _on_pointer_left(self) -> None:
        self._hover = None
        self.pointed.emit()
