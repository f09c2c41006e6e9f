"""What a trained project offers the nodes of a network, and what taking it makes of the document."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from playground.analysis import analyse
from playground.blocks.activation import Tanh
from playground.blocks.combine import Flatten
from playground.blocks.convolution import Conv2D
from playground.blocks.data import Input, Output
from playground.blocks.dense import Dense
from playground.blocks.group import Group
from playground.blocks.normalisation import BatchNorm
from playground.document import Document
from playground.experiment import Experiment, Start
from playground.graph import Graph
from playground.grouping import collapse
from playground.project import Record, weights_in, write_project
from playground.text import Refusal, say
from playground.transfer import Trained, learners, look_into, offers, take
from tests.examples import BINARY, chain, image_facts, small


def project(path: Path, experiment: Experiment, **others: tuple[int, ...]) -> Path:
    """Write a project with the header of a safetensors file, and no numbers: nobody reads them here."""
    report = analyse(experiment.graph, experiment.facts)
    shapes: dict[str, Any] = {f"{n.id}.{name}": size for n in report.nodes.values() for name, size in n.weights.items()}
    shapes |= {name.replace("__", "."): size for name, size in others.items()}
    header = json.dumps({f"network/{name}": {"shape": list(size)} for name, size in shapes.items()}).encode()
    write_project(path, experiment, len(header).to_bytes(8, "little") + header, Record())
    return path


def offered(here: Experiment, trained: Trained) -> dict[str, tuple[str, ...]]:
    return {offer.node.id: offer.fits for offer in offers(analyse(here.graph, here.facts), trained)}


@pytest.fixture
def trained(tmp_path: Path) -> Trained:
    return look_into(project(tmp_path / "trained.zip", small(Dense(units=4), Tanh(), Dense(units=4), Tanh())))


def test_the_node_of_the_same_path_comes_first_where_all_shapes_agree(trained: Trained) -> None:
    found = offered(small(Dense(units=4), Tanh(), Dense(units=4), Tanh(), Dense(units=4), Tanh()), trained)
    assert found == {
        "dense_1": ("dense_1",),  # 4 × 2
        "dense_2": ("dense_2",),  # 4 × 4
        "dense_3": ("dense_2",),  # called like the last one there, which is 1 × 4
        "dense_4": ("dense_3",),
    }


def test_a_node_that_nothing_fits_is_told_what_is_there(trained: Trained) -> None:
    here = small(Dense(units=5), Tanh())
    first, second = offers(analyse(here.graph, here.facts), trained)
    assert (first.node.id, first.fits, first.same) == ("dense_1", (), False)
    assert first.there == {"weight": (4, 2), "bias": (4,)}
    assert second.there == {"weight": (4, 4), "bias": (4,)}


def test_all_that_a_node_learns_must_be_there_and_nothing_more(trained: Trained) -> None:
    assert offered(small(Dense(units=4, bias=False), Tanh()), trained)["dense_1"] == ()


def test_of_several_that_fit_the_one_that_no_other_node_is_called_like_is_likelier(tmp_path: Path) -> None:
    blocks = [block for _ in range(4) for block in (Dense(units=2), Tanh())]
    there = look_into(project(tmp_path / "four.zip", small(*blocks)))
    here = small(*blocks)
    renamed = replace(here, graph=here.graph.rename("dense_3", "mine"))
    found = offered(renamed, there)
    assert found["mine"] == ("dense_3", "dense_1", "dense_2", "dense_4")
    assert found["dense_2"][0] == "dense_2" and set(found["dense_2"]) == {"dense_1", "dense_2", "dense_3", "dense_4"}


def test_a_node_in_a_group_finds_its_like_outside_of_one(trained: Trained) -> None:
    here = small(Dense(units=4), Tanh(), Dense(units=4), Tanh())
    graph, _ = collapse(here.graph, ["dense_2", "tanh_2"])
    assert offered(replace(here, graph=graph), trained)["group_1.1.dense_2"] == ("dense_2",)


def test_what_batch_normalisation_counts_is_no_weight(tmp_path: Path) -> None:
    experiment = small(Dense(units=4), BatchNorm(), Tanh())
    counted = {"norm_1__running_mean": (4,), "norm_1__running_var": (4,)}
    there = look_into(project(tmp_path / "n.zip", experiment, **counted, norm_1__num_batches_tracked=()))
    assert weights_in(there.path)["norm_1"]["running_mean"] == (4,)
    assert there.weights["norm_1"] == {"weight": (4,), "bias": (4,)}
    assert offered(experiment, there)["norm_1"] == ("norm_1",)


def test_equal_shapes_of_another_block_do_not_fit(tmp_path: Path) -> None:
    facts = image_facts(channels=4, side=1, classes=4)
    ours = Experiment(graph=chain(Input(), Conv2D(channels=4, kernel=1, bias=False), Flatten(), Output()), facts=facts)
    theirs = look_into(project(tmp_path / "p.zip", ours))
    assert offered(ours, theirs)["conv_1"] == ("conv_1",)
    dense = replace(theirs, blocks={**theirs.blocks, "conv_1": Dense()})
    assert offered(ours, dense)["conv_1"] == ()


def test_a_project_whose_document_cannot_be_read_still_offers_its_weights(tmp_path: Path, trained: Trained) -> None:
    import zipfile

    path = tmp_path / "odd.zip"
    with zipfile.ZipFile(trained.path) as old, zipfile.ZipFile(path, "w") as new:
        for name in old.namelist():
            new.writestr(name, b"{}" if name.endswith("document.json") else old.read(name))
    odd = look_into(path)
    assert odd.blocks == {}
    assert offered(small(), odd)["dense_1"] == ("dense_1",)


@pytest.mark.parametrize("header", [b"", b"{}", b"\xff" * 8 + b"{", b"[" * 99, b'{"network/a.b": {"shape": 3}}'])
def test_a_file_whose_header_is_none_is_refused_or_empty(tmp_path: Path, header: bytes) -> None:
    path = tmp_path / "bad.zip"
    write_project(
        path, small(), header if header[:1] == b"\xff" else len(header).to_bytes(8, "little") + header, Record()
    )
    if header == b"{}":
        assert look_into(path).weights == {}
    else:
        with pytest.raises(Refusal, match=r"bad\.zip is not a project with weights"):
            look_into(path)


def test_only_nodes_with_weights_of_their_own_take_any() -> None:
    here = small(Dense(units=2), Tanh(), Dense(units=2), Tanh())
    tied = here.graph.mark("dense_2", tied_to="dense_1")
    assert [node.id for node in learners(analyse(tied, here.facts))] == ["dense_1", "dense_3"]


def test_taking_freezes_and_forgets_what_was_set_by_hand(trained: Trained) -> None:
    here = small(Dense(units=4), Tanh(), Dense(units=4), Tanh())
    by_hand = {"bias": (0.0,) * 4}
    graph = here.graph.mark("dense_1", weights=by_hand).mark("dense_2", weights=by_hand, frozen=True)
    new = take(replace(here, graph=graph), trained, {"dense_1": "dense_1"}, {"dense_1": True})
    assert new.start == Start(str(trained.path), {"dense_1": "dense_1"})
    one, other = new.graph.nodes["dense_1"], new.graph.nodes["dense_2"]
    assert (one.frozen, one.weights) == (True, {})
    assert other is graph.nodes["dense_2"]
    assert take(new, trained, {}, {}).start is None


def test_taking_reaches_into_groups(trained: Trained) -> None:
    here = small(Dense(units=4), Tanh(), Dense(units=4), Tanh())
    graph, _ = collapse(here.graph, ["dense_2", "tanh_2"])
    new = take(replace(here, graph=graph), trained, {"group_1.1.dense_2": "dense_2"}, {"group_1.dense_2": True})
    group = new.graph.nodes["group_1"].block
    assert isinstance(group, Group) and group.graph.nodes["dense_2"].frozen


# -- the document carries it along -----------------------------------------------------------------------------------


@pytest.fixture
def document() -> Document:
    graph = chain(Input(), Dense(units=4), Tanh(), Dense(units=4), Tanh(), Dense(units=1), BINARY)
    start = Start("/somewhere/trained.zip", {"dense_1": "dense_1", "dense_2": "dense_5"})
    return Document(replace(small(), graph=graph, start=start))


def taken(document: Document) -> dict[str, str]:
    assert document.now.start is not None
    return dict(document.now.start.nodes)


def test_nodes_that_are_renamed_or_grouped_still_begin_with_their_weights(document: Document) -> None:
    document.edit(say("Rename"), graph=document.now.graph.rename("dense_1", "hidden"))
    assert taken(document) == {"hidden": "dense_1", "dense_2": "dense_5"}
    grouped, _ = collapse(document.now.graph, ["dense_2", "tanh_2"])
    document.edit(say("Group"), graph=grouped)
    assert taken(document) == {"hidden": "dense_1", "group_1.1.dense_2": "dense_5"}
    document.undo()
    document.undo()
    assert taken(document) == {"dense_1": "dense_1", "dense_2": "dense_5"}


def test_other_edits_leave_what_was_taken_as_it_is(document: Document) -> None:
    start = document.now.start
    document.edit(say("Add"), graph=document.now.graph.add(Dense()))
    document.edit(say("Change"), graph=document.now.graph.configure("dense_2", Dense(units=9)))
    assert document.now.start is start
    document.edit(say("Clear"), graph=Graph())
    assert document.now.start is start, "it costs nothing, and undo needs it"


def test_what_was_taken_is_given_up_node_by_node(document: Document) -> None:
    start = document.now.start
    assert start is not None
    one = start.without(["dense_1"])
    assert one == Start(start.file, {"dense_2": "dense_5"})
    assert one is not None and one.without(["dense_2"]) is None
