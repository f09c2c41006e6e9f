"""What fits where, asked over the whole catalogue."""

from __future__ import annotations

import pytest

from playground.analysis import analyse
from playground.block import CATALOGUE, FAMILIES, FOLLOWERS
from playground.blocks.activation import ReLU, Softmax, Tanh
from playground.blocks.combine import Add, Concat, Flatten
from playground.blocks.convolution import Conv2D
from playground.blocks.data import Input, Output
from playground.blocks.dense import Dense
from playground.blocks.group import Group
from playground.blocks.pooling import MaxPool2D
from playground.document import Document
from playground.experiment import Experiment
from playground.facts import DataFacts, Target
from playground.graph import Graph, Wire
from playground.ready_groups import encoder_block
from playground.shape import Shape
from playground.sheet import Sheet
from playground.suggest import Opening, Suggestion, doubt, fresh_block, offered, suggest, why_not
from tests.examples import chain, image_facts, planar_facts, preset


def sheet_of(graph: Graph, facts: DataFacts | None = None) -> Sheet:
    return Sheet(Document(Experiment(graph=graph, facts=facts or image_facts())))


def fitting(found: list[Suggestion]) -> list[str]:
    return [one.key for one in found if one.fits]


def reason(found: list[Suggestion], key: str) -> str:
    return str(next(one.reason for one in found if one.key == key))


# -- blocks ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("facts", [image_facts(), planar_facts(5)], ids=["image", "row"])
def test_a_block_fits_after_an_input_exactly_if_analysis_has_nothing_against_its_shape(facts: DataFacts) -> None:
    sheet = sheet_of(Graph().add(Input()), facts)
    found = suggest(sheet, Opening(source=("input_1", "out")))
    assert {one.key for one in found} == set(offered(sheet))
    for one in found:
        if isinstance(one.block, Output) or not one.block.ports():
            continue
        graph = sheet.graph.add(one.block, "new")
        for port in one.block.ports():
            graph = graph.connect(Wire("input_1", "new", "out", port.name))
        report = analyse(graph, facts)
        at_it = [problem for problem in report.problems if problem.node == "new"]
        assert one.fits == ("new" in report.nodes or "new" in report.groups), (one.key, at_it)


def test_every_block_is_listed_once_and_those_that_fit_come_first() -> None:
    sheet = sheet_of(preset("lenet").graph)
    openings = [Opening(), Opening(source=("conv_1", "out")), Opening(target=("dense_1", "x"))]
    for opening in (*openings, *(Opening(wire=wire) for wire in sheet.graph.wires)):
        found = suggest(sheet, opening)
        assert sorted(one.key for one in found) == sorted(offered(sheet))
        fits = [one.fits for one in found]
        assert fits == sorted(fits, reverse=True)


def test_a_block_without_inputs_cannot_be_fed_and_one_without_outputs_feeds_nothing() -> None:
    sheet = sheet_of(chain(Input(), Flatten(), Dense()))
    assert "no input" in reason(suggest(sheet, Opening(source=("dense_1", "out"))), "Input")
    assert "no output" in reason(suggest(sheet, Opening(wire=sheet.graph.wires[0])), "Output")


def test_what_goes_into_a_wire_must_please_what_comes_after_it() -> None:
    sheet = sheet_of(chain(Input(), Conv2D(), MaxPool2D()))
    found = suggest(sheet, Opening(wire=Wire("conv_1", "pool_1")))
    assert {"ReLU", "BatchNorm", "Conv2D"} <= set(fitting(found))
    assert "MaxPool2D wants an image" in reason(found, "Flatten")


def test_a_wire_that_does_not_fit_already_takes_what_mends_it() -> None:
    graph = Graph().add(Input()).add(Dense())
    graph = graph.connect(Wire("input_1", "dense_1"))
    assert "Flatten" in fitting(suggest(sheet_of(graph), Opening(wire=graph.wires[0])))


def test_what_could_never_feed_an_input_is_told_apart() -> None:
    found = suggest(sheet_of(Graph().add(Input()).add(Dense())), Opening(target=("dense_1", "x")))
    assert {"Flatten", "Dense", "ReLU"} <= set(fitting(found))
    assert {"Conv2D", "MaxPool2D", "Input", "Output"}.isdisjoint(fitting(found))
    row = suggest(sheet_of(Graph().add(Input()).add(Dense()), planar_facts()), Opening(target=("dense_1", "x")))
    assert "Input" in fitting(row)


def test_what_joins_others_is_of_their_kind() -> None:
    graph = chain(Input(), Conv2D(), Add())
    found = suggest(sheet_of(graph), Opening(target=("add_1", "xs")))
    assert {"Conv2D", "ReLU", "Input"} <= set(fitting(found))
    assert "of another kind" in reason(found, "Flatten")


def test_a_shape_that_is_not_known_rules_nothing_out() -> None:
    sheet = sheet_of(Graph().add(Conv2D()))
    assert {"Dense", "Conv2D"} <= set(fitting(suggest(sheet, Opening(source=("conv_1", "out")))))


def test_blocks_can_be_offered_that_are_in_no_catalogue() -> None:
    sheet = sheet_of(Graph().add(Input()))
    found = suggest(sheet, Opening(source=("input_1", "out")), blocks={"mine": Conv2D(channels=3), "other": Dense()})
    assert [(one.key, one.fits) for one in found] == [("mine", True), ("other", False)]


def test_the_edges_of_a_group_are_offered_only_inside_one() -> None:
    edges = {"GroupInput", "GroupOutput"}
    sheet = sheet_of(Graph().add(Group()))
    assert edges.isdisjoint(offered(sheet))
    sheet.enter("group_1")
    assert edges <= offered(sheet).keys()


# -- order -------------------------------------------------------------------------------------------------------


def test_what_follows_is_written_down_for_every_family_in_names_that_are_there() -> None:
    assert set(FAMILIES) <= FOLLOWERS.keys()
    for before, after in FOLLOWERS.items():
        assert before in {*FAMILIES, *CATALOGUE}
        assert set(after) <= {*FAMILIES, *CATALOGUE}


@pytest.mark.parametrize(
    ("blocks", "first"),
    [
        ((Input(), Conv2D()), ["ReLU", "BatchNorm"]),
        ((Input(), Conv2D(), ReLU()), ["MaxPool2D", "AvgPool2D", "Conv2D"]),
        ((Input(), Conv2D(), MaxPool2D(), Flatten()), ["Dense"]),
        ((Input(), Flatten(), Dense(units=64)), ["ReLU"]),
        ((Input(), Flatten(), Dense(units=10)), ["Output"]),
        ((Input(),), ["Conv2D"]),
    ],
)
def test_what_typically_follows_comes_first(blocks: tuple, first: list[str]) -> None:
    graph = chain(*blocks)
    found = fitting(suggest(sheet_of(graph), Opening(source=(graph.order[-1], "out"))))
    assert found[: len(first)] == first


def test_what_this_network_does_elsewhere_comes_before_what_is_usual() -> None:
    graph = chain(Input(), Conv2D(), Tanh(), MaxPool2D(), Conv2D())
    assert fitting(suggest(sheet_of(graph), Opening(source=("conv_2", "out"))))[0] == "Tanh"


def test_a_second_output_is_not_pressed_on_anyone() -> None:
    graph = chain(Input(), Flatten(), Dense(units=10)).add(Output())
    assert fitting(suggest(sheet_of(graph), Opening(source=("dense_1", "out"))))[0] != "Output"


def test_an_empty_sheet_begins_with_an_input() -> None:
    assert suggest(sheet_of(Graph()))[0].key == "Input"
    assert suggest(sheet_of(Graph().add(Input())))[0].key != "Input"


def test_favourites_and_what_was_used_last_rise() -> None:
    sheet, opening = sheet_of(chain(Input(), Conv2D())), Opening(source=("conv_1", "out"))
    plain = fitting(suggest(sheet, opening))
    assert fitting(suggest(sheet, opening, favourites=["GELU"])).index("GELU") < plain.index("GELU")
    recent = fitting(suggest(sheet, opening, recent=["SiLU", "ELU"]))
    assert recent.index("SiLU") < recent.index("ELU") < plain.index("ELU")
    assert not next(one for one in suggest(sheet, opening, favourites=["Dense"]) if one.key == "Dense").fits


# -- wires -------------------------------------------------------------------------------------------------------


def wired(*blocks: object) -> tuple[Sheet, Wire]:
    """Leave the last block of a chain unconnected, and return the wire that would connect it."""
    graph = chain(*blocks)  # type: ignore[arg-type]
    wire = graph.wires[-1]
    return sheet_of(graph.disconnect(wire)), wire


def test_an_output_refuses_what_cannot_be_right() -> None:
    sheet, wire = wired(Input(), Flatten(), Output())
    assert "needs 10 numbers" in str(why_not(sheet, sheet.graph, wire))


@pytest.mark.parametrize(
    ("blocks", "word"),
    [
        ((Input(), Conv2D(), Output()), "Flatten"),
        ((Input(), Flatten(), Dense(units=84), Tanh(), Output()), "set the units"),
    ],
)
def test_an_output_takes_what_a_remedy_can_mend_and_says_so(blocks: tuple, word: str) -> None:
    sheet, wire = wired(*blocks)
    assert why_not(sheet, sheet.graph, wire) is None
    assert word in str(doubt(sheet, sheet.graph, wire))


def test_what_is_wrong_with_an_output_itself_is_not_the_wires_fault() -> None:
    sheet, wire = wired(Input(), Flatten(), Output(target="nothing like it"))
    assert why_not(sheet, sheet.graph, wire) is None
    assert doubt(sheet, sheet.graph, wire) is None


def test_a_good_wire_is_neither_refused_nor_doubted() -> None:
    sheet, wire = wired(Input(), Flatten(), Dense(units=10), Output())
    assert why_not(sheet, sheet.graph, wire) is None
    assert doubt(sheet, sheet.graph, wire) is None


def test_a_softmax_before_its_loss_is_no_reason_to_refuse() -> None:
    sheet, wire = wired(Input(), Flatten(), Dense(units=10), Softmax(), Output())
    assert why_not(sheet, sheet.graph, wire) is None


def test_cycles_and_shapes_are_refused() -> None:
    graph = chain(Input(), Concat(), Tanh())
    sheet = sheet_of(graph)
    assert "cycle" in str(why_not(sheet, graph, Wire("tanh_1", "concat_1", "out", "xs")))
    flat = chain(Input(), Flatten()).add(Conv2D())
    assert "image" in str(why_not(sheet_of(flat), flat, Wire("flatten_1", "conv_1")))


def test_a_rule_that_breaks_does_not_stop_the_hand(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(self: Tanh, x: object) -> object:
        raise ZeroDivisionError

    monkeypatch.setattr(Tanh, "output", broken)
    sheet = sheet_of(Graph().add(Input()).add(ReLU()))
    assert "Tanh" in fitting(suggest(sheet, Opening(source=("input_1", "out"))))


def test_new_inputs_and_outputs_look_at_the_data() -> None:
    facts = DataFacts.from_json(
        {
            "inputs": {"pixels": {"channels": 1, "height": 8, "width": 8}},
            "targets": {"size": {"shape": {"features": 1}}},
        }
    )
    assert fresh_block("Input", facts).field == "pixels"  # type: ignore[attr-defined]
    made = fresh_block("Output", facts)
    assert isinstance(made, Output)
    assert (made.target, made.task, made.loss) == ("size", "regression", "mse")


# -- groups ------------------------------------------------------------------------------------------------------


def test_a_ready_made_group_fits_as_wide_as_what_comes_out_or_says_why_it_does_not() -> None:
    facts = DataFacts({"x": Shape(time=6, features=24)}, {"label": Target(("a", "b"))})
    found = suggest(sheet_of(Graph().add(Input()), facts), Opening(source=("input_1", "out")))
    encoder = next(one for one in found if one.key == "ready:encoder-block")
    assert encoder.fits and encoder.block == encoder_block(24)
    assert "wants an image" in reason(found, "ready:residual-block")
    image = suggest(sheet_of(Graph().add(Input())), Opening(source=("input_1", "out")))
    assert "ready:residual-block" in fitting(image)
    assert "put Flatten before it" in reason(image, "ready:encoder-block")
