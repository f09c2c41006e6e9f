"""Where the network believes that objects lie: its boxes and the true ones over the images, and how they overlap."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np
from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from playground.blocks.data import Output
from playground.probes.boxes import Boxes, BoxesAnswer
from playground.text import note, tr
from widgets.panels.parts.gallery import GAP, Gallery, Shares, enlarged, said
from widgets.panels.parts.plots import as_image
from widgets.theme import current, font

Array = np.ndarray[Any, Any]

TRUE, ANSWERED = "#4CC38A", "#FF8A5B"
"""Colours of boxes: they lie on pictures, which are the same in both themes."""


class BoxesPanel(Gallery):
    """Shows the boxes in which the network believes that objects lie."""

    key = "boxes"
    title = note("Boxes")
    help = note(
        "The true box of each object is drawn with a solid line, the network's with a dashed one; below stands what "
        "it takes the object for, and the overlap of both boxes: the area that they share, divided by that of either "
        "(intersection over union). The bars say how many boxes overlap by how much. From 0.5 on an object counts as "
        "found."
    )
    icon = "mdi6.vector-square"
    count = 6

    def make(self) -> tuple[QWidget, QWidget]:
        """Create the images and the bars."""
        return BoxTiles(), Shares("boxes_overlap")

    def asked(self, first: int) -> Boxes | None:
        """Ask for boxes where an Output answers with one."""
        nodes = self.session.document.report.nodes.values()
        there = any(isinstance(node.block, Output) and node.block.task == "box" for node in nodes)
        return Boxes(first=first, count=self.count) if there else None

    def show_answer(self, answer: BoxesAnswer) -> None:
        """Show the boxes and the overlaps."""
        look = current()
        labels, predicted = (
            tuple(tuple(map(self.class_name, names)) for names in some) for some in (answer.labels, answer.predicted)
        )
        self.tiles.show_answer(replace(answer, labels=labels, predicted=predicted))
        total = max(1, int(answer.counts.sum()))
        pairs = answer.counts.reshape(5, 2).sum(axis=1) / total
        self.beside.show_rows(
            tuple(
                (f"{2 * k / 10:.1f}–{2 * (k + 1) / 10:.1f}", float(share), QColor(look.accent))
                for k, share in reversed(list(enumerate(pairs)))
            )
        )
        mean, found = said(answer.mean), said(answer.found)
        self.readout.say(
            tr("mean overlap {value}, found {share}, step {n}", value=mean, share=found, n=answer.step),
            tr("mean overlap {value}", value=mean),
        )

    def empty(self) -> str:
        """Say how to fill it."""
        return tr("Where a network answers with boxes, they appear here: open the preset detection-one.")


class Frame(NamedTuple):
    """One box over an image: x and y of its middle, width, height; and whether it is the true one."""

    box: tuple[float, ...]
    true: bool


class BoxTiles(QWidget):
    """The images in two rows, with their boxes, and below each in words what is in them."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("boxes_tiles")
        self.setMinimumSize(120, 60)
        self.setFont(font(8.5))
        self.images: list[QImage] = []
        self.frames: list[list[Frame]] = []
        self.lines: list[list[tuple[str, bool]]] = []

    def show_answer(self, answer: BoxesAnswer) -> None:
        """Show these images and boxes."""
        self.images = [as_image(np.ascontiguousarray(image)) for image in answer.images]
        self.frames = [
            [Frame(tuple(box), True) for box in truths] + [Frame(tuple(box), False) for box in answers]
            for truths, answers in zip(answer.truths.tolist(), answer.answers.tolist(), strict=True)
        ]
        self.lines = [
            [self._line(*one) for one in zip(right, guess, overlaps, strict=True)]
            for right, guess, overlaps in zip(answer.labels, answer.predicted, answer.overlaps.tolist(), strict=True)
        ]
        self.setAccessibleDescription("; ".join(", ".join(words for words, _ in lines) for lines in self.lines))
        self.update()

    @staticmethod
    def _line(right: str, guess: str, overlap: float) -> tuple[str, bool]:
        """Say what an object is taken for and how well its box lies; and whether the class is right."""
        mark = "" if not right else "✓ " if right == guess else "✗ "
        return f"{mark}{guess} {said(overlap)}".strip(), right == guess

    # -- Qt ----------------------------------------------------------------------------------------------------

    def sizeHint(self) -> QSize:
        """Ask for room for two rows."""
        return QSize(260, 180)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint images, boxes and words, as large as fits."""
        if not self.images:
            return
        painter, line = QPainter(self), self.fontMetrics().height()
        words = line * max(map(len, self.lines))
        image, n = self.images[0], len(self.images)
        columns = max(range(1, n + 1), key=lambda columns: (self._times(image, columns, n, words), -columns))
        times = self._times(image, columns, n, words)
        width, height = image.width() * times, image.height() * times
        across = max(width + GAP, min(self.width() / columns, 96.0))
        for at in range(n):
            x, y = (at % columns) * across, (at // columns) * (height + words + GAP)
            target = QRectF(x, y, width, height)
            painter.drawImage(target, self.images[at])
            self._paint_frames(painter, target, self.frames[at])
            self._paint_words(painter, QRectF(x, y + height, across - 4, line), self.lines[at])

    def _times(self, image: QImage, columns: int, n: int, words: float) -> float:
        rows = -(-n // columns)
        across, down = self.width() / columns - GAP, self.height() / rows - GAP - words
        return enlarged(image, across, down)

    @staticmethod
    def _paint_frames(painter: QPainter, target: QRectF, frames: list[Frame]) -> None:
        painter.save()
        painter.setClipRect(target)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for (x, y, wide, high), true in frames:
            if not (wide > 0 and high > 0):
                continue
            box = QRectF(
                target.x() + (x - wide / 2) * target.width(),
                target.y() + (y - high / 2) * target.height(),
                wide * target.width(),
                high * target.height(),
            )
            style = Qt.PenStyle.SolidLine if true else Qt.PenStyle.DashLine
            painter.setPen(QPen(QColor(0, 0, 0, 130), 3.5))  # a dark edge, so that it is seen on any ground
            painter.drawRect(box)
            painter.setPen(QPen(QColor(TRUE if true else ANSWERED), 1.6, style))
            painter.drawRect(box)
        painter.restore()

    def _paint_words(self, painter: QPainter, place: QRectF, lines: list[tuple[str, bool]]) -> None:
        look, metrics = current(), self.fontMetrics()
        for text, right in lines:
            painter.setPen(QColor(look.text if right else look.bad_text))
            shown = metrics.elidedText(text, Qt.TextElideMode.ElideRight, int(place.width()))
            painter.drawText(place, Qt.AlignmentFlag.AlignVCenter, shown)
            place = place.translated(0, place.height())
