"""One neuron enlarged: what it says at every point of the plane, with the points over it."""

from __future__ import annotations

from typing import Any

import numpy as np
from PySide6.QtWidgets import QComboBox, QVBoxLayout

from playground.probes.neurons import Neurons, NeuronsAnswer, lies_in_the_plane, units_over_plane
from playground.text import note, tr
from widgets.panels.parts.of_node import NodePicture, offer
from widgets.panels.parts.plane import PlaneView, fine
from widgets.panels.parts.plots import Readout, readable, row
from widgets.plane_colours import side_table
from widgets.theme import Theme, current


class NeuronsPanel(NodePicture):
    """Shows what one unit says at every point of the plane."""

    key = "neurons"
    title = note("Neuron maps")
    help = note(
        "What one neuron says at every point of the plane: orange above zero, blue below it. The line along which the "
        "colours change is the neuron's own boundary; the colours of all neurons of a layer share one scale. Look "
        "which part of the plane each one sets apart, and how the next layer puts these parts together."
    )
    icon = "mdi6.view-grid-outline"
    per_node = True
    choice_help = note("The layer whose neurons are shown")

    def compose(self, column: QVBoxLayout) -> None:
        """Create the lists, the plot, the points and the colour bar."""
        self.answer: NeuronsAnswer | None = None
        self._units = QComboBox(objectName="neurons_unit")
        self._units.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        self._units.activated.connect(self._on_unit_activated)
        self._readout = Readout("neurons_readout")
        column.addLayout(row(self.make_choice(), self._units, self._readout, stretch=2))
        self.view = PlaneView("neurons")
        column.addWidget(self.view, 1)
        self.view.pointed.connect(self._on_view_pointed)
        self.session.restarted.connect(self._on_session_restarted)
        self.destroyed.connect(self.session.document.subscribe(self._on_document_changed))
        self.focus.changed.connect(self._on_focus_changed)
        self.list_nodes()
        self._follow_focus()

    # -- what is asked -----------------------------------------------------------------------------------------

    def probe(self) -> Neurons | None:
        """Ask for the chosen unit; of nothing where no layer has units with pictures."""
        node = self.chosen()
        return Neurons(node=node, unit=self.unit()) if node else None

    def nodes(self) -> list[str]:
        """Return the layers whose units have pictures."""
        return list(self._there())

    def unit(self) -> int:
        """Return the unit that is shown, counted from 0."""
        return max(0, self._units.currentIndex())

    def set_unit(self, unit: int) -> None:
        """Show another unit from now on."""
        if 0 <= unit < self._units.count() and unit != self._units.currentIndex():
            self._units.setCurrentIndex(unit)
        self._readout.hurry()
        self.rewatch()

    def set_node(self, id: str) -> None:
        """Show another layer from now on."""
        super().set_node(id)
        self._follow_focus()

    def list_nodes(self) -> None:
        """Offer the layers that there are now, and the units of the chosen one."""
        super().list_nodes()
        self._list_units()

    def first_of(self, nodes: list[str]) -> str:
        """Return the first layer behind the input: what it says is not what everybody knows."""
        inputs = [id for id in nodes if self.session.document.report.nodes[id].block.family == "Data"]
        return next((id for id in nodes if id not in inputs), next(iter(nodes), ""))

    def _there(self) -> dict[str, int]:
        document = self.session.document
        return dict(units_over_plane(document.now.source, document.report))

    def _list_units(self) -> None:
        count = self._there().get(self.chosen(), 0)
        offer(self._units, [tr("unit {n}", n=k + 1) for k in range(count)])

    def _follow_focus(self) -> None:
        """Show the unit on whose picture the person has clicked, on the canvas."""
        spot = self.focus.now
        if spot.node and spot.node == self.chosen():
            self.set_unit(spot.map)

    # -- drawing -----------------------------------------------------------------------------------------------

    def draw(self, answer: NeuronsAnswer | None) -> None:
        """Show what the unit says now."""
        if answer is not None and (answer.node, answer.unit) != (self.chosen(), self.unit()):
            return  # asked before another one was chosen
        self.answer = answer
        self.show_picture(answer is not None)
        if answer is None:
            return
        self._draw_ground(answer)
        self.view.show_points(answer.points)
        self._sync_readout()

    def _draw_ground(self, answer: NeuronsAnswer) -> None:
        reach = answer.reach or 1.0
        values = fine(answer.values)
        share = np.nan_to_num(values / reach, nan=0.0, posinf=1.0, neginf=-1.0).clip(-1, 1)
        pixels = np.full((*share.shape, 4), 255, np.uint8)
        pixels[..., :3] = side_table(current())[((share + 1) * 127.5).round().astype(np.uint8)]
        pixels[..., 3] = np.where(np.isnan(values), 0, 255)
        self.view.show_ground(pixels, answer.extent)
        self.view.bar.set_range(-reach, reach)

    def _sync_readout(self) -> None:
        """Say what the colour means or, under the pointer, what the unit says there."""
        answer = self.answer
        if answer is None:
            return
        hover = self.view.hover
        if hover is not None and (cell := self.view.cell(len(answer.values))) is not None:
            x, y = (readable(round(value, 2)) for value in (hover.x(), hover.y()))
            self._readout.say(tr("x {x}, y {y}: {value}", x=x, y=y, value=_signed(float(answer.values[cell]))))
        else:
            low, high = (_signed(float(end)) for end in _range(answer.values))
            self._readout.say(tr("from {low} to {high}", low=low, high=high), "")

    # -- words and colours -------------------------------------------------------------------------------------

    def empty(self) -> str:
        """Say how to fill it."""
        if not lies_in_the_plane(self.session.document.now.source):
            return tr("This data does not lie in a plane. Choose points such as XOR or Two spirals to see each neuron.")
        if not self.nodes():
            return tr("Layers of up to 16 units have pictures of their neurons. Give a layer fewer units to see them.")
        return tr("Once the network is complete, what each neuron says at every point of the plane appears here.")

    def relabel(self) -> None:
        """Say everything again in the present language."""
        super().relabel()
        self._units.setAccessibleName(tr("Neuron"))
        self._units.setToolTip(tr("The neuron that is shown"))
        self._list_units()
        self.view.relabel(self.title)
        self.recolour(current())
        self._sync_readout()

    def recolour(self, theme: Theme) -> None:
        """Take the colours of a theme."""
        self.view.recolour(theme)
        self.view.bar.set_colours(side_table(theme))
        if self.answer is not None:
            self._draw_ground(self.answer)

    # -- what happens ------------------------------------------------------------------------------------------

    def sync(self) -> None:
        """Say what is missing while there is nothing to draw."""
        self.list_nodes()
        self.show_picture(self.answer is not None)

    def _on_unit_activated(self, unit: int) -> None:
        self.set_unit(unit)

    def _on_focus_changed(self) -> None:
        self._follow_focus()

    def _on_session_restarted(self) -> None:
        self.draw(None)

    def _on_view_pointed(self) -> None:
        self._readout.hurry()
        self._sync_readout()


def _signed(value: float) -> str:
    return f"{value:.2f}".replace("-", "−")


def _range(values: np.ndarray[Any, Any]) -> tuple[float, float]:
    finite = values[np.isfinite(values)]
    return (float(finite.min()), float(finite.max())) if finite.size else (float("nan"), float("nan"))
