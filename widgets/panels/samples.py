"""What a generator makes, beside what is real: images in two heaps, or points over the ground of the discriminator."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPaintEvent
from PySide6.QtWidgets import QStackedWidget, QVBoxLayout, QWidget

from playground.probes.samples import Samples, SamplesAnswer
from playground.text import Sentence, note, tr
from widgets.panels.parts.plots import ColourBar, Picture, Plot, Readout, Square, as_image, readable
from widgets.plane_colours import side_table
from widgets.theme import CLASS_COLOURS, Theme, current, font

Array = np.ndarray[Any, Any]

GAP = 2
BETWEEN = 16
"""Pixels between two images, and between the two heaps."""

SMALLEST = 20
"""Pixels along a side of an image; where there is no room for so many, fewer images are shown."""

POINTS = (3.0, 7.0)
"""Diameter of a point in a small and in a large picture."""


class SamplesPanel(Picture):
    """Shows generated examples and real ones."""

    key = "samples"
    title = note("Generated samples")
    help = note(
        "What the generator makes, beside real examples: always of the same noise, so that each sample can be followed "
        "while it learns. Of points the ground is what the discriminator answers there, and where it is pale it cannot "
        "tell. The energy distance in the line above says how far generated and real examples are from being drawn "
        "alike: it is 0 for equal ones, and no loss tells it."
    )
    icon = "mdi6.auto-fix"

    def compose(self, column: QVBoxLayout) -> None:
        """Create the heaps of images and the plane of points."""
        self.answer: SamplesAnswer | None = None
        self._readout = Readout("samples_readout")
        column.addWidget(self._readout)
        self.heaps = Heaps()
        self._create_plane()
        self._pages = QStackedWidget()
        self._pages.addWidget(self.heaps)
        self._pages.addWidget(self.frame)
        column.addWidget(self._pages, 1)
        self.destroyed.connect(self.session.document.subscribe(self._on_document_changed))
        self.session.restarted.connect(self._on_session_restarted)

    def _create_plane(self) -> None:
        self.plot = Plot("samples_plot")
        self.plot.setMouseEnabled(False, False)
        self.plot.getAxis("left").setWidth(46)
        self.plot.getPlotItem().getViewBox().setDefaultPadding(0)
        self.ground = pg.ImageItem(axisOrder="row-major")
        self.real, self.made = (pg.ScatterPlotItem(pxMode=True) for _ in range(2))
        for item in (self.ground, self.real, self.made):
            self.plot.addItem(item)
        self.bar = ColourBar("samples_bar")
        self.frame = Square(self.plot, self.bar)

    def probe(self) -> Samples | None:
        """Ask for samples where anything is generated."""
        outputs = self.session.document.report.outputs.values()
        return Samples() if any(block.adversarial for block in outputs) else None

    def draw(self, answer: SamplesAnswer | None) -> None:
        """Show what the generator makes now."""
        before, self.answer = self.answer, answer
        self.show_picture(answer is not None)
        if answer is None:
            return
        self._pages.setCurrentWidget(self.heaps if answer.pictures else self.frame)
        if answer.pictures:
            self.heaps.show_images(answer.made, answer.real)
        else:
            self._draw_points(answer, before)
        self._sync_readout()

    def _draw_points(self, answer: SamplesAnswer, before: SamplesAnswer | None) -> None:
        left, right, bottom, top = answer.extent
        if answer.taken.size:
            self.ground.setImage(answer.taken, autoLevels=False, levels=(0.0, 1.0))
            self.ground.setRect(QRectF(left, bottom, right - left, top - bottom))
        self.ground.setVisible(answer.taken.size > 0)
        self.bar.setVisible(answer.taken.size > 0)
        for item, points in ((self.real, answer.real), (self.made, answer.made)):
            item.setData(x=points[:, 0], y=points[:, 1])
        if before is None or before.pictures or before.extent != answer.extent:
            self.plot.setRange(QRectF(left, bottom, right - left, top - bottom), padding=0)
            self.plot.setLabel("bottom", answer.names[0])
            self.plot.setLabel("left", answer.names[1])

    def _sync_readout(self) -> None:
        """Say how far what is generated is from what is real."""
        history = self.session.history
        found = history.latest("validation", "energy_distance")
        found = history.latest("train", "energy_distance") if found is None else found
        if found is None or self.answer is None:
            self._readout.say("")
            return
        distance = readable(float(f"{found:.2g}"))
        self._readout.say(
            tr("energy distance from real examples {distance}, step {n}", distance=distance, n=self.answer.step),
            tr("energy distance {distance}", distance=distance),
        )

    def sync(self) -> None:
        """Say the latest distance, or what is missing while there is nothing to draw."""
        self.show_picture(self.answer is not None)
        self._sync_readout()

    # -- words and colours -------------------------------------------------------------------------------------

    def title_detail(self) -> str:
        """Return the legend of the points."""
        return "" if self.answer is None or self.answer.pictures else tr("● generated ○ real")

    def empty(self) -> str:
        """Say how to fill it."""
        return tr("Where a generator learns, what it makes appears here: open the preset gan.")

    def relabel(self) -> None:
        """Say everything again in the present language."""
        super().relabel()
        for one in (self.heaps, self.plot):
            one.setAccessibleName(str(Sentence(self.title)))
        self.bar.setToolTip(tr("How real the discriminator takes a point there for: 0 generated, 1 real"))
        self.heaps.update()
        self._sync_readout()

    def recolour(self, theme: Theme) -> None:
        """Take the colours of a theme."""
        self.plot.recolour(theme)
        table = side_table(theme)
        self.bar.set_colours(table)
        self.bar.set_range(0.0, 1.0)
        self.ground.setLookupTable(table)
        made, real = CLASS_COLOURS[:2]
        edge = theme.canvas if theme.dark else theme.panel
        self.made.setPen(pg.mkPen(edge, width=1))
        self.made.setBrush(pg.mkBrush(made))
        self.real.setPen(pg.mkPen(real, width=1.5))
        self.real.setBrush(pg.mkBrush(None))
        self.heaps.update()

    # -- what happens ------------------------------------------------------------------------------------------

    def _on_document_changed(self, old: Any, new: Any) -> None:
        if old.graph is not new.graph or old.facts is not new.facts:
            if self.probe() is None:
                self.draw(None)
            self.rewatch()

    def _on_session_restarted(self) -> None:
        self.draw(None)

    # -- Qt ----------------------------------------------------------------------------------------------------

    def resizeEvent(self, event: Any) -> None:
        """Make the points fit the picture."""
        super().resizeEvent(event)
        size = float(np.clip(self.frame.side / 40, *POINTS))
        for item in (self.real, self.made):
            item.setSize(size)


class Heaps(QWidget):
    """Two heaps of images under their names: what is generated and what is real."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("samples_heaps")
        self.setMinimumSize(120, 60)
        self.setFont(font(8.5))
        self._heaps: tuple[Array, Array] | None = None
        self.shown = 0
        """How many images of each kind there was room for when they were painted last."""

    def show_images(self, made: Array, real: Array) -> None:
        """Show generated and real images, uint8 (n, h, w, 1 or 3)."""
        self._heaps = made, real
        self.update()

    # -- Qt ----------------------------------------------------------------------------------------------------

    def sizeHint(self) -> QSize:
        """Ask for room for two heaps."""
        return QSize(340, 180)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint both, as many of each as there is room for."""
        if self._heaps is None:
            return
        painter, line = QPainter(self), self.fontMetrics().height() + 4
        width, height = (self.width() - BETWEEN) / 2, self.height() - line
        n, h, w = self._heaps[0].shape[:3]
        across, down = _arranged(n, h / w, width, height)
        self.shown = min(n, across * down)
        times = min((width + GAP) / across / w, (height + GAP) / down / h)
        side = QSize(max(1, int(w * times) - GAP), max(1, int(h * times) - GAP))
        for k, (images, name) in enumerate(zip(self._heaps, (tr("generated"), tr("real")), strict=True)):
            left = k * (width + BETWEEN) + (width - across * (side.width() + GAP) + GAP) / 2
            painter.setPen(QColor(current().dim))
            painter.drawText(QRectF(left, 0, width, line), Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop, name)
            for at, image in enumerate(images[: self.shown]):
                x, y = left + at % across * (side.width() + GAP), line + at // across * (side.height() + GAP)
                painter.drawImage(QRectF(x, y, side.width(), side.height()), _image(image))


def _arranged(n: int, shape: float, width: float, height: float) -> tuple[int, int]:
    """Return how many images stand beside and below each other so that they are large and most can be seen."""
    most = max(1, int(width / SMALLEST)) * max(1, int(height / (SMALLEST * shape)))
    n = min(n, most)
    fits = ((min(width / across, height / -(-n // across) / shape), across) for across in range(1, n + 1))
    _, across = max(fits)
    return across, -(-n // across)


def _image(pixels: Array) -> QImage:
    return as_image(np.ascontiguousarray(pixels[..., 0] if pixels.shape[-1] == 1 else pixels))
