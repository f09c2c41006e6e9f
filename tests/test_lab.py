"""The Lab: orders in, frames and notices out, and a run that watching never changes."""

from __future__ import annotations

import threading
import time
from dataclasses import replace
from types import SimpleNamespace
from typing import Any, ClassVar

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from playground import messages  # noqa: E402
from playground.blocks.dense import Dense  # noqa: E402
from playground.choices import SGD  # noqa: E402
from playground.data.planar import Xor  # noqa: E402
from playground.graph import Wire  # noqa: E402
from playground.lab import Lab  # noqa: E402
from playground.outbox import Outbox  # noqa: E402
from playground.probes import PROBES, Probe  # noqa: E402
from playground.progress import progress  # noqa: E402
from playground.text import Refusal, say  # noqa: E402
from playground.training import Trainer  # noqa: E402
from tests.examples import delicate, eventually, preset, small  # noqa: E402

XOR = preset("xor")


class Told:
    """A Lab and everything it has said so far."""

    def __init__(self):
        self.lab = Lab()
        self.notices: list[Any] = []
        self.frames: list[Any] = []
        self.see = True

    def post(self, *orders):
        for order in orders:
            self.lab.post(order)
        return self

    def read(self):
        notices, frame = self.lab.outbox.take()
        self.notices += notices
        if frame is not None:
            self.frames.append(frame)
            if self.see:
                self.lab.post(messages.Seen())
        return self

    def all(self, kind):
        return [notice for notice in self.read().notices if isinstance(notice, kind)]

    def failure(self, run=1):
        """Wait for the first failure of a run."""
        return eventually(lambda: [failed for failed in self.all(messages.Failed) if failed.run == run])[0]

    @property
    def state(self):
        states = self.all(messages.StateChanged)
        return states[-1].state if states else ""

    @property
    def losses(self):
        found = []
        for notice in self.all(messages.Losses):
            assert notice.first == len(found) + 1, "a loss is missing or doubled"
            found.extend(notice.values.tolist())
        return found

    def until(self, state, seconds=10.0):
        eventually(lambda: self.state == state, seconds)
        return self

    def load(self, experiment, run=1, **options):
        return self.post(messages.Load(run, experiment, "cpu", **options))

    def asked(self, question, id=1):
        self.post(messages.Ask(id, question))
        return eventually(lambda: [reply for reply in self.all(messages.Replied) if reply.id == id])[0]


@pytest.fixture
def told():
    made = Told()
    made.lab.start()
    yield made
    assert made.lab.close()


another = told
"""A second Lab beside the first."""


def straight(experiment, steps):
    return [step.loss for step in Trainer(experiment, device="cpu").steps(steps)]


# -- states ------------------------------------------------------------------------------------------------------


def test_loading_tells_the_facts_then_where_the_run_stands(told):
    told.load(XOR, run=7).until("ready")
    kinds = [type(notice).__name__ for notice in told.notices]
    assert kinds == ["StateChanged", "FactsFound", "Loaded", "StateChanged"]
    assert [notice.run for notice in told.notices] == [7] * 4
    assert told.all(messages.FactsFound)[0].facts == XOR.facts
    loaded = told.all(messages.Loaded)[0]
    assert (loaded.device, loaded.threads, loaded.steps_per_epoch, loaded.step) == ("cpu", 1, 32, 0)


def test_play_trains_to_the_end_and_the_losses_are_the_trainers_own(told):
    experiment = delicate(epochs=6)
    told.load(experiment).post(messages.Play()).until("finished")
    assert told.losses == straight(experiment, 48)
    assert [made.step for made in told.all(messages.Evaluated)] == [48, 48]
    assert told.all(messages.StateChanged)[-1].until == 48


def test_play_at_the_end_goes_on_for_as_many_epochs_again(told):
    told.load(small(epochs=2)).post(messages.Play()).until("finished")
    told.notices.append(messages.StateChanged(1, "again"))
    told.post(messages.Play()).until("finished")
    assert len(told.losses) == 32 and told.losses == straight(small(), 32)


def test_pause_and_play_do_not_change_the_run(told):
    experiment = delicate(epochs=40)
    told.load(experiment)
    for _ in range(6):
        told.post(messages.Play()).until("playing")
        time.sleep(0.01)
        told.post(messages.Pause()).until("paused")
        count = len(told.losses)
        time.sleep(0.02)
        assert len(told.losses) == count
        if told.state == "finished":
            break
    told.post(messages.Play()).until("finished")
    assert told.losses == straight(experiment, 320)


def test_steps_are_counted_and_end_in_a_pause(told):
    told.load(small()).post(messages.Step(3)).until("paused")
    assert len(told.losses) == 3
    told.post(messages.Step()).post(messages.Step(2))
    eventually(lambda: len(told.losses) >= 5 and told.state == "paused")
    assert told.losses == straight(small(), len(told.losses))


def test_stop_evaluates_and_counts_the_run_as_finished(told):
    told.load(small(epochs=1000)).post(messages.Step(10)).until("paused")
    told.notices.clear()
    told.post(messages.Stop()).until("finished")
    assert [(made.split, made.step) for made in told.all(messages.Evaluated)] == [("train", 10), ("validation", 10)]


def test_stop_takes_effect_within_a_tenth_of_a_second(told):
    told.load(small(epochs=100_000)).post(messages.Play())
    eventually(lambda: len(told.losses) > 50)
    began = time.perf_counter()
    told.post(messages.Stop()).until("finished")
    assert time.perf_counter() - began < 0.1 + 0.05  # 0.1 after the step's end; the rest is this machine's


def test_reset_starts_again_from_the_seed_as_another_run(told):
    told.load(delicate()).post(messages.Step(5)).until("paused")
    first = told.losses
    told.notices.clear()
    told.post(messages.Reset(2)).until("ready")
    told.post(messages.Step(5)).until("paused")
    assert told.losses == first
    assert {notice.run for notice in told.notices if hasattr(notice, "run")} == {2}


def test_pace_limits_the_steps_a_second_and_a_change_takes_effect_at_once(told):
    told.load(small(epochs=1000)).post(messages.Pace(20.0), messages.Play()).until("playing")
    time.sleep(0.5)
    taken = len(told.losses)
    assert 4 <= taken <= 14
    told.post(messages.Pace(0.0))  # as slow as it gets, and no reason to break
    time.sleep(0.05)
    taken = len(told.losses)
    time.sleep(0.1)
    assert len(told.losses) <= taken + 1
    told.post(messages.Pace(None))
    eventually(lambda: len(told.losses) > taken + 100)


def test_pausing_a_slow_run_does_not_wait_for_its_next_step(told):
    told.load(small()).post(messages.Pace(0.1), messages.Play()).until("playing")
    began = time.perf_counter()
    told.post(messages.Pause()).until("paused")
    assert time.perf_counter() - began < 1.0


def test_the_learning_rate_is_changed_while_it_runs(told):
    told.load(small()).post(messages.Step(3)).until("paused")
    told.post(messages.Set(0.5), messages.Step(3))
    eventually(lambda: len(told.losses) == 6)
    run = Trainer(small(), device="cpu")
    expected = [step.loss for step in run.steps(3)]
    run.set_learning_rate(0.5)
    assert told.losses == expected + [step.loss for step in run.steps(6)]


def test_orders_without_a_network_are_harmless(told):
    told.post(
        messages.Play(), messages.Pause(), messages.Step(3), messages.Stop(), messages.Reset(2), messages.Set(0.1)
    )
    told.post(messages.Seen(), messages.Watch({"g": PROBES["gradients"]()}))
    assert str(told.asked("train").failure) == "there is no network yet"
    told.load(small()).until("ready")
    assert told.losses == []


# -- edits and failures ------------------------------------------------------------------------------------------


def test_an_edit_while_playing_keeps_step_count_and_goes_on(told):
    experiment = small(epochs=200)
    told.load(experiment).post(messages.Play())
    eventually(lambda: len(told.losses) > 20)
    wider = replace(experiment, graph=experiment.graph.configure("dense_1", Dense(units=6)))
    told.load(wider, keep=True)
    eventually(lambda: len(told.all(messages.Loaded)) == 2)
    kept = told.all(messages.Loaded)[-1].step
    assert kept > 20
    eventually(lambda: len(told.losses) > kept + 10)
    assert told.state in ("playing", "finished")


def test_a_kept_load_of_the_same_experiment_changes_nothing(told):
    experiment = delicate(epochs=100)
    told.load(experiment)
    for until in (7, 19, 30):
        told.post(messages.Step(until - len(told.losses)))
        eventually(lambda until=until: len(told.losses) == until and told.state == "paused")
        told.load(replace(experiment, rows=(str(until),)), keep=True)
        eventually(lambda: told.all(messages.Loaded)[-1].step == len(told.losses))
    assert told.losses == straight(experiment, 30)


def test_a_graph_with_a_problem_is_not_trained_and_neither_is_the_one_before(told):
    experiment = small()
    told.load(experiment).post(messages.Step(4)).until("paused")
    broken = replace(experiment, graph=experiment.graph.disconnect(Wire("input_1", "dense_1")))
    told.load(broken, run=2, keep=True).until("blocked")
    told.post(messages.Play(), messages.Step(3))
    time.sleep(0.05)
    assert told.state == "blocked" and len(told.losses) == 4
    told.load(experiment, run=3, keep=True).until("paused")  # mended: everything is still there
    told.post(messages.Step(2))
    eventually(lambda: len(told.losses) == 6)
    assert told.losses == straight(experiment, 6)


def test_a_device_that_is_not_here_is_told_and_the_next_load_works(told):
    told.post(messages.Load(1, small(), "cuda:99")).until("failed")
    failed = told.failure()
    assert "there is no device cuda:99 here" in str(failed.sentence)
    told.post(messages.Play())
    told.load(small(), run=2).post(messages.Step(2)).until("paused")
    assert len(told.losses) == 2


def test_a_loss_that_is_not_a_number_pauses_and_names_the_node(told):
    experiment = small(optimiser=SGD(learning_rate=1000.0, weight_decay=10.0), epochs=1000)
    told.load(experiment).post(messages.Play()).until("paused")
    failed = told.failure()
    assert failed.node in experiment.graph
    assert f"step {len(told.losses) + 1:,} is not a number: it began at {failed.node}" in str(failed.sentence)
    assert np.isfinite(told.losses).all()
    told.post(messages.Reset(2)).until("ready")


def test_a_step_that_breaks_is_told_and_the_thread_lives_on(told, monkeypatch):
    def breaks(self, until=None):
        raise RuntimeError("mat1 and mat2 shapes cannot be multiplied\nat line 3")
        yield

    told.load(small()).until("ready")
    with monkeypatch.context() as patch:
        patch.setattr(Trainer, "steps", breaks)
        told.post(messages.Play()).until("failed")
    failed = told.failure()
    assert str(failed.sentence) == "training stopped: RuntimeError: mat1 and mat2 shapes cannot be multiplied"
    assert "Traceback" in failed.traceback
    told.post(messages.Play()).until("finished")


def test_memory_that_runs_out_is_told_in_words_for_people(told, monkeypatch):
    def breaks(self, until=None):
        raise RuntimeError("CUDA out of memory. Tried to allocate 20.00 GiB")
        yield

    told.load(small()).until("ready")
    monkeypatch.setattr(Trainer, "steps", breaks)
    told.post(messages.Play()).until("failed")
    assert "not enough memory" in str(told.failure().sentence)


# -- reading that takes long -------------------------------------------------------------------------------------


@pytest.fixture
def slow(monkeypatch):
    """Let reading Xor of 1,000 points go on until it is let go; it takes every Exception for damage, as readers do."""
    let_go, begun, read = threading.Event(), [], Xor.read

    def slowly(self):
        begun.append(self.count)
        share = 0.0
        while self.count == 1000 and not let_go.is_set():
            try:
                progress(share)
            except Exception as error:
                raise Refusal(say("it is damaged")) from error
            share = min(1.0, share + 0.001)
            time.sleep(0.002)
        return read(self)

    monkeypatch.setattr(Xor, "read", slowly)
    yield SimpleNamespace(experiment=replace(small(), source=Xor(count=1000)), let_go=let_go, begun=begun)
    let_go.set()


def test_how_far_reading_has_got_is_told_at_most_ten_times_a_second(told, slow):
    began = time.perf_counter()
    told.load(slow.experiment, run=3)
    eventually(lambda: len(told.all(messages.Reading)) >= 4)
    slow.let_go.set()
    told.until("ready")
    found = told.all(messages.Reading)
    assert len(found) <= (time.perf_counter() - began) / 0.1 + 1
    shares = [one.share for one in found]
    assert shares == sorted(shares) and 0 <= shares[0] < shares[-1] <= 1
    assert {one.run for one in found} == {3}


def test_reading_is_broken_off_for_other_data(told, slow):
    told.load(slow.experiment, run=1)
    eventually(lambda: slow.begun)
    began = time.perf_counter()
    told.load(small(), run=2).until("ready")
    assert time.perf_counter() - began < 1.0
    assert not told.all(messages.Failed)
    assert [one.run for one in told.all(messages.FactsFound)] == [2]
    told.post(messages.Play()).until("finished")
    assert told.losses == straight(small(), 32)


def test_reading_goes_on_when_only_the_network_is_another(told, slow):
    told.load(slow.experiment, run=1)
    eventually(lambda: slow.begun)
    wider = replace(slow.experiment, graph=slow.experiment.graph.configure("dense_1", Dense(units=6)))
    told.load(wider, run=1, keep=True)
    before = len(told.all(messages.Reading))
    eventually(lambda: len(told.all(messages.Reading)) > before + 1)
    slow.let_go.set()
    eventually(lambda: len(told.all(messages.Loaded)) == 2)
    assert slow.begun == [1000]


def test_a_reset_while_nothing_was_read_reads_it_again(told, slow):
    told.load(slow.experiment, run=1)
    eventually(lambda: slow.begun)
    told.load(small(), run=2).until("ready")
    told.post(messages.Reset(3))
    eventually(lambda: [one.run for one in told.all(messages.Loaded)] == [2, 3])


def test_the_thread_ends_while_it_reads(slow):
    made = Told()
    made.lab.start()
    made.load(slow.experiment)
    eventually(lambda: slow.begun)
    assert made.lab.close(1.0)


# -- questions and watching --------------------------------------------------------------------------------------


class Counting(Probe):
    """Counts how often it was measured; not one of the program's."""

    members: ClassVar[dict[str, type[Any]]] = {}
    key = "counting"
    rate = 30.0

    def __post_init__(self):
        super().__post_init__()
        object.__setattr__(self, "steps", [])

    def measure(self, subject):
        self.steps.append(subject.number)
        return subject.number


class Breaking(Probe):
    """Fails whenever it is asked."""

    members: ClassVar[dict[str, type[Any]]] = {}
    key = "breaking"
    rate = 30.0

    def measure(self, subject):
        raise ValueError("this cannot be drawn")


def everything():
    """Ask all that can be asked of a network in the plane."""
    return {key: cls(node="dense_1") if cls.per_node else cls() for key, cls in PROBES.items()}


def test_watched_and_unwatched_losses_are_equal_bit_for_bit(told):
    experiment = delicate(epochs=60)
    unwatched = straight(experiment, 480)  # before: what is watched at the end shares the generator of this process
    told.load(experiment).post(messages.Watch(everything()), messages.Play()).until("finished")
    assert told.frames and len(told.losses) == 480
    assert told.losses == unwatched


def test_a_frame_carries_run_step_and_answers_by_the_name_of_who_asked(told):
    told.load(XOR, run=5).post(messages.Watch({"mine": PROBES["boundary"](cells=20)}), messages.Step(40)).until(
        "paused"
    )
    eventually(lambda: told.read().frames and told.frames[-1].step == 40)
    frame = told.frames[-1]
    assert (frame.run, set(frame.answers)) == (5, {"mine"})
    assert frame.answers["mine"].probability.shape == (20, 20)


def test_nothing_is_measured_while_the_slot_is_taken(told):
    probe = Counting()
    told.see = False
    told.load(small(epochs=100_000)).post(messages.Watch({"c": probe}), messages.Play())
    eventually(lambda: told.read().frames)
    time.sleep(0.2)
    told.read()
    assert len(told.frames) == 1
    assert len(probe.steps) <= 1 + 1  # deep copies are not made in-process, so this is the very object
    told.post(messages.Seen())
    eventually(lambda: len(told.read().frames) == 2)


def test_what_rests_is_measured_once_and_again_when_it_moves(told):
    probe = Counting()
    told.load(small()).until("ready")
    told.post(messages.Watch({"c": probe}))
    eventually(lambda: told.read().frames)
    time.sleep(0.15)
    told.read()
    assert probe.steps == [0]
    told.post(messages.Step(3)).until("paused")
    eventually(lambda: told.read().frames[-1].step == 3)


def test_watching_less_measures_less(told):
    probe = Counting()
    told.load(small(epochs=100_000)).post(messages.Watch({"c": probe}), messages.Play())
    eventually(lambda: len(told.read().frames) > 2)
    told.post(messages.Watch({}))
    time.sleep(0.1)
    told.read()
    count = len(probe.steps)
    time.sleep(0.15)
    told.read()
    assert len(probe.steps) == count


def test_a_probe_that_breaks_is_dropped_and_told_while_training_and_the_others_go_on(told):
    told.load(small(epochs=100_000)).post(messages.Watch({"bad": Breaking(), "good": Counting()}), messages.Play())
    assert "this cannot be drawn" in str(told.failure().sentence)
    count = len(told.losses)
    eventually(lambda: len(told.losses) > count + 100 and told.frames and "good" in told.frames[-1].answers)
    assert told.state == "playing" and len(told.all(messages.Failed)) == 1


def test_watching_takes_no_more_than_its_share(told):
    class Dear(Counting):
        def measure(self, subject):
            time.sleep(0.02)
            return super().measure(subject)

    probe = Dear()
    told.load(small(epochs=100_000)).post(messages.Watch({"d": probe}), messages.Play())
    eventually(lambda: told.read() and len(probe.steps) >= 2)
    count, began = len(probe.steps), time.perf_counter()
    while time.perf_counter() - began < 1.0:
        told.read()
        time.sleep(0.01)
    assert len(probe.steps) - count <= 1.0 * 0.10 / 0.02 + 2


def test_questions_are_answered_by_their_number(told):
    told.load(XOR).until("ready")
    reply = told.asked(PROBES["boundary"](cells=16), id=42)
    assert reply.answer.probability.shape == (16, 16) and reply.failure is None
    assert told.asked("validation", id=43).failure is None
    assert told.all(messages.Evaluated)[-1].split == "validation"
    assert str(told.asked("test", id=44).failure) == "the data has no test examples"
    assert "this cannot be drawn" in str(told.asked(Breaking(), id=45).failure)
    assert told.state == "ready"


def test_questions_while_it_plays_do_not_change_the_run(told):
    experiment = delicate(epochs=30)
    told.load(experiment).post(messages.Play())
    for id in range(10):
        told.asked(PROBES["confusion"](), id=id)
    told.until("finished")
    assert told.losses == straight(experiment, 240)


# -- checkpoints and the end -------------------------------------------------------------------------------------


def test_a_checkpoint_lies_in_the_folder_and_another_lab_goes_on_from_it(told, another, tmp_path):
    experiment = delicate(epochs=100)
    told.load(experiment, folder=str(tmp_path)).post(messages.Step(21)).until("paused")
    saved = eventually(lambda: told.all(messages.Saved))[-1]
    assert (saved.run, saved.step) == (1, 21)
    another.load(experiment, run=2, checkpoint=saved.path).until("paused")
    assert another.all(messages.Loaded)[-1].step == 21
    another.post(messages.Step(9))
    found = []
    while len(found) < 9:
        found = [loss for notice in another.all(messages.Losses) for loss in notice.values.tolist()]
    assert found == straight(experiment, 30)[21:]


def test_a_checkpoint_that_cannot_be_read_or_written_is_told(told, tmp_path):
    told.load(small(), checkpoint=str(tmp_path / "none.safetensors")).until("failed")
    assert "none.safetensors is not a checkpoint" in str(told.failure().sentence)
    told.load(small(), run=2, folder=str(tmp_path / "nowhere")).post(messages.Step(1)).until("paused")
    assert "could not be written" in str(told.failure(2).sentence)


@pytest.mark.parametrize("order", [None, messages.Play(), messages.Pause(), messages.Pace(0.01)])
def test_the_thread_ends_whatever_it_is_doing(order):
    lab = Lab()
    lab.start()
    lab.post(messages.Load(1, small(epochs=100_000), "cpu"))
    if order is not None:
        lab.post(order)
        lab.post(messages.Play())
    began = time.perf_counter()
    assert lab.close()
    assert time.perf_counter() - began < 3.0
    assert "lab" not in {thread.name for thread in threading.enumerate()}


def test_a_lab_that_never_began_can_be_closed():
    assert Lab().close()


def test_starting_and_stopping_leaks_nothing(request):
    """Five cycles by default, two hundred with --slow."""
    psutil = pytest.importorskip("psutil")
    process = psutil.Process()
    cycles = 200 if request.config.getoption("--slow") else 5

    def cycle():
        lab = Lab()
        lab.start()
        lab.post(messages.Load(1, small(), "cpu"))
        lab.post(messages.Watch({"g": PROBES["gradients"]()}))
        lab.post(messages.Step(2))
        eventually(lambda: any(isinstance(notice, messages.Losses) for notice in lab.outbox.take()[0]))
        assert lab.close()

    cycle()

    def held():
        return process.num_fds(), threading.active_count(), len(process.children()), process.num_threads()

    before, memory = held(), process.memory_info().rss
    for _ in range(cycles):
        cycle()
    eventually(lambda: held() <= before)  # a thread that has been joined may take a moment to leave the process
    assert process.memory_info().rss - memory < 100 * 2**20


# -- the outbox --------------------------------------------------------------------------------------------------


def test_losses_are_gathered_between_notices_and_none_is_lost():
    box = Outbox()
    box.loss(1, 1, 0.5, 0.1)
    box.loss(1, 2, 0.25, 0.2)
    box.tell(messages.StateChanged(1, "paused"))
    box.loss(1, 3, 0.125, 0.3)
    assert box.urgent.is_set()
    notices, frame = box.take()
    assert frame is None and not box.urgent.is_set()
    first, state, second = notices
    assert (first.first, first.values.tolist(), first.seconds) == (1, [0.5, 0.25], 0.2)
    assert state.state == "paused"
    assert (second.first, second.values.tolist()) == (3, [0.125])
    assert box.take() == ([], None)


def test_an_evaluation_does_not_hurry_the_reader():
    box = Outbox()
    box.tell(messages.Evaluated(1, 64, "validation", {"loss": 0.5}))
    assert not box.urgent.is_set()
    assert box.take()[0] == [messages.Evaluated(1, 64, "validation", {"loss": 0.5})]


def test_of_frames_only_the_newest_is_kept():
    box = Outbox()
    box.show(messages.Frame(1, 1, {}))
    box.show(messages.Frame(1, 2, {}))
    assert box.take()[1].step == 2
    assert box.take()[1] is None


def test_weights_set_by_hand_take_effect_while_the_rest_is_kept(told):
    experiment = small()
    told.load(experiment)
    told.post(messages.Step(5))
    told.until("paused")
    by_hand = {"bias": (1.0, 2.0, 3.0, 4.0)}
    told.load(replace(experiment, graph=experiment.graph.mark("dense_1", weights=by_hand)), keep=True)
    eventually(lambda: len(told.all(messages.Loaded)) == 2)
    network = told.lab._trainer.network
    assert network.dense_1.bias.tolist() == [1.0, 2.0, 3.0, 4.0]
    assert told.lab._trainer.number == 5
