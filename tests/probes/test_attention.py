"""The weights told are those that the formula gives, of every layer and head, with the words that were read."""

from __future__ import annotations

import math
import pickle

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from playground.decoding import Decoder, write  # noqa: E402
from playground.probes import LARGEST_ANSWER  # noqa: E402
from playground.probes._attended import MASKED, SELF  # noqa: E402
from playground.probes._reading import MOST_STEPS  # noqa: E402
from playground.probes.attention import MEAN, MOST_MAPS, Attention  # noqa: E402
from playground.training import Trainer  # noqa: E402
from tests.transformers import HEADS, WIDTH, classifier, writer  # noqa: E402

SELF_1, SELF_2 = (f"encoder.{n}.attention.1.attention_1" for n in (1, 2))
MASKED_1, CROSS_1 = (f"decoder.1.{name}.1.attention_1" for name in ("masked_attention", "cross_attention"))


def running(*args, **kwargs):
    experiment, data = classifier(*args, **kwargs)
    return Trainer(experiment, data, device="cpu")


@pytest.fixture(scope="module")
def writing():
    return Trainer(writer(), device="cpu")


def by_formula(query, key, causal=False):
    """softmax(Q Kᵀ / √d) in float64, of rows of one head."""
    scores = query.astype(np.float64) @ key.astype(np.float64).T / math.sqrt(query.shape[1])
    if causal:
        scores[np.triu_indices(len(scores), 1)] = -np.inf
    shares = np.exp(scores - scores.max(axis=1, keepdims=True))
    return shares / shares.sum(axis=1, keepdims=True)


@pytest.mark.parametrize("causal", [False, True])
def test_the_weights_are_those_of_the_formula(causal):
    run = running(causal=causal)
    for index in (0, 3):
        text = run.data.splits["validation"].inputs["text"][index]
        steps = int((text != 0).sum())
        kept = run.look({"text": text[None]}, ("query", "key"))
        query, key = (kept[id][0, :steps].numpy() for id in ("query", "key"))
        wide = WIDTH // HEADS
        for head in range(HEADS):
            part = slice(head * wide, (head + 1) * wide)
            answer = Attention(node="attention_1", head=head, index=index).measure(run)
            assert np.allclose(answer.weights, by_formula(query[:, part], key[:, part], causal), atol=1e-3)
            assert answer.kind == (MASKED if causal else SELF) and (answer.head, answer.heads) == (head, HEADS)
        assert answer.asking == answer.asked
        assert answer.asking.words == tuple(run.data.vocabularies["text"][one] for one in text[:steps])


def test_the_mean_is_that_of_all_heads():
    run = running()
    single = [Attention(node="attention_1", head=head).measure(run).weights for head in range(HEADS)]
    mean = Attention(node="attention_1", head=MEAN).measure(run)
    assert np.allclose(mean.weights, np.mean(single, axis=0), atol=1e-3) and mean.head == MEAN
    assert Attention(node="attention_1", head=99).measure(run).head == HEADS - 1


def test_every_layer_is_told_of_at_a_glance_those_of_one_stack_together(writing):
    answer = Attention(node=CROSS_1).measure(writing)
    told = [(layer.node, layer.kind, layer.heads) for layer in answer.layers]
    kinds = {SELF_1: "self", SELF_2: "self", MASKED_1: "masked", CROSS_1: "cross"}
    assert told == [(id, kind, HEADS) for id, kind in kinds.items()]
    small = answer.layers[-1].maps[0] / 255
    assert np.allclose(small, answer.weights, atol=3e-3)
    assert not np.triu(answer.layers[2].maps[0], 1).any()


def test_cross_attention_has_what_is_read_at_its_columns_and_what_is_written_at_its_rows(writing):
    answer = Attention(node=CROSS_1, index=2).measure(writing)
    held = writing.data.splits["validation"]
    source, previous = (held.inputs[name][2] for name in ("source", "previous"))
    words = writing.data.vocabularies
    assert answer.asked.words == tuple(words["source"][one] for one in source if one)
    assert answer.asking.words == tuple(words["previous"][one] for one in previous if one)
    assert answer.asking.words[0] == "<start>" and len(answer.says) == answer.asking.steps
    scores = writing.look({"source": source[None], "previous": previous[None]}, ("output_1",))["output_1"][0]
    scores[:, :3] = -torch.inf  # nobody writes <pad>, <unk> or <start>
    likeliest = scores.argmax(dim=1)[: answer.asking.steps]
    assert answer.says == tuple(words["previous"][int(one)] for one in likeliest)
    assert np.allclose(answer.weights.astype(float).sum(axis=1), 1, atol=5e-3)
    assert Attention(node=SELF_1, index=2).measure(writing).says == ()


def test_of_what_was_typed_the_network_writes_the_answer_itself(writing):
    answer = Attention(node=CROSS_1, own="1 2 z").measure(writing)
    assert answer.own and answer.asked.words == ("1", "2", "z") and answer.asked.unknown == (2,)
    known = writing.data.vocabularies["source"]
    text = torch.zeros(1, 8, dtype=torch.int64)
    text[0, :3] = torch.tensor([known.index("1"), known.index("2"), 1])
    decoder = Decoder(writing.network, "output_1", "previous", {"source": text})
    written = [int(step.tokens[0]) for step in write(decoder, torch.tensor([[2]]), never=(0, 1, 2), end=3, most=8)]
    words = tuple(writing.data.vocabularies["previous"][one] for one in written)
    assert answer.says[: len(words)] == words
    assert answer.asking.words[1:] == tuple(word for word in words if word != "<end>")[: answer.asking.steps - 1]


def test_a_sentence_of_ones_own_is_read_chinese_words_whole():
    answer = Attention(node="attention_1", own="the zorg 非常好").measure(running())
    assert answer.asking.words == ("the", "zorg", "非常", "好") and answer.asking.unknown == (1,)
    assert answer.weights.shape == (4, 4)


def test_looking_changes_nothing(writing):
    before = torch.get_rng_state()
    writing.network.train()
    Attention(node=CROSS_1, own="1 2").measure(writing)
    assert torch.equal(before, torch.get_rng_state()) and writing.network.training
    assert not any(module._forward_pre_hooks for module in writing.network.modules())


def test_many_heads_are_told_of_within_the_size_of_an_answer():
    run = running(heads=WIDTH, blocks=20, longest_text=230)
    answer = Attention(node=SELF_1, own="the " * 230).measure(run)
    assert answer.weights.shape == (MOST_STEPS, MOST_STEPS)
    assert len(pickle.dumps(answer)) <= LARGEST_ANSWER
    assert len(answer.layers) == 20 and sum(len(layer.maps) for layer in answer.layers) == MOST_MAPS
    assert {layer.heads for layer in answer.layers} == {WIDTH}


def test_where_no_sequence_comes_in_there_is_no_answer():
    run = running()
    assert Attention(node="dense_1").measure(run) is None
    assert not Attention.accepts(run.report.nodes["dense_1"]) and Attention.accepts(run.report.nodes["attention_1"])
