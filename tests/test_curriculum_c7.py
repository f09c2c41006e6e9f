"""Row C7, with letters: a tagger that spells words out knows more of those that it has never seen."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from playground.blocks.convolution import Conv1D
from playground.blocks.data import Input
from playground.data.recognise import in_place_of, recognise
from playground.experiment import Experiment
from playground.graph import Wire
from tests.examples import preset

SHARED = Path(__file__).parents[2] / "shared" / "data"
SPELLING = ("tagger-with-letters", "lstm-tagger-zh", "named-entities")
BRANCH = ("input_2", "embed_2", "dropout_3", "conv_1", "pool_1")


def without_letters(experiment: Experiment) -> Experiment:
    """Take the branch of the letters away, as if nobody had thought of it."""
    graph = experiment.graph.remove(BRANCH).remove_joining("concat_1")
    return replace(experiment, graph=graph, preparation=experiment.preparation.replace(letters=0))


def reached(experiment: Experiment, metric: str = "accuracy") -> float:
    run = pytest.importorskip("playground.training").Trainer(experiment, device="cpu")
    for _ in run.steps():
        pass
    return run.evaluate("validation").metrics[metric]


def on_file(name: str, place: str, epochs: int) -> Experiment:
    if not (SHARED / place).exists():
        pytest.skip("the shared files are not here")
    experiment = preset(name)
    source = in_place_of(experiment.source, recognise(SHARED / place))
    return replace(experiment, source=source, training=experiment.training.replace(epochs=epochs))


@pytest.mark.parametrize("name", SPELLING)
def test_the_way_of_the_letters_is_seen_on_the_canvas(name):
    experiment = preset(name)
    nodes = experiment.examined().nodes
    assert isinstance(nodes["input_2"].block, Input) and nodes["input_2"].block.field == "letters"
    assert nodes["embed_2"].shape.names == nodes["conv_1"].shape.names == ("time", "letters", "features")
    assert nodes["pool_1"].shape.names == ("time", "features") and isinstance(nodes["conv_1"].block, Conv1D)
    sources = {wire.source for wire in experiment.graph.incoming["concat_1"]}
    assert sources == {"embed_1", "pool_1"} and Wire("concat_1", "dropout_1") in experiment.graph.wires


def test_the_tagger_with_letters_is_the_tagger_and_its_letters():
    plain, other = preset("lstm-tagger"), without_letters(preset("tagger-with-letters"))
    assert dict(other.graph.nodes) == dict(plain.graph.nodes) and set(other.graph.wires) == set(plain.graph.wires)
    assert (other.source, other.preparation) == (plain.source, plain.preparation)
    assert other.training.replace(epochs=plain.training.epochs) == plain.training


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_where_most_words_are_unknown_their_letters_tell_what_they_are():
    known = preset("tagger-with-letters")
    rare = replace(known, preparation=known.preparation.replace(rarest=40))
    assert reached(rare) > 0.95 > 0.935 > reached(without_letters(rare))


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_on_real_english_letters_bring_88_words_of_100_and_more():
    assert reached(on_file("tagger-with-letters", "ud_english_ewt", 10)) >= 0.88


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_on_real_chinese_characters_bring_four_words_of_five_from_450_sentences():
    experiment = on_file("lstm-tagger-zh", "ud_chinese_gsdsimp", 30)
    with_them, without = reached(experiment), reached(without_letters(experiment))
    assert with_them >= 0.81 and with_them > without + 0.03


@pytest.mark.slow
@pytest.mark.timeout(1200)
def test_names_new_to_the_web_are_found_by_their_letters():
    assert reached(on_file("named-entities", "wnut17", 15), "entity_f1") >= 0.15
