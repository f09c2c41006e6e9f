"""The bar above what is docked: its title, what it is about, and its buttons."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QColor, QContextMenuEvent, QMouseEvent, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QDockWidget, QHBoxLayout, QLabel, QSizePolicy, QToolButton, QWidget

from playground.text import tr
from widgets import theme
from widgets.icons import icon

GLYPHS = {
    "help": "mdi6.help-circle-outline",
    "more": "mdi6.dots-horizontal",
    "maximise": "mdi6.arrow-expand",
    "restore": "mdi6.arrow-collapse",
    "float": "mdi6.dock-window",
    "close": "mdi6.close",
}

ROOMY = 240
"""Pixels from which on there is room for the button that floats; below, the menu has it still."""


class TitleBar(QWidget):
    """A dock's title, what it is about in the dim colour, and its buttons.

    Signals:
        doubleClicked(): the person wants it larger, or as it was; only of a bar with a button for that.
        menuWanted(QPoint): the person asks what can be done with it, at this place of the screen.
    """

    doubleClicked = Signal()
    menuWanted = Signal(object)

    def __init__(self, dock: QDockWidget, buttons: tuple[str, ...] = ("close",)) -> None:
        super().__init__(dock)
        self.title, self.detail = QLabel(), QLabel()
        self.title.setFont(theme.font(10, semibold=True))
        self.title.setTextFormat(Qt.TextFormat.RichText)
        self.detail.setProperty("role", "dim")
        self.detail.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.maximised = False
        row = QHBoxLayout(self)
        row.setContentsMargins(14, 6, 8, 2)
        row.setSpacing(6)
        row.addWidget(self.title)
        row.addWidget(self.detail, 1)
        tools = QHBoxLayout()
        tools.setSpacing(1)
        row.addLayout(tools)
        self.buttons: dict[str, QToolButton] = {}
        for key in buttons:
            button = QToolButton(icon=icon(GLYPHS[key], "dim"), iconSize=QSize(15, 15))
            button.setObjectName(f"{dock.objectName()}_{key}")
            button.setFixedSize(22, 22)
            self.buttons[key] = button
            tools.addWidget(button)
        if "close" in self.buttons:
            self.buttons["close"].clicked.connect(dock.close)
        if "more" in self.buttons:
            self.buttons["more"].clicked.connect(self._on_more_clicked)

    def hold(self, tools: QWidget) -> None:
        """Take in further tools, in the place of the detail."""
        row = self.layout()
        assert isinstance(row, QHBoxLayout)
        self.detail.hide()
        row.insertWidget(1, tools, 1)
        tools.show()

    def set_maximised(self, maximised: bool) -> None:
        """Say whether what it stands above fills everything."""
        self.maximised = maximised
        if "maximise" in self.buttons:
            self.buttons["maximise"].setIcon(icon(GLYPHS["restore" if maximised else "maximise"], "dim"))
        self._share_room()
        self.relabel()

    def relabel(self) -> None:
        """Say what the buttons do in the present language."""
        words = {
            "help": f"{tr('What this shows')} (Shift+F1)",
            "more": tr("Save, copy, move"),
            "maximise": f"{tr('Back to its place') if self.maximised else tr('Fill the window')} (F11)",
            "float": tr("Into a window of its own, and back"),
            "close": tr("Close"),
        }
        for key, button in self.buttons.items():
            button.setToolTip(words[key])
            button.setAccessibleName(words[key])

    def _on_more_clicked(self) -> None:
        button = self.buttons["more"]
        self.menuWanted.emit(button.mapToGlobal(button.rect().bottomLeft()))

    def _share_room(self) -> None:
        if "maximise" in self.buttons and "float" in self.buttons:
            self.buttons["float"].setVisible(self.width() >= ROOMY and not self.maximised)

    # -- Qt ----------------------------------------------------------------------------------------------------

    def minimumSizeHint(self) -> QSize:
        """Let a dock be narrow."""
        return QSize(80, 34)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Leave out what there is no room for."""
        super().resizeEvent(event)
        self._share_room()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Fill the window, where that is possible; else let the dock float."""
        if "maximise" in self.buttons and event.button() == Qt.MouseButton.LeftButton:
            self.doubleClicked.emit()
            event.accept()
        else:
            super().mouseDoubleClickEvent(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """Show what can be done with it."""
        if "more" in self.buttons:
            self.menuWanted.emit(event.globalPos())
            event.accept()
        else:
            super().contextMenuEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the ground of the panel."""
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor(theme.current().panel))
        painter.end()
