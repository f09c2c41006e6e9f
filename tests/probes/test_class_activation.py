"""Grad-CAM is what its definition says: with hooks, by hand, and where the answer is known beforehand."""

from __future__ import annotations

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from playground.blocks.activation import ReLU, Sigmoid, Step, Tanh  # noqa: E402
from playground.blocks.combine import Add, Concat, Flatten  # noqa: E402
from playground.blocks.convolution import Conv2D  # noqa: E402
from playground.blocks.data import Input, Output  # noqa: E402
from playground.blocks.dense import Dense  # noqa: E402
from playground.blocks.group import Group, GroupInput, GroupOutput  # noqa: E402
from playground.blocks.normalisation import BatchNorm, Dropout  # noqa: E402
from playground.blocks.pooling import GlobalAvgPool2D, LastStep, MaxPool2D  # noqa: E402
from playground.blocks.recurrence import LSTM  # noqa: E402
from playground.data import Data, Examples  # noqa: E402
from playground.experiment import Experiment, Training  # noqa: E402
from playground.facts import DataFacts, Target  # noqa: E402
from playground.graph import Graph, Wire  # noqa: E402
from playground.probes._entering import as_picture  # noqa: E402
from playground.probes._looking import why_not  # noqa: E402
from playground.probes.class_activation import MAP_NUMBERS, ClassActivation  # noqa: E402
from playground.shape import Shape  # noqa: E402
from playground.training import Trainer  # noqa: E402
from tests.probes.conftest import CLASSES, chain, image_graph, images  # noqa: E402
from tests.probes.test_clip import chained, clips  # noqa: E402

DELICATE = (Conv2D(channels=4), BatchNorm(), ReLU(), Flatten(), Dropout(), Dense(units=3), Output(target="label"))


def by_hooks(run, path, image, score_of):
    """Catch with hooks what leaves a module and the gradient that comes back to it; combine them as defined."""
    module, caught = run.network.get_submodule(path), {}
    hooks = (
        module.register_forward_hook(lambda _m, _i, out: caught.update(maps=out.detach())),
        module.register_full_backward_hook(lambda _m, _i, out: caught.update(gradient=out[0])),
    )
    run.network.eval()
    scores = run.network({"image": run.feeds.entering("image", image[None]).requires_grad_()})
    score_of(scores)[0].backward()
    for hook in hooks:
        hook.remove()
    run.network.train()
    run.network.zero_grad()
    maps, gradient = caught["maps"][0].double(), caught["gradient"][0].double()
    alpha = gradient.sum(dim=(1, 2)) / (maps.shape[1] * maps.shape[2])
    found = sum(a * one for a, one in zip(alpha, maps, strict=True))
    return torch.clamp(found, min=0).numpy()


def branched() -> Graph:
    """Return two branches that join, one of them a group of two repetitions, and a node that leads nowhere."""
    inner = chain(GroupInput(), Conv2D(channels=4, padding=1), Tanh(), GroupOutput())
    ends = {id: node.block for id, node in inner.nodes.items()}
    first, *_, last = ends
    inner = inner.rename(first, "x").rename(last, "out")
    blocks = {
        "input_1": Input(field="image"),
        "conv_1": Conv2D(channels=4, padding=1),
        "group_1": Group(graph=inner, repeat=2),
        "conv_2": Conv2D(channels=4, kernel=5, padding=2),
        "relu_1": ReLU(),
        "add_1": Add(),
        "concat_1": Concat(),
        "pool_1": MaxPool2D(kernel=2),
        "flatten_1": Flatten(),
        "dense_1": Dense(units=3),
        "output_1": Output(target="label"),
        "conv_3": Conv2D(channels=2),
    }
    lines = (
        "input_1 conv_1, conv_1 group_1, conv_1 conv_2, conv_2 relu_1, group_1 add_1, relu_1 add_1, add_1 concat_1, "
        "relu_1 concat_1, concat_1 pool_1, pool_1 flatten_1, flatten_1 dense_1, dense_1 output_1, relu_1 conv_3"
    )
    graph = Graph.of(blocks)
    for line in lines.split(", "):
        source, target = line.split()
        port = graph.free_port(target)
        graph = graph.connect(Wire(source, target, graph.nodes[source].block.outputs[0], port.name))
    return graph


@pytest.mark.parametrize("node", ["conv_1", "relu_1", "pool_1"])
@pytest.mark.parametrize("number", [0, 2])
def test_the_map_is_that_of_hooks_on_the_network(pictured, node, number):
    run = pictured()
    image = run.data.splits["validation"].inputs["image"][7]
    answer = ClassActivation(node=node, number=number, index=7).measure(run)
    expected = by_hooks(run, node, image, lambda scores: scores["output_1"][:, number])
    assert expected.max() > 0
    np.testing.assert_allclose(answer.map, expected, rtol=1e-4, atol=1e-6 * expected.max())
    assert answer.size == expected.shape and answer.high == pytest.approx(expected.max(), rel=1e-5)
    assert (answer.seen.number, answer.seen.shown) == (number, CLASSES[number])
    assert np.array_equal(answer.seen.image, image) and answer.seen.field == "image"


def test_it_goes_through_groups_and_parallel_branches(pictured):
    run = pictured(graph=branched())
    image = run.data.splits["validation"].inputs["image"][3]
    inside = [id for id in run.report.nodes if id.startswith("group_1.")]
    assert len(inside) == 4  # two blocks, twice
    for node in ("conv_1", "conv_2", "relu_1", "add_1", "concat_1", *inside):
        expected = by_hooks(run, node, image, lambda scores: scores["output_1"][:, 1])
        answer = ClassActivation(node=node, number=1, index=3).measure(run)
        np.testing.assert_allclose(answer.map, expected, rtol=1e-3, atol=1e-5 * expected.max(), err_msg=node)


def test_behind_a_global_average_it_is_the_class_activation_map(pictured):
    """Of one convolution, its average and a dense layer CAM is known: Σ_k w_ck A_k (Zhou and others 2016)."""
    graph = chain(
        Input(field="image"), Conv2D(channels=5), ReLU(), GlobalAvgPool2D(), Dense(units=3), Output(target="label")
    )
    run = pictured(graph=graph)
    image = run.data.splits["validation"].inputs["image"][0]
    with torch.no_grad():
        maps = run.network.relu_1(run.network.conv_1(torch.as_tensor(image)[None]))[0]
    for number, weights in enumerate(run.network.dense_1.weight.detach()):
        cam = torch.relu((weights[:, None, None] * maps).sum(dim=0)).numpy()
        answer = ClassActivation(node="relu_1", number=number).measure(run)
        assert cam.any()
        np.testing.assert_allclose(answer.map * maps[0].numel(), cam, rtol=1e-4, atol=1e-5)


def test_a_bright_spot_that_alone_decides_is_the_one_that_lights_up(pictured):
    graph = chain(Input(field="image"), Conv2D(channels=2, kernel=1), Flatten(), Dense(units=3), Output(target="label"))
    run = pictured(graph=graph)
    with torch.no_grad():
        run.network.conv_1.weight.copy_(torch.tensor([1.0, -1.0]).reshape(2, 1, 1, 1))
        run.network.conv_1.bias.zero_()
        run.network.dense_1.weight.zero_()
        run.network.dense_1.weight[0].view(2, 12, 12)[0] = 1.0  # class 0: how bright it is
    run.data.splits["validation"].inputs["image"][4] = 0
    run.data.splits["validation"].inputs["image"][4, 0, 2, 9] = 3.0
    answer = ClassActivation(node="conv_1", number=0, index=4).measure(run)
    assert answer.map[2, 9] == pytest.approx(3.0) and np.count_nonzero(answer.map) == 1
    assert not ClassActivation(node="conv_1", number=1, index=4).measure(run).map.any()


def test_without_a_class_it_is_the_one_that_the_network_chooses(pictured):
    run = pictured()
    for index in range(6):
        answer = ClassActivation(node="relu_1", index=index).measure(run)
        with torch.no_grad():
            scores = run.network({"image": torch.as_tensor(run.data.splits["validation"].inputs["image"][index])[None]})
        given = torch.softmax(scores["output_1"][0], dim=0)
        assert answer.seen.number == int(given.argmax()) and answer.seen.shown == answer.seen.predicted
        assert answer.seen.probability == pytest.approx(float(given.max()), rel=1e-5) == answer.seen.confidence
        assert answer.seen.score == pytest.approx(float(scores["output_1"].max()), rel=1e-4)
        assert answer.seen.label == CLASSES[run.data.splits["validation"].targets["label"][index]]
        same = ClassActivation(node="relu_1", index=index, number=answer.seen.number).measure(run)
        assert np.array_equal(answer.map, same.map)


def two_classes() -> Data:
    made = images()
    facts = DataFacts(made.facts.inputs, {"label": Target(("no", "yes"))}, made.facts.counts)
    splits = {name: Examples(one.inputs, {"label": one.targets["label"] % 2}) for name, one in made.splits.items()}
    return Data(facts, splits)


@pytest.mark.parametrize(
    ("end", "loss"), [((), "binary_cross_entropy"), ((Sigmoid(),), "mse")], ids=["one score", "behind a sigmoid"]
)
def test_of_two_classes_one_has_the_score_and_the_other_minus_it(pictured, end, loss):
    output = Output(target="label", task="binary", loss=loss)
    graph = chain(Input(field="image"), Conv2D(channels=4), ReLU(), Flatten(), Dense(units=1), *end, output)
    run = pictured(two_classes(), graph)
    image = run.data.splits["validation"].inputs["image"][0]
    caught = []
    hook = run.network.dense_1.register_forward_hook(lambda _m, _i, out: caught.append(out))
    yes = by_hooks(run, "relu_1", image, lambda _: caught[-1][:, 0])
    no = by_hooks(run, "relu_1", image, lambda _: -caught[-1][:, 0])
    hook.remove()
    score = float(caught[0].detach())
    for number, expected in ((1, yes), (0, no)):
        answer = ClassActivation(node="relu_1", number=number).measure(run)
        assert expected.any()
        np.testing.assert_allclose(answer.map, expected, rtol=1e-4, atol=1e-6)
        assert answer.seen.score == pytest.approx(score if number else -score, rel=1e-4)
    assert answer.seen.probability == pytest.approx(1 - 1 / (1 + np.exp(-score)), rel=1e-4)


def test_frozen_weights_do_not_stand_in_the_way(pictured):
    graph = image_graph()
    open_ = ClassActivation(node="relu_1", number=1).measure(pictured(graph=graph))
    run = pictured(graph=graph.mark("conv_1", frozen=True))
    assert np.array_equal(ClassActivation(node="relu_1", number=1).measure(run).map, open_.map)


def test_where_no_gradient_gets_back_nothing_lights_up(pictured):
    graph = chain(Input(field="image"), Conv2D(channels=4), Step(), Flatten(), Dense(units=3), Output(target="label"))
    run = pictured(graph=graph.mark("conv_1", frozen=True))
    assert not ClassActivation(node="conv_1").measure(run).map.any()
    assert ClassActivation(node="step_1", number=0).measure(run).map.shape == (10, 10)


def test_a_node_that_cannot_has_no_map_and_the_reason_is_said(pictured, planar):
    run = pictured(graph=branched())
    facts = run.data.facts
    assert ClassActivation(node="conv_3").measure(run) is None
    assert "conv_3" in str(why_not(run.report, facts, "conv_3")) and why_not(run.report, facts, "relu_1") is None
    assert ClassActivation(node="dense_1").measure(run) is None and ClassActivation().measure(run) is None
    accepted = [id for id, node in run.report.nodes.items() if ClassActivation.accepts(node)]
    assert "input_1" not in accepted and "dense_1" not in accepted and "group_1.1.conv_1" in accepted
    muted = pictured(graph=image_graph().mark("relu_1", state="muted"))
    assert ClassActivation(node="conv_1").measure(muted) is None
    bypassed = pictured(graph=image_graph().mark("relu_1", state="bypassed"))
    map_ = ClassActivation(node="conv_1", number=1).measure(bypassed).map
    assert np.array_equal(ClassActivation(node="relu_1", number=1).measure(bypassed).map, map_)


def test_numbers_in_place_of_classes_are_told_in_words(pictured):
    made = images()
    facts = DataFacts(made.facts.inputs, {"size": Target(shape=Shape(features=1))}, made.facts.counts)
    splits = {name: Examples(one.inputs, {"size": np.ones((40, 1), np.float32)}) for name, one in made.splits.items()}
    output = Output(target="size", task="regression", loss="mse")
    run = pictured(
        Data(facts, splits), chain(Input(field="image"), Conv2D(channels=2), Flatten(), Dense(units=1), output)
    )
    assert ClassActivation(node="conv_1").measure(run) is None
    assert "classes" in str(why_not(run.report, facts, "conv_1"))
    assert not ClassActivation.suits(Experiment(facts=facts)) and ClassActivation.suits(Experiment(facts=made.facts))


def test_of_a_clip_every_frame_has_its_map_on_one_scale():
    data = clips()
    graph = chained(
        Input(),
        Conv2D(channels=2),
        ReLU(),
        Flatten(keep_time=True),
        LSTM(units=5),
        LastStep(),
        Dense(units=3),
        Output(),
    )
    run = Trainer(Experiment(graph=graph, training=Training(batch_size=4)), data, device="cpu")
    clip = torch.as_tensor(data.splits["train"].inputs["x"][2])[None].requires_grad_()
    caught = []
    hook = run.network.relu_1.register_forward_hook(lambda _m, _i, out: (out.retain_grad(), caught.append(out))[1])
    run.network({"x": clip})["output_1"][0, 1].backward()
    hook.remove()
    maps, gradient = caught[0][0].detach(), caught[0].grad[0]  # (frames, channels, h, w)
    expected = torch.relu((gradient.mean(dim=(0, 2, 3))[None, :, None, None] * maps).sum(dim=1)).numpy()
    for frame in range(4):
        answer = ClassActivation(node="relu_1", number=1, split="train", index=2, frame=frame).measure(run)
        np.testing.assert_allclose(answer.map, expected[frame], rtol=1e-4, atol=1e-7)
        assert answer.high == pytest.approx(expected.max(), rel=1e-4)
        assert (answer.seen.frame, answer.seen.frames) == (frame, 4)


def test_a_picture_of_ones_own_and_one_that_was_moved_are_looked_at_in_its_place(pictured):
    run = pictured()
    run.data.splits["train"].inputs["image"][:] = np.random.default_rng(3).integers(0, 256, (40, 1, 12, 12)) / 255
    run.data.splits["validation"].inputs["image"][:] = run.data.splits["train"].inputs["image"]
    expected = ClassActivation(node="relu_1", number=2, index=5).measure(run)
    own = as_picture(run, "image", run.data.splits["train"].inputs["image"][5])
    answer = ClassActivation(node="relu_1", number=2, own=own).measure(run)
    np.testing.assert_allclose(answer.map, expected.map, rtol=1e-5, atol=1e-7)
    assert answer.seen.own and answer.seen.label == "" and not expected.seen.own
    moved = ClassActivation(node="relu_1", number=2, index=5, down=2, right=-1).measure(run)
    image = np.zeros((1, 12, 12), np.float32)
    image[:, 2:, :-1] = run.data.splits["validation"].inputs["image"][5][:, :-2, 1:]
    assert np.array_equal(moved.seen.image, image) and (moved.seen.down, moved.seen.right) == (2, -1)
    expected = by_hooks(run, "relu_1", image, lambda scores: scores["output_1"][:, 2])
    np.testing.assert_allclose(moved.map, expected, rtol=1e-4, atol=1e-7)


def test_large_maps_and_pictures_are_sent_smaller(pictured, size_of):
    run = pictured(images(channels=3, side=224, count=2), image_graph(maps=4))
    answer = ClassActivation(node="conv_1").measure(run)
    assert answer.size == (222, 222) and answer.map.size <= MAP_NUMBERS and answer.seen.image_size == (224, 224)
    assert size_of(answer) <= 256 * 1024


def test_the_run_is_left_as_it_was(pictured):
    run = pictured(graph=chain(Input(field="image"), *DELICATE))
    next(run.steps())
    before = {name: value.clone() for name, value in run.network.state_dict().items()}
    gradients, dice = [p.grad.clone() for p in run.network.parameters()], torch.get_rng_state()
    for node in ("conv_1", "norm_1", "relu_1"):
        assert ClassActivation(node=node).measure(run).map.any()
    assert all(torch.equal(value, before[name]) for name, value in run.network.state_dict().items())
    assert all(torch.equal(p.grad, g) for p, g in zip(run.network.parameters(), gradients, strict=True))
    assert torch.equal(torch.get_rng_state(), dice) and all(module.training for module in run.network.modules())
    assert not any(p.grad_fn for p in run.network.parameters())
