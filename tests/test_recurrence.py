"""Recurrent blocks as they are drawn: ports, shapes, costs, equations, and what a network makes of them."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest

torch = pytest.importorskip("torch")

from playground.analysis import analyse, in_port_order  # noqa: E402
from playground.block import CATALOGUE, Block  # noqa: E402
from playground.blocks.data import Input, Output  # noqa: E402
from playground.blocks.dense import Dense  # noqa: E402
from playground.blocks.embedding import Embedding  # noqa: E402
from playground.blocks.pooling import LastStep, MeanOverTime  # noqa: E402
from playground.blocks.recurrence import GRU, LSTM, RNN, PeepholeLSTM  # noqa: E402
from playground.choices import Orthogonal  # noqa: E402
from playground.facts import DataFacts, Target  # noqa: E402
from playground.graph import Graph, Wire  # noqa: E402
from playground.layers import LastStep as LastStepLayer  # noqa: E402
from playground.network import Network, build  # noqa: E402
from playground.shape import Shape, ShapeError  # noqa: E402

KINDS: list[Block] = [RNN(units=4), LSTM(units=4), PeepholeLSTM(units=4), GRU(units=4), GRU(units=4, reset="before")]
VOCABULARY = 9
FACTS = DataFacts(
    {"text": Shape(time=5), "reply": Shape(time=7)},
    {"label": Target(("a", "b", "c"))},
    vocabularies={"text": VOCABULARY, "reply": VOCABULARY},
)
TEXTS = torch.tensor([[1, 2, 3, 0, 0], [4, 5, 6, 7, 8], [0, 0, 0, 0, 0], [3, 0, 0, 0, 0]])
"""One is empty altogether, one has a single word."""


def named(block: Any) -> str:
    return f"{block.key} {block.summary()}"


def reader(*blocks: Block) -> Graph:
    """Wire a text through an embedding and these blocks to an answer."""
    graph, before = Graph(), ("", "")
    for block in (Input(field="text"), Embedding(size=3), *blocks, Dense(units=3), Output()):
        id = graph.fresh_id(block)
        graph = graph.add(block, id)
        if before[0]:
            graph = graph.connect(Wire(before[0], id, before[1], block.ports()[0].name))
        before = (id, next(iter(block.outputs), ""))
    return graph


def translator(encoder: Block, decoder: Block, **ports: str) -> Graph:
    """Let one recurrent block begin with the states of another."""
    nodes = {
        "text": Input(field="text"),
        "read": Embedding(size=3, vocabulary=VOCABULARY),
        "encoder": encoder,
        "reply": Input(field="reply"),
        "said": Embedding(size=3, vocabulary=VOCABULARY),
        "decoder": decoder,
        "last": LastStep(),
        "dense": Dense(units=3),
        "output": Output(),
    }
    chains = ("text", "read", "encoder"), ("reply", "said", "decoder", "last", "dense", "output")
    wires = [Wire(one, other, next(iter(nodes[one].outputs))) for chain in chains for one, other in pairwise(chain)]
    wires += [Wire("encoder", "decoder", source, target) for target, source in ports.items()]
    return Graph.of(nodes, tuple(wires))


def run(graph: Graph, **inputs: torch.Tensor) -> torch.Tensor:
    report = analyse(graph, FACTS)
    assert not report.problems
    network = Network(report, 1)
    return next(iter(network(inputs).values()))


# -- what is drawn -----------------------------------------------------------------------------------------------


def test_states_can_come_in_and_go_out() -> None:
    assert [(port.name, port.optional) for port in LSTM.ports()] == [("x", False), ("h", True), ("c", True)]
    assert [(port.name, port.optional) for port in GRU.ports()] == [("x", False), ("h", True)]
    made = LSTM(units=4, layers=3, direction="both").output(Shape(time=7, features=2))
    assert made == {"out": Shape(time=7, features=8), "h": Shape(features=24), "c": Shape(features=24)}


@pytest.mark.parametrize("block", KINDS, ids=named)
def test_a_refusal_says_what_fits(block: Any) -> None:
    with pytest.raises(ShapeError, match=f"{block.key} wants a sequence") as refused:
        block.output(Shape(time=7))
    assert refused.value.remedy == "Embedding"
    with pytest.raises(ShapeError, match=f"{block.key} begins with a state of 4 numbers at h, but 5 comes in"):
        block.output(Shape(time=7, features=2), Shape(features=5))
    with pytest.raises(ShapeError, match="at h, but 7 × 4 comes in"):
        block.output(Shape(time=7, features=2), Shape(time=7, features=4))


def test_parameters_are_those_of_the_formulas() -> None:
    x, n, m = Shape(time=30, features=10), 32, 10

    def count(block: Any) -> int:
        return sum(torch.tensor(shape).prod().item() for shape in block.weights(x).values())

    gate = m * n + n * n + n  # one affine map of input and state
    assert count(RNN(biases="one")) == gate
    assert count(LSTM(biases="one")) == 4 * gate
    assert count(LSTM()) == 4 * (gate + n) == sum(p.numel() for p in torch.nn.LSTM(m, n).parameters())
    assert count(PeepholeLSTM(biases="one")) == 4 * gate + 3 * n * n
    assert count(PeepholeLSTM(biases="one", peepholes="diagonal")) == 4 * gate + 3 * n
    assert count(GRU(biases="one")) == 3 * gate
    assert count(GRU(biases="none")) == 3 * (gate - n)
    assert count(GRU(biases="one", direction="both")) == 6 * gate
    assert count(LSTM(layers=2, direction="both")) == 8 * (gate + n) + 8 * (2 * n * n + n * n + 2 * n)
    assert LSTM().macs(x) == 30 * 4 * (m * n + n * n)
    assert PeepholeLSTM().macs(x) - LSTM().macs(x) == 30 * 3 * n * n
    assert PeepholeLSTM(peepholes="diagonal").macs(x) == LSTM().macs(x)


@pytest.mark.parametrize("block", [*KINDS, LSTM(layers=2, direction="both")], ids=named)
def test_the_memory_that_is_told_is_the_memory_that_training_takes(block: Any) -> None:
    batch, x = 8, Shape(time=20, features=4)
    block = block.replace(units=32)
    layer, seen = build(block.layer(x)), {}

    def keep(tensor: torch.Tensor) -> torch.Tensor:
        seen[tensor.untyped_storage().data_ptr()] = tensor.untyped_storage().nbytes()
        return tensor

    given = torch.randn(batch, 20, 4)
    seen_before = {given.untyped_storage().data_ptr(), *(p.untyped_storage().data_ptr() for p in layer.parameters())}
    with torch.autograd.graph.saved_tensors_hooks(keep, lambda tensor: tensor):
        made = layer(given)
    seen |= {one.untyped_storage().data_ptr(): one.untyped_storage().nbytes() for one in made}
    taken = sum(size for place, size in seen.items() if place not in seen_before)
    told = 4 * batch * (sum(shape.count for shape in block.output(x).values()) + block.kept(x))
    assert 0.6 < told / taken < 1.2


@pytest.mark.parametrize(
    ("block", "parts"),
    [
        (RNN(activation="relu"), [r"\mathrm{ReLU}(W x_t + U h_{t-1} + b + b')"]),
        (LSTM(biases="one"), [r"f_t = \sigma(W_f x_t + U_f h_{t-1} + b_f)", r"c_t = f_t \odot c_{t-1}"]),
        (PeepholeLSTM(biases="none"), [r"\sigma(W_o x_t + U_o h_{t-1} + V_o c_t)", "V_i c_{t-1}"]),
        (PeepholeLSTM(peepholes="diagonal"), [r"v_f \odot c_{t-1}", r"v_o \odot c_t"]),
        (GRU(), [r"z_t \odot h_{t-1} + (1 - z_t) \odot n_t", r"r_t \odot (U_n h_{t-1} + b'_n) + b_n"]),
        (GRU(biases="one", update="takes", reset="before"), [r"(1 - z_t) \odot h_{t-1} + z_t", r"U_n (r_t \odot h_{"]),
        (GRU(biases="one"), [r"r_t \odot U_n h_{t-1} + b_n)"]),
        (Dense(), ["y = W x + b"]),
    ],
    ids=lambda value: value.key if isinstance(value, Block) else "",
)
def test_the_equations_are_those_of_the_settings_and_can_be_drawn(block: Any, parts: list[str]) -> None:
    ziamath = pytest.importorskip("ziamath")
    assert all(part in block.equations() for part in parts)
    assert len(ziamath.Latex(block.equations()).svg()) > 500


def test_the_summary_tells_layers_and_direction() -> None:
    assert [
        LSTM().summary(),
        LSTM(layers=2, direction="both").summary(),
        GRU(units=8, direction="backward").summary(),
    ] == [
        "32",
        "2 × 32 ⇄",
        "8 ←",
    ]


def test_dropout_with_a_single_layer_is_no_argument_of_it() -> None:
    assert dict(LSTM(dropout=0.5).layer(Shape(time=1, features=1)).kwargs)["dropout"] == 0.0
    assert dict(LSTM(dropout=0.5, layers=2).layer(Shape(time=1, features=1)).kwargs)["dropout"] == 0.5


# -- in a network ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("pool", [LastStep(), MeanOverTime()], ids=named)
@pytest.mark.parametrize("block", [*KINDS, LSTM(units=4, direction="both", layers=2)], ids=named)
def test_more_padding_changes_no_answer(block: Any, pool: Block) -> None:
    graph = reader(block, pool)
    answer = run(graph, text=TEXTS)
    padded = run(graph, text=torch.nn.functional.pad(TEXTS, (0, 4)))
    torch.testing.assert_close(padded, answer, atol=1e-6, rtol=0)
    alone = torch.cat([run(graph, text=text[: max(1, int((text > 0).sum()))][None]) for text in TEXTS])
    torch.testing.assert_close(alone, answer, atol=1e-6, rtol=0)


def test_the_last_step_is_where_each_text_ends() -> None:
    x = torch.arange(24.0).reshape(2, 4, 3)
    assert LastStepLayer()(x).tolist() == [x[0, 3].tolist(), x[1, 3].tolist()]
    assert LastStepLayer()(x, [torch.tensor([2, 1])]).tolist() == [x[0, 1].tolist(), x[1, 0].tolist()]
    with pytest.raises(ShapeError, match="LastStep wants a sequence"):
        LastStep().output(Shape(features=3))


def test_a_dense_after_it_answers_at_every_step() -> None:
    assert Dense(units=3).output(LSTM().output(Shape(time=5, features=2))["out"]) == Shape(time=5, features=3)


@pytest.mark.parametrize("block", KINDS, ids=named)
def test_an_encoder_hands_its_state_to_a_decoder(block: Any) -> None:
    states = block.outputs[1:]
    encoder = block.replace(units=2, direction="both")  # forwards and backwards, 2 numbers each: 4 for the decoder
    handed = translator(encoder, block, **{port: port for port in states})
    text, reply = torch.tensor([[1, 2, 3, 0, 0]]), torch.tensor([[4, 5, 0, 0, 0, 0, 0]])
    answer = run(handed, text=text, reply=reply)
    assert not torch.equal(answer, run(handed, text=torch.tensor([[1, 2, 8, 0, 0]]), reply=reply))
    # The one's length is not the other's: more padding of either changes nothing.
    torch.testing.assert_close(run(handed, text=text[:, :3], reply=reply[:, :2]), answer, atol=1e-6, rtol=0)
    torch.testing.assert_close(run(handed, text=text[:, :4], reply=reply[:, :6]), answer, atol=1e-6, rtol=0)


def test_a_port_that_is_left_out_leaves_the_next_in_its_place() -> None:
    block = LSTM(units=4)
    only_c = translator(LSTM(units=4), block, c="c")
    known = analyse(only_c, FACTS).nodes["decoder"]
    assert known.inputs == (Shape(time=7, features=3), None, Shape(features=4))
    assert [wire and wire.target_port for wire in in_port_order(block, only_c.incoming["decoder"])] == ["x", None, "c"]
    inputs = {"text": TEXTS[:2], "reply": torch.tensor([[4, 5, 0, 0, 0, 0, 0], [1, 2, 3, 4, 5, 6, 7]])}
    network = Network(analyse(only_c, FACTS), 1)
    _, _, c = network.encoder(network.read(inputs["text"]), lengths=[torch.tensor([3, 5])])
    said, *_ = network.decoder(network.said(inputs["reply"]), None, c, lengths=[torch.tensor([2, 7])])
    expected = network.dense(said[[0, 1], [1, 6]])
    torch.testing.assert_close(network(inputs)["output"], expected)


def test_a_state_of_the_wrong_size_is_a_problem_of_the_node() -> None:
    report = analyse(translator(LSTM(units=4), LSTM(units=5), h="h"), FACTS)
    assert [(one.node, str(one.message)) for one in report.problems] == [
        ("decoder", "LSTM begins with a state of 5 numbers at h, but 4 comes in")
    ]


def test_a_muted_one_says_nothing_and_a_bypassed_one_passes_on() -> None:
    graph = translator(LSTM(units=3), LSTM(units=3), h="h", c="c")
    muted = graph.mark("encoder", state="muted")
    reply = torch.tensor([[4, 5, 0, 0, 0, 0, 0]])
    without = translator(LSTM(units=3), LSTM(units=3))
    assert torch.equal(run(muted, text=TEXTS[:1], reply=reply), run(without, text=TEXTS[:1], reply=reply))
    passed = reader(LSTM(units=3), LastStep()).mark("lstm_1", state="bypassed")
    network = Network(analyse(passed, FACTS), 1)
    answer = next(iter(network({"text": TEXTS[1:2]}).values()))
    assert torch.equal(answer, network.dense_1(network.embed_1(TEXTS[1:2])[:, -1]))


def test_one_initialisation_for_all_keeps_what_the_layer_insists_on() -> None:
    graph = reader(RNN(units=4, activation="relu", start="identity"), LSTM(units=4), LastStep())
    network = Network(analyse(graph, FACTS), 1, Orthogonal())
    assert torch.equal(network.rnn_1.weight_hh_l0, torch.eye(4))
    assert network.lstm_1.bias_ih_l0.tolist() == [0.0] * 4 + [1.0] * 4 + [0.0] * 8


def test_every_recurrent_block_is_in_the_catalogue_under_its_family() -> None:
    assert {name for name, block in CATALOGUE.items() if block.family == "Recurrent"} == {
        "RNN",
        "LSTM",
        "PeepholeLSTM",
        "GRU",
    }
