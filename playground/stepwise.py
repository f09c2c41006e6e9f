"""How recurrent layers read: step by step, layer by layer, to the real end of each example and back.

`playground.recurrent` says what each of them does in one step.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

import torch
from torch import Tensor, nn
from torch.nn.functional import dropout as drop
from torch.nn.functional import linear
from torch.nn.utils.rnn import PackedSequence, pack_padded_sequence, pad_packed_sequence

from playground.layers import beyond, last_step

State = tuple[Tensor, ...]
"""What a layer remembers between two steps: h, or h and c."""


class Recurrent(nn.RNNBase):
    """The base of the layers that read step by step.

    A subclass says what it does in one step. Where torch has a kernel for that, the kernel is run instead.

    Attributes:
        carried: what the state consists of, h first.
    """

    uses_lengths = True
    carried: ClassVar[tuple[str, ...]] = ("h",)
    _heard: dict[str, list[Tensor]] | None = None
    """Where h of each step is noted while somebody wants to know it."""

    def __init__(
        self,
        mode: str,
        inputs: int,
        units: int,
        layers: int = 1,
        direction: str = "forward",
        dropout: float = 0.0,
        biases: str = "two",
    ) -> None:
        super().__init__(
            mode,
            inputs,
            units,
            num_layers=layers,
            bias=biases != "none",
            batch_first=True,
            dropout=dropout if layers > 1 else 0.0,  # it comes between the layers
            bidirectional=direction == "both",
        )
        self.direction, self.biases = direction, biases
        if biases == "one":
            self._silence_second_biases()
        self.begin()

    @property
    def native(self) -> bool:
        """Whether torch has a kernel for it."""
        return True

    def step(self, a: Tensor, state: State, weights: Sequence[Tensor]) -> dict[str, Tensor]:
        """Compute one step of one layer from `a`, which is W x + b; return all that has a name in the equations.

        What the state consists of is among it.
        """
        raise NotImplementedError

    def inner(self, at: str) -> tuple[Tensor, ...]:
        """Return the weights that `step` wants of a layer: U, and the second bias if there is one.

        They are taken apart here once, and not at every step.
        """
        return tuple(getattr(self, f"{name}_hh_{at}") for name in ("weight", "bias")[: 1 + self.bias])

    def begin(self) -> None:
        """Set the first weights that the layer insists on, however the others were drawn."""

    # -- running ---------------------------------------------------------------------------------------------

    def forward(self, x: Tensor, *given: Tensor | None, lengths: Sequence[Tensor | None] = (None,)) -> State:
        """Read (batch, time, features); return (batch, time, directions × units), then the state after the last step.

        `given` is the state before the first step, zeros where there is none.
        """
        known, turns = lengths[0], self.direction == "backward"
        state = self._first_state(x, given)
        x = turned(x, known) if turns else x
        if not self.native or (known is not None and not x.is_cuda):
            sequence, state = self._layer_by_layer(x, state, known)
        elif known is not None:
            sequence, state = self._packed(x, state, known)
        else:
            sequence, state = self._kernel(x, state)
        # (layers × directions, B, H) → (B, layers × directions × H)
        last_state = tuple(one.transpose(0, 1).flatten(1) for one in state)
        return (turned(sequence, known) if turns else sequence, *last_state)

    def traced(
        self,
        x: Tensor,
        *given: Tensor | None,
        lengths: Tensor | None = None,
        layer: int = -1,
        backward: bool = False,
    ) -> dict[str, Tensor]:
        """Return every gate and the state at each step, (batch, time, units) by name, beyond the end 0.

        Of several layers it looks into one, the last unless another is asked for; of one that reads both ways into
        the half that reads forwards, or `backward`. The equations are computed step by step, with the same weights.
        """
        layer = range(self.num_layers)[layer]
        state = self._first_state(x, given)
        turns = self.direction == "backward"
        x = turned(x, lengths) if turns else x
        for k in range(layer):
            x, _ = self._layer(k, x, state, lengths, native=False)
        if turned_half := backward and self.bidirectional:
            x = turned(x, lengths)
        at, place = self._name(layer, turned_half), layer * self._directions + turned_half
        found, _ = self._loop(at, x, tuple(one[place] for one in state), lengths)
        return {name: turned(one, lengths) if turns or turned_half else one for name, one in found.items()}

    def can_advance(self, *growing: bool) -> bool:
        """Forwards it goes on from its state; the state that it begins with must be there as a whole."""
        return self.direction == "forward" and growing[0] and not any(growing[1:])

    def advance(
        self,
        x: Tensor,
        *given: Tensor | None,
        memory: State | None = None,
        lengths: Sequence[Tensor | None] = (None,),
    ) -> tuple[State, State]:
        """Go on with new steps, see `playground.attention`; what is remembered is the state."""
        said, *state = self(x, *(given if memory is None else memory))
        return (said, *state), tuple(state)

    def unrolled(
        self, x: Tensor, *given: Tensor | None, lengths: Tensor | None = None
    ) -> tuple[State, dict[str, list[Tensor]]]:
        """Return what `forward` does in eval mode and, by layer and direction, h of each step, (B, H), as it was read.

        All is computed from these tensors, step by step: autograd's gradient by one of them is that of what is said at
        its step and of everything later.
        """
        turns = self.direction == "backward"
        state = self._first_state(x, given)
        x = turned(x, lengths) if turns else x
        last: list[State] = []
        heard: dict[str, list[Tensor]] = {}
        self._heard = heard
        try:
            for k in range(self.num_layers):
                x, ended = self._layer(k, x, state, lengths, native=False)
                last += ended
        finally:
            self._heard = None
        last_state = (torch.stack(one).transpose(0, 1).flatten(1) for one in zip(*last, strict=True))
        return (turned(x, lengths) if turns else x, *last_state), heard

    def _layer_by_layer(self, x: Tensor, state: State, lengths: Tensor | None) -> tuple[Tensor, State]:
        steps = x.shape[1]
        if lengths is not None and not x.is_cuda:
            x = x[:, : int(lengths.max())]  # nobody goes further
        last: list[State] = []
        for k in range(self.num_layers):
            x, ended = self._layer(k, x, state, lengths, self.native)
            last += ended
            if self.dropout and k < self.num_layers - 1:
                x = drop(x, self.dropout, self.training)
        if missing := steps - x.shape[1]:
            x = nn.functional.pad(x, (0, 0, 0, missing))
        return x, tuple(torch.stack(one) for one in zip(*last, strict=True))

    def _layer(
        self, k: int, x: Tensor, state: State, lengths: Tensor | None, native: bool
    ) -> tuple[Tensor, list[State]]:
        """Run one layer in its directions; return what it says and the state that each direction ends with."""
        said, last = [], []
        for back in range(self._directions):
            at, first = self._name(k, bool(back)), tuple(one[k * self._directions + back] for one in state)
            read = turned(x, lengths) if back else x
            if native and lengths is not None:
                made, ended = self._run(at, read, first, lengths)
            else:
                found, ended = self._loop(at, read, first, lengths, keep=("h",))
                made = found["h"]
            said.append(turned(made, lengths) if back else made)
            last.append(ended)
        return torch.cat(said, dim=2) if len(said) > 1 else said[0], last

    def _run(self, at: str, x: Tensor, state: State, lengths: Tensor) -> tuple[Tensor, State]:
        """Run torch's kernel for one layer in one direction; the state is (B, H) each.

        It goes on beyond the end of an example: what it says there is taken away again, and h is looked up where the
        example ended.
        """
        gone = beyond(x, lengths)[..., None]  # (B, T, 1)
        x, weights = self.holding(x.masked_fill(gone, 0.0), self._weights(at), gone)
        sequence, last = self._kernel(x, tuple(one[None] for one in state), weights)
        return sequence.masked_fill(gone, 0.0), (last_step(sequence, lengths), *(one[0] for one in last[1:]))

    def holding(self, x: Tensor, weights: list[Tensor], gone: Tensor) -> tuple[Tensor, list[Tensor]]:
        """Make a kernel keep what cannot be looked up, of the state it ends with, as it was where examples ended."""
        return x, weights

    def _packed(self, x: Tensor, state: State, lengths: Tensor) -> tuple[Tensor, State]:
        """Run torch's kernel over what there is and nothing else: the way that suits CUDA's."""
        packed = pack_padded_sequence(x, lengths.cpu(), batch_first=True, enforce_sorted=False)
        order, back = packed.sorted_indices, packed.unsorted_indices
        assert order is not None and back is not None
        first = tuple(one[:, order] for one in state)
        data, last = self._kernel(packed.data, first, sizes=packed.batch_sizes)
        made = PackedSequence(data, packed.batch_sizes, order, back)
        sequence, _ = pad_packed_sequence(made, batch_first=True, total_length=x.shape[1])
        return sequence, tuple(one[:, back] for one in last)

    def _kernel(
        self, x: Tensor, state: State, weights: list[Tensor] | None = None, sizes: Tensor | None = None
    ) -> tuple[Tensor, State]:
        """Run torch's kernel: the whole stack, or one layer in one direction with the `weights` that are given.

        `sizes` are the sizes of the batches of a packed x.
        """
        run: Any = getattr(torch, self.mode.lower())  # lstm, gru, rnn_tanh, rnn_relu
        first: Any = state if len(state) > 1 else state[0]
        how = (self.bias, 1, 0.0, self.training, False)
        if weights is None:
            weights = self._weights()
            how = (self.bias, self.num_layers, self.dropout, self.training, self.bidirectional)
        if sizes is None:
            made, *last = run(x, first, weights, *how, True)  # the batch comes first
        else:
            made, *last = run(x, sizes, first, weights, *how)
        return made, tuple(last)

    def _loop(
        self, at: str, x: Tensor, state: State, lengths: Tensor | None, keep: Sequence[str] = ()
    ) -> tuple[dict[str, Tensor], State]:
        """Go through the steps; return what has a name, or what to `keep`, (B, T, H), and the last state, (B, H)."""
        gone = None if lengths is None else beyond(x, lengths)[..., None]  # (B, T, 1)
        if gone is not None:
            x = x.masked_fill(gone, 0.0)
        # What comes from the input alone is computed for all steps at once.
        all_a = linear(x, *self._weights(at)[:3:2]).unbind(1)
        weights = self.inner(at)
        kept: dict[str, list[Tensor]] = {}
        for t, a in enumerate(all_a):
            found = self.step(a, state, weights)
            for name in keep or found:
                kept.setdefault(name, []).append(found[name])
            if self._heard is not None:
                self._heard.setdefault(at, []).append(found["h"])
            new = tuple(found[name] for name in self.carried)
            # Where an example has ended, its state stays what it is.
            state = new if gone is None else tuple(map(torch.where, (gone[:, t],) * len(new), state, new))
        stacked = {name: torch.stack(values, dim=1) for name, values in kept.items()}
        if gone is not None:
            stacked = {name: one.masked_fill(gone, 0.0) for name, one in stacked.items()}
        return stacked, state

    # -- weights ---------------------------------------------------------------------------------------------

    @property
    def _directions(self) -> int:
        return 2 if self.bidirectional else 1

    @staticmethod
    def _name(layer: int, backward: bool) -> str:
        return f"l{layer}_reverse" if backward else f"l{layer}"

    def _weights(self, at: str = "") -> list[Tensor]:
        """Return the weights as torch's kernels take them, of everything or of one layer in one direction."""
        names = self._flat_weights_names
        return [getattr(self, name) for name in names if not at or name.endswith(f"_{at}")]

    def _first_state(self, x: Tensor, given: Sequence[Tensor | None]) -> State:
        """Return the state before the first step, (layers × directions, B, H) each."""
        places = self.num_layers * self._directions
        given = (*given, *[None] * (len(self.carried) - len(given)))
        return tuple(
            x.new_zeros(places, len(x), self.hidden_size)
            if one is None
            else one.reshape(len(x), places, self.hidden_size).transpose(0, 1).contiguous()
            for one in given
        )

    def _silence_second_biases(self) -> None:
        """Let torch's second bias, which adds up with the first, be 0 and learn nothing."""
        for name in self._flat_weights_names:
            if name.startswith("bias_hh"):
                zeros = torch.zeros_like(getattr(self, name))
                delattr(self, name)
                self.register_buffer(name, zeros, persistent=False)
        self._init_flat_weights()

    def extra_repr(self) -> str:
        told = f"{self.input_size}, {self.hidden_size}, layers={self.num_layers}, direction={self.direction!r}"
        return f"{told}, dropout={self.dropout}, biases={self.biases!r}"


def turned(x: Tensor, lengths: Tensor | None) -> Tensor:
    """Return (batch, time, …) with the steps of each example in the opposite order; what lies beyond stays there."""
    if lengths is None:
        return x.flip(1)
    steps = torch.arange(x.shape[1], device=x.device)
    back = lengths[:, None] - 1 - steps  # (B, T)
    order = torch.where(back < 0, steps, back)
    return x.gather(1, order[..., None].expand_as(x))
