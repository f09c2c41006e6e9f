"""What a panel shows and how it is read, on a card that stays until it is put away."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtGui import QColor, QKeyEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QFrame, QLabel, QToolButton, QVBoxLayout

from widgets import theme

WIDTH = 360


class HelpCard(QFrame):
    """A title and some sentences; Escape, Enter or a click anywhere puts it away."""

    def __init__(self, title: str, text: str, button: QToolButton) -> None:
        super().__init__(button, Qt.WindowType.Popup | Qt.WindowType.FramelessWindowHint)
        self.setObjectName("help_card")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setAccessibleName(title)
        self.setAccessibleDescription(text)
        self.title = QLabel(title)
        self.title.setFont(theme.font(10, semibold=True))
        self.text = QLabel(text, wordWrap=True, textFormat=Qt.TextFormat.PlainText, objectName="help_text")
        self.text.setFixedWidth(WIDTH - 32)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 12, 16, 16)
        column.setSpacing(8)
        column.addWidget(self.title)
        column.addWidget(self.text)
        self.text.setFixedHeight(self.text.heightForWidth(WIDTH - 32))
        self.adjustSize()
        self.move(self._place(button))

    def _place(self, button: QToolButton) -> QPoint:
        """Stand below the button, or above it, wholly on the screen."""
        there = QRect(button.mapToGlobal(QPoint(0, 0)), button.size())
        room = button.screen().availableGeometry()
        y = there.bottom() + 4
        if y + self.height() > room.bottom():
            y = there.top() - 4 - self.height()
        x = min(there.right() + 1 - self.width() // 2, room.right() - self.width() - 8)
        return QPoint(max(room.left() + 8, x), max(room.top() + 8, y))

    # -- Qt ----------------------------------------------------------------------------------------------------

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Go away with the keys that say so."""
        if event.key() in (Qt.Key.Key_Escape, Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space):
            self.close()
        else:
            super().keyPressEvent(event)

    def mousePressEvent(self, event: object) -> None:
        """Go away with a click."""
        self.close()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint a card."""
        look = theme.current()
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor(look.card))
        painter.setPen(QPen(QColor(look.line), 1))
        painter.drawRect(self.rect().adjusted(0, 0, -1, -1))
        painter.end()
