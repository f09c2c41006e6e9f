"""The drawn graph as a plain `nn.Module`: its children carry the ids of the nodes.

Every node draws its first weights from a seed of its own, made of the experiment's seed and its id, so adding a
node, or moving it, leaves the first weights of all others as they were.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple, cast

import torch
from torch import Tensor, nn

from playground import attention, layers, recurrent
from playground.analysis import in_port_order
from playground.block import Layer
from playground.blocks.data import Input, Output
from playground.blocks.group import Entrance, Exit
from playground.choices import Initialisation, Usual
from playground.devices import random_kept
from playground.graph import Graph, Node
from playground.initialising import initialise
from playground.report import NodeReport, Report
from playground.shape import Shape
from playground.spelt import letters_of, word_by_word
from playground.turned import Ends, Turned, carried, lengths_of, silenced, turn

NOTHING = -1
"""The slot at which an optional input finds nothing: the last, which is never filled."""


class Call(NamedTuple):
    """One step of the forward pass: run `module` on the values in `sources`, keep what it returns from `slot` on."""

    id: str
    module: nn.Module
    sources: tuple[int, ...]
    slot: int
    outputs: int
    """How many values it returns: a module with several output ports gives a tuple."""
    muted: bool
    timed: tuple[int, ...]
    """The slots of those values that have steps, as many as came in."""
    framed: str
    """What goes through by itself, as an example of its own: ``frames`` of clips, ``words`` of letters, or nothing."""
    relaid: tuple[int, int] | None
    """How many numbers a step holds that comes in and one that leaves, where steps are laid out anew; 0: none leave."""
    elementwise: bool
    """Whether each number that leaves hangs on the ones at its place alone."""


class Network(nn.Module):
    """An analysed graph, built. Attributes of its own begin with an underscore: all other names belong to the nodes.

    A node inside a group is a child of containers that carry the names on its path: ``encoder_1.2.dense_1``.

    Lengths travel with the values: how many steps of each example there are follows from the numbers of its tokens (0
    fills up the rest). A layer that must not look beyond them says ``uses_lengths`` and is given those of each of its
    inputs, or None where all steps are there; one that changes the number of steps says by ``out_lengths`` to what.
    One that lays the numbers of all steps out anew gets 0 for what is beyond the end; where it only turns them away
    from their place, it stays known where they stand (`playground.turned`).
    What leaves has the lengths of the first input that has any; of ``lengths_of_first`` those of the very first.
    """

    def __init__(self, report: Report, seed: int, initialisation: Initialisation | None = None) -> None:
        super().__init__()
        self._inputs: list[tuple[int, str]] = []
        self._outputs: list[tuple[str, int]] = []
        self._calls: list[Call] = []
        self._slots: dict[tuple[str, str], int] = {}
        self._size = 0
        self._tokens: list[int] = []
        self._initialisation = initialisation or Usual()
        known = ((id, report.at(id)) for id in report.graph.order)
        there = [(id, node) for id, node in known if node is not None]
        there.sort(key=lambda one: not isinstance(one[1].block, Input))  # Noise wants to know how many come in
        for id, node in there:
            self._put(report, report.graph, id, node, seed)
        for id, node in report.nodes.items():
            self._settle(report.graph.nodes[id], node)
        if not any(getattr(call.module, "uses_lengths", False) or call.relaid for call in self._calls):
            self._tokens = []  # nobody asks

    def module_at(self, path: str) -> nn.Module | None:
        """Return what computes a node; None for those that compute nothing."""
        try:
            return self.get_submodule(path)
        except AttributeError:
            return None

    def first_slot(self, path: str) -> int | None:
        """Return where the first output of a node stands among the values of a forward pass."""
        return next((slot for (id, _), slot in self._slots.items() if id == path), None)

    def forward(self, inputs: Mapping[str, Tensor]) -> dict[str, Tensor]:
        """Map the data's inputs by name, batch first, to what reaches each Output, by its id."""
        values = self._run(inputs)
        return {id: values[slot] for id, slot in self._outputs}

    def _put(self, report: Report, graph: Graph, id: str, known: NodeReport, seed: int) -> None:
        """Give a node its place in the forward pass."""
        node, block = graph.nodes[id], known.block
        ordered = in_port_order(block, graph.incoming[id])
        sources = tuple(self._slots[wire.source, wire.source_port] if wire else NOTHING for wire in ordered)
        passes = node.state == "bypassed" or isinstance(block, Entrance | Exit | Output)
        muted = node.state == "muted"
        if isinstance(block, Output):
            self._slots[id, ""] = sources[0]
            if not node.state:
                self._outputs.append((id, sources[0]))
        elif passes and not muted:
            self._slots.update({(id, port): sources[0] for port in block.outputs or ("",)})
        else:
            slot = self._size
            self._slots.update({(id, port): slot + i for i, port in enumerate(block.outputs)})
            self._size += len(block.outputs)
            if isinstance(block, Input) and known.shape.is_tokens:
                self._tokens.append(slot)
            if isinstance(block, Input) and not muted:
                self._inputs.append((slot, block.field))
            else:
                module = self._made(id, known, seed)
                if isinstance(block, Input):
                    self._inputs.append((slot, block.field))
                    sources = (slot,)
                elif not block.ports():
                    sources = tuple(slot for slot, _ in self._inputs[:1])  # it has as many rows as the data
                leaving = [known.leaving(port) for port in block.outputs]
                timed = tuple(slot + i for i, shape in enumerate(leaving) if "time" in shape)
                relaid = _relaid(module, known.inputs, leaving[0]) if len(sources) == 1 else None
                framed = "" if not known.frames else "words" if known.inputs[0].is_spelt else "frames"
                ways = timed, framed, relaid, block.elementwise
                self._calls.append(Call(id, module, sources, slot, len(block.outputs), muted, *ways))

    def _made(self, id: str, known: NodeReport, seed: int) -> nn.Module:
        torch.manual_seed(node_seed(seed, id))
        module, home = build(known.layer), self
        initialise(module, self._initialisation)
        *containers, own = id.split(".")
        for name in containers:
            if name not in home._modules:
                home.add_module(name, nn.Module())
            home = home._modules[name]  # type: ignore[assignment]
        home.add_module(own, module)
        return module

    def _settle(self, node: Node, known: NodeReport) -> None:
        """Do to a node's weights what was said of them: set by hand, shared, frozen."""
        module = self.module_at(node.id)
        if module is None or node.state == "bypassed":
            return
        own = dict(module.named_parameters())
        with torch.no_grad():
            for name, value in node.weights.items():
                own[name].copy_(torch.tensor(value))
        for name, owner in known.shared.items():
            theirs = self.get_submodule(owner)
            *inner, last = name.split(".")
            inside = ".".join(inner)
            _share(module.get_submodule(inside), last, theirs.get_submodule(inside))
        if node.frozen:
            for name, parameter in own.items():
                parameter.requires_grad_(name in known.shared)

    def _run(self, inputs: Mapping[str, Tensor]) -> list[Any]:
        values, lengths = self._begun(inputs)
        for call in self._calls:
            carry_out(call, values, lengths)
        return values

    def _begun(self, inputs: Mapping[str, Tensor]) -> tuple[list[Any], list[Ends]]:
        """Return the values of a forward pass with the inputs in their places, and the lengths known so far."""
        values: list[Any] = [None] * (self._size + 1)  # the last is what stands at NOTHING
        for slot, field in self._inputs:
            values[slot] = inputs[field]
        lengths: list[Ends] = [None] * (self._size + 1) if self._tokens else []
        for slot in self._tokens:
            numbers = values[slot]
            lengths[slot] = letters_of(numbers) if numbers.ndim == 3 else (numbers != 0).sum(dim=1).clamp(min=1)
        return values, lengths


def _share(module: nn.Module, name: str, theirs: nn.Module) -> None:
    """Let a module use another's weights: themselves, or the same numbers laid out in its own shape."""
    shape, owner = module.get_parameter(name).shape, theirs.get_parameter(name)
    if shape == owner.shape:
        setattr(module, name, owner)
        return
    delattr(module, name)  # from now on no parameter, but a view of the owner's that is made at each pass
    module.register_forward_pre_hook(lambda home, _: setattr(home, name, getattr(theirs, name).view(shape)))


def _relaid(module: nn.Module, entering: Sequence[Shape | None], leaving: Shape) -> tuple[int, int] | None:
    """Find what `Call.relaid` tells of a layer with one input."""
    x = entering[0] if entering else None
    if x is None or x.names[:1] != ("time",) or hasattr(module, "uses_lengths") or hasattr(module, "out_lengths"):
        return None
    if leaving.names[:1] != ("time",) or getattr(module, "moves_steps", False):
        return x.count // x.time, 0
    return None if leaving.time == x.time else (x.count // x.time, leaving.count // leaving.time)


def carry_out(call: Call, values: list[Any], lengths: list[Ends]) -> None:
    """Take one step of a forward pass."""
    _, module, sources, slot, outputs, muted, timed, framed, relaid, elementwise = call
    if framed == "words":
        _spell(call, values, lengths)
        return
    ends = [lengths[source] for source in sources] if lengths else []
    if ends and (isinstance(ends[0], Turned) or (relaid and ends[0] is not None)) and len(sources) == 1:
        made, lengths[slot] = _turned_or_laid_out(call, values[sources[0]], ends[0])
        values[slot] = torch.zeros_like(made) if muted else made
        return
    taken = [values[source] for source in sources]
    if (
        ends
        and any(isinstance(one, Turned) for one in ends)
        and not (elementwise and len(set(map(_axis_of, ends))) == 1)
    ):
        taken = [silenced(value, one) for value, one in zip(taken, ends, strict=True)]
        ends = [lengths_of(one) for one in ends]
    if lengths and getattr(module, "uses_lengths", False):
        made = module(*taken, lengths=ends)
    elif framed:  # clips: (batch, time, channels, height, width)
        made = module(taken[0].flatten(0, 1)).unflatten(0, taken[0].shape[:2])
    else:
        made = module(*taken)
    if lengths and (timed or elementwise):
        leading = ends[:1] if hasattr(module, "lengths_of_first") else ends
        known = next((one for one in leading if one is not None), None)
        if known is not None and hasattr(module, "out_lengths"):
            known = cast("Tensor", module.out_lengths(known))  # type: ignore[operator]  # any attribute may be a Tensor
        for one in (slot,) if isinstance(known, Turned) else timed:
            lengths[one] = known
    if muted:
        made = torch.zeros_like(made) if outputs == 1 else tuple(torch.zeros_like(one) for one in made)
    if outputs == 1:
        values[slot] = made
    else:
        values[slot : slot + outputs] = made


def _spell(call: Call, values: list[Any], lengths: list[Ends]) -> None:
    """Take a step in which a layer reads each word by itself."""
    source = call.sources[0]
    for at, read in enumerate(word_by_word(call.module, values[source], lengths[source] if lengths else None)):
        values[call.slot + at] = torch.zeros_like(read.value) if call.muted else read.value
        if lengths:
            lengths[call.slot + at] = read.ends


def _axis_of(ends: Ends) -> int:
    return ends.axis if isinstance(ends, Turned) else 0 if ends is None else 1


def _turned_or_laid_out(call: Call, x: Tensor, ends: Ends) -> tuple[Any, Ends]:
    """Return what a layer makes of steps that are turned away, or that it lays out anew; and what is known of them."""
    if isinstance(ends, Turned):
        return carried(call.module, call.elementwise, x, ends)
    assert ends is not None
    assert call.relaid is not None
    made, known = _laid_out(call.module, x, ends, call.relaid)
    return made, turn(call.module, ends) if isinstance(call.module, layers.Permute) else known


def _laid_out(module: nn.Module, x: Tensor, lengths: Tensor, numbers: tuple[int, int]) -> tuple[Tensor, Tensor | None]:
    """Return what a layer makes of steps that it lays out anew, with 0 beyond their end, and how many leave."""
    entering, leaving = numbers
    gone = layers.beyond(x, lengths).reshape(*x.shape[:2], *(1,) * (x.ndim - 2))
    made: Tensor = module(x.masked_fill(gone, 0))
    return made, -(-lengths * entering // leaving) if leaving else None


def build(layer: Layer) -> nn.Module:
    """Make the module that a `Layer` names."""
    home, _, name = layer.name.partition(".")
    homes = {"nn": nn, "layers": layers, "recurrent": recurrent, "attention": attention}
    made: nn.Module = getattr(homes[home], name)(*layer.args, **dict(layer.kwargs))
    return made


def node_seed(seed: int, id: str) -> int:
    """Return the seed that a node's first weights are drawn from."""
    return zlib.crc32(f"{seed}/{id}".encode())


def look(
    network: Network, inputs: Mapping[str, Tensor], keep: Iterable[str], graded: bool = False, rehearsed: bool = False
) -> dict[str, Tensor]:
    """Run inputs through in eval mode and return what left each node in `keep`; the network stays as it was.

    No gradient is recorded, unless it is asked for by `graded`; no running statistics move, no random number is drawn.
    An Output gives what reached it; ids that are not in the network are left out. `rehearsed` runs them through as the
    next step of training would, with the statistics of the batch and what dropout draws, and then puts the running
    statistics and the random numbers back.
    """
    if rehearsed:
        return _rehearsed(network, inputs, keep)
    training = network.training
    network.eval()
    try:
        with torch.set_grad_enabled(graded):
            values = network._run(inputs)
    finally:
        network.train(training)
    return {id: values[slot] for id in keep if (slot := network.first_slot(id)) is not None}


def _rehearsed(network: Network, inputs: Mapping[str, Tensor], keep: Iterable[str]) -> dict[str, Tensor]:
    """Run inputs through in training mode; see `look`."""
    training, statistics = network.training, [(one, one.clone()) for one in network.buffers()]
    with torch.no_grad(), random_kept(*{value.device for value in inputs.values()}):
        try:
            network.train()
            values = network._run(inputs)
        finally:
            network.train(training)
            for one, before in statistics:
                one.copy_(before)
    return {id: values[slot] for id in keep if (slot := network.first_slot(id)) is not None}


def first_not_finite(network: Network, inputs: Mapping[str, Tensor]) -> str:
    """Return the first node, in the order of the forward pass, whose weights or values are not finite ("" if none)."""
    with torch.no_grad():
        values, lengths = network._begun(inputs)
        for call in network._calls:
            if any(not torch.isfinite(weight).all() for weight in call.module.parameters()):
                return call.id
            carry_out(call, values, lengths)
            if any(not torch.isfinite(made).all() for made in values[call.slot : call.slot + call.outputs]):
                return call.id
    return ""
