"""What panels share: a page with words while it is empty, plots in the theme's look, colour bars, numbers to read."""

from __future__ import annotations

import math
import re
from functools import cache
from html import unescape
from typing import Any

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QEvent, QObject, QRectF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QColor, QImage, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QSizePolicy,
    QStackedLayout,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from widgets.icons import icon
from widgets.panels import Panel
from widgets.theme import APPEARANCE, Theme, current, font

Array = np.ndarray[Any, Any]


def readable(value: float) -> str:
    """Write a number as a person reads it: 0.0834, 12.5, 61,706, 3.2e-5."""
    if not math.isfinite(value):
        return "NaN" if math.isnan(value) else ("∞" if value > 0 else "−∞")
    size = abs(value)
    if size == 0:
        return "0"
    if size >= 1e6 or size < 1e-3:
        digits, exponent = f"{value:.1e}".split("e")
        return f"{digits.removesuffix('.0')}e{int(exponent)}".replace("-", "−", int(value < 0))
    text = f"{value:,.0f}" if size >= 999.5 else f"{value:.3g}"
    return text.replace("-", "−")


@cache
def colour_table(name: str) -> Array:
    """Return 256 colours of a perceptually uniform map (``inferno``, ``viridis``) as uint8 (256, 3)."""
    return np.asarray(pg.colormap.get(name).getLookupTable(0.0, 1.0, 256), dtype=np.uint8)[:, :3]


def blend(one: str, other: str, share: float) -> tuple[int, int, int]:
    """Mix two colours; `share` is that of the other."""
    a, b = QColor(one).getRgb()[:3], QColor(other).getRgb()[:3]
    return tuple(round(x + (y - x) * share) for x, y in zip(a, b, strict=True))  # type: ignore[return-value]


class Picture(Panel):
    """A panel that is filled by `compose`, with words in the middle while there is nothing to draw."""

    def build(self) -> None:
        """Create the page, the words and their stack, and give them their first look."""
        self.setObjectName(f"{self.key}_panel")
        self._hint = QLabel()
        self._hint.setObjectName(f"{self.key}_empty")
        self._hint.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._hint.setWordWrap(True)
        self._hint.setMargin(24)
        self._hint.setProperty("role", "dim")
        self._page = QWidget()
        column = QVBoxLayout(self._page)
        column.setContentsMargins(12, 0, 12, 8)
        column.setSpacing(4)
        self._stack = QStackedLayout(self)
        self._stack.addWidget(self._hint)
        self._stack.addWidget(self._page)
        self.compose(column)
        APPEARANCE.changed.connect(self._on_appearance_changed)
        self.recolour(current())
        self.relabel()
        self.sync()

    def compose(self, column: QVBoxLayout) -> None:
        """Put the controls and the picture into the page."""
        raise NotImplementedError

    @property
    def filled(self) -> bool:
        """Whether the picture is shown, and not the words that say how to fill it."""
        return self._stack.currentWidget() is self._page

    def show_picture(self, there: bool) -> None:
        """Show the picture, or the words where there is nothing to draw."""
        if not there and self._hint.text() != (text := self.empty()):
            self._hint.setText(text)
        if there != self.filled:
            self._stack.setCurrentWidget(self._page if there else self._hint)

    def relabel(self) -> None:
        """Say everything again in the present language."""
        self._hint.setText(self.empty())

    def recolour(self, theme: Theme) -> None:
        """Take the colours of a theme."""

    def _on_appearance_changed(self) -> None:
        self.recolour(current())

    # -- Qt ----------------------------------------------------------------------------------------------------

    def changeEvent(self, event: QEvent) -> None:
        """Follow the language."""
        if event.type() == QEvent.Type.LanguageChange:
            self.relabel()
        super().changeEvent(event)

    def showEvent(self, event: Any) -> None:
        """Catch up with what happened while nobody looked."""
        super().showEvent(event)
        self.rewatch()
        self.sync()

    def hideEvent(self, event: Any) -> None:
        """Stop asking."""
        super().hideEvent(event)
        self.rewatch()

    def sizeHint(self) -> QSize:
        """Ask for the size of a panel in a row of four."""
        return QSize(380, 240)

    def minimumSizeHint(self) -> QSize:
        """Stay usable when the row is crowded."""
        return QSize(200, 140)


READABLE_MS = 150
"""The least time for which a text stands: numbers that change faster cannot be read, and painting them is dear."""


class Readout(QLabel):
    """A line of words and numbers that takes the room it is given and never asks for more."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.setObjectName(name)
        self.setProperty("role", "dim")
        self.setTextFormat(Qt.TextFormat.RichText)
        self.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self._texts: tuple[str, ...] = ("",)
        self._rest = QTimer(self, singleShot=True, interval=READABLE_MS)
        self._rest.timeout.connect(self._sync)

    def say(self, *texts: str) -> None:
        """Show the first of these texts that there is room for; the last one in any case.

        What is said again so soon that nobody could read it waits a moment.
        """
        self._texts = texts
        if not self._rest.isActive():
            self._sync()
            self._rest.start()

    def hurry(self) -> None:
        """Let the next text show at once: the person has asked for it with the pointer."""
        self._rest.stop()

    def _sync(self) -> None:
        words = (unescape(re.sub("<[^>]*>", "", text)) for text in self._texts)
        fits = (text for text, plain in zip(self._texts, words, strict=True) if self._width_of(plain) <= self.width())
        text = next(fits, self._texts[-1])
        if text != self.text():
            self.setText(text)

    def _width_of(self, text: str) -> int:
        return self.fontMetrics().horizontalAdvance(text)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Say more or less with more or less room."""
        super().resizeEvent(event)
        self._sync()


def row(*widgets: QWidget, stretch: int = -1) -> QHBoxLayout:
    """Lay controls in a row; the one at `stretch` takes what is left."""
    made = QHBoxLayout()
    made.setSpacing(8)
    for k, widget in enumerate(widgets):
        made.addWidget(widget, 1 if k == stretch % len(widgets) else 0)
    return made


def chip(name: str) -> QToolButton:
    """Make a small button that is on or off and says so in words."""
    made = QToolButton()
    made.setObjectName(name)
    made.setCheckable(True)
    made.setProperty("kind", "chip")
    made.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    return made


def icon_button(name: str, glyph: str) -> QToolButton:
    """Make a small button with an icon."""
    made = QToolButton()
    made.setObjectName(name)
    made.setIcon(icon(glyph, "dim"))
    made.setIconSize(QSize(16, 16))
    made.setAutoRepeat(True)
    made.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    return made


class Axis(pg.AxisItem):
    """An axis whose numbers a person can read: 10,000 and 1e-3, never 1e+04 or superscripts."""

    def __init__(self, orientation: str) -> None:
        super().__init__(orientation, maxTickLength=-4)
        self.enableAutoSIPrefix(False)
        self.setStyle(tickTextOffset=6, autoReduceTextSpace=False)

    def recolour(self, theme: Theme) -> None:
        """Take the colours of a theme."""
        self.setPen(pg.mkPen(theme.line))
        self.setTextPen(pg.mkPen(theme.dim))
        self.setTickFont(font(8.5))

    # -- pyqtgraph ---------------------------------------------------------------------------------------------

    def tickStrings(self, values: list[float], scale: float, spacing: float) -> list[str | None]:
        """Write the numbers beside the ticks."""
        if self.logMode:
            return self.logTickStrings(values, scale, spacing)
        places = max(0, math.ceil(-math.log10(spacing * scale) - 1e-9)) if spacing > 0 else 0
        if places > 4:
            return [readable(value * scale) for value in values]
        return [f"{value * scale:,.{places}f}".replace("-", "−") for value in values]

    def logTickValues(self, low: float, high: float, size: float, std_ticks: Any) -> list[tuple[float | None, Array]]:
        """Place ticks at the powers of ten and, where there is room, between them; never two at one place."""
        whole = np.arange(math.floor(low), math.ceil(high) + 1)
        room = 20 if self.orientation in ("left", "right") else 45  # pixels that a label takes
        decades = whole[:: max(1, math.ceil(room * len(whole) / max(size, 1)))]
        between = (whole[:, None] + np.log10(np.arange(2, 10))[None, :]).ravel() if len(whole) <= 6 else np.empty(0)
        return [
            (1.0, decades[(decades >= low) & (decades <= high)]),
            (None, between[(between >= low) & (between <= high)]),
        ]

    def logTickStrings(self, values: Any, scale: float, spacing: float | None) -> list[str | None]:
        """Write the numbers beside the ticks of a logarithmic axis; between powers of ten only at 2 and 5."""
        shown = (1, 2, 5) if self.range[1] - self.range[0] < 2.5 else (1,)
        plain = self.range[0] > -2 and self.range[1] < 4  # 0.1 beside 1e-3 would be two ways to write one thing
        return [(readable(10.0**v) if plain else _power(v)) if _leading(v) in shown else None for v in values]


def _leading(exponent: float) -> float:
    """Return the leading digit of a power of ten: 2 for 0.02."""
    return round(10.0 ** (exponent - math.floor(exponent + 1e-9)), 6)


def _power(exponent: float) -> str:
    whole = round(exponent)
    if abs(exponent - whole) < 1e-6 and whole:
        return f"1e{whole}"
    return readable(10.0**exponent)


class Plot(pg.PlotWidget):
    """A plot in the look of the program: thin axes, no frame, no foreign menu.

    Signals:
        pointerLeft(): the pointer is over it no longer.
    """

    pointerLeft = Signal()

    def __init__(self, name: str) -> None:
        super().__init__(axisItems={side: Axis(side) for side in ("left", "bottom")}, background=None)
        self.setObjectName(name)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setMenuEnabled(False)
        self.hideButtons()
        self.getPlotItem().setContentsMargins(0, 4, 6, 0)
        self.getPlotItem().ctrlMenu.setParent(self, Qt.WindowType.Popup)  # else it would outlive the window
        self.setMinimumSize(60, 60)
        self.viewport().installEventFilter(self)  # the pointer leaves the viewport, not the plot around it

    def recolour(self, theme: Theme) -> None:
        """Take the colours of a theme."""
        self.setBackground(theme.panel)
        for side in ("left", "bottom"):
            self.getAxis(side).recolour(theme)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Notice that the pointer is gone."""
        if event.type() == QEvent.Type.Leave:
            self.pointerLeft.emit()
        return bool(super().eventFilter(watched, event))


class ColourBar(QWidget):
    """What the colours of a picture mean: a strip of them with numbers beside it."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.setObjectName(name)
        self.setFixedWidth(64)
        self.setFont(font(8.5))
        self.low, self.high, self.log = 0.0, 1.0, False
        self._table: Array | None = None

    def set_colours(self, table: Array) -> None:
        """Show these colours, uint8 (n, 3), the one for the lowest value first."""
        self._table = np.ascontiguousarray(table[::-1, None, :3])
        self.update()

    def set_range(self, low: float, high: float, log: bool = False) -> None:
        """Say which values the ends stand for; with `log` they are exponents of ten."""
        if (low, high, log) != (self.low, self.high, self.log):
            self.low, self.high, self.log = low, high, log
            self.update()

    # -- Qt ----------------------------------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the strip and the numbers at its ends and in its middle."""
        if self._table is None:
            return
        painter = QPainter(self)
        metrics = self.fontMetrics()
        strip = QRectF(4, metrics.height() / 2, 9, self.height() - metrics.height())
        painter.drawImage(strip, as_image(self._table))
        painter.setPen(QColor(current().dim))
        values = (self.low, (self.low + self.high) / 2, self.high) if self.low < self.high else (self.low,)
        for k, value in enumerate(values):
            share = k / (len(values) - 1) if len(values) > 1 else 0.5
            middle = strip.bottom() - share * strip.height()
            box = QRectF(18, middle - metrics.height() / 2, self.width() - 18, metrics.height())
            text = _power(value) if self.log else readable(float(f"{value:.2g}") if k == 1 else value)
            painter.drawText(box, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, text)


class Still(QWidget):
    """A small picture with hard pixels, as large as fits."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.setObjectName(name)
        self.pixels: Array | None = None

    def set_pixels(self, pixels: Array) -> None:
        """Show grey (h, w) or colour (h, w, 3) pixels, uint8."""
        self.pixels = np.ascontiguousarray(pixels)
        self.update()

    # -- Qt ----------------------------------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the picture in the middle."""
        if self.pixels is None or not self.pixels.size:
            return
        image = as_image(self.pixels)
        size = QSize(image.width(), image.height()).scaled(self.size(), Qt.AspectRatioMode.KeepAspectRatio)
        box = QRectF(
            (self.width() - size.width()) / 2, (self.height() - size.height()) / 2, size.width(), size.height()
        )
        QPainter(self).drawImage(box, image)


class Square(QWidget):
    """Keeps the inside of a plot square, as large as fits, with its colour bar close beside it."""

    def __init__(self, plot: Plot, bar: ColourBar) -> None:
        super().__init__()
        self._plot, self._bar = plot, bar
        plot.setParent(self)
        bar.setParent(self)
        plot.getPlotItem().setContentsMargins(0, 4, 0, 0)

    @property
    def side(self) -> float:
        """How many pixels a side of the inside has."""
        return self._plot.getPlotItem().getViewBox().width()

    def arrange(self) -> None:
        """Give plot and bar their places."""
        left, below = (self._plot.getAxis(side) for side in ("left", "bottom"))
        across, down = int(left.width()), int(below.height())
        side = max(20, min(self.height() - down - 4, self.width() - across - self._bar.width() - 10))
        x = max(0, (self.width() - across - side - 10 - self._bar.width()) // 2)
        self._plot.setGeometry(x, 0, across + side, side + down + 4)
        overhang = self._bar.fontMetrics().height() // 2
        self._bar.setGeometry(x + across + side + 6, max(0, 4 - overhang), self._bar.width(), side + 2 * overhang)

    # -- Qt ----------------------------------------------------------------------------------------------------

    def resizeEvent(self, event: Any) -> None:
        """Follow the size."""
        super().resizeEvent(event)
        self.arrange()


def as_image(pixels: Array) -> QImage:
    """Wrap grey (h, w) or colour (h, w, 3) pixels, uint8 and contiguous, in a QImage of its own."""
    height, width = pixels.shape[:2]
    grey = pixels.ndim == 2
    kind = QImage.Format.Format_Grayscale8 if grey else QImage.Format.Format_RGB888
    return QImage(pixels.data, width, height, width * (1 if grey else 3), kind).copy()
