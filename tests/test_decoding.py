"""Writing with a cache against writing without, and choosing tokens."""

from __future__ import annotations

from typing import Any

import pytest

torch = pytest.importorskip("torch")

from playground import recurrent  # noqa: E402
from playground.analysis import analyse  # noqa: E402
from playground.block import Block  # noqa: E402
from playground.blocks.attention import ScaledDotProductAttention  # noqa: E402
from playground.blocks.combine import Add, Concat  # noqa: E402
from playground.blocks.convolution import Conv1D  # noqa: E402
from playground.blocks.data import Input, Output  # noqa: E402
from playground.blocks.dense import Dense  # noqa: E402
from playground.blocks.embedding import Embedding  # noqa: E402
from playground.blocks.normalisation import Dropout, LayerNorm  # noqa: E402
from playground.blocks.position import PositionalEncoding  # noqa: E402
from playground.blocks.recurrence import GRU, LSTM, RNN, PeepholeLSTM  # noqa: E402
from playground.decoding import Decoder, duplicate, write  # noqa: E402
from playground.facts import DataFacts, Target  # noqa: E402
from playground.graph import Graph, Wire  # noqa: E402
from playground.network import Network  # noqa: E402
from playground.ready_groups import decoder_block, encoder_block  # noqa: E402
from playground.shape import Shape  # noqa: E402

TOKENS, STEPS, WIDTH = 11, 12, 8
CLASSES = tuple("abcdefghijk")
RUNNING = DataFacts({"text": Shape(time=STEPS)}, {"next": Target(CLASSES, Shape(time=STEPS))}, {}, {}, {"text": TOKENS})
PAIRS = DataFacts(
    {"source": Shape(time=STEPS), "previous": Shape(time=STEPS)},
    {"next": Target(CLASSES, Shape(time=STEPS))},
    vocabularies={"source": TOKENS, "previous": TOKENS},
)

MODELS: dict[str, tuple[tuple[Block, ...], bool]] = {
    "rnn": ((RNN(units=WIDTH),), True),
    "irnn": ((RNN(units=WIDTH, activation="relu", start="identity"),), True),
    "lstm": ((LSTM(units=WIDTH), Dropout(rate=0.5)), True),
    "gru": ((GRU(units=WIDTH),), True),
    "gru of the papers": ((GRU(units=WIDTH, reset="before", update="takes"),), True),
    "peephole": ((PeepholeLSTM(units=WIDTH),), True),
    "stacked": ((LSTM(units=WIDTH, layers=2), LayerNorm(), GRU(units=WIDTH), PeepholeLSTM(units=6, layers=2)), True),
    "transformer": (
        (PositionalEncoding(), encoder_block(WIDTH, 2, causal=True, norm="before").replace(repeat=2), LayerNorm()),
        True,
    ),
    "learnt places": ((PositionalEncoding(kind="learned"), encoder_block(WIDTH, 2, causal=True)), True),
    "convolution between": ((LSTM(units=WIDTH), Conv1D(channels=WIDTH, kernel=3, padding=1), GRU(units=WIDTH)), False),
    "both ways": ((LSTM(units=WIDTH, direction="both"),), False),
    "unmasked": ((encoder_block(WIDTH, 2),), False),
}
"""Language models by name: what stands between the embedding and the scores, and whether it can go on."""


def language_model(*middle: Block) -> Network:
    graph, before = Graph(), ""
    blocks = (Input(field="text"), Embedding(size=WIDTH), *middle, Dense(units=TOKENS), Output(target="next"))
    for block in blocks:
        id = graph.fresh_id(block)
        graph = graph.add(block, id)
        graph = graph.connect(Wire(before, id, "out", block.ports()[0].name)) if before else graph
        before = id
    return built(graph, RUNNING)


def built(graph: Graph, facts: DataFacts) -> Network:
    report = analyse(graph, facts)
    assert not report.blocking, report.blocking
    return Network(report, seed=3)


class Draw:
    """Adds nodes that are fed by others: (source, its port) or just the source."""

    def __init__(self) -> None:
        self.graph = Graph()

    def __call__(self, id: str, block: Block, **sources: str) -> str:
        self.graph = self.graph.add(block, id)
        for port, source in sources.items():
            source, _, leaving = source.partition(".")
            self.graph = self.graph.connect(Wire(source, id, leaving or "out", port.rstrip("_0123456789")))
        return id


def recurrent_pair(attends: bool) -> Network:
    """An encoder whose last state starts the decoder, with attention to what it said or without."""
    draw = Draw()
    draw("read", Input(field="source"))
    draw("embed_read", Embedding(size=WIDTH), x="read")
    draw("encoder", LSTM(units=WIDTH), x="embed_read")
    draw("said", Input(field="previous"))
    draw("embed_said", Embedding(size=WIDTH), x="said")
    x = draw("decoder", LSTM(units=WIDTH), x="embed_said", h="encoder.h", c="encoder.c")
    if attends:
        draw("attention", ScaledDotProductAttention(), query="decoder", key="encoder", value="encoder")
        x = draw("concat", Concat(), xs_1="decoder", xs_2="attention")
    draw("scores", Dense(units=TOKENS), x=x)
    draw("output", Output(target="next"), x="scores")
    return built(draw.graph, PAIRS)


def transformer_pair() -> Network:
    draw = Draw()
    draw("read", Input(field="source"))
    draw("embed_read", Embedding(size=WIDTH), x="read")
    draw("place_read", PositionalEncoding(), x="embed_read")
    draw("encoder", encoder_block(WIDTH, 2).replace(repeat=2), x="place_read")
    draw("said", Input(field="previous"))
    draw("embed_said", Embedding(size=WIDTH), x="said")
    draw("place_said", PositionalEncoding(), x="embed_said")
    draw("decoder", decoder_block(WIDTH, 2).replace(repeat=2), x="place_said", memory="encoder")
    draw("scores", Dense(units=TOKENS), x="decoder")
    draw("output", Output(target="next"), x="scores")
    return built(draw.graph, PAIRS)


PAIRED = {
    "encoder and decoder": lambda: recurrent_pair(False),
    "with attention": lambda: recurrent_pair(True),
    "transformer": transformer_pair,
}


def sources(batch: int = 3) -> Any:
    """Draw texts of different lengths, filled up with 0."""
    drawn = torch.randint(1, TOKENS, (batch, STEPS), generator=torch.Generator().manual_seed(5))
    for row, length in zip(drawn, (STEPS, 3, 7), strict=False):
        row[length:] = 0
    return drawn


def prompt(batch: int, steps: int) -> Any:
    return torch.randint(1, TOKENS, (batch, steps), generator=torch.Generator().manual_seed(6))


def written(network: Network, first: Any, again: bool, **how: Any) -> tuple[Any, Any, Decoder]:
    """Write; return the tokens, the likeliest probability at each step, and what wrote."""
    field = "previous" if "whole" in how else "text"
    output = network._outputs[0][0]
    decoder = Decoder(network, output, field, how.pop("whole", None), again=again, longest=how.pop("longest", 0))
    steps = list(write(decoder, first, **how))
    return torch.stack([one.tokens for one in steps], 1), torch.stack([one.shares[:, 0] for one in steps], 1), decoder


# -- with a cache and without ------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", MODELS)
def test_a_language_model_writes_with_a_cache_what_it_writes_without(name):
    middle, goes_on = MODELS[name]
    network = language_model(*middle)
    batch, most = 1 + len(name) % 3, STEPS - 4
    ours, shares, decoder = written(network, prompt(batch, 4), again=False, most=most)
    theirs, their_shares, slow = written(network, prompt(batch, 4), again=True, most=most)
    assert torch.equal(ours, theirs)
    assert torch.allclose(shares, their_shares, atol=1e-6)
    assert (decoder.goes_on, slow.goes_on) == (goes_on, False)


@pytest.mark.parametrize("name", PAIRED)
def test_an_answer_is_written_with_a_cache_as_without(name):
    network = PAIRED[name]()
    how: dict[str, Any] = {"whole": {"source": sources()}, "most": STEPS}
    start = torch.full((3, 1), 2)
    ours, shares, decoder = written(network, start, again=False, **how)
    theirs, their_shares, _ = written(network, start, again=True, **how)
    assert torch.equal(ours, theirs)
    assert torch.allclose(shares, their_shares, atol=1e-6)
    assert decoder.goes_on


@pytest.mark.parametrize("name", PAIRED)
def test_what_is_written_step_by_step_is_what_the_network_says_of_it_all_at_once(name):
    network = PAIRED[name]().eval()
    start = torch.full((3, 1), 2)
    tokens, shares, _ = written(network, start, again=False, whole={"source": sources()}, never=(0,), most=STEPS)
    given = {"source": sources(), "previous": torch.cat((start, tokens[:, :-1]), dim=1)}
    scores = network(given)["output"].softmax(dim=2)
    assert torch.equal(scores[:, :, 1:].argmax(dim=2) + 1, tokens)
    told = scores[:, :, 1:] / scores[:, :, 1:].sum(dim=2, keepdim=True)  # nothing is not written
    assert torch.allclose(told.amax(dim=2), shares, atol=1e-6)


@pytest.mark.parametrize("name", PAIRED)
def test_what_is_exact_step_by_step_is_what_greedy_decoding_writes_exactly(name):
    """So the metric `exact`, which is measured with the true tokens before each step, is that of decoding."""
    network = PAIRED[name]().eval()
    start, end = torch.full((3, 1), 2), 3
    wanted, _, _ = written(network, start, again=False, whole={"source": sources()}, never=(0,), most=STEPS)
    wanted[:, -1], wanted[1, 4] = end, 5  # the second one is another from there on
    given = {"source": sources(), "previous": torch.cat((start, wanted[:, :-1]), dim=1)}
    forced = network(given)["output"][:, :, 1:].argmax(dim=2) + 1 == wanted
    tokens, _, _ = written(network, start, again=False, whole={"source": sources()}, never=(0,), most=STEPS)
    assert torch.equal(forced[:, :-1].all(dim=1), (tokens == wanted)[:, :-1].all(dim=1))
    assert forced[:, :-1].all(dim=1).tolist() == [True, False, True]


def test_each_text_of_a_batch_is_written_as_if_it_were_alone():
    network = recurrent_pair(True)
    together, _, _ = written(network, torch.full((3, 1), 2), False, whole={"source": sources()}, most=STEPS)
    for k in range(3):
        alone, _, _ = written(network, torch.full((1, 1), 2), False, whole={"source": sources()[k : k + 1]}, most=STEPS)
        assert torch.equal(alone[0], together[k])


def test_reading_with_a_cache_looks_at_every_token_once():
    network = language_model(LSTM(units=WIDTH))
    lengths: list[int] = []
    network.get_submodule("embed_1").register_forward_hook(lambda _, given, made: lengths.append(given[0].shape[1]))
    written(network, prompt(1, 5), again=False, most=4)
    assert lengths == [5, 1, 1, 1]
    lengths.clear()
    written(network, prompt(1, 5), again=True, most=4)
    assert lengths == [5, 6, 7, 8]


def test_an_encoder_reads_once_however_much_is_written():
    network, read = recurrent_pair(True), []
    network.get_submodule("encoder").register_forward_hook(lambda *_: read.append(1))
    written(network, torch.full((1, 1), 2), again=True, whole={"source": sources(1)}, most=6)
    assert len(read) == 1


@pytest.mark.parametrize("name", ["transformer", "learnt places"])
def test_beyond_the_places_that_it_knows_a_network_forgets_the_older_half(name):
    network = language_model(*MODELS[name][0])
    ours, _, decoder = written(network, prompt(2, 4), again=False, most=30, longest=STEPS)
    theirs, _, _ = written(network, prompt(2, 4), again=True, most=30, longest=STEPS)
    assert decoder.longest == STEPS
    assert ours.shape == (2, 30)
    assert torch.equal(ours, theirs)


def test_a_recurrent_network_never_forgets_for_want_of_places():
    _, _, decoder = written(language_model(GRU(units=WIDTH)), prompt(1, 4), again=False, most=2, longest=STEPS)
    assert decoder.longest == 0


def test_sums_with_something_that_is_whole_are_read_anew():
    """Steps of an encoder added to those of the decoder: each new step would need its own piece of the whole."""
    draw = Draw()
    draw("read", Input(field="source"))
    draw("embed_read", Embedding(size=WIDTH), x="read")
    draw("said", Input(field="previous"))
    draw("embed_said", Embedding(size=WIDTH), x="said")
    draw("add", Add(), xs_1="embed_read", xs_2="embed_said")
    draw("scores", Dense(units=TOKENS), x="add")
    draw("output", Output(target="next"), x="scores")
    network = built(draw.graph, PAIRS)
    assert not Decoder(network, "output", "previous", {"source": sources()}).goes_on


# -- choosing ----------------------------------------------------------------------------------------------------


def test_greedy_decoding_takes_the_likeliest_and_tells_the_five_likeliest():
    network = language_model(GRU(units=WIDTH)).eval()
    first = prompt(2, 3)
    decoder = Decoder(network, "output_1", "text")
    step = next(write(decoder, first))
    shares = network({"text": first})["output_1"][:, -1].softmax(dim=1)
    assert torch.equal(step.tokens, shares.argmax(dim=1))
    assert torch.equal(step.best, shares.topk(5).indices)
    assert torch.allclose(step.shares, shares.topk(5).values, atol=1e-6)
    assert torch.allclose(step.share, shares.amax(dim=1), atol=1e-6)


def frequencies(temperature: float, top: int = 0, many: int = 4000) -> tuple[Any, Any]:
    """Draw the next token many times; return how often each came and the scores it was drawn by."""
    network = language_model(GRU(units=WIDTH)).eval()
    with torch.no_grad():
        network.get_parameter("dense_1.weight").mul_(4.0)
    first = prompt(1, 3)
    scores = network({"text": first})["output_1"][0, -1].detach()
    step = next(write(Decoder(network, "output_1", "text"), first.expand(many, -1), temperature=temperature, top=top))
    return torch.bincount(step.tokens, minlength=TOKENS) / many, scores


@pytest.mark.parametrize("temperature", [0.5, 1.0, 2.0])
def test_tokens_are_drawn_as_often_as_the_temperature_says(temperature):
    found, scores = frequencies(temperature)
    assert torch.allclose(found, (scores / temperature).softmax(dim=0), atol=0.03)


def test_drawn_from_the_two_likeliest_no_other_comes():
    found, scores = frequencies(1.0, top=2)
    likeliest = scores.topk(2).indices
    assert found[likeliest].sum() == pytest.approx(1.0)
    assert torch.allclose(found[likeliest], scores[likeliest].softmax(dim=0), atol=0.03)


def test_the_same_seed_writes_the_same_and_draws_nothing_of_the_run():
    network = language_model(GRU(units=WIDTH), Dropout(rate=0.5)).train()
    before = torch.random.get_rng_state()
    texts = [written(network, prompt(2, 3), False, temperature=1.0, seed=seed, most=20)[0] for seed in (1, 1, 2)]
    assert torch.equal(texts[0], texts[1])
    assert not torch.equal(texts[0], texts[2])
    assert torch.equal(torch.random.get_rng_state(), before)
    assert network.training


def test_tokens_that_must_not_be_written_never_are():
    network = language_model(GRU(units=WIDTH))
    tokens, _, _ = written(network, prompt(3, 2), False, temperature=5.0, never=range(8), most=30)
    assert tokens.min() >= 8


def test_writing_stops_where_all_texts_have_come_to_their_end():
    network = language_model(GRU(units=WIDTH))
    tokens, _, _ = written(network, prompt(2, 2), False, temperature=5.0, end=3, most=500)
    ends = [(row == 3).nonzero()[0].item() for row in tokens]
    assert max(ends) == tokens.shape[1] - 1 < 499


# -- while training goes on --------------------------------------------------------------------------------------


def test_a_duplicate_stays_as_it_is_while_the_network_learns():
    graph = Graph.of({"i": Input(field="text"), "e": Embedding(size=TOKENS), "d": Dense(units=TOKENS, bias=False)})
    for source, target in (("i", "e"), ("e", "d")):
        graph = graph.connect(Wire(source, target))
    graph = graph.add(Output(target="next"), "o").connect(Wire("d", "o"))
    report = analyse(graph, RUNNING)
    network = Network(report, seed=3)
    before = torch.random.get_rng_state()
    other = duplicate(network, report)
    assert torch.equal(torch.random.get_rng_state(), before)
    said = other({"text": prompt(2, 4)})["o"]
    assert torch.equal(said, network({"text": prompt(2, 4)})["o"])
    with torch.no_grad():
        for weight in network.parameters():
            weight.add_(1.0)
    assert torch.equal(other({"text": prompt(2, 4)})["o"], said)


@pytest.mark.parametrize(
    ("settings", "growing", "possible"),
    [
        ({}, (True, False, False), True),
        ({"layers": 2}, (True, False, False), True),
        ({"direction": "backward"}, (True, False, False), False),
        ({"direction": "both"}, (True, False, False), False),
        ({}, (True, True, False), False),  # its first state would be another with each step
        ({}, (False, True, False), False),
    ],
)
def test_a_recurrent_layer_goes_on_forwards_from_a_state_that_stays(settings, growing, possible):
    assert recurrent.LSTM(4, 3, **settings).can_advance(*growing) == possible


def test_one_memory_of_a_recurrent_layer_can_be_gone_on_from_twice():
    layer = recurrent.PeepholeLSTM(4, 3, layers=2)
    x = torch.randn(2, 5, 4, generator=torch.Generator().manual_seed(1))
    h = torch.randn(2, 6, generator=torch.Generator().manual_seed(2))
    whole = layer(x, h)
    first, memory = layer.advance(x[:, :3], h)
    for _ in range(2):
        second, last = layer.advance(x[:, 3:], h, memory=memory)
        assert torch.allclose(torch.cat((first[0], second[0]), dim=1), whole[0], atol=1e-6)
        assert all(torch.allclose(one, other, atol=1e-6) for one, other in zip(last, whole[1:], strict=True))
