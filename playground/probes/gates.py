"""What goes on inside a recurrent layer while it reads: every gate and the state, of each unit and at each step."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from playground.blocks.recurrence import GRU, LSTM, RNN, PeepholeLSTM
from playground.declare import choice, integer, switch, words
from playground.probes import Probe, Subject
from playground.probes._reading import MOST_STEPS, Reading, field_of, reading
from playground.report import NodeReport
from playground.text import note

if TYPE_CHECKING:
    import numpy as np

    Array = np.ndarray[Any, Any]

RECURRENT = (RNN, LSTM, PeepholeLSTM, GRU)
"""The blocks whose gates and states can be seen."""

ORDER = "ifozrgnch"
"""Gates first, then what is new, then what is kept: the order in which they are told."""

MOST_NUMBERS = 80_000
"""Values that are sent, of all gates, units and steps together; of more units the first ones."""

MOST_ROWS = 4
"""Features of a series that are sent along with what it does to the gates."""


@dataclass(frozen=True)
class GatesAnswer:
    """Every gate and state of one layer in one direction while it reads one example.

    By `names`: `values`, float16 (gates, units, steps), and `means`, float32 (gates, steps), over all of its `total`
    units. `words` are what is read at each step, none where it is a series or where steps are no longer words; `given`
    is then the series itself, float16 (features, steps). `unknown` are the steps whose word is not in the vocabulary.
    """

    axis_names = {
        "values": ("gate=names", "unit", "step=words"),
        "means": ("gate=names", "step=words"),
        "given": ("feature", "step"),
    }

    step: int
    node: str
    names: tuple[str, ...]
    values: Array
    means: Array
    total: int
    layer: int
    layers: int
    backward: bool
    both: bool
    words: tuple[str, ...]
    unknown: tuple[int, ...]
    given: Array
    split: str
    index: int
    count: int
    own: bool


class Gates(Probe):
    """Shows the gates and states of a recurrent layer while it reads."""

    key = "gates"
    title = note("Gates and states")
    icon = "mdi6.gate"
    rate = 5.0
    per_node = True
    node: str = words("", help="Into which layer to look")
    layer: int = integer(-1, low=-1, high=15, help="Which of several that stand on each other; −1: the last")
    backward: bool = switch(False, help="Look into the half that reads from the end, where it reads both ways")
    split: str = choice("validation", choices=("validation", "train"), help="From which examples one is taken")
    index: int = integer(0, help="Which example")
    own: str = words("", longest=2000, label="Own sentence", help="Read these words instead")

    @classmethod
    def accepts(cls, node: NodeReport) -> bool:
        """Say whether it is a recurrent layer, and not one that reads the letters of each word by itself."""
        return isinstance(node.block, RECURRENT) and not node.frames

    def measure(self, subject: Subject) -> GatesAnswer | None:
        """Let the layer read the example once more by its equations; None where nothing reaches it along time."""
        import numpy as np

        report, module = subject.report.nodes.get(self.node), subject.network.module_at(self.node)
        if report is None or module is None or not self.accepts(report):
            return None
        field = field_of(subject.report, self.node)
        read = reading(subject, field, self.split, self.index, self.own)
        if read is None:
            return None
        layers, both = int(module.num_layers), bool(module.bidirectional)
        layer = range(layers)[min(self.layer, layers - 1)]
        backward = both and self.backward
        found, steps = self._traced(subject, module, read, layer, backward)
        names = tuple(name for name in ORDER if name in found)
        every = np.stack([found[name][:, :steps] for name in names])  # (gates, units, steps)
        total = every.shape[1]
        shown = every[:, : max(1, MOST_NUMBERS // max(1, len(names) * steps))]
        alike = int(report.shape.time) == int(subject.data.facts.inputs[field].time)
        return GatesAnswer(
            step=subject.number,
            node=self.node,
            names=names,
            values=np.nan_to_num(shown, posinf=6e4, neginf=-6e4).clip(-6e4, 6e4).astype(np.float16),
            means=np.nan_to_num(every.mean(axis=1), posinf=6e4, neginf=-6e4).astype(np.float32),
            total=total,
            layer=layer,
            layers=layers,
            backward=backward,
            both=both,
            words=read.words[:steps] if alike else (),
            unknown=tuple(at for at in read.unknown if at < steps) if alike else (),
            given=_given(read, field, steps) if alike else np.zeros((0, steps), dtype=np.float16),
            split=read.split,
            index=read.index,
            count=read.count,
            own=read.own,
        )

    def _traced(
        self, subject: Subject, module: Any, read: Reading, layer: int, backward: bool
    ) -> tuple[dict[str, Array], int]:
        """Return each gate of the example, (units, time), and how many steps there are."""
        import torch

        arrived: dict[str, Any] = {}

        def arrive(_: Any, given: tuple[Any, ...], named: dict[str, Any]) -> None:
            arrived.update(given=given, lengths=named.get("lengths", (None,))[0])

        hook = module.register_forward_pre_hook(arrive, with_kwargs=True)
        try:
            subject.look(read.inputs, (self.node,))
        finally:
            hook.remove()
        x, lengths = arrived["given"][0], arrived["lengths"]
        steps = min(int(x.shape[1]) if lengths is None else int(lengths[0]), MOST_STEPS)
        with torch.no_grad():
            found = module.traced(*arrived["given"], lengths=lengths, layer=layer, backward=backward)
        return {name: one[0].T.to("cpu", torch.float32).numpy() for name, one in found.items()}, steps


def _given(read: Reading, field: str, steps: int) -> Array:
    """Return a series itself, (features, steps); of a text nothing."""
    import numpy as np

    values = np.asarray(read.inputs[field][0])
    if values.ndim != 2:
        return np.zeros((0, steps), dtype=np.float16)
    made: Array = np.nan_to_num(values[:steps, :MOST_ROWS].T).clip(-6e4, 6e4).astype(np.float16)
    return made
