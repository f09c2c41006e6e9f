"""Files dropped onto the window: wherever the pointer is, a document, preset or project is opened."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QEvent, QMimeData, QObject, QRect, Qt, QTimer
from PySide6.QtGui import (
    QColor,
    QDragEnterEvent,
    QDragMoveEvent,
    QDropEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QShowEvent,
)
from PySide6.QtWidgets import QWidget

from playground.text import tr
from widgets import theme
from widgets.icons import paint_icon

SUFFIXES = (".json", ".zip")


def dropped_path(data: QMimeData) -> Path | None:
    """Return the file that could be opened, if one is being dragged."""
    paths = [Path(url.toLocalFile()) for url in data.urls() if url.isLocalFile()]
    return next((path for path in paths if path.suffix.lower() in SUFFIXES and path.is_file()), None)


class FileDrop(QWidget):
    """Covers the window while a file is dragged over it, and says what letting go will do.

    The cover takes the drag from the moment it enters, before any field could take the path for a text. What is sent
    to a widget of the window and not wanted there arrives here too.
    """

    def __init__(self, window: QWidget, open_path: Callable[[Path], object], may_open: Callable[[], bool]) -> None:
        super().__init__(window)
        self.setObjectName("file_drop")
        self.setAcceptDrops(True)
        self._open_path, self._may_open = open_path, may_open
        self._path: Path | None = None
        window.setAcceptDrops(True)
        window.installEventFilter(self)
        self.hide()

    def _entered(self, event: QDragEnterEvent) -> bool:
        self._path = dropped_path(event.mimeData()) if self._may_open() else None
        if self._path is None:
            event.ignore()
            return False
        event.setDropAction(Qt.DropAction.CopyAction)
        event.accept()
        self._cover()
        return True

    def _cover(self) -> None:
        self.setAccessibleName(self._words())
        self.setGeometry(self.parentWidget().rect())
        self.raise_()
        self.show()
        self.update()

    def _moved(self, event: QDragMoveEvent) -> None:
        if self._path is not None:
            event.setDropAction(Qt.DropAction.CopyAction)
            event.accept()

    def _left(self) -> None:
        self._path = None
        self.hide()

    def _dropped(self, event: QDropEvent) -> None:
        path = self._path
        self._left()
        if path is None:
            return
        event.setDropAction(Qt.DropAction.CopyAction)
        event.accept()
        self.parentWidget().activateWindow()
        # After the drop is over: the program that it came from waits for that.
        QTimer.singleShot(0, self, lambda: self._open_path(path))

    def _words(self) -> str:
        return tr("Open {name}", name=self._path.name) if self._path is not None else ""

    # -- Qt ----------------------------------------------------------------------------------------------------

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Cover the window when a file enters it, and take what its widgets did not want."""
        if isinstance(event, QShowEvent) and watched is self.parentWidget():
            # What the system sends reaches this before any widget is asked.
            self.parentWidget().windowHandle().installEventFilter(self)
        elif isinstance(event, QDragEnterEvent):
            entered = self._entered(event)
            return entered and watched is self.parentWidget()
        elif watched is self.parentWidget():
            return self._taken(event)
        return False

    def event(self, event: QEvent) -> bool:
        """Take the drag that goes over the cover."""
        if isinstance(event, QDragEnterEvent):
            return self._entered(event)
        return self._taken(event) or super().event(event)

    def _taken(self, event: QEvent) -> bool:
        kind = event.type()
        if kind == QEvent.Type.DragLeave:
            self._left()
        elif kind == QEvent.Type.Drop and isinstance(event, QDropEvent):
            self._dropped(event)
        elif kind == QEvent.Type.DragMove and isinstance(event, QDragMoveEvent):
            self._moved(event)
        else:
            return False
        return True

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint a veil, a frame, and what will be opened."""
        now, painter = theme.current(), QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        veil = QColor(now.canvas)
        veil.setAlpha(225)
        painter.fillRect(self.rect(), veil)
        painter.setPen(QPen(QColor(now.accent), 2, Qt.PenStyle.DashLine))
        painter.drawRoundedRect(self.rect().adjusted(16, 16, -16, -16), 12, 12)
        middle = self.rect().center()
        glyph = QRect(middle.x() - 24, middle.y() - 56, 48, 48)
        paint_icon(painter, glyph, "mdi6.folder-open-outline", QColor(now.accent_text))
        painter.setFont(theme.font(13, semibold=True))
        painter.setPen(QColor(now.text))
        line = QRect(48, middle.y() + 8, self.width() - 96, 32)
        words = painter.fontMetrics().elidedText(self._words(), Qt.TextElideMode.ElideMiddle, line.width())
        painter.drawText(line, Qt.AlignmentFlag.AlignCenter, words)
        painter.end()
