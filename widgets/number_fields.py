"""Fields for numbers: one that is typed or moved in steps, and a pair of them for a height and a width.

What is typed is taken over after a pause, so that its effect is seen while typing; Escape takes it back.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from PySide6.QtCore import QSize, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent, QValidator, QWheelEvent
from PySide6.QtWidgets import QAbstractSpinBox, QHBoxLayout, QToolButton, QWidget

from playground.declare import AUTO, Parameter
from playground.text import Refusal, Sentence, tr
from widgets.icons import icon
from widgets.numbers import even_step, log_step, number_of, readable, sides_of

TYPING_MS = 500
"""How long a pause in typing takes a value over without Enter."""

AT_ONCE_MS = 120
"""The same where what is typed is to be seen in the drawing at once: as long as a quick hand's next key takes."""

WIDE = 1024
"""A whole number that may be as large as this is also doubled and halved."""


class StepField(QAbstractSpinBox):
    """A number or a whole number: typed, or moved in steps by arrows, keys and wheel.

    Attributes:
        value: what it stands for; with `mixed` the value at which steps begin.
        wrong: why what is typed is no value, if it is not.

    Signals:
        edited(object): another valid value.
        refused(object): a Sentence that says why the text is no value; None when it is fine again.
        closed(): the person is done with it (Enter, or the focus went elsewhere).
    """

    edited = Signal(object)
    refused = Signal(object)
    closed = Signal()

    def __init__(self, parameter: Parameter, parent: QWidget | None = None, *, typing_ms: int = TYPING_MS) -> None:
        super().__init__(parent)
        self.parameter = parameter
        self.value: Any = parameter.default
        self.mixed = False
        self.wrong: Sentence | None = None
        self._filled: Any = None
        self._typed = False
        self._before: Any = self.value
        self._typing = QTimer(self, singleShot=True, interval=typing_ms)
        self._typing.timeout.connect(self._on_typing_paused)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccelerated(True)
        self.lineEdit().setTextMargins(6, 0, 0, 0)
        self.lineEdit().textEdited.connect(self._on_text_edited)
        self.editingFinished.connect(self._on_editing_finished)

    def show_value(self, value: Any, filled: Any = None) -> None:
        """Show a value without emitting; `filled` is what ``auto`` resolves to."""
        self._filled = filled
        if self._typed and self.hasFocus() and value == self.value and not self.mixed:
            return  # what is being typed stays as it is written
        self.value, self.mixed = value, False
        self._show_text()

    def show_mixed(self, value: Any, filled: Any = None) -> None:
        """Show that there are several values; steps begin at this one."""
        self._filled = filled
        if self._typed and self.hasFocus() and self.mixed:
            return
        self.value, self.mixed = value, True
        self._show_text()

    def forget(self) -> None:
        """Drop what was being typed: the field is about to stand for something else."""
        self._typing.stop()
        self._typed = False

    def text_of(self, value: Any) -> str:
        """Write a value the way a person reads and types it."""
        if value == AUTO:
            return f"auto ({self._filled})" if self._filled is not None else "auto"
        return readable(value)

    def read(self, text: str) -> Any:
        """Turn a text into a value, or refuse it."""
        text = text.strip().replace(",", "")
        if self.parameter.auto and (not text or text.lower().startswith("auto")):
            return AUTO
        number: Any = number_of(text)
        return self.parameter.read(text if number is None else number)

    def hint(self) -> str:
        """Say how far the keys move it."""
        if self.parameter.log:
            return tr("↑ and ↓ move it along 1, 2, 5, 10; with Ctrl by a factor of 10")
        if self._doubles:
            return tr("↑ and ↓ change it by 1, with Ctrl by 10; Page up doubles it, Page down halves it")
        return tr("↑ and ↓ change it in small steps, with Ctrl in large ones")

    def relabel(self) -> None:
        """Say in the present language that values are mixed."""
        self.lineEdit().setPlaceholderText(tr("mixed") if self.mixed else "")

    @property
    def _doubles(self) -> bool:
        return self.parameter.kind == "integer" and self.parameter.high >= WIDE

    def _show_text(self) -> None:
        self._typed = False
        self._typing.stop()
        text = "" if self.mixed else self.text_of(self.value)
        if self.lineEdit().text() != text:
            self.lineEdit().setText(text)
        self.relabel()
        self._mark(None)

    def _on_text_edited(self, _text: str) -> None:
        if not self._typed:
            self._typed, self._before = True, (self.value, self.mixed)
        self._check()
        self._typing.start()

    def _on_typing_paused(self) -> None:
        self._take()

    def _on_editing_finished(self) -> None:
        self._typing.stop()
        self._take()
        if self.wrong:
            return
        self._show_text()
        self.closed.emit()

    def _check(self) -> Any:
        if self.mixed and not self.lineEdit().text():
            self._mark(None)
            return None
        try:
            value = self.read(self.lineEdit().text())
        except Refusal as refusal:
            self._mark(refusal.sentence)
            return None
        self._mark(None)
        return value

    def _take(self) -> None:
        value = self._check()
        if value is not None and self._typed:
            self._become(value)

    def _become(self, value: Any) -> None:
        if value != self.value or self.mixed:
            self.value, self.mixed = value, False
            self.edited.emit(value)

    def _mark(self, sentence: Sentence | None) -> None:
        self.wrong = sentence
        if bool(self.property("wrong")) != (sentence is not None):
            self.setProperty("wrong", sentence is not None)
            self.style().unpolish(self)
            self.style().polish(self)
        self.refused.emit(sentence)

    def _start(self) -> Any:
        """Return the number that steps begin at."""
        if self.value != AUTO:
            return self.value
        return self._filled if self._filled is not None else max(1, int(self.parameter.low))

    def _stepped(self, steps: int) -> Any:
        value = self._start()
        if self.parameter.kind == "integer":
            return self._limited(int(value) + steps)
        if self.parameter.log:
            return self._limited(log_step(value, steps if abs(steps) < 10 else 3 * steps // 10))
        return self._limited(even_step(value, steps))

    def _limited(self, value: Any) -> Any:
        return type(value)(min(max(value, self.parameter.low), self.parameter.high))

    def _step_to(self, value: Any) -> None:
        self._typing.stop()
        self._typed = False
        if value != self.value or self.mixed:
            self._become(value)
            self._show_text()

    def _take_back(self) -> None:
        """Put back what was there before anything was typed."""
        value, mixed = self._before
        self._typed = False
        self._typing.stop()
        if value != self.value and not mixed:
            self._become(value)
        self._show_text()

    # -- Qt ----------------------------------------------------------------------------------------------------

    def stepBy(self, steps: int) -> None:
        """Move the value by steps that make sense for its kind."""
        self._step_to(self._stepped(steps))

    def stepEnabled(self) -> QAbstractSpinBox.StepEnabledFlag:
        """Both arrows are always offered; at a limit they do nothing."""
        return QAbstractSpinBox.StepEnabledFlag.StepUpEnabled | QAbstractSpinBox.StepEnabledFlag.StepDownEnabled

    def validate(self, text: str, position: int) -> tuple[QValidator.State, str, int]:
        """Let everything be typed: what is wrong is explained, not swallowed."""
        return QValidator.State.Acceptable, text, position

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Escape puts back what was there; the page keys double and halve."""
        if event.key() == Qt.Key.Key_Escape and self._typed:
            self._take_back()
        elif self._doubles and event.key() in (Qt.Key.Key_PageUp, Qt.Key.Key_PageDown):
            value = int(self._start())
            self._step_to(self._limited(max(1, value * 2) if event.key() == Qt.Key.Key_PageUp else value // 2))
        else:
            super().keyPressEvent(event)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Turn with the wheel only where the focus is, so that scrolling a form changes nothing."""
        if self.hasFocus():
            super().wheelEvent(event)
        else:
            event.ignore()


class SidesField(QWidget):
    """A height and a width: two numbers, and between them a link that keeps them equal.

    Either takes both at once, typed as ``5×3``.
    """

    edited = Signal(object)
    refused = Signal(object)
    closed = Signal()

    def __init__(self, parameter: Parameter, parent: QWidget | None = None, *, typing_ms: int = TYPING_MS) -> None:
        super().__init__(parent)
        self.parameter = parameter
        self.value: Any = parameter.default
        self.mixed = False
        side = replace(parameter, kind="integer", default=parameter.default[0])
        self.high, self.wide = (_Side(side, self, typing_ms=typing_ms) for _ in range(2))
        self.link = QToolButton(checkable=True, checked=True, iconSize=QSize(14, 14))
        self.link.setObjectName(f"link_{parameter.name}")
        self.link.setFixedSize(22, 22)
        self.link.toggled.connect(self._on_link_toggled)
        self.link.clicked.connect(self._on_link_clicked)
        self._on_link_toggled(True)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(2)
        for widget in (self.high, self.link, self.wide):
            row.addWidget(widget, 0 if widget is self.link else 1)
        for field in (self.high, self.wide):
            field.edited.connect(self._on_side_edited)
            field.refused.connect(self._on_side_refused)
            field.closed.connect(self.closed)
        self.setFocusProxy(self.high)

    def show_value(self, value: Any, filled: Any = None) -> None:
        """Show a height and a width without emitting."""
        if value != self.value or self.mixed:  # one that comes from elsewhere decides whether the two are linked
            self.link.setChecked(value[0] == value[1])
        self.value, self.mixed = value, False
        self._show_sides()

    def show_mixed(self, value: Any, filled: Any = None) -> None:
        """Show that there are several pairs."""
        self.link.setChecked(True)
        self.value, self.mixed = value, True
        self.high.show_mixed(value[0])
        for widget in (self.link, self.wide):  # what there is room for says that they are mixed
            widget.hide()

    def forget(self) -> None:
        """Drop what was being typed, and link what is equal."""
        self.link.setChecked(self.value[0] == self.value[1])
        self.high.forget()
        self.wide.forget()

    def hint(self) -> str:
        """Say how far the keys move it, and that both may be typed at once."""
        return tr("↑ and ↓ change it by 1, with Ctrl by 10; type 5×3 for both at once")

    def relabel(self) -> None:
        """Say everything in the present language; the label of both is this widget's accessible name."""
        label, help = self.accessibleName(), self.toolTip()
        names = tr("{label}, height", label=label), tr("{label}, width", label=label)
        for field, name in zip((self.high, self.wide), names, strict=True):
            field.setAccessibleName(name)
            field.setAccessibleDescription(self.accessibleDescription())
            field.setToolTip(f"{name}\n{help}" if help else name)
            field.relabel()
        words = tr("Keep height and width equal")
        self.link.setToolTip(words)
        self.link.setAccessibleName(f"{label}: {words}")

    def _show_sides(self) -> None:
        self.high.show_value(self.value[0])
        self.wide.show_value(self.value[1])
        for widget in (self.link, self.wide):
            widget.show()

    def _on_side_edited(self, value: Any) -> None:
        old = self.value
        if isinstance(value, tuple):
            self.link.setChecked(value[0] == value[1])
            new = value
        elif self.link.isChecked():
            new = (value, value)
        else:
            new = (value, old[1]) if self.sender() is self.high else (old[0], value)
        self._become(new)

    def _on_side_refused(self, _sentence: Sentence | None) -> None:
        self.refused.emit(self.high.wrong or self.wide.wrong)

    def _on_link_toggled(self, linked: bool) -> None:
        self.link.setIcon(icon("mdi6.link-variant" if linked else "mdi6.link-variant-off", "text" if linked else "dim"))

    def _on_link_clicked(self, linked: bool) -> None:
        if linked and self.value[0] != self.value[1]:
            self._become((self.value[0], self.value[0]))
            self.closed.emit()

    def _become(self, value: tuple[int, int]) -> None:
        if value != self.value or self.mixed:
            self.value, self.mixed = value, False
            self._show_sides()
            self.edited.emit(value)


class _Side(StepField):
    """One of the two numbers; a text that names both is handed on as a pair."""

    def __init__(self, parameter: Parameter, parent: QWidget, *, typing_ms: int) -> None:
        super().__init__(parameter, parent, typing_ms=typing_ms)
        self._pair = replace(parameter, kind="sides", default=(parameter.default, parameter.default))
        self.lineEdit().setTextMargins(0, 0, 0, 0)
        self.setMinimumWidth(52)

    def read(self, text: str) -> Any:
        """Read one number, or two with a cross between them."""
        sides = sides_of(text.strip())
        return self._pair.read(sides) if isinstance(sides, tuple) else super().read(text)

    def _on_typing_paused(self) -> None:
        if not isinstance(sides_of(self.lineEdit().text()), tuple):  # the second of two may have more digits to come
            super()._on_typing_paused()

    def _become(self, value: Any) -> None:
        if isinstance(value, tuple):
            self._typed = False
            self.edited.emit(value)
        else:
            super()._become(value)
