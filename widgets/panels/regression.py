"""The function that a network has learnt, beside the true one, and what each of its units adds to it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtWidgets import QHBoxLayout, QLabel, QStackedWidget, QVBoxLayout, QWidget

from playground.probes.regression import MOST_UNITS, Measured, Regression, RegressionAnswer, fitted
from playground.text import Sentence, note, tr
from widgets.panels.parts.plots import ColourBar, Picture, Plot, Readout, chip, colour_table, readable, row
from widgets.theme import CLASS_COLOURS, Theme, current, font

Array = np.ndarray[Any, Any]

SPLITS = ("train", "validation")

LEFT = 46
"""Pixels for the numbers at the left, in both plots, so that what stands at one place stands above it."""


class RegressionPanel(Picture):
    """Shows the fitted function beside the true one."""

    key = "regression"
    title = note("Fitted function")
    help = note(
        "What the network answers along the line or over the plane, beside what would be right. Below the line stands "
        "what each unit of the last hidden layer adds: its output times its weight; with the offset these curves add "
        "up to the fit. Look for places where the fit bends and find the unit that bends there."
    )
    icon = "mdi6.chart-bell-curve-cumulative"

    def compose(self, column: QVBoxLayout) -> None:
        """Create the curves of a line, the surfaces of a plane, and the line of words."""
        self.answer: RegressionAnswer | None = None
        self._hover: QPointF | None = None
        self._hovered: Plot | None = None
        self._switch = chip("regression_units")
        self._switch.setChecked(True)
        self._switch.toggled.connect(self._on_switch_toggled)
        self._readout = Readout("regression_readout")
        column.addLayout(row(self._switch, self._readout))
        self._pages = QStackedWidget()
        self._pages.addWidget(self._compose_line())
        self._pages.addWidget(self._compose_plane())
        column.addWidget(self._pages, 1)
        for plot in (self.plot, self.units, self.right, self.found):
            plot.setMouseEnabled(False, False)
            plot.scene().sigMouseMoved.connect(self._follower(plot))
            plot.pointerLeft.connect(self._on_pointer_left)
        self.session.restarted.connect(self._on_session_restarted)

    def _compose_line(self) -> QWidget:
        page = QWidget()
        column = QVBoxLayout(page)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        self.plot, self.units = Plot("regression_plot"), Plot("regression_parts")
        for plot in (self.plot, self.units):
            plot.getAxis("left").setWidth(LEFT)
            plot.getPlotItem().getViewBox().setDefaultPadding(0.02)
        self.units.setXLink(self.plot)
        self.units.setMinimumHeight(48)
        self.points = {split: pg.ScatterPlotItem(pxMode=True, size=5) for split in SPLITS}
        for item in self.points.values():
            self.plot.addItem(item)
        self.truth = self.plot.plot([], [], antialias=True)
        self.fit = self.plot.plot([], [], antialias=True)
        self.parts: list[pg.PlotDataItem] = []
        column.addWidget(self.plot, 3)
        column.addWidget(self.units, 2)
        return page

    def _compose_plane(self) -> QWidget:
        page = QWidget()
        beside = QHBoxLayout(page)
        beside.setContentsMargins(0, 0, 0, 0)
        beside.setSpacing(4)
        self.right, self.found = Plot("regression_true_surface"), Plot("regression_fitted_surface")
        self.surfaces = {plot: pg.ImageItem(axisOrder="row-major") for plot in (self.right, self.found)}
        self._names = {plot: QLabel(alignment=Qt.AlignmentFlag.AlignHCenter) for plot in self.surfaces}
        for plot, image in self.surfaces.items():
            plot.addItem(image)
            plot.setAspectLocked(True)
            plot.getPlotItem().getViewBox().setDefaultPadding(0)
            image.setLookupTable(colour_table("viridis"))
            self._names[plot].setProperty("role", "dim")
            column = QVBoxLayout()
            column.setSpacing(0)
            column.addWidget(self._names[plot])
            column.addWidget(plot, 1)
            beside.addLayout(column, 1)
        self.bar = ColourBar("regression_bar")
        self.bar.set_colours(colour_table("viridis"))
        beside.addWidget(self.bar)
        return page

    def probe(self) -> Regression:
        """Ask for the function."""
        return Regression()

    # -- drawing -----------------------------------------------------------------------------------------------

    def draw(self, answer: RegressionAnswer | None) -> None:
        """Show what the network answers now."""
        before, self.answer = self.answer, answer
        self.show_picture(answer is not None)
        if answer is None:
            return
        line = answer.fit.ndim == 1
        self._pages.setCurrentIndex(0 if line else 1)
        self._switch.setVisible(line and answer.parts is not None)
        if before is None or before.axes != answer.axes:
            self._sync_names()
        if line:
            self._draw_line(answer, before)
        else:
            self._draw_plane(answer)
        self._sync_readout()

    def _draw_line(self, answer: RegressionAnswer, before: RegressionAnswer | None) -> None:
        x = np.linspace(*answer.extent, len(answer.fit))
        self.fit.setData(x, answer.fit)
        if before is None or not _same(before, answer):
            self.truth.setData(x, answer.truth) if answer.truth is not None else self.truth.setData([], [])
            for split, item in self.points.items():
                self._draw_points(item, answer.points.get(split))
            self.plot.setXRange(*answer.extent, padding=0.01)
            self.plot.setYRange(*_heights(answer), padding=0.05)
        shown = answer.parts is not None and self._switch.isChecked()
        self.units.setVisible(shown)
        self.plot.getAxis("bottom").setStyle(showValues=not shown)  # they stand below the parts
        if shown:
            self._draw_parts(x, answer)

    @staticmethod
    def _draw_points(item: pg.ScatterPlotItem, points: Measured | None) -> None:
        if points is None or not len(points.where):
            item.clear()
        else:
            item.setData(points.where[:, 0], points.answers)

    def _draw_parts(self, x: Array, answer: RegressionAnswer) -> None:
        assert answer.parts is not None
        while len(self.parts) < len(answer.parts):
            colour = CLASS_COLOURS[len(self.parts) % len(CLASS_COLOURS)]
            pen = pg.mkPen(colour, width=self.devicePixelRatioF())
            self.parts.append(self.units.plot([], [], pen=pen, antialias=True))
        for k, item in enumerate(self.parts):
            if k < len(answer.parts):
                item.setData(x, answer.parts[k])
            item.setVisible(k < len(answer.parts))

    def _draw_plane(self, answer: RegressionAnswer) -> None:
        low, high = _heights(answer)
        extent = answer.extent
        cell = (extent[1] - extent[0]) / (len(answer.fit) - 1)  # the places are the middles of the cells
        side = QRectF(extent[0] - cell / 2, extent[0] - cell / 2, *[extent[1] - extent[0] + cell] * 2)
        for plot, values in ((self.right, answer.truth), (self.found, answer.fit)):
            self._names[plot].setVisible(values is not None)
            plot.setVisible(values is not None)
            if values is not None:
                self.surfaces[plot].setImage(values, autoLevels=False, levels=(low, high))
                self.surfaces[plot].setRect(side)
                plot.setRange(side, padding=0)
        self.bar.set_range(low, high)

    def _sync_readout(self) -> None:
        """Say how far the fit is off or, under the pointer, what it answers there."""
        answer = self.answer
        if answer is None:
            return
        if self._hover is not None and (said := self._said_there(answer)):
            self._readout.say(said)
        elif answer.truth is not None:
            self._readout.say(
                tr("off by {error} (root mean square), step {n}", error=readable(answer.error), n=answer.step),
                tr("off by {error}", error=readable(answer.error)),
            )
        else:
            self._readout.say(tr("step {n}", n=answer.step))

    def _said_there(self, answer: RegressionAnswer) -> str:
        """Say what is under the pointer."""
        assert self._hover is not None
        low, high = answer.extent
        n = len(answer.fit)
        at = [round((v - low) / (high - low) * (n - 1)) for v in (self._hover.x(), self._hover.y())]
        if answer.fit.ndim == 1:
            if not 0 <= at[0] < n:
                return ""
            if self._hovered is self.units and answer.parts is not None:
                k = int(np.argmin(np.abs(answer.parts[:, at[0]] - self._hover.y())))
                return tr(
                    "unit {unit} adds {value} at {x}",
                    unit=answer.units[k] + 1,
                    value=readable(float(answer.parts[k, at[0]])),
                    x=readable(round(self._hover.x(), 2)),
                )
            where, cell = f"{answer.axes[0]} {readable(round(self._hover.x(), 2))}", (at[0],)
        else:
            if not (0 <= at[0] < n and 0 <= at[1] < n):
                return ""
            numbers = (readable(round(v, 2)) for v in (self._hover.x(), self._hover.y()))
            where = ", ".join(f"{name} {number}" for name, number in zip(answer.axes, numbers, strict=True))
            cell = (at[1], at[0])
        fit = readable(float(answer.fit[cell]))
        if answer.truth is None:
            return tr("{place}: fit {fit}", place=where, fit=fit)
        return tr("{place}: fit {fit}, true {true}", place=where, fit=fit, true=readable(float(answer.truth[cell])))

    # -- words and colours -------------------------------------------------------------------------------------

    def title_detail(self) -> str:
        """Return the legend, in the colours of the curves (rich text)."""
        theme = current()
        return (
            f'<span style="color:{theme.accent_text}">— {tr("fit")}</span> '
            f'<span style="color:{theme.good_text}">– – {tr("true")}</span> ' + tr("● train ○ validation")
        )

    def empty(self) -> str:
        """Say how to fill it."""
        now = self.session.document.now
        if fitted(self.session.document.report, now.facts) is None:
            return tr(
                "This panel shows a function of one or two numbers. Choose Curve or Surface as data, with one number "
                "as the answer."
            )
        return tr("Once the network is complete, the function that it has learnt appears here.")

    def relabel(self) -> None:
        """Say everything again in the present language."""
        super().relabel()
        self._switch.setText(tr("Each unit"))
        self._switch.setToolTip(tr("Show what each unit of the last hidden layer adds, {n} at most", n=MOST_UNITS))
        self._switch.setAccessibleName(tr("Show what each unit adds"))
        self.plot.setAccessibleName(str(Sentence(self.title)))
        self.units.setAccessibleName(tr("What each unit adds"))
        for plot, words in ((self.right, tr("true")), (self.found, tr("fit"))):
            self._names[plot].setText(words)
            plot.setAccessibleName(words)
        self._sync_names()
        self.recolour(current())
        self._sync_readout()

    def _sync_names(self) -> None:
        """Name the axes."""
        axes = self.answer.axes if self.answer is not None else ("x", "y")
        self.units.setLabel("left", tr("parts"))
        if len(axes) == 2:
            for plot in self.surfaces:
                plot.setLabel("bottom", axes[0])
                plot.setLabel("left", axes[1])

    def recolour(self, theme: Theme) -> None:
        """Take the colours of a theme."""
        thin = self.devicePixelRatioF()  # pens are cosmetic: their width counts in pixels of the device
        for plot in (self.plot, self.units, self.right, self.found):
            plot.recolour(theme)
            for side in ("left", "bottom"):
                plot.getAxis(side).label.setFont(font(8.5))
        self.fit.setPen(pg.mkPen(theme.training, width=2.5 * thin))
        self.truth.setPen(pg.mkPen(theme.good, width=1.5 * thin, style=Qt.PenStyle.DashLine))
        self.points["train"].setPen(None)
        self.points["train"].setBrush(pg.mkBrush(theme.dim))
        self.points["validation"].setPen(pg.mkPen(theme.validation, width=1.2 * thin))
        self.points["validation"].setBrush(pg.mkBrush(theme.panel))

    # -- what happens ------------------------------------------------------------------------------------------

    def _follower(self, plot: Plot) -> Any:
        """Return what follows the pointer in one of the plots."""

        def follow(at: QPointF) -> None:
            box = plot.getPlotItem().getViewBox()
            self._hovered = plot
            self._hover = box.mapSceneToView(at) if box.sceneBoundingRect().contains(at) else None
            self._readout.hurry()
            self._sync_readout()

        return follow

    def _on_switch_toggled(self, on: bool) -> None:
        if self.answer is not None:
            self.draw(self.answer)

    def _on_session_restarted(self) -> None:
        self.draw(None)

    def _on_pointer_left(self) -> None:
        self._hover = None
        self._readout.hurry()
        self._sync_readout()


def _heights(answer: RegressionAnswer) -> tuple[float, float]:
    """Return the values from the lowest to the highest that are right or were measured: what the picture shows."""
    known = [answer.truth] if answer.truth is not None else []
    known += [points.answers for points in answer.points.values()]
    values = np.concatenate([one.ravel() for one in known]) if known else answer.fit.ravel()
    values = values[np.isfinite(values)]
    low, high = (float(values.min()), float(values.max())) if values.size else (0.0, 1.0)
    return (low, high) if high > low else (low - 1.0, high + 1.0)


def _same(one: RegressionAnswer, other: RegressionAnswer) -> bool:
    """Whether the same function is to be learnt from the same examples."""
    if one.extent != other.extent or one.fit.shape != other.fit.shape or one.points.keys() != other.points.keys():
        return False
    pairs = [(one.points[split].answers, other.points[split].answers) for split in one.points]
    if (one.truth is None) != (other.truth is None):
        return False
    if one.truth is not None and other.truth is not None:
        pairs.append((one.truth, other.truth))
    return all(np.array_equal(a, b) for a, b in pairs)
