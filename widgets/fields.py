"""Fields for one declared parameter each: they show a value, and offer a new one only where it is valid.

A field never knows what it belongs to. It emits `edited` with a value that its `Parameter` has already accepted;
what cannot be accepted is told by `refused`, and stays in the field to be corrected.
"""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent, QValidator, QWheelEvent
from PySide6.QtWidgets import (
    QAbstractSpinBox,
    QCheckBox,
    QComboBox,
    QGridLayout,
    QLineEdit,
    QSizePolicy,
    QToolButton,
    QWidget,
)

from playground.declare import AUTO, Parameter
from playground.text import Refusal, Sentence, say
from widgets.numbers import even_step, log_step, number_of, readable, sides_of

TYPING_MS = 500
"""How long a pause in typing takes a value over without Enter."""


class StepField(QAbstractSpinBox):
    """A number, a whole number, or a height and width: typed, or moved in steps by arrows, keys and wheel.

    Signals:
        edited(object): another valid value.
        refused(object): a Sentence that says why the text is no value; None when it is fine again.
        closed(): the person is done with it (Enter, or the focus went elsewhere).
    """

    edited = Signal(object)
    refused = Signal(object)
    closed = Signal()

    def __init__(self, parameter: Parameter, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.parameter = parameter
        self.value: Any = parameter.default
        self._filled: Any = None
        self._typing = QTimer(self, singleShot=True, interval=TYPING_MS)
        self._typing.timeout.connect(self._take)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccelerated(True)
        self.lineEdit().setTextMargins(6, 0, 0, 0)
        self.lineEdit().textEdited.connect(self._on_text_edited)
        self.editingFinished.connect(self._on_editing_finished)

    def show_value(self, value: Any, filled: Any = None) -> None:
        """Show a value without emitting; `filled` is what ``auto`` resolves to."""
        if self.hasFocus() and value == self.value and filled == self._filled and self._typing.isActive():
            return  # what is being typed stays as it is
        self.value, self._filled = value, filled
        text = self.text_of(value)
        if self.lineEdit().text() != text:
            self.lineEdit().setText(text)
        self._mark(None)

    def text_of(self, value: Any) -> str:
        """Write a value the way a person reads and types it."""
        if value == AUTO:
            return f"auto ({self._filled})" if self._filled is not None else "auto"
        if self.parameter.kind == "sides":
            return str(value[0]) if value[0] == value[1] else f"{value[0]}×{value[1]}"
        return readable(value)

    def read(self, text: str) -> Any:
        """Turn a text into a value, or refuse it."""
        text = text.strip().replace(",", "") if self.parameter.kind != "sides" else text.strip()
        if self.parameter.auto and (not text or text.lower().startswith("auto")):
            return AUTO
        if self.parameter.kind == "sides":
            return self.parameter.read(sides_of(text))
        number: Any = number_of(text)
        return self.parameter.read(text if number is None else number)

    def relabel(self) -> None:
        """Nothing here is said in a language but the refusal, which is told anew when it happens."""

    def _on_text_edited(self, _text: str) -> None:
        self._check()
        self._typing.start()

    def _on_editing_finished(self) -> None:
        self._typing.stop()
        self._take()
        if self.property("wrong"):
            return
        self.lineEdit().setText(self.text_of(self.value))
        self.closed.emit()

    def _check(self) -> Any:
        try:
            value = self.read(self.lineEdit().text())
        except Refusal as refusal:
            self._mark(refusal.sentence)
            return None
        self._mark(None)
        return value

    def _take(self) -> None:
        value = self._check()
        if value is not None and value != self.value:
            self.value = value
            self.edited.emit(value)

    def _mark(self, sentence: Sentence | None) -> None:
        if bool(self.property("wrong")) != (sentence is not None):
            self.setProperty("wrong", sentence is not None)
            self.style().unpolish(self)
            self.style().polish(self)
        self.refused.emit(sentence)

    def _stepped(self, value: Any, steps: int) -> Any:
        if value == AUTO:
            value = self._filled if self._filled is not None else max(1, int(self.parameter.low))
        if self.parameter.kind == "sides":
            return tuple(self._limited(side + steps) for side in value)
        if self.parameter.kind == "integer":
            return self._limited(int(value) + steps)
        return self._limited(log_step(value, steps) if self.parameter.log else even_step(value, steps))

    def _limited(self, value: Any) -> Any:
        return type(value)(min(max(value, self.parameter.low), self.parameter.high))

    # -- Qt ----------------------------------------------------------------------------------------------------

    def stepBy(self, steps: int) -> None:
        """Move the value by steps that make sense for its kind."""
        self._typing.stop()
        value = self._stepped(self.value, steps)
        if value != self.value:
            self.value = value
            self.lineEdit().setText(self.text_of(value))
            self._mark(None)
            self.edited.emit(value)

    def stepEnabled(self) -> QAbstractSpinBox.StepEnabledFlag:
        """Both arrows are always offered; at a limit they do nothing."""
        return QAbstractSpinBox.StepEnabledFlag.StepUpEnabled | QAbstractSpinBox.StepEnabledFlag.StepDownEnabled

    def validate(self, text: str, position: int) -> tuple[QValidator.State, str, int]:
        """Let everything be typed: what is wrong is explained, not swallowed."""
        return QValidator.State.Acceptable, text, position

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Escape puts back what was there."""
        if event.key() == Qt.Key.Key_Escape and self.lineEdit().text() != self.text_of(self.value):
            self._typing.stop()
            self.lineEdit().setText(self.text_of(self.value))
            self._mark(None)
            return
        super().keyPressEvent(event)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Turn with the wheel only where the focus is, so that scrolling a form changes nothing."""
        if self.hasFocus():
            super().wheelEvent(event)
        else:
            event.ignore()


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
        self.setChecked(value)

    def relabel(self) -> None:
        """It has no text of its own."""

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
        self.setEditable(editable)
        self.setInsertPolicy(QComboBox.InsertPolicy.NoInsert)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.setMinimumContentsLength(6)
        self.relabel()
        self.activated.connect(self._on_activated)
        if editable:
            self.lineEdit().editingFinished.connect(self._on_editing_finished)
        self._value = ""

    def show_value(self, value: str, filled: Any = None) -> None:
        """Show a value without emitting."""
        self._value = value
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
        self.buttons: dict[str, QToolButton] = {}
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setSpacing(4)
        for number, choice in enumerate(parameter.choices):
            button = QToolButton(checkable=True, text=choice)
            button.setProperty("kind", "chip")
            button.setObjectName(f"{parameter.name}_{choice}")
            button.setAccessibleName(choice)
            button.clicked.connect(self._on_button_clicked)
            self.buttons[choice] = button
            button.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
            grid.addWidget(button, number // 4, number % 4)
        for column in range(4):
            grid.setColumnStretch(column, 1)
        self._value: tuple[str, ...] = ()

    def show_value(self, value: tuple[str, ...], filled: Any = None) -> None:
        """Show a value without emitting."""
        self._value = value
        for choice, button in self.buttons.items():
            button.setChecked(choice in value)

    def relabel(self) -> None:
        """The names are the field's own (x², sin x)."""

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
        self._value = ""
        self.editingFinished.connect(self._on_editing_finished)

    def show_value(self, value: str, filled: Any = None) -> None:
        """Show a value without emitting."""
        self._value = value
        if self.text() != value:
            self.setText(value)

    def relabel(self) -> None:
        """It has no words but the person's."""

    def _on_editing_finished(self) -> None:
        if self.text() == self._value:
            return
        try:
            self._value = self._parameter.read(self.text())
        except Refusal as refusal:
            self.refused.emit(refusal.sentence)
            return
        self.refused.emit(None)
        self.edited.emit(self._value)
        self.closed.emit()


def field_for(parameter: Parameter, suggestions: tuple[str, ...] | None = None) -> Any:
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
    return StepField(parameter)
