"""Tokens on their way out of a network: in a row that one can walk along, and the likeliest ones at a step as bars."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFontMetricsF, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from playground.probes.writing import Token
from playground.text import tr
from widgets.data_view.wording import tint
from widgets.theme import current, font

GAP, ROOM, NARROWEST = 3.0, 5.0, 18.0
"""Pixels between two tokens, at the sides of one, and how wide one is at least."""

ROW, LOWEST = 22, 15
"""Pixels that one of the likeliest tokens takes, and at the least."""

LONGEST = 16
"""Letters of a token that are written beside its bar."""

INVISIBLE = {" ": "␣", "\n": "↵", "\t": "⇥", "\u3000": "□"}
"""How tokens that cannot be seen are written."""


def visible(text: str) -> str:
    """Return a token as it can be seen; the one that ends a text is a word of its own."""
    return "".join(INVISIBLE.get(letter, letter) for letter in text) if text else tr("end")


class TokenRow(QWidget):
    """Paints what was written, token by token, broken into as many lines as it needs; one of them is looked at.

    While it is written again, what comes after `until` is pale, for it is not there yet.

    Signals:
        moved(int): another token is looked at, by its number.
    """

    moved = Signal(int)

    def __init__(self, name: str) -> None:
        super().__init__()
        self.setObjectName(name)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Minimum)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        self.tokens: tuple[Token, ...] = ()
        self.at = -1
        self.until: int | None = None
        self.boxes: list[QRectF] = []
        self._font = font(10)

    def show_tokens(self, tokens: tuple[Token, ...], at: int, until: int | None = None) -> None:
        """Show these, one of them looked at; written up to one of them, or all."""
        same = [token.text for token in tokens] == [token.text for token in self.tokens]
        self.tokens, self.at, self.until = tokens, at, until
        if not same or len(self.boxes) != len(tokens):
            self._arrange()
        self.update()

    def look_at(self, at: int) -> None:
        """Look at another one."""
        at = max(0, min(at, len(self.tokens) - 1))
        if at != self.at and self.tokens:
            self.at = at
            self.update()
            self.moved.emit(at)

    def show_until(self, until: int | None) -> None:
        """Show that it is written up to this token, or all."""
        if until != self.until:
            self.until = until
            self.update()

    def relabel(self) -> None:
        """Say everything again in the present language."""
        self._arrange()
        self.update()

    def _arrange(self) -> None:
        self.boxes = self._boxes(self.width())
        self.setMinimumHeight(self.heightForWidth(self.width()))
        self.updateGeometry()

    def _boxes(self, width: int) -> list[QRectF]:
        metrics = QFontMetricsF(self._font)
        high, left, top = metrics.height() + 4, 1.0, 1.0
        found = []
        for token in self.tokens:
            wide = max(NARROWEST, metrics.horizontalAdvance(visible(token.text)) + 2 * ROOM)
            if left + wide > width - 1 and left > 1.0:
                left, top = 1.0, top + high + GAP
            found.append(QRectF(left, top, wide, high))
            left += wide + GAP
        return found

    # -- Qt ----------------------------------------------------------------------------------------------------

    def heightForWidth(self, width: int) -> int:
        """Be as high as the lines need."""
        boxes = self._boxes(width)
        return int(boxes[-1].bottom() + 2) if boxes else QFontMetricsF(self._font).height().__ceil__() + 6

    def sizeHint(self) -> QSize:
        """Ask for the lines that there are."""
        return QSize(240, self.heightForWidth(max(self.width(), 120)))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Break the lines anew."""
        super().resizeEvent(event)
        self._arrange()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint every token on a ground as strong as it was sure."""
        painter, theme = QPainter(self), current()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(self._font)
        for k, (token, box) in enumerate(zip(self.tokens, self.boxes, strict=True)):
            written = self.until is None or k <= self.until
            ground = tint(QColor(theme.accent), 0.34 * token.share) if written else theme.panel
            painter.setBrush(QColor(ground))
            edge = theme.accent if k == self.at else theme.line
            painter.setPen(QPen(QColor(edge), 2 if k == self.at and self.hasFocus() else 1))
            painter.drawRoundedRect(box, 4, 4)
            painter.setPen(QColor(theme.text if written else theme.dim))
            painter.drawText(box, Qt.AlignmentFlag.AlignCenter, visible(token.text))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Look at the token under the pointer."""
        at = next((k for k, box in enumerate(self.boxes) if box.contains(QPointF(event.position()))), -1)
        if at >= 0:
            self.look_at(at)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Walk with the arrow keys, Home and End."""
        ways = {
            Qt.Key.Key_Left: self.at - 1,
            Qt.Key.Key_Right: self.at + 1,
            Qt.Key.Key_Home: 0,
            Qt.Key.Key_End: len(self.tokens) - 1,
        }
        to = ways.get(Qt.Key(event.key()))
        if to is None:
            super().keyPressEvent(event)
        else:
            self.look_at(to)

    def focusInEvent(self, event: object) -> None:
        """Show that the keys walk along it."""
        self.update()

    def focusOutEvent(self, event: object) -> None:
        """Show that they do no longer."""
        self.update()


class Likeliest(QWidget):
    """The likeliest tokens at one step as bars with their probabilities; the one that was written is marked."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.setObjectName(name)
        self.setMinimumSize(132, 5 * LOWEST)
        self.token: Token | None = None

    def show_token(self, token: Token | None) -> None:
        """Show what could have been written in place of this token."""
        if token != self.token:
            self.token = token
            self.update()
        told = "" if token is None else ", ".join(f"{visible(text)} {share:.0%}" for text, share in token.best)
        self.setAccessibleName(tr("The likeliest tokens") + (f": {told}" if told else ""))
        self.setToolTip(self.accessibleName())

    # -- Qt ----------------------------------------------------------------------------------------------------

    def sizeHint(self) -> QSize:
        """Ask for five rows."""
        return QSize(200, 5 * ROW)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint a bar for each."""
        if self.token is None:
            return
        painter, theme = QPainter(self), current()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(font(9.5))
        metrics = QFontMetricsF(painter.font())
        names = [visible(text)[:LONGEST] for text, _ in self.token.best]
        names_width = min(0.45 * self.width(), max([34.0, *(metrics.horizontalAdvance(name) for name in names)]) + 16)
        percent = metrics.horizontalAdvance("100 %") + 6
        high = max(LOWEST, min(ROW, self.height() // 5))
        for k, ((text, share), name) in enumerate(zip(self.token.best, names, strict=True)):
            top, taken = k * high, text == self.token.text
            room = self.width() - names_width - percent
            painter.setPen(QColor(theme.accent_text if taken else theme.text))
            mark = "▸ " if taken else ""
            label = QRectF(0, top, names_width - 6, high)
            name = metrics.elidedText(mark + name, Qt.TextElideMode.ElideRight, label.width())
            painter.drawText(label, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, name)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(theme.accent if taken else theme.wire))
            bar = QRectF(names_width, top + 0.2 * high, max(1.0, room * share), 0.6 * high)
            painter.drawRoundedRect(bar, 2, 2)
            painter.setPen(QColor(theme.dim))
            place = QRectF(names_width + bar.width() + 4, top, percent + 20, high)
            painter.drawText(place, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, f"{share:.0%}")
