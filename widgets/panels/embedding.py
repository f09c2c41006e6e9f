"""Where examples lie in a layer's output, coloured by class, moving as it trains."""

from __future__ import annotations

import html
from typing import Any

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QPointF
from PySide6.QtGui import QBrush, QColor
from PySide6.QtWidgets import QVBoxLayout

from playground.probes.embedding import Embedding, EmbeddingAnswer, shows, telling
from playground.text import Sentence, note, tr
from playground.tidy import Table
from widgets.panels.parts.of_node import NodePicture
from widgets.panels.parts.plots import Plot, Readout, colour_table, readable, row
from widgets.theme import CLASS_COLOURS, Theme, current

Array = np.ndarray[Any, Any]

SYMBOLS = ("o", "t", "s", "d", "p", "star")
"""With more classes than colours, the next ten have another sign."""

FILLED = 0.55
"""The picture keeps its scale until the points fill less of it than this share, or more than all."""


class EmbeddingPanel(NodePicture):
    """Shows where examples lie in what leaves a node."""

    key = "embedding"
    title = note("Embedding (PCA)")
    help = note(
        "Each point is an example that validates: what leaves the chosen node for it, seen in the plane in which all "
        "of them spread most (principal component analysis). Colours are classes. As training goes on, classes should "
        "gather and move apart; the picture is turned so that points move as little as possible from one moment to "
        "the next."
    )
    choice_help = note("The node whose output is shown")
    icon = "mdi6.scatter-plot-outline"
    per_node = True

    def compose(self, column: QVBoxLayout) -> None:
        """Create the choice of the node, the points and the line of words."""
        self.answer: EmbeddingAnswer | None = None
        self.where: Array = np.empty((0, 2))
        self._reach = 0.0
        self._hover: QPointF | None = None
        self._brushes: list[QBrush] = []
        self._signs: str | list[str] = "o"
        self.make_choice()
        self._readout = Readout("embedding_readout")
        column.addLayout(row(self._choice, self._readout))
        self.plot = Plot("embedding_plot")
        self.plot.setMouseEnabled(False, False)
        self.plot.setAspectLocked(True)
        for side in ("left", "bottom"):
            self.plot.getAxis(side).setStyle(showValues=False, tickLength=0)
        self.points = pg.ScatterPlotItem(pxMode=True, size=7)
        self.plot.addItem(self.points)
        column.addWidget(self.plot, 1)
        self.plot.scene().sigMouseMoved.connect(self._on_scene_mouse_moved)
        self.plot.pointerLeft.connect(self._on_pointer_left)
        self.session.restarted.connect(self._on_session_restarted)
        self.destroyed.connect(self.session.document.subscribe(self._on_document_changed))
        self.list_nodes()

    def probe(self) -> Embedding | None:
        """Ask for the chosen node; of nothing where there is none."""
        node = self.chosen()
        return Embedding(node=node) if node else None

    def first_of(self, nodes: list[str]) -> str:
        """Return the last hidden layer, which says most of what the network makes of its examples."""
        node = telling(self.session.document.report)
        return node if node in nodes else super().first_of(nodes)

    def nodes(self) -> list[str]:
        report = self.session.document.report
        return [id for id, node in report.nodes.items() if shows(node)]

    # -- drawing -----------------------------------------------------------------------------------------------

    def draw(self, answer: EmbeddingAnswer | None) -> None:
        """Show where the examples lie now."""
        if answer is not None and answer.node != self.chosen():
            return  # asked before another node was chosen
        before, self.answer = self.answer, answer
        self.show_picture(answer is not None)
        if answer is None:
            self.where, self._reach = np.empty((0, 2)), 0.0
            return
        self.where = followed(self.where, answer.where) if before is not None else answer.where
        if before is None or not _alike(before, answer):
            self._sync_colours(answer)
        self._draw_points()
        self._sync_readout()

    def as_table(self) -> Table | None:
        """Return a row for each point, where it is drawn."""
        answer = self.answer
        if answer is None:
            return None
        known = answer.classes
        kinds = [known[kind] for kind in answer.kinds] if known else list(answer.kinds)
        rows = [(at, *place, kind) for at, (place, kind) in enumerate(zip(self.where.tolist(), kinds, strict=True))]
        return Table(("point", "x", "y", "label"), rows)

    def _sync_colours(self, answer: EmbeddingAnswer) -> None:
        """Give each class its colour and sign; numbers take theirs from a scale."""
        self._signs = "o"
        if answer.classes:
            n = len(CLASS_COLOURS)
            brushes = [pg.mkBrush(QColor(colour)) for colour in CLASS_COLOURS]
            self._brushes = [brushes[k % n] for k in answer.kinds]
            if len(answer.classes) > n:
                self._signs = [SYMBOLS[k // n % len(SYMBOLS)] for k in answer.kinds]
            return
        low, high = float(np.nanmin(answer.kinds)), float(np.nanmax(answer.kinds))
        level = (answer.kinds - low) / (high - low if high > low else 1.0)
        table = colour_table("viridis")[np.nan_to_num(level * 255).clip(0, 255).astype(int)]
        self._brushes = [pg.mkBrush(*colour) for colour in table]

    def _draw_points(self) -> None:
        known = np.where(np.isfinite(self.where), self.where, 0.0)
        edge = pg.mkPen(current().panel, width=1)
        self.points.setData(known[:, 0], known[:, 1], brush=self._brushes, symbol=self._signs, pen=edge)
        furthest = float(np.abs(known).max()) if known.size else 0.0
        if furthest > self._reach or furthest < FILLED * self._reach:
            self._reach = 1.15 * furthest or 1.0
            self.plot.setRange(xRange=(-self._reach, self._reach), yRange=(-self._reach, self._reach), padding=0)

    def _sync_readout(self) -> None:
        """Name the classes or, under the pointer, the example there."""
        answer = self.answer
        if answer is None:
            return
        share = f"{100 * sum(answer.shares):.0f} %"
        short = tr("{share} of the spread", share=share)
        if self._hover is not None and (k := self._nearest()) is not None:
            known, number = answer.classes, answer.kinds[k]
            kind = self.class_name(known[number]) if known else readable(float(number))
            self._readout.say(tr("label {name}", name=html.escape(kind)))
        elif answer.classes and len(answer.classes) <= len(CLASS_COLOURS) and answer.classes != ("",):
            dots = " ".join(
                f'<span style="color:{CLASS_COLOURS[k]}">●</span>&nbsp;{html.escape(self.class_name(name))}'
                for k, name in enumerate(answer.classes)
            )
            self._readout.say(f"{dots} &nbsp; {short}", dots)
        else:
            self._readout.say(short)

    def _nearest(self) -> int | None:
        """Return the example under the pointer."""
        assert self._hover is not None
        away = np.hypot(self.where[:, 0] - self._hover.x(), self.where[:, 1] - self._hover.y())
        reach = 8 * self.plot.getPlotItem().getViewBox().viewPixelSize()[0]
        k = int(np.nanargmin(away)) if np.isfinite(away).any() else 0
        return k if len(away) and away[k] <= reach else None

    # -- words and colours -------------------------------------------------------------------------------------

    def empty(self) -> str:
        """Say how to fill it."""
        return tr("Once the network is complete, the examples appear here as points. Press Play and watch them part.")

    def relabel(self) -> None:
        """Say everything again in the present language."""
        super().relabel()
        self.plot.setAccessibleName(str(Sentence(self.title)))
        self._sync_readout()

    def recolour(self, theme: Theme) -> None:
        """Take the colours of a theme."""
        self.plot.recolour(theme)
        if self.answer is not None:
            self._draw_points()

    # -- what happens ------------------------------------------------------------------------------------------

    def sync(self) -> None:
        """Say what is missing while there is nothing to draw."""
        self.list_nodes()
        self.show_picture(self.answer is not None)

    def _on_session_restarted(self) -> None:
        self.draw(None)

    def _on_scene_mouse_moved(self, at: QPointF) -> None:
        box = self.plot.getPlotItem().getViewBox()
        self._hover = box.mapSceneToView(at) if box.sceneBoundingRect().contains(at) else None
        self._readout.hurry()
        self._sync_readout()

    def _on_pointer_left(self) -> None:
        self._hover = None
        self._readout.hurry()
        self._sync_readout()


def followed(before: Array, now: Array) -> Array:
    """Turn and mirror points of a plane so that they lie as near as possible to where they were (Procrustes).

    The axes of a principal component analysis change sign and place from one moment to the next; distances between
    points are what they are, and stay so.
    """
    if before.shape != now.shape or not (np.isfinite(before).all() and np.isfinite(now).all()):
        return now
    left, _, right = np.linalg.svd(now.T @ before)
    turned: Array = now @ (left @ right)
    return turned


def _alike(one: EmbeddingAnswer, other: EmbeddingAnswer) -> bool:
    """Whether the same examples are shown."""
    return one.classes == other.classes and one.split == other.split and np.array_equal(one.kinds, other.kinds)
