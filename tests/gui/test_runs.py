"""Runs beside the present one: what is kept, how it is called and looks, and how groups lie apart."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations

import numpy as np
import pytest

from playground.blocks.activation import Sigmoid
from playground.experiment import Words
from playground.text import say
from tests.gui.fake_session import FakeSession, planar
from widgets.runs import MOST_RUNS
from widgets.runs.looks import DARK, DASHES, LIGHT
from widgets.runs.spread import spread
from widgets.theme import DARK as DARK_THEME
from widgets.theme import LIGHT as LIGHT_THEME


@pytest.fixture
def session(qapp):
    """A session with a title, whose runs are trained by nobody."""
    made = FakeSession(replace(planar(), title=Words("XOR")))
    made.added = []
    made.refused = []
    made.runs.companion.add = made.added.extend  # type: ignore[method-assign]
    made.runs.refused.connect(lambda sentence: made.refused.append(str(sentence)))
    return made


def edit(session, **changes):
    training = session.document.now.training
    session.document.edit(say("Edit"), training=training.replace(**changes))


def keep(session, values=(3.0, 2.0)):
    session.history.loss.cut(0)
    session.lose(values)
    return session.runs.keep()


# -- keeping -------------------------------------------------------------------------------------------------------


def test_a_kept_run_stays_as_it_was(session):
    session.history.marks.append((1, say("Connect")))
    session.evaluate("validation", "accuracy", {2: 0.5})
    run = keep(session)
    session.lose([1.0])
    session.restart()
    edit(session, seed=9)
    assert run.history.loss.values.tolist() == [3.0, 2.0] and run.history.latest("validation", "accuracy") == 0.5
    assert [str(name) for _, name in run.history.marks] == ["Connect"]
    assert run.experiment.training.seed != 9 and run.over and run.steps == 2
    assert run.parameters == session.document.report.parameters > 0


def test_nothing_cannot_be_kept_and_the_same_is_not_kept_twice(session):
    assert session.runs.keep() is None and "Play" in session.refused[0]
    first = keep(session)
    assert session.runs.keep() is first and len(session.runs.all) == 1


def test_names_say_what_tells_a_run_from_the_one_most_like_it(session):
    assert str(keep(session, [1]).name) == "XOR"
    edit(session, seed=3)
    assert str(keep(session, [2]).name) == "XOR, seed 3"
    optimiser = session.document.now.training.optimiser
    edit(session, optimiser=optimiser.replace(learning_rate=0.1))
    assert str(keep(session, [3]).name) == "XOR, learning rate 0.1"
    graph = session.document.now.graph
    session.document.edit(say("Edit"), graph=graph.configure("tanh_1", Sigmoid()))
    assert str(keep(session, [4]).name) == "XOR, tanh_1: Sigmoid"
    assert str(keep(session, [5]).name) == "XOR (2)"


def test_a_run_is_renamed_hidden_and_removed(session):
    run = keep(session)
    session.runs.rename(run, "  mine ")
    session.runs.rename(run, " ")
    assert run.name == "mine"
    session.runs.show(run, False)
    assert not run.shown
    session.runs.remove(run)
    assert session.runs.all == []


def test_every_look_is_another_until_a_run_is_gone(session):
    runs = [keep(session, [k, k]) for k in range(6)]
    assert [run.look for run in runs] == list(range(6))
    session.runs.remove(runs[2])
    assert keep(session, [99]).look == 2


def test_only_so_many_are_kept_and_those_nobody_asked_for_give_way(session):
    for k in range(MOST_RUNS - 1):
        keep(session, [k])
    session.history.loss.cut(0)
    session.lose([500.0])
    assert session.runs.keep(by_itself=True).by_itself
    last = keep(session, [1000.0])
    assert last in session.runs.all and len(session.runs.all) == MOST_RUNS
    assert not any(run.by_itself for run in session.runs.all)
    assert keep(session, [1001.0]) is None and str(MOST_RUNS) in session.refused[-1]


# -- training beside -------------------------------------------------------------------------------------------------


def test_several_seeds_are_one_group_and_differ_in_the_seed_only(session):
    edit(session, seed=7, threads=4)
    group = session.runs.train_seeds(3)
    assert str(group.name) == "XOR, 3 seeds" and session.runs.items == [group]
    members = session.runs.members(group)
    assert session.added == members
    assert [run.experiment.training.seed for run in members] == [7, 8, 9]
    assert [str(run.name) for run in members] == ["seed 7", "seed 8", "seed 9"]
    assert {run.experiment.training.threads for run in members} == {1} and {run.look for run in members} == {group.look}
    session.runs.remove(group)
    assert session.runs.all == []


def test_a_document_that_cannot_be_trained_says_why(session):
    graph = session.document.now.graph
    session.document.edit(say("Edit"), graph=graph.remove(["dense_2"]))
    assert session.runs.train_seeds(3) is None and session.runs.all == []
    assert session.refused and not session.added


def test_the_present_document_is_compared_as_it_was(session):
    run = session.runs.train(session.document.now, say("{title} (as it was)", title="XOR"))
    assert str(run.name) == "XOR (as it was)" and session.added == [run] and run.state == "waiting"


def test_a_run_given_up_before_its_first_step_is_gone_and_one_given_up_later_stays(session):
    first, second = (session.runs.train(session.document.now) for _ in range(2))
    first.history.loss.extend(np.ones(1), np.ones(1))
    session.runs.companion.waiting.extend([first, second])
    session.runs.cancel_all()
    assert session.runs.all == [first] and first.state == "stopped"


# -- spread ------------------------------------------------------------------------------------------------------------


def test_the_spread_reaches_from_the_lowest_to_the_highest_with_the_mean():
    steps = np.arange(1.0, 4.0)
    found = spread([(steps, np.array([1.0, 5.0, 3.0])), (steps, np.array([3.0, 1.0, 3.0]))])
    assert found.steps.tolist() == [1, 2, 3] and found.low.tolist() == [1, 1, 3] and found.high.tolist() == [3, 5, 3]
    assert found.mean.tolist() == [2, 3, 3]


def test_steps_that_not_all_have_reached_count_those_that_have():
    found = spread(
        [(np.array([1.0, 2.0, 3.0]), np.array([1.0, 2.0, 9.0])), (np.array([1.0, 2.0]), np.array([3.0, 4.0]))]
    )
    assert found.mean.tolist() == [2, 3, 9] and found.low.tolist() == [1, 2, 9]
    apart = spread([(np.array([1.0, 3.0]), np.array([1.0, 3.0])), (np.array([2.0]), np.array([7.0]))])
    assert apart.steps.tolist() == [1, 2, 3] and apart.high.tolist() == [1, 7, 3]
    assert len(spread([]).steps) == 0


def test_what_is_no_number_is_left_out_of_the_spread():
    steps = np.arange(1.0, 3.0)
    found = spread([(steps, np.array([np.nan, np.nan])), (steps, np.array([2.0, np.nan]))])
    assert found.low[0] == found.mean[0] == found.high[0] == 2.0 and np.isnan(found.mean[1])


# -- looks -----------------------------------------------------------------------------------------------------------

SEEN = {
    "all colours": np.eye(3),
    "no green": np.array(
        [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]]
    ),
    "no red": np.array(
        [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]]
    ),
}
"""How much of each light is seen by people with normal sight, deuteranopia and protanopia (Machado and others 2009)."""


def linear(colour):
    light = np.array([int(colour[k : k + 2], 16) / 255 for k in (1, 3, 5)])
    return np.where(light <= 0.04045, light / 12.92, ((light + 0.055) / 1.055) ** 2.4)


def perceived(light):
    """Oklab (Ottosson 2020), in which distances are as large as they look."""
    cones = [
        [0.4122214708, 0.5363325363, 0.0514459929],
        [0.2119034982, 0.6806995451, 0.1073969566],
        [0.0883024619, 0.2817188376, 0.6299787005],
    ]
    axes = [
        [0.2104542553, 0.7936177850, -0.0040720468],
        [1.9779984951, -2.4285922050, 0.4505937099],
        [0.0259040371, 0.7827717662, -0.8086757660],
    ]
    return np.array(axes) @ np.cbrt(np.array(cones) @ np.clip(light, 0, 1))


def contrast(one, other):
    high, low = sorted((linear(colour) @ [0.2126, 0.7152, 0.0722] for colour in (one, other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize(("colours", "theme"), [(DARK, DARK_THEME), (LIGHT, LIGHT_THEME)], ids=["dark", "light"])
@pytest.mark.parametrize("sight", SEEN)
def test_colours_of_runs_are_told_apart_by_everybody(colours, theme, sight):
    all = [*colours, theme.training, theme.validation]
    for one, other in combinations(all, 2):
        if {one, other} == {theme.training, theme.validation}:
            continue
        apart = np.linalg.norm(np.subtract(*(perceived(SEEN[sight] @ linear(colour)) for colour in (one, other))))
        assert apart > 0.11, (one, other)
    assert all and min(contrast(colour, theme.panel) for colour in colours) >= 4.5


def test_no_two_of_all_runs_that_there_can_be_look_alike():
    looks = {(k % len(DARK), k % len(DASHES)) for k in range(MOST_RUNS)}
    assert len(looks) == MOST_RUNS and len(DARK) == len(LIGHT)
