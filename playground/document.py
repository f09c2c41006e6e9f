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

from playground.blocks.group import Group
from playground.experiment import Experiment, Start
from playground.graph import Graph
from playground.nesting import has_level, is_there, moved
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
        self.report: Report = self.now.examined()

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
        new = _without_lost(replace(self.now, **changes), self.now)
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
        if old.graph is not new.graph or old.facts is not new.facts or _learns_otherwise(old, new):
            self.report = new.examined()
        for listener in tuple(self._listeners):
            listener(old, new)


def _learns_otherwise(old: Experiment, new: Experiment) -> bool:
    """Whether steps without a gradient are a problem of one and not of the other."""
    return old.training.optimiser.through_steps != new.training.optimiser.through_steps


def _with_facts(then: Experiment, now: Experiment) -> Experiment:
    """Keep what the reader found out since, where the data is the same."""
    same = then.source == now.source and then.preparation == now.preparation
    return replace(then, facts=now.facts) if same and then.facts != now.facts else then


def _returning(then: Experiment, now: Experiment) -> Experiment:
    """Go back to a value, keeping the reader's facts and which ids have been given out: none is given out again."""
    graph = _numbered_on(then.graph, now.graph)
    return _with_facts(then if graph is then.graph else replace(then, graph=graph), now)


def _numbered_on(then: Graph, now: Graph) -> Graph:
    """Return a graph whose numbering, and that of its groups, goes on where the present one's has got to."""
    used = {stem: max(number, then.used.get(stem, 0)) for stem, number in now.used.items()}
    nodes = {}
    for id, node in then.nodes.items():
        other = now.nodes.get(id)
        if isinstance(node.block, Group) and other and other is not node and isinstance(other.block, Group):
            inner = _numbered_on(node.block.graph, other.block.graph)
            if inner is not node.block.graph:
                nodes[id] = replace(node, block=node.block.replace(graph=inner))
    if not nodes and all(then.used.get(stem, 0) == number for stem, number in used.items()):
        return then
    return replace(then, nodes={**then.nodes, **nodes}, used={**then.used, **used})


def _without_lost(new: Experiment, old: Experiment) -> Experiment:
    """Forget where nodes stood that are gone, and what was written and open inside groups that are gone."""
    view, graph = new.view, new.graph
    if graph is old.graph and view is old.view:
        return new
    lost = {path for path in view.positions.keys() - graph.nodes.keys() if not is_there(graph, path)}
    remarks = tuple(remark for remark in view.remarks if has_level(graph, remark.level))
    opened = tuple(path for path in view.opened if has_level(graph, path))
    if not lost and (len(remarks), len(opened)) == (len(view.remarks), len(view.opened)):
        return new
    positions = {path: place for path, place in view.positions.items() if path not in lost}
    return replace(new, view=replace(view, positions=positions, remarks=remarks, opened=opened))


def _following(start: Start, old: Graph, new: Graph) -> Start:
    """Let the nodes that begin with the weights of a project do so under the paths that they have now."""
    try:
        return start.renamed(moved(old, new))
    except Refusal:  # more nodes than can be unfolded, which analysis tells
        return start
