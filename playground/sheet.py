"""The sheet a canvas shows of a document: what is drawn on it, what is known of it, and edits of it.

The canvas, the inspector and everything else that works on nodes speaks to a `Sheet`, never to the document's
graph: ids on a sheet are those of the nodes drawn there, wherever in the document they lie.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import replace
from typing import Any

from playground.document import Document
from playground.experiment import Remark
from playground.graph import Graph, Wire
from playground.report import NodeReport, Problem
from playground.shape import Shape
from playground.text import Sentence

Point = tuple[float, float]


class Sheet:
    """One level of a document as it is drawn.

    Attributes:
        document: what is being edited.
    """

    def __init__(self, document: Document) -> None:
        self.document = document

    # -- reading ---------------------------------------------------------------------------------------------------

    @property
    def graph(self) -> Graph:
        """The nodes and wires that are drawn."""
        return self.document.now.graph

    @property
    def places(self) -> Mapping[str, Point]:
        """Where the cards stand, as far as anyone has said."""
        return self.document.now.view.positions

    @property
    def remarks(self) -> tuple[Remark, ...]:
        """The notes and frames that stand here."""
        return tuple(remark for remark in self.document.now.view.remarks if remark.level == "")

    @property
    def problems(self) -> tuple[Problem, ...]:
        """What is wrong, each under the id of a node that is drawn here."""
        return self.document.report.problems

    def path(self, id: str) -> str:
        """Return the path of a node: its name in reports, weights and probes."""
        return id

    def known(self, id: str) -> NodeReport | None:
        """Return what analysis knows of a node, if its inputs are known."""
        return self.document.report.nodes.get(self.path(id))

    def shape(self, wire: Wire) -> Shape | None:
        """Return what flows on a wire, if that is known."""
        return self.document.report.wires.get(wire)

    def problems_at(self, id: str) -> tuple[Problem, ...]:
        """Return what is wrong with one node."""
        return tuple(problem for problem in self.problems if problem.node == id)

    # -- editing ---------------------------------------------------------------------------------------------------

    def edit(
        self,
        name: Sentence,
        *,
        graph: Graph | None = None,
        places: Mapping[str, Point] | None = None,
        remarks: tuple[Remark, ...] | None = None,
        merge: Hashable = None,
        **changes: Any,
    ) -> None:
        """Change what is drawn as one undoable step; `changes` are further fields of the experiment."""
        view = changes.pop("view", self.document.now.view)
        if places is not None:
            view = replace(view, positions={id: (float(x), float(y)) for id, (x, y) in places.items()})
        if remarks is not None:
            view = replace(view, remarks=remarks)
        if graph is not None:
            changes["graph"] = graph
        self.document.edit(name, merge=merge, view=view, **changes)
