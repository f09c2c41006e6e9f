"""Rows D1 to D7: what the presets with attention show, and that the one without positions fails as it must."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from playground.blocks.attention import ScaledDotProductAttention  # noqa: E402
from playground.decoding import Decoder, write  # noqa: E402
from playground.probes.attention import Attention  # noqa: E402
from playground.ready_groups import encoder_block  # noqa: E402
from playground.training import Trainer  # noqa: E402
from tests.examples import preset  # noqa: E402


def trained(experiment, steps=None):
    run = Trainer(experiment if not isinstance(experiment, str) else preset(experiment), device="cpu")
    for _ in run.steps(steps):
        pass
    return run


def accuracy(run, split="validation"):
    return run.evaluate(split).metrics["accuracy"]


def rows(run, count=60):
    """Some held-out texts: the numbers that are there."""
    texts = run.data.splits["validation"].inputs["text"][:count]
    return [text[text != 0] for text in texts]


def scores(run, text):
    wide = run.data.facts.inputs["text"].time
    row = np.zeros((1, wide), dtype=np.int64)
    row[0, : len(text)] = text
    return run.look({"text": row}, ("output_1",))["output_1"][0]


# -- D1 ------------------------------------------------------------------------------------------------------------


def test_self_attention_is_drawn_from_its_parts():
    report = preset("self-attention").examined()
    blocks = {id: node.block for id, node in report.nodes.items()}
    assert [type(blocks[id]).__name__ for id in ("query", "key", "value")] == ["Dense"] * 3
    assert not any(blocks[id].bias for id in ("query", "key", "value"))
    assert isinstance(blocks["attention_1"], ScaledDotProductAttention) and blocks["attention_1"].heads == 1


@pytest.fixture(scope="module")
def asked():
    return trained("self-attention")


def test_after_training_the_question_looks_at_the_letter_that_is_asked_for(asked):
    shares = []
    for index in range(50):
        answer = Attention(node="attention_1", index=index).measure(asked)
        place = int(answer.asked.words[-1].removeprefix("?")) - 1
        shares.append(float(answer.weights[-1, place]))
    assert np.mean(shares) > 0.9


def test_it_can_be_asked_about_a_text_of_ones_own(asked):
    answer = Attention(node="attention_1", own="a b c d 0 1 2 3 4 0 ?3").measure(asked)
    assert not answer.asked.unknown and answer.asked.words[int(answer.weights[-1].argmax())] == "c"


# -- D2 ------------------------------------------------------------------------------------------------------------


def with_heads(heads):
    graph = preset("multi-head").graph
    group = graph.nodes["attention"].block
    inner = group.graph.configure("attention_1", group.graph.nodes["attention_1"].block.replace(heads=heads))
    return graph.configure("attention", group.replace(graph=inner))


def test_four_heads_have_as_many_weights_as_one():
    base = preset("multi-head")
    counts = {heads: replace(base, graph=with_heads(heads)).examined().parameters for heads in (1, 2, 4, 8)}
    assert set(counts.values()) == {base.examined().parameters}
    assert base.examined().groups["attention"].parameters == 4 * (32 * 32 + 32) == 4_224


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_of_its_heads_one_looks_ahead_and_another_back():
    run = trained("multi-head")
    node = next(id for id in run.report.nodes if id.endswith("attention_1"))
    ahead = []
    for head in range(4):
        shares = [Attention(node=node, head=head, index=index).measure(run).weights for index in range(40)]
        found = [float(one.astype(float).diagonal(k).mean()) for k in (1, -1) for one in shares if len(one) > 2]
        ahead.append(np.mean(found[: len(found) // 2]) - np.mean(found[len(found) // 2 :]))
    assert max(ahead) > 0.1 and min(ahead) < -0.1


# -- D3 ------------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def unordered():
    return trained("positions-none", 250)


def test_without_positions_shuffled_words_give_the_same_answer(unordered):
    rng = np.random.default_rng(1)
    for text in rows(unordered):
        assert torch.allclose(scores(unordered, text), scores(unordered, rng.permutation(text)), atol=1e-4)


def test_with_positions_they_do_not():
    run, rng = trained("positions-sinusoidal", 250), np.random.default_rng(1)
    moved = [(scores(run, text) - scores(run, rng.permutation(text))).abs().max() for text in rows(run, 20)]
    assert np.median(moved) > 0.01


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_without_positions_no_order_is_learnt_however_long_it_trains():
    base = preset("positions-none")
    long = replace(base, training=base.training.replace(epochs=3 * base.training.epochs))
    assert accuracy(trained(long)) < 0.6
    assert accuracy(trained("positions-sinusoidal")) > 0.95


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_the_order_of_the_clauses_turns_the_answer_round():
    run = trained("positions-sinusoidal")
    known = run.data.vocabularies["text"]
    said = []
    for text in ("the soup is good , but the cake is bad .", "the cake is bad , but the soup is good ."):
        assert all(word in known for word in text.split())
        said.append(int(scores(run, np.array([known.index(word) for word in text.split()])).argmax()))
    assert said == [0, 1]


# -- D4 ------------------------------------------------------------------------------------------------------------


def test_the_encoder_has_six_blocks_of_the_size_its_text_derives():
    experiment = preset("encoder")
    report = experiment.examined()
    assert experiment.graph.nodes["encoder"].block.repeat == 6
    assert report.groups["encoder"].parameters == 6 * 8_544 and "8,544" in experiment.about.en


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_steps_too_large_at_the_start_stop_a_stack_with_the_norm_after_but_not_before():
    base = preset("encoder")
    hasty = base.training.replace(optimiser=base.training.optimiser.replace(learning_rate=0.005), warm_up=0.0)
    after = replace(base, training=hasty)
    before = after.graph.configure("encoder", encoder_block(32, norm="before").replace(repeat=6))
    assert accuracy(trained(after)) < 0.3
    assert accuracy(trained(replace(after, graph=before))) > 0.95


# -- D5, D6 --------------------------------------------------------------------------------------------------------


def written(run, text):
    """Let a network write the answer to a text of symbols, token by token."""
    source, target = run.data.vocabularies["source"], run.data.vocabularies["previous"]
    row = torch.zeros(1, run.data.facts.inputs["source"].time, dtype=torch.int64)
    row[0, : len(text)] = torch.tensor([source.index(one) for one in text])
    decoder = Decoder(run.network, "output_1", "previous", {"source": row})
    end = target.index("<end>")
    tokens = [int(step.tokens[0]) for step in write(decoder, torch.tensor([[2]]), end=end, most=20)]
    return [target[token] for token in tokens if token != end]


def test_the_decoder_does_not_see_what_it_is_to_write():
    run = Trainer(preset("masked-attention"), device="cpu")
    held = run.data.splits["validation"].inputs
    source, previous = held["source"][:1], held["previous"][:1].copy()
    before = run.look({"source": source, "previous": previous}, ("output_1",))["output_1"][0]
    previous[0, 3:] = previous[0, 3:][::-1]
    after = run.look({"source": source, "previous": previous}, ("output_1",))["output_1"][0]
    assert torch.equal(before[:3], after[:3]) and not torch.allclose(before[3:], after[3:])


@pytest.fixture(scope="module")
def copying():
    return trained("masked-attention", 400)


def held_out(run, split="validation", count=40):
    texts = run.data.splits[split].inputs["source"][:count]
    return ["".join(run.data.vocabularies["source"][one] for one in row if one) for row in texts]


def test_one_decoder_block_writes_what_it_read_and_looks_at_what_it_writes(copying):
    texts = held_out(copying)
    assert sum(written(copying, text) == list(text) for text in texts) >= 36
    (cross,) = (id for id in copying.report.nodes if "cross_attention" in id and id.endswith("attention_1"))
    shares = [Attention(node=cross, index=index).measure(copying).weights for index in range(30)]
    assert np.mean([np.diag(one).mean() for one in shares]) > 0.8


def test_where_the_future_is_shown_it_is_copied_and_writing_fails():
    base = preset("masked-attention")
    group = base.graph.nodes["decoder"].block
    masked = group.graph.nodes["masked_attention"].block
    seen = masked.graph.configure("attention_1", masked.graph.nodes["attention_1"].block.replace(causal=False))
    inner = group.graph.configure("masked_attention", masked.replace(graph=seen))
    run = trained(replace(base, graph=base.graph.configure("decoder", group.replace(graph=inner))), 400)
    assert accuracy(run) > 0.97
    assert sum(written(run, text) == list(text) for text in held_out(run)) < 5


@pytest.fixture(scope="module")
def reversing():
    return trained("transformer", 300)


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_the_transformer_writes_held_out_sequences_backwards(reversing):
    texts = held_out(reversing, "test", 60)
    assert sum(written(reversing, text) == list(text[::-1]) for text in texts) >= 57


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_what_is_written_looks_at_the_place_that_mirrors_its_own(reversing):
    cross = [id for id in reversing.report.nodes if "cross_attention" in id and id.endswith("attention_1")]
    for head in range(4):
        shares = [Attention(node=cross[-1], head=head, index=index).measure(reversing) for index in range(20)]
        assert np.mean([mirrored(one) for one in shares]) > 0.5


def mirrored(answer):
    """Return the mean weight of the place that mirrors the one that is written."""
    steps = answer.asked.steps
    return float(np.mean([answer.weights[t, steps - 1 - t] for t in range(steps)]))


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_without_positions_it_never_learns():
    base = preset("transformer")
    graph = base.graph
    for id in ("position_1", "position_2"):
        graph = graph.configure(id, graph.nodes[id].block.replace(kind="none"))
    assert trained(replace(base, graph=graph)).evaluate("validation").metrics["exact"] < 0.3


# -- D7 ------------------------------------------------------------------------------------------------------------


def test_the_classifier_does_not_read_what_fills_a_text_up():
    run = Trainer(preset("transformer-classifier"), device="cpu")
    text = torch.as_tensor(run.data.splits["validation"].inputs["text"][:20])
    longer = torch.cat([text, torch.zeros(20, 9, dtype=torch.int64)], dim=1)
    short, long = (run.look({"text": one}, ("output_1",))["output_1"] for one in (text, longer))
    assert torch.allclose(short, long, atol=1e-5)


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_it_learns_chinese_sentences_too():
    base = preset("transformer-classifier")
    assert accuracy(trained(replace(base, source=base.source.replace(language="zh")))) > 0.95
