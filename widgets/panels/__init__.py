"""Panels: pictures of what probes answer. One file a picture; none knows another.

A panel builds its plot items once and then only gives them data. It is asked to draw only while it is visible,
and what it asks for is measured only then.
"""

from __future__ import annotations

from importlib import import_module
from pkgutil import iter_modules
from typing import Any, ClassVar

from PySide6.QtWidgets import QWidget

from playground.probes import Probe
from playground.tidy import Table, tidy
from widgets.focus import Focus
from widgets.session import Session

PANELS: dict[str, type[Panel]] = {}


class Panel(QWidget):
    """The base of all panels. A subclass sets the class attributes and fills `build` and `draw`.

    Class attributes:
        key: its name in documents and in the list of panels.
        title: what stands above it (a literal marked with `note`).
        help: three sentences: what it shows, how to read it, what to look for (marked with `note`).
        icon: a name of Material Design Icons.
        per_node: whether it shows one node, chosen by the person (then `set_node` is called).

    Attributes:
        session: the run that it shows.
        focus: what the person looks at, shared with the other panels.
        answer: what it shows now, where it keeps the answer as it came; its numbers are saved from there.
        covered: whether another panel lies over it, so that nobody sees it.

    The window puts it in a dock with a title bar (title, help, save, maximise, float), calls `build` once, then
    `draw(answer)` for every frame that answers its `probe()`, `sync()` when the session progressed or restarted,
    `relabel()` when the language changed and `recolour(theme)` when the theme did.
    """

    key: ClassVar[str] = ""
    title: ClassVar[str]
    help: ClassVar[str]
    icon: ClassVar[str] = "mdi6.chart-line"
    per_node: ClassVar[bool] = False

    answer: Any = None
    covered = False

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        if cls.key:
            PANELS[cls.key] = cls

    def __init__(self, session: Session, parent: QWidget | None = None, focus: Focus | None = None) -> None:
        super().__init__(parent)
        self.session = session
        self.focus = focus or Focus(self)
        self.node = ""
        self.build()

    def build(self) -> None:
        """Create every item once."""
        raise NotImplementedError

    def probe(self) -> Probe | None:
        """Return the question this panel asks now; None where it lives on the history alone."""
        return None

    def draw(self, answer: Any) -> None:
        """Show an answer of `probe`; called often, so it only sets data."""

    def sync(self) -> None:
        """Show what the session's history holds now."""

    def relabel(self) -> None:
        """Say everything again in the present language."""

    def recolour(self, theme: Any) -> None:
        """Take the colours of a theme (`widgets.theme.Theme`)."""

    def set_node(self, id: str) -> None:
        """Show another node from now on."""
        self.node = id
        self.rewatch()

    def rewatch(self) -> None:
        """Tell the session that `probe()` is another now."""
        self.session.watch(self.key, self.probe() if self.seen else None)

    @property
    def seen(self) -> bool:
        """Whether anybody can see it."""
        return self.isVisible() and not self.covered

    @property
    def filled(self) -> bool:
        """Whether there is anything to see, and not the words that say how to fill it."""
        return self.answer is not None

    def as_table(self) -> Table | None:
        """Return what it shows as a table, None where there is none; some have one that is read more easily."""
        return tidy(self.answer) if self.answer is not None else None

    def first_of(self, nodes: list[str]) -> str:
        """Return which of these nodes to show while the person has chosen none."""
        return next(iter(nodes), "")

    def title_detail(self) -> str:
        """Return what stands in the dim colour behind the title: the node, for panels of one node."""
        return self.node

    def class_name(self, name: str) -> str:
        """Return what a class of the present data is called in the present language."""
        return self.session.document.now.source.class_name(name)

    @property
    def busy(self) -> bool:
        """Whether it waits for an answer that takes long; a picture of the window is taken when it has come."""
        return False

    def empty(self) -> str:
        """Return what to say while there is nothing to draw: how to fill the panel."""
        return ""


def load_panels() -> dict[str, type[Panel]]:
    """Import every panel (after the window has painted) and return them by key."""
    for module in iter_modules(__path__):
        import_module(f"{__name__}.{module.name}")
    return PANELS
