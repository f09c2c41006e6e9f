"""The stream along the shortcuts, behind every block: how large it is, and what gradient arrives there."""

from __future__ import annotations

import math

from PySide6.QtWidgets import QVBoxLayout

from playground.probes.residual_stream import ResidualStream, ResidualStreamAnswer
from playground.text import note, tr
from widgets.panels.parts.plots import Picture, Readout, readable
from widgets.panels.parts.stream_bars import StreamBars
from widgets.theme import Theme


class ResidualStreamPanel(Picture):
    """Shows the size of the residual stream and of its gradient, block by block."""

    key = "residual_stream"
    title = note("Residual stream")
    help = note(
        "Along the shortcuts leads one stream, into which every part of a block only adds: each row is a place of it, "
        "the first at the bottom. On the left how long its vectors are there, and inside, in orange, what the last "
        "sum added; on the right the length of the gradient that arrives, on a scale of powers of ten. Where the norm "
        "follows each sum the sizes stay alike; where it stands before each part the stream grows, and the gradient "
        "gets through more evenly."
    )
    icon = "mdi6.transit-connection-variant"

    def compose(self, column: QVBoxLayout) -> None:
        """Create the line of words and the bars."""
        self.answer: ResidualStreamAnswer | None = None
        self.bars = StreamBars("residual_stream_bars")
        self.bars.pointed.connect(self._tell)
        column.addWidget(self.bars, 1)
        self._readout = Readout("residual_stream_readout")
        column.addWidget(self._readout)
        self.session.restarted.connect(self._on_session_restarted)

    def probe(self) -> ResidualStream:
        """Ask for all places."""
        return ResidualStream()

    def draw(self, answer: ResidualStreamAnswer | None) -> None:
        """Show the stream as it is now."""
        self.answer = answer
        self.show_picture(answer is not None)
        if answer is not None:
            self.bars.show_answer(answer)
            self._tell()

    def _tell(self) -> None:
        """Say what the pointer is at, else on how many examples it was measured."""
        answer, row = self.answer, self.bars.row
        if answer is None:
            return
        if not 0 <= row < len(answer.nodes):
            self._readout.say(tr("on the last batch, step {n}", n=answer.step))
            return
        self._readout.hurry()
        size, gradient = (readable(float(f"{float(one[row]):.3g}")) for one in (answer.norms, answer.gradients))
        words = tr("{node}: size {size}, gradient {gradient}", node=answer.nodes[row], size=size, gradient=gradient)
        added = float(answer.added[row])
        if math.isfinite(added):
            longer = tr(
                "{node}: size {size}, just added {added}, gradient {gradient}",
                node=answer.nodes[row],
                size=size,
                added=readable(float(f"{added:.3g}")),
                gradient=gradient,
            )
            self._readout.say(longer, words)
        else:
            self._readout.say(words)

    def empty(self) -> str:
        """Say how to fill it."""
        if not ResidualStream.suits(self.session.document.now):
            return tr("Where shortcuts lead round other layers, the stream appears here: open the preset encoder.")
        return tr("Once the network is complete, the stream along its shortcuts appears here.")

    def relabel(self) -> None:
        """Say everything again in the present language."""
        super().relabel()
        self.bars.setAccessibleName(tr("Bars of the stream; up and down walk through the places"))
        self.draw(self.answer)

    def recolour(self, theme: Theme) -> None:
        """Take the colours of a theme."""
        self.bars.update()

    def _on_session_restarted(self) -> None:
        self.draw(None)
