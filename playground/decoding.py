"""Writing with a trained network: token after token, each chosen by what the network says after all those before it.

    decoder = Decoder(network, "output_1", "text")
    for step in write(decoder, first=prompt, temperature=0.8, seed=1, most=200):
        print(step.tokens)

What was read is not read again: every layer that mixes time goes on from what it remembers (`playground.attention`
says how), every other one only sees the new step, and what does not depend on what is written, such as an encoder, is
computed once. Where a layer cannot go on, everything is read anew for each token; `Decoder.goes_on` tells.

Nothing of the network is changed, and no random number of the run is drawn.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn

from playground import attention, layers
from playground.devices import random_kept
from playground.network import NOTHING, Call, Network, carry_out
from playground.report import Report
from playground.turned import Ends, lengths_of

WHOLE, GROWING, CHANGING = "whole", "growing", "changing"
"""Kinds of values: there from the beginning; longer by a step with each token; another with each token."""

TOP = 5
"""How many of the likeliest tokens are told at each step."""

STEP_BY_STEP = (
    *(nn.Identity, nn.Linear, nn.Embedding, nn.LayerNorm, nn.Dropout),
    *(nn.Sigmoid, nn.Tanh, nn.ReLU, nn.LeakyReLU, nn.ELU, nn.GELU, nn.SiLU, nn.Softplus),
    *(layers.Step, layers.SlopedSigmoid, layers.Add, layers.Multiply),
)
"""Layers for which no step matters to another, whatever their settings."""


@contextmanager
def at_rest(network: Network) -> Iterator[None]:
    """Keep a network in eval mode meanwhile; around a whole text that costs less than around every token."""
    training = network.training
    if training:
        network.eval()
    try:
        yield
    finally:
        if training:
            network.train()


class Decoder:
    """Reads tokens and says which comes next, for a batch at once.

    Attributes:
        goes_on: whether each token is read once; else all of them are, for every new one.
        longest: after how many steps the older half is forgotten, since the network knows no more places; 0: never.
    """

    def __init__(
        self,
        network: Network,
        output: str,
        field: str,
        whole: Mapping[str, Tensor] | None = None,
        *,
        longest: int = 0,
        again: bool = False,
    ) -> None:
        """Decode what reaches an Output while the input called `field` grows; `whole` are the other inputs.

        `again` reads everything anew for each token, whether that is needed or not.
        """
        self._network, self._field, self._whole = network, field, dict(whole or {})
        self.longest = longest if _has_places(network) else 0
        self._slot = dict(network._outputs)[output]
        self._kinds: dict[int, str] = {NOTHING: WHOLE}
        self._kinds |= {slot: GROWING if name == field else WHOLE for slot, name in network._inputs}
        calls = _leading_to(network, self._slot)
        self._once = [call for call in calls if self._kind_of(call) == WHOLE]
        self._each = [call for call in calls if call not in self._once]
        self.goes_on = self._kinds[self._slot] == GROWING and not again
        self._values: list[Any] = []
        self._lengths: list[Ends] = []
        self._memory: dict[str, Any] = {}
        self._seen: Tensor | None = None

    @torch.no_grad()
    def read(self, tokens: Tensor) -> Tensor:
        """Read more tokens (batch, steps); return the scores (batch, vocabulary) of what comes after them."""
        with at_rest(self._network):
            return self._read(tokens)

    def _read(self, tokens: Tensor) -> Tensor:
        if self._seen is None:
            self._begin(tokens)
        self._seen = tokens if self._seen is None else torch.cat((self._seen, tokens), dim=1)
        forgets = self.longest and self._seen.shape[1] > self.longest
        if forgets:
            self._seen = self._seen[:, -max(1, self.longest // 2) :]
            self._memory = {}
        new = tokens if self.goes_on and not forgets else self._seen
        for slot, name in self._network._inputs:
            if name == self._field:
                self._values[slot] = new
        for call in self._each:
            if self.goes_on and hasattr(call.module, "advance"):
                self._advance(call)
            else:
                carry_out(call, self._values, self._lengths)
        scores: Tensor = self._values[self._slot][:, -1]
        return scores

    def _begin(self, tokens: Tensor) -> None:
        """Compute what does not depend on what is written."""
        self._values, self._lengths = self._network._begun({**self._whole, self._field: tokens})
        for slot, name in self._network._inputs:
            if name == self._field and self._lengths:
                self._lengths[slot] = None  # all of it is there
        for call in self._once:
            carry_out(call, self._values, self._lengths)

    def _advance(self, call: Call) -> None:
        """Let a layer that mixes time go on with the new steps."""
        given = [self._values[source] for source in call.sources]
        lengths = [lengths_of(self._lengths[source]) if self._lengths else None for source in call.sources]
        made, self._memory[call.id] = call.module.advance(  # type: ignore[operator]  # any attribute may be a Tensor
            *given, memory=self._memory.get(call.id), lengths=lengths
        )
        made = made if call.outputs > 1 else (made,)
        if call.muted:
            made = tuple(torch.zeros_like(one) for one in made)
        self._values[call.slot : call.slot + call.outputs] = made

    def _kind_of(self, call: Call) -> str:
        """Say of which kind what a layer makes is, and note it."""
        kinds = [self._kinds[source] for source in call.sources]
        made = set(range(call.slot, call.slot + call.outputs))
        if all(kind == WHOLE for kind in kinds):
            found = WHOLE
        elif CHANGING in kinds or not _follows(call, [kind == GROWING for kind in kinds]):
            found = CHANGING
        else:
            found = GROWING
        self._kinds |= {slot: CHANGING if found == GROWING and slot not in call.timed else found for slot in made}
        return found


def _follows(call: Call, growing: list[bool]) -> bool:
    """Whether a layer needs no more than the new steps of what grows to say what belongs to them."""
    module = call.module
    if hasattr(module, "can_advance"):
        return bool(module.can_advance(*growing))  # type: ignore[operator]  # any attribute may be a Tensor
    return all(growing) and not call.framed and _is_step_by_step(module)


def _is_step_by_step(module: nn.Module) -> bool:
    """Whether no step matters to another, of (batch, time, features) or (batch, time)."""
    if isinstance(module, layers.Concat | layers.Slice):
        return module.dim == 2
    if isinstance(module, nn.Softmax):
        return module.dim in (2, -1)
    if isinstance(module, nn.Flatten):
        return module.start_dim == 2
    return isinstance(module, STEP_BY_STEP)


def _has_places(network: Network) -> bool:
    """Whether a step is told its place in the network; places that never came up in training mean nothing to it."""
    return any(isinstance(call.module, attention.PositionalEncoding) for call in network._calls)


def _leading_to(network: Network, slot: int) -> list[Call]:
    """Return the steps of the forward pass that a value depends on, in their order."""
    wanted, found = {slot}, []
    for call in reversed(network._calls):
        if wanted & set(range(call.slot, call.slot + call.outputs)):
            wanted |= set(call.sources)
            found.append(call)
    return found[::-1]


class Written(NamedTuple):
    """One step of what is written, for each text of the batch.

    `tokens` (batch,) were chosen; `best` (batch, up to `TOP`) are the likeliest, whose probabilities are `shares`; of
    the token that was chosen it is `share` (batch,).
    """

    tokens: Tensor
    best: Tensor
    shares: Tensor
    share: Tensor


def write(
    decoder: Decoder,
    first: Tensor,
    *,
    temperature: float = 0.0,
    top: int = 0,
    seed: int = 0,
    never: Sequence[int] = (),
    end: int | None = None,
    most: int = 256,
) -> Iterator[Written]:
    """Write step after step from `first` (batch, steps) on, until all texts have come to their `end`, or `most` steps.

    At a temperature of 0 the likeliest token is taken (greedy decoding). Else one is drawn, from the `top` likeliest
    where that is said: scores are divided by the temperature first, so that below 1 what is likely becomes likelier.
    The tokens in `never` are not written. What stands behind the end of a text means nothing.
    """
    drawing = torch.Generator().manual_seed(seed)
    ended = torch.zeros(len(first), dtype=torch.bool)
    tokens = first
    for _ in range(most):
        scores = decoder.read(tokens).float().cpu()
        scores[:, list(never)] = -torch.inf
        if temperature > 0:
            scores = scores / temperature
        shares = scores.softmax(dim=1)
        best, order = shares.topk(min(TOP, shares.shape[1]), dim=1)
        chosen = _drawn(shares, top, drawing) if temperature > 0 else order[:, 0]
        yield Written(chosen, order, best, shares.gather(1, chosen[:, None])[:, 0])
        if end is not None:
            ended |= chosen == end
            if ended.all():
                return
        tokens = chosen[:, None].to(first.device)


def _drawn(shares: Tensor, top: int, drawing: torch.Generator) -> Tensor:
    """Draw a token of each row, from the likeliest only where their number is given."""
    if 0 < top < shares.shape[1]:
        least = shares.topk(top, dim=1).values[:, -1:]
        shares = shares.masked_fill(shares < least, 0.0)
    return torch.multinomial(shares, 1, generator=drawing)[:, 0]


def duplicate(network: Network, report: Report) -> Network:
    """Return a network of the same weights, which stays as it is while the first one goes on learning."""
    device = next((one.device for one in network.parameters()), torch.device("cpu"))
    with random_kept(device):
        made = Network(report, seed=0)
    made.load_state_dict(network.state_dict())
    return made.to(device).eval()
