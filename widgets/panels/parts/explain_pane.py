"""How one number came about: its equations and the tables they were taken from, below or beside each other."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QHideEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QFrame, QScrollArea, QWidget

from playground.explaining import Grid, Line
from widgets.panels.parts.explain_grids import GridsView
from widgets.panels.parts.explain_lines import Equations

GAP = 12
"""Pixels between equations and tables."""

BAR = 10
"""Pixels that a scroll bar takes, kept free so that its coming changes nothing."""

LEAST = 96
"""Pixels of height that tables are given at least; if there are less, the page is scrolled."""

BROAD, FLAT = 560, 2.6
"""From this width on, and so many times as broad as high, equations and tables stand side by side."""

ROOMY, LONG = 760, 0.5
"""So they do from this width on where equations below each other would take this share of the height."""


class Pane(QScrollArea):
    """Equations and tables in a page that is scrolled where it must be.

    Signals:
        entryChosen(object): look at this entry instead.
        pointed(str, str): what the pointer is over, in words, and its number alone.
    """

    entryChosen = Signal(object)
    pointed = Signal(str, str)

    def __init__(self, name: str) -> None:
        super().__init__()
        self.setObjectName(name)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._page = QWidget()
        self.equations, self.grids = Equations(f"{name}_lines"), GridsView(f"{name}_grids")
        self.equations.setParent(self._page)
        self.grids.setParent(self._page)
        self.setWidget(self._page)
        for widget in (self.viewport(), self._page):
            widget.setAutoFillBackground(False)
        self._later = QTimer(self, singleShot=True, interval=0)
        self._later.timeout.connect(self.arrange)
        self.equations.regrown.connect(self._on_equations_regrown)
        self.grids.entryChosen.connect(self.entryChosen)
        self.grids.pointed.connect(self.pointed)

    def show_told(self, lines: Sequence[Line], grids: Sequence[Grid], remark: str, shape: tuple[int, ...]) -> None:
        """Show how another number came about; `shape` are the sizes of the axes along which one is chosen."""
        self.equations.show_lines(lines, remark)
        self.grids.show_grids(grids, shape)
        self.arrange()

    def arrange(self) -> None:
        """Give equations and tables their places."""
        width, height = self.width() - BAR, self.height()
        if width < 40:
            return
        long = width >= ROOMY and self.equations.height_for(width) > LONG * height
        beside = long or (width >= BROAD and width > FLAT * height)
        across = int(0.44 * width) if beside else width
        words = self.equations.height_for(across)
        left, top = (across + GAP, 0) if beside else (0, words + GAP)
        size = self.grids.arrange(width - left, max(LEAST, height - top - 2))
        self.equations.setGeometry(0, 0, across, words)
        self.grids.setGeometry(left, top, size.width(), size.height())
        self._page.resize(max(width, left + size.width()), max(words, top + size.height()))

    def _on_equations_regrown(self) -> None:
        if self.isVisible():
            self._later.start()

    # -- Qt ----------------------------------------------------------------------------------------------------

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Follow the size."""
        super().resizeEvent(event)
        self.arrange()

    def showEvent(self, event: QShowEvent) -> None:
        """Lay out what was told while nobody looked."""
        super().showEvent(event)
        self.arrange()

    def hideEvent(self, event: QHideEvent) -> None:
        """Let what is not seen rest."""
        super().hideEvent(event)
        self._later.stop()
