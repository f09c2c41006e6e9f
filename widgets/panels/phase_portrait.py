"""The path of a system and the one that the network goes by itself, in the plane of two of its quantities."""

from __future__ import annotations

from itertools import combinations
from typing import Any

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QPointF, Qt
from PySide6.QtWidgets import QBoxLayout, QComboBox, QSizePolicy, QVBoxLayout

from playground.probes.phase_portrait import PhasePortrait, PhasePortraitAnswer
from playground.text import Sentence, note, tr
from widgets.panels.parts.of_node import offer
from widgets.panels.parts.plots import Picture, Plot, Readout, readable, row
from widgets.panels.parts.sentence import SentenceBar
from widgets.panels.parts.walked import WalkedPlot
from widgets.theme import Theme, current, font

Array = np.ndarray[Any, Any]

SPLITS = {"test": note("test"), "validation": note("validation"), "train": note("train")}
LEFT = 48
"""Pixels for the numbers at the left."""

SMALLEST = 1e-6
"""Errors below it are drawn as if they were it: their logarithm has no end."""


class PhasePortraitPanel(Picture):
    """Shows the true path beside the one in closed loop, and how far they are apart over time."""

    key = "phase_portrait"
    title = note("Phase portrait")
    help = note(
        "The path of the system in the plane of two of its quantities, and the path that the network goes in closed "
        "loop: from a true beginning on, it is fed its own predictions. Beside it stands how far the two are apart "
        "after so many steps, with the median over several trajectories and the distance of two chance states of the "
        "system. Walk along the errors with the arrow keys: the two dots show where both are at that step."
    )
    icon = "mdi6.butterfly-outline"

    def compose(self, column: QVBoxLayout) -> None:
        """Create the lists, the plane, the errors, and the line of words."""
        self.answer: PhasePortraitAnswer | None = None
        self._at: int | None = None
        self.split, self.plane = (self._make_list(name) for name in ("split", "plane"))
        self.bar = SentenceBar("phase", self.focus, self._on_bar_turned)
        self.bar.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Preferred)
        head = row(self.split, self.plane, self.bar)
        head.addStretch(1)
        column.addLayout(head)
        self._compose_plane()
        self._compose_errors()
        self._body = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        self._body.setSpacing(8)
        self._body.addWidget(self.plot, 3)
        self._body.addWidget(self.errors, 2)
        column.addLayout(self._body, 1)
        self._readout = Readout("phase_readout")
        column.addWidget(self._readout)
        self.focus.changed.connect(self.rewatch)
        self.session.restarted.connect(self._on_session_restarted)

    def _make_list(self, name: str) -> QComboBox:
        made = QComboBox(objectName=f"phase_{name}")
        made.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        return made

    def _compose_plane(self) -> None:
        self.plot = Plot("phase_plot")
        self.plot.setMouseEnabled(False, False)
        self.true = self.plot.plot([], [], antialias=True)
        self.rolled = self.plot.plot([], [], antialias=True)
        self.places = {name: pg.ScatterPlotItem(size=9) for name in ("start", "true", "rolled")}
        for item in self.places.values():
            self.plot.addItem(item)
        self.split.activated.connect(self._on_split_activated)
        self.plane.activated.connect(self._on_plane_activated)

    def _compose_errors(self) -> None:
        self.errors = WalkedPlot("phase_errors")
        self.errors.setLogMode(y=True)
        self.apart = pg.InfiniteLine(angle=0)
        self.errors.addItem(self.apart)
        self.usual = self.errors.plot([], [], antialias=True, connect="finite")
        self.error = self.errors.plot([], [], antialias=True, connect="finite")
        self.here = pg.InfiniteLine(angle=90)
        self.errors.addItem(self.here)
        self.errors.walked.connect(self._walk)
        self.errors.scene().sigMouseMoved.connect(self._on_mouse_moved)
        self.errors.pointerLeft.connect(self._on_pointer_left)
        for plot in (self.plot, self.errors):
            plot.getAxis("left").setWidth(LEFT)

    def probe(self) -> PhasePortrait:
        """Ask for the path from the chosen window on."""
        there = self.answer.splits if self.answer is not None else ()
        at = self.split.currentIndex()
        return PhasePortrait(split=there[at] if 0 <= at < len(there) else "test", index=max(0, self.focus.now.index))

    # -- drawing -----------------------------------------------------------------------------------------------

    def draw(self, answer: PhasePortraitAnswer | None) -> None:
        """Show where the network goes now."""
        before, self.answer = self.answer, answer
        self.show_picture(answer is not None)
        if answer is None:
            self._at = None
            return
        if before is None or (before.split, before.index) != (answer.split, answer.index):
            self._at = None
        self._sync_lists(answer)
        self._draw_plane(answer)
        steps = np.arange(1, len(answer.errors) + 1)
        self.error.setData(steps, np.maximum(answer.errors, SMALLEST))
        self.usual.setData(steps, np.maximum(answer.usual, SMALLEST))
        self.apart.setPos(np.log10(max(answer.apart, SMALLEST)))
        self._set_errors_range(answer)
        self._sync_place()

    def _draw_plane(self, answer: PhasePortraitAnswer) -> None:
        (across, up), names = self._projected(answer.true), self._axes(answer)
        rolled = self._projected(answer.rolled)
        self.true.setData(across, up, connect=_connected(across, up))
        self.rolled.setData(*rolled, connect=_connected(*rolled))
        self.places["start"].setData(across[:1], up[:1])
        for side, name in zip(("bottom", "left"), names, strict=True):
            self.plot.setLabel(side, name)
        for way, values in ((self.plot.setXRange, across), (self.plot.setYRange, up)):
            low, high = float(values.min()), float(values.max())
            room = 0.15 * (high - low) or 1.0  # a path that goes astray goes beyond the edge
            way(low - room, high + room, padding=0)

    def _set_errors_range(self, answer: PhasePortraitAnswer) -> None:
        known = np.concatenate([answer.errors, answer.usual, [answer.apart]])
        known = known[np.isfinite(known) & (known > SMALLEST)]
        high = min(float(known.max()), 10 * answer.apart) if len(known) else 1.0
        low = max(float(known.min()), high / 1e5) if len(known) else 0.1
        self.errors.setYRange(np.log10(low), np.log10(max(high, 1.01 * low)), padding=0.08)
        self.errors.setXRange(0, max(len(answer.errors), 1), padding=0.02)

    def _projected(self, path: Array) -> tuple[Array, Array]:
        """Return a path (steps, quantities) in the chosen plane; of one quantity over what it was a step before."""
        if path.shape[1] == 1:
            return path[:-1, 0], path[1:, 0]
        across, up = self._pairs(path.shape[1])[max(0, self.plane.currentIndex())]
        return path[:, across], path[:, up]

    def _axes(self, answer: PhasePortraitAnswer) -> tuple[str, str]:
        if len(answer.names) == 1:
            return tr("{name}, a step before", name=answer.names[0]), answer.names[0]
        across, up = self._pairs(len(answer.names))[max(0, self.plane.currentIndex())]
        return answer.names[across], answer.names[up]

    @staticmethod
    def _pairs(many: int) -> list[tuple[int, int]]:
        """Return the planes of so many quantities, that of the first and the last one first."""
        return sorted(combinations(range(many), 2), key=lambda pair: pair != (0, many - 1))

    def _sync_lists(self, answer: PhasePortraitAnswer) -> None:
        """Offer what there is now; lists of one thing are put away."""
        offer(self.split, [str(Sentence(SPLITS[name])) for name in answer.splits])
        self.split.setCurrentIndex(answer.splits.index(answer.split))
        pairs = self._pairs(len(answer.names))
        offer(self.plane, [f"{answer.names[across]} – {answer.names[up]}" for across, up in pairs])
        for one in (self.split, self.plane):
            one.setVisible(one.count() > 1)
        self.bar.show_place(answer.index, answer.count, typed=False, typable=False)

    def _sync_place(self) -> None:
        """Mark the step that is looked at, and say how far apart the paths are there."""
        answer = self.answer
        if answer is None:
            return
        at = self._at
        if at is not None and len(answer.errors):
            at = min(at, len(answer.errors))
        marked = at is not None and len(answer.errors) > 0
        self.here.setVisible(marked)
        for name in ("true", "rolled"):
            self.places[name].setVisible(marked)
        if marked:
            assert at is not None
            self.here.setPos(at)
            for name, path in (("true", answer.true), ("rolled", answer.rolled)):
                across, up = self._projected(path)
                place = min(at, len(across) - 1)
                self.places[name].setData(across[place : place + 1], up[place : place + 1])
        self._say(answer, at if marked else None)

    def _say(self, answer: PhasePortraitAnswer, at: int | None) -> None:
        apart = readable(answer.apart)
        if at is not None:
            said = {"n": f"{at:,}", "error": readable(float(answer.errors[at - 1])), "apart": apart}
            self._readout.say(
                tr("after {n} steps {error} apart; two chance states are {apart} apart", **said),
                tr("after {n} steps {error} apart", **said),
            )
            return
        lost = np.flatnonzero(~(answer.errors < answer.apart / 4))
        if not len(answer.errors):
            self._readout.say(tr("the trajectory ends here"))
        elif len(lost):
            self._readout.say(
                tr(
                    "the paths part after {n} steps: then a quarter of what two chance states are apart", n=int(lost[0])
                ),
                tr("the paths part after {n} steps", n=int(lost[0])),
            )
        else:
            error = readable(float(answer.errors.max()))
            steps = f"{len(answer.errors):,}"
            self._readout.say(
                tr(
                    "on all {n} steps at most {error} apart; two chance states are {apart}",
                    n=steps,
                    error=error,
                    apart=apart,
                ),
                tr("on all {n} steps at most {error} apart", n=steps, error=error),
            )

    # -- words and colours -------------------------------------------------------------------------------------

    def title_detail(self) -> str:
        """Return the legend, in the colours of the curves (rich text)."""
        theme = current()
        return (
            f'<span style="color:{theme.accent_text}">— {tr("closed loop")}</span> '
            f'<span style="color:{theme.text}">— {tr("true")}</span> '
            f'<span style="color:{theme.dim}">– – {tr("usual error")}</span> '
            f'<span style="color:{theme.validation_text}">··· {tr("chance")}</span>'
        )

    def empty(self) -> str:
        """Say how to fill it."""
        if not PhasePortrait.suits(self.session.document.now):
            return tr(
                "This panel lets the network go on by itself. Choose the pendulum or the Lorenz system as data, or a "
                "series of which the next value is predicted."
            )
        return tr("Once the network is complete and predicts the next state, its path appears here.")

    def relabel(self) -> None:
        """Say everything again in the present language."""
        super().relabel()
        named = (
            (self.split, tr("Whose trajectories"), tr("Whose trajectories are gone through")),
            (self.plane, tr("Plane"), tr("The two quantities in whose plane the paths are drawn")),
        )
        for one, name, tip in named:
            one.setAccessibleName(name)
            one.setToolTip(tip)
        self.bar.relabel()
        self.plot.setAccessibleName(str(Sentence(self.title)))
        self.errors.setAccessibleName(tr("How far apart over time"))
        self.errors.setToolTip(tr("Walk along time with the arrow keys: the dots show where both are"))
        self.errors.setLabel("bottom", tr("steps"))
        self.errors.setLabel("left", tr("apart"))
        if self.answer is not None:
            self._sync_lists(self.answer)
            self._draw_plane(self.answer)
            self._sync_place()
        self.recolour(current())

    def recolour(self, theme: Theme) -> None:
        """Take the colours of a theme."""
        thin = self.devicePixelRatioF()  # pens are cosmetic: their width counts in pixels of the device
        for plot in (self.plot, self.errors):
            plot.recolour(theme)
            for side in ("left", "bottom"):
                plot.getAxis(side).label.setFont(font(8.5))
        for item in (self.rolled, self.error):
            item.setPen(pg.mkPen(theme.training, width=1.8 * thin))
        self.true.setPen(pg.mkPen(theme.text, width=1.2 * thin))
        self.usual.setPen(pg.mkPen(theme.dim, width=1.2 * thin, style=Qt.PenStyle.DashLine))
        self.apart.setPen(pg.mkPen(theme.validation, width=1.2 * thin, style=Qt.PenStyle.DotLine))
        self.here.setPen(pg.mkPen(theme.line, width=thin))
        for name, colour in (("start", theme.good), ("true", theme.text), ("rolled", theme.training)):
            self.places[name].setBrush(pg.mkBrush(colour))
            self.places[name].setPen(pg.mkPen(theme.panel, width=thin))

    # -- what happens ------------------------------------------------------------------------------------------

    def _walk(self, by: int) -> None:
        if self.answer is not None and len(self.answer.errors):
            last = len(self.answer.errors)
            self._at = min(max(1, (self._at or 0) + by), last)
            self._readout.hurry()
            self._sync_place()

    def _on_bar_turned(self, by: int) -> None:
        """Turn to the trajectory before or after; of a single long one, to a place further along it."""
        answer = self.answer
        if answer is None:
            return
        begin, end = answer.begins
        if (begin, end) == (0, answer.count):
            self.focus.move(index=(answer.index + 50 * by) % answer.count)
        else:
            self.focus.move(
                index=(end if by > 0 else begin - 1) % answer.count if by > 0 or begin else answer.count - 1
            )

    def _on_split_activated(self, _k: int) -> None:
        self.rewatch()

    def _on_plane_activated(self, _k: int) -> None:
        if self.answer is not None:
            self._draw_plane(self.answer)
            self._sync_place()

    def _on_session_restarted(self) -> None:
        self.draw(None)

    def _on_mouse_moved(self, at: QPointF) -> None:
        box = self.errors.getPlotItem().getViewBox()
        if box.sceneBoundingRect().contains(at) and self.answer is not None:
            self._at = max(1, round(box.mapSceneToView(at).x()))
            self._readout.hurry()
            self._sync_place()

    def _on_pointer_left(self) -> None:
        if not self.errors.hasFocus():
            self._at = None
            self._readout.hurry()
            self._sync_place()


def _connected(across: Array, up: Array) -> Array:
    """Say which points a line joins to the next; an angle that jumps from π to −π is no way through the picture."""
    joined = np.ones(len(across), dtype=np.int32)
    for values in (across, up):
        if len(values) > 1:
            jumps = np.abs(np.diff(values))
            joined[:-1] &= ~(jumps > 0.5 * (np.nanmax(values) - np.nanmin(values))) & np.isfinite(jumps)
    return joined
