"""The row of classes of which one is drawn: by a click, or by its number on the keyboard."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QButtonGroup, QGridLayout, QToolButton, QWidget

from playground.text import count, tr
from widgets.drawing_sets._marks import mark_icon

IN_A_ROW = 5
"""How many classes stand side by side where there are many."""

LONGEST = 14
"""How many letters of a name are shown."""


class ClassChooser(QWidget):
    """Says of which class the next thing drawn is.

    Attributes:
        chosen: the number of the class.

    Signals:
        changed(): another class is chosen.
    """

    changed = Signal()

    def __init__(self, *, marked: bool, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("classes")
        self.chosen = 0
        self.buttons: list[QToolButton] = []
        self._marked = marked
        self._group = QButtonGroup(self)
        self._group.idClicked.connect(self.choose)
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setSpacing(4)
        for number in range(10):
            shortcut = QShortcut(QKeySequence(str(number)), self, context=Qt.ShortcutContext.WindowShortcut)
            shortcut.activated.connect(lambda number=number: self.choose(number))

    def show_classes(self, names: tuple[str, ...], counts: Mapping[int, int]) -> None:
        """Show these classes and how many examples there are of each."""
        if len(names) != len(self.buttons):
            self._rebuild(len(names))
        for number, (name, button) in enumerate(zip(names, self.buttons, strict=True)):
            short = name if len(name) <= LONGEST else name[: LONGEST - 1] + "…"
            gap = " " if self._marked else ""
            button.setText(f"{gap}{short}  ·  {counts.get(number, 0):,}".replace("&", "&&"))
            examples = str(count("{n} example", "{n} examples", counts.get(number, 0)))
            button.setAccessibleName(tr("Class {name}: {examples}", name=name, examples=examples))
            button.setToolTip(tr("Draw class {name} ({key})", name=name, key=number))
        self.choose(min(self.chosen, max(len(names) - 1, 0)))

    def choose(self, number: int) -> None:
        """Choose a class by its number, if there is one."""
        if number >= len(self.buttons):
            return
        self.buttons[number].setChecked(True)
        if number != self.chosen:
            self.chosen = number
            self.changed.emit()

    def recolour(self) -> None:
        """Take the colours of the theme."""
        if self._marked:
            for number, button in enumerate(self.buttons):
                button.setIcon(mark_icon(number))

    def _rebuild(self, n: int) -> None:
        for button in self.buttons:
            self._group.removeButton(button)
            self._grid.removeWidget(button)
            button.hide()
            button.deleteLater()
        self.buttons = []
        columns = n if n <= 6 else IN_A_ROW
        for number in range(n):
            button = QToolButton(checkable=True, objectName=f"class_{number}")
            button.setProperty("kind", "chip")
            if self._marked:
                button.setIcon(mark_icon(number))
                button.setIconSize(QSize(14, 14))
                button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
            self._group.addButton(button, number)
            self._grid.addWidget(button, number // columns, number % columns)
            self.buttons.append(button)
        for column in range(self._grid.columnCount()):
            self._grid.setColumnStretch(column, 0)
        self._grid.setColumnStretch(columns, 1)
