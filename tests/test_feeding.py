"""Feeding: the same losses wherever the examples lie, the next batch at hand in time, nothing left running."""

from __future__ import annotations

import gc
import threading
from dataclasses import replace

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from playground import feeding  # noqa: E402
from playground.blocks.data import Input, Output  # noqa: E402
from playground.blocks.dense import Dense  # noqa: E402
from playground.checkpoint import Checkpoint, capture, restore  # noqa: E402
from playground.data import IGNORED, Data, Examples  # noqa: E402
from playground.data._stored import Mapped  # noqa: E402
from playground.experiment import Experiment, Training  # noqa: E402
from playground.facts import DataFacts, Target  # noqa: E402
from playground.feeding import Augmented, Held, Streamed  # noqa: E402
from playground.preparation import Preparation  # noqa: E402
from playground.probes.confusion import Confusion  # noqa: E402
from playground.probes.feature_maps import FeatureMaps  # noqa: E402
from playground.probes.thumbnails import Thumbnails  # noqa: E402
from playground.shape import Shape  # noqa: E402
from playground.text import Refusal, say  # noqa: E402
from playground.training import Trainer  # noqa: E402
from tests.examples import chain, images, pictured  # noqa: E402

AUGMENTED = Preparation(flip=True, shift=1, crop=0.2, rotate=10.0, noise=0.05)
STEPS = 23
"""Two epochs of five batches, and a piece of another."""


@pytest.fixture
def scarce(monkeypatch):
    """Let nothing that is not in memory anyway fit into it."""
    monkeypatch.setattr(feeding, "ALWAYS", -1)
    monkeypatch.setattr(feeding, "free_of", lambda device: 0.0)


@pytest.fixture
def ended():
    """Fail a test after which a thread of feeding is still there once nobody holds its Trainer."""
    yield
    gc.collect()
    for thread in reading():
        thread.join(2.0)
    assert not reading()


def reading():
    return [thread for thread in threading.enumerate() if thread.name.startswith("feeding")]


def doubled(raw):
    return raw * np.float32(2)


def far(data):
    """The same data, their inputs where they lie."""
    splits = {
        split: replace(one, inputs={name: Mapped(v / np.float32(2), doubled) for name, v in one.inputs.items()})
        for split, one in data.splits.items()
    }
    return data.with_splits(splits)


def trainer(data, **preparation):
    how = Preparation(**preparation) if preparation else Preparation()
    return Trainer(replace(pictured(epochs=9), preparation=how), data, device="cpu")


def losses(run, until=STEPS):
    return [step.loss for step in run.steps(until)]


PREPARATIONS = {
    "as they are": {},
    "standardised": {"standardise": True},
    "augmented": {name: getattr(AUGMENTED, name) for name in ("flip", "shift", "crop", "rotate", "noise")},
}
PREPARATIONS["both"] = {**PREPARATIONS["augmented"], "standardise": True}


# -- held or streamed --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("how", PREPARATIONS)
def test_streamed_losses_and_evaluations_are_those_of_examples_that_are_held(how, scarce, ended):
    held = trainer(images(), **PREPARATIONS[how])
    assert held.feeds.train.ahead is (how == "standardised")  # a scaled copy does not fit either
    wanted = losses(held)
    streamed = trainer(far(images()), **PREPARATIONS[how])
    assert streamed.feeds.train.ahead
    assert losses(streamed) == wanted
    assert streamed.evaluate("train") == held.evaluate("train")
    assert streamed.evaluate("validation") == held.evaluate("validation")


def test_what_fits_is_held_and_shares_the_memory_of_the_arrays():
    data = images()
    run = trainer(data)
    assert isinstance(run.feeds.train, Held)
    assert run.feeds.train._inputs["x"].data_ptr() == data.splits["train"].inputs["x"].ctypes.data
    assert isinstance(trainer(far(data)).feeds.train, Held)


def test_a_column_that_is_held_is_read_once_however_often_the_network_is_edited():
    data = far(images())
    first = trainer(data).feeds.train
    assert data.splits["train"].inputs["x"].is_held
    assert trainer(data).feeds.train._inputs["x"].data_ptr() == first._inputs["x"].data_ptr()


def test_of_several_splits_those_are_held_that_fit(monkeypatch):
    data = far(images(40))
    size = data.splits["train"].inputs["x"].nbytes
    monkeypatch.setattr(feeding, "ALWAYS", -1)
    monkeypatch.setattr(feeding, "free_of", lambda device: feeding.SHARE * 1.5 * size)
    run = trainer(data)
    assert isinstance(run.feeds.splits["train"], Held) and isinstance(run.feeds.splits["validation"], Streamed)


def test_without_augmenting_nothing_stands_between_the_examples_and_the_step():
    assert trainer(images()).feeds.augment is None
    assert type(trainer(images()).feeds.train) is Held
    table = replace(pictured(), preparation=AUGMENTED)
    assert isinstance(Trainer(table, images(), device="cpu").feeds.train, Augmented)


def test_probes_see_streamed_examples(scarce, ended):
    held, streamed = trainer(images()), trainer(far(images()))
    for probe in (Confusion(), Thumbnails(), FeatureMaps(node="conv_1")):
        one, other = probe.measure(held), probe.measure(streamed)
        for name in type(one).__dataclass_fields__:
            first, second = getattr(one, name), getattr(other, name)
            assert str(first) == str(second), name


# -- in the background -------------------------------------------------------------------------------------------


def test_the_next_batch_is_read_beside_the_step_and_each_only_once(scarce, ended):
    read = []

    def noted(raw):
        read.append((threading.current_thread().name.partition("_")[0], len(raw)))
        return raw

    data = images()
    train = data.splits["train"]
    data = data.with_splits({"train": replace(train, inputs={"x": Mapped(train.inputs["x"], noted)})})
    run = trainer(data)
    read.clear()
    losses(run, 10)
    threads = [name for name, n in read if n == 8]
    assert len(threads) == 10
    assert threads.count("feeding") == 8  # only the first of each epoch, whose order is just drawn, is waited for


def test_a_run_in_pieces_and_from_a_checkpoint_is_the_same_run(scarce, ended, tmp_path):
    whole = losses(trainer(far(images()), **PREPARATIONS["both"]))
    first = trainer(far(images()), **PREPARATIONS["both"])
    assert [loss for until in (1, 2, 9, 12) for loss in losses(first, until)] == whole[:12]
    capture(first).write(tmp_path / "run.safetensors")
    torch.manual_seed(999)
    second = trainer(images(), **PREPARATIONS["both"])  # and held where the other was streamed, or not: it is the same
    restore(second, Checkpoint.read(tmp_path / "run.safetensors"))
    assert losses(second) == whole[12:]


def test_going_back_to_a_checkpoint_forgets_the_batch_that_was_coming(scarce, ended):
    run = trainer(far(images()))
    whole = losses(run, 3)
    saved = capture(run)
    whole += losses(run, 8)
    for feed in run.feeds.splits.values():
        feed.close()
    again = trainer(far(images()))
    losses(again, 1)  # it has read ahead what does not come now
    restore(again, saved)
    assert losses(again, 8) == whole[3:]


def test_the_thread_ends_with_the_trainer(scarce):
    run = trainer(far(images()))
    losses(run, 2)
    assert len(reading()) == 1
    run.close()
    assert not reading()
    run = trainer(far(images()))
    losses(run, 2)
    thread = reading()[0]
    del run
    gc.collect()
    thread.join(2.0)
    assert not thread.is_alive()


def test_after_it_was_closed_a_run_can_go_on(scarce, ended):
    run = trainer(far(images()))
    found = losses(run, 4)
    run.close()
    assert found + losses(run, 12) == losses(trainer(images()), 12)


def test_an_example_that_cannot_be_read_stops_the_step_with_its_sentence(scarce, ended):
    def refusing(raw):
        if 2.0 in raw[:, 0, 0, 0]:
            raise Refusal(say("{file} is damaged or cut short; copy or download it again", file="x.png"))
        return raw

    data = images()
    values = data.splits["train"].inputs["x"].copy()
    column = Mapped(values, refusing)
    values[17, 0, 0, 0] = 2.0
    train = replace(data.splits["train"], inputs={"x": column})
    run = trainer(data.with_splits({"train": train}))
    with pytest.raises(Refusal, match=r"x\.png is damaged"):
        losses(run, 5)


# -- augmenting in a run -----------------------------------------------------------------------------------------


def test_first_weights_and_order_do_not_depend_on_whether_images_are_augmented():
    plain = trainer(images())
    assert plain.feeds.augment is None
    before = {name: value.clone() for name, value in plain.network.state_dict().items()}
    turned = trainer(images(), flip=True)
    first = [turned._next_batch().tolist() for _ in range(12)]
    assert first == [plain._next_batch().tolist() for _ in range(12)]
    assert all(torch.equal(value, before[name]) for name, value in turned.network.state_dict().items())


def test_every_epoch_sees_every_image_another_way_and_judging_sees_it_as_it_is():
    run = trainer(images(), **PREPARATIONS["both"])
    index = torch.arange(8)
    one, other = (run.feeds.train.batch(index)[0]["x"] for _ in range(2))
    assert not torch.equal(one, other)
    plain = trainer(images(), standardise=True)
    seen, wanted = run.feeds.splits["train"].piece(0, 8), plain.feeds.splits["train"].piece(0, 8)
    assert torch.equal(seen[0]["x"], wanted[0]["x"])
    assert losses(run) != losses(trainer(images(), standardise=True))
    assert run.evaluate("validation").metrics.keys() == {"loss", "accuracy", "f1"}


def test_evaluating_and_looking_do_not_change_an_augmented_run():
    run, found = trainer(images(), **PREPARATIONS["augmented"]), []
    for step in run.steps(STEPS):
        found.append(step.loss)
        run.evaluate("train")
        Thumbnails().measure(run)
    assert found == losses(trainer(images(), **PREPARATIONS["augmented"]))


@pytest.mark.parametrize("at", [3, 10, 12])
def test_an_augmented_run_goes_on_from_a_checkpoint_bit_for_bit(at, tmp_path):
    whole = losses(trainer(images(), **PREPARATIONS["augmented"]))
    first = trainer(images(), **PREPARATIONS["augmented"])
    losses(first, at)
    capture(first).write(tmp_path / "run.safetensors")
    second = trainer(images(), **PREPARATIONS["augmented"])
    losses(second, 1)
    restore(second, Checkpoint.read(tmp_path / "run.safetensors"))
    assert losses(second) == whole[at:]


# -- judging what has places without an answer -------------------------------------------------------------------


def tagged(lengths, longest):
    """Steps of two numbers, each with a class that they tell, up to the length of each example."""
    rng = np.random.default_rng(4)
    x = np.zeros((len(lengths), longest, 2), dtype=np.float32)
    tags = np.full((len(lengths), longest), IGNORED)
    for k, length in enumerate(lengths):
        x[k, :length] = rng.normal(size=(length, 2))
        tags[k, :length] = x[k, :length, 0] > 0
    facts = DataFacts(
        {"x": Shape(time=longest, features=2)},
        {"tag": Target(("no", "yes"), Shape(time=longest))},
        {"train": len(lengths)},
    )
    graph = chain(Input(), Dense(units=2), Output(target="tag"))
    experiment = Experiment(graph=graph, facts=facts, training=Training(batch_size=4, epochs=5))
    return Trainer(experiment, Data(facts, {"train": Examples({"x": x}, {"tag": tags})}), device="cpu")


def test_every_step_that_is_judged_counts_alike_however_examples_fall_into_batches(monkeypatch):
    import playground.training as module

    lengths = [1, 1, 1, 9, 8, 2, 1, 7, 1, 1]
    run = tagged(lengths, 9)
    run.network.load_state_dict(tagged(lengths, 9).network.state_dict())
    whole = run.evaluate("train").metrics
    data = run.data.splits["train"]
    scores = run.look(data.inputs, ["output_1"])["output_1"].reshape(-1, 2)
    tags = torch.as_tensor(data.targets["tag"]).reshape(-1)
    there = tags != IGNORED
    by_hand = torch.nn.functional.cross_entropy(scores[there], tags[there])
    assert whole["loss"] == pytest.approx(by_hand.item(), rel=1e-6)
    assert whole["accuracy"] == pytest.approx((scores[there].argmax(1) == tags[there]).double().mean().item())
    for size in (1, 3, 4):
        monkeypatch.setattr(module, "EVALUATION_BATCH", size)
        parts = run.evaluate("train").metrics
        assert parts == {name: pytest.approx(value, rel=1e-6) for name, value in whole.items()}


def test_padding_changes_neither_losses_nor_metrics():
    lengths = [1, 5, 3, 2, 5, 4, 1, 5]
    short, long = tagged(lengths, 5), tagged(lengths, 12)
    assert losses(short, 8) == pytest.approx(losses(long, 8), rel=1e-6)
    assert short.evaluate("train").metrics == pytest.approx(long.evaluate("train").metrics, rel=1e-6)


def test_an_evaluation_of_nothing_but_places_without_an_answer_is_no_number(monkeypatch):
    import playground.training as module

    run = tagged([3, 0, 0, 2], 3)
    whole = run.evaluate("train").metrics
    monkeypatch.setattr(module, "EVALUATION_BATCH", 1)  # two batches in which nothing is to be judged
    assert run.evaluate("train").metrics == pytest.approx(whole, rel=1e-6)
    empty = tagged([0, 0], 3)
    assert np.isnan(empty.evaluate("train").metrics["loss"])
