"""What pages of the inspector are made of: sections with a heading, folds, and the order in which Tab goes through."""

from __future__ import annotations

from itertools import pairwise

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QLayout, QSizePolicy, QToolButton, QVBoxLayout, QWidget

from playground.text import Sentence, tr
from widgets import theme
from widgets.icons import icon


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


class Fold(QWidget):
    """A heading that shows or hides what stands below it; while it hides it, it says what is not as usual there."""

    def __init__(self, title: str, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._title = title
        self._notable = ""
        self.heading = QToolButton(checkable=True, objectName=name, iconSize=QSize(16, 16))
        self.heading.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.heading.setStyleSheet("QToolButton { border: none; background: transparent; padding: 4px 0; }")
        self.heading.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.heading.toggled.connect(self._on_heading_toggled)
        self.summary = QLabel(
            objectName=f"{name}_summary", alignment=Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        )
        self.summary.setProperty("role", "dim")
        self.summary.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        above = QHBoxLayout()
        above.setSpacing(8)
        above.addWidget(self.heading)
        above.addWidget(self.summary, 1)
        self._below = QWidget(visible=False)
        self.body = QVBoxLayout(self._below)
        self.body.setContentsMargins(0, 0, 0, 8)
        self.body.setSpacing(8)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addLayout(above)
        column.addWidget(self._below)
        self.relabel()
        self._on_heading_toggled(False)

    @property
    def open(self) -> bool:
        """Whether what stands below is shown."""
        return self.heading.isChecked()

    def say(self, notable: str) -> None:
        """Tell what is not as usual below."""
        self._notable = notable
        self.summary.setToolTip(notable)
        self._sync_summary()

    def relabel(self) -> None:
        """Say the heading in the present language."""
        self.heading.setText(str(Sentence(self._title)))
        self.heading.setAccessibleName(str(Sentence(self._title)))
        self._sync_words()

    def _sync_words(self) -> None:
        self.heading.setToolTip(tr("Hide these settings (Space)") if self.open else tr("Show these settings (Space)"))

    def _sync_summary(self) -> None:
        room = self.summary.width()
        words = self.summary.fontMetrics().elidedText(self._notable, Qt.TextElideMode.ElideRight, room)
        self.summary.setText("" if self.open else words)

    def _on_heading_toggled(self, on: bool) -> None:
        self.heading.setIcon(icon("mdi6.chevron-down" if on else "mdi6.chevron-right", "dim"))
        self._below.setVisible(on)
        self._sync_words()
        self._sync_summary()

    # -- Qt ----------------------------------------------------------------------------------------------------

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Say as much as there is room for."""
        super().resizeEvent(event)
        self._sync_summary()


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
