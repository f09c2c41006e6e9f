"""The start page: presets as cards with pictures, grouped by what they are about, and recent files."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QKeyEvent,
    QPainter,
    QPaintEvent,
)
from PySide6.QtWidgets import (
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
from playground.graph_json import unfolded_size
from playground.presets import Preset, presets
from playground.text import Refusal, Sentence, note, tr
from widgets import theme
from widgets.icons import icon
from widgets.preset_cards import CARD, GAP, Card, Cards

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
