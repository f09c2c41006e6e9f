"""The palette: every block that can be added, found by typing, dragged to the canvas or added by Enter.

It lists the catalogue by family and knows nothing of the canvas: a drag carries the block's name, a double click
emits it.
"""

from __future__ import annotations

from PySide6.QtCore import QEvent, QMimeData, QModelIndex, QObject, QPoint, QRect, QSize, Qt, Signal
from PySide6.QtGui import QColor, QDrag, QKeyEvent, QMouseEvent, QPainter, QPixmap
from PySide6.QtWidgets import (
    QAbstractItemView,
    QApplication,
    QLabel,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from playground.block import CATALOGUE, FAMILIES
from playground.text import Sentence, tr
from widgets import theme
from widgets.icons import icon
from widgets.names import block_name

MIME = "application/x-network-playground-block"
KEY = Qt.ItemDataRole.UserRole
FAMILY = Qt.ItemDataRole.UserRole + 1
WORDS = Qt.ItemDataRole.UserRole + 2
"""What a search is matched against: names and purpose, in English and in the present language."""


class Palette(QWidget):
    """The search field and the list of blocks.

    Signals:
        blockChosen(str): add this block (its name in the catalogue).
    """

    blockChosen = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("palette")
        self.search = QLineEdit(objectName="palette_search", clearButtonEnabled=True)
        self.search.addAction(icon("mdi6.magnify", "dim"), QLineEdit.ActionPosition.LeadingPosition)
        self.search.textChanged.connect(self._sync)
        self.search.returnPressed.connect(self._on_search_returned)
        self.search.installEventFilter(self)
        self.list = BlockList(self)
        self.list.chosen.connect(self.blockChosen)
        self.nothing = QLabel(wordWrap=True, visible=False, objectName="palette_nothing")
        self.nothing.setProperty("role", "dim")
        self.nothing.setContentsMargins(6, 8, 6, 0)
        column = QVBoxLayout(self)
        column.setContentsMargins(10, 10, 4, 0)
        column.setSpacing(6)
        column.addWidget(self.search)
        column.addWidget(self.nothing)
        column.addWidget(self.list, 1)
        self.relabel()

    def visible_keys(self) -> list[str]:
        """Return the blocks that the search leaves, in order."""
        rows = (self.list.item(row) for row in range(self.list.count()))
        return [item.data(KEY) for item in rows if item.data(KEY) and not item.isHidden()]

    def relabel(self) -> None:
        """Say everything in the present language."""
        self.search.setPlaceholderText(tr("Search blocks"))
        self.search.setAccessibleName(tr("Search blocks"))
        self.list.setAccessibleName(tr("Blocks"))
        self.list.fill()
        self._sync()

    def _sync(self) -> None:
        """Show only what was searched for."""
        wanted = self.search.text().casefold().split()
        shown: set[str] = set()
        rows = [self.list.item(row) for row in range(self.list.count())]
        for item in rows:
            if item.data(KEY):
                fits = all(word in item.data(WORDS) for word in wanted)
                item.setHidden(not fits)
                if fits:
                    shown.add(item.data(FAMILY))
        for item in rows:
            if not item.data(KEY):
                item.setHidden(item.data(FAMILY) not in shown)
        self.nothing.setVisible(not shown)
        self.nothing.setText(tr("No block is called “{name}”.", name=self.search.text()))
        first = next((item for item in rows if item.data(KEY) and not item.isHidden()), None)
        self.list.setCurrentItem(first if wanted else None)

    def _on_search_returned(self) -> None:
        item = self.list.currentItem()
        keys = self.visible_keys()
        if item is not None and item.data(KEY) in keys:
            self.blockChosen.emit(item.data(KEY))
        elif keys:
            self.blockChosen.emit(keys[0])
        self.search.selectAll()

    # -- Qt ----------------------------------------------------------------------------------------------------

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Let the arrows move through the list, and Escape clear the search, while typing goes on."""
        if watched is self.search and event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            if event.key() in (Qt.Key.Key_Down, Qt.Key.Key_Up):
                QApplication.sendEvent(self.list, event)
                return True
            if event.key() == Qt.Key.Key_Escape and self.search.text():
                self.search.clear()
                return True
        return super().eventFilter(watched, event)

    def changeEvent(self, event: QEvent) -> None:
        """Say everything again when the language changed."""
        if event.type() == QEvent.Type.LanguageChange:
            self.relabel()
        super().changeEvent(event)


class BlockList(QListWidget):
    """The blocks under the names of their families.

    Signals:
        chosen(str): a block was double-clicked, or Enter pressed on it.
    """

    chosen = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("palette_list")
        self.setFrameShape(QListWidget.Shape.NoFrame)
        self.setStyleSheet("QListWidget { background: transparent; border: none; outline: none; }")
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setMouseTracking(True)
        self.setItemDelegate(BlockDelegate(self))
        self.itemActivated.connect(self._on_item_activated)
        self._pressed: tuple[QPoint, str] | None = None

    def fill(self) -> None:
        """List the catalogue anew."""
        scrolled = self.verticalScrollBar().value()
        self.clear()
        for family in FAMILIES:
            blocks = [block for block in CATALOGUE.values() if block.family == family]
            if not blocks:
                continue
            head = QListWidgetItem(str(Sentence(family)))
            head.setData(FAMILY, family)
            head.setFlags(Qt.ItemFlag.ItemIsEnabled)
            self.addItem(head)
            for block in blocks:
                label, purpose = block_name(block), str(Sentence(block.purpose()))
                item = QListWidgetItem(label)
                item.setData(KEY, block.key)
                item.setData(FAMILY, family)
                words = (block.key, label, family, str(Sentence(family)), purpose, block.purpose())
                item.setData(WORDS, " ".join(words).casefold())
                item.setToolTip(purpose)
                self.addItem(item)
        self.verticalScrollBar().setValue(scrolled)

    def _on_item_activated(self, item: QListWidgetItem) -> None:
        if item.data(KEY):
            self.chosen.emit(item.data(KEY))

    def _drag(self, key: str) -> None:
        """Carry a block away. Built here: the list's own drag would hold the interpreter all the way."""
        mime = QMimeData()
        mime.setData(MIME, key.encode())
        mime.setText(key)
        drag = QDrag(self)
        drag.setMimeData(mime)
        picture = _drag_picture(key, self.devicePixelRatioF())
        drag.setPixmap(picture)
        drag.setHotSpot(QPoint(20, 17))
        drag.exec(Qt.DropAction.CopyAction)

    # -- Qt ----------------------------------------------------------------------------------------------------

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Remember where a drag might begin."""
        item = self.itemAt(event.position().toPoint())
        key = item.data(KEY) if item is not None else None
        left = event.button() == Qt.MouseButton.LeftButton
        self._pressed = (event.position().toPoint(), key) if key and left else None
        super().mousePressEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Begin to drag once the pointer has gone far enough."""
        if self._pressed and event.buttons() & Qt.MouseButton.LeftButton:
            start, key = self._pressed
            if (event.position().toPoint() - start).manhattanLength() >= QApplication.startDragDistance():
                self._pressed = None
                self._drag(key)
            return
        super().mouseMoveEvent(event)


class BlockDelegate(QStyledItemDelegate):
    """Paints a family as a coloured dot with its name, a block as its name."""

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex) -> None:
        """Paint one row."""
        colours, rect = theme.current(), option.rect
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if index.data(KEY):
            selected = bool(option.state & QStyle.StateFlag.State_Selected)
            hovered = bool(option.state & QStyle.StateFlag.State_MouseOver)
            if selected or hovered:
                painter.setPen(Qt.PenStyle.NoPen)
                painter.setBrush(QColor(colours.field))
                painter.drawRoundedRect(rect.adjusted(1, 1, -6, -1), 5, 5)
            painter.setFont(theme.font(10))
            painter.setPen(QColor(colours.text if selected or hovered else colours.dim))
            text_rect = rect.adjusted(21, 0, -8, 0)
        else:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme.family_colour(index.data(FAMILY)))
            painter.drawEllipse(QRect(rect.left() + 3, rect.bottom() - 16, 10, 10))
            painter.setFont(theme.font(10, semibold=True))
            painter.setPen(QColor(colours.text))
            text_rect = QRect(rect.left() + 21, rect.bottom() - 21, rect.width() - 24, 20)
        metrics = painter.fontMetrics()
        text = metrics.elidedText(index.data(), Qt.TextElideMode.ElideRight, text_rect.width())
        painter.drawText(text_rect, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, text)
        painter.restore()

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex) -> QSize:
        """Give families a little air above."""
        return QSize(80, 24 if index.data(KEY) else 30)


def _drag_picture(key: str, scale: float) -> QPixmap:
    """Draw the small card that follows the pointer."""
    colours = theme.current()
    made = QPixmap(round(124 * scale), round(40 * scale))
    made.setDevicePixelRatio(scale)
    made.fill(Qt.GlobalColor.transparent)
    painter = QPainter(made)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setBrush(QColor(colours.card))
    painter.setPen(QColor(colours.accent))
    painter.drawRoundedRect(1, 1, 122, 38, 8, 8)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(theme.family_colour(CATALOGUE[key].family))
    painter.drawEllipse(12, 15, 10, 10)
    painter.setFont(theme.font(10, semibold=True))
    painter.setPen(QColor(colours.text))
    painter.drawText(QRect(30, 0, 90, 40), Qt.AlignmentFlag.AlignVCenter, block_name(CATALOGUE[key]))
    painter.end()
    return made
