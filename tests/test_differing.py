"""What is said of two experiments: what tells their runs apart, and nothing else."""

from __future__ import annotations

from dataclasses import replace

import pytest

from playground.blocks.activation import ReLU, Tanh
from playground.blocks.combine import Add
from playground.blocks.data import Input, Output
from playground.blocks.dense import Dense
from playground.blocks.group import Group
from playground.choices import SGD, Adam
from playground.data.planar import Blobs, Xor
from playground.differing import differ_in_seed_only, differences, short
from playground.experiment import Experiment, Start, View, Words
from playground.graph import Wire
from playground.nesting import edit_inside
from playground.text import set_language
from tests.examples import chain, preset

XOR = preset("xor")


def told(old, new):
    return [str(one.words) for one in differences(old, new)]


def training(**changes):
    return replace(XOR, training=XOR.training.replace(**changes))


def graph(experiment, edit):
    return replace(experiment, graph=edit(experiment.graph))


def test_what_makes_no_difference_to_a_run_is_not_told():
    other = replace(XOR, title=Words("Another"), view=View(panels=("loss",)), rows=("A1",))
    assert differences(XOR, other) == () and short(XOR, other) is None
    assert differences(XOR, training(threads=3)) == ()


def test_settings_are_told_with_what_they_were():
    rate = XOR.training.optimiser.learning_rate
    changed = training(seed=7, optimiser=XOR.training.optimiser.replace(learning_rate=0.5), batch_size=3)
    before = XOR.training
    assert told(XOR, changed) == [
        f"learning rate 0.5 instead of {rate:g}",
        f"Batch size: 3 instead of {before.batch_size}",
        f"seed 7 instead of {before.seed}",
    ]


def test_another_optimiser_is_called_by_its_name():
    assert isinstance(XOR.training.optimiser, Adam)
    assert told(XOR, training(optimiser=SGD())) == ["SGD instead of Adam"]


def test_a_name_holds_two_differences_at_most():
    assert str(short(XOR, training(seed=7))) == "seed 7"
    assert str(short(XOR, training(seed=7, batch_size=3))) == "Batch size: 3, seed 7"
    assert short(XOR, training(seed=7, batch_size=3, epochs=1)) is None


def test_experiments_that_differ_in_the_seed_only_are_known():
    assert differ_in_seed_only(XOR, training(seed=7)) and differ_in_seed_only(XOR, XOR)
    assert not differ_in_seed_only(XOR, training(seed=7, epochs=1))


def test_data_are_told_by_their_title_or_by_what_is_set():
    assert told(XOR, replace(XOR, source=XOR.source.replace(noise=0.4)))[0].startswith("Noise: 0.4 instead of")
    assert told(replace(XOR, source=Xor()), replace(XOR, source=Blobs())) == [
        f"data: {Blobs.title} instead of {Xor.title}"
    ]


def test_nodes_put_in_taken_out_and_changed_are_named_and_the_wires_they_bring_are_not():
    wire = next(wire for wire in XOR.graph.wires if wire.target == "dense_2")
    more = graph(XOR, lambda g: g.insert(ReLU(), wire))
    assert told(XOR, more) == ["with relu_1"] and told(more, XOR) == ["without relu_1"]
    units = XOR.graph.nodes["dense_1"].block.units
    wider = graph(XOR, lambda g: g.configure("dense_1", Dense(units=99)))
    assert told(XOR, wider) == [f"dense_1: Units: 99 instead of {units}"]
    other = graph(XOR, lambda g: g.configure("tanh_1", ReLU()))
    assert told(XOR, other) == ["tanh_1: ReLU instead of Tanh"]
    frozen = graph(XOR, lambda g: g.mark("dense_1", frozen=True))
    assert told(XOR, frozen) == ["dense_1 frozen"] and told(frozen, XOR) == ["dense_1 not frozen"]


def test_a_wire_of_its_own_is_told():
    plain = Experiment(graph=chain(Input(field="x"), Dense(units=2), Add(), Dense(units=1), Output()))
    residual = graph(plain, lambda g: g.connect(Wire("input_1", "add_1", "out", "xs")))
    assert told(plain, residual) == ["with the wire input_1.out → add_1.xs"]
    assert told(residual, plain) == ["without the wire input_1.out → add_1.xs"]


def test_twins_are_told_apart_inside_their_groups():
    assert told(preset("plain-deep"), preset("residual-deep")) == ["stage_1.add_1 not bypassed"]
    deep = preset("residual-deep")
    wider = graph(deep, lambda g: edit_inside(g, "stage_1", lambda inner: inner.mark("add_1", state="muted")))
    assert told(deep, wider) == ["stage_1.add_1 muted"]
    group = deep.graph.nodes["stage_1"].block
    assert isinstance(group, Group)
    longer = graph(deep, lambda g: g.configure("stage_1", group.replace(repeat=group.repeat + 1)))
    assert told(deep, longer) == [f"stage_1: Repeat: {group.repeat + 1} instead of {group.repeat}"]


@pytest.mark.parametrize("pair", [("order-lstm", "order-transformer"), ("deep-narrow", "shallow-wide")], ids="/".join)
def test_networks_with_little_in_common_are_told_by_counts(pair):
    old, new = map(preset, pair)
    said = told(old, new)
    assert said[0].startswith("another network: ") and len(said) < 12
    assert not any("_1" in one for one in said), "single nodes of another network tell nothing"
    blocks = [one.split(" ")[1] for one in said[1:] if one[0].isdigit()]
    assert blocks and len(blocks) == len(set(blocks))


def test_the_lstm_against_the_transformer_names_what_each_is_made_of():
    said = told(preset("order-lstm"), preset("order-transformer"))
    assert "0 LSTM instead of 1" in said and "2 LayerNorm instead of 0" in said


def test_weights_taken_from_a_project_are_told():
    taken = replace(XOR, start=Start("/somewhere/trained.zip", {"dense_1": "dense_1"}))
    assert told(XOR, taken) == ["weights from trained.zip"] and told(taken, XOR) == ["no weights taken over"]


def test_differences_are_said_in_the_language_of_the_moment():
    (one,) = differences(XOR, training(optimiser=XOR.training.optimiser.replace(learning_rate=0.5)))
    assert str(one.short) == "learning rate 0.5"
    set_language("zh")
    assert "学习率" in str(one.short) and "0.5" in str(one.short)


def test_a_chain_of_other_activations_is_still_the_same_network():
    wavy = graph(XOR, lambda g: g.configure("tanh_1", ReLU()).configure("tanh_2", ReLU()))
    assert all(one.startswith("tanh_") for one in told(XOR, wavy)) and isinstance(XOR.graph.nodes["tanh_1"].block, Tanh)
