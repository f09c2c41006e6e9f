"""The question of the panel that explains a step: which stop, which number, which moment, which example."""

from __future__ import annotations

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from playground.picture import Picture  # noqa: E402
from playground.probes import LARGEST_ANSWER  # noqa: E402
from playground.probes.explain import Explain  # noqa: E402
from playground.training import Trainer  # noqa: E402
from tests.examples import preset, small  # noqa: E402
from tests.filled import holds  # noqa: E402


def at(run, phase, node, **asked):
    """Ask of a stop by its name."""
    stages = Explain(moment=asked.get("moment", 0)).measure(run).stages
    (k,) = [k for k, stage in enumerate(stages) if (stage.phase, stage.node) == (phase, node)]
    return Explain(stage=k, **asked).measure(run)


def trained(experiment, steps=3):
    run = Trainer(experiment, device="cpu")
    for _ in run.steps(steps):
        pass
    return run


def test_the_stops_go_forward_to_the_loss_back_and_through_the_updates():
    answer = Explain().measure(trained(small()))
    told = [(stage.phase, stage.node) for stage in answer.stages]
    assert told == [
        *(("forward", node) for node in ("input_1", "dense_1", "tanh_1", "dense_2")),
        ("loss", "output_1"),
        *(("backward", node) for node in ("output_1", "dense_2", "tanh_1", "dense_1")),
        *(("update", node) for node in ("dense_1", "dense_2")),
    ]
    assert all(stage.by_hand for stage in answer.stages)
    assert answer.stages[6].of == ("x", "weight", "bias") and answer.stages[-1].of == ("weight", "bias")


def test_a_wished_number_is_told_and_what_is_out_of_reach_is_brought_within():
    run = trained(small())
    answer = at(run, "backward", "dense_1", of="weight", entry="2, 1")
    assert (answer.of, answer.entry, answer.shape) == ("weight", (2, 1), (4, 2))
    assert answer.told.lines[-1].symbol == "∂L/∂w₃₂"
    assert at(run, "backward", "dense_1", of="weight", entry="99,-3").entry == (3, 0)
    for nonsense in ("x", "1,2,3", ",", "1.5"):
        found = at(run, "backward", "dense_1", of="weight", entry=nonsense)
        assert found.entry == answer_of_largest(run)
    assert at(run, "forward", "dense_1", of="nothing of the kind").of == "out"
    assert Explain(stage=999).measure(run).stage == 10


def answer_of_largest(run):
    found = at(run, "backward", "dense_1", of="weight")
    (grid,) = [grid for grid in found.told.grids if grid.entries is not None]
    assert abs(grid.values[found.entry]) == abs(grid.values).max()
    return found.entry


def test_at_the_end_the_predicted_class_is_looked_at_and_at_the_loss_the_right_one():
    run = trained(preset("lenet"), 2)
    last = at(run, "forward", "dense_3", index=4)
    (grid,) = [grid for grid in last.told.grids if grid.entries is not None]
    assert last.entry == (int(grid.values.argmax()),)
    share = at(run, "loss", "output_1", of="p", index=4)
    assert last.label == share.label == str(share.entry[0])
    assert any(grid.columns == tuple("0123456789") for grid in share.told.grids)


def test_a_frozen_moment_stays_while_training_goes_on_and_zero_is_now():
    run = Trainer(small(), device="cpu")
    steps = run.steps(8)
    for _ in range(3):
        next(steps)
    first = at(run, "update", "dense_1", moment=7)
    live = at(run, "update", "dense_1")
    assert first.step == live.step == 3 and first.told.lines == live.told.lines
    for _ in range(4):
        next(steps)
    again = at(run, "update", "dense_1", moment=7)
    assert (again.step, again.told.lines, again.loss) == (3, first.told.lines, first.loss)
    other = Explain(moment=7, index=1).measure(run)
    assert other.step == 3 and other.loss != first.loss
    assert at(run, "update", "dense_1").step == 7 and at(run, "update", "dense_1").loss != first.loss
    assert Explain(moment=8).measure(run).step == 7


def test_only_the_newest_moments_are_kept():
    run = trained(small())
    for token in range(1, 6):
        Explain(moment=token).measure(run)
    assert list(run.notes["explain"]) == [4, 5]


def test_a_check_prints_three_numbers_that_agree():
    run = trained(small())
    answer = at(run, "backward", "dense_1", of="weight", check=True)
    three = answer.checked
    assert three.shown == answer.told.lines[-1].value
    assert three.autograd == pytest.approx(three.shown, rel=1e-10)
    assert three.difference == pytest.approx(three.shown, rel=1e-6)
    assert three.width == pytest.approx(1e-5)
    assert at(run, "forward", "dense_1", check=True).checked is None


def test_answers_are_small_enough_and_pass_the_pipe(size_of):
    run = trained(preset("lenet"), 1)
    stages = Explain(moment=1).measure(run).stages
    for k in range(len(stages)):
        for of in stages[k].of:
            answer = Explain(moment=1, stage=k, of=of).measure(run)
            assert size_of(answer) <= LARGEST_ANSWER
            assert all(holds(line) for line in answer.told.lines)


def test_typed_words_are_walked_forward_only():
    run = trained(preset("lstm-tagger"), 1)
    answer = Explain(words="the old singer lives here").measure(run)
    assert {stage.phase for stage in answer.stages} == {"forward"} and np.isnan(answer.loss)
    assert answer.label == "the old singer lives here"
    other = Explain().measure(run)
    assert {stage.phase for stage in other.stages} > {"forward", "loss"} and other.label != answer.label


def test_a_picture_of_ones_own_is_walked_forward_only():
    run = trained(preset("lenet"), 1)
    shape = run.data.facts.inputs[next(iter(run.data.facts.inputs))]
    drawn = Picture.of(np.full(shape.sizes, 200, dtype=np.uint8))
    answer = Explain(picture=drawn).measure(run)
    assert {stage.phase for stage in answer.stages} == {"forward"}
    assert np.ptp(answer.told.grids[0].values) == 0
    assert Explain(picture=Picture.of(np.zeros((1, 3, 3), dtype=np.uint8))).measure(run).label, "of another size"


def test_what_cannot_be_walked_is_said_and_there_are_no_stops():
    answer = Explain().measure(Trainer(preset("gan-points"), device="cpu"))
    assert answer.stages == () and "Two sides learn in turn" in str(answer.told.remark)
    assert np.isnan(answer.loss)
