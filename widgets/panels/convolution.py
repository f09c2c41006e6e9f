"""A convolution step by step: the kernel on its window, the products, their sum and the bias, for one pixel."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QEvent, Qt, QTimer
from PySide6.QtWidgets import QComboBox, QVBoxLayout, QWidget

from playground.probes.convolution import Convolution, ConvolutionAnswer
from playground.text import Sentence, note, tr
from widgets.icons import icon
from widgets.panels.parts.grids import signed
from widgets.panels.parts.of_node import FrameChoice, NodePicture, offer
from widgets.panels.parts.plots import Readout, icon_button, row
from widgets.panels.parts.walk import Walk
from widgets.theme import Theme, current

PACE_MS = 500
"""How long the kernel rests on a window while it slides by itself."""


class ConvolutionPanel(NodePicture):
    """Shows how one number of a feature map comes about."""

    key = "convolution"
    title = note("Convolution step by step")
    help = note(
        "How one pixel of the map on the right comes about: the frame on the left is the window that the kernel lies "
        "on. Below, its numbers, times the kernel's, are the products; their sum and the bias give the pixel. Click a "
        "pixel, move with the arrow keys, or let the kernel slide. Hatched cells lie on the padding, where all is 0."
    )
    choice_help = note("The convolution that is taken apart")
    icon = "mdi6.select-drag"
    per_node = True

    def compose(self, column: QVBoxLayout) -> None:
        """Create the controls, the picture and the line with the sum."""
        self.answer: ConvolutionAnswer | None = None
        self.make_choice()
        self._maps = self._list("convolution_map", self._on_map_activated)
        self._channels = self._list("convolution_channel", self._on_part_activated)
        self._slide = icon_button("convolution_slide", "mdi6.play")
        self._slide.setAutoRepeat(False)
        self._slide.setCheckable(True)
        self._slide.toggled.connect(self._on_slide_toggled)
        self._frames = FrameChoice("convolution_frame")
        self._frames.activated.connect(self._on_part_activated)
        controls = (self._choice, self._maps, self._channels, self._frames)
        column.addLayout(row(*controls, QWidget(), self._slide, stretch=4))
        self.walk = Walk()
        self.walk.chosen.connect(self.go)
        column.addWidget(self.walk, 1)
        self._sum = Readout("convolution_sum")
        self._sum.setAlignment(Qt.AlignmentFlag.AlignCenter)
        column.addWidget(self._sum)
        self._timer = QTimer(self, interval=PACE_MS)
        self._timer.timeout.connect(self._on_timeout)
        self.destroyed.connect(self.session.document.subscribe(self._on_document_changed))
        self.focus.changed.connect(self._on_focus_changed)
        self.list_nodes()

    def _list(self, name: str, activated: Any) -> QComboBox:
        made = QComboBox(objectName=name)
        made.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        made.activated.connect(activated)
        return made

    def probe(self) -> Convolution | None:
        """Ask for the chosen pixel; of nothing where there is no convolution."""
        node = self.chosen()
        if not node:
            return None
        number, channel = max(0, self._maps.currentIndex()), max(0, self._channels.currentIndex())
        spot, shape = self.focus.now, self.session.document.report.nodes[node].shape
        here = spot.node == node
        return Convolution(
            node=node,
            index=spot.index,
            map=number,
            channel=channel,
            row=spot.row if here else int(shape.height) // 2,
            column=spot.column if here else int(shape.width) // 2,
            frame=self._frames.frame(),
            down=spot.down,
            right=spot.right,
            own=spot.picture,
        )

    def nodes(self) -> list[str]:
        report = self.session.document.report
        return [
            id for id, node in report.nodes.items() if Convolution.accepts(node) and not report.graph.nodes[id].state
        ]

    def go(self, down: int, right: int) -> None:
        """Show the pixel at this row and column."""
        self.focus.move(node=self.chosen(), map=max(0, self._maps.currentIndex()), row=down, column=right)

    def list_nodes(self) -> None:
        """Offer every convolution, its maps, and the channels that each of its kernels looks at."""
        super().list_nodes()
        known = self.session.document.report.nodes.get(self.chosen())
        maps, channels = known.weights["weight"][:2] if known is not None else (0, 0)
        offer(self._maps, [tr("map {n} of {total}", n=n + 1, total=maps) for n in range(maps)])
        offer(self._channels, [tr("input {n} of {total}", n=n + 1, total=channels) for n in range(channels)])
        if (spot := self.focus.now).node == self.chosen():
            self._maps.setCurrentIndex(min(spot.map, maps - 1))
        self._channels.setVisible(channels > 1)
        self._frames.offer(known)

    # -- drawing -----------------------------------------------------------------------------------------------

    def draw(self, answer: ConvolutionAnswer | None) -> None:
        """Show the pixel as the network computes it now."""
        if answer is not None and answer.node != self.chosen():
            return  # asked before another node was chosen
        self.answer = answer
        self.show_picture(answer is not None)
        if answer is not None:
            self.walk.show_answer(answer)
            self._sync_sum(answer)

    def _sync_sum(self, answer: ConvolutionAnswer) -> None:
        """Write the sum as it is computed: of the products of each channel, and the bias."""
        sums = (answer.windows.astype(float) * answer.kernel).sum(axis=(1, 2))
        total = " + ".join(signed(one, 3) for one in sums)
        value, bias = signed(answer.value, 3), signed(answer.bias, 3)
        place = tr("row {row}, column {column}", row=answer.row + 1, column=answer.column + 1)
        short = tr("Σ {sum} + bias {bias} ≈ {value}", sum=signed(float(sums.sum()), 3), bias=bias, value=value)
        full = tr("Σ {sum} + bias {bias} ≈ {value}", sum=total, bias=bias, value=value)
        self._sum.say(f"{place}: {full}", full, f"{place}: {short}", short, value)
        self.walk.setAccessibleDescription(f"{place}: {short}")

    # -- words and colours -------------------------------------------------------------------------------------

    def empty(self) -> str:
        """Say how to fill it."""
        if not self.nodes():
            return tr("Nothing here slides kernels over an image. Add a Conv2D, or open the preset lenet.")
        return tr("Once the network is complete, a pixel of its first map appears here.")

    def relabel(self) -> None:
        """Say everything again in the present language."""
        super().relabel()
        for box, words in (
            (self._maps, tr("The map that goes out")),
            (self._channels, tr("The map that comes in whose window is shown")),
        ):
            box.setAccessibleName(words)
            box.setToolTip(words)
        words = tr("Let the kernel slide over the image")
        self._slide.setAccessibleName(words)
        self._slide.setToolTip(words)
        self.walk.setAccessibleName(str(Sentence(self.title)))
        self.walk.setToolTip(tr("Click a pixel of the map on the right, or move with the arrow keys"))
        self.list_nodes()
        if self.answer is not None:
            self._sync_sum(self.answer)

    def recolour(self, theme: Theme) -> None:
        """Take the colours of a theme."""
        self._slide.setIcon(icon("mdi6.pause" if self._slide.isChecked() else "mdi6.play", "dim"))
        self.walk.update()

    # -- what happens ------------------------------------------------------------------------------------------

    def sync(self) -> None:
        """Say what is missing while there is nothing to draw."""
        self.list_nodes()
        self.show_picture(self.answer is not None)

    def _on_focus_changed(self) -> None:
        """Follow to the pixel that was chosen, here or in another panel."""
        spot = self.focus.now
        if spot.node in self.nodes():
            self.node = spot.node
            self.list_nodes()
        self.rewatch()

    def _on_map_activated(self, k: int) -> None:
        if self.focus.now.node == self.chosen():
            self.focus.move(map=k)
        self.rewatch()

    def _on_part_activated(self, _: int) -> None:
        self.rewatch()

    def _on_slide_toggled(self, on: bool) -> None:
        self.recolour(current())
        if on:
            self._timer.start()
            self._on_timeout()
        else:
            self._timer.stop()

    def _on_timeout(self) -> None:
        """Move on by one pixel, at the end of a row to the next, at the end of the map to its beginning."""
        if self.answer is None or not self.isVisible():
            return
        height, width = self.answer.sizes[1]
        place = (self.answer.row * width + self.answer.column + 1) % (height * width)
        self.go(place // width, place % width)

    # -- Qt ----------------------------------------------------------------------------------------------------

    def hideEvent(self, event: QEvent) -> None:
        """Stop sliding where nobody looks."""
        self._slide.setChecked(False)
        super().hideEvent(event)
