"""Rows B6, B7, B13 and B14 of the curriculum: what their presets say is so, and what is judged is judged rightly."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np
import pytest

from playground.analysis import analyse
from playground.blocks.combine import Concat
from playground.blocks.data import Input, Output
from playground.blocks.dense import Dense
from playground.blocks.normalisation import LocalResponseNorm
from playground.facts import DataFacts, Target
from playground.shape import Shape
from tests.examples import chain, preset

SHARED = Path(__file__).parents[1] / ".." / "shared" / "data"

BOX = Output(target="box", task="box", loss="smooth_l1")


def facts_with(target: Target) -> DataFacts:
    return DataFacts({"x": Shape(features=6)}, {"box": target}, {"train": 10})


def trainer(experiment):
    return pytest.importorskip("playground.training").Trainer(experiment, device="cpu")


def trained(experiment):
    run = trainer(experiment)
    for _ in run.steps():
        pass
    return run


# -- the task of boxes ---------------------------------------------------------------------------------------------


def test_four_numbers_can_be_a_box():
    graph = chain(Input(), Dense(units=4), BOX)
    assert analyse(graph, facts_with(Target(shape=Shape(features=4)))).problems == ()


@pytest.mark.parametrize("target", [Target(shape=Shape(features=3)), Target(("a", "b")), Target(shape=Shape(time=4))])
def test_what_is_not_four_numbers_is_no_box_and_can_be_predicted_otherwise(target):
    facts = facts_with(target)
    report = analyse(chain(Input(), Dense(units=4), BOX), facts)
    problem = report.problems[0]
    assert "box is not a box; a box is four numbers" in str(problem.message)
    mended = problem.fixes[0].edit(chain(Input(), Dense(units=4), BOX)).nodes["output_1"].block
    assert mended.task == ("classification" if target.is_class else "regression")


def test_a_box_of_another_width_than_four_is_mended_by_its_last_dense():
    graph = chain(Input(), Dense(units=5), BOX)
    facts = facts_with(Target(shape=Shape(features=4)))
    problem = analyse(graph, facts).problems[0]
    assert "needs 4 numbers" in str(problem.message)
    assert analyse(problem.fixes[0].edit(graph), facts).problems == ()


def test_the_loss_of_boxes_is_that_of_numbers_not_of_classes():
    graph = chain(Input(), Dense(units=4), BOX.replace(loss="cross_entropy"))
    problem = analyse(graph, facts_with(Target(shape=Shape(features=4)))).problems[0]
    assert "does not go with the task “Box”" in str(problem.message)
    mended = problem.fixes[0].edit(graph).nodes["output_1"].block
    assert (mended.task, mended.loss) == ("box", "mse")


# -- B13: segmentation ---------------------------------------------------------------------------------------------


def test_the_u_net_brings_maps_of_the_same_size_beside_the_enlarged_ones():
    report = preset("segmentation").examined()
    shapes = {id: node.shape for id, node in report.nodes.items()}
    graph = preset("segmentation").graph
    for concat in (id for id, node in graph.nodes.items() if isinstance(node.block, Concat)):
        skipped, enlarged = (report.nodes[concat].inputs[k] for k in (0, 1))
        assert (skipped.height, skipped.width) == (enlarged.height, enlarged.width), concat
        assert shapes[concat].channels == skipped.channels + enlarged.channels
    sources = {wire.source for id in ("concat_1", "concat_2") for wire in graph.incoming[id]}
    assert sources == {"down_1", "down_2", "up_1", "up_2"}
    assert shapes["output_1"] == Shape(channels=4, height=32, width=32)


def test_answering_ground_everywhere_reaches_the_baseline_and_no_more():
    torch = pytest.importorskip("torch")
    from playground.judging import tally

    run = trainer(preset("segmentation"))
    masks = torch.as_tensor(run.data.splits["validation"].targets["mask"])
    scores = torch.zeros(len(masks), 4, 32, 32)
    scores[:, 0] = 1.0
    counted = tally(Output(target="mask"), masks)
    counted.add(scores, masks)
    assert counted.metrics()["iou"] == pytest.approx(preset("segmentation").result.baseline, abs=0.01)
    assert counted.metrics()["accuracy"] > 0.7, "so accuracy says little"


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_without_the_skips_the_edges_are_worse():
    whole = preset("segmentation")
    cut = whole.graph
    for wire in [w for w in cut.wires if w.target.startswith("concat") and w.source.startswith("down")]:
        cut = cut.disconnect(wire)
    found = {}
    for name, graph in (("with", whole.graph), ("without", cut)):
        run = trained(dataclasses.replace(whole, graph=graph))
        found[name] = run.evaluate("validation").metrics["iou"]
    assert found["with"] > found["without"] + 0.03


# -- B14: detection ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("name", "boxes"), [("detection-one", ["box"]), ("detection-two", ["box_1", "box_2"])])
def test_the_mean_box_reaches_the_baseline_and_no_more(name, boxes):
    torch = pytest.importorskip("torch")
    from playground.judging import overlap

    run = trainer(preset(name))
    train, held = run.data.splits["train"], run.data.splits["validation"]
    found = []
    for box in boxes:
        mean = torch.as_tensor(train.targets[box].mean(axis=0))
        found.append(float(overlap(mean[None], torch.as_tensor(held.targets[box])).mean()))
    result = preset(name).result
    assert result.metric == f"box_iou.{boxes[0]}"
    assert found[0] == pytest.approx(result.baseline, abs=0.01) and max(found) < result.value / 2 + 0.05


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.parametrize("name", ["detection-one", "detection-two"])
def test_class_and_box_of_every_shape_are_learnt(name):
    metrics = trained(preset(name)).evaluate("test").metrics
    classes = [value for key, value in metrics.items() if key.startswith("accuracy.")]
    boxes = [value for key, value in metrics.items() if key.startswith("box_iou.")]
    assert len(classes) == len(boxes) == (1 if name == "detection-one" else 2)
    assert min(classes) > 0.45 and min(boxes) > 0.5, metrics


# -- B6 and B7: convolutional networks -----------------------------------------------------------------------------


def test_the_small_networks_are_built_like_their_models():
    nodes = {name: preset(name).examined().nodes for name in ("vgg-small", "alexnet-small", "densenet-small")}
    kinds = {name: [node.block.key for node in found.values()] for name, found in nodes.items()}
    assert all(node.block.kernel == (3, 3) for node in nodes["vgg-small"].values() if node.block.key == "Conv2D")
    assert sum(isinstance(node.block, LocalResponseNorm) for node in nodes["alexnet-small"].values()) == 2
    pools = [node.block for node in nodes["alexnet-small"].values() if node.block.key == "MaxPool2D"]
    assert pools and all(pool.kernel > pool.stride for pool in pools), "its windows overlap"
    assert kinds["densenet-small"].count("Concat") == 6 and "Dropout" in kinds["vgg-small"]


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_a_coarse_first_look_costs_zfnet_its_accuracy():
    fine = preset("zfnet-small")
    first = fine.graph.nodes["conv_1"].block.replace(kernel=(7, 7), stride=(4, 4), padding=(3, 3))
    coarse = dataclasses.replace(fine, graph=fine.graph.configure("conv_1", first))
    run = trainer(coarse)
    for _ in run.steps():
        pass
    assert run.evaluate("validation").metrics["accuracy"] < 0.7 < fine.result.value


def test_dense_layers_add_their_maps_to_all_before_them():
    nodes = preset("densenet-small").examined().nodes
    joined = [node for node in nodes.values() if node.block.key == "Concat"]
    assert {int(node.shape.channels - node.inputs[0].channels) for node in joined} == {8}
    assert [int(node.shape.channels) for node in joined] == [24, 32, 40, 28, 36, 44]


@pytest.mark.parametrize("name", ["lenet", "resnet", "vgg-small", "alexnet-small", "zfnet-small", "densenet-small"])
def test_presets_of_digits_bear_other_images(name):
    """The same graph takes 32 × 32 in colour: what depends on the data is set to auto, or pooled away."""
    facts = DataFacts(
        {"x": Shape(channels=3, height=32, width=32)},
        {"label": Target(tuple("abcdefghij"))},
        {"train": 10},
    )
    assert preset(name).examined(facts).blocking == ()


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.parametrize(("name", "folder", "value"), [("lenet", "mnist", 0.97), ("resnet", "cifar10_bin", 0.45)])
def test_on_real_files(name, folder, value):
    from playground.data.recognise import recognise

    if not (SHARED / folder).is_dir():
        pytest.skip("the real files are not here")
    run = trained(dataclasses.replace(preset(name), source=recognise(SHARED / folder)))
    assert run.evaluate("test").metrics["accuracy"] >= value


def test_a_flat_row_is_no_image_to_find_boxes_in():
    pytest.importorskip("torch")
    from playground.data import Data, Examples
    from playground.experiment import Experiment
    from playground.probes.boxes import Boxes

    facts = facts_with(Target(shape=Shape(features=4)))
    rows = np.random.default_rng(1).random((10, 6), dtype=np.float32)
    data = Data(facts, {"train": Examples({"x": rows}, {"box": rows[:, :4]})})
    from playground.training import Trainer

    run = Trainer(Experiment(graph=chain(Input(), Dense(units=4), BOX), facts=facts), data, "cpu")
    assert Boxes().measure(run) is None
    assert "box_iou" in run.evaluate("train").metrics
