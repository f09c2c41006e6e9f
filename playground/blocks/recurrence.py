"""Recurrent layers: what was read before goes into what is said now."""

from __future__ import annotations

from typing import Any, ClassVar

from playground.block import Block, Layer, Window, sequence
from playground.declare import choice, integer, number
from playground.shape import Counted, Shape, ShapeError
from playground.text import note, say

ACTIVATIONS = {"tanh": note("tanh"), "relu": note("ReLU")}
STARTS = {"usual": note("As usual"), "identity": note("The identity (IRNN)")}
PEEPHOLES = {"full": note("Every cell"), "diagonal": note("Its own cell only")}
UPDATES = {"keeps": note("z is what is kept"), "takes": note("z is what is taken in")}
RESETS = {"after": note("After the product"), "before": note("Before the product")}
DIRECTIONS = {"forward": note("Forwards"), "backward": note("From the end"), "both": note("Both ways")}
ARROWS = {"forward": "", "backward": " ←", "both": " ⇄"}
BIASES = {"two": note("Two, as in PyTorch"), "one": note("One"), "none": note("No bias")}


class _Recurrent(Block):
    """What all recurrent layers have: units, layers, directions, and a state that can come in and goes out."""

    members: ClassVar[dict[str, type[Any]]] = Block.members
    family = "Recurrent"
    word_by_word = True
    outputs: ClassVar[tuple[str, ...]] = ("out", "h")
    gates: ClassVar[int] = 1
    """How many rows of weights every unit has."""
    remembered: ClassVar[int] = 1
    """How many numbers torch keeps of every unit and step until the backward pass; measured, see the tests."""

    units: int = integer(32, low=1, high=65_536, help="How many numbers it remembers from step to step")
    direction: str = choice(
        "forward",
        choices=DIRECTIONS,
        help="From which end it reads; both ways, two of them do, and what they say is put side by side",
    )
    layers: int = integer(1, low=1, high=16, help="How many stand on each other, each reading what the one below says")
    dropout: float = number(
        0.0, low=0.0, high=0.95, help="The share of numbers that is silenced between two layers while training"
    )
    biases: str = choice(
        "two",
        choices=BIASES,
        help="PyTorch adds one bias to the input's part and one to the state's; the papers write a single one",
    )

    def output(self, x: Shape, h: Shape | None = None) -> dict[str, Shape]:
        return self._leaving(x, h)

    def layer(self, x: Shape, *states: Shape | None) -> Layer:
        return Layer(
            f"recurrent.{self.key}",
            x.features,
            self.units,
            layers=self.layers,
            direction=self.direction,
            dropout=self.dropout if self.layers > 1 else 0.0,
            biases=self.biases,
            **self._settings(),
        )

    def weights(self, x: Shape, *states: Shape | None) -> dict[str, tuple[int, ...]]:
        found: dict[str, tuple[int, ...]] = {}
        rows = self.gates * self.units
        for layer in range(self.layers):
            inputs = self._directions * self.units if layer else int(x.features)
            for suffix in ("", "_reverse")[: self._directions]:
                at = f"l{layer}{suffix}"
                found |= {f"weight_ih_{at}": (rows, inputs), f"weight_hh_{at}": (rows, self.units)}
                found |= {f"bias_ih_{at}": (rows,)} if self.biases != "none" else {}
                found |= {f"bias_hh_{at}": (rows,)} if self.biases == "two" else {}
                found |= {f"{name}_{at}": shape for name, shape in self._own_weights().items()}
        return found

    def macs(self, x: Shape, *states: Shape | None) -> int:
        matrices = [shape for shape in self.weights(x).values() if len(shape) == 2]
        return int(x.time) * sum(rows * columns for rows, columns in matrices)

    def kept(self, x: Shape, *states: Shape | None) -> int:
        every_step = int(x.time) * self._directions * self.units
        return every_step * (self.layers * self.remembered + self.layers - 1)  # the lower layers' outputs too

    def window(self, x: Shape, *states: Shape | None) -> Window | None:
        return None

    def summary(self) -> str:
        return (f"{self.layers} × " if self.layers > 1 else "") + f"{self.units}{ARROWS[self.direction]}"

    def equations(self) -> str:
        rows = " \\\\ ".join(self._lines())
        return rf"\begin{{matrix}} {rows} \end{{matrix}}"

    def _settings(self) -> dict[str, Any]:
        """Return the arguments that only this layer has."""
        return {}

    def _lines(self) -> tuple[str, ...]:
        """Return the equations of one step, as they follow from the settings."""
        raise NotImplementedError

    def _own_weights(self) -> dict[str, tuple[int, ...]]:
        """Return the weights besides torch's, by the beginning of their names."""
        return {}

    @property
    def _directions(self) -> int:
        return 2 if self.direction == "both" else 1

    def _leaving(self, x: Shape, *states: Shape | None) -> dict[str, Shape]:
        sequence(x, self.key)
        places = self.layers * self._directions
        state = Shape(features=_times(self.units, places))
        for port, given in zip(self.outputs[1:], states, strict=True):
            if given is not None and given != state:
                raise ShapeError(
                    say(
                        "{block} begins with a state of {wanted} numbers at {port}, but {shape} comes in",
                        block=self.key,
                        wanted=int(state.features),
                        port=port,
                        shape=given,
                    )
                )
        said = Shape(time=x.time, features=_times(self.units, self._directions))
        return {"out": said, **dict.fromkeys(self.outputs[1:], state)}


def _times(units: int, many: int) -> int:
    return Counted(many * units, f"{many} · {units} = {many * units}") if many > 1 else units


class _WithCell(_Recurrent):
    """What remembers in two ways: the cell state c, and what is let out of it, h."""

    members: ClassVar[dict[str, type[Any]]] = Block.members
    outputs: ClassVar[tuple[str, ...]] = ("out", "h", "c")
    gates: ClassVar[int] = 4
    remembered: ClassVar[int] = 16
    forget_bias: float = number(
        1.0,
        low=-20.0,
        high=20.0,
        label="Forget bias",
        help="What the forget gate's bias begins with; 1 keeps the memory open at first (Jozefowicz et al. 2015)",
    )

    def output(self, x: Shape, h: Shape | None = None, c: Shape | None = None) -> dict[str, Shape]:
        return self._leaving(x, h, c)

    def _settings(self) -> dict[str, Any]:
        return {"forget_bias": self.forget_bias}


class RNN(_Recurrent):
    """Reads step by step: what it said before goes, through weights of its own, into what it says now (Elman 1990).

    Begun with the identity and ReLU it remembers far longer (IRNN, Le, Jaitly and Hinton 2015). All steps leave at
    `out`, the state after the last one at `h`.
    """

    formula = r"h_t = \tanh(W x_t + U h_{t-1} + b)"
    activation: str = choice("tanh", choices=ACTIVATIONS, help="What bends the sum")
    start: str = choice(
        "usual",
        choices=STARTS,
        label="Recurrent weights",
        help="What the weights from step to step begin with; with the identity, and biases of 0, "
        "the state at first stays what it was",
    )

    def _settings(self) -> dict[str, Any]:
        return {"activation": self.activation, "start": self.start}

    def _lines(self) -> tuple[str, ...]:
        function = r"\tanh" if self.activation == "tanh" else r"\mathrm{ReLU}"
        return (_affine(r"h_t", function, "", self.biases),)


class LSTM(_WithCell):
    """Reads step by step; gates decide what its memory takes in, keeps and lets out, so that it can last.

    Hochreiter and Schmidhuber (1997), with the forget gate of Gers, Schmidhuber and Cummins (2000). All steps leave at
    `out`, the state after the last one at `h` and `c`.
    """

    formula = r"c_t = f_t \odot c_{t-1} + i_t \odot g_t,\quad h_t = o_t \odot \tanh(c_t)"

    def _lines(self) -> tuple[str, ...]:
        sums = [_affine(f"{gate}_t", _bends(gate), gate, self.biases) for gate in "ifog"]
        return (*sums, *CELL)


class PeepholeLSTM(_WithCell):
    """An LSTM whose gates also see its memory: what it holds, and the output gate what it has just become.

    Gers and Schmidhuber (2000); with one weight for each unit's own cell as Graves (2013) writes it. All steps leave at
    `out`, the state after the last one at `h` and `c`.
    """

    stem = "peephole"
    remembered = 7
    formula = r"i_t = \sigma(W_i x_t + U_i h_{t-1} + V_i c_{t-1} + b_i),\quad o_t = \sigma(\dots + V_o c_t + b_o)"
    peepholes: str = choice(
        "full", choices=PEEPHOLES, help="Whether a gate sees the memory of all units, or of its own unit only"
    )

    def _settings(self) -> dict[str, Any]:
        return {**super()._settings(), "full": self.peepholes == "full"}

    def _own_weights(self) -> dict[str, tuple[int, ...]]:
        rows = 3 * self.units
        return {"weight_ch": (rows, self.units) if self.peepholes == "full" else (rows,)}

    def _lines(self) -> tuple[str, ...]:
        seen = {
            gate: rf"V_{gate} {cell}" if self.peepholes == "full" else rf"v_{gate} \odot {cell}"
            for gate, cell in (("i", "c_{t-1}"), ("f", "c_{t-1}"), ("o", "c_t"))
        }
        i, f, g, o = (_affine(f"{gate}_t", _bends(gate), gate, self.biases, seen.get(gate, "")) for gate in "ifgo")
        return (i, f, g, CELL[0], o, CELL[1])


class GRU(_Recurrent):
    """Reads step by step with two gates and no memory besides its state: fewer weights than an LSTM.

    Cho et al. (2014). Papers and programs differ in what z means and where r is applied: both can be chosen. All steps
    leave at `out`, the state after the last one at `h`.
    """

    gates = 3
    remembered = 7
    formula = r"h_t = z_t \odot h_{t-1} + (1 - z_t) \odot n_t"
    update: str = choice(
        "keeps",
        choices=UPDATES,
        label="Update gate",
        help="Whether z is the share of the old state that is kept (Cho et al. 2014, PyTorch) or of the new one that "
        "is taken in (Chung et al. 2014)",
    )
    reset: str = choice(
        "after",
        choices=RESETS,
        label="Reset gate",
        help="Whether r scales the old state before it is multiplied with U (Cho et al. 2014) or the product "
        "(PyTorch, cuDNN), which is faster",
    )

    def _settings(self) -> dict[str, Any]:
        return {"update": self.update, "reset": self.reset}

    def _lines(self) -> tuple[str, ...]:
        r, z = (_affine(f"{gate}_t", _bends(gate), gate, self.biases) for gate in "rz")
        if self.reset == "before":
            new = _sum(r"W_n x_t", r"U_n (r_t \odot h_{t-1})", "b_n" if self.biases != "none" else "")
        elif self.biases == "two":
            new = _sum(r"W_n x_t", r"r_t \odot (U_n h_{t-1} + b'_n)", "b_n")
        else:
            new = _sum(r"W_n x_t", r"r_t \odot U_n h_{t-1}", "b_n" if self.biases == "one" else "")
        old, taken = ("z_t", "(1 - z_t)") if self.update == "keeps" else ("(1 - z_t)", "z_t")
        return (r, z, rf"n_t = \tanh({new})", rf"h_t = {old} \odot h_{{t-1}} + {taken} \odot n_t")


CELL = (r"c_t = f_t \odot c_{t-1} + i_t \odot g_t", r"h_t = o_t \odot \tanh(c_t)")
"""How an LSTM's memory goes on, and what of it is let out."""


def _affine(name: str, function: str, gate: str, biases: str, seen: str = "") -> str:
    """Write what a gate is: a function of the input, the state before and whatever else is seen."""
    at = f"_{gate}" if gate else ""
    bias = {"two": f"b{at} + b'{at}", "one": f"b{at}", "none": ""}[biases]
    return rf"{name} = {function}({_sum(f'W{at} x_t', f'U{at} h_{{t-1}}', seen, bias)})"


def _sum(*terms: str) -> str:
    return " + ".join(term for term in terms if term)


def _bends(gate: str) -> str:
    return r"\tanh" if gate == "g" else r"\sigma"
