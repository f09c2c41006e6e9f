"""The figures of a run, of a group and of the present run, for a row of a table."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from playground.messages import STATES as PRESENT_STATES
from playground.text import Sentence, tr
from widgets.history import History
from widgets.panels.parts.run_lines import curve_of
from widgets.runs.run import STATES, Group, Run
from widgets.session import Session

PRESENT = "present"
"""Stands for the run of the window itself."""

Pair = tuple[float | None, float | None]
"""On the training examples and on those that validate."""


class Figures(NamedTuple):
    """What a row shows."""

    state: str
    training: bool
    parameters: int
    steps: int
    until: int
    loss: Pair
    metric: Pair
    seconds: float


def figures(held: Run | Group | str, session: Session, metric: str) -> Figures:
    """Return the figures of a run; of a group the means over its runs, and its seconds together."""
    if isinstance(held, Run):
        return _of_run(held, metric)
    if isinstance(held, Group):
        return _of_group([_of_run(run, metric) for run in session.runs.members(held)], held, session)
    history = session.history
    return Figures(
        str(Sentence(PRESENT_STATES[session.state])),
        session.state == "playing",
        session.document.report.parameters,
        session.step,
        session.until,
        _pair(history, "loss"),
        _pair(history, metric),
        session.seconds,
    )


def _of_run(run: Run, metric: str) -> Figures:
    state = str(run.problem) if run.problem is not None else str(Sentence(STATES[run.state]))
    training = run.state == "training"
    loss, found = _pair(run.history, "loss"), _pair(run.history, metric)
    return Figures(state, training, run.parameters, run.steps, run.until, loss, found, run.seconds)


def _of_group(found: list[Figures], group: Group, session: Session) -> Figures:
    runs = session.runs.members(group)
    over = sum(run.state == "finished" for run in runs)
    state = tr("{n} of {all} finished", n=over, all=len(runs))
    loss, metric = (_means(getattr(one, name) for one in found) for name in ("loss", "metric"))
    steps, until = max(one.steps for one in found), max(one.until for one in found)
    return Figures(
        state, over < len(runs), found[0].parameters, steps, until, loss, metric, sum(one.seconds for one in found)
    )


def _pair(history: History, metric: str) -> Pair:
    """Return the last value of each split; of the loss in training that of the last evaluation, if there was one."""
    train, validation = (curve_of(history, split, metric, every_step=False)[1] for split in ("train", "validation"))
    if metric == "loss" and not len(train):
        train = history.loss.values
    return (float(train[-1]) if len(train) else None, float(validation[-1]) if len(validation) else None)


def _means(pairs: Iterable[Pair]) -> Pair:
    columns = zip(*pairs, strict=True)
    train, validation = ([one for one in column if one is not None] for column in columns)
    return (sum(train) / len(train) if train else None, sum(validation) / len(validation) if validation else None)
