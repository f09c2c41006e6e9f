"""Everything a person can tell the window to do, declared once: menus, shortcuts, command palette and key sheet.

The window connects each key to what it does. What is done on the canvas is declared in `widgets.canvas.commands` and
stands in the same menus.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple

from PySide6.QtCore import QObject, Qt
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QMenu, QWidget

from playground.text import Sentence, note
from widgets.icons import icon

if TYPE_CHECKING:
    from widgets.canvas.commanding import Commands


class Spec(NamedTuple):
    """One action: its key, words, icon, shortcuts and menu. `fill` marks a submenu that the window fills."""

    key: str
    text: str
    icon: str
    keys: tuple[str, ...]
    menu: str
    fill: bool = False
    checkable: bool = False


class OfCanvas(NamedTuple):
    """The place in a menu where the commands of the canvas stand, once there is one."""

    menu: str


MENUS = (note("File"), note("Edit"), note("View"), note("Arrange"), note("Run"), note("Help"))

ACTIONS: tuple[Spec | OfCanvas | None, ...] = (
    Spec("new", note("New"), "mdi6.file-outline", ("Ctrl+N",), "File"),
    Spec("open", note("Open…"), "mdi6.folder-open-outline", ("Ctrl+O",), "File"),
    Spec("presets", note("Open preset"), "mdi6.view-grid-outline", (), "File", fill=True),
    Spec("recent", note("Recent"), "mdi6.history", (), "File", fill=True),
    Spec("start", note("Start page"), "mdi6.home-outline", ("Ctrl+Shift+O",), "File"),
    None,
    Spec("save", note("Save"), "mdi6.content-save-outline", ("Ctrl+S",), "File"),
    Spec("save_as", note("Save as…"), "", ("Ctrl+Shift+S",), "File"),
    Spec("save_preset", note("Save as preset…"), "mdi6.bookmark-plus-outline", (), "File"),
    Spec("export_picture", note("Export picture…"), "mdi6.image-outline", (), "File"),
    None,
    Spec("quit", note("Quit"), "", ("Ctrl+Q",), "File"),
    Spec("undo", note("Undo"), "mdi6.undo", ("Ctrl+Z",), "Edit"),
    Spec("redo", note("Redo"), "mdi6.redo", ("Ctrl+Shift+Z", "Ctrl+Y"), "Edit"),
    None,
    OfCanvas("Edit"),
    OfCanvas("View"),
    None,
    Spec("panels", note("Panels"), "mdi6.view-dashboard-outline", (), "View", fill=True),
    Spec("maximise", note("Maximise panel"), "mdi6.arrow-expand", ("F11",), "View"),
    Spec("palette", note("Palette"), "", ("Ctrl+1",), "View", checkable=True),
    Spec("inspector", note("Inspector"), "", ("Ctrl+2",), "View", checkable=True),
    Spec("problems", note("Problems"), "mdi6.alert-circle-outline", ("Ctrl+3",), "View", checkable=True),
    Spec("analysis", note("Analyse"), "mdi6.table-large", ("Ctrl+4",), "View", checkable=True),
    Spec("data", note("Data"), "mdi6.database-outline", ("Ctrl+5",), "View", checkable=True),
    None,
    Spec("theme", note("Theme"), "mdi6.theme-light-dark", (), "View", fill=True),
    Spec("language", note("Language"), "mdi6.translate", (), "View", fill=True),
    OfCanvas("Arrange"),
    Spec("play", note("Play"), "mdi6.play", ("F5",), "Run"),
    Spec("step", note("One step"), "mdi6.skip-next", ("F6",), "Run"),
    Spec("stop", note("Stop"), "mdi6.stop", ("Shift+F5",), "Run"),
    Spec("reset", note("Reset"), "mdi6.restart", ("Ctrl+R",), "Run"),
    None,
    Spec("pace", note("Pace"), "mdi6.speedometer", (), "Run", fill=True),
    Spec("evaluate", note("Evaluate on test"), "mdi6.clipboard-check-outline", ("Ctrl+E",), "Run"),
    Spec("take_weights", note("Take weights from…"), "mdi6.archive-arrow-down-outline", ("Ctrl+T",), "Run"),
    None,
    Spec("keep_run", note("Keep this run"), "mdi6.bookmark-outline", ("Ctrl+K",), "Run"),
    Spec("seeds", note("Run with several seeds…"), "mdi6.dice-5-outline", ("Ctrl+Alt+K",), "Run"),
    Spec("compare", note("Compare with…"), "mdi6.compare-horizontal", ("Ctrl+Shift+K",), "Run"),
    Spec("cancel_runs", note("Cancel the runs beside this one"), "mdi6.stop-circle-outline", (), "Run"),
    Spec("keep_runs", note("Keep runs on Reset"), "", (), "Run", checkable=True),
    None,
    Spec("force_stop", note("Force stop"), "mdi6.alert-octagon-outline", ("Ctrl+Shift+F5",), "Run"),
    Spec("commands", note("Command palette…"), "mdi6.console-line", ("Ctrl+Shift+P",), "Help"),
    Spec("keys", note("Keys"), "mdi6.keyboard-outline", ("F1",), "Help"),
    Spec("panel_help", note("What this panel shows"), "mdi6.help-circle-outline", ("Shift+F1",), "Help"),
    Spec("about", note("About Network Playground"), "mdi6.information-outline", (), "Help"),
)
"""All actions in the order of the menus; None is a separating line."""


class Row(NamedTuple):
    """A line of the key sheet: what is done, and by which keys; `told` where that is said in words."""

    words: str
    keys: tuple[str, ...]
    told: bool = False


class Actions(QObject):
    """The window's actions by key."""

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self._window = window
        self.by_key: dict[str, QAction] = {}
        self.fillable: dict[str, QMenu] = {}
        self.menus: dict[str, QMenu] = {}
        self._words: dict[str, Sentence] = {}
        self._places: dict[str, QAction] = {}
        self._canvas: Commands | None = None
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

    def adopt(self, commands: Commands) -> None:
        """Put the commands of a canvas into the menus, in place of those of another one."""
        if self._canvas is commands:
            return
        for name, place in self._places.items():
            menu = self.menus[name]
            for old in menu.actions():
                if old.property("canvas"):
                    menu.removeAction(old)
                    if old.isSeparator():
                        old.deleteLater()
            for action in commands.of_menu(name):
                if action is None:
                    menu.insertSeparator(place).setProperty("canvas", True)
                else:
                    action.setProperty("canvas", True)
                    menu.insertAction(place, action)
            menu.menuAction().setVisible(any(not action.isSeparator() for action in menu.actions()))
        self._canvas = commands

    def show_canvas(self, showing: bool) -> None:
        """Say whether the canvas shows: nothing can be done on one that does not."""
        if self._canvas is not None:
            self._canvas.showing = showing
            self._canvas.refresh()

    def sheet(self) -> dict[str, list[Row]]:
        """List everything that has a key, by menu."""
        from widgets.canvas.commands import COMMANDS  # not before somebody asks: the start page needs no canvas

        rows: dict[str, list[Row]] = {name: [] for name in MENUS}
        for spec in ACTIONS:
            here = [one for one in COMMANDS if one and one.menu == spec.menu] if isinstance(spec, OfCanvas) else [spec]
            for one in here:
                if one is not None and one.keys:
                    words = str(Sentence(one.text)).rstrip("…")
                    rows[one.menu].append(Row(words, tuple(shown_key(key) for key in one.keys)))
        return {name: found for name, found in rows.items() if found}

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
            if isinstance(spec, OfCanvas):
                self._add_place(menu, spec.menu)
                continue
            if spec.fill:
                self.fillable[spec.key] = menu.addMenu("")
                self.fillable[spec.key].setObjectName(f"menu_{spec.key}")
                action = self.fillable[spec.key].menuAction()
            else:
                action = menu.addAction("")
            if spec.icon:
                action.setIcon(icon(spec.icon))
            action.setObjectName(f"action_{spec.key}")
            action.setProperty("english", spec.text)
            action.setCheckable(spec.checkable)
            action.setShortcuts([QKeySequence(key) for key in spec.keys])
            action.setShortcutContext(Qt.ShortcutContext.WindowShortcut)
            self.by_key[spec.key] = action
            self._words[spec.key] = Sentence(spec.text)
            if not spec.fill:
                self._window.addAction(action)

    def _add_place(self, menu: QMenu, name: str) -> None:
        self._places[name] = menu.addSeparator()
        self._places[name].setVisible(False)
        menu.menuAction().setVisible(len(menu.actions()) > 1)
        menu.aboutToShow.connect(self._on_about_to_show)

    def _on_about_to_show(self) -> None:
        if self._canvas is not None:
            self._canvas.refresh()


def shown_key(key: str) -> str:
    """Write a shortcut as the system does."""
    return QKeySequence(key).toString(QKeySequence.SequenceFormat.NativeText)
