"""A clip, frame by frame: its pictures, what a node makes of each, and what the network says as they come."""

from __future__ import annotations

import html

import numpy as np
from PySide6.QtCore import QEvent, Qt, QTimer
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from playground.probes.clip import Clip, ClipAnswer
from playground.text import Sentence, note, tr
from widgets.data_view.wording import class_colour
from widgets.icons import icon
from widgets.panels.parts.filmstrip import Filmstrip
from widgets.panels.parts.gallery import Shares
from widgets.panels.parts.of_node import NodePicture
from widgets.panels.parts.plots import Still, icon_button, row
from widgets.theme import Theme, current

PACE_MS = 250
"""How long each frame stands while the clip plays."""

ROOMY, ROOMIER = 380, 560
"""Pixels of width from which on there is room for the frame enlarged, and for the bars."""


class ClipPanel(NodePicture):
    """Shows one clip on its way through the network."""

    key = "clip"
    title = note("Clip, frame by frame")
    help = note(
        "Above, the frames of one clip, and below each what the chosen node makes of it, every frame by itself. The "
        "curves are the probabilities of the classes after so many frames, the right one drawn thick: the first frame "
        "tells nothing, then the curves part. Click a frame, walk with the arrow keys, or let the clip play."
    )
    icon = "mdi6.filmstrip"
    per_node = True

    def compose(self, column: QVBoxLayout) -> None:
        """Create the controls, the enlarged frame, the strip and the bars."""
        self.answer: ClipAnswer | None = None
        self.index, self.frame = 0, 0
        self._before = icon_button("clip_before", "mdi6.chevron-left")
        self._before.clicked.connect(self._on_before_clicked)
        self._after = icon_button("clip_after", "mdi6.chevron-right")
        self._after.clicked.connect(self._on_after_clicked)
        self._place, self._moment = QLabel(objectName="clip_place"), QLabel(objectName="clip_moment")
        self._verdict = QLabel(objectName="clip_verdict", wordWrap=True, textFormat=Qt.TextFormat.RichText)
        self._verdict.setAlignment(Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop)
        for label in (self._place, self._moment):
            label.setProperty("role", "dim")
        self._play = icon_button("clip_play", "mdi6.play")
        self._play.setAutoRepeat(False)
        self._play.setCheckable(True)
        self._play.toggled.connect(self._on_play_toggled)
        controls = (self._before, self._place, self._after, QWidget(), self._moment, self._play)
        column.addLayout(row(self.make_choice(), *controls, stretch=4))
        self.still = Still("clip_frame")
        self.still.setMinimumSize(40, 40)
        self._beside = QWidget()
        self._beside.setMinimumWidth(96)
        beside = QVBoxLayout(self._beside)
        beside.setContentsMargins(0, 0, 0, 0)
        beside.addWidget(self.still, 1)
        beside.addWidget(self._verdict)
        self.strip = Filmstrip()
        self.strip.chosen.connect(self.show_frame)
        self.bars = Shares("clip_chances")
        body = QHBoxLayout()
        body.setSpacing(12)
        for part, stretch in ((self._beside, 2), (self.strip, 6), (self.bars, 2)):
            body.addWidget(part, stretch)
            part.setVisible(part is self.strip)  # the others as soon as there is room
        column.addLayout(body, 1)
        self._timer = QTimer(self, interval=PACE_MS)
        self._timer.timeout.connect(self._on_timeout)
        self.destroyed.connect(self.session.document.subscribe(self._on_document_changed))
        self.list_nodes()

    def probe(self) -> Clip | None:
        """Ask for the clip and the chosen node's maps; of nothing where there are no clips."""
        node = self.chosen()
        return Clip(node=node, index=self.index) if node else None

    def nodes(self) -> list[str]:
        """Return the nodes out of which clips come."""
        return [id for id, node in self.session.document.report.nodes.items() if Clip.accepts(node)]

    def first_of(self, nodes: list[str]) -> str:
        """Return the first convolution, or else the first node out of which clips come."""
        known = self.session.document.report.nodes
        return next((id for id in nodes if known[id].block.family == "Convolution"), super().first_of(nodes))

    def show_frame(self, frame: int) -> None:
        """Show another frame of the clip, and what the network says after it."""
        self.frame = frame
        self.strip.show_frame(frame)
        self._sync_frame()

    # -- drawing -----------------------------------------------------------------------------------------------

    def draw(self, answer: ClipAnswer | None) -> None:
        """Show the clip and what the network makes of it now."""
        if answer is not None and answer.node != self.chosen():
            return  # asked before another node was chosen
        fresh = self.answer is None
        self.answer = answer
        self.show_picture(answer is not None)
        if answer is None:
            return
        if fresh or self.frame >= len(answer.frames):
            self.frame = len(answer.frames) - 1  # all that there is to see has been seen
        self.strip.show_answer(answer)
        self.strip.show_frame(self.frame)
        self._sync_frame()

    def _sync_frame(self) -> None:
        """Show and say all that belongs to the present frame."""
        answer = self.answer
        if answer is None:
            return
        place = f"{answer.index + 1:,} / {answer.count:,}"
        moment = tr("frame {n} of {total}", n=self.frame + 1, total=len(answer.frames))
        for label, text in ((self._place, place), (self._moment, moment), (self._verdict, self._said(answer))):
            if label.text() != text:
                label.setText(text)
        self.still.set_pixels(answer.frames[self.frame])
        chances = answer.chances[self.frame]
        self.bars.show_rows(
            tuple(
                (name + (" ✓" if number == answer.label else ""), float(chance), class_colour(number))
                for name, number, chance in zip(self._names(answer), answer.numbers, chances, strict=True)
            )
        )
        self.strip.setAccessibleDescription(f"{moment}; {self.bars.accessibleDescription()}")

    def _said(self, answer: ClipAnswer) -> str:
        """Say what the clip shows, and what the network takes it for after the present frame."""
        chances = answer.chances[self.frame]
        if not answer.numbers:
            return ""
        names = [html.escape(name) for name in self._names(answer)]
        truth = tr("label {name}", name=names[answer.numbers.index(answer.label)])
        if not np.isfinite(chances).all():
            return f"{truth}<br/>{tr('too few frames for this network')}"
        look, best = current(), int(chances.argmax())
        right = answer.numbers[best] == answer.label
        colour, mark = (look.good_text, "✓") if right else (look.bad_text, "✗")
        guess = tr("prediction {name}", name=names[best])
        share = f'<span style="color:{look.dim}">{chances[best]:.2f}</span>'
        return f'{truth}<br/><span style="color:{colour}">{mark} {guess}</span> {share}'

    def _names(self, answer: ClipAnswer) -> list[str]:
        return [self.class_name(name) for name in answer.classes]

    # -- words and colours -------------------------------------------------------------------------------------

    def empty(self) -> str:
        """Say how to fill it."""
        if not self.nodes():
            return tr("Nothing here carries a clip. Choose clips as data, or open the preset action-recognition.")
        return tr("Once the network is complete, a clip appears here with what the network makes of every frame.")

    def relabel(self) -> None:
        """Say everything again in the present language."""
        super().relabel()
        self._choice.setAccessibleName(tr("Node"))
        self._choice.setToolTip(tr("The node whose maps are shown"))
        for button, words in (
            (self._before, tr("Previous example")),
            (self._after, tr("Next example")),
            (self._play, tr("Let the clip play")),
        ):
            button.setAccessibleName(words)
            button.setToolTip(words)
        self.strip.setAccessibleName(str(Sentence(self.title)))
        self.strip.setToolTip(tr("Click a frame, or walk with the arrow keys"))
        self.still.setAccessibleName(tr("The frame, enlarged"))
        self.bars.setAccessibleName(tr("Probabilities after this frame"))
        self._sync_frame()

    def recolour(self, theme: Theme) -> None:
        """Take the colours of a theme."""
        self._play.setIcon(icon("mdi6.pause" if self._play.isChecked() else "mdi6.play", "dim"))
        if self.answer is not None:
            self.strip.show_answer(self.answer)
            self._sync_frame()

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

    def _on_play_toggled(self, on: bool) -> None:
        self.recolour(current())
        if on:
            self._timer.start()
            self._on_timeout()
        else:
            self._timer.stop()

    def _on_timeout(self) -> None:
        """Go on by one frame, after the last to the first."""
        if self.answer is not None and self.isVisible():
            self.show_frame((self.frame + 1) % len(self.answer.frames))

    # -- Qt ----------------------------------------------------------------------------------------------------

    def hideEvent(self, event: QEvent) -> None:
        """Stop playing where nobody looks."""
        self._play.setChecked(False)
        super().hideEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Leave out what there is no room for; the strip says the most."""
        super().resizeEvent(event)
        self._beside.setVisible(self.width() >= ROOMY)
        self.bars.setVisible(self.width() >= ROOMIER and (self.answer is None or bool(self.answer.numbers)))
