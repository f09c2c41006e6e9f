"""The help that the window itself gives: every key, and what this program is."""

from __future__ import annotations

from typing import NamedTuple

from PySide6.QtCore import QEvent, QSize, Qt
from PySide6.QtGui import QResizeEvent, QShowEvent
from PySide6.QtWidgets import (
    QDialog,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QScrollArea,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from playground.fuzzy import INSIDE, score
from playground.text import Sentence, note, tr
from widgets import theme
from widgets.actions import Actions, Row
from widgets.icons import icon

COLUMN, MOST_COLUMNS = 340, 4
"""How wide a column of the key sheet is at least, and how many there are at most."""
LINE = 20
"""How high a line of the key sheet is at least."""


class KeySheet(QDialog):
    """Every action that has a key, by menu, and what the mouse does on the canvas; typing leaves what it finds."""

    def __init__(self, actions: Actions, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("key_sheet")
        self._actions = actions
        self.search = QLineEdit(objectName="key_search", clearButtonEnabled=True)
        self.search.addAction(icon("mdi6.magnify", "dim"), QLineEdit.ActionPosition.LeadingPosition)
        self.search.textChanged.connect(self._sync)
        self.nothing = QLabel(objectName="key_nothing", visible=False)
        self.nothing.setProperty("role", "dim")
        self.area = QScrollArea(widgetResizable=True)
        self.area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.area.setFocusPolicy(Qt.FocusPolicy.StrongFocus)  # so that the arrows can scroll it
        self.page = _Page()
        self.area.setWidget(self.page)
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 16, 16, 16)
        column.setSpacing(12)
        column.addWidget(self.search)
        column.addWidget(self.nothing)
        column.addWidget(self.area, 1)
        theme.APPEARANCE.changed.connect(self._dress)
        self.relabel()
        self.resize(self._size())

    def relabel(self) -> None:
        """Say everything in the present language."""
        self.setWindowTitle(tr("Keys"))
        self.search.setPlaceholderText(tr("Search keys"))
        self.search.setAccessibleName(tr("Search keys"))
        self.area.setAccessibleName(tr("Keys"))
        self.page.show_sections(sections(self._actions))
        self._dress()
        self._sync()

    def _sync(self) -> None:
        text = self.search.text()
        self.nothing.setVisible(not self.page.keep(text))
        self.nothing.setText(tr("Nothing is called “{name}”.", name=text))

    def _dress(self) -> None:
        now = theme.current()
        self.page.setStyleSheet(
            f"QLabel[kind='key'] {{ background: {now.field}; color: {now.text}; border: 1px solid {now.line};"
            " border-radius: 4px; padding: 0px 6px; margin: 1px 0px; }"
            f" QLabel[kind='head'] {{ color: {now.accent_text}; }}"
        )

    def _size(self) -> QSize:
        """As large as it needs to be, but no larger than the window behind it."""
        room = self.parentWidget().size() - QSize(32, 32)
        width = min(1440, room.width())
        self.page.share_out(columns_in(width - 64))
        return QSize(width, min(self.page.heightForWidth(width - 64) + 80, room.height())).expandedTo(QSize(480, 400))

    # -- Qt ----------------------------------------------------------------------------------------------------

    def showEvent(self, event: QShowEvent) -> None:
        """Wait for what is typed."""
        super().showEvent(event)
        self.search.setFocus(Qt.FocusReason.OtherFocusReason)
        self.search.selectAll()

    def changeEvent(self, event: QEvent) -> None:
        """Say everything again when the language changed."""
        if event.type() == QEvent.Type.LanguageChange:
            self.relabel()
        super().changeEvent(event)


class Section(NamedTuple):
    """A group of the sheet: its title, and the lines under it."""

    title: str
    rows: list[Row]


def sections(actions: Actions) -> list[Section]:
    """Return everything that the sheet tells: the actions by menu, then the gestures."""
    from widgets.canvas.commands import GESTURES

    found = [Section(str(Sentence(name)), rows) for name, rows in actions.sheet().items()]
    canvas = [Row(str(Sentence(habit.what)), (str(Sentence(habit.how)),), told=True) for habit in GESTURES]
    around = [Row(str(Sentence(what)), (str(Sentence(how)),), told=True) for what, how in AROUND]
    return [*found, Section(tr("On the canvas"), canvas), Section(tr("Around the canvas"), around)]


AROUND = (
    (note("Add a block"), note("Drag it, double-click it, or Enter")),
    (note("Play or pause, on the run bar"), note("Space")),
    (note("Change a number"), note("Up and Down")),
    (note("Open a file"), note("Drop it on the window")),
)
"""What the mouse and keys that are no actions do elsewhere."""


class _Page(QWidget):
    """The sections in columns of about the same height, as many as there is room for."""

    def __init__(self) -> None:
        super().__init__()
        self.setProperty("kind", "page")
        self.blocks: list[_Block] = []
        self._left: list[_Block] = []
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 8, 0)
        row.setSpacing(32)
        self._columns = [QVBoxLayout() for _ in range(MOST_COLUMNS)]
        self._number = 1
        for column in self._columns:
            column.setSpacing(12)
            row.addLayout(column, 0)

    def show_sections(self, told: list[Section]) -> None:
        """Show other sections."""
        for old in self.blocks:
            old.deleteLater()
        self.blocks = [_Block(section) for section in told]

    def keep(self, text: str) -> bool:
        """Show the lines that this text finds, all where it is empty; tell whether there is any."""
        self._left = [block for block in self.blocks if block.keep(text)]
        self.share_out(self._number)
        return bool(self._left)

    def share_out(self, number: int) -> None:
        """Put what is left into so many columns."""
        self._number = number
        for column in self._columns:
            while (item := column.takeAt(0)) is not None:
                if (widget := item.widget()) is not None:
                    widget.setParent(None)
        shares = _in_columns(self._left, number)
        for at, column in enumerate(self._columns):
            self.layout().setStretch(at, int(at < number))  # type: ignore[union-attr]
            for block in shares[at] if at < number else ():
                column.addWidget(block)
                block.show()
            column.addStretch(1)

    # -- Qt ----------------------------------------------------------------------------------------------------

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Take as many columns as there is room for."""
        super().resizeEvent(event)
        if (number := columns_in(event.size().width())) != self._number:
            self.share_out(number)


def columns_in(width: int) -> int:
    """Return how many columns of the sheet go into so much room."""
    return max(1, min(MOST_COLUMNS, width // COLUMN))


class _Block(QWidget):
    """One section: its title, and under it what is done beside how."""

    def __init__(self, section: Section) -> None:
        super().__init__()
        self.section = section
        self.lines: list[tuple[Row, QWidget]] = []
        # All columns are of one width, whatever stands in them.
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        head = QLabel(section.title)
        head.setProperty("kind", "head")
        head.setFont(theme.font(10, semibold=True))
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(1)
        column.addWidget(head)
        for row in section.rows:
            made = QWidget(accessibleName=f"{row.words}: {', '.join(row.keys)}")
            line = QHBoxLayout(made)
            line.setContentsMargins(0, 0, 0, 0)
            line.setSpacing(6)
            line.addWidget(QLabel(row.words, wordWrap=True), 1)
            for label in _how(row):
                line.addWidget(label)
            made.setMinimumHeight(LINE)
            column.addWidget(made)
            self.lines.append((row, made))

    def keep(self, text: str) -> int:
        """Show the lines that this text finds; return how many those are."""
        kept = 0
        for row, line in self.lines:
            parts = (f"{self.section.title} {row.words}", *row.keys)
            fits = not text.strip() or any((score(text, part) or 0.0) >= INSIDE for part in parts)
            line.setVisible(fits)
            kept += fits
        return kept

    def height_of(self) -> int:
        """Return how much room it takes now, in lines."""
        return sum(not line.isHidden() for _, line in self.lines) + 2


def _how(row: Row) -> list[QLabel]:
    """Show keys as keys, and a gesture in words."""
    labels = [QLabel(key) for key in row.keys]
    for label in labels:
        label.setFont(theme.font(9))
        label.setProperty("role" if row.told else "kind", "dim" if row.told else "key")
    return labels


def _in_columns(blocks: list[_Block], number: int) -> list[list[_Block]]:
    """Share blocks out in their order, so that the highest column is as low as can be."""
    heights = [block.height_of() for block in blocks]
    limit = max(heights, default=0)
    while len(columns := _cut(blocks, heights, limit)) > number:
        limit += 1
    return [*columns, *([] for _ in range(number - len(columns)))]


def _cut(blocks: list[_Block], heights: list[int], limit: int) -> list[list[_Block]]:
    columns: list[list[_Block]] = []
    filled = limit
    for block, height in zip(blocks, heights, strict=True):
        if filled + height > limit:
            columns.append([])
            filled = 0
        columns[-1].append(block)
        filled += height
    return columns


class About(QDialog):
    """What this program is."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("about")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(tr("About Network Playground"))
        title = QLabel(tr("Network Playground"))
        title.setFont(theme.font(16, semibold=True))
        words = QLabel(tr("Draw a network, train it, watch it learn."))
        licence = QLabel(tr("Free software under the MIT licence."))
        licence.setProperty("role", "dim")
        column = QVBoxLayout(self)
        column.setContentsMargins(28, 24, 28, 24)
        column.setSpacing(8)
        for label in (title, words, licence):
            label.setAlignment(Qt.AlignmentFlag.AlignCenter)
            column.addWidget(label)
