"""Forms generated from declarations: one row a parameter, with help, reset, and explanations in place.

A `Form` shows a `Declared` value and emits what the person wants changed. It is built once for a class and then
only given values. Where a parameter is itself a declared thing (an optimiser), its own form follows the choice.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from PySide6.QtCore import QEvent, QSize, Qt, Signal
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLabel, QSizePolicy, QToolButton, QVBoxLayout, QWidget

from playground.declare import AUTO, Declared, Parameter
from playground.text import Refusal, Sentence, tr
from widgets import theme
from widgets.fields import ChoiceField, field_for
from widgets.icons import icon
from widgets.number_fields import TYPING_MS, SidesField, StepField
from widgets.numbers import readable
from widgets.sections import Fold

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
