"""Examples that are texts: their tokens with their tags, what is to be written, what the network says instead."""

from __future__ import annotations

from html import escape

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QTextOption
from PySide6.QtWidgets import QTextBrowser, QWidget

from playground.browsing.answers import Page, Steps, Texts
from playground.preparation.texts import END, PAD, START, UNKNOWN
from playground.text import tr
from widgets import theme
from widgets.data_view.wording import class_colour, in_words, is_wrong, tint

SIGNS = {" ": "␣", "\n": "⏎", "\r": "␍", "\t": "⇥", "\u3000": "□", "\u00a0": "⍽"}
"""What is written for tokens that could not be seen."""

SPECIAL = (PAD, UNKNOWN, START, END)


class Sentences(QTextBrowser):
    """The view: a row for each text. What is selected can be copied."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("data_texts")
        self.setFrameShape(QTextBrowser.Shape.NoFrame)
        self.setOpenLinks(False)
        self.setTabChangesFocus(True)
        self.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        self.viewport().setAutoFillBackground(False)
        self.setWordWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)

    def show_page(self, page: Page) -> None:
        """Show the texts of a page."""
        assert isinstance(page.content, Texts)
        rows = "".join(_row(page, page.content, at) for at in range(len(page.numbers)))
        self.setHtml(f"<table cellspacing='0' cellpadding='5' width='100%'>{rows}</table>")


def _row(page: Page, content: Texts, at: int) -> str:
    look = theme.current()
    beside = [one for one in page.wanted if not isinstance(one, Steps)]
    tags = [one for one in page.wanted if isinstance(one, Steps) and not one.written]
    said = {one.target: one for one in page.given if isinstance(one, Steps) and not one.written}
    classes = ""
    if beside:
        words = "<br>".join(escape(in_words(one, at)) for one in beside)
        for one in page.given:
            if not isinstance(one, Steps):
                colour = look.bad_text if is_wrong(page, one.target, at) else look.text
                words += f"<br><span style='color:{colour}'>→ {escape(in_words(one, at))}</span>"
        classes = f"<td width='84'><b>{words}</b></td>"
    text = _tokens(content, at, tags, said)
    for one in page.wanted:
        if isinstance(one, Steps) and one.written:
            text += f"<br><span style='color:{look.dim}'>→</span> {_written(one.names[at], content.spaced)}"
    for one in page.given:
        if isinstance(one, Steps) and one.written:
            colour = look.bad_text if is_wrong(page, one.target, at) else look.text
            label = escape(tr("the network says"))
            words = _written(one.names[at], content.spaced)
            text += f"<br><span style='color:{colour}'>{label}: {words}</span>"
    number = f"{int(page.numbers[at]) + 1:,}"
    return f"<tr><td width='40' align='right' style='color:{look.dim}'>{number}</td>{classes}<td>{text}</td></tr>"


def _tokens(content: Texts, at: int, tags: list[Steps], said: dict[str, Steps]) -> str:
    """Write the tokens, each with its tags behind it, small, on the colour of the first."""
    parts = []
    for nth, token in enumerate(content.tokens[at]):
        word = _token(token)
        for tag in tags:
            answers = said.get(tag.target, tag).names[at]
            if nth < len(tag.names[at]) and tag.names[at][nth]:
                word = _tagged(word, tag.names[at][nth], tag.numbers[at][nth], answers[nth])
        parts.append(word)
    text = (" " if content.spaced or tags else "").join(parts)
    if content.cut[at]:
        more = escape(tr("… and {n} more", n=content.cut[at]))
        text += f" <span style='color:{theme.current().dim}'>{more}</span>"
    return text


def _tagged(word: str, tag: str, number: int, answer: str) -> str:
    look = theme.current()
    if answer != tag:
        said = f"{escape(tag)} → {escape(answer)}"
        return f"<u>{word}</u>&nbsp;<span style='font-size:8pt;color:{look.bad_text}'>{said}</span>"
    if tag == "O":  # outside of any name: most words, which need no mark
        return word
    name = f"<span style='font-size:8pt'>{escape(tag)}</span>"
    return f"<span style='background-color:{tint(class_colour(number))}'>{word}&nbsp;{name}</span>"


def _written(tokens: tuple[str, ...], spaced: bool) -> str:
    return (" " if spaced else "").join(map(_token, tokens))


def _token(token: str) -> str:
    """Write a token so that it is seen: signs for spaces, a ground for what is no text."""
    look = theme.current()
    if token in SPECIAL:
        ground = tint(QColor(look.validation), 0.35)
        return f"<span style='background-color:{ground};color:{look.text}'>{escape(token)}</span>"
    if token in SIGNS:
        after = "<br>" if token == "\n" else ""
        return f"<span style='color:{look.dim}'>{SIGNS[token]}</span>{after}"
    return escape(token) or "·"
