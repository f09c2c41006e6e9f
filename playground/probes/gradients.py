"""How strongly the last step pulled at the weights of each layer, and how far it moved them."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from playground.declare import switch
from playground.probes import Probe, Subject
from playground.probes._stepping import Silences, gradient_sizes, step_sizes, uncut_sizes
from playground.text import note

if TYPE_CHECKING:
    import numpy as np

    Array = np.ndarray[Any, Any]


class Clipping(NamedTuple):
    """How long all gradients that one optimiser moves by were together, before and after clipping (L2 norms).

    `side` is empty, or says whose they are where two learn against each other: `generator` or `discriminator`.
    `before` is no number where nobody had asked for it yet.
    """

    side: str
    before: float
    after: float


@dataclass(frozen=True)
class GradientsAnswer:
    """The gradient of the last step, node by node in the order of the graph.

    `magnitude` is its root mean square over the node's own weights and biases: the size of a typical entry. Unlike
    the norm it does not grow with the number of weights, so a small layer and a large one can be compared.
    `norm` is the L2 norm. Both are float64, for a vanishing gradient must not become zero by rounding. They are what
    the optimiser was given: after clipping, where there is any.

    What follows is only there where the question is asked `closely`:

    Attributes:
        before: the magnitude before clipping; None where nothing is clipped, no number where it is not known.
        clipping: how long the gradients are together, for each optimiser.
        ratio: how far the step moved the weights, as a share of themselves: ‖Δw‖/‖w‖ with w as it was before. Of the
            biases of a layer that has other weights too it says nothing: they begin at 0. No number where not known.
        units: how many units a ReLU follows, 0 where none does, and `dead`: how many of them got no gradient from any
            of the last batches that were looked at.
        pace: the share of the learning rate that the schedule left for this step.
        back: whether the weights are no longer those of the last step: early stopping went back to the best ones.
    """

    step: int
    nodes: tuple[str, ...]
    magnitude: Array
    norm: Array
    before: Array | None = None
    clipping: tuple[Clipping, ...] = ()
    ratio: Array | None = None
    units: Array | None = None
    dead: Array | None = None
    pace: float = 1.0
    back: bool = False


class Gradients(Probe):
    """Shows how strongly the last step pulled at the weights of each layer."""

    key = "gradients"
    title = note("Gradient magnitude")
    icon = "mdi6.chart-bar"
    rate = 10.0
    closely: bool = switch(False, help="Also compare steps with weights, see what clipping takes, count dead units")

    def measure(self, subject: Subject) -> GradientsAnswer | None:
        """Measure the gradients that the last step left; None before the first step."""
        import numpy as np

        run: Any = subject
        found = list(_learning(subject))
        if not found:
            return None
        weights = list(dict.fromkeys(weight for _, own in found for weight in own))
        rows = [gradient_sizes(weights)]
        if self.closely:
            rows += [uncut_sizes(run, weights, rows[0]), *step_sizes(run, weights)]
        after, *rest = _told(rows)
        nodes, counts = tuple(id for id, _ in found), np.array([sum(p.numel() for p in own) for _, own in found])
        places = {weight: k for k, weight in enumerate(weights)}
        homes = [[places[weight] for weight in own] for _, own in found]
        norm = _together(after, homes)
        if not self.closely:
            return GradientsAnswer(subject.number, nodes, norm / np.sqrt(counts), norm)
        uncut, moved, sized = rest
        units, dead = Silences.of(run).count(found)
        clips = run.pull.clips
        return GradientsAnswer(
            step=subject.number,
            nodes=nodes,
            magnitude=norm / np.sqrt(counts),
            norm=norm,
            before=_together(uncut, homes) / np.sqrt(counts) if clips else None,
            clipping=tuple(_clipping(run, weights, uncut, after)) if clips else (),
            ratio=_ratio(moved, sized, [_weighing(own, places) for _, own in found]),
            units=units,
            dead=dead,
            pace=run.pace.factor(run.number - 1),
            back=run.went_back,
        )


def _learning(subject: Subject) -> Iterator[tuple[str, list[Any]]]:
    """Yield the nodes that something was learnt in, with their weights."""
    for id in subject.report.nodes:
        module = subject.network.module_at(id)
        weights = [p for p in module.parameters() if p.grad is not None] if module is not None else []
        if weights:
            yield id, weights


def _told(rows: list[list[Any]]) -> Array:
    """Bring numbers to the processor, all at once, float64."""
    import numpy as np
    import torch

    return torch.stack([one for row in rows for one in row]).cpu().numpy().astype(np.float64).reshape(len(rows), -1)


def _together(sizes: Array, homes: list[list[int]]) -> Array:
    """Return the norm of each node's weights together, from those of its parameters."""
    import numpy as np

    return np.array([math.hypot(*sizes[home]) for home in homes])


def _weighing(own: list[Any], places: dict[Any, int]) -> list[int]:
    """Return where those weights of a node stand that its steps are compared with: no biases where there are others."""
    many = [weight for weight in own if weight.ndim > 1] or own
    return [places[weight] for weight in many]


def _ratio(moved: Array, sized: Array, homes: list[list[int]]) -> Array:
    import numpy as np

    with np.errstate(divide="ignore", invalid="ignore"):
        found: Array = _together(moved, homes) / _together(sized, homes)
    return found


def _clipping(run: Any, weights: list[Any], uncut: Array, after: Array) -> Iterator[Clipping]:
    """Yield how long the gradients are together that each optimiser moves by."""
    sides = [(run.contest.moves(weight) if run.contest is not None else False) for weight in weights]
    for theirs in sorted(set(sides)):
        there = [k for k, side in enumerate(sides) if side == theirs]
        side = "" if run.contest is None else "discriminator" if theirs else "generator"
        yield Clipping(side, math.hypot(*uncut[there]), math.hypot(*after[there]))
