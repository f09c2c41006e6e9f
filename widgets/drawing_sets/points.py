"""The window in which points of one's own are put into the plane."""

from __future__ import annotations

import random
from typing import Any

from PySide6.QtCore import QTimer
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QSpinBox, QVBoxLayout

from playground.data.drawn import DrawnPoints
from playground.data.planar import REACH
from playground.text import count, say, tr
from widgets.drawing_sets._editor import SetEditor
from widgets.drawing_sets.plane import Plane
from widgets.icons import icon

SPREAD = 0.35
"""How far sprayed points stray from the way of the mouse."""

RUBBER = 0.4
"""How far from the mouse points are taken away."""

FLUSH_MS = 120
"""While one draws on, the document hears of it so often."""


class PointsEditor(SetEditor):
    """A plane to draw points on. While a gesture goes on, its points wait here for the document."""

    marked = True

    def build(self) -> None:
        """Make and lay out the parts."""
        self.setObjectName("points_editor")
        self._rows: tuple[tuple[Any, ...], ...] = ()
        self._waiting = False
        self._random = random.Random()
        self._timer = QTimer(self, interval=FLUSH_MS, singleShot=True)
        self._timer.timeout.connect(self._flush)
        self.plane = Plane()
        self.plane.drawn.connect(self._on_drawn)
        self.plane.wiped.connect(self._on_wiped)
        self.plane.finished.connect(self._on_finished)
        self.eraser = QPushButton(objectName="eraser", checkable=True, icon=icon("mdi6.eraser"))
        QShortcut(QKeySequence("E"), self).activated.connect(self.eraser.toggle)
        self.eraser.toggled.connect(self._on_eraser_toggled)
        self.number = QSpinBox(objectName="number_of_classes", minimum=2, maximum=6)
        self.number.valueChanged.connect(self._on_number_changed)
        self.number_label = QLabel()
        self.number_label.setProperty("role", "dim")
        self.number_label.setBuddy(self.number)
        self.classes.changed.connect(lambda: self.eraser.setChecked(False))
        top = QHBoxLayout()
        top.setSpacing(8)
        top.addWidget(self.classes, 1)
        top.addWidget(self.number_label)
        top.addWidget(self.number)
        self.last.addWidget(self.eraser)
        self.last.addWidget(self.clear)
        self.last.addStretch(1)
        self.last.addWidget(self.done_button)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 16, 16, 16)
        column.setSpacing(8)
        column.addLayout(top)
        column.addWidget(self.plane, 1)
        column.addWidget(self.says)
        column.addWidget(self.wrong)
        column.addLayout(self.last)
        self.plane.setFocus()

    def sync(self) -> None:
        """Show the set as it is, and what waits for it."""
        super().sync()
        source = self.source
        assert isinstance(source, DrawnPoints)
        if not self._waiting:
            self._rows = source.drawn
        self.number.blockSignals(True)
        self.number.setValue(source.classes)
        self.number.blockSignals(False)
        self._show()

    def hint(self) -> str:
        """Say how many points there are and what can be done."""
        classes = range(len(self.source.names))
        n = sum(number for label, number in self.source.counts().items() if label in classes)
        return tr(
            "{points}. Click to add one, drag to spray, right-click to take away. "
            "On the keyboard: arrows, Space and Delete.",
            points=count("{n} point", "{n} points", n),
        )

    def recolour(self) -> None:
        """Take the colours of the theme."""
        super().recolour()
        self.plane.update()

    def undo(self) -> None:
        """Take the last step back; what waits belongs to it."""
        self._flush()
        super().undo()

    def relabel(self) -> None:
        """Say everything in the present language."""
        super().relabel()
        self.setWindowTitle(tr("Points of your own"))
        self.plane.setAccessibleName(tr("The plane"))
        self.eraser.setText(tr("Eraser"))
        self.eraser.setToolTip(tr("Take points away with the left button too (E)"))
        self.number_label.setText(tr("Classes"))
        self.number.setAccessibleName(tr("Classes"))

    # -- gestures ----------------------------------------------------------------------------------------------

    def _on_drawn(self, x: float, y: float, sprayed: bool) -> None:
        if len(self._rows) >= self.source.most:
            self.tell_full()
            return
        if sprayed:
            x, y = (value + self._random.gauss(0.0, SPREAD) for value in (x, y))
        x, y = (round(min(max(value, -REACH), REACH), 2) for value in (x, y))
        self._change((*self._rows, (x, y, self.classes.chosen)))

    def _on_wiped(self, x: float, y: float) -> None:
        classes = len(self.source.names)
        kept = tuple(row for row in self._rows if row[2] >= classes or _away(row, x, y) > RUBBER)
        if len(kept) != len(self._rows):
            self._change(kept)

    def _change(self, rows: tuple[tuple[Any, ...], ...]) -> None:
        self._rows, self._waiting = rows, True
        self._show()
        if not self._timer.isActive():
            self._timer.start()

    def _show(self) -> None:
        classes = len(self.source.names)
        self.plane.show_points([row for row in self._rows if row[2] < classes])

    def _flush(self) -> None:
        """Tell the document what has been drawn up to now."""
        self._timer.stop()
        if self._waiting:
            self._waiting = False
            more = len(self._rows) >= len(self.source.drawn)
            self.edit(say("Draw points") if more else say("Take points away"), self._rows)

    def _on_finished(self) -> None:
        self._flush()
        self.close_gesture()

    def _on_eraser_toggled(self, on: bool) -> None:
        self.plane.erasing = on

    def _on_number_changed(self, number: int) -> None:
        source = self.source
        assert isinstance(source, DrawnPoints)
        self.document.edit(
            say("Change the data"), source=source.replace(classes=number), merge=("source", source.key, "classes")
        )

    # -- Qt ----------------------------------------------------------------------------------------------------

    def done(self, result: int) -> None:
        """Keep what has been drawn when it is closed in the middle of a gesture."""
        if self._ends and type(self.document.now.source) is DrawnPoints:
            self._on_finished()
        super().done(result)


def _away(row: tuple[Any, ...], x: float, y: float) -> float:
    return float(((row[0] - x) ** 2 + (row[1] - y) ** 2) ** 0.5)
