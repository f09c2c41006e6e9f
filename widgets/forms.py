"""Forms generated from declarations: one row a parameter, with help, reset, and explanations in place.

A `Form` shows a `Declared` value and emits what the person wants changed. It is built once for a class and then
only given values. Where a parameter is itself a declared thing (an optimiser), its own form follows the choice.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from PySide6.QtCore import QEvent, QSize, Qt, Signal
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLabel, QSizePolicy, QToolButton, QVBoxLayout, QWidget

from playground.declare import Declared, Parameter
from playground.text import Refusal, Sentence, tr
from widgets.fields import ChoiceField, field_for
from widgets.icons import icon

FIELD_WIDTH = {"choice": 126, "words": 126}
NARROW = 100
"""How wide fields are: those with words wider than those with numbers."""


class Row(QWidget):
    """One parameter: its label, a way back to the default, its field, and what is wrong with what was typed.

    Signals:
        edited(str, object): the parameter's name and another valid value.
        closed(): the person is done with this field.
    """

    edited = Signal(str, object)
    closed = Signal()

    def __init__(self, parameter: Parameter, suggestions: tuple[str, ...] | None = None) -> None:
        super().__init__()
        self.parameter = parameter
        self._wrong: Sentence | None = None
        self.label = QLabel()
        self.label.setProperty("role", "dim")
        self.label.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.back = QToolButton(icon=icon("mdi6.undo-variant", "dim"), iconSize=QSize(13, 13))
        self.back.setObjectName(f"reset_{parameter.name}")
        self.back.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.back.setFixedSize(20, 20)
        keep = self.back.sizePolicy()
        keep.setRetainSizeWhenHidden(True)
        self.back.setSizePolicy(keep)
        self.back.clicked.connect(self._on_back_clicked)
        self.field = field_for(parameter, suggestions)
        self.field.setObjectName(f"field_{parameter.name}")
        self.field.edited.connect(self._on_field_edited)
        self.field.refused.connect(self._on_field_refused)
        self.field.closed.connect(self.closed)
        self.wrong = QLabel(wordWrap=True, visible=False, objectName=f"wrong_{parameter.name}")
        self.wrong.setProperty("role", "bad")
        self._lay_out()
        self.relabel()

    def show_value(self, value: Any, filled: Any = None) -> None:
        """Show the value the document has now."""
        self.field.show_value(value, filled)
        self.back.setVisible(value != self.parameter.default)

    def relabel(self) -> None:
        """Say everything in the present language."""
        label = str(Sentence(self.parameter.label))
        self.label.setText(label)
        help = str(Sentence(self.parameter.help))
        for widget in (self, self.label, self.field):
            widget.setToolTip(help)
        self.field.setAccessibleName(label)
        self.field.setAccessibleDescription(help)
        self.back.setToolTip(tr("Back to the default"))
        self.back.setAccessibleName(tr("Back to the default"))
        self.field.relabel()
        self._on_field_refused(self._wrong)

    def _lay_out(self) -> None:
        wide = self.parameter.kind == "several"
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(4)
        grid.setVerticalSpacing(4)
        grid.addWidget(self.label, 0, 0)
        grid.addWidget(self.back, 0, 1)
        if wide:
            grid.addWidget(self.field, 1, 0, 1, 3)
        else:
            width = FIELD_WIDTH.get(self.parameter.kind, NARROW)
            self.field.setFixedWidth(width)
            grid.addWidget(self.field, 0, 2)
        grid.addWidget(self.wrong, 2, 0, 1, 3)
        grid.setColumnStretch(0, 1)

    def _on_field_edited(self, value: Any) -> None:
        self.edited.emit(self.parameter.name, value)

    def _on_field_refused(self, sentence: Sentence | None) -> None:
        self._wrong = sentence
        self.wrong.setText(str(sentence) if sentence else "")
        self.wrong.setVisible(sentence is not None)

    def _on_back_clicked(self) -> None:
        self.edited.emit(self.parameter.name, self.parameter.default)
        self.closed.emit()


class MemberChoice(ChoiceField):
    """Which member of a kind: an optimiser, a data set."""

    def __init__(self, base: type[Declared]) -> None:
        self.base = base
        super().__init__(tuple(base.members))

    def label_of(self, choice: str) -> str:
        """Return a member's title."""
        return str(Sentence(self.base.members[choice].title))

    def relabel(self) -> None:
        """Name the members, each with what it is for."""
        super().relabel()
        for at, choice in enumerate(self.choices):
            self.setItemData(at, str(Sentence(self.base.members[choice].purpose())), Qt.ItemDataRole.ToolTipRole)


class Member(QWidget):
    """A choice among the members of a kind, and the form of the one chosen.

    Signals:
        edited(object): another member, or the same with other parameters.
        closed(): the person is done with a field.
    """

    edited = Signal(object)
    closed = Signal()

    def __init__(self, base: type[Declared], label: str, help: str, name: str) -> None:
        super().__init__()
        self._label_text, self._help = label, help
        self.label = QLabel()
        self.label.setProperty("role", "dim")
        self.choice = MemberChoice(base)
        self.choice.setObjectName(f"field_{name}")
        self.choice.edited.connect(self._on_choice_edited)
        self.choice.setMinimumWidth(FIELD_WIDTH["choice"])
        self.form = Form()
        self.form.edited.connect(self._on_form_edited)
        self.form.closed.connect(self.closed)
        row = QHBoxLayout()
        row.addWidget(self.label)
        row.addStretch(1)
        row.addWidget(self.choice)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addLayout(row)
        column.addWidget(self.form)
        self.value: Declared | None = None
        self.relabel()

    def show_value(self, value: Declared) -> None:
        """Show a member."""
        self.value = value
        self.choice.show_value(value.key)
        self.form.show_thing(value)
        self.choice.setToolTip(str(Sentence(value.purpose())))

    def relabel(self) -> None:
        """Say everything in the present language."""
        label = str(Sentence(self._label_text))
        self.label.setText(label)
        self.label.setToolTip(str(Sentence(self._help)))
        self.choice.setAccessibleName(label)
        self.choice.relabel()
        if self.value is not None:
            self.choice.show_value(self.value.key)

    def _on_choice_edited(self, key: str) -> None:
        member = self.choice.base.members[key]
        kept: dict[str, Any] = {}
        if self.value is not None:  # what both have in common stays, where the new one takes it
            kept = {name: getattr(self.value, name) for name in member.parameters if name in self.value.parameters}
            kept = {name: value for name, value in kept.items() if value != self.value.parameters[name].default}
        try:
            made = member(**kept)
        except Refusal:
            made = member()
        self.edited.emit(made)
        self.closed.emit()

    def _on_form_edited(self, name: str, value: Any) -> None:
        if self.value is not None:
            self.edited.emit(self.value.replace(**{name: value}))


class Form(QWidget):
    """All parameters of one declared thing.

    Signals:
        edited(str, object): the name of a parameter and another valid value.
        closed(): the person is done with a field: what follows is a step of its own.
    """

    edited = Signal(str, object)
    closed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.rows: dict[str, Row] = {}
        self.members: dict[str, Member] = {}
        self._class: type[Declared] | None = None
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(8)

    def show_thing(
        self,
        thing: Declared,
        resolved: Declared | None = None,
        suggestions: Mapping[str, tuple[str, ...]] | None = None,
    ) -> None:
        """Show a value; `resolved` is the same with every ``auto`` filled in."""
        if type(thing) is not self._class:
            self._rebuild(type(thing), suggestions or {})
        for name, row in self.rows.items():
            if suggestions and isinstance(row.field, ChoiceField) and name in suggestions:
                row.field.offer(suggestions[name])
            row.show_value(getattr(thing, name), getattr(resolved, name, None) if resolved else None)
        for name, member in self.members.items():
            member.show_value(getattr(thing, name))

    def _rebuild(self, kind: type[Declared], suggestions: Mapping[str, tuple[str, ...]]) -> None:
        self._class = kind
        for widget in (*self.rows.values(), *self.members.values()):
            self._column.removeWidget(widget)
            widget.hide()
            widget.deleteLater()
        self.rows, self.members = {}, {}
        for name, parameter in kind.parameters.items():
            if parameter.kind == "member" and parameter.base is not None:
                member = Member(parameter.base, parameter.label, parameter.help, name)
                member.edited.connect(self._on_member_edited)
                member.closed.connect(self.closed)
                self.members[name] = member
                self._column.addWidget(member)
            else:
                row = Row(parameter, suggestions.get(name))
                row.edited.connect(self.edited)
                row.closed.connect(self.closed)
                self.rows[name] = row
                self._column.addWidget(row)

    def _on_member_edited(self, value: Declared) -> None:
        sender = self.sender()
        name = next(name for name, member in self.members.items() if member is sender)
        self.edited.emit(name, value)

    # -- Qt ----------------------------------------------------------------------------------------------------

    def changeEvent(self, event: QEvent) -> None:
        """Say everything again when the language changed."""
        if event.type() == QEvent.Type.LanguageChange:
            for part in (*self.rows.values(), *self.members.values()):
                part.relabel()
        super().changeEvent(event)
