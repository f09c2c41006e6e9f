"""What the inspector shows of several nodes: what they have in common, changed in all of them as one step."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from operator import is_
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QCheckBox, QLabel, QPushButton, QVBoxLayout, QWidget

from playground.declare import Parameter
from playground.graph import Graph, Node
from playground.report import Report
from playground.sheet import Sheet
from playground.text import Refusal, Sentence, count, note, say, tr
from widgets import theme
from widgets.behaviour import can_freeze, has_state, name_of_freezing
from widgets.form_row import Row
from widgets.icons import icon
from widgets.names import block_name, name_of_state
from widgets.number_fields import AT_ONCE_MS
from widgets.sections import Section, dim, let_tab_follow

Nodes = tuple[Node, ...]


@dataclass(frozen=True)
class Common:
    """A parameter that several nodes have, with the limits that hold for all of them."""

    parameter: Parameter
    ids: tuple[str, ...]


def common(nodes: Nodes) -> list[Common]:
    """Return the parameters that at least two of the nodes share by name and kind, those of the most nodes first."""
    having: dict[tuple[str, str], list[Node]] = {}
    for node in nodes:
        for name, parameter in node.block.parameters.items():
            if parameter.kind != "member":
                having.setdefault((name, parameter.kind), []).append(node)
    found = [_common(name, tuple(those)) for (name, _), those in having.items() if len(those) > 1]
    return sorted((one for one in found if one is not None), key=lambda one: (-len(one.ids), one.ids))


def _common(name: str, nodes: Nodes) -> Common | None:
    declared = [node.block.parameters[name] for node in nodes]
    first = declared[0]
    choices = tuple(one for one in first.choices if all(one in other.choices for other in declared))
    low, high = max(one.low for one in declared), min(one.high for one in declared)
    if low > high or (first.choices and not choices):
        return None
    agreed: dict[str, Any] = {"choices": choices, "low": low, "high": high, "log": all(one.log for one in declared)}
    for field, otherwise in (("label", name.replace("_", " ").capitalize()), ("help", ""), ("auto", "")):
        values = {getattr(one, field) for one in declared}
        agreed[field] = values.pop() if len(values) == 1 else otherwise
    return Common(replace(first, **agreed), tuple(node.id for node in nodes))


class ManyPage(QWidget):
    """Several nodes at once.

    Signals:
        refused(object): something could not be done; a Sentence that says why.
    """

    refused = Signal(object)

    def __init__(self, sheet: Sheet, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.sheet, self.ids = sheet, ()
        self._shown: tuple[tuple[str, ...], Graph, Report] | None = None
        self.rows: list[tuple[Row, Common]] = []
        self.headings: list[tuple[QLabel, tuple[str, ...]]] = []
        self._offered: tuple[tuple[str, ...], list[Common]] = ((), [])
        self.setProperty("kind", "page")
        self.title = QLabel(objectName="several_title", wordWrap=True)
        self.title.setFont(theme.font(11, semibold=True))
        self.blocks = dim("several_blocks")
        self.behaviour, self.cost = Section(note("Behaviour")), Section(note("Cost"))
        self.switches: dict[str, QCheckBox] = {}
        self.extents: dict[str, QLabel] = {}
        self._add_switch("frozen", self._on_frozen_clicked)
        self._add_switch("bypassed", self._on_bypassed_clicked)
        self._add_switch("muted", self._on_muted_clicked)
        self.costs = dim("several_costs")
        self.cost.body.addWidget(self.costs)
        self.delete = QPushButton(icon=icon("mdi6.delete-outline"), objectName="delete_nodes")
        self.delete.clicked.connect(self._on_delete_clicked)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(16, 14, 14, 16)
        self._column.setSpacing(8)
        for widget in (self.title, self.blocks):
            self._column.addWidget(widget)
        self._place = self._column.count()
        for widget in (self.cost, self.behaviour):
            self._column.addWidget(widget)
        self._column.addSpacing(8)
        self._column.addWidget(self.delete, alignment=Qt.AlignmentFlag.AlignLeft)
        self._column.addStretch(1)

    def show_ids(self, ids: tuple[str, ...]) -> None:
        """Show which nodes are selected, and what they have in common."""
        shown = (ids, self.sheet.graph, self.sheet.document.report)
        if self._shown is not None and ids == self._shown[0] and all(map(is_, shown[1:], self._shown[1:])):
            return
        self.ids, self._shown = ids, shown
        nodes = self._nodes(ids)
        kinds = Counter(block_name(node.block) for node in nodes)
        self.title.setText(str(count("{n} node", "{n} nodes", len(ids))))
        self.blocks.setText(", ".join(f"{n} {name}" for name, n in kinds.items()))
        self.blocks.setToolTip("\n".join(ids))
        offered = common(nodes)
        if (ids, offered) != self._offered:
            self._rebuild(offered)
        for row, one in self.rows:
            self._sync_row(row, one)
        for heading, those in self.headings:
            heading.setText(str(self._extent(those)))
            heading.setToolTip("\n".join(those))
        self._sync_behaviour(nodes)
        self._sync_cost()
        self.delete.setText(str(count("Delete {n} node", "Delete {n} nodes", len(ids))))

    def relabel(self) -> None:
        """Say everything in the present language."""
        words = {
            "frozen": (tr("Frozen"), tr("Training leaves its weights as they are.")),
            "bypassed": (tr("Bypass"), tr("It is left out: its input passes through unchanged.")),
            "muted": (tr("Mute"), tr("It is silenced: it gives zeros of the same shape.")),
        }
        for key, (label, help) in words.items():
            self.switches[key].setText(label)
            self.switches[key].setToolTip(help)
            self.switches[key].setAccessibleDescription(help)
        for part in (self.behaviour, self.cost, *(row for row, _ in self.rows)):
            part.relabel()
        self._shown = None
        self.show_ids(tuple(id for id in self.ids if id in self.sheet.graph))

    # -- building ----------------------------------------------------------------------------------------------

    def _add_switch(self, key: str, slot: Callable[[bool], None]) -> None:
        self.switches[key] = QCheckBox(objectName=f"all_{key}")
        self.switches[key].clicked.connect(slot)
        self.extents[key] = dim(f"extent_{key}")
        self.extents[key].setFont(theme.font(8.5))
        self.behaviour.body.addWidget(self.switches[key])
        self.behaviour.body.addWidget(self.extents[key])

    def _rebuild(self, offered: list[Common]) -> None:
        for widget in (*(row for row, _ in self.rows), *(heading for heading, _ in self.headings)):
            self._column.removeWidget(widget)
            widget.hide()
            widget.deleteLater()
        self._offered, self.rows, self.headings = (self.ids, offered), [], []
        at, said = self._place, self.ids
        for one in offered:
            if one.ids != said:  # for whom the rows below it count, said once
                said = one.ids
                self.headings.append((dim("extent"), one.ids))
                self.headings[-1][0].setContentsMargins(0, 6, 0, 0)
                self._column.insertWidget(at, self.headings[-1][0])
                at += 1
            row = Row(one.parameter, typing_ms=AT_ONCE_MS)
            row.edited.connect(self._on_row_edited)
            row.closed.connect(self.sheet.document.close_step)
            self.rows.append((row, one))
            self._column.insertWidget(at, row)
            at += 1
        let_tab_follow(self)

    # -- showing -----------------------------------------------------------------------------------------------

    def _nodes(self, ids: tuple[str, ...]) -> Nodes:
        nodes = self.sheet.graph.nodes
        return tuple(nodes[id] for id in ids)

    def _sync_row(self, row: Row, one: Common) -> None:
        name = one.parameter.name
        values = [getattr(node.block, name) for node in self._nodes(one.ids)]
        known = self.sheet.known(one.ids[0])
        filled = getattr(known.block, name, None) if known is not None else None
        if all(value == values[0] for value in values):
            row.show_value(values[0], filled)
        else:
            row.show_mixed(values[0], filled)

    def _extent(self, ids: tuple[str, ...]) -> Sentence | None:
        """Say for how many of the nodes something counts, where it is not all."""
        if len(ids) == len(self.ids):
            return None
        return say("{some} of the {all} nodes", some=len(ids), all=len(self.ids))

    def _sync_behaviour(self, nodes: Nodes) -> None:
        fitting = {key: self._fitting(key) for key in self.switches}
        for key, switch in self.switches.items():
            on = [node.frozen if key == "frozen" else node.state == key for node in self._nodes(fitting[key])]
            mixed = any(on) and not all(on)
            switch.setTristate(mixed)
            switch.setCheckState(
                Qt.CheckState.PartiallyChecked
                if mixed
                else Qt.CheckState.Checked
                if any(on)
                else Qt.CheckState.Unchecked
            )
            extent = self._extent(fitting[key])
            switch.setVisible(bool(on))
            self.extents[key].setText(str(extent) if extent else "")
            self.extents[key].setVisible(bool(on) and extent is not None)
        self.behaviour.setVisible(any(fitting.values()))

    def _fitting(self, key: str) -> tuple[str, ...]:
        """Return the nodes for which a switch makes sense."""
        if key == "frozen":
            return tuple(node.id for node in self._nodes(self.ids) if can_freeze(node, self.sheet.known(node.id)))
        return tuple(node.id for node in self._nodes(self.ids) if has_state(node))

    def _sync_cost(self) -> None:
        known = [report for id in self.ids if (report := self.sheet.known(id)) is not None]
        parameters, macs = sum(one.parameters for one in known), sum(one.macs for one in known)
        lines = [str(count("{n} parameter", "{n} parameters", parameters))]
        if macs:
            lines.append(str(count("{n} MAC per example", "{n} MACs per example", macs)))
        if lacking := len(self.ids) - len(known):
            lines.append(str(count("{n} node is not known yet", "{n} nodes are not known yet", lacking)))
        self.costs.setText("\n".join(lines))

    # -- what happens ------------------------------------------------------------------------------------------

    def _on_row_edited(self, name: str, value: object) -> None:
        row, one = next((row, one) for row, one in self.rows if row is self.sender())
        graph = self.sheet.graph
        try:
            for id in one.ids:
                graph = graph.configure(id, graph.nodes[id].block.replace(**{name: value}))
        except Refusal as refusal:
            row.tell(refusal.sentence)
            return
        label = Sentence(one.parameter.label)
        words = count(
            "Change {parameter} of {n} node", "Change {parameter} of {n} nodes", len(one.ids), parameter=label
        )
        self.sheet.edit(words, graph=graph, merge=("parameter", one.ids, name))

    def _mark(self, name: Sentence, ids: tuple[str, ...], **changes: Any) -> None:
        graph = self.sheet.graph
        for id in ids:
            graph = graph.mark(id, **changes)
        self.sheet.edit(name, graph=graph)

    def _on_frozen_clicked(self, on: bool) -> None:
        ids = tuple(node.id for node in self._nodes(self._fitting("frozen")) if node.frozen != on)
        self._mark(name_of_freezing(ids, on), ids, frozen=on)

    def _on_bypassed_clicked(self, on: bool) -> None:
        self._switch_state("bypassed", on)

    def _on_muted_clicked(self, on: bool) -> None:
        self._switch_state("muted", on)

    def _switch_state(self, state: str, on: bool) -> None:
        ids = tuple(node.id for node in self._nodes(self._fitting(state)) if (node.state == state) != on)
        new = state if on else ""
        self._mark(name_of_state(ids, state, new), ids, state=new)

    def _on_delete_clicked(self) -> None:
        graph = self.sheet.graph.remove(self.ids)
        places = {id: place for id, place in self.sheet.places.items() if id in graph}
        self.sheet.edit(count("Delete {n} node", "Delete {n} nodes", len(self.ids)), graph=graph, places=places)
