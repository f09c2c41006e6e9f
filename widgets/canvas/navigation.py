"""Looking around on the canvas: zoom, pan, fit, the dot grid, and the plain overview when everything is small."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from PySide6.QtCore import QEasingCurve, QEvent, QPoint, QPointF, QRectF, Qt, QVariantAnimation, Signal
from PySide6.QtGui import (
    QColor,
    QInputDevice,
    QNativeGestureEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QPolygonF,
    QResizeEvent,
    QShowEvent,
    QTransform,
    QWheelEvent,
)
from PySide6.QtWidgets import QFrame, QGraphicsView, QStyle, QWidget

from widgets.canvas.find import FindBar
from widgets.canvas.ground import Ground
from widgets.canvas.look import OVERVIEW_BELOW, Look
from widgets.canvas.minimap import Minimap
from widgets.canvas.scene import Scene

LOWEST, HIGHEST = 0.05, 3.0
FIT_AT_MOST = 1.25
EASE_MS = 150
WORLD = 1_000_000.0


class Navigator(QGraphicsView):
    """A view of a `Scene` that can be walked through.

    Attributes:
        animated: whether layout and zoom ease; off where the system asks for reduced motion.
        minimap, find_bar: what floats over the picture: the small one of the whole, and the bar to find nodes with.

    Signals:
        viewChanged(): another part of the scene is in view.
    """

    viewChanged = Signal()

    def __init__(self, scene: Scene, look: Look, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.stage, self.look = scene, look
        self.setScene(scene)
        self.setSceneRect(-WORLD, -WORLD, 2 * WORLD, 2 * WORLD)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setRenderHint(QPainter.RenderHint.Antialiasing)
        self.setViewportUpdateMode(QGraphicsView.ViewportUpdateMode.FullViewportUpdate)
        self.setOptimizationFlag(QGraphicsView.OptimizationFlag.DontSavePainterState)
        self.setTransformationAnchor(QGraphicsView.ViewportAnchor.NoAnchor)
        self.setResizeAnchor(QGraphicsView.ViewportAnchor.NoAnchor)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setMouseTracking(True)
        self.animated = True
        self._fitted = True  # nobody has looked elsewhere yet, so a new size shows everything again
        self._ground = Ground(look)
        self._eases: dict[str, QVariantAnimation] = {}
        self._settled = QRectF()  # the bounds of the network once its cards have glided to their places
        self.minimap, self.find_bar = Minimap(self), FindBar(self)

    # -- zoom and pan --------------------------------------------------------------------------------------------

    @property
    def zoom(self) -> float:
        """Pixels per scene unit."""
        return float(self.transform().m11())

    @property
    def in_overview(self) -> bool:
        """Whether cards are painted as plain rectangles."""
        return self.zoom < OVERVIEW_BELOW

    def zoom_by(self, factor: float, about: QPointF | None = None, *, ease: bool = False) -> None:
        """Zoom so that what lies under a point of the viewport (its middle, if none is given) stays there."""
        pivot = about or QPointF(self.viewport().rect().center())
        wanted = min(HIGHEST, max(LOWEST, self.zoom * factor))
        self._fitted = False
        under = self._to_scene(pivot)
        if ease:
            start = self.zoom
            self._animate(lambda t: self._look(start * (wanted / start) ** t, under, pivot))
        else:
            self._look(wanted, under, pivot)

    def zoom_to(self, zoom: float) -> None:
        """Glide to a zoom (1 is 100 %) about the middle."""
        self.zoom_by(zoom / self.zoom, ease=True)

    def look_at(self, place: QPointF) -> None:
        """Bring a place of the scene to the middle, at once."""
        self._stop_ease()
        self._fitted = False
        self._look(self.zoom, place, QPointF(self.viewport().rect().center()))

    def pan_by(self, dx: float, dy: float) -> None:
        """Move the picture by so many pixels."""
        self._fitted = False
        middle = QPointF(self.viewport().rect().center())
        self._look(self.zoom, self._to_scene(middle - QPointF(dx, dy)), middle)

    def fit(self, ids: Iterable[str] = (), *, ease: bool = True) -> None:
        """Show the whole network, or these nodes of it."""
        cards = [self.stage.cards[id].rect for id in ids if id in self.stage.cards]
        bounds = QPolygonF([point for card in cards for point in (card.topLeft(), card.bottomRight())]).boundingRect()
        if not cards:
            bounds = self._settled if "cards" in self._eases else self.stage.bounds()
        if bounds.isEmpty():
            bounds = QRectF(-300, -200, 600, 400)
        self.show_rect(bounds.adjusted(-36, -36, 36, 36), ease=ease)
        self._fitted = not cards

    def stop_fitting(self) -> None:
        """Leave the picture where it is when the window changes its size: the person has a hand in it now."""
        self._fitted = False

    def reveal(self, id: str) -> None:
        """Select a node and bring it to the middle."""
        card = self.stage.cards.get(id)
        if card is None:
            return
        self.stage.select([id])
        zoom = max(self.zoom, 0.7)
        self._glide(zoom, card.rect.center(), ease=True)
        self._fitted = False

    def show_rect(self, rect: QRectF, *, ease: bool) -> None:
        """Bring a part of the scene into view."""
        size = self.viewport().size()
        zoom = min(size.width() / rect.width(), size.height() / rect.height(), FIT_AT_MOST)
        self._glide(max(LOWEST, zoom), rect.center(), ease=ease)

    def _glide(self, zoom: float, centre: QPointF, *, ease: bool) -> None:
        middle = QPointF(self.viewport().rect().center())
        zoom0, centre0 = self.zoom, self._to_scene(middle)
        if ease:
            self._animate(lambda t: self._look(zoom0 * (zoom / zoom0) ** t, centre0 + (centre - centre0) * t, middle))
        else:
            self._stop_ease("view")
            self._look(zoom, centre, middle)

    def _look(self, zoom: float, scene: QPointF, view: QPointF) -> None:
        """Zoom, and bring a point of the scene under a point of the viewport."""
        self.setTransform(QTransform.fromScale(zoom, zoom))
        self.horizontalScrollBar().setValue(self.horizontalScrollBar().value() + self._offset(scene, view).x())
        self.verticalScrollBar().setValue(self.verticalScrollBar().value() + self._offset(scene, view).y())
        self._on_view_changed()

    def _offset(self, scene: QPointF, view: QPointF) -> QPoint:
        there = self.viewportTransform().map(scene)
        return QPoint(round(there.x() - view.x()), round(there.y() - view.y()))

    def _to_scene(self, point: QPointF) -> QPointF:
        return self.viewportTransform().inverted()[0].map(point)

    def _on_view_changed(self) -> None:
        """Something of the view moved; what floats over it follows."""
        self.viewChanged.emit()

    def visible_rect(self) -> QRectF:
        """Return the part of the scene that is in view."""
        return self.viewportTransform().inverted()[0].mapRect(QRectF(self.viewport().rect()))

    # -- easing --------------------------------------------------------------------------------------------------

    def _animate(
        self, frame: Callable[[float], object], done: Callable[[], object] | None = None, what: str = "view"
    ) -> None:
        """Call `frame` with 0…1 for 150 ms, or once with 1 where nothing is to move; cards and view move at once."""
        self._stop_ease(what)
        if not self.moves:
            frame(1.0)
            if done:
                done()
            return
        self._eases[what] = ease = QVariantAnimation(self)
        ease.setDuration(EASE_MS)
        ease.setStartValue(0.0)
        ease.setEndValue(1.0)
        ease.setEasingCurve(QEasingCurve.Type.OutCubic)
        ease.valueChanged.connect(frame)
        if done:
            ease.finished.connect(done)
        ease.finished.connect(self._on_ease_finished)
        ease.start()

    @property
    def moves(self) -> bool:
        """Whether anything may be animated now."""
        asked = self.style().styleHint(QStyle.StyleHint.SH_Widget_Animation_Duration, None, self)
        return self.animated and asked > 0 and self.isVisible()

    def _stop_ease(self, *what: str) -> None:
        """Jump to the end of what is gliding: of these things, or of all."""
        for one in what or tuple(self._eases):
            ease = self._eases.pop(one, None)
            if ease is None:
                continue
            if ease.state() == QVariantAnimation.State.Running:
                ease.setCurrentTime(EASE_MS)
                ease.stop()
            ease.deleteLater()

    def _on_ease_finished(self) -> None:
        for what, ease in tuple(self._eases.items()):
            if ease is self.sender():
                self._stop_ease(what)

    # -- painting ------------------------------------------------------------------------------------------------

    def _paint_overview(self, painter: QPainter) -> None:
        """Paint rectangles and straight lines in batches: a thousand nodes in a few milliseconds."""
        painter.fillRect(self.viewport().rect(), self.look.canvas)
        painter.setTransform(self.viewportTransform())
        self.stage.remarks.paint_overview(painter)
        self.stage.opened.paint_overview(painter)
        overview = self.stage.overview()
        painter.setPen(QPen(self.look.wire, 0))
        painter.drawLines(overview.lines)
        painter.setPen(Qt.PenStyle.NoPen)
        for family, rects in overview.families.items():
            painter.setBrush(self.look.card_brush)
            painter.drawRects(rects)
            painter.setBrush(_paled(self.look.family(family)))
            painter.drawRects(rects)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for card in self.stage.cards.values():
            if card.chosen or card.face.bad:
                edge = QPen(self.look.bad if card.face.bad else self.look.accent, 2)
                edge.setCosmetic(True)
                painter.setPen(edge)
                painter.drawRect(QRectF(card.x(), card.y(), *card.size))
        self.drawForeground(painter, self.visible_rect())

    # -- Qt ------------------------------------------------------------------------------------------------------

    def drawBackground(self, painter: QPainter, rect: QRectF | object) -> None:
        painter.save()
        painter.resetTransform()
        origin = self.viewportTransform().map(QPointF(0, 0))
        self._ground.paint(painter, self.viewport().size(), self.zoom, origin)
        painter.restore()

    def drawForeground(self, painter: QPainter, rect: QRectF | object) -> None:
        self.find_bar.paint_found(painter, self.look)

    def paintEvent(self, event: QPaintEvent) -> None:
        if self.in_overview:
            with QPainter(self.viewport()) as painter:  # left open by a failure, it would take the process down later
                self._paint_overview(painter)
        else:
            super().paintEvent(event)

    def wheelEvent(self, event: QWheelEvent) -> None:
        touchpad = event.device() is not None and event.device().type() == QInputDevice.DeviceType.TouchPad
        if touchpad and not event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            delta = event.pixelDelta() if not event.pixelDelta().isNull() else event.angleDelta() / 2
            self.pan_by(delta.x(), delta.y())
        elif event.angleDelta().y():
            self._stop_ease()
            self.zoom_by(1.0015 ** event.angleDelta().y(), event.position())
        event.accept()

    def viewportEvent(self, event: QEvent) -> bool:
        if isinstance(event, QNativeGestureEvent) and event.gestureType() == Qt.NativeGestureType.ZoomNativeGesture:
            self.zoom_by(1.0 + event.value(), event.position())
            return True
        return super().viewportEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if self._fitted:
            self.fit(ease=False)
        self._on_view_changed()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if self._fitted:
            self.fit(ease=False)

    def hideEvent(self, event: QEvent) -> None:  # type: ignore[override]
        self._stop_ease()
        super().hideEvent(event)  # type: ignore[arg-type]


def _paled(colour: QColor) -> QColor:
    pale = QColor(colour)
    pale.setAlpha(190)
    return pale
