"""The plane of an autoencoder's codes: what every point of it decodes to, and where the examples lie."""

from __future__ import annotations

import html
from typing import Any

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QVBoxLayout

from playground.probes.latent import Latent, LatentAnswer, code_of
from playground.probes.reconstruction import repeater
from playground.text import Sentence, note, tr
from widgets.panels.parts.plots import ColourBar, Picture, Plot, Readout, Square, chip, row
from widgets.theme import CLASS_COLOURS, Theme, current, font

Array = np.ndarray[Any, Any]


DOTS = (4.0, 9.0)
"""Pixels across a dot, on a small plane and on a large one."""


class LatentPanel(Picture):
    """Shows what codes decode to."""

    key = "latent"
    title = note("Latent plane")
    help = note(
        "Between its two halves an autoencoder knows an image only by its code. Of a code of two numbers this is the "
        "plane: at every point the image that the decoder makes of it, and as dots the codes of examples that "
        "validate, coloured by class; the network was never told the classes. Longer codes that are drawn give images "
        "of chance codes instead: what the network can make up. Look for regions of one kind, and for what lies "
        "between two of them."
    )
    icon = "mdi6.vector-point"

    def compose(self, column: QVBoxLayout) -> None:
        """Create the plane, its bar, the dots and the line of words."""
        self.answer: LatentAnswer | None = None
        self._hover: QPointF | None = None
        self._switch = chip("latent_examples")
        self._switch.setChecked(True)
        self._switch.toggled.connect(self._on_switch_toggled)
        self._readout = Readout("latent_readout")
        column.addLayout(row(self._switch, self._readout))
        self.plot = Plot("latent_plot")
        self.plot.setMouseEnabled(False, False)
        self.image = pg.ImageItem(axisOrder="row-major")
        self.plot.addItem(self.image)
        self.points = pg.ScatterPlotItem(pxMode=True, size=6)
        self.plot.addItem(self.points)
        self.bar = ColourBar("latent_bar")
        self.bar.set_colours(np.repeat(np.arange(256, dtype=np.uint8)[:, None], 3, axis=1))
        self.frame = Square(self.plot, self.bar)
        column.addWidget(self.frame, 1)
        self.plot.scene().sigMouseMoved.connect(self._on_scene_mouse_moved)
        self.plot.pointerLeft.connect(self._on_pointer_left)
        self.session.restarted.connect(self._on_session_restarted)
        self.destroyed.connect(self.session.document.subscribe(self._on_document_changed))

    def probe(self) -> Latent | None:
        """Ask for the plane where there is one."""
        report = self.session.document.report
        output = repeater(report, self.session.document.now.facts)
        return Latent() if output and code_of(report, output) else None

    # -- drawing -----------------------------------------------------------------------------------------------

    def draw(self, answer: LatentAnswer | None) -> None:
        """Show the plane as it is now."""
        self.answer = answer
        self.show_picture(answer is not None)
        if answer is None:
            return
        rows, columns = answer.images.shape[:2]
        left, right, bottom, top = answer.extent or (0.0, float(columns), 0.0, float(rows))
        place = QRectF(left, bottom, right - left, top - bottom)
        self.image.setImage(laid_out(answer.images)[::-1], autoLevels=False, levels=(0, 255))
        self.image.setRect(place)
        self.plot.setRange(place, padding=0)
        for side in ("left", "bottom"):
            axis = self.plot.getAxis(side)
            axis.setTicks(None if answer.extent else [])
        self.bar.set_range(answer.low, answer.high)
        self.frame.arrange()
        self._switch.setVisible(bool(answer.extent))
        self._draw_points()
        self._sync_readout()

    def _draw_points(self) -> None:
        answer = self.answer
        if answer is None or not len(answer.codes) or not self._switch.isChecked():
            self.points.clear()
            return
        plain = pg.mkBrush(current().accent)
        brushes = [pg.mkBrush(QColor(colour)) for colour in CLASS_COLOURS]
        chosen = [brushes[k % len(brushes)] if k >= 0 else plain for k in answer.labels.tolist()]
        size, edge = float(np.clip(self.frame.side / 40, *DOTS)), pg.mkPen("#0B1220", width=1)
        self.points.setData(answer.codes[:, 0], answer.codes[:, 1], brush=chosen, pen=edge, size=size)

    def _sync_readout(self) -> None:
        """Name the classes or, under the pointer, the code there."""
        answer = self.answer
        if answer is None:
            return
        if not answer.extent:
            self._readout.say(tr("images of chance codes of {n} numbers", n=answer.size), tr("chance codes"))
        elif self._hover is not None:
            x, y = (f"{value:.2f}".replace("-", "−") for value in (self._hover.x(), self._hover.y()))
            self._readout.say(tr("code ({x}, {y})", x=x, y=y))
        elif self._switch.isChecked() and 0 < len(answer.classes) <= len(CLASS_COLOURS):
            dots = " ".join(
                f'<span style="color:{CLASS_COLOURS[k]}">●</span>&nbsp;{html.escape(self.class_name(name))}'
                for k, name in enumerate(answer.classes)
            )
            self._readout.say(dots, tr("step {n}", n=answer.step))
        else:
            self._readout.say(tr("step {n}", n=answer.step))

    # -- words and colours -------------------------------------------------------------------------------------

    def title_detail(self) -> str:
        """Return the node whose codes are shown."""
        return self.answer.node if self.answer is not None else ""

    def empty(self) -> str:
        """Say how to fill it."""
        if repeater(self.session.document.report, self.session.document.now.facts) and self.probe() is None:
            return tr("There is no code of two numbers: set the units of the narrowest Dense to 2.")
        return tr("Where images pass through a code of two numbers, its plane appears here: open the preset vae.")

    def relabel(self) -> None:
        """Say everything again in the present language."""
        super().relabel()
        self._switch.setText(tr("Examples"))
        self._switch.setToolTip(tr("Show where the examples that validate lie"))
        self.plot.setAccessibleName(str(Sentence(self.title)))
        self._sync_readout()

    def recolour(self, theme: Theme) -> None:
        """Take the colours of a theme."""
        self.plot.recolour(theme)
        for side in ("left", "bottom"):
            self.plot.getAxis(side).label.setFont(font(8.5))
        self._draw_points()

    # -- what happens ------------------------------------------------------------------------------------------

    def sync(self) -> None:
        """Say what is missing while there is nothing to draw."""
        self.show_picture(self.answer is not None)

    def _on_session_restarted(self) -> None:
        self.draw(None)

    def _on_document_changed(self, old: Any, new: Any) -> None:
        if old.graph is not new.graph or old.facts is not new.facts:
            if self.probe() is None:
                self.draw(None)
            self.rewatch()

    def _on_switch_toggled(self) -> None:
        self._draw_points()
        self._sync_readout()

    def _on_scene_mouse_moved(self, at: QPointF) -> None:
        box = self.plot.getPlotItem().getViewBox()
        self._hover = box.mapSceneToView(at) if box.sceneBoundingRect().contains(at) else None
        self._readout.hurry()
        self._sync_readout()

    def _on_pointer_left(self) -> None:
        self._hover = None
        self._readout.hurry()
        self._sync_readout()


def laid_out(images: Array) -> Array:
    """Lay images (rows, columns, h, w, 1 or 3) side by side in one, grey (h, w) or coloured (h, w, 3)."""
    rows, columns, height, width, channels = images.shape
    whole = images.transpose(0, 2, 1, 3, 4).reshape(rows * height, columns * width, channels)
    return whole[..., 0] if channels == 1 else whole
