"""The commands of seeing: find, the minimap, weights on wires, 100 %, and which way the network is drawn."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from playground.text import note, say
from widgets.canvas.commanding import Command, drawn
from widgets.canvas.geometry import DOWN, HEIGHT, RIGHT, WIDTH, Point, snapped
from widgets.canvas.layout import extent
from widgets.canvas.placing import arrange_all

if TYPE_CHECKING:
    from widgets.canvas.view import Canvas


def turn(canvas: Canvas) -> None:
    """Draw the network top-down, or from left to right again, laid out anew, as one step."""
    sheet = canvas.sheet
    direction = RIGHT if sheet.direction == DOWN else DOWN
    name = say("Draw from top to bottom") if direction == DOWN else say("Draw from left to right")
    places = arrange_all(sheet, direction=direction)
    (left, top), _ = extent(canvas.stage.places())
    places = {id: (x + snapped(left), y + snapped(top)) for id, (x, y) in places.items()}
    view = canvas.document.now.view
    elsewhere = {path: _turned(place) for path, place in view.positions.items()}
    sheet.edit(name, places=places, view=replace(view, positions=elsewhere, direction=direction))
    canvas.fit()


def _turned(place: Point) -> Point:
    """Return where a card stands when a picture is turned: nothing that was apart comes to overlap."""
    x, y = place
    wide = WIDTH / HEIGHT
    return snapped(y * wide), snapped(x / wide)


SEEING: tuple[Command | None, ...] = (
    Command(
        "zoom_100",
        note("Zoom to 100 %"),
        lambda canvas: canvas.zoom_to(1.0),
        "View",
        icon="mdi6.magnify",
        keys=("Ctrl+9",),
    ),
    None,
    Command(
        "find",
        note("Find a node…"),
        lambda canvas: canvas.find_bar.open(),
        "View",
        icon="mdi6.text-search",
        keys=("Ctrl+F",),
        enabled=drawn,
        on=("canvas",),
    ),
    Command(
        "minimap",
        note("Minimap"),
        lambda canvas: canvas.minimap.set_wanted(not canvas.minimap.wanted),
        "View",
        keys=("Ctrl+Shift+N",),
        checked=lambda canvas: canvas.minimap.wanted,
    ),
    Command(
        "weights_on_wires",
        note("Weights on wires"),
        lambda canvas: canvas.fans.set_wanted(not canvas.fans.wanted),
        "View",
        keys=("Ctrl+Shift+W",),
        checked=lambda canvas: canvas.fans.wanted,
    ),
)
"""Stands after the other commands of the menu View."""

TURNING: tuple[Command | None, ...] = (
    Command(
        "turn",
        note("Draw from top to bottom"),
        turn,
        "Arrange",
        keys=("Ctrl+Shift+L",),
        enabled=drawn,
        checked=lambda canvas: canvas.sheet.direction == DOWN,
        on=("canvas",),
    ),
)
"""Stands after *Tidy up*."""
