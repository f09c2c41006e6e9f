"""A run that stands beside the present one: kept from it, or trained beside it."""

from __future__ import annotations

from dataclasses import dataclass, field

from playground.experiment import Experiment
from playground.text import Sentence, note
from widgets.history import History

STATES = {
    "waiting": note("Waiting"),
    "training": note("Training"),
    "finished": note("Finished"),
    "stopped": note("Stopped"),
    "failed": note("Stopped by a problem"),
}
"""The states of a run, and how they are called; one that was kept before its end is stopped."""


@dataclass(eq=False)
class Group:
    """Runs that differ in the seed only: drawn as one, from the lowest to the highest with the mean.

    Attributes:
        name: what it is called; a Sentence until a person has said otherwise.
        look: which colour and which dashes, see `looks`.
        shown: whether it is drawn.
        each: whether its runs are drawn too, faintly.
    """

    name: Sentence | str
    look: int
    shown: bool = True
    each: bool = False


@dataclass(eq=False)
class Run:
    """One run: what was trained, and everything it has said.

    Attributes:
        number: its own, as messages of the engine bear it.
        name: what it is called; a Sentence until a person has said otherwise.
        experiment: what was trained; it does not follow the document.
        look: which colour and which dashes, see `looks`.
        group: the runs that differ from it in the seed only, if there are any.
        history: its losses, metrics and marks.
        state: a key of `STATES`.
        problem: why it failed.
        shown: whether it is drawn.
        parameters: how many numbers it learns.
        until: the step at which its epochs are over; 0 while nobody knows.
        seconds: of training so far.
        device: what it is trained on.
        by_itself: whether it was kept without being asked for, and goes first where room is wanted.
    """

    number: int
    name: Sentence | str
    experiment: Experiment
    look: int
    group: Group | None = None
    history: History = field(default_factory=History)
    state: str = "waiting"
    problem: Sentence | None = None
    shown: bool = True
    parameters: int = 0
    until: int = 0
    seconds: float = 0.0
    device: str = "auto"
    by_itself: bool = False

    @property
    def steps(self) -> int:
        """How many steps it has taken."""
        return int(self.history.loss.steps[-1]) if self.history.loss.size else 0

    @property
    def over(self) -> bool:
        """Whether nothing more will come."""
        return self.state not in ("waiting", "training")
