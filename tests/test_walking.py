"""One example walked through networks, by hand and by autograd: every number of every stop."""

from __future__ import annotations

import copy
import itertools
from dataclasses import replace

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from playground.blocks.activation import ReLU, Softmax, Step, Tanh  # noqa: E402
from playground.blocks.arrange import Upsample  # noqa: E402
from playground.blocks.combine import Add, Flatten  # noqa: E402
from playground.blocks.convolution import Conv2D  # noqa: E402
from playground.blocks.data import Input, Output  # noqa: E402
from playground.blocks.dense import Dense  # noqa: E402
from playground.blocks.group import Group, GroupInput, GroupOutput  # noqa: E402
from playground.blocks.normalisation import Dropout  # noqa: E402
from playground.blocks.pooling import AvgPool2D, MaxPool2D, MeanOverTime  # noqa: E402
from playground.choices import (  # noqa: E402
    SGD,
    Adagrad,
    Adam,
    AdamW,
    Cosine,
    Optimiser,
    PerceptronRule,
    RMSprop,
)
from playground.copied import Copied  # noqa: E402
from playground.data import Data, Examples  # noqa: E402
from playground.facts import DataFacts, Target  # noqa: E402
from playground.graph import Graph, Wire  # noqa: E402
from playground.probes._walking import Stops  # noqa: E402
from playground.shape import Shape  # noqa: E402
from playground.text import Refusal  # noqa: E402
from playground.training import Trainer  # noqa: E402
from playground.walking import Walk  # noqa: E402
from tests.examples import BINARY, chain, delicate, images, preset, small  # noqa: E402
from tests.filled import holds  # noqa: E402


def walked(run: Trainer, split: str = "train", index: int = 0, keep: bool = False) -> Walk:
    """Walk one example through a run's network."""
    return Walk(Copied(run, keep), *run.feeds.splits[split].piece(index, index + 1))


def trained(experiment, steps: int = 3, data=None) -> Trainer:
    """Take a few steps."""
    run = Trainer(experiment, data, device="cpu")
    for _ in run.steps(steps):
        pass
    return run


def proven(walk: Walk) -> None:
    """Hold every stop of a walk to autograd, and what is told to the numbers that are shown."""
    stops = Stops(walk)
    for path in walk.copied.by_path:
        explainer = walk.by_hand(path)
        if explainer is not None:
            place = walk.place(path)
            for port, values in explainer.forward(place).items():
                np.testing.assert_allclose(values, place.outputs[port], rtol=1e-10, atol=1e-10, err_msg=path)
    for stage in stops.stages:
        for of in stage.of:
            values = stops.values(stage, of)
            if stage.phase == "backward":
                expected = walk.autograd(stage.node, of)
                np.testing.assert_allclose(values, expected, rtol=1e-9, atol=1e-11, err_msg=f"{stage.node} {of}")
            entry = stops.entry(stage, of, "")
            told = stops.told(stage, of, entry)
            summed = stage.phase == "loss" and told.lines[-1].symbol == "ΣL"
            line = told.lines[-2 if summed else -1]
            assert line.value == pytest.approx(values[entry], rel=1e-9, abs=1e-12), f"{stage} {of}"
            for line in told.lines:
                assert holds(line), f"{stage.node}: {line.symbol} = {line.filled} is not {line.value}"


PRESETS = ["xor", "back-propagation", "sigmoid-and", "losses", "lenet", "autoencoder", "segmentation", "perceptron-and"]


@pytest.mark.parametrize("name", PRESETS)
def test_every_stop_of_a_preset_is_as_autograd_has_it_and_adds_up_as_written(name):
    walk = walked(trained(preset(name), 2))
    proven(walk)
    parts = [one.loss for one in walk.verdicts.values()]
    assert sum(parts) == pytest.approx(walk.loss, rel=1e-12)


def test_the_deltas_of_the_worked_example_agree_to_six_decimals():
    run = Trainer(preset("back-propagation"), device="cpu")
    walk = walked(run)
    x, y = [1.0, 0.5, -1.0], [1.0, 0.0, 0.0]
    first, second = (run.network.get_parameter(f"dense_{k}.weight").double().tolist() for k in (1, 2))
    sigmoid = lambda z: 1 / (1 + np.exp(-z))  # noqa: E731
    hidden = [sigmoid(sum(w * v for w, v in zip(row, x, strict=True))) for row in first]
    answer = [sigmoid(sum(w * v for w, v in zip(row, hidden, strict=True))) for row in second]
    delta_o = [2 / 3 * (a - t) * a * (1 - a) for a, t in zip(answer, y, strict=True)]
    delta_h = [sum(delta_o[o] * second[o][h] for o in range(3)) * hidden[h] * (1 - hidden[h]) for h in range(2)]
    assert walk.upstream("dense_2")["out"] == pytest.approx(delta_o, abs=5e-7)
    assert walk.upstream("dense_1")["out"] == pytest.approx(delta_h, abs=5e-7)
    for path, delta, before in (("dense_2", delta_o, hidden), ("dense_1", delta_h, x)):
        assert walk.gradients(path)["weight"] == pytest.approx(np.outer(delta, before), abs=5e-7)


def test_differences_agree_with_what_is_reckoned_by_hand():
    walk = walked(trained(small(), 5))
    stops = Stops(walk)
    for stage in stops.stages:
        for of in stage.of if stage.phase == "backward" else ():
            for entry in np.ndindex(*stops.values(stage, of).shape):
                checked, bent = stops.checked(stage, of, entry)
                assert checked.difference == pytest.approx(checked.shown, rel=1e-6, abs=1e-9)
                assert checked.autograd == pytest.approx(checked.shown, rel=1e-10, abs=1e-14)
                assert not bent
        if stage.phase != "backward":
            assert stops.checked(stage, stage.of[0], (0,)) == (None, False)


def test_a_difference_across_a_corner_is_told_to_be_one():
    experiment = small(Dense(units=3), ReLU())
    run = Trainer(experiment, device="cpu")
    with torch.no_grad():
        run.network.get_parameter("dense_1.weight")[0] = 0
        run.network.get_parameter("dense_1.bias").copy_(torch.tensor([1e-7, 1.0, 1.0]))
        run.network.get_parameter("dense_2.weight").fill_(1.0)
    walk = walked(run)
    near, far = (walk.difference("relu_1", "x", (k,)) for k in (0, 1))
    assert near.bent and not far.bent
    assert near.value != pytest.approx(walk.gradients("relu_1")["x"][0], rel=0.1)
    assert far.value == pytest.approx(walk.gradients("relu_1")["x"][1], rel=1e-6)


# -- how networks hang together ------------------------------------------------------------------------------------


def branching() -> Graph:
    """One value feeds three nodes, and one of these twice: what comes back adds up."""
    graph = Graph.of(
        {
            "input_1": Input(),
            "dense_1": Dense(units=4),
            "tanh_1": Tanh(),
            "relu_1": ReLU(),
            "twice": Dense(units=4, bias=False),
            "add_1": Add(),
            "dense_2": Dense(units=1),
            "output_1": BINARY,
        }
    )
    wires = [("input_1", "dense_1"), ("dense_1", "tanh_1"), ("dense_1", "relu_1"), ("relu_1", "twice")]
    wires += [("tanh_1", "add_1"), ("twice", "add_1"), ("dense_1", "add_1"), ("relu_1", "add_1")]
    wires += [("add_1", "dense_2"), ("dense_2", "output_1")]
    for source, target in wires:
        port = "xs" if target == "add_1" else "x"
        graph = graph.connect(Wire(source, target, "out", port))
    return graph


def test_where_a_value_feeds_several_nodes_what_comes_back_adds_up():
    walk = walked(trained(replace(small(), graph=branching()), 3))
    proven(walk)
    place = walk.place("add_1")
    assert list(place.inputs) == ["x_1", "x_2", "x_3", "x_4"]
    back = [walk.gradients(node)["x"] for node in ("tanh_1", "relu_1")] + [walk.gradients("add_1")["x_3"]]
    np.testing.assert_allclose(sum(back), walk.upstream("dense_1")["out"], atol=1e-12)


def test_weights_that_several_nodes_share_learn_from_all_of_them():
    graph = chain(Input(), Dense(units=2), Tanh(), Dense(units=2), Tanh(), Dense(units=1), BINARY)
    nodes = {**graph.nodes, "dense_2": replace(graph.nodes["dense_2"], tied_to="dense_1")}
    run = trained(replace(small(), graph=replace(graph, nodes=nodes)), 3)
    walk = walked(run)
    proven(walk)
    uses = walk.uses("dense_1", "weight")
    assert [path for path, _ in uses] == ["dense_1", "dense_2"]
    inputs, targets = run.feeds.splits["train"].piece(0, 1)
    run.network.zero_grad()
    run.loss_of(run.network(inputs), targets).backward()
    np.testing.assert_allclose(sum(one for _, one in uses), run.network.dense_1.weight.grad.numpy(), atol=1e-6)
    stages = Stops(walk).stages
    assert [stage.node for stage in stages if stage.phase == "update"] == ["dense_1", "dense_3"], "the owner's alone"
    (owner,) = [stage for stage in stages if stage.phase == "update" and stage.node == "dense_1"]
    assert "dense_1, dense_2" in str(Stops(walk).told(owner, "weight", (0, 0)).remark)


def test_nodes_inside_repeated_groups_are_walked_by_their_paths():
    inside = Graph.of({"x": GroupInput(), "dense_1": Dense(units=3), "relu_1": ReLU(), "out": GroupOutput()})
    for source, target in (("x", "dense_1"), ("dense_1", "relu_1"), ("relu_1", "out")):
        inside = inside.connect(Wire(source, target, "out", "x"))
    run = trained(small(Dense(units=3), Group(graph=inside, repeat=2)), 2)
    walk = walked(run)
    proven(walk)
    assert [stage.node for stage in Stops(walk).stages][2:5] == [
        "group_1.1.dense_1",
        "group_1.1.relu_1",
        "group_1.2.dense_1",
    ]


def test_muted_and_frozen_nodes_and_those_that_lead_nowhere():
    graph = chain(Input(), Dense(units=3), Tanh(), Dense(units=2), ReLU(), Dense(units=1), BINARY)
    nodes = dict(graph.nodes)
    nodes["relu_1"] = replace(nodes["relu_1"], state="muted")
    nodes["dense_1"] = replace(nodes["dense_1"], frozen=True)
    run = trained(replace(small(), graph=replace(graph, nodes=nodes)), 2)
    walk = walked(run)
    proven(walk)
    stages = Stops(walk).stages
    assert [stage.node for stage in stages if stage.phase == "update"] == ["dense_2", "dense_3"]
    (muted,) = [stage for stage in stages if stage.node == "relu_1" and stage.phase == "forward"]
    assert not muted.by_hand and "muted" in str(Stops(walk).told(muted, "out", (0,)).remark)


def test_a_step_that_is_passed_straight_through_is_told_so():
    walk = walked(trained(small(Dense(units=3), Step(), optimiser=PerceptronRule()), 1))
    proven(walk)
    assert walk.gradients("step_1")["x"] == pytest.approx(walk.upstream("step_1")["out"])
    stops = Stops(walk)
    (stage,) = [one for one in stops.stages if one.node == "step_1" and one.phase == "backward"]
    assert "as if it were a straight line" in str(stops.told(stage, "x", (0,)).remark)


def test_layers_of_images_follow_each_other():
    data = images(side=12)
    blocks = (Conv2D(channels=2), MaxPool2D(kernel=3, stride=2), AvgPool2D(), Upsample(), Softmax(), Dropout())
    graph = chain(Input(field=next(iter(data.facts.inputs))), *blocks, Flatten(), Dense(units=3), Output())
    walk = walked(trained(replace(small(batch_size=4), graph=graph, facts=data.facts), 2, data))
    proven(walk)


def test_clips_are_walked_frame_by_frame():
    rng = np.random.default_rng(2)
    made = Examples({"x": rng.normal(size=(6, 3, 1, 6, 6)).astype(np.float32)}, {"label": rng.integers(0, 2, 6)})
    facts = DataFacts({"x": Shape(time=3, channels=1, height=6, width=6)}, {"label": Target(("a", "b"))}, {"train": 6})
    blocks = (Conv2D(channels=2), Softmax(), MaxPool2D(), Flatten(keep_time=True), MeanOverTime(), Dense(units=2))
    graph = chain(Input(), *blocks, Output())
    run = trained(replace(small(batch_size=3), graph=graph, facts=facts), 2, Data(facts, {"train": made}))
    walk = walked(run)
    proven(walk)
    assert all(stage.by_hand for stage in Stops(walk).stages)


def test_a_block_that_nobody_explains_is_passed_through_by_autograd(monkeypatch):
    monkeypatch.setattr("playground.copied.explainer_of", lambda block: None)
    walk = walked(trained(preset("lstm-tagger"), 1), "validation")
    proven(walk)
    stages = Stops(walk).stages
    assert {stage.phase for stage in stages if not stage.by_hand} == {"forward", "backward"}
    assert all(stage.by_hand for stage in stages if stage.phase in ("loss", "update"))
    lstm = next(stage for stage in stages if stage.node == "lstm_1")
    assert "LSTM" in str(Stops(walk).told(lstm, "out" if "out" in lstm.of else lstm.of[0], (0, 0)).remark)


# -- updates -------------------------------------------------------------------------------------------------------


def variants(kind, **options):
    return [kind(**dict(zip(options, chosen, strict=True))) for chosen in itertools.product(*options.values())]


OPTIMISERS = [
    *variants(SGD, momentum=(0.0, 0.9), nesterov=(False, True), weight_decay=(0.0, 0.02)),
    *variants(PerceptronRule, momentum=(0.5,)),
    *variants(Adam, beta1=(0.0, 0.9), epsilon=(1e-8, 0.1), weight_decay=(0.0, 0.02)),
    *variants(AdamW, weight_decay=(0.0, 0.5)),
    *variants(RMSprop, momentum=(0.0, 0.9), weight_decay=(0.0, 0.02)),
    *variants(Adagrad, lr_decay=(0.0, 0.1), weight_decay=(0.0, 0.02)),
]
PULLS = [{}, {"l1": 0.01, "l2": 0.1}, {"clip_value": 0.05}, {"clip_norm": 0.1, "l2": 0.05}, {"schedule": Cosine()}]


def told_as(choice):
    return "-".join([choice.key, *(f"{getattr(choice, name)}" for name in choice.parameters)])


def test_every_optimiser_that_can_be_chosen_is_among_those_tried_here():
    assert {type(choice) for choice in OPTIMISERS} == set(Optimiser.members.values())


@pytest.mark.parametrize(
    ("choice", "more", "steps"),
    [(choice, PULLS[k % len(PULLS)], k % 3) for k, choice in enumerate(OPTIMISERS)]
    + [(Adam(), more, 4) for more in PULLS]
    + [(SGD(momentum=0.9), more, 4) for more in PULLS],
    ids=lambda one: told_as(one) if isinstance(one, Optimiser) else str(one),
)
def test_an_update_is_what_a_real_step_on_that_example_does(choice, more, steps):
    run = trained(small(optimiser=choice, **more), steps)
    walk = walked(run, index=5)
    stops = Stops(walk)
    found = {}
    for stage in stops.stages:
        for of in stage.of if stage.phase == "update" else ():
            found[f"{stage.node}.{of}"] = stops.values(stage, of)
            for entry in np.ndindex(*found[f"{stage.node}.{of}"].shape):
                lines = stops.told(stage, of, entry).lines
                assert lines[-1].value == pytest.approx(found[f"{stage.node}.{of}"][entry], rel=1e-12)
                assert all(holds(line) for line in lines), [line for line in lines if not holds(line)]
    in_double(run)
    run._learn(*(part for part in doubled(run, 5)))
    assert set(found) == {name for name, _ in run.network.named_parameters()}
    for name, weight in run.network.named_parameters():
        np.testing.assert_allclose(found[name], weight.detach().numpy(), rtol=1e-9, atol=1e-12, err_msg=name)


def in_double(run: Trainer) -> None:
    """Let a run go on in double precision, with what its optimiser remembers."""
    run.network.double()
    for state in run.optimiser.state.values():
        for key, value in state.items():
            if isinstance(value, torch.Tensor) and key != "step":
                state[key] = value.double()


def doubled(run: Trainer, index: int):
    inputs, targets = run.feeds.splits["train"].piece(index, index + 1)
    return {name: value.double() for name, value in inputs.items()}, [target.double() for target in targets]


# -- what it leaves alone ------------------------------------------------------------------------------------------


def test_a_walk_leaves_the_run_as_it_was_bit_for_bit():
    expected = [step.loss for step in Trainer(delicate(seed=3), device="cpu").steps(12)]
    watched, found = Trainer(delicate(seed=3), device="cpu"), []
    for step in watched.steps(12):
        found.append(step.loss)
        before = copy.deepcopy(watched.network.state_dict()), torch.get_rng_state()
        gradients = {name: p.grad.clone() for name, p in watched.network.named_parameters()}
        walk = walked(watched, keep=bool(step.number % 2))
        stops = Stops(walk)
        stage = next(one for one in stops.stages if one.phase == "backward" and "weight" in one.of)
        stops.checked(stage, "weight", (0, 0))
        assert watched.network.training
        assert torch.equal(before[1], torch.get_rng_state())
        assert all(torch.equal(before[0][name], value) for name, value in watched.network.state_dict().items())
        assert all(torch.equal(gradients[name], p.grad) for name, p in watched.network.named_parameters())
    assert found == expected


def test_a_check_puts_the_copy_back_so_that_later_numbers_are_the_same():
    walk = walked(trained(small(), 2))
    before = {name: walk.autograd("dense_1", name).copy() for name in ("x", "weight", "bias")}
    loss = walk.loss
    walk.difference("dense_1", "weight", (1, 1))
    assert walk.difference("dense_2", "x", (0,)) == walk.difference("dense_2", "x", (0,))
    assert walk.loss == loss and walk.place("dense_1").weights["weight"].shape == (4, 2)
    for name, values in before.items():
        np.testing.assert_array_equal(walk.autograd("dense_1", name), values)


def test_what_is_too_large_or_has_two_losses_is_refused_in_a_sentence(monkeypatch):
    monkeypatch.setattr("playground.copied.MOST_WEIGHTS", 5)
    with pytest.raises(Refusal, match="too large to be walked by hand"):
        Copied(Trainer(small(), device="cpu"), keep=False)
    monkeypatch.undo()
    with pytest.raises(Refusal, match="Two sides learn in turn"):
        Copied(Trainer(preset("gan-points"), device="cpu"), keep=False)
