"""One example walked through the network by hand: forward, the loss, backward and the update, with its real numbers."""

from __future__ import annotations

import html
import itertools
from typing import Any

from PySide6.QtGui import QHideEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QBoxLayout, QHBoxLayout, QVBoxLayout

from playground.explaining import PHASES, Stage, Walked
from playground.probes.explain import Explain
from playground.text import Sentence, note, tr
from widgets.panels.parts.explain_check import CheckBar
from widgets.panels.parts.explain_entry import EntryBar, axes_of, is_whole
from widgets.panels.parts.explain_lines import told_in_short
from widgets.panels.parts.explain_pane import Pane
from widgets.panels.parts.explain_stages import StageList, Way
from widgets.panels.parts.plots import Picture, Readout, chip, icon_button
from widgets.panels.parts.sentence import SentenceBar
from widgets.theme import Theme

BY_AUTOGRAD = note("Nobody has written this block down by hand: these are the network's own numbers, and autograd's.")

MOMENTS = itertools.count(1)
"""Every moment that is held has a number of its own, whichever panel holds it."""

LONGEST = 40
"""Letters of a text that say which one it is."""

ROOMY = 620
"""Pixels of width from which the stages stand in a list at the left."""

SHARE = 0.36
"""The share of a narrow panel's width that the choice of a number may take beside the stages."""

LIST, MOST_LIST = 160, 240
"""Pixels that the list takes at least and at most."""


class ExplainPanel(Picture):
    """Shows how one number of one stage came about, and lets the person go from stage to stage.

    Attributes:
        stage: the number of the stage that is wanted.
        of, entry: the value and the entry of it that are wanted; empty: what tells most there.
        moment: the number of the moment that is held; 0 while the numbers run.
    """

    key = "explain"
    title = note("Explain this step")
    help = note(
        "One example goes through the network by hand: forward node by node, the loss, back again, and the update of "
        "every weight. Each number is shown as a formula, the same with its real numbers, and the tables that they "
        "come from: what enters is outlined, what is looked at is framed; click another cell or walk with the arrow "
        "keys. At a gradient, Check reckons it twice more, by autograd and by central differences, and shows all three."
    )
    icon = "mdi6.walk"

    def compose(self, column: QVBoxLayout) -> None:
        """Create the controls, the list of stages, the equations and the tables."""
        self.answer: Walked | None = None
        self.stage, self.of, self.entry, self.moment = 0, "", (), next(MOMENTS)
        self._stages: tuple[Stage, ...] = ()
        self._spot = self.focus.now
        self._refusal, self._pointed_at, self._checking = "", "", 0
        self._checked: Walked | None = None
        self.bar = SentenceBar(self.key, self.focus)
        self.hold = chip("explain_hold")
        self.hold.setChecked(True)
        self.hold.toggled.connect(self._on_hold_toggled)
        self.anew = icon_button("explain_anew", "mdi6.camera-outline")
        self.anew.setAutoRepeat(False)
        self.anew.clicked.connect(self._on_anew_clicked)
        self.state = Readout("explain_state")
        self.way, self.list = Way("explain_way"), StageList("explain_list")
        self.choice, self.check = EntryBar("explain_entry"), CheckBar("explain_check")
        self.pane = Pane("explain_pane")
        for widget in (self.way, self.list):
            widget.wanted.connect(self.go)
        self.choice.valueChosen.connect(self._on_value_chosen)
        for chooser in (self.choice, self.pane):
            chooser.entryChosen.connect(self._on_entry_chosen)
        self.check.wanted.connect(self._on_check_wanted)
        self.pane.pointed.connect(self._on_pointed)
        self._lay_out(column)
        self.focus.changed.connect(self._on_focus_changed)
        self.focus.nodeChosen.connect(self.set_node)
        self.session.restarted.connect(self._on_session_restarted)

    def _lay_out(self, column: QVBoxLayout) -> None:
        """Put the controls above, the list at the left, and what is told at the right."""
        tools = QHBoxLayout()
        tools.setSpacing(8)
        for widget, stretch in ((self.hold, 0), (self.anew, 0), (self.state, 1)):
            tools.addWidget(widget, stretch)
        self._head = QBoxLayout(QBoxLayout.Direction.TopToBottom)
        self._head.setSpacing(4)
        self._head.addWidget(self.bar, 1)
        self._head.addLayout(tools, 1)
        column.addLayout(self._head)
        told = QVBoxLayout()
        told.setSpacing(6)
        self._line = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        self._line.setSpacing(6)
        self._line.addWidget(self.way, 1)
        self._line.addWidget(self.choice)
        told.addLayout(self._line)
        told.addWidget(self.pane, 1)
        told.addWidget(self.check)
        body = QHBoxLayout()
        body.setSpacing(16)
        body.addWidget(self.list)
        body.addLayout(told, 1)
        column.addLayout(body, 1)

    # -- what is asked -----------------------------------------------------------------------------------------

    def probe(self) -> Explain:
        """Ask for the stage that is looked at, of the example that all panels look at."""
        return self._asking(check=False)

    def _asking(self, *, check: bool) -> Explain:
        spot = self.focus.now
        given: dict[str, Any] = {"picture": spot.picture} if hasattr(Explain, "picture") else {}
        return Explain(
            index=spot.index,
            stage=self.stage,
            of=self.of,
            entry=",".join(map(str, self.entry)),
            check=check,
            moment=self.moment,
            words=spot.words,
            **given,
        )

    def go(self, number: int) -> None:
        """Look at another stage."""
        if number == self.stage or not 0 <= number < max(1, len(self._stages)):
            return
        self.stage, self.of, self.entry = number, "", ()
        self.list.choose(number)
        self.way.choose(number)
        self._forget_check()
        self.rewatch()

    def set_node(self, id: str) -> None:
        """Go to a node: to the stage of the present part that is about it, else to the first that is."""
        about = [k for k, one in enumerate(self._stages) if one.node == id or one.node.startswith(f"{id}.")]
        if not id or not about or self._stages[self.stage].node in {self._stages[k].node for k in about}:
            return
        phase = self._stages[self.stage].phase
        self.go(next((k for k in about if self._stages[k].phase == phase), about[0]))

    # -- drawing -----------------------------------------------------------------------------------------------

    def draw(self, answer: Walked | None) -> None:
        """Show an answer; one to a question that is no longer asked is passed over."""
        if answer is not None and not answer.stages:
            self._refusal = str(answer.told.remark or "")
            answer = None
        if answer is None:
            self.answer, self._stages = None, ()
            self.show_picture(False)
            self._point_at("")
            return
        self._refusal = ""
        if answer.stages != self._stages and self._follow(answer):
            return
        if self._is_old(answer):
            return
        self.answer = answer
        self.show_picture(True)
        self._show(answer)

    def _follow(self, answer: Walked) -> bool:
        """List other stages; tell whether the one that was looked at has another number now and is asked for anew."""
        wanted = self._stages[self.stage] if self.stage < len(self._stages) else None
        self._stages, at = answer.stages, answer.stage
        places = [(one.phase, one.node) for one in answer.stages]
        if wanted is not None and (wanted.phase, wanted.node) in places:
            at = places.index((wanted.phase, wanted.node))
        self.stage = at
        self._list_stages()
        self.rewatch()
        return at != answer.stage

    def _list_stages(self) -> None:
        known = self.session.document.report.nodes
        self.list.show_stages(self._stages, lambda node: known[node].block.family if node in known else "Combine")
        self.way.show_stages(self._stages)
        self.list.choose(self.stage)
        self.way.choose(self.stage)

    def _is_old(self, answer: Walked) -> bool:
        """Tell whether an answer is to what was asked before the person went on."""
        if answer.stage != self.stage:
            return True
        if self.of and answer.of != self.of and self.of in answer.stages[answer.stage].of:
            return True
        fits = len(self.entry) == len(answer.shape) and all(
            at < size for at, size in zip(self.entry, answer.shape, strict=True)
        )
        return bool(self.entry) and fits and answer.entry != self.entry

    def _show(self, answer: Walked) -> None:
        """Show the number that was told, and what can be asked beside it."""
        stage, told = answer.stages[answer.stage], answer.told
        if self._checked is not None and _place(self._checked) != _place(answer):
            self._forget_check()
        remark = told.remark if self._checked is None else self._checked.told.remark
        if remark is None and not stage.by_hand:
            remark = Sentence(BY_AUTOGRAD)
        self.pane.show_told(told.lines, told.grids, str(remark or ""), answer.shape)
        self.choice.show_values(stage.of, answer.of, [self._named(stage, one) for one in stage.of])
        axes = axes_of(self.session.document.report.nodes.get(stage.node), answer)
        self.choice.show_entry(answer.entry, answer.shape, axes, is_whole(answer))
        self._fit()
        self.check.setVisible(stage.phase == "backward")
        self.bar.show_place(answer.index, answer.count, self._own(), self.typable)
        self._say(answer)
        self._point_at(stage.node)

    def _say(self, answer: Walked) -> None:
        """Say what the example is, its loss, and of which moment all this is."""
        texts = told_in_short(answer, self._example(answer), int(self.session.step))
        self.state.say(*texts)
        self.state.setToolTip(texts[0])

    def _example(self, answer: Walked) -> str:
        """Say what the example is: the beginning of its text, or its class."""
        if not answer.label or self.typable:
            text = answer.label if len(answer.label) <= LONGEST else f"{answer.label[:LONGEST]}…"
            return html.escape(text)
        return tr("label {name}", name=html.escape(self.class_name(answer.label)))

    def _named(self, stage: Stage, of: str) -> str:
        """Say what one value of a stage is called there."""
        return f"∂L/∂{of}" if stage.phase == "backward" else of

    def _point_at(self, node: str) -> None:
        """Have the node shown on the canvas while it is looked at here."""
        node = node if self.isVisible() else ""
        if node != self._pointed_at:
            self._pointed_at = node
            self.focus.nodeShown.emit(node)

    def _fit(self) -> None:
        """Give the controls as many rows as they need."""
        roomy, ways = self.width() >= ROOMY, QBoxLayout.Direction
        self.list.setVisible(roomy)
        self.way.choice.setVisible(not roomy)
        self._head.setDirection(ways.LeftToRight if roomy or not self.typable else ways.TopToBottom)
        fits = roomy or self.choice.sizeHint().width() < SHARE * self.width()
        self._line.setDirection(ways.LeftToRight if fits else ways.TopToBottom)

    # -- checking ----------------------------------------------------------------------------------------------

    def _on_check_wanted(self) -> None:
        """Ask once for the three numbers; they are of one moment, so it is held from now on."""
        self.hold.setChecked(True)
        self._checking += 1
        asked = self._checking
        self.check.button.setEnabled(False)

        def on_answer(answer: Walked | None, failure: Sentence | None) -> None:
            if asked == self._checking:
                self.check.button.setEnabled(True)
                self._take_check(answer, failure)

        self.session.ask(self._asking(check=True), on_answer)

    def _take_check(self, answer: Walked | None, failure: Sentence | None) -> None:
        if answer is None or answer.checked is None:
            self.check.show_failure(str(failure or tr("There is nothing here to compare it with")))
        elif not self._is_old(answer):
            self._checked = answer
            self.draw(answer)
            self.check.show_checked(answer.checked, answer.loss)

    def _forget_check(self) -> None:
        self._checking += 1
        self._checked = None
        self.check.button.setEnabled(True)
        self.check.show_checked(None)

    # -- words and colours -------------------------------------------------------------------------------------

    @property
    def typable(self) -> bool:
        """Whether words can be typed."""
        return bool(self.session.document.now.facts.vocabularies)

    def _own(self) -> bool:
        spot = self.focus.now
        return bool(spot.words) or (spot.picture is not None and hasattr(Explain, "picture"))

    def empty(self) -> str:
        """Say how to fill it."""
        return self._refusal or tr("Once the network is complete, one example is walked through it here, step by step.")

    def title_detail(self) -> str:
        """Return the stage that is shown."""
        if self.stage >= len(self._stages):
            return ""
        stage = self._stages[self.stage]
        return f"{Sentence(PHASES[stage.phase])} · {stage.node}"

    def relabel(self) -> None:
        """Say everything again in the present language."""
        super().relabel()
        for part in (self.bar, self.way, self.choice, self.check):
            part.relabel()
        self.hold.setText(tr("Freeze"))
        self.hold.setToolTip(
            tr("On: all numbers are of one moment, so that they fit together. Off: live, they follow the run")
        )
        self.anew.setAccessibleName(tr("Take the network as it is now"))
        self.anew.setToolTip(tr("Take the network as it is now"))
        self.list.setAccessibleName(tr("The stages of a step"))
        self.pane.grids.setAccessibleName(tr("Tables of numbers; the arrow keys walk from entry to entry"))
        self._list_stages()
        if self.answer is not None:
            self._show(self.answer)

    def recolour(self, theme: Theme) -> None:
        """Take the colours of a theme."""
        self.list.recolour()
        self.check.recolour(theme)
        self.pane.grids.update()

    def sync(self) -> None:
        """Say how far the run has got meanwhile."""
        self.show_picture(self.answer is not None)
        if self.answer is not None:
            self._say(self.answer)

    # -- what happens ------------------------------------------------------------------------------------------

    def _on_hold_toggled(self, on: bool) -> None:
        self.anew.setEnabled(on)
        self._take_moment(next(MOMENTS) if on else 0)

    def _on_anew_clicked(self) -> None:
        self._take_moment(next(MOMENTS))

    def _take_moment(self, moment: int) -> None:
        self.moment = moment
        self._forget_check()
        self.rewatch()

    def _on_value_chosen(self, of: str) -> None:
        self.of, self.entry = of, ()
        self._forget_check()
        self.rewatch()

    def _on_entry_chosen(self, entry: tuple[int, ...]) -> None:
        if self.answer is not None:
            self.of, self.entry = self.answer.of, entry
            self._forget_check()
            self.rewatch()

    def _on_pointed(self, words: str, number: str) -> None:
        self.state.hurry()
        if words:
            self.state.say(html.escape(words), number)
        elif self.answer is not None:
            self._say(self.answer)

    def _on_focus_changed(self) -> None:
        before, self._spot = self._spot, self.focus.now
        if any(getattr(before, name) != getattr(self._spot, name) for name in ("index", "words", "picture")):
            self._forget_check()
        self.rewatch()

    def _on_session_restarted(self) -> None:
        self._forget_check()
        self.draw(None)

    # -- Qt ----------------------------------------------------------------------------------------------------

    def resizeEvent(self, event: QResizeEvent) -> None:
        """List the stages at the left where there is room, else let one be opened from a list."""
        super().resizeEvent(event)
        self.list.setFixedWidth(max(LIST, min(MOST_LIST, self.width() // 5)))
        self._fit()

    def showEvent(self, event: QShowEvent) -> None:
        """Show the node on the canvas again."""
        super().showEvent(event)
        if self.answer is not None:
            self._point_at(self.answer.stages[self.answer.stage].node)

    def hideEvent(self, event: QHideEvent) -> None:
        """Show no node any longer, and stand still."""
        super().hideEvent(event)
        self._point_at("")
        self.way.rest()


def _place(answer: Walked) -> tuple[Any, ...]:
    """Return what makes a number the same one."""
    return answer.step, answer.index, answer.stages, answer.stage, answer.of, answer.entry
