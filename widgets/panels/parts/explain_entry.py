"""Which number of a stage is looked at: of which value, and where on those axes that no table runs along."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QSignalBlocker, Signal
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QSizePolicy, QSpinBox, QWidget

from playground.blocks.convolution import Conv1D, Conv2D
from playground.explaining import Walked
from playground.report import NodeReport
from playground.text import Sentence, tr

MOST_AXES = 6
"""Axes that can be walked along."""


class EntryBar(QWidget):
    """A list of the values of a stage, and a small field for each axis that needs one.

    Signals:
        valueChosen(str): look at this value of the stage.
        entryChosen(object): look at this entry of it, a tuple of its places on all axes.
    """

    valueChosen = Signal(str)
    entryChosen = Signal(object)

    def __init__(self, name: str) -> None:
        super().__init__()
        self.setObjectName(name)
        self._entry: tuple[int, ...] = ()
        self._names: tuple[str, ...] = ()
        self.value = QComboBox(objectName=f"{name}_value")
        self.value.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        self.value.activated.connect(self._on_value_activated)
        self.fields = [self._field(f"{name}_axis_{k}") for k in range(MOST_AXES)]
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(6)
        for widget in (self.value, *self.fields):
            row.addWidget(widget)
        row.addStretch(1)

    def _field(self, name: str) -> QSpinBox:
        made = QSpinBox(objectName=name)
        made.setKeyboardTracking(False)
        made.setMinimum(1)
        made.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        made.valueChanged.connect(self._on_field_changed)
        made.hide()
        return made

    def show_values(self, values: Sequence[str], chosen: str, words: Sequence[str]) -> None:
        """Offer the values of a stage; `words` are what they are called there."""
        self._names = tuple(values)
        if [self.value.itemText(k) for k in range(self.value.count())] != list(words):
            self.value.clear()
            self.value.addItems(list(words))
        self.value.setCurrentIndex(self._names.index(chosen) if chosen in self._names else 0)
        self.value.setVisible(len(values) > 1)

    def show_entry(self, entry: tuple[int, ...], shape: tuple[int, ...], axes: Sequence[str], whole: bool) -> None:
        """Show where the number stands.

        `axes` are the names of the axes, as far as they have some; `whole` says whether the table shows all of the last
        two, so that these need no fields.
        """
        self._entry = entry
        for k, field in enumerate(self.fields):
            there = k < (len(entry) - 2 if whole else len(entry))
            if there:
                blocked = QSignalBlocker(field)
                name = axes[k] if k < len(axes) and axes[k] else tr("axis {n}", n=k + 1)
                field.setPrefix(f"{name}: ")
                field.setSuffix(f" / {shape[k]:,}")
                field.setMaximum(shape[k])
                field.setValue(entry[k] + 1)
                field.setAccessibleName(name)
                del blocked
            field.setVisible(there)

    def relabel(self) -> None:
        """Say everything in the present language."""
        self.value.setAccessibleName(tr("The value that is looked at"))
        self.value.setToolTip(tr("Which value of this stage is looked at"))
        for field in self.fields:
            field.setToolTip(tr("Which one the table shows, counted from 1"))

    def _on_value_activated(self, k: int) -> None:
        self.valueChosen.emit(self._names[k])

    def _on_field_changed(self) -> None:
        field = self.sender()
        k = self.fields.index(field)
        self.entryChosen.emit((*self._entry[:k], self.fields[k].value() - 1, *self._entry[k + 1 :]))


def axes_of(known: NodeReport | None, answer: Walked) -> tuple[str, ...]:
    """Return the names of the axes of what is looked at, as far as they are known."""
    phase = answer.stages[answer.stage].phase
    if known is None or phase == "loss":
        return ()
    if phase == "forward":
        shape = known.leaving(answer.of)
    elif answer.of in known.weights:
        return (tr("kernel"), tr("channel")) if isinstance(known.block, Conv1D | Conv2D) else ()
    else:
        shape = dict(zip((port.name for port in known.block.ports()), known.inputs, strict=False)).get(answer.of)
    names = tuple(shape.names) if shape is not None else ()
    return tuple(str(Sentence(name)) for name in names) if len(names) == len(answer.shape) else ()


def is_whole(answer: Walked) -> bool:
    """Tell whether the table from which entries are chosen shows all of the last two axes."""
    grids = [grid for grid in answer.told.grids if grid.entries is not None]
    return bool(grids) and all(grid.total in ((0, 0), grid.values.shape) for grid in grids)
