"""What neurons and their weights are seen to do on the canvas itself: measured only for what is in view."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from PySide6.QtCore import QObject, QTimer
from PySide6.QtWidgets import QWidget

from playground.experiment import Experiment
from playground.messages import Frame
from playground.probes.neurons import Faces, FacesAnswer
from playground.probes.weights import WireWeights, WireWeightsAnswer
from widgets.session import Session

LONGEST = 20_000
"""Characters that the names of what is asked may take."""
SETTLE_MS = 120
"""Milliseconds that the view must rest before it is asked what is in it."""


class NeuronStrips(QObject):
    """Feeds the cards with the pictures of their units, and the wires with weights."""

    def __init__(self, canvas: QWidget, session: Session) -> None:
        super().__init__(canvas)
        self.canvas: Any = canvas
        self.session = session
        self._seen = False
        self._asked: dict[str, Faces | WireWeights | None] = {"faces": None, "wire_weights": None}
        self._faces: FacesAnswer | None = None
        self._weights: WireWeightsAnswer | None = None
        self._timer = QTimer(self, singleShot=True, interval=SETTLE_MS)
        self._timer.timeout.connect(self.rewatch)
        for signal in (canvas.viewChanged, canvas.stage.rearranged, canvas.fans.wantedChanged):
            signal.connect(self._timer.start)
        canvas.levelChanged.connect(self._on_level_changed)
        session.frameArrived.connect(self._on_frame_arrived)
        session.restarted.connect(self._on_session_restarted)
        canvas.destroyed.connect(session.document.subscribe(self._on_document_changed))

    def watch(self, seen: bool) -> None:
        """Have measured what is in view, or nothing."""
        self._seen = seen
        self.rewatch()

    def rewatch(self) -> None:
        """Ask about what is in view now."""
        canvas, nodes, layers = self.canvas, [], []
        if self._seen and not canvas.in_overview:
            view = canvas.visible_rect()
            cards = canvas.stage.cards
            nodes = [id for id, card in cards.items() if card.units is not None and card.rect.intersects(view)]
            if canvas.fans.drawn:
                layers = [wire.target for wire in canvas.fans.wires() if canvas.stage.lines[wire].in_view(view)]
        self._ask("faces", Faces(nodes=self._paths(nodes)) if nodes else None)
        self._ask("wire_weights", WireWeights(nodes=self._paths(layers)) if layers else None)

    def _ask(self, name: str, probe: Faces | WireWeights | None) -> None:
        if probe != self._asked[name]:
            self._asked[name] = probe
            self.session.watch(name, probe)

    def _paths(self, ids: Iterable[str]) -> str:
        """Return the paths of nodes as probes take them, as many as there is room for."""
        words = " ".join(dict.fromkeys(self.canvas.sheet.path(id) for id in ids))
        return words if len(words) <= LONGEST else words[:LONGEST].rpartition(" ")[0]

    def _on_frame_arrived(self, frame: Frame) -> None:
        faces, weights = frame.answers.get("faces"), frame.answers.get("wire_weights")
        if isinstance(faces, FacesAnswer):
            self._faces = faces
        if isinstance(weights, WireWeightsAnswer):
            self._weights = weights
        if faces is not None or weights is not None:
            self._sync()

    def _sync(self) -> None:
        sheet, canvas = self.canvas.sheet, self.canvas
        if self._faces is not None:
            for path, maps in self._faces.maps.items():
                if (id := sheet.shown(path)) and sheet.path(id) == path:
                    canvas.set_units(id, maps)
        if self._weights is not None:
            ids = {path: id for path in self._weights.weights if (id := sheet.shown(path)) and sheet.path(id) == path}
            canvas.fans.show(
                {id: self._weights.weights[path] for path, id in ids.items()},
                {ids[path]: value for path, value in self._weights.gradients.items() if path in ids},
            )

    def _on_level_changed(self) -> None:
        """Show on what is drawn now what is known; what was not in view is asked for."""
        self._sync()
        self._timer.start()

    def _on_session_restarted(self) -> None:
        self._faces = self._weights = None

    def _on_document_changed(self, old: Experiment, new: Experiment) -> None:
        if old.graph is not new.graph or old.facts is not new.facts or old.source is not new.source:
            self._timer.start()
