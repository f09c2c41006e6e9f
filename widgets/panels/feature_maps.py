"""What a convolution, a pooling or an activation makes of one image: all its maps side by side."""

from __future__ import annotations

import html
from typing import Any

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QRectF, Qt, QTimer
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from playground.blocks.data import Output
from playground.probes.feature_maps import FeatureMaps, FeatureMapsAnswer
from playground.text import Sentence, note, tr
from widgets.panels._mosaics import best_columns, mosaic, mosaic_table, signed_table
from widgets.panels._of_node import NodePicture
from widgets.panels._plots import ColourBar, Still, colour_table, icon_button, row
from widgets.theme import Theme, current

Array = np.ndarray[Any, Any]


class FeatureMapsPanel(NodePicture):
    """Shows the maps that leave one node, for one example."""

    key = "feature_maps"
    title = note("Feature maps")
    help = note(
        "What leaves the chosen node when one image goes in: each small picture is one channel, all on the same "
        "scale, bright where the value is large, or orange above zero and blue below it. Early layers respond to "
        "edges and strokes, later ones to larger parts. A map that stays dark for every example tells nothing."
    )
    icon = "mdi6.grid"
    per_node = True

    def compose(self, column: QVBoxLayout) -> None:
        """Create the controls, the example's image, the mosaic and its colour bar."""
        self.answer: FeatureMapsAnswer | None = None
        self.index = 0
        self._columns = 0
        self.make_choice()
        self._before = icon_button("feature_maps_before", "mdi6.chevron-left")
        self._before.clicked.connect(self._on_before_clicked)
        self._after = icon_button("feature_maps_after", "mdi6.chevron-right")
        self._after.clicked.connect(self._on_after_clicked)
        self._place = QLabel()
        self._place.setObjectName("feature_maps_place")
        self._place.setProperty("role", "dim")
        column.addLayout(row(self._choice, self._before, self._place, self._after, QWidget(), stretch=4))
        self.example = Still("feature_maps_example")
        self.example.setMinimumWidth(40)
        self.view = pg.GraphicsView(background=None)
        self.view.setObjectName("feature_maps_mosaic")
        self.view.setFrameShape(QFrame.Shape.NoFrame)
        self.view.setMinimumSize(60, 40)
        self.box = pg.ViewBox(lockAspect=True, invertY=True, enableMouse=False, enableMenu=False, defaultPadding=0)
        self.view.setCentralItem(self.box)
        self.image = pg.ImageItem(axisOrder="row-major")
        self.box.addItem(self.image)
        self.bar = ColourBar("feature_maps_bar")
        self.signed = False
        self._colour()
        self._verdict = QLabel()
        self._verdict.setObjectName("feature_maps_verdict")
        self._verdict.setWordWrap(True)
        self._verdict.setMinimumWidth(96)
        self._verdict.setAlignment(Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop)
        beside = QVBoxLayout()
        beside.addWidget(self.example, 1)
        beside.addWidget(self._verdict)
        body = QHBoxLayout()
        body.setSpacing(12)
        body.addLayout(beside, 1)
        body.addWidget(self.view, 3)
        body.addWidget(self.bar)
        column.addLayout(body, 1)
        self._later = QTimer(self, interval=60, singleShot=True)
        self._later.timeout.connect(self._on_resized)
        self.destroyed.connect(self.session.document.subscribe(self._on_document_changed))
        self.list_nodes()

    def probe(self) -> FeatureMaps | None:
        """Ask for the chosen node's maps; of nothing where there are no images."""
        node = self.chosen()
        return FeatureMaps(node=node, index=self.index) if node else None

    def first_of(self, nodes: list[str]) -> str:
        """Return the first convolution, or else the first node out of which images come."""
        known = self.session.document.report.nodes
        return next((id for id in nodes if known[id].block.family == "Convolution"), super().first_of(nodes))

    def nodes(self) -> list[str]:
        report = self.session.document.report
        return [id for id, node in report.nodes.items() if node.shape.is_image and not isinstance(node.block, Output)]

    # -- drawing -----------------------------------------------------------------------------------------------

    def draw(self, answer: FeatureMapsAnswer | None) -> None:
        """Show what leaves the node now."""
        if answer is not None and answer.node != self.chosen():
            return  # asked before another node was chosen
        before, self.answer = self.answer, answer
        self.show_picture(answer is not None)
        if answer is None:
            return
        if (signed := answer.low < 0) != self.signed:
            self.signed = signed
            self._colour()
        self._draw_mosaic(answer)
        if before is None or not np.array_equal(before.image, answer.image):
            self.example.set_pixels(as_picture(answer.image))
        self.bar.set_range(*scale(answer))
        self._sync_words(answer)

    def _draw_mosaic(self, answer: FeatureMapsAnswer) -> None:
        n, height, width = answer.maps.shape
        self._columns = best_columns(n, height, width, self.view.width(), self.view.height())
        pixels = mosaic(answer.maps, self._columns, *scale(answer))
        if self.image.image is None or self.image.image.shape != pixels.shape:
            self.box.setRange(QRectF(0, 0, pixels.shape[1], pixels.shape[0]), padding=0)
        self.image.setImage(pixels, autoLevels=False, levels=(0, 255))

    def _colour(self) -> None:
        """Choose the colours: magnitudes from dark to bright, signed values to either side of nothing."""
        table = signed_table(current()) if self.signed else colour_table("inferno")
        self.image.setLookupTable(mosaic_table(table))
        self.bar.set_colours(table)

    def _sync_words(self, answer: FeatureMapsAnswer) -> None:
        """Say which example it is, what it is, and what the network takes it for."""
        place = f"{answer.index + 1:,} / {answer.count:,}"
        if self._place.text() != place:
            self._place.setText(place)
        if self._verdict.text() != (verdict := self._said(answer)):
            self._verdict.setText(verdict)

    def _said(self, answer: FeatureMapsAnswer) -> str:
        if not answer.label:
            return ""
        theme = current()
        right = answer.label == answer.predicted
        colour, mark = (theme.good_text, "✓") if right else (theme.bad_text, "✗")
        truth = tr("label {name}", name=html.escape(answer.label))
        guess = tr("prediction {name}", name=html.escape(answer.predicted))
        share = f'<span style="color:{theme.dim}">{answer.confidence:.2f}</span>'
        return f'{truth}<br/><span style="color:{colour}">{mark} {guess}</span><br/>{share}'

    # -- words and colours -------------------------------------------------------------------------------------

    def empty(self) -> str:
        """Say how to fill it."""
        if not self.nodes():
            return tr("Nothing here carries an image. Choose images as data, or open the preset lenet.")
        return tr("Once the network is complete, its maps appear here. Press Play and watch them sharpen.")

    def relabel(self) -> None:
        """Say everything again in the present language."""
        super().relabel()
        self._choice.setAccessibleName(tr("Node"))
        self._choice.setToolTip(tr("The node whose maps are shown"))
        for button, words in ((self._before, tr("Previous example")), (self._after, tr("Next example"))):
            button.setAccessibleName(words)
            button.setToolTip(words)
        self.view.setAccessibleName(str(Sentence(self.title)))
        self.example.setAccessibleName(tr("The example"))
        self.example.setToolTip(tr("The example"))
        if self.answer is not None:
            self._sync_words(self.answer)

    def recolour(self, theme: Theme) -> None:
        """Take the colours of a theme."""
        self.view.setBackground(theme.panel)
        self._colour()
        if self.answer is not None:
            self._sync_words(self.answer)

    # -- what happens ------------------------------------------------------------------------------------------

    def sync(self) -> None:
        """Say what is missing while there is nothing to draw."""
        self.list_nodes()
        self.show_picture(self.answer is not None)

    def _on_before_clicked(self) -> None:
        self._show_example(-1)

    def _on_after_clicked(self) -> None:
        self._show_example(+1)

    def _show_example(self, by: int) -> None:
        count = self.answer.count if self.answer is not None else 1
        self.index = (self.index + by) % max(1, count)
        self._place.setText(f"{self.index + 1:,} / {count:,}")
        self.rewatch()

    def _on_resized(self) -> None:
        if self.answer is not None:
            self._draw_mosaic(self.answer)

    # -- Qt ----------------------------------------------------------------------------------------------------

    def resizeEvent(self, event: Any) -> None:
        """Lay the maps out anew once the size has settled."""
        super().resizeEvent(event)
        self._later.start()


def scale(answer: FeatureMapsAnswer) -> tuple[float, float]:
    """Return the values at the ends of the colours: with negative values among them, equally far from zero."""
    if answer.low >= 0:
        return answer.low, answer.high
    reach = max(-answer.low, answer.high)
    return -reach, reach


def as_picture(image: Array) -> Array:
    """Turn an image (channels, h, w) into grey or colour pixels: black is its smallest value, white its largest."""
    if not image.size:
        return np.zeros((1, 1), dtype=np.uint8)
    shown = image[:3].transpose(1, 2, 0) if image.shape[0] >= 3 else image[0]
    shown = np.nan_to_num(shown, posinf=0.0, neginf=0.0)
    low, high = float(shown.min()), float(shown.max())
    return ((shown - low) * (255.0 / (high - low if high > low else 1.0))).round().astype(np.uint8)
