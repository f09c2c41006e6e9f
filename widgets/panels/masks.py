"""Which class every pixel is given: masks over the images, true and answered, and how the classes overlap."""

from __future__ import annotations

from typing import Any

import numpy as np
from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from playground.blocks.data import Output
from playground.probes.masks import Masks, MasksAnswer
from playground.text import note, tr
from widgets.data_view.wording import class_colour, overlaid
from widgets.panels.parts.gallery import GAP, Gallery, Shares, enlarged, said
from widgets.panels.parts.plots import as_image
from widgets.theme import current, font

Array = np.ndarray[Any, Any]


class MasksPanel(Gallery):
    """Shows which class the network gives to every pixel."""

    key = "masks"
    title = note("Masks")
    help = note(
        "Each column is one image: as it is, with its true classes over it, and with those that the network gives to "
        "its pixels. The bars are the overlap of each class over all examples: the pixels that both masks share, "
        "divided by those of either (intersection over union). Edges come right last."
    )
    icon = "mdi6.layers-triple-outline"

    def make(self) -> tuple[QWidget, QWidget]:
        """Create the images and the bars."""
        return MaskTiles(), Shares("masks_overlap")

    def asked(self, first: int) -> Masks | None:
        """Ask for masks where an Output gives every pixel a class."""
        targets = self.session.document.now.facts.targets
        for node in self.session.document.report.nodes.values():
            target = targets.get(node.block.target) if isinstance(node.block, Output) else None
            if target is not None and target.is_class and target.shape.names == ("height", "width"):
                return Masks(first=first, count=self.count)
        return None

    def show_answer(self, answer: MasksAnswer) -> None:
        """Show the masks and the overlaps."""
        self.tiles.show_answer(answer)
        ground = QColor(current().dim)
        self.beside.show_rows(
            tuple(
                (self.class_name(name), float(value), class_colour(k) if k else ground)
                for k, (name, value) in enumerate(zip(answer.classes, answer.overlaps, strict=True))
            )
        )
        mean = said(answer.mean)
        self.readout.say(
            tr("mean overlap of the classes {value}, step {n}", value=mean, n=answer.step),
            tr("mean overlap {value}", value=mean),
        )

    def empty(self) -> str:
        """Say how to fill it."""
        return tr("Where a network gives every pixel a class, its masks appear here: open the preset segmentation.")


class MaskTiles(QWidget):
    """The images in columns: as they are, with the true mask, with the answered one; below how these two overlap."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("masks_tiles")
        self.setMinimumSize(120, 60)
        self.setFont(font(8.5))
        self.columns: list[tuple[QImage, QImage, QImage]] = []
        self.own: tuple[float, ...] = ()

    def show_answer(self, answer: MasksAnswer) -> None:
        """Show these images and masks."""
        self.columns = [
            tuple(as_image(np.ascontiguousarray(one)) for one in (image, overlaid(image, truth), overlaid(image, mask)))
            for image, truth, mask in zip(answer.images, answer.truths, answer.answers, strict=True)
        ]  # type: ignore[assignment]
        self.own = tuple(answer.own)
        self.setAccessibleDescription(tr("overlap: {values}", values=", ".join(map(said, self.own))))
        self.update()

    # -- Qt ----------------------------------------------------------------------------------------------------

    def sizeHint(self) -> QSize:
        """Ask for room for three rows."""
        return QSize(240, 160)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the three rows with their names at the left."""
        if not self.columns:
            return
        painter, metrics = QPainter(self), self.fontMetrics()
        names = (tr("image"), tr("label"), tr("prediction"))
        left = max(metrics.horizontalAdvance(name) for name in names) + 8
        image = self.columns[0][0]
        across = (self.width() - left) / len(self.columns) - GAP
        down = (self.height() - metrics.height()) / 3 - GAP / 2
        times = enlarged(image, across, down)
        width, height = image.width() * times, image.height() * times
        painter.setPen(QColor(current().dim))
        for k, name in enumerate(names):
            place = QRectF(0, k * (height + GAP / 2), left - 8, height)
            painter.drawText(place, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight, name)
        for at, images in enumerate(self.columns):
            x = left + at * (width + GAP)
            for k, one in enumerate(images):
                painter.drawImage(QRectF(x, k * (height + GAP / 2), width, height), one)
            place = QRectF(x, 3 * (height + GAP / 2), width, metrics.height())
            painter.drawText(place, Qt.AlignmentFlag.AlignHCenter, said(self.own[at]))
