"""What a node does besides its block's work: bypassed or muted, frozen, tied, its weights set by hand."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QButtonGroup,
    QCheckBox,
    QComboBox,
    QHBoxLayout,
    QPushButton,
    QSizePolicy,
    QToolButton,
    QWidget,
)

from playground.blocks.group import Group
from playground.checks import same_numbers
from playground.graph import Graph, Node, joined
from playground.nesting import place_of
from playground.report import NodeReport
from playground.sheet import Sheet
from playground.text import Sentence, count, note, say, tr
from widgets.icons import icon
from widgets.names import name_of_state
from widgets.sections import Section, dim
from widgets.weights import settable, too_large

STATES = {
    "": (note("Normal"), note("It does its work.")),
    "bypassed": (note("Bypass"), note("It is left out: its input passes through unchanged.")),
    "muted": (note("Mute"), note("It is silenced: it gives zeros of the same shape.")),
}
"""What each state is called, and what it does."""

MOST_NAMED = 3
"""How many nodes of a project are named where repetitions of a node take the weights of several."""
LONGEST_NAME = 26
"""Letters of a file's name that fit into a line."""


def has_state(node: Node) -> bool:
    """Whether a node can be bypassed or muted: what only brings data in or takes it out cannot."""
    passes = bool(node.block.ports()) and bool(node.block.outputs) and not node.block.edge
    return passes or bool(node.state)


def can_freeze(node: Node, known: NodeReport | None) -> bool:
    """Whether there is anything in a node that training could change."""
    return node.frozen or (known is not None and bool(known.weights or any(n.weights for n in known.within)))


def name_of_freezing(ids: tuple[str, ...], frozen: bool) -> Sentence:
    """Name the step that freezes nodes, or has them learn again."""
    n, one = len(ids), ids[0]
    if frozen:
        return say("Freeze {node}", node=one) if n == 1 else count("Freeze {n} node", "Freeze {n} nodes", n)
    return say("Unfreeze {node}", node=one) if n == 1 else count("Unfreeze {n} node", "Unfreeze {n} nodes", n)


def twins(sheet: Sheet, id: str) -> tuple[str, ...]:
    """Return the nodes whose weights this one could share: beside it, of the same names and shapes, their own."""
    mine, home = weights_of(sheet.known(id)), id.rpartition(".")[0]
    if not mine:
        return ()
    return tuple(
        other
        for other, node in sheet.graph.nodes.items()
        if other != id
        and other.rpartition(".")[0] == home
        and not node.tied_to  # so that no circle can come about
        and _fit(mine, weights_of(sheet.known(other)))
    )


def _fit(mine: Mapping[str, tuple[int, ...]], theirs: Mapping[str, tuple[int, ...]]) -> bool:
    return mine.keys() == theirs.keys() and all(same_numbers(mine[name], theirs[name]) for name in mine)


def weights_of(known: NodeReport | None) -> Mapping[str, tuple[int, ...]]:
    """Return the shapes of the weights that a node itself has, as far as they are known."""
    return known.weights if known is not None else {}


def followers(graph: Graph, id: str) -> tuple[str, ...]:
    """Return the nodes that share the weights of this one."""
    return tuple(other for other, node in graph.nodes.items() if node.tied_to == id)


def shortened(name: str) -> str:
    """Leave out the middle of a long file name, which could not be broken into lines."""
    return name if len(name) <= LONGEST_NAME else f"{name[:13]}…{name[-12:]}"


class Behaviour(Section):
    """The section about all this; it hides what makes no sense for a node.

    Signals:
        weightsClicked(str): the weights of this node are to be set by hand.
    """

    weightsClicked = Signal(str)

    def __init__(self, sheet: Sheet, parent: QWidget | None = None) -> None:
        self._sheet = sheet
        self._node: Node | None = None
        self._known: NodeReport | None = None
        self._shown: Any = None
        super().__init__(note("Behaviour"), parent)
        self._build_state()
        self._build_training()
        self._build_weights()
        self.body.setSpacing(8)

    def show_node(self, node: Node, known: NodeReport | None) -> None:
        """Show a node; whose weights it may share depends on the others, so the whole graph counts."""
        shown = (node, known, self._sheet.graph, self._sheet.document.now.start)
        if self._shown is not None and all(one is other for one, other in zip(shown, self._shown, strict=True)):
            return
        self._node, self._known, self._shown = node, known, shown
        weights = weights_of(known)
        self._sync_state(node)
        freezes = can_freeze(node, known)
        self.frozen.setVisible(freezes)
        self.frozen.setChecked(node.frozen)
        self.frozen_says.setVisible(freezes and node.frozen)
        self._sync_tie(node, weights)
        self._sync_weights(node, weights)
        self._sync_taken(node)
        self.setVisible(has_state(node) or freezes or bool(node.weights))

    def relabel(self) -> None:
        """Say everything in the present language."""
        super().relabel()
        if not hasattr(self, "forget"):
            return  # the heading is said before the rest is there
        for state, button in self.states.items():
            name, help = STATES[state]
            button.setText(str(Sentence(name)))
            button.setToolTip(str(Sentence(help)))
            button.setAccessibleDescription(str(Sentence(help)))
        self.frozen.setText(tr("Frozen"))
        self.frozen.setToolTip(tr("Training leaves its weights as they are."))
        self.frozen_says.setText(tr("Training leaves its weights as they are."))
        self.tie_label.setText(tr("Weights shared with"))
        self.tie.setAccessibleName(tr("Weights shared with"))
        self.by_hand.setText(tr("Set weights by hand…"))
        self.forget.setText(tr("Forget what was set by hand"))
        self.give_up.setText(tr("Give up what was taken"))
        self.give_up.setToolTip(tr("Training begins with chance numbers again, after the next Reset"))
        self._shown = None
        if self._node is not None:
            self.show_node(self._node, self._known)

    # -- building ----------------------------------------------------------------------------------------------

    def _build_state(self) -> None:
        self.state_row = QWidget()
        row = QHBoxLayout(self.state_row)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(4)
        group = QButtonGroup(self)
        self.states: dict[str, QToolButton] = {}
        for state in STATES:
            button = QToolButton(checkable=True, objectName=f"state_{state or 'normal'}")
            button.setProperty("kind", "chip")
            button.setStyleSheet("QToolButton { padding: 4px 2px; }")  # three of them share the width of a page
            button.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
            button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
            button.clicked.connect(self._on_state_clicked)
            group.addButton(button)
            row.addWidget(button, 1)
            self.states[state] = button
        self.state_says = dim("state_says")
        self.body.addWidget(self.state_row)
        self.body.addWidget(self.state_says)

    def _build_training(self) -> None:
        self.frozen = QCheckBox(objectName="frozen")
        self.frozen.clicked.connect(self._on_frozen_clicked)
        self.frozen_says = dim("frozen_says")
        self.tie_label = dim()
        self.tie_label.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.tie = QComboBox(objectName="tied_to")
        self.tie.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.tie.setFixedWidth(126)
        self.tie.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.tie.activated.connect(self._on_tie_activated)
        self.tie_row = QWidget()
        row = QHBoxLayout(self.tie_row)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self.tie_label, 1)
        row.addWidget(self.tie)
        self.tie_says = dim("tie_says")
        for widget in (self.frozen, self.frozen_says, self.tie_row, self.tie_says):
            self.body.addWidget(widget)

    def _build_weights(self) -> None:
        self.by_hand = QPushButton(icon=icon("mdi6.grid"), objectName="set_weights")
        self.by_hand.clicked.connect(self._on_by_hand_clicked)
        self.weights_say = dim("weights_say")
        self.forget = QPushButton(objectName="forget_weights")
        self.forget.setProperty("kind", "link")
        self.forget.clicked.connect(self._on_forget_clicked)
        self.taken_says = dim("taken_says")
        self.give_up = QPushButton(objectName="give_up_weights")
        self.give_up.setProperty("kind", "link")
        self.give_up.clicked.connect(self._on_give_up_clicked)
        for widget in (self.by_hand, self.weights_say, self.forget, self.taken_says, self.give_up):
            self.body.addWidget(widget)
        self.relabel()

    # -- showing -----------------------------------------------------------------------------------------------

    def _sync_state(self, node: Node) -> None:
        there = has_state(node)
        self.state_row.setVisible(there)
        self.states[node.state].setChecked(True)
        self.state_says.setText(str(Sentence(STATES[node.state][1])))
        self.state_says.setVisible(there and bool(node.state))

    def _sync_tie(self, node: Node, weights: Mapping[str, Any]) -> None:
        there = bool(weights) or bool(node.tied_to)
        sharing = followers(self._sheet.graph, node.id)
        offered = twins(self._sheet, node.id)
        if node.tied_to and node.tied_to not in offered:
            offered = (*offered, node.tied_to)
        self.tie.clear()
        self.tie.addItem(tr("none"), "")
        for other in offered:
            self.tie.addItem(other, other)
        self.tie.setCurrentIndex(self.tie.findData(node.tied_to))
        self.tie.setEnabled(bool(offered))
        says = ""
        if node.tied_to:
            says = tr("It shares the weights of {node}: both learn as one.", node=node.tied_to)
        elif sharing:
            says = tr("Its weights are shared by {nodes}.", nodes=", ".join(sharing))
        lacking = tr("No other node here has weights of the same names and shapes to share.")
        self.tie.setToolTip(says or (tr("Share the weights of another node") if offered else lacking))
        self.tie_says.setText(says)
        self.tie_row.setVisible(there)
        self.tie_says.setVisible(there and bool(says))

    def _sync_weights(self, node: Node, weights: Mapping[str, tuple[int, ...]]) -> None:
        fits = {name: shape for name, shape in weights.items() if settable(shape)}
        self.by_hand.setVisible(bool(weights))
        self.by_hand.setEnabled(bool(fits) and not node.tied_to)
        says = ""
        if node.tied_to:
            says = tr("They are set at {node}.", node=node.tied_to)
        elif weights and not fits:
            says = str(too_large(*next(iter(weights.items()))))
        elif node.weights:
            names = ", ".join(node.weights)
            if node.frozen:
                says = tr("Set by hand: {names}. Training leaves them so.", names=names)
            else:
                says = tr("Set by hand: {names}. Training begins with them; freeze the node to keep them.", names=names)
        self.weights_say.setText(says)
        self.weights_say.setVisible(bool(says) and bool(weights))
        self.forget.setVisible(bool(node.weights))

    def _taken(self, id: str) -> dict[str, str]:
        """Return what a node, in all its repetitions, or all that is in a group, takes from where."""
        start, place = self._sheet.document.now.start, joined(self._sheet.level, id)
        found = start.nodes if start is not None else {}
        return {path: there for path, there in found.items() if f"{place_of(path)}.".startswith(f"{place}.")}

    def _sync_taken(self, node: Node) -> None:
        start, taken = self._sheet.document.now.start, self._taken(node.id)
        self.taken_says.setVisible(bool(taken))
        self.give_up.setVisible(bool(taken))
        if start is None or not taken:
            return
        file, n = Path(start.file), len(taken)
        name = shortened(file.name)
        if isinstance(node.block, Group):
            says = str(
                count(
                    "{n} node in it begins with weights of {file}.",
                    "{n} nodes in it begin with weights of {file}.",
                    n,
                    file=name,
                )
            )
        else:
            there = [*list(taken.values())[:MOST_NAMED], *(["…"] if n > MOST_NAMED else [])]
            says = tr("Begins with the weights of {node} in {file}.", node=", ".join(there), file=name)
        self.taken_says.setText(says)
        self.taken_says.setToolTip(str(file))

    # -- what happens ------------------------------------------------------------------------------------------

    def _mark(self, name: Sentence, **changes: Any) -> None:
        assert self._node is not None
        self._sheet.mark((self._node.id,), name, **changes)

    def _on_state_clicked(self) -> None:
        state = next(state for state, button in self.states.items() if button is self.sender())
        if self._node is not None and state != self._node.state:
            self._mark(name_of_state((self._node.id,), self._node.state, state), state=state)

    def _on_frozen_clicked(self, frozen: bool) -> None:
        if self._node is not None:
            self._mark(name_of_freezing((self._node.id,), frozen), frozen=frozen)

    def _on_tie_activated(self, at: int) -> None:
        other = self.tie.itemData(at)
        if self._node is not None and other != self._node.tied_to:
            id = self._node.id
            name = say("Tie {node} to {other}", node=id, other=other) if other else say("Untie {node}", node=id)
            self._mark(name, tied_to=other)

    def _on_by_hand_clicked(self) -> None:
        if self._node is not None:
            self.weightsClicked.emit(self._node.id)

    def _on_give_up_clicked(self) -> None:
        start = self._sheet.document.now.start
        if self._node is not None and start is not None:
            words = say("Give up the weights taken for {node}", node=self._node.id)
            self._sheet.document.edit(words, start=start.without(self._taken(self._node.id)))

    def _on_forget_clicked(self) -> None:
        if self._node is not None:
            self._mark(say("Forget what was set by hand at {node}", node=self._node.id), weights={})
