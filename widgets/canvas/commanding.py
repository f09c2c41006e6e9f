"""What makes a list of `Command`s work: the keys of the canvas, the menus, and when each can be done."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QMenu

from playground.experiment import Experiment
from playground.text import Refusal, Sentence
from widgets.actions import shown_key
from widgets.icons import icon

if TYPE_CHECKING:
    from widgets.canvas.view import Canvas

HELD = ("Space",)
"""Keys that mean something else while they are held, so the canvas itself listens for a tap on them."""


# -- when something can be done: cheap, for it is asked after every selection and edit ------------------------------


def always(canvas: Canvas) -> bool:
    """Allow it at any time."""
    return True


def drawn(canvas: Canvas) -> bool:
    """Allow it once anything stands on the canvas."""
    return bool(canvas.stage.cards or canvas.stage.remarks.items)


def selected(canvas: Canvas) -> bool:
    """Allow it where anything is selected: nodes, wires, notes or frames."""
    return any(canvas.stage.selection)


def at_least(number: int) -> Callable[[Canvas], bool]:
    """Allow it where so many nodes are selected, or more."""
    return lambda canvas: len(canvas.selected_ids) >= number


def exactly(number: int) -> Callable[[Canvas], bool]:
    """Allow it where just so many nodes are selected."""
    return lambda canvas: len(canvas.selected_ids) == number


# -- the commands ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Command:
    """One thing to do on the canvas.

    Attributes:
        key: what it is called in code; unique among these and the window's actions.
        text: its words, marked with `note`.
        run: does it; a `Refusal` that it raises is said at the selected node.
        menu: the window's menu that it stands in: Edit, View or Arrange.
        icon: a glyph, like ``mdi6.auto-fix``.
        keys: its shortcuts. They work while the canvas has the focus, so a single letter is fine.
        enabled: whether it can be done now.
        checked: whether what it switches is on; None for what is no switch.
        on: in which right-click menus it is offered: "node", "wire", "remark", "group" (the title of an open one) or
            "canvas" (where nothing lies).
    """

    key: str
    text: str
    run: Callable[[Canvas], object]
    menu: str
    icon: str = ""
    keys: tuple[str, ...] = ()
    enabled: Callable[[Canvas], bool] = always
    checked: Callable[[Canvas], bool] | None = None
    on: tuple[str, ...] = ()


@dataclass(frozen=True)
class Habit:
    """Something that the pointer, or a key that is no command, does: for the sheet of keys."""

    what: str
    how: str


class Commands(QObject):
    """The commands of one canvas as `QAction`s, enabled as the moment allows.

    Attributes:
        by_key: the actions.
        showing: whether the canvas can be seen; on one that cannot, nothing can be done.
    """

    def __init__(self, canvas: Canvas, commands: Sequence[Command | None]) -> None:
        super().__init__(canvas)
        self._canvas, self.showing = canvas, True
        self._made: list[tuple[Command, QAction] | None] = []
        self.by_key: dict[str, QAction] = {}
        for command in commands:
            self._made.append((command, self._action(command)) if command else None)
        canvas.selectionIdsChanged.connect(self.refresh)
        canvas.destroyed.connect(canvas.document.subscribe(self._on_document_changed))
        self.relabel()
        self.refresh()

    def __getitem__(self, key: str) -> QAction:
        return self.by_key[key]

    def of_menu(self, name: str) -> list[QAction | None]:
        """Return what stands in a menu of the window; None is a line."""
        return self._those(lambda command: command.menu == name)

    def fill(self, menu: QMenu, place: str) -> None:
        """Put into a right-click menu what is offered there."""
        self.refresh()
        for action in self._those(lambda command: place in command.on):
            if action is None:
                menu.addSeparator()
            else:
                menu.addAction(action)

    def refresh(self) -> None:
        """See again what can be done."""
        canvas = self._canvas
        for one in self._made:
            if one is not None:
                command, action = one
                action.setEnabled(self.showing and command.enabled(canvas))
                if command.checked is not None:
                    action.setChecked(command.checked(canvas))

    def relabel(self) -> None:
        """Say everything in the present language."""
        for one in self._made:
            if one is not None:
                command, action = one
                held = [shown_key(key) for key in command.keys if key in HELD]
                action.setText("\t".join((str(Sentence(command.text)), *held)))

    def tap(self, key: str) -> None:
        """Do what a key of `HELD` means when it was not held for anything else."""
        for one in self._made:
            if one is not None and key in one[0].keys and one[1].isEnabled():
                one[1].trigger()

    def _action(self, command: Command) -> QAction:
        action = _Action(self, self._canvas)
        action.setObjectName(command.key)
        action.setProperty("english", command.text)
        if command.icon:
            action.setIcon(icon(command.icon))
        action.setCheckable(command.checked is not None)
        # Only with the focus on the canvas: the letters of a field are letters, and two canvases do not quarrel.
        action.setShortcutContext(Qt.ShortcutContext.WidgetShortcut)
        action.setShortcuts([QKeySequence(key) for key in command.keys if key not in HELD])
        action.setShortcutVisibleInContextMenu(True)
        action.triggered.connect(self._doing(command))
        self._canvas.addAction(action)
        self.by_key[command.key] = action
        return action

    def _doing(self, command: Command) -> Callable[[], None]:
        def run(*_checked: object) -> None:
            self._canvas.explain(None)
            try:
                command.run(self._canvas)
            except Refusal as refusal:
                self._canvas.explain(refusal.sentence)
            self.refresh()

        return run

    def _those(self, wanted: Callable[[Command], bool]) -> list[QAction | None]:
        """Return the actions that are wanted, with a line wherever one stands between two of them."""
        found: list[QAction | None] = []
        line = False
        for one in self._made:
            if one is None:
                line = bool(found)
            elif wanted(one[0]):
                found += [None, one[1]] if line else [one[1]]
                line = False
        return found

    def _on_document_changed(self, old: Experiment, new: Experiment) -> None:
        self.refresh()


class _Action(QAction):
    """An action that hears its keys only while its canvas has the focus.

    Standing in a menu, Qt would let it hear them wherever that menu hangs too: at the menu button, Delete would delete.
    """

    def __init__(self, parent: QObject, canvas: Canvas) -> None:
        super().__init__(parent)
        self._canvas = canvas

    # -- Qt ----------------------------------------------------------------------------------------------------

    def event(self, event: QEvent) -> bool:
        """Pass by the keys that were not meant for the canvas."""
        if event.type() == QEvent.Type.Shortcut and not self._canvas.hasFocus():
            return True
        return super().event(event)
