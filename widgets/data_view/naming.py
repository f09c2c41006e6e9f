"""What classes are called in the present language, in what the engine has sent."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from playground.browsing.answers import Answer, Classes, Masks, Overview, Page, Steps

Called = Callable[[str], str]


def page_in_words(page: Page, called: Called) -> Page:
    """Return a page with the classes called as a person reads them."""
    wanted, given = (tuple(_in_words(one, called) for one in some) for some in (page.wanted, page.given))
    return replace(page, wanted=wanted, given=given)


def overview_in_words(overview: Overview, called: Called) -> Overview:
    """Return an overview with the classes called as a person reads them; tokens stay what they are."""
    tallies = (
        one if one.kind == "tokens" else replace(one, names=tuple(map(called, one.names))) for one in overview.tallies
    )
    return replace(overview, tallies=tuple(tallies))


def _in_words(answer: Answer, called: Called) -> Answer:
    if isinstance(answer, Classes | Masks):
        return replace(answer, names=tuple(map(called, answer.names)))
    if isinstance(answer, Steps) and not answer.written:
        return replace(answer, names=tuple(tuple(map(called, names)) for names in answer.names))
    return answer
