"""What a network costs, node by node and in all: the rows of the Analyse table, their totals, the memory of training.

Everything here follows from an experiment and its report; nothing is built and nothing is measured.

The **memory of training** is that of one step at its peak, the end of the forward pass: the weights; for every
weight that learns its gradient and what the optimiser remembers of it; and what leaves every node, for each example
of a batch, because the backward pass needs most of it and the forward pass holds the rest until its end. Held
against torch's own account of xor, LeNet and others (see the tests) it is between 0.6 and 1.0 of the true peak;
PyTorch itself and what a single operation borrows for itself come on top.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from playground.adversarial import doubled
from playground.block import Block
from playground.experiment import Experiment
from playground.files import replace_file
from playground.frames import at_once
from playground.graph import Node
from playground.machine import Room
from playground.report import NodeReport, Report
from playground.shape import Shape
from playground.text import Sentence, say, tr

BYTES = 4
"""Bytes of one number: everything is computed in float32."""

INDEX_BYTES = 8
"""Bytes of one class in the targets."""


@dataclass(frozen=True, slots=True)
class Row:
    """One node of the table. Where its inputs are not known, all that follows from them is None.

    Attributes:
        id: its path (`encoder_1.2.dense_1`).
        block: with every ``auto`` filled in, as far as that is known.
        shape: what leaves it (at its first output port, where there are several).
        activation: bytes of all that leaves it for one example, and of what it keeps besides until the backward pass.
        parameters: numbers it holds that can be learnt; shared ones count where they are.
        trainable: those that training changes.
        shares: the nodes whose weights it uses.
        macs: multiply-accumulates of one example.
        field: height and width of what one of its pixels sees of the input; None where that has no meaning.
        opposing: whether it is a discriminator's, which has an optimiser of its own.
    """

    id: str
    block: Block
    shape: Shape | None = None
    activation: int | None = None
    parameters: int | None = None
    trainable: int | None = None
    shares: tuple[str, ...] = ()
    macs: int | None = None
    field: tuple[int, int] | None = None
    opposing: bool = False

    @property
    def frozen(self) -> bool:
        """Whether it holds parameters that training leaves alone."""
        return self.trainable != self.parameters


@dataclass(frozen=True)
class Totals:
    """Sums over all rows that are known.

    Attributes:
        trainable, frozen: parameters that learn, and those that do not.
        macs: multiply-accumulates of one example.
        activations: bytes of everything that leaves a node for one example.
        largest: the row with the largest activation.
        unknown: how many rows are not known.
        opposing: parameters that learn against the others, by an optimiser of their own.
    """

    trainable: int = 0
    frozen: int = 0
    macs: int = 0
    activations: int = 0
    largest: Row | None = None
    unknown: int = 0
    opposing: int = 0

    @property
    def parameters(self) -> int:
        """All parameters."""
        return self.trainable + self.frozen


@dataclass(frozen=True)
class Memory:
    """Bytes that a training step takes, by what takes them.

    `data` are the examples, which stay on the device all the time and are not part of a step.
    """

    weights: int = 0
    gradients: int = 0
    state: int = 0
    activations: int = 0
    data: int = 0
    batch: int = 1
    slots: int = 0

    @property
    def step(self) -> int:
        """What one step takes."""
        return self.weights + self.gradients + self.state + self.activations

    @property
    def all(self) -> int:
        """What has to fit on the device."""
        return self.step + self.data

    def fitting_batch(self, room: int) -> int:
        """Return the largest power of two that is smaller than the batch and fits into so many bytes; 0 if none."""
        left = room - (self.all - self.activations)
        most = min(left * self.batch // max(1, self.activations), self.batch - 1)
        return 2 ** (int(most).bit_length() - 1) if most >= 1 else 0


# -- counting ----------------------------------------------------------------------------------------------------


def rows_of(report: Report) -> tuple[Row, ...]:
    """List every node in the order in which data flows; of a group those inside, each repetition on its own."""
    graph = report.graph
    flowing = dict.fromkeys(graph.order)
    order = (*flowing, *(id for id in graph.nodes if id not in flowing))  # those of cycles come last
    twice = doubled(graph)
    shown = [id for id in order if not graph.nodes[id].block.edge]
    return tuple(_row(graph.nodes[id], report.nodes.get(id), id in twice) for id in shown)


def totals_of(rows: Sequence[Row]) -> Totals:
    """Add the rows up."""
    known = [row for row in rows if row.shape is not None]
    return Totals(
        trainable=sum(row.trainable or 0 for row in known),
        frozen=sum((row.parameters or 0) - (row.trainable or 0) for row in known),
        macs=sum(row.macs or 0 for row in known),
        activations=sum(row.activation or 0 for row in known),
        largest=max(known, key=lambda row: row.activation or 0, default=None),
        unknown=len(rows) - len(known),
        opposing=sum(row.trainable or 0 for row in known if row.opposing),
    )


def memory_of(totals: Totals, experiment: Experiment) -> Memory:
    """Estimate what training this experiment takes, see above."""
    facts, training = experiment.facts, experiment.training
    batch = min(training.batch_size, facts.counts.get("train") or training.batch_size)
    slots = training.optimiser.remembered()
    example = BYTES * sum(shape.count for shape in facts.inputs.values())
    example += sum(INDEX_BYTES if t.is_class else BYTES * t.shape.count for t in facts.targets.values())
    remembered = (totals.trainable - totals.opposing) * slots + totals.opposing * training.opponent.remembered()
    return Memory(
        weights=BYTES * totals.parameters,
        gradients=BYTES * totals.trainable,
        state=BYTES * remembered,
        activations=totals.activations * batch,
        data=example * sum(facts.counts.values()),
        batch=batch,
        slots=slots,
    )


def warning(memory: Memory, room: Room, device: str, *, running: bool = False) -> Sentence | None:
    """Say what to do where training will not fit into the memory that is there; None where it will.

    What is free is not asked for while it is `running`: by then it has taken its share.
    """
    free = room.total if running or room.free is None else min(room.free, room.total)
    if memory.all <= free:
        return None
    need, fits = sized(memory.all), memory.fitting_batch(free)
    if fits:
        remedy = say("make the batch smaller: {n} would fit", n=fits)
    else:
        remedy = say("use fewer units or channels, or smaller examples")
    if memory.all <= room.total:
        return say(
            "Training would take about {need} with its data, but only {free} are free now; "
            "close other programs or {remedy}.",
            need=need,
            free=sized(free),
            remedy=remedy,
        )
    where: Sentence | str = device.upper() if device.startswith("cuda") else say("this machine")
    return say(
        "Training would take about {need} with its data, but {device} has {there}; {remedy}.",
        need=need,
        device=where,
        there=sized(room.total),
        remedy=remedy,
    )


def sized(size: float) -> str:
    """Write a number of bytes as a person would: 640 B, 18.8 kB, 3.01 MB, 25 GB."""
    for unit in ("B", "kB", "MB", "GB"):
        if size < 999.5:
            return f"{size:.3g} {unit}"
        size /= 1000
    return f"{size:,.0f} TB"


def _row(node: Node, known: NodeReport | None, opposing: bool) -> Row:
    """Make the row of a node; a discriminator is given a generated example besides each real one."""
    if known is None:
        return Row(node.id, node.block)
    leaving = known.shapes.values() or (known.shape,)
    numbers = sum(shape.count for shape in leaving)
    numbers += (known.frames or 1) * known.block.kept(*at_once(known.block, known.inputs)) if known.inputs else 0
    return Row(
        node.id,
        known.block,
        known.shape,
        BYTES * (1 + opposing) * numbers,
        known.parameters,
        known.trainable,
        tuple(dict.fromkeys(known.shared.values())),
        known.macs,
        known.receptive_field,
        opposing,
    )


# -- as a table for other programs -------------------------------------------------------------------------------


def headings() -> list[str]:
    """Name the columns of the table that other programs are given."""
    return [
        *(tr("Name"), tr("Block"), tr("Output shape"), tr("Axes"), tr("Parameters"), tr("MACs")),
        *(tr("Activation memory (bytes)"), tr("Receptive field height"), tr("Receptive field width")),
    ]


def cells(row: Row) -> list[str]:
    """Write one row for other programs: plain numbers, nothing where they are not known."""
    axes = [str(Sentence(name)) for name in row.shape.names] if row.shape else []
    numbers = (row.parameters, row.macs, row.activation, *(row.field or (None, None)))
    return [
        *(_harmless(row.id), _harmless(row.block.name), str(row.shape or ""), " × ".join(axes)),
        *("" if number is None else str(int(number)) for number in numbers),
    ]


def as_text(rows: Sequence[Row]) -> str:
    """Write rows with their headings, separated by tabs, as spreadsheets paste them."""
    return "\n".join("\t".join(line) for line in (headings(), *map(cells, rows)))


def as_csv(rows: Sequence[Row]) -> str:
    """Write rows with their headings as CSV."""
    out = io.StringIO()
    csv.writer(out).writerows([headings(), *map(cells, rows)])
    return out.getvalue()


def write_csv(rows: Sequence[Row], path: Path) -> None:
    """Write rows to a file; the mark at its beginning tells spreadsheets that it is UTF-8."""
    replace_file(path, as_csv(rows).encode("utf-8-sig"))


def _harmless(text: str) -> str:
    """Keep a spreadsheet from taking the name of an unknown block for a formula."""
    return f"'{text}" if text[:1] in ("=", "+", "-", "@", "\t", "\r") else text
