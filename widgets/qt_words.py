"""The language of what Qt itself says: its dialogs and the menus of its text fields."""

from __future__ import annotations

from PySide6.QtCore import QLibraryInfo, QTranslator
from PySide6.QtWidgets import QApplication

_qt_words: list[QTranslator] = []


def translate_qt(code: str) -> bool:
    """Let Qt's own dialogs speak this language; tell whether anything changed (then Qt tells every widget)."""
    app = QApplication.instance()
    if app is None:
        return False
    changed = False
    for translator in _qt_words:
        changed |= app.removeTranslator(translator)
    _qt_words.clear()
    if code == "zh":
        translator = QTranslator()
        if translator.load("qtbase_zh_CN", QLibraryInfo.path(QLibraryInfo.LibraryPath.TranslationsPath)):
            changed |= app.installTranslator(translator)
            _qt_words.append(translator)
    return changed
