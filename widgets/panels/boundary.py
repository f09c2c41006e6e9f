"""The plane as the network divides it, with the points it learns from on top."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QEvent, QObject, QPointF, QRectF
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QVBoxLayout

from playground.data.planar import PlanarSource
from playground.probes.boundary import Boundary, BoundaryAnswer, Points
from playground.text import Sentence, note, tr
from widgets.panels._plots import ColourBar, Picture, Plot, Readout, Square, blend, readable
from widgets.theme import CLASS_COLOURS, Theme, current

Array = np.ndarray[Any, Any]

FINENESS = 4
"""Pixels drawn for each cell along a side, between whose middles the probability is interpolated."""

STRENGTH = 0.62
"""How strong the colour of certainty is; points carry the full colour and stay visible on it."""

POINTS = (4.0, 8.0)
"""Diameter of a point in a small and in a large picture."""


class BoundaryPanel(Picture):
    """Shows what the network answers at every point of the plane."""

    key = "boundary"
    title = note("Decision boundary")
    help = note(
        "What the network answers at every point of the plane, as colour: strong where it is sure, pale where it "
        "hesitates. The boundary runs where the colours meet. Points whose own colour differs from the ground they "
        "stand on are answered wrongly; rings are validation points."
    )
    icon = "mdi6.vector-curve"

    def compose(self, column: QVBoxLayout) -> None:
        """Create the plot, the points and the colour bar."""
        self.answer: BoundaryAnswer | None = None
        self._hover: QPointF | None = None
        self._readout = Readout("boundary_readout")
        column.addWidget(self._readout)
        self.plot = Plot("boundary_plot")
        self.plot.setMouseEnabled(False, False)
        self.plot.getAxis("left").setWidth(46)
        self.plot.getPlotItem().getViewBox().setDefaultPadding(0)
        self.image = pg.ImageItem(axisOrder="row-major")
        self.plot.addItem(self.image)
        self.points = {split: pg.ScatterPlotItem(pxMode=True) for split in ("train", "validation")}
        for item in self.points.values():
            self.plot.addItem(item)
        self.bar = ColourBar("boundary_bar")
        self.frame = Square(self.plot, self.bar)
        column.addWidget(self.frame, 1)
        self.plot.scene().sigMouseMoved.connect(self._on_scene_mouse_moved)
        self.plot.viewport().installEventFilter(self)
        self.session.restarted.connect(self._on_session_restarted)

    def probe(self) -> Boundary:
        """Ask for the plane."""
        return Boundary()

    def draw(self, answer: BoundaryAnswer | None) -> None:
        """Show what the network answers now."""
        before, self.answer = self.answer, answer
        self.show_picture(answer is not None)
        if answer is None:
            return
        self._draw_ground(answer)
        if before is None or before.extent != answer.extent:
            self.plot.setRange(_square(answer.extent), padding=0)
        if before is None or before.classes != answer.classes:
            self.recolour(current())
        for split, item in self.points.items():
            points = answer.points.get(split)
            if before is None or not _equal(before.points.get(split), points):
                self._draw_points(item, split, points)
        self._sync_readout()

    def sync(self) -> None:
        """Take the picture away where another data set took the place of points."""
        if self.answer is not None and not isinstance(self.session.document.now.source, PlanarSource):
            self.draw(None)

    def _draw_ground(self, answer: BoundaryAnswer) -> None:
        if answer.two:
            pixels = two_sides(fine(answer.probability), side_table(current()))
        else:
            pixels = winners(answer.probability, answer.winner, len(answer.classes), current())
        self.image.setImage(pixels, autoLevels=False, levels=(0, 255))
        self.image.setRect(_square(answer.extent))

    def _draw_points(self, item: pg.ScatterPlotItem, split: str, points: Points | None) -> None:
        if points is None or not len(points.where):
            item.clear()
            return
        theme = current()
        colours = [QColor(CLASS_COLOURS[k % len(CLASS_COLOURS)]) for k in range(int(points.labels.max()) + 1)]
        edge = theme.canvas if theme.dark else theme.panel
        if split == "train":
            pens, brushes = [pg.mkPen(edge, width=1)] * len(colours), [pg.mkBrush(colour) for colour in colours]
        else:
            pens, brushes = [pg.mkPen(colour, width=2) for colour in colours], [pg.mkBrush(edge)] * len(colours)
        item.setData(
            x=points.where[:, 0],
            y=points.where[:, 1],
            size=self._point_size(),
            pen=[pens[label] for label in points.labels],
            brush=[brushes[label] for label in points.labels],
        )

    def _point_size(self) -> float:
        return float(np.clip(self.frame.side / 32, *POINTS))

    def _sync_readout(self) -> None:
        """Say what the colour means or, under the pointer, what the network answers there."""
        answer = self.answer
        if answer is None:
            return
        if self._hover is not None and (cell := _cell(answer, self._hover)) is not None:
            share, winner = float(answer.probability[cell]), int(answer.winner[cell])
            if answer.two and winner == 0:
                share = 1.0 - share
            text = tr(
                "x {x}, y {y}: class {name} with {share}",
                x=readable(round(self._hover.x(), 2)),
                y=readable(round(self._hover.y(), 2)),
                name=answer.classes[winner],
                share=f"{share:.2f}",
            )
        elif answer.two:
            text = tr("colour: probability of class {name}", name=answer.classes[1])
        else:
            dots = [
                f'<span style="color:{CLASS_COLOURS[k % len(CLASS_COLOURS)]}">●</span> {name}'
                for k, name in enumerate(answer.classes)
            ]
            text = " &nbsp; ".join(dots)
        self._readout.say(text)

    # -- words and colours -------------------------------------------------------------------------------------

    def title_detail(self) -> str:
        """Return the legend of the points."""
        return tr("● train ○ validation")

    def empty(self) -> str:
        """Say how to fill it."""
        document = getattr(self.session, "document", None)
        if document is not None and not isinstance(document.now.source, PlanarSource):
            return tr("This data does not lie in a plane. Choose points such as XOR or Two spirals to see a boundary.")
        return tr("Once the network is complete, its answer at every point of the plane appears here.")

    def relabel(self) -> None:
        """Say everything again in the present language."""
        super().relabel()
        self.plot.setAccessibleName(str(Sentence(self.title)))
        self.plot.setLabel("bottom", "x")
        self.plot.setLabel("left", "y")
        self.recolour(current())
        self._sync_readout()

    def recolour(self, theme: Theme) -> None:
        """Take the colours of a theme."""
        self.plot.recolour(theme)
        answer = self.answer
        if answer is None or answer.two:
            self.bar.set_colours(side_table(theme))
            self.bar.set_range(0.0, 1.0)
        else:
            grey = np.linspace(0, 1, 64)[:, None]
            low, high = (np.array(blend(colour, colour, 0), dtype=float) for colour in (theme.card, theme.dim))
            self.bar.set_colours((low + (high - low) * grey).astype(np.uint8))
            self.bar.set_range(1.0 / len(answer.classes), 1.0)
        if answer is not None:
            self._draw_ground(answer)
            for split, item in self.points.items():
                self._draw_points(item, split, answer.points.get(split))

    # -- what happens ------------------------------------------------------------------------------------------

    def _on_session_restarted(self) -> None:
        self.sync()

    def _on_scene_mouse_moved(self, at: QPointF) -> None:
        box = self.plot.getPlotItem().getViewBox()
        self._hover = box.mapSceneToView(at) if box.sceneBoundingRect().contains(at) else None
        self._readout.hurry()
        self._sync_readout()

    # -- Qt ----------------------------------------------------------------------------------------------------

    def resizeEvent(self, event: Any) -> None:
        """Make the points fit the picture."""
        super().resizeEvent(event)
        for item in self.points.values():
            item.setSize(self._point_size())

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Notice that the pointer left the plot."""
        if event.type() == QEvent.Type.Leave:
            self._hover = None
            self._readout.hurry()
            self._sync_readout()
        return super().eventFilter(watched, event)


def side_table(theme: Theme) -> Array:
    """Return 256 colours from the first class over undecided to the second, uint8 (256, 3)."""
    middle = np.array(blend(theme.card, theme.card, 0), dtype=float)
    ends = [np.array(blend(theme.card, colour, STRENGTH), dtype=float) for colour in CLASS_COLOURS[:2]]
    share = np.abs(np.linspace(-1, 1, 256))[:, None]
    left, right = (middle + (end - middle) * share for end in ends)
    return np.where(np.arange(256)[:, None] < 128, left, right).round().astype(np.uint8)


def two_sides(probability: Array, table: Array) -> Array:
    """Colour probabilities of the second class, RGBA; what is not a number stays transparent."""
    known = np.isfinite(probability)
    index = (np.where(known, probability, 0.0) * 255).round().clip(0, 255).astype(np.uint8)
    pixels = np.empty((*probability.shape, 4), dtype=np.uint8)
    pixels[..., :3] = table[index]
    pixels[..., 3] = np.where(known, 255, 0)
    return pixels


def winners(probability: Array, winner: Array, classes: int, theme: Theme) -> Array:
    """Colour each cell in its winner's colour, the stronger the surer, RGBA."""
    ground = np.array(blend(theme.card, theme.card, 0), dtype=np.float32)
    full = [blend(theme.card, CLASS_COLOURS[k % len(CLASS_COLOURS)], STRENGTH) for k in range(classes)]
    known = np.isfinite(probability)
    share = ((np.where(known, probability, 0.0) * classes - 1) / max(1, classes - 1)).clip(0, 1)[..., None]
    pixels = np.empty((*winner.shape, 4), dtype=np.uint8)
    pixels[..., :3] = (
        ground + (np.array(full, dtype=np.float32)[winner.clip(0, classes - 1)] - ground) * share
    ).round()
    pixels[..., 3] = np.where(known, 255, 0)
    return pixels


def fine(values: Array) -> Array:
    """Interpolate between the middles of the cells, so that the boundary has no stairs."""
    for axis in (0, 1):
        n = values.shape[axis]
        at = ((np.arange(n * FINENESS) + 0.5) / FINENESS - 0.5).clip(0, n - 1)
        low = at.astype(int).clip(0, max(0, n - 2))
        share = (at - low).astype(np.float32)
        share = share[:, None] if axis == 0 else share[None, :]
        values = np.take(values, low, axis) * (1 - share) + np.take(values, (low + 1).clip(0, n - 1), axis) * share
    return values


def _square(extent: tuple[float, float]) -> QRectF:
    low, high = extent
    return QRectF(low, low, high - low, high - low)


def _cell(answer: BoundaryAnswer, at: QPointF) -> tuple[int, int] | None:
    low, high = answer.extent
    cells = len(answer.probability)
    column, row_ = (int(np.floor((value - low) / (high - low) * cells)) for value in (at.x(), at.y()))
    return (row_, column) if 0 <= row_ < cells and 0 <= column < cells else None


def _equal(one: Points | None, other: Points | None) -> bool:
    if one is None or other is None:
        return one is other
    return np.array_equal(one.where, other.where) and np.array_equal(one.labels, other.labels)
