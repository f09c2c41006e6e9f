"""The runs that stand beside the present one: kept from it, or trained beside it by a companion.

`Session.runs` holds them; they are there until the window closes. Panels draw those that are shown, and the panel of
runs lists them all.
"""

from __future__ import annotations

import itertools
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QObject, Signal

from playground.differing import differences, plainly, short
from playground.experiment import Experiment
from playground.text import Sentence, count, say
from widgets.runs.companion import Companion
from widgets.runs.run import Group, Run

if TYPE_CHECKING:
    from widgets.session import Session

MOST_RUNS = 30
"""How many there may be at once; each keeps every step."""

MOST_SEEDS = 20


class Runs(QObject):
    """All runs besides the present one, in the order in which they came.

    Attributes:
        all: every run, those of groups too.
        companion: what trains those that were not kept.

    Signals:
        changed(): there are others, or one has another name, state or look.
        grew(object): a run has said more.
        begun(): the person has asked for runs; where they are listed is worth showing.
        refused(object): it cannot be done; a Sentence that says why.
        wanted(object): the person wants to work on what was trained there: an Experiment.
    """

    changed = Signal()
    grew = Signal(object)
    begun = Signal()
    refused = Signal(object)
    wanted = Signal(object)

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self.session = session
        self.all: list[Run] = []
        self.companion = Companion(self)
        self.companion.grew.connect(self.grew)
        self.companion.stateChanged.connect(self._on_companion_state_changed)
        self._numbers = itertools.count(1)

    @property
    def items(self) -> list[Run | Group]:
        """What is listed: single runs, and groups in the place of their first run."""
        return list(dict.fromkeys(run.group or run for run in self.all))

    def members(self, group: Group) -> list[Run]:
        """Return the runs of a group."""
        return [run for run in self.all if run.group is group]

    @property
    def busy(self) -> bool:
        """Whether any are still to be trained."""
        return self.companion.busy

    # -- more of them ------------------------------------------------------------------------------------------

    def keep(self, by_itself: bool = False) -> Run | None:
        """Keep the present run as it is; one that has been kept already is not kept twice."""
        session = self.session
        if not session.history.loss.size and not session.history.evaluations:
            if not by_itself:
                self.refused.emit(say("There is nothing to keep yet: press Play first"))
            return None
        for run in self.all:
            if np.array_equal(run.history.loss.values, session.history.loss.values, equal_nan=True):
                return run
        if not self._make_room(1, by_itself):
            return None
        run = self._add(session.document.now, self._name(session.document.now))
        run.history = session.history.copy()
        run.state = "finished" if session.state == "finished" else "stopped"
        run.until, run.seconds, run.device = session.until, session.seconds, session.device
        run.by_itself = by_itself
        self.changed.emit()
        if not by_itself and len(self.all) == 1:
            self.begun.emit()
        return run

    def train_seeds(self, number: int) -> Group | None:
        """Train the document as it is now with so many seeds, one after another, as one group."""
        now = self.session.document.now
        number = min(number, MOST_SEEDS)
        if not self._may_train(now) or not self._make_room(number):
            return None
        title = self._title(now)
        name = self._unlike(count("{title}, {n} seed", "{title}, {n} seeds", number, title=title))
        group = Group(name, self._look())
        first = now.training.seed
        made = []
        for seed in range(first, first + number):
            training = now.training.replace(seed=seed % (2**31 - 1))
            made.append(self._add(replace(now, training=training), say("seed {value}", value=str(seed)), group))
        self._train(made)
        return group

    def train(self, experiment: Experiment, name: Sentence | None = None) -> Run | None:
        """Train an experiment beside the present run, to be compared with it."""
        if not self._may_train(experiment) or not self._make_room(1):
            return None
        run = self._add(experiment, self._unlike(name) if name is not None else self._name(experiment))
        self._train([run])
        return run

    def _train(self, runs: list[Run]) -> None:
        for run in runs:
            # One thread each: the person's own run is the one that must not wait.
            training = run.experiment.training.replace(threads=1)
            run.experiment = replace(run.experiment, training=training)
            run.device = self.session.device or "auto"
        self.changed.emit()
        self.begun.emit()
        self.companion.add(runs)

    def _may_train(self, experiment: Experiment) -> bool:
        blocking = experiment.examined().blocking
        if blocking:
            node, problem = blocking[0].node, blocking[0].message
            self.refused.emit(say("{node}: {problem}", node=node, problem=problem) if node else problem)
        return not blocking

    def _make_room(self, number: int, by_itself: bool = False) -> bool:
        """Let go of runs that were kept without being asked for, where others are wanted; say so where none is left."""
        spare = [run for run in self.all if run.by_itself]
        while len(self.all) + number > MOST_RUNS and spare:
            self.all.remove(spare.pop(0))
        fits = len(self.all) + number <= MOST_RUNS
        if not fits and not by_itself:
            self.refused.emit(say("There is room for {n} runs: remove some first", n=MOST_RUNS))
        return fits

    def _add(self, experiment: Experiment, name: Sentence, group: Group | None = None) -> Run:
        look = group.look if group is not None else self._look()
        run = Run(next(self._numbers), name, experiment, look, group)
        alike = next((one for one in reversed(self.all) if one.experiment.graph is experiment.graph), None)
        run.parameters = alike.parameters if alike is not None else experiment.examined().parameters
        self.all.append(run)
        return run

    # -- what is done with them --------------------------------------------------------------------------------

    def rename(self, item: Run | Group, name: str) -> None:
        """Call a run or a group otherwise; an empty name changes nothing."""
        if name.strip() and name.strip() != str(item.name):
            item.name = name.strip()
            self.changed.emit()

    def show(self, item: Run | Group, shown: bool) -> None:
        """Draw it, or do not."""
        item.shown = shown
        self.changed.emit()

    def show_each(self, group: Group, each: bool) -> None:
        """Draw each run of a group too, or only what they have together."""
        group.each = each
        self.changed.emit()

    def remove(self, item: Run | Group) -> None:
        """Forget a run or a group; what is still being trained of it is given up."""
        self.cancel(item)
        gone = self.members(item) if isinstance(item, Group) else [item]
        self.all = [run for run in self.all if run not in gone]
        self.changed.emit()

    def cancel(self, item: Run | Group) -> None:
        """Train a run or a group no further; what it has said by now stays."""
        for run in reversed(self.members(item) if isinstance(item, Group) else [item]):
            if not run.over:
                self.companion.cancel(run)

    def cancel_all(self) -> None:
        """Train nothing more."""
        self.companion.cancel_all()

    def open(self, run: Run) -> None:
        """Ask for the document of a run to be opened."""
        self.wanted.emit(run.experiment)

    def close(self) -> None:
        """End what trains them."""
        self.companion.close()

    # -- names and looks ---------------------------------------------------------------------------------------

    def _look(self) -> int:
        """Return the first look that nothing has."""
        taken = {item.look for item in self.items}
        return next(look for look in itertools.count() if look not in taken)

    def _title(self, experiment: Experiment) -> object:
        if str(experiment.title):
            return experiment.title
        path = self.session.document.path
        return path.stem if path is not None and experiment is self.session.document.now else say("Untitled")

    def _name(self, experiment: Experiment) -> Sentence:
        """Call it by its title, and by what tells it from the most similar run of that title."""
        title = self._title(experiment)
        name = plainly(title)
        others = [run.experiment for run in self.all if str(self._title(run.experiment)) == str(title)]
        if others:
            nearest = min(reversed(others), key=lambda other: len(differences(other, experiment)))
            if told := short(nearest, experiment):
                name = say("{title}, {what}", title=title, what=told)
        return self._unlike(name)

    def _unlike(self, name: Sentence) -> Sentence:
        """Number a name that something else has."""
        taken = {str(item.name) for item in self.items}
        numbered = (say("{name} ({n})", name=name, n=number) for number in itertools.count(2))
        return name if str(name) not in taken else next(one for one in numbered if str(one) not in taken)

    def _on_companion_state_changed(self, run: Run) -> None:
        if run.state == "stopped" and not run.steps:
            self.all = [other for other in self.all if other is not run]  # there is nothing of it to look at
        self.changed.emit()
