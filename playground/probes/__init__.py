"""Probes: questions a person can ask of a network while it trains. One file a question.

A `Probe` is declared like a block; its attributes are its request (which node, which example). `accepts` says
of which nodes it can be asked, `measure` answers from a `Subject`, in the engine, with small arrays already
reduced to what can be shown. A probe reads and never changes the run: no random numbers, no running statistics,
no gradients left behind.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from importlib import import_module
from pkgutil import iter_modules
from typing import Any, ClassVar, Protocol

from playground.data import Data, Examples
from playground.declare import Declared
from playground.experiment import Experiment
from playground.report import NodeReport, Report

LARGEST_ANSWER = 256 * 1024
"""Bytes that one answer may take."""


class Subject(Protocol):
    """What a probe may look at: the run as it is between two steps. Tensors are torch's, on the run's device."""

    experiment: Experiment
    report: Report
    data: Data
    network: Any
    """The `torch.nn.Module`, its children under the ids of the nodes; gradients of the last step in ``.grad``."""
    number: int
    """Steps taken so far."""
    steps_per_epoch: int
    notes: dict[str, Any]
    """What a question keeps between two answers, by its name; empty at the beginning of a run."""

    @property
    def batch(self) -> Examples:
        """The examples that the last step was taken on; before the first, as many from the beginning."""

    def look(
        self, inputs: Mapping[str, Any], keep: Iterable[str], graded: bool = False, rehearsed: bool = False
    ) -> dict[str, Any]:
        """Run inputs (arrays or tensors, batch first) through in eval mode; return what left each node in `keep`.

        The values are tensors by node id, detached unless `graded`: then gradients by them can be asked for. An
        Output node gives what reached it. `rehearsed` runs them through as the next step of training would, and leaves
        the run untouched all the same.
        """


class Probe(Declared):
    """The base of all probes; `members` lists them by key."""

    members: ClassVar[dict[str, type[Any]]] = {}
    title: ClassVar[str]
    """What the question is called where it is offered, as a translatable literal."""
    icon: ClassVar[str] = "mdi6.eye-outline"
    """Its icon, a name of Material Design Icons."""
    rate: ClassVar[float] = 10.0
    """Answers a second that are worth having."""
    per_node: ClassVar[bool] = False
    """Whether it is asked of one node (its ``node`` attribute) or of the network as a whole."""
    once: ClassVar[bool] = False
    """Whether it is asked for one answer now and then: no panel shows it, so it is not offered to be watched."""

    @classmethod
    def accepts(cls, node: NodeReport) -> bool:
        """Say whether the question makes sense for this node (only asked where `per_node`)."""
        return False

    @classmethod
    def suits(cls, experiment: Experiment) -> bool:
        """Say whether the question makes sense for these data; where not, it is not offered."""
        return True

    def measure(self, subject: Subject) -> Any:
        """Answer: a frozen dataclass of small arrays, or None where there is nothing to say."""
        raise NotImplementedError


class _All(Mapping[str, type[Probe]]):
    """Every probe by its key; the files of this package are imported when somebody first looks, not at the start."""

    def __getitem__(self, key: str) -> type[Probe]:
        return self._members()[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._members())

    def __len__(self) -> int:
        return len(self._members())

    def _members(self) -> Mapping[str, type[Probe]]:
        if not self._there:
            self._there = True
            for module in iter_modules(__path__):
                import_module(f"{__name__}.{module.name}")
        return Probe.members

    _there = False


PROBES: Mapping[str, type[Probe]] = _All()
