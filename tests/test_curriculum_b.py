"""Convolutional networks, rows B1 to B5, B8, B9 and B11: the presets compute what their texts say."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest

torch = pytest.importorskip("torch")

from playground.analysis import analyse  # noqa: E402
from playground.blocks.combine import Flatten  # noqa: E402
from playground.blocks.data import Input  # noqa: E402
from playground.blocks.dense import Dense  # noqa: E402
from playground.network import Network, look  # noqa: E402
from playground.probes.gradients import Gradients  # noqa: E402
from playground.training import Trainer  # noqa: E402
from tests.examples import chain, image_facts, preset  # noqa: E402


def begun(name, steps=0):
    """Return the run of a preset after some steps."""
    trainer = Trainer(preset(name), device="cpu")
    list(trainer.steps(steps))
    return trainer


def values(trainer, *nodes, count=20):
    """Return what leaves some nodes for the first examples that validate."""
    found = trainer.look({"x": trainer.data.splits["validation"].inputs["x"][:count]}, nodes)
    return [found[node] for node in nodes]


def tells(name, *numbers):
    """Whether the text of a preset names all these numbers, in both languages."""
    about = preset(name).about
    return all(f"{number:,}" in text for number in numbers for text in (about.en, about.zh))


# -- B1: convolution arithmetic ----------------------------------------------------------------------------------


def test_the_sizes_of_convolution_arithmetic_follow_the_formula():
    report = preset("convolution-arithmetic").examined()
    for id, whole in (("conv_1", True), ("conv_2", False)):
        known = report.nodes[id]
        block, width = known.block, known.inputs[0].width
        reach = block.dilation[1] * (block.kernel[1] - 1) + 1
        exact = (width - reach + 2 * block.padding[1]) / block.stride[1] + 1
        assert known.shape.width == math.floor(exact)
        assert (exact == known.shape.width) is whole


def test_groups_save_the_parameters_that_the_text_says():
    experiment = preset("convolution-arithmetic")
    graph = experiment.graph.configure("conv_2", experiment.graph.nodes["conv_2"].block.replace(groups=1))
    grouped = experiment.examined().nodes["conv_2"].parameters
    assert tells("convolution-arithmetic", grouped, analyse(graph, experiment.facts).nodes["conv_2"].parameters)


@pytest.mark.parametrize(("id", "before"), [("conv_1", "input_1"), ("conv_2", "relu_1")])
def test_each_number_of_a_map_is_the_sum_of_products_and_the_bias(id, before):
    trainer = begun("convolution-arithmetic", 3)
    came, made = (one[0].double() for one in values(trainer, before, id, count=1))
    block = trainer.report.nodes[id].block
    module = trainer.network.module_at(id)
    (down, right), (pad_y, pad_x), (step_y, step_x) = block.stride, block.padding, block.dilation
    inside, outside = len(came) // block.groups, block.channels // block.groups
    for k, i, j in ((0, 0, 0), (1, 2, 3), (block.channels - 1, 3, 1)):
        total = module.bias[k].item()
        for c in range(inside):
            for u in range(block.kernel[0]):
                for v in range(block.kernel[1]):
                    y, x = i * down + u * step_y - pad_y, j * right + v * step_x - pad_x
                    if 0 <= y < came.shape[1] and 0 <= x < came.shape[2]:
                        total += module.weight[k, c, u, v].item() * came[k // outside * inside + c, y, x].item()
        assert made[k, i, j].item() == pytest.approx(total, abs=1e-5)


# -- B2: filters -------------------------------------------------------------------------------------------------

FILTERS = ("smoothing", "sharpening", "sobel_x", "sobel_y")


def filtered(picture, *nodes):
    """Return what the filters make of a picture of one's own, far from its edges."""
    trainer = begun("filters")
    network = trainer.network
    found = look(network, {"x": picture.reshape(1, 1, 32, 32)}, nodes)
    return [found[node][0, 0, 6:-6, 6:-6] for node in nodes]


def test_the_filters_stay_as_they_were_set_by_hand():
    trainer = begun("filters", 5)
    for id in FILTERS:
        node = trainer.experiment.graph.nodes[id]
        assert node.frozen
        assert torch.equal(trainer.network.module_at(id).weight, torch.tensor(node.weights["weight"]))
    assert trainer.network.conv_1.weight.grad is not None


def test_smoothing_takes_noise_away_and_sharpening_adds_to_it():
    noise = torch.randn(32, 32, generator=torch.Generator().manual_seed(1))
    smooth, sharp = filtered(noise, "smoothing", "sharpening")
    assert smooth.std() < 0.35 * noise.std() and sharp.std() > 4 * noise.std()
    smooth, sharp = filtered(torch.full((32, 32), 0.7), "smoothing", "sharpening")
    assert torch.allclose(smooth, torch.tensor(0.7)) and torch.allclose(sharp, torch.tensor(0.7))


def test_the_sobel_filters_measure_the_slope_to_the_right_and_down():
    ramp = torch.arange(32.0).repeat(32, 1)  # grows by 1 a pixel to the right; the kernel weighs that eightfold
    across, down = filtered(ramp, "sobel_x", "sobel_y")
    assert torch.allclose(across, torch.tensor(8.0)) and torch.allclose(down, torch.tensor(0.0))
    across, down = filtered(ramp.T, "sobel_x", "sobel_y")
    assert torch.allclose(across, torch.tensor(0.0)) and torch.allclose(down, torch.tensor(8.0))


# -- B3: receptive field -----------------------------------------------------------------------------------------


def test_a_convolution_needs_few_parameters_of_an_equal_dense_layer():
    conv = preset("receptive-field").examined().nodes["conv_1"]
    equal = chain(Input(), Flatten(), Dense(units=conv.shape.count))
    dense = analyse(equal, image_facts()).nodes["dense_1"]
    assert dense.inputs[0].count == conv.inputs[0].count
    assert tells("receptive-field", conv.parameters, conv.shape.count, dense.parameters)


@pytest.mark.parametrize("id", ["conv_1", "conv_2", "pool_1", "conv_3", "conv_4", "pool_2"])
def test_just_the_pixels_of_the_receptive_field_matter(id):
    trainer = begun("receptive-field")
    with torch.no_grad():
        for weight in trainer.network.parameters():
            weight.abs_()  # so that no ReLU is silent and every pixel that is seen counts
    plain = torch.rand(1, 784, generator=torch.Generator().manual_seed(1))
    touched = plain + 10 * torch.eye(784)  # one image for each pixel
    made = look(trainer.network, {"x": torch.cat([plain, touched]).reshape(-1, 1, 28, 28)}, (id,))[id]
    middle = made[:, :, made.shape[2] // 2, made.shape[3] // 2]
    matter = (middle[1:] != middle[:1]).any(dim=1).reshape(28, 28).nonzero()
    size = matter.max(dim=0).values - matter.min(dim=0).values + 1
    field = trainer.report.nodes[id].receptive_field
    assert tuple(size.tolist()) == field
    for text in (trainer.experiment.about.en, trainer.experiment.about.zh):
        assert f"{field[0]} × {field[1]}" in text


def test_a_shifted_image_gives_shifted_maps():
    trainer = begun("receptive-field", 3)
    image, moved, maps, shifted = values(trainer, "input_1", "shift_1", "pool_1", "shifted_pool_1")
    assert torch.equal(moved[..., 4:], image[..., :-4])
    assert torch.allclose(shifted[..., 3:-1], maps[..., 1:-3], atol=1e-5)  # but for what the padding reaches
    assert not torch.allclose(shifted, maps, atol=0.1)


# -- B4: pooling -------------------------------------------------------------------------------------------------


def test_the_kinds_of_pooling_stand_in_their_order():
    trainer = begun("pooling", 3)
    before, mean, largest, length, wide = values(trainer, "relu_1", "average", "maximum", "l2_norm", "overlapping")
    assert (mean <= largest + 1e-6).all() and (largest <= length + 1e-6).all() and (length <= 2 * largest + 1e-6).all()
    assert (wide >= largest).all() and (wide > largest).any()  # its windows hold those of 2 × 2
    assert torch.allclose(length**2, 4 * torch.nn.functional.avg_pool2d(before**2, 2), atol=1e-5)
    assert (mean < largest).any() and (largest < length).any()


def test_no_pooling_has_parameters_and_all_sizes_are_as_told():
    nodes = preset("pooling").examined().nodes
    pools = [node for node in nodes.values() if node.block.family == "Pooling"]
    assert len(pools) == 6 and sum(node.parameters for node in pools) == 0
    assert {str(nodes[id].shape) for id in ("maximum", "average", "l2_norm", "overlapping")} == {"8 × 14 × 14"}
    assert str(nodes["adaptive"].shape) == "16 × 3 × 3" and str(nodes["global_average"].shape) == "16"


def test_global_pooling_is_the_mean_of_each_map():
    maps, means = values(begun("pooling", 3), "relu_2", "global_average")
    assert torch.allclose(means, maps.mean(dim=(2, 3)), atol=1e-6)


# -- B5: normalisation and dropout -------------------------------------------------------------------------------


def test_each_normalisation_centres_what_its_text_says():
    trainer = begun("normalisation")
    network = trainer.network.train()
    x = torch.tensor(trainer.data.splits["train"].inputs["x"][:64])
    maps = network.conv_1(x)
    batch, layer, group = (network.module_at(id)(maps) for id in ("batch", "layer", "group"))
    for numbers in (
        batch.transpose(0, 1).flatten(1),  # (channel, …): over all images of the batch
        layer.flatten(1),  # (image, …)
        group.reshape(64 * 4, -1),  # (image and group of 2 channels, …)
    ):
        assert torch.allclose(numbers.mean(dim=1), torch.tensor(0.0), atol=1e-4)
        assert torch.allclose(numbers.var(dim=1, unbiased=False), torch.tensor(1.0), atol=2e-2)
    assert not torch.allclose(layer.transpose(0, 1).flatten(1).mean(dim=1), torch.tensor(0.0), atol=1e-2)


def test_local_response_normalisation_divides_by_the_neighbouring_channels():
    maps, made = values(begun("normalisation", 3), "conv_1", "local_response")
    for c in (0, 3, 7):
        strength = (maps[:, max(0, c - 2) : c + 3] ** 2).sum(dim=1)
        assert torch.allclose(made[:, c], maps[:, c] / (1 + strength / 5) ** 0.75, atol=1e-5)


def test_the_parameters_of_the_normalisations_are_those_in_the_text():
    nodes = preset("normalisation").examined().nodes
    assert nodes["batch"].parameters == nodes["group"].parameters == 16
    assert nodes["local_response"].parameters == 0
    assert tells("normalisation", 16, nodes["layer"].parameters, nodes["layer"].shape.count)


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_little_data_is_learnt_by_heart_without_dropout_and_better_with_it():
    found = {}
    for name in ("without-dropout", "with-dropout"):
        trainer = Trainer(preset(name), device="cpu")
        judged = [one for step in trainer.steps() for one in step.evaluations if one.split == "validation"]
        found[name] = ([one.metrics["loss"] for one in judged], trainer.evaluate("validation").metrics["accuracy"])
        if name == "without-dropout":
            assert trainer.evaluate("train").metrics["accuracy"] > 0.99
    (losses, accuracy), (losses_with, accuracy_with) = found["without-dropout"], found["with-dropout"]
    assert losses[-1] > 1.3 * min(losses), "the loss has not risen again"
    assert losses_with[-1] < 0.75 * losses[-1]
    assert accuracy_with > accuracy + 0.01
    assert tells("without-dropout", preset("without-dropout").examined().parameters)


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_l1_leaves_few_weights_and_l2_small_ones():
    found = {}
    for name in ("with-l1", "with-l2", "neither"):
        experiment = preset("with-l1" if name == "neither" else name)
        if name == "neither":
            experiment = replace(experiment, training=experiment.training.replace(l1=0.0))
        trainer = Trainer(experiment, device="cpu")
        list(trainer.steps())
        weights = trainer.network.dense_1.weight.detach()
        found[name] = (float((weights.abs() < 1e-3).float().mean()), float(weights.std()))
        assert tells("with-l1", weights.numel())
    small, spread = ({name: one[k] for name, one in found.items()} for k in (0, 1))
    assert 0.85 < small["with-l1"] < 0.95, "about nine tenths are as good as 0"
    assert small["with-l2"] < 0.2 and small["neither"] < 0.05
    assert spread["with-l2"] == pytest.approx(0.5 * spread["neither"], rel=0.15)


# -- B8: plain and residual --------------------------------------------------------------------------------------


def gradients(name, steps):
    """Return the gradient magnitudes of a run by node."""
    answer = Gradients().measure(begun(name, steps))
    return dict(zip(answer.nodes, answer.magnitude, strict=True))


@pytest.mark.parametrize("steps", [1, 10])
def test_without_shortcuts_the_gradient_vanishes_on_its_way_back(steps):
    plain, residual = gradients("plain-deep", steps), gradients("residual-deep", steps)
    assert list(plain) == list(residual) and len(plain) == 20
    assert plain["conv_1"] < 1e-6 * plain["dense_1"]
    assert residual["conv_1"] > 0.1 * residual["dense_1"]


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_the_plain_network_stalls_where_the_residual_one_learns():
    plain, residual = begun("plain-deep", 150), begun("residual-deep", 150)
    assert plain.report.parameters == residual.report.parameters
    assert tells("residual-deep", plain.report.parameters)
    assert plain.evaluate("train").metrics["accuracy"] < 0.2
    assert plain.evaluate("train").metrics["loss"] > 0.98 * math.log(10), "it knows more than nothing"
    assert residual.evaluate("validation").metrics["accuracy"] > 0.7


# -- B9: separable convolutions ----------------------------------------------------------------------------------


def test_the_texts_count_parameters_and_multiplications_as_the_analysis_does():
    ordinary, separable = (preset(f"{kind}-convolution").examined() for kind in ("ordinary", "separable"))
    one, other = ordinary.nodes["conv_2"], separable.nodes["conv_2"]
    assert tells("ordinary-convolution", ordinary.parameters, ordinary.macs, one.parameters, one.macs)
    assert tells("separable-convolution", separable.parameters, separable.macs, other.parameters, other.macs)
    assert tells("separable-convolution", ordinary.parameters, ordinary.macs, one.parameters, one.macs)
    assert other.parameters == 16 * 9 + 16 * 32 and one.parameters == 32 * 16 * 9
    assert 5.5 < ordinary.parameters / separable.parameters < 6.5 and 4.5 < ordinary.macs / separable.macs < 5.5


def test_a_separable_convolution_is_two_ordinary_ones():
    maps, made = values(begun("separable-convolution", 3), "pool_1", "conv_2", count=2)
    module = begun("separable-convolution", 3).network.conv_2
    alone = torch.nn.functional.conv2d(maps, module.depthwise.weight, padding=1, groups=16)
    assert torch.allclose(torch.nn.functional.conv2d(alone, module.pointwise.weight), made, atol=1e-5)


# -- B11: a dense layer as a convolution -------------------------------------------------------------------------


@pytest.mark.parametrize("steps", [0, 30])
def test_a_dense_layer_and_its_convolution_agree_to_rounding(steps):
    trainer = begun("dense-as-convolution", steps)
    whole, kernels, left, places, along, remains = values(
        trainer, "dense", "conv_of_map_size", "difference_2", "pointwise", "back", "difference_1", count=100
    )
    assert torch.allclose(kernels.flatten(1), whole, rtol=1e-5, atol=1e-5)
    assert torch.allclose(along, places, rtol=1e-5, atol=1e-5)
    assert left.abs().max() < 1e-5 * whole.abs().max() and remains.abs().max() < 1e-5 * places.abs().max()
    assert whole.abs().max() > 0.1 and places.abs().max() > 0.1


def test_both_learn_as_one():
    trainer = begun("dense-as-convolution", 3)
    own = [known.parameters for known in trainer.report.nodes.values() if known.trainable]
    assert own == [80, 72, 1290], "conv_1, pointwise and dense"
    assert trainer.report.parameters == sum(one.numel() for one in trainer.network.parameters())
    untied = trainer.experiment.graph.mark("conv_of_map_size", tied_to="")
    report = analyse(untied, trainer.experiment.facts)
    found = look(Network(report, 1), {"x": torch.rand(5, 1, 8, 8)}, ["difference_2"])["difference_2"]
    assert found.abs().max() > 0.01, "weights of its own give other numbers"
