"""What a generator makes of the same noise while it learns: images beside real ones, or points over real ones."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from playground.adversarial import Sides, sides_of
from playground.blocks.data import Input
from playground.data.planar import PlanarSource
from playground.declare import choice, integer
from playground.probes import Probe, Subject
from playground.probes._held_out import LARGEST_WORK, held_out, small
from playground.probes.reconstruction import levels
from playground.text import note

if TYPE_CHECKING:
    import numpy as np

    from playground.data import Examples
    from playground.experiment import Experiment

    Array = np.ndarray[Any, Any]

LARGEST_NUMBERS = 100_000
"""Bytes that the images of one kind may take together."""

MOST_POINTS = 400
"""Points of each kind that are shown."""

MARGIN = 0.08
"""How much of the plane is shown beyond the real points on each side, as a share of what they take."""


@dataclass(frozen=True)
class SamplesAnswer:
    """Real examples and what the generator makes, of the same noise at every moment.

    Of images `real` and `made` are uint8 (n, h, w, 1 or 3), black at the smallest real value and white at the largest.
    Of rows they are float32 (n, 2), the first two numbers, called `names`; `extent` is then the left, right, bottom and
    top of what is shown, and `taken`, float32 (cells, cells) with row 0 at the bottom, the probability with which the
    discriminator takes a point there for real. It is empty where that does not depend on these two numbers alone.
    """

    step: int
    pictures: bool
    real: Array
    made: Array
    names: tuple[str, str]
    extent: tuple[float, ...]
    taken: Array
    split: str


class Samples(Probe):
    """Shows what a generator makes beside what is real."""

    key = "samples"
    title = note("Generated samples")
    icon = "mdi6.auto-fix"
    rate = 4.0
    split: str = choice("validation", choices=("validation", "train"), help="Which real examples are shown")
    count: int = integer(36, low=1, high=100, help="How many images of each kind are shown")
    cells: int = integer(80, low=8, high=100, help="At how many places along each side the discriminator is asked")

    @classmethod
    def suits(cls, experiment: Experiment) -> bool:
        """Say whether anything is generated."""
        return any(block.adversarial for block in experiment.examined().outputs.values())

    def measure(self, subject: Subject) -> SamplesAnswer | None:
        """Let the generator work; None where there is none, or makes neither images nor rows of two numbers or more."""
        sides, found = sides_of(subject.report), held_out(subject, self.split)
        if sides is None or found is None:
            return None
        split, examples = found
        shape = subject.report.nodes[sides.joint].shape
        if shape.is_image:
            return self._pictures(subject, sides, split, examples)
        if shape.names == ("features",) and shape.count >= 2:
            return self._points(subject, sides, split, examples)
        return None

    def _pictures(self, subject: Subject, sides: Sides, split: str, examples: Examples) -> SamplesAnswer:
        import numpy as np

        real, made = _both(subject, sides, examples, self.count)
        low, high = float(real.min()), float(real.max())
        nothing = np.zeros((0, 0), np.float32)
        real, made = (_coloured(images, low, high) for images in (real, made))
        return SamplesAnswer(subject.number, True, real, made, ("", ""), (), nothing, split)

    def _points(self, subject: Subject, sides: Sides, split: str, examples: Examples) -> SamplesAnswer:
        real, made = (points[:, :2] for points in _both(subject, sides, examples, MOST_POINTS))
        taken, extent = _judgement(subject, sides, examples, self.cells)
        if not extent:
            low, high = real.min(axis=0), real.max(axis=0)
            room = MARGIN * (high - low) + 1e-6
            (left, bottom), (right, top) = low - room, high + room
            extent = float(left), float(right), float(bottom), float(top)
        names = _names(subject, sides)
        return SamplesAnswer(subject.number, False, real, made, names, extent, taken, split)


def _both(subject: Subject, sides: Sides, examples: Examples, count: int) -> tuple[Array, Array]:
    """Return real examples, spread over all of them, and as many generated ones, as they meet: float32."""
    affordable = max(1, min(count, LARGEST_WORK // max(subject.report.macs, 1), len(examples)))
    shown = examples.take(slice(None, None, len(examples) // affordable)).take(slice(0, affordable))
    kept = subject.look(shown.inputs, (sides.real, sides.generated))
    return _array(kept[sides.real]), _array(kept[sides.generated])


def _judgement(subject: Subject, sides: Sides, examples: Examples, cells: int) -> tuple[Array, tuple[float, ...]]:
    """Ask the discriminator about a grid of points over the real ones; nothing where it sees more than the points."""
    import numpy as np
    import torch

    report, nothing = subject.report, (np.zeros((0, 0), np.float32), ())
    entries = {id: node.block.field for id, node in report.nodes.items() if isinstance(node.block, Input)}
    if list(entries) != [sides.real] or report.nodes[sides.real].shape.count != 2:
        return nothing
    field = entries[sides.real]
    source = subject.experiment.source
    if isinstance(source, PlanarSource) and source.features == ("x", "y"):
        low, high = (np.full(2, edge) for edge in source.extent)
    else:
        values = np.asarray(examples.inputs[field][:], dtype=np.float64)
        low, high = values.min(axis=0), values.max(axis=0)
        room = MARGIN * (high - low) + 1e-6
        low, high = low - room, high + room
    middles = (np.arange(cells) + 0.5) / cells
    across, up = np.meshgrid(*(low[k] + middles * (high[k] - low[k]) for k in (0, 1)))
    grid = np.stack([across.ravel(), up.ravel()], axis=1).astype(np.float32)
    kept = subject.look({field: grid}, (sides.real, sides.output))
    taken = torch.sigmoid(kept[sides.output].float()).reshape(cells, cells)
    where = _array(kept[sides.real])  # standardised, if that is wished: as the points are
    half = (where[-1] - where[0]) / (2 * (cells - 1))
    (left, bottom), (right, top) = where[0] - half, where[-1] + half
    return _array(taken), (float(left), float(right), float(bottom), float(top))


def _names(subject: Subject, sides: Sides) -> tuple[str, str]:
    """Return what the first two numbers of a row are called."""
    block = subject.report.nodes[sides.real].block if sides.real in subject.report.nodes else None
    field = block.field if isinstance(block, Input) else ""
    own: tuple[str, ...] = getattr(subject.experiment.source, "features", ())
    names = subject.data.facts.names.get(field, own)
    return (names[0], names[1]) if len(names) >= 2 else ("1", "2")


def _coloured(images: Array, low: float, high: float) -> Array:
    """Turn images (n, channels, h, w) into bytes (n, h, w, 1 or 3), smaller ones where they are too large to send."""
    import numpy as np

    shown = small(images[:, :3] if images.shape[1] >= 3 else images[:, :1])
    most = max(2, int((LARGEST_NUMBERS / (shown.shape[0] * shown.shape[1])) ** 0.5))
    down, across = (np.linspace(0, n - 1, min(n, most)).round().astype(int) for n in shown.shape[2:])
    return np.ascontiguousarray(levels(shown[:, :, down[:, None], across], low, high).transpose(0, 2, 3, 1))


def _array(values: Any) -> Array:
    """Return a tensor as an array of its own."""
    import torch

    found: Array = values.detach().to("cpu", torch.float32, copy=True).numpy()
    return found
