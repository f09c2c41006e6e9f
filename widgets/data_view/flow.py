"""A row of controls that goes on in the next line where it is too narrow for all of them."""

from __future__ import annotations

from PySide6.QtCore import QMargins, QPoint, QRect, QSize, Qt
from PySide6.QtWidgets import QLayout, QLayoutItem, QWidget


class Flow(QLayout):
    """Puts widgets beside each other, as many as there is room for, then below."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._items: list[QLayoutItem] = []
        self.setContentsMargins(QMargins(12, 4, 12, 4))
        self.setSpacing(8)

    def _place(self, rect: QRect, move: bool) -> int:
        """Place the items within a width, or only find out how high that is."""
        inner = rect.marginsRemoved(self.contentsMargins())
        lines: list[list[QLayoutItem]] = [[]]
        used = 0
        for item in self._items:
            if item.isEmpty():
                continue
            wide = min(item.sizeHint().width(), max(item.minimumSize().width(), inner.width()))
            if lines[-1] and used + self.spacing() + wide > inner.width():
                lines.append([])
                used = 0
            used += wide + (self.spacing() if lines[-1] else 0)
            lines[-1].append(item)
        y = inner.y()
        for line in filter(None, lines):
            x, high = inner.x(), max(item.sizeHint().height() for item in line)
            for item in line:
                size = QSize(min(item.sizeHint().width(), max(item.minimumSize().width(), inner.width())), high)
                if move:
                    item.setGeometry(QRect(QPoint(x, y), size))
                x += size.width() + self.spacing()
            y += high + 4
        margins = self.contentsMargins()
        return y - (4 if any(lines) else 0) - rect.y() + margins.bottom()

    # -- Qt ----------------------------------------------------------------------------------------------------

    def addItem(self, item: QLayoutItem) -> None:
        """Take in a widget's item."""
        self._items.append(item)

    def count(self) -> int:
        """Count the items."""
        return len(self._items)

    def itemAt(self, index: int) -> QLayoutItem | None:  # type: ignore[override]  # Qt means None by a null pointer
        """Return an item."""
        return self._items[index] if 0 <= index < len(self._items) else None

    def takeAt(self, index: int) -> QLayoutItem | None:  # type: ignore[override]
        """Give an item away."""
        return self._items.pop(index) if 0 <= index < len(self._items) else None

    def expandingDirections(self) -> Qt.Orientation:
        """Take no more height than is needed."""
        return Qt.Orientation(0)

    def hasHeightForWidth(self) -> bool:
        """Say that a narrow row is higher."""
        return True

    def heightForWidth(self, width: int) -> int:
        """Say how high."""
        return self._place(QRect(0, 0, width, 0), move=False)

    def setGeometry(self, rect: QRect) -> None:
        """Place the items."""
        super().setGeometry(rect)
        self._place(rect, move=True)

    def sizeHint(self) -> QSize:
        """Ask for as little as will do."""
        return self.minimumSize()

    def minimumSize(self) -> QSize:
        """Need room for the widest item."""
        size = QSize()
        for item in self._items:
            if not item.isEmpty():
                size = size.expandedTo(item.minimumSize())
        margins = self.contentsMargins()
        return size + QSize(margins.left() + margins.right(), margins.top() + margins.bottom())
