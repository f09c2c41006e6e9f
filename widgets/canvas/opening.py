"""Groups on the canvas: made, opened in place or in a tab, closed, unpacked, kept as a block of one's own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, Qt
from PySide6.QtWidgets import QInputDialog

from playground.graph import joined
from playground.nesting import lies_in, split
from playground.own_blocks import own_titled, save_own
from playground.sheet import MARGIN
from playground.text import Refusal, note, say, tr
from widgets.canvas.commanding import Command, at_least
from widgets.canvas.geometry import Point, snapped
from widgets.canvas.gestures import Gesture, Move
from widgets.canvas.layout import extent, same_picture, shifted
from widgets.canvas.placing import arrange_all, closed_places, frames, grown, opened_places
from widgets.canvas.repeating import edit_repeat

if TYPE_CHECKING:
    from widgets.canvas.view import Canvas


def set_open(canvas: Canvas, id: str, opened: bool) -> None:
    """Open a group in place, or close it, as one step; what stands beside it makes room or comes back."""
    sheet, before = canvas.sheet, canvas.stage.places()
    if sheet.group(id) is None or (id in sheet.opened) == opened:
        return
    after = {one for one in sheet.opened if one != id and not lies_in(one, id)} | ({id} if opened else set())
    if same_picture(before, arrange_all(sheet)):
        places = shifted(arrange_all(sheet, after), before)
    elif opened:
        places = opened_places(sheet, before, id)
    else:
        places = closed_places(before, frames(sheet.opened, before)[id], id)
    sheet.set_open(id, opened, places)
    canvas.select(canvas.stage.opened.members(id) if opened else [id])


# -- the frame under the pointer ------------------------------------------------------------------------------------


def frame_gesture(canvas: Canvas, at: QPointF, *, adding: bool) -> Gesture | None:
    """Say what a press begins that lies on the title of an open group: all of it is selected and moved."""
    id = canvas.stage.opened.title_at(at.x(), at.y(), 12 / canvas.zoom)
    return MoveGroup(canvas, at, id, toggle=adding) if id else None


class MoveGroup(Move):
    """Moves all that stands in a group that is open in place; a double click opens it in a tab."""

    def __init__(self, canvas: Canvas, at: QPointF, group: str, *, toggle: bool) -> None:
        self.group = group
        super().__init__(canvas, at, canvas.stage.opened.members(group)[0], toggle=toggle)

    def select(self, id: str, *, adding: bool) -> bool:
        """Select all that stands in the group; say whether it was selected before."""
        members = self.stage.opened.members(self.group)
        was = set(members) <= set(self.stage.selected)
        if not was:
            ids, wires, remarks = self.stage.selection if adding else ((), (), ())
            self.stage.select((*ids, *members), wires, remarks)
        return was

    def aligned(self, wanted: Point) -> Point:
        """Snap to the grid only."""
        return snapped(wanted[0]), snapped(wanted[1])

    def click(self) -> None:
        members = self.stage.opened.members(self.group)
        if self.toggle and self.was:
            ids, wires, remarks = self.stage.selection
            self.stage.select([id for id in ids if id not in members], wires, remarks)
        elif not self.toggle:
            self.stage.select(members)


# -- the commands ----------------------------------------------------------------------------------------------------


def group_selected(canvas: Canvas) -> None:
    """Put the selected nodes into a group, and select it."""
    sheet, before = canvas.sheet, canvas.stage.places()
    tidy, step = same_picture(before, arrange_all(sheet)), ("group", *canvas.selected_ids)
    id = sheet.collapse(canvas.selected_ids, places=None if tidy else before, merge=step)
    if tidy:
        sheet.edit(say("Tidy up"), places=shifted(arrange_all(sheet), before), merge=step)
    canvas.document.close_step()
    canvas.select([id])


def unpack(canvas: Canvas) -> None:
    """Put what the selected group holds in its place; what stands beside it makes room."""
    id = chosen_group(canvas)
    sheet, before = canvas.sheet, canvas.stage.places()
    tidy, step = same_picture(before, arrange_all(sheet)), ("unpack", id)
    if tidy:
        ids = sheet.unpack(id, merge=step)
        sheet.edit(say("Tidy up"), places=shifted(arrange_all(sheet), before), merge=step)
    else:
        opened = opened_places(sheet, before, id) if id not in sheet.opened else before
        frame = frames([id], opened)[id]
        ids = sheet.unpack(id, opened, merge=step)
        places = canvas.stage.places()
        drawn = {one: place for one, place in places.items() if any(one == id or lies_in(one, id) for id in ids)}
        (left, top), (width, height) = extent(drawn)
        taken = (left, top, left + width + MARGIN[0], top + height + MARGIN[0])
        sheet.edit(say("Tidy up"), places=grown(places, frame, taken, ids), merge=step)
    canvas.document.close_step()
    canvas.select(ids)


def enter(canvas: Canvas, id: str) -> None:
    """Show the inside of a group in a tab of its own."""
    canvas.sheet.enter(joined(canvas.sheet.level, id))


def leave(canvas: Canvas) -> None:
    """Go back to what is around the group whose inside is shown."""
    canvas.sheet.enter(split(canvas.sheet.level)[0])


def toggle_open(canvas: Canvas) -> None:
    """Open the selected group in place, or close it."""
    id = chosen_group(canvas)
    set_open(canvas, id, id not in canvas.sheet.opened)


def save_block(canvas: Canvas) -> None:
    """Keep the selected group as a block of one's own, under a name that is asked for."""
    id = chosen_group(canvas)
    group = canvas.sheet.group(id)
    assert group is not None
    dialog = QInputDialog(canvas, objectName="save_block")
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    dialog.setWindowTitle(tr("Save as a block of my own"))

    def say_what_happens(title: str) -> None:
        words = tr("What shall it be called in the palette?")
        if own_titled(title) is not None:
            words = tr("There is a block of this name already; this one will take its place.")
        dialog.setLabelText(words)

    def on_text_selected(title: str) -> None:
        try:
            save_own(group, title, canvas.sheet.standing(id))
        except Refusal as refusal:
            canvas.explain(refusal.sentence)
            return
        canvas.ownBlocksChanged.emit()

    dialog.textValueChanged.connect(say_what_happens)
    dialog.textValueSelected.connect(on_text_selected)
    dialog.setTextValue(group.title or split(id)[1])
    say_what_happens(dialog.textValue())
    dialog.open()


def chosen_group(canvas: Canvas) -> str:
    """Return the group that is meant: the one that is selected, or the open one all of whose nodes are; or nothing."""
    ids = canvas.sheet.whole(canvas.selected_ids)
    return ids[0] if len(ids) == 1 and canvas.sheet.group(ids[0]) is not None else ""


def _on_group(canvas: Canvas) -> bool:
    return bool(chosen_group(canvas))


def _is_open(canvas: Canvas) -> bool:
    return chosen_group(canvas) in canvas.sheet.opened


GROUPS: tuple[Command | None, ...] = (
    None,
    Command(
        "group",
        note("Group"),
        group_selected,
        "Arrange",
        icon="mdi6.group",
        keys=("Ctrl+G",),
        enabled=at_least(1),
        on=("node",),
    ),
    Command(
        "unpack",
        note("Unpack the group"),
        unpack,
        "Arrange",
        icon="mdi6.ungroup",
        keys=("Ctrl+Shift+G",),
        enabled=_on_group,
        on=("node", "group"),
    ),
    Command(
        "repeat",
        note("Repeat…"),
        lambda canvas: edit_repeat(canvas, chosen_group(canvas)),
        "Arrange",
        icon="mdi6.repeat",
        enabled=_on_group,
        on=("node", "group"),
    ),
    Command(
        "open_in_place",
        note("Open the group in place"),
        toggle_open,
        "Arrange",
        icon="mdi6.arrow-expand-all",
        keys=("Ctrl+Return",),
        enabled=_on_group,
        checked=_is_open,
        on=("node", "group"),
    ),
    Command(
        "open_in_tab",
        note("Open the group in a tab"),
        lambda canvas: enter(canvas, chosen_group(canvas)),
        "Arrange",
        icon="mdi6.tab-plus",
        keys=("Return", "Enter"),
        enabled=_on_group,
        on=("node", "group"),
    ),
    Command(
        "leave_group",
        note("Go to what is around this group"),
        leave,
        "Arrange",
        icon="mdi6.arrow-up-left",
        keys=("Alt+Up",),
        enabled=lambda canvas: bool(canvas.sheet.level),
        on=("canvas",),
    ),
    Command(
        "close_tab",
        note("Close this group's tab"),
        lambda canvas: canvas.levelLeft.emit(canvas.sheet.level),
        "Arrange",
        icon="mdi6.tab-remove",
        keys=("Ctrl+W",),
        enabled=lambda canvas: bool(canvas.sheet.level),
        on=("canvas",),
    ),
    Command(
        "save_block",
        note("Save as a block of my own…"),
        save_block,
        "Arrange",
        icon="mdi6.star-plus-outline",
        enabled=_on_group,
        on=("node", "group"),
    ),
)
"""What can be done with groups, for the list of commands."""
