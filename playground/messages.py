"""What the window and the Lab say to each other: orders in, frames and notices out. Plain frozen values.

A *frame* is what the watched probes measured at one moment: one slot, the newest wins, an old one is dropped.
A *notice* is never dropped: losses, evaluations, changes of state, failures, replies.
Every message of a run carries the number of that run, so that what is late can be told apart.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from playground.experiment import Experiment
from playground.facts import DataFacts
from playground.text import Sentence, note

if TYPE_CHECKING:
    import numpy as np

    from playground.browsing import Question
    from playground.inquiry import Inquiry
    from playground.probes import Probe

STATES = {
    "loading": note("Loading"),
    "blocked": note("Not ready to train"),
    "ready": note("Ready"),
    "playing": note("Training"),
    "paused": note("Paused"),
    "finished": note("Finished"),
    "failed": note("Stopped by a problem"),
}
"""The states of a run, and how they are called."""


# -- orders: window to Lab -------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Load:
    """Take this experiment. With `keep`, step count, weights and optimiser state stay where node and shapes agree."""

    run: int
    experiment: Experiment
    device: str = "auto"
    keep: bool = False
    checkpoint: str = ""
    """A file to go on from, written by an engine that is gone."""
    folder: str = ""
    """Where checkpoints are to be written; none are when it is empty."""
    moved: Mapping[str, str] = field(default_factory=dict)
    """Which nodes have another path than in the experiment before: by the old path the new one."""


@dataclass(frozen=True)
class Play:
    """Train until told otherwise or the epochs are over (then: as many epochs again)."""


@dataclass(frozen=True)
class Pause:
    """Stop before the next step and stay there."""


@dataclass(frozen=True)
class Step:
    """Take so many steps, then pause."""

    steps: int = 1


@dataclass(frozen=True)
class Stop:
    """End the run here: evaluate, and count it as finished."""


@dataclass(frozen=True)
class Pace:
    """Take at most so many steps a second; None: as fast as it goes."""

    steps_per_second: float | None = None


@dataclass(frozen=True)
class Reset:
    """Start again from the seed: fresh weights, step 0, as run `run`."""

    run: int


@dataclass(frozen=True)
class Set:
    """Change the learning rate while it runs."""

    learning_rate: float


@dataclass(frozen=True)
class Watch:
    """From now on measure these probes (by the name of whoever asked) and no others."""

    requests: Mapping[str, Probe] = field(default_factory=dict)


@dataclass(frozen=True)
class Seen:
    """The last frame has been taken; the slot is free for another."""


@dataclass(frozen=True)
class Ask:
    """Answer one question, once: a probe to measure, the name of a split to evaluate, or something about the data.

    An `Inquiry` takes long: notices say how far it has got until the answer comes, and `Cancel` gives it up.
    """

    id: int
    question: Probe | Question | Inquiry | str


@dataclass(frozen=True)
class Cancel:
    """Give up the question with this number; the reply says so."""

    id: int


@dataclass(frozen=True)
class Quit:
    """End the Lab's thread."""


Order = Load | Play | Pause | Step | Stop | Pace | Reset | Set | Watch | Seen | Ask | Cancel | Quit


# -- frames and notices: Lab to window ---------------------------------------------------------------------------


@dataclass(frozen=True)
class Frame:
    """What the watched probes answered, by the name of whoever asked, after `step` steps."""

    run: int
    step: int
    answers: Mapping[str, Any]
    measured: float = 0.0
    """When that was, by `time.monotonic`, which all processes of a machine share."""


@dataclass(frozen=True)
class EngineReady:
    """The engine has imported and warmed up everything it needs."""

    seconds: float
    devices: tuple[str, ...]


@dataclass(frozen=True)
class Reading:
    """The data are being read and prepared: how much of that is done, from 0 to 1."""

    run: int
    share: float


@dataclass(frozen=True)
class FactsFound:
    """The data has been read; this is what it holds, how it was read, and what is wrong with it."""

    run: int
    facts: DataFacts
    remarks: tuple[Sentence, ...] = ()
    problems: tuple[Sentence, ...] = ()


@dataclass(frozen=True)
class Loaded:
    """The experiment has been taken: what it runs on and where it stands."""

    run: int
    device: str
    threads: int
    steps_per_epoch: int
    step: int
    """Steps already behind it: 0, or more where an edit or a checkpoint kept them."""
    memory: int = 0
    """Bytes of memory that the device has of its own; 0 where it shares the machine's."""


@dataclass(frozen=True)
class StateChanged:
    """The run is now in this state (a key of `STATES`)."""

    run: int
    state: str
    until: int = 0
    """The step at which the planned epochs are over."""


@dataclass(frozen=True)
class Losses:
    """The losses of consecutive steps: `values[0]` belongs to step `first`."""

    run: int
    first: int
    values: np.ndarray[Any, Any]
    seconds: float
    """Seconds of training so far, pauses left out."""


@dataclass(frozen=True)
class Evaluated:
    """How well the network did on a split after `step` steps."""

    run: int
    step: int
    split: str
    metrics: Mapping[str, float]


@dataclass(frozen=True)
class Failed:
    """Something went wrong: at which node (empty: none in particular), what to tell the reader, and the details."""

    run: int
    node: str
    sentence: Sentence
    traceback: str = ""


@dataclass(frozen=True)
class Underway:
    """How much of a question that takes long is done, from 0 to 1, after how many seconds, and what is known by now."""

    id: int
    share: float
    seconds: float
    partial: Any = None


@dataclass(frozen=True)
class Replied:
    """The answer to `Ask`, or why there is none."""

    id: int
    answer: Any = None
    failure: Sentence | None = None


@dataclass(frozen=True)
class Saved:
    """A checkpoint of the run lies in this file."""

    run: int
    step: int
    path: str


Notice = (
    EngineReady
    | Reading
    | FactsFound
    | Loaded
    | StateChanged
    | Losses
    | Evaluated
    | Failed
    | Underway
    | Replied
    | Saved
)
