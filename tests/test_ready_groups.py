"""Ready-made groups against torch's own Transformer layers, with the same weights."""

from __future__ import annotations

import pytest

from playground.analysis import analyse
from playground.block import CATALOGUE
from playground.blocks.data import Input, Output
from playground.blocks.dense import Dense
from playground.blocks.group import Group
from playground.facts import DataFacts, Target
from playground.graph import Graph, Wire
from playground.nesting import groups
from playground.ready_groups import (
    READY,
    decoder_block,
    encoder_block,
    feed_forward,
    fitted,
    multi_head_attention,
    residual_block,
)
from playground.shape import Shape
from playground.text import set_language

torch = pytest.importorskip("torch")

from torch import nn  # noqa: E402

from playground.network import Network  # noqa: E402

WIDTH, HEADS, HIDDEN, STEPS, BATCH = 16, 4, 40, 6, 3


def built(group, **inputs):
    """Build a network of one group, each of whose ports is fed by an Input (those not named by the first)."""
    names = list(inputs) or ["x"]
    graph = Graph.of({**{name: Input(field=name) for name in names}, "group": group})
    for port in group.ports():
        graph = graph.connect(Wire(port.name if port.name in names else names[0], "group", "out", port.name))
    graph = graph.add(Output(target="y", task="regression", loss="mse"), "output")
    graph = graph.connect(Wire("group", "output"))
    shapes = inputs or {"x": Shape(time=STEPS, features=WIDTH)}
    report = analyse(graph, DataFacts(shapes, {"y": Target(shape=next(iter(shapes.values())))}))
    assert report.problems == ()
    return Network(report, 1).eval(), report


def given(**sizes):
    torch.manual_seed(0)
    return {name: torch.randn(BATCH, steps, WIDTH) for name, steps in (sizes or {"x": STEPS}).items()}


def take_attention(network, path, theirs):
    """Give the four projections of a group the weights of torch's."""
    with torch.no_grad():
        weights, biases = theirs.in_proj_weight.chunk(3), theirs.in_proj_bias.normal_().chunk(3)
        theirs.out_proj.bias.normal_()
        for id, weight, bias in zip("qkv", weights, biases, strict=True):
            network.get_parameter(f"{path}.1.{id}.weight").copy_(weight)
            network.get_parameter(f"{path}.1.{id}.bias").copy_(bias)
        network.get_parameter(f"{path}.1.projection.weight").copy_(theirs.out_proj.weight)
        network.get_parameter(f"{path}.1.projection.bias").copy_(theirs.out_proj.bias)


def take(network, path, theirs):
    with torch.no_grad():
        for name, value in theirs.named_parameters():
            network.get_parameter(f"{path}.{name}").copy_(value.normal_())


@pytest.mark.parametrize("causal", [False, True])
def test_multi_head_attention_is_torchs(causal):
    network, _ = built(multi_head_attention(WIDTH, HEADS, causal=causal))
    theirs = nn.MultiheadAttention(WIDTH, HEADS, batch_first=True)
    take_attention(network, "group", theirs)
    x = given()
    mask = nn.Transformer.generate_square_subsequent_mask(STEPS) if causal else None
    wanted, _ = theirs(x["x"], x["x"], x["x"], attn_mask=mask)
    assert torch.allclose(network(x)["output"], wanted, atol=1e-6)


def test_cross_attention_is_the_same_group_with_other_wires():
    shapes = {"query": Shape(time=STEPS, features=WIDTH), "memory": Shape(time=9, features=WIDTH)}
    group = multi_head_attention(WIDTH, HEADS)
    graph = Graph.of({**{name: Input(field=name) for name in shapes}, "group": group})
    for port, source in (("query", "query"), ("key", "memory"), ("value", "memory")):
        graph = graph.connect(Wire(source, "group", "out", port))
    graph = graph.add(Output(target="y", task="regression", loss="mse"), "output").connect(Wire("group", "output"))
    report = analyse(graph, DataFacts(shapes, {"y": Target(shape=shapes["query"])}))
    network = Network(report, 1).eval()
    theirs = nn.MultiheadAttention(WIDTH, HEADS, batch_first=True)
    take_attention(network, "group", theirs)
    x = given(query=STEPS, memory=9)
    wanted, _ = theirs(x["query"], x["memory"], x["memory"])
    assert torch.allclose(network(x)["output"], wanted, atol=1e-6)


@pytest.mark.parametrize("norm", ["after", "before"])
def test_an_encoder_block_is_torchs_encoder_layer(norm):
    network, report = built(encoder_block(WIDTH, HEADS, HIDDEN, norm=norm, dropout=0.0))
    theirs = nn.TransformerEncoderLayer(WIDTH, HEADS, HIDDEN, 0.0, batch_first=True, norm_first=norm == "before")
    take_attention(network, "group.1.attention", theirs.self_attn)
    for ours, other in (("norm_1", theirs.norm1), ("norm_2", theirs.norm2)):
        take(network, f"group.1.{ours}", other)
    take(network, "group.1.feed_forward.1.dense_1", theirs.linear1)
    take(network, "group.1.feed_forward.1.dense_2", theirs.linear2)
    x = given()
    assert torch.allclose(network(x)["output"], theirs(x["x"]), atol=2e-5)
    assert report.parameters == sum(one.numel() for one in theirs.parameters())


@pytest.mark.parametrize("norm", ["after", "before"])
def test_a_decoder_block_is_torchs_decoder_layer(norm):
    group = decoder_block(WIDTH, HEADS, HIDDEN, norm=norm, dropout=0.0)
    shapes = {"x": Shape(time=STEPS, features=WIDTH), "memory": Shape(time=9, features=WIDTH)}
    network, report = built(group, **shapes)
    theirs = nn.TransformerDecoderLayer(WIDTH, HEADS, HIDDEN, 0.0, batch_first=True, norm_first=norm == "before")
    take_attention(network, "group.1.masked_attention", theirs.self_attn)
    take_attention(network, "group.1.cross_attention", theirs.multihead_attn)
    for number in (1, 2, 3):
        take(network, f"group.1.norm_{number}", getattr(theirs, f"norm{number}"))
    take(network, "group.1.feed_forward.1.dense_1", theirs.linear1)
    take(network, "group.1.feed_forward.1.dense_2", theirs.linear2)
    x = given(x=STEPS, memory=9)
    mask = nn.Transformer.generate_square_subsequent_mask(STEPS)
    wanted = theirs(x["x"], x["memory"], tgt_mask=mask, tgt_is_causal=True)
    assert torch.allclose(network(x)["output"], wanted, atol=2e-5)
    assert report.parameters == sum(one.numel() for one in theirs.parameters())


def test_repeated_decoder_blocks_all_look_at_the_same_memory():
    group = decoder_block(WIDTH, HEADS, HIDDEN).replace(repeat=3)
    shapes = {"x": Shape(time=STEPS, features=WIDTH), "memory": Shape(time=9, features=WIDTH)}
    network, report = built(group, **shapes)
    for k in (1, 2, 3):
        (key,) = (w.source for w in report.graph.incoming[f"group.{k}.cross_attention.1.key"])
        assert key == f"group.{k}.memory"
        assert [w.source for w in report.graph.incoming[key]] == ["memory"]
    x = given(x=STEPS, memory=9)
    x["memory"].requires_grad_()
    network(x)["output"].square().sum().backward()
    assert x["memory"].grad.abs().sum() > 0


def test_what_a_decoder_only_block_says_does_not_depend_on_what_comes_after():
    network, _ = built(encoder_block(WIDTH, HEADS, causal=True, norm="before").replace(repeat=2))
    x = given()["x"]
    other = x.clone()
    other[:, 4:] += 1.0
    ours, theirs = network({"x": x})["output"], network({"x": other})["output"]
    assert torch.equal(ours[:, :4], theirs[:, :4]) and not torch.allclose(ours[:, 4:], theirs[:, 4:])


def test_the_shortcut_of_a_residual_block_changes_nothing():
    shape = Shape(channels=5, height=7, width=7)
    network, _ = built(READY["ready:residual-block"].group(shape), x=shape)
    with torch.no_grad():
        for name, value in network.named_parameters():
            if "norm_2" in name:
                value.zero_()
    x = torch.rand(2, 5, 7, 7)
    assert torch.equal(network({"x": x})["output"], x)


# -- in the palette ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("key", READY)
def test_a_ready_group_is_as_wide_as_what_comes_in(key):
    ready = READY[key]
    shape = Shape(channels=6, height=8, width=8) if ready.axis == "channels" else Shape(time=5, features=24)
    group = ready.group(shape)
    graph = Graph.of({"input": Input(), "group": group})
    for port in group.ports():
        graph = graph.connect(Wire("input", "group", "out", port.name))
    report = analyse(graph, DataFacts({"x": shape}))
    assert report.groups["group"].shape == shape
    assert fitted(ready.group(), shape) == group


def test_only_a_group_as_it_comes_from_the_palette_is_made_to_fit():
    shape = Shape(time=5, features=24)
    mine = encoder_block(48)
    assert fitted(mine, shape) is mine
    assert fitted(Dense(), shape) == Dense()
    assert fitted(feed_forward(), shape) == feed_forward(24)
    assert fitted(feed_forward(), None) == feed_forward()
    assert fitted(residual_block(), Shape(features=3)) == residual_block()


def test_it_is_called_in_the_language_of_whoever_takes_it():
    try:
        set_language("zh")
        inside = [group.title for _, group in groups(Graph.of({"group": READY["ready:encoder-block"].group()}))]
        set_language("en")
        assert READY["ready:encoder-block"].group().title == "Encoder block"
        assert all(any("\u4e00" <= letter <= "\u9fff" for letter in title) for title in inside), inside
    finally:
        set_language("en")


@pytest.mark.parametrize("key", READY)
def test_every_level_can_be_read_and_has_a_title(key):
    group = READY[key].group()
    found = [("", group), *groups(group.graph)]
    assert all(one.title and len(one.graph.nodes) <= 15 for _, one in found)
    assert {node.block.name for _, one in found for node in one.graph.nodes.values()} <= {*CATALOGUE, Group.key}
