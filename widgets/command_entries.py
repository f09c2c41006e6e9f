"""What the command palette lists: everything that stands in the menus, and in which order a search finds it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from PySide6.QtGui import QAction, QIcon, QKeySequence
from PySide6.QtWidgets import QMenu

from playground.fuzzy import INSIDE, score
from playground.text import Sentence
from widgets.actions import Actions

LESS = 1.5
"""How much less a match counts that needs the name of the menu."""


@dataclass(frozen=True)
class Entry:
    """One thing that can be chosen: what stands in a menu, or in a submenu as "Theme: Dark".

    Attributes:
        texts: what it is called, in the present language and in English.
        places: the same, each after the name of its menu.
        nested: whether it stands in a submenu.
    """

    key: str
    words: str
    menu: str
    texts: tuple[str, ...]
    places: tuple[str, ...]
    keys: str
    icon: QIcon
    enabled: bool
    checked: bool
    nested: bool
    act: Callable[[], object]


def entries(actions: Actions) -> Iterator[Entry]:
    """Return everything that stands in the menus now, in their order."""
    for name, menu in actions.menus.items():
        menu.aboutToShow.emit()
        for action in menu.actions():
            if action.isSeparator() or not action.isVisible() or action is actions["commands"]:
                continue
            if action.menu() is not None:
                yield from _nested(action, name)
            else:
                yield _entry(action, name, _plain(action), _english(action), action.objectName())


def ranked(query: str, found: list[Entry], recent: list[str]) -> list[Entry]:
    """Return what a query finds, the best first; what cannot be done now comes last of what was likely meant.

    Where nothing is typed, what was used last leads, and what stands in submenus follows what stands in menus.
    """

    def rank(entry: Entry) -> tuple[float, ...] | None:
        used = recent.index(entry.key) if entry.key in recent else len(recent)
        if not query.strip():
            return (not entry.enabled, used, entry.nested)
        scores = [value for text in entry.texts if (value := score(query, text)) is not None]
        scores += [value - LESS for text in entry.places if (value := score(query, text)) is not None]
        if not scores:
            return None
        # Letters strewn over a long title are hardly what was meant, even where it is all that can be done now.
        return (max(scores) < INSIDE, not entry.enabled, -max(scores), used)

    ranks = [(found_rank, number) for number, entry in enumerate(found) if (found_rank := rank(entry)) is not None]
    return [found[number] for _, number in sorted(ranks)]


def _nested(parent: QAction, menu: str) -> Iterator[Entry]:
    """Return the entries of a submenu, filled as if it were opened."""
    inner: QMenu = parent.menu()  # type: ignore[assignment]
    inner.aboutToShow.emit()
    for action in inner.actions():
        if not action.isSeparator() and action.isEnabled():
            words = f"{_plain(parent)}: {_plain(action)}"
            english = f"{_english(parent)}: {action.data()}"
            yield _entry(action, menu, words, english, f"{parent.objectName()}:{action.data()}", parent)


def _entry(action: QAction, menu: str, words: str, english: str, key: str, parent: QAction | None = None) -> Entry:
    title, held = str(Sentence(menu)), action.text().partition("\t")[2]
    keys = action.shortcut().toString(QKeySequence.SequenceFormat.NativeText)
    return Entry(
        key=key,
        words=words,
        menu=title,
        texts=tuple(dict.fromkeys((words, english))),
        places=tuple(dict.fromkeys((f"{title} {words}", f"{menu} {english}"))),
        keys=keys or held,
        icon=parent.icon() if parent and action.icon().isNull() else action.icon(),
        enabled=action.isEnabled() and (parent is None or parent.isEnabled()),
        checked=action.isCheckable() and action.isChecked(),
        nested=parent is not None,
        act=action.trigger,
    )


def _plain(action: QAction) -> str:
    """Return the words of an action without what only a menu reads: the mark of a letter, the keys after a tab."""
    return action.text().partition("\t")[0].replace("&&", "\0").replace("&", "").replace("\0", "&")


def _english(action: QAction) -> str:
    return str(action.property("english") or _plain(action))
