"""How well a series is forecast: the forecast beside what came, and both beside forecasts that anybody could make."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from playground.declare import choice, integer
from playground.experiment import Experiment
from playground.probes import Probe, Subject
from playground.probes._held_out import answered
from playground.probes._series import (
    Forecasting,
    Runs,
    examples_of,
    forecast_in,
    is_series,
    kept,
    runs_of,
    season_of,
    values_in,
)
from playground.text import note

if TYPE_CHECKING:
    import numpy as np

    from playground.data import Examples

    Array = np.ndarray[Any, Any]

SHOWN = 120
"""Windows, one step apart, of which the forecast is shown."""

NETWORK, LAST, SEASON = "network", "last", "season"
"""Who forecasts: the network; the last value, repeated; the value one season before."""


@dataclass(frozen=True)
class ForecastAnswer:
    """A stretch of a series with what is forecast of it, float32, in the units of the data.

    `times` (n,) are the steps at which each of the windows in it ends, counted from the first of the split; between
    windows that do not follow each other lies a gap, and NaN in everything. `truth` and each of `lines` (n,), by who
    forecasts, are of the step `ahead` steps later.

    The first window is the one at `index`: `past` (window,) is what it holds, `came` (steps,) what came then, and
    `fan` what the network forecasts, from `first` steps later on.

    `errors` (steps,) are root mean squares over the split, one for each step that is forecast, by who forecasts.
    """

    axis_names = {
        "times": ("window",),
        "truth": ("window",),
        "lines": ("window",),
        "past": ("step",),
        "came": ("step",),
        "fan": ("step",),
        "errors": ("step",),
    }

    step: int
    split: str
    splits: tuple[str, ...]
    index: int
    count: int
    name: str
    names: tuple[str, ...]
    ahead: int
    first: int
    times: Array
    truth: Array
    lines: Mapping[str, Array]
    past: Array
    came: Array
    fan: Array
    errors: Mapping[str, Array] = field(default_factory=dict)
    season: int = 0


class Forecast(Probe):
    """Shows the forecast of a series beside what came, and how far off it is."""

    key = "forecast"
    title = note("Forecast")
    icon = "mdi6.chart-timeline-variant-shimmer"
    rate = 5.0
    split: str = choice("validation", choices=("validation", "test", "train"), help="Which part of the series is shown")
    index: int = integer(0, high=2**31 - 1, help="The window at which the picture begins")
    ahead: int = integer(0, high=100_000, help="Which of the steps that are forecast the curves show, from 0")
    quantity: int = integer(0, high=10_000, help="Which of several quantities is shown, from 0")

    @classmethod
    def suits(cls, experiment: Experiment) -> bool:
        return is_series(experiment)

    def measure(self, subject: Subject) -> ForecastAnswer | None:
        """Forecast a stretch of the series, and as much of all of it as can be afforded."""
        import numpy as np

        found = forecast_in(subject)
        some = examples_of(subject.data, self.split)
        if found is None or some is None:
            return None
        split, examples = some
        quantity, ahead = self.quantity % len(found.names), self.ahead % found.steps
        known = _Known.of(subject, found, split, examples, quantity)
        index = self.index % len(examples)
        shown = np.arange(index, min(index + SHOWN, len(examples)))
        stretch = examples.take(shown)
        said = subject.look(stretch.inputs, [found.output])[found.output].to("cpu").numpy()
        network = found.answers(said)[:, :, quantity]
        came = found.answers(stretch.targets[found.target])[:, :, quantity]
        lines = {NETWORK: network[:, ahead], **known.naive(shown, ahead)}
        times, breaks = known.times(shown)
        window = known.past(index)
        return ForecastAnswer(
            subject.number,
            split,
            tuple(name for name in ("validation", "test", "train") if subject.data.splits.get(name)),
            index,
            len(examples),
            found.names[quantity],
            found.names,
            found.first + ahead,
            found.first,
            _broken(times, breaks),
            _broken(found.in_units(came[:, ahead]), breaks),
            {who: _broken(found.in_units(line), breaks) for who, line in lines.items()},
            found.in_units(window).astype(np.float32),
            found.in_units(came[0]).astype(np.float32),
            found.in_units(network[0]).astype(np.float32),
            self._errors(subject, found, examples, known),
            known.season,
        )

    def _errors(self, subject: Subject, found: Forecasting, examples: Examples, known: _Known) -> dict[str, Array]:
        """Measure the network on what can be afforded; the others were measured on all."""
        import numpy as np

        sums, n = np.zeros(found.steps), 0
        for batch, seen in answered(subject, examples, [found.output]):
            said = found.answers(seen[found.output].to("cpu").numpy())[:, :, known.quantity].astype(np.float64)
            sums += np.square(said - found.answers(batch.targets[found.target])[:, :, known.quantity]).sum(axis=0)
            n += len(batch)
        return {NETWORK: (np.sqrt(sums / n) * found.scale).astype(np.float32), **known.errors}


class _Known:
    """What does not change while a network learns: how the windows of a split lie, and what naive forecasts make."""

    def __init__(self, found: Forecasting, examples: Examples, quantity: int, season: int) -> None:
        self.quantity, self._found = quantity, found
        self._windows = examples.inputs[found.field]
        self._truth = found.answers(examples.targets[found.target])[:, :, quantity]
        self._column = found.past[quantity] if found.past else None
        self.runs: Runs = runs_of(self._windows)
        self.season = season if self._reaches(season) else 0
        self.errors = self._measured()

    @classmethod
    def of(cls, subject: Subject, found: Forecasting, split: str, examples: Examples, quantity: int) -> _Known:
        """Return what is known of a split, found out once."""
        notes = kept(subject, "forecast", subject.data)
        if (split, quantity) not in notes:
            if ("season", quantity) not in notes:
                notes["season", quantity] = _season(subject, found, quantity)
            notes[split, quantity] = cls(found, examples, quantity, notes["season", quantity])
        known: _Known = notes[split, quantity]
        return known

    def naive(self, windows: Array, ahead: int) -> dict[str, Array]:
        """Return what the naive forecasts say after these windows, of one of the steps."""
        if self._column is None:
            return {}
        made = {LAST: self._windows[windows, -1, self._column]}
        if self.season:
            made[SEASON] = self._season_before(windows, ahead)
        return made

    def times(self, windows: Array) -> tuple[Array, Array]:
        """Return when windows end, and before which of them a gap lies: as long as nothing of both is the same."""
        import numpy as np

        later = np.searchsorted(self.runs.begins, windows, side="right") - 1
        gap = self._windows.shape[1] + self._found.first + self._found.steps
        return windows + later * gap, np.flatnonzero(np.diff(later)) + 1

    def past(self, window: int) -> Array:
        """Return what a window holds of what is forecast; nothing where that does not go in."""
        import numpy as np

        if self._column is None:
            return np.zeros(0, dtype=np.float32)
        return np.asarray(self._windows[window, :, self._column])

    def _season_before(self, windows: Array, ahead: int) -> Array:
        """Return the last known values that lie whole seasons before those to be forecast; NaN where none is known."""
        import numpy as np

        later = self._found.first + ahead
        back = -(-later // self.season) * self.season - later  # from the last value of the window
        length = self._windows.shape[1]
        if back < length:
            inside: Array = self._windows[windows, length - 1 - back, self._column]
            return inside
        before = windows - (back - length + 1)
        begins = self.runs.begins[np.searchsorted(self.runs.begins, windows, side="right") - 1]
        earlier = self._windows[np.maximum(before, 0), 0, self._column]
        return np.where(before >= begins, earlier, np.nan)

    def _reaches(self, season: int) -> bool:
        """Whether most windows of the split lie so far behind a beginning that the season before is known."""
        import numpy as np

        if self._column is None or not season:
            return False
        ends = np.append(self.runs.begins[1:], self.runs.end)
        lost = max(0, season - self._windows.shape[1])
        return bool(2 * np.minimum(ends - self.runs.begins, lost).sum() <= self.runs.end)

    def _measured(self) -> dict[str, Array]:
        """Return how far off the naive forecasts are over the whole split, step by step."""
        import numpy as np

        sums: dict[str, list[float]] = {}
        everything = np.arange(len(self._windows))
        for ahead in range(self._found.steps):
            for who, line in self.naive(everything, ahead).items():
                apart = np.square(line.astype(np.float64) - self._truth[:, ahead])
                apart = apart[np.isfinite(apart)]
                sums.setdefault(who, []).append(float(apart.mean()) if len(apart) else float("nan"))
        return {who: (np.sqrt(some) * self._found.scale).astype(np.float32) for who, some in sums.items()}


def _season(subject: Subject, found: Forecasting, quantity: int) -> int:
    """Find the season in the longest stretch without a gap of what trains."""
    train = subject.data.splits.get("train")
    if not train or not found.past:
        return 0
    windows = train.inputs[found.field]
    return season_of(values_in(windows, *runs_of(windows).longest)[:, found.past[quantity]])


def _broken(values: Array, breaks: Array) -> Array:
    """Put NaN between what does not follow each other, so that no line is drawn there."""
    import numpy as np

    return np.insert(values.astype(np.float32), breaks, np.nan)
