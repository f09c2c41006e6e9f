"""The menus whose entries are found out when they open: presets, recent files, panels, theme, language, pace."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu

from playground.presets import presets
from playground.text import LANGUAGES, Sentence, language, tr
from widgets import theme
from widgets.bits import fill_choices, pace_label
from widgets.icons import icon
from widgets.preset_titles import title_of
from widgets.run_bar import PACES, THEMES

if TYPE_CHECKING:
    from widgets.window import Window


class Menus(QObject):
    """Fills the window's changing menus and does what is chosen in them."""

    def __init__(self, window: Window) -> None:
        super().__init__(window)
        self.window, self.actions = window, window.actions_by_key
        for key in ("presets", "recent", "panels", "theme", "language", "pace"):
            self.actions.fillable[key].aboutToShow.connect(getattr(self, f"_fill_{key}"))

    def _fill_presets(self) -> None:
        menu = self.actions.fillable["presets"]
        menu.clear()
        for preset in presets():
            self._add_choice(menu, title_of(preset), preset.name, self._on_document_chosen)

    def _fill_recent(self) -> None:
        menu = self.actions.fillable["recent"]
        menu.clear()
        for path in self.window.settings.recent():
            self._add_choice(menu, path.name, str(path), self._on_document_chosen).setToolTip(str(path))
        if menu.isEmpty():
            menu.addAction(tr("No files yet")).setEnabled(False)

    def _fill_panels(self) -> None:
        menu = self.actions.fillable["panels"]
        menu.clear()
        if self.window.workspace is None:
            return
        shown = self.window.workspace.panels.wanted()
        for key, kind in self.window.workspace.panels.kinds.items():
            action = self._add_choice(menu, str(Sentence(kind.title)), key, self._on_panel_chosen)
            action.setIcon(icon(kind.icon))
            action.setCheckable(True)
            action.setChecked(key in shown)

    def _fill_theme(self) -> None:
        menu = self.actions.fillable["theme"]
        fill_choices(menu, [(str(Sentence(words)), key) for key, words in THEMES.items()], theme.APPEARANCE.choice)
        for action in menu.actions():
            action.triggered.connect(self._on_theme_chosen)

    def _fill_language(self) -> None:
        menu = self.actions.fillable["language"]
        fill_choices(menu, [(name, code) for code, name in LANGUAGES.items()], language())
        for action in menu.actions():
            action.triggered.connect(self._on_language_chosen)

    def _fill_pace(self) -> None:
        menu = self.actions.fillable["pace"]
        fill_choices(menu, [(pace_label(pace), pace) for pace in PACES], self.window.session.pace)
        for action in menu.actions():
            action.triggered.connect(self._on_pace_chosen)

    def _add_choice(self, menu: QMenu, label: str, data: object, slot: Callable[[], None]) -> QAction:
        action = menu.addAction(label.replace("&", "&&"))
        action.setData(data)
        action.triggered.connect(slot)
        return action

    def _on_document_chosen(self) -> None:
        self.window.filing.open_path(self.sender().data())

    def _on_panel_chosen(self) -> None:
        action = self.sender()
        if self.window.workspace is not None:
            self.window.workspace.panels.toggle(action.data(), action.isChecked())

    def _on_theme_chosen(self) -> None:
        self.window.choose_theme(self.sender().data())

    def _on_language_chosen(self) -> None:
        self.window.choose_language(self.sender().data())

    def _on_pace_chosen(self) -> None:
        self.window.session.set_pace(self.sender().data())
