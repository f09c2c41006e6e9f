"""Pictures of a function of two numbers: contours from above, and a shaded relief that can be turned."""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np
from PySide6.QtCore import QEvent, QPointF, Qt
from PySide6.QtGui import (
    QColor,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QPixmap,
    QPolygonF,
    QResizeEvent,
)
from PySide6.QtWidgets import QWidget

from widgets.panels.parts.plots import colour_table
from widgets.theme import APPEARANCE, current

Array = np.ndarray[Any, Any]

LEVELS = 20
"""Bands of colour between the lowest value and the highest."""

FINENESS = 300
"""Pixels along a side of the picture from above, about."""

QUADS = 24
"""Pieces along a side of the relief: more would not be seen, and would take long to paint."""

LOWEST = 1e-4
"""What is less than this share of the highest value gets the colour of the lowest: else a logarithm would make pits."""

HEIGHT = 0.75
"""How high the relief is at most; its base is a square of side 2."""

LIGHT = np.array([-0.45, -0.55, 0.70])
"""Where the light comes from."""

TURN = math.radians(8)
"""How far a press of an arrow key turns the relief."""


class Heights(NamedTuple):
    """Values as heights from 0 to 1 on a logarithmic scale, and what the ends stand for: exponents of ten."""

    shares: Array
    low: float
    high: float


def heights(values: Array) -> Heights | None:
    """Turn values, of which some may not be known yet, into heights; None where none is known."""
    values = filled(values.astype(np.float64))
    known = np.isfinite(values)
    if not known.any():
        return None
    top = max(float(values[known].max()), 1e-30)
    values = np.where(known, values, top).clip(top * LOWEST, top)
    logs = np.log10(values)
    low, high = float(logs.min()), float(logs.max())
    shares = (logs - low) / (high - low) if high > low else np.zeros_like(logs)
    return Heights(shares, low, high)


def filled(values: Array) -> Array:
    """Give each place that is not known yet the value of the last place of a coarser grid that is."""
    found = values.copy()
    rows, columns = (np.arange(n) for n in values.shape)
    for stride in (2, 4, 8):
        coarse = values[np.ix_(rows // stride * stride, columns // stride * stride)]
        found = np.where(np.isnan(found), coarse, found)
    return found


def smooth(values: Array, finer: int) -> Array:
    """Lay a smooth surface through values (Catmull and Rom's cubic), with so many places between two of them."""
    down, right = (_between(n, finer) for n in values.shape)
    return np.asarray((down @ values @ right.T).clip(values.min(), values.max()))


def _between(n: int, finer: int) -> Array:
    """Return the weights (fine, n) by which n values make the fine ones."""
    at = np.linspace(0, n - 1, (n - 1) * finer + 1)
    base = np.minimum(at.astype(int), n - 2)
    t = at - base
    parts = (
        (-t + 2 * t**2 - t**3) / 2,
        (2 - 5 * t**2 + 3 * t**3) / 2,
        (t + 4 * t**2 - 3 * t**3) / 2,
        (-(t**2) + t**3) / 2,
    )
    weights = np.zeros((len(at), n))
    for offset, part in zip((-1, 0, 1, 2), parts, strict=True):
        np.add.at(weights, (np.arange(len(at)), (base + offset).clip(0, n - 1)), part)
    return weights


def table() -> Array:
    """Return the colours of heights, uint8 (256, 3)."""
    return colour_table("viridis")


def banded() -> Array:
    """Return the colours of the bands, uint8 (LEVELS, 3)."""
    return table()[np.linspace(0, 255, LEVELS).round().astype(int)]


def contours(shares: Array) -> Array:
    """Paint heights from above: a colour for each band, and a darker line where two meet; RGB (h, w, 3)."""
    bands = (smooth(shares, max(1, round(FINENESS / len(shares)))) * LEVELS).astype(int).clip(0, LEVELS - 1)
    pixels = banded()[bands].astype(np.float32)
    edges = np.zeros(bands.shape, dtype=bool)
    edges[:, 1:] |= bands[:, 1:] != bands[:, :-1]
    edges[1:] |= bands[1:] != bands[:-1]
    pixels[edges] *= 0.72
    return pixels.round().astype(np.uint8)


class Relief(QWidget):
    """Heights as a landscape in shaded pieces, the farthest painted first; drag it, or press arrow keys, to turn it."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.setObjectName(name)
        self.setMinimumSize(60, 60)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.OpenHandCursor)
        self.turned, self.raised = math.radians(-35), math.radians(38)
        self._shares: Array | None = None
        self._way = np.empty((0, 2))
        self._painted: QPixmap | None = None
        self._dragged: QPointF | None = None
        APPEARANCE.changed.connect(self._on_appearance_changed)

    def set_heights(self, shares: Array | None) -> None:
        """Show these heights, 0 to 1, row 0 in front; None: nothing."""
        if shares is not None:
            at = np.linspace(0, len(shares) - 1, min(len(shares), QUADS + 1)).round().astype(int)
            shares = shares[np.ix_(at, at)]
        self._shares, self._painted = shares, None
        self.update()

    def set_way(self, way: Array) -> None:
        """Draw a way over it, (n, 2) from 0 to 1 across and up; the last place gets a dot."""
        self._way = way
        self.update()

    def projected(self, across: Array, up: Array, height: Array) -> tuple[Array, Array, Array]:
        """Return x and y on the widget, and how far away, of points: 0 to 1 in each of three directions."""
        x, y, z = 2 * across - 1, 2 * up - 1, 2 * HEIGHT * (height - 0.5)
        cos, sin = math.cos(self.turned), math.sin(self.turned)
        x, y = x * cos - y * sin, x * sin + y * cos
        scale = min(self.width() / 2.9, self.height() / 2.9)
        far = y * math.cos(self.raised) - z * math.sin(self.raised)
        screen = y * math.sin(self.raised) + z * math.cos(self.raised)
        return self.width() / 2 + scale * x, self.height() / 2 - scale * screen, far

    # -- painting ----------------------------------------------------------------------------------------------

    def _paint_pieces(self, painter: QPainter, shares: Array) -> None:
        n, m = shares.shape
        across, up = np.meshgrid(np.linspace(0, 1, m), np.linspace(0, 1, n))
        x, y, far = self.projected(across, up, shares)
        colours = self._shaded(shares)
        middle = (far[1:, 1:] + far[:-1, 1:] + far[1:, :-1] + far[:-1, :-1]).ravel()
        for k in np.argsort(-middle).tolist():
            i, j = divmod(k, m - 1)
            corners = ((i, j), (i, j + 1), (i + 1, j + 1), (i + 1, j))
            colour = QColor(*colours[i, j])
            painter.setPen(QPen(colour, 0.6))  # else the ground would shine through between the pieces
            painter.setBrush(colour)
            painter.drawPolygon(QPolygonF([QPointF(x[at], y[at]) for at in corners]))

    @staticmethod
    def _shaded(shares: Array) -> list[Any]:
        """Return a colour for each piece: that of its height, the brighter the more it faces the light."""
        mean = (shares[1:, 1:] + shares[:-1, 1:] + shares[1:, :-1] + shares[:-1, :-1]) / 4
        rise = 2 * HEIGHT * (len(shares) - 1) / 2
        slope_x = (shares[1:, 1:] + shares[:-1, 1:] - shares[1:, :-1] - shares[:-1, :-1]) / 2 * rise
        slope_y = (shares[1:, 1:] + shares[1:, :-1] - shares[:-1, 1:] - shares[:-1, :-1]) / 2 * rise
        normal = np.stack([-slope_x, -slope_y, np.ones_like(mean)], axis=-1)
        normal /= np.linalg.norm(normal, axis=-1, keepdims=True)
        light = (normal @ (LIGHT / np.linalg.norm(LIGHT))).clip(0, 1)
        colours = table()[(mean * 255).round().astype(int).clip(0, 255)]
        return np.asarray((colours * (0.55 + 0.45 * light)[..., None]).round(), dtype=object)

    def _paint_way(self, painter: QPainter, shares: Array) -> None:
        way = self._way
        if not len(way):
            return
        inside = ((way >= 0) & (way <= 1)).all(axis=1)
        across, up = way[:, 0].clip(0, 1), way[:, 1].clip(0, 1)
        x, y, _ = self.projected(across, up, at_places(shares, across, up))
        for colour, width in ((QColor(0, 0, 0, 150), 3.4), (QColor("#FFFFFF"), 1.8)):
            painter.setPen(QPen(colour, width, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
            for k in range(1, len(way)):
                if inside[k] and inside[k - 1]:
                    painter.drawLine(QPointF(x[k - 1], y[k - 1]), QPointF(x[k], y[k]))
        if inside[-1]:
            painter.setPen(QPen(QColor("#14161B"), 1.2))
            painter.setBrush(QColor("#FFFFFF"))
            painter.drawEllipse(QPointF(x[-1], y[-1]), 4, 4)

    # -- what happens ------------------------------------------------------------------------------------------

    def turn(self, by: float, raised: float) -> None:
        """Turn it, and look at it from higher up or lower down."""
        self.turned += by
        self.raised = min(max(self.raised + raised, math.radians(5)), math.radians(88))
        self._painted = None
        self.update()

    def _on_appearance_changed(self) -> None:
        self._painted = None
        self.update()

    # -- Qt ----------------------------------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the relief, kept until it changes, and the way over it."""
        if self._shares is None:
            return
        if self._painted is None:
            ratio = self.devicePixelRatioF()
            self._painted = QPixmap(self.size() * ratio)
            self._painted.setDevicePixelRatio(ratio)
            self._painted.fill(QColor(current().panel))
            ground = QPainter(self._painted)
            ground.setRenderHint(QPainter.RenderHint.Antialiasing)
            self._paint_pieces(ground, self._shares)
            ground.end()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.drawPixmap(0, 0, self._painted)
        self._paint_way(painter, self._shares)
        if self.hasFocus():
            painter.setPen(QPen(QColor(current().accent), 1))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(self.rect().adjusted(1, 1, -2, -2), 4, 4)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Paint it anew in the new size."""
        super().resizeEvent(event)
        self._painted = None

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Take hold of it."""
        if event.button() == Qt.MouseButton.LeftButton:
            self._dragged = event.position()
            self.setCursor(Qt.CursorShape.ClosedHandCursor)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Turn it with the pointer."""
        if self._dragged is not None:
            by = event.position() - self._dragged
            self._dragged = event.position()
            self.turn(by.x() / 90, by.y() / 90)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Let go."""
        self._dragged = None
        self.setCursor(Qt.CursorShape.OpenHandCursor)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Turn it with the arrow keys."""
        turns = {
            Qt.Key.Key_Left: (-TURN, 0.0),
            Qt.Key.Key_Right: (TURN, 0.0),
            Qt.Key.Key_Up: (0.0, TURN),
            Qt.Key.Key_Down: (0.0, -TURN),
        }
        if (by := turns.get(Qt.Key(event.key()))) is not None:
            self.turn(*by)
        else:
            super().keyPressEvent(event)

    def focusInEvent(self, event: QEvent) -> None:
        """Show that keys go here."""
        super().focusInEvent(event)  # type: ignore[arg-type]
        self.update()


def at_places(values: Array, across: Array, up: Array) -> Array:
    """Read values between those of a grid, at places from 0 to 1."""
    n, m = values.shape
    x, y = across * (m - 1), up * (n - 1)
    j, i = np.minimum(x.astype(int), m - 2), np.minimum(y.astype(int), n - 2)
    s, t = x - j, y - i
    below = values[i, j] * (1 - s) + values[i, j + 1] * s
    above = values[i + 1, j] * (1 - s) + values[i + 1, j + 1] * s
    return np.asarray(below * (1 - t) + above * t)
