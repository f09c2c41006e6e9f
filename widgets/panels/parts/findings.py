"""What keeps layers from learning, in words: a line with an icon for each finding, and what to try."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSizePolicy, QVBoxLayout, QWidget

from playground.diagnosis import GUIDE, Finding
from playground.text import count, tr
from widgets.icons import icon
from widgets.panels.parts.plots import readable

MOST = 3
"""Findings that are told at once: whoever has more will mend the worst first."""

LONGEST = 26
"""Letters of a layer's path in a sentence; of longer ones the middle is left out."""

STANDS_MS = 1000
"""The least time for which a finding stands, so that it can be read and what is above it does not jump."""

ICONS = {
    "infinite": "mdi6.alert-octagon-outline",
    "exploding": "mdi6.trending-up",
    "silent": "mdi6.sleep",
    "vanishing": "mdi6.trending-down",
    "growing": "mdi6.trending-up",
    "dead": "mdi6.sleep",
    "large": "mdi6.speedometer",
    "small": "mdi6.speedometer-slow",
}


class Findings(QWidget):
    """The findings as lines; no taller than they are, and nothing where nothing is wrong."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.setObjectName(name)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)
        self.findings: tuple[Finding, ...] = ()
        self.rows = [_Row(f"{name}_{k}") for k in range(MOST)]
        self._room = MOST
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2)
        for one in self.rows:
            column.addWidget(one)
        self._rest = QTimer(self, singleShot=True, interval=STANDS_MS)
        self._rest.timeout.connect(self.sync)
        self.sync()

    def tell(self, findings: Sequence[Finding]) -> None:
        """Tell these, the worst first; what is told already stands for a while."""
        self.findings = tuple(findings)
        if not self._rest.isActive():
            self.sync()
            self._rest.start()

    def hurry(self) -> None:
        """Let the next findings be told at once: they are those of another run."""
        self._rest.stop()

    def make_room(self, height: int) -> None:
        """Tell fewer where the panel is low."""
        self._room = max(1, min(MOST, (height - 140) // 80))
        self.sync()

    def sync(self) -> None:
        """Say everything in the present language."""
        shown = self.findings[: self._room]
        for k, one in enumerate(self.rows):
            one.setVisible(k < len(shown))
            if k < len(shown):
                one.tell(shown[k])
        self.setVisible(bool(shown))
        self.setToolTip("\n".join(whole(finding) for finding in self.findings))


class _Row(QWidget):
    """One finding."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.mark, self.words = QLabel(), QLabel(wordWrap=True, objectName=name)
        self.words.setTextFormat(Qt.TextFormat.PlainText)
        self.words.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Minimum)
        self._shown = ""
        line = QHBoxLayout(self)
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(8)
        line.addWidget(self.mark, 0, Qt.AlignmentFlag.AlignTop)
        line.addWidget(self.words, 1)

    def tell(self, finding: Finding) -> None:
        """Say what is wrong."""
        glyph = icon(ICONS[finding.kind], "bad" if finding.kind in ("infinite", "exploding") else "validation_text")
        self.mark.setPixmap(glyph.pixmap(16, 16))
        if (text := sentence(finding)) != self._shown:
            self._shown = text
            self.words.setText(text)


def sentence(finding: Finding) -> str:
    """Say what is wrong in which layer, and what to try."""
    layer, value = short(finding.layer), readable(float(f"{finding.value:.2g}"))
    told = {
        "infinite": tr("{layer}: the gradient is not a finite number. Lower the learning rate and reset.", layer=layer),
        "exploding": tr(
            "The gradient explodes: it was {value} long, most of all in {layer}. Clip it by norm, or lower the "
            "learning rate.",
            value=value,
            layer=layer,
        ),
        "silent": tr(
            "{layer} gets no gradient at all, so it learns nothing. Lower the learning rate or take another "
            "initialisation, and reset.",
            layer=layer,
        ),
        "vanishing": tr(
            "The gradient vanishes: {layer} gets {value} of what {beside} gets. Try a shortcut (Add), normalisation, "
            "ReLU or the initialisation He.",
            layer=layer,
            value=value,
            beside=short(finding.beside),
        ),
        "growing": tr(
            "The gradient grows on its way back: {layer} gets {value} times as much as {beside}. Try normalisation, a "
            "smaller initialisation or clipping.",
            layer=layer,
            value=value,
            beside=short(finding.beside),
        ),
        "dead": tr(
            "{share:.0%} of the units of {layer} are dead: their ReLU lets no example through. Try a lower learning "
            "rate, LeakyReLU or the initialisation He.",
            share=finding.value,
            layer=layer,
        ),
        "large": tr(
            "A step moves {layer} by {value} of its weights, far more than {guide}. Lower the learning rate.",
            layer=layer,
            value=value,
            guide=readable(GUIDE),
        ),
        "small": tr(
            "A step moves {layer} by {value} of its weights, far less than {guide}. While the loss is high, raise the "
            "learning rate.",
            layer=layer,
            value=value,
            guide=readable(GUIDE),
        ),
    }
    return told[finding.kind]


def whole(finding: Finding) -> str:
    """Say it, and in how many layers it is so."""
    if finding.layers == 1:
        return sentence(finding)
    return f"{sentence(finding)} ({count('{n} layer', '{n} layers', finding.layers)})"


def short(path: str) -> str:
    """Leave out the middle of a long path."""
    return path if len(path) <= LONGEST else f"{path[: LONGEST // 2 - 1]}…{path[-LONGEST // 2 :]}"
