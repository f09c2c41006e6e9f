"""The rows of the dialog in which weights are taken from a project: what each node is offered, what is chosen."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import (
    QAbstractItemModel,
    QAbstractTableModel,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QSize,
    Qt,
    QTimer,
    Signal,
)
from PySide6.QtGui import QColor, QKeyEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QComboBox,
    QHeaderView,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QWidget,
)

from playground.experiment import Start
from playground.nesting import place_of
from playground.text import Sentence, note, tr
from playground.transfer import Offer, Shapes
from widgets import theme
from widgets.icons import icon
from widgets.names import block_name

Index = QModelIndex | QPersistentModelIndex

TAKE, HERE, THERE, SHAPES, FREEZE = range(5)
TITLES = (
    (note("Take"), note("Whether the node begins with weights of the project")),
    (note("Node"), note("The node of this network")),
    (note("From"), note("The node of the project whose weights it takes")),
    (note("Weights"), note("What the node learns: names and shapes")),
    (note("Freeze"), note("Whether training leaves the weights as they are")),
)
"""What each column is called, and what it means."""

ROW = 28
CHECK = Qt.ItemDataRole.CheckStateRole


@dataclass
class Pick:
    """One row: what a node is offered, and what is chosen for it.

    Attributes:
        place: where the node stands in the document; repetitions of a group share it.
        held: whether a group around it is frozen, and it with that.
        by_hand: whether any of its weights were set by hand.
    """

    offer: Offer
    place: str
    source: str
    taken: bool
    frozen: bool
    held: bool = False
    by_hand: bool = False


def taken_at_first(offer: Offer, start: Start | None, only: Collection[str]) -> str:
    """Return the node there whose weights a node takes until the person chooses otherwise; empty for none.

    What is taken already (`start`, of the same project) stays so. Else all that match by their path, or those at the
    places of `only`.
    """
    known = start.nodes.get(offer.node.id, "") if start is not None else ""
    if known in offer.fits:
        return known
    place = place_of(offer.node.id)
    wanted = any(place == one or place.startswith(f"{one}.") for one in only) if only else start is None
    return offer.node.id if wanted and offer.same else ""


class PickRows(QAbstractTableModel):
    """All rows.

    Signals:
        picked(): something was chosen otherwise.
    """

    picked = Signal()

    def __init__(self, picks: Iterable[Pick], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.picks = tuple(picks)

    @property
    def taken(self) -> tuple[Pick, ...]:
        """The rows that are ticked."""
        return tuple(pick for pick in self.picks if pick.taken)

    @property
    def frozen(self) -> Qt.CheckState:
        """Whether all, some or none of those that are taken are frozen."""
        held = [pick.frozen or pick.held for pick in self.taken]
        if held and all(held):
            return Qt.CheckState.Checked
        return Qt.CheckState.PartiallyChecked if any(held) else Qt.CheckState.Unchecked

    def take_matching(self) -> None:
        """Tick every row for which the node of the same path fits, and no other."""
        for pick in self.picks:
            if pick.offer.same:
                pick.source = pick.offer.node.id
            self._take(pick, pick.offer.same)
        self._tell()

    def take_none(self) -> None:
        """Untick every row."""
        for pick in self.picks:
            pick.taken = False
        self._tell()

    def freeze_taken(self, frozen: bool) -> None:
        """Freeze, or release, all that are taken."""
        for pick in self.taken:
            self._freeze(pick, frozen)
        self._tell()

    def toggle(self, row: int, column: int) -> None:
        """Change what a cell says, if it is a yes or no; a cell that is none stands for the first column."""
        at = self.index(row, FREEZE if column == FREEZE else TAKE)
        if at.flags() & Qt.ItemFlag.ItemIsUserCheckable and at.flags() & Qt.ItemFlag.ItemIsEnabled:
            checked = at.data(CHECK) == Qt.CheckState.Checked
            self.setData(at, Qt.CheckState.Unchecked if checked else Qt.CheckState.Checked, CHECK)

    def relabel(self) -> None:
        """Say everything in the present language."""
        self.headerDataChanged.emit(Qt.Orientation.Horizontal, 0, len(TITLES) - 1)
        self._tell()

    def _take(self, pick: Pick, taken: bool) -> None:
        if taken and not pick.taken and self.frozen == Qt.CheckState.Checked:
            self._freeze(pick, True)  # all that are taken are frozen, so this one is
        pick.taken = taken

    def _freeze(self, pick: Pick, frozen: bool) -> None:
        """Freeze a node, and with it what is the same node in other repetitions."""
        for other in self.picks:
            if other.place == pick.place:
                other.frozen = frozen

    def _tell(self) -> None:
        if self.picks:
            self.dataChanged.emit(self.index(0, 0), self.index(len(self.picks) - 1, len(TITLES) - 1))
        self.picked.emit()

    def _text(self, pick: Pick, column: int) -> str:
        if column == HERE:
            return pick.offer.node.id
        if column == SHAPES:
            return in_words(pick.offer.node.weights)
        if column == THERE:
            return pick.source or why_not(pick.offer)
        return ""

    def _tip(self, pick: Pick, column: int) -> str:
        """Say what a cell has no room for."""
        if column == HERE:
            lines = [f"{pick.offer.node.id} ({block_name(pick.offer.node.block)})"]
            if pick.by_hand:
                lines.append(tr("What was set by hand there gives way to what is taken."))
            return "\n".join(lines)
        if column == FREEZE and pick.held:
            return tr("The group around it is frozen.")
        if column == THERE and not pick.offer.fits and pick.offer.there is not None:
            words = {"node": pick.offer.node.id, "shapes": in_words(_like(pick.offer))}
            return tr("{node} has {shapes} there, and no other node there fits.", **words)
        if column == THERE and len(pick.offer.fits) > 1:
            return f"{pick.source}\n{tr('Enter or a click: take another node’s weights')}"
        return self._text(pick, column) or str(Sentence(TITLES[column][1]))

    def _check(self, pick: Pick, column: int) -> Qt.CheckState | None:
        if not pick.offer.fits or column not in (TAKE, FREEZE):
            return None
        checked = pick.taken if column == TAKE else pick.frozen or pick.held
        return Qt.CheckState.Checked if checked else Qt.CheckState.Unchecked

    # -- Qt ----------------------------------------------------------------------------------------------------

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own default
        """Count the nodes."""
        return 0 if parent.isValid() else len(self.picks)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        """Count the columns."""
        return 0 if parent.isValid() else len(TITLES)

    def flags(self, index: Index) -> Qt.ItemFlag:
        """Say what can be done with a cell."""
        pick, column, flags = self.picks[index.row()], index.column(), Qt.ItemFlag
        found = flags.ItemIsSelectable | flags.ItemIsEnabled
        if not pick.offer.fits:
            return found
        if column == TAKE:
            return found | flags.ItemIsUserCheckable
        if column == FREEZE:
            return found | flags.ItemIsUserCheckable if pick.taken and not pick.held else flags.ItemIsUserCheckable
        if column == THERE and len(pick.offer.fits) > 1:
            return found | flags.ItemIsEditable
        return found

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Tell a view about one cell."""
        pick, column, roles = self.picks[index.row()], index.column(), Qt.ItemDataRole
        if role == CHECK:
            return self._check(pick, column)
        if role in (roles.DisplayRole, roles.EditRole):
            return self._text(pick, column)
        if role == roles.ToolTipRole:
            return self._tip(pick, column)
        if role == roles.AccessibleTextRole and column in (TAKE, FREEZE):
            return f"{Sentence(TITLES[column][0])}: {pick.offer.node.id}"
        if role == roles.ForegroundRole and (not pick.offer.fits or (column == THERE and not pick.taken)):
            return QColor(theme.current().dim)
        if role == roles.DecorationRole and column == THERE and len(pick.offer.fits) > 1:
            return icon("mdi6.chevron-down", "dim")
        return None

    def setData(self, index: Index, value: Any, role: int = Qt.ItemDataRole.EditRole) -> bool:
        """Take over what is chosen in a cell."""
        pick, column = self.picks[index.row()], index.column()
        if role == CHECK:
            checked = Qt.CheckState(value) == Qt.CheckState.Checked
            self._take(pick, checked) if column == TAKE else self._freeze(pick, checked)
        elif column == THERE and value in pick.offer.fits:
            pick.source = value
            self._take(pick, True)  # who chooses a node means it
        else:
            return False
        self._tell()
        return True

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Name a column."""
        if orientation != Qt.Orientation.Horizontal:
            return None
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole):
            return str(Sentence(TITLES[section][role == Qt.ItemDataRole.ToolTipRole]))
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        return None


def in_words(shapes: Shapes, *, names: bool = True) -> str:
    """Write shapes, with their names or without: ``weight 4 × 2 · bias 4``."""
    sizes = {name: " × ".join(str(size) for size in shape) or "1" for name, shape in shapes.items()}
    return " · ".join(f"{name} {size}" if names else size for name, size in sizes.items())


def why_not(offer: Offer) -> str:
    """Say why a node can take nothing."""
    if offer.there is None:
        return tr("nothing fits")
    if dict(offer.there) == dict(offer.node.weights):
        return tr("another block there")
    return tr("other shapes: {shapes}", shapes=in_words(_like(offer), names=False))


def _like(offer: Offer) -> Shapes:
    """Return what is there in the order in which it is here."""
    there = offer.there or {}
    return {name: there[name] for name in (*offer.node.weights, *there) if name in there}


class Chooser(QStyledItemDelegate):
    """Shows where the weights come from; where several nodes fit, opens their list."""

    # -- Qt ----------------------------------------------------------------------------------------------------

    def initStyleOption(self, option: QStyleOptionViewItem, index: Index) -> None:
        """Put the arrow behind the name."""
        super().initStyleOption(option, index)
        option.decorationPosition = QStyleOptionViewItem.Position.Right

    def createEditor(self, parent: QWidget, option: QStyleOptionViewItem, index: Index) -> QWidget:
        """Open the list of nodes that fit."""
        model = index.model()
        assert isinstance(model, PickRows)
        combo = QComboBox(parent, objectName="take_from")
        combo.addItems(model.picks[index.row()].offer.fits)
        combo.setAccessibleName(str(Sentence(TITLES[THERE][1])))
        combo.activated.connect(self._on_activated)
        QTimer.singleShot(0, combo, combo.showPopup)
        return combo

    def setEditorData(self, editor: QWidget, index: Index) -> None:
        """Show what is chosen now."""
        assert isinstance(editor, QComboBox)
        editor.setCurrentText(str(index.data()))

    def setModelData(self, editor: QWidget, model: QAbstractItemModel, index: Index) -> None:
        """Take over what was chosen."""
        assert isinstance(editor, QComboBox)
        if editor.property("chosen"):  # else it was only looked at
            model.setData(index, editor.currentText(), Qt.ItemDataRole.EditRole)

    def _on_activated(self) -> None:
        combo: Any = self.sender()
        combo.setProperty("chosen", True)
        self.commitData.emit(combo)
        self.closeEditor.emit(combo)


class PickTable(QTableView):
    """The view of the rows: Space ticks, Enter opens the list of nodes that fit."""

    def __init__(self, model: PickRows) -> None:
        super().__init__(objectName="take_weights_rows")
        self.setModel(model)
        self.setItemDelegateForColumn(THERE, Chooser(self))
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.EditKeyPressed)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        self.setTabKeyNavigation(False)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setIconSize(QSize(14, 14))
        self.verticalHeader().hide()
        self.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.verticalHeader().setDefaultSectionSize(ROW)
        header = self.horizontalHeader()
        header.setHighlightSections(False)
        header.setSectionsClickable(False)
        for column in range(len(TITLES)):
            small = column in (TAKE, FREEZE)
            mode = QHeaderView.ResizeMode.ResizeToContents if small else QHeaderView.ResizeMode.Stretch
            header.setSectionResizeMode(column, mode)
        self.clicked.connect(self._on_clicked)
        theme.APPEARANCE.changed.connect(self._dress)
        self._dress()

    def _dress(self) -> None:
        """Frame the present cell: filled with the accent, a tick in it could not be told from none."""
        now = theme.current()
        self.setStyleSheet(
            f"QTableView {{ background: {now.panel}; selection-background-color: {now.line};"
            f" selection-color: {now.text}; outline: none; }}"
            f" QTableView::item:focus {{ border: 1px solid {now.accent}; background: {now.line}; }}"
        )

    def _on_clicked(self, index: QModelIndex) -> None:
        if index.column() == THERE and index.flags() & Qt.ItemFlag.ItemIsEditable:
            self.edit(index)

    # -- Qt ----------------------------------------------------------------------------------------------------

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Tick with Space; the rest is Qt's."""
        index, model = self.currentIndex(), self.model()
        assert isinstance(model, PickRows)
        if event.key() == Qt.Key.Key_Space and index.isValid():
            model.toggle(index.row(), index.column())
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            if index.isValid() and index.column() == THERE and index.flags() & Qt.ItemFlag.ItemIsEditable:
                self.edit(index)
            else:
                event.ignore()  # the dialog's own button takes it
        else:
            super().keyPressEvent(event)
