"""Forms generated from declarations: one row a parameter, with help, reset, and explanations in place.

A `Form` shows a `Declared` value and emits what the person wants changed. It is built once for a class and then
only given values. Where a parameter is itself a declared thing (an optimiser), its own form follows the choice.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSizePolicy, QVBoxLayout, QWidget

from playground.declare import Declared, Parameter
from playground.text import Refusal, Sentence
from widgets import theme
from widgets.fields import ChoiceField
from widgets.form_row import FIELD_WIDTH, WIDEST, Row, notable
from widgets.number_fields import TYPING_MS
from widgets.sections import Fold

FEW_MEMBERS = 10
"""So many members are listed without headings."""


class MemberChoice(ChoiceField):
    """Which member of a base: an optimiser, a data set; many of them under the headings that their `kind` names."""

    def __init__(self, base: type[Declared], headings: tuple[str, ...] = ()) -> None:
        self.base = base
        self.headings = headings if len(base.members) > FEW_MEMBERS else ()
        keys = list(base.members)
        if self.headings:
            keys.sort(key=lambda key: self.headings.index(base.members[key].kind))
        super().__init__(tuple(keys))
        self.setMaxVisibleItems(24)

    def label_of(self, choice: str) -> str:
        """Return a member's title."""
        return str(Sentence(self.base.members[choice].title))

    def relabel(self) -> None:
        """Name the members, each with what it is for."""
        super().relabel()
        for at, choice in enumerate(self.choices):
            self.setItemData(at, str(Sentence(self.base.members[choice].purpose())), Qt.ItemDataRole.ToolTipRole)
        for heading in self.headings:
            of_kind = [choice for choice in self.choices if self.base.members[choice].kind == heading]
            if of_kind:
                self._put_heading(self.findData(of_kind[0]), str(Sentence(heading)))

    def _put_heading(self, at: int, words: str) -> None:
        """Put a line that cannot be chosen above others."""
        self.insertItem(at, words)
        self.setItemData(at, theme.font(9, semibold=True), Qt.ItemDataRole.FontRole)
        item = self.model().item(at)
        item.setFlags(Qt.ItemFlag.NoItemFlags)


class Member(QWidget):
    """A choice among the members of a kind, and the form of the one chosen.

    Signals:
        edited(object): another member, or the same with other parameters.
        closed(): the person is done with a field.
    """

    edited = Signal(object)
    closed = Signal()

    def __init__(self, base: type[Declared], label: str, help: str, name: str, headings: tuple[str, ...] = ()) -> None:
        super().__init__()
        self._label_text, self._help = label, help
        self.label = QLabel()
        self.label.setProperty("role", "dim")
        self.choice = MemberChoice(base, headings)
        self.choice.setObjectName(f"field_{name}")
        self.choice.setMinimumWidth(FIELD_WIDTH["choice"])
        self.choice.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.choice.edited.connect(self._on_choice_edited)
        self.form = Form()
        self.form.edited.connect(self._on_form_edited)
        self.form.closed.connect(self.closed)
        row = QHBoxLayout()
        row.addWidget(self.label)
        row.addStretch(1)
        row.addWidget(self.choice, 100)  # as wide as its names need, before the gap gets anything
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
        self.choice.setMaximumWidth(min(max(FIELD_WIDTH["choice"], self.choice.widest()), WIDEST))
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

    def __init__(self, parent: QWidget | None = None, *, typing_ms: int = TYPING_MS) -> None:
        super().__init__(parent)
        self._typing_ms = typing_ms
        self.rows: dict[str, Row] = {}
        self.members: dict[str, Member] = {}
        self.folds: dict[str, Fold] = {}
        self._class: type[Declared] | None = None
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(8)

    def show_thing(
        self,
        thing: Declared,
        resolved: Declared | None = None,
        suggestions: Mapping[str, tuple[str, ...]] | None = None,
        only: Collection[str] | None = None,
    ) -> None:
        """Show a value; `resolved` is the same with every ``auto`` filled in; `only` names what matters of it."""
        if type(thing) is not self._class:
            self._rebuild(type(thing), suggestions or {})
        for name, row in self.rows.items():
            if suggestions and isinstance(row.field, ChoiceField) and name in suggestions:
                row.field.offer(suggestions[name])
            row.show_value(getattr(thing, name), getattr(resolved, name, None) if resolved else None)
            row.setVisible(only is None or name in only)
        for name, member in self.members.items():
            member.show_value(getattr(thing, name))
        for group, fold in self.folds.items():
            names = [name for name, parameter in thing.parameters.items() if parameter.group == group]
            fold.say(notable(thing, names))
            fold.setVisible(only is None or any(name in only for name in names))

    def forget(self) -> None:
        """Drop what was being typed: the form is about to stand for something else."""
        for row in self.rows.values():
            row.forget()

    def _rebuild(self, kind: type[Declared], suggestions: Mapping[str, tuple[str, ...]]) -> None:
        self._class = kind
        for widget in (*self.rows.values(), *self.members.values(), *self.folds.values()):
            self._column.removeWidget(widget)
            widget.hide()
            widget.deleteLater()
        self.rows, self.members, self.folds = {}, {}, {}
        for name, parameter in kind.parameters.items():
            if parameter.kind == "rows":  # too much for a form: it has a window of its own
                continue
            if parameter.kind == "member" and parameter.base is not None:
                member = Member(parameter.base, parameter.label, parameter.help, name)
                member.edited.connect(self._on_member_edited)
                member.closed.connect(self.closed)
                self.members[name] = member
                self._column_for(parameter).addWidget(member)
            else:
                row = Row(parameter, suggestions.get(name), typing_ms=self._typing_ms)
                row.edited.connect(self.edited)
                row.closed.connect(self.closed)
                self.rows[name] = row
                self._column_for(parameter).addWidget(row)
        for fold in self.folds.values():  # below what is always shown
            self._column.addWidget(fold)

    def _column_for(self, parameter: Parameter) -> QVBoxLayout:
        """Return where a parameter stands: always to be seen, or below the heading of its group."""
        if not parameter.group:
            return self._column
        if parameter.group not in self.folds:
            self.folds[parameter.group] = Fold(parameter.group, f"fold_{parameter.name}")
        return self.folds[parameter.group].body

    def _on_member_edited(self, value: Declared) -> None:
        sender = self.sender()
        name = next(name for name, member in self.members.items() if member is sender)
        self.edited.emit(name, value)

    # -- Qt ----------------------------------------------------------------------------------------------------

    def changeEvent(self, event: QEvent) -> None:
        """Say everything again when the language changed."""
        if event.type() == QEvent.Type.LanguageChange:
            for part in (*self.rows.values(), *self.members.values(), *self.folds.values()):
                part.relabel()
        super().changeEvent(event)
