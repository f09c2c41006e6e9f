"""Row B10, TextCNN (Kim 2014): the network, what its n-grams are worth, what it reaches on real texts."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

torch = pytest.importorskip("torch")

from playground.blocks.convolution import Conv1D  # noqa: E402
from playground.data.recognise import recognise  # noqa: E402
from playground.training import Trainer  # noqa: E402
from tests.examples import preset  # noqa: E402

SHARED = Path(__file__).parents[2] / "shared" / "data"


def reached(experiment, metric="accuracy", split="validation"):
    trainer = Trainer(experiment, device="cpu")
    for _ in trainer.steps():
        pass
    return trainer.evaluate(split).metrics[metric]


def test_it_is_the_network_of_the_paper():
    trainer = Trainer(preset("textcnn"), device="cpu")
    blocks = {id: node.block for id, node in trainer.report.nodes.items()}
    assert [blocks[f"conv_{k}"].kernel for k in (3, 4, 5)] == [3, 4, 5]
    assert trainer.report.nodes["concat_1"].shape.features == 3 * 64
    assert blocks["dropout_2"].rate == 0.5
    size = trainer.data.facts.vocabularies["text"]
    assert trainer.report.parameters == size * 64 + sum(64 * 64 * k + 64 for k in (3, 4, 5)) + 192 * 2 + 2


def test_what_fills_a_text_up_changes_nothing():
    trainer = Trainer(preset("textcnn"), device="cpu")
    text = trainer.data.splits["validation"].inputs["text"][:20]
    steps = text.shape[1]
    longer = torch.cat([torch.as_tensor(text), torch.zeros(20, 9, dtype=torch.int64)], dim=1)
    assert longer.shape[1] == steps + 9
    short, long = (trainer.look({"text": one}, ("output_1",))["output_1"] for one in (text, longer))
    assert torch.allclose(short, long, atol=1e-6)


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_single_words_do_not_tell():
    """With kernels of one word the same network falls clearly short: denial turns words round."""
    whole = preset("textcnn")
    graph = whole.graph
    for id, node in graph.nodes.items():
        if isinstance(node.block, Conv1D):
            graph = graph.configure(id, node.block.replace(kernel=1))
    assert reached(replace(whole, graph=graph)) < whole.result.value - 0.1


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.parametrize(("name", "least"), [("mr_polarity", 0.73), ("trec", 0.85)])
def test_on_real_texts_it_reaches_what_is_asked_of_it(name, least):
    if not (SHARED / name).exists():
        pytest.skip("the real texts are not here")
    assert reached(replace(preset("textcnn"), source=recognise(SHARED / name))) >= least
