"""The window in which the weights of a node are set by hand: a tensor, a slice of it, a grid of numbers.

It stays open beside the drawing; every number typed, pasted or filled in is one undoable step of the document, and
what the document says is what the grid shows.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QKeyEvent, QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QHBoxLayout,
    QLabel,
    QMenu,
    QPushButton,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from playground.experiment import Experiment
from playground.graph import Node
from playground.report import NodeReport
from playground.sheet import Sheet
from playground.text import Sentence, note, say, tr
from widgets.icons import icon
from widgets.sections import dim
from widgets.weights import KERNELS, Array, array_of, kernel, misfit, nested, settable, size_in_words, too_large
from widgets.weights_grid import Grid, Numbers, ScaleBar

Reply = Callable[[Any, Sentence | None], None]
Ask = Callable[[str, Reply], None]
"""Asks for the present weights of a node by its path; the reply gets a mapping of arrays by name, or why not."""

MEANINGS = {
    "matrix": note("A row for each output, a column for each input."),
    "vector": note("One number for each output."),
    "kernel": note("The kernel of one output channel for one input channel."),
}
"""What the rows and columns of a slice are, where that is known."""


class WeightsEditor(QDialog):
    """The weights of one node. It closes by itself when the node is gone."""

    def __init__(self, sheet: Sheet, id: str, ask: Ask | None = None, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.sheet, self.id, self.path = sheet, id, sheet.path(id)
        self._ask = ask
        self._failed: Sentence | None = None
        self.setObjectName("weights_editor")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.numbers = Numbers()
        self.numbers.setParent(self)
        self.numbers.edited.connect(self._on_numbers_edited)
        self.numbers.refused.connect(self._tell)
        self._build()
        self._lay_out()
        self._ends = [sheet.document.subscribe(self._on_document_changed), sheet.subscribe(self._close_if_gone)]
        for keys, slot in (
            (QKeySequence.StandardKey.Undo, sheet.document.undo),
            (QKeySequence.StandardKey.Redo, sheet.document.redo),
        ):
            QShortcut(QKeySequence(keys), self).activated.connect(slot)
        self.relabel()
        self.grid.setCurrentIndex(self.numbers.index(0, 0))
        self.grid.setFocus()
        self.resize(self.sizeHint().boundedTo(self.screen().availableSize()))

    @property
    def node(self) -> Node:
        """The node as it is now."""
        return self.sheet.graph.nodes[self.id]

    @property
    def known(self) -> NodeReport | None:
        """What analysis knows of it now."""
        return self.sheet.known(self.id)

    @property
    def _weights(self) -> Mapping[str, tuple[int, ...]]:
        known = self.known
        return known.weights if known is not None else {}

    @property
    def name(self) -> str:
        """The tensor that is shown, by its name; empty where there is none."""
        return str(self.tensor.currentData() or "")

    def relabel(self) -> None:
        """Say everything in the present language."""
        self.setWindowTitle(tr("Weights of {node}", node=self.id))
        self.tensor.setAccessibleName(tr("Which weights"))
        self.fill.setText(tr("Fill with"))
        self.fill.setToolTip(tr("Put a kernel that has a name, or zeros, into what is shown"))
        self.now.setText(tr("From the network now"))
        self.now.setToolTip(tr("Take the numbers that the network has at this moment"))
        self.forget.setText(tr("Forget"))
        self.forget.setToolTip(tr("These weights are no longer set by hand: training begins with chance numbers again"))
        self.done_button.setText(tr("Close"))
        self.grid.relabel()
        self._sync()

    # -- building ----------------------------------------------------------------------------------------------

    def _build(self) -> None:
        self.tensor = QComboBox(objectName="tensor")
        self.tensor.activated.connect(self._on_tensor_activated)
        self.places: list[tuple[QLabel, QSpinBox]] = []
        for number in (1, 2):
            box = QSpinBox(objectName=f"slice_{number}", minimum=1)
            box.setAccelerated(True)
            box.valueChanged.connect(self._on_place_changed)
            label = QLabel()
            label.setProperty("role", "dim")
            label.setBuddy(box)
            self.places.append((label, box))
        self.says = dim("weights_editor_says")
        self.grid = Grid(self.numbers)
        self.scale = ScaleBar()
        self.wrong = QLabel(wordWrap=True, visible=False, objectName="weights_wrong")
        self.wrong.setProperty("role", "bad")
        self.fill = QPushButton(objectName="fill", icon=icon("mdi6.format-color-fill"))
        self.now = QPushButton(objectName="from_network", icon=icon("mdi6.tray-arrow-down"))
        self.forget = QPushButton(objectName="forget_tensor", icon=icon("mdi6.undo-variant"))
        self.done_button = QPushButton(objectName="close_weights")
        self.menu = QMenu(self)
        self.menu.aboutToShow.connect(self._on_menu_about_to_show)
        self.fill.setMenu(self.menu)
        self.now.clicked.connect(self._on_now_clicked)
        self.forget.clicked.connect(self._on_forget_clicked)
        self.done_button.clicked.connect(self.close)
        for button in (self.fill, self.now, self.forget, self.done_button):
            button.setAutoDefault(False)  # Enter belongs to the grid

    def _lay_out(self) -> None:
        top = QHBoxLayout()
        top.setSpacing(8)
        top.addWidget(self.tensor)
        for label, box in self.places:
            top.addWidget(label)
            top.addWidget(box)
        top.addStretch(1)
        bottom = QHBoxLayout()
        bottom.setSpacing(8)
        for button in (self.fill, self.now, self.forget):
            bottom.addWidget(button)
        bottom.addStretch(1)
        bottom.addWidget(self.done_button)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 16, 16, 16)
        column.setSpacing(8)
        column.addLayout(top)
        column.addWidget(self.says)
        column.addWidget(self.grid, 1)
        column.addWidget(self.scale)
        column.addWidget(self.wrong)
        column.addLayout(bottom)

    # -- showing -----------------------------------------------------------------------------------------------

    def _sync(self) -> None:
        self._sync_tensors(self._weights)
        shape = self._weights.get(self.name)
        self._sync_places(shape)
        can = shape is not None and settable(shape) and not self.node.tied_to
        self.grid.setVisible(can)
        self.scale.setVisible(can)
        self.fill.setEnabled(can)
        self.now.setVisible(self._ask is not None)
        self.now.setEnabled(can)
        self.forget.setEnabled(self.name in self.node.weights)
        self.says.setText("\n".join(self._sentences(shape)))
        if can and shape is not None:
            whole = self._whole(shape)
            largest = float(np.abs(whole).max(initial=0.0)) or 1.0
            self.numbers.show_array(self._slice_of(whole), largest)
            self.scale.show_largest(largest)
            self.grid.updateGeometry()

    def _sync_tensors(self, weights: Mapping[str, tuple[int, ...]]) -> None:
        offered = [*weights, *(name for name in self.node.weights if name not in weights)]
        words = [f"{name}   {size_in_words(weights[name])}" if name in weights else name for name in offered]
        if words != [self.tensor.itemText(at) for at in range(self.tensor.count())]:
            chosen = self.name
            self.tensor.clear()
            for name, text in zip(offered, words, strict=True):
                self.tensor.addItem(text, name)
            self.tensor.setCurrentIndex(max(0, self.tensor.findData(chosen)))

    def _sync_places(self, shape: tuple[int, ...] | None) -> None:
        """Offer the axes in front of the last two, each with the number of its slice."""
        leading = shape[:-2] if shape is not None else ()
        names = [tr("Output channel"), tr("Input channel")]
        if self.known is not None and "Transpose" in self.known.layer.name:
            names.reverse()
        for at, (label, box) in enumerate(self.places):
            there = at < len(leading)
            label.setVisible(there)
            box.setVisible(there)
            if there:
                label.setText(names[at])
                box.setAccessibleName(names[at])
                box.setSuffix(f" / {leading[at]}")
                box.setMaximum(leading[at])

    def _sentences(self, shape: tuple[int, ...] | None) -> list[str]:
        node, name = self.node, self.name
        told = []
        if self.known is None:
            return [tr("Its weights are not known until something fitting comes in.")]
        if node.tied_to:
            return [tr("They are set at {node}.", node=node.tied_to)]
        if name in node.weights and (wrong := misfit(name, node.weights[name], shape)):
            told.append(str(wrong))
        if shape is None:
            return told
        if not settable(shape):
            return [*told, str(too_large(name, shape))]
        if meaning := _meaning(self.known, shape):
            told.append(str(Sentence(MEANINGS[meaning])))
        if name not in node.weights:
            told.append(tr("Not set by hand yet. With the first number you set, all others become 0."))
        elif not node.frozen:
            told.append(tr("Training begins with these numbers; freeze the node to keep them."))
        return told

    def _whole(self, shape: tuple[int, ...]) -> Array:
        """Return the numbers of the tensor; zeros where none are set, or none that fit."""
        if self.name in self.node.weights:
            kept = array_of(self.node.weights[self.name])
            if kept is not None and kept.shape == shape:
                return kept
        return np.zeros(shape)

    def _chosen(self, dimensions: int) -> tuple[int, ...]:
        return tuple(box.value() - 1 for _, box in self.places[: max(0, dimensions - 2)])

    def _slice_of(self, whole: Array) -> Array:
        """Return what the grid shows: the last two axes; fewer stand in a column."""
        part = whole[self._chosen(whole.ndim)]
        return part if part.ndim == 2 else part.reshape(-1, 1)

    # -- what happens ------------------------------------------------------------------------------------------

    def _tell(self, sentence: Sentence | None) -> None:
        self._failed = sentence
        self.wrong.setText(str(sentence) if sentence else "")
        self.wrong.setVisible(sentence is not None)

    def _set(self, whole: Array) -> None:
        """Keep the numbers of the tensor, as one step."""
        weights = {**self.node.weights, self.name: nested(whole)}
        words = say("Set {tensor} of {node} by hand", tensor=self.name, node=self.id)
        self.sheet.edit(words, graph=self.sheet.graph.mark(self.id, weights=weights))

    def _on_numbers_edited(self, array: Array) -> None:
        shape = self._weights[self.name]
        whole = self._whole(shape).copy()
        place = self._chosen(whole.ndim)
        whole[place] = array.reshape(whole[place].shape)
        self._set(whole)

    def _on_menu_about_to_show(self) -> None:
        self.menu.clear()
        self.menu.addAction(tr("Zeros")).triggered.connect(lambda: self._fill(np.zeros(self.numbers.array.shape)))
        rows, columns = self.numbers.array.shape
        if len(self._weights.get(self.name, ())) == 4 and min(rows, columns) >= 3:
            self.menu.addSeparator()
            for key, (title, _) in KERNELS.items():
                action = self.menu.addAction(str(Sentence(title)))
                action.setObjectName(f"kernel_{key}")
                action.triggered.connect(lambda _=False, key=key: self._fill(kernel(key, rows, columns)))

    def _fill(self, array: Array) -> None:
        self._tell(None)
        self._on_numbers_edited(array)

    def _on_now_clicked(self) -> None:
        name = self.name
        if self._ask is not None:
            self._ask(self.path, lambda answer, failure: self._take(name, answer, failure))

    def _take(self, name: str, answer: Mapping[str, Any] | None, failure: Sentence | None) -> None:
        """Take over what the network answered, if it is still what was asked for."""
        if not self._ends or name != self.name:  # closed meanwhile, or another tensor is shown
            return
        shape = self._weights.get(name)
        numbers = array_of(answer[name]) if answer is not None and name in answer else None
        if numbers is None or numbers.shape != shape or not np.isfinite(numbers).all():
            self._tell(failure or say("the network has no such weights now; press Play or Step first"))
            return
        self._tell(None)
        self._set(numbers)

    def _on_forget_clicked(self) -> None:
        kept = {name: numbers for name, numbers in self.node.weights.items() if name != self.name}
        words = say("Forget {tensor} of {node}", tensor=self.name, node=self.id)
        self._tell(None)
        self.sheet.edit(words, graph=self.sheet.graph.mark(self.id, weights=kept))

    def _on_tensor_activated(self, _at: int) -> None:
        self._tell(None)
        self._sync()

    def _on_place_changed(self, _value: int) -> None:
        self._tell(None)
        self._sync()

    def _on_document_changed(self, old: Experiment, new: Experiment) -> None:
        if self._close_if_gone():
            return
        if old.graph is not new.graph or old.facts is not new.facts:
            self._sync()

    def _close_if_gone(self) -> bool:
        """Close when the node is gone, or when the sheet shows another level, where its id is another node's."""
        gone = self.id not in self.sheet.graph or self.sheet.path(self.id) != self.path
        if gone:
            self.close()
        return gone

    # -- Qt ----------------------------------------------------------------------------------------------------

    def done(self, result: int) -> None:
        """Listen no longer once it is closed, by whatever way."""
        while self._ends:
            self._ends.pop()()
        super().done(result)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Escape closes; Enter belongs to the grid."""
        if event.key() not in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            super().keyPressEvent(event)

    def changeEvent(self, event: QEvent) -> None:
        """Say everything again when the language changed."""
        if event.type() == QEvent.Type.LanguageChange:
            self.relabel()
        super().changeEvent(event)


def _meaning(known: NodeReport, shape: tuple[int, ...]) -> str:
    """Say what rows and columns are: a key of `MEANINGS`, empty where nothing is sure."""
    layer = known.layer.name
    if layer == "nn.Linear":
        return "matrix" if len(shape) == 2 else "vector"
    if layer.startswith("nn.Conv"):
        return "kernel" if len(shape) == 4 else "vector" if len(shape) == 1 else ""
    return ""
