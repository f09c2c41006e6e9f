"""What probes of forecasts share: which Output forecasts what, windows put together to series, the season they have.

It holds no probe of its own; importing it does nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from playground.experiment import Experiment

if TYPE_CHECKING:
    import numpy as np

    from playground.data import Data, Examples
    from playground.probes import Subject

    Array = np.ndarray[Any, Any]

LEAST_LIKENESS = 0.3
"""How alike a series must be to itself one season later: the correlation."""

LEAST_DIP = 0.1
"""By how much it must be less alike in between, or it only changes slowly."""

SAMPLED = 20_000
"""Steps of a series in which the season is looked for: the last ones."""


class Forecasting(NamedTuple):
    """An Output that forecasts: its node, its target, the input of windows, what is predicted.

    `first` steps later, `steps` of them in a row, of each of the quantities whose `names` these are; `past` says which
    features of the input they are, nothing where they are none. ``values · scale + shift`` is in the units of the data.
    """

    output: str
    target: str
    field: str
    first: int
    steps: int
    past: tuple[int, ...]
    names: tuple[str, ...]
    shift: float
    scale: float

    def in_units(self, values: Any) -> Any:
        """Bring numbers, as the network has them, into the units of the data."""
        return values * self.scale + self.shift

    def answers(self, values: Array) -> Array:
        """Lay out answers (n, steps × quantities) as (n, steps, quantities)."""
        return values.reshape(len(values), self.steps, -1)


def is_series(experiment: Experiment) -> bool:
    """Whether the data are a series of which later values are predicted."""
    source = experiment.source
    return "horizon" in source.parameters and bool(getattr(source, "window", 0))


def forecast_in(subject: Subject) -> Forecasting | None:
    """Return what is forecast in a run, if anything is."""
    data, ahead = subject.data, subject.data.ahead
    if ahead is None or len(data.facts.inputs) != 1:
        return None
    (field,) = data.facts.inputs
    for id, block in subject.report.outputs.items():
        target = data.facts.targets.get(block.target)
        if block.task != "regression" or target is None or target.is_class:
            continue
        count = target.shape.count // ahead.steps
        known = data.facts.names.get(field, ())
        names = tuple(known[k] for k in ahead.past) if known and ahead.past else (block.target,) * count
        shift, scale = data.scaled.get(block.target, (0.0, 1.0))
        return Forecasting(id, block.target, field, ahead.first, ahead.steps, ahead.past, names, shift, scale)
    return None


class Runs(NamedTuple):
    """How windows follow each other: `begins`, the first of each run of windows one step apart, and how many."""

    begins: Array
    end: int

    def around(self, index: int) -> tuple[int, int]:
        """Return the first window of the run that one belongs to, and the one after its last."""
        import numpy as np

        at = int(np.searchsorted(self.begins, index, side="right")) - 1
        end = int(self.begins[at + 1]) if at + 1 < len(self.begins) else self.end
        return int(self.begins[at]), end

    @property
    def longest(self) -> tuple[int, int]:
        """The first window of the longest run, and the one after its last."""
        import numpy as np

        ends = np.append(self.begins[1:], self.end)
        at = int(np.argmax(ends - self.begins))
        return int(self.begins[at]), int(ends[at])


def runs_of(windows: Array) -> Runs:
    """Find where windows (n, steps, features) do not go on where the one before ended; of one step they always do."""
    import numpy as np

    if windows.shape[1] < 2:
        return Runs(np.zeros(1, dtype=np.int64), len(windows))
    goes_on = (windows[1:, :-1] == windows[:-1, 1:]).all(axis=(1, 2))
    return Runs(np.concatenate([[0], np.flatnonzero(~goes_on) + 1]), len(windows))


def values_in(windows: Array, begin: int, end: int) -> Array:
    """Put the windows of a run together to what they were cut from: (steps, features), the first window's first."""
    import numpy as np

    return np.concatenate([windows[begin, :-1], windows[begin:end, -1]])


def season_of(values: Array) -> int:
    """Return after how many steps a series (steps,) comes back to itself, 0 where it does not.

    It is the first lag at which it is as alike to itself as nowhere around, after it has been less alike: the first
    distinct peak of the autocorrelation, what rises or falls along the whole series taken away.
    """
    import numpy as np

    values = values[-SAMPLED:].astype(np.float64)
    n = len(values)
    if n < 8 or not np.isfinite(values).all():
        return 0
    along = np.arange(n) - (n - 1) / 2
    values = values - values.mean()
    values = values - along * (along @ values) / (along @ along)
    if values.std() <= 1e-9:
        return 0
    spectrum = np.fft.rfft(values, 2 * n)
    raised = np.fft.irfft(np.square(np.abs(spectrum)))[: n // 3 + 2]
    likeness = raised / raised[0] * (n / (n - np.arange(len(raised))))  # of fewer pairs each
    lowest = np.minimum.accumulate(likeness)
    inner = likeness[1:-1]
    peaks = (inner >= likeness[:-2]) & (inner > likeness[2:]) & (inner >= LEAST_LIKENESS)
    peaks &= inner - lowest[1:-1] >= LEAST_DIP
    found = np.flatnonzero(peaks) + 1
    found = found[found >= 2]
    if not len(found):
        return 0
    # Two seasons later it is as alike again, and noise makes small peaks beside each large one: of those that are
    # nearly as high as the highest, the first counts, or what is higher close behind it.
    first = int(found[likeness[found] >= likeness[found].max() - LEAST_DIP][0])
    return first + int(likeness[first : first + first // 2 + 1].argmax())


def kept(subject: Subject, key: str, data: Data) -> dict[Any, Any]:
    """Return what was found out of these data so far; nothing after others have been read."""
    notes = subject.notes.get(key)
    if notes is None or notes["data"] is not data:
        notes = subject.notes[key] = {"data": data}
    found: dict[Any, Any] = notes
    return found


def examples_of(data: Data, split: str) -> tuple[str, Examples] | None:
    """Return the examples of a split; one that holds nothing gives way to what validates, then to what trains."""
    for name in (split, "validation", "train"):
        if examples := data.splits.get(name):
            return name, examples
    return None
