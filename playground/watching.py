"""What is watched and when it is measured next: the Lab's budget for probes.

Each probe's cost is measured and its interval stretched so that all watching together takes at most a tenth of
the time of training. While nothing moves, each is measured once: the answer stays true. Whoever asks the same
question as somebody else gets the same answer, measured once.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from playground.probes import Probe, Subject

SHARE = 0.10
"""The share of the time that all watching together may take while training."""

AT_ONCE = 0.008
"""Seconds of measuring between two steps; what is due beyond that waits for the next gap, so that pictures come evenly.
"""

LONGEST = 2.0
"""Seconds between two measurements of a probe at the most, however dear it is."""


@dataclass
class Watched:
    """A question under watch: who asks it, when it is due, and what it has cost lately (seconds)."""

    names: tuple[str, ...]
    due: float = 0.0
    cost: float | None = None


class Watching:
    """The questions that are asked now, and when each is due."""

    def __init__(self) -> None:
        self._watched: dict[Probe, Watched] = {}

    def ask(self, requests: Mapping[str, Probe]) -> None:
        """Measure these probes from now on, by the name of whoever asks, and no others."""
        names: dict[Probe, tuple[str, ...]] = {}
        for name, probe in requests.items():
            names[probe] = (*names.get(probe, ()), name)
        before, self._watched = self._watched, {}
        for probe, asking in names.items():
            known = before.get(probe)
            fresh = known is None or not set(asking) <= set(known.names)
            self._watched[probe] = Watched(asking) if known is None else known
            self._watched[probe].names = asking
            if fresh:
                self._watched[probe].due = 0.0

    def again(self) -> None:
        """Let everything be measured anew: the network is another, or it is about to move."""
        for watched in self._watched.values():
            watched.due = 0.0

    @property
    def count(self) -> int:
        """How many questions are under watch."""
        return len(self._watched)

    @property
    def pending(self) -> bool:
        """Whether anything is to be measured without another order."""
        return any(watched.due < math.inf for watched in self._watched.values())

    def measure(
        self, subject: Subject, moving: bool, failed: Callable[[Probe, Exception], None], others: int = 0
    ) -> dict[str, Any]:
        """Measure what is due; a probe that raises is told to `failed` and asked no more.

        `others` counts what else has a part of the budget now.
        """
        answers: dict[str, Any] = {}
        started = now = time.perf_counter()
        due = [one for one in self._watched.items() if one[1].due <= now]
        for probe, watched in sorted(due, key=lambda one: one[1].due):  # who has waited longest comes first
            if moving and now - started > AT_ONCE:
                break
            try:
                answer = probe.measure(subject)
            except Exception as error:
                del self._watched[probe]  # it would fail again at every frame
                failed(probe, error)
                continue
            answers.update(dict.fromkeys(watched.names, answer))
            began, now = now, time.perf_counter()
            self._plan(probe, watched, now - began, now, moving, others)
        return answers

    def _plan(self, probe: Probe, watched: Watched, cost: float, now: float, moving: bool, others: int = 0) -> None:
        """Note what a measurement cost and say when the next is due."""
        first = watched.cost is None
        watched.cost = cost if watched.cost is None else 0.5 * (cost + watched.cost)
        if not moving:
            watched.due = math.inf
            return
        stretched = watched.cost * (len(self._watched) + others) / SHARE
        # The first measurement imports and allocates what later ones find ready: it says little.
        longest = 4 / probe.rate if first else LONGEST
        watched.due = now + max(1 / probe.rate, min(stretched, longest))
