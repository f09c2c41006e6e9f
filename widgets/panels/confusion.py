"""Which classes the network takes for which."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QFontMetricsF
from PySide6.QtWidgets import QVBoxLayout

from playground.probes.confusion import Confusion, ConfusionAnswer
from playground.text import Sentence, note, tr
from widgets.panels.parts.plots import ColourBar, Picture, Plot, Readout, Square, colour_table
from widgets.theme import Theme, current, font

Array = np.ndarray[Any, Any]

MOST_NUMBERS = 20
"""Classes up to which every cell carries its count, where the cells are large enough."""

SMALLEST_CELL = 17


class ConfusionPanel(Picture):
    """Shows how often each class is taken for each."""

    key = "confusion"
    title = note("Confusion matrix")
    help = note(
        "Each row is a class, each column what the network takes it for; colour is the share of the row. A good "
        "network has a bright diagonal. A bright cell beside it names two classes that it mixes up."
    )
    icon = "mdi6.grid-large"

    def compose(self, column: QVBoxLayout) -> None:
        """Create the matrix, its numbers and its colour bar."""
        self.answer: ConfusionAnswer | None = None
        self._hover: tuple[int, int] | None = None
        self._readout = Readout("confusion_readout")
        column.addWidget(self._readout)
        self.plot = Plot("confusion_plot")
        self.plot.setMouseEnabled(False, False)
        self.plot.invertY(True)
        self.plot.getPlotItem().getViewBox().setDefaultPadding(0)
        self.image = pg.ImageItem(axisOrder="row-major")
        self.image.setLookupTable(colour_table("viridis"))
        self.plot.addItem(self.image)
        self.numbers: list[pg.TextItem] = []
        for side in ("left", "bottom"):
            self.plot.getAxis(side).setStyle(tickLength=0)
        self.bar = ColourBar("confusion_bar")
        self.bar.set_colours(colour_table("viridis"))
        self.bar.set_range(0.0, 1.0)
        self.frame = Square(self.plot, self.bar)
        column.addWidget(self.frame, 1)
        self.plot.scene().sigMouseMoved.connect(self._on_scene_mouse_moved)
        self.plot.pointerLeft.connect(self._on_pointer_left)
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
        self._sync_readout()

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
        if self._hover is not None and max(self._hover) < len(answer.classes):
            k, j = self._hover
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

    # -- what happens ------------------------------------------------------------------------------------------

    def _on_session_restarted(self) -> None:
        self.draw(None)

    def _on_scene_mouse_moved(self, at: QPointF) -> None:
        box = self.plot.getPlotItem().getViewBox()
        point = box.mapSceneToView(at)
        n = len(self.answer.classes) if self.answer is not None else 0
        inside = 0 <= point.x() < n and 0 <= point.y() < n
        self._hover = (int(point.y()), int(point.x())) if inside else None
        self._readout.hurry()
        self._sync_readout()

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
