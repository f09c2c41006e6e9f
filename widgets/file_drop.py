"""Files dropped onto the window: wherever the pointer is, a document or project is opened, data are trained on."""

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

from playground.data._places import is_file, is_folder
from playground.text import tr
from widgets import theme
from widgets.filing import is_document
from widgets.icons import paint_icon


def dropped_path(data: QMimeData) -> Path | None:
    """Return the file or folder that is being dragged; of several a document comes first."""
    paths = [Path(url.toLocalFile()) for url in data.urls() if url.isLocalFile()]
    there = [path for path in paths if is_file(path) or is_folder(path)]
    return next((path for path in there if is_document(path)), there[0] if there else None)


class FileDrop(QWidget):
    """Covers the window while a file is dragged over it, and says what letting go will do.

    The cover takes the drag from the moment it enters, before any field could take the path for a text. What is sent
    to a widget of the window and not wanted there arrives here too.
    """

    def __init__(self, window: QWidget, take: Callable[[Path], object], may_open: Callable[[], bool]) -> None:
        super().__init__(window)
        self.setObjectName("file_drop")
        self.setAcceptDrops(True)
        self._take, self._may_open = take, may_open
        self._path: Path | None = None
        self._opens = True
        window.setAcceptDrops(True)
        window.installEventFilter(self)
        self.hide()

    def _entered(self, event: QDragEnterEvent) -> bool:
        self._path = dropped_path(event.mimeData()) if self._may_open() else None
        if self._path is None:
            event.ignore()
            return False
        self._opens = is_document(self._path)
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
        QTimer.singleShot(0, self, lambda: self._take(path))

    def _words(self) -> str:
        if self._path is None:
            return ""
        return tr("Open {name}", name=self._path.name) if self._opens else tr("Train on {name}", name=self._path.name)

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
        name = "mdi6.folder-open-outline" if self._opens else "mdi6.database-import-outline"
        paint_icon(painter, glyph, name, QColor(now.accent_text))
        painter.setFont(theme.font(13, semibold=True))
        painter.setPen(QColor(now.text))
        line = QRect(48, middle.y() + 8, self.width() - 96, 32)
        words = painter.fontMetrics().elidedText(self._words(), Qt.TextElideMode.ElideMiddle, line.width())
        painter.drawText(line, Qt.AlignmentFlag.AlignCenter, words)
        painter.end()
