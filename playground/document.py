"""The document being edited: the experiment as it is now, its past and future, where it is saved.

One loop of data: a gesture calls `edit` with the changed parts and a name; the document becomes the new value and
tells everyone `changed(old, new)`; each view compares and updates itself. Opening, undo and typing take the same
path. Undo is a list of values.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

from playground.analysis import analyse
from playground.experiment import Experiment, Start
from playground.graph import Graph
from playground.nesting import moved
from playground.report import Report
from playground.text import Refusal, Sentence, say

Listener = Callable[[Experiment, Experiment], None]


class Edit(NamedTuple):
    """One step of the history: what it is called and the value before it."""

    name: Sentence
    before: Experiment
    merge: Hashable


class Document:
    """An experiment under edit.

    Attributes:
        now: the experiment as it is.
        report: its analysis, always of `now`.
        path: the file it was opened from or saved to; None for a new one.
    """

    def __init__(self, experiment: Experiment | None = None, path: Path | None = None) -> None:
        self.now = experiment or Experiment()
        self.path = path
        self._saved = self.now
        self._past: list[Edit] = []
        self._future: list[Edit] = []
        self._listeners: list[Listener] = []
        self.report: Report = analyse(self.now.graph, self.now.facts)

    def subscribe(self, listener: Listener) -> Callable[[], None]:
        """Call `listener(old, new)` after every change; the returned function ends that."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    # -- changing ----------------------------------------------------------------------------------------------

    def edit(self, name: Sentence, *, merge: Hashable = None, **changes: Any) -> None:
        """Change fields of the experiment as one undoable step called `name`.

        Consecutive edits with an equal `merge` become one step (a dragged node, a number being typed).
        """
        if self.now.start is not None and "graph" in changes:
            changes.setdefault("start", _following(self.now.start, self.now.graph, changes["graph"]))
        new = replace(self.now, **changes)
        if new == self.now:
            return
        if merge is None or not self._past or self._past[-1].merge != merge:
            self._past.append(Edit(name, self.now, merge))
        elif self._past[-1].before == new:
            self._past.pop()  # back where the step began: there is nothing to take back
        self._future.clear()
        self._become(new)

    def note(self, **changes: Any) -> None:
        """Change fields that are no work of the user's (facts the reader returned): not undoable, not dirty."""
        clean = not self.dirty
        new = replace(self.now, **changes)
        if new == self.now:
            return
        self._saved = new if clean else _with_facts(self._saved, new)
        self._become(new)

    def close_step(self) -> None:
        """End merging: the next edit is a step of its own whatever its `merge`."""
        if self._past:
            self._past[-1] = self._past[-1]._replace(merge=None)

    def undo(self) -> None:
        """Go back one step, if there is one."""
        if self._past:
            edit = self._past.pop()
            self.close_step()  # what is done next is no part of what was done before
            self._future.append(edit._replace(before=self.now, merge=None))
            self._become(_returning(edit.before, self.now))

    def redo(self) -> None:
        """Go forward one step, if there is one."""
        if self._future:
            edit = self._future.pop()
            self._past.append(edit._replace(before=self.now))
            self._become(_returning(edit.before, self.now))

    def open(self, experiment: Experiment, path: Path | None = None) -> None:
        """Become another document: its own file, a fresh history."""
        self.path = path
        self._saved = experiment
        self._past.clear()
        self._future.clear()
        self._become(experiment)

    def saved(self, path: Path) -> None:
        """Remember that the present state lies in this file."""
        self.path = path
        self._saved = self.now
        for listener in tuple(self._listeners):
            listener(self.now, self.now)

    # -- reading -----------------------------------------------------------------------------------------------

    @property
    def dirty(self) -> bool:
        """Whether there is anything that is not in the file."""
        return self.now != self._saved

    @property
    def undo_name(self) -> Sentence | None:
        """What undo would take back."""
        return self._past[-1].name if self._past else None

    @property
    def redo_name(self) -> Sentence | None:
        """What redo would do again."""
        return self._future[-1].name if self._future else None

    @property
    def name(self) -> str:
        """What to call it: its title, else its file's name, else Untitled."""
        return str(self.now.title) or (self.path.stem if self.path else str(say("Untitled")))

    def _become(self, new: Experiment) -> None:
        old, self.now = self.now, new
        if old.graph is not new.graph or old.facts is not new.facts:
            self.report = analyse(new.graph, new.facts)
        for listener in tuple(self._listeners):
            listener(old, new)


def _with_facts(then: Experiment, now: Experiment) -> Experiment:
    """Keep what the reader found out since, where the data is the same."""
    same = then.source == now.source and then.preparation == now.preparation
    return replace(then, facts=now.facts) if same and then.facts != now.facts else then


def _returning(then: Experiment, now: Experiment) -> Experiment:
    """Go back to a value, keeping the reader's facts and which ids have been given out: none is given out again."""
    used = {stem: max(number, then.graph.used.get(stem, 0)) for stem, number in now.graph.used.items()}
    if used != then.graph.used:
        then = replace(then, graph=replace(then.graph, used={**then.graph.used, **used}))
    return _with_facts(then, now)


def _following(start: Start, old: Graph, new: Graph) -> Start:
    """Let the nodes that begin with the weights of a project do so under the paths that they have now."""
    try:
        return start.renamed(moved(old, new))
    except Refusal:  # more nodes than can be unfolded, which analysis tells
        return start
