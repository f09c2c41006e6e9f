"""One row of a form: a parameter's label, its field, the ways back, and what is wrong with what was typed."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from PySide6.QtCore import QSize, Signal
from PySide6.QtWidgets import QGridLayout, QLabel, QSizePolicy, QToolButton, QWidget

from playground.declare import AUTO, Declared, Parameter
from playground.text import Sentence, tr
from widgets.fields import ChoiceField, field_for
from widgets.icons import icon
from widgets.number_fields import TYPING_MS, SidesField, StepField
from widgets.numbers import readable

FIELD_WIDTH = {"choice": 126, "words": 126, "sides": 132}
NARROW = 100
"""How wide fields are: those with words wider than those with numbers."""

WIDEST = 164
"""As wide as a list beside its label can be."""


class Row(QWidget):
    """One parameter: its label, ways back to auto and to the default, its field, and what is wrong with what was typed.

    Signals:
        edited(str, object): the parameter's name and another valid value.
        closed(): the person is done with this field.
    """

    edited = Signal(str, object)
    closed = Signal()

    def __init__(
        self, parameter: Parameter, suggestions: tuple[str, ...] | None = None, *, typing_ms: int = TYPING_MS
    ) -> None:
        super().__init__()
        self.parameter = parameter
        self._value: Any = parameter.default
        self._filled: Any = None
        self._wrong: Sentence | None = None
        self.label = QLabel(wordWrap=True)
        self.label.setProperty("role", "dim")
        self.label.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.auto = QToolButton(checkable=True, visible=bool(parameter.auto), text=AUTO)
        self.auto.setObjectName(f"auto_{parameter.name}")
        self.auto.setProperty("kind", "chip")
        self.auto.setStyleSheet("QToolButton { padding: 4px 6px; }")
        self.auto.clicked.connect(self._on_auto_clicked)
        self.back = QToolButton(icon=icon("mdi6.undo-variant", "dim"), iconSize=QSize(13, 13))
        self.back.setObjectName(f"reset_{parameter.name}")
        self.back.setFixedSize(20, 20)
        keep = self.back.sizePolicy()
        keep.setRetainSizeWhenHidden(True)
        self.back.setSizePolicy(keep)
        self.back.clicked.connect(self._on_back_clicked)
        self.field = field_for(parameter, suggestions, typing_ms)
        self.field.setObjectName(f"field_{parameter.name}")
        self.field.edited.connect(self._on_field_edited)
        self.field.refused.connect(self.tell)
        self.field.closed.connect(self.closed)
        self.wrong = QLabel(wordWrap=True, visible=False, objectName=f"wrong_{parameter.name}")
        self.wrong.setProperty("role", "bad")
        self._lay_out()
        self.relabel()

    def show_value(self, value: Any, filled: Any = None) -> None:
        """Show the value the document has now; `filled` is what ``auto`` resolves to."""
        self._value, self._filled = value, filled
        self.field.show_value(value, filled)
        self.auto.setChecked(value == AUTO)
        self.back.setVisible(value != self.parameter.default)
        self._tell_default()

    def show_mixed(self, value: Any, filled: Any = None) -> None:
        """Show that there are several values, this one among them."""
        self._value, self._filled = value, filled
        self.field.show_mixed(value, filled)
        self.auto.setChecked(False)
        self.back.show()
        self._tell_default()

    def forget(self) -> None:
        """Drop what was being typed: the row is about to stand for something else."""
        if isinstance(self.field, StepField | SidesField):
            self.field.forget()

    def tell(self, sentence: Sentence | None) -> None:
        """Explain below the field why something cannot be; None: it can."""
        self._wrong = sentence
        self.wrong.setText(str(sentence) if sentence else "")
        self.wrong.setVisible(sentence is not None)

    def relabel(self) -> None:
        """Say everything in the present language."""
        label, help = str(Sentence(self.parameter.label)), str(Sentence(self.parameter.help))
        self.label.setText(label)
        for widget in (self, self.label):
            widget.setToolTip(help)
        hint = self.field.hint() if isinstance(self.field, StepField | SidesField) else ""
        self.field.setToolTip("\n".join(line for line in (help, hint) if line))
        self.field.setAccessibleName(label)
        self.field.setAccessibleDescription(help)
        self.auto.setToolTip(tr("Taken from the data; press to set it yourself, and again to give it back"))
        self.auto.setAccessibleName(f"{label}: auto")
        self.back.setAccessibleName(tr("{label}: back to the default", label=label))
        self.field.relabel()
        self._place_field()
        self._tell_default()
        self.tell(self._wrong)

    def _lay_out(self) -> None:
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(4)
        self._grid.setVerticalSpacing(4)
        self._grid.addWidget(self.label, 0, 0)
        self._grid.addWidget(self.field, 0, 3)
        self._grid.addWidget(self.auto, 0, 1)
        self._grid.addWidget(self.back, 0, 2)
        self._grid.addWidget(self.wrong, 2, 0, 1, 4)
        self._grid.setColumnStretch(0, 1)

    def _place_field(self) -> None:
        """Put the field beside its label, or below where its words need the whole width."""
        width = FIELD_WIDTH.get(self.parameter.kind, NARROW)
        self._grid.removeWidget(self.field)
        if self.parameter.kind == "several" or (
            isinstance(self.field, ChoiceField) and self.field.widest() > width and not self.field.isEditable()
        ):
            self.field.setMinimumWidth(0)
            self.field.setMaximumWidth(16_777_215)
            self._grid.addWidget(self.field, 1, 0, 1, 4)
        else:
            self.field.setFixedWidth(width)
            self._grid.addWidget(self.field, 0, 3)

    def _tell_default(self) -> None:
        words = written(self.parameter, self.parameter.default)
        if self.parameter.default == AUTO and self._filled is not None:
            words = f"auto ({self._filled})"
        self.back.setToolTip(tr("Default: {value}", value=words))

    def _on_field_edited(self, value: Any) -> None:
        self.edited.emit(self.parameter.name, value)

    def _on_auto_clicked(self, auto: bool) -> None:
        fixed = self.parameter.default if self.parameter.default != AUTO else max(1, int(self.parameter.low))
        if self._filled is not None:
            fixed = self._filled
        self._set(AUTO if auto else fixed)

    def _on_back_clicked(self) -> None:
        if self.back.hasFocus():  # it is about to hide
            self.field.setFocus()
        self._set(self.parameter.default)

    def _set(self, value: Any) -> None:
        """Give it another value as a step of its own."""
        self.forget()
        self.closed.emit()
        self.edited.emit(self.parameter.name, value)
        self.closed.emit()


def written(parameter: Parameter, value: Any) -> str:
    """Write a value of a parameter in words and numbers."""
    if isinstance(value, bool):
        return tr("on") if value else tr("off")
    if parameter.kind == "choice":
        return str(parameter.label_of(value))
    if isinstance(value, tuple):
        if parameter.kind == "sides":
            return str(value[0]) if value[0] == value[1] else f"{value[0]}×{value[1]}"
        return ", ".join(value)
    return readable(value) if isinstance(value, int | float) else str(value)


def notable(thing: Declared, names: Collection[str]) -> str:
    """Say which of these parameters are not as usual, and what they are."""
    found = []
    for name in names:
        parameter, value = thing.parameters[name], getattr(thing, name)
        if value != parameter.default:
            named = isinstance(value, Declared)
            label = str(Sentence(parameter.label))
            found.append(str(Sentence(type(value).title)) if named else f"{label} {written(parameter, value)}")
    return ", ".join(found)
