"""The small picture of the whole network in a corner of the canvas, with a frame around what is in view.

It paints a picture that is made again only when cards stand elsewhere; while the view moves, only the frame does.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QPointF, QRectF, Qt, QTimer, Signal
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QPaintEvent, QPen, QPixmap, QShowEvent, QWheelEvent
from PySide6.QtWidgets import QWidget

from playground.text import tr
from widgets.theme import APPEARANCE

if TYPE_CHECKING:
    from widgets.canvas.navigation import Navigator

WIDE, HIGH = 180, 120
"""It is as large as this, or smaller in one direction where the network is long or tall."""
NARROW, LOW = 72, 48
MARGIN, INSET, ROUND = 12, 8, 8
NEEDS = (420, 260)
"""In a smaller canvas it would hide more than it shows."""
LATER_MS = 30
"""Changes within this time are drawn together."""
LEAST = 2.5
"""No card becomes smaller than this many pixels, so that every one can be seen."""


class Minimap(QWidget):
    """Shows the whole; dragging pans, a click jumps, the wheel zooms. Hidden while everything is in view anyway.

    Attributes:
        wanted: whether the person wants it at all.

    Signals:
        wantedChanged(bool): the person switched it on or off.
    """

    wantedChanged = Signal(bool)

    def __init__(self, view: Navigator) -> None:
        super().__init__(view)
        self.setObjectName("minimap")
        self.resize(WIDE, HIGH)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.hide()
        self.view, self.wanted = view, True
        self._bounds = QRectF()
        self._picture = QPixmap()
        self._held: QPointF | None = None
        self._later = QTimer(self, singleShot=True, interval=LATER_MS)
        self._later.timeout.connect(self._on_later_timeout)
        view.stage.rearranged.connect(self._on_stage_rearranged)
        view.viewChanged.connect(self.follow)
        APPEARANCE.changed.connect(self._on_stage_rearranged)
        self.relabel()
        self._on_stage_rearranged()

    def set_wanted(self, wanted: bool) -> None:
        """Show it where it is of use, or never."""
        if wanted != self.wanted:
            self.wanted = wanted
            self.wantedChanged.emit(wanted)
            self._on_later_timeout()

    def follow(self) -> None:
        """Stand in the corner, and frame what is in view now."""
        room = self.view.viewport().geometry()
        large = room.width() >= NEEDS[0] and room.height() >= NEEDS[1]
        shown = self.wanted and large and not self._bounds.isEmpty() and not self._all_in_view()
        if shown:
            corner = room.bottomRight()
            self.move(corner.x() - self.width() - MARGIN + 1, corner.y() - self.height() - MARGIN + 1)
            self.update()
        if shown == self.isHidden():
            self.setVisible(shown)

    def relabel(self) -> None:
        """Say everything in the present language."""
        self.setAccessibleName(tr("Minimap"))
        self.setToolTip(tr("Drag to move the view, wheel to zoom"))

    def frame(self) -> QRectF:
        """Return where the part in view lies on the map, in pixels."""
        scale, corner = self._scale()
        seen = self.view.visible_rect()
        return QRectF((seen.topLeft() - corner) * scale, seen.size() * scale)

    # -- drawing -------------------------------------------------------------------------------------------------

    def _on_stage_rearranged(self) -> None:
        if not self._later.isActive():
            self._later.start()

    def _on_later_timeout(self) -> None:
        """Draw the picture again. It is done where it can be seen, or will be as soon as the view moves."""
        if self.wanted:
            self._bounds = self.view.stage.bounds()
            self._picture = QPixmap()
            self.resize(*_size_for(self._bounds))
        self.follow()

    def _all_in_view(self) -> bool:
        return self.view.visible_rect().adjusted(-1, -1, 1, 1).contains(self._bounds)

    def _scale(self) -> tuple[float, QPointF]:
        """Return pixels of the map per scene unit, and the place in the scene of the map's corner."""
        bounds = self._bounds
        inner = (self.width() - 2 * INSET, self.height() - 2 * INSET)
        scale = min(inner[0] / max(1.0, bounds.width()), inner[1] / max(1.0, bounds.height()))
        return scale, bounds.center() - QPointF(self.width(), self.height()) / 2 / scale

    def _draw(self) -> QPixmap:
        ratio = self.devicePixelRatioF()
        picture = QPixmap(round(self.width() * ratio), round(self.height() * ratio))
        picture.setDevicePixelRatio(ratio)
        picture.fill(Qt.GlobalColor.transparent)
        now, look, overview = APPEARANCE.theme, self.view.look, self.view.stage.overview()
        scale, corner = self._scale()
        painter = QPainter(picture)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        ground = QColor(now.panel)
        ground.setAlpha(235)
        painter.setBrush(ground)
        painter.setPen(QPen(QColor(now.line), 1))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), ROUND, ROUND)
        painter.scale(scale, scale)
        painter.translate(-corner)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        self.view.stage.opened.paint_frames(painter)
        wire = QColor(now.wire)
        wire.setAlpha(110)
        painter.setPen(QPen(wire, 0))
        painter.drawLines(overview.lines)
        painter.setPen(Qt.PenStyle.NoPen)
        for family, rects in overview.families.items():
            painter.setBrush(look.family(family))
            painter.drawRects([_at_least(rect, LEAST / scale) for rect in rects])
        painter.end()
        return picture

    # -- Qt ------------------------------------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        if self._picture.isNull() or self._picture.devicePixelRatio() != self.devicePixelRatioF():
            self._picture = self._draw()
        edge, ground = QColor(APPEARANCE.theme.accent), QColor(APPEARANCE.theme.accent)
        ground.setAlpha(28)
        inside = QRectF(self.rect()).adjusted(1.5, 1.5, -1.5, -1.5)
        with QPainter(self) as painter:
            painter.drawPixmap(0, 0, self._picture)
            painter.setPen(QPen(edge, 1.5))
            painter.setBrush(ground)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.drawRoundedRect(self.frame().intersected(inside), 3, 3)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            frame = self.frame()
            # The frame is taken where it is pressed; a press elsewhere brings its middle there.
            self._held = event.position() - frame.center() if frame.contains(event.position()) else QPointF()
            if not frame.contains(event.position()):
                self._look_at(event.position())
        event.accept()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._held is not None:
            self._look_at(event.position() - self._held)
        event.accept()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self._held = None
        event.accept()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        self.mousePressEvent(event)

    def wheelEvent(self, event: QWheelEvent) -> None:
        if event.angleDelta().y():
            self.view.zoom_by(1.0015 ** event.angleDelta().y())
        event.accept()

    def showEvent(self, event: QShowEvent) -> None:
        self.raise_()
        super().showEvent(event)

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.LanguageChange:
            self.relabel()
        super().changeEvent(event)

    def _look_at(self, point: QPointF) -> None:
        scale, corner = self._scale()
        self.view.look_at(corner + point / scale)


def _size_for(bounds: QRectF) -> tuple[int, int]:
    """Return how large the map of a network of these proportions is."""
    inner = (WIDE - 2 * INSET, HIGH - 2 * INSET)
    scale = min(inner[0] / max(1.0, bounds.width()), inner[1] / max(1.0, bounds.height()))
    wide, high = round(bounds.width() * scale) + 2 * INSET, round(bounds.height() * scale) + 2 * INSET
    return max(NARROW, wide), max(LOW, high)


def _at_least(rect: QRectF, side: float) -> QRectF:
    if rect.width() >= side and rect.height() >= side:
        return rect
    wide, high = max(rect.width(), side), max(rect.height(), side)
    return QRectF(rect.center().x() - wide / 2, rect.center().y() - high / 2, wide, high)
