"""The help that the window itself gives: every key, and what this program is."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Qt
from PySide6.QtWidgets import QDialog, QGridLayout, QLabel, QVBoxLayout, QWidget

from playground.text import tr
from widgets import theme
from widgets.actions import Actions


class KeySheet(QDialog):
    """Every action that has a key, in two columns."""

    def __init__(self, actions: Actions, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("key_sheet")
        self._actions = actions
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(24, 20, 24, 20)
        self._page: QWidget | None = None
        self._sync()

    def _sync(self) -> None:
        self.setWindowTitle(tr("Keys"))
        if self._page is not None:
            self._column.removeWidget(self._page)
            self._page.deleteLater()
        self._page = QWidget()
        grid = QGridLayout(self._page)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(16)
        grid.setVerticalSpacing(7)
        rows = [*self._actions.sheet(), *_gestures()]
        half = -(-len(rows) // 2)
        for number, (words, keys) in enumerate(rows):
            row, column = number % half, 2 * (number // half)
            key = QLabel(keys)
            key.setProperty("role", "dim")
            grid.addWidget(QLabel(words), row, column)
            grid.addWidget(key, row, column + 1)
        grid.setColumnMinimumWidth(1, 150)
        self._column.addWidget(self._page)

    # -- Qt ----------------------------------------------------------------------------------------------------

    def changeEvent(self, event: QEvent) -> None:
        """Say everything again when the language changed."""
        if event.type() == QEvent.Type.LanguageChange:
            self._sync()
        super().changeEvent(event)


class About(QDialog):
    """What this program is."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("about")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(tr("About Network Playground"))
        title = QLabel(tr("Network Playground"))
        title.setFont(theme.font(16, semibold=True))
        words = QLabel(tr("Draw a network, train it, watch it learn."))
        licence = QLabel(tr("Free software under the MIT licence."))
        licence.setProperty("role", "dim")
        column = QVBoxLayout(self)
        column.setContentsMargins(28, 24, 28, 24)
        column.setSpacing(8)
        for label in (title, words, licence):
            label.setAlignment(Qt.AlignmentFlag.AlignCenter)
            column.addWidget(label)


def _gestures() -> list[tuple[str, str]]:
    """What the mouse does on the canvas, and keys that are no actions."""
    return [
        (tr("Play or pause, on the run bar"), tr("Space")),
        (tr("Add a block"), tr("Drag it, double-click it, or Enter")),
        (tr("Connect"), tr("Drag from port to port")),
        (tr("Delete what is selected"), "Delete"),
        (tr("Zoom"), tr("Mouse wheel")),
    ]
