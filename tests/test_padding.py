"""Padding never changes an output, a loss, a gradient or a metric: every block of the catalogue, tried by adding some.

What a batch holds beyond the end of its texts is not cut off here (`test_trimming` does that): the layers themselves
must not look at it.
"""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from playground import blocks as _filled  # noqa: F401 - importing it fills the catalogue
from playground.block import CATALOGUE
from playground.shape import Shape, ShapeError

torch = pytest.importorskip("torch")

import playground.training as training_module  # noqa: E402
from playground.analysis import analyse  # noqa: E402
from playground.blocks.arrange import Permute  # noqa: E402
from playground.blocks.combine import Concat, Flatten  # noqa: E402
from playground.blocks.convolution import Conv1D  # noqa: E402
from playground.blocks.data import Input, Output  # noqa: E402
from playground.blocks.dense import Dense  # noqa: E402
from playground.blocks.embedding import Embedding  # noqa: E402
from playground.blocks.pooling import LastStep, MaxOverTime, MeanOverTime  # noqa: E402
from playground.data import IGNORED, Data, Examples  # noqa: E402
from playground.experiment import Experiment, Training  # noqa: E402
from playground.facts import DataFacts, Target  # noqa: E402
from playground.graph import Graph, Wire  # noqa: E402
from playground.ready_groups import decoder_block, encoder_block  # noqa: E402
from playground.training import Trainer  # noqa: E402

WORDS, WIDTH, SHORT, LONG = 11, 6, 8, 13
LENGTHS = {"text": (5, 8, 1, 3, 7), "other": (2, 8, 6, 1, 4)}

NO_SEQUENCES = {
    *("Conv2D", "SeparableConv2D", "ConvTranspose2D", "Upsample"),
    *("MaxPool2D", "AvgPool2D", "LpPool2D", "AdaptiveAvgPool2D", "AdaptiveMaxPool2D", "GlobalAvgPool2D"),
    *("BatchNorm", "GroupNorm", "LocalResponseNorm", "Sample"),
}
"""They refuse sequences with a sentence: a mean over a batch, for one, would count what is beyond the end."""

ELSEWHERE = {"Input", "Output", "Embedding", "Group", "GroupInput", "GroupOutput", "Noise", "RealOrGenerated"}
"""They are in each of these networks, unfold into what is tried, or have no place in one that reads texts."""

READERS = [name for name in CATALOGUE if name not in NO_SEQUENCES | ELSEWHERE]

MORE = {
    "Conv1D": [{"padding": 1}, {"stride": 2}, {"stride": 3, "padding": 2, "kernel": 4}, {"dilation": 2}, {"kernel": 6}],
    "PositionalEncoding": [{"kind": "learned", "longest": 20}],
    "ScaledDotProductAttention": [{"heads": 2}, {"heads": 3, "causal": True}],
    "Reshape": [{"shape": f"time=auto, features={n}"} for n in (WIDTH, 2, 3)],
    "Permute": [{"order": "time, features"}, {"names": "time, features"}],
    "Slice": [
        {"first": 1, "length": 3},
        {"axis": "time", "length": 4},
        {"axis": "time", "first": 2, "length": 3},
        {"axis": "time", "first": 2},
    ],
    **{name: [{"layers": 2}, {"layers": 2, "direction": "both"}] for name in ("RNN", "LSTM", "PeepholeLSTM", "GRU")},
}
"""Settings that are tried besides the usual ones and those of every choice and switch."""


def variants(name):
    """Return a block with its usual settings, with each other choice and switch, and with those in `MORE`."""
    cls = CATALOGUE[name]
    changes = [{}]
    for key, parameter in cls.parameters.items():
        others = (False, True) if parameter.kind == "switch" else ()
        if parameter.kind == "choice" and name != "Slice":
            others = tuple(parameter.choices)
        changes += [{key: value} for value in others if value != parameter.default]
    small = {"units": 4} if "units" in cls.parameters else {}
    return [cls(**small, **change) for change in (*changes, *MORE.get(name, ()))]


def called(block):
    usual = type(block)().to_json()
    return " ".join([block.key, *(f"{key}={value}" for key, value in block.to_json().items() if usual[key] != value)])


def fed(block, two):
    """Return the ports that a test feeds, and from which text: the later ones, where two are wished, from the other."""
    ports = [port for port in block.ports() if not port.optional]
    if ports[0].variadic:
        ports = ports * 2
    return [(port.name, "other" if two and at else "text") for at, port in enumerate(ports)]


def network_around(block, two, steps):
    """Draw a network that gives a block what Dense layers with offsets say, and reads all that comes out of it.

    Beyond the end such layers say anything but 0. What has steps is looked at in each way in which steps can be put
    together, and, where there are as many as before, tagged.
    """
    graph = Graph()
    for name in LENGTHS:
        graph = graph.add(Input(field=name), name).add(Embedding(size=WIDTH), f"embed_{name}")
        graph = graph.connect(Wire(name, f"embed_{name}"))
    graph = graph.add(block, "tried")
    for at, (port, name) in enumerate(fed(block, two)):
        graph = graph.add(Dense(units=WIDTH), f"before_{at}").connect(Wire(f"embed_{name}", f"before_{at}"))
        graph = graph.connect(Wire(f"before_{at}", "tried", "out", port))
    if not block.has_gradient:
        for id in list(graph.nodes):
            graph = graph.mark(id, frozen=True)
    tried = analyse(graph, facts_of(steps)).at("tried")
    assert tried.shape is not None, "the block refuses what it is given here"
    rows = []
    for port in block.outputs:
        shape = tried.leaving(port)
        if isinstance(block, Permute) and block.order != "time, features":  # turned back, steps stand in a row in order
            back = Permute(order="features, time" if block.names else "time, features", names="time, features")
            graph = graph.add(back, "back").connect(Wire("tried", "back"))
            graph = graph.add(Flatten(), "row").connect(Wire("back", "row"))
            rows.append(("row", "out"))
        elif shape.names == ("time", "features"):
            ways = (LastStep(), MeanOverTime(), MaxOverTime(), Conv1D(channels=3, kernel=2, padding=1))
            for at, way in enumerate(ways):
                graph = graph.add(way, f"way_{at}").connect(Wire("tried", f"way_{at}", port))
            graph = graph.add(MaxOverTime(), "windows").connect(Wire("way_3", "windows"))
            rows += [("way_0", "out"), ("way_1", "out"), ("way_2", "out"), ("windows", "out")]
            if shape.time == steps:
                graph = graph.add(Dense(units=3), "tags").connect(Wire("tried", "tags", port))
                graph = graph.add(Output(target="tag"), "tagged").connect(Wire("tags", "tagged"))
        else:
            assert shape.names == ("features",)
            rows.append(("tried", port))
    graph = graph.add(Concat(), "all").add(Dense(units=2), "dense").add(Output(), "output")
    for id, port in rows:
        graph = graph.connect(Wire(id, "all", port, "xs"))
    return graph.connect(Wire("all", "dense")).connect(Wire("dense", "output"))


def facts_of(steps):
    targets = {"label": Target(("no", "yes")), "tag": Target(("a", "b", "c"), Shape(time=steps))}
    inputs = {name: Shape(time=steps) for name in LENGTHS}
    return DataFacts(inputs, targets, {"train": len(LENGTHS["text"])}, vocabularies=dict.fromkeys(LENGTHS, WORDS))


def run_of(graph, steps, monkeypatch):
    """A run on texts that are filled up to so many steps, none of which is cut off; its numbers are doubles."""
    rng = np.random.default_rng(4)
    inputs = {}
    for name, lengths in LENGTHS.items():
        inputs[name] = np.zeros((len(lengths), steps), dtype=np.int64)
        for row, length in zip(inputs[name], lengths, strict=True):
            row[:length] = rng.integers(1, WORDS, length)
    tags = np.where(inputs["text"] > 0, inputs["text"] % 3, IGNORED)
    data = Data(facts_of(steps), {"train": Examples(inputs, {"label": inputs["text"][:, 0] % 2, "tag": tags})})
    training = Training(batch_size=len(tags), epochs=1)
    with monkeypatch.context() as patch:
        patch.setattr(training_module, "cuts", lambda *_: ())
        run = Trainer(Experiment(graph=graph, facts=data.facts, training=training), data, device="cpu")
    run.network.double()
    return run


def beginning(whole, part):
    """Return as much of a tensor as the other one has, and say whether there is nothing but 0 in the rest."""
    piece = whole[tuple(slice(n) for n in part.shape)]
    return piece, bool(whole.abs().sum() - piece.abs().sum() < 1e-9)


def check(graphs, monkeypatch):
    """Demand the same of a network that gets short texts and of the same one that gets them with more padding."""
    short, long = (run_of(graph, steps, monkeypatch) for graph, steps in zip(graphs, (SHORT, LONG), strict=True))
    theirs = dict(long.network.named_parameters())
    assert [name for name, _ in short.network.named_parameters()] == list(theirs)
    generator = torch.Generator().manual_seed(2)
    with torch.no_grad():
        for name, own in short.network.named_parameters():
            if own.ndim == 1:  # offsets begin with 0, and would hide what they add beyond the end
                own.copy_(torch.randn(own.shape, generator=generator))
                theirs[name].copy_(torch.randn(theirs[name].shape, generator=generator))
            theirs[name][tuple(slice(n) for n in own.shape)] = own
    found = []
    for run in (short, long):
        run.network.eval()  # dropout would draw others
        batch, wanted = run.feeds.train.batch(torch.arange(len(LENGTHS["text"])))
        answers = run.network(batch)
        loss = run.loss_of(answers, wanted)
        loss.backward()
        found.append((answers, loss))
    (answers, loss), (others, other) = found
    assert torch.allclose(answers["output"], others["output"], atol=1e-10)
    for row, n in enumerate(LENGTHS["text"] if "tagged" in answers else ()):
        assert torch.allclose(answers["tagged"][row, :n], others["tagged"][row, :n], atol=1e-10)
    assert loss.item() == pytest.approx(other.item(), abs=1e-10)
    for name, own in short.network.named_parameters():
        if own.grad is None:
            assert theirs[name].grad is None
            continue
        same, nothing_else = beginning(theirs[name].grad, own.grad)
        assert torch.allclose(own.grad, same, atol=1e-10) and nothing_else, name
    assert short.evaluate("train").metrics == pytest.approx(long.evaluate("train").metrics, abs=1e-9)


def tried():
    """Name each case: a block with settings, and whether its ports are fed from two texts of other lengths."""
    for name in READERS:
        for block in variants(name):
            for two in (False, True) if len(fed(block, False)) > 1 else (False,):
                yield pytest.param(block, two, id=called(block) + (" of two texts" if two else ""))


@pytest.mark.parametrize(("block", "two"), list(tried()))
def test_padding_changes_nothing(block, two, monkeypatch):
    check([network_around(block, two, steps) for steps in (SHORT, LONG)], monkeypatch)


@pytest.mark.parametrize("norm", ["before", "after"])
@pytest.mark.parametrize(("made", "two"), [(encoder_block, False), (decoder_block, False), (decoder_block, True)])
def test_padding_changes_nothing_in_repeated_groups(made, norm, two, monkeypatch):
    group = made(WIDTH, heads=2, hidden=8, dropout=0.0, norm=norm).replace(repeat=2)
    check([network_around(group, two, steps) for steps in (SHORT, LONG)], monkeypatch)


@pytest.mark.parametrize(
    ("block", "real"),
    [
        (CATALOGUE["Reshape"](shape=f"time=auto, features={WIDTH // 2}"), (10, 16, 2, 6, 14)),
        (CATALOGUE["Reshape"](shape=f"time=auto, features={WIDTH * 2}"), (3, 4, 1, 2, 4)),
        (CATALOGUE["Slice"](axis="time", length=4), (4, 4, 1, 3, 4)),
        (CATALOGUE["Slice"](axis="time", first=2), (3, 6, 1, 1, 5)),
    ],
    ids=lambda value: "ends" if isinstance(value, tuple) else called(value),
)
def test_steps_that_are_cut_or_laid_out_anew_end_where_their_numbers_do(block, real, monkeypatch):
    run = run_of(network_around(block, False, SHORT), SHORT, monkeypatch)
    batch, _ = run.feeds.train.batch(torch.arange(len(real)))
    seen = {}
    ids = ("tried", "way_1")
    for id in ids:
        run.network.module_at(id).register_forward_hook(lambda *call, id=id: seen.update({id: call[-1]}))
    run.network(batch)
    for row, n in enumerate(real):
        assert torch.allclose(seen["way_1"][row], seen["tried"][row, :n].mean(dim=0))


@pytest.mark.parametrize("name", sorted(NO_SEQUENCES))
def test_what_would_count_padding_refuses_sequences(name):
    cls = CATALOGUE[name]
    with pytest.raises(ShapeError, match=r".{15}"):
        cls().output(*[Shape(time=SHORT, features=WIDTH) for _ in cls.ports()])


AWAY, BACK = Permute(order="features, time"), Permute(order="time, features")
SIGMOID, SOFTMAX = CATALOGUE["Sigmoid"](), CATALOGUE["Softmax"]()

TURNED = {
    "turned away and back": [AWAY, BACK],
    "a sigmoid in between": [AWAY, SIGMOID, BACK],
    "shares of all steps": [AWAY, SOFTMAX, BACK],
    "shares of the features, under other names": [
        Permute(order="features, time", names="time, features"),
        SIGMOID,
        Permute(order="features, time", names="time, features"),
        SOFTMAX,
    ],
    "turned twice, to other places": [
        CATALOGUE["Reshape"](shape=f"time=auto, height=2, width={WIDTH // 2}"),
        Permute(order="height, time, width"),
        SIGMOID,
        Permute(order="height, width, time"),
        SOFTMAX,
        Permute(order="time, height, width"),
        CATALOGUE["Reshape"](shape=f"time=auto, features={WIDTH}"),
    ],
}


@pytest.mark.parametrize("beside", [False, True], ids=["alone", "with a shortcut while it is turned"])
@pytest.mark.parametrize("way", TURNED)
def test_texts_have_their_ends_again_when_their_steps_are_turned_back(way, beside, monkeypatch):
    def drawn(steps):
        graph = (
            Graph()
            .add(Input(field="text"), "text")
            .add(Embedding(size=WIDTH), "embed")
            .add(Dense(units=WIDTH), "before")
        )
        graph = graph.connect(Wire("text", "embed")).connect(Wire("embed", "before"))
        last = "before"
        for at, block in enumerate(TURNED[way]):
            graph = graph.add(block, f"turn_{at}").connect(Wire(last, f"turn_{at}"))
            last = f"turn_{at}"
            if beside and block is SIGMOID:
                graph = graph.add(CATALOGUE["Add"](), "sum").connect(Wire(last, "sum", "out", "xs"))
                graph = graph.connect(Wire(f"turn_{at - 1}", "sum", "out", "xs"))
                last = "sum"
        for at, reader in enumerate((LastStep(), MeanOverTime(), MaxOverTime())):
            graph = graph.add(reader, f"way_{at}").connect(Wire(last, f"way_{at}"))
        graph = graph.add(Concat(), "all").add(Dense(units=2), "dense").add(Output(), "output")
        for at in range(3):
            graph = graph.connect(Wire(f"way_{at}", "all", "out", "xs"))
        return graph.connect(Wire("all", "dense")).connect(Wire("dense", "output"))

    check([drawn(steps) for steps in (SHORT, LONG)], monkeypatch)


def test_a_layer_that_mixes_turned_steps_finds_nothing_beyond_the_end(monkeypatch):
    graph = Graph().add(Input(field="text"), "text").add(Embedding(size=WIDTH), "embed")
    graph = graph.add(Permute(order="features, time", names="time, features"), "away").add(SIGMOID, "sigmoid")
    graph = graph.add(Dense(units=2), "mixed").add(LastStep(), "last").add(Output(), "output")
    for one, other in pairwise(("text", "embed", "away", "sigmoid", "mixed", "last", "output")):
        graph = graph.connect(Wire(one, other))
    run = run_of(graph, SHORT, monkeypatch)
    batch, _ = run.feeds.train.batch(torch.arange(len(LENGTHS["text"])))
    entering = {}
    run.network.module_at("mixed").register_forward_pre_hook(lambda _, taken: entering.update(x=taken[0]))
    run.network(batch)
    for row, n in enumerate(LENGTHS["text"]):
        assert (entering["x"][row, :, n:] == 0).all()
        assert (entering["x"][row, :, :n] > 0).all()
