"""The columns of a table as they were guessed, each with what is done with it, to be corrected in place."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtWidgets import QGridLayout, QLabel, QScrollArea, QSizePolicy, QVBoxLayout, QWidget

from playground.data._table_roles import ROLES, Seen, seen_in, with_role
from playground.data._values import KINDS
from playground.data.tables import Table
from playground.text import Refusal, Sentence, tr
from widgets.fields import ChoiceField

MOST = 100
"""So many columns are listed; of more, the form takes lists of names."""

HIGHEST = 264
"""The list scrolls where it would be higher than this."""


class ColumnRoles(QWidget):
    """A list of columns: name, what its values are, and what is done with it.

    Attributes:
        fields: the field of each column, by its name.

    Signals:
        edited(object): the Table as the person wants it.
    """

    edited = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("column_roles")
        self.fields: dict[str, ChoiceField] = {}
        self._table: Table | None = None
        self._seen: tuple[Seen, ...] = ()
        self._kinds: list[tuple[QLabel, Seen]] = []
        self.heading = QLabel()
        self.heading.setProperty("role", "dim")
        self._area = QScrollArea(widgetResizable=True)
        self._area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._area.setFrameShape(QScrollArea.Shape.NoFrame)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addWidget(self.heading)
        column.addWidget(self._area)
        self.hide()

    def show_source(self, source: object) -> None:
        """Show the columns of a table; of anything else, or of what cannot be read, nothing."""
        table = source if isinstance(source, Table) else None
        if table == self._table:
            return
        self._table, self._seen = table, ()
        if table is not None:
            try:
                self._seen = seen_in(table)[:MOST]
            except Refusal:
                pass  # the engine says it
        self._build()
        self.setVisible(bool(self._seen))

    def relabel(self) -> None:
        """Say everything in the present language."""
        self.heading.setText(tr("Columns"))
        for label, seen in self._kinds:
            label.setText(str(Sentence(KINDS[seen.column.kind])))
            examples = ", ".join(seen.column.examples)
            label.setToolTip(tr("Such as {examples}", examples=examples) if examples else "")
            field = self.fields[seen.column.name]
            field.relabel()
            field.setAccessibleName(tr("What is done with {column}", column=seen.column.name))

    def _build(self) -> None:
        """List the columns anew; the field that had the keyboard has it again."""
        held = next((name for name, field in self.fields.items() if field.hasFocus()), "")
        place = self._area.verticalScrollBar().value()
        self.fields, self._kinds = {}, []
        inner = QWidget()
        grid = QGridLayout(inner)
        grid.setContentsMargins(0, 0, 4, 0)
        grid.setSpacing(4)
        grid.setColumnStretch(0, 1)
        for row, seen in enumerate(self._seen):
            name, kind, field = QLabel(), QLabel(), _RoleField(seen)
            name.setTextFormat(Qt.TextFormat.PlainText)
            name.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
            name.setText(seen.column.name)
            name.setToolTip(seen.column.name)
            kind.setProperty("role", "dim")
            field.edited.connect(self._on_edited)
            field.setObjectName(f"role_{row}")
            field.setFixedWidth(116)
            for at, widget in enumerate((name, kind, field)):
                grid.addWidget(widget, row, at)
            self.fields[seen.column.name] = field
            self._kinds.append((kind, seen))
        if (old := self._area.takeWidget()) is not None:
            old.hide()
            old.deleteLater()  # one of its fields may just be telling of an edit
        self._area.setWidget(inner)
        self.relabel()
        self._area.setFixedHeight(min(HIGHEST, inner.sizeHint().height() + 2))
        self._area.verticalScrollBar().setValue(place)
        if held in self.fields:
            self.fields[held].setFocus()

    def _on_edited(self, role: str) -> None:
        field = self.sender()
        name = next(name for name, one in self.fields.items() if one is field)
        if self._table is not None:
            self.edited.emit(with_role(self._table, self._seen, name, role))

    # -- Qt ----------------------------------------------------------------------------------------------------

    def changeEvent(self, event: QEvent) -> None:
        """Say everything again when the language changed."""
        if event.type() == QEvent.Type.LanguageChange:
            self.relabel()
        super().changeEvent(event)


class _RoleField(ChoiceField):
    """What is done with one column."""

    def __init__(self, seen: Seen) -> None:
        super().__init__(seen.roles)
        self.show_value(seen.role)

    def label_of(self, choice: str) -> str:
        """Return what a role is called."""
        return str(Sentence(ROLES[choice]))
