"""Fields for one declared parameter each: they show a value, and offer a new one only where it is valid.

A field never knows what it belongs to. It emits `edited` with a value that its `Parameter` has already accepted;
what cannot be accepted is told by `refused`, and stays in the field to be corrected. A field that stands for several
things with different values shows that they are mixed, until a value is given to all of them.
"""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QGridLayout,
    QLineEdit,
    QSizePolicy,
    QToolButton,
    QWidget,
)

from playground.declare import Parameter
from playground.text import Refusal, say, tr
from widgets.number_fields import TYPING_MS, SidesField, StepField


class SwitchField(QCheckBox):
    """Something that is on or off."""

    edited = Signal(object)
    refused = Signal(object)
    closed = Signal()

    def __init__(self, parameter: Parameter, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.clicked.connect(self._on_clicked)

    def show_value(self, value: bool, filled: Any = None) -> None:
        """Show a value without emitting."""
        self.setTristate(False)
        self.setChecked(value)
        self.relabel()

    def show_mixed(self, value: bool, filled: Any = None) -> None:
        """Show that there are several values."""
        self.setTristate(True)
        self.setCheckState(Qt.CheckState.PartiallyChecked)
        self.relabel()

    def relabel(self) -> None:
        """Say in the present language that values are mixed."""
        self.setText(tr("mixed") if self.checkState() == Qt.CheckState.PartiallyChecked else "")

    def _on_clicked(self, checked: bool) -> None:
        self.edited.emit(checked)
        self.closed.emit()


class ChoiceField(QComboBox):
    """One of several names; `editable` also takes a name that is not in the list."""

    edited = Signal(object)
    refused = Signal(object)
    closed = Signal()

    def __init__(self, choices: tuple[str, ...], parameter: Parameter | None = None, *, editable: bool = False) -> None:
        super().__init__()
        self.choices = choices
        self._parameter = parameter
        self._value: str | None = ""
        self.setEditable(editable)
        self.setInsertPolicy(QComboBox.InsertPolicy.NoInsert)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.setMinimumContentsLength(6)
        self.relabel()
        self.activated.connect(self._on_activated)
        if editable:
            self.lineEdit().editingFinished.connect(self._on_editing_finished)

    def show_mixed(self, value: str, filled: Any = None) -> None:
        """Show that there are several values."""
        self._value = None
        self.setCurrentIndex(-1)
        self._say_mixed()

    def show_value(self, value: str, filled: Any = None) -> None:
        """Show a value without emitting."""
        self._value = value
        self._say_mixed()
        at = self.findData(value)
        if at != self.currentIndex():
            self.setCurrentIndex(at)
        if self.isEditable() and self.currentText() != value:
            self.setEditText(value)

    def offer(self, choices: tuple[str, ...]) -> None:
        """Offer other names."""
        if choices != self.choices:
            self.choices = choices
            self.relabel()

    def widest(self) -> int:
        """Return the width at which no name is cut."""
        words = max((self.fontMetrics().horizontalAdvance(self.label_of(choice)) for choice in self.choices), default=0)
        return words + 44

    def label_of(self, choice: str) -> str:
        """Return what one choice is called."""
        return str(self._parameter.label_of(choice)) if self._parameter else choice

    def relabel(self) -> None:
        """Name the choices in the present language."""
        value = self.currentData()
        self.blockSignals(True)
        self.clear()
        for choice in self.choices:
            self.addItem(self.label_of(choice), choice)
        self.setCurrentIndex(self.findData(value))
        self.blockSignals(False)
        self._say_mixed()

    def _say_mixed(self) -> None:
        words = tr("mixed") if self._value is None else ""
        self.setPlaceholderText(words)
        if self.isEditable():
            self.lineEdit().setPlaceholderText(words)

    def _on_activated(self, at: int) -> None:
        self._emit(self.itemData(at))

    def _on_editing_finished(self) -> None:
        self._emit(self.lineEdit().text().strip())

    def _emit(self, value: str) -> None:
        if value and value != self._value:
            self._value = value
            self.edited.emit(value)
            self.closed.emit()

    # -- Qt ----------------------------------------------------------------------------------------------------

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Leave the wheel to the scrolling of the form."""
        event.ignore()


class SeveralField(QWidget):
    """At least one of several names, as chips that are pressed or not."""

    edited = Signal(object)
    refused = Signal(object)
    closed = Signal()

    def __init__(self, parameter: Parameter, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._parameter = parameter
        self.buttons: dict[str, QToolButton] = {}
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setSpacing(4)
        short = all(len(choice) <= 5 for choice in parameter.choices)
        columns = 4 if short else 3
        for number, choice in enumerate(parameter.choices):
            button = QToolButton(checkable=True)
            button.setProperty("kind", "chip")
            if not short:
                button.setStyleSheet("QToolButton { padding: 4px 2px; }")  # three of them fit into the inspector
            button.setObjectName(f"{parameter.name}_{choice}")
            button.clicked.connect(self._on_button_clicked)
            self.buttons[choice] = button
            button.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
            grid.addWidget(button, number // columns, number % columns)
        for column in range(columns):
            grid.setColumnStretch(column, 1)
        self._value: tuple[str, ...] = ()
        self.relabel()

    def show_mixed(self, value: tuple[str, ...], filled: Any = None) -> None:
        """Show those of one of several values."""
        self.show_value(value)

    def show_value(self, value: tuple[str, ...], filled: Any = None) -> None:
        """Show a value without emitting."""
        self._value = value
        for choice, button in self.buttons.items():
            button.setChecked(choice in value)

    def relabel(self) -> None:
        """Name the choices in the present language; some are the field's own in any (x², sin x)."""
        for choice, button in self.buttons.items():
            words = str(self._parameter.label_of(choice))
            button.setText(words)
            button.setAccessibleName(words)

    def _on_button_clicked(self) -> None:
        value = tuple(choice for choice, button in self.buttons.items() if button.isChecked())
        if not value:  # the last one cannot be taken away
            self.show_value(self._value)
            self.refused.emit(say("At least one must be chosen"))
            return
        self.refused.emit(None)
        self.edited.emit(value)
        self.closed.emit()


class WordsField(QLineEdit):
    """A short free text, taken over when the person is done with it."""

    edited = Signal(object)
    refused = Signal(object)
    closed = Signal()

    def __init__(self, parameter: Parameter, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._parameter = parameter
        self._value: str | None = ""
        self.editingFinished.connect(self._on_editing_finished)

    def show_mixed(self, value: str, filled: Any = None) -> None:
        """Show that there are several values."""
        self._value = None
        self.clear()
        self.relabel()

    def show_value(self, value: str, filled: Any = None) -> None:
        """Show a value without emitting."""
        self._value = value
        if self.text() != value:
            self.setText(value)
            self.setCursorPosition(0)  # a long one shows its beginning
        self.relabel()

    def relabel(self) -> None:
        """Say in the present language that values are mixed."""
        self.setPlaceholderText(tr("mixed") if self._value is None else "")

    def _on_editing_finished(self) -> None:
        if self.text() == (self._value or ""):
            return
        try:
            self._value = self._parameter.read(self.text())
        except Refusal as refusal:
            self.refused.emit(refusal.sentence)
            return
        self.refused.emit(None)
        self.edited.emit(self._value)
        self.closed.emit()


def field_for(parameter: Parameter, suggestions: tuple[str, ...] | None = None, typing_ms: int = TYPING_MS) -> Any:
    """Make the field that goes with a parameter (not for ``member``, which is a form of its own)."""
    if suggestions is not None:
        return ChoiceField(suggestions, editable=True)
    if parameter.kind == "choice":
        return ChoiceField(parameter.choices, parameter)
    if parameter.kind == "switch":
        return SwitchField(parameter)
    if parameter.kind == "several":
        return SeveralField(parameter)
    if parameter.kind == "words":
        return WordsField(parameter)
    if parameter.kind == "sides":
        return SidesField(parameter, typing_ms=typing_ms)
    return StepField(parameter, typing_ms=typing_ms)
