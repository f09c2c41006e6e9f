"""Small parts that several widgets share: a label that gives way, menus of choices, times and paces in words."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QSize, Qt
from PySide6.QtGui import QActionGroup, QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QLabel, QMenu, QScrollArea, QSizePolicy, QWidget

from playground.text import count, tr


def keeps_letters(event: QEvent) -> bool:
    """Keep for a field what would be a shortcut of the canvas or the window: while writing, letters are letters."""
    if event.type() == QEvent.Type.ShortcutOverride:
        event.accept()
        return True
    return False


class Elided(QLabel):
    """A label that gives way: what does not fit ends in an ellipsis, and is told by the tooltip."""

    def __init__(self, **properties: object) -> None:
        super().__init__(**properties)
        self._whole = ""
        self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Preferred)
        self.setMinimumWidth(48)

    def show_text(self, text: str) -> None:
        """Show a text, as much as there is room for."""
        if text != self._whole:
            self._whole = text
            self.setAccessibleName(text)
            self.setToolTip(text)
            self.setText(text)
            self.updateGeometry()

    # -- Qt ----------------------------------------------------------------------------------------------------

    def sizeHint(self) -> QSize:
        """Ask for the whole text."""
        return QSize(self.fontMetrics().horizontalAdvance(self._whole) + 6, super().sizeHint().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint what fits."""
        painter = QPainter(self)
        painter.setPen(self.palette().windowText().color())
        text = self.fontMetrics().elidedText(self._whole, Qt.TextElideMode.ElideRight, self.width())
        painter.drawText(self.rect(), Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, text)


class PageArea(QScrollArea):
    """Holds a page that is as wide as there is room and as high as it must be.

    Room for the scroll bar is kept whether it is needed or not. Where it came and went, a page whose height depends
    on its width became narrower and wider in turn, and Qt resized it until the stack was full.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOn)
        self.verticalScrollBar().rangeChanged.connect(self._on_bar_range_changed)
        self._on_bar_range_changed(0, 0)

    def _on_bar_range_changed(self, low: int, high: int) -> None:
        self.verticalScrollBar().setEnabled(high > low)  # one that is disabled is not to be seen, see the theme


def pace_label(pace: float | None) -> str:
    """Name a pace."""
    if pace is None:
        return tr("Full speed")
    return str(count("{n} step/s", "{n} steps/s", int(pace)))


def fill_choices(menu: QMenu, choices: list[tuple[str, object]], chosen: object) -> None:
    """Fill a menu with exclusive choices, the present one marked; each action's data is its choice."""
    menu.clear()
    group = QActionGroup(menu)
    for label, value in choices:
        action = menu.addAction(label)
        action.setData(value)
        action.setCheckable(True)
        action.setChecked(value == chosen)
        group.addAction(action)


def clock(seconds: float) -> str:
    """Write a time as a clock shows it: 01:18, 2:03:00."""
    minutes, second = divmod(round(seconds), 60)
    hours, minute = divmod(minutes, 60)
    return f"{hours}:{minute:02d}:{second:02d}" if hours else f"{minute:02d}:{second:02d}"
