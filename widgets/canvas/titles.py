"""Titles of frames, those that people draw and those of open groups: the bar, and words that can be read from afar."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QFont, QFontMetricsF, QPainter, QPainterPath

from widgets.canvas.look import Look

READABLE = 11
"""Pixels that a title keeps however small the picture is."""
NARROWEST = 40
"""Frames that are narrower than so many pixels bear no title in a small picture."""


def bar(rect: QRectF, height: float, round: float) -> QPainterPath:
    """Return the bar along the top of a frame whose upper corners are round."""
    whole, top = QPainterPath(), QPainterPath()
    whole.addRoundedRect(QRectF(rect.left(), rect.top(), rect.width(), height + 16), round, round)
    top.addRect(QRectF(rect.left(), rect.top(), rect.width(), height))
    return whole.intersected(top)


def paint_titles(painter: QPainter, look: Look, titles: Iterable[tuple[QRectF, str]]) -> None:
    """Paint titles into the left top corners of frames, at a size that can be read; the painter is in the scene."""
    to_view = painter.transform()
    font = QFont(look.name_font)
    font.setPixelSize(READABLE)
    metrics = QFontMetricsF(font)
    painter.save()
    painter.resetTransform()
    painter.setFont(font)
    painter.setPen(look.text)
    for frame, title in titles:
        rect = to_view.mapRect(frame)
        if rect.width() > NARROWEST:
            shown = metrics.elidedText(title, Qt.TextElideMode.ElideRight, rect.width() - 8)
            painter.drawText(QPointF(rect.left() + 4, rect.top() + metrics.ascent() + 2), shown)
    painter.restore()
