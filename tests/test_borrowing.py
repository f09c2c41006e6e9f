"""Beginning with the weights of a trained project: what is taken when, and what is in the way."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from playground import messages  # noqa: E402
from playground.blocks.activation import Tanh  # noqa: E402
from playground.blocks.dense import Dense  # noqa: E402
from playground.blocks.normalisation import BatchNorm  # noqa: E402
from playground.checkpoint import capture  # noqa: E402
from playground.experiment import Experiment, Start  # noqa: E402
from playground.probes.weights import Weights  # noqa: E402
from playground.project import Record, write_project  # noqa: E402
from playground.text import Refusal  # noqa: E402
from playground.training import Trainer  # noqa: E402
from playground.transfer import look_into, offers, take  # noqa: E402
from tests.examples import eventually, small  # noqa: E402
from tests.test_lab import Told  # noqa: E402

DEEP = (Dense(units=4), Tanh(), Dense(units=4), Tanh())


def trained(path: Path, experiment: Experiment, steps: int = 20) -> dict[str, np.ndarray[Any, Any]]:
    """Train an experiment, write it as a project, and return its weights."""
    run = Trainer(replace(experiment, training=experiment.training.replace(seed=77)), device="cpu")
    for _ in run.steps(steps):
        pass
    write_project(path, experiment, capture(run).to_bytes(), Record())
    return {name: value.numpy().copy() for name, value in run.network.state_dict().items()}


@pytest.fixture
def told() -> Iterator[Told]:
    made = Told()
    made.lab.start()
    yield made
    assert made.lab.close()


class Asking:
    """Asks a Lab for weights, each time as another question."""

    def __init__(self, told: Told) -> None:
        self.told, self.id = told, 100

    def __call__(self, node: str) -> np.ndarray[Any, Any]:
        self.id += 1
        reply = self.told.asked(Weights(node=node), id=self.id)
        assert reply.failure is None, reply.failure
        return reply.answer.weights["weight"]


def begun(told: Told, experiment: Experiment, steps: int = 10) -> Told:
    told.load(experiment).post(messages.Step(steps)).until("paused")
    return told


def edited(told: Told, experiment: Experiment, steps: int, **options: Any) -> None:
    """Load an edit of what runs and wait until it goes on from the same step."""
    before = len(told.all(messages.Loaded))
    told.load(experiment, keep=True, **options)
    loaded = eventually(lambda: told.all(messages.Loaded)[before:])
    assert [one.step for one in loaded] == [steps]


def stepped(told: Told, steps: int, upto: int) -> None:
    told.post(messages.Step(steps))
    eventually(lambda: len(told.losses) == upto and told.state == "paused")


# -- the Trainer -------------------------------------------------------------------------------------------------


def test_all_that_matches_a_project_is_taken_with_what_batch_normalisation_counted(tmp_path: Path) -> None:
    experiment = small(Dense(units=4), BatchNorm(), Tanh())
    theirs = trained(tmp_path / "t.zip", experiment)
    project = look_into(tmp_path / "t.zip")
    report = Trainer(experiment, device="cpu").report
    nodes = {offer.node.id: offer.fits[0] for offer in offers(report, project) if offer.same}
    assert set(nodes) == {"dense_1", "norm_1", "dense_2"}
    run = Trainer(take(experiment, project, nodes, {"dense_1": True}), device="cpu")
    for name, value in run.network.state_dict().items():
        assert np.array_equal(value.numpy(), theirs[name]), name
    assert theirs["norm_1.num_batches_tracked"] == 20
    for _ in run.steps(5):
        pass
    assert np.array_equal(run.network.dense_1.weight.detach().numpy(), theirs["dense_1.weight"]), "it is frozen"
    assert not np.array_equal(run.network.dense_2.weight.detach().numpy(), theirs["dense_2.weight"])


def test_what_is_set_by_hand_after_taking_stays(tmp_path: Path) -> None:
    theirs = trained(tmp_path / "t.zip", small())
    start = Start(str(tmp_path / "t.zip"), {"dense_1": "dense_1"})
    graph = small().graph.mark("dense_1", weights={"bias": (9.0, 9.0, 9.0, 9.0)})
    run = Trainer(replace(small(), graph=graph, start=start), device="cpu")
    assert run.network.dense_1.bias.tolist() == [9.0] * 4
    assert np.array_equal(run.network.dense_1.weight.detach().numpy(), theirs["dense_1.weight"])


def test_a_project_that_was_moved_is_told_with_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(Refusal, match=r"weights from gone\.zip, and there is no such file: put it back into /"):
        Trainer(replace(small(), start=Start(str(tmp_path / "gone.zip"), {"dense_1": "dense_1"})))


def test_a_node_that_is_no_longer_there_is_in_nobodys_way(tmp_path: Path) -> None:
    trained(tmp_path / "t.zip", small(*DEEP))
    Trainer(replace(small(), start=Start(str(tmp_path / "t.zip"), {"dense_9": "dense_2"})), device="cpu")


# -- the Lab -----------------------------------------------------------------------------------------------------


def test_a_run_takes_weights_at_once_keeps_the_rest_and_takes_them_again_after_reset(
    told: Told, tmp_path: Path
) -> None:
    theirs = trained(tmp_path / "t.zip", small(*DEEP))
    asked = Asking(begun(told, small(*DEEP)))
    before = {node: asked(node) for node in ("dense_1", "dense_2", "dense_3")}
    taking = replace(small(*DEEP), start=Start(str(tmp_path / "t.zip"), {"dense_1": "dense_1"}))
    edited(told, taking, 10)
    assert np.array_equal(asked("dense_1"), theirs["dense_1.weight"])
    assert not np.array_equal(before["dense_1"], theirs["dense_1.weight"])
    for node in ("dense_2", "dense_3"):
        assert np.array_equal(asked(node), before[node]), "the others go on"
    stepped(told, 10, upto=20)
    assert not np.array_equal(asked("dense_1"), theirs["dense_1.weight"])
    told.post(messages.Reset(2)).until("ready")
    assert np.array_equal(asked("dense_1"), theirs["dense_1.weight"])
    assert not np.array_equal(asked("dense_2"), before["dense_2"])


def test_what_was_taken_earlier_goes_on_when_more_is_taken_or_given_up_or_renamed(told: Told, tmp_path: Path) -> None:
    theirs = trained(tmp_path / "t.zip", small(*DEEP))
    start = Start(str(tmp_path / "t.zip"), {"dense_1": "dense_1"})
    asked = Asking(begun(told, replace(small(*DEEP), start=start)))
    learnt = asked("dense_1")
    assert not np.array_equal(learnt, theirs["dense_1.weight"])

    more = replace(start, nodes={"dense_1": "dense_1", "dense_2": "dense_2"})
    edited(told, replace(small(*DEEP), start=more), 10)
    assert np.array_equal(asked("dense_1"), learnt)
    assert np.array_equal(asked("dense_2"), theirs["dense_2.weight"])

    edited(told, replace(small(*DEEP), start=more.without(["dense_2"])), 10)
    assert np.array_equal(asked("dense_1"), learnt)
    assert np.array_equal(asked("dense_2"), theirs["dense_2.weight"]), "until Reset it keeps what it has"

    graph = small(*DEEP).graph.rename("dense_1", "hidden")
    moved = {"dense_1": "hidden"}
    edited(told, replace(small(*DEEP), graph=graph, start=start.renamed(moved)), 10, moved=moved)
    assert np.array_equal(asked("hidden"), learnt)


def test_a_project_that_is_gone_stops_nothing_but_play_and_nothing_is_lost(told: Told, tmp_path: Path) -> None:
    trained(tmp_path / "t.zip", small(*DEEP))
    asked = Asking(begun(told, small(*DEEP)))
    before = asked("dense_2")
    taking = replace(small(*DEEP), start=Start(str(tmp_path / "t.zip"), {"dense_1": "dense_1"}))
    (tmp_path / "t.zip").rename(tmp_path / "elsewhere.zip")
    told.load(taking, keep=True).post(messages.Play())
    failure = told.failure()
    assert (failure.node, failure.traceback) == ("", "")
    assert "there is no such file" in str(failure.sentence)
    told.until("failed")
    assert len(told.losses) == 10, "nothing was trained"
    (tmp_path / "elsewhere.zip").rename(tmp_path / "t.zip")
    edited(told, taking, 10)
    assert np.array_equal(asked("dense_2"), before)
    stepped(told, 1, upto=11)
