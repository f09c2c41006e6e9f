"""All heads of all layers at a glance: a row for each layer, a small map for each head."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt, Signal
from PySide6.QtGui import (
    QBrush,
    QColor,
    QFontMetricsF,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPainterPath,
    QPaintEvent,
    QPen,
)
from PySide6.QtWidgets import QWidget

from playground.probes.attention import Overview
from playground.text import tr
from widgets.panels.parts.attention_map import heat_table, hide_future
from widgets.panels.parts.grids import STEPS
from widgets.panels.parts.plots import as_image
from widgets.theme import current, font

GAP = 5.0

LARGEST, SMALLEST = 130.0, 6.0
"""Pixels of a small map."""

FADED = 0.6
"""Small weights are shown stronger than they are, by this power: at a glance it matters where there is anything."""


class Heads(QWidget):
    """Paints the small maps.

    Signals:
        picked(str, int): the layer and the head that were clicked or walked to.
    """

    picked = Signal(str, int)

    def __init__(self, name: str) -> None:
        super().__init__()
        self.setObjectName(name)
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setFont(font(8.5))
        self.setMinimumSize(80, 60)
        self.layers: tuple[Overview, ...] = ()
        self.chosen = ("", 0)
        self._names: Mapping[str, str] = {}

    def show_layers(self, layers: tuple[Overview, ...], names: Mapping[str, str], chosen: tuple[str, int]) -> None:
        """Show these layers under these names, one of their heads framed."""
        self.layers, self._names, self.chosen = layers, names, chosen
        self.update()

    # -- where things are --------------------------------------------------------------------------------------

    def boxes(self) -> dict[tuple[str, int], QRectF]:
        """Return where the map of each head is, by layer and head."""
        line, side = self._sizes()
        found, top = {}, 0.0
        for layer in self.layers:
            top += line
            for head in range(len(layer.maps)):
                found[layer.node, head] = QRectF(2 + head * (side + GAP), top, side, side)
            top += side + GAP
        return found

    def _sizes(self) -> tuple[float, float]:
        """Return how many pixels a name takes, and how many a map; without names where it gets too tight."""
        most = max((len(layer.maps) for layer in self.layers), default=1) or 1
        across = (self.width() - 4) / most - GAP
        for line in (QFontMetricsF(self.font()).height(), 0.0):
            down = self.height() / max(1, len(self.layers)) - GAP - line
            side = min(LARGEST, across, down)
            if side >= 20 or not line:
                break
        return line, max(SMALLEST, side)

    def head_at(self, point: QPointF) -> tuple[str, int] | None:
        """Return the layer and the head at a point, if there is one."""
        return next((one for one, box in self.boxes().items() if box.contains(point)), None)

    def said(self, node: str, head: int) -> str:
        """Name a head."""
        return tr("{layer}, head {n}", layer=self._names.get(node, node), n=head + 1)

    # -- Qt ----------------------------------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the names of the layers and their maps."""
        theme, painter, boxes = current(), QPainter(self), self.boxes()
        painter.setFont(self.font())
        metrics, table = QFontMetricsF(self.font()), heat_table(theme)
        named = self._sizes()[0] > 0
        for layer in self.layers:
            for head, small in enumerate(layer.maps):
                box = boxes[layer.node, head]
                shares = (255 * (small / 255.0) ** FADED).round().astype(np.uint8)
                painter.drawImage(box, as_image(np.ascontiguousarray(table[shares])))
                if layer.kind == "masked":
                    hidden = QPainterPath()
                    hide_future(hidden, box, *small.shape)
                    painter.fillPath(hidden, QBrush(QColor(theme.line), Qt.BrushStyle.BDiagPattern))
                chosen = (layer.node, head) == self.chosen
                painter.setPen(QPen(QColor(theme.accent if chosen else theme.line), 2.0 if chosen else 1.0))
                painter.drawRect(box)
            if named and len(layer.maps):
                top = boxes[layer.node, 0].top() - metrics.height()
                name = self._names.get(layer.node, layer.node)
                painter.setPen(QColor(theme.text if layer.node == self.chosen[0] else theme.dim))
                text = metrics.elidedText(name, Qt.TextElideMode.ElideMiddle, self.width() - 4)
                painter.drawText(QRectF(2, top, self.width() - 4, metrics.height()), text)
        if self.hasFocus():
            painter.setPen(QPen(QColor(theme.accent), 1.0))
            painter.drawRect(self.rect().adjusted(0, 0, -1, -1))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Name the head below the pointer."""
        super().mouseMoveEvent(event)
        found = self.head_at(event.position())
        self.setToolTip(self.said(*found) if found else "")

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Choose a head."""
        found = self.head_at(event.position())
        if event.button() == Qt.MouseButton.LeftButton and found is not None:
            self.picked.emit(*found)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Walk with the arrow keys: left and right to other heads, up and down to other layers."""
        step = STEPS.get(Qt.Key(event.key()))
        ids = [layer.node for layer in self.layers]
        if step is None or self.chosen[0] not in ids:
            super().keyPressEvent(event)
            return
        layer = self.layers[max(0, min(len(ids) - 1, ids.index(self.chosen[0]) + step[0]))]
        head = max(0, min(len(layer.maps) - 1, self.chosen[1] + step[1]))
        self.picked.emit(layer.node, head)

    def focusInEvent(self, event: object) -> None:
        """Show that the keys walk here."""
        self.update()

    def focusOutEvent(self, event: object) -> None:
        """Show that they do no longer."""
        self.update()
