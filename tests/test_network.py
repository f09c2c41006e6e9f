"""The drawn graph as a plain module: names, values, first weights, and looking inside without a trace."""

from __future__ import annotations

import pytest

torch = pytest.importorskip("torch")

from playground.analysis import analyse  # noqa: E402
from playground.block import Layer  # noqa: E402
from playground.blocks.activation import ReLU, Tanh  # noqa: E402
from playground.blocks.combine import Add, Concat, Flatten  # noqa: E402
from playground.blocks.convolution import Conv2D  # noqa: E402
from playground.blocks.data import Input, Output  # noqa: E402
from playground.blocks.dense import Dense  # noqa: E402
from playground.blocks.group import Group, GroupInput, GroupOutput  # noqa: E402
from playground.blocks.normalisation import BatchNorm, Dropout  # noqa: E402
from playground.facts import DataFacts, Target  # noqa: E402
from playground.graph import Graph, Wire  # noqa: E402
from playground.network import Network, build, first_not_finite, look, node_seed  # noqa: E402
from playground.shape import Shape  # noqa: E402
from tests.examples import BINARY, chain, image_facts, planar_facts, preset  # noqa: E402

X = torch.tensor([[0.5, -1.0], [2.0, 3.0], [-0.25, 0.125]])


def made(graph, facts=None, seed=1):
    return Network(analyse(graph, facts or planar_facts()), seed)


def state(network):
    return {name: value.clone() for name, value in network.state_dict().items()}


def test_children_and_weights_carry_the_ids_of_the_nodes():
    network = made(preset("lenet").graph, image_facts())
    assert [name for name, _ in network.named_children()][:3] == ["conv_1", "tanh_1", "pool_1"]
    assert "dense_3.bias" in network.state_dict()
    assert isinstance(network.conv_1, torch.nn.Conv2d)


def test_a_chain_computes_what_its_layers_do():
    network = made(chain(Input(), Dense(units=4), Tanh(), Dense(units=1), BINARY))
    expected = network.dense_2(torch.tanh(network.dense_1(X)))
    assert torch.equal(network({"x": X})["output_1"], expected)


def test_branches_and_joints_compute_in_the_order_of_the_wires():
    graph = chain(Input(), Dense(units=2), Add(), Concat(), Dense(units=1), BINARY)
    graph = graph.connect(Wire("input_1", "add_1", target_port="xs"))
    graph = graph.connect(Wire("dense_1", "concat_1", target_port="xs"))
    network = made(graph)
    hidden = network.dense_1(X)
    expected = network.dense_2(torch.cat([hidden + X, hidden], dim=1))
    assert torch.equal(network({"x": X})["output_1"], expected)


def test_several_inputs_and_outputs_go_by_name():
    facts = DataFacts(
        {"a": Shape(features=2), "b": Shape(features=3)},
        {"one": Target(("x", "y")), "two": Target(shape=Shape(features=3))},
    )
    graph = chain(Input(field="a"), Dense(units=2), Output(target="one"))
    graph = graph.add(Input(field="b"), "other").add(Output(target="two", task="regression", loss="mse"), "answer")
    graph = graph.connect(Wire("other", "answer"))
    network = made(graph, facts)
    b = torch.arange(9.0).reshape(3, 3)
    answers = network({"a": X, "b": b})
    assert set(answers) == {"output_1", "answer"}
    assert torch.equal(answers["answer"], b)


def test_nodes_with_problems_that_feed_no_output_are_left_out():
    graph = chain(Input(), Dense(units=1), BINARY).add(Dense())
    network = made(graph)
    assert [name for name, _ in network.named_children()] == ["dense_1"]
    assert network({"x": X})["output_1"].shape == (3, 1)


def test_the_same_seed_gives_the_same_first_weights_and_another_seed_gives_others():
    graph = preset("xor").graph
    one, same, other = made(graph), made(graph), made(graph, seed=2)
    assert all(torch.equal(state(one)[name], state(same)[name]) for name in state(one))
    assert not torch.equal(one.dense_1.weight, other.dense_1.weight)


def test_adding_or_moving_a_node_leaves_the_first_weights_of_the_others():
    graph = chain(Input(), Dense(units=4), Tanh(), Dense(units=1), BINARY)
    before = state(made(graph))
    more = graph.insert(Dense(units=4), Wire("dense_1", "tanh_1"))
    after = state(made(more))
    assert all(torch.equal(after[name], value) for name, value in before.items())
    assert not torch.equal(after["dense_3.weight"], after["dense_1.weight"])
    assert node_seed(1, "dense_1") != node_seed(1, "dense_2") != node_seed(2, "dense_2")


def test_nodes_of_one_kind_begin_with_different_weights():
    network = made(chain(Input(), Dense(units=2), Dense(units=2), Dense(units=1), BINARY))
    assert not torch.equal(network.dense_1.weight, network.dense_2.weight)


def test_build_finds_layers_in_torch_and_in_the_program():
    assert repr(build(Layer("nn.Linear", 3, 2, bias=False))) == repr(torch.nn.Linear(3, 2, bias=False))
    assert repr(build(Layer("layers.Concat", dim=1))) == "Concat(dim=1)"


def test_looking_inside_changes_nothing_and_draws_no_random_number():
    graph = chain(Input(), Dense(units=4), BatchNorm(), Dropout(), Dense(units=1), BINARY)
    network = made(graph).train()
    before, random = state(network), torch.get_rng_state()
    seen = look(network, {"x": X}, ["norm_1", "dropout_1", "output_1", "input_1", "nobody"])
    assert all(torch.equal(before[name], value) for name, value in network.state_dict().items())
    assert torch.equal(random, torch.get_rng_state())
    assert all(module.training for module in network.modules())
    assert set(seen) == {"norm_1", "dropout_1", "output_1", "input_1"}
    assert torch.equal(seen["norm_1"], seen["dropout_1"])
    assert torch.equal(seen["input_1"], X)
    assert not seen["output_1"].requires_grad


def test_looking_that_fails_leaves_training_mode_on():
    network = made(chain(Input(), Dense(units=1), BINARY)).train()
    with pytest.raises(RuntimeError):
        look(network, {"x": torch.zeros(2, 5)}, ["dense_1"])
    assert network.training


def test_the_first_node_that_is_not_finite_is_found():
    network = made(chain(Input(), Dense(units=4), ReLU(), Dense(units=1), BINARY))
    assert first_not_finite(network, {"x": X}) == ""
    with torch.no_grad():
        network.dense_2.bias.fill_(float("nan"))
    assert first_not_finite(network, {"x": X}) == "dense_2"
    assert first_not_finite(network, {"x": torch.full((1, 2), float("inf"))}) == "dense_1"


def test_flatten_and_images_keep_the_batch_in_front():
    network = made(chain(Input(), Flatten(), Dense(units=10), Output()), image_facts(side=5))
    assert network({"x": torch.zeros(4, 1, 5, 5)})["output_1"].shape == (4, 10)


def test_a_network_can_be_copied_and_saved_like_any_module(tmp_path):
    import copy

    network = made(preset("xor").graph)
    twin = copy.deepcopy(network)
    assert torch.equal(twin({"x": X})["output_1"], network({"x": X})["output_1"])
    other = made(preset("xor").graph, seed=9)
    other.load_state_dict(network.state_dict())
    assert torch.equal(other({"x": X})["output_1"], network({"x": X})["output_1"])


# -- groups, and what is said of a node besides its block -----------------------------------------------------------


def stacked(repeat, tied=False, **marks):
    """Return input → Dense(6) → group of Dense(6) and Tanh, repeated → Dense → Output."""
    nodes = {"x": GroupInput(), "dense_1": Dense(units=6), "tanh_1": Tanh(), "out": GroupOutput()}
    inner = Graph.of(nodes, [Wire("x", "dense_1"), Wire("dense_1", "tanh_1"), Wire("tanh_1", "out")])
    graph = chain(Input(), Dense(units=6), Group(graph=inner, repeat=repeat, tied=tied), Dense(units=2), Output())
    return graph.mark("group_1", **marks)


def test_a_group_computes_its_repetitions_one_behind_the_other():
    network = made(stacked(2))
    assert "group_1.2.dense_1.weight" in network.state_dict()
    h = network.dense_1(X)
    for k in ("1", "2"):
        h = torch.tanh(network.group_1.get_submodule(k).dense_1(h))
    assert torch.equal(network({"x": X})["output_1"], network.dense_2(h))
    first, second = (network.group_1.get_submodule(k).dense_1.weight for k in ("1", "2"))
    assert not torch.equal(first, second)


def test_tied_repetitions_share_their_parameters():
    network = made(stacked(3, tied=True))
    graph = stacked(3, tied=True)
    shared = {network.group_1.get_submodule(f"{k}.dense_1").weight for k in (1, 2, 3)}
    assert len(shared) == 1
    report = analyse(graph, planar_facts())
    assert sum(p.numel() for p in network.parameters()) == report.parameters == 18 + 42 + 14


def test_a_bypassed_node_passes_its_input_on_and_has_no_weights():
    graph = chain(Input(), Dense(units=5), Tanh(), Dense(units=2), Output())
    network = made(graph.mark("tanh_1", state="bypassed"))
    expected = network.dense_2(network.dense_1(X))
    assert torch.equal(network({"x": X})["output_1"], expected)
    assert "group_1" not in dict(made(stacked(2, state="bypassed")).named_children())


def test_a_muted_node_gives_zeros_and_learns_nothing():
    graph = chain(Input(), Dense(units=5), Dense(units=2), Output())
    network = made(graph.mark("dense_1", state="muted"))
    answer = network({"x": X})["output_1"]
    assert torch.equal(answer, network.dense_2.bias.expand_as(answer))
    answer.sum().backward()
    assert network.dense_1.weight.grad is None
    muted = made(stacked(2, state="muted"))({"x": X})["output_1"]
    assert torch.equal(muted[0], muted[1])


def test_a_muted_input_gives_zeros():
    graph = chain(Input(), Dense(units=2), Output())
    network = made(graph.mark("input_1", state="muted"))
    answer = network({"x": X})["output_1"]
    assert torch.equal(answer, network.dense_1.bias.expand_as(answer))


def test_frozen_weights_do_not_ask_for_a_gradient():
    graph = stacked(2, frozen=True)
    network = made(graph)
    frozen = [name for name, p in network.named_parameters() if not p.requires_grad]
    assert len(frozen) == 4 and all(name.startswith("group_1.") for name in frozen)
    report = analyse(graph, planar_facts())
    assert report.trainable == sum(p.numel() for p in network.parameters() if p.requires_grad)


def test_tied_nodes_share_what_has_the_same_shape():
    graph = chain(Input(), Dense(units=2), Dense(units=2, bias=False), Output()).mark("dense_2", tied_to="dense_1")
    network = made(graph)
    assert network.dense_2.weight is network.dense_1.weight
    assert analyse(graph, planar_facts()).parameters == sum(p.numel() for p in network.parameters()) == 6


def test_a_kernel_of_the_maps_size_shares_the_numbers_of_a_dense_layer():
    graph = chain(Input(), Flatten(), Dense(units=3), Output()).add(Conv2D(channels=3, kernel=4), "conv_1")
    graph = graph.connect(Wire("input_1", "conv_1")).mark("conv_1", tied_to="dense_1")
    report = analyse(graph, image_facts(channels=2, side=4, classes=3))
    network = Network(report, 1)
    x = {"x": torch.rand(5, 2, 4, 4)}
    assert report.nodes["conv_1"].parameters == 0 and report.problems == ()
    for _ in range(2):
        seen = look(network, x, ["dense_1", "conv_1"])
        assert torch.allclose(seen["conv_1"].flatten(1), seen["dense_1"], atol=1e-6)
        with torch.no_grad():
            network.dense_1.weight += 1.0  # what the one learns the other has learnt
    network.conv_1(x["x"]).sum().backward()
    assert network.dense_1.weight.grad is not None and network.dense_1.weight.grad.abs().sum() > 0


def test_weights_set_by_hand_are_those_of_the_network():
    graph = chain(Input(), Dense(units=2), Output())
    network = made(graph.mark("dense_1", weights={"weight": ((1.0, -2.0), (0.5, 4.0)), "bias": (3.0, 0.0)}))
    assert network.dense_1.weight.tolist() == [[1.0, -2.0], [0.5, 4.0]]
    assert network.dense_1.bias.tolist() == [3.0, 0.0]
