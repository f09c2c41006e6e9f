"""What a network costs: the rows, their sums, and the memory of training held against torch's own account."""

from __future__ import annotations

import csv
import io
from dataclasses import replace

import numpy as np
import pytest

from playground.analysis import analyse
from playground.block import CATALOGUE
from playground.blocks.activation import ReLU, Tanh
from playground.blocks.combine import Flatten
from playground.blocks.convolution import Conv2D
from playground.blocks.data import Input, Output
from playground.blocks.dense import Dense
from playground.blocks.group import Group, GroupInput, GroupOutput
from playground.blocks.pooling import MaxPool2D
from playground.blocks.unknown import Unknown
from playground.choices import SGD, Adam, AdamW
from playground.costs import (
    Memory,
    Row,
    as_csv,
    as_text,
    cells,
    headings,
    memory_of,
    rows_of,
    sized,
    totals_of,
    warning,
    write_csv,
)
from playground.data import Data, Examples
from playground.experiment import Experiment, Training
from playground.graph import Graph, Wire
from playground.machine import Room
from playground.report import NodeReport, Report
from playground.shape import Shape
from playground.text import Refusal, set_language
from tests.examples import BINARY, PRESETS, chain, delicate, images, pictured, planar_facts, preset

LENET = preset("lenet")


def counted(experiment):
    rows = rows_of(analyse(experiment.graph, experiment.facts))
    totals = totals_of(rows)
    return rows, totals, memory_of(totals, experiment)


# -- rows and sums -----------------------------------------------------------------------------------------------


def test_the_rows_of_lenet_are_those_of_the_paper():
    rows, totals, _ = counted(LENET)
    by_id = {row.id: row for row in rows}
    assert [row.id for row in rows] == list(LENET.graph.order)
    assert by_id["conv_1"].shape == Shape(channels=6, height=28, width=28)
    conv = by_id["conv_1"]
    assert (conv.parameters, conv.macs, conv.activation, conv.field) == (156, 117_600, 18_816, (5, 5))
    assert by_id["dense_1"].field is None
    assert (totals.parameters, totals.trainable, totals.frozen, totals.unknown) == (61_706, 61_706, 0, 0)
    assert totals.macs == 416_520
    assert totals.largest == conv


@pytest.mark.parametrize("name", PRESETS)
def test_totals_are_the_sums_of_the_rows_and_what_the_report_says(name):
    experiment = preset(name)
    report = analyse(experiment.graph, experiment.facts)
    rows, totals, _ = counted(experiment)
    assert totals.parameters == sum(row.parameters for row in rows) == report.parameters
    assert totals.macs == sum(row.macs for row in rows) == report.macs
    assert totals.activations == sum(row.activation for row in rows)


def test_what_is_not_known_has_empty_cells_and_is_counted():
    graph = chain(Input(), Dense(units=4), Dense(units=1), BINARY).add(Dense())
    graph = graph.connect(Wire("dense_3", "dense_1"))
    rows, totals, _ = counted(Experiment(graph=graph, facts=planar_facts()))
    missing = {row.id for row in rows if row.shape is None}
    assert missing == {"dense_3", "dense_1", "dense_2", "output_1"}
    assert totals.unknown == 4 and totals.parameters == 0
    assert cells(next(row for row in rows if row.id == "dense_3")) == ["dense_3", "Dense", *[""] * 7]


def test_nodes_of_a_cycle_have_rows_too():
    graph = chain(Input(), Dense(units=4), BINARY)
    graph = replace(graph, wires=(*graph.wires, Wire("dense_1", "dense_1")))
    rows, _, _ = counted(Experiment(graph=graph, facts=planar_facts()))
    assert {row.id for row in rows} == set(graph.nodes)


def test_of_a_group_every_repetition_has_rows_and_its_ports_have_none():
    inside = Graph.of(
        {"x": GroupInput(), "dense_1": Dense(units=2), "out": GroupOutput()},
        (Wire("x", "dense_1"), Wire("dense_1", "out")),
    )
    graph = chain(Input(), Group(graph=inside, repeat=3), Dense(units=1), BINARY)
    rows, totals, _ = counted(Experiment(graph=graph, facts=planar_facts()))
    inner = [row.id for row in rows if "." in row.id]
    assert inner == [f"group_1.{k}.dense_1" for k in (1, 2, 3)]
    assert len(rows) == 3 + 3
    assert totals.parameters == 3 * 6 + 3

    tied = graph.configure("group_1", Group(graph=inside, repeat=3, tied=True))
    rows, totals, _ = counted(Experiment(graph=tied, facts=planar_facts()))
    assert totals.parameters == 6 + 3
    assert [row.shares for row in rows if "." in row.id] == [(), ("group_1.1.dense_1",), ("group_1.1.dense_1",)]


def test_frozen_weights_count_but_do_not_learn():
    graph = chain(Input(), Dense(units=4), Tanh(), Dense(units=1), BINARY).mark("dense_1", frozen=True)
    experiment = Experiment(graph=graph, facts=planar_facts(), training=Training(optimiser=Adam()))
    rows, totals, memory = counted(experiment)
    assert [row.id for row in rows if row.frozen] == ["dense_1"]
    assert (totals.trainable, totals.frozen, totals.parameters) == (5, 12, 17)
    assert (memory.weights, memory.gradients, memory.state) == (4 * 17, 4 * 5, 4 * 5 * 2)


# -- the memory of training --------------------------------------------------------------------------------------


def lenet_data():
    rng = np.random.default_rng(0)
    facts = replace(LENET.facts, counts={"train": 64, "validation": 16})

    def some(n):
        return Examples({"x": rng.normal(size=(n, 1, 28, 28)).astype(np.float32)}, {"label": rng.integers(0, 10, n)})

    return replace(LENET, facts=facts), Data(facts, {"train": some(64), "validation": some(16)})


def pooled():
    blocks = (Conv2D(channels=8, padding=1), ReLU(), MaxPool2D(), Conv2D(channels=16), ReLU(), MaxPool2D())
    graph = chain(Input(), *blocks, Flatten(), Dense(units=3), Output())
    data = images(64, side=32)
    return Experiment(graph=graph, facts=data.facts, training=Training(batch_size=32)), data


def stepped(experiment, data=None):
    """Take a step; return the trainer and the bytes that autograd kept for the backward pass, weights left out."""
    import torch

    from playground.training import Trainer

    trainer = Trainer(experiment, data, "cpu")
    own = {parameter.untyped_storage().data_ptr() for parameter in trainer.network.parameters()}
    kept = {}

    def keep(tensor):
        storage = tensor.untyped_storage()
        if storage.data_ptr() not in own:
            kept[storage.data_ptr()] = storage  # held, so that no two have one address
        return tensor

    with torch.autograd.graph.saved_tensors_hooks(keep, lambda tensor: tensor):
        next(trainer.steps())
    return trainer, sum(storage.nbytes() for storage in kept.values())


MEASURED = {
    "xor": lambda: (preset("xor"), None),
    "spirals": lambda: (preset("spirals"), None),
    "lenet": lenet_data,
    "max pooling": pooled,
    "batch statistics": lambda: (pictured(), images(64)),
    "momentum": lambda: (delicate(optimiser=SGD(momentum=0.9)), None),
    "no momentum": lambda: (delicate(optimiser=SGD()), None),
    "decoupled decay": lambda: (delicate(optimiser=AdamW()), None),
}


@pytest.mark.parametrize("name", MEASURED)
def test_the_memory_of_training_is_what_torch_holds(name):
    """Weights, gradients and the optimiser's numbers agree exactly; activations within a factor of two."""
    torch = pytest.importorskip("torch")
    experiment, data = MEASURED[name]()
    trainer, kept = stepped(experiment, data)
    memory = memory_of(totals_of(rows_of(trainer.report)), replace(experiment, facts=trainer.data.facts))
    parameters = list(trainer.network.parameters())
    assert memory.weights == sum(parameter.nbytes for parameter in parameters)
    assert memory.gradients == sum(parameter.grad.nbytes for parameter in parameters)
    state = [
        value
        for one in trainer.optimiser.state.values()
        for value in one.values()
        if torch.is_tensor(value) and value.ndim  # Adam's count of steps is a single number for each tensor
    ]
    assert memory.state == sum(value.nbytes for value in state)
    assert kept / 2 <= memory.activations <= kept * 2
    whole = kept + sum(value.nbytes for value in (*parameters, *(p.grad for p in parameters), *state))
    assert whole / 1.5 <= memory.step <= whole * 1.7


def test_a_step_holds_the_activations_of_the_batch_and_per_weight_its_gradient_and_the_optimisers_numbers():
    graph = chain(Input(), Dense(units=3), Dense(units=1), BINARY)
    _, _, memory = counted(Experiment(graph=graph, facts=planar_facts(), training=Training(batch_size=10)))
    assert memory.step == 4 * ((2 + 3 + 1 + 1) * 10 + (9 + 4) * (1 + 1 + 2))


def test_a_batch_is_never_larger_than_the_training_set():
    experiment = replace(preset("xor"), training=Training(batch_size=65_536))
    _, totals, memory = counted(experiment)
    assert memory.batch == experiment.facts.counts["train"] < 65_536
    assert memory.activations == totals.activations * memory.batch


def test_the_data_are_counted_apart():
    _, _, memory = counted(LENET)
    examples = sum(LENET.facts.counts.values())
    assert memory.data == examples * (28 * 28 * 4 + 8)
    assert memory.all == memory.step + memory.data


# -- the warning -------------------------------------------------------------------------------------------------

STEP = Memory(weights=1000, gradients=1000, state=2000, activations=64_000, data=1000, batch=64, slots=2)


def test_there_is_no_warning_where_it_fits():
    assert warning(STEP, Room(STEP.all, STEP.all), "cpu") is None
    assert warning(STEP, Room(STEP.all), "cuda:0") is None


def test_the_warning_names_a_batch_that_fits():
    told = warning(STEP, Room(40_000), "cuda:0")
    assert str(told) == (
        "Training would take about 69 kB with its data, but CUDA:0 has 40 kB; make the batch smaller: 32 would fit."
    )
    smaller = replace(STEP, batch=32, activations=32_000)
    assert warning(smaller, Room(40_000), "cuda:0") is None
    assert "16 would fit" in str(warning(STEP, Room(22_000), "cpu"))


def test_where_even_one_example_is_too_much_the_network_has_to_be_smaller():
    told = str(warning(STEP, Room(5_500), "cpu"))
    assert told == (
        "Training would take about 69 kB with its data, but this machine has 5.5 kB; "
        "use fewer units or channels, or smaller examples."
    )


def test_what_others_use_is_told_apart_and_not_asked_for_once_it_runs():
    room = Room(100_000, 40_000)
    assert "only 40 kB are free now; close other programs or make the batch smaller" in str(warning(STEP, room, "cpu"))
    assert warning(STEP, room, "cpu", running=True) is None
    assert warning(STEP, Room(50_000, 1_000), "cpu", running=True) is not None


@pytest.mark.parametrize("room", [1, 5_999, 6_000, 20_000, 40_000, 68_999])
def test_the_batch_that_fits_does_and_twice_as_many_do_not(room):
    batch = STEP.fitting_batch(room)
    fixed = STEP.all - STEP.activations
    assert batch < STEP.batch
    if batch:
        assert fixed + 1000 * batch <= room
        assert 2 * batch >= STEP.batch or fixed + 1000 * 2 * batch > room
    else:
        assert fixed + 1000 > room


@pytest.mark.parametrize(
    ("size", "text"),
    [(0, "0 B"), (999, "999 B"), (1000, "1 kB"), (18_816, "18.8 kB"), (3_009_184, "3.01 MB"), (25e9, "25 GB")],
)
def test_sizes_are_written_as_people_read_them(size, text):
    assert sized(size) == text
    assert sized(999.6e9) == "1 TB" and sized(5e16) == "50,000 TB"


# -- for other programs ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_csv_comes_back_as_it_was(tmp_path, language):
    set_language(language)
    rows, totals, _ = counted(LENET)
    path = tmp_path / "table.csv"
    write_csv(rows, path)
    assert path.read_bytes().startswith(b"\xef\xbb\xbf")  # else a spreadsheet takes Chinese for Latin-1
    with path.open(encoding="utf-8-sig", newline="") as file:
        back = list(csv.reader(file))
    assert back == [headings(), *map(cells, rows)]
    assert len(set(back[0])) == 9 and all(len(line) == 9 for line in back)
    assert sum(int(line[4]) for line in back[1:]) == totals.parameters == 61_706


def test_the_text_is_the_same_table_with_tabs():
    rows, _, _ = counted(LENET)
    text = as_text(rows)
    assert [line.split("\t") for line in text.splitlines()] == list(csv.reader(io.StringIO(as_csv(rows))))
    assert text.splitlines()[2] == "conv_1\tConv2D\t6 × 28 × 28\tchannels × height × width\t156\t117600\t18816\t5\t5"


def test_the_name_of_an_unknown_block_is_no_formula():
    row = Row("unknown_1", Unknown.keeping('=HYPERLINK("http://x")', {}, (), ()))
    assert cells(row)[1] == '\'=HYPERLINK("http://x")'


def test_a_file_that_cannot_be_written_is_refused_with_its_name(tmp_path):
    with pytest.raises(Refusal, match=r"table\.csv could not be written"):
        write_csv((), tmp_path / "missing" / "table.csv")


def test_what_leaves_several_ports_is_added_up():
    block = CATALOGUE["Dense"]()
    known = NodeReport(
        "a", block, (), Shape(features=3), block.layer(Shape(features=3)), {}, 0, None,
        shapes={"sequence": Shape(time=5, features=3), "h": Shape(features=3)},
    )  # fmt: skip
    (row,) = rows_of(Report(Graph.of({"a": block}), {"a": known}))
    assert row.activation == 4 * (15 + 3)
