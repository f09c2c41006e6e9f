"""What stands beneath a picture: what it is, what the network takes it for, and how sure it is."""

from __future__ import annotations

import html
from collections.abc import Callable

from playground.text import tr
from widgets.theme import current


def verdict(label: str, predicted: str, confidence: float, called: Callable[[str], str]) -> str:
    """Say it in rich text; `called` says what a class is called. Without a label nothing is right or wrong."""
    theme = current()
    guess = tr("prediction {name}", name=html.escape(called(predicted)))
    share = f'<span style="color:{theme.dim}">{confidence:.2f}</span>'
    if not label:
        return f"{guess} {share}"
    if label == predicted:
        return f'<span style="color:{theme.good_text}">✓ {guess}</span> {share}'
    truth = tr("label {name}", name=html.escape(called(label)))
    return f'{truth}<br/><span style="color:{theme.bad_text}">✗ {guess}</span> {share}'
