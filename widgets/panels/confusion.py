"""Which classes the network takes for which."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QFontMetricsF, QKeyEvent
from PySide6.QtWidgets import QGraphicsRectItem, QVBoxLayout

from playground.probes.confusion import Confusion, ConfusionAnswer
from playground.text import Sentence, note, tr
from playground.tidy import Table
from widgets.panels.parts.grids import STEPS
from widgets.panels.parts.plots import ColourBar, Picture, Plot, Readout, Square, colour_table
from widgets.theme import Theme, current, font

Array = np.ndarray[Any, Any]

MOST_NUMBERS = 20
"""Classes up to which every cell carries its count, where the cells are large enough."""

SMALLEST_CELL = 17


class Matrix(Plot):
    """The plot of the matrix, in which one walks from cell to cell with the keys.

    Signals:
        walked(int, int): go on by so many cells, down and to the right.
        entered(): the cell where the keys are is chosen.
        left(): no cell is to be chosen.
        focused(): the keys are here now, or no longer.
    """

    walked = Signal(int, int)
    entered = Signal()
    left = Signal()
    focused = Signal()

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)

    # -- Qt ----------------------------------------------------------------------------------------------------

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Walk with the arrow keys, choose with Enter, and nothing with Escape."""
        key = Qt.Key(event.key())
        if key in STEPS:
            self.walked.emit(*STEPS[key])
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.entered.emit()
        elif key == Qt.Key.Key_Escape:
            self.left.emit()
        else:
            super().keyPressEvent(event)

    def focusInEvent(self, event: Any) -> None:
        """Show where the keys are."""
        super().focusInEvent(event)
        self.focused.emit()

    def focusOutEvent(self, event: Any) -> None:
        """Show it no longer."""
        super().focusOutEvent(event)
        self.focused.emit()


class ConfusionPanel(Picture):
    """Shows how often each class is taken for each."""

    key = "confusion"
    title = note("Confusion matrix")
    help = note(
        "Each row is a class, each column what the network takes it for; colour is the share of the row. A good "
        "network has a bright diagonal. A bright cell beside it names two classes that it mixes up: click it to see "
        "these examples."
    )
    icon = "mdi6.grid-large"

    def compose(self, column: QVBoxLayout) -> None:
        """Create the matrix, its numbers and its colour bar."""
        self.answer: ConfusionAnswer | None = None
        self._hover: tuple[int, int] | None = None
        self._at = (0, 0)
        self._readout = Readout("confusion_readout")
        column.addWidget(self._readout)
        self.plot = Matrix("confusion_plot")
        self.plot.setMouseEnabled(False, False)
        self.plot.invertY(True)
        self.plot.getPlotItem().getViewBox().setDefaultPadding(0)
        self.image = pg.ImageItem(axisOrder="row-major")
        self.image.setLookupTable(colour_table("viridis"))
        self.plot.addItem(self.image)
        self.numbers: list[pg.TextItem] = []
        self.frames = {name: QGraphicsRectItem() for name in ("chosen_ground", "chosen", "at")}
        for frame in self.frames.values():
            frame.setZValue(5)
            frame.hide()
            self.plot.addItem(frame, ignoreBounds=True)
        for side in ("left", "bottom"):
            self.plot.getAxis(side).setStyle(tickLength=0)
        self.bar = ColourBar("confusion_bar")
        self.bar.set_colours(colour_table("viridis"))
        self.bar.set_range(0.0, 1.0)
        self.frame = Square(self.plot, self.bar)
        column.addWidget(self.frame, 1)
        self.plot.scene().sigMouseMoved.connect(self._on_scene_mouse_moved)
        self.plot.scene().sigMouseClicked.connect(self._on_scene_mouse_clicked)
        self.plot.pointerLeft.connect(self._on_pointer_left)
        self.plot.walked.connect(self._on_plot_walked)
        self.plot.entered.connect(self._on_plot_entered)
        self.plot.left.connect(self._on_plot_left)
        self.plot.focused.connect(self._sync_frames)
        self.focus.changed.connect(self._sync_frames)
        self.session.restarted.connect(self._on_session_restarted)

    def probe(self) -> Confusion:
        """Ask for the validation examples."""
        return Confusion()

    def draw(self, answer: ConfusionAnswer | None) -> None:
        """Show the counts as they are now."""
        before, self.answer = self.answer, answer
        self.show_picture(answer is not None)
        if answer is None:
            return
        if before is None or before.classes != answer.classes:
            self._place_numbers(len(answer.classes))
            self._name_classes()
        shares = shares_of(answer.counts)
        self.image.setImage((shares * 255).round().astype(np.uint8), autoLevels=False, levels=(0, 255))
        n = len(answer.classes)
        self.image.setRect(QRectF(0, 0, n, n))
        for k, number in enumerate(self.numbers[: n * n if n <= MOST_NUMBERS else 0]):
            value = int(answer.counts[k // n, k % n])
            number.setText(f"{value:,}" if value else "")
            number.setColor("#14161B" if shares[k // n, k % n] > 0.6 else "#E8EAF0")  # on viridis, in both themes
        self._sync_frames()
        self._sync_readout()

    def choose(self, cell: tuple[int, int] | None) -> None:
        """Choose a cell, whose examples are to be seen, or none."""
        self.focus.move(cell=cell)
        if cell is not None:
            self._at = cell
            self.focus.panelWanted.emit("mistakes", "")
        self._sync_frames()

    def _sync_frames(self) -> None:
        """Frame the chosen cell, and the one where the keys are."""
        n = len(self.answer.classes) if self.answer is not None else 0
        chosen = self.focus.now.cell
        here = self._at if self.plot.hasFocus() else None
        for name, cell in (("chosen_ground", chosen), ("chosen", chosen), ("at", here)):
            there = cell is not None and max(cell) < n
            self.frames[name].setVisible(there)
            if there and cell is not None:
                self.frames[name].setRect(QRectF(cell[1], cell[0], 1, 1))

    def _place_numbers(self, n: int) -> None:
        wanted = n * n if n <= MOST_NUMBERS else 0
        while len(self.numbers) < wanted:
            number = pg.TextItem(anchor=(0.5, 0.5))
            number.setFont(font(7.5))
            self.plot.addItem(number, ignoreBounds=True)
            self.numbers.append(number)
        for k in range(wanted):
            self.numbers[k].setPos(k % n + 0.5, k // n + 0.5)
        self.plot.setRange(QRectF(0, 0, n, n), padding=0)

    def _name_classes(self) -> None:
        """Write as many names and numbers as there is room for."""
        if self.answer is None:
            return
        classes = [self.class_name(name) for name in self.answer.classes]
        n, metrics = len(classes), QFontMetricsF(font(8.5))
        names = [metrics.elidedText(name, Qt.TextElideMode.ElideRight, 90) for name in classes]
        widest = max(metrics.horizontalAdvance(name) for name in names)
        self.plot.getAxis("left").setWidth(widest + 34)
        self.frame.arrange()
        cell = self.frame.side / n
        for side, needed in (("left", metrics.height()), ("bottom", widest + 6)):
            every = max(1, -(-int(needed) // max(1, int(cell))))
            ticks = [(k + 0.5, name) for k, name in enumerate(names) if k % every == 0]
            self.plot.getAxis(side).setTicks([ticks])
        for k, number in enumerate(self.numbers):
            number.setVisible(n <= MOST_NUMBERS and k < n * n and cell >= SMALLEST_CELL)

    def _sync_readout(self) -> None:
        """Say the cell under the pointer, else how many are right."""
        answer = self.answer
        if answer is None:
            return
        total = int(answer.counts.sum())
        at = self._hover or (self._at if self.plot.hasFocus() else None)
        if at is not None and max(at) < len(answer.classes):
            k, j = at
            text = tr(
                "{label} taken for {predicted}: {n}",
                label=self.class_name(answer.classes[k]),
                predicted=self.class_name(answer.classes[j]),
                n=int(answer.counts[k, j]),
            )
        else:
            text = tr(
                "{right} of {total} right, step {n}", right=int(np.trace(answer.counts)), total=total, n=answer.step
            )
        self._readout.say(text)

    def as_table(self) -> Table | None:
        """Return the matrix between the names of the classes."""
        if self.answer is None:
            return None
        names = [self.class_name(name) for name in self.answer.classes]
        rows = [(name, *row) for name, row in zip(names, self.answer.counts.tolist(), strict=True)]
        return Table(("label \\ prediction", *names), rows)

    # -- words and colours -------------------------------------------------------------------------------------

    def title_detail(self) -> str:
        """Return which examples are counted."""
        return tr("train") if self.answer is not None and self.answer.split == "train" else tr("validation")

    def empty(self) -> str:
        """Say how to fill it."""
        return tr("Where a network chooses between classes, what it mixes up appears here.")

    def relabel(self) -> None:
        """Say everything again in the present language."""
        super().relabel()
        self.plot.setAccessibleName(str(Sentence(self.title)))
        self.plot.setToolTip(tr("Click a cell to see its examples, or walk with the arrow keys and press Enter"))
        self.plot.setLabel("left", tr("label"))
        self.plot.setLabel("bottom", tr("prediction"))
        self._name_classes()
        self.recolour(current())
        self._sync_readout()

    def recolour(self, theme: Theme) -> None:
        """Take the colours of a theme."""
        self.plot.recolour(theme)
        for side in ("left", "bottom"):
            self.plot.getAxis(side).label.setFont(font(8.5))
        dashed = Qt.PenStyle.DashLine
        pens = {
            "chosen_ground": pg.mkPen(theme.panel, width=5),  # to be seen on any colour
            "chosen": pg.mkPen(theme.accent, width=2.5),
            "at": pg.mkPen("#FFFFFF", width=1.5, style=dashed),
        }
        for name, pen in pens.items():
            self.frames[name].setPen(pen)

    # -- what happens ------------------------------------------------------------------------------------------

    def _on_session_restarted(self) -> None:
        self.draw(None)

    def _cell(self, at: QPointF) -> tuple[int, int] | None:
        """Return the cell at a place of the scene."""
        point = self.plot.getPlotItem().getViewBox().mapSceneToView(at)
        n = len(self.answer.classes) if self.answer is not None else 0
        inside = 0 <= point.x() < n and 0 <= point.y() < n
        return (int(point.y()), int(point.x())) if inside else None

    def _on_scene_mouse_moved(self, at: QPointF) -> None:
        self._hover = self._cell(at)
        self._readout.hurry()
        self._sync_readout()

    def _on_scene_mouse_clicked(self, event: Any) -> None:
        """Choose a cell; the one that is chosen already no longer."""
        cell = self._cell(event.scenePos())
        if event.button() == Qt.MouseButton.LeftButton and cell is not None:
            self.choose(None if cell == self.focus.now.cell else cell)

    def _on_plot_walked(self, down: int, right: int) -> None:
        last = len(self.answer.classes) - 1 if self.answer is not None else 0
        self._at = max(0, min(last, self._at[0] + down)), max(0, min(last, self._at[1] + right))
        self._hover = None
        self._readout.hurry()
        self._sync_readout()
        self._sync_frames()

    def _on_plot_entered(self) -> None:
        if self.answer is not None and max(self._at) < len(self.answer.classes):
            self.choose(self._at)

    def _on_plot_left(self) -> None:
        self.choose(None)

    def _on_pointer_left(self) -> None:
        self._hover = None
        self._readout.hurry()
        self._sync_readout()

    # -- Qt ----------------------------------------------------------------------------------------------------

    def resizeEvent(self, event: Any) -> None:
        """Write what there is room for now."""
        super().resizeEvent(event)
        self._name_classes()


def shares_of(counts: Array) -> Array:
    """Divide every row by its sum; a row of a class without examples is zero."""
    totals = counts.sum(axis=1, keepdims=True)
    return counts / np.where(totals > 0, totals, 1)
