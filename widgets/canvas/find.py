"""Finding nodes by what they are called, what they are and what is set in them: a bar at the top of the canvas."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QKeyEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QHBoxLayout, QLabel, QLineEdit, QPushButton, QToolButton, QWidget

from playground.block import Block
from playground.graph import Graph, Node, joined
from playground.nesting import below, groups, split
from playground.sheet import Sheet
from playground.text import LANGUAGES, Sentence, language, set_language, tr
from widgets.canvas.look import ROUND, Look
from widgets.icons import icon
from widgets.theme import APPEARANCE

if TYPE_CHECKING:
    from widgets.canvas.card import Card
    from widgets.canvas.navigation import Navigator

MARGIN = 12
LONGEST = 24
"""Letters of the path of a group that are shown."""


def matches(graph: Graph, text: str) -> tuple[str, ...]:
    """Return the nodes to which every word fits, as they flow.

    A word fits if it stands anywhere in the node's id or the block's name, or begins a word of a parameter or its
    value, in any language.
    """
    words = [word for word in re.split(r"[\s=:]+", text.casefold()) if word]
    if not words:
        return ()
    order = dict.fromkeys((*graph.order, *graph.nodes))
    return tuple(id for id in order if _fits(words, graph.nodes[id]))


def places_of(sheet: Sheet, text: str) -> tuple[str, ...]:
    """Return the places of all nodes of the document to which every word fits, those that are drawn here first."""
    drawn = [joined(sheet.level, id) for id in matches(sheet.graph, text)]
    whole = sheet.document.now.graph
    levels = (("", whole), *((path, group.graph) for path, group in groups(whole)))
    rest = (joined(level, id) for level, graph in levels for id in matches(graph, text))
    return tuple(dict.fromkeys((*drawn, *(place for place in rest if not is_drawn(sheet, place)))))


def is_drawn(sheet: Sheet, place: str) -> bool:
    """Whether a node has a card of its own here."""
    return joined(sheet.level, id := sheet.shown(place)) == place and id in sheet.graph


def _fits(words: list[str], node: Node) -> bool:
    names = f"{node.id}\n{_names(node.block.name, node.block.key, node.block.family)}".casefold()
    rest = [word for word in words if word not in names]
    told = _set_in(node.block) if rest else ()
    return all(any(one.startswith(word) for one in told) for word in rest)


@cache
def _names(*names: str) -> str:
    """Say the names of a block in every language."""
    return "\n".join((*names, *(str(Sentence(name)) for _ in _in_every_language() for name in names)))


def _set_in(block: Block) -> frozenset[str]:
    """Return the words of all that is set in a block; of switches, those that are on."""
    told = [block.summary()]
    for _ in _in_every_language():
        for name, parameter in block.parameters.items():
            value = getattr(block, name)
            if value is not False:
                told.append(f"{name} {Sentence(parameter.label)} {'' if value is True else value}")
    return frozenset(re.findall(r"[\w.+-]+", " ".join(told).casefold()))


def _in_every_language() -> Iterator[str]:
    spoken = language()
    try:
        for code in LANGUAGES:
            set_language(code)
            yield code
    finally:
        set_language(spoken)


class FindBar(QWidget):
    """Type to find, Enter and Shift+Enter to go from one to the next, Escape to go back to the canvas.

    What is inside closed groups is found too: the group's card is shown then, and Ctrl+Enter goes into it.

    Attributes:
        found: the places of the nodes that match: those that are drawn, in the order of the network, then the others.
    """

    def __init__(self, view: Navigator) -> None:
        super().__init__(view)
        self.setObjectName("find_bar")
        self.view = view
        self.found: tuple[str, ...] = ()
        self._here = ""
        self._graph = Graph()
        self.field = QLineEdit(objectName="find_field", clearButtonEnabled=True)
        self.field.setFixedWidth(200)
        self.field.addAction(icon("mdi6.magnify", "dim"), QLineEdit.ActionPosition.LeadingPosition)
        self.field.textChanged.connect(self._on_text_changed)
        self.field.installEventFilter(self)
        self.count = QLabel(objectName="find_count")
        self.count.setProperty("role", "dim")
        self.inside = QPushButton(objectName="find_inside", icon=icon("mdi6.arrow-right-bottom", "accent"))
        self.inside.setProperty("kind", "link")
        self.inside.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.inside.clicked.connect(self.enter)
        self.previous = self._button("find_previous", "mdi6.chevron-up", lambda: self.go(-1))
        self.next = self._button("find_next", "mdi6.chevron-down", lambda: self.go(1))
        self.cross = self._button("find_close", "mdi6.close", self.leave)
        row = QHBoxLayout(self)
        row.setContentsMargins(8, 6, 6, 6)
        row.setSpacing(4)
        for widget in (self.field, self.count, self.inside, self.previous, self.next, self.cross):
            row.addWidget(widget)
        self.hide()
        view.stage.rearranged.connect(self._on_stage_rearranged)
        view.viewChanged.connect(self.follow)
        self.relabel()

    def open(self) -> None:
        """Appear, with what was typed last to be typed over."""
        self.show()
        self.raise_()
        self._search()
        self.follow()
        self.field.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.field.selectAll()

    def leave(self) -> None:
        """Go away and give the keys back to the canvas."""
        self.hide()
        self.view.setFocus(Qt.FocusReason.OtherFocusReason)
        self.view.viewport().update()

    def go(self, step: int) -> None:
        """Select the match so many further on, and bring it to the middle."""
        if not self.found:
            return
        at = self._at()
        place = (0 if step > 0 else -1) if at is None else at + step
        self._show(self.found[place % len(self.found)])

    def enter(self) -> None:
        """Go to the present match where it is hidden: into the group that holds it."""
        at = self._at()
        if at is None or is_drawn(self._sheet, place := self.found[at]):
            return
        self._sheet.enter(split(place)[0])
        self._search()
        self._show(place)

    @property
    def _sheet(self) -> Sheet:
        return self.view.stage.sheet

    def _show(self, place: str) -> None:
        """Bring a match to the middle; of one that is hidden, the card or the frame of the group that it is in."""
        self._here = place
        stage, id = self.view.stage, self._sheet.shown(place)
        if (group := below(place, self._sheet.level)) in stage.opened.items:
            stage.select(stage.opened.members(group))
            self.view.show_rect(stage.opened.items[group].rect.adjusted(-40, -40, 40, 40), ease=True)
        elif id:
            self.view.reveal(id)
        else:
            stage.select()
        self._sync()

    def paint_found(self, painter: QPainter, look: Look) -> None:
        """Let every match glow, whatever the zoom."""
        if self.isHidden() or not self.found:
            return
        seen = self.view.visible_rect().adjusted(-20, -20, 20, 20)
        at = self._at()
        cards = {self._sheet.shown(place): place for place in self.found}  # a group may hide several of them
        around = [rect for place in cards.values() if (rect := self._around(place)) is not None]
        shown = [rect for rect in around if rect.intersects(seen)]
        here = [] if at is None or (rect := self._around(self.found[at])) is None else [rect]
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for rects, width, alpha in ((shown, 9.0, 60), (shown, 2.0, 170), (here, 9.0, 110), (here, 3.5, 255)):
            glow = QColor(look.accent)
            glow.setAlpha(alpha)
            painter.setPen(QPen(glow, width * max(1.0, 0.6 / self.view.zoom)))
            for rect in rects:
                painter.drawRoundedRect(rect, ROUND + 3, ROUND + 3)

    def follow(self) -> None:
        """Stand in the right top corner."""
        if self.isVisible():
            self.adjustSize()
            room = self.view.viewport().geometry()
            self.move(max(0, room.right() - self.width() - MARGIN + 1), room.top() + MARGIN)

    def relabel(self) -> None:
        """Say everything in the present language."""
        self.field.setPlaceholderText(tr("Find a node"))
        self.field.setAccessibleName(tr("Find a node"))
        self.field.setToolTip(tr("By its name, its block or a parameter, in any language"))
        for button, words in (
            (self.previous, tr("Previous match (Shift+Enter)")),
            (self.next, tr("Next match (Enter)")),
            (self.cross, tr("Close (Esc)")),
        ):
            button.setToolTip(words)
            button.setAccessibleName(words)
        self._sync()

    def _button(self, name: str, glyph: str, slot: object) -> QToolButton:
        made = QToolButton(self, icon=icon(glyph), iconSize=QSize(16, 16), objectName=name)
        made.clicked.connect(slot)
        return made

    def _at(self) -> int | None:
        """Return which of the matches is the present one: the one gone to last, or the one that is selected."""
        chosen, level = self.view.stage.selected, self._sheet.level
        hidden = self._here in self.found and not is_drawn(self._sheet, self._here)
        if hidden and chosen[-1:] in ((), (self._sheet.shown(self._here),)):
            return self.found.index(self._here)
        place = joined(level, chosen[-1]) if chosen else ""
        return self.found.index(place) if place in self.found else None

    def _around(self, place: str) -> QRectF | None:
        """Return what glows for a match: its card, that of the group in which it is hidden, or its frame."""
        stage = self.view.stage
        if (frame := stage.opened.items.get(below(place, self._sheet.level))) is not None:
            return frame.rect
        card = stage.cards.get(self._sheet.shown(place))
        return None if card is None else _around(card)

    def _search(self) -> None:
        self._graph = self.view.stage.graph
        self.found = places_of(self._sheet, self.field.text())
        self._sync()

    def _sync(self) -> None:
        at, total = self._at(), len(self.found)
        if not self.field.text().strip():
            self.count.setText("")
        elif not total:
            self.count.setText(tr("Not found"))
        else:
            self.count.setText(tr("{n} of {total}", n=(at or 0) + 1, total=total))
        self.count.setVisible(bool(self.count.text()))
        place = "" if at is None else self.found[at]
        hidden = bool(place) and not is_drawn(self._sheet, place)
        self.inside.setVisible(hidden and below(place, self._sheet.level) not in self.view.stage.opened.items)
        if hidden:
            home = split(place)[0]
            self.inside.setText(tr("in {group}", group=_short(home or tr("Network"))))
            self.inside.setToolTip(tr("Go to {node} (Ctrl+Enter)", node=place.replace(".", " › ")))
        for button in (self.previous, self.next):
            button.setEnabled(total > 0)
        self.follow()
        self.view.viewport().update()

    def _on_text_changed(self) -> None:
        self._search()
        if self.found:
            self._show(self.found[self._at() or 0])

    def _on_stage_rearranged(self) -> None:
        """Something was edited: other nodes may match now."""
        if self.isVisible() and self.view.stage.graph is not self._graph:
            self._search()

    # -- Qt ------------------------------------------------------------------------------------------------------

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Take Enter before the field does, and keep single letters, which are shortcuts elsewhere, for it."""
        if event.type() == QEvent.Type.ShortcutOverride:
            event.accept()
        elif isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
                only = len(self.found) == 1 and self._at() == 0
                if only or event.modifiers() & Qt.KeyboardModifier.ControlModifier:
                    self.enter()
                    return True
                self.go(-1 if event.modifiers() & Qt.KeyboardModifier.ShiftModifier else 1)
                return True
            if event.key() == Qt.Key.Key_F and event.modifiers() & Qt.KeyboardModifier.ControlModifier:
                self.field.selectAll()
                return True
        return super().eventFilter(watched, event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.leave()
        event.accept()  # what the bar does not use is not the canvas's to use either

    def paintEvent(self, event: QPaintEvent) -> None:
        now = APPEARANCE.theme
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(QPen(QColor(now.line), 1))
            painter.setBrush(QColor(now.panel))
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), ROUND, ROUND)

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.LanguageChange:
            self.relabel()
        super().changeEvent(event)


def _short(place: str) -> str:
    return place if len(place) <= LONGEST else f"…{place[1 - LONGEST :]}"


def _around(card: Card) -> QRectF:
    return QRectF(card.x(), card.y(), *card.size).adjusted(-3, -3, 3, 3)
