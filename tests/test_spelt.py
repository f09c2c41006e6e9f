"""Words that are spelt out: every word is read as it would be alone, and what only fills up changes nothing."""

from __future__ import annotations

import numpy as np
import pytest

from playground import blocks as _filled  # noqa: F401 - importing it fills the catalogue
from playground.analysis import analyse
from playground.block import CATALOGUE, Block
from playground.blocks.activation import ReLU
from playground.blocks.combine import Add, Concat, Flatten
from playground.blocks.convolution import Conv1D
from playground.blocks.data import Input, Output
from playground.blocks.dense import Dense
from playground.blocks.embedding import Embedding
from playground.blocks.group import Group
from playground.blocks.pooling import MaxOverTime, MeanOverTime
from playground.blocks.recurrence import GRU, LSTM
from playground.costs import rows_of
from playground.data import IGNORED, Data, Examples
from playground.experiment import Experiment, Training
from playground.facts import DataFacts, Target
from playground.frames import at_once, frames_in, shapes_leaving
from playground.graph import Graph, Wire
from playground.grouping import collapse
from playground.shape import Shape, ShapeError
from tests.examples import chain

WORDS, LETTERS, KINDS, TAGS = 5, 8, 9, 3
SPELT = Shape(time=WORDS, letters=LETTERS, features=4)
TEXT = Shape(time=LETTERS, features=4)
READERS = [name for name, block in CATALOGUE.items() if block.word_by_word]


def facts_of(words: int = WORDS, letters: int = LETTERS, texts: int = 4) -> DataFacts:
    return DataFacts(
        {"text": Shape(time=words), "letters": Shape(time=words, letters=letters)},
        {"tag": Target(("a", "b", "c"), Shape(time=words))},
        {"train": texts},
        vocabularies={"text": 12, "letters": KINDS},
    )


def known(*blocks: Block) -> dict[str, object]:
    return dict(analyse(chain(Input(field="letters"), *blocks), facts_of()).nodes)


def made(name: str) -> Block:
    cls = CATALOGUE[name]
    return cls(**({"units": 4} if "units" in cls.parameters else {"kernel": 2} if name == "Conv1D" else {}))


def beyond_letters(name: str) -> list[Block]:
    """What makes one row of a word where a block leaves its letters."""
    left = made(name).output(Shape(time=LETTERS) if name == "Embedding" else TEXT)
    leaving = left["out"] if isinstance(left, dict) else left
    return [MaxOverTime()] if "time" in leaving else []


# -- shapes --------------------------------------------------------------------------------------------------------


def test_the_blocks_that_read_texts_step_by_step_read_words_too():
    activations = {name for name, block in CATALOGUE.items() if block.family == "Activation"}
    assert set(READERS) == activations | {
        *("Embedding", "Dense", "Conv1D", "MaxOverTime", "MeanOverTime", "LastStep"),
        *("RNN", "LSTM", "PeepholeLSTM", "GRU", "LayerNorm", "Dropout"),
    }


@pytest.mark.parametrize("name", [name for name in READERS if name != "Embedding"])
def test_words_are_as_many_texts_of_letters(name):
    block = made(name)
    alone, together = shapes_leaving(block, [TEXT]), shapes_leaving(block, [SPELT])
    assert frames_in(block, [SPELT]) == WORDS and at_once(block, [SPELT]) == (TEXT,)
    for port, shape in alone.items():
        inner = {"letters" if axis == "time" else axis: size for axis, size in shape}
        assert together[port].axes == tuple({"time": WORDS, **inner}.items())


def test_the_way_from_letters_to_tags_is_seen_on_the_wires():
    graph = tagger()
    report = analyse(graph, facts_of())
    assert not report.problems
    shapes = {id: str(node.shape) for id, node in report.nodes.items()}
    assert (shapes["letters"], shapes["embed_2"], shapes["conv_1"]) == ("5 × 8", "5 × 8 × 6", "5 × 8 × 7")
    assert (shapes["pool_1"], shapes["concat_1"], shapes["output_1"]) == ("5 × 7", "5 × 13", "5 × 3")
    conv = report.nodes["conv_1"]
    assert conv.parameters == 7 * 6 * 3 + 7 and conv.macs == WORDS * LETTERS * 7 * 6 * 3 and conv.frames == WORDS
    assert report.nodes["embed_2"].parameters == KINDS * 6  # the letters' own vocabulary, not that of the words


def test_a_layer_keeps_as_much_of_each_word_as_of_a_text():
    blocks = (Embedding(size=4), LSTM(units=3))
    words = analyse(chain(Input(field="letters"), *blocks), facts_of())
    letters = DataFacts({"letters": Shape(time=LETTERS)}, vocabularies={"letters": KINDS})
    text = analyse(chain(Input(field="letters"), *blocks), letters)
    (many,), (one,) = ([row for row in rows_of(report) if row.id == "lstm_1"] for report in (words, text))
    assert many.activation == WORDS * one.activation and many.macs == WORDS * one.macs


@pytest.mark.parametrize("block", [Flatten(), CATALOGUE["PositionalEncoding"](), CATALOGUE["Reshape"]()])
def test_what_would_mix_words_or_letters_says_what_to_do(block):
    with pytest.raises(ShapeError, match=r"MaxOverTime|sequence"):
        shapes_leaving(block, [SPELT])


def test_letters_are_not_put_side_by_side_before_each_word_is_one_row():
    with pytest.raises(ShapeError, match="put MaxOverTime before it"):
        shapes_leaving(Add(), [SPELT, SPELT])
    problem = analyse(chain(Input(field="letters"), Embedding(), Flatten()), facts_of()).problems[0]
    assert [str(fix.label) for fix in problem.fixes] == ["Insert MaxOverTime"]


def test_an_input_of_letters_that_are_not_read_says_where_to_ask_for_them():
    facts = DataFacts({"text": Shape(time=4)}, vocabularies={"text": 5})
    problem = analyse(chain(Input(field="letters"), Embedding()), facts).problems[0]
    assert "in the preparation" in str(problem.message)


def test_the_facts_of_letters_are_written_and_read():
    assert DataFacts.from_json(facts_of().to_json()) == facts_of()


# -- numbers -------------------------------------------------------------------------------------------------------

torch = pytest.importorskip("torch")

import playground.training as training_module  # noqa: E402
from playground.network import Network  # noqa: E402
from playground.training import Trainer  # noqa: E402
from playground.trimming import cuts  # noqa: E402

SPELLING = ((3, 8, 1), (2,), (1, 1, 4, 2, 7), (5, 2))
"""How many letters each word of each text has."""


def tagger(*word: Block) -> Graph:
    """Draw letters → embedding → … → one row for each word, beside the embedding of the word, and a tag for each."""
    graph = Graph()
    for id, block in {
        "text": Input(field="text"),
        "letters": Input(field="letters"),
        "embed_1": Embedding(size=6),
        "embed_2": Embedding(size=6),
        "concat_1": Concat(),
        "gru_1": GRU(units=4, direction="both"),
        "dense_1": Dense(units=TAGS),
        "output_1": Output(target="tag"),
    }.items():
        graph = graph.add(block, id)
    last = "embed_2"
    for block in word or (Conv1D(channels=7, kernel=3, padding=1), MaxOverTime()):
        id = graph.fresh_id(block)
        graph = graph.add(block, id).connect(Wire(last, id))
        last = id
    for wire in (
        *(Wire("text", "embed_1"), Wire("letters", "embed_2")),
        *(Wire("embed_1", "concat_1", "out", "xs"), Wire(last, "concat_1", "out", "xs")),
        *(Wire("concat_1", "gru_1"), Wire("gru_1", "dense_1"), Wire("dense_1", "output_1")),
    ):
        graph = graph.connect(wire)
    return graph


def spelt_texts(words: int, letters: int) -> Examples:
    """Make texts of the same words and letters, with as much room as is said."""
    rng = np.random.default_rng(5)
    ids = np.zeros((len(SPELLING), words), dtype=np.int64)
    spelt = np.zeros((len(SPELLING), words, letters), dtype=np.int32)
    for text, lengths in enumerate(SPELLING):
        ids[text, : len(lengths)] = rng.integers(1, 12, len(lengths))
        for word, n in enumerate(lengths):
            spelt[text, word, :n] = rng.integers(1, KINDS, n)
    return Examples({"text": ids, "letters": spelt}, {"tag": np.where(ids > 0, ids % TAGS, IGNORED)})


def run_of(graph: Graph, words: int = WORDS, letters: int = LETTERS, **settings: object) -> Trainer:
    data = Data(facts_of(words, letters), {"train": spelt_texts(words, letters)})
    training = Training(**{"batch_size": 4, "epochs": 1, **settings})
    return Trainer(Experiment(graph=graph, facts=data.facts, training=training), data, device="cpu")


@pytest.mark.parametrize("name", READERS)
def test_every_word_is_read_as_it_would_be_alone(name):
    front = [] if name == "Embedding" else [Embedding(size=4)]
    blocks = [*front, made(name), *beyond_letters(name), Dense(units=2), Output(target="x")]
    words = Network(analyse(chain(Input(field="letters"), *blocks), facts_of()), 1).eval()
    facts = DataFacts({"letters": Shape(time=LETTERS)}, vocabularies={"letters": KINDS})
    alone = Network(analyse(chain(Input(field="letters"), *blocks), facts), 1).eval()
    assert alone.state_dict().keys() == words.state_dict().keys()
    spelt = torch.as_tensor(spelt_texts(WORDS, LETTERS).inputs["letters"])
    (together,) = words({"letters": spelt}).values()
    there = spelt[:, :, 0] > 0
    (one_by_one,) = alone({"letters": spelt[there]}).values()
    torch.testing.assert_close(together[there], one_by_one)


@pytest.mark.parametrize(
    "word",
    [
        (),
        (Conv1D(channels=5, kernel=4), ReLU(), Conv1D(channels=3, kernel=2, padding=1, stride=2), MeanOverTime()),
        (Dense(units=4), CATALOGUE["LayerNorm"](), CATALOGUE["LastStep"]()),
        (GRU(units=3, direction="both"), CATALOGUE["PeepholeLSTM"](units=4), MeanOverTime()),
    ],
    ids=["convolution", "windows", "dense", "recurrent"],
)
def test_room_for_more_words_and_letters_changes_nothing(word, monkeypatch):
    monkeypatch.setattr(training_module, "cuts", lambda *_: ())
    told = []
    for words, letters in ((WORDS, LETTERS), (WORDS + 4, LETTERS + 5)):
        run = run_of(tagger(*word), words, letters)
        run.network.double()
        with torch.no_grad():
            generator = torch.Generator().manual_seed(2)
            for parameter in run.network.parameters():
                if parameter.ndim == 1:  # offsets begin with 0, and would hide what they add beyond the end
                    parameter.copy_(torch.randn(parameter.shape, generator=generator))
        batch, wanted = run.feeds.train.batch(torch.arange(len(SPELLING)))
        answers = run.network(batch)
        loss = run.loss_of(answers, wanted)
        loss.backward()
        gradients = {name: parameter.grad for name, parameter in run.network.named_parameters()}
        metrics = run.evaluate("train").metrics
        told.append((answers["output_1"], loss, gradients, metrics))
    (small, loss, gradients, metrics), (large, other, others, same) = told
    for text, lengths in enumerate(SPELLING):
        torch.testing.assert_close(small[text, : len(lengths)], large[text, : len(lengths)])
    assert loss.item() == pytest.approx(other.item(), abs=1e-12) and metrics == pytest.approx(same, abs=1e-9)
    for name, gradient in gradients.items():
        torch.testing.assert_close(gradient, others[name])


def test_words_that_only_fill_up_are_not_read_at_all():
    run = run_of(tagger())
    seen = []
    run.network.conv_1.register_forward_pre_hook(lambda _, given: seen.append(given[0].shape))
    run.evaluate("train")
    assert [tuple(shape) for shape in seen] == [(sum(map(len, SPELLING)), LETTERS, 6)]


def test_letters_are_cut_off_with_the_words_they_spell_and_nothing_changes(monkeypatch):
    run = run_of(tagger(), words=30)
    (cut,) = cuts(run.report, run.network, run.data.facts)
    assert (cut.name, cut.spelt, cut.least, cut.targets) == ("text", "letters", 1, {"tag"})
    batch, (wanted,) = run.feeds.train.batch(torch.arange(4))
    assert batch["letters"].shape == (4, 5, LETTERS) and batch["text"].shape == wanted.shape == (4, 5)
    losses = [step.loss for step in run.steps(6)]
    monkeypatch.setattr(training_module, "cuts", lambda *_: ())
    assert losses == pytest.approx([step.loss for step in run_of(tagger(), words=30).steps(6)], rel=1e-5)


def test_letters_alone_are_cut_by_themselves():
    blocks = (Embedding(size=4), MaxOverTime(), GRU(units=4), Dense(units=TAGS), Output(target="tag"))
    run = run_of(chain(Input(field="letters"), *blocks), words=30)
    (cut,) = cuts(run.report, run.network, run.data.facts)
    assert (cut.name, cut.spelt, cut.targets) == ("letters", "", {"tag"})
    assert [tuple(length.tolist()) for length in run.feeds.lengths] == [(3, 1, 5, 2)]
    assert run.feeds.train.batch(torch.tensor([0, 1]))[0]["letters"].shape == (2, 3, LETTERS)


def test_a_state_after_the_letters_goes_on_as_a_row_for_each_word():
    graph = tagger(MaxOverTime()).disconnect(Wire("pool_1", "concat_1", "out", "xs"))
    graph = graph.add(LSTM(units=5, direction="both"), "reads").connect(Wire("embed_2", "reads"))
    graph = graph.connect(Wire("reads", "concat_1", "h", "xs"))
    run = run_of(graph)
    assert str(run.report.nodes["reads"].leaving("h")) == "5 × 10" and [*run.steps(2)][-1].loss > 0


def test_a_muted_layer_of_letters_says_nothing_and_a_bypassed_one_passes_them_on():
    run = run_of(tagger(Conv1D(channels=7, kernel=3, padding=1), MaxOverTime()).mark("pool_1", state="muted"))
    letters = torch.as_tensor(spelt_texts(WORDS, LETTERS).inputs["letters"])
    text = torch.as_tensor(spelt_texts(WORDS, LETTERS).inputs["text"])
    with torch.no_grad():
        one, other = (
            run.network.eval()({"text": text, "letters": some})["output_1"] for some in (letters, letters * 0 + 1)
        )
    assert torch.equal(one[text > 0], other[text > 0])
    passed = run_of(tagger(ReLU(), MaxOverTime()).mark("relu_1", state="bypassed"))
    assert str(passed.report.nodes["pool_1"].shape) == "5 × 6" and [*passed.steps(1)]


def test_letters_go_into_a_group_and_out_again():
    graph, _ = collapse(tagger(), ["embed_2", "conv_1", "pool_1"])
    assert any(isinstance(node.block, Group) for node in graph.nodes.values())
    run, plain = run_of(graph), run_of(tagger())
    assert run.report.parameters == plain.report.parameters and [*run.steps(1)]
