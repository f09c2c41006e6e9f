"""Formulas of blocks, drawn from their LaTeX once and kept."""

from __future__ import annotations

import warnings
from functools import lru_cache

from PySide6.QtCore import QByteArray, QRectF, QSize, QTimer
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from widgets import theme

SIZE = 15


class Formula(QWidget):
    """One formula in the text colour of the theme, as wide as there is room.

    It is drawn a moment after it is asked for, so that choosing a node never waits for it.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("formula")
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self._source = ""
        self._renderer: object | None = None
        self._later = QTimer(self, singleShot=True, interval=80)
        self._later.timeout.connect(self._draw)
        theme.APPEARANCE.changed.connect(self._later.start)
        self.hide()

    def show_formula(self, source: str) -> None:
        """Show another formula; an empty one hides it."""
        if source == self._source:
            return
        self._source, self._renderer = source, None
        self.setAccessibleName(source)
        self.setVisible(bool(source))
        self.updateGeometry()
        self._later.start()

    def _draw(self) -> None:
        if not self._source or not self.isVisible():
            return  # what nobody sees is drawn when it is shown
        drawing = svg_of(self._source, theme.current().text)
        if drawing:
            from PySide6.QtSvg import QSvgRenderer

            self._renderer = QSvgRenderer(QByteArray(drawing.encode()), self)
        self.setVisible(bool(drawing))
        self.updateGeometry()
        self.update()

    def _drawn_size(self) -> tuple[float, float]:
        if self._renderer is None:
            return 0.0, 28.0
        size = self._renderer.defaultSize()
        scale = min(1.0, max(self.width(), 80) / max(1, size.width()))
        return size.width() * scale, size.height() * scale

    # -- Qt ----------------------------------------------------------------------------------------------------

    def sizeHint(self) -> QSize:
        """Be as high as the formula."""
        return QSize(120, round(self._drawn_size()[1]) + 4)

    def resizeEvent(self, event: object) -> None:
        """A formula that is shrunk is less high."""
        self.updateGeometry()

    def showEvent(self, event: object) -> None:
        """Draw what was asked for while nobody looked."""
        if self._renderer is None:
            self._later.start()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the formula at the left."""
        if self._renderer is not None:
            width, height = self._drawn_size()
            painter = QPainter(self)
            self._renderer.render(painter, QRectF(0, 2, width, height))
            painter.end()


@lru_cache(maxsize=128)
def svg_of(source: str, colour: str) -> str:
    """Return a formula as SVG; nothing where it cannot be drawn (a formula is never worth a failure)."""
    try:
        with warnings.catch_warnings():  # its parser warns about itself when it is first compiled
            warnings.simplefilter("ignore")
            import ziamath

            ziamath.config.svg2 = False
            return str(ziamath.Latex(source, size=SIZE, color=colour).svg())
    except Exception:
        return ""
