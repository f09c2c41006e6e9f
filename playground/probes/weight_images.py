"""The weights of a layer as one matrix: a row for each unit, a column for each number that comes in, live."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from playground.blocks.activation import Softmax
from playground.blocks.combine import Flatten
from playground.blocks.data import Input, Output
from playground.blocks.embedding import Embedding
from playground.blocks.normalisation import Dropout
from playground.declare import choice, words
from playground.probes import Probe, Subject
from playground.probes._reading import LONGEST_WORD, field_of
from playground.report import NodeReport, Report
from playground.shape import Shape
from playground.text import note

if TYPE_CHECKING:
    import numpy as np

    Array = np.ndarray[Any, Any]

MOST_NUMBERS = 50_000
"""Numbers that an answer shows one by one; of more, the largest of each small field, or the first rows."""

MOST_NAMED = 24_000
"""Characters that the names of rows may take, and those of columns."""

GATES = {"LSTM": "ifgo", "PeepholeLSTM": "ifgo", "GRU": "rzn"}
"""Whose rows stand one below the other in the weights of a recurrent layer, as torch lays them out."""

PEEPHOLES = {3: "ifo", 2: "if"}
"""The gates that look at the cell."""

KEEPING = ("Activation", "Normalisation")
"""Families behind which the numbers of a row still stand where they stood."""


@dataclass(frozen=True)
class WeightImagesAnswer:
    """One of the weights of a node, float32 (rows, columns).

    What has more than two axes has a row for each number along the first. Where there is no room for all, `field` says
    how many rows and columns each number stands for: it is the one of largest magnitude among them, with its sign. Or
    only the first rows are there, unchanged.

    Attributes:
        name: as the block's `weights` calls it; `names` are all that can be asked for.
        size: how many rows and columns there are.
        bias: what is added to each row, if anything, laid out like the rows.
        reach: the largest magnitude in the whole matrix.
        bands: the gates, each of which has as many rows, in their order.
        row_names, column_names: what data or classes call them, the first ones; empty where they have no names.
    """

    axis_names: ClassVar = {"matrix": ("row=row_names", "column=column_names"), "bias": ("row=row_names",)}

    step: int
    node: str
    name: str
    names: tuple[str, ...]
    matrix: Array
    size: tuple[int, int]
    field: tuple[int, int] = (1, 1)
    bias: Array | None = None
    reach: float = 0.0
    bands: tuple[str, ...] = ()
    row_names: tuple[str, ...] = ()
    column_names: tuple[str, ...] = ()


class WeightImages(Probe):
    """Shows the weights of a layer as a picture."""

    key = "weight_images"
    title = note("Weights")
    icon = "mdi6.matrix"
    rate = 4.0
    per_node = True
    node: str = words("", help="Whose weights")
    name: str = words("", help="Which of them; none: the largest")
    fit: str = choice(
        "fields",
        choices={"fields": note("the largest of each field"), "rows": note("the first rows")},
        help="What is shown where there is no room for all",
    )

    @classmethod
    def accepts(cls, node: NodeReport) -> bool:
        """Say whether the node has a matrix; kernels with a height and a width have a picture of their own."""
        return bool(matrices_of(node))

    def measure(self, subject: Subject) -> WeightImagesAnswer | None:
        """Copy the weights, as many as can be shown; None where there are none."""
        import torch

        report, module = subject.report.nodes.get(self.node), subject.network.module_at(self.node)
        names = matrices_of(report) if report is not None else ()
        if report is None or module is None or not names:
            return None
        name = self.name if self.name in names else names[0]
        found = _found(subject, report, module)
        matrix = found[name].detach().float().flatten(1)
        bias = found.get(_bias_of(name))
        rows, columns = matrix.shape
        shown, shown_bias, field = matrix, bias.detach().float() if bias is not None else None, (1, 1)
        if self.fit == "rows":
            most = max(1, MOST_NUMBERS // columns)
            shown, shown_bias = shown[:most], shown_bias[:most] if shown_bias is not None else None
        if shown.numel() > MOST_NUMBERS:
            field = field_for(*shown.shape)
            shown = strongest(shown, *field)
            shown_bias = strongest(shown_bias[:, None], field[0], 1)[:, 0] if shown_bias is not None else None
        return WeightImagesAnswer(
            step=subject.number,
            node=self.node,
            name=name,
            names=names,
            matrix=shown.to("cpu", torch.float32, copy=True).contiguous().numpy(),
            size=(rows, columns),
            field=field,
            bias=shown_bias.to("cpu", copy=True).numpy() if shown_bias is not None else None,
            reach=float(matrix.abs().max()),
            bands=_bands(report, name, rows),
            row_names=_within_limits(_row_names(subject, report, rows)),
            column_names=_within_limits(_column_names(subject, report, name, columns)),
        )


def matrices_of(node: NodeReport) -> tuple[str, ...]:
    """Return the names of a node's weights that are matrices, the largest first."""
    found = {name: shape for name, shape in node.weights.items() if len(shape) in (2, 3)}
    sizes = {name: shape[0] * shape[1] for name, shape in found.items()}
    return tuple(sorted(sizes, key=lambda name: -sizes[name]))


def picture_of(report: Report, node: str) -> Shape | None:
    """Return the picture whose pixels a dense layer weighs one by one: in grey or in colours, flattened before it."""
    graph = report.graph
    if node not in report.nodes or report.nodes[node].block.family != "Dense":
        return None
    while wires := graph.incoming.get(node, ()):
        node = wires[0].source
        known = report.nodes.get(node)
        if known is None:
            return None
        if isinstance(known.block, Flatten):
            shape = known.inputs[0] if known.inputs else known.shape
            return shape if shape.is_image and shape.channels in (1, 3) else None
        if known.block.family not in KEEPING:
            return None
    return None


def field_for(rows: int, columns: int) -> tuple[int, int]:
    """Return the smallest fields, nearly square in the picture, of which there are no more than can be shown."""
    high = wide = 1
    while -(-rows // high) * -(-columns // wide) > MOST_NUMBERS:
        if rows / high >= columns / wide:
            high += 1
        else:
            wide += 1
    return high, wide


def strongest(matrix: Any, high: int, wide: int) -> Any:
    """Return, of each field of so many rows and columns, the number of largest magnitude, with its sign."""
    from torch.nn.functional import pad

    rows, columns = matrix.shape
    padded = pad(matrix, (0, -columns % wide, 0, -rows % high))
    fields = padded.reshape(padded.shape[0] // high, high, -1, wide).transpose(1, 2).flatten(2)
    return fields.gather(2, fields.abs().argmax(dim=2, keepdim=True))[..., 0]


def _found(subject: Subject, report: NodeReport, module: Any) -> dict[str, Any]:
    """Return all weights of a node by name, those that it shares among them."""
    found = dict(module.named_parameters())
    for name, owner in report.shared.items():
        found[name] = subject.network.get_submodule(owner).get_parameter(name).view(report.weights[name])
    return found


def _bias_of(name: str) -> str:
    """Return what the bias beside a matrix is called: `bias_ih_l0` beside `weight_ih_l0`."""
    return name.replace("weight", "bias")


def _bands(report: NodeReport, name: str, rows: int) -> tuple[str, ...]:
    units = int(getattr(report.block, "units", 0))
    gates = GATES.get(report.block.key, "")
    if gates and name.startswith("weight_c"):
        gates = PEEPHOLES.get(rows // max(1, units), "")
    return tuple(gates) if gates and rows == len(gates) * units else ()


def _row_names(subject: Subject, report: NodeReport, rows: int) -> Sequence[str]:
    """Return the words of an embedding, or the classes of a layer right before an Output."""
    if isinstance(report.block, Embedding):
        return subject.data.vocabularies.get(field_of(subject.report, report.id), ())[:rows]
    wires, at = subject.report.graph.outgoing, report.id
    while len(after := wires.get(at, ())) == 1:
        at = after[0].target
        known = subject.report.nodes.get(at)
        if known is None:
            return ()
        if isinstance(known.block, Output):
            target = subject.data.facts.targets.get(known.block.target)
            return target.classes if target is not None and len(target.classes) == rows else ()
        if not isinstance(known.block, Softmax | Dropout):
            return ()
    return ()


def _column_names(subject: Subject, report: NodeReport, name: str, columns: int) -> Sequence[str]:
    """Return the names that the data have for what comes in, where a layer stands right behind an Input."""
    if name.startswith(("weight_h", "weight_c")) or (name.startswith("weight_ih") and "_l0" not in name):
        return ()  # of the state, or of the layer below
    wires = subject.report.graph.incoming.get(report.id, ())
    before = subject.report.nodes.get(wires[0].source) if wires else None
    if before is None or not isinstance(before.block, Input):
        return ()
    found = subject.data.facts.names.get(before.block.field, ())
    return found if len(found) == columns else ()


def _within_limits(names: Iterable[str]) -> tuple[str, ...]:
    """Return the first of many names, each of them short."""
    found: list[str] = []
    left = MOST_NAMED
    for name in names:
        short = name if len(name) <= LONGEST_WORD else f"{name[: LONGEST_WORD - 1]}…"
        if (left := left - len(short)) < 0:
            break
        found.append(short)
    return tuple(found)
