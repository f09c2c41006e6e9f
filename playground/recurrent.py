"""Recurrent layers: torch's own kernels where torch has them, and the equations of a step beside them.

Every layer reads (batch, time, features) and returns what it says at each step, then the state after the last one:
(batch, layers × directions × units), so that a decoder can begin where an encoder ended. Weights are called and laid
out as torch's (``weight_ih_l0``, ``bias_hh_l1_reverse``).

Where lengths are given, nothing beyond the end of an example counts: outputs there are 0, the last state is that of
the last real step, and what reads backwards begins there.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn.functional import linear

from playground.stepwise import Recurrent, State

HELD = 1e4
"""What shuts a gate altogether, or opens it: the logistic function of it is 1 to the last digit, of −it 0."""


class RNN(Recurrent):
    """The network of Elman (1990): h_t = f(W x_t + U h_{t−1} + b).

    With `start="identity"` U begins as the identity and b as 0 (Le, Jaitly and Hinton 2015).
    """

    def __init__(
        self,
        inputs: int,
        units: int,
        layers: int = 1,
        direction: str = "forward",
        dropout: float = 0.0,
        biases: str = "two",
        activation: str = "tanh",
        start: str = "usual",
    ) -> None:
        self.activation, self.start = activation, start
        super().__init__(f"RNN_{activation.upper()}", inputs, units, layers, direction, dropout, biases)

    def step(self, a: Tensor, state: State, weights: Sequence[Tensor]) -> dict[str, Tensor]:
        function = torch.tanh if self.activation == "tanh" else torch.relu
        return {"h": function(a + linear(state[0], *weights))}

    def begin(self) -> None:
        if self.start == "identity":
            with torch.no_grad():
                for name in self._flat_weights_names:
                    if name.startswith("weight_hh"):
                        nn.init.eye_(getattr(self, name))
                    elif name.startswith("bias"):
                        getattr(self, name).zero_()

    def extra_repr(self) -> str:
        return f"{super().extra_repr()}, activation={self.activation!r}, start={self.start!r}"


class LSTM(Recurrent):
    """Long short-term memory with a forget gate (Hochreiter and Schmidhuber 1997; Gers et al. 2000).

    The bias of the forget gate begins with `forget_bias`, so that at first little is forgotten.
    """

    carried = ("h", "c")

    def __init__(
        self,
        inputs: int,
        units: int,
        layers: int = 1,
        direction: str = "forward",
        dropout: float = 0.0,
        biases: str = "two",
        forget_bias: float = 1.0,
    ) -> None:
        self.forget_bias = forget_bias
        super().__init__("LSTM", inputs, units, layers, direction, dropout, biases)

    def holding(self, x: Tensor, weights: list[Tensor], gone: Tensor) -> tuple[Tensor, list[Tensor]]:
        """Add an input that is 1 beyond the end and there shuts the input gate and opens the forget gate: c stays."""
        column = torch.tensor((-HELD, HELD, 0.0, 0.0), dtype=x.dtype, device=x.device)
        column = column.repeat_interleave(self.hidden_size)[:, None]
        return torch.cat((x, gone.to(x.dtype)), dim=2), [torch.cat((weights[0], column), dim=1), *weights[1:]]

    def step(self, a: Tensor, state: State, weights: Sequence[Tensor]) -> dict[str, Tensor]:
        h, c = state
        i, f, g, o = (a + linear(h, *weights)).chunk(4, dim=1)  # W x + U h + b of each
        i, f, o, g = torch.sigmoid(i), torch.sigmoid(f), torch.sigmoid(o), torch.tanh(g)
        c = f * c + i * g
        h = o * torch.tanh(c)
        return {"i": i, "f": f, "o": o, "g": g, "c": c, "h": h}

    def begin(self) -> None:
        if not self.bias:
            return
        with torch.no_grad():
            for name in self._flat_weights_names:
                if name.startswith("bias"):
                    forget = getattr(self, name).chunk(4)[1]
                    forget.fill_(self.forget_bias if name.startswith("bias_ih") else 0.0)

    def extra_repr(self) -> str:
        return f"{super().extra_repr()}, forget_bias={self.forget_bias}"


class PeepholeLSTM(LSTM):
    """An LSTM whose gates see the cell state: the old one, and the output gate the new one.

    Gers and Schmidhuber (2000) gave each gate of a unit one weight for its own cell (`full=False`, as in Graves 2013);
    `full` matrices let it see the cells of all units.
    """

    def __init__(
        self,
        inputs: int,
        units: int,
        layers: int = 1,
        direction: str = "forward",
        dropout: float = 0.0,
        biases: str = "two",
        forget_bias: float = 1.0,
        full: bool = True,
    ) -> None:
        super().__init__(inputs, units, layers, direction, dropout, biases, forget_bias)
        self.full = full
        bound = units**-0.5  # as torch draws the others
        for layer in range(layers):
            for backward in range(self._directions):
                peepholes = torch.empty(3 * units, units) if full else torch.empty(3 * units)
                weight = nn.Parameter(nn.init.uniform_(peepholes, -bound, bound))
                self.register_parameter(f"weight_ch_{self._name(layer, bool(backward))}", weight)

    @property
    def native(self) -> bool:
        return False

    def inner(self, at: str) -> tuple[Tensor, ...]:
        v_if, v_o = torch.split(getattr(self, f"weight_ch_{at}"), [2 * self.hidden_size, self.hidden_size])
        return v_if, v_o, *super().inner(at)

    def step(self, a: Tensor, state: State, weights: Sequence[Tensor]) -> dict[str, Tensor]:
        h, c = state
        v_if, v_o, *u = weights
        sizes = [2 * self.hidden_size, self.hidden_size, self.hidden_size]
        i_f, g, o = torch.split(a + linear(h, *u), sizes, dim=1)
        # The gates i and f are computed together: V c of both, or v ⊙ c.
        i, f = torch.sigmoid(i_f + (linear(c, v_if) if self.full else c.repeat(1, 2) * v_if)).chunk(2, dim=1)
        g = torch.tanh(g)
        c = f * c + i * g
        o = torch.sigmoid(o + (linear(c, v_o) if self.full else c * v_o))
        h = o * torch.tanh(c)
        return {"i": i, "f": f, "o": o, "g": g, "c": c, "h": h}

    def extra_repr(self) -> str:
        return f"{super().extra_repr()}, full={self.full}"


class GRU(Recurrent):
    """The gated recurrent unit (Cho et al. 2014), in each of the forms in which it is published.

    `update` says what z is the share of: of the old state that is kept (Cho et al., torch) or of the new one that is
    taken (Chung et al. 2014). `reset` says whether r is applied before the product with U (both papers) or after it
    (torch, cuDNN). torch has a kernel for one of the four.
    """

    def __init__(
        self,
        inputs: int,
        units: int,
        layers: int = 1,
        direction: str = "forward",
        dropout: float = 0.0,
        biases: str = "two",
        update: str = "keeps",
        reset: str = "after",
    ) -> None:
        self.update, self.reset = update, reset
        super().__init__("GRU", inputs, units, layers, direction, dropout, biases)

    @property
    def native(self) -> bool:
        return (self.update, self.reset) == ("keeps", "after")

    def inner(self, at: str) -> tuple[Tensor, ...]:
        """Return U, and the second bias if there is one, of the two gates, then of the new state."""
        both = [torch.split(one, [2 * self.hidden_size, self.hidden_size]) for one in super().inner(at)]
        return tuple(part for parts in zip(*both, strict=True) for part in parts)

    def step(self, a: Tensor, state: State, weights: Sequence[Tensor]) -> dict[str, Tensor]:
        (h,) = state
        half = len(weights) // 2
        a_rz, a_n = torch.split(a, [2 * self.hidden_size, self.hidden_size], dim=1)  # W x + b
        r, z = torch.sigmoid(a_rz + linear(h, *weights[:half])).chunk(2, dim=1)
        if self.reset == "before":
            n = torch.tanh(a_n + linear(r * h, *weights[half:]))
        else:
            n = torch.tanh(a_n + r * linear(h, *weights[half:]))
        h = z * h + (1 - z) * n if self.update == "keeps" else (1 - z) * h + z * n
        return {"z": z, "r": r, "n": n, "h": h}

    def extra_repr(self) -> str:
        return f"{super().extra_repr()}, update={self.update!r}, reset={self.reset!r}"
