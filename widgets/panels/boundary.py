"""The plane as the network divides it, with the points it learns from on top."""

from __future__ import annotations

from typing import Any

import numpy as np
from PySide6.QtWidgets import QVBoxLayout

from playground.data.planar import PlanarSource
from playground.probes.boundary import Boundary, BoundaryAnswer
from playground.text import note, tr
from widgets.panels.parts.plane import PlaneView, fine
from widgets.panels.parts.plots import Picture, Readout, blend, readable
from widgets.plane_colours import STRENGTH, side_table
from widgets.theme import CLASS_COLOURS, Theme, current

Array = np.ndarray[Any, Any]


class BoundaryPanel(Picture):
    """Shows what the network answers at every point of the plane."""

    key = "boundary"
    title = note("Decision boundary")
    help = note(
        "What the network answers at every point of the plane, as colour: strong where it is sure, pale where it "
        "hesitates. The boundary runs where the colours meet. Points whose own colour differs from the ground they "
        "stand on are answered wrongly; rings are validation points."
    )
    icon = "mdi6.vector-curve"

    def compose(self, column: QVBoxLayout) -> None:
        """Create the plot, the points and the colour bar."""
        self.answer: BoundaryAnswer | None = None
        self._readout = Readout("boundary_readout")
        column.addWidget(self._readout)
        self.view = PlaneView("boundary")
        column.addWidget(self.view, 1)
        self.view.pointed.connect(self._on_view_pointed)
        self.session.restarted.connect(self._on_session_restarted)

    def probe(self) -> Boundary:
        """Ask for the plane."""
        return Boundary()

    def draw(self, answer: BoundaryAnswer | None) -> None:
        """Show what the network answers now."""
        before, self.answer = self.answer, answer
        self.show_picture(answer is not None)
        if answer is None:
            return
        self._draw_ground(answer)
        if before is None or before.classes != answer.classes:
            self.recolour(current())
        self.view.show_points(answer.points)
        self._sync_readout()

    def sync(self) -> None:
        """Take the picture away where another data set took the place of points."""
        if self.answer is not None and not isinstance(self.session.document.now.source, PlanarSource):
            self.draw(None)

    def _draw_ground(self, answer: BoundaryAnswer) -> None:
        if answer.two:
            pixels = two_sides(fine(answer.probability), side_table(current()))
        else:
            pixels = winners(answer.probability, answer.winner, len(answer.classes), current())
        self.view.show_ground(pixels, answer.extent)

    def _sync_readout(self) -> None:
        """Say what the colour means or, under the pointer, what the network answers there."""
        answer = self.answer
        if answer is None:
            return
        hover = self.view.hover
        if hover is not None and (cell := self.view.cell(len(answer.probability))) is not None:
            share, winner = float(answer.probability[cell]), int(answer.winner[cell])
            if answer.two and winner == 0:
                share = 1.0 - share
            text = tr(
                "x {x}, y {y}: class {name} with {share}",
                x=readable(round(hover.x(), 2)),
                y=readable(round(hover.y(), 2)),
                name=answer.classes[winner],
                share=f"{share:.2f}",
            )
        elif answer.two:
            text = tr("colour: probability of class {name}", name=answer.classes[1])
        else:
            dots = [
                f'<span style="color:{CLASS_COLOURS[k % len(CLASS_COLOURS)]}">●</span> {name}'
                for k, name in enumerate(answer.classes)
            ]
            text = " &nbsp; ".join(dots)
        self._readout.say(text)

    # -- words and colours -------------------------------------------------------------------------------------

    def title_detail(self) -> str:
        """Return the legend of the points."""
        return tr("● train ○ validation")

    def empty(self) -> str:
        """Say how to fill it."""
        document = getattr(self.session, "document", None)
        if document is not None and not isinstance(document.now.source, PlanarSource):
            return tr("This data does not lie in a plane. Choose points such as XOR or Two spirals to see a boundary.")
        return tr("Once the network is complete, its answer at every point of the plane appears here.")

    def relabel(self) -> None:
        """Say everything again in the present language."""
        super().relabel()
        self.view.relabel(self.title)
        self.recolour(current())
        self._sync_readout()

    def recolour(self, theme: Theme) -> None:
        """Take the colours of a theme."""
        self.view.recolour(theme)
        answer = self.answer
        if answer is None or answer.two:
            self.view.bar.set_colours(side_table(theme))
            self.view.bar.set_range(0.0, 1.0)
        else:
            grey = np.linspace(0, 1, 64)[:, None]
            low, high = (np.array(blend(colour, colour, 0), dtype=float) for colour in (theme.card, theme.dim))
            self.view.bar.set_colours((low + (high - low) * grey).astype(np.uint8))
            self.view.bar.set_range(1.0 / len(answer.classes), 1.0)
        if answer is not None:
            self._draw_ground(answer)

    # -- what happens ------------------------------------------------------------------------------------------

    def _on_session_restarted(self) -> None:
        self.sync()

    def _on_view_pointed(self) -> None:
        self._readout.hurry()
        self._sync_readout()


def two_sides(probability: Array, table: Array) -> Array:
    """Colour probabilities of the second class, RGBA; what is not a number stays transparent."""
    known = np.isfinite(probability)
    index = (np.where(known, probability, 0.0) * 255).round().clip(0, 255).astype(np.uint8)
    pixels = np.empty((*probability.shape, 4), dtype=np.uint8)
    pixels[..., :3] = table[index]
    pixels[..., 3] = np.where(known, 255, 0)
    return pixels


def winners(probability: Array, winner: Array, classes: int, theme: Theme) -> Array:
    """Colour each cell in its winner's colour, the stronger the surer, RGBA."""
    ground = np.array(blend(theme.card, theme.card, 0), dtype=np.float32)
    full = [blend(theme.card, CLASS_COLOURS[k % len(CLASS_COLOURS)], STRENGTH) for k in range(classes)]
    known = np.isfinite(probability)
    share = ((np.where(known, probability, 0.0) * classes - 1) / max(1, classes - 1)).clip(0, 1)[..., None]
    pixels = np.empty((*winner.shape, 4), dtype=np.uint8)
    pixels[..., :3] = (
        ground + (np.array(full, dtype=np.float32)[winner.clip(0, classes - 1)] - ground) * share
    ).round()
    pixels[..., 3] = np.where(known, 255, 0)
    return pixels
