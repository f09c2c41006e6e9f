"""What the walk of one example consists of, stop by stop, and how a single number of it is told.

It holds no probe of its own; importing it does nothing. `playground.walking` reckons the numbers.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from playground.blocks.data import Input
from playground.explaining import Checked, Grid, Stage, Told
from playground.text import Sentence, say

if TYPE_CHECKING:
    import numpy as np

    from playground.walking import Walk

    Array = np.ndarray[Any, Any]


STEPWISE = frozenset("xyahcδℓpqkvsα")
"""What tables of steps are called by; those of weights have capitals, or are called w or b."""


class Stops:
    """All stops of a walk in order, what may be looked at at each, and how it is told.

    `words` are those of the text that is walked; they stand beside what there is of each step.
    """

    def __init__(self, walk: Walk, words: tuple[str, ...] = ()) -> None:
        self._walk, self._copied, self._words = walk, walk.copied, words
        self._nodes = self._copied.report.nodes
        self.stages = tuple(self._found())

    def values(self, stage: Stage, of: str) -> Array:
        """Return all numbers of what is looked at."""
        import numpy as np

        walk, node = self._walk, stage.node
        if stage.phase == "loss":
            return np.asarray(walk.penalties[node]) if node in walk.penalties else walk.verdicts[node].value(of)
        if stage.phase == "backward":
            if node in walk.verdicts:
                return np.asarray(walk.verdicts[node].delta)
            return self._gradients(node)[of]
        if stage.phase == "update":
            return np.asarray(walk.update(node, of).after)
        return np.asarray(walk.place(node).outputs[of] if node in self._copied.by_path else walk.input(node))

    def entry(self, stage: Stage, of: str, wished: str) -> tuple[int, ...]:
        """Read which number is wished, within what there is; without a wish take the one that tells most."""
        import numpy as np

        values = self.values(stage, of)
        try:
            places = [int(one) for one in wished.replace(" ", "").split(",")] if wished.strip() else []
        except ValueError:
            places = []
        if len(places) == values.ndim:
            return tuple(min(max(0, place), size - 1) for place, size in zip(places, values.shape, strict=True))
        if stage.phase == "loss" and stage.node in self._walk.verdicts:
            own = self._walk.verdicts[stage.node].default(of)
            if own is not None:
                return tuple(own)
        if not values.size:
            return (0,) * values.ndim
        told = np.nan_to_num(values.astype(np.float64), posinf=0.0, neginf=0.0)
        if not (stage.phase == "forward" and self._ends(stage.node)):
            told = abs(told)
        return tuple(int(place) for place in np.unravel_index(int(told.argmax()), told.shape))

    def told(self, stage: Stage, of: str, entry: tuple[int, ...]) -> Told:
        """Tell how one number comes about."""
        ways = {"forward": self._forward, "loss": self._loss, "backward": self._backward, "update": self._update}
        told = ways[stage.phase](stage, of, entry)
        if not self._words or stage.phase == "update":
            return told
        return replace(told, grids=tuple(self._worded(grid) for grid in told.grids))

    def _worded(self, grid: Grid) -> Grid:
        """Put the words of the text beside the steps of a table; weights have none."""
        symbol = grid.name.removeprefix("∂L/∂")
        if grid.rows or grid.columns or symbol[:1] not in STEPWISE:
            return grid
        (down, across), (row, column) = grid.total, grid.first
        if down == len(self._words) > 1:
            return replace(grid, rows=self._words[row : row + len(grid.values)])
        if down == 1 and across == len(self._words):
            return replace(grid, columns=self._words[column : column + grid.values.shape[1]])
        return grid

    def checked(self, stage: Stage, of: str, entry: tuple[int, ...]) -> tuple[Checked | None, bool]:
        """Compare a gradient with autograd's and with a central difference; say whether a corner lies within."""
        if stage.phase != "backward":
            return None, False
        found = self._walk.difference(stage.node, of, entry)
        shown, by_torch = self.values(stage, of)[entry], self._walk.autograd(stage.node, of)[entry]
        return Checked(float(shown), float(by_torch), found.value, found.width), found.bent

    # -- the stops ---------------------------------------------------------------------------------------------

    def _found(self) -> list[Stage]:
        walk, parts = self._walk, self._copied.parts
        order = {part.call.id: part for part in parts}
        made = []
        for id in self._copied.report.graph.order:
            known = self._nodes.get(id)
            if known is None:
                continue
            if id in order:
                made.append(Stage("forward", id, walk.by_hand(id) is not None, known.block.outputs or ("out",)))
            elif isinstance(known.block, Input):
                made.append(Stage("forward", id))
        if not walk.judged:
            return made
        made += [Stage("loss", id, True, one.of) for id, one in walk.verdicts.items()]
        made += [Stage("loss", id, True, ("penalty",)) for id in walk.penalties]
        made += [Stage("backward", id, True, ("x",)) for id in reversed(walk.verdicts)]
        for part in reversed(parts):
            found = walk.gradients(part.call.id)
            if found and not isinstance(part.known.block, Input):
                made.append(Stage("backward", part.call.id, walk.by_hand(part.call.id) is not None, tuple(found)))
        for part in parts:
            path = part.call.id
            names = tuple(
                n for n in part.weights if self._copied.learns(path, n) and self._copied.owner(path, n)[0] == path
            )
            names = tuple(name for name in names if walk.uses(path, name))
            if names:
                made.append(Stage("update", path, True, names))
        return made

    def _ends(self, node: str) -> bool:
        """Whether what leaves a node is the answer that an Output judges."""
        wires = self._copied.report.graph.wires
        return any(wire.source == node and wire.target in self._copied.report.outputs for wire in wires)

    # -- telling -----------------------------------------------------------------------------------------------

    def _forward(self, stage: Stage, of: str, entry: tuple[int, ...]) -> Told:
        from playground.explaining._telling import low, result, table

        walk, node = self._walk, stage.node
        if node not in self._copied.by_path:
            values = walk.input(node)
            line = result(f"x{low(*entry)}", "", "", values[entry])
            return Told((table("x", values, entry, chooses=True),), (line,), say("This is what the data bring."))
        place, explainer = walk.place(node), walk.by_hand(node)
        if explainer is not None:
            return explainer.tell_forward(place, of, entry)
        grids = [table(port, values) for port, values in place.inputs.items()]
        grids.append(table(of, place.outputs[of], entry, chooses=True))
        line = result(f"{of}{low(*entry)}", "", "", place.outputs[of][entry])
        return Told(tuple(grids), (line,), self._unexplained(node))

    def _loss(self, stage: Stage, of: str, entry: tuple[int, ...]) -> Told:
        from playground.explaining._telling import joined, number, result

        walk = self._walk
        told = self._penalty(stage.node) if of == "penalty" else walk.verdicts[stage.node].tell(of, entry)
        parts = [one.loss for one in walk.verdicts.values()] + list(walk.penalties.values())
        if of not in ("loss", "penalty") or len(parts) < 2:
            return told
        whole = result("ΣL", r"\sum_i L_i", joined([number(one) for one in parts]), sum(parts))
        return Told(told.grids, (*told.lines, whole), told.remark)

    def _penalty(self, node: str) -> Told:
        from playground.explaining._telling import number, result, table, total

        place = self._walk.place(node)
        mean, spread = place.inputs.values()
        block: Any = place.node.block
        beta = float(block.beta)
        terms = 0.5 * (mean**2 + _exp(spread) - 1 - spread)
        flat = terms.reshape(-1)
        lines = (
            result(
                "D", r"\frac{1}{2}\sum_j (\mu_j^2 + e^{s_j} - 1 - s_j)", total([(one,) for one in flat]), flat.sum()
            ),
            result("L", r"\beta\, D", f"{number(beta)}·{number(flat.sum())}", beta * flat.sum()),
        )
        grids = (table("μ", mean), table("s", spread), table("D", terms))
        return Told(grids, lines, say("How far the code's distribution is from the standard normal one is added."))

    def _backward(self, stage: Stage, of: str, entry: tuple[int, ...]) -> Told:
        from playground.explaining._telling import low, result, slope, table

        walk, node = self._walk, stage.node
        if node in walk.verdicts:
            return walk.verdicts[node].tell_delta(entry)
        place, upstream, explainer = walk.place(node), walk.upstream(node) or {}, walk.by_hand(node)
        if explainer is not None:
            told = explainer.tell_backward(place, upstream, of, entry)
            return Told(told.grids, told.lines, told.remark or self._shared(node, of))
        values = self._gradients(node)[of]
        grids = [table(slope(port), one) for port, one in upstream.items()]
        grids.append(table(slope(of), values, entry, chooses=True))
        line = result(slope(f"{of}{low(*entry)}"), "", "", values[entry])
        return Told(tuple(grids), (line,), self._unexplained(node))

    def _update(self, stage: Stage, of: str, entry: tuple[int, ...]) -> Told:
        nodes = [node for node, _ in self._walk.uses(stage.node, of)]
        return self._walk.update(stage.node, of).tell(entry, of, nodes)

    def _gradients(self, node: str) -> dict[str, Array]:
        """Return ∂L/∂ what is around a node that the loss depends on."""
        found = self._walk.gradients(node)
        assert found is not None
        return found

    def _shared(self, node: str, of: str) -> Sentence | None:
        """Say that a weight works in several nodes."""
        owner = self._copied.owner(node, of)
        part = self._copied.parts[self._copied.by_path[node]]
        if of not in part.weights:
            return None
        nodes = [path for path, _ in self._walk.uses(*owner)]
        if len(nodes) < 2:
            return None
        return say(
            "This is what {node} adds; these weights belong to {nodes} together.", node=node, nodes=", ".join(nodes)
        )

    def _unexplained(self, node: str) -> Sentence:
        known = self._nodes[node]
        if self._copied.parts[self._copied.by_path[node]].call.muted:
            return say("This node is muted: zeros leave it, and nothing goes back.")
        return say(
            "The formulas of {block} are not told step by step; these are the network's own numbers.",
            block=known.block.name,
        )


def label_of(subject: Any, targets: Mapping[str, Array], words: tuple[str, ...]) -> str:
    """Say in words what an example is: its class, or the text that it is."""
    if words:
        return " ".join(word for word in words if word)[:120]
    for name, values in targets.items():
        known = subject.data.facts.targets.get(name)
        if known is not None and known.is_class and values.shape == (1,) and 0 <= int(values[0]) < len(known.classes):
            return str(known.classes[int(values[0])])
    return ""


def _exp(values: Array) -> Array:
    import numpy as np

    made: Array = np.exp(values)
    return made
