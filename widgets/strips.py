"""The small live pictures on the nodes: gradient lines and thumbnails, watched only while the canvas is seen."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from typing import Any

from PySide6.QtCore import QEvent, QObject, QTimer
from PySide6.QtWidgets import QWidget

from playground.blocks.group import Group
from playground.document import Document
from playground.experiment import Experiment
from playground.graph import joined
from playground.messages import Failed, Frame
from playground.probes import PROBES
from playground.text import Sentence
from widgets.neuron_strips import NeuronStrips
from widgets.session import Session

LONGEST = 80
"""Points of a node's line."""

DRAW_MS = 150
"""The least time between two pictures: the faces are glanced at, not read."""


class Strips(QObject):
    """Feeds the canvas with what the run says about each node."""

    def __init__(self, canvas: QWidget, document: Document, session: Session) -> None:
        super().__init__(canvas)
        self.canvas: Any = canvas
        self.document, self.session = document, session
        self._lines: dict[str, deque[float]] = {}
        self._thumbnails: Any = None
        self._failures: dict[str, Sentence] = {}
        self._failed: set[str] = set()
        self.neurons = NeuronStrips(canvas, session)
        self._timer = QTimer(self, singleShot=True, interval=DRAW_MS)
        self._timer.timeout.connect(self._sync)
        canvas.installEventFilter(self)
        session.frameArrived.connect(self._on_frame_arrived)
        session.restarted.connect(self._on_restarted)
        session.failed.connect(self._on_failed)
        session.stateChanged.connect(self._on_state_changed)
        document.subscribe(self._on_document_changed)
        self.canvas.levelChanged.connect(self._on_cards_changed)

    def watch(self, seen: bool) -> None:
        """Have measured what the faces show, or nothing."""
        for name, key in (("strip", "gradients"), ("thumbnails", "thumbnails")):
            wanted = seen and key in PROBES and (key != "thumbnails" or self._has_images())
            self.session.watch(name, PROBES[key]() if wanted else None)
        self.neurons.watch(seen)

    def _has_images(self) -> bool:
        return any(node.shape.is_image or node.shape.is_clip for node in self.document.report.nodes.values())

    def _on_frame_arrived(self, frame: Frame) -> None:
        gradients = frame.answers.get("strip")
        if gradients is not None:
            for node, value in zip(gradients.nodes, gradients.magnitude, strict=True):
                self._lines.setdefault(node, deque(maxlen=LONGEST)).append(float(value))
        thumbnails = frame.answers.get("thumbnails")
        if thumbnails is not None:
            self._thumbnails = thumbnails
        if (gradients is not None or thumbnails is not None) and not self._timer.isActive():
            self._timer.start()

    def _sync(self) -> None:
        import numpy as np

        for path, line in self._lines.items():
            if node := self._drawn_alone(path):
                self.canvas.set_strip(node, np.array(line))
        if self._thumbnails is not None:
            for node, path in self._closed_groups():
                if (mosaic := self._thumbnails.mosaics.get(path)) is not None:
                    self.canvas.set_thumbnails(node, mosaic / np.float32(255))
        if self._thumbnails is not None:
            for path, mosaic in self._thumbnails.mosaics.items():
                if node := self._drawn_alone(path):
                    self.canvas.set_thumbnails(node, mosaic / np.float32(255))

    def _closed_groups(self) -> Iterator[tuple[str, str]]:
        """List the groups that are drawn as a card, each with the path of the node whose output leaves it."""
        sheet, flat = self.canvas.sheet, self.document.report.graph
        for id, node in sheet.graph.nodes.items():
            if isinstance(node.block, Group) and node.block.outputs:
                path = joined(sheet.path(id), str(node.block.repeat), node.block.outputs[0])
                while path in flat and flat.nodes[path].block.edge and flat.incoming[path]:
                    path = flat.incoming[path][0].source
                yield id, path

    def _drawn_alone(self, path: str) -> str:
        """Return the node on the canvas that stands for this one and no other; of repetitions that is the first."""
        node: str = self.canvas.sheet.shown(path)
        return node if node and self.canvas.sheet.path(node) == path else ""

    def _on_restarted(self) -> None:
        self._lines.clear()
        self._thumbnails = None
        self._timer.stop()
        self.canvas.clear_live()
        self._forget_failures()

    def _on_cards_changed(self) -> None:
        """Other nodes are drawn than before: show at them what is known."""
        self._sync()
        self._mark_failures()

    def _on_failed(self, failure: Failed) -> None:
        self._failures[failure.node] = failure.sentence
        self._mark_failures()

    def _mark_failures(self) -> None:
        """Show what failed at the nodes that are drawn, and what failed inside a closed group at that group."""
        for path, sentence in self._failures.items():
            if node := self.canvas.sheet.shown(path):
                self._failed.add(node)
                self.canvas.set_failure(node, sentence)

    def _on_state_changed(self) -> None:
        if self.session.failure is None:
            self._forget_failures()

    def _forget_failures(self) -> None:
        for node in self._failed:
            self.canvas.set_failure(node, None)
        self._failed.clear()
        self._failures.clear()

    def _on_document_changed(self, old: Experiment, new: Experiment) -> None:
        if old.graph is not new.graph:
            there = self.document.report.nodes
            self._lines = {path: line for path, line in self._lines.items() if path in there}
            self._forget_failures()
        elif old.view.opened != new.view.opened:
            self._on_cards_changed()
        if (old.graph is not new.graph or old.facts is not new.facts) and self.canvas.isVisible():
            self.watch(True)

    # -- Qt ----------------------------------------------------------------------------------------------------

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Watch while the canvas is seen."""
        if watched is self.canvas and event.type() in (QEvent.Type.Show, QEvent.Type.Hide) and not event.spontaneous():
            self.watch(event.type() == QEvent.Type.Show)
        return super().eventFilter(watched, event)
