"""The steps of recurrent layers by hand, forward and back: Elman's network, LSTM with and without peepholes, GRU.

A *cell* is one layer in one direction. It goes through its steps in the order in which it reads, keeps every number
that has a name in the equations, and goes back through them with what each step is to blame for (back-propagation
through time, Werbos 1990). δ is the derivative of the loss by what a gate adds up, before its function.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar

import numpy as np

from playground.explaining import Array, Place

Step = dict[str, Array]
"""Numbers by name, (units,) each: gates, the state before (``h0``, ``c0``) and after (``h``, ``c``)."""


def sigma(x: Array) -> Array:
    """Return the logistic function."""
    made: Array = 0.5 * (1.0 + np.tanh(0.5 * x))
    return made


@dataclass
class Cell:
    """One layer in one direction, gone through.

    Attributes:
        at: what the names of its weights end with: l0, l1_reverse.
        x: what it reads, (steps, inputs), in the order of reading.
        steps: the numbers of each step.
        blame: of each step, once it was gone back through: ``delta`` by what W x is added to, ``delta_u`` by what U h
            is, (rows,) each; ``dh`` and ``dc`` by the state after it; ``above`` and ``later``, the parts of dh.
    """

    place: Place
    at: str
    x: Array
    state: tuple[Array, ...]
    steps: list[Step] = field(default_factory=list)
    blame: list[Step] = field(default_factory=list)

    gates: ClassVar[tuple[str, ...]] = ("h",)
    """The gates in the order of their rows among the weights."""

    def __post_init__(self) -> None:
        self.w, self.u = self.weight("weight_ih"), self.weight("weight_hh")
        rows = len(self.w)
        self.b, self.d = (self._offset(name, rows) for name in ("bias_ih", "bias_hh"))
        self.units = self.u.shape[1]
        state = self.state
        for x in self.x:
            made = self.step(self.w @ x + self.b, state)
            self.steps.append(made | {f"{name}0": one for name, one in zip("hc", state, strict=False)})
            state = tuple(made[name] for name, _ in zip("hc", state, strict=False))
        self.last = state

    def weight(self, name: str) -> Array:
        """Return the weights of this layer and direction by the beginning of their name."""
        return self.place.weights[f"{name}_{self.at}"]

    def _offset(self, name: str, rows: int) -> Array:
        found = self.place.weights.get(f"{name}_{self.at}")
        return np.zeros(rows) if found is None else found

    def rows(self, gate: str) -> slice:
        """Return where the rows of a gate are."""
        first = self.gates.index(gate) * self.units
        return slice(first, first + self.units)

    def said(self) -> Array:
        """Return what leaves at each step, (steps, units)."""
        return np.array([step["h"] for step in self.steps]).reshape(-1, self.units)

    def recalled(self, s: int, gate: str) -> Array:
        """Return what U is multiplied with at a step, for the rows of a gate."""
        return self.steps[s]["h0"]

    def back(self, above: Array, last: tuple[Array, ...]) -> None:
        """Go back through all steps with what comes from above, (steps, units), and from the state at the end."""
        dh, *dc = last
        for s in range(len(self.steps) - 1, -1, -1):
            blame = {"above": above[s], "later": dh, "dh": above[s] + dh}
            if dc:
                blame["later_c"] = dc[0]
            self.unstep(self.steps[s], blame)
            self.blame.insert(0, blame)
            dh = blame["dh0"]
            dc = [blame["dc0"]] if dc else []
        self.first = (dh, *dc)

    def gradients(self) -> dict[str, Array]:
        """Return ∂L/∂ the weights of this layer and direction, by name: what each step adds, summed up."""
        delta, delta_u = self._stacked("delta"), self._stacked("delta_u")
        made = {"weight_ih": delta.T @ self.x, "weight_hh": np.zeros(self.u.shape)}
        for gate in self.gates:
            recalled = np.array([self.recalled(s, gate) for s in range(len(self.steps))]).reshape(-1, self.units)
            made["weight_hh"][self.rows(gate)] = delta_u[:, self.rows(gate)].T @ recalled
        made |= {"bias_ih": delta.sum(axis=0), "bias_hh": delta_u.sum(axis=0)} | self.own_gradients()
        return {f"{name}_{self.at}": one for name, one in made.items() if f"{name}_{self.at}" in self.place.weights}

    def by_input(self) -> Array:
        """Return ∂L/∂x, (steps, inputs)."""
        return self._stacked("delta") @ self.w

    def _stacked(self, name: str) -> Array:
        return np.array([blame[name] for blame in self.blame]).reshape(-1, len(self.w))

    # -- what the kinds of cells do ------------------------------------------------------------------------------

    def step(self, a: Array, state: tuple[Array, ...]) -> Step:
        """Take one step from a = W x + b; return all that has a name."""
        raise NotImplementedError

    def unstep(self, made: Step, blame: Step) -> None:
        """Fill in what a step is to blame for: delta, delta_u and what goes on to the step before, dh0 and dc0."""
        raise NotImplementedError

    def own_gradients(self) -> dict[str, Array]:
        """Return ∂L/∂ the weights that only this kind has."""
        return {}


class Elman(Cell):
    """h = f(W x + U h₀ + b)."""

    def step(self, a: Array, state: tuple[Array, ...]) -> Step:
        total = a + self.u @ state[0] + self.d
        return {"h": np.maximum(total, 0.0) if self.rectifies else np.tanh(total)}

    def unstep(self, made: Step, blame: Step) -> None:
        slope = (made["h"] > 0) * 1.0 if self.rectifies else 1.0 - made["h"] ** 2
        delta = blame["dh"] * slope
        blame.update(slope=slope, delta=delta, delta_u=delta, dh0=self.u.T @ delta)

    @property
    def rectifies(self) -> bool:
        """Whether f is ReLU, and not tanh."""
        return bool(getattr(self.place.node.block, "activation", "tanh") == "relu")


class LongShort(Cell):
    """c = f ⊙ c₀ + i ⊙ g, h = o ⊙ tanh c; with peepholes the gates see the cell state too."""

    gates = ("i", "f", "g", "o")

    def __post_init__(self) -> None:
        self.peepholes = self.place.weights.get(f"weight_ch_{self.at}")
        super().__post_init__()

    def peeps(self, gate: str) -> Array | None:
        """Return the peepholes of a gate, (units, units) or (units,); None where it has none."""
        if self.peepholes is None or gate == "g":
            return None
        return np.split(self.peepholes, 3)["ifo".index(gate)]

    def seen(self, gate: str, c: Array) -> Array:
        """Return what the peepholes of a gate add."""
        v = self.peeps(gate)
        return np.zeros(self.units) if v is None else v @ c if v.ndim == 2 else v * c

    def step(self, a: Array, state: tuple[Array, ...]) -> Step:
        h, c = state
        total = a + self.u @ h + self.d
        i, f = (sigma(total[self.rows(gate)] + self.seen(gate, c)) for gate in "if")
        g = np.tanh(total[self.rows("g")])
        new = f * c + i * g
        o = sigma(total[self.rows("o")] + self.seen("o", new))
        return {"i": i, "f": f, "g": g, "o": o, "c": new, "h": o * np.tanh(new)}

    def unstep(self, made: Step, blame: Step) -> None:
        i, f, g, o, squashed = (*(made[name] for name in "ifgo"), np.tanh(made["c"]))
        delta_o = blame["dh"] * squashed * o * (1.0 - o)
        through = self._unseen("o", delta_o)
        dc = blame["dh"] * o * (1.0 - squashed**2) + blame["later_c"] + through
        delta_i, delta_f, delta_g = dc * g * i * (1.0 - i), dc * made["c0"] * f * (1.0 - f), dc * i * (1.0 - g**2)
        delta = np.concatenate([delta_i, delta_f, delta_g, delta_o])
        dc0 = dc * f + self._unseen("i", delta_i) + self._unseen("f", delta_f)
        blame.update(delta=delta, delta_u=delta, dc=dc, through=through, dc0=dc0, dh0=self.u.T @ delta)

    def _unseen(self, gate: str, delta: Array) -> Array:
        """Return what goes back through the peepholes of a gate."""
        v = self.peeps(gate)
        return np.zeros(self.units) if v is None else v.T @ delta if v.ndim == 2 else v * delta

    def own_gradients(self) -> dict[str, Array]:
        if self.peepholes is None:
            return {}
        made = [self.by_peephole(gate) for gate in "ifo"]
        return {"weight_ch": np.concatenate([one.sum(axis=0) for one in made])}

    def by_peephole(self, gate: str) -> Array:
        """Return what each step adds to ∂L/∂ the peepholes of a gate, (steps, …)."""
        cells = [step["c" if gate == "o" else "c0"] for step in self.steps]
        deltas = [blame["delta"][self.rows(gate)] for blame in self.blame]
        full = self.peeps("o")
        assert full is not None
        pairs = zip(deltas, cells, strict=True)
        return np.array([np.outer(d, c) if full.ndim == 2 else d * c for d, c in pairs]).reshape(-1, *full.shape)


class Gated(Cell):
    """h = z ⊙ h₀ + (1 − z) ⊙ n, or the other way round; r resets before the product with U, or after it."""

    gates = ("r", "z", "n")

    def step(self, a: Array, state: tuple[Array, ...]) -> Step:
        (h,) = state
        r, z = (sigma(a[self.rows(gate)] + self.u[self.rows(gate)] @ h + self.d[self.rows(gate)]) for gate in "rz")
        of_n = self.rows("n")
        u = self.u[of_n] @ (r * h if self.before else h) + self.d[of_n]
        n = np.tanh(a[of_n] + (u if self.before else r * u))
        return {"r": r, "z": z, "u": u, "n": n, "h": z * h + (1.0 - z) * n if self.keeps else (1.0 - z) * h + z * n}

    def unstep(self, made: Step, blame: Step) -> None:
        r, z, u, n, h, dh = (*(made[name] for name in ("r", "z", "u", "n", "h0")), blame["dh"])
        kept, taken = (z, 1.0 - z) if self.keeps else (1.0 - z, z)
        delta_n = dh * taken * (1.0 - n**2)
        delta_z = dh * ((h - n) if self.keeps else (n - h)) * z * (1.0 - z)
        of_n = self.rows("n")
        if self.before:
            through = self.u[of_n].T @ delta_n
            delta_r, back = through * h * r * (1.0 - r), through * r
        else:
            delta_r, back = delta_n * u * r * (1.0 - r), self.u[of_n].T @ (delta_n * r)
        gates = np.concatenate([delta_r, delta_z])
        own = delta_n if self.before else delta_n * r
        dh0 = dh * kept + self.u[: len(gates)].T @ gates + back
        delta, delta_u = np.concatenate([gates, delta_n]), np.concatenate([gates, own])
        blame.update(delta=delta, delta_u=delta_u, dh0=dh0, kept=kept, taken=taken, back=back)

    def recalled(self, s: int, gate: str) -> Array:
        step = self.steps[s]
        return step["r"] * step["h0"] if gate == "n" and self.before else step["h0"]

    @property
    def before(self) -> bool:
        """Whether r resets the state before it is multiplied with U."""
        return bool(getattr(self.place.node.block, "reset", "after") == "before")

    @property
    def keeps(self) -> bool:
        """Whether z is the share of the old state that is kept, and not of the new one that is taken in."""
        return bool(getattr(self.place.node.block, "update", "keeps") == "keeps")


CELLS: Mapping[str, type[Cell]] = {"RNN": Elman, "LSTM": LongShort, "PeepholeLSTM": LongShort, "GRU": Gated}


class Stack:
    """All layers and directions of a recurrent block, gone through for one example.

    Attributes:
        cells: by layer and direction; `turned` says which of them read from the end.
        length: how many steps there are; beyond, zeros leave.
    """

    def __init__(self, place: Place) -> None:
        self.place = place
        block = place.node.block
        self.kind, self.units = CELLS[block.key], int(getattr(block, "units", 1))
        self.layers, self.direction = int(getattr(block, "layers", 1)), getattr(block, "direction", "forward")
        self.directions = 2 if self.direction == "both" else 1
        x = place.inputs["x"]
        self.steps, self.length = len(x), min(len(x), place.length or len(x))
        self.names = ("h", "c") if self.kind is LongShort else ("h",)
        self.cells: dict[tuple[int, int], Cell] = {}
        entering = self._turn(x[: self.length], self.direction == "backward")
        for k in range(self.layers):
            said = []
            for back in range(self.directions):
                read = self._turn(entering, bool(back))
                at = f"l{k}_reverse" if back else f"l{k}"
                cell = self.cells[k, back] = self.kind(place, at, read, self._first(k, back))
                said.append(self._turn(cell.said(), bool(back)))
            entering = np.concatenate(said, axis=1)
        self.out = self._filled(self._turn(entering, self.direction == "backward"))

    def outputs(self) -> dict[str, Array]:
        """Return what leaves, by port."""
        lasts = [cell.last for cell in self.cells.values()]  # layer by layer, direction by direction
        ends = {name: np.concatenate([last[k] for last in lasts]) for k, name in enumerate(self.names)}
        return {"out": self.out} | ends

    def back(self, upstream: Mapping[str, Array]) -> dict[str, Array]:
        """Go back through everything; return ∂L/∂ inputs and weights."""
        made: dict[str, Array] = {}
        above = self._turn(upstream["out"][: self.length], self.direction == "backward")
        for k in range(self.layers - 1, -1, -1):
            below = np.zeros((self.length, self.cells[k, 0].x.shape[1]))
            for back in range(self.directions):
                cell, part = self.cells[k, back], slice(back * self.units, (back + 1) * self.units)
                cell.back(self._turn(above[:, part], bool(back)), self._ends(upstream, k, back))
                made |= cell.gradients()
                below += self._turn(cell.by_input(), bool(back))
            above = below
        made["x"] = self._filled(self._turn(above, self.direction == "backward"))
        firsts = [cell.first for cell in self.cells.values()]
        for k, name in enumerate(self.names):
            if name in self.place.inputs:
                made[name] = np.concatenate([first[k] for first in firsts])
        return made

    def spot(self, unit: int, layer: int | None = None) -> tuple[Cell, int]:
        """Return the cell of a number of a row of units, and which of its units it is."""
        place, own = divmod(unit, self.units)
        if layer is None:  # of states: layer by layer
            return self.cells[divmod(place, self.directions)], own
        return self.cells[layer, place], own

    def read_at(self, cell: Cell, t: int) -> int:
        """Return the how-manyeth step of reading a step of the sequence is, or the other way round."""
        turns = (self.direction == "backward") != cell.at.endswith("_reverse")
        return self.length - 1 - t if turns else t

    def _ends(self, upstream: Mapping[str, Array], layer: int, back: int) -> tuple[Array, ...]:
        place = (layer * self.directions + back) * self.units
        nothing = np.zeros(self.units)
        return tuple(upstream[n][place : place + self.units] if n in upstream else nothing for n in self.names)

    def _first(self, layer: int, back: int) -> tuple[Array, ...]:
        return self._ends(self.place.inputs, layer, back)

    def _filled(self, values: Array) -> Array:
        return np.concatenate([values, np.zeros((self.steps - len(values), values.shape[1]))])

    @staticmethod
    def _turn(values: Array, turns: bool) -> Array:
        return values[::-1] if turns else values
