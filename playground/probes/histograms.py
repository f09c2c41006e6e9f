"""How the numbers of one node are spread: what comes in and what leaves for the present batch, and its weights."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from playground.blocks.data import Output
from playground.blocks.normalisation import Dropout
from playground.declare import words
from playground.probes import Probe, Subject
from playground.probes.activation import Flatness, flatness
from playground.report import NodeReport
from playground.text import note

if TYPE_CHECKING:
    import numpy as np

    Array = np.ndarray[Any, Any]

BINS = 64

SPREADS = 5.0
"""The bins go so many standard deviations to either side of the mean; what lies beyond counts in the outermost."""

MOST_VALUES = 400_000
"""Numbers that are counted; of more, every so many-th."""

MOST_JUDGED = 300_000
"""Numbers that are looked at for lying where an activation function is flat, of all functions together."""

LARGEST_WORK = 300_000_000
"""Multiply-accumulates that one answer may cost: less than a tenth of a second on one core."""

SMALL = 1e-3
"""Weights of a smaller magnitude hardly count: they are as good as 0."""

MOST_WEIGHTS = 40_000
"""Weights that are shown one by one."""

MOST_UNITS, MOST_EXAMPLES = 64, 32
"""Units and examples of which it is shown whether dropout silences them: the first ones."""


@dataclass(frozen=True)
class Spread:
    """How some numbers are spread.

    Attributes:
        counts: how many of those that are not exactly 0 lie in each of the bins of equal width from `low` to `high`.
        mean, deviation: of all numbers that are finite, the zeros among them; the standard deviation divides by n.
        zeros, broken: how many are exactly 0, and how many are infinite or no numbers at all.
        small: the share of magnitudes below `SMALL`.
        values: how many were counted, and `total`: of how many.
    """

    counts: Array
    low: float
    high: float
    mean: float
    deviation: float
    zeros: int
    broken: int
    small: float
    values: int
    total: int


@dataclass(frozen=True)
class Dropped:
    """Which numbers dropout silences: `came` is what comes in and `kept` what stays, both (examples, units).

    They are the first ones of all; `silenced` says how many of `total` numbers go, by what it makes of the batch.
    """

    came: Array
    kept: Array
    units: int
    silenced: int
    total: int
    rate: float


@dataclass(frozen=True)
class HistogramsAnswer:
    """What is known of one node at a moment; what there is none of is None.

    Attributes:
        before, after: what comes in and what leaves for the present batch.
        weights: all its weights, but no biases.
        matrix: the weights of a dense layer one by one, float32 (outputs, inputs), the first ones of `sizes`.
        flat: how much of the batch lies where the functions are flat, for each activation function of the network.
        examples: how many of the batch were looked at, and `whole`: whether these are all.
    """

    axis_names = {
        "matrix": ("output", "input"),
        "before.counts": ("bin",),
        "after.counts": ("bin",),
        "weights.counts": ("bin",),
        "dropped.came": ("example", "unit"),
        "dropped.kept": ("example", "unit"),
    }

    step: int
    node: str
    before: Spread | None = None
    after: Spread | None = None
    weights: Spread | None = None
    matrix: Array | None = None
    sizes: tuple[int, int] = (0, 0)
    flat: tuple[Flatness, ...] = ()
    dropped: Dropped | None = None
    examples: int = 0
    whole: bool = True


class Histograms(Probe):
    """Shows how the numbers that pass a node are spread, as a step of training sees them."""

    key = "histograms"
    title = note("Distributions")
    icon = "mdi6.chart-histogram"
    rate = 5.0
    per_node = True
    node: str = words("", help="Which node")

    @classmethod
    def accepts(cls, node: NodeReport) -> bool:
        """Say whether numbers leave the node that are no numbers of tokens; an Output only takes what comes in."""
        return not isinstance(node.block, Output) and not node.shape.is_tokens

    def measure(self, subject: Subject) -> HistogramsAnswer | None:
        """Run the present batch through as the next step would, and count what passes the node."""
        report = subject.report.nodes.get(self.node)
        if report is None or not self.accepts(report):
            return None
        batch = subject.batch
        few = max(2, LARGEST_WORK // max(subject.report.macs, 1))  # two, for batch statistics need company
        some = batch.take(slice(0, few))
        passing = _Passing(subject, report)
        try:
            left = subject.look(some.inputs, (self.node,), rehearsed=True)
        finally:
            passing.end()
        weights, matrix, sizes = _weights(subject, report)
        return HistogramsAnswer(
            step=subject.number,
            node=self.node,
            before=spread(passing.came) if passing.came else None,
            after=spread([left[self.node]]) if self.node in left else None,
            weights=weights,
            matrix=matrix,
            sizes=sizes,
            flat=tuple(passing.flat),
            dropped=passing.dropped,
            examples=len(some),
            whole=len(some) == len(batch),
        )


class _Passing:
    """What comes to a node, and to all activation functions, while a batch goes through; `end` stops listening."""

    def __init__(self, subject: Subject, report: NodeReport) -> None:
        self.came: list[Any] = []
        self.flat: list[Flatness] = []
        self.dropped: Dropped | None = None
        self._hooks = []
        module = subject.network.module_at(report.id)
        if module is not None:
            self._hooks.append(module.register_forward_pre_hook(lambda home, given: self._arrive(report, home, given)))
        functions = [known for known in subject.report.nodes.values() if known.block.family == "Activation"]
        self._judged = MOST_JUDGED // max(1, len(functions))
        for known in functions:
            if (one := subject.network.module_at(known.id)) is not None:
                self._hooks.append(one.register_forward_pre_hook(_then(self._judge, known)))

    def end(self) -> None:
        """Listen no longer."""
        for hook in self._hooks:
            hook.remove()

    def _arrive(self, report: NodeReport, module: Any, given: tuple[Any, ...]) -> None:
        self.came = [one.detach() for one in given if one is not None and one.is_floating_point()]
        if isinstance(report.block, Dropout) and self.came:
            self.dropped = _dropped(module, self.came[0], report.block.rate)

    def _judge(self, report: NodeReport, given: tuple[Any, ...]) -> None:
        import torch

        x = given[0].detach()
        few = max(1, self._judged // max(1, x[0].numel()))
        self.flat.append(flatness(report, x[:few].to("cpu", torch.float64)))


def _then(judge: Any, report: NodeReport) -> Any:
    return lambda _, given: judge(report, given)


def _dropped(module: Any, x: Any, rate: float) -> Dropped:
    """Draw what dropout is about to draw, and put the random numbers back, so that it draws the same."""
    import torch

    from playground.devices import random_kept

    with random_kept(x.device):
        stays = torch.nn.functional.dropout(torch.ones_like(x), module.p, training=True).flatten(1) != 0
    came, corner = x.flatten(1), (slice(MOST_EXAMPLES), slice(MOST_UNITS))
    return Dropped(
        came=came[corner].to("cpu", torch.float32, copy=True).numpy(),
        kept=stays[corner].cpu().numpy(),
        units=came.shape[1],
        silenced=int((~stays).sum()),
        total=stays.numel(),
        rate=rate,
    )


def _weights(subject: Subject, report: NodeReport) -> tuple[Spread | None, Array | None, tuple[int, int]]:
    """Return how a node's weights are spread and, of a dense layer, themselves and how many there are."""
    import torch

    module = subject.network.module_at(report.id)
    if module is None or not report.weights:
        return None, None, (0, 0)
    found = {name: value.detach() for name, value in module.named_parameters()}
    for name, owner in report.shared.items():
        found[name] = subject.network.get_submodule(owner).get_parameter(name).detach().view(report.weights[name])
    many = [value for name, value in found.items() if not name.rpartition(".")[2].startswith("bias")]
    spreading = spread(many) if many else None
    if report.block.family != "Dense" or "weight" not in found or found["weight"].ndim != 2:
        return spreading, None, (0, 0)
    matrix = found["weight"]
    columns = min(matrix.shape[1], MOST_WEIGHTS)
    shown = matrix[: max(1, MOST_WEIGHTS // columns), :columns]
    return spreading, shown.to("cpu", torch.float32, copy=True).contiguous().numpy(), (len(matrix), matrix.shape[1])


def spread(values: list[Any]) -> Spread:
    """Count tensors of any shapes together; of very many numbers, every so many-th."""
    import numpy as np
    import torch

    total = sum(one.numel() for one in values)
    step = max(1, -(-total // MOST_VALUES))
    found = torch.cat([_some(one, step) for one in values])
    finite = found[torch.isfinite(found)]
    n = len(finite)
    mean = float(finite.mean()) if n else 0.0
    deviation = float((finite - mean).square().mean().sqrt()) if n else 0.0
    others = finite[finite != 0]
    low, high = _limits(others)
    edges = np.linspace(low, high, BINS + 1)
    counts, _ = np.histogram(others.clamp(low, high).numpy(), edges)
    return Spread(
        counts=counts.astype(np.uint32),
        low=low,
        high=high,
        mean=mean,
        deviation=deviation,
        zeros=n - len(others),
        broken=len(found) - n,
        small=float((finite.abs() < SMALL).double().mean()) if n else 0.0,
        values=len(found),
        total=total,
    )


def _some(x: Any, step: int) -> Any:
    """Take every so many-th number of all, float64; by a step that meets each unit alike."""
    import torch

    flat = x.detach().reshape(-1)
    if step > 1:
        each = x[0].numel() if x.ndim and len(x) else 1
        while math.gcd(step, each) > 1:
            step += 1
        flat = flat[::step]
    return flat.to("cpu", torch.float64)


def _limits(values: Any) -> tuple[float, float]:
    """Return between which values nearly all lie; a single one stands in the middle."""
    if not len(values):
        return -1.0, 1.0
    mean = float(values.mean())
    deviation = float((values - mean).square().mean().sqrt())
    low = max(float(values.min()), mean - SPREADS * deviation)
    high = min(float(values.max()), mean + SPREADS * deviation)
    if high - low > 1e-9 * max(abs(low), abs(high)):
        return low, high
    room = max(abs(mean) * 0.5, 1e-6)
    return mean - room, mean + room
