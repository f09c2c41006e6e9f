"""The list in the palette: sections of blocks, each with its star, to be dragged, double-clicked or walked by keys."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QMimeData, QModelIndex, QPoint, QRect, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QContextMenuEvent,
    QDrag,
    QFontMetrics,
    QHelpEvent,
    QKeyEvent,
    QKeySequence,
    QMouseEvent,
    QPainter,
    QPixmap,
)
from PySide6.QtWidgets import (
    QAbstractItemView,
    QApplication,
    QListWidget,
    QListWidgetItem,
    QMenu,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QToolTip,
    QWidget,
)

from playground.own_blocks import PREFIX
from playground.text import tr
from widgets import theme
from widgets.block_rows import Entry, Section, paint_badge
from widgets.icons import icon, paint_icon
from widgets.shelf import Shelf

MIME = "application/x-network-playground-block"
KEY = Qt.ItemDataRole.UserRole
FAMILY = Qt.ItemDataRole.UserRole + 1
ENTRY = Qt.ItemDataRole.UserRole + 2

STAR_KEYS = "Ctrl+D"
"""What gives a block its star, as browsers mark a page."""
BADGE, STAR = 18, 24
"""The side of an icon, and the width at the end of a row in which the star is clicked."""


class BlockList(QListWidget):
    """The blocks under the titles of their sections.

    Attributes:
        in_hand: whether the mouse was used here last, and not the keyboard.

    Signals:
        chosen(str): a block was double-clicked, or Enter pressed on it.
        typed(str): letters were typed, which are meant for the search field.
        forgotten(str): a block of the user's own is to be deleted.
    """

    chosen = Signal(str)
    typed = Signal(str)
    forgotten = Signal(str)

    def __init__(self, shelf: Shelf, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.shelf = shelf
        self.setObjectName("palette_list")
        self.setFrameShape(QListWidget.Shape.NoFrame)
        self.setStyleSheet("QListWidget { background: transparent; border: none; outline: none; }")
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setMouseTracking(True)
        self.setItemDelegate(BlockDelegate(self))
        self.itemActivated.connect(self._on_item_activated)
        self.in_hand = False
        self._pressed: tuple[QPoint, Entry] | None = None

    # -- rows --------------------------------------------------------------------------------------------------

    def fill(self, sections: Sequence[Section]) -> None:
        """List these sections; one without a title has no head."""
        scrolled, chosen = self.verticalScrollBar().value(), self.current_key()
        self.clear()
        for section in sections:
            if section.title:
                head = QListWidgetItem(section.title)
                head.setData(FAMILY, section.family)
                head.setFlags(Qt.ItemFlag.NoItemFlags)  # the arrows pass it by
                self.addItem(head)
            for one in section.entries:
                item = QListWidgetItem(one.name)
                item.setData(KEY, one.key)
                item.setData(FAMILY, one.family)
                item.setData(ENTRY, one)
                item.setToolTip(one.purpose)
                item.setData(Qt.ItemDataRole.AccessibleTextRole, f"{one.name}. {one.purpose}")
                self.addItem(item)
        if chosen in self.keys():
            self.choose_row(self.keys().index(chosen))
        self.verticalScrollBar().setValue(scrolled)

    def keys(self) -> list[str]:
        """Return the blocks that are listed, in order."""
        return [item.data(KEY) for item in self._rows()]

    def current_key(self) -> str:
        """Return the block on which the keyboard is, or nothing."""
        item = self.currentItem()
        return (item.data(KEY) or "") if item is not None else ""

    def choose_row(self, number: int) -> None:
        """Put the keyboard on a block by its number among the blocks; −1 on none."""
        self.setCurrentItem(self._rows()[number] if number >= 0 else None)

    def _rows(self) -> list[QListWidgetItem]:
        items = (self.item(row) for row in range(self.count()))
        return [item for item in items if item.data(KEY)]

    # -- what is done with a block -----------------------------------------------------------------------------

    def is_star(self, event: QKeyEvent) -> bool:
        """Whether these are the keys that give a star."""
        return QKeySequence(event.keyCombination()) == QKeySequence(STAR_KEYS)

    def toggle_star(self, key: str) -> None:
        """Give a block its star, or take it away."""
        if key:
            self.shelf.star(key, key not in self.shelf.favourites)

    def menu_for(self, key: str) -> QMenu:
        """Make the menu of a block."""
        menu = QMenu(self)
        menu.setObjectName("palette_menu")
        add = menu.addAction(icon("mdi6.plus"), tr("Add to the network"))
        add.triggered.connect(lambda *_: self.chosen.emit(key))
        star = menu.addAction(icon("mdi6.star-outline"), self._star_words(key))
        star.setShortcut(QKeySequence(STAR_KEYS))
        star.setShortcutContext(Qt.ShortcutContext.WidgetShortcut)  # it is only shown: the list listens itself
        star.setShortcutVisibleInContextMenu(True)
        star.triggered.connect(lambda *_: self.toggle_star(key))
        if key.startswith(PREFIX):
            forget = menu.addAction(icon("mdi6.delete-outline"), tr("Delete this block of mine"))
            forget.triggered.connect(lambda *_: self.forgotten.emit(key))
        return menu

    def on_star(self, place: QPoint) -> bool:
        """Whether a point lies on the star of a row."""
        item = self.itemAt(place)
        return item is not None and bool(item.data(KEY)) and place.x() >= self.visualItemRect(item).right() - STAR - 6

    def _star_words(self, key: str) -> str:
        return tr("Remove from favourites") if key in self.shelf.favourites else tr("Add to favourites")

    def _on_item_activated(self, item: QListWidgetItem) -> None:
        if item.data(KEY):
            self.chosen.emit(item.data(KEY))

    def _drag(self, one: Entry) -> None:
        """Carry a block away. Built here: the list's own drag would hold the interpreter all the way."""
        mime = QMimeData()
        mime.setData(MIME, one.key.encode())
        mime.setText(one.key)
        drag = QDrag(self)
        drag.setMimeData(mime)
        drag.setPixmap(_drag_picture(one, self.devicePixelRatioF()))
        drag.setHotSpot(QPoint(20, 17))
        drag.exec(Qt.DropAction.CopyAction)

    # -- Qt ----------------------------------------------------------------------------------------------------

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Take the star under the pointer, or remember where a drag might begin."""
        self.in_hand = True
        place = event.position().toPoint()
        item = self.itemAt(place)
        one = item.data(ENTRY) if item is not None else None
        left = event.button() == Qt.MouseButton.LeftButton
        if left and one is not None and self.on_star(place):
            self.toggle_star(one.key)
            return
        self._pressed = (place, one) if one is not None and left else None
        super().mousePressEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Begin to drag once the pointer has gone far enough."""
        if self._pressed and event.buttons() & Qt.MouseButton.LeftButton:
            start, one = self._pressed
            if (event.position().toPoint() - start).manhattanLength() >= QApplication.startDragDistance():
                self._pressed = None
                self._drag(one)
            return
        super().mouseMoveEvent(event)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Add a block, but not by clicking its star twice."""
        if self.on_star(event.position().toPoint()):
            self.mousePressEvent(event)
        else:
            super().mouseDoubleClickEvent(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """Offer what can be done with the block there."""
        by_keys = event.reason() == QContextMenuEvent.Reason.Keyboard
        item = self.currentItem() if by_keys else self.itemAt(event.pos())
        if item is not None and item.data(KEY):
            menu = self.menu_for(item.data(KEY))
            menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
            at = self.visualItemRect(item).center() if by_keys else event.pos()
            menu.popup(self.viewport().mapToGlobal(at))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Hand letters on to the search field."""
        self.in_hand = False
        if self.is_star(event):
            self.toggle_star(self.current_key())
        elif event.text().strip() and event.text().isprintable() and not event.modifiers() & _COMMANDING:
            self.typed.emit(event.text())
        else:
            super().keyPressEvent(event)

    def event(self, event: QEvent) -> bool:
        """Keep the keys of the star from the window."""
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent) and self.is_star(event):
            event.accept()
            return True
        return super().event(event)

    def viewportEvent(self, event: QEvent) -> bool:
        """Say over a star what clicking it does."""
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip and self.on_star(event.pos()):
            item = self.itemAt(event.pos())
            keys = QKeySequence(STAR_KEYS).toString(QKeySequence.SequenceFormat.NativeText)
            QToolTip.showText(event.globalPos(), f"{self._star_words(item.data(KEY))} ({keys})", self.viewport())
            return True
        return super().viewportEvent(event)


_COMMANDING = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier | Qt.KeyboardModifier.MetaModifier


class BlockDelegate(QStyledItemDelegate):
    """Paints a section as its title with the family's dot, a block as its icon, its name and, at hand, its star."""

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex) -> None:
        """Paint one row."""
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if index.data(KEY):
            self._paint_block(painter, option, index)
        else:
            self._paint_head(painter, option.rect, index)
        painter.restore()

    def _paint_block(self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex) -> None:
        colours, rect = theme.current(), option.rect
        selected = bool(option.state & QStyle.StateFlag.State_Selected)
        at_hand = selected or bool(option.state & QStyle.StateFlag.State_MouseOver)
        if at_hand:
            painter.setPen(QColor(colours.accent) if selected and self._focused() else Qt.PenStyle.NoPen)
            painter.setBrush(QColor(colours.field))
            painter.drawRoundedRect(rect.adjusted(1, 1, -7, -1), 5, 5)
        middle = rect.top() + (rect.height() - BADGE) // 2
        paint_badge(painter, QRect(rect.left() + 5, middle, BADGE, BADGE), index.data(KEY), index.data(FAMILY))
        starred = index.data(KEY) in self._list().shelf.favourites
        if starred or at_hand:
            star = QRect(rect.right() - STAR - 4, rect.top(), STAR, rect.height()).adjusted(4, 5, -4, -5)
            colour = QColor(colours.validation if starred else colours.dim)
            paint_icon(painter, star, "star" if starred else "star-outline", colour)
        painter.setFont(theme.font(10))
        painter.setPen(QColor(colours.text))
        _write(painter, rect.adjusted(31, 0, -STAR - 8, 0), index.data())

    def _paint_head(self, painter: QPainter, rect: QRect, index: QModelIndex) -> None:
        left = 5
        if index.data(FAMILY):
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme.family_colour(index.data(FAMILY)))
            painter.drawEllipse(QRect(rect.left() + left, rect.bottom() - 15, 8, 8))
            left += 14
        painter.setFont(theme.font(9, semibold=True))
        painter.setPen(QColor(theme.current().dim))
        _write(painter, QRect(rect.left() + left, rect.bottom() - 21, rect.width() - left - 4, 20), index.data())

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex) -> QSize:
        """Give titles a little air above."""
        return QSize(80, 26 if index.data(KEY) else 30)

    def _list(self) -> BlockList:
        made = self.parent()
        assert isinstance(made, BlockList)
        return made

    def _focused(self) -> bool:
        return self._list().hasFocus()


def _write(painter: QPainter, rect: QRect, text: str) -> None:
    metrics = QFontMetrics(painter.font())
    shown = metrics.elidedText(text, Qt.TextElideMode.ElideRight, rect.width())
    painter.drawText(rect, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, shown)


def _drag_picture(one: Entry, scale: float) -> QPixmap:
    """Draw the small card that follows the pointer."""
    colours = theme.current()
    made = QPixmap(round(144 * scale), round(40 * scale))
    made.setDevicePixelRatio(scale)
    made.fill(Qt.GlobalColor.transparent)
    painter = QPainter(made)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setBrush(QColor(colours.card))
    painter.setPen(QColor(colours.accent))
    painter.drawRoundedRect(1, 1, 142, 38, 8, 8)
    paint_badge(painter, QRect(11, 11, BADGE, BADGE), one.key, one.family)
    painter.setFont(theme.font(10, semibold=True))
    painter.setPen(QColor(colours.text))
    _write(painter, QRect(37, 0, 100, 40), one.name)
    painter.end()
    return made
