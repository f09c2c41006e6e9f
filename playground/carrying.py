"""Carrying the state on: a text that is cut into windows is read as if it were whole (truncated back-propagation).

The windows of a batch go on where those of the batch before ended. What a recurrent layer remembered then is what it
begins with now; no gradient flows back into the window before. Where a text begins, the state is 0.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor, nn

from playground.stepwise import Recurrent, State


class Carried:
    """What the recurrent layers of a network remember from one batch to the next.

    Layers that read backwards remember nothing, nor do those whose first state comes from elsewhere. Nothing happens
    in a pass that was not announced by `goes_on`.
    """

    def __init__(self, network: nn.Module) -> None:
        self._memory: dict[str, State] = {}
        self._waiting: dict[str, Tensor] = {}
        self._layers = [
            name for name, one in network.named_modules() if isinstance(one, Recurrent) and one.direction == "forward"
        ]
        for name in self._layers:
            layer = network.get_submodule(name)
            layer.register_forward_pre_hook(self._begin(name))
            layer.register_forward_hook(self._remember(name))

    def goes_on(self, which: Tensor) -> None:
        """Let the next pass through the network begin where the last one ended, where (batch,) says so, else at 0."""
        self._waiting = dict.fromkeys(self._layers, which)

    @contextmanager
    def apart(self) -> Iterator[None]:
        """Let what is read in here be read from the beginning, and afterwards everything be as it was."""
        memory, waiting = self._memory, self._waiting
        self._memory, self._waiting = {}, {}
        try:
            yield
        finally:
            self._memory, self._waiting = memory, waiting

    def state(self) -> dict[str, Tensor]:
        """Return what is remembered, by layer and number."""
        return {f"{name}.{k}": one for name, memory in self._memory.items() for k, one in enumerate(memory)}

    def set_state(self, tensors: Mapping[str, Tensor], device: torch.device) -> None:
        """Remember what another run did."""
        found: dict[str, dict[int, Tensor]] = {}
        for key, value in tensors.items():
            name, _, k = key.rpartition(".")
            if name in self._layers and k.isdecimal():
                found.setdefault(name, {})[int(k)] = value.to(device, copy=True)
        self._memory = {name: tuple(parts[k] for k in sorted(parts)) for name, parts in found.items()}

    def _begin(self, name: str) -> Any:
        def begin(layer: nn.Module, given: tuple[Any, ...]) -> tuple[Any, ...] | None:
            memory, which = self._memory.get(name), self._waiting.get(name)
            if which is None or memory is None or any(one is not None for one in given[1:]):
                return None
            n = len(given[0])  # of an evaluation the last batches are smaller
            kept = which[:n, None].to(memory[0].device)
            return (given[0], *(torch.where(kept, one[:n], torch.zeros_like(one[:n])) for one in memory))

        return begin

    def _remember(self, name: str) -> Any:
        def remember(layer: nn.Module, given: tuple[Any, ...], made: tuple[Tensor, ...]) -> None:
            if self._waiting.pop(name, None) is not None:
                self._memory[name] = tuple(one.detach() for one in made[1:])

        return remember
