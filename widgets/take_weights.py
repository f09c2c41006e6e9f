"""The dialog in which nodes take the weights of a trained project: which from which, and whether they are frozen."""

from __future__ import annotations

from collections.abc import Callable, Collection
from pathlib import Path

from PySide6.QtCore import QEvent, QSize, Qt
from PySide6.QtWidgets import QCheckBox, QDialog, QFileDialog, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from playground.document import Document
from playground.nesting import inside, place_of, split
from playground.text import Refusal, Sentence, count, say, tr
from playground.transfer import Offer, Trained, learners, look_into, offers, take
from widgets.sections import dim
from widgets.take_weights_rows import ROW, TAKE, Pick, PickRows, PickTable, taken_at_first

WIDTH, FEWEST_ROWS, MOST_ROWS = 840, 4, 16
"""How wide it is at first, and for how many rows there is room without scrolling."""


def ask(
    document: Document, window: QWidget, tell: Callable[[Sentence], object], only: Collection[str] = ()
) -> QFileDialog | None:
    """Ask for a project, then what to take from it; `tell` is given the sentence where that cannot be.

    `only` names the places of the nodes that are meant; without any, all that match are.
    """
    if not learners(document.report):
        tell(say("No node here has weights yet: add one that learns and wire it up first"))
        return None
    dialog = QFileDialog(window, tr("Take weights from"))
    dialog.setNameFilters([tr("Trained projects (*.zip)"), tr("All files (*)")])
    dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
    start, path = document.now.start, document.path
    if start is not None and Path(start.file).parent.is_dir():
        dialog.setDirectory(str(Path(start.file).parent))
    elif path is not None:
        dialog.setDirectory(str(path.parent))

    def on_file_selected(name: str) -> None:
        try:
            TakeWeights(document, look_into(Path(name)), window, only).open()
        except Refusal as refusal:
            tell(refusal.sentence)

    dialog.fileSelected.connect(on_file_selected)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    dialog.open()
    return dialog


class TakeWeights(QDialog):
    """Every node that has weights, and what the project offers it; what is chosen becomes one step of the document."""

    def __init__(self, document: Document, trained: Trained, parent: QWidget, only: Collection[str] = ()) -> None:
        super().__init__(parent)
        self.document, self.trained = document, trained
        self.setObjectName("take_weights")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        start = document.now.start
        self._before = start if start is not None and Path(start.file) == trained.path else None
        self.model = PickRows([self._pick(offer, only) for offer in offers(document.report, trained)], self)
        self.table = PickTable(self.model)
        self._build()
        self._lay_out()
        self.model.picked.connect(self._sync)
        self.relabel()
        self._show_first(only)
        rows = min(max(len(self.model.picks), FEWEST_ROWS), MOST_ROWS)
        height = self.sizeHint().height() - self.table.sizeHint().height() + (rows + 1) * ROW + 8
        self.resize(QSize(WIDTH, height).boundedTo(self.screen().availableSize()))

    def relabel(self) -> None:
        """Say everything in the present language."""
        file = self.trained.path.name
        self.setWindowTitle(tr("Take weights from {file}", file=file))
        if any(pick.offer.fits for pick in self.model.picks):
            self.says.setText(
                tr("What is ticked begins with what {file} has learnt: now, and after every Reset.", file=file)
            )
        else:
            self.says.setText(
                tr(
                    "Nothing in {file} fits: no node there is of the same block with weights of the same shapes.",
                    file=file,
                )
            )
        start = self.document.now.start
        self.other.setVisible(start is not None and self._before is None)
        if start is not None:
            self.other.setText(tr("What was taken from {file} is given up.", file=Path(start.file).name))
        self.table.setAccessibleName(tr("Nodes, and the weights that the project offers them"))
        self.matching.setText(tr("All that match"))
        self.matching.setToolTip(tr("Tick every node that has its like there: the same name, the same shapes"))
        self.none.setText(tr("None"))
        self.freeze.setText(tr("Freeze those that are taken"))
        self.freeze.setToolTip(tr("Training leaves their weights as they are."))
        self.cancel.setText(tr("Cancel"))
        self.model.relabel()

    def _pick(self, offer: Offer, only: Collection[str]) -> Pick:
        """Make a row: what is offered, and what is chosen until the person says otherwise."""
        node = self.document.report.graph.nodes[offer.node.id]
        place = place_of(offer.node.id)
        source = taken_at_first(offer, self._before, only)
        return Pick(
            offer,
            place,
            source or next(iter(offer.fits), ""),
            bool(source),
            frozen=_is_frozen(self.document, place),
            held=offer.node.frozen and not _is_frozen(self.document, place),
            by_hand=bool(node.weights),
        )

    # -- building ----------------------------------------------------------------------------------------------

    def _build(self) -> None:
        self.says = QLabel(wordWrap=True, objectName="take_weights_says")
        self.other = dim("take_weights_other")
        self.matching = QPushButton(objectName="take_matching")
        self.none = QPushButton(objectName="take_none")
        self.freeze = QCheckBox(objectName="freeze_taken")
        self.cancel = QPushButton(objectName="take_cancel")
        self.go = QPushButton(objectName="take_go")
        self.matching.clicked.connect(self.model.take_matching)
        self.none.clicked.connect(self.model.take_none)
        self.freeze.clicked.connect(self._on_freeze_clicked)
        self.cancel.clicked.connect(self.reject)
        self.go.clicked.connect(self.accept)
        for button in (self.matching, self.none, self.cancel):
            button.setAutoDefault(False)  # Enter takes
        self.go.setDefault(True)

    def _lay_out(self) -> None:
        tools, bottom = QHBoxLayout(), QHBoxLayout()
        for row in (tools, bottom):
            row.setSpacing(8)
        for widget in (self.matching, self.none, self.freeze):
            tools.addWidget(widget)
        tools.addStretch(1)
        bottom.addStretch(1)
        bottom.addWidget(self.cancel)
        bottom.addWidget(self.go)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 16, 16, 16)
        column.setSpacing(8)
        column.addWidget(self.says)
        column.addWidget(self.other)
        column.addWidget(self.table, 1)
        column.addLayout(tools)
        column.addSpacing(8)
        column.addLayout(bottom)

    def _show_first(self, only: Collection[str]) -> None:
        """Begin at what is meant: the first of the nodes asked for, else the first that is ticked."""
        meant = [at for at, pick in enumerate(self.model.picks) if pick.place in only]
        ticked = [at for at, pick in enumerate(self.model.picks) if pick.taken]
        self.table.setCurrentIndex(self.model.index(next(iter([*meant, *ticked]), 0), TAKE))
        self.table.setFocus()

    # -- what happens ------------------------------------------------------------------------------------------

    def _sync(self) -> None:
        n, before = len(self.model.taken), self.document.now.start
        if n or before is None:
            self.go.setText(str(count("Take the weights of {n} node", "Take the weights of {n} nodes", n)))
        else:
            self.go.setText(tr("Give up what was taken"))
        self.go.setEnabled(n > 0 or before is not None)
        self.go.setDefault(self.go.isEnabled())
        self.matching.setEnabled(any(pick.offer.same for pick in self.model.picks))
        self.none.setEnabled(n > 0)
        self.freeze.setEnabled(n > 0)
        self.freeze.setCheckState(self.model.frozen)

    def _on_freeze_clicked(self) -> None:
        self.model.freeze_taken(self.model.frozen != Qt.CheckState.Checked)

    # -- Qt ----------------------------------------------------------------------------------------------------

    def accept(self) -> None:
        """Take what is ticked, as one step."""
        taken, file = self.model.taken, self.trained.path.name
        nodes = {pick.offer.node.id: pick.source for pick in taken}
        frozen = {pick.place: pick.frozen for pick in taken if not pick.held}
        new = take(self.document.now, self.trained, nodes, frozen)
        name = say("Take weights from {file}", file=file) if nodes else say("Give up the weights that were taken")
        self.document.edit(name, graph=new.graph, start=new.start)
        super().accept()

    def changeEvent(self, event: QEvent) -> None:
        """Say everything again when the language changed."""
        if event.type() == QEvent.Type.LanguageChange:
            self.relabel()
        super().changeEvent(event)


def _is_frozen(document: Document, place: str) -> bool:
    """Whether the node itself is frozen, and not only a group around it."""
    level, id = split(place)
    return inside(document.now.graph, level).nodes[id].frozen
