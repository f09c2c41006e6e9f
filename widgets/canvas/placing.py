"""Where everything stands when groups are open in place: each a frame around its nodes, among the rest. No Qt."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping

from playground.blocks.group import Group
from playground.graph import Graph, joined
from playground.nesting import fold, inside, lies_in, split
from playground.sheet import MARGIN, Sheet
from widgets.canvas.geometry import CARD_SIZE, HEIGHT, WIDTH, Point, Rect, Size, box, overlap
from widgets.canvas.layout import COLUMNS, arrange, complete, extent
from widgets.canvas.sizes import tall_cards

ENDLESS = 1_000
"""Columns of a row that is never broken."""
APART = 24.0
"""How close a card may come to a frame beside it."""


# -- the picture as a whole ------------------------------------------------------------------------------------------


def arrange_all(
    sheet: Sheet, opened: Collection[str] | None = None, direction: str = "", graph: Graph | None = None
) -> dict[str, Point]:
    """Place everything on a sheet anew: the inside of every open group first, then it as one box among the rest.

    `opened` says which groups are taken to be open, `direction` which way all is drawn, `graph` what is drawn; by
    default all is as it is.
    """
    opened = sheet.opened if opened is None else opened
    whole = inside(sheet.document.now.graph, sheet.level)
    if graph is not None:
        whole = fold(graph, whole) if sheet.opened else graph
    direction = direction or sheet.direction
    places, _ = _laid_out(direction, whole, "", opened, tall_cards(sheet, direction))
    return places


def places_of(sheet: Sheet) -> dict[str, Point]:
    """Return a place for every card on a sheet: the one it was given, or one beside its neighbours.

    Where nobody has placed anything, open groups are laid out as boxes among the rest.
    """
    given = sheet.places
    if sheet.opened and not any(id in given for id in sheet.graph.nodes):
        return arrange_all(sheet)
    tall = tall_cards(sheet, sheet.direction)
    sizes = {id: size for id in sheet.graph.nodes if (size := tall(id))}
    return complete(sheet.graph, given, sheet.direction, sizes)


def _laid_out(
    direction: str, graph: Graph, prefix: str, opened: Collection[str], tall: Callable[[str], Size | None]
) -> tuple[dict[str, Point], Size]:
    sizes: dict[str, Size] = {id: size for id in graph.nodes if (size := tall(joined(prefix, id)))}
    within: dict[str, dict[str, Point]] = {}
    for id, node in graph.nodes.items() if opened else ():
        path = joined(prefix, id)
        if path in opened and isinstance(node.block, Group) and node.block.graph.nodes:
            within[id], size = _laid_out(direction, node.block.graph, path, opened, tall)
            sizes[id] = framed(size)
    # What is open in place is read in one line: what comes in on one side, what goes out on the other.
    columns = COLUMNS if not prefix else ENDLESS
    stand = arrange(graph, columns, direction=direction, sizes=sizes)
    places = {joined(prefix, id): place for id, place in stand.items() if id not in within}
    for id, inner in within.items():
        places.update(set_down(inner, stand[id]))
    return places, extent(stand, sizes)[1]


def framed(size: Size) -> Size:
    """Return the size of a frame around something of a size."""
    return size[0] + 2 * MARGIN[0], size[1] + MARGIN[0] + MARGIN[1]


def set_down(inner: Mapping[str, Point], place: Point) -> dict[str, Point]:
    """Move the inside of a group to where its frame begins."""
    left, top = (min(one[axis] for one in inner.values()) for axis in (0, 1))
    dx, dy = place[0] + MARGIN[0] - left, place[1] + MARGIN[1] - top
    return {id: (x + dx, y + dy) for id, (x, y) in inner.items()}


# -- frames ----------------------------------------------------------------------------------------------------------


def frames(
    opened: Iterable[str], places: Mapping[str, Point], sizes: Mapping[str, Size] | None = None
) -> dict[str, Rect]:
    """Return the frame of every open group: around the cards in it, and around the frames inside it.

    `sizes` are those of cards that are not as usual.
    """
    found: dict[str, Rect] = {}
    sized = sizes or {}
    for id in sorted(opened, key=lambda id: -id.count(".")):
        boxes = [box(place, sized.get(one, CARD_SIZE)) for one, place in places.items() if lies_in(one, id)]
        boxes += [rect for other, rect in found.items() if lies_in(other, id)]
        if boxes:
            left, top = min(b[0] for b in boxes), min(b[1] for b in boxes)
            right, bottom = max(b[2] for b in boxes), max(b[3] for b in boxes)
            found[id] = (left - MARGIN[0], top - MARGIN[1], right + MARGIN[0], bottom + MARGIN[0])
    return found


def grown(places: Mapping[str, Point], old: Rect, new: Rect, ids: Collection[str]) -> dict[str, Point]:
    """Return where all stands when something takes up more room: what lies behind or below it moves by what it grew.

    `ids` are its own nodes, which stay.
    """
    dx, dy = new[2] - old[2], new[3] - old[3]
    found = {}
    for one, (x, y) in places.items():
        if one in ids:
            found[one] = (x, y)
        elif x >= old[2]:
            found[one] = (x + max(0.0, dx), y)
        elif y >= old[3] and overlap(box((x, y)), (new[0], old[3], new[2], float("inf")), APART):
            found[one] = (x, y + max(0.0, dy))
        else:
            found[one] = (x, y)
    return found


def make_way(opened: Collection[str], before: Mapping[str, Point], after: Mapping[str, Point]) -> dict[str, Point]:
    """Return the places when frames that have grown since push away what stands behind and below them."""
    places, old = dict(after), frames(opened, before)
    for id in sorted(old, key=lambda id: -id.count(".")):
        new = frames(opened, places).get(id)
        if new is not None and (new[2] > old[id][2] or new[3] > old[id][3]):
            around = split(id)[0]
            stay = {one for one in places if lies_in(one, id) or not lies_in(one, around)}
            places = grown(places, old[id], new, stay)
    return places


# -- opening and closing ---------------------------------------------------------------------------------------------


def opened_places(sheet: Sheet, before: Mapping[str, Point], id: str) -> dict[str, Point]:
    """Return where all stands when a group opens: what lies behind or below it moves by what it grows."""
    group = sheet.group(id)
    assert group is not None
    stored, level = sheet.document.now.view.positions, joined(sheet.level, id)
    known = {one: stored[joined(level, one)] for one in group.graph.nodes if joined(level, one) in stored}
    if known:
        inner = complete(group.graph, known, sheet.direction)
    else:
        inner = arrange(group.graph, ENDLESS, direction=sheet.direction)
    width, height = framed(extent(inner)[1])
    x, y = before[id]
    rest = {one: place for one, place in before.items() if one != id}
    places = grown(rest, box((x, y)), (x, y, x + width, y + height), ())
    return {**places, **{joined(id, one): place for one, place in set_down(inner, (x, y)).items()}}


def closed_places(before: Mapping[str, Point], frame: Rect, id: str) -> dict[str, Point]:
    """Return where all stands when a group closes: what made room for its frame comes back."""
    left, top, right, bottom = frame
    places: dict[str, Point] = {id: (left, top)}
    for one, (x, y) in before.items():
        if lies_in(one, id):
            continue
        if x >= right:
            x -= right - left - WIDTH
        elif y >= bottom and left - WIDTH < x < right:
            y -= bottom - top - HEIGHT
        places[one] = (x, y)
    return places
