"""Shows an inspector of its own, and drives its fields by mouse and keyboard."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from playground.document import Document
from playground.graph import Graph
from playground.presets import open_named
from playground.sheet import Sheet
from playground.text import say
from widgets import app
from widgets.inspector import Inspector

LEFT, CONTROL = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.ControlModifier


def opened(name: str = "lenet") -> Document:
    """Open a preset."""
    made = Document()
    made.open(*open_named(name))
    return made


def drawn(graph: Graph, facts: Any = None) -> Document:
    """Make a document of a graph."""
    made = Document()
    made.edit(say("Draw"), graph=graph, **({"facts": facts} if facts else {}))
    return made


def inspect(document: Document, qtbot: QtBot, *ids: str, **more: Any) -> Inspector:
    """Show an inspector, as wide as its dock, in a window that has the keys."""
    app.application()
    made = Inspector(document, Sheet(document), **more)
    qtbot.addWidget(made)
    made.resize(262, 800)
    made.show()
    settle()  # windows of earlier tests go, and with them the keys
    with qtbot.waitActive(made):
        made.activateWindow()
    made.set_selection(ids)
    settle()
    return made


def settle() -> None:
    """Let what was put into a layout appear there."""
    for _ in range(3):
        QApplication.processEvents()


def line_of(field: Any) -> QWidget:
    """Return where one types into a field."""
    field = getattr(field, "high", field)  # of a height and a width the first
    return field.lineEdit() if hasattr(field, "lineEdit") else field


def write(qtbot: QtBot, field: Any, text: str) -> None:
    """Click a field and replace what is in it, without being done."""
    line = line_of(field)
    qtbot.mouseClick(line, LEFT)
    qtbot.keyClick(line, Qt.Key.Key_A, CONTROL)
    qtbot.keyClicks(line, text)


def type_into(qtbot: QtBot, field: Any, text: str) -> None:
    """Click a field, replace what is in it, and press Enter."""
    write(qtbot, field, text)
    qtbot.keyClick(line_of(field), Qt.Key.Key_Return)


def click(qtbot: QtBot, widget: QWidget) -> None:
    """Click into a widget that can be seen; a check box on its box."""
    assert widget.isVisible(), widget.objectName()
    at = QPoint(9, widget.height() // 2) if widget.inherits("QCheckBox") else widget.rect().center()
    qtbot.mouseClick(widget, LEFT, pos=at)


def choose(combo: Any, data: object) -> None:
    """Choose an entry of a list by its data, as a click in its popup does."""
    at = combo.findData(data)
    assert at >= 0, data
    combo.setCurrentIndex(at)
    combo.activated.emit(at)


def block(document: Document, id: str) -> Any:
    """Return the block of a node as it is now."""
    return document.now.graph.nodes[id].block
