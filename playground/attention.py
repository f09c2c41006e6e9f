"""Attention, and the positions that it cannot do without.

Both read and return (batch, time, features). Where lengths are given, nothing beyond the end of an example counts: keys
there get no weight, and what is said there is 0.

**Going on step by step.** A layer that mixes time and whose earlier steps never depend on later ones can go on where it
stopped, so that a sequence is written token by token without reading all of it again each time. It offers:

    can_advance(*growing: bool) -> bool
        Whether that is possible when these of its inputs grow step by step and the others are there as a whole.

    advance(*inputs, memory=None, lengths=(None, …)) -> (made, memory)
        Say something of the new steps, usually one. An input that grows holds the new steps only; one that is there as
        a whole is given as a whole every time, with its lengths. `memory` is what the call before returned, None at
        first: what was read so far, as much of it as is needed. It is never changed in place, so that one memory can
        be gone on from several times.

Of masked self-attention the memory is the keys and values so far; attention to something else, which is there as a
whole, needs none; positions remember how many steps there were. A layer that mixes time and offers neither has to read
everything again; one that works step by step is simply called with the new steps.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn.functional import scaled_dot_product_attention

from playground.layers import beyond

Lengths = Sequence[Tensor | None]
"""Of each input how many steps its examples have, or None where all are there."""

BASE = 10_000.0
"""The wave lengths of sinusoidal positions reach from 2π to this many times 2π (Vaswani et al. 2017)."""


class ScaledDotProductAttention(nn.Module):
    """softmax(Q Kᵀ / √d) V, in as many heads as the features are cut into (Vaswani et al. 2017).

    With `causal` a step sees itself and what came before it. Learns nothing itself.
    """

    uses_lengths = True
    lengths_of_first = True

    def __init__(self, heads: int = 1, causal: bool = False, dropout: float = 0.0) -> None:
        super().__init__()
        self.heads, self.causal, self.dropout = heads, causal, dropout

    def forward(self, query: Tensor, key: Tensor, value: Tensor, lengths: Lengths = (None, None, None)) -> Tensor:
        """Return (batch, time of the queries, features of the values)."""
        q, k, v = (self._in_heads(one) for one in (query, key, value))
        ends, known = lengths[0], lengths[1]
        # What lies beyond the end is in the future of all real steps: of one sequence the causal mask hides it already.
        hidden = None if known is None or (self.causal and known is ends) else self._hidden(q, k, known)
        shown = None if hidden is None else ~hidden
        share = self.dropout if self.training else 0.0
        causal = self.causal and shown is None
        made = scaled_dot_product_attention(q, k, v, attn_mask=shown, dropout_p=share, is_causal=causal)
        return _ended(made.transpose(1, 2).flatten(2), ends)

    def traced(
        self, query: Tensor, key: Tensor, value: Tensor, lengths: Lengths = (None, None, None)
    ) -> dict[str, Tensor]:
        """Return every step of the formula by name, for those who look on; nothing of it is in the way of training.

        `query`, `key`, `value` (batch, heads, time, features of a head); `scores` Q Kᵀ / √d and `weights` (batch,
        heads, to, from), scores −∞ where nothing may be seen, weights 0 also for steps beyond the end; `out` (batch,
        heads, time, features of a head), which lie side by side in what leaves the layer.
        """
        q, k, v = (self._in_heads(one) for one in (query, key, value))
        scores = q @ k.transpose(2, 3) / math.sqrt(q.shape[3])
        hidden = self._hidden(q, k, lengths[1])
        if hidden is not None:
            scores = scores.masked_fill(hidden, -torch.inf)
        weights = scores.softmax(dim=3)
        if lengths[0] is not None:
            weights = weights.masked_fill(beyond(query, lengths[0])[:, None, :, None], 0.0)
        return {"query": q, "key": k, "value": v, "scores": scores, "weights": weights, "out": weights @ v}

    def can_advance(self, *growing: bool) -> bool:
        """Masked it goes on with its own sequence; unmasked with queries that look at something that is whole."""
        return growing == ((True, True, True) if self.causal else (True, False, False))

    def advance(
        self,
        query: Tensor,
        key: Tensor,
        value: Tensor,
        memory: tuple[Tensor, Tensor] | None = None,
        lengths: Lengths = (None, None, None),
    ) -> tuple[Tensor, tuple[Tensor, Tensor] | None]:
        """Go on with new steps, see above; masked, the new keys and values join those in memory."""
        if not self.causal:
            return self(query, key, value, lengths=lengths), None
        if memory is not None:
            key, value = (torch.cat(both, dim=1) for both in zip(memory, (key, value), strict=True))
        q, k, v = (self._in_heads(one) for one in (query, key, value))
        made = scaled_dot_product_attention(q, k, v, attn_mask=~_future(q, k))
        return made.transpose(1, 2).flatten(2), (key, value)

    def _in_heads(self, x: Tensor) -> Tensor:
        return x.reshape(*x.shape[:2], self.heads, -1).transpose(1, 2)  # (batch, heads, time, features of a head)

    def _hidden(self, q: Tensor, k: Tensor, lengths: Tensor | None) -> Tensor | None:
        """Say which keys must not be seen, (batch or 1, 1, to, from); no query is left without any."""
        hidden = _future(q, k) if self.causal else None
        if lengths is not None:
            gone = beyond(k.transpose(1, 2), lengths.clamp(min=1))[:, None, None, :]
            hidden = gone.expand(-1, 1, q.shape[2], -1) if hidden is None else hidden | gone
        return hidden

    def extra_repr(self) -> str:
        return f"heads={self.heads}, causal={self.causal}, dropout={self.dropout}"


class PositionalEncoding(nn.Module):
    """Adds to each step a vector that tells its place: y_t = x_t + p_t, or √d x_t + p_t with `scale`.

    Sinusoidal (Vaswani et al. 2017, section 3.5), with pos counted from 0:

        p(pos, 2i) = sin(pos / 10000^(2i/d)),  p(pos, 2i+1) = cos(pos / 10000^(2i/d))

    Learned, p is a matrix with a row for each of `longest` places, which begins like that of an embedding.
    """

    def __init__(self, features: int, kind: str = "sinusoidal", longest: int = 512, scale: bool = False) -> None:
        super().__init__()
        self.features, self.kind, self.longest, self.scale = features, kind, longest, scale
        if kind == "learned":
            self.weight = nn.Parameter(torch.empty(longest, features))
            nn.init.normal_(self.weight)
        self._waves = torch.empty(0, features)

    def forward(self, x: Tensor) -> Tensor:
        return self._placed(x, 0)

    def positions(self, steps: int) -> Tensor:
        """Return the vectors of the first places, (steps, features); zeros where there are none."""
        if self.kind == "learned":
            return self.weight[:steps]
        if self.kind == "none":
            return torch.zeros(steps, self.features)
        return sinusoids(steps, self.features).float()

    def can_advance(self, *growing: bool) -> bool:
        """It can always go on: a step's place is all that matters."""
        return True

    def advance(self, x: Tensor, memory: int | None = None, lengths: Lengths = (None,)) -> tuple[Tensor, int]:
        """Go on with new steps, see above; `memory` is how many there were."""
        before = memory or 0
        return self._placed(x, before), before + x.shape[1]

    def _placed(self, x: Tensor, before: int) -> Tensor:
        if self.scale:
            x = x * math.sqrt(self.features)
        end = before + x.shape[1]
        if self.kind == "learned":
            return x + self.weight[before:end]
        return x + self._known(end, x)[before:end] if self.kind == "sinusoidal" else x

    def _known(self, steps: int, like: Tensor) -> Tensor:
        """Return at least so many sinusoids, computed once; half as many again, for what is written grows."""
        if len(self._waves) < steps or self._waves.device != like.device or self._waves.dtype != like.dtype:
            self._waves = sinusoids(steps + steps // 2, self.features).to(like)
        return self._waves

    def extra_repr(self) -> str:
        return f"{self.features}, kind={self.kind!r}, longest={self.longest}, scale={self.scale}"


def sinusoids(steps: int, features: int) -> Tensor:
    """Return the sinusoidal vectors of the first places, (steps, features), in double precision."""
    even = torch.arange(0, features, 2, dtype=torch.float64)  # 2i
    angles = torch.arange(steps, dtype=torch.float64)[:, None] / BASE ** (even / features)
    waves = torch.stack((angles.sin(), angles.cos()), dim=2).flatten(1)  # sine and cosine take turns
    return waves[:, :features]


def _future(q: Tensor, k: Tensor) -> Tensor:
    """Say which keys come after each query, (to, from); the last query belongs to the last key."""
    to, origin = q.shape[2], k.shape[2]
    return torch.ones(to, origin, dtype=torch.bool, device=q.device).triu(diagonal=origin - to + 1)


def _ended(x: Tensor, lengths: Tensor | None) -> Tensor:
    return x if lengths is None else x.masked_fill(beyond(x, lengths)[..., None], 0.0)
