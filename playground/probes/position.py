"""What tells a word its place: the vectors of the places, beside how large what they are added to is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from playground.blocks.position import PositionalEncoding
from playground.declare import words
from playground.probes import Probe, Subject
from playground.probes._answers import one_example
from playground.report import NodeReport
from playground.text import note

if TYPE_CHECKING:
    import numpy as np

    Array = np.ndarray[Any, Any]

MOST_PLACES, MOST_FEATURES = 128, 256
"""Places and numbers of a vector that are sent: the first ones."""

FEWEST = 64
"""Places of waves that are sent even where fewer words come in: they go on for ever, and the slow ones need room."""


@dataclass(frozen=True)
class PositionAnswer:
    """The vectors of the places, float16 (places, features), of which there are `width` numbers in all.

    `steps` places come in; `kind` is that of the block. `added` is the root mean square of what is added to the words
    of one example, and `words` that of the words themselves, enlarged if the block does so: what is small beside the
    other is hardly seen.
    """

    axis_names = {"values": ("place", "feature")}

    step: int
    node: str
    kind: str
    values: Array
    width: int
    steps: int
    added: float
    words: float


class Position(Probe):
    """Shows the vectors that tell words their places."""

    key = "position"
    title = note("Positional encoding")
    icon = "mdi6.sine-wave"
    rate = 2.0
    per_node = True
    node: str = words("", help="Whose vectors")

    @classmethod
    def accepts(cls, node: NodeReport) -> bool:
        """Say whether it adds positions."""
        return isinstance(node.block, PositionalEncoding)

    def measure(self, subject: Subject) -> PositionAnswer | None:
        """Read the vectors off; None where there is nothing to read them from."""
        import numpy as np

        report, module = subject.report.nodes.get(self.node), subject.network.module_at(self.node)
        example = one_example(subject, "validation", 0)
        if report is None or module is None or example is None or not self.accepts(report):
            return None
        block: Any = report.block
        steps = int(report.shape.time)
        places = steps if block.kind == "learned" else max(steps, FEWEST)
        values = _array(module.positions(min(places, MOST_PLACES)))
        came = _array(_arriving(subject, module, example.inputs))[0]
        came = came * np.sqrt(came.shape[1]) if block.scale else came
        return PositionAnswer(
            step=subject.number,
            node=self.node,
            kind=block.kind,
            values=np.nan_to_num(values[:, :MOST_FEATURES]).clip(-6e4, 6e4).astype(np.float16),
            width=values.shape[1],
            steps=steps,
            added=_size(values[: len(came)]),
            words=_size(came),
        )


def _arriving(subject: Subject, module: Any, inputs: Any) -> Any:
    """Return what comes into a module while an example goes through."""
    found: list[Any] = []
    hook = module.register_forward_pre_hook(lambda _, given: found.append(given[0]))
    try:
        subject.look(inputs, ())
    finally:
        hook.remove()
    return found[0]


def _size(values: Array) -> float:
    import numpy as np

    return float(np.sqrt(np.mean(np.square(values.astype(np.float64)))))


def _array(values: Any) -> Array:
    """Return a tensor as an array of its own."""
    import torch

    found: Array = values.detach().to("cpu", torch.float32, copy=True).numpy()
    return found
