"""The loss over a plane of weights, as contours and as a relief, with the way that training takes over it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QComboBox, QLabel, QPushButton, QStackedWidget, QVBoxLayout, QWidget

from playground import messages
from playground.probes.loss_surface import DIRECTIONS, LossPath, LossSurface, Path, SurfaceAnswer, dented
from playground.text import Sentence, count, note, tr
from playground.tidy import Table, tidy
from widgets.panels.parts.plots import Picture, Readout, icon_button, readable, row
from widgets.panels.parts.surface_picture import TITLE, SurfacePicture
from widgets.theme import Theme

Array = np.ndarray[Any, Any]

POINTS = (25, 49)
"""Places along a side: quickly, and finely."""

SPANS = (0.25, 0.5, 1.0, 2.0)
"""How far the plane goes, as a multiple of what is usual."""

WIDE, WIDER = 400, 620
"""Pixels of width from which there is room for the relief beside the contours, and for all controls in one row."""


@dataclass(frozen=True)
class _Shown:
    """What is drawn, as its numbers are saved."""

    surface: SurfaceAnswer
    way: Path | None


class LossSurfacePanel(Picture):
    """Shows how the loss changes when the weights do."""

    key = "loss_surface"
    title = TITLE
    help = note(
        "The loss on some training examples, for weights on a plane through those that the network has: dark where it "
        "is low, each band of colour a step on a logarithmic scale. The white line is the way that training has taken, "
        "the dot is where it is now; drag the landscape beside it to turn it. Random directions are as long as the "
        "weights of each filter, so that networks can be compared; the less of it curves downwards, the more it is "
        "a bowl."
    )
    icon = "mdi6.terrain"

    def compose(self, column: QVBoxLayout) -> None:
        """Create the controls, the contours and the relief."""
        self.surface: SurfaceAnswer | None = None
        self.path: Path | None = None
        self._asked: int | None = None
        self._failure: Sentence | None = None
        self._seed = 1
        self._chosen = False
        self._number = 0
        self._compose_controls(column)
        self._compose_pictures(column)
        self.session.restarted.connect(self._on_session_restarted)
        self.session.stateChanged.connect(self._on_session_state_changed)
        self.session.engineLost.connect(self._on_session_engine_lost)
        self.destroyed.connect(self.session.document.subscribe(self._on_document_changed))

    def _compose_controls(self, column: QVBoxLayout) -> None:
        self._directions = self._list("loss_surface_directions", self._on_directions_activated)
        self._points = self._list("loss_surface_points", None)
        self._span = self._list("loss_surface_span", None)
        for points in POINTS:
            self._points.addItem(f"{points} × {points}", points)
        for span in SPANS:
            self._span.addItem(f"× {readable(span)}", span)
        self._span.setCurrentIndex(SPANS.index(1.0))
        self._other = icon_button("loss_surface_other", "mdi6.dice-multiple-outline")
        self._other.setAutoRepeat(False)
        self._other.clicked.connect(self._on_other_clicked)
        self.button = QPushButton()
        self.button.setObjectName("loss_surface_compute")
        self.button.clicked.connect(self._on_button_clicked)
        self._readout = Readout("loss_surface_readout")
        self._rows = row(self._directions, self._other, QWidget(), self.button, stretch=2), row()
        for line in self._rows:
            column.addLayout(line)
        self._one_row: bool | None = None
        self._fold(False)

    def _fold(self, one_row: bool) -> None:
        """Put all controls into one row, or into two where it is narrow."""
        if one_row == self._one_row:
            return
        self._one_row = one_row
        for k, widget in enumerate((self._points, self._span, self._readout)):
            for line in self._rows:
                line.removeWidget(widget)
            stretch = 8 if widget is self._readout else 0
            if one_row:
                self._rows[0].insertWidget(2 + k, widget, stretch)
            else:
                self._rows[1].addWidget(widget, stretch)

    def _compose_pictures(self, column: QVBoxLayout) -> None:
        self._words = QLabel()
        self._words.setObjectName("loss_surface_words")
        self._words.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._words.setWordWrap(True)
        self._words.setProperty("role", "dim")
        self.picture = SurfacePicture()
        self.picture.pointed.connect(self._on_picture_pointed)
        self._pictures = QStackedWidget()
        self._pictures.addWidget(self._words)
        self._pictures.addWidget(self.picture)
        column.addWidget(self._pictures, 1)

    def _list(self, name: str, activated: Any) -> QComboBox:
        made = QComboBox(objectName=name)
        made.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        if activated is not None:
            made.activated.connect(activated)
        return made

    # -- asking ------------------------------------------------------------------------------------------------

    def probe(self) -> LossPath:
        """Ask where the weights are, anew for every plane: while nothing moves, a question is answered once."""
        return LossPath(plane=self.surface.plane if self.surface is not None else 0)

    @property
    def busy(self) -> bool:
        """Whether a surface is being computed."""
        return self._asked is not None

    def compute(self) -> None:
        """Have the surface computed through the weights as they are now."""
        if self.busy:
            return
        self._failure = None
        question = LossSurface(
            directions=self._directions.currentData(),
            points=self._points.currentData(),
            span=self._span.currentData(),
            seed=self._seed,
        )
        self._number += 1  # the reply to one that was cancelled may come after the next was asked
        self._asked = self.session.ask(question, partial(self._on_replied, self._number), self._on_underway)
        self._sync_controls()
        self._readout.hurry()
        self._readout.say(tr("computing…"))

    def cancel(self) -> None:
        """Give up what is being computed; what is there already stays."""
        if self._asked is not None:
            self.session.cancel(self._asked)
            self._asked = None
            self._sync_controls()
            self._sync_readout()

    def _on_underway(self, notice: messages.Underway) -> None:
        if notice.id != self._asked:
            return
        if notice.partial is not None:
            self._show_surface(notice.partial)
        percent = f"{math.floor(100 * notice.share)} %"
        left = notice.seconds * (1 - notice.share) / notice.share if notice.share > 0.02 else None
        words = percent if left is None else tr("{share}, {time} s left", share=percent, time=readable(math.ceil(left)))
        self._readout.say(words, percent)

    def _on_replied(self, number: int, answer: SurfaceAnswer | None, failure: Sentence | None) -> None:
        if self._asked is None or number != self._number:
            return  # cancelled here
        self._asked, self._failure = None, failure
        if answer is not None:
            self._show_surface(answer)
        self._sync_controls()
        self._sync_words()
        self._readout.hurry()
        self._sync_readout()

    def _compute_unasked(self) -> None:
        """Compute a surface that costs little, or that the run has just ended for, where nobody has yet."""
        if self.busy or self._failure is not None or not self.isVisible() or self.surface is not None:
            return
        if self.path is not None and (self.path.weights == 2 or self.session.state == "finished"):
            self.compute()

    # -- drawing -----------------------------------------------------------------------------------------------

    def draw(self, answer: Path | None) -> None:
        """Show where the weights are now."""
        before, self.path = self.path, answer
        if answer is not None and (before is None or before.weights != answer.weights):
            self._offer_directions(answer.weights == 2)
        self.show_picture(answer is not None)
        if answer is not None:
            self._draw_way()
            self._compute_unasked()
            self._sync_words()

    def _show_surface(self, surface: SurfaceAnswer) -> None:
        before, self.surface = self.surface, surface
        self._failure = None
        if before is None or before.plane != surface.plane:
            self.rewatch()
        self._pictures.setCurrentIndex(1)
        self.picture.show_surface(surface)
        self._draw_way()
        if not self.busy:
            self._sync_readout()

    def _points_on_plane(self) -> Array:
        """Return the way on the plane that is shown; none of a network that is another by now."""
        surface, path = self.surface, self.path
        if surface is None or path is None:
            return np.empty((0, 2), dtype=np.float32)
        if surface.directions == "weights":
            return path.two
        return path.points if path.plane == surface.plane else np.empty((0, 2), dtype=np.float32)

    def _draw_way(self) -> None:
        self.picture.show_way(self._points_on_plane())

    def as_table(self) -> Table | None:
        """Return the losses on the plane, and the way of training on it."""
        return tidy(_Shown(self.surface, self.path)) if self.surface is not None else None

    # -- words and colours -------------------------------------------------------------------------------------

    def _sync_words(self) -> None:
        """Say what to do while there is no surface."""
        if self.surface is not None:
            self._pictures.setCurrentIndex(1)
            return
        if self._failure is not None:
            words = str(self._failure)
        elif self.busy:
            words = tr("The first numbers are on their way.")
        else:
            words = tr("Press Compute for the loss around the weights as they are now.")
        self._words.setText(words)
        self._pictures.setCurrentIndex(0)

    def _sync_readout(self) -> None:
        """Say the loss under the pointer, else what is shown and how rough it is."""
        surface = self.surface
        if self.busy:
            return
        if surface is None or self._failure is not None:
            self._readout.say(str(self._failure) if self._failure is not None and surface is not None else "")
            return
        if words := self.picture.words():
            self._readout.say(words)
            return
        if len(self._points_on_plane()) == 0:
            self._readout.say(tr("The run is another by now; compute it again"), tr("out of date"))
            return
        bent = f"{100 * dented(surface.losses):.0f} %"
        rough = tr("{share} of it curves downwards", share=bent)
        at = tr("step {n}", n=f"{surface.step:,}")
        short = tr("curved down: {share}", share=bent)
        self._readout.say(f"{count('{n} example', '{n} examples', surface.examples)} · {at} · {rough}", rough, short)

    def _offer_directions(self, two: bool) -> None:
        """List the planes there are; that of the two weights first, where there are just two."""
        before = self._directions.currentData()
        self._directions.clear()
        for key, title in DIRECTIONS.items():
            if key != "weights" or two:
                self._directions.addItem(str(Sentence(title)), key)
        wanted = before if self._chosen else "weights" if two else "random"
        self._directions.setCurrentIndex(max(0, self._directions.findData(wanted)))
        if two and not self._chosen:
            self._points.setCurrentIndex(1)  # it costs next to nothing
        self._sync_controls()

    def _sync_controls(self) -> None:
        self.button.setText(tr("Cancel") if self.busy else tr("Compute"))
        self.button.setToolTip(
            tr("Give up computing; what is there already stays")
            if self.busy
            else tr("Compute the loss around the weights as they are now")
        )
        self._other.setVisible(self._directions.currentData() == "random")
        for box in (self._directions, self._points, self._span, self._other):
            box.setEnabled(not self.busy)

    def empty(self) -> str:
        """Say how to fill it."""
        return tr("Once the network is complete and has weights to learn, the loss around them can be seen here.")

    def relabel(self) -> None:
        """Say everything again in the present language."""
        super().relabel()
        for box, words in (
            (self._directions, tr("Which plane of weights is shown")),
            (self._points, tr("In how many places the loss is computed")),
            (self._span, tr("How far the plane goes, as a multiple of what is usual")),
            (self._other, tr("Other random directions")),
        ):
            box.setAccessibleName(words)
            box.setToolTip(words)
        self._offer_directions(self.path is not None and self.path.weights == 2)
        self.button.setMinimumWidth(0)
        self.button.setMinimumWidth(max(self._width_with(words) for words in (tr("Compute"), tr("Cancel"))))
        self._sync_controls()
        self.picture.relabel()
        self._sync_words()
        self._sync_readout()

    def _width_with(self, words: str) -> int:
        self.button.setText(words)
        self.button.ensurePolished()
        return self.button.sizeHint().width()

    def recolour(self, theme: Theme) -> None:
        """Take the colours of a theme."""
        self.picture.recolour(theme)

    # -- what happens ------------------------------------------------------------------------------------------

    def sync(self) -> None:
        """Say what is missing while there is nothing to draw."""
        self.show_picture(self.path is not None)

    def _forget(self) -> None:
        self.surface = self._failure = None
        self._draw_way()
        self._sync_words()
        self._sync_readout()

    def _on_session_restarted(self) -> None:
        if self.surface is None or self.surface.directions != "weights":
            self._forget()

    def _on_session_state_changed(self) -> None:
        self._compute_unasked()

    def _on_session_engine_lost(self, _sentence: Any) -> None:
        self._asked = None
        self._sync_controls()
        self._sync_readout()

    def _on_document_changed(self, old: Any, new: Any) -> None:
        if old.graph != new.graph or old.source != new.source or old.preparation != new.preparation:
            self._forget()
            self.path = None

    def _on_directions_activated(self, _: int) -> None:
        self._chosen = True
        self._sync_controls()

    def _on_other_clicked(self) -> None:
        self._seed += 1
        self.compute()

    def _on_button_clicked(self) -> None:
        if self.busy:
            self.cancel()
        else:
            self.compute()

    def _on_picture_pointed(self) -> None:
        self._readout.hurry()
        self._sync_readout()

    # -- Qt ----------------------------------------------------------------------------------------------------

    def resizeEvent(self, event: Any) -> None:
        """Leave the relief out where there is no room for it."""
        super().resizeEvent(event)
        self.picture.relief.setVisible(self.width() >= WIDE)
        self._fold(self.width() >= WIDER)
