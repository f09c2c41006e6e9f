"""A system in closed loop: the network is fed its own predictions, and its path is drawn beside the true one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from playground.declare import choice, integer
from playground.experiment import Experiment
from playground.probes import Probe, Subject
from playground.probes._series import Forecasting, Runs, examples_of, forecast_in, is_series, kept, runs_of, values_in
from playground.text import note

if TYPE_CHECKING:
    import numpy as np

    Array = np.ndarray[Any, Any]

LONGEST = 500
"""Steps that are gone through at most."""

OTHERS = 15
"""Trajectories besides the chosen one that the usual error is measured on."""

FARTHEST = 1e9
"""What goes beyond this will never come back, and cannot be drawn."""

LARGEST_WORK = 2_000_000_000
"""Multiply-accumulates that one answer may cost; a longer way is not gone to its end."""


@dataclass(frozen=True)
class PhasePortraitAnswer:
    """Where the true path goes and where the network goes by itself, float32, in the units of the data.

    Both, `true` and `rolled` (steps + 1, quantities), begin with the last state of the window at `index`; what the
    network says next goes into its window, and so on. Where it goes beyond all numbers, `rolled` is NaN.

    `errors` (steps,) is how far apart they are after each step, `usual` (steps,) the median of that over trajectories
    of the split, each from its beginning; NaN where none is so long. `apart` is how far two states lie apart that are
    drawn from the split by chance: farther than that no good forecast can be.
    """

    axis_names = {
        "true": ("step", "variable=names"),
        "rolled": ("step", "variable=names"),
        "errors": ("step",),
        "usual": ("step",),
    }

    step: int
    split: str
    splits: tuple[str, ...]
    index: int
    count: int
    begins: tuple[int, int]
    """The number of the window at which the trajectory begins, and that of the next one's."""
    names: tuple[str, ...]
    true: Array
    rolled: Array
    errors: Array
    usual: Array
    apart: float


class PhasePortrait(Probe):
    """Lets the network go on by itself from a true beginning, and compares where it goes with the truth."""

    key = "phase_portrait"
    title = note("Phase portrait")
    icon = "mdi6.butterfly-outline"
    rate = 1.0
    split: str = choice("test", choices=("test", "validation", "train"), help="Whose trajectories are gone through")
    index: int = integer(0, high=2**31 - 1, help="The window from which on the network goes on by itself")

    @classmethod
    def suits(cls, experiment: Experiment) -> bool:
        return is_series(experiment) and getattr(experiment.source, "ahead", 1) == 1

    def measure(self, subject: Subject) -> PhasePortraitAnswer | None:
        """Roll out the chosen trajectory together with others; None where the next state is not all that goes in."""
        import numpy as np

        found = forecast_in(subject)
        some = examples_of(subject.data, self.split)
        if found is None or some is None or not closes(subject, found):
            return None
        split, examples = some
        windows = examples.inputs[found.field]
        notes = kept(subject, "phase_portrait", subject.data)
        if split not in notes:
            notes[split] = runs_of(windows), found.scale * _apart(windows[:, -1, list(found.past)])
        runs, apart = notes[split]
        index = self.index % len(examples)
        begin, end = runs.around(index)
        starts = [index, *_others(runs)]
        ways = [self._true(windows, runs, at, found) for at in starts]
        longest = max(map(len, ways))
        afford = max(20, LARGEST_WORK // (max(subject.report.macs, 1) * len(starts)))
        rolled = self._rolled(subject, found, windows[starts], min(longest - 1, afford, LONGEST))
        errors = np.full((len(starts), rolled.shape[1] - 1), np.nan)
        for k, way in enumerate(ways):
            n = min(len(way), rolled.shape[1])
            errors[k, : n - 1] = np.linalg.norm(rolled[k, 1:n].astype(np.float64) - way[1:n], axis=1)
        n = min(len(ways[0]), rolled.shape[1])
        return PhasePortraitAnswer(
            subject.number,
            split,
            tuple(name for name in ("test", "validation", "train") if subject.data.splits.get(name)),
            index,
            len(examples),
            (begin, end),
            found.names,
            found.in_units(ways[0][:n]).astype(np.float32),
            found.in_units(rolled[0, :n]).astype(np.float32),
            (errors[0, : n - 1] * found.scale).astype(np.float32),
            (_median(errors[1:] if len(starts) > 1 else errors)[: n - 1] * found.scale).astype(np.float32),
            float(apart),
        )

    @staticmethod
    def _true(windows: Array, runs: Runs, at: int, found: Forecasting) -> Array:
        """Return the true states (steps + 1, quantities) from the last of a window to the end of its trajectory."""
        import numpy as np

        _, end = runs.around(at)
        path = values_in(windows, at, end)[windows.shape[1] - 1 :]
        return np.asarray(path[: LONGEST + 1, list(found.past)])

    @staticmethod
    def _rolled(subject: Subject, found: Forecasting, windows: Array, steps: int) -> Array:
        """Feed the network what it says: (starts, steps + 1, quantities), NaN from where it is lost for ever."""
        import numpy as np

        order = list(found.past)
        states = [windows[:, -1, order]]
        for _ in range(steps):
            said = subject.look({found.field: windows}, [found.output])[found.output].to("cpu").numpy()
            state = found.answers(said)[:, 0].astype(np.float32)
            states.append(state)
            new = np.empty_like(windows[:, :1])
            new[:, 0, order] = np.clip(np.nan_to_num(state), -FARTHEST, FARTHEST)
            windows = np.concatenate([windows[:, 1:], new], axis=1)
        made = np.stack(states, axis=1)
        gone = np.logical_or.accumulate(~(np.abs(made) < FARTHEST).all(axis=2), axis=1)
        made[gone] = np.nan
        return made


def closes(subject: Subject, found: Forecasting) -> bool:
    """Whether the next state is predicted, all of it, so that it can go in again."""
    features = int(subject.data.facts.inputs[found.field].features)
    return found.first == 1 and sorted(found.past) == list(range(features))


def _others(runs: Runs) -> list[int]:
    """Return the beginnings of some trajectories, spread over all; of a single one places along it."""
    import numpy as np

    if len(runs.begins) > 1:
        chosen = np.linspace(0, len(runs.begins) - 1, min(OTHERS, len(runs.begins))).round().astype(int)
        return [int(at) for at in runs.begins[chosen]]
    return [int(at) for at in np.linspace(0, runs.end // 2, min(OTHERS, max(1, runs.end // 2)), dtype=int)]


def _median(errors: Array) -> Array:
    """Return the median at each step over those that have come so far; NaN where none has."""
    import numpy as np

    there = np.isfinite(errors)
    filled = np.sort(np.where(there, errors, np.inf), axis=0)
    many = there.sum(axis=0)
    low, high = np.maximum(many - 1, 0) // 2, many // 2
    columns = np.arange(errors.shape[1])
    found: Array = (filled[low, columns] + filled[np.minimum(high, len(errors) - 1), columns]) / 2
    found[many == 0] = np.nan
    return found


def _apart(states: Array) -> float:
    """Return how far apart two states are that are drawn by chance: the root of the mean square."""
    import numpy as np

    return float(np.sqrt(2 * states.var(axis=0, dtype=np.float64).sum()))
