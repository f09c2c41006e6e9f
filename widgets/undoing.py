"""Ctrl+Z in a field: takes back what was typed there, else the last step of the document.

Qt's fields keep the keys of undo and redo for themselves even when they have nothing to take back, so that after
a number has been typed and taken over, Ctrl+Z would do nothing at all.
"""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject
from PySide6.QtGui import QKeyEvent, QKeySequence
from PySide6.QtWidgets import QAbstractSpinBox, QApplication, QComboBox, QLineEdit, QPlainTextEdit, QWidget
from shiboken6 import isValid

FIELDS = (QLineEdit, QAbstractSpinBox, QComboBox, QPlainTextEdit)


class UndoKeys(QObject):
    """Leaves the keys of undo and redo to the window wherever the field with the focus has no use for them."""

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self._window = window
        self._field: QWidget | None = None
        self._listening = True
        QApplication.instance().focusChanged.connect(self._on_focus_changed)  # type: ignore[union-attr]

    def stop(self) -> None:
        """Listen no longer: the window is closed, and the focus may move on while it is being taken apart."""
        if self._listening:  # a window can be closed twice
            self._listening = False
            QApplication.instance().focusChanged.disconnect(self._on_focus_changed)  # type: ignore[union-attr]
            self._on_focus_changed(None, None)

    def _on_focus_changed(self, _old: QWidget | None, new: QWidget | None) -> None:
        if self._field is not None and isValid(self._field):
            self._field.removeEventFilter(self)
        self._field = new if isinstance(new, FIELDS) and self._window.isAncestorOf(new) else None
        if self._field is not None:
            self._field.installEventFilter(self)

    # -- Qt ----------------------------------------------------------------------------------------------------

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Let a key that the field cannot use become the window's shortcut."""
        if event.type() != QEvent.Type.ShortcutOverride or not isinstance(event, QKeyEvent):
            return False
        for key, redo in ((QKeySequence.StandardKey.Undo, False), (QKeySequence.StandardKey.Redo, True)):
            if event.matches(key) and not _can(watched, redo=redo):
                event.ignore()
                return True
        return False


def _can(field: QObject, *, redo: bool) -> bool:
    """Say whether a field has anything of its own to take back or to do again."""
    text = field if isinstance(field, QLineEdit) else None
    if isinstance(field, QAbstractSpinBox | QComboBox):
        text = field.lineEdit()
    if isinstance(field, QPlainTextEdit):
        return field.document().isRedoAvailable() if redo else field.document().isUndoAvailable()
    if text is None:
        return False
    return text.isRedoAvailable() if redo else text.isUndoAvailable()
