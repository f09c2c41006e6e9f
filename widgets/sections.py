"""What pages of the inspector are made of: sections with a heading, and the order in which Tab goes through them."""

from __future__ import annotations

from itertools import pairwise

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QLayout, QVBoxLayout, QWidget

from playground.text import Sentence
from widgets import theme


class Section(QWidget):
    """A heading and what stands below it."""

    def __init__(self, title: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._title = title
        self.heading = QLabel()
        self.heading.setFont(theme.font(10, semibold=True))
        self.body = QVBoxLayout(self)
        self.body.setContentsMargins(0, 8, 0, 0)
        self.body.setSpacing(6)
        self.body.addWidget(self.heading)
        self.relabel()

    def relabel(self) -> None:
        """Say the heading in the present language."""
        self.heading.setText(str(Sentence(self._title)))


def dim(name: str = "") -> QLabel:
    """Make a label for a sentence that explains."""
    label = QLabel(wordWrap=True, objectName=name)
    label.setProperty("role", "dim")
    return label


def let_tab_follow(page: QWidget) -> None:
    """Have Tab go through a page in the order in which it is laid out, whenever its parts were made."""
    stops = [widget for widget in _laid_out(page) if widget.focusPolicy() & Qt.FocusPolicy.TabFocus]
    for one, other in pairwise(stops):
        QWidget.setTabOrder(one, other)


def _laid_out(widget: QWidget) -> list[QWidget]:
    found = [widget]
    if widget.layout() is not None:
        found += _parts(widget.layout())
    return found


def _parts(layout: QLayout) -> list[QWidget]:
    found: list[QWidget] = []
    for at in range(layout.count()):
        item = layout.itemAt(at)
        if item.widget() is not None:
            found += _laid_out(item.widget())
        elif item.layout() is not None:
            found += _parts(item.layout())
    return found
