"""The pens, brushes, fonts and paths that all items of the canvas share, made once for a theme."""

from __future__ import annotations

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QBrush, QColor, QFont, QFontMetricsF, QPainterPath, QPen, QStaticText, QTextOption, QTransform

from widgets import theme
from widgets.canvas.geometry import HEIGHT, WIDTH

OVERVIEW_BELOW = 0.35
"""Below this zoom nobody can read a card; the whole graph is painted as plain rectangles in one go."""

STRIP = 4.0
ROUND = 9.0
CARD = QRectF(0, 0, WIDTH, HEIGHT)
LIVE = QRectF(12, 62, WIDTH - 24, 28)
"""Where the feature maps or the gradient line are drawn."""


def _strip_path() -> QPainterPath:
    whole, top = QPainterPath(), QPainterPath()
    whole.addRoundedRect(CARD, ROUND, ROUND)
    top.addRect(QRectF(0, 0, WIDTH, STRIP))
    return whole.intersected(top)


class Look:
    """Everything the items paint with; `load` fills it again when the theme changes."""

    def __init__(self) -> None:
        self.strip = _strip_path()
        self.name_font = _font(13, semibold=True)
        self.small_font = _font(11)
        self.chip_font = _font(11)
        self.tiny_font = _font(7)
        self.name_metrics = QFontMetricsF(self.name_font)
        self.small_metrics = QFontMetricsF(self.small_font)
        self.chip_metrics = QFontMetricsF(self.chip_font)
        self._widths: dict[str, tuple[float, float]] = {}
        self.load()

    def load(self, chosen: theme.Theme | None = None) -> None:
        """Take the colours of a theme; without one, of the current."""
        now = chosen or theme.current()
        self.theme = now
        self.canvas, self.dot, self.wire = QColor(now.canvas), QColor(now.dot), QColor(now.wire)
        self.text, self.dim = QColor(now.text), QColor(now.dim)
        self.accent, self.accent_text = QColor(now.accent), QColor(now.accent_text)
        # The two signs of a weight, in the colours of the two sides of the plane: blue against orange.
        self.below, self.below_text = QColor(now.accent), QColor(now.accent_text)
        self.above, self.above_text = QColor(now.validation), QColor(now.validation_text)
        self.bad, self.bad_text, self.good = QColor(now.bad), QColor(now.bad_text), QColor(now.good)
        self.card_brush, self.chip_brush = QBrush(QColor(now.card)), QBrush(QColor(now.chip))
        self.line_pen = QPen(QColor(now.line), 1)
        self.accent_pen, self.bad_pen = QPen(self.accent, 2), QPen(self.bad, 2)
        self.pointed_pen = QPen(self.accent, 2, Qt.PenStyle.DashLine)
        self.chip_pen = QPen(QColor(now.line), 1)
        self.port_pen = QPen(self.canvas, 2)
        self.live_back = QColor("#000000")
        self._families = {name: theme.family_colour(name) for name in theme.FAMILY_COLOURS}

    def chip_widths(self, text: str) -> tuple[float, float]:
        """Return how wide a text is on a chip, as it is and narrowed; few different ones stand on many wires."""
        if text not in self._widths:
            if len(self._widths) > 2000:
                self._widths.clear()
            advance = self.chip_metrics.horizontalAdvance
            self._widths[text] = advance(text), advance(narrowed(text))
        return self._widths[text]

    def family(self, name: str) -> QColor:
        """Return the colour of a family of blocks."""
        return self._families.get(name) or theme.family_colour(name)


def _font(pixels: int, *, semibold: bool = False) -> QFont:
    made = theme.font(semibold=semibold)
    made.setPixelSize(pixels)  # scene units, whatever the screen's dots per inch
    return made


def narrowed(text: str) -> str:
    """Return a shape in as little room as it can be read in: ``256×224×224``."""
    return text.replace(" ", "")


def label(text: str, font: QFont, width: float = -1) -> QStaticText:
    """Lay a text out once, so that painting only places glyphs; with a width it wraps."""
    made = QStaticText(text)
    made.setTextFormat(Qt.TextFormat.PlainText)
    made.setPerformanceHint(QStaticText.PerformanceHint.AggressiveCaching)
    if width > 0:
        option = QTextOption()
        option.setWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
        made.setTextOption(option)
        made.setTextWidth(width)
    made.prepare(QTransform(), font)
    return made
