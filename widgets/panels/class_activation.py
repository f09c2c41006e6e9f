"""Where the network looks for a class: class activation by gradients (Grad-CAM), and occlusion."""

from __future__ import annotations

from typing import Any

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import (
    QBoxLayout,
    QButtonGroup,
    QComboBox,
    QHBoxLayout,
    QLabel,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from playground.blocks.data import Input
from playground.probes._answers import image_nodes, judging
from playground.probes._looking import leading_to, picture_input, why_not
from playground.probes.class_activation import ClassActivation, ClassActivationAnswer
from playground.probes.occlusion import Occlusion, OcclusionAnswer, patch_at
from playground.receptive_field import Patch, seen_by
from playground.text import Sentence, note, say, tr
from widgets.panels.parts.covering import Covering
from widgets.panels.parts.example import as_picture
from widgets.panels.parts.example_column import ExampleColumn
from widgets.panels.parts.looking_words import of_activation, of_occlusion
from widgets.panels.parts.mosaics import signed_table
from widgets.panels.parts.of_node import FrameChoice, NodePicture, offer
from widgets.panels.parts.overlaid import Cell, Overlaid
from widgets.panels.parts.pixel_words import plain
from widgets.panels.parts.plots import ColourBar, Readout, chip, colour_table, row
from widgets.theme import Theme, current

MOST_CLASSES = 1000
"""Classes that can be chosen: the first ones."""

ROOMY = 320
"""Pixels of width from which there is room for the colour bar."""

WIDE = 620
"""Pixels of width from which all controls stand in one row."""

LEAST = 0.01
"""The smallest drop that gets the full colour, lest the noise of no drop at all look like one."""


class ClassActivationPanel(NodePicture):
    """Shows which parts of a picture speak for a class."""

    key = "class_activation"
    title = note("Where it looks")
    help = note(
        "Grad-CAM: bright is where the maps of the chosen node speak for a class; each map counts by the mean gradient "
        "of the score of the class, and what speaks against it is left out. Occlusion: a grey patch slides over the "
        "picture; orange is where the network becomes less sure of the class when that place is covered, blue where it "
        "becomes surer. Choose another class to see what speaks for that one, and point at the picture for the numbers."
    )
    choice_help = note("The node by whose maps it is found out")
    icon = "mdi6.image-search-outline"
    per_node = True

    def compose(self, column: QVBoxLayout) -> None:
        """Create the controls, the picture, and beside it the picture with the map over it."""
        self.answer: ClassActivationAnswer | OcclusionAnswer | None = None
        self._probed: OcclusionAnswer | None = None
        self._make_controls(column)
        self._lay_out(column)
        self.destroyed.connect(self.session.document.subscribe(self._on_document_changed))
        self.session.restarted.connect(self._on_session_restarted)
        self.focus.changed.connect(self._on_focus_changed)
        self.list_nodes()

    def _make_controls(self, column: QVBoxLayout) -> None:
        self.gradients, self.occlusion = chip("class_activation_gradients"), chip("class_activation_occlusion")
        ways = QButtonGroup(self)
        for button in (self.gradients, self.occlusion):
            ways.addButton(button)
        self.gradients.setChecked(True)
        self.occlusion.toggled.connect(self._on_occlusion_toggled)
        self._classes = QComboBox(objectName="class_activation_class")
        self._classes.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        self._classes.setMinimumWidth(64)
        self._classes.activated.connect(self._on_asked_otherwise)
        self.make_choice().setMinimumWidth(64)
        self._frames = FrameChoice("class_activation_frame")
        self._frames.activated.connect(self._on_asked_otherwise)
        self.covering = Covering(self.session)
        self.covering.setVisible(False)
        self.covering.changed.connect(self._on_asked_otherwise)
        self.covering.wentOn.connect(self._on_covering_went_on)
        self._room = QWidget()
        self._rows = QBoxLayout(QBoxLayout.Direction.TopToBottom)
        self._rows.setSpacing(4)
        self._rows.addLayout(row(self.gradients, self.occlusion, self._classes, QWidget(), stretch=3))
        self._rows.addLayout(row(self._choice, self._frames, self.covering, self._room, stretch=3), 1)
        column.addLayout(self._rows)

    def _lay_out(self, column: QVBoxLayout) -> None:
        self.beside = ExampleColumn("class_activation", self.focus)
        self.overlaid = Overlaid("class_activation_overlaid")
        self.overlaid.pointed.connect(self._on_overlaid_pointed)
        self._words = QLabel(objectName="class_activation_words")
        self._words.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._words.setWordWrap(True)
        self._words.setMargin(12)
        self._words.setProperty("role", "dim")
        self._pages = QStackedWidget()
        self._pages.addWidget(self.overlaid)
        self._pages.addWidget(self._words)
        self.bar = ColourBar("class_activation_bar")
        body = QHBoxLayout()
        body.setSpacing(12)
        body.addWidget(self.beside, 2)
        body.addWidget(self._pages, 3)
        body.addWidget(self.bar)
        column.addLayout(body, 1)
        self.readout = Readout("class_activation_readout")
        self.readout.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.covering.button.setVisible(False)
        column.addLayout(row(self.readout, self.covering.button, stretch=0))

    @property
    def busy(self) -> bool:
        """Whether places are being covered."""
        return self.covering.busy

    # -- what is asked -----------------------------------------------------------------------------------------

    @property
    def occluding(self) -> bool:
        """Whether occlusion is shown, and not the gradients."""
        return self.occlusion.isChecked()

    def probe(self) -> ClassActivation | Occlusion | None:
        """Ask for the map of the class that is chosen; of nothing where there can be none."""
        if self.refusal() is not None:
            return None
        spot = self.focus.now
        what: dict[str, Any] = {
            "number": max(-1, self._classes.currentIndex() - 1),
            "index": spot.index,
            "frame": self._frames.frame(),
            "down": spot.down,
            "right": spot.right,
            "own": spot.picture,
        }
        return self.covering.asked(Occlusion(**what)) if self.occluding else ClassActivation(node=self.chosen(), **what)

    def refusal(self) -> Sentence | None:
        """Say why there is no map; None where there is one."""
        if (reason := self._lacking()) is not None or self.occluding:
            return reason
        node, document = self.chosen(), self.session.document
        if not node:
            return say("no node makes maps of a picture; occlusion needs none")
        return why_not(document.report, document.now.facts, node)

    def _lacking(self) -> Sentence | None:
        """Say what the data and the network lack, whatever node is looked at."""
        return why_not(self.session.document.report, self.session.document.now.facts, "")

    def rewatch(self) -> None:
        """Ask for what is looked at now, and give up what was asked for something else."""
        super().rewatch()
        probe = self.probe() if self.isVisible() else None
        wanted = probe if isinstance(probe, Occlusion) else None
        self.covering.want(wanted, self._probed is None or self._probed.live)

    def set_node(self, id: str) -> None:
        """Show another node from now on."""
        super().set_node(id)
        self._sync()

    def nodes(self) -> list[str]:
        return [id for id, node in self.session.document.report.nodes.items() if ClassActivation.accepts(node)]

    def first_of(self, nodes: list[str]) -> str:
        """Return the last node whose maps are as large as those of the last convolution: its activation, mostly."""
        report = self.session.document.report
        output = judging(report, self.session.document.now.facts)
        leading = leading_to(report, output.id) if output is not None else set()
        fit = [id for id in nodes if id in report.nodes and id in leading]
        last = next((id for id in reversed(fit) if report.nodes[id].block.family == "Convolution"), "")
        if not last:
            return next(reversed(fit), super().first_of(nodes))
        size = report.nodes[last].shape.sizes[-2:]
        behind = fit[fit.index(last) :]
        return next(id for id in reversed(behind) if report.nodes[id].shape.sizes[-2:] == size)

    def list_nodes(self) -> None:
        """Offer the nodes, the classes, the frames of a clip and the patches that there are now."""
        shown = self.answer
        if isinstance(shown, OcclusionAnswer):
            self.answer = None  # it is of no node
        super().list_nodes()
        if isinstance(shown, OcclusionAnswer):
            self.answer = shown
        report = self.session.document.report
        output = judging(report, self.session.document.now.facts)
        classes = [self.class_name(name) for name in (output.classes[:MOST_CLASSES] if output is not None else ())]
        offer(self._classes, [tr("predicted"), *classes])
        inputs = [node for node in image_nodes(report) if isinstance(node.block, Input)]
        self._frames.offer(inputs[0] if inputs else None)
        if inputs:
            height, width = inputs[0].shape.sizes[-2:]
            self.covering.offer_sizes(int(height), int(width))

    # -- drawing -----------------------------------------------------------------------------------------------

    def draw(self, answer: ClassActivationAnswer | OcclusionAnswer | None) -> None:
        """Show where it looks now."""
        if isinstance(answer, OcclusionAnswer) != self.occluding and answer is not None:
            return  # asked before the other was chosen
        if isinstance(answer, ClassActivationAnswer) and answer.node != self.chosen():
            return  # asked before another node was chosen
        self.answer = answer
        if isinstance(answer, OcclusionAnswer):
            self._probed = answer
            probe = self.probe()
            self.covering.want(probe if isinstance(probe, Occlusion) else None, answer.live)
        self._sync()

    def _sync(self) -> None:
        """Show the picture, the map, and words in its place where there is none."""
        refusal, covering = self.refusal(), self.covering
        if self.occluding and self._probed is not None and not self._probed.live:
            self.answer = covering.found[1] if covering.found is not None else self._probed
        answer = self.answer
        self.show_picture(self._lacking() is None and (answer is not None or refusal is not None))
        words = ""
        if refusal is not None:
            words = tr("It cannot be seen here: {reason}.", reason=refusal)
        elif isinstance(answer, OcclusionAnswer) and not answer.live and covering.found is None:
            passes = tr("The network has to look {n} times. Press Compute.", n=f"{answer.drop.size:,}")
            words = str(covering.failure or covering.words or passes)
        self._words.setText(words)
        self._pages.setCurrentIndex(1 if words else 0)
        self._sync_room()
        if answer is not None:
            self._show(answer)
        self._sync_words()

    def _sync_room(self) -> None:
        """Leave the colour bar out where the picture needs its room; the line below says the largest value."""
        self.bar.setVisible(self._pages.currentIndex() == 0 and self.width() >= ROOMY)

    def _show(self, answer: ClassActivationAnswer | OcclusionAnswer) -> None:
        if self.beside.show_seen(answer.seen, self.class_name):
            self.overlaid.show_picture(as_picture(answer.seen.image))
        if isinstance(answer, ClassActivationAnswer):
            self.bar.set_range(0.0, answer.high)
            self.overlaid.show_map(answer.map, (colour_table("inferno"), 0.0, answer.high))
            return
        drops = np.abs(answer.drop[np.isfinite(answer.drop)])
        most = max(LEAST, float(drops.max(initial=0.0)))
        self.bar.set_range(-most, most)
        height, width = answer.seen.image_size
        span = height / answer.stride, width / answer.stride
        self.overlaid.show_map(answer.drop, (signed_table(current()), -most, most), span)

    # -- words and colours -------------------------------------------------------------------------------------

    def _sync_words(self) -> None:
        """Say the numbers of the place that is pointed at, and frame on the picture what it is about."""
        answer = self.answer
        if answer is None:
            self.readout.say("")
            return
        cell, name = self.overlaid.cell, self.class_name(answer.seen.shown)
        if isinstance(answer, ClassActivationAnswer):
            texts = of_activation(answer, cell, name)
        else:
            texts = of_occlusion(answer, cell, name, self.covering.words)
        self.beside.picture.show_frame(self._framed(answer, cell), answer.seen.image_size)
        self.readout.say(*texts)
        self.readout.setToolTip(plain(texts[0]))
        self.overlaid.setAccessibleDescription(plain(texts[0]))

    def _framed(self, answer: ClassActivationAnswer | OcclusionAnswer, cell: Cell | None) -> Patch | None:
        """Return what a pixel of the map sees of the picture, or what is covered at a place."""
        if cell is None:
            return None
        if isinstance(answer, OcclusionAnswer):
            return patch_at(answer.patch, answer.stride, answer.seen.image_size, *cell)
        if answer.map.shape != answer.size:
            return None  # the pixel is one of those that several were averaged to
        found = seen_by(self.session.document.report, answer.node, *cell).get(answer.seen.field)
        return found.patch if found is not None else None

    def empty(self) -> str:
        """Say how to fill it."""
        if not picture_input(self.session.document.report):
            return tr("Nothing here brings an image. Choose images as data, or open the preset shapes.")
        if (lacking := self._lacking()) is not None:
            return tr("It cannot be seen here: {reason}.", reason=lacking)
        return tr("Once the network is complete, it appears here which parts of a picture speak for a class.")

    def relabel(self) -> None:
        """Say everything again in the present language."""
        super().relabel()
        self.gradients.setText(tr("Grad-CAM"))
        self.gradients.setToolTip(tr("By the gradient of the score, at one node (Selvaraju and others 2017)"))
        self.occlusion.setText(tr("Occlusion"))
        self.occlusion.setToolTip(tr("By covering place after place (Zeiler and Fergus 2014)"))
        self._classes.setAccessibleName(tr("The class that is looked for"))
        self._classes.setToolTip(tr("The class that is looked for"))
        self.overlaid.setAccessibleName(str(Sentence(self.title)))
        self.overlaid.setToolTip(tr("Point at a place, or walk with the arrow keys, for its numbers"))
        self.beside.relabel()
        self.covering.relabel()
        self.list_nodes()
        self._sync()

    def recolour(self, theme: Theme) -> None:
        """Take the colours of a theme."""
        self.bar.set_colours(signed_table(theme) if self.occluding else colour_table("inferno"))
        self.beside.update()
        if self.answer is not None:
            self._show(self.answer)
            self._sync_words()

    def title_detail(self) -> str:
        """Return the node by whose maps it is found out; occlusion looks at the network as a whole."""
        return "" if self.occluding else self.chosen()

    # -- what happens ------------------------------------------------------------------------------------------

    def sync(self) -> None:
        """Say what is missing while there is nothing to draw."""
        self.list_nodes()
        self._sync()

    def _on_document_changed(self, old: Any, new: Any) -> None:
        if old.graph is not new.graph or old.facts is not new.facts:
            self._forget()
            super()._on_document_changed(old, new)
            self._sync()

    def _on_session_restarted(self) -> None:
        self._forget()
        self._sync()

    def _forget(self) -> None:
        self.covering.forget()
        self.answer = self._probed = None

    def _on_focus_changed(self) -> None:
        """Follow to the example that was chosen, here or in another panel."""
        self.rewatch()

    def _on_asked_otherwise(self, _: int = 0) -> None:
        self.rewatch()

    def _on_occlusion_toggled(self, on: bool) -> None:
        """Show the one or the other."""
        self._choice.setVisible(not on)
        self._room.setVisible(not on)
        self.covering.setVisible(on)
        self.answer = self._probed = None
        self.overlaid.forget()
        self.recolour(current())
        self.rewatch()
        self._sync()

    def _on_covering_went_on(self) -> None:
        self._sync()

    def _on_overlaid_pointed(self, _: Cell | None) -> None:
        self.readout.hurry()
        self._sync_words()

    # -- Qt ----------------------------------------------------------------------------------------------------

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Put all controls into one row where there is room."""
        super().resizeEvent(event)
        self._sync_room()
        one_row = self.width() >= WIDE
        self._rows.setDirection(QBoxLayout.Direction.LeftToRight if one_row else QBoxLayout.Direction.TopToBottom)
