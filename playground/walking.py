"""Walking an example through a network: what enters and leaves every node, and ∂L/∂ all of it, by hand and by autograd.

It walks a copy (`playground.copied`) in eval mode, as an evaluation would: nothing is dropped out, and batches are
normalised by their running statistics.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import torch
from torch import Tensor, nn

from playground.copied import Copied, carried_out, explainer_here, penalty_of, relaid, sides_of, steps_of
from playground.explaining import Array, Explainer, Place
from playground.explaining.losses import Verdict
from playground.explaining.updates import Update, length_of
from playground.judging import Judge, places
from playground.network import NOTHING
from playground.text import Refusal, say

WIDTH = 1e-5
"""How far a number is moved to both sides for a central difference, times its own size where that is above 1."""


@dataclass(frozen=True)
class Difference:
    """A central difference: its value, how far the number was moved, and whether a corner lies within."""

    value: float
    width: float
    bent: bool


class Walk:
    """One example on its way through a copy: all numbers of the forward pass, and their derivatives when asked for."""

    def __init__(self, copied: Copied, inputs: Mapping[str, Tensor], targets: Sequence[Tensor]) -> None:
        """Let an example through; `targets` are those of the judges, or none where nothing is judged."""
        self.copied, self.targets = copied, [_double(target) for target in targets]
        entering = {name: _double(value).requires_grad_(value.is_floating_point()) for name, value in inputs.items()}
        self._values, self._ends = copied.network._begun({name: value.cpu() for name, value in entering.items()})
        self._edges: list[list[Tensor | None]] = []
        self._limits: list[list[int | None]] = []
        self._explainers: dict[str, Explainer | None] = {}
        with torch.enable_grad():
            for part in copied.parts:
                edges = [None if s == NOTHING else _own(self._values[s]) for s in part.call.sources]
                ends = [self._ends[s] if self._ends else None for s in part.call.sources]
                self._edges.append(edges)
                self._limits.append([steps_of(end) for end in ends])
                self._explainers[part.call.id] = explainer_here(part, ends)
                made, leaving = carried_out(part.call, edges, ends)
                for i, (value, end) in enumerate(zip(made, leaving, strict=True)):
                    self._values[part.call.slot + i] = value
                    if self._ends:
                        self._ends[part.call.slot + i] = end
            self._answers = {id: _own(self._values[slot]) for id, slot in copied.network._outputs}
            self._loss = self._judged(self._answers, self._edges) if self.targets else None
        self._down: dict[int, Array] | None = None
        self._by_hand: dict[str, tuple[dict[str, Array], dict[str, Array]] | None] = {}

    # -- forward -----------------------------------------------------------------------------------------------

    @property
    def judged(self) -> bool:
        """Whether there is a loss to go back from."""
        return self._loss is not None

    @property
    def loss(self) -> float:
        """The loss of the example, as torch has it."""
        return float("nan") if self._loss is None else float(self._loss.item())

    def input(self, path: str) -> Array:
        """Return what an Input brings."""
        slot = self.copied.network.first_slot(path)
        return _array(self._values[slot if slot is not None else NOTHING])

    def place(self, path: str) -> Place:
        """Return all numbers around a node."""
        k = self.copied.by_path[path]
        part = self.copied.parts[k]
        edges = self._edges[k]
        outputs = part.known.block.outputs or ("out",)
        buffers = {name: one.numpy() for name, one in part.call.module.named_buffers()}
        if getattr(part.call.module, "through", False):
            buffers["through"] = np.ones(())
        entering = zip(part.ports, edges, self._limits[k], strict=True)
        known = [(port, edge, end) for port, edge, end in entering if edge is not None and port]
        return Place(
            part.known,
            {port: relaid(part.call, _array(edge), end) for port, edge, end in known},
            {port: _array(self._values[part.call.slot + i]) for i, port in enumerate(outputs)},
            {name: one.detach().numpy() for name, one in part.weights.items()},
            buffers,
            {port: end for port, _, end in known if end is not None},
        )

    @cached_property
    def verdicts(self) -> dict[str, Verdict]:
        """What each Output judges."""
        found = {}
        for one, target in zip(self.copied.judges, self.targets, strict=bool(self.targets)):
            wanted = target[0].numpy()
            classes = self.copied.classes.get(one.id, ())
            found[one.id] = Verdict(one.block, _array(self._answers[one.id]), wanted, classes)
        return found

    @cached_property
    def penalties(self) -> dict[str, float]:
        """What nodes add to the loss themselves."""
        parts = zip(self.copied.parts, self._edges, strict=True)
        found = ((part.call.id, penalty_of(part, edges)) for part, edges in parts)
        return {path: one.item() for path, one in found if one is not None}

    def by_hand(self, path: str) -> Explainer | None:
        """Return who explains a node; None for those whose numbers are the network's and autograd's."""
        return self._explainers[path]

    def _judged(self, answers: Mapping[str, Tensor], edges: Sequence[Sequence[Tensor | None]]) -> Tensor:
        pairs = list(zip(self.copied.judges, self.targets, strict=True))
        for one, target in pairs:
            _refuse_unjudged(one, target)
        total = torch.stack([one.block.weight * one.loss(answers[one.id], target) for one, target in pairs]).sum()
        for part, entering in zip(self.copied.parts, edges, strict=True):
            if (penalty := penalty_of(part, entering)) is not None:
                total = total + penalty
        return total

    # -- backward by hand --------------------------------------------------------------------------------------

    def upstream(self, path: str) -> dict[str, Array] | None:
        """Return ∂L/∂ what leaves a node, by port, reckoned by hand; None where the loss does not depend on it."""
        found = self._hand(path)
        return None if found is None else found[0]

    def gradients(self, path: str) -> dict[str, Array] | None:
        """Return ∂L/∂ every input and weight of a node, by name, as far as this node goes, reckoned by hand."""
        found = self._hand(path)
        return None if found is None else found[1]

    def _hand(self, path: str) -> tuple[dict[str, Array], dict[str, Array]] | None:
        if self._down is None:
            self._down = {}
            for id, slot in self.copied.network._outputs:
                if id in self.verdicts:
                    self._add(slot, self.verdicts[id].delta)
        goal = self.copied.by_path[path]
        for k in range(len(self.copied.parts) - 1 - len(self._by_hand), goal - 1, -1):
            self._by_hand[self.copied.parts[k].call.id] = self._back(k)
        return self._by_hand[path]

    def _back(self, k: int) -> tuple[dict[str, Array], dict[str, Array]] | None:
        """Go back through one node; all behind it have been gone through."""
        assert self._down is not None
        part = self.copied.parts[k]
        slots = range(part.call.slot, part.call.slot + part.call.outputs)
        penalised = penalty_of(part, self._edges[k]) is not None
        if not penalised and not any(slot in self._down for slot in slots):
            return None
        ports = part.known.block.outputs or ("out",)
        leaving = zip(ports, slots, strict=True)
        upstream = {
            port: self._down[slot] if slot in self._down else np.zeros_like(_array(self._values[slot]))
            for port, slot in leaving
        }
        explainer = self.by_hand(part.call.id)
        if explainer is not None:
            found = dict(explainer.backward(self.place(part.call.id), upstream))
        else:
            found = self._by_autograd(k, upstream)
        for port, source, end in zip(part.ports, part.call.sources, self._limits[k], strict=True):
            if port in found:
                found[port] = relaid(part.call, found[port], end)
                self._add(source, found[port])
        return upstream, found

    def _add(self, slot: int, gradient: Array) -> None:
        """Sum up what comes back to a value from all that it feeds."""
        assert self._down is not None
        self._down[slot] = self._down[slot] + gradient if slot in self._down else gradient

    def _by_autograd(self, k: int, upstream: Mapping[str, Array]) -> dict[str, Array]:
        """Let autograd go back through a single node."""
        part = self.copied.parts[k]
        entering = zip(part.ports, self._edges[k], strict=True)
        by: dict[str, Tensor] = {port: edge for port, edge in entering if edge is not None and _flows(port, edge)}
        by |= part.weights
        slots = range(part.call.slot, part.call.slot + part.call.outputs)
        pairs = [(self._values[slot], one[None]) for slot, one in zip(slots, upstream.values(), strict=True)]
        pairs = [(value, one) for value, one in pairs if value.requires_grad]
        total = [torch.sum(value * torch.as_tensor(one)) for value, one in pairs]
        if (penalty := penalty_of(part, self._edges[k])) is not None:
            total.append(penalty)
        return _derived(torch.stack(total).sum() if total else torch.zeros(()), by)

    # -- backward by autograd and by differences ---------------------------------------------------------------

    @cached_property
    def _autograd(self) -> dict[tuple[str, str], Array]:
        """∂L/∂ everything, by node and name, from one backward pass of torch through the whole network."""
        by: dict[tuple[str, str], Tensor] = {(id, "x"): one for id, one in self._answers.items()}
        for part, edges in zip(self.copied.parts, self._edges, strict=True):
            entering = zip(part.ports, edges, strict=True)
            by |= {(part.call.id, port): edge for port, edge in entering if edge is not None and _flows(port, edge)}
            by |= {(part.call.id, name): weight for name, weight in part.weights.items()}
        if self._loss is None or not self._loss.requires_grad:
            return {}
        found = torch.autograd.grad(self._loss, list(by.values()), retain_graph=True, allow_unused=True)
        pairs = zip(by.items(), found, strict=True)
        return {key: _gradient(value, one) for (key, value), one in pairs}

    def autograd(self, path: str, name: str) -> Array:
        """Return ∂L/∂ an input or weight of a node as torch has it."""
        return self._autograd[path, name]

    def difference(self, path: str, name: str, entry: tuple[int, ...]) -> Difference:
        """Return the central difference of the loss by one number."""
        value = self._moved(path, name, entry, 0.0)[2]
        width = WIDTH * max(1.0, abs(value))
        (above, corners, _), (below, others, _) = (self._moved(path, name, entry, by) for by in (width, -width))
        bent = any(not torch.equal(one, other) for one, other in zip(corners, others, strict=True))
        return Difference((above - below) / (2 * width), width, bent)

    def _moved(self, path: str, name: str, entry: tuple[int, ...], by: float) -> tuple[float, list[Tensor], float]:
        """Return the loss if one number were larger, on which side of every corner all is then, and the number."""
        with torch.no_grad():
            if path in self._answers:
                answers = {**self._answers, path: _shifted(self._answers[path], entry, by)}
                sides = _sides_of_losses(self.copied.judges, answers, self.targets)
                return self._judged(answers, self._edges).item(), sides, self._answers[path][(0, *entry)].item()
            k = self.copied.by_path[path]
            part = self.copied.parts[k]
            if name in part.weights:
                weight = part.weights[name].data  # not seen by autograd, which still wants the value of before
                before = weight[entry].item()
                weight[entry] = before + by
                try:
                    return *self._again(k, {}), before
                finally:
                    weight[entry] = before
            port = part.ports.index(name)
            edge = self._edges[k][port]
            assert edge is not None
            return *self._again(k, {port: _shifted(edge, entry, by)}), edge[(0, *entry)].item()

    def _again(self, first: int, moved: Mapping[int, Tensor]) -> tuple[float, list[Tensor]]:
        """Go forward once more from a node on, with some of what enters it replaced."""
        values, everything, corners = list(self._values), list(self._edges), []
        for k in range(first, len(self.copied.parts)):
            call = self.copied.parts[k].call
            edges = [None if s == NOTHING else values[s] for s in call.sources]
            for port, value in moved.items() if k == first else ():
                edges[port] = value
            everything[k] = edges
            corners += sides_of(call.module, edges, self._limits[k])
            ends = [self._ends[s] if self._ends else None for s in call.sources]
            values[call.slot : call.slot + call.outputs] = carried_out(call, edges, ends)[0]
        answers = {id: values[slot] for id, slot in self.copied.network._outputs}
        corners += _sides_of_losses(self.copied.judges, answers, self.targets)
        return self._judged(answers, everything).item(), corners

    # -- update ------------------------------------------------------------------------------------------------

    def uses(self, path: str, name: str) -> list[tuple[str, Array]]:
        """Return what each node that works with a weight adds to its gradient: the node, and the gradient."""
        found = []
        for part in self.copied.parts:
            if name in part.weights and self.copied.owner(part.call.id, name) == (path, name):
                gradients = self.gradients(part.call.id)
                if gradients is not None and name in gradients:
                    found.append((part.call.id, gradients[name]))
        return found

    def update(self, path: str, name: str) -> Update:
        """Return how a weight is changed if this example is the whole batch."""
        uses = self.uses(path, name)
        weight = self.place(path).weights[name]
        memory = self.copied.memory(path, name)
        return Update(self.copied.rates, weight, [one.reshape(weight.shape) for _, one in uses], memory, self._length)

    @cached_property
    def _length(self) -> float:
        """How long all gradients together are before they are shortened; asked for only where they are."""
        if not self.copied.rates.training.clip_norm:
            return 0.0
        return length_of(self.copied.rates, list(self._all_gradients()))

    def _all_gradients(self) -> Iterator[tuple[Array, Array]]:
        for part in self.copied.parts:
            path = part.call.id
            for name, weight in part.weights.items():
                if not self.copied.learns(path, name) or self.copied.owner(path, name) != (path, name):
                    continue
                if uses := self.uses(path, name):
                    whole = sum(one.reshape(weight.shape) for _, one in uses)
                    yield weight.detach().numpy(), np.asarray(whole)


# -- numbers and tensors -----------------------------------------------------------------------------------------


def _own(value: Tensor) -> Tensor:
    """Return the same numbers as a tensor of its own, so that derivatives by it are those along one wire."""
    if not value.is_floating_point():
        return value
    own = value.view_as(value)
    return own if own.requires_grad else own.requires_grad_()


def _double(value: Tensor) -> Tensor:
    value = value.detach().cpu()
    return value.double() if value.is_floating_point() else value.clone()


def _array(value: Tensor) -> Array:
    found: Array = value.detach()[0].numpy()
    return found


def _shifted(value: Tensor, entry: tuple[int, ...], by: float) -> Tensor:
    """Return a value of which one number is larger."""
    moved = value.clone()
    moved[(0, *entry)] += by
    return moved


def _flows(port: str, edge: Tensor | None) -> bool:
    """Whether a gradient flows back along a wire: numbers of tokens have none."""
    return bool(port) and edge is not None and edge.is_floating_point()


def _derived(total: Tensor, by: Mapping[str, Tensor]) -> dict[str, Array]:
    found: Sequence[Tensor | None] = [None] * len(by)
    if total.requires_grad:
        found = torch.autograd.grad(total, list(by.values()), retain_graph=True, allow_unused=True)
    return {name: _gradient(value, one) for (name, value), one in zip(by.items(), found, strict=True)}


def _gradient(value: Tensor, found: Tensor | None) -> Array:
    """Return a gradient as an array, of what has a batch without it; zeros where there is none."""
    one = torch.zeros_like(value) if found is None else found
    made: Array = (one[0] if not isinstance(value, nn.Parameter) else one).detach().numpy()
    return made


def _refuse_unjudged(one: Judge, target: Tensor) -> None:
    if not places(one.block, target):
        raise Refusal(say("Nothing of this example is judged; choose another one."))


def _sides_of_losses(judges: Sequence[Judge], answers: Mapping[str, Tensor], targets: Sequence[Tensor]) -> list[Tensor]:
    pairs = zip(judges, targets, strict=True)
    return [answers[one.id] > target for one, target in pairs if one.block.loss == "mae"]
