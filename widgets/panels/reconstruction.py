"""Images and, below each, what a network that must say them again makes of it."""

from __future__ import annotations

from typing import Any

import numpy as np
from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from playground.probes.reconstruction import Reconstruction, ReconstructionAnswer, repeater
from playground.text import note, tr
from widgets.panels.parts.gallery import GAP, Gallery
from widgets.panels.parts.plots import as_image, readable
from widgets.theme import current, font

Array = np.ndarray[Any, Any]

SMALLEST = 28
"""Pixels along a side of an image; where there is no room for so many, fewer images are shown."""


class ReconstructionPanel(Gallery):
    """Shows images above and what the network makes of them below."""

    key = "reconstruction"
    title = note("Reconstructions")
    help = note(
        "Above stands what goes in, below what comes out, and under each pair the mean squared error of its pixels. "
        "All pass through a code of a few numbers, so what comes back is what the code has room for: first the mean "
        "of all images, then the kinds, at last the strokes. The line at the top compares the error with that of "
        "always answering with the mean image."
    )
    icon = "mdi6.image-sync-outline"
    count = 8

    def make(self) -> tuple[QWidget, QWidget]:
        """Create the images; nothing stands beside them."""
        beside = QWidget()
        beside.setMaximumWidth(0)
        self.pairs = Pairs()
        return self.pairs, beside

    def asked(self, first: int) -> Reconstruction | None:
        """Ask for reconstructions where an Output says its images again."""
        there = repeater(self.session.document.report, self.session.document.now.facts)
        return Reconstruction(first=first, count=self.count) if there else None

    def show_answer(self, answer: ReconstructionAnswer) -> None:
        """Show the pairs and how far they differ."""
        self.pairs.show_answer(answer)
        mean, guess = readable(_rounded(answer.mean)), readable(_rounded(answer.guess))
        self.readout.say(
            tr("mean squared error {mean}, of the mean image {guess}, step {n}", mean=mean, guess=guess, n=answer.step),
            tr("mean squared error {mean}, of the mean image {guess}", mean=mean, guess=guess),
            tr("error {mean}", mean=mean),
        )

    def empty(self) -> str:
        """Say how to fill it."""
        return tr("Where a network says its images again, they appear here: open the preset autoencoder.")


class Pairs(QWidget):
    """The images in columns: what goes in, what comes out, and the error."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("reconstruction_tiles")
        self.setMinimumSize(120, 60)
        self.setFont(font(8.5))
        self.columns: list[tuple[QImage, QImage]] = []
        self.own: tuple[str, ...] = ()

    def show_answer(self, answer: ReconstructionAnswer) -> None:
        """Show these images."""
        self.columns = [
            (as_image(np.ascontiguousarray(image)), as_image(np.ascontiguousarray(made)))
            for image, made in zip(answer.images, answer.answers, strict=True)
        ]
        self.own = tuple(readable(_rounded(float(value))) for value in answer.own)
        self.setAccessibleDescription(tr("errors: {values}", values=", ".join(self.own)))
        self.update()

    # -- Qt ----------------------------------------------------------------------------------------------------

    def sizeHint(self) -> QSize:
        """Ask for room for two rows."""
        return QSize(240, 120)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint bands of two rows with their names at the left, as large as there is room for."""
        if not self.columns:
            return
        painter, metrics = QPainter(self), self.fontMetrics()
        names = (tr("image"), tr("again"))
        left = max(metrics.horizontalAdvance(name) for name in names) + 8
        image, line = self.columns[0][0], metrics.height()
        widest = max(SMALLEST, metrics.horizontalAdvance("0.0888"))
        room = self.width() - left + GAP
        most = max(1, int(room / (widest + GAP)))
        times, across = max(
            (min((room / across - GAP) / image.width(), self._down(bands, line) / image.height()), across)
            for bands in range(1, len(self.columns) + 1)
            for across in [min(most, -(-len(self.columns) // bands))]
        )
        width, height = image.width() * times, image.height() * times
        step, band = max(width, widest) + GAP, 2 * (height + GAP) + line
        for at, pair in enumerate(self.columns):
            x, y = left + at % across * step, at // across * band
            if y + band > self.height() + GAP:
                break  # there is no room for all of them
            painter.setPen(QColor(current().dim))
            for k, one in enumerate(pair):
                top = y + k * (height + GAP / 2)
                if at % across == 0:
                    place = QRectF(0, top, left - 8, height)
                    painter.drawText(place, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight, names[k])
                painter.drawImage(QRectF(x + (step - GAP - width) / 2, top, width, height), one)
            place = QRectF(x, y + 2 * height + GAP, step - GAP, line)
            painter.drawText(place, Qt.AlignmentFlag.AlignHCenter, self.own[at])

    def _down(self, bands: int, line: int) -> float:
        """Return how high an image can be where there are so many bands of two rows and a line of numbers."""
        return max(8.0, (self.height() / bands - line) / 2 - GAP)


def _rounded(value: float) -> float:
    """Keep two digits of an error: more say nothing."""
    return float(f"{value:.2g}")
