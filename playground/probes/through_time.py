"""How the gradient gets back through the steps of a recurrent layer, and how long all gradients together are."""

from __future__ import annotations

import time
from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from playground.declare import integer, switch, words
from playground.probes import Probe, Subject
from playground.probes._graded import wanted_of
from playground.probes.gates import RECURRENT
from playground.report import NodeReport
from playground.text import note

if TYPE_CHECKING:
    import numpy as np

    Array = np.ndarray[Any, Any]

LARGEST_WORK = 60_000_000
"""Multiply-accumulates that one answer may cost, forwards; backwards it is twice as many."""

MOST_STEPS = 500
"""Time steps that are told of: the first ones."""

MOST_LENGTHS = 2000
"""Steps of training whose lengths of the gradient are kept: the last ones."""

FORGOTTEN = 3.0
"""Seconds after which lengths are no longer measured when nobody has asked."""


@dataclass(frozen=True)
class ThroughTimeAnswer:
    """The gradient by the state of each time step, and the lengths of all gradients of late steps of training.

    `norms` (float64) is ‖∂L/∂h_t‖ by time step: the L2 norm over all units and examples of the last batch, with the
    weights as they are now and without dropout. `examples` of the batch were looked at; `whole` if that is all.
    `steps` (int64), `before` and `after` (float32) are the steps of training that were watched, and how long all
    gradients together were before and after they were clipped.
    """

    axis_names = {"norms": ("time",), "steps": ("moment",), "before": ("moment",), "after": ("moment",)}

    step: int
    node: str
    layer: int
    backward: bool
    norms: Array
    examples: int
    whole: bool
    steps: Array
    before: Array
    after: Array
    clip: float


class ThroughTime(Probe):
    """Shows how much of the gradient arrives at early time steps."""

    key = "through_time"
    title = note("Gradients through time")
    icon = "mdi6.timeline-clock-outline"
    rate = 3.0
    per_node = True
    node: str = words("", help="The gradients by whose states")
    layer: int = integer(-1, low=-1, high=15, help="Which of several that stand on each other; −1: the last")
    backward: bool = switch(False, help="Look at the half that reads from the end, where it reads both ways")

    @classmethod
    def accepts(cls, node: NodeReport) -> bool:
        """Say whether it is a recurrent layer, and not one that reads the letters of each word by itself."""
        return isinstance(node.block, RECURRENT) and not node.frames

    def measure(self, subject: Subject) -> ThroughTimeAnswer | None:
        """Go forwards and back through the last batch once more, step by step; None where nothing is learnt from."""
        import numpy as np

        report, module = subject.report.nodes.get(self.node), subject.network.module_at(self.node)
        run: Any = subject  # a Trainer: its judges and its optimiser are asked for too
        if report is None or module is None or not self.accepts(report) or run.contest is not None or not run.judges:
            return None
        lengths = Lengths.of(run)
        layers, both = int(module.num_layers), bool(module.bidirectional)
        layer = range(layers)[min(self.layer, layers - 1)]
        backward = both and self.backward
        batch = run.batch
        some = batch.take(slice(0, max(1, LARGEST_WORK // max(1, subject.report.macs))))
        norms = self._norms(run, module, some, layer, backward)
        if norms is None:
            return None
        steps, before, after = lengths.told()
        return ThroughTimeAnswer(
            step=subject.number,
            node=self.node,
            layer=layer,
            backward=backward,
            norms=norms[:MOST_STEPS],
            examples=len(some),
            whole=len(some) == len(batch),
            steps=np.array(steps, dtype=np.int64),
            before=np.array(before, dtype=np.float32),
            after=np.array(after, dtype=np.float32),
            clip=run.experiment.training.clip_norm,
        )

    def _norms(self, run: Any, module: Any, some: Any, layer: int, backward: bool) -> Array | None:
        """Return ‖∂L/∂h_t‖ by time step."""
        import torch

        from playground.stepwise import turned

        caught: dict[str, Any] = {}

        def instead(home: Any, given: tuple[Any, ...], named: dict[str, Any], _: Any) -> Any:
            caught["lengths"] = named.get("lengths", (None,))[0]
            made, caught["heard"] = home.unrolled(*given, lengths=caught["lengths"])
            return made

        outputs = [one.id for one in run.judges]
        hook = module.register_forward_hook(instead, with_kwargs=True)
        try:
            answers = run.look(some.inputs, outputs, graded=True)
        finally:
            hook.remove()
        loss = run.loss_of(answers, wanted_of(run, some))
        heard = caught["heard"][f"l{layer}_reverse" if backward else f"l{layer}"]
        if not loss.requires_grad or not heard[0].requires_grad:
            return None
        found = torch.autograd.grad(loss, heard, allow_unused=True)
        by_step = torch.stack([torch.zeros_like(h) if g is None else g for g, h in zip(found, heard, strict=True)], 1)
        if backward or module.direction == "backward":
            by_step = turned(by_step, caught["lengths"])
        exact = torch.float32 if by_step.device.type == "mps" else torch.float64
        norms: Array = torch.linalg.vector_norm(by_step.to(exact), dim=(0, 2)).cpu().double().numpy()
        return norms


class Lengths:
    """How long all gradients together were in each step that was taken while somebody looked."""

    def __init__(self, run: Any) -> None:
        self._run = run
        self._kept: deque[tuple[int, Any, Any]] = deque(maxlen=MOST_LENGTHS)
        self._hook: Any = None
        self._asked = 0.0

    @classmethod
    def of(cls, run: Any) -> Lengths:
        """Return those of a run; from now on they are measured, for a while."""
        found: Lengths = run.notes.get("lengths of gradients") or cls(run)
        run.notes["lengths of gradients"] = found
        found._asked = time.monotonic()
        if found._hook is None:
            run.pull.watched = True
            found._hook = run.optimiser.register_step_pre_hook(found._on_step)
        return found

    def told(self) -> tuple[list[int], list[float], list[float]]:
        """Return the steps, and the lengths before and after clipping."""
        import torch

        kept = list(self._kept)
        if not kept:
            return [], [], []
        both = torch.stack([torch.stack([before, after]) for _, before, after in kept]).tolist()
        return [step for step, *_ in kept], [one for one, _ in both], [other for _, other in both]

    def _on_step(self, *_: Any) -> None:
        """Measure before the optimiser takes its step; nothing is read back to the processor here."""
        from playground.optimising import length_of

        run = self._run
        if time.monotonic() - self._asked > FORGOTTEN:
            self._hook.remove()
            self._hook = None
            run.pull.watched, run.pull.length = False, None
            return
        after = length_of(weight for group in run.optimiser.param_groups for weight in group["params"])
        before = run.pull.length if run.pull.active and run.pull.length is not None else after
        if not self._kept or run.number + 1 > self._kept[-1][0]:
            self._kept.append((run.number + 1, before, after))
