"""How many there are of what: bars for each class, tag, range or token, a bar for each split."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QSize, Qt, Signal
from PySide6.QtGui import QColor, QPainter, QStandardItem, QStandardItemModel
from PySide6.QtWidgets import QListView, QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from playground.browsing.answers import Overview, Tally
from playground.text import Sentence, count, note, tr
from widgets import theme
from widgets.data_view.sentences import SIGNS
from widgets.data_view.wording import class_colour, in_short

BAR = Qt.ItemDataRole.UserRole + 1
ROW, BARS = 22, 3

KINDS = {
    "classes": note("Examples of each class: {name}"),
    "steps": note("Steps of each class: {name}"),
    "pixels": note("Pixels of each class: {name}"),
    "numbers": note("How the numbers spread: {name}"),
    "tokens": note("Most frequent tokens: {name}"),
}

CLASSES = ("classes", "steps", "pixels")

SPLITS = {"train": note("train"), "validation": note("validation"), "test": note("test")}
"""What the splits are called."""


def split_colour(split: str) -> QColor:
    """Return the colour of a split."""
    look = theme.current()
    return QColor({"train": look.training, "validation": look.validation}.get(split, look.wire))


@dataclass(frozen=True)
class Bar:
    """One row: what, how many by split, and which share of the largest that is.

    `label` where it can be chosen, `colour` where it is drawn in the colour of a class.
    """

    name: str
    counts: Mapping[str, int]
    shares: Mapping[str, float]
    label: int | None = None
    colour: int | None = None


class Counts(QListView):
    """The list of bars. A class that is clicked, or chosen with Enter, is shown alone.

    Signals:
        labelChosen(object): the number of a class.
    """

    labelChosen = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("data_counts")
        self.setModel(QStandardItemModel(self))
        self.setFrameShape(QListView.Shape.NoFrame)
        self.setEditTriggers(QListView.EditTrigger.NoEditTriggers)
        self.setVerticalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setUniformItemSizes(True)
        self.viewport().setAutoFillBackground(False)
        self.bars = Bars(self)
        self.setItemDelegate(self.bars)
        self.clicked.connect(self._on_activated)
        self.activated.connect(self._on_activated)

    def show_counts(self, overview: Overview, split: str) -> None:
        """Show the tallies; numbers are those of this split."""
        self.bars.split = split
        model = self.model()
        assert isinstance(model, QStandardItemModel)
        model.clear()
        splits = [split for split in SPLITS if any(split in tally.counts for tally in overview.tallies)]
        if len(splits) > 1:
            legend = _heading(", ".join(map(tr_split, splits)), small=True)
            legend.setData(tuple(splits), BAR)
            model.appendRow(legend)
        for tally in overview.tallies:
            model.appendRow(_heading(_title(tally)))
            for bar in _bars(tally, overview.choosing):
                model.appendRow(_item(bar))
            if tally.more:
                model.appendRow(_heading(str(count("and {n} more", "and {n} more", tally.more)), small=True))
            if tally.partly:
                model.appendRow(_heading(tr("only the first examples are counted"), small=True))

    def show_split(self, split: str) -> None:
        """Show the numbers of another split."""
        self.bars.split = split
        self.viewport().update()

    def _on_activated(self, index: QModelIndex) -> None:
        bar = index.data(BAR)
        if isinstance(bar, Bar) and bar.label is not None:
            self.labelChosen.emit(bar.label)


def _title(tally: Tally) -> str:
    return str(Sentence(KINDS[tally.kind], (("name", tally.name),)))


def _heading(text: str, small: bool = False) -> QStandardItem:
    item = QStandardItem(text)
    item.setFlags(Qt.ItemFlag.ItemIsEnabled)
    item.setToolTip(text)
    item.setData("small" if small else "heading", BAR)
    return item


def _item(bar: Bar) -> QStandardItem:
    found = [tr("{split}: {n}", split=tr_split(split), n=n) for split, n in bar.counts.items()]
    said = f"{bar.name} – {', '.join(found)}"
    item = QStandardItem(bar.name)
    item.setData(bar, BAR)
    item.setData(said, Qt.ItemDataRole.AccessibleTextRole)
    item.setToolTip(said)
    return item


def tr_split(split: str) -> str:
    """Return what a split is called in the present language."""
    return str(Sentence(SPLITS[split])) if split in SPLITS else split


def _bars(tally: Tally, choosing: str) -> list[Bar]:
    names = list(tally.names) or [
        f"{in_short(low, 3)} … {in_short(high, 3)}" for low, high in zip(tally.edges, tally.edges[1:], strict=False)
    ]
    splits = [split for split in SPLITS if split in tally.counts]
    totals = {split: max(1, int(found.sum())) for split, found in tally.counts.items()}
    most = max((float(found.max()) / totals[s] for s, found in tally.counts.items() if found.size), default=0.0) or 1.0
    chosen = tally.name == choosing and tally.kind in CLASSES
    return [
        Bar(
            SIGNS.get(name, name),
            {split: int(tally.counts[split][at]) for split in splits},
            {split: float(tally.counts[split][at]) / totals[split] / most for split in splits},
            tally.numbers[at] if chosen else None,
            tally.numbers[at] if _is_drawn(tally, at) else None,
        )
        for at, name in enumerate(names)
    ]


def _is_drawn(tally: Tally, at: int) -> bool:
    """Whether a class is seen in its colour: not the ground of masks, nor what is outside of all names."""
    if tally.kind == "pixels":
        return tally.numbers[at] > 0
    return tally.kind == "classes" or (tally.kind == "steps" and tally.names[at] != "O")


class Bars(QStyledItemDelegate):
    """Paints a row: the name, its bars, how many."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.split = "train"

    def _paint_bar(self, painter: QPainter, rect: QRect, bar: Bar) -> None:
        look, metrics = theme.current(), painter.fontMetrics()
        number = f"{bar.counts.get(self.split, 0):,}"
        right = QRect(rect.right() - 56, rect.y(), 56, rect.height())
        wide = min(140, max(48, rect.width() * 9 // 20))
        left = QRect(rect.x(), rect.y(), wide, rect.height())
        if bar.colour is not None:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(class_colour(bar.colour))
            painter.drawEllipse(left.x(), left.center().y() - 3, 8, 8)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
            left.setLeft(left.x() + 14)
        painter.setPen(QColor(look.text))
        middle = Qt.AlignmentFlag.AlignVCenter
        name = metrics.elidedText(bar.name, Qt.TextElideMode.ElideRight, left.width())
        painter.drawText(left, middle | Qt.AlignmentFlag.AlignLeft, name)
        painter.drawText(right, middle | Qt.AlignmentFlag.AlignRight, number)
        room = QRect(left.right() + 8, rect.y(), max(0, right.left() - left.right() - 12), rect.height())
        step = BARS + 1
        y = room.center().y() - len(bar.shares) * step // 2 + 1
        for split, share in bar.shares.items():
            if share > 0:
                painter.fillRect(room.x(), y, max(1, round(room.width() * share)), BARS, split_colour(split))
            y += step

    # -- Qt ----------------------------------------------------------------------------------------------------

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        """Return how high a row is."""
        return QSize(80, ROW)

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        """Paint a heading or a bar."""
        painter.save()
        look, bar = theme.current(), index.data(BAR)
        rect: QRect = option.rect.adjusted(10, 0, -10, 0)
        marked = QStyle.StateFlag.State_Selected | QStyle.StateFlag.State_MouseOver
        if isinstance(bar, Bar):
            if option.state & marked and bar.label is not None:
                painter.fillRect(option.rect, QColor(look.field))
            self._paint_bar(painter, rect, bar)
        elif isinstance(bar, tuple):
            _paint_legend(painter, rect, bar)
        else:
            painter.setFont(theme.font(9, semibold=bar == "heading"))
            painter.setPen(QColor(look.text if bar == "heading" else look.dim))
            text = painter.fontMetrics().elidedText(index.data(), Qt.TextElideMode.ElideRight, rect.width())
            painter.drawText(rect, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, text)
        painter.restore()


def _paint_legend(painter: QPainter, rect: QRect, splits: tuple[str, ...]) -> None:
    """Say which colour is which split."""
    painter.setFont(theme.font(9))
    painter.setPen(QColor(theme.current().dim))
    x = rect.x()
    for split in splits:
        painter.fillRect(x, rect.center().y() - 3, 8, 8, split_colour(split))
        words = tr_split(split)
        wide = painter.fontMetrics().horizontalAdvance(words)
        left = QRect(x + 13, rect.y(), wide + 2, rect.height())
        painter.drawText(left, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, words)
        x += wide + 26
