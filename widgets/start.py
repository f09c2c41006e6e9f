"""The start page: presets as cards with pictures, grouped by what they are about, and recent files."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

from PySide6.QtCore import QEvent, QPoint, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QFontMetrics,
    QKeyEvent,
    QPainter,
    QPainterPath,
    QPaintEvent,
    QPen,
    QPixmap,
    QResizeEvent,
)
from PySide6.QtWidgets import (
    QAbstractButton,
    QFrame,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from playground import nesting
from playground.experiment import Experiment
from playground.fuzzy import INSIDE, score
from playground.graph_json import unfolded_size
from playground.presets import Preset, presets
from playground.text import Refusal, Sentence, note, tr
from widgets import theme
from widgets.icons import icon

CARD = QSize(236, 222)
PICTURE = 132
GAP = 16
FIRST = ("xor", "lenet", "resnet", "textcnn")
"""The presets to begin with, in this order."""

GROUPS = {
    "first": note("Begin here"),
    "Dense": note("Perceptrons and dense networks"),
    "Convolution": note("Convolutional networks"),
    "Recurrent": note("Recurrent networks"),
    "Attention": note("Attention"),
    "published": note("Published networks"),
    "own": note("Your own"),
}
"""The groups of the page; a preset that has no place of its own belongs to a family whose blocks it uses."""

FAMILIES = ("Attention", "Recurrent", "Convolution", "Dense")
"""The families in the order in which they decide."""


class Card(QAbstractButton):
    """One preset: its picture, title and the first words about it."""

    def __init__(self, preset: Preset, experiment: Experiment | None, parent: QWidget) -> None:
        super().__init__(parent)
        self.preset, self._experiment = preset, experiment
        self.setObjectName(f"preset_{preset.name}")
        self.setFixedSize(CARD)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self._picture = QPixmap(str(preset.picture)) if preset.picture else QPixmap()
        self.relabel()

    def is_found(self, query: str) -> bool:
        """Whether a query finds the preset: by its title, its name, or a row of the curriculum."""
        texts = (self.accessibleName(), self.preset.name, *(self._experiment.rows if self._experiment else ()))
        return not query.strip() or any((score(query, text) or 0.0) >= INSIDE for text in texts)

    def relabel(self) -> None:
        """Say everything in the present language."""
        experiment = self._experiment
        self.title = (str(experiment.title) if experiment else "") or self.preset.name
        about = str(experiment.about) if experiment else tr("This file cannot be read.")
        self.about = about.split("\n\n")[0]
        self.setAccessibleName(self.title)
        self.setAccessibleDescription(self.about)
        self.setToolTip(self.about)
        self.update()

    # -- Qt ----------------------------------------------------------------------------------------------------

    def sizeHint(self) -> QSize:
        """All cards are of one size."""
        return CARD

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter opens, as Space does."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.click()
            return
        super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the card."""
        painter, colours = QPainter(self), theme.current()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        near = self.underMouse() or self.hasFocus()
        whole = QRectF(self.rect()).adjusted(1, 1, -1, -1)
        shape = QPainterPath()
        shape.addRoundedRect(whole, 10, 10)
        painter.fillPath(shape, QColor(colours.card))
        painter.save()
        painter.setClipPath(shape)
        top = QRect(0, 0, self.width(), PICTURE)
        painter.fillRect(top, QColor(colours.canvas))
        if self._picture.isNull():
            _paint_sketch(painter, top, self._experiment)
        else:
            _paint_picture(painter, top, self._picture)
        painter.fillRect(0, PICTURE, self.width(), 1, QColor(colours.line))
        painter.restore()
        painter.setPen(QPen(QColor(colours.accent if near else colours.line), 2 if near else 1))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawPath(shape)
        self._paint_words(painter)
        painter.end()

    def _paint_words(self, painter: QPainter) -> None:
        colours, left, width = theme.current(), 14, self.width() - 28
        painter.setFont(theme.font(10.5, semibold=True))
        painter.setPen(QColor(colours.text))
        title = painter.fontMetrics().elidedText(self.title, Qt.TextElideMode.ElideRight, width)
        painter.drawText(QRect(left, PICTURE + 9, width, 22), Qt.AlignmentFlag.AlignVCenter, title)
        painter.setFont(theme.font(9))
        painter.setPen(QColor(colours.dim))
        line = painter.fontMetrics().height()
        for row, text in enumerate(_lines(self.about, painter.fontMetrics(), width, 3)):
            painter.drawText(QPoint(left, PICTURE + 34 + painter.fontMetrics().ascent() + row * line), text)


class Cards(QWidget):
    """Cards side by side, in as many rows as the width asks for."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.cards: list[Card] = []
        self.query = ""

    def find(self, query: str) -> bool:
        """Show only the cards that a query finds; return whether there are any."""
        self.query = query
        for card in self.cards:
            card.setVisible(card.is_found(query))
        self._arrange()
        return bool(self._found())

    def _found(self) -> list[Card]:
        return [card for card in self.cards if card.is_found(self.query)]

    def _arrange(self) -> None:
        columns = self.columns()
        for number, card in enumerate(self._found()):
            row, column = divmod(number, columns)
            card.move(column * (CARD.width() + GAP), row * (CARD.height() + GAP))
        self.setFixedHeight(max(0, self.heightForWidth(self.width())))

    def columns(self) -> int:
        """How many cards stand in a row."""
        return max(1, (self.width() + GAP) // (CARD.width() + GAP))

    # -- Qt ----------------------------------------------------------------------------------------------------

    def hasHeightForWidth(self) -> bool:
        """A narrow page has more rows."""
        return True

    def heightForWidth(self, width: int) -> int:
        """How high the rows are at this width."""
        columns = max(1, (width + GAP) // (CARD.width() + GAP))
        rows = -(-len(self._found()) // columns)
        return rows * (CARD.height() + GAP) - GAP

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Put the cards into rows."""
        self._arrange()


class StartPage(QScrollArea):
    """What is shown until something is opened.

    Signals:
        presetChosen(str): open this preset.
        fileChosen(object): open this file (a Path).
        newChosen(), openChosen(): begin with nothing; choose a file.
        left(): Escape: back to what is open.
    """

    presetChosen = Signal(str)
    fileChosen = Signal(object)
    newChosen = Signal()
    openChosen = Signal()
    left = Signal()

    def __init__(self, recent: list[Path], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("start_page")
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.cards: dict[str, Card] = {}
        self.recent_buttons: list[QPushButton] = []
        self._recent: list[Path] = []
        self._sections: list[tuple[QLabel, Cards]] = []
        self.refresh(recent)

    def refresh(self, recent: list[Path]) -> None:
        """Look again which presets and recent files there are."""
        self._recent = recent
        self.cards, self.recent_buttons, self._sections = {}, [], []
        page = QWidget()
        page.setProperty("kind", "page")
        outer = QHBoxLayout(page)
        outer.setContentsMargins(32, 32, 32, 32)
        column = QVBoxLayout()
        column.setSpacing(10)
        self._add_head(column)
        self._add_recent(column)
        self._add_groups(column)
        column.addStretch(1)
        body = QWidget()
        body.setLayout(column)
        body.setMaximumWidth(5 * (CARD.width() + GAP))
        outer.addWidget(body)
        self.setWidget(page)

    def _add_head(self, column: QVBoxLayout) -> None:
        title, about = QLabel(tr("Network Playground")), QLabel(tr("Draw a network, train it, watch it learn."))
        title.setFont(theme.font(20, semibold=True))
        about.setProperty("role", "dim")
        words = QVBoxLayout()
        words.setSpacing(2)
        words.addWidget(title)
        words.addWidget(about)
        self.search = QLineEdit(objectName="start_search", clearButtonEnabled=True)
        self.search.setPlaceholderText(tr("Search presets"))
        self.search.setAccessibleName(tr("Search presets"))
        self.search.setFixedWidth(200)
        self.search.textChanged.connect(self._on_search_changed)
        new = QPushButton(tr("New"), icon=icon("mdi6.file-outline", "on_accent"), objectName="start_new")
        new.setProperty("kind", "accent")
        new.clicked.connect(self.newChosen)
        open_ = QPushButton(tr("Open…"), icon=icon("mdi6.folder-open-outline"), objectName="start_open")
        open_.clicked.connect(self.openChosen)
        row = QHBoxLayout()
        row.addLayout(words)
        row.addStretch(1)
        row.addWidget(self.search)
        row.addWidget(new)
        row.addWidget(open_)
        column.addLayout(row)
        column.addSpacing(8)

    def _add_recent(self, column: QVBoxLayout) -> None:
        if not self._recent:
            return
        column.addWidget(_heading(tr("Recent")))
        row = QHBoxLayout()
        row.setSpacing(8)
        for path in self._recent[:5]:
            button = QPushButton(path.stem, icon=icon("mdi6.history", "dim"), objectName="recent_file")
            button.setToolTip(str(path))
            button.setProperty("path", str(path))
            button.clicked.connect(self._on_recent_clicked)
            self.recent_buttons.append(button)
            row.addWidget(button)
        row.addStretch(1)
        column.addLayout(row)
        column.addSpacing(8)

    def _add_groups(self, column: QVBoxLayout) -> None:
        groups: dict[str, list[tuple[Preset, Experiment | None]]] = {key: [] for key in GROUPS}
        for preset in presets():
            try:
                experiment: Experiment | None = preset.experiment
            except Refusal:  # still shown: opening it says what is wrong
                experiment = None
            groups[_group(preset, experiment)].append((preset, experiment))
        for key, found in groups.items():
            if not found:
                continue
            heading, cards = _heading(str(Sentence(GROUPS[key]))), Cards()
            column.addWidget(heading)
            self._sections.append((heading, cards))
            for preset, experiment in sorted(found, key=_rank):
                card = Card(preset, experiment, cards)
                card.clicked.connect(self._on_card_clicked)
                self.cards[preset.name] = card
                cards.cards.append(card)
            column.addWidget(cards)
            column.addSpacing(10)

    def _on_search_changed(self, query: str) -> None:
        for heading, cards in self._sections:
            found = cards.find(query)
            heading.setVisible(found)
            cards.setVisible(found)

    def _on_card_clicked(self) -> None:
        self.presetChosen.emit(self.sender().preset.name)

    def _on_recent_clicked(self) -> None:
        self.fileChosen.emit(Path(self.sender().property("path")))

    # -- Qt ----------------------------------------------------------------------------------------------------

    def changeEvent(self, event: QEvent) -> None:
        """Say everything again when the language changed."""
        if event.type() == QEvent.Type.LanguageChange:
            self.refresh(self._recent)
        super().changeEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Escape goes back to what is open."""
        if event.key() == Qt.Key.Key_Escape:
            self.left.emit()
            return
        super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the ground."""
        painter = QPainter(self.viewport())
        painter.fillRect(self.viewport().rect(), QColor(theme.current().canvas))
        painter.end()


def _heading(text: str) -> QLabel:
    label = QLabel(text)
    label.setFont(theme.font(11, semibold=True))
    return label


def _group(preset: Preset, experiment: Experiment | None) -> str:
    if not preset.built_in or experiment is None:
        return "own"
    if preset.name in FIRST:
        return "first"
    if not experiment.source.is_chosen:
        return "published"
    levels = (experiment.graph, *(group.graph for _, group in nesting.groups(experiment.graph)))
    families = {node.block.family for graph in levels for node in graph.nodes.values()}
    return next((key for key in FAMILIES if key in families), "Dense")


def _rank(one: tuple[Preset, Experiment | None]) -> tuple[object, ...]:
    """Return where a preset stands in its group: what to begin with as listed, all else in the curriculum's order."""
    preset, experiment = one
    if preset.name in FIRST:
        return (FIRST.index(preset.name),)
    if experiment is None:
        return (1, "", 0, 0, preset.name)
    row = experiment.rows[0] if experiment.rows else ""
    number = int(row[1:]) if row[1:].isdecimal() else 0
    return (0, row[:1], number, unfolded_size(experiment.graph), preset.name)


def _lines(text: str, metrics: QFontMetrics, width: int, most: int) -> list[str]:
    """Break a text into lines; the last ends in an ellipsis where there is more. Chinese breaks anywhere."""
    lines: list[str] = []
    rest = text.strip()
    while rest and len(lines) < most:
        if len(lines) == most - 1:
            return [*lines, metrics.elidedText(rest[:120], Qt.TextElideMode.ElideRight, width)]
        end = _fitting(rest, metrics, width)
        if end < len(rest):
            inside_word = rest[end - 1].isascii() and rest[end].isascii()
            space = rest.rfind(" ", 0, end + 1)
            if inside_word and space > 0:
                end = space
            elif rest[end] in "，。、；：？！”）》" and end > 1:  # these never begin a line
                end -= 1
        lines.append(rest[:end].rstrip())
        rest = rest[end:].lstrip()
    return lines


def _fitting(text: str, metrics: QFontMetrics, width: int) -> int:
    """Return how many characters fit, by halving: measuring text is what takes time here."""
    low, high = 1, min(len(text), 120)
    while low < high:
        middle = (low + high + 1) // 2
        if metrics.horizontalAdvance(text[:middle]) <= width:
            low = middle
        else:
            high = middle - 1
    return low


def _paint_picture(painter: QPainter, rect: QRect, picture: QPixmap) -> None:
    """Fill the rectangle with the picture; what is too much is cut at the sides."""
    scale = max(rect.width() / picture.width(), rect.height() / picture.height())
    width, height = rect.width() / scale, rect.height() / scale
    source = QRectF((picture.width() - width) / 2, (picture.height() - height) / 2, width, height)
    painter.drawPixmap(QRectF(rect), picture, source)


def _paint_sketch(painter: QPainter, rect: QRect, experiment: Experiment | None) -> None:
    """Draw the chain of blocks as small coloured cards, where there is no picture."""
    colours = theme.current()
    painter.setBrush(QColor(colours.dot))
    painter.setPen(Qt.PenStyle.NoPen)
    for x in range(rect.left() + 10, rect.right(), 16):
        for y in range(rect.top() + 10, rect.bottom(), 16):
            painter.drawEllipse(QPoint(x, y), 1, 1)
    nodes = [] if experiment is None else [experiment.graph.nodes[id].block for id in experiment.graph.order][:15]
    columns = min(5, len(nodes)) or 1
    rows = -(-len(nodes) // columns)
    wide, high = 30, 22
    step_x, step_y = (rect.width() - 24) / columns, min(40.0, (rect.height() - 8) / max(1, rows))
    places = []
    for number in range(len(nodes)):
        row, column = divmod(number, columns)
        x = rect.left() + 12 + step_x * (column + 0.5)
        y = rect.center().y() + step_y * (row - (rows - 1) / 2)
        places.append((x, y))
    painter.setPen(QPen(QColor(colours.wire), 1.5))
    for (x0, y0), (x1, y1) in pairwise(places):
        if y0 == y1:
            painter.drawLine(QPoint(round(x0), round(y0)), QPoint(round(x1), round(y1)))
    for (x, y), block in zip(places, nodes, strict=True):
        card = QRectF(x - wide / 2, y - high / 2, wide, high)
        painter.setPen(QPen(QColor(colours.line), 1))
        painter.setBrush(QColor(colours.card))
        painter.drawRoundedRect(card, 4, 4)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.family_colour(block.family))
        painter.drawRoundedRect(QRectF(card.left(), card.top(), wide, 4), 2, 2)
