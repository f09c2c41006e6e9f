"""Examples that are looked at: images with masks and boxes, clips as film strips, series as lines, in a grid."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QPointF, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPen, QPolygonF, QStandardItem, QStandardItemModel
from PySide6.QtWidgets import QListView, QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from playground.browsing.answers import Answer, Boxes, Curves, Masks, Page, Pictures
from widgets import theme
from widgets.data_view.wording import all_in_words, class_colour, in_short, is_wrong, overlaid, picture, spoken

if TYPE_CHECKING:
    import numpy as np

    Array = np.ndarray[Any, Any]

PICTURE, FRAME = 88, 56
"""How wide and high an image and a frame of a clip may be."""

CURVE = QSize(220, 88)
GAP, MARGIN = 3, 8
LEAST, ANSWERED = 72, 108
"""How wide a cell is at least, so that its words have room, and those of the network."""


class Grid(QListView):
    """The view: a cell for each example, with what is wanted of it below, and what the network says."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("data_grid")
        self.setModel(QStandardItemModel(self))
        self.setViewMode(QListView.ViewMode.IconMode)
        self.setMovement(QListView.Movement.Static)
        self.setResizeMode(QListView.ResizeMode.Adjust)
        self.setUniformItemSizes(True)
        self.setVerticalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        self.setEditTriggers(QListView.EditTrigger.NoEditTriggers)
        self.setFrameShape(QListView.Shape.NoFrame)
        self.viewport().setAutoFillBackground(False)
        self.cells = Cells(self)
        self.setItemDelegate(self.cells)

    def show_page(self, page: Page) -> None:
        """Show the examples of a page."""
        self.cells.take(page)
        model = self.model()
        assert isinstance(model, QStandardItemModel)
        model.clear()
        for at in range(len(page.numbers)):
            item = QStandardItem(all_in_words(page.wanted, at))
            said = spoken(page, at)
            item.setToolTip(said)
            item.setData(said, Qt.ItemDataRole.AccessibleTextRole)
            item.setEditable(False)
            model.appendRow(item)
        self.setGridSize(self.cells.size())
        self.scrollToTop()


class Cells(QStyledItemDelegate):
    """Paints the cells; pictures are made once, when a page comes."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._page: Page | None = None
        self._pictures: list[list[QImage]] = []
        self._picture = QSize(PICTURE, PICTURE)
        self._span = (0.0, 1.0)

    def take(self, page: Page) -> None:
        """Make the pictures of a page."""
        self._page, self._pictures = page, []
        content = page.content
        if isinstance(content, Pictures):
            self._pictures = [_drawn(page, content.frames[at], at) for at in range(len(page.numbers))]
            frames, (height, width) = content.frames.shape[1], content.frames.shape[2:4]
            self._picture = _fitted(width, height, PICTURE if frames == 1 else FRAME)
        elif isinstance(content, Curves):
            self._picture = CURVE
            self._span = _span(content.values)

    def size(self) -> QSize:
        """Return how large a cell is."""
        shown = max((len(one) for one in self._pictures), default=1)
        least = ANSWERED if self._page is not None and _says(self._page.given) else LEAST
        width = max(least, shown * self._picture.width() + (shown - 1) * GAP)
        return QSize(width + 2 * MARGIN, self._picture.height() + self._lines() * self._line() + 2 * MARGIN + 2)

    def _lines(self) -> int:
        page = self._page
        return 0 if page is None else (1 if _says(page.wanted) else 0) + (1 if _says(page.given) else 0)

    def _line(self) -> int:
        parent = self.parent()
        return parent.fontMetrics().height() + 1 if isinstance(parent, QWidget) else 16

    def _paint_example(self, painter: QPainter, page: Page, at: int, inner: QRect) -> None:
        if isinstance(page.content, Curves):
            rect = QRect(inner.topLeft(), self._picture)
            _paint_curves(painter, QRectF(rect), page.content.values[at], self._span)
            return
        shown = self._pictures[at]
        width = len(shown) * self._picture.width() + (len(shown) - 1) * GAP
        x = inner.x() + max(0, (inner.width() - width) // 2)
        smaller = bool(shown) and shown[0].width() > self._picture.width()
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, smaller)
        for nth, one in enumerate(shown):
            target = QRect(x + nth * (self._picture.width() + GAP), inner.y(), *self._picture.toTuple())
            painter.drawImage(target, one)
            painter.setPen(QColor(theme.current().line))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(target.adjusted(-1, -1, 0, 0))  # white ends somewhere on white
            if nth == 0:
                _paint_boxes(painter, target, page, at)

    def _paint_words(self, painter: QPainter, page: Page, at: int, inner: QRect) -> None:
        look = theme.current()
        line = QRect(inner.x(), inner.y() + self._picture.height() + 3, inner.width(), self._line())
        for answers, arrow in ((page.wanted, ""), (page.given, "→ ")):
            if not _says(answers):
                continue
            wrong = bool(arrow) and any(is_wrong(page, one.target, at) for one in answers)
            painter.setPen(QColor(look.bad_text if wrong else look.text))
            text = painter.fontMetrics().elidedText(
                arrow + all_in_words(answers, at), Qt.TextElideMode.ElideMiddle, line.width()
            )
            painter.drawText(line, Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignVCenter, text)
            line.translate(0, self._line())

    # -- Qt ----------------------------------------------------------------------------------------------------

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        """Return how large a cell is."""
        return self.size()

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        """Paint the example, the words below it, and a border where it is chosen."""
        page, at = self._page, index.row()
        if page is None or at >= len(page.numbers):
            return
        cell: QRect = option.rect.adjusted(2, 2, -2, -2)
        painter.save()
        look = theme.current()
        if option.state & (QStyle.StateFlag.State_Selected | QStyle.StateFlag.State_MouseOver):
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            chosen = bool(option.state & QStyle.StateFlag.State_Selected)
            painter.setPen(QPen(QColor(look.accent if chosen else look.line), 1))
            painter.setBrush(QColor(look.field))
            painter.drawRoundedRect(cell, 6, 6)
        inner = cell.adjusted(MARGIN - 2, MARGIN - 2, 2 - MARGIN, 0)
        self._paint_example(painter, page, at, inner)
        self._paint_words(painter, page, at, inner)
        painter.restore()


def _says(answers: tuple[Answer, ...]) -> bool:
    return any(not isinstance(one, Boxes | Masks) for one in answers)


def _fitted(width: int, height: int, most: int) -> QSize:
    """Return how large a picture is painted: a whole number of times its size where it is smaller."""
    times = most / max(width, height)
    times = float(int(times)) if times >= 2 else times
    return QSize(max(8, round(width * times)), max(8, round(height * times)))


def _drawn(page: Page, frames: Array, at: int) -> list[QImage]:
    """Return the frames of an example; with masks, the image, and again with each of them drawn over it."""
    masks = [one.classes[at] for one in (*page.wanted, *page.given) if isinstance(one, Masks)]
    if masks and len(frames) == 1:
        return [picture(frames[0]), *(picture(overlaid(frames[0], one)) for one in masks)]
    return [picture(frame) for frame in frames]


def _paint_boxes(painter: QPainter, target: QRect, page: Page, at: int) -> None:
    look = theme.current()
    for answers, colour, style in (
        (page.wanted, look.good, Qt.PenStyle.SolidLine),
        (page.given, look.bad, Qt.PenStyle.DashLine),
    ):
        painter.setPen(QPen(QColor(colour), 2, style))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for one in answers:
            if isinstance(one, Boxes):
                x, y, width, height = (float(value) for value in one.values[at])
                box = QRectF((x - width / 2), (y - height / 2), width, height)
                if box.isEmpty():
                    continue
                painter.save()
                painter.setClipRect(target)
                painter.drawRect(
                    QRectF(
                        target.x() + box.x() * target.width(),
                        target.y() + box.y() * target.height(),
                        box.width() * target.width(),
                        box.height() * target.height(),
                    )
                )
                painter.restore()


def _span(values: Array) -> tuple[float, float]:
    """Return the least and the most of what is drawn."""
    import numpy as np

    finite = values[np.isfinite(values)]
    if not finite.size:
        return 0.0, 1.0
    low, high = float(finite.min()), float(finite.max())
    return (low, high) if high > low else (low - 0.5, high + 0.5)


def _paint_curves(painter: QPainter, rect: QRectF, values: Array, span: tuple[float, float]) -> None:
    """Paint the features of a series (steps, features) over each other, and the ends of the scale."""
    look = theme.current()
    low, high = span
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.fillRect(rect, QColor(look.canvas))
    plot = rect.adjusted(4, 6, -4, -6)
    steps = max(1, len(values) - 1)
    for feature in range(values.shape[1]):
        points = QPolygonF()
        for step, value in enumerate(values[:, feature]):
            if value == value:  # what is missing leaves a gap closed by a line
                share = (float(value) - low) / (high - low)
                points.append(QPointF(plot.x() + plot.width() * step / steps, plot.bottom() - plot.height() * share))
        painter.setPen(QPen(class_colour(feature), 1.5))
        painter.drawPolyline(points)
    painter.setFont(theme.font(7.5))
    painter.setPen(QColor(look.dim))
    painter.drawText(
        rect.adjusted(4, 1, -4, -1), Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignRight, in_short(high)
    )
    painter.drawText(
        rect.adjusted(4, 1, -4, -1), Qt.AlignmentFlag.AlignBottom | Qt.AlignmentFlag.AlignRight, in_short(low)
    )
    painter.setFont(theme.font(10))
