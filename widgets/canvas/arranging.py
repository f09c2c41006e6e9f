"""Lining things up: align and distribute what is selected, as one step. The arithmetic needs no Qt.

Cards that were side by side and are put on one line would lie on top of each other; they step apart along that line
instead, in the order in which they stood.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, TypeVar

from playground.text import Sentence, note
from widgets.canvas.geometry import GRID, Point, Rect

if TYPE_CHECKING:
    from widgets.canvas.view import Canvas

APART = 3 * GRID
"""How far things keep from each other when they step apart."""

ALIGNMENTS = {
    "left": note("Align left"),
    "centre": note("Align centres"),
    "right": note("Align right"),
    "top": note("Align top"),
    "middle": note("Align middles"),
    "bottom": note("Align bottom"),
}
"""What the edges and middles are called; the first three put things below each other, the others side by side."""

DISTRIBUTIONS = {
    "horizontally": note("Distribute horizontally"),
    "vertically": note("Distribute vertically"),
}

Name = TypeVar("Name")


def aligned(boxes: Mapping[Name, Rect], to: str) -> dict[Name, Point]:
    """Return where everything stands with its `to` (a key of `ALIGNMENTS`) on the line of the outermost."""
    axis = 0 if to in ("left", "centre", "right") else 1
    sides = [(rect[axis], rect[axis + 2]) for rect in boxes.values()]
    first, last = min(low for low, _ in sides), max(high for _, high in sides)
    share = {"left": 0.0, "top": 0.0, "centre": 0.5, "middle": 0.5, "right": 1.0, "bottom": 1.0}[to]
    found = {}
    for name, rect in boxes.items():
        start = first + share * (last - first) - share * (rect[axis + 2] - rect[axis])
        found[name] = _with(rect, axis, start)
    return _apart(boxes, found, 1 - axis)


def distributed(boxes: Mapping[Name, Rect], way: str) -> dict[Name, Point]:
    """Return where everything stands with equal gaps between the first and the last, which stay where they are.

    Where there is no room for gaps, the last one gives way.
    """
    axis = 0 if way == "horizontally" else 1
    order = sorted(boxes, key=lambda name: (boxes[name][axis] + boxes[name][axis + 2], boxes[name][1 - axis]))
    filled = sum(boxes[name][axis + 2] - boxes[name][axis] for name in order)
    room = boxes[order[-1]][axis + 2] - boxes[order[0]][axis] - filled
    gap = max(APART, room / (len(order) - 1))
    found, at = {}, boxes[order[0]][axis]
    for name in order:
        found[name] = _with(boxes[name], axis, round(at))
        at += boxes[name][axis + 2] - boxes[name][axis] + gap
    return found


def _apart(boxes: Mapping[Name, Rect], places: dict[Name, Point], axis: int) -> dict[Name, Point]:
    """Let those that would overlap along the line step apart, in the order in which they stood."""
    order = sorted(boxes, key=lambda name: (boxes[name][axis], boxes[name][1 - axis]))
    free = float("-inf")
    found = {}
    for name in order:
        x, y = places[name]
        start = max(places[name][axis], free)
        found[name] = (start, y) if axis == 0 else (x, start)
        free = start + boxes[name][axis + 2] - boxes[name][axis] + APART
    return {name: found[name] for name in places}


def _with(rect: Rect, axis: int, start: float) -> Point:
    return (start, rect[1]) if axis == 0 else (rect[0], start)


# -- on the canvas -----------------------------------------------------------------------------------------------


def align(canvas: Canvas, to: str) -> None:
    """Put the selected nodes and notes on one line."""
    boxes = _boxes(canvas)
    if len(boxes) > 1:
        _put(canvas, Sentence(ALIGNMENTS[to]), aligned(boxes, to))


def distribute(canvas: Canvas, way: str) -> None:
    """Put equal gaps between the selected nodes and notes."""
    boxes = _boxes(canvas)
    if len(boxes) > 2:
        _put(canvas, Sentence(DISTRIBUTIONS[way]), distributed(boxes, way))


def how_many(canvas: Canvas) -> int:
    """Count what can be lined up now."""
    return len(_boxes(canvas))


def _boxes(canvas: Canvas) -> dict[tuple[str, str], Rect]:
    """Return the selected cards and notes; a frame stays around what it was drawn around."""
    stage = canvas.stage
    found = {("node", id): stage.cards[id].box() for id in stage.selected}
    for remark in canvas.sheet.remarks:
        if remark.kind == "note" and remark.id in stage.selected_remarks:
            x, y, width, height = remark.rect
            found["remark", remark.id] = (x, y, x + width, y + height)
    return found


def _put(canvas: Canvas, name: Sentence, found: Mapping[tuple[str, str], Point]) -> None:
    places = canvas.stage.places()
    places.update({id: place for (kind, id), place in found.items() if kind == "node"})
    remarks = tuple(
        replace(remark, rect=(*found["remark", remark.id], *remark.rect[2:]))
        if ("remark", remark.id) in found
        else remark
        for remark in canvas.sheet.remarks
    )
    canvas.stop_fitting()
    canvas.sheet.edit(name, places=places, remarks=remarks)
