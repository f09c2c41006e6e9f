"""Everything one file holds: what is trained, on what, how, and how it is shown. A value; see `document`."""

from __future__ import annotations

import dataclasses
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from playground.analysis import analyse
from playground.choices import Adam, Constant, Initialisation, Optimiser, Schedule, Usual
from playground.data import Source
from playground.data.planar import Xor
from playground.declare import Declared, choice, integer, member, number
from playground.facts import DataFacts, Target
from playground.graph import Graph
from playground.preparation import Preparation
from playground.report import Report
from playground.shape import Shape
from playground.text import language, note


@dataclass(frozen=True)
class Words:
    """A text of a document in the languages it was written in; a missing one falls back to English."""

    en: str = ""
    zh: str = ""

    def __str__(self) -> str:
        return getattr(self, language(), "") or self.en or self.zh


PRECISIONS = {"single": note("32 bits everywhere"), "mixed": note("16 bits where it is safe (CUDA)")}


ORDERS = {
    "random": note("at random"),
    "alike": note("texts of like length together"),
    "along": note("along the text, the state carried on"),
}

SCHEDULE = note("Learning rate over the run")
REGULARISATION = note("Regularisation")
CLIPPING = note("Gradient clipping")
ADVERSARIAL = note("Discriminator")
ORDERING = note("Order of the examples")
CHANCE = note("Initialisation and seed")
COMPUTING = note("Computing")
"""The headings below which the settings of training stand that are seldom touched."""


class Training(Declared):
    """How the network is trained."""

    optimiser: Optimiser = member(Adam(), base=Optimiser, help="What turns gradients into steps of the weights")
    schedule: Schedule = member(
        Constant(), base=Schedule, help="How the learning rate changes over the run", group=SCHEDULE
    )
    warm_up: float = number(
        0.0,
        low=0.0,
        high=0.9,
        help="The share of the run over which the learning rate rises to its value",
        group=SCHEDULE,
    )
    batch_size: int = integer(32, low=1, high=65_536, help="How many examples a step looks at")
    epochs: int = integer(20, low=1, high=100_000, help="How often the whole training set is gone through")
    initialisation: Initialisation = member(
        Usual(),
        base=Initialisation,
        help="From which numbers the weights begin; taken at the next Reset",
        group=CHANCE,
    )
    clip_norm: float = number(
        0.0,
        low=0.0,
        high=1e6,
        log=True,
        help="Shorten all gradients together to this length; 0: never",
        group=CLIPPING,
    )
    clip_value: float = number(
        0.0,
        low=0.0,
        high=1e6,
        log=True,
        help="Cut each number of the gradients off at this size; 0: never",
        group=CLIPPING,
    )
    l1: float = number(
        0.0,
        low=0.0,
        high=10.0,
        log=True,
        label="L1",
        help="Pulls every weight towards zero by the same force, so that many become 0; the loss shown is without it",
        group=REGULARISATION,
    )
    l2: float = number(
        0.0,
        low=0.0,
        high=10.0,
        log=True,
        label="L2",
        help="Pulls every weight towards zero the harder the larger it is; the loss shown is without it",
        group=REGULARISATION,
    )
    patience: int = integer(
        0,
        high=10_000,
        label="Early stopping",
        help="Stop after so many evaluations without a better validation loss, and go back to the best; 0: never",
        group=REGULARISATION,
    )
    opponent: Optimiser = member(
        Adam(),
        base=Optimiser,
        label="Its optimiser",
        help=(
            "What turns gradients into steps of the discriminator, where an Output tells real from generated examples; "
            "the optimiser above is then the generator's. All other settings hold for both"
        ),
        group=ADVERSARIAL,
    )
    opponent_steps: int = integer(
        1,
        low=1,
        high=100,
        label="Steps per generator step",
        help="How many steps the discriminator takes for each one that the generator takes",
        group=ADVERSARIAL,
    )
    order: str = choice(
        "random",
        choices=ORDERS,
        label="Batches",
        help="Which examples come together in a batch. Texts of like length are filled up less, so they cost less. "
        "Along running text, what recurrent layers remember goes on from batch to batch",
        group=ORDERING,
    )
    precision: str = choice(
        "single", choices=PRECISIONS, help="How many bits numbers have while a step is computed", group=COMPUTING
    )
    seed: int = integer(
        1, low=0, high=2**31 - 1, help="Fixes every random choice: the same seed gives the same run", group=CHANCE
    )
    threads: int = integer(
        1,
        low=1,
        high=256,
        help="How many processor threads compute; the same number gives the same run",
        group=COMPUTING,
    )


KINDS = ("note", "frame")
"""Kinds of remarks: a free text on the canvas, or a titled frame around a region."""


@dataclass(frozen=True)
class Remark:
    """Something written on the canvas for people only: a note, or a frame with its title.

    Attributes:
        id: its own name among the remarks, stable.
        kind: one of `KINDS`.
        text: the note, or the frame's title.
        rect: left, top, width and height in the scene.
        level: the path of the group it stands in; empty for the network itself.
    """

    id: str
    kind: str
    text: str
    rect: tuple[float, float, float, float]
    level: str = ""


DIRECTIONS = ("right", "down")
"""Which way the network is laid out."""


@dataclass(frozen=True)
class View:
    """How the document was left: where things stand and which panels are open.

    Attributes:
        positions: the left top corner of each node's card, by the node's path (`encoder_1.dense_1`).
        panels: the keys of the open panels.
        remarks: notes and frames.
        opened: the paths of the groups that are open in place.
        direction: one of `DIRECTIONS`.
    """

    positions: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    panels: tuple[str, ...] = ()
    remarks: tuple[Remark, ...] = ()
    opened: tuple[str, ...] = ()
    direction: str = "right"


@dataclass(frozen=True)
class Result:
    """What a preset promises: the metric on the split reaches the value, where guessing reaches the baseline."""

    metric: str
    split: str
    value: float
    baseline: float
    at_least: bool = True

    def to_json(self) -> dict[str, Any]:
        """Write it as plain JSON."""
        return {
            "metric": self.metric,
            "split": self.split,
            "value": self.value,
            "at_least": self.at_least,
            "baseline": self.baseline,
        }


@dataclass(frozen=True)
class Start:
    """Weights that a run begins with instead of random ones: those of nodes of a trained project.

    Attributes:
        file: the project; in a saved document relative to it.
        nodes: by the path of a node here, the path of the node there that it takes them from.
    """

    file: str
    nodes: Mapping[str, str] = field(default_factory=dict)

    def renamed(self, moved: Mapping[str, str]) -> Start:
        """Return it for nodes that have another path now: by the old path the new one."""
        if not any(path in moved for path in self.nodes):
            return self
        return replace(self, nodes={moved.get(ours, ours): theirs for ours, theirs in self.nodes.items()})

    def without(self, paths: Collection[str]) -> Start | None:
        """Return it when some nodes begin with chance numbers again; None where no other is left."""
        kept = {ours: theirs for ours, theirs in self.nodes.items() if ours not in paths}
        return replace(self, nodes=kept) if kept else None


FIRST_FACTS = DataFacts({"x": Shape(features=2)}, {"label": Target(("0", "1"))}, {"train": 400, "validation": 100})
"""What the data of a new document hold, known without reading them, so that drawing can begin at once."""


@dataclass(frozen=True)
class Experiment:
    """The content of a document: title and text, data, graph, training, view and promised result."""

    title: Words = Words()
    about: Words = Words()
    rows: tuple[str, ...] = ()
    """The rows of the curriculum that a preset makes real."""
    source: Source = Xor()
    preparation: Preparation = Preparation()
    facts: DataFacts = FIRST_FACTS
    """What the data's reader said last; kept so that shapes are known before the data is read."""
    graph: Graph = Graph()
    training: Training = Training()
    start: Start | None = None
    view: View = View()
    result: Result | None = None
    extra: Mapping[str, Any] = field(default_factory=dict)
    """Fields of the file that this version does not know, kept for the next save."""

    def examined(self, facts: DataFacts | None = None) -> Report:
        """Return what analysis finds of the graph with the facts that are known, or with others."""
        return analyse(self.graph, facts or self.facts, self.training.optimiser.through_steps)

    def trains_like(self, other: Experiment) -> bool:
        """Whether a run of one is a run of the other: texts and view may differ."""
        return (
            self.graph == other.graph
            and self.source == other.source
            and self.preparation == other.preparation
            and self.training == other.training
            and self.start == other.start
        )

    def taken_since(self, before: Start | None) -> tuple[str, ...]:
        """Return the nodes that are to begin with the weights of a project, and were not, or with others, `before`."""
        if self.start is None:
            return ()
        known = before.nodes if before is not None and before.file == self.start.file else {}
        return tuple(ours for ours, theirs in self.start.nodes.items() if known.get(ours) != theirs)

    def differs_only_in_learning_rate(self, other: Experiment) -> bool:
        """Whether nothing else has to be told to a run that goes on."""
        ours, theirs = self.training.optimiser, other.training.optimiser
        if type(ours) is not type(theirs) or ours == theirs:
            return False
        optimiser = theirs.replace(learning_rate=ours.learning_rate)
        return self.trains_like(dataclasses.replace(other, training=other.training.replace(optimiser=optimiser)))
