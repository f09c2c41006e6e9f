"""Attention and positions against their formulas, with padding, masks and step by step."""

from __future__ import annotations

import math

import pytest

from playground.analysis import analyse
from playground.blocks.attention import ScaledDotProductAttention
from playground.blocks.data import Input, Output
from playground.blocks.dense import Dense
from playground.blocks.embedding import Embedding
from playground.blocks.normalisation import LayerNorm
from playground.blocks.position import PositionalEncoding
from playground.facts import DataFacts, Target
from playground.graph import Graph, Wire
from playground.ready_groups import decoder_block, encoder_block
from playground.shape import Shape, ShapeError

torch = pytest.importorskip("torch")

from playground import attention  # noqa: E402
from playground.network import Network, build  # noqa: E402

BATCH, TIME, OTHER, WIDTH = 3, 6, 9, 8


def drawn(*times, dtype=torch.float32, width=WIDTH):
    torch.manual_seed(1)
    return [torch.randn(BATCH, time, width, dtype=dtype) for time in times]


def formula(query, key, value, heads=1, hidden=None):
    """Compute softmax(Q Kᵀ / √d) V head by head and number by number, as the paper writes it."""
    found = []
    for q, k, v in zip(*(one.chunk(heads, dim=2) for one in (query, key, value)), strict=True):
        scores = torch.einsum("bte,bse->bts", q, k) / math.sqrt(q.shape[2])
        if hidden is not None:
            scores = scores.masked_fill(hidden, -torch.inf)
        weights = scores.exp() / scores.exp().sum(dim=2, keepdim=True)
        found.append(torch.einsum("bts,bse->bte", weights, v))
    return torch.cat(found, dim=2)


# -- the formula -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("heads", [1, 2, 8])
@pytest.mark.parametrize("causal", [False, True])
def test_attention_is_the_formula(heads, causal):
    query, key, value = drawn(TIME, TIME, TIME)
    layer = attention.ScaledDotProductAttention(heads, causal)
    hidden = torch.ones(TIME, TIME, dtype=torch.bool).triu(1) if causal else None
    wanted = formula(query, key, value, heads, hidden)
    assert torch.allclose(layer(query, key, value), wanted, atol=1e-6)
    seen = layer.traced(query, key, value)
    assert torch.allclose(seen["out"].transpose(1, 2).flatten(2), wanted, atol=1e-6)


def test_queries_may_be_fewer_than_keys_and_values_of_another_length():
    query, key, _ = drawn(TIME, OTHER, 1)
    (value,) = drawn(OTHER, width=4)
    assert torch.allclose(
        attention.ScaledDotProductAttention(2)(query, key, value), formula(query, key, value, 2), atol=1e-6
    )


def test_one_step_alone_is_its_own_value():
    query, key, value = (one[:1] for one in drawn(1, 1, 1))
    for causal in (False, True):
        layer = attention.ScaledDotProductAttention(4, causal)
        assert torch.allclose(layer(query, key, value), value)


def test_attention_passes_gradcheck():
    query, key, value = (one[:1].requires_grad_() for one in drawn(3, 3, 3, dtype=torch.float64, width=4))
    lengths = torch.tensor([2])
    for causal in (False, True):
        layer = attention.ScaledDotProductAttention(2, causal)
        assert torch.autograd.gradcheck(lambda *x, layer=layer: layer(*x, lengths=[lengths] * 3), (query, key, value))


# -- what is hidden ----------------------------------------------------------------------------------------------


def test_masked_attention_never_sees_the_future():
    inputs = drawn(TIME, TIME, TIME)
    layer = attention.ScaledDotProductAttention(2, causal=True)
    before = layer(*inputs)
    for t in range(1, TIME):
        other = [one.clone() for one in inputs]
        for one in other:
            one[:, t:] += 3.0
        after = layer(*other)
        assert torch.equal(after[:, :t], before[:, :t])
        assert not torch.allclose(after[:, t], before[:, t])


def test_keys_beyond_the_end_get_no_weight_and_what_is_said_there_is_0():
    query, key, value = drawn(TIME, OTHER, OTHER)
    ends, known = torch.tensor([6, 1, 4]), torch.tensor([2, 9, 1])
    layer = attention.ScaledDotProductAttention(2)
    made = layer(query, key, value, lengths=[ends, known, known])
    seen = layer.traced(query, key, value, lengths=[ends, known, known])
    for row, (end, n) in enumerate(zip(ends.tolist(), known.tolist(), strict=True)):
        alone = layer(query[row : row + 1, :end], key[row : row + 1, :n], value[row : row + 1, :n])
        assert torch.allclose(made[row, :end], alone[0], atol=1e-6)
        assert made[row, end:].eq(0).all()
        assert seen["weights"][row, :, :, n:].eq(0).all() and seen["weights"][row, :, end:].eq(0).all()
        assert torch.allclose(seen["weights"][row, :, :end].sum(dim=2), torch.ones(2, end))
    assert torch.allclose(seen["out"].transpose(1, 2).flatten(2), made, atol=1e-6)


def test_an_example_without_a_single_step_gives_numbers_all_the_same():
    query, key, value = (one.requires_grad_() for one in drawn(TIME, TIME, TIME))
    lengths = torch.tensor([0, 6, 3])
    for causal in (False, True):
        layer = attention.ScaledDotProductAttention(2, causal)
        made = layer(query, key, value, lengths=[lengths, lengths.clone(), lengths])
        made.square().sum().backward()
        assert made.isfinite().all() and made[0].eq(0).all()
        assert all(one.grad.isfinite().all() for one in (query, key, value))
        assert layer.traced(query, key, value, [lengths] * 3)["weights"].isfinite().all()


def texts(graph, **steps):
    """Build a network that reads texts of a vocabulary of 11, as long as is said."""
    inputs = {name: Shape(time=n) for name, n in steps.items()}
    first = Shape(time=next(iter(steps.values())))
    facts = DataFacts(inputs, {"y": Target(tuple("abc"), first)}, vocabularies=dict.fromkeys(inputs, 11))
    report = analyse(graph, facts)
    assert report.problems == ()
    return Network(report, 1)


def transformer():
    """Return a decoder block that reads `previous` and looks at an encoder block that reads `source`."""
    graph = Graph()
    for name in ("previous", "source"):
        graph = graph.add(Input(field=name), name).add(Embedding(size=WIDTH), f"e_{name}")
        graph = graph.add(PositionalEncoding(), f"p_{name}")
        graph = graph.connect(Wire(name, f"e_{name}")).connect(Wire(f"e_{name}", f"p_{name}"))
    graph = graph.add(encoder_block(WIDTH, 2, dropout=0.0), "encoder").connect(Wire("p_source", "encoder"))
    graph = graph.add(decoder_block(WIDTH, 2, dropout=0.0).replace(repeat=2), "decoder")
    graph = graph.connect(Wire("p_previous", "decoder")).connect(Wire("encoder", "decoder", "out", "memory"))
    graph = graph.add(Dense(units=3), "dense").connect(Wire("decoder", "dense"))
    return graph.add(Output(target="y"), "output").connect(Wire("dense", "output"))


def test_more_padding_changes_neither_what_a_transformer_says_nor_its_gradients():
    torch.manual_seed(3)
    lengths = {"previous": (5, 2, 1, 4), "source": (3, 7, 1, 6)}
    rows = {name: [torch.randint(1, 11, (n,)) for n in some] for name, some in lengths.items()}
    found = []
    for more in (0, 4):
        inputs = {name: torch.zeros(4, max(some) + more, dtype=torch.long) for name, some in lengths.items()}
        for name, some in rows.items():
            for row, tokens in enumerate(some):
                inputs[name][row, : len(tokens)] = tokens
        network = texts(transformer(), **{name: one.shape[1] for name, one in inputs.items()})
        made = network(inputs)["output"]
        real = torch.cat([made[row, :n] for row, n in enumerate(lengths["previous"])])
        real.square().sum().backward()
        found.append((real, {name: one.grad for name, one in network.named_parameters()}))
    (short, grads), (long, others) = found
    assert torch.allclose(short, long, atol=1e-6)
    assert grads.keys() == others.keys()
    assert all(torch.allclose(grads[name], others[name], atol=1e-5) for name in grads)


def test_attention_has_the_lengths_of_its_queries_whatever_it_looks_at():
    graph = Graph.of({"source": Input(field="source"), "embed": Embedding(size=WIDTH), "slow": Input(field="slow")})
    graph = graph.connect(Wire("source", "embed")).add(ScaledDotProductAttention(), "attention")
    for port, source in (("query", "slow"), ("key", "embed"), ("value", "embed")):
        graph = graph.connect(Wire(source, "attention", "out", port))
    graph = graph.add(Output(target="y", task="regression", loss="mse"), "output").connect(Wire("attention", "output"))
    shapes = {"source": Shape(time=4), "slow": Shape(time=TIME, features=WIDTH)}
    facts = DataFacts(shapes, {"y": Target(shape=shapes["slow"])}, vocabularies={"source": 5})
    network = Network(analyse(graph, facts), 1)
    made = network({"source": torch.tensor([[1, 2, 0, 0]]), "slow": torch.randn(1, TIME, WIDTH)})["output"]
    assert made.abs().sum(dim=2).gt(0).all(), "queries from data that has no lengths were cut to those of the keys"


# -- step by step ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("pieces", [(1,) * TIME, (3, 1, 2), (TIME,)])
def test_masked_attention_goes_on_where_it_stopped(pieces):
    inputs = drawn(TIME, TIME, TIME)
    layer = attention.ScaledDotProductAttention(2, causal=True)
    assert layer.can_advance(True, True, True) and not layer.can_advance(True, False, False)
    memory, said, at = None, [], 0
    for n in pieces:
        made, memory = layer.advance(*(one[:, at : at + n] for one in inputs), memory=memory)
        said.append(made)
        at += n
    assert torch.allclose(torch.cat(said, dim=1), layer(*inputs), atol=1e-6)


def test_a_memory_can_be_gone_on_from_twice():
    inputs = drawn(TIME, TIME, TIME)
    layer = attention.ScaledDotProductAttention(1, causal=True)
    _, memory = layer.advance(*(one[:, :4] for one in inputs))
    first, _ = layer.advance(*(one[:, 4:5] for one in inputs), memory=memory)
    again, _ = layer.advance(*(one[:, 4:5] for one in inputs), memory=memory)
    assert torch.equal(first, again) and memory[0].shape[1] == 4


def test_attention_to_something_whole_needs_no_memory():
    query, key, value = drawn(TIME, OTHER, OTHER)
    lengths = [None, torch.tensor([9, 2, 5]), None]
    layer = attention.ScaledDotProductAttention(2)
    assert layer.can_advance(True, False, False) and not layer.can_advance(True, True, True)
    said = []
    for t in range(TIME):
        made, memory = layer.advance(query[:, t : t + 1], key, value, lengths=lengths)
        assert memory is None
        said.append(made)
    assert torch.allclose(torch.cat(said, dim=1), layer(query, key, value, lengths=lengths), atol=1e-6)


@pytest.mark.parametrize("kind", ["sinusoidal", "learned", "none"])
def test_positions_go_on_where_they_stopped(kind):
    (x,) = drawn(TIME)
    layer = attention.PositionalEncoding(WIDTH, kind, longest=TIME, scale=True)
    memory, said = None, []
    for t in range(TIME):
        made, memory = layer.advance(x[:, t : t + 1], memory)
        said.append(made)
    assert torch.allclose(torch.cat(said, dim=1), layer(x), atol=1e-6) and memory == TIME


# -- positions ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("features", [1, 2, 7, 8])
def test_sinusoids_are_those_of_the_paper(features):
    table = attention.PositionalEncoding(features)(torch.zeros(1, 40, features))[0]
    for pos in (0, 1, 2, 17, 39):
        for at in range(features):
            angle = pos / 10000 ** (2 * (at // 2) / features)
            wanted = math.cos(angle) if at % 2 else math.sin(angle)
            assert float(table[pos, at]) == pytest.approx(wanted, abs=1e-6)
    assert torch.equal(attention.PositionalEncoding(features).positions(40), table)


def test_learned_positions_are_rows_of_a_matrix_that_learns():
    (x,) = drawn(TIME)
    layer = attention.PositionalEncoding(WIDTH, "learned", longest=TIME + 2)
    made = layer(x)
    assert torch.equal(made, x + layer.weight[:TIME])
    made.sum().backward()
    assert layer.weight.grad[:TIME].eq(BATCH).all() and layer.weight.grad[TIME:].eq(0).all()


def test_what_comes_in_can_be_enlarged_by_the_root_of_its_length():
    (x,) = drawn(TIME)
    assert torch.equal(attention.PositionalEncoding(WIDTH, "none")(x), x)
    assert torch.allclose(attention.PositionalEncoding(WIDTH, "none", scale=True)(x), x * math.sqrt(WIDTH))


def test_waves_go_on_for_ever_and_in_the_numbers_that_come_in():
    layer = attention.PositionalEncoding(WIDTH)
    short = layer(torch.zeros(1, 4, WIDTH))
    assert torch.equal(layer(torch.zeros(1, 5000, WIDTH))[:, :4], short)
    exact = layer(torch.zeros(1, 4, WIDTH, dtype=torch.float64))
    assert exact.dtype == torch.float64
    assert float(exact[0, 3, 2]) == pytest.approx(math.sin(3 / 10000 ** (2 / WIDTH)), abs=1e-15)


# -- the rules ---------------------------------------------------------------------------------------------------


def seen(time=4, features=8):
    return Shape(time=time, features=features)


@pytest.mark.parametrize(
    ("settings", "shapes", "sentence"),
    [
        ({}, (seen(), seen(features=4), seen()), "they have 8 and 4 features"),
        ({}, (seen(), seen(), seen(5)), "there are 4 keys and 5 values"),
        ({"causal": True}, (seen(), seen(5), seen(5)), "within one sequence, but there are 4 queries and 5 keys"),
        ({"heads": 3}, (seen(),) * 3, "3 heads do not divide the 8 features"),
        ({"heads": 4}, (seen(), seen(), seen(features=6)), "4 heads do not divide the 6 features"),
        ({}, (seen(), Shape(time=4), seen()), "Attention wants a sequence"),
    ],
)
def test_a_refusal_of_attention_says_what_to_do(settings, shapes, sentence):
    with pytest.raises(ShapeError, match=sentence):
        ScaledDotProductAttention(**settings).output(*shapes)


def test_positions_are_learnt_for_as_many_steps_as_come_in_unless_it_is_said():
    block = PositionalEncoding(kind="learned")
    assert block.weights(seen(7)) == {"weight": (7, 8)}
    assert block.replace(longest=9).weights(seen(7)) == {"weight": (9, 8)}
    assert PositionalEncoding().weights(seen(7)) == {}
    with pytest.raises(ShapeError, match="6 places are learnt, but 7 steps come in; learn more places"):
        block.replace(longest=6).output(seen(7))


def test_the_products_of_attention_are_counted_for_every_pair_of_steps():
    block = ScaledDotProductAttention(heads=2)
    assert block.macs(seen(4), seen(9), seen(9, 6)) == 4 * 9 * 8 + 4 * 9 * 6
    assert ScaledDotProductAttention(causal=True).macs(*(seen(),) * 3) == 2 * 4 * 4 * 8  # what is hidden is computed


def test_layer_normalisation_of_a_sequence_is_that_of_every_step():
    (x,) = drawn(TIME)
    made = build(LayerNorm().layer(seen(TIME, WIDTH)))(5 * x + 2)
    assert torch.allclose(made.mean(dim=2), torch.zeros(BATCH, TIME), atol=1e-6)
    assert torch.allclose(made.var(dim=2, unbiased=False), torch.ones(BATCH, TIME), atol=1e-4)
    other = x.clone()
    other[:, 3:] *= 7.0
    assert torch.equal(
        build(LayerNorm().layer(seen(TIME, WIDTH)))(other)[:, :3], build(LayerNorm().layer(seen()))(x)[:, :3]
    )


def test_a_self_attention_drawn_by_hand_is_the_formula():
    """D1: queries, keys and values from three Dense layers on one sequence."""
    graph = Graph.of({"input": Input(), **{id: Dense(units=4, bias=False) for id in ("wq", "wk", "wv")}})
    graph = graph.add(ScaledDotProductAttention(), "attention")
    for id, port in (("wq", "query"), ("wk", "key"), ("wv", "value")):
        graph = graph.connect(Wire("input", id)).connect(Wire(id, "attention", "out", port))
    graph = graph.add(Output(target="y", task="regression", loss="mse"), "output").connect(Wire("attention", "output"))
    facts = DataFacts({"x": seen(TIME, WIDTH)}, {"y": Target(shape=seen(TIME, 4))})
    report = analyse(graph, facts)
    assert (report.parameters, report.macs) == (3 * 32, 3 * TIME * 32 + 2 * TIME * TIME * 4)
    network = Network(report, 1)
    (x,) = drawn(TIME)
    q, k, v = (x @ network.get_parameter(f"{id}.weight").T for id in ("wq", "wk", "wv"))
    assert torch.allclose(network({"x": x})["output"], formula(q, k, v), atol=1e-6)
