"""One example walked through the network by hand: forward, the loss, backward, and the update, with its real numbers.

The walk is a row of *stages*: forward through every node, the loss of every Output, back through the nodes in reverse,
then the update of every node that learns. At each stage one number is looked at, and told how it came about: the
formula, the formula filled with the numbers, and the tables that they were taken from.

How a block reckons forward and backward is told by its `Explainer`: one file a family in this package, in numpy and
double precision, written from the formula and never by asking torch. So what is shown can be *checked* against autograd
and against central finite differences. A newcomer explains another block by adding one class in one of these files.
A block without one is passed through by autograd, and its stage says so.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib import import_module
from pkgutil import iter_modules
from typing import TYPE_CHECKING, Any, ClassVar

from playground.block import Block
from playground.report import NodeReport
from playground.text import Sentence, note

if TYPE_CHECKING:
    import numpy as np

    Array = np.ndarray[Any, Any]
else:
    Array = Any  # the explainers take its name from here, the window need not load numpy for it

PHASES = {
    "forward": note("Forward"),
    "loss": note("Loss"),
    "backward": note("Backward"),
    "update": note("Update"),
}
"""The four parts of a step, and how they are called."""


@dataclass(frozen=True)
class Stage:
    """One stop of the walk.

    Attributes:
        phase: one of `PHASES`.
        node: the path of the node it is about.
        by_hand: whether an `Explainer` reckons it; where not, its numbers are the network's and autograd's.
        of: what may be looked at there: forward the names of the ports that values leave by (mostly just ``out``);
            backward the names of the inputs (``x``) and of the weights (``weight``, ``bias``) whose gradients are
            reckoned; in the update the names of the weights.
    """

    phase: str
    node: str
    by_hand: bool = True
    of: tuple[str, ...] = ("out",)


@dataclass(frozen=True)
class Grid:
    """Numbers laid out to be looked at: an input, a kernel, the gradient that comes from behind.

    Attributes:
        name: its symbol as people write it: x, W, y, ∂L/∂y, x (channel 3).
        values: float64 (rows, columns), the part that is shown; at most `MOST_CELLS` of them.
        rows, columns: what stands beside and above, where that is more than a number: words, classes, features.
        lit: which of them enter the number that is looked at, bool (rows, columns); None: none in particular.
        chosen: the cell of the number that is looked at, or that it is a derivative by; None where it is not here.
        entries: where a click on a cell chooses it: the entry of the first cell; the last two axes run with rows and
            columns (a single axis with columns). None where cells cannot be chosen.
        first: the number of the first row and column, for a part of something larger.
        total: how many rows and columns the whole has.
    """

    name: str
    values: Array
    rows: tuple[str, ...] = ()
    columns: tuple[str, ...] = ()
    lit: Array | None = None
    chosen: tuple[int, int] | None = None
    entries: tuple[int, ...] | None = None
    first: tuple[int, int] = (0, 0)
    total: tuple[int, int] = (0, 0)


MOST_CELLS = 1024


@dataclass(frozen=True)
class Line:
    """One equation: in letters, with its numbers, and what comes out.

    Attributes:
        symbol: what is reckoned, as plain text: y₃, ∂L/∂W₃₂, i₄(2).
        formula: the right side in LaTeX, in general letters: sum_j W_{3j} x_j + b_3; may be empty.
        filled: the right side with its numbers, as plain text: "0.52·1.00 − 0.31·0.20 + 0.10"; of long sums the largest
            terms and how many are left out ("… 118 more: 0.07 …"), so that what is written still adds up.
        value: what comes out, in double precision.
    """

    symbol: str
    formula: str
    filled: str
    value: float


@dataclass(frozen=True)
class Told:
    """How one number came about: tables, equations in the order of reckoning, and a sentence where one helps."""

    grids: tuple[Grid, ...] = ()
    lines: tuple[Line, ...] = ()
    remark: Sentence | None = None


@dataclass(frozen=True)
class Checked:
    """One gradient three times: as shown (by hand), by autograd, by central differences with this step width."""

    shown: float
    autograd: float
    difference: float
    width: float


@dataclass(frozen=True)
class Walked:
    """The answer: all stages by name, and one of them in full.

    Attributes:
        step: after how many steps of training the walk was frozen.
        stages: all of them, in order.
        stage: which of them is told.
        of: what is looked at there, one of the stage's `of`.
        entry: which number of it, by its place on the axes of that value (no batch axis).
        shape: the sizes of those axes.
        told: how that number came about.
        loss: the loss of the example.
        checked: the three gradients, where asked and where the number is a gradient.
        index, count: which example, of how many.
        label: what the example is, in words: its class or text, as far as it has one.
    """

    step: int
    stages: tuple[Stage, ...]
    stage: int
    of: str
    entry: tuple[int, ...]
    shape: tuple[int, ...]
    told: Told
    loss: float
    checked: Checked | None = None
    index: int = 0
    count: int = 0
    label: str = ""


@dataclass(frozen=True)
class Place:
    """A node in the middle of the walk: all numbers around it, for one example, float64 and without the batch axis.

    Attributes:
        node: what analysis knows of it: its block with parameters filled in, shapes, ports.
        inputs: what comes in, by the name of the port in the order of the ports; for ``*xs`` as x_1, x_2, ….
        outputs: what leaves, by the name of the port (``out`` where there is only one).
        weights: what it has learnt, by the names that the block's `weights` uses.
        buffers: what it keeps beside, such as running means.
        lengths: how many steps of an input are there, by its port; missing where all are.
    """

    node: NodeReport
    inputs: Mapping[str, Array]
    outputs: Mapping[str, Array]
    weights: Mapping[str, Array] = field(default_factory=dict)
    buffers: Mapping[str, Array] = field(default_factory=dict)
    lengths: Mapping[str, int] = field(default_factory=dict)

    @property
    def length(self) -> int | None:
        """How many steps of the first input are there; None where all are."""
        return next((self.lengths.get(port) for port in self.inputs), None)


class Explainer:
    """The formulas of some blocks, reckoned by hand. A subclass names its blocks and fills the four methods.

    All arrays are float64 and without the batch axis; `upstream` holds ∂L/∂(what leaves), by port.
    """

    blocks: ClassVar[tuple[type[Block], ...]] = ()

    def forward(self, place: Place) -> dict[str, Array]:
        """Return what leaves, by port, reckoned from the formula; equal to `place.outputs` to rounding."""
        raise NotImplementedError

    def backward(self, place: Place, upstream: Mapping[str, Array]) -> dict[str, Array]:
        """Return ∂L/∂ every input and ∂L/∂ every weight, by name, reckoned from the formula."""
        raise NotImplementedError

    def tell_forward(self, place: Place, port: str, entry: tuple[int, ...]) -> Told:
        """Tell how one number that leaves came about."""
        raise NotImplementedError

    def tell_backward(self, place: Place, upstream: Mapping[str, Array], name: str, entry: tuple[int, ...]) -> Told:
        """Tell how one derivative by an input or a weight comes about."""
        raise NotImplementedError


EXPLAINERS: dict[type[Block], Explainer] = {}
"""The explainer of each kind of block that has one."""


def explainer_of(block: Block) -> Explainer | None:
    """Return who explains this block; None where nobody does."""
    _load()
    return EXPLAINERS.get(type(block))


def _load() -> None:
    """Import the files of this package once and enter the explainers that they hold."""
    if not EXPLAINERS:
        for module in iter_modules(__path__):
            import_module(f"{__name__}.{module.name}")
        for kind in (one for one in _leaves(Explainer) if one.blocks):
            EXPLAINERS.update(dict.fromkeys(kind.blocks, kind()))


def _leaves(kind: type[Explainer]) -> list[type[Explainer]]:
    return [leaf for child in kind.__subclasses__() for leaf in (child, *_leaves(child))]
