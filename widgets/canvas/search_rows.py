"""The rows of the search box: how a block stands there, and what may be typed after its name."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QRect, QSize, Qt
from PySide6.QtGui import QColor, QFontMetrics, QPainter
from PySide6.QtWidgets import QListWidgetItem, QStyle, QStyledItemDelegate, QStyleOptionViewItem

from playground.block import Block
from playground.suggest import Suggestion
from playground.text import Sentence, tr
from playground.typed import Typed, numbers_of
from widgets import theme
from widgets.block_rows import entry, paint_badge

SUGGESTION = Qt.ItemDataRole.UserRole
TYPED = Qt.ItemDataRole.UserRole + 1
"""What was set of the block by what was typed after its name, as a `Typed`."""
ROW = 30
"""How high a row is."""
BADGE = 20
FADED = 0.45
"""How strongly the icon of a block is painted that does not fit."""


class SuggestionDelegate(QStyledItemDelegate):
    """Paints a block as its icon, its name and, dim, what it is for; fainter where it does not fit."""

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex) -> None:
        """Paint one row."""
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        suggestion = index.data(SUGGESTION)
        if suggestion is None:
            painter.setFont(theme.font(9, semibold=True))
            painter.setPen(QColor(theme.current().dim))
            painter.drawText(option.rect.adjusted(6, 4, -8, 0), Qt.AlignmentFlag.AlignVCenter, index.data())
        else:
            self._paint_row(painter, option, suggestion, index.data(), index.data(TYPED))
        painter.restore()

    def _paint_row(
        self, painter: QPainter, option: QStyleOptionViewItem, suggestion: Suggestion, name: str, typed: Typed
    ) -> None:
        colours, rect = theme.current(), option.rect
        if option.state & (QStyle.StateFlag.State_Selected | QStyle.StateFlag.State_MouseOver):
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(colours.field if option.state & QStyle.StateFlag.State_Selected else colours.panel))
            painter.drawRoundedRect(rect.adjusted(0, 1, -8, -1), 6, 6)
        badge = QRect(rect.left() + 6, rect.top() + (rect.height() - BADGE) // 2, BADGE, BADGE)
        painter.setOpacity(1.0 if suggestion.fits else FADED)
        paint_badge(painter, badge, suggestion.block.name, suggestion.block.family)
        painter.setOpacity(1.0)
        painter.setFont(theme.font(10, semibold=suggestion.fits))
        painter.setPen(QColor(colours.text if suggestion.fits else colours.dim))
        metrics = QFontMetrics(painter.font())
        place = rect.adjusted(36, 0, -14, 0)
        painter.drawText(place, Qt.AlignmentFlag.AlignVCenter, name)
        place.setLeft(place.left() + metrics.horizontalAdvance(name) + 10)
        painter.setFont(theme.font(9))
        painter.setPen(QColor(colours.accent_text if typed.given else colours.dim))
        purpose = typed.told() if typed.given else str(Sentence(suggestion.block.purpose()))
        shown = QFontMetrics(painter.font()).elidedText(purpose, Qt.TextElideMode.ElideRight, place.width())
        painter.drawText(place, Qt.AlignmentFlag.AlignVCenter, shown)

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex) -> QSize:
        """All rows are of the same height."""
        return QSize(100, ROW)


def row_of(suggestion: Suggestion, typed: Typed) -> QListWidgetItem:
    """Make the row of a block, set up as it was typed."""
    one = entry(suggestion.block)
    item = QListWidgetItem(one.name)
    item.setData(SUGGESTION, suggestion)
    item.setData(TYPED, typed)
    item.setToolTip(str(suggestion.reason) if suggestion.reason is not None else one.purpose)
    words = [one.name, typed.told() if typed.given else "", item.toolTip()]
    item.setData(Qt.ItemDataRole.AccessibleTextRole, ". ".join(word for word in words if word))
    return item


def hint_for(block: Block, metrics: QFontMetrics, width: int) -> str:
    """Say which numbers may follow the name, and what the keys do: two lines that fit into a width."""
    lines = [tr("Enter adds it; Shift+Enter adds it and looks for the next")]
    numbers = [str(Sentence(block.parameters[name].label)).lower() for name in numbers_of(block)]
    if numbers and block.outputs:
        lines.insert(0, tr("Numbers after the name: {names}", names=", ".join(numbers)))
    return "\n".join(metrics.elidedText(line, Qt.TextElideMode.ElideRight, width) for line in lines)
