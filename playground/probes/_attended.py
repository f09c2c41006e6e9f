"""What probes of attention share: who looks at whom, while one text is read, and the words on both sides.

It holds no probe of its own; importing it does nothing.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from playground.blocks.attention import ScaledDotProductAttention
from playground.preparation.texts import END, PAD, START, UNKNOWN
from playground.probes._reading import MOST_STEPS, Reading, field_of, reading, words_of
from playground.report import NodeReport, Report

if TYPE_CHECKING:
    import numpy as np

    from playground.probes import Subject

    Array = np.ndarray[Any, Any]

SELF, MASKED, CROSS = "self", "masked", "cross"
"""What a layer of attention looks at: its own sequence, of that only the past, or another sequence."""

PREVIOUS, NEXT = "previous", "next"
"""What goes in and what is to come out where a sequence is written."""


class Side(NamedTuple):
    """One of the two sequences of a layer: how many steps, its words (none where it has none), those not known."""

    steps: int
    words: tuple[str, ...] = ()
    unknown: tuple[int, ...] = ()


class Traced(NamedTuple):
    """What a layer computed from one text: every step of its formula, and how many queries and keys are there."""

    values: Mapping[str, Any]
    queries: int
    keys: int


class Scene(NamedTuple):
    """One text, the inputs that it makes as batches of one, and what some layers computed from it.

    `says` are the words that the network writes at each step, where it writes.
    """

    field: str
    read: Reading
    inputs: Mapping[str, Array]
    traced: Mapping[str, Traced]
    says: tuple[str, ...]


def is_attention(node: NodeReport) -> bool:
    """Whether a node is a layer of attention."""
    return isinstance(node.block, ScaledDotProductAttention)


def attentions(report: Report) -> list[NodeReport]:
    """Return the layers of attention, those of one stack together: the order of the network goes to and fro."""
    found = [node for node in report.nodes.values() if is_attention(node)]
    stacks = list(dict.fromkeys(_stack(node) for node in found))
    return sorted(found, key=lambda node: stacks.index(_stack(node)))


def _stack(node: NodeReport) -> str:
    """Return the outermost group that a node is in, or itself."""
    return node.id.split(".")[0]


def kind_of(report: Report, node: NodeReport) -> str:
    """Say what a layer looks at."""
    block: Any = node.block
    asking, asked = fields_of(report, node.id)
    return MASKED if block.causal else SELF if asking == asked else CROSS


def fields_of(report: Report, id: str) -> tuple[str, str]:
    """Return the inputs that the queries and the keys of a layer come from."""
    ends = {wire.target_port: wire.source for wire in report.graph.incoming.get(id, ())}
    asking, asked = (field_of(report, ends[port]) if port in ends else "" for port in ("query", "key"))
    return asking, asked


def first_field(report: Report) -> str:
    """Return the input whose words a person may type: what attention reads rather than what is being written."""
    fields = [field for node in attentions(report) for field in fields_of(report, node.id)[::-1] if field]
    return next((field for field in fields if field != PREVIOUS), fields[0] if fields else "")


def scene(subject: Subject, nodes: Iterable[str], split: str, index: int, own: str) -> Scene | None:
    """Let the network read an example, or what was typed; None where nothing reaches attention along time.

    Of what was typed nobody knows what should be written: the network writes it itself, the likeliest word each time.
    """
    field = first_field(subject.report)
    read = reading(subject, field, split, index, own if field != PREVIOUS else "") if field else None
    if read is None:
        return None
    inputs, output = dict(read.inputs), _writing(subject)
    if read.own and output and PREVIOUS in inputs:
        inputs[PREVIOUS] = _written(subject, output, inputs)
    traced, kept = _traced(subject, inputs, nodes, output)
    return Scene(field, read, inputs, traced, _said(subject, inputs, kept) if output else ())


def sides(subject: Subject, seen: Scene, id: str) -> tuple[Side, Side]:
    """Return what stands at the queries and at the keys of a layer."""
    node, traced = subject.report.nodes[id], seen.traced[id]
    both = zip(fields_of(subject.report, id), (traced.queries, traced.keys), node.inputs, strict=False)
    asking, asked = (_side(subject, seen, field, steps, int(shape.time)) for field, steps, shape in both)
    return asking, asked


def _side(subject: Subject, seen: Scene, field: str, steps: int, time: int) -> Side:
    known, shape = subject.data.vocabularies.get(field), subject.data.facts.inputs.get(field)
    if known is None or shape is None or int(shape.time) != time:
        return Side(steps)  # a series, or its steps are no longer those that came in
    if field == seen.field:
        return Side(steps, seen.read.words[:steps], tuple(at for at in seen.read.unknown if at < steps))
    return Side(steps, words_of(seen.inputs[field][0][:steps], known))


def _traced(
    subject: Subject, inputs: Mapping[str, Array], nodes: Iterable[str], output: str
) -> tuple[dict[str, Traced], Any]:
    """Return what the layers computed in one pass, and what reached an Output."""
    import torch

    arrived: dict[str, tuple[tuple[Any, ...], Any]] = {}
    modules = {id: subject.network.module_at(id) for id in nodes}

    def listen(id: str) -> Any:
        def arrive(_: Any, given: tuple[Any, ...], named: dict[str, Any]) -> None:
            arrived[id] = given, named.get("lengths", (None, None, None))

        return modules[id].register_forward_pre_hook(arrive, with_kwargs=True)

    hooks = [listen(id) for id in modules if modules[id] is not None]
    try:
        kept = subject.look(inputs, (output,) if output else ())
    finally:
        for hook in hooks:
            hook.remove()
    found = {}
    with torch.no_grad():
        for id, (given, lengths) in arrived.items():
            ends = (int(x.shape[1]) if n is None else int(n[0]) for x, n in zip(given, lengths, strict=True))
            queries, keys, _ = (max(1, min(n, MOST_STEPS)) for n in ends)
            found[id] = Traced(modules[id].traced(*given, lengths=lengths), queries, keys)
    return found, kept.get(output)


def _writing(subject: Subject) -> str:
    """Return the Output that says what is written next, where something is."""
    found = subject.report.outputs.items()
    there = PREVIOUS in subject.data.vocabularies
    return next((id for id, block in found if block.target == NEXT), "") if there else ""


def _said(subject: Subject, inputs: Mapping[str, Array], scores: Any) -> tuple[str, ...]:
    """Return the likeliest word at each step that is there."""
    known, steps = subject.data.vocabularies[PREVIOUS], int((inputs[PREVIOUS][0] != 0).sum())
    scores = scores[0, : min(steps, MOST_STEPS)].clone()
    scores[:, list(_never(known))] = -math.inf
    return words_of(scores.argmax(dim=-1).cpu().numpy(), known)


def _written(subject: Subject, output: str, inputs: Mapping[str, Array]) -> Array:
    """Let the network write, and return what goes in at each step while it does."""
    import numpy as np
    import torch

    from playground.decoding import Decoder, write

    known = subject.data.vocabularies[PREVIOUS]
    start, end = known.index(START), known.index(END)
    steps = int(inputs[PREVIOUS].shape[1])
    device = next((one.device for one in subject.network.parameters()), torch.device("cpu"))
    whole = {name: torch.as_tensor(values).to(device) for name, values in inputs.items() if name != PREVIOUS}
    decoder = Decoder(subject.network, output, PREVIOUS, whole, longest=steps)
    first = torch.tensor([[start]], device=device)
    row = np.zeros((1, steps), dtype=np.int64)
    row[0, 0] = start
    for at, step in enumerate(write(decoder, first, never=_never(known), end=end, most=steps - 1)):
        if int(step.tokens[0]) != end:
            row[0, at + 1] = int(step.tokens[0])
    return row


def _never(known: tuple[str, ...]) -> tuple[int, ...]:
    """Return the tokens that are no words to be written."""
    return tuple(known.index(one) for one in (PAD, UNKNOWN, START))
