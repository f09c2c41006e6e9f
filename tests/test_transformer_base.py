"""The Transformer's base model: as many parameters as follow from its paper, derived here once more."""

from __future__ import annotations

import subprocess
import sys

import pytest

from playground.analysis import analyse
from playground.blocks.group import Group
from playground.environment import ROOT
from playground.facts import DataFacts, Target
from playground.graph import joined
from playground.nesting import edit_inside, inside
from playground.shape import Shape
from tests.examples import preset

NAME = "transformer-base"
VOCABULARY, STEPS = 37_000, 32


def derived(n=6, d=512, ff=2048, heads=8, key=0, vocabulary=VOCABULARY, bias=True):
    """Count the parameters of sections 3.1 to 3.4 of Vaswani et al. (2017); `key` is d_k where it is not d / heads."""
    inner = heads * key if key else d
    attention = 2 * d * inner + 2 * d * d + (2 * inner + 2 * d if bias else 0)  # Q, K; V, O
    forward = (d * ff + ff) + (ff * d + d)
    norm = 2 * d
    encoder, decoder = attention + forward + 2 * norm, 2 * attention + forward + 3 * norm
    return vocabulary * d + n * (encoder + decoder)


def with_repeats(n):
    graph = preset(NAME).graph
    for id in ("encoder", "decoder"):
        graph = graph.configure(id, graph.nodes[id].block.replace(repeat=n))
    return graph


def test_it_has_the_parameters_that_follow_from_the_papers_description():
    report = preset(NAME).examined()
    assert report.problems == ()
    assert report.parameters == derived() == 63_082_496
    assert report.groups["encoder"].parameters == 6 * 3_152_384
    assert report.groups["decoder"].parameters == 6 * 4_204_032
    assert report.nodes["dense_1"].parameters == report.nodes["embed_2"].parameters == 0
    assert derived() - derived(bias=False) == 36_864


def test_it_multiplies_as_often_as_its_matrices_say():
    d, ff, t = 512, 2048, STEPS
    projections, looking = 4 * t * d * d, 2 * t * t * d
    forward = 2 * t * d * ff
    wanted = 6 * (projections + looking + forward) + 6 * (2 * (projections + looking) + forward) + t * d * VOCABULARY
    assert preset(NAME).examined().macs == wanted


PRINTED = {
    65: {}, 36: {"n": 2}, 50: {"n": 4}, 80: {"n": 8}, 28: {"d": 256}, 168: {"d": 1024}, 53: {"ff": 1024},
    90: {"ff": 4096}, 58: {"key": 16}, 60: {"key": 32},
}  # fmt: skip
"""The millions of parameters that table 3 of the paper prints for variants of the base model."""


@pytest.mark.parametrize("millions", PRINTED)
def test_what_the_paper_prints_fits_a_larger_embedding(millions):
    assert round(derived(**PRINTED[millions], vocabulary=41_000) / 1e6) == millions
    assert round(derived(**PRINTED[millions]) / 1e6) < millions


def test_but_not_the_big_model():
    assert round(derived(d=1024, ff=4096, heads=16, vocabulary=41_000) / 1e6) != 213


@pytest.mark.parametrize("language", ["en", "zh"])
def test_its_text_derives_the_numbers(language):
    first, second = getattr(preset(NAME).about, language).split("\n\n")
    for number in (63_082_496, 18_944_000, 1_050_624, 2_099_712, 3_152_384, 4_204_032, 36_864):
        assert f"{number:,}" in first
    assert ("65 million" if language == "en" else "6500 万") in first
    assert second.startswith("Try:" if language == "en" else "试一试：")
    assert f"{derived(n=2):,}" in second and "18,944,000" in second


def test_what_the_text_proposes_gives_what_it_says():
    experiment = preset(NAME)
    assert analyse(with_repeats(2), experiment.facts).parameters == derived(n=2) == 33_656_832
    untied = experiment.graph.mark("dense_1", tied_to="")
    assert analyse(untied, experiment.facts).parameters == derived() + 18_944_000


def test_two_languages_with_vocabularies_of_their_own_are_untied_by_one_click():
    experiment = preset(NAME)
    facts = DataFacts(
        {"source": Shape(time=9), "previous": Shape(time=7)},
        {"next": Target(tuple(f"word {n}" for n in range(80)), Shape(time=7))},
        vocabularies={"source": 120, "previous": 80},
    )
    report = experiment.examined(facts)
    assert [problem.node for problem in report.problems] == ["embed_2", "dense_1"]
    problem = report.problems[0]
    mended = analyse(problem.fixes[0].edit(experiment.graph), facts)
    assert mended.problems == ()
    assert mended.nodes["embed_2"].weights["weight"] == (80, 512)
    assert mended.nodes["dense_1"].shared == {"weight": "embed_2"}


def test_every_level_is_small_enough_to_be_read():
    levels = [preset(NAME).graph]
    for graph in levels:  # grows while it is read
        assert len(graph.nodes) <= 15
        levels += [node.block.graph for node in graph.nodes.values() if isinstance(node.block, Group)]
    assert len(levels) == 1 + 1 + 2 + 1 + 3


def test_it_is_opened_and_analysed_without_torch_or_numpy():
    script = (
        "import sys\n"
        "from playground.presets import open_named\n"
        f"assert not open_named({NAME!r})[0].examined().problems\n"
        "print(sorted({'torch', 'numpy', 'PIL'} & set(sys.modules)))\n"
    )
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_torch_builds_it_with_as_many_parameters():
    torch = pytest.importorskip("torch")
    from playground.network import Network

    report = preset(NAME).examined()
    with torch.device("meta"):  # without the memory for the parameters
        network = Network(report, 1)
    assert sum(parameter.numel() for parameter in network.parameters()) == 63_082_496
    assert network.get_parameter("dense_1.weight") is network.get_parameter("embed_1.weight")


def test_a_small_one_of_the_same_form_learns():
    """The very graph, narrow and with a vocabulary of 9, learns two pairs by heart."""
    torch = pytest.importorskip("torch")
    from playground.network import Network

    facts = DataFacts(
        {"source": Shape(time=4), "previous": Shape(time=5)},
        {"next": Target(tuple("abcdefghi"), Shape(time=5))},
        vocabularies={"source": 9, "previous": 9},
    )
    network = Network(analyse(narrow(with_repeats(1)), facts), 1)
    inputs = {
        "source": torch.tensor([[4, 5, 6, 7], [8, 4, 0, 0]]),
        "previous": torch.tensor([[2, 7, 6, 5, 4], [2, 4, 8, 0, 0]]),
    }
    wanted = torch.tensor([[7, 6, 5, 4, 3], [4, 8, 3, -100, -100]])
    optimiser = torch.optim.Adam(network.parameters(), lr=0.01)
    torch.manual_seed(0)
    for _ in range(40):
        optimiser.zero_grad()
        scores = network(inputs)["output_1"]
        loss = torch.nn.functional.cross_entropy(scores.transpose(1, 2), wanted, ignore_index=-100)
        loss.backward()
        optimiser.step()
    network.eval()
    said = network(inputs)["output_1"].argmax(dim=2)
    assert torch.equal(said[wanted >= 0], wanted[wanted >= 0])


def narrow(graph, level=""):
    """Bring every width of 512 to 16 and of 2,048 to 32."""
    for id, node in inside(graph, level).nodes.items():
        if isinstance(node.block, Group):
            graph = narrow(graph, joined(level, id))
        for field, width in (("units", {512: 16, 2048: 32}), ("size", {512: 16})):
            if getattr(node.block, field, None) in width:
                block = node.block.replace(**{field: width[getattr(node.block, field)]})
                graph = edit_inside(graph, level, lambda one, id=id, block=block: one.configure(id, block))
    return graph
