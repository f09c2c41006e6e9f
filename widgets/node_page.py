"""What the inspector shows of one node: what it is, its parameters, the arithmetic of its shape, its cost."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QSize, Qt, Signal
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QLineEdit, QPushButton, QVBoxLayout, QWidget

from playground.graph import Node, joined
from playground.probes import PROBES
from playground.report import NodeReport
from playground.sheet import Sheet
from playground.text import Refusal, Sentence, count, note, say, tr
from widgets import theme
from widgets.arithmetic import AXES, as_dense, derivation, of_macs, of_parameters, reckoned
from widgets.behaviour import Behaviour
from widgets.bits import Elided
from widgets.forms import Form
from widgets.formula import Formula
from widgets.icons import icon
from widgets.names import block_name
from widgets.number_fields import AT_ONCE_MS
from widgets.problems import ProblemRow
from widgets.sections import Section, let_tab_follow


class Dot(QWidget):
    """The colour of a family."""

    def __init__(self) -> None:
        super().__init__()
        self.setFixedSize(12, 12)
        self.family = ""

    def show_family(self, family: str) -> None:
        """Take another family's colour."""
        self.family = family
        self.update()

    # -- Qt ----------------------------------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint a dot."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(theme.family_colour(self.family)))
        painter.drawEllipse(1, 1, 10, 10)
        painter.end()


class NodePage(QWidget):
    """One node.

    Signals:
        watchRequested(str, str): show this probe at this node.
        renamed(str, str): the node has another id now.
        placeClicked(str): go to a node.
        weightsClicked(str): the weights of this node are to be set by hand.
        refused(object): something could not be done; a Sentence that says why.
    """

    watchRequested = Signal(str, str)
    renamed = Signal(str, str)
    placeClicked = Signal(str)
    weightsClicked = Signal(str)
    refused = Signal(object)

    def __init__(self, sheet: Sheet, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.sheet, self.document = sheet, sheet.document
        self.setProperty("kind", "page")
        self.node: Node | None = None
        self._known: NodeReport | None = None
        self._problems: list[ProblemRow] = []
        self._shown_problems: tuple[object, ...] = ()
        self._probes: tuple[str, ...] | None = None
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(16, 14, 14, 16)
        self._column.setSpacing(8)
        self._build_head()
        self.form = Form(typing_ms=AT_ONCE_MS)
        self.form.edited.connect(self._on_form_edited)
        self.form.closed.connect(self.document.close_step)
        self._column.addWidget(self.form)
        self._build_shape()
        self._build_rest()
        self._column.addStretch(1)

    def show_node(self, node: Node, known: NodeReport | None) -> None:
        """Show a node and what analysis knows of it."""
        problems = self.sheet.problems_at(node.id) if node.id else ()
        fresh = self.node is None or self.node.id != node.id
        if fresh:
            self.form.forget()
        self.behaviour.show_node(node, known)
        if not node.id:  # the group that is shown: from inside it cannot be seen whether it is bypassed or muted
            self.behaviour.hide()
        if not fresh and node is self.node and known is self._known and problems == self._shown_problems:
            return
        self.node, self._known = node, known
        self._sync_head(node)
        self._sync_problems(problems)
        resolved = known.block if known else None
        self.form.show_thing(node.block, resolved, self._suggestions(node))
        self.form.setVisible(bool(node.block.parameters))
        self._sync_shape(known)
        self._sync_cost(known)
        self._sync_watch(known)
        let_tab_follow(self)

    def relabel(self) -> None:
        """Say everything in the present language."""
        for section in (self.size, self.behaviour, self.cost, self.watch):
            section.relabel()
        self.name.setAccessibleName(tr("Name of the node"))
        self._probes, self._shown_problems = None, (None,)
        if self.node is not None:
            node, self.node = self.node, None
            self.show_node(node, self._known)

    # -- building ----------------------------------------------------------------------------------------------

    def _build_head(self) -> None:
        self.dot = Dot()
        self.title = Elided(objectName="node_title")
        self.title.setFont(theme.font(11, semibold=True))
        self.name = QLineEdit(objectName="node_name", frame=False)
        self.name.setProperty("kind", "quiet")
        self.name.setMinimumWidth(40)
        self.name.editingFinished.connect(self._on_name_finished)
        head = QHBoxLayout()
        head.setSpacing(8)
        for widget in (self.dot, self.title):
            head.addWidget(widget)
        head.addWidget(self.name, 1)
        self.purpose = QLabel(wordWrap=True, objectName="node_purpose")
        self.purpose.setProperty("role", "dim")
        self.wrong_name = QLabel(wordWrap=True, visible=False, objectName="wrong_name")
        self.wrong_name.setProperty("role", "bad")
        self.formula = Formula()
        self._column.addLayout(head)
        for widget in (self.wrong_name, self.purpose, self.formula):
            self._column.addWidget(widget)
        self._problem_place = self._column.count()

    def _build_shape(self) -> None:
        self.size = Section(note("Output size"))
        self.how = QLabel(wordWrap=True, textFormat=Qt.TextFormat.RichText, objectName="how")
        self.chip = QLabel(objectName="shape_chip")
        self.chip.setProperty("kind", "chip")
        self.axes = QLabel(objectName="axes", wordWrap=True)
        self.axes.setProperty("role", "dim")
        self.size.body.addWidget(self.how)
        self.size.body.addWidget(self.chip, alignment=Qt.AlignmentFlag.AlignLeft)
        self.size.body.addWidget(self.axes)
        self._column.addWidget(self.size)

    def _build_rest(self) -> None:
        self.cost = Section(note("Cost"))
        self.costs = QLabel(wordWrap=True, textFormat=Qt.TextFormat.RichText, objectName="costs")
        self.costs.setProperty("role", "dim")
        self.cost.body.addWidget(self.costs)
        self.behaviour = Behaviour(self.sheet)
        self.behaviour.weightsClicked.connect(self.weightsClicked)
        self.watch = Section(note("Watch here"))
        self.buttons: dict[str, QPushButton] = {}
        for section in (self.cost, self.behaviour, self.watch):
            self._column.addWidget(section)

    # -- showing -----------------------------------------------------------------------------------------------

    def _sync_head(self, node: Node) -> None:
        block = node.block
        self.dot.show_family(block.family)
        self.title.show_text(block_name(block))
        place = joined(self.sheet.level, node.id)
        if not self.name.hasFocus() or self.name.text() != own_name(place):
            self.name.setText(own_name(place))
            self.name.setCursorPosition(0)  # of a long name the beginning is seen
        help = tr("The node's name: in the file, in the code, in messages. Click to change it.")
        self.name.setToolTip(f"{place}\n{help}")
        self.purpose.setText(str(Sentence(block.purpose())))
        self.formula.show_formula(block.equations())
        self._tell_name(None)

    def _sync_problems(self, problems: tuple[object, ...]) -> None:
        if not problems and not self._shown_problems:
            return
        for row in self._problems:
            self._column.removeWidget(row)
            row.hide()
            row.deleteLater()
        self._shown_problems = problems
        self._problems = [ProblemRow(problem, self.document, with_place=False) for problem in problems]
        for at, row in enumerate(self._problems):
            row.refused.connect(self.refused)
            self._column.insertWidget(self._problem_place + at, row)

    def _sync_shape(self, known: NodeReport | None) -> None:
        self.size.setVisible(known is not None)
        if known is None:
            return
        lines = derivation(known)
        if known.frames and known.inputs[0].is_spelt:
            lines.append(str(count("the same for {n} word", "the same for each of {n} words", known.frames)))
        elif known.frames:
            lines.append(str(count("the same for {n} frame", "the same for each of {n} frames", known.frames)))
        self.how.setText("<br>".join(lines))
        self.how.setVisible(bool(lines))
        self.chip.setText(str(known.shape) or "1")
        self.axes.setText(" × ".join(str(Sentence(AXES[name])) for name in known.shape.names))

    def _sync_cost(self, known: NodeReport | None) -> None:
        self.cost.setVisible(known is not None)
        if known is None:
            return
        lines = [str(count("{n} parameter", "{n} parameters", known.parameters))]
        lines += reckoned(of_parameters(known), known.parameters) + as_dense(known)
        if known.macs:
            lines.append(str(count("{n} MAC per example", "{n} MACs per example", known.macs)))
            lines += reckoned(of_macs(known), known.macs)
        if known.receptive_field and known.receptive_field != (1, 1):
            height, width = known.receptive_field
            lines.append(tr("receptive field {height} × {width}", height=height, width=width))
        self.costs.setText("<br>".join(lines))

    def _sync_watch(self, known: NodeReport | None) -> None:
        asked = [p for p in PROBES.values() if p.per_node and not p.once and p.suits(self.document.now)]
        probes = [] if known is None else [p for p in asked if p.accepts(known)]
        keys = tuple(probe.key for probe in probes)
        self.watch.setVisible(bool(keys))
        if keys == self._probes:
            return
        self._probes = keys
        for button in self.buttons.values():
            self.watch.body.removeWidget(button)
            button.hide()
            button.deleteLater()
        self.buttons = {}
        for probe in probes:
            button = QPushButton(str(Sentence(probe.title)), objectName=f"watch_{probe.key}")
            button.setIcon(icon(probe.icon, "accent"))
            button.setProperty("kind", "row")
            button.setIconSize(QSize(18, 18))
            button.setToolTip(str(Sentence(probe.purpose())))
            button.clicked.connect(self._on_watch_clicked)
            self.buttons[probe.key] = button
            self.watch.body.addWidget(button)

    def _suggestions(self, node: Node) -> dict[str, tuple[str, ...]]:
        facts = self.document.now.facts
        offered = {"Input": {"field": tuple(facts.inputs)}, "Output": {"target": tuple(facts.targets)}}
        return offered.get(node.block.key, {})

    def _tell_name(self, sentence: Sentence | None) -> None:
        self.wrong_name.setText(str(sentence) if sentence else "")
        self.wrong_name.setVisible(sentence is not None)

    # -- what happens ------------------------------------------------------------------------------------------

    def _on_form_edited(self, name: str, value: object) -> None:
        if self.node is None:
            return
        id, block = self.node.id, self.node.block
        place = joined(self.sheet.level, id)
        words = say("Change {parameter} of {node}", parameter=Sentence(block.parameters[name].label), node=place)
        try:
            self.sheet.configure(id, block.replace(**{name: value}), words, ("parameter", place, name))
        except Refusal as refusal:
            self.form.rows[name].tell(refusal.sentence)

    def _on_name_finished(self) -> None:
        if self.node is None or self.name.text() == own_name(joined(self.sheet.level, self.node.id)):
            return
        old = self.node.id
        new = joined(old.rpartition(".")[0], self.name.text().strip())
        try:
            self.sheet.rename(old, new)
        except Refusal as refusal:
            self._tell_name(refusal.sentence)
            return
        self.renamed.emit(old, new)

    def _on_watch_clicked(self) -> None:
        key = next(key for key, button in self.buttons.items() if button is self.sender())
        if self.node is not None:
            self.watchRequested.emit(key, self.sheet.path(self.node.id))

    # -- Qt ----------------------------------------------------------------------------------------------------

    def changeEvent(self, event: QEvent) -> None:
        """Say everything again when the language changed."""
        if event.type() == QEvent.Type.LanguageChange:
            self.relabel()
        super().changeEvent(event)


def own_name(place: str) -> str:
    """Return a node's own name, without that of the group it is in."""
    return place.rpartition(".")[2]
