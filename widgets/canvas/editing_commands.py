"""The commands of editing: the clipboard, selecting, bypass and mute, notes and frames, lining up."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from playground.text import note
from widgets.canvas import arranging, clipboard, marks, remark_editing, selecting
from widgets.canvas.commanding import Command, at_least, drawn

if TYPE_CHECKING:
    from widgets.canvas.view import Canvas


def _chosen(canvas: Canvas) -> bool:
    """Allow it where nodes, notes or frames are selected."""
    return bool(canvas.selected_ids or canvas.stage.selected_remarks)


def _to_line_up(number: int) -> Callable[[Canvas], bool]:
    return lambda canvas: arranging.how_many(canvas) >= number


def _in_state(state: str) -> Callable[[Canvas], bool]:
    return lambda canvas: marks.state_of_selected(canvas) == state


CLIPBOARD: tuple[Command | None, ...] = (
    Command(
        "cut",
        note("Cut"),
        lambda canvas: clipboard.cut(canvas),
        "Edit",
        icon="mdi6.content-cut",
        keys=("Ctrl+X",),
        enabled=_chosen,
        on=("node", "remark", "group"),
    ),
    Command(
        "copy",
        note("Copy"),
        lambda canvas: clipboard.copy(canvas),
        "Edit",
        icon="mdi6.content-copy",
        keys=("Ctrl+C",),
        enabled=_chosen,
        on=("node", "remark", "group"),
    ),
    Command(
        "paste",
        note("Paste"),
        lambda canvas: clipboard.paste(canvas),
        "Edit",
        icon="mdi6.content-paste",
        keys=("Ctrl+V",),
        on=("node", "remark", "canvas"),
    ),
    Command(
        "duplicate",
        note("Duplicate"),
        lambda canvas: clipboard.duplicate(canvas),
        "Edit",
        icon="mdi6.content-duplicate",
        keys=("Ctrl+D",),
        enabled=_chosen,
        on=("node", "remark", "group"),
    ),
    None,
)

SELECTING: tuple[Command | None, ...] = (
    Command(
        "invert_selection",
        note("Invert the selection"),
        lambda canvas: selecting.invert(canvas),
        "Edit",
        icon="mdi6.select-inverse",
        keys=("Ctrl+I",),
        enabled=drawn,
    ),
    Command(
        "select_upstream",
        note("Select all that feeds it"),
        lambda canvas: selecting.add_upstream(canvas),
        "Edit",
        icon="mdi6.ray-end-arrow",
        keys=("Ctrl+[",),
        enabled=at_least(1),
    ),
    Command(
        "select_downstream",
        note("Select all that it feeds"),
        lambda canvas: selecting.add_downstream(canvas),
        "Edit",
        icon="mdi6.ray-start-arrow",
        keys=("Ctrl+]",),
        enabled=at_least(1),
    ),
    Command(
        "select_same",
        note("Select all of the same block"),
        lambda canvas: selecting.same_block(canvas),
        "Edit",
        icon="mdi6.select-multiple",
        keys=("Ctrl+Shift+A",),
        enabled=at_least(1),
    ),
    None,
)

STATES: tuple[Command | None, ...] = (
    Command(
        "bypass",
        note("Bypass"),
        lambda canvas: marks.switch_state(canvas, "bypassed"),
        "Edit",
        icon=marks.ICONS["bypassed"],
        keys=("Ctrl+B",),
        enabled=at_least(1),
        checked=_in_state("bypassed"),
        on=("node", "group"),
    ),
    Command(
        "mute",
        note("Mute"),
        lambda canvas: marks.switch_state(canvas, "muted"),
        "Edit",
        icon=marks.ICONS["muted"],
        keys=("Ctrl+M",),
        enabled=at_least(1),
        checked=_in_state("muted"),
        on=("node", "group"),
    ),
    None,
)

REMARKS: tuple[Command | None, ...] = (
    Command(
        "add_note",
        note("Add a note"),
        lambda canvas: remark_editing.add_note(canvas, canvas.pointer_place()),
        "Edit",
        icon="mdi6.note-plus-outline",
        keys=("N",),
        on=("canvas",),
    ),
    Command(
        "add_frame",
        note("Add a frame"),
        lambda canvas: remark_editing.add_frame(canvas, canvas.pointer_place()),
        "Edit",
        icon="mdi6.artboard",
        keys=("Ctrl+Shift+F",),
        on=("node", "canvas"),
    ),
    None,
)

_LINES = {
    "left": ("mdi6.align-horizontal-left", "Ctrl+Shift+Left"),
    "centre": ("mdi6.align-horizontal-center", "Ctrl+Shift+X"),
    "right": ("mdi6.align-horizontal-right", "Ctrl+Shift+Right"),
    "top": ("mdi6.align-vertical-top", "Ctrl+Shift+Up"),
    "middle": ("mdi6.align-vertical-center", "Ctrl+Shift+Y"),
    "bottom": ("mdi6.align-vertical-bottom", "Ctrl+Shift+Down"),
}
_WAYS = {
    "horizontally": ("mdi6.distribute-horizontal-center", "Ctrl+Shift+H"),
    "vertically": ("mdi6.distribute-vertical-center", "Ctrl+Shift+J"),
}


def _aligning(to: str) -> Callable[[Canvas], object]:
    return lambda canvas: arranging.align(canvas, to)


def _distributing(way: str) -> Callable[[Canvas], object]:
    return lambda canvas: arranging.distribute(canvas, way)


ARRANGING: tuple[Command | None, ...] = (
    None,
    *(
        Command(f"align_{to}", words, _aligning(to), "Arrange", *_LINES[to][:1], _LINES[to][1:], _to_line_up(2))
        for to, words in arranging.ALIGNMENTS.items()
    ),
    None,
    *(
        Command(
            f"distribute_{way}", words, _distributing(way), "Arrange", *_WAYS[way][:1], _WAYS[way][1:], _to_line_up(3)
        )
        for way, words in arranging.DISTRIBUTIONS.items()
    ),
)
