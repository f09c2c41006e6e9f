"""Checkpoints: a run goes on exactly where it was, and an edit keeps what it did not touch."""

from __future__ import annotations

from dataclasses import replace

import pytest

torch = pytest.importorskip("torch")

from safetensors.torch import save_file  # noqa: E402

from playground.blocks.activation import ReLU, Tanh  # noqa: E402
from playground.blocks.dense import Dense  # noqa: E402
from playground.checkpoint import Checkpoint, capture, restore  # noqa: E402
from playground.choices import SGD, Adam, AdamW, Cosine  # noqa: E402
from playground.data.planar import Circle  # noqa: E402
from playground.experiment import Start  # noqa: E402
from playground.files import read, write  # noqa: E402
from playground.graph import Wire  # noqa: E402
from playground.grouping import collapse  # noqa: E402
from playground.nesting import moved  # noqa: E402
from playground.project import Record, read_record, weights_in, write_project  # noqa: E402
from playground.text import Refusal  # noqa: E402
from playground.training import Trainer  # noqa: E402
from tests.examples import delicate, images, pictured, small  # noqa: E402

OPTIMISERS = (SGD(learning_rate=0.05), SGD(learning_rate=0.05, momentum=0.9), Adam(), AdamW())


def trainer(experiment, data=None):
    return Trainer(experiment, data, device="cpu")


def losses(run, until):
    return [step.loss for step in run.steps(until)]


@pytest.mark.parametrize("at", [0, 8, 13, 16], ids=["before the first", "end of epoch", "mid-epoch", "two epochs"])
@pytest.mark.parametrize("optimiser", OPTIMISERS, ids=lambda o: f"{o.key}-{getattr(o, 'momentum', '')}")
def test_a_run_goes_on_bit_for_bit_with_dropout_and_batch_statistics(tmp_path, at, optimiser):
    experiment = delicate(optimiser=optimiser, schedule=Cosine())
    whole = losses(trainer(experiment), 30)
    first = trainer(experiment)
    assert losses(first, at) == whole[:at]
    capture(first).write(tmp_path / "run.safetensors")
    torch.manual_seed(12345)  # whatever happens in between
    second = trainer(experiment)
    restore(second, Checkpoint.read(tmp_path / "run.safetensors"))
    assert second.number == at
    assert losses(second, 30) == whole[at:]


def test_a_convolution_goes_on_bit_for_bit():
    whole = losses(trainer(pictured(), images()), 12)
    first = trainer(pictured(), images())
    losses(first, 7)
    saved = capture(first)
    second = trainer(pictured(), images())
    restore(second, saved)
    assert losses(second, 12) == whole[7:]


def test_a_capture_is_a_copy_that_later_steps_do_not_touch():
    run = trainer(small())
    losses(run, 3)
    saved = capture(run)
    before = {name: value.clone() for name, value in saved.tensors.items()}
    losses(run, 9)
    assert all(torch.equal(saved.tensors[name], value) for name, value in before.items())
    assert saved.numbers["step"] == 3


def test_capturing_does_not_change_the_run():
    run, found = trainer(delicate()), []
    for step in run.steps(20):
        found.append(step.loss)
        capture(run)
    assert found == losses(trainer(delicate()), 20)


def edited(experiment, graph):
    return replace(experiment, graph=graph)


def test_an_edit_keeps_step_count_weights_and_memory_of_untouched_nodes():
    experiment = small(Dense(units=4), Tanh(), Dense(units=3), Tanh(), optimiser=Adam())
    run = trainer(experiment)
    losses(run, 20)
    saved = capture(run)
    graph = experiment.graph.configure("dense_2", Dense(units=5))  # dense_3 takes another number of inputs now
    fresh = trainer(edited(experiment, graph))
    first = fresh.network.dense_2.weight.clone()
    restore(fresh, saved)
    assert fresh.number == 20
    assert torch.equal(fresh.network.dense_1.weight, run.network.dense_1.weight)
    assert torch.equal(fresh.network.dense_2.weight, first)
    assert torch.equal(fresh.network.dense_3.bias, run.network.dense_3.bias)
    memory = fresh.optimiser.state
    assert memory[fresh.network.dense_1.weight]["step"] == 20
    assert fresh.network.dense_2.weight not in memory
    assert all(torch.isfinite(torch.tensor(losses(fresh, 40))))


def test_an_inserted_node_leaves_all_weights():
    experiment = small()
    run = trainer(experiment)
    losses(run, 10)
    saved = capture(run)
    graph = experiment.graph.insert(ReLU(), Wire("tanh_1", "dense_2"))
    fresh = trainer(edited(experiment, graph))
    restore(fresh, saved)
    for name, value in run.network.state_dict().items():
        assert torch.equal(fresh.network.state_dict()[name], value)


def test_another_optimiser_begins_with_an_empty_memory():
    run = trainer(small(optimiser=Adam()))
    losses(run, 10)
    fresh = trainer(small(optimiser=SGD(momentum=0.9)))
    restore(fresh, capture(run))
    assert not fresh.optimiser.state
    assert len(losses(fresh, 15)) == 5


def test_other_batches_or_other_data_begin_a_new_epoch():
    run = trainer(small())
    losses(run, 11)
    saved = capture(run)
    for experiment in (small(batch_size=16), replace(small(), source=Circle(count=60))):
        fresh = trainer(experiment)
        restore(fresh, saved)
        assert fresh._position == fresh.steps_per_epoch
        assert len(losses(fresh, 14)) == 3
        assert fresh._position == 3


def test_a_crash_while_writing_leaves_the_old_checkpoint(tmp_path, monkeypatch):
    path = tmp_path / "checkpoint.safetensors"
    run = trainer(small())
    capture(run).write(path)
    old = path.read_bytes()
    losses(run, 3)

    def full(descriptor):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("playground.files.os.fsync", full)
    with pytest.raises((OSError, Refusal)):
        capture(run).write(path)
    assert path.read_bytes() == old
    assert [p.name for p in tmp_path.iterdir()] == [path.name]


@pytest.mark.parametrize("content", [b"", b"no", b"\xff" * 100, b"\x08\0\0\0\0\0\0\0{}      ", b"{}" * 500])
def test_a_file_that_is_no_checkpoint_is_refused(tmp_path, content):
    path = tmp_path / "x.safetensors"
    path.write_bytes(content)
    with pytest.raises(Refusal, match=r"x\.safetensors is not a checkpoint that can be read"):
        Checkpoint.read(path)


def test_a_missing_file_and_bare_weights_are_refused(tmp_path):
    with pytest.raises(Refusal):
        Checkpoint.read(tmp_path / "none.safetensors")
    save_file({"network/dense_1.weight": torch.zeros(2, 2)}, tmp_path / "w.safetensors")
    with pytest.raises(Refusal):
        Checkpoint.read(tmp_path / "w.safetensors")


def test_a_checkpoint_cut_short_anywhere_is_refused(tmp_path):
    path = tmp_path / "x.safetensors"
    capture(trainer(small())).write(path)
    whole = path.read_bytes()
    for cut in range(0, len(whole), 499):
        path.write_bytes(whole[:cut])
        with pytest.raises(Refusal):
            Checkpoint.read(path)


def test_a_project_holds_the_document_the_weights_and_the_history(tmp_path):
    run = trainer(delicate())
    done = losses(run, 13)
    record = Record(done, [(13, "train", {"loss": 0.5})])
    path = tmp_path / "net.zip"
    write_project(path, run.experiment, capture(run).to_bytes(), record)
    assert read(path) == run.experiment
    again = read_record(path)
    assert list(again.losses) == done and list(again.evaluations) == [(13, "train", {"loss": 0.5})]
    second = trainer(read(path))
    restore(second, Checkpoint.read(path))
    assert losses(second, 30) == losses(trainer(delicate()), 30)[13:]


def test_a_node_that_is_called_something_else_keeps_its_weights_and_its_memory():
    experiment = small(optimiser=Adam())
    run = trainer(experiment)
    losses(run, 10)
    renamed = experiment.graph.rename("dense_1", "hidden")
    fresh = trainer(edited(experiment, renamed))
    restore(fresh, capture(run).renamed(moved(experiment.graph, renamed)))
    assert torch.equal(fresh.network.hidden.weight, run.network.dense_1.weight)
    assert fresh.optimiser.state[fresh.network.hidden.weight]["step"] == 10


def test_nodes_that_are_put_into_a_group_keep_their_weights():
    experiment = small(Dense(units=4), Tanh(), Dense(units=3), Tanh())
    run = trainer(experiment)
    losses(run, 10)
    grouped, _ = collapse(experiment.graph, ["dense_2", "tanh_2"])
    fresh = trainer(edited(experiment, grouped))
    restore(fresh, capture(run).renamed(moved(experiment.graph, grouped)))
    assert torch.equal(fresh.network.group_1.get_submodule("1.dense_2").weight, run.network.dense_2.weight)
    assert moved(grouped, experiment.graph) == {"group_1.1.dense_2": "dense_2", "group_1.1.tanh_2": "tanh_2"}


def test_a_run_begins_with_the_weights_of_a_project(tmp_path):
    run = trainer(small())
    losses(run, 10)
    path = tmp_path / "trained.zip"
    write_project(path, small(), capture(run).to_bytes(), Record())
    assert weights_in(path)["dense_1"] == {"weight": (4, 2), "bias": (4,)}
    start = Start(str(path), {"dense_1": "dense_1"})
    taught = replace(small(), start=start, graph=small().graph.mark("dense_1", frozen=True))
    fresh = trainer(taught)
    assert torch.equal(fresh.network.dense_1.weight, run.network.dense_1.weight)
    losses(fresh, 10)
    assert torch.equal(fresh.network.dense_1.weight, run.network.dense_1.weight)
    assert not torch.equal(fresh.network.dense_2.weight, run.network.dense_2.weight)
    folder = tmp_path / "elsewhere"
    folder.mkdir()
    write(taught, folder / "taught.json")
    assert '"../trained.zip"' in (folder / "taught.json").read_text(encoding="utf-8")
    assert read(folder / "taught.json").start.file == str(path.resolve())


def test_weights_to_begin_with_that_do_not_fit_are_refused_by_name(tmp_path):
    path = tmp_path / "trained.zip"
    write_project(path, small(), capture(trainer(small())).to_bytes(), Record())
    with pytest.raises(Refusal, match=r"trained\.zip has no weights that fit dense_2"):
        trainer(replace(small(Dense(units=7), Tanh()), start=Start(str(path), {"dense_2": "dense_2"})))
    (tmp_path / "bad.zip").write_bytes(b"PK")
    with pytest.raises(Refusal, match="not a project"):
        trainer(replace(small(), start=Start(str(tmp_path / "bad.zip"), {"dense_1": "dense_1"})))
