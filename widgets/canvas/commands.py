"""Everything that can be done on the canvas, declared once: its keys, the menus, the command palette, the key sheet.

To add something, write the function that does it where it belongs and one `Command` in `COMMANDS`. Its words need a
translation, and that is all: the canvas listens to the keys, the window's menus, the menus of a right click, the
command palette and the sheet of keys show it. What the pointer does is told in `GESTURES`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from playground.text import note
from widgets.canvas.commanding import Command, Habit, at_least, drawn, exactly, selected
from widgets.canvas.editing_commands import ARRANGING, CLIPBOARD, REMARKS, SELECTING, STATES
from widgets.canvas.opening import GROUPS, chosen_group
from widgets.canvas.seeing_commands import SEEING, TURNING

if TYPE_CHECKING:
    from widgets.canvas.view import Canvas

ZOOM_STEP = 1.25


def _learns(canvas: Canvas) -> bool:
    """Allow it where anything that is selected has weights, or holds what has."""
    known = (canvas.sheet.known(id) for id in canvas.selected_ids)
    return any(node is not None and node.parameters for node in known)


COMMANDS: tuple[Command | None, ...] = (
    Command(
        "add",
        note("Add block…"),
        lambda canvas: canvas.open_search_here(),
        "Edit",
        icon="mdi6.plus-box-outline",
        keys=("Space",),
        on=("node", "wire", "canvas"),
    ),
    None,
    *CLIPBOARD,
    Command(
        "rename",
        note("Rename…"),
        lambda canvas: canvas.rename_selected(),
        "Edit",
        icon="mdi6.rename-box-outline",
        keys=("F2",),
        enabled=lambda canvas: (
            len(canvas.selected_ids) + len(canvas.stage.selected_remarks) == 1 or bool(chosen_group(canvas))
        ),
        on=("node", "remark", "group"),
    ),
    Command(
        "connect",
        note("Connect the first to the second"),
        lambda canvas: canvas.connect_selected(),
        "Edit",
        icon="mdi6.transit-connection-variant",
        keys=("C",),
        enabled=exactly(2),
        on=("node",),
    ),
    None,
    Command(
        "delete",
        note("Delete"),
        lambda canvas: canvas.delete_selection(),
        "Edit",
        icon="mdi6.delete-outline",
        keys=("Del", "Backspace"),
        enabled=selected,
        on=("node", "wire", "remark", "group"),
    ),
    Command(
        "rejoin",
        note("Delete and rejoin"),
        lambda canvas: canvas.delete_selection(rejoin=True),
        "Edit",
        icon="mdi6.vector-polyline-remove",
        keys=("Shift+Del", "Shift+Backspace"),
        enabled=at_least(1),
        on=("node", "group"),
    ),
    None,
    *STATES,
    Command(
        "take_weights_here",
        note("Take weights for the selection…"),
        lambda canvas: canvas.weightsWanted.emit(),
        "Edit",
        icon="mdi6.archive-arrow-down-outline",
        keys=("Ctrl+Shift+T",),
        enabled=_learns,
        on=("node",),
    ),
    None,
    *REMARKS,
    Command(
        "select_all",
        note("Select all"),
        lambda canvas: canvas.select_all(),
        "Edit",
        icon="mdi6.select-all",
        keys=("Ctrl+A",),
        enabled=drawn,
        on=("canvas",),
    ),
    *SELECTING,
    Command(
        "fit",
        note("Fit the network"),
        lambda canvas: canvas.fit(),
        "View",
        icon="mdi6.fit-to-page-outline",
        keys=("Ctrl+0",),
        on=("canvas",),
    ),
    Command(
        "fit_selection",
        note("Zoom to the selection"),
        lambda canvas: canvas.fit(canvas.selected_ids),
        "View",
        icon="mdi6.image-filter-center-focus",
        keys=("Ctrl+Shift+0",),
        enabled=at_least(1),
        on=("node",),
    ),
    Command(
        "zoom_in",
        note("Zoom in"),
        lambda canvas: canvas.zoom_by(ZOOM_STEP, ease=True),
        "View",
        icon="mdi6.magnify-plus-outline",
        keys=("Ctrl++", "Ctrl+="),
    ),
    Command(
        "zoom_out",
        note("Zoom out"),
        lambda canvas: canvas.zoom_by(1 / ZOOM_STEP, ease=True),
        "View",
        icon="mdi6.magnify-minus-outline",
        keys=("Ctrl+-",),
    ),
    *SEEING,
    None,
    Command(
        "tidy",
        note("Tidy up"),
        lambda canvas: canvas.tidy(),
        "Arrange",
        icon="mdi6.auto-fix",
        keys=("Ctrl+L",),
        enabled=drawn,
        on=("node", "canvas"),
    ),
    *TURNING,
    *ARRANGING,
    *GROUPS,
)
"""What can be done, in the order of the menus; None is a separating line."""


GESTURES: tuple[Habit, ...] = (
    Habit(note("Draw a wire"), note("Drag from port to port")),
    Habit(note("Move the end of a wire"), note("Drag it to a port")),
    Habit(note("Take a wire off"), note("Drag its end away")),
    Habit(note("Add a block at a place"), note("Double-click there")),
    Habit(note("Add a block at a wire's end"), note("Let the wire go")),
    Habit(note("Set up a block while adding it"), note("Type after its name: conv 6 5 p2")),
    Habit(note("Add block after block"), note("Shift+Enter while searching")),
    Habit(note("Insert into a wire"), note("Drop a block on it")),
    Habit(note("Show a neuron large"), note("Click its picture")),
    Habit(note("Select several"), note("Drag over empty canvas")),
    Habit(note("Add to the selection"), note("Hold Shift or Ctrl")),
    Habit(note("Move without snapping"), note("Hold Alt")),
    Habit(note("Move the view"), note("Middle button, or hold Space")),
    Habit(note("Zoom"), note("Mouse wheel, or pinch")),
    Habit(note("Move what is selected"), note("Arrows; Shift: further")),
    Habit(note("Next or previous node"), note("Tab, Shift+Tab")),
    Habit(note("Write on a note, or name a frame"), note("Double click it; Ctrl+Enter ends")),
    Habit(note("Move a frame or an open group with what lies in it"), note("Drag its title")),
    Habit(note("Look into a group"), note("Double-click it, or the title of an open one")),
    Habit(note("Change how often a group is repeated"), note("Double-click its badge")),
    Habit(note("What can be done here"), note("Right click, Menu key")),
    Habit(note("Cancel a drag"), note("Esc")),
)
"""What a hand can do on the canvas besides the commands."""
