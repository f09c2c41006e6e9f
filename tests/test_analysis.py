"""What flows, what it costs, what is wrong: by hand, against torch, and every remedy tried."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any, ClassVar

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from playground.analysis import analyse, in_port_order
from playground.block import Block, Layer
from playground.blocks.activation import ReLU, Sigmoid, Softmax, Step, Tanh
from playground.blocks.combine import Add, Concat, Flatten
from playground.blocks.convolution import Conv2D
from playground.blocks.data import Input, Output
from playground.blocks.dense import Dense
from playground.blocks.normalisation import Dropout
from playground.blocks.pooling import AvgPool2D, MaxPool2D
from playground.blocks.unknown import Unknown
from playground.choices import LOSSES, TASKS
from playground.facts import DataFacts, Target
from playground.graph import Graph, Wire
from playground.shape import Shape
from tests.examples import BINARY, PRESETS, chain, image_facts, planar_facts, preset

PLANE = planar_facts()
IMAGE = image_facts()
LENET = preset("lenet")


def told(report):
    return [(problem.node, str(problem.message)) for problem in report.problems]


def only_problem(graph, facts=PLANE):
    problems = analyse(graph, facts).problems
    assert len(problems) == 1, told(analyse(graph, facts))
    return problems[0]


# -- what flows and what it costs --------------------------------------------------------------------------------


def test_lenets_numbers_are_those_of_the_paper():
    report = analyse(LENET.graph, LENET.facts)
    assert report.problems == report.blocking == ()
    assert report.parameters == 61_706
    assert report.macs == 416_520
    by_hand = {
        "conv_1": ((6, 28, 28), 156, 117_600, (5, 5)),
        "pool_1": ((6, 14, 14), 0, 0, (6, 6)),
        "conv_2": ((16, 10, 10), 2_416, 240_000, (14, 14)),
        "pool_2": ((16, 5, 5), 0, 0, (16, 16)),
        "flatten_1": ((400,), 0, 0, None),
        "dense_1": ((120,), 48_120, 48_000, None),
        "dense_2": ((84,), 10_164, 10_080, None),
        "dense_3": ((10,), 850, 840, None),
    }
    for id, (sizes, parameters, macs, field) in by_hand.items():
        node = report.nodes[id]
        assert (node.shape.sizes, node.parameters, node.macs, node.receptive_field) == (sizes, parameters, macs, field)
    assert report.nodes["input_1"].receptive_field == (1, 1)
    assert report.nodes["pool_2"].jump == (4, 4)
    assert set(report.wires) == set(LENET.graph.wires)
    assert report.wires[Wire("pool_1", "conv_2")] == Shape(channels=6, height=14, width=14)


@pytest.mark.parametrize("name", PRESETS)
def test_parameters_agree_with_the_built_network(name):
    pytest.importorskip("torch")
    from playground.network import Network

    experiment = preset(name)
    report = analyse(experiment.graph, experiment.facts)
    network = Network(report, 1)
    assert report.parameters == sum(parameter.numel() for parameter in network.parameters())


@given(
    st.lists(
        st.one_of(
            st.builds(
                Conv2D,
                channels=st.just(1),
                kernel=st.tuples(st.integers(1, 4), st.integers(1, 4)),
                stride=st.integers(1, 2),
                dilation=st.integers(1, 2),
            ),
            st.builds(AvgPool2D, kernel=st.integers(1, 3), stride=st.integers(1, 3)),
            st.just(ReLU()),
        ),
        min_size=1,
        max_size=4,
    )
)
@settings(deadline=None, derandomize=True, max_examples=40)
def test_the_receptive_field_is_what_a_gradient_reaches(blocks):
    torch = pytest.importorskip("torch")
    from playground.network import Network

    graph = chain(Input(), *blocks, Output())
    report = analyse(graph, image_facts(side=48))
    last = graph.incoming["output_1"][0].source
    if last not in report.nodes:
        return
    network = Network(report, 1)
    with torch.no_grad():
        for parameter in network.parameters():
            parameter.fill_(0.1)
    x = torch.ones(1, 1, 48, 48, requires_grad=True)
    network({"x": x})["output_1"][0, 0, 0, 0].backward()
    rows, columns = torch.nonzero(x.grad[0, 0], as_tuple=True)
    reached = (int(rows.max() - rows.min()) + 1, int(columns.max() - columns.min()) + 1)
    assert report.nodes[last].receptive_field == reached


def test_a_joint_sees_as_far_as_the_branch_that_sees_farthest():
    graph = chain(Input(), Conv2D(channels=1, kernel=5, padding=2), Add(), Flatten(), Dense(units=10), Output())
    graph = graph.connect(Wire("input_1", "add_1", target_port="xs"))
    report = analyse(graph, IMAGE)
    assert report.problems == ()
    assert report.nodes["add_1"].receptive_field == (5, 5)


def test_auto_takes_as_many_as_the_output_it_leads_to_asks_for():
    targets = {"label": Target(("a", "b", "c")), "place": Target(shape=Shape(features=4))}
    facts = DataFacts({"x": Shape(features=6)}, targets, {"train": 5})
    graph = Graph().add(Input(field="x"), "x").add(Dense(units="auto"), "trunk").connect(Wire("x", "trunk"))
    wanted = {"label": 3, "place": 4, "x": 6}
    for name in wanted:
        task = {} if name == "label" else {"task": "regression", "loss": "mse"}
        graph = graph.add(Dense(units="auto"), f"dense_{name}").add(ReLU(), f"relu_{name}")
        graph = graph.add(Output(target=name, **task), f"out_{name}").connect(Wire("trunk", f"dense_{name}"))
        graph = graph.connect(Wire(f"dense_{name}", f"relu_{name}")).connect(Wire(f"relu_{name}", f"out_{name}"))
    report = analyse(graph, facts)
    assert report.problems == ()
    assert {name: report.nodes[f"dense_{name}"].block.units for name in wanted} == wanted
    assert report.nodes["trunk"].block.units == 3, "what leads to several takes the first target"


def test_auto_takes_the_number_of_classes():
    graph = chain(Input(), Dense(units="auto"), Output())
    assert analyse(graph, PLANE).nodes["dense_1"].block.units == 2
    six = DataFacts(PLANE.inputs, {"label": Target(tuple("abcdef"))})
    assert analyse(graph, six).nodes["dense_1"].shape == Shape(features=6)
    assert graph.nodes["dense_1"].block.units == "auto"


def test_several_wires_at_one_port_come_in_drawing_order():
    graph = Graph().add(Input()).add(Dense(units=3)).add(Concat())
    graph = graph.connect(Wire("input_1", "dense_1"))
    for source in ("dense_1", "input_1"):
        graph = graph.connect(Wire(source, "concat_1", target_port="xs"))
    ends = in_port_order(graph.nodes["concat_1"].block, graph.incoming["concat_1"])
    assert [wire.source for wire in ends] == ["dense_1", "input_1"]
    assert analyse(graph, PLANE).nodes["concat_1"].inputs == (Shape(features=3), Shape(features=2))


# -- what is wrong, and the remedy -------------------------------------------------------------------------------


def skip(*blocks):
    """Return input → blocks → Add ← input → Dense(2) → Output."""
    graph = chain(Input(), blocks[0], Add(), *blocks[1:], Dense(units=2), Output())
    last = graph.disconnect(graph.incoming["add_1"][0]).connect(Wire("input_1", "add_1", "out", "xs"))
    return last.connect(graph.incoming["add_1"][0])


FIXABLE = {
    "an image reaches a Dense": (
        chain(Input(), Dense(units=10), Output()),
        IMAGE,
        "dense_1",
        "Dense wants a flat row of features, but 1 × 28 × 28 comes in; put Flatten before it",
        "Insert Flatten",
    ),
    "an image reaches the Output": (
        chain(Input(), Conv2D(channels=10, kernel=28), Output()),
        IMAGE,
        "output_1",
        "Output wants a flat row of features, but 10 × 1 × 1 comes in; put Flatten before it",
        "Insert Flatten",
    ),
    "too many numbers for the classes": (
        chain(Input(), Dense(units=3), Tanh(), Output()),
        PLANE,
        "output_1",
        "label needs 2 numbers for each example, but 3 come in; set the units of the last Dense to 2",
        "Set units of dense_1 to 2",
    ),
    "two scores for yes or no": (
        chain(Input(), Dense(units="auto"), BINARY),
        PLANE,
        "output_1",
        "label needs 1 numbers for each example, but 2 come in; set the units of the last Dense to 1",
        "Set units of dense_1 to 1",
    ),
    "a loss for another task": (
        chain(Input(), Dense(units=2), Output(loss="mse")),
        PLANE,
        "output_1",
        "the loss “Mean squared error” does not go with the task “Classification”; choose another loss",
        "Use Cross-entropy",
    ),
    "softmax before cross-entropy": (
        chain(Input(), Dense(units=2), Softmax(), Output()),
        PLANE,
        "output_1",
        "Cross-entropy applies softmax itself, so softmax_1 before it would do it twice; take it away",
        "Take softmax_1 away",
    ),
    "sigmoid before binary cross-entropy": (
        chain(Input(), Dense(units=1), Sigmoid(), BINARY),
        PLANE,
        "output_1",
        "Binary cross-entropy applies sigmoid itself, so sigmoid_1 before it would do it twice; take it away",
        "Take sigmoid_1 away",
    ),
    "a shortcut of another width": (
        skip(Dense(units=5)),
        PLANE,
        "add_1",
        "Add wants equal shapes, but 2 and 5 come in",
        "Insert Dense (5) after input_1",
    ),
    "a shortcut past a convolution with a stride": (
        skip(Conv2D(channels=4, kernel=3, stride=2, padding=1), Flatten()),
        IMAGE,
        "add_1",
        "Add wants equal shapes, but 1 × 28 × 28 and 4 × 14 × 14 come in",
        "Insert Conv2D (4 @ 1×1) after input_1",
    ),
    "nodes that share nothing": (
        chain(Input(), Dense(units=3), Dense(units=2), Output()).mark("dense_2", tied_to="dense_1"),
        PLANE,
        "dense_2",
        "dense_2 has no weights of the same shape as dense_1 to share",
        "Untie dense_2",
    ),
    "nodes that share in a circle": (
        chain(Input(), Dense(units=2), Output()).mark("dense_1", tied_to="dense_1"),
        PLANE,
        "dense_1",
        "dense_1 shares weights in a circle; untie one",
        "Untie dense_1",
    ),
    "weights set by hand for another shape": (
        chain(Input(), Dense(units=2), Output()).mark("dense_1", weights={"bias": (1.0, 2.0, 3.0)}),
        PLANE,
        "dense_1",
        "the bias set by hand has another shape than dense_1 wants now",
        "Forget the weights set by hand",
    ),
    "a step after something that should learn": (
        chain(Input(), Dense(units=3), Step(), Dense(units=1), BINARY),
        PLANE,
        "step_1",
        "Step has no gradient, so dense_1 before it cannot learn; use Sigmoid instead",
        "Use Sigmoid",
    ),
    "the target is not in the data": (
        chain(Input(), Dense(units=1), replace(BINARY, target="price")),
        PLANE,
        "output_1",
        "the data has no target called price; it has: label",
        "Predict label: Binary classification",
    ),
    "binary with three classes": (
        chain(Input(), Dense(units=1), BINARY),
        DataFacts(PLANE.inputs, {"label": Target(("a", "b", "c"))}),
        "output_1",
        "binary classification needs a target with two classes, but label has 3",
        "Predict label: Classification",
    ),
    "classification of a number": (
        chain(Input(), Dense(units=1), Output()),
        DataFacts(PLANE.inputs, {"label": Target(shape=Shape(features=1))}),
        "output_1",
        "label is a number, not a class; choose the task “Regression”",
        "Predict label: Regression",
    ),
}


@pytest.mark.parametrize("case", FIXABLE)
def test_a_problem_says_what_to_do_and_its_remedy_removes_it(case):
    graph, facts, node, sentence, label = FIXABLE[case]
    problem = only_problem(graph, facts)
    assert (problem.node, str(problem.message)) == (node, sentence)
    (fix,) = problem.fixes
    assert str(fix.label) == label
    mended = fix.edit(graph)
    assert sentence not in [message for _, message in told(analyse(mended, facts))]
    assert graph == FIXABLE[case][0]


UNFIXABLE = {
    "nothing is connected": (
        chain(Input(), Dense(units=1), BINARY).disconnect(Wire("input_1", "dense_1")),
        PLANE,
        "dense_1",
        "nothing comes in at x; draw a wire to it",
    ),
    "there is no Output": (
        chain(Input(), Dense(units=1)),
        PLANE,
        "",
        "there is no Output; add one and connect it, so that there is something to learn",
    ),
    "the input is not in the data": (
        chain(Input(field="sound"), Dense(units=1), BINARY),
        PLANE,
        "input_1",
        "the data has no input called sound; it has: x",
    ),
    "there is no target": (
        chain(Input(), Dense(units=1), replace(BINARY, target="")),
        PLANE,
        "output_1",
        "this Output has no target; choose one",
    ),
    "a window does not fit": (
        chain(Input(), Conv2D(kernel=29), Flatten(), Dense(units=10), Output()),
        IMAGE,
        "conv_1",
        "a window of 29 does not fit into 28; make the kernel smaller or the padding larger",
    ),
    "auto without facts": (
        chain(Input(), Dense(units="auto"), Output()),
        DataFacts(PLANE.inputs),
        "dense_1",
        "Units is auto, but the data does not say how many there are; set it",
    ),
    "too few numbers and no Dense to set": (
        chain(Input(), ReLU(), Output()),
        DataFacts(PLANE.inputs, {"label": Target(("a", "b", "c"))}),
        "output_1",
        "label needs 3 numbers for each example, but 2 come in; set the units of the last Dense to 3",
    ),
    "an unknown block": (
        chain(Input(), Unknown.keeping("Quantum", {}, ["in"], []), Dense(units=1), BINARY),
        PLANE,
        "unknown_1",
        "this version does not know the block Quantum; update the program or replace the node",
    ),
}


@pytest.mark.parametrize("case", UNFIXABLE)
def test_a_problem_without_a_remedy_names_its_place_and_blocks(case):
    graph, facts, node, sentence = UNFIXABLE[case]
    problem = only_problem(graph, facts)
    assert (problem.node, str(problem.message)) == (node, sentence)
    assert problem.fixes == ()
    assert problem in analyse(graph, facts).blocking


def test_two_outputs_for_one_target_are_told_at_the_second():
    graph = chain(Input(), Dense(units=1), BINARY)
    graph = graph.add(BINARY).connect(Wire("dense_1", "output_2"))
    problem = only_problem(graph)
    assert problem.node == "output_2"
    assert str(problem.message) == "output_1 and output_2 are both Outputs for label; give one another target"
    more = DataFacts(PLANE.inputs, {**PLANE.targets, "other": Target(("a", "b"))})
    apart = graph.configure("output_2", BINARY.replace(target="other"))
    assert analyse(apart, more).problems == ()


def test_a_circle_is_told_at_its_nodes_and_only_there():
    graph = chain(Input(), Dense(units=2), ReLU(), Output())
    circle = Graph(graph.nodes, (*graph.wires[1:], Wire("relu_1", "dense_1")))
    report = analyse(circle, PLANE)
    assert told(report) == [
        ("dense_1", "dense_1 is part of a cycle; take one of its wires away"),
        ("relu_1", "relu_1 is part of a cycle; take one of its wires away"),
    ]
    assert report.blocking == report.problems
    assert "output_1" not in report.nodes


def test_what_hangs_on_a_problem_waits_without_complaining():
    graph = chain(Input(), Conv2D(kernel=29), ReLU(), Flatten(), Dense(units=10), Output())
    report = analyse(graph, IMAGE)
    assert [problem.node for problem in report.problems] == ["conv_1"]
    assert set(report.nodes) == {"input_1"}


def test_loose_nodes_are_told_but_do_not_block():
    graph = chain(Input(), Dense(units=1), BINARY).add(Dense()).add(ReLU()).connect(Wire("dense_2", "relu_1"))
    report = analyse(graph, PLANE)
    assert [problem.node for problem in report.problems] == ["dense_2"]
    assert report.blocking == ()
    assert report.problems_at("dense_2") == report.problems
    assert report.problems_at("dense_1") == ()


def test_an_unconnected_output_blocks():
    report = analyse(Graph().add(Input()).add(BINARY), PLANE)
    assert [problem.node for problem in report.blocking] == ["output_1"]


def test_a_step_with_nothing_to_learn_before_it_is_fine():
    assert analyse(chain(Input(), Step(), Dense(units=1), BINARY), PLANE).problems == ()
    hidden = chain(Input(), Dense(units=4), Dropout(), Tanh(), Step(), Dense(units=1), BINARY)
    assert "dense_1 before it" in str(only_problem(hidden).message)


def test_regression_on_a_class_takes_one_number():
    output = Output(task="regression", loss="mse")
    assert analyse(chain(Input(), Dense(units=1), output), PLANE).problems == ()
    assert "needs 1 numbers" in str(only_problem(chain(Input(), Dense(units=2), output)).message)


def test_regression_takes_as_many_numbers_as_the_target_has():
    facts = DataFacts(PLANE.inputs, {"y": Target(shape=Shape(features=3))})
    output = Output(target="y", task="regression", loss="mse")
    assert analyse(chain(Input(), Dense(units="auto"), output), facts).problems == ()
    assert "needs 3 numbers" in str(only_problem(chain(Input(), Dense(units=1), output), facts).message)


class Broken(Block):
    """Breaks wherever it is told to."""

    key = "Broken"
    members: ClassVar[dict[str, type[Any]]] = {}
    family = "Dense"

    def output(self, x: Shape) -> Shape:
        if x.features == 2:
            raise ZeroDivisionError("division by zero")
        return x

    def layer(self, x: Shape) -> Layer:
        raise KeyError("no layer")


def test_a_rule_that_breaks_marks_its_own_node_and_nothing_else():
    for broken, reason in (
        (chain(Input(), Broken()), "division by zero"),
        (chain(Input(), Dense(), Broken()), "no layer"),
    ):
        whole = chain(Input(), Dense(units=1), BINARY)
        graph = Graph({**broken.nodes, **whole.rename("dense_1", "dense_9").nodes}, ())
        graph = Graph(graph.nodes, (*broken.wires, *whole.rename("dense_1", "dense_9").wires))
        report = analyse(graph, PLANE)
        (problem,) = report.problems
        assert problem.node == "broken_1"
        assert "the shape rule of Broken broke" in str(problem.message) and reason in str(problem.message)
        assert "output_1" in report.nodes and report.blocking == ()


def test_every_task_goes_with_a_loss():
    for task in TASKS:
        assert any(task in loss.tasks for loss in LOSSES.values())


def test_a_large_graph_is_analysed_in_a_moment_the_second_time():
    graph = chain(Input(), *[Dense(units=n % 7 + 1) for n in range(300)], Dense(units=1), BINARY)
    report = analyse(graph, PLANE)
    assert report.problems == ()
    assert report.parameters == sum(math.prod(s) for n in report.nodes.values() for s in n.weights.values())


def test_the_order_of_a_concat_decides_its_shape_and_mixed_kinds_are_refused():
    graph = Graph().add(Input()).add(Flatten()).add(MaxPool2D()).add(Concat())
    graph = graph.connect(Wire("input_1", "flatten_1")).connect(Wire("input_1", "pool_1"))
    for source in ("flatten_1", "pool_1"):
        graph = graph.connect(Wire(source, "concat_1", target_port="xs"))
    messages = dict(told(analyse(graph, IMAGE)))
    assert messages["concat_1"] == ("Concat wants shapes that differ in features only, but 784 and 1 × 14 × 14 come in")
