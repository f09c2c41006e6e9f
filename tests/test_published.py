"""The published networks in their 224×224 form have the published parameters and multiply-accumulates.

Sources: torchvision 0.20's table of weights (`num_params` and `_ops`, in billions, of each `…_Weights`), whose variants
the presets name. ZFNet is derived from figure 3 of Zeiler and Fergus (arXiv:1311.2901). Receptive fields: those of
AlexNet, VGG-16 and the paper's ResNet-50 stand in Araujo, Norris and Sim, "Computing Receptive Fields of Convolutional
Neural Networks" (Distill, 2019); all are derived here once more from kernels and strides.
"""

from __future__ import annotations

import subprocess
import sys
from typing import NamedTuple

import pytest

from playground.analysis import analyse
from playground.blocks.group import Group
from playground.data.image_folder import ImageFolder
from playground.data.recognise import in_place_of
from playground.data.tables import Table
from playground.environment import ROOT
from playground.facts import DataFacts, Target
from playground.nesting import edit_inside, inside, split
from playground.shape import Shape
from tests.examples import preset
from widgets.bench.published_open import NETWORKS as MEASURED


class Published(NamedTuple):
    parameters: int
    billions: float
    """Multiply-accumulates as the table rounds them."""
    field: int
    """The receptive field of the last maps."""
    last: tuple[str, tuple[int, int, int]]
    """The node whose maps these are, and their shape."""


PUBLISHED = {
    "alexnet": Published(61_100_840, 0.714, 195, ("layer_5", (256, 6, 6))),
    "vgg-11": Published(132_863_336, 7.609, 150, ("stage_5", (512, 7, 7))),
    "vgg-16": Published(138_357_544, 15.47, 212, ("stage_5", (512, 7, 7))),
    "googlenet": Published(6_624_904, 1.498, 379, ("stage_5", (1024, 7, 7))),
    "resnet-18": Published(11_689_512, 1.814, 435, ("stage_5", (512, 7, 7))),
    "resnet-50": Published(25_557_032, 4.089, 427, ("stage_5", (2048, 7, 7))),
    "densenet-121": Published(7_978_856, 2.834, 2071, ("block_4", (1024, 7, 7))),
    "zfnet": Published(62_357_608, 1.168, 171, ("layer_5", (256, 6, 6))),
}

ONE = [(3, 1)]
PATHS = {
    "alexnet": [(11, 4), (3, 2), (5, 1), (3, 2), *ONE * 3, (3, 2)],
    "vgg-11": [(3, 1), (2, 2), (3, 1), (2, 2), *[*ONE * 2, (2, 2)] * 3],
    "vgg-16": [*[*ONE * 2, (2, 2)] * 2, *[*ONE * 3, (2, 2)] * 3],
    "googlenet": [(7, 2), (3, 2), (3, 1), (3, 2), *ONE * 2, (3, 2), *ONE * 5, (2, 2), *ONE * 2],
    "resnet-18": [(7, 2), (3, 2), *ONE * 4, *[(3, 2), *ONE * 3] * 3],
    "resnet-50": [(7, 2), (3, 2), *ONE * 3, (3, 2), *ONE * 3, (3, 2), *ONE * 5, (3, 2), *ONE * 2],
    "densenet-121": [(7, 2), (3, 2), *ONE * 6, (2, 2), *ONE * 12, (2, 2), *ONE * 24, (2, 2), *ONE * 16],
    "zfnet": [(7, 2), (3, 2), (5, 2), (3, 2), *ONE * 3, (3, 2)],
}
"""Kernels and strides along the way that sees farthest."""


def field(path):
    """A window that is moved by s pixels at a time makes s times as much of every later one."""
    seen = distance = 1
    for kernel, stride in path:
        seen += (kernel - 1) * distance
        distance *= stride
    return seen


def changed(name, changes):
    """Analyse a preset with other parameters at some places."""
    experiment = preset(name)
    graph = experiment.graph
    for place, parameters in changes.items():
        level, id = split(place)
        block = inside(graph, level).nodes[id].block.replace(**parameters)
        graph = edit_inside(graph, level, lambda one, id=id, block=block: one.configure(id, block))
    report = analyse(graph, experiment.facts)
    assert report.problems == ()
    return report


# -- the figures -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", PUBLISHED)
def test_a_published_network_has_the_published_numbers(name):
    experiment, published = preset(name), PUBLISHED[name]
    report = experiment.examined()
    assert report.problems == ()
    assert report.parameters == published.parameters
    assert round(report.macs / 1e9, 2 if published.billions > 10 else 3) == published.billions
    assert report.nodes["input_1"].shape.sizes == (3, 224, 224)
    assert report.nodes["output_1"].inputs[0] == Shape(features=1000)
    id, sizes = published.last
    last = report.at(id)
    assert last is not None
    assert last.shape.sizes == sizes
    assert last.receptive_field == (published.field, published.field) == (field(PATHS[name]),) * 2


def test_lenet_5_on_images_padded_to_32_has_61706_parameters():
    lenet = preset("lenet")
    assert lenet.graph.nodes["conv_1"].block.padding == (2, 2)  # 28×28 becomes the paper's 32×32
    assert lenet.examined().parameters == 61_706  # LeCun and others (1998) without their partial connections


def test_the_maps_of_zfnet_are_those_of_the_papers_figure():
    report = preset("zfnet").examined()
    sizes = {
        "layer_1.1.conv_1": (96, 110, 110),
        "layer_1": (96, 55, 55),
        "layer_2.1.conv_1": (256, 26, 26),
        "layer_2": (256, 13, 13),
        "layer_3": (384, 13, 13),
        "layer_4": (384, 13, 13),
        "layer_5": (256, 6, 6),
        "layers_6_7": (4096,),
    }
    assert {path: report.at(path).shape.sizes for path in sizes} == sizes


def test_every_layer_of_a_dense_block_adds_32_channels_and_has_its_own_parameters():
    report = preset("densenet-121").examined()
    channels = [int(report.at(f"block_1.{k}.concat_1").shape.channels) for k in range(1, 7)]
    assert channels == [96, 128, 160, 192, 224, 256]
    weights = [report.at(f"block_1.{k}.conv_1.1.conv_1").weights["weight"] for k in range(1, 7)]
    assert weights == [(128, seen - 32, 1, 1) for seen in channels]


VARIANTS = {
    "ResNet-34": (
        "resnet-18",
        {
            "stage_2.block_1": {"repeat": 3},
            "stage_3.block_2": {"repeat": 3},
            "stage_4.block_2": {"repeat": 5},
            "stage_5.block_2": {"repeat": 2},
        },
        21_797_672,
        3.664,
    ),
    "ResNet-101": ("resnet-50", {"stage_4.block_2": {"repeat": 22}}, 44_549_160, 7.801),
    "ResNet-50 of the paper": (
        "resnet-50",
        {
            f"stage_{stage}.block_1.{id}.conv_1": {"stride": stride}
            for stage in (3, 4, 5)
            for id, stride in (("conv_1", (2, 2)), ("conv_2", (1, 1)))
        },
        25_557_032,
        3.858,  # table 1: 3.8 × 10⁹
    ),
    "DenseNet-169": (
        "densenet-121",
        {"block_3": {"repeat": 32}, "block_4": {"repeat": 32}, "transition_3.conv_1": {"channels": 640}},
        14_149_480,
        3.36,
    ),
    "VGG-16 with a global mean": ("vgg-16", {"pool_1": {"size": (1, 1)}}, 37_694_248, 15.370),
    "ZFNet with AlexNet's first kernels": (
        "zfnet",
        {"layer_1.conv_1": {"kernel": (11, 11), "stride": (4, 4)}},
        34_066_792,
        0.332,
    ),
    "GoogLeNet with kernels of 5": (
        "googlenet",
        {
            f"stage_{name[0]}.inception_{name}.conv_5x5.conv_1": {"kernel": (5, 5), "padding": (2, 2)}
            for name in ("3a", "3b", "4a", "4b", "4c", "4d", "4e", "5a", "5b")
        },
        7_005_832,
        1.583,
    ),
}
"""What the texts of the presets say comes of a change; the first four by torchvision's table and the papers."""


@pytest.mark.parametrize("variant", VARIANTS)
def test_what_a_text_proposes_to_try_gives_what_it_says(variant):
    name, changes, parameters, billions = VARIANTS[variant]
    report = changed(name, changes)
    assert report.parameters == parameters
    assert round(report.macs / 1e9, 3) == billions


def test_the_papers_resnet_50_sees_483_pixels_and_resnet_34_sees_899():
    assert changed(*VARIANTS["ResNet-50 of the paper"][:2]).at("stage_5").receptive_field == (483, 483)
    assert changed(*VARIANTS["ResNet-34"][:2]).at("stage_5").receptive_field == (899, 899)


@pytest.mark.parametrize("name", PUBLISHED)
@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_text_of_a_published_network_says_its_numbers(name, language):
    about = getattr(preset(name).about, language)
    first, second = about.split("\n\n")
    published = PUBLISHED[name]
    assert f"{published.parameters:,}" in first
    assert f"{published.field:,}" in first
    billions = f"{published.billions:.2f} billion" if language == "en" else f"{published.billions * 10:.1f} 亿"
    assert billions in first
    assert second.startswith("Try:" if language == "en" else "试一试：")


# -- how they are opened -----------------------------------------------------------------------------------------


def test_they_are_opened_and_analysed_without_torch_or_numpy():
    script = (
        "import sys\n"
        "from playground.presets import open_named\n"
        "for name in sys.argv[1:]:\n"
        "    assert not open_named(name)[0].examined().problems\n"
        "print(sorted({'torch', 'numpy', 'PIL'} & set(sys.modules)))\n"
    )
    command = [sys.executable, "-c", script, *PUBLISHED]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_the_time_it_takes_is_measured_for_each_of_them():
    assert set(MEASURED) == set(PUBLISHED)


@pytest.mark.parametrize("name", PUBLISHED)
def test_every_level_is_small_enough_to_be_read(name):
    levels = [preset(name).graph]
    for graph in levels:  # grows while it is read
        assert len(graph.nodes) <= 15
        levels += [node.block.graph for node in graph.nodes.values() if isinstance(node.block, Group)]
    assert all(group.block.title for graph in levels for group in graph.nodes.values() if group.block.name == "Group")


def test_the_last_layer_takes_as_many_outputs_as_a_persons_own_folder_has_classes():
    experiment = preset("resnet-18")
    own = DataFacts(experiment.facts.inputs, {"label": Target(("cat", "dog", "owl"))})
    report = experiment.examined(own)
    assert report.problems == ()
    assert report.nodes["dense_1"].block.units == 3


def test_a_folder_is_read_in_the_size_that_the_network_was_drawn_for_until_another_was_chosen(tmp_path):
    drawn = preset("resnet-18").source
    there = drawn.replace(path=str(tmp_path))
    assert in_place_of(drawn, ImageFolder(path=str(tmp_path))) == there
    other = ImageFolder(path=str(tmp_path / "other"))
    assert in_place_of(there, other) == other
    assert in_place_of(drawn, Table(path="a.csv")) == Table(path="a.csv")


# -- what torch makes of them ------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", PUBLISHED)
def test_torch_builds_them_with_as_many_parameters_and_the_same_shapes(name):
    torch = pytest.importorskip("torch")
    from playground.network import Network

    report = preset(name).examined()
    found = {}
    with torch.device("meta"):  # without the memory for the parameters
        network = Network(report, 1).eval()
        for id in report.nodes:
            if (module := network.module_at(id)) is not None:
                module.register_forward_hook(lambda _m, _x, out, id=id: found.update({id: tuple(out.shape[1:])}))
        network({"x": torch.zeros(1, 3, 224, 224)})
    assert sum(parameter.numel() for parameter in network.parameters()) == PUBLISHED[name].parameters
    assert found == {id: report.nodes[id].shape.sizes for id in found}
    assert set(report.nodes) - set(found) == {"input_1", "output_1"}
