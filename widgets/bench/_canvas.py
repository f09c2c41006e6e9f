"""Large networks for the canvas, and how long it takes to work on them in the real window."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from itertools import pairwise
from typing import Any

from PySide6.QtCore import QCoreApplication, QEvent, QPointF, Qt
from PySide6.QtGui import QMouseEvent

from playground.block import Block
from playground.blocks.activation import Tanh
from playground.blocks.combine import Add, Concat
from playground.blocks.data import Input, Output
from playground.blocks.dense import Dense
from playground.experiment import Experiment, View
from playground.graph import Graph, Wire
from playground.text import say
from widgets.bench import percentile
from widgets.canvas.layout import arrange

CANVAS = (1200, 800)
CHAINS = 10
PANS, DRAGS, EDITS = 200, 120, 9


def large(nodes: int = 1000, wires: int = 1300) -> Graph:
    """Return parallel chains with residual connections, joined in the end: every shape is known, nothing is wrong."""
    blocks: dict[str, Block] = {"input_1": Input()}
    drawn: list[Wire] = []
    tail = ("concat_1", "dense_last", "output_1")
    ends: list[str] = []
    inner = nodes - 1 - len(tail)
    skips = wires - (inner + CHAINS + 2)  # all other wires: one into every inner node, those into the Concat, two more
    for c in range(CHAINS):
        before = ["input_1"]
        for k in range(inner // CHAINS + (c < inner % CHAINS)):
            joins = k >= 3 and k % 3 != 1 and skips > 0
            id = f"node_{c}_{k}"
            blocks[id] = Add() if joins else Dense(units=8) if k == 0 else Tanh()
            drawn.append(Wire(before[-1], id, "out", "xs" if joins else "x"))
            if joins:
                drawn.append(Wire(before[-2], id, "out", "xs"))
                skips -= 1
            before.append(id)
        ends.append(before[-1])
    blocks |= {"concat_1": Concat(), "dense_last": Dense(units=1), "output_1": _answer()}
    drawn += [Wire(end, "concat_1", "out", "xs") for end in ends]
    drawn += [Wire("concat_1", "dense_last"), Wire("dense_last", "output_1")]
    return Graph.of(blocks, drawn)


def chain(length: int = 200) -> Graph:
    """Return a chain whose every shape hangs on its head."""
    blocks: dict[str, Block] = {"input_1": Input()}
    blocks.update({f"node_{k}": Dense(units=8) if k % 2 == 0 else Tanh() for k in range(length - 3)})
    blocks["dense_last"] = Dense(units=1)
    blocks["output_1"] = _answer()
    ids = list(blocks)
    return Graph.of(blocks, [Wire(a, b) for a, b in pairwise(ids)])


def _answer() -> Output:
    return Output(task="binary", loss="binary_cross_entropy")


def measure(window: Any, repaint: Callable[[], None]) -> dict[str, float]:
    """Work on large networks and return milliseconds (and seconds to create, megabytes of the process)."""
    window.show_workspace()
    canvas = window.workspace.canvas
    for dock in window.workspace.docks.values():
        dock.hide()
    _give_room(window, canvas)
    found: dict[str, float] = {}
    found["edit_200_ms"] = _edited(window, chain())["edit"]
    graph = large()
    assert (len(graph.nodes), len(graph.wires)) == (1000, 1300)
    experiment = Experiment(graph=graph, view=View(arrange(graph)))
    began = time.perf_counter()
    window.document.open(experiment)
    repaint()
    found["create_s"] = time.perf_counter() - began
    assert not window.document.report.problems, window.document.report.problems[0]
    canvas.fit(ease=False)
    found["all_visible_p99_ms"] = _p99(_panned(canvas, 3, repaint))
    found["pan_100_p99_ms"] = _p99(_panned(canvas, 17, repaint, zoom=1.0))
    found["drag_p99_ms"] = _p99(_dragged(canvas, repaint))
    times = _edited(window, graph)
    found["edit_1000_ms"], found["undo_1000_ms"] = times["edit"], times["undo"]
    found["rss_mb"] = _resident()
    return found


def _give_room(window: Any, canvas: Any) -> None:
    """Make the window so large that the canvas has the size that is measured."""
    window.resize(CANVAS[0] + 20, CANVAS[1] + 20)
    QCoreApplication.processEvents()
    for _ in range(3):
        view = canvas.viewport().size()
        window.resize(window.width() + CANVAS[0] - view.width(), window.height() + CANVAS[1] - view.height())
        QCoreApplication.processEvents()


def _panned(canvas: Any, step: int, repaint: Callable[[], None], zoom: float = 0.0) -> Iterator[float]:
    """Pan there and back, and yield what every picture took."""
    if zoom:
        canvas.zoom_by(zoom / canvas.zoom, ease=False)
    repaint()
    for k in range(PANS):
        way = step if k % 50 < 25 else -step
        began = time.perf_counter()
        canvas.pan_by(-way, -way // 2)
        repaint()
        yield time.perf_counter() - began


def _dragged(canvas: Any, repaint: Callable[[], None]) -> Iterator[float]:
    """Drag the node in the middle of the view about, with real mouse events."""
    middle = canvas.scene_point(QPointF(canvas.viewport().rect().center()))
    cards = canvas.stage.cards.values()
    card = min(cards, key=lambda one: abs(one.x() - middle.x()) + abs(one.y() - middle.y()))
    at = canvas.view_point(QPointF(card.x() + 60, card.y() + 40))
    _mouse(canvas, QEvent.Type.MouseButtonPress, at)
    for k in range(DRAGS):
        began = time.perf_counter()
        _mouse(canvas, QEvent.Type.MouseMove, at + QPointF(4 * (k % 40), 3 * (k % 30)))
        repaint()
        yield time.perf_counter() - began
    _mouse(canvas, QEvent.Type.MouseButtonRelease, at)


def _mouse(canvas: Any, kind: QEvent.Type, at: QPointF) -> None:
    left, none = Qt.MouseButton.LeftButton, Qt.MouseButton.NoButton
    held = none if kind == QEvent.Type.MouseButtonRelease else left
    button = none if kind == QEvent.Type.MouseMove else left
    view = canvas.viewport()
    event = QMouseEvent(kind, at, view.mapToGlobal(at), button, held, Qt.KeyboardModifier.NoModifier)
    QCoreApplication.sendEvent(view, event)


def _edited(window: Any, graph: Graph) -> dict[str, float]:
    """Change the head of a network again and again, and take it back; medians of both."""
    document = window.document
    if document.now.graph is not graph:
        document.open(Experiment(graph=graph, view=View(arrange(graph))))
    heads = [id for id, node in graph.nodes.items() if isinstance(node.block, Dense)][:1]
    head = heads[0]
    edits, undos = [], []
    others = [id for id in graph.nodes if id.startswith("node_") and id.endswith("_0")]
    for k in range(EDITS):
        changed = document.now.graph
        for id in others or [head]:  # chains that are added to one another have to stay equally wide
            changed = changed.configure(id, Dense(units=16 + k))
        began = time.perf_counter()
        document.edit(say("Edit"), graph=changed)
        edits.append(time.perf_counter() - began)
        began = time.perf_counter()
        document.undo()
        undos.append(time.perf_counter() - began)
    return {"edit": 1000 * sorted(edits)[EDITS // 2], "undo": 1000 * sorted(undos)[EDITS // 2]}


def _p99(seconds: Iterator[float]) -> float:
    return 1000 * percentile(list(seconds), 0.99)


def _resident() -> float:
    """Return the megabytes that this process holds now; where the system does not tell, the most it ever held."""
    try:
        with open("/proc/self/status", encoding="ascii") as file:  # noqa: PTH123 - a device, not a path of ours
            return next(int(line.split()[1]) / 1024 for line in file if line.startswith("VmRSS"))
    except (OSError, StopIteration):
        import resource

        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
