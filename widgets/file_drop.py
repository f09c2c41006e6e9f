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

from playground.text import count, tr
from widgets import theme
from widgets.data_files import is_there
from widgets.filing import is_document
from widgets.icons import paint_icon

MOST = 1_000
"""How many files are taken at once."""


def dropped_paths(data: QMimeData) -> tuple[Path, ...]:
    """Return the files and folders that are being dragged; where a document is among them, that alone."""
    paths = [Path(url.toLocalFile()) for url in data.urls()[:MOST] if url.isLocalFile()]
    there = tuple(path for path in paths if is_there(path))
    return next(((path,) for path in there if is_document(path)), there)


class FileDrop(QWidget):
    """Covers the window while a file is dragged over it, and says what letting go will do.

    The cover takes the drag from the moment it enters, before any field could take the path for a text. What is sent
    to a widget of the window and not wanted there arrives here too.
    """

    def __init__(self, window: QWidget, take: Callable[..., object], may_open: Callable[[], bool]) -> None:
        super().__init__(window)
        self.setObjectName("file_drop")
        self.setAcceptDrops(True)
        self._take, self._may_open = take, may_open
        self._paths: tuple[Path, ...] = ()
        self._taker: QWidget | None = None
        self._opens = True
        window.setAcceptDrops(True)
        window.installEventFilter(self)
        self.hide()

    def _entered(self, event: QDragEnterEvent) -> bool:
        self._paths = dropped_paths(event.mimeData()) if self._may_open() else ()
        if not self._paths:
            event.ignore()
            return False
        self._opens = is_document(self._paths[0])
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
        if self._paths:
            event.setDropAction(Qt.DropAction.CopyAction)
            event.accept()
            taker = self._taker_at(event)
            if taker is not self._taker:
                self._taker = taker
                self.setAccessibleName(self._words())
                self.update()

    def _taker_at(self, event: QDropEvent) -> QWidget | None:
        """Return the widget below the pointer that takes such a file itself: one with the property ``takes_files``."""
        at = self.parentWidget().mapToGlobal(event.position().toPoint())
        for widget in self.parentWidget().findChildren(QWidget):
            if widget.property("takes_files") and widget.isVisible() and len(self._paths) == 1:
                inside = widget.rect().contains(widget.mapFromGlobal(at))
                if inside and widget.takes(self._paths[0]):  # type: ignore[attr-defined]  # the property promises it
                    return widget
        return None

    def _left(self) -> None:
        self._paths, self._taker = (), None
        self.hide()

    def _dropped(self, event: QDropEvent) -> None:
        paths, taker = self._paths, self._taker_at(event) if self._paths else None
        self._left()
        if not paths:
            return
        event.setDropAction(Qt.DropAction.CopyAction)
        event.accept()
        if taker is not None:
            taker.open_file(paths[0])  # type: ignore[attr-defined]  # as `takes_files` promises
            return
        self.parentWidget().activateWindow()
        # After the drop is over: the program that it came from waits for that.
        QTimer.singleShot(0, self, lambda: self._take(*paths))

    def _words(self) -> str:
        if not self._paths:
            return ""
        name, more = self._paths[0].name, len(self._paths) - 1
        if self._taker is not None:
            return tr("Let the network look at {name}", name=name)
        if more:
            return str(
                count("Train on {name} and {n} more file", "Train on {name} and {n} more files", more, name=name)
            )
        return tr("Open {name}", name=name) if self._opens else tr("Train on {name}", name=name)

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
