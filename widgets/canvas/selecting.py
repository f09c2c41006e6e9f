"""Selecting by what belongs together: the rest, all that feeds or is fed, all of the same block."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from playground.graph import Wire

if TYPE_CHECKING:
    from widgets.canvas.view import Canvas


def invert(canvas: Canvas) -> None:
    """Select what is not selected: the other nodes, and the other remarks where some of either were."""
    stage = canvas.stage
    ids = [id for id in stage.graph.nodes if id not in stage.selected]
    remarks = [id for id in stage.remarks.items if id not in stage.selected_remarks]
    stage.select(ids, _between(canvas, ids), remarks)


def add_upstream(canvas: Canvas) -> None:
    """Add to the selection all that feeds it, however far away."""
    _add(canvas, lambda id: (wire.source for wire in canvas.stage.graph.incoming[id]))


def add_downstream(canvas: Canvas) -> None:
    """Add to the selection all that it feeds, however far away."""
    _add(canvas, lambda id: (wire.target for wire in canvas.stage.graph.outgoing[id]))


def same_block(canvas: Canvas) -> None:
    """Select every node whose block is that of a selected one."""
    nodes = canvas.stage.graph.nodes
    wanted = {nodes[id].block.name for id in canvas.selected_ids}
    same = [id for id, node in nodes.items() if node.block.name in wanted]
    canvas.stage.select(dict.fromkeys((*canvas.selected_ids, *same)))


def _add(canvas: Canvas, neighbours: Callable[[str], Iterable[str]]) -> None:
    found = list(canvas.selected_ids)
    seen = set(found)
    for id in found:  # grows while it is read
        for other in neighbours(id):
            if other not in seen:
                seen.add(other)
                found.append(other)
    canvas.stage.select(found, _between(canvas, found), canvas.stage.selected_remarks)


def _between(canvas: Canvas, ids: Iterable[str]) -> list[Wire]:
    chosen = set(ids)
    return [wire for wire in canvas.stage.graph.wires if wire.source in chosen and wire.target in chosen]
