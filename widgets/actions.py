"""Everything a person can tell the window to do, declared once: menus, shortcuts, tooltips and the help sheet.

The window connects each key to what it does; nothing else makes a `QAction`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from PySide6.QtCore import QObject, Qt
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QMenu, QWidget

from playground.text import Sentence, note, tr
from widgets.icons import icon


class Spec(NamedTuple):
    """One action: its key, words, icon, shortcuts and menu. `fill` marks a submenu that the window fills."""

    key: str
    text: str
    icon: str
    keys: tuple[str, ...]
    menu: str
    fill: bool = False
    checkable: bool = False


MENUS = (note("File"), note("Edit"), note("View"), note("Run"), note("Help"))

ACTIONS: tuple[Spec | None, ...] = (
    Spec("new", note("New"), "mdi6.file-outline", ("Ctrl+N",), "File"),
    Spec("open", note("Open…"), "mdi6.folder-open-outline", ("Ctrl+O",), "File"),
    Spec("presets", note("Open preset"), "mdi6.view-grid-outline", (), "File", fill=True),
    Spec("recent", note("Recent"), "mdi6.history", (), "File", fill=True),
    Spec("start", note("Start page"), "mdi6.home-outline", ("Ctrl+Shift+O",), "File"),
    None,
    Spec("save", note("Save"), "mdi6.content-save-outline", ("Ctrl+S",), "File"),
    Spec("save_as", note("Save as…"), "", ("Ctrl+Shift+S",), "File"),
    Spec("save_preset", note("Save as preset…"), "mdi6.bookmark-plus-outline", (), "File"),
    None,
    Spec("quit", note("Quit"), "", ("Ctrl+Q",), "File"),
    Spec("undo", note("Undo"), "mdi6.undo", ("Ctrl+Z",), "Edit"),
    Spec("redo", note("Redo"), "mdi6.redo", ("Ctrl+Shift+Z", "Ctrl+Y"), "Edit"),
    Spec("fit", note("Fit the network"), "mdi6.fit-to-page-outline", ("Ctrl+0",), "View"),
    Spec("tidy", note("Tidy up"), "mdi6.auto-fix", ("Ctrl+L",), "View"),
    None,
    Spec("panels", note("Panels"), "mdi6.view-dashboard-outline", (), "View", fill=True),
    Spec("palette", note("Palette"), "", ("Ctrl+1",), "View", checkable=True),
    Spec("inspector", note("Inspector"), "", ("Ctrl+2",), "View", checkable=True),
    Spec("problems", note("Problems"), "mdi6.alert-circle-outline", ("Ctrl+3",), "View", checkable=True),
    None,
    Spec("theme", note("Theme"), "mdi6.theme-light-dark", (), "View", fill=True),
    Spec("language", note("Language"), "mdi6.translate", (), "View", fill=True),
    Spec("play", note("Play"), "mdi6.play", ("F5",), "Run"),
    Spec("step", note("One step"), "mdi6.skip-next", ("F6",), "Run"),
    Spec("stop", note("Stop"), "mdi6.stop", ("Shift+F5",), "Run"),
    Spec("reset", note("Reset"), "mdi6.restart", ("Ctrl+R",), "Run"),
    None,
    Spec("pace", note("Pace"), "mdi6.speedometer", (), "Run", fill=True),
    Spec("evaluate", note("Evaluate on test"), "mdi6.clipboard-check-outline", ("Ctrl+E",), "Run"),
    None,
    Spec("force_stop", note("Force stop"), "mdi6.alert-octagon-outline", ("Ctrl+Shift+F5",), "Run"),
    Spec("keys", note("Keys"), "mdi6.keyboard-outline", ("F1",), "Help"),
    Spec("about", note("About Network Playground"), "mdi6.information-outline", (), "Help"),
)
"""All actions in the order of the menus; None is a separating line."""


class Actions(QObject):
    """The window's actions by key."""

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self._window = window
        self.by_key: dict[str, QAction] = {}
        self.fillable: dict[str, QMenu] = {}
        self.menus: dict[str, QMenu] = {}
        self._words: dict[str, Sentence] = {}
        for name in MENUS:
            self.menus[name] = QMenu(window)
            self.menus[name].setObjectName(f"menu_{name.lower()}")
        self._build()
        self.relabel()

    def __getitem__(self, key: str) -> QAction:
        return self.by_key[key]

    def connect_to(self, slots: dict[str, Callable[[], object]]) -> None:
        """Say what each action does."""
        for key, slot in slots.items():
            self.by_key[key].triggered.connect(slot)

    def say(self, key: str, words: Sentence) -> None:
        """Give an action other words for now ("Undo Connect", "Pause")."""
        if self._words.get(key) != words:
            self._words[key] = words
            self._label(key)

    def tip(self, key: str) -> str:
        """Return the words of an action with its shortcut, for a tooltip."""
        action = self.by_key[key]
        keys = action.shortcut().toString(QKeySequence.SequenceFormat.NativeText)
        return f"{action.text()} ({keys})" if keys else action.text()

    def relabel(self) -> None:
        """Say everything in the present language."""
        for name, menu in self.menus.items():
            menu.setTitle(str(Sentence(name)))
        for key in self._words:
            self._label(key)

    def sheet(self) -> list[tuple[str, str]]:
        """List every action that has a key: (its words, its keys), for the help."""
        rows = []
        for spec in ACTIONS:
            if spec and spec.keys:
                keys = (QKeySequence(key).toString(QKeySequence.SequenceFormat.NativeText) for key in spec.keys)
                rows.append((str(Sentence(spec.text)).rstrip("…"), tr(" or ").join(keys)))
        return rows

    def _label(self, key: str) -> None:
        text = str(self._words[key])
        self.by_key[key].setText(text)
        if key in self.fillable:
            self.fillable[key].setTitle(text)

    def _build(self) -> None:
        menu = self.menus["File"]
        for spec in ACTIONS:
            if spec is None:
                menu.addSeparator()
                continue
            menu = self.menus[spec.menu]
            if spec.fill:
                self.fillable[spec.key] = menu.addMenu("")
                self.fillable[spec.key].setObjectName(f"menu_{spec.key}")
                action = self.fillable[spec.key].menuAction()
            else:
                action = menu.addAction("")
            if spec.icon:
                action.setIcon(icon(spec.icon))
            action.setObjectName(f"action_{spec.key}")
            action.setCheckable(spec.checkable)
            action.setShortcuts([QKeySequence(key) for key in spec.keys])
            action.setShortcutContext(Qt.ShortcutContext.WindowShortcut)
            self.by_key[spec.key] = action
            self._words[spec.key] = Sentence(spec.text)
            if not spec.fill:
                self._window.addAction(action)
