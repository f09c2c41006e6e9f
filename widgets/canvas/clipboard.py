"""Cut, copy, paste and duplicate: what is selected as a piece of JSON text, between windows, programs and people."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from PySide6.QtCore import QMimeData, QPointF, QRectF
from PySide6.QtWidgets import QApplication

from playground import fragment
from playground.experiment import Remark
from playground.fragment import Fragment
from playground.text import Refusal, Sentence, count, say
from widgets.canvas.geometry import DOWN, GAP_X, GAP_Y, GRID, HEIGHT, WIDTH, Point, snapped
from widgets.canvas.layout import complete, covers
from widgets.canvas.placing import frames
from widgets.canvas.remark_editing import without
from widgets.canvas.remarks import fresh_id, shifted

if TYPE_CHECKING:
    from widgets.canvas.view import Canvas

MIME = "application/x-network-playground-fragment"
"""What a copied piece of a network is, besides plain text: the same text."""
STEP = 4 * GRID
"""How far a copy stands from the original, and each further one from the one before."""


class Pasted(NamedTuple):
    """What was pasted last, where the pointer was, and how often: the next copy steps on."""

    text: str = ""
    at: QPointF | None = None
    times: int = 0


# -- taking --------------------------------------------------------------------------------------------------------


def copy(canvas: Canvas) -> bool:
    """Put what is selected on the clipboard; False where that is nothing."""
    taken = _taken(canvas)
    if not taken:
        return False
    text = fragment.to_text(taken)
    data = QMimeData()
    data.setText(text)
    data.setData(MIME, text.encode("utf-8", "replace"))
    QApplication.clipboard().setMimeData(data)
    canvas.pasted = Pasted()
    return True


def cut(canvas: Canvas) -> None:
    """Put what is selected on the clipboard and take it away; a frame goes with all that lies in it."""
    if not copy(canvas):
        return
    ids, remarks = canvas.stage.carried()
    graph = canvas.sheet.graph
    whole = {one for id in canvas.sheet.whole(ids) for one in canvas.stage.opened.members(id)}
    # What was not copied is not taken away either: of the ports of groups only those of whole groups.
    ids = [id for id in ids if id in whole or not graph.nodes[id].block.edge]
    graph = graph.remove(ids)
    places = {id: place for id, place in canvas.stage.places().items() if id in graph.nodes}
    n = len(canvas.sheet.whole(ids))
    name = _named(ids, count("Cut {n} node", "Cut {n} nodes", n), say("Cut"))
    canvas.sheet.edit(name, graph=graph, places=places, remarks=without(canvas.sheet.remarks, remarks))


def _taken(canvas: Canvas) -> Fragment:
    sheet = canvas.sheet
    ids, remarks = canvas.stage.carried()
    graph, ids = sheet.closed(ids)
    ordered = [id for id in graph.nodes if id in set(ids)]
    chosen = [remark for remark in sheet.remarks if remark.id in remarks]
    return fragment.cut_out(graph, _all_places(canvas), ordered, chosen)


def _all_places(canvas: Canvas) -> dict[str, Point]:
    """Return where everything stands: cards as they are drawn, open groups, and what is hidden inside closed ones."""
    sheet = canvas.sheet
    drawn = canvas.stage.places()
    rects = frames(sheet.opened, drawn)
    return {**sheet.places, **drawn, **{id: (left, top) for id, (left, top, _, _) in rects.items()}}


# -- setting in ----------------------------------------------------------------------------------------------------


def paste(canvas: Canvas) -> None:
    """Set in what is on the clipboard: at the pointer, or beside the original where the pointer is elsewhere."""
    text = _text()
    try:
        piece = fragment.from_text(text)
        if not piece:
            raise Refusal(say("There is nothing to paste; copy nodes first"))
        at = canvas.pointer_place()
        joined = fragment.set_in(canvas.sheet.graph, piece.graph, canvas.stage.opened.at(at.x(), at.y()) if at else "")
    except Refusal as refusal:
        canvas.explain(refusal.sentence, canvas.pointer_place() or _middle(canvas))
        return
    places = complete(piece.graph, piece.places, canvas.stage.direction)
    by = _uncovering(canvas, places, _whither(canvas, text, _bounds(places, piece.remarks)))
    added = {joined.ids[id]: _moved(place, by) for id, place in places.items()}
    hidden = fragment.followed({path: place for path, place in piece.places.items() if "." in path}, joined.ids)
    remarks = _fresh(canvas, [shifted(remark, by) for remark in piece.remarks])
    n = len(added)
    name = _named(added, count("Paste {n} node", "Paste {n} nodes", n), say("Paste"))
    canvas.stop_fitting()
    canvas.sheet.edit(
        name,
        graph=joined.graph,
        places={**canvas.stage.places(), **added, **hidden},
        remarks=(*canvas.sheet.remarks, *remarks),
    )
    _show(canvas, added, remarks)


def duplicate(canvas: Canvas) -> None:
    """Add a copy of what is selected beside it, where there is room, fed by what feeds the original."""
    ids, chosen = canvas.stage.carried()
    joined = fragment.doubled(*canvas.sheet.closed(ids))
    old, stand = canvas.stage.places(), _all_places(canvas)
    originals = [remark for remark in canvas.sheet.remarks if remark.id in chosen]
    if not joined.ids and not originals:
        return
    places = {id: stand[id] for id in joined.ids}
    by = _room_beside(canvas, places, _bounds(places, originals))
    added = {joined.ids[id]: _moved(place, by) for id, place in places.items()}
    hidden = fragment.followed({path: place for path, place in stand.items() if path not in places}, joined.ids)
    remarks = _fresh(canvas, [shifted(remark, by) for remark in originals])
    n = len(added)
    if n == 1:
        name = say("Duplicate {node}", node=next(iter(places)))
    else:
        name = _named(added, count("Duplicate {n} node", "Duplicate {n} nodes", n), say("Duplicate"))
    canvas.stop_fitting()
    canvas.sheet.edit(
        name,
        graph=joined.graph,
        places={**old, **added, **hidden},
        remarks=(*canvas.sheet.remarks, *remarks),
    )
    _show(canvas, added, remarks)


def _show(canvas: Canvas, added: Mapping[str, Point], remarks: Sequence[Remark]) -> None:
    """Select what is new, and see that all of it is in view."""
    canvas.stage.select(added, [], [remark.id for remark in remarks])
    seen, bounds = canvas.visible_rect(), _bounds(added, remarks)
    if not seen.contains(bounds):
        canvas.show_rect(seen.united(bounds.adjusted(-GAP_Y / 2, -GAP_Y / 2, GAP_Y / 2, GAP_Y / 2)), ease=True)


def _text() -> str:
    data = QApplication.clipboard().mimeData()
    if data is None:
        return ""
    if data.hasFormat(MIME):
        return bytes(data.data(MIME).data()).decode("utf-8", "replace")
    return data.text() if data.hasText() else ""


def _whither(canvas: Canvas, text: str, bounds: QRectF) -> Point:
    """Say by how much what is pasted moves: to the pointer, else beside the original, and on with each repetition."""
    at = canvas.pointer_place()
    last = canvas.pasted
    again = last.times if last.text == text and last.at == at else 0
    canvas.pasted = Pasted(text, at, again + 1)
    if at is not None:
        by = at - bounds.center() + QPointF(again * STEP, again * STEP)
    else:
        by = QPointF((again + 1) * STEP, (again + 1) * STEP)
        if not canvas.visible_rect().intersects(bounds.translated(by)):  # it was copied from somewhere else
            by = _middle(canvas) - bounds.center() + QPointF(again * STEP, again * STEP)
    return snapped(by.x()), snapped(by.y())


def _uncovering(canvas: Canvas, places: Mapping[str, Point], by: Point) -> Point:
    """Step on while a card would lie right on top of another and hide it."""
    standing = {(round(x / STEP), round(y / STEP)) for x, y in canvas.stage.places().values()}
    for _ in range(100):
        moved = (_moved(place, by) for place in places.values())
        if not any((round(x / STEP), round(y / STEP)) in standing for x, y in moved):
            break
        by = _moved(by, (STEP, STEP))
    return by


def _room_beside(canvas: Canvas, places: Mapping[str, Point], bounds: QRectF) -> Point:
    """Find the nearest free place below (where data flow down: right of) what is duplicated."""
    down = canvas.stage.direction == DOWN
    length = snapped((bounds.width() + GAP_X / 2) if down else (bounds.height() + GAP_Y / 2))
    standing = canvas.stage.places()
    by = (0.0, 0.0)
    for k in range(1, 50):
        by = (k * length, 0.0) if down else (0.0, k * length)
        if not any(covers(standing, _moved(place, by)) for place in places.values()):
            break
    return by


def _bounds(places: Mapping[str, Point], remarks: Iterable[Remark]) -> QRectF:
    total = QRectF()
    for place in places.values():
        total = total.united(QRectF(*place, WIDTH, HEIGHT))
    for remark in remarks:
        total = total.united(QRectF(*remark.rect))
    return total


def _fresh(canvas: Canvas, remarks: Iterable[Remark]) -> list[Remark]:
    """Give remarks ids that none in the whole document has."""
    taken = list(canvas.document.now.view.remarks)
    found = []
    for remark in remarks:
        found.append(replace(remark, id=fresh_id(remark.kind, taken)))
        taken.append(found[-1])
    return found


def _middle(canvas: Canvas) -> QPointF:
    return canvas.scene_point(QPointF(canvas.viewport().rect().center()))


def _moved(place: Point, by: Point) -> Point:
    return place[0] + by[0], place[1] + by[1]


def _named(ids: Iterable[str], nodes: Sentence, bare: Sentence) -> Sentence:
    """Name a step by its nodes; where it only concerns remarks, by what is done."""
    return nodes if list(ids) else bare
