"""Probes that compare pictures: masks, boxes and kernels, each against another way to compute it."""

from __future__ import annotations

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from sklearn.metrics import jaccard_score  # noqa: E402

from playground.blocks.combine import Flatten  # noqa: E402
from playground.blocks.convolution import Conv2D, ConvTranspose2D, SeparableConv2D  # noqa: E402
from playground.blocks.data import Input, Output  # noqa: E402
from playground.blocks.dense import Dense  # noqa: E402
from playground.data import IGNORED, Data, Examples  # noqa: E402
from playground.data.detection import Detection  # noqa: E402
from playground.data.segmentation import Segmentation  # noqa: E402
from playground.experiment import Experiment, Training  # noqa: E402
from playground.facts import DataFacts, Target  # noqa: E402
from playground.graph import Wire  # noqa: E402
from playground.judging import overlap  # noqa: E402
from playground.preparation import Preparation, prepare  # noqa: E402
from playground.probes import _held_out  # noqa: E402
from playground.probes.boxes import Boxes, finders_of  # noqa: E402
from playground.probes.kernels import MOST_INPUTS, MOST_OUTPUTS, Kernels  # noqa: E402
from playground.probes.masks import NOWHERE, Masks  # noqa: E402
from playground.shape import Shape  # noqa: E402
from playground.training import Trainer  # noqa: E402
from tests.examples import chain  # noqa: E402


def run_of(graph, source, steps=3):
    run = Trainer(Experiment(source=source, graph=graph, training=Training(batch_size=20)), device="cpu")
    for _ in run.steps(steps):
        pass
    return run


@pytest.fixture(scope="module")
def painting():
    graph = chain(Input(), Conv2D(channels=4, padding=1), Conv2D(channels=3, padding=1), Output(target="mask"))
    return run_of(graph, Segmentation(kinds=("circle", "stripes"), count=100, size="16"))


@pytest.fixture(scope="module")
def finding():
    graph = chain(Input(), Flatten(), Dense(units=8))
    for k in (2, 1):  # not in the order of the data
        graph = graph.add(Dense(units=10), f"class_{k}").add(Dense(units=4), f"place_{k}")
        graph = graph.add(Output(target=f"box_{k}", task="box", loss="smooth_l1"), f"box_{k}")
        graph = graph.add(Output(target=f"label_{k}"), f"label_{k}")
        for one, other in (("dense_1", f"class_{k}"), ("dense_1", f"place_{k}")):
            graph = graph.connect(Wire(one, other))
        graph = graph.connect(Wire(f"class_{k}", f"label_{k}")).connect(Wire(f"place_{k}", f"box_{k}"))
    return run_of(graph, Detection(shapes="two", count=100, size="16"))


# -- masks ---------------------------------------------------------------------------------------------------------


def test_masks_are_the_answers_of_the_network_and_their_overlap_is_that_of_scikit_learn(painting):
    answer = Masks(first=3, count=4).measure(painting)
    examples = painting.data.splits["validation"]
    chosen = painting.look(examples.inputs, ["output_1"])["output_1"].argmax(dim=1).numpy()
    assert np.array_equal(answer.answers, chosen[3:7])
    assert np.array_equal(answer.truths, examples.targets["mask"][3:7])
    right, ours = examples.targets["mask"].ravel(), chosen.ravel()
    for k, name in enumerate(answer.classes):
        expected = jaccard_score(right == k, ours == k)
        assert np.nan_to_num(answer.overlaps[k]) == pytest.approx(expected, abs=1e-12), name
    assert answer.mean == pytest.approx(painting.evaluate("validation").metrics["iou"], abs=1e-12)
    assert answer.own[0] == pytest.approx(jaccard_score(right.reshape(-1, 256)[3], chosen[3].ravel(), average="macro"))
    assert (answer.total, answer.first, answer.split) == (len(examples), 3, "validation")


def test_a_class_that_is_nowhere_has_no_overlap_and_what_is_not_judged_is_marked():
    images = np.zeros((4, 1, 6, 6), dtype=np.float32)
    masks = np.zeros((4, 6, 6), dtype=np.int64)
    masks[:, 0] = IGNORED
    facts = DataFacts(
        {"x": Shape(channels=1, height=6, width=6)},
        {"mask": Target(("ground", "cat", "dog"), Shape(height=6, width=6))},
        {"train": 4},
    )
    graph = chain(Input(), Conv2D(channels=3, kernel=1), Output(target="mask"))
    run = Trainer(Experiment(graph=graph), Data(facts, {"train": Examples({"x": images}, {"mask": masks})}), "cpu")
    with torch.no_grad():
        run.network.conv_1.bias.copy_(torch.tensor([1.0, 0.0, 0.0]))
    answer = Masks().measure(run)
    assert answer.split == "train"
    assert (answer.truths[:, 0] == NOWHERE).all() and (answer.truths[:, 1:] == 0).all()
    assert answer.overlaps[0] == 1.0 and np.isnan(answer.overlaps[1:]).all() and answer.mean == 1.0


def test_the_first_example_counts_on_from_the_beginning_and_large_images_are_sent_small(painting, size_of):
    total = len(painting.data.splits["validation"])
    answer = Masks(first=total + 2, count=2).measure(painting)
    assert answer.first == 2
    assert np.array_equal(answer.truths, painting.data.splits["validation"].targets["mask"][2:4])
    last = Masks(first=total - 1, count=2).measure(painting)
    assert np.array_equal(last.truths[1], painting.data.splits["validation"].targets["mask"][0])
    large = np.zeros((8, 3, 300, 200), dtype=np.float32)
    assert _held_out.coloured(large).shape == (8, 64, 64, 3)
    assert size_of(_held_out.coloured(large)) + 2 * 8 * 64 * 64 < 256 * 1024


def test_where_pixels_have_no_class_there_are_no_masks(pictured, planar, finding):
    assert Masks().measure(pictured()) is None and Masks().measure(finding) is None


# -- boxes ---------------------------------------------------------------------------------------------------------


def test_boxes_are_the_answers_of_the_network_in_the_order_of_the_data(finding):
    assert [(one.id, one.label.id) for one in finders_of(finding)] == [("box_1", "label_1"), ("box_2", "label_2")]
    answer = Boxes(count=5).measure(finding)
    examples = finding.data.splits["validation"]
    kept = finding.look(examples.inputs, ["box_1", "box_2", "label_1", "label_2"])
    classes = finding.data.facts.targets["label_1"].classes
    for k in (1, 2):
        assert np.allclose(answer.answers[:, k - 1], kept[f"box_{k}"][:5].numpy())
        assert np.array_equal(answer.truths[:, k - 1], examples.targets[f"box_{k}"][:5])
        assert [one[k - 1] for one in answer.labels] == [classes[i] for i in examples.targets[f"label_{k}"][:5]]
        assert [one[k - 1] for one in answer.predicted] == [classes[i] for i in kept[f"label_{k}"][:5].argmax(1)]
    metrics = finding.evaluate("validation").metrics
    assert answer.mean == pytest.approx((metrics["box_iou.box_1"] + metrics["box_iou.box_2"]) / 2, abs=1e-6)
    every = [overlap(kept[f"box_{k}"], torch.as_tensor(examples.targets[f"box_{k}"])) for k in (1, 2)]
    assert answer.found == pytest.approx((torch.cat(every) >= 0.5).double().mean().item())
    assert answer.counts.sum() == 2 * len(examples)
    assert answer.overlaps[3, 1] == pytest.approx(every[1][3].item(), abs=1e-6)


def test_where_no_object_is_there_is_no_overlap():
    data = prepare(Detection(shapes="one-or-two", count=100, size="16").read(), Preparation(), 1)
    graph = chain(Input(), Flatten(), Dense(units=4), Output(target="box_2", task="box", loss="smooth_l1"))
    answer = Boxes(count=12).measure(Trainer(Experiment(graph=graph), data, "cpu"))
    missing = (answer.truths[:, 0] == 0).all(axis=1)
    assert 0 < missing.sum() < 12 and np.array_equal(np.isnan(answer.overlaps[:, 0]), missing)
    assert answer.labels == (("",),) * 12, "no Output tells the class"
    everywhere = data.splits["validation"].targets["box_2"]
    assert answer.counts.sum() == (everywhere[:, 2] > 0).sum()


def test_where_no_output_answers_with_a_box_there_are_none(pictured, painting):
    assert Boxes().measure(pictured()) is None and Boxes().measure(painting) is None


def test_of_costly_networks_fewer_examples_are_counted(finding, monkeypatch):
    monkeypatch.setattr(_held_out, "BATCH", 4)
    monkeypatch.setattr(_held_out, "LARGEST_WORK", 8 * finding.report.macs)
    assert Boxes().measure(finding).counts.sum() == 2 * 7  # every third of 20


# -- kernels -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("block", "outputs", "inputs"),
    [
        (Conv2D(channels=5, kernel=3), 5, 3),
        (Conv2D(channels=6, kernel=(3, 5), groups=3), 6, 1),
        (ConvTranspose2D(channels=4, kernel=2), 4, 3),
        (SeparableConv2D(channels=7, kernel=3), 3, 1),
    ],
)
def test_kernels_are_the_weights_of_the_layer(block, outputs, inputs):
    facts = DataFacts({"x": Shape(channels=3, height=8, width=8)}, {"label": Target(("a", "b"))}, {"train": 4})
    rng = np.random.default_rng(1)
    data = Data(facts, {"train": Examples({"x": rng.random((4, 3, 8, 8), np.float32)}, {"label": np.arange(4) % 2})})
    graph = chain(Input(), block, Flatten(), Dense(units=2), Output())
    run = Trainer(Experiment(graph=graph, facts=facts), data, "cpu")
    id = next(id for id, node in graph.nodes.items() if node.block == block)
    answer = Kernels(node=id).measure(run)
    module = run.network.module_at(id)
    weight = (module.depthwise if isinstance(block, SeparableConv2D) else module).weight.detach().numpy()
    if isinstance(block, ConvTranspose2D):
        weight = weight.swapaxes(0, 1)
    assert np.array_equal(answer.kernels, weight)
    assert (answer.outputs, answer.inputs, answer.reach) == (outputs, inputs, np.abs(weight).max())
    assert Kernels.accepts(run.report.nodes[id])
    assert not Kernels.accepts(run.report.nodes["dense_1"]) and Kernels(node="dense_1").measure(run) is None


def test_of_many_kernels_the_first_are_sent(size_of):
    facts = DataFacts({"x": Shape(channels=20, height=11, width=11)}, {"label": Target(("a", "b"))}, {"train": 2})
    data = Data(facts, {"train": Examples({"x": np.ones((2, 20, 11, 11), np.float32)}, {"label": np.arange(2)})})
    graph = chain(Input(), Conv2D(channels=40, kernel=11), Flatten(), Dense(units=2), Output())
    answer = Kernels(node="conv_1").measure(Trainer(Experiment(graph=graph, facts=facts), data, "cpu"))
    assert (answer.outputs, answer.inputs) == (40, 20) and size_of(answer) < 256 * 1024
    assert answer.kernels.shape[0] <= MOST_OUTPUTS and answer.kernels.shape[1] == MOST_INPUTS


def test_there_are_no_kernels_of_what_is_not_there(pictured):
    run = pictured()
    assert Kernels(node="gone").measure(run) is None and Kernels().measure(run) is None
