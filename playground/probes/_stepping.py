"""What the last step did to each parameter: its gradient before clipping, how far it moved, which units got nothing.

It holds no probe of its own; importing it does nothing.
"""

from __future__ import annotations

import math
import time
from typing import TYPE_CHECKING, Any

from playground.blocks.activation import ReLU
from playground.blocks.group import Entrance, Exit
from playground.blocks.normalisation import Dropout
from playground.report import Report

if TYPE_CHECKING:
    import numpy as np

    Array = np.ndarray[Any, Any]

DEAD_AFTER = 5
"""A unit is called dead after so many batches in a row that gave it no gradient at all."""

FORGOTTEN = 5.0
"""Seconds after which nobody is taken to look any more."""


def gradient_sizes(weights: list[Any]) -> list[Any]:
    """Return the L2 norm of each parameter's gradient, as the optimiser was given it."""
    import torch

    from playground.optimising import exact

    return [torch.linalg.vector_norm(weight.grad, dtype=exact(weight)) for weight in weights]


def uncut_sizes(run: Any, weights: list[Any], after: list[Any]) -> list[Any]:
    """Return the same before clipping; no number where cutting off has left nothing to tell from.

    Then they are noted in the steps to come.
    """
    pulls = {True: run.contest.pull if run.contest is not None else None, False: run.pull}
    for pull in pulls.values():
        if pull is not None:
            pull.note()
    sides = [pulls[run.contest is not None and run.contest.moves(weight)] for weight in weights]
    return [pull.before(weight, size) for pull, weight, size in zip(sides, weights, after, strict=True)]


def step_sizes(run: Any, weights: list[Any]) -> tuple[list[Any], list[Any]]:
    """Return how far the last step moved each parameter and how large it was before, both as L2 norms.

    No numbers where nobody can tell: early stopping went back to other weights, or the copy that some optimisers need
    is not there yet.
    """
    import torch

    from playground.optimising import exact
    from playground.updating import updates_of

    unknown = torch.full((), math.nan, dtype=exact(weights[0]), device=weights[0].device)
    moved, sized = dict.fromkeys(weights, unknown), dict.fromkeys(weights, unknown)
    if not run.went_back:
        for optimiser in (run.optimiser, run.contest.optimiser) if run.contest is not None else (run.optimiser,):
            for weight, update in updates_of(optimiser, weights, Copies.of(run, optimiser).kept):
                moved[weight] = torch.linalg.vector_norm(update.change, dtype=exact(weight))
                sized[weight] = torch.linalg.vector_norm(update.before, dtype=exact(weight))
    return list(moved.values()), list(sized.values())


class Copies:
    """The weights from before the last step, kept only while somebody looks, and only where there is no other way."""

    def __init__(self, optimiser: Any) -> None:
        self._optimiser = optimiser
        self.kept: dict[Any, Any] = {}
        self._hook: Any = None
        self._asked, self._wanted_until = False, 0.0

    @classmethod
    def of(cls, run: Any, optimiser: Any) -> Copies:
        """Return those of a run; from now on they are kept, for a while."""
        from playground.updating import needs_copy

        known: dict[Any, Copies] = run.notes.setdefault("weights before", {})
        found = known.setdefault(optimiser, cls(optimiser))
        found._asked, found._wanted_until = True, time.monotonic() + FORGOTTEN
        if found._hook is None and any(needs_copy(optimiser, group) for group in optimiser.param_groups):
            found._hook = optimiser.register_step_pre_hook(found._on_step)
        return found

    def _on_step(self, *_: Any) -> None:
        """Copy before the optimiser takes its step, the first one in any case."""
        wanted = self._asked or time.monotonic() < self._wanted_until
        weights = [weight for group in self._optimiser.param_groups for weight in group["params"]] if wanted else []
        self.kept = {weight: weight.detach().clone() for weight in weights if weight.grad is not None}
        self._asked = False


class Silences:
    """For each layer that a ReLU follows, in how many of the batches looked at last each unit got no gradient.

    What a ReLU silences for every example of a batch gets a gradient of exactly 0, and with it its bias, which no
    penalty is added to. So all of the batch is judged, for free; what only fires beyond the end of a text counts as
    silent, for nothing is learnt there. A layer without biases is judged by the weights of each unit, where no penalty
    is added to them.
    """

    def __init__(self, run: Any) -> None:
        self._followed = {id for id in run.report.nodes if _relu_follows(run.report, id)}
        self._biases_only = bool(run.experiment.training.l1 or run.experiment.training.l2)
        self._runs: dict[str, Any] = {}
        self._step, self._fresh = 0, True

    @classmethod
    def of(cls, run: Any) -> Silences:
        """Return those of a run."""
        found: Silences = run.notes.get("silences") or cls(run)
        run.notes["silences"] = found
        found._fresh, found._step = run.number != found._step, run.number
        return found

    def count(self, found: list[tuple[str, list[Any]]]) -> tuple[Array, Array]:
        """Return how many units there are in each of these nodes that a ReLU follows, and how many are dead."""
        import numpy as np
        import torch

        units, dead = np.zeros(len(found), dtype=np.int64), np.zeros(len(found), dtype=np.int64)
        sums: dict[int, Any] = {}
        for k, (id, weights) in enumerate(found):
            got = self._got_nothing(weights) if id in self._followed else None
            if got is None:
                continue
            before = self._runs.get(id)
            if self._fresh or before is None:
                self._runs[id] = (before + 1) * got if before is not None else got.long()
            units[k] = len(got)
            sums[k] = (self._runs[id] >= DEAD_AFTER).sum()
        if sums:
            dead[list(sums)] = torch.stack(list(sums.values())).cpu().numpy()
        return units, dead

    def _got_nothing(self, weights: list[Any]) -> Any:
        """Say for each unit whether its gradient is exactly 0; None where one cannot tell."""
        biases = [weight for weight in weights if weight.ndim == 1]
        if biases:
            return biases[-1].grad == 0
        if self._biases_only or len(weights) != 1 or weights[0].ndim != 2:
            return None
        return (weights[0].grad == 0).all(dim=1)


def _relu_follows(report: Report, id: str) -> bool:
    """Say whether all that a layer makes goes through a ReLU, with at most a Dropout between."""
    if report.nodes[id].block.family not in ("Dense", "Convolution", "Normalisation"):
        return False
    while len(wires := report.graph.outgoing.get(id, ())) == 1:
        id = wires[0].target
        known = report.nodes.get(id) or report.passages.get(id)
        if known is None or report.graph.nodes[id].state:
            return False
        if isinstance(known.block, ReLU):
            return True
        if not isinstance(known.block, Dropout | Entrance | Exit):
            return False
    return False
