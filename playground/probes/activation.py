"""Where the values of the present batch fall on an activation function: on its slope, or where it is flat."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from playground.blocks.activation import Softmax, Step
from playground.declare import words
from playground.probes import Probe, Subject
from playground.report import NodeReport
from playground.text import note

if TYPE_CHECKING:
    import numpy as np

    Array = np.ndarray[Any, Any]

FLAT = 0.01
"""Where the slope is below this share of the steepest one, hardly anything of a gradient passes: it is saturated."""

MOST_VALUES = 200_000
"""Values of a batch that are looked at: those of its first examples."""

LARGEST_WORK = 150_000_000
"""Multiply-accumulates that one answer may cost: some hundredths of a second on one core."""

POINTS = 401
BINS = 48

REACHES = (4, 6, 8, 12, 16, 24, 32, 48, 64, 96, 128, 256, 512, 1024)
"""How far to either side a picture shows the function: as far as the values go, in leaps, so that it stands still."""


@dataclass(frozen=True)
class ActivationAnswer:
    """An activation function as drawn (n,), and how many values of the batch fall into each of its bins.

    The derivative has NaN where there is none. Of softmax the horizontal axis is the lead of a number over all others,
    xᵢ − ln Σ exp(xⱼ) over j ≠ i: softmax is the sigmoid of it.
    """

    axis_names = {"x": ("bin",), "y": ("bin",), "slope": ("bin",), "counts": ("bin",), "flat": ("bin",)}

    step: int
    node: str
    x: Array
    y: Array
    slope: Array
    counts: Array
    """How many values lie in each of the bins of equal width between the first and the last x; those beyond count in
    the outermost."""
    flat: Array
    """For each bin, whether the function is flat in its middle."""
    saturated: float
    """The share of all values of the batch that lie where the function is flat."""
    dead: int
    """How many units lie there with all their values, for every example of the batch."""
    units: int
    values: int
    examples: int


class Flatness(NamedTuple):
    """How much of what comes to an activation function lies where it is flat; see `ActivationAnswer`."""

    node: str
    saturated: float
    dead: int
    units: int


class Activation(Probe):
    """Shows the function, its derivative, and where the present batch falls on it."""

    key = "activation"
    title = note("Activation function")
    icon = "mdi6.chart-bell-curve-cumulative"
    rate = 8.0
    per_node = True
    node: str = words("", help="Which activation")

    @classmethod
    def accepts(cls, node: NodeReport) -> bool:
        """Say whether the node is an activation function."""
        return node.block.family == "Activation"

    def measure(self, subject: Subject) -> ActivationAnswer | None:
        """Run the present batch through and see with which values it comes to the node."""
        import numpy as np
        import torch

        report = subject.report.nodes.get(self.node)
        if report is None or not self.accepts(report) or (x := _arriving(subject, report)) is None:
            return None
        module, finite = _function(report), _places(report, x)
        reach = _reach(finite, float(getattr(report.block, "threshold", 0.0)))
        grid = torch.linspace(-reach, reach, POINTS, dtype=torch.float64)
        y, slope = _with_slope(module, grid)
        limit = _limit(slope)
        found = _flatness(report, module, finite, limit)
        edges = np.linspace(-reach, reach, BINS + 1)
        middles = torch.as_tensor((edges[1:] + edges[:-1]) / 2)
        counts, _ = np.histogram(finite.clamp(-reach, reach).numpy(), edges)
        return ActivationAnswer(
            step=subject.number,
            node=self.node,
            x=grid.numpy().astype(np.float32),
            y=y.numpy().astype(np.float32),
            slope=_told(report, grid, slope).astype(np.float32),
            counts=counts.astype(np.uint32),
            flat=(_with_slope(module, middles)[1].abs() < limit).numpy(),
            saturated=found.saturated,
            dead=found.dead,
            units=found.units,
            values=finite.numel(),
            examples=len(finite) // (report.frames or 1),
        )


def flatness(report: NodeReport, x: Any) -> Flatness:
    """Say how much of what comes to an activation function, float64 (n, …), lies where it is flat."""
    import torch

    module, finite = _function(report), _places(report, x)
    reach = _reach(finite, float(getattr(report.block, "threshold", 0.0)))
    grid = torch.linspace(-reach, reach, POINTS, dtype=torch.float64)
    return _flatness(report, module, finite, _limit(_with_slope(module, grid)[1]))


def _flatness(report: NodeReport, module: Any, x: Any, limit: float) -> Flatness:
    flat = _with_slope(module, x.flatten())[1].reshape(x.shape).abs() < limit
    units = flat.movedim(_unit_axis(report, x), 0).flatten(1)
    return Flatness(report.id, float(flat.double().mean()), int(units.all(dim=1).sum()), len(units))


def _limit(slope: Any) -> float:
    """Return below which slope a function counts as flat."""
    steepest = float(slope.abs().max())
    return FLAT * steepest if steepest > 0 else -1.0  # a step is flat everywhere: that says nothing of the batch


def _arriving(subject: Subject, report: NodeReport) -> Any:
    """Return what comes to the node for the present batch, float64 with the examples first; None where it is passed."""
    import torch

    module = subject.network.module_at(report.id)
    if module is None:
        return None
    few = min(MOST_VALUES // max(report.shape.count, 1), LARGEST_WORK // max(subject.report.macs, 1))
    some = subject.batch.take(slice(0, max(1, few)))
    caught: list[Any] = []
    hook = module.register_forward_pre_hook(lambda _, given: caught.append(given[0].detach()))
    try:
        subject.look(some.inputs, ())
    finally:
        hook.remove()
    return caught[0].to("cpu", torch.float64) if caught else None


def _unit_axis(report: NodeReport, x: Any) -> int:
    """Return along which axis of what arrives the units lie: the channels of images and clips, else the features."""
    return x.ndim - 3 if "channels" in report.shape else -1  # (batch, channels, h, w), (batch, time, channels, h, w)


def _function(report: NodeReport) -> Any:
    """Build the function anew, to be asked at any place without touching the run's; softmax is asked as a sigmoid."""
    import torch

    from playground.network import build

    return torch.nn.Sigmoid() if isinstance(report.block, Softmax) else build(report.layer)


def _places(report: NodeReport, x: Any) -> Any:
    """Return the places on its axis at which the function is asked: what comes in or, of softmax, its lead."""
    import torch

    if isinstance(report.block, Softmax):
        x = _lead(x, _unit_axis(report, x))
    return torch.where(torch.isfinite(x), x, torch.zeros_like(x))


def _lead(x: Any, axis: int) -> Any:
    """Return by how much each number leads all others together: softmax is the sigmoid of this."""
    import torch

    whole = torch.logsumexp(x, dim=axis, keepdim=True)
    share = (x - whole).clamp(max=-1e-12)  # ln of softmax; ln(1 − softmax) follows without losing digits
    return share - torch.log(-torch.expm1(share))


def _with_slope(module: Any, x: Any) -> tuple[Any, Any]:
    """Return the function and its derivative at many places (n,), both float64."""
    import torch

    with torch.enable_grad():
        asked = x.clone().requires_grad_(True)
        y = module(asked)
        slope = torch.autograd.grad(y.sum(), asked)[0] if y.requires_grad else torch.zeros_like(x)
    return y.detach(), slope


def _reach(x: Any, threshold: float) -> float:
    """Return how far to either side nearly all values, and the threshold, can be seen."""
    import torch

    sizes = x.abs().flatten()
    furthest = float(sizes.max() if len(sizes) < 1000 else torch.quantile(sizes, 0.995)) if len(sizes) else 0.0
    wanted = max(furthest, abs(threshold) + 1.0)
    return float(next((reach for reach in REACHES if reach >= wanted), wanted))


def _told(report: NodeReport, x: Any, slope: Any) -> Array:
    """Leave the derivative out where there is none: at the jump of a step."""
    import numpy as np

    found: Array = slope.numpy().copy()
    if isinstance(report.block, Step):
        spacing = float(x[1] - x[0])
        found[np.abs(x.numpy() - report.block.threshold) < spacing] = np.nan
    return found
