"""The bar over the canvas that says inside of which group one is: a tab for every open group, and the way back.

It is there only while a group is open in a tab of its own.
"""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QEvent, QSize, Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QTabBar, QToolButton, QWidget

from playground.experiment import Experiment
from playground.nesting import has_level
from playground.sheet import Sheet
from playground.text import tr
from widgets.icons import icon

LONGEST_NAME = 28
"""Characters of a name on a tab; the whole name is in its tooltip."""


class LevelBar(QWidget):
    """Tabs for the network and for the groups that were opened, and the way to the one that is shown."""

    entered = Signal()
    """Another level was chosen here; the canvas wants the focus."""

    def __init__(self, sheet: Sheet, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("levels")
        self.sheet = sheet
        self._levels: list[str] = [""]
        self._syncing = False
        self.tabs = QTabBar(drawBase=False, expanding=False, objectName="level_tabs")
        self.tabs.setElideMode(Qt.TextElideMode.ElideNone)  # names are shortened here, their beginning stays
        self.tabs.setIconSize(QSize(16, 16))
        self.tabs.currentChanged.connect(self._on_tabs_current_changed)
        self.way = QWidget(objectName="breadcrumb")
        self._crumbs = QHBoxLayout(self.way)
        self._crumbs.setContentsMargins(0, 0, 0, 0)
        self._crumbs.setSpacing(0)
        row = QHBoxLayout(self)
        row.setContentsMargins(8, 4, 8, 0)
        row.setSpacing(16)
        row.addWidget(self.tabs, 1)
        row.addWidget(self.way)
        self.destroyed.connect(sheet.subscribe(self._sync))
        self.destroyed.connect(sheet.document.subscribe(self._on_document_changed))
        self.relabel()

    @property
    def levels(self) -> tuple[str, ...]:
        """The levels that have a tab, the network itself first."""
        return tuple(self._levels)

    def close_level(self, level: str) -> None:
        """Take a tab away; from the level that is shown one gets to the one around it."""
        if level:
            self._levels = [one for one in self._levels if one != level]
            if self.sheet.level == level:
                self.sheet.enter(level.rpartition(".")[0])
            self._sync()

    def relabel(self) -> None:
        """Say everything in the present language."""
        self.tabs.setAccessibleName(tr("Open groups"))
        self.way.setAccessibleName(tr("Way to this group"))
        self._sync()

    def _sync(self) -> None:
        """Show the tabs that are wanted and the way to the level that is shown."""
        whole, level = self.sheet.document.now.graph, self.sheet.level
        self._levels = [one for one in self._levels if has_level(whole, one)]
        if level not in self._levels:
            self._levels.append(level)
        self._syncing = True
        while self.tabs.count() > len(self._levels):
            self.tabs.removeTab(self.tabs.count() - 1)
        for i, one in enumerate(self._levels):
            if i == self.tabs.count():
                self.tabs.addTab("")
                if i:
                    self.tabs.setTabButton(i, QTabBar.ButtonPosition.RightSide, self._cross())
            self._name_tab(i, one)
        self.tabs.setCurrentIndex(self._levels.index(level))
        self._syncing = False
        self._sync_way()
        self.setVisible(len(self._levels) > 1)

    def _name_tab(self, i: int, level: str) -> None:
        name = self.sheet.name_of(level) if level else tr("Network")
        short = name if len(name) <= LONGEST_NAME else name[: LONGEST_NAME - 1] + "…"
        self.tabs.setTabText(i, short.replace("&", "&&"))
        self.tabs.setTabToolTip(i, level.replace(".", " › ") if level else self.sheet.document.name)
        self.tabs.setTabIcon(i, icon("mdi6.group" if level else "mdi6.graph-outline"))
        if isinstance(cross := self.tabs.tabButton(i, QTabBar.ButtonPosition.RightSide), QToolButton):
            cross.setToolTip(tr("Close this tab"))
            cross.setAccessibleName(tr("Close this tab"))

    def _cross(self) -> QToolButton:
        made = QToolButton(self.tabs, icon=icon("mdi6.close", "dim"), iconSize=QSize(12, 12), objectName="close_level")
        made.setFixedSize(18, 18)
        made.setStyleSheet("padding: 0")
        made.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # Ctrl+W closes by keyboard
        made.clicked.connect(self._on_cross_clicked)
        return made

    def _sync_way(self) -> None:
        while (item := self._crumbs.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.deleteLater()
        trail = self.sheet.trail
        for i, (level, name) in enumerate(trail):
            button = QToolButton(self.way, autoRaise=True, objectName=f"crumb_{level}")
            words = name if level else tr("Network")
            button.setText(f"› {words}" if i else words)
            button.setEnabled(i < len(trail) - 1)
            button.setToolTip(tr("Go to {name}", name=words))
            button.clicked.connect(partial(self._enter, level))
            self._crumbs.addWidget(button)

    def _enter(self, level: str) -> None:
        self.sheet.enter(level)
        self.entered.emit()

    def _on_tabs_current_changed(self, index: int) -> None:
        if not self._syncing and 0 <= index < len(self._levels):
            self._enter(self._levels[index])

    def _on_cross_clicked(self) -> None:
        right = QTabBar.ButtonPosition.RightSide
        index = next(i for i in range(self.tabs.count()) if self.tabs.tabButton(i, right) is self.sender())
        self.close_level(self._levels[index])
        self.entered.emit()

    def _on_document_changed(self, old: Experiment, new: Experiment) -> None:
        if len(self._levels) > 1 and (old.graph is not new.graph or old.title != new.title):
            self._sync()

    # -- Qt ----------------------------------------------------------------------------------------------------

    def changeEvent(self, event: QEvent) -> None:
        """Say everything again when the language changed."""
        if event.type() == QEvent.Type.LanguageChange:
            self.relabel()
        super().changeEvent(event)
