"""The stages of a step: a list in four headed parts where there is room, else one to be opened, and the way along."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from PySide6.QtCore import QSignalBlocker, Qt, QTimer, Signal
from PySide6.QtGui import QColor, QIcon, QKeyEvent, QPainter, QPixmap
from PySide6.QtWidgets import QComboBox, QFrame, QHBoxLayout, QListWidget, QListWidgetItem, QWidget

from playground.explaining import PHASES, Stage
from playground.text import Sentence, tr
from widgets.icons import icon
from widgets.panels.parts.plots import icon_button
from widgets.theme import current, family_colour, font

PACE_MS = 1500
"""How long a stage stands while they pass by themselves."""

NUMBER = Qt.ItemDataRole.UserRole
"""Where an item of the list keeps the number of its stage."""

Family = Callable[[str], str]
"""Says of which family a node is, by its path."""


class StageList(QListWidget):
    """All stages, below the names of the four parts.

    Signals:
        wanted(int): go to this stage.
    """

    wanted = Signal(int)

    def __init__(self, name: str) -> None:
        super().__init__()
        self.setObjectName(name)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setUniformItemSizes(True)
        self.currentItemChanged.connect(self._on_current_item_changed)

    def show_stages(self, stages: Sequence[Stage], family: Family) -> None:
        """List other stages."""
        blocked, phase, names = QSignalBlocker(self), "", short_names(stage.node for stage in stages)
        self.clear()
        for number, stage in enumerate(stages):
            if stage.phase != phase:
                phase = stage.phase
                head = QListWidgetItem(str(Sentence(PHASES[phase])))
                head.setFlags(Qt.ItemFlag.NoItemFlags)
                head.setFont(font(9, semibold=True))
                self.addItem(head)
            item = QListWidgetItem(_dot(family(stage.node)), names[stage.node])
            item.setData(NUMBER, number)
            item.setToolTip(_told(stage))
            self.addItem(item)
        del blocked

    def choose(self, number: int) -> None:
        """Show which stage is looked at."""
        for row in range(self.count()):
            if self.item(row).data(NUMBER) == number:
                if self.currentRow() != row:
                    blocked = QSignalBlocker(self)
                    self.setCurrentRow(row)
                    del blocked
                self.scrollToItem(self.item(row))
                return

    def recolour(self) -> None:
        """Take the colours of the theme."""
        now = current()
        self.setStyleSheet(
            "QListWidget { background: transparent; border: none; outline: none; }"
            "QListWidget::item { padding: 2px 6px; border-radius: 5px; }"
            f"QListWidget::item:disabled {{ color: {now.dim}; padding-left: 0; }}"
            f"QListWidget::item:hover:!selected {{ background: {now.field}; }}"
            f"QListWidget::item:selected {{ background: {now.accent}; color: {now.on_accent}; }}"
        )

    def _on_current_item_changed(self, item: QListWidgetItem | None, _before: QListWidgetItem | None) -> None:
        if item is not None and item.data(NUMBER) is not None:
            self.wanted.emit(item.data(NUMBER))

    # -- Qt ----------------------------------------------------------------------------------------------------

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Walk with the arrow keys; the names of the parts are passed over, also at the ends."""
        numbers = [n for row in range(self.count()) if (n := self.item(row).data(NUMBER)) is not None]
        item = self.currentItem()
        now = item.data(NUMBER) if item is not None else 0
        goals = {
            Qt.Key.Key_Home: 0,
            Qt.Key.Key_End: len(numbers) - 1,
            Qt.Key.Key_Up: (now or 0) - 1,
            Qt.Key.Key_Down: (now or 0) + 1,
        }
        goal = goals.get(Qt.Key(event.key()))
        if goal is None or event.modifiers():
            super().keyPressEvent(event)
        elif 0 <= goal < len(numbers):
            self.wanted.emit(goal)


class Way(QWidget):
    """The way along the stages: the one before and after, by themselves, and, where there is no list, one to open.

    Signals:
        wanted(int): go to this stage.
    """

    wanted = Signal(int)

    def __init__(self, name: str) -> None:
        super().__init__()
        self.setObjectName(name)
        self.count, self.now = 0, 0
        self.before = icon_button(f"{name}_before", "mdi6.skip-previous")
        self.after = icon_button(f"{name}_after", "mdi6.skip-next")
        self.play = icon_button(f"{name}_play", "mdi6.play")
        self.play.setAutoRepeat(False)
        self.play.setCheckable(True)
        self.choice = QComboBox(objectName=f"{name}_choice")
        self.choice.setMinimumContentsLength(10)
        self.choice.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self._timer = QTimer(self, interval=PACE_MS)
        self._timer.timeout.connect(self._on_timeout)
        self.before.clicked.connect(self._on_before_clicked)
        self.after.clicked.connect(self._on_after_clicked)
        self.play.toggled.connect(self._on_play_toggled)
        self.choice.activated.connect(self.wanted)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(4)
        for widget in (self.before, self.play, self.after):
            row.addWidget(widget)
        row.addWidget(self.choice, 1)
        row.addStretch(0)  # where nothing is to be opened

    def show_stages(self, stages: Sequence[Stage]) -> None:
        """Offer other stages."""
        self.count = len(stages)
        self.choice.clear()
        names = short_names(stage.node for stage in stages)
        self.choice.addItems([f"{Sentence(PHASES[stage.phase])} · {names[stage.node]}" for stage in stages])
        self.choice.view().setMinimumWidth(self.choice.view().sizeHintForColumn(0) + 24)
        self.choose(self.now)

    def choose(self, number: int) -> None:
        """Show which stage is looked at."""
        self.now = number
        self.choice.setCurrentIndex(number)
        self.before.setEnabled(number > 0)
        self.after.setEnabled(number < self.count - 1)
        if number >= self.count - 1:
            self.play.setChecked(False)

    def rest(self) -> None:
        """Stop going by itself."""
        self.play.setChecked(False)

    def relabel(self) -> None:
        """Say everything in the present language."""
        playing = self.play.isChecked()
        words = (
            (self.before, tr("The stage before")),
            (self.after, tr("The next stage")),
            (self.play, tr("Stop here") if playing else tr("Go through the stages one after the other")),
            (self.choice, tr("The stage that is explained")),
        )
        for widget, said in words:
            widget.setAccessibleName(said)
            widget.setToolTip(said)

    def _on_before_clicked(self) -> None:
        self.wanted.emit(max(0, self.now - 1))

    def _on_after_clicked(self) -> None:
        self.wanted.emit(min(self.count - 1, self.now + 1))

    def _on_play_toggled(self, on: bool) -> None:
        if on and self.now >= self.count - 1:
            self.wanted.emit(0)
        self._timer.start() if on else self._timer.stop()
        self.play.setIcon(icon("mdi6.pause" if on else "mdi6.play", "dim"))
        self.relabel()

    def _on_timeout(self) -> None:
        self._on_after_clicked()


def short_names(paths: Iterable[str]) -> dict[str, str]:
    """Return the paths without the numbers of groups that are there but once."""
    split = {path: path.split(".") for path in paths}
    there = {tuple(parts[:k]) for parts in split.values() for k in range(len(parts) + 1)}
    return {
        path: ".".join(part for k, part in enumerate(parts) if part != "1" or k == 0 or (*parts[:k], "2") in there)
        for path, parts in split.items()
    }


def _told(stage: Stage) -> str:
    """Say a stage in full."""
    words = f"{Sentence(PHASES[stage.phase])}: {stage.node}"
    return words if stage.by_hand else f"{words}\n{tr('Passed through by autograd: no formula is written down for it')}"


def _dot(family: str) -> QIcon:
    """Draw the sign of a family: a dot in its colour."""
    picture = QPixmap(20, 20)
    picture.fill(Qt.GlobalColor.transparent)
    painter = QPainter(picture)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(family_colour(family)))
    painter.drawEllipse(5, 5, 10, 10)
    painter.end()
    return QIcon(picture)
