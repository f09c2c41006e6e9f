"""What is reckoned: each equation in letters, below it the same with its numbers, and what comes out."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from html import escape

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from playground.explaining import Line, Walked
from playground.text import count, tr
from widgets.formula import Formula
from widgets.panels.parts.explain_numbers import written
from widgets.theme import font

NBSP = "\N{NO-BREAK SPACE}"

SOLID = ((" + ", f" +{NBSP}"), (" − ", f" −{NBSP}"), (" · ", f"{NBSP}·{NBSP}"))
"""Where a long sum is broken: before a sign, and never within a product."""

LEFT_OUT = re.compile(r"\[… (\d+): ([^\]]*)\]")
"""How explainers write the smaller terms of a long sum: so many, which make so much together."""

PLAIN = re.compile(r"−?[\d.]+(·10[⁻⁰¹²³⁴⁵⁶⁷⁸⁹]+)?")
"""A mere number, which says no more than the result behind it."""


class Equation(QWidget):
    """One equation."""

    def __init__(self) -> None:
        super().__init__()
        self._symbol, self.formula, self.filled = QLabel(), Formula(), QLabel()
        self._symbol.setTextFormat(Qt.TextFormat.PlainText)
        self._symbol.setFont(font(11, semibold=True))
        self.filled.setTextFormat(Qt.TextFormat.RichText)
        self.filled.setWordWrap(True)
        self.filled.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        head = QHBoxLayout()
        head.setSpacing(6)
        head.addWidget(self._symbol)
        head.addWidget(self.formula, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2)
        column.addLayout(head)
        column.addWidget(self.filled)

    def show_line(self, line: Line) -> None:
        """Show another equation."""
        self._symbol.setText(f"{line.symbol} =")
        self._symbol.setVisible(bool(line.formula))
        self.formula.show_formula(line.formula)
        before = "" if line.formula else f"<b>{escape(line.symbol)}</b> "
        text = before + filled_out(line)
        if text != self.filled.text():
            self.filled.setText(text)


class Equations(QWidget):
    """Equations below each other, as many as there are.

    Signals:
        regrown(): one of them takes more room, or less, than before; a formula is drawn a moment after it is shown.
    """

    regrown = Signal()

    def __init__(self, name: str) -> None:
        super().__init__()
        self.setObjectName(name)
        self.rows: list[Equation] = []
        self.remark = QLabel()
        self.remark.setObjectName(f"{name}_remark")
        self.remark.setWordWrap(True)
        self.remark.setProperty("role", "dim")
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(8)
        self._column.addWidget(self.remark)

    def show_lines(self, lines: Sequence[Line], remark: str) -> None:
        """Show other equations, and a sentence below them where there is one."""
        while len(self.rows) < len(lines):
            self.rows.append(Equation())
            self._column.insertWidget(len(self.rows) - 1, self.rows[-1])
        for k, row in enumerate(self.rows):
            row.setVisible(k < len(lines))
            if k < len(lines):
                row.show_line(lines[k])
        self.remark.setText(remark)
        self.remark.setVisible(bool(remark))

    def height_for(self, width: int) -> int:
        """Return how high the equations are where there is so much room across."""
        return max(0, self._column.totalHeightForWidth(width))

    # -- Qt ----------------------------------------------------------------------------------------------------

    def event(self, event: QEvent) -> bool:
        """Tell that it has to be laid out anew."""
        done = super().event(event)
        if event.type() == QEvent.Type.LayoutRequest:
            self.regrown.emit()
        return done


def filled_out(line: Line) -> str:
    """Return the right side with its numbers and what comes out, as it may be broken over several rows."""
    filled = LEFT_OUT.sub(_left_out, line.filled)
    for loose, solid in SOLID:
        filled = filled.replace(loose, solid)
    result = f"={NBSP}<b>{escape(written(line.value))}</b>"
    return f"={NBSP}{escape(filled)} {result}" if filled and not PLAIN.fullmatch(filled.strip()) else result


def _left_out(found: re.Match[str]) -> str:
    words = tr("{n} more: {total}", n=int(found[1]), total=found[2])
    return f"[… {words}]".replace(" ", NBSP)


def told_in_short(answer: Walked, example: str, now: int) -> list[str]:
    """Say which example it is, its loss and of which moment, at length and ever shorter; the run is at step `now`."""
    loss = tr("loss {value}", value=written(answer.loss, 4)) if math.isfinite(answer.loss) else ""
    when = str(count("after {n} step", "after {n} steps", answer.step))
    long = when if now == answer.step else tr("{when}, the run is at {now}", when=when, now=now)
    parts = [[example, loss, long], [example, loss, when], [loss, when], [loss, tr("step {n}", n=answer.step)], [loss]]
    return [" · ".join(part for part in one if part) for one in parts]
