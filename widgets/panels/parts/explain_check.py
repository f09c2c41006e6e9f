"""One gradient reckoned three ways, side by side, and whether the three agree."""

from __future__ import annotations

import math
from html import escape

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QSizePolicy, QWidget

from playground.explaining import Checked
from playground.text import tr
from widgets.panels.parts.explain_numbers import written
from widgets.theme import Theme, current

CLOSE = 1e-6
"""How far two of the numbers may be apart, relative to the largest of the three."""

EXACT = 1e-12
"""How far apart numbers in double precision may be where they should be 0."""

JOINER = "\N{WORD JOINER}"

ROUNDING = 4.5e-16
"""Two losses differ by as much, relatively, for nothing but rounding; the difference divides it by its width."""


def agree(checked: Checked, loss: float) -> bool:
    """Say whether the three are the same number, to `CLOSE` and to what rounding leaves of a difference."""
    numbers = checked.shown, checked.autograd, checked.difference
    if not all(map(math.isfinite, numbers)):
        return False
    close = CLOSE * max(map(abs, numbers)) + EXACT
    noise = ROUNDING * max(1.0, abs(loss)) / max(checked.width, 1e-300)
    apart = abs(checked.shown - checked.autograd), abs(checked.autograd - checked.difference)
    return apart[0] <= close and apart[1] <= close + noise


class CheckBar(QWidget):
    """The button and, once it has been asked, the three numbers and what they say.

    Signals:
        wanted(): the person wants the gradient checked.
    """

    wanted = Signal()

    def __init__(self, name: str) -> None:
        super().__init__()
        self.setObjectName(name)
        self.button = QPushButton()
        self.button.setObjectName(f"{name}_button")
        self.button.clicked.connect(self.wanted)
        self.words = QLabel()
        self.words.setObjectName(f"{name}_words")
        self.words.setTextFormat(Qt.TextFormat.RichText)
        self.words.setWordWrap(True)
        self.words.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.words.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self._shown: tuple[Checked, float] | None = None
        self._failure = ""
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(10)
        row.addWidget(self.button, 0, Qt.AlignmentFlag.AlignTop)
        row.addWidget(self.words, 1)

    def show_checked(self, checked: Checked | None, loss: float = 0.0) -> None:
        """Show three numbers; None: nothing has been checked."""
        self._shown, self._failure = (checked, loss) if checked is not None else None, ""
        self._sync()

    def show_failure(self, sentence: str) -> None:
        """Say why there is nothing to compare."""
        self._shown, self._failure = None, sentence
        self._sync()

    def relabel(self) -> None:
        """Say everything in the present language."""
        self.button.setText(tr("Check"))
        self.button.setToolTip(
            tr("Reckons this gradient twice more: by autograd, and by central differences of the loss")
        )
        self._sync()

    def recolour(self, theme: Theme) -> None:
        """Take the colours of a theme."""
        self._sync()

    def _sync(self) -> None:
        theme = current()
        if self._shown is None:
            self.words.setText(f'<span style="color:{theme.bad_text}">{escape(self._failure)}</span>')
            return
        checked, loss = self._shown
        numbers = (
            (tr("shown"), checked.shown),
            (tr("autograd"), checked.autograd),
            (tr("central difference"), checked.difference),
        )
        parts = [
            f'<span style="color:{theme.dim}">{_whole(name)}</span>&nbsp;<b>{written(value, 10)}</b>'
            for name, value in numbers
        ]
        if agree(checked, loss):
            verdict = f'<span style="color:{theme.good_text}"><b>✓</b>&nbsp;{_whole(tr("They agree"))}</span>'
        else:
            verdict = f'<span style="color:{theme.bad_text}"><b>✗</b>&nbsp;{_whole(tr("They do not agree"))}</span>'
        self.words.setText("&nbsp; ".join([*parts, verdict]))
        self.words.setToolTip(
            tr(
                "Compared to a millionth; the difference is taken over a width of {width}",
                width=written(checked.width, 3),
            )
        )


def _whole(words: str) -> str:
    """Write words so that no line breaks within them, Chinese ones neither."""
    joined = words if words.isascii() else JOINER.join(words)
    return escape(joined).replace(" ", "&nbsp;")
