"""The graph as a value: edits return new ones, ids last, wires never dangle, and undo finds the way back."""

from __future__ import annotations

import copy

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from playground.block import CATALOGUE
from playground.blocks.activation import ReLU, Sigmoid
from playground.blocks.combine import Add, Concat, Flatten
from playground.blocks.data import Input, Output
from playground.blocks.dense import Dense
from playground.document import Document
from playground.graph import RESERVED, Graph, Wire, check_id
from playground.text import Refusal, say
from tests.examples import chain

LINE = chain(Input(), Dense(), ReLU(), Output())


def test_adding_leaves_the_graph_as_it_was_and_untouched_nodes_are_the_same_objects():
    more = LINE.add(Dense(units=3))
    assert len(LINE.nodes) == 4 and list(more.nodes)[-1] == "dense_2"
    assert all(more.nodes[id] is node for id, node in LINE.nodes.items())
    assert more.wires is LINE.wires


def test_an_id_is_not_given_out_twice():
    graph = Graph().add(Dense()).add(Dense()).remove(["dense_2"])
    assert graph.fresh_id(Dense()) == "dense_3"
    assert list(graph.add(Dense()).nodes) == ["dense_1", "dense_3"]
    assert graph.add(Dense(), "dense_7").fresh_id(Dense()) == "dense_8"
    assert graph.rename("dense_1", "dense_9").fresh_id(Dense()) == "dense_10"
    assert Graph.of({"dense_4": Dense(), "start": Input()}).fresh_id(Dense()) == "dense_5"


@pytest.mark.parametrize(
    "id", ["", "1st", "a b", "a.b", "class", "_hidden", "x" * 81, "train", "forward", "模块 1", "a\n", "add_module"]
)
def test_a_name_that_the_network_could_not_carry_is_refused(id):
    with pytest.raises(Refusal):
        check_id(id)
    with pytest.raises(Refusal):
        Graph().add(Dense(), id or " ")
    with pytest.raises(Refusal):
        LINE.rename("dense_1", id)


def test_names_in_any_alphabet_are_welcome():
    check_id("隐藏层_1")
    assert "隐藏层_1" in LINE.rename("dense_1", "隐藏层_1")


def test_every_name_that_torch_uses_itself_is_reserved():
    torch = pytest.importorskip("torch")
    public = {name for name in dir(torch.nn.Module()) if not name.startswith("_")}
    assert public <= RESERVED


def test_a_name_that_is_taken_is_refused():
    with pytest.raises(Refusal, match="already a node called relu_1"):
        LINE.rename("dense_1", "relu_1")
    with pytest.raises(Refusal, match="already a node called relu_1"):
        LINE.add(Dense(), "relu_1")
    assert LINE.rename("dense_1", "dense_1") == LINE


def test_renaming_takes_wires_and_place_along():
    graph = LINE.rename("dense_1", "hidden")
    assert list(graph.nodes) == ["input_1", "hidden", "relu_1", "output_1"]
    assert graph.nodes["hidden"].block is LINE.nodes["dense_1"].block
    assert graph.wires[:2] == (Wire("input_1", "hidden"), Wire("hidden", "relu_1"))
    assert graph.nodes["relu_1"] is LINE.nodes["relu_1"]


def test_removing_a_node_takes_its_wires_along():
    graph = LINE.remove(["dense_1"])
    assert list(graph.nodes) == ["input_1", "relu_1", "output_1"]
    assert graph.wires == (Wire("relu_1", "output_1"),)


def test_a_circle_is_refused():
    graph = LINE.add(Add())
    graph = graph.connect(Wire("relu_1", "add_1", target_port="xs"))
    graph = graph.disconnect(Wire("input_1", "dense_1"))
    with pytest.raises(Refusal, match="from add_1 to dense_1 would close a cycle"):
        graph.connect(Wire("add_1", "dense_1"))
    with pytest.raises(Refusal, match="cycle"):
        graph.connect(Wire("add_1", "add_1", target_port="xs"))


@pytest.mark.parametrize(
    ("wire", "sentence"),
    [
        (Wire("nobody", "dense_1"), "ends at a node that is not there"),
        (Wire("input_1", "nobody"), "ends at a node that is not there"),
        (Wire("input_1", "dense_1", "left"), "input_1 has no output called left"),
        (Wire("output_1", "dense_1"), "output_1 has no output called out"),
        (Wire("input_1", "dense_1", target_port="y"), "dense_1 has no input called y"),
        (Wire("dense_1", "input_1"), "input_1 has no input called x"),
    ],
)
def test_a_wire_to_nowhere_is_refused_with_the_reason(wire, sentence):
    with pytest.raises(Refusal, match=sentence):
        LINE.connect(wire)


def test_a_single_port_takes_the_new_wire_and_drops_the_old():
    graph = LINE.add(Sigmoid()).connect(Wire("input_1", "sigmoid_1")).connect(Wire("sigmoid_1", "dense_1"))
    assert graph.incoming["dense_1"] == (Wire("sigmoid_1", "dense_1"),)
    assert graph.connect(Wire("sigmoid_1", "dense_1")) is graph


def test_a_port_for_many_keeps_the_order_in_which_wires_were_drawn():
    graph = Graph().add(Input()).add(Dense()).add(ReLU()).add(Concat())
    for source in ("relu_1", "input_1", "dense_1"):
        graph = graph.connect(Wire(source, "concat_1", target_port="xs"))
    assert [wire.source for wire in graph.incoming["concat_1"]] == ["relu_1", "input_1", "dense_1"]
    assert graph.free_port("concat_1").name == "xs"


def test_a_free_port_is_found_while_there_is_one():
    assert LINE.free_port("dense_1") is None
    assert LINE.free_port("input_1") is None
    assert LINE.disconnect(Wire("input_1", "dense_1")).free_port("dense_1").name == "x"


def test_inserting_into_a_wire_keeps_its_place_among_the_wires():
    graph = Graph().add(Input()).add(Dense()).add(Concat())
    graph = graph.connect(Wire("input_1", "concat_1", target_port="xs"))
    graph = graph.connect(Wire("dense_1", "concat_1", target_port="xs"))
    graph = graph.insert(ReLU(), Wire("input_1", "concat_1", target_port="xs"))
    assert [wire.source for wire in graph.incoming["concat_1"]] == ["relu_1", "dense_1"]
    assert graph.incoming["relu_1"] == (Wire("input_1", "relu_1"),)


def test_removing_with_joining_closes_the_gap_for_all_that_was_fed():
    graph = LINE.add(Flatten()).connect(Wire("dense_1", "flatten_1"))
    joined = graph.remove_joining("dense_1")
    assert set(joined.wires) == {
        Wire("input_1", "relu_1"),
        Wire("input_1", "flatten_1"),
        Wire("relu_1", "output_1"),
    }
    assert LINE.remove_joining("input_1").wires == LINE.remove(["input_1"]).wires


def test_another_block_at_a_node_keeps_the_wires_whose_ports_it_has():
    graph = LINE.configure("dense_1", Dense(units=3))
    assert graph.wires is LINE.wires
    assert graph.nodes["dense_1"].block.units == 3
    assert LINE.configure("dense_1", Add()).wires == (Wire("dense_1", "relu_1"), Wire("relu_1", "output_1"))
    assert LINE.configure("relu_1", Output()).wires == (Wire("input_1", "dense_1"), Wire("dense_1", "relu_1"))


def test_the_order_puts_every_node_after_all_that_feed_it_and_leaves_circles_out():
    graph = Graph().add(Add()).add(ReLU()).add(Input())
    graph = graph.connect(Wire("input_1", "relu_1"))
    for source in ("relu_1", "input_1"):
        graph = graph.connect(Wire(source, "add_1", target_port="xs"))
    assert graph.order == ("input_1", "relu_1", "add_1")
    circle = Graph(graph.nodes, (*graph.wires, Wire("add_1", "relu_1")))
    assert circle.order == ("input_1",)


def test_feeding_is_followed_through_any_number_of_wires():
    assert LINE.feeds("input_1", "output_1") and LINE.feeds("dense_1", "dense_1")
    assert not LINE.feeds("output_1", "input_1")


def test_a_long_chain_is_no_deep_recursion():
    graph = chain(Input(), *[ReLU() for _ in range(1500)])
    assert graph.feeds("input_1", "relu_1500")
    assert len(graph.order) == 1501


BLOCKS = [CATALOGUE[name]() for name in ("Input", "Dense", "ReLU", "Add", "Concat", "Conv2D", "Flatten", "Output")]


class Editing(RuleBasedStateMachine):
    """Random edits with undo and redo, beside a list of copies of every value that there was."""

    def __init__(self):
        super().__init__()
        self.document = Document()
        self.past = [self.document.now]
        self.at = 0
        self.given_out = set()
        self.document.subscribe(self.check_listener)
        self.seen = self.document.now

    def check_listener(self, old, new):
        assert old is self.seen and new is self.document.now
        self.seen = new

    def edit(self, graph):
        before = self.document.now
        frozen = copy.deepcopy(before.graph)
        self.document.edit(say("Edit"), graph=graph)
        assert before.graph == frozen, "an edit changed the old graph"
        if self.document.now is not before:
            del self.past[self.at + 1 :]
            self.past.append(self.document.now)
            self.at += 1

    @property
    def graph(self):
        return self.document.now.graph

    def some(self, data, what="node"):
        return data.draw(st.sampled_from(sorted(self.graph.nodes)), label=what)

    @rule(block=st.sampled_from(BLOCKS))
    def add(self, block):
        graph = self.graph.add(block)
        new = list(graph.nodes)[-1]
        assert new not in self.graph
        self.edit(graph)

    @precondition(lambda self: len(self.graph.nodes) > 1)
    @rule(data=st.data())
    def connect(self, data):
        source, target = self.some(data), self.some(data)
        ports = self.graph.nodes[target].block.ports()
        wire = Wire(source, target, "out", ports[0].name if ports else "x")
        refusal = self.graph.why_not(wire)
        if refusal is None:
            self.edit(self.graph.connect(wire))
            assert wire in self.graph.wires
        else:
            with pytest.raises(Refusal):
                self.graph.connect(wire)

    @precondition(lambda self: self.graph.wires)
    @rule(data=st.data(), block=st.sampled_from([b for b in BLOCKS if b.ports() and b.outputs]))
    def insert(self, data, block):
        wire = data.draw(st.sampled_from(self.graph.wires))
        count = len(self.graph.wires)
        self.edit(self.graph.insert(block, wire))
        assert len(self.graph.wires) == count + 1

    @precondition(lambda self: self.graph.wires)
    @rule(data=st.data())
    def disconnect(self, data):
        wire = data.draw(st.sampled_from(self.graph.wires))
        self.edit(self.graph.disconnect(wire))
        assert wire not in self.graph.wires

    @precondition(lambda self: self.graph.nodes)
    @rule(data=st.data(), joining=st.booleans())
    def remove(self, data, joining):
        id = self.some(data)
        self.edit(self.graph.remove_joining(id) if joining else self.graph.remove([id]))
        assert id not in self.graph

    @precondition(lambda self: self.graph.nodes)
    @rule(data=st.data(), block=st.sampled_from(BLOCKS))
    def configure(self, data, block):
        self.edit(self.graph.configure(self.some(data), block))

    @precondition(lambda self: self.graph.nodes)
    @rule(data=st.data(), name=st.sampled_from(["hidden", "dense_3", "relu_5", "train", "x y"]))
    def rename(self, data, name):
        id = self.some(data)
        try:
            self.edit(self.graph.rename(id, name))
        except Refusal:
            assert name in (*self.graph.nodes, "train", "x y")

    @rule()
    def undo(self):
        self.document.undo()
        self.at = max(0, self.at - 1)

    @rule()
    def redo(self):
        self.document.redo()
        self.at = min(len(self.past) - 1, self.at + 1)

    @invariant()
    def the_value_is_exactly_the_one_that_belongs_here(self):
        assert self.document.now == self.past[self.at]
        assert list(self.graph.nodes) == list(self.past[self.at].graph.nodes)  # the order counts too

    @invariant()
    def no_wire_dangles_and_ids_agree(self):
        graph = self.graph
        for id, node in graph.nodes.items():
            assert node.id == id
            check_id(id)
        for wire in graph.wires:
            assert wire.source_port in graph.nodes[wire.source].block.outputs
            assert wire.target_port in {port.name for port in graph.nodes[wire.target].block.ports()}
        assert len(set(graph.wires)) == len(graph.wires)

    @invariant()
    def no_circle_and_no_crowded_port(self):
        assert len(self.graph.order) == len(self.graph.nodes)
        for id, node in self.graph.nodes.items():
            for port in node.block.ports():
                ends = [wire for wire in self.graph.incoming[id] if wire.target_port == port.name]
                assert port.variadic or len(ends) <= 1

    @invariant()
    def the_report_is_of_now(self):
        assert set(self.document.report.nodes) <= set(self.graph.nodes)

    @invariant()
    def history_has_the_length_it_should(self):
        assert (self.document.undo_name is None) == (self.at == 0)
        assert (self.document.redo_name is None) == (self.at == len(self.past) - 1)


TestEditing = Editing.TestCase
TestEditing.settings = settings(
    max_examples=40,
    stateful_step_count=25,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=list(HealthCheck),
)
