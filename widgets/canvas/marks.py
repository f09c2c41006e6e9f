"""What is said of a node besides its block: bypassed, muted, frozen, tied, set by hand; its signs and switches."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QStaticText

from playground.graph import Node
from playground.text import Refusal, Sentence, note, say, tr
from widgets.canvas.geometry import WIDTH
from widgets.canvas.look import LIVE, Look
from widgets.icons import glyph
from widgets.names import name_of_state

if TYPE_CHECKING:
    from widgets.canvas.view import Canvas

ICONS = {
    "bypassed": "mdi6.debug-step-over",
    "muted": "mdi6.volume-off",
    "frozen": "mdi6.snowflake",
    "tied": "mdi6.link-variant",
    "by_hand": "mdi6.hand-back-right-outline",
}
STATE_WORDS = {"bypassed": note("Bypassed"), "muted": note("Muted")}
SIZE, STEP = 14.0, 17.0
"""How large a sign is, and how far it is from one to the next."""


def signs_of(node: Node) -> tuple[str, ...]:
    """Return the signs in the corner of a node's card: keys of `ICONS`."""
    said = {"frozen": node.frozen, "tied": bool(node.tied_to), "by_hand": bool(node.weights)}
    return tuple(sign for sign, here in said.items() if here)


def words_of(node: Node) -> list[str]:
    """Say in full what the signs of a node mean."""
    words = []
    if node.state == "bypassed":
        words.append(tr("Bypassed: its first input passes through unchanged"))
    if node.state == "muted":
        words.append(tr("Muted: it gives zeros"))
    if node.frozen:
        words.append(tr("Frozen: training leaves its weights alone"))
    if node.tied_to:
        words.append(tr("Shares the weights of {node}", node=node.tied_to))
    if node.weights:
        words.append(tr("Its weights begin as they were set by hand"))
    return words


# -- on the card -------------------------------------------------------------------------------------------------


def room_for(signs: tuple[str, ...]) -> float:
    """Return how much of the first line the signs take."""
    return len(signs) * STEP


def paint_signs(painter: QPainter, look: Look, signs: tuple[str, ...]) -> None:
    """Paint the signs into the right top corner of a card."""
    for i, sign in enumerate(reversed(signs)):
        _paint_sign(painter, look, sign, QPointF(WIDTH - 10 - SIZE - i * STEP, 13))


def state_word(state: str) -> str:
    """Return the word for a state of a node."""
    return str(Sentence(STATE_WORDS[state])) if state else ""


def paint_state(painter: QPainter, look: Look, state: str, word: QStaticText) -> None:
    """Paint the state of a node where its live strip would be: it has nothing to show."""
    wide = word.size().width() + SIZE + 22
    chip = QRectF(LIVE.left() - 2, LIVE.top() + 4, wide, 22)
    painter.setPen(look.chip_pen)
    painter.setBrush(look.chip_brush)
    painter.drawRoundedRect(chip, 11, 11)
    _paint_sign(painter, look, state, QPointF(chip.left() + 8, chip.top() + 4))
    painter.setPen(look.text)
    painter.setFont(look.small_font)
    painter.drawStaticText(QPointF(chip.left() + SIZE + 13, chip.center().y() - word.size().height() / 2), word)


def _paint_sign(painter: QPainter, look: Look, sign: str, at: QPointF) -> None:
    path = glyph(ICONS[sign], round(SIZE))
    painter.save()
    painter.translate(at)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.fillPath(path, look.text)
    painter.restore()


# -- switches ------------------------------------------------------------------------------------------------------


def state_of_selected(canvas: Canvas) -> str:
    """Return the state that all selected nodes have, if it is the same."""
    states = {node.state for node in _meant(canvas)}
    return states.pop() if len(states) == 1 else ""


def switch_state(canvas: Canvas, state: str) -> None:
    """Bypass or mute the selected nodes; where all of them already are, let them do their work again."""
    nodes = _meant(canvas)
    if not nodes:
        return
    new = "" if state_of_selected(canvas) == state else state
    fitting = [node.id for node in nodes if not new or not _why_not(node, new)]
    if not fitting:
        raise Refusal(_why_not(nodes[-1], new) or say("Nothing is selected"))
    canvas.sheet.mark(fitting, name_of_state(fitting, state, new), state=new)


def _meant(canvas: Canvas) -> list[Node]:
    """Return what is selected: of a group that is open in place, all of whose nodes are, the group."""
    sheet = canvas.sheet
    return [node for id in sheet.whole(canvas.selected_ids) if (node := sheet.node(id)) is not None]


def _why_not(node: Node, state: str) -> Sentence | None:
    """Say why a node cannot be in a state: something has to come in to pass through, and to go out to be zeros."""
    if node.block.edge:
        return say("{node} is a port of its group, so it cannot be bypassed or muted", node=node.id)
    if not node.block.outputs:
        return say("Nothing comes out of {node}, so it cannot be bypassed or muted", node=node.id)
    if state == "bypassed" and not node.block.ports():
        return say("Nothing comes into {node} that could pass through; mute it instead", node=node.id)
    return None
