"""Groups on the canvas: made, opened in place or in a tab, closed, unpacked, kept as a block of one's own."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF
from PySide6.QtWidgets import QInputDialog

from playground.blocks.group import Group
from playground.graph import Graph, joined
from playground.nesting import inside, split
from playground.own_blocks import save_own
from playground.sheet import MARGIN, Sheet
from playground.text import note, say, tr
from widgets.canvas.commanding import Command, at_least
from widgets.canvas.geometry import HEIGHT, WIDTH, Point, Size, box, overlap, snapped
from widgets.canvas.gestures import Gesture, Move
from widgets.canvas.layout import COLUMNS, arrange, complete, extent, same_picture, shifted

if TYPE_CHECKING:
    from widgets.canvas.view import Canvas


ENDLESS = 1_000
"""Columns of a row that is never broken."""

# -- where everything stands when groups are open -------------------------------------------------------------------


def arrange_all(sheet: Sheet, opened: Collection[str] | None = None, direction: str = "") -> dict[str, Point]:
    """Place everything on a sheet anew: the inside of every open group first, then it as one box among the rest.

    `opened` says which groups are taken to be open, `direction` which way all is drawn; by default as it is.
    """
    opened = sheet.opened if opened is None else opened
    places, _ = _laid_out(direction or sheet.direction, inside(sheet.document.now.graph, sheet.level), "", opened)
    return places


def _laid_out(direction: str, graph: Graph, prefix: str, opened: Collection[str]) -> tuple[dict[str, Point], Size]:
    sizes: dict[str, Size] = {}
    within: dict[str, dict[str, Point]] = {}
    for id, node in graph.nodes.items():
        path = joined(prefix, id)
        if path in opened and isinstance(node.block, Group) and node.block.graph.nodes:
            within[id], size = _laid_out(direction, node.block.graph, path, opened)
            sizes[id] = (size[0] + 2 * MARGIN[0], size[1] + MARGIN[0] + MARGIN[1])
    # What is open in place is read in one line: what comes in on one side, what goes out on the other.
    columns = COLUMNS if not prefix else ENDLESS
    stand = arrange(graph, columns, direction=direction, sizes=sizes)
    places = {joined(prefix, id): place for id, place in stand.items() if id not in within}
    for id, inner in within.items():
        places.update(_set_down(inner, stand[id]))
    return places, extent(stand, sizes)[1]


def _set_down(inner: Mapping[str, Point], place: Point) -> dict[str, Point]:
    """Move the inside of a group to where its frame begins."""
    left, top = (min(one[axis] for one in inner.values()) for axis in (0, 1))
    dx, dy = place[0] + MARGIN[0] - left, place[1] + MARGIN[1] - top
    return {id: (x + dx, y + dy) for id, (x, y) in inner.items()}


def set_open(canvas: Canvas, id: str, opened: bool) -> None:
    """Open a group in place, or close it, as one step; what stands beside it makes room or comes back."""
    sheet, before = canvas.sheet, canvas.stage.places()
    if sheet.group(id) is None or (id in sheet.opened) == opened:
        return
    after = {one for one in sheet.opened if one != id and not one.startswith(f"{id}.")} | ({id} if opened else set())
    if same_picture(before, arrange_all(sheet)):
        places = shifted(arrange_all(sheet, after), before)
    elif opened:
        places = _opened(sheet, before, id)
    else:
        places = _closed(canvas, before, id)
    sheet.set_open(id, opened, places)
    canvas.select([one for one in sheet.graph.nodes if one.startswith(f"{id}.")] if opened else [id])


def _opened(sheet: Sheet, before: Mapping[str, Point], id: str) -> dict[str, Point]:
    """Return where all stands when a group opens: what lies behind or below it moves by what it grows."""
    group = sheet.group(id)
    assert group is not None
    stored, level = sheet.document.now.view.positions, joined(sheet.level, id)
    known = {one: stored[joined(level, one)] for one in group.graph.nodes if joined(level, one) in stored}
    if known:
        inner = complete(group.graph, known, sheet.direction)
    else:
        inner = arrange(group.graph, ENDLESS, direction=sheet.direction)
    size = extent(inner)[1]
    width, height = size[0] + 2 * MARGIN[0], size[1] + MARGIN[0] + MARGIN[1]
    x, y = before[id]
    frame = (x, y, x + width, y + height)
    places = {}
    for one, place in before.items():
        if one == id:
            continue
        if place[0] >= x + WIDTH:
            place = (place[0] + width - WIDTH, place[1])
        elif place[1] >= y + HEIGHT and overlap(box(place), frame, 24.0):
            place = (place[0], place[1] + height - HEIGHT)
        places[one] = place
    return {**places, **{joined(id, one): place for one, place in _set_down(inner, (x, y)).items()}}


def _closed(canvas: Canvas, before: Mapping[str, Point], id: str) -> dict[str, Point]:
    """Return where all stands when a group closes: what made room for it comes back."""
    frame = canvas.stage.opened.items[id].rect
    x, y = frame.left(), frame.top()
    places: dict[str, Point] = {id: (x, y)}
    for one, place in before.items():
        if one.startswith(f"{id}."):
            continue
        if place[0] >= frame.right():
            place = (place[0] - frame.width() + WIDTH, place[1])
        elif place[1] >= frame.bottom() and x - WIDTH < place[0] < frame.right():
            place = (place[0], place[1] - frame.height() + HEIGHT)
        places[one] = place
    return places


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
    canvas.select([canvas.sheet.collapse(canvas.selected_ids)])


def unpack(canvas: Canvas) -> None:
    """Put what the selected group holds in its place."""
    id = chosen_group(canvas)
    sheet, before = canvas.sheet, canvas.stage.places()
    tidy = same_picture(before, arrange_all(sheet))
    ids = sheet.unpack(id, merge=("unpack", id))
    if tidy:
        sheet.edit(say("Tidy up"), places=shifted(arrange_all(sheet), before), merge=("unpack", id))
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
    title, wanted = QInputDialog.getText(
        canvas, tr("Save as a block of my own"), tr("What shall it be called in the palette?"), text=group.title or id
    )
    if wanted:
        save_own(group, title)
        canvas.ownBlocksChanged.emit()


def chosen_group(canvas: Canvas) -> str:
    """Return the group that is meant: the one that is selected, or the open one all of whose nodes are; or nothing."""
    ids = canvas.selected_ids
    if len(ids) == 1 and canvas.sheet.group(ids[0]) is not None:
        return ids[0]
    return canvas.stage.opened.whole(ids)


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
        on=("node",),
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
        on=("node",),
    ),
    Command(
        "open_in_tab",
        note("Open the group in a tab"),
        lambda canvas: enter(canvas, chosen_group(canvas)),
        "Arrange",
        icon="mdi6.tab-plus",
        keys=("Return", "Enter"),
        enabled=_on_group,
        on=("node",),
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
        "save_block",
        note("Save as a block of my own…"),
        save_block,
        "Arrange",
        icon="mdi6.star-plus-outline",
        enabled=_on_group,
        on=("node",),
    ),
)
"""What can be done with groups, for the list of commands."""
