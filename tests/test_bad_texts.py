"""Texts as nobody wishes them, and yet learnt from: empty, of one word, unknown, endless, of all scripts at once."""

from __future__ import annotations

import dataclasses
import json
import math

import pytest

torch = pytest.importorskip("torch")

from playground.data import IGNORED  # noqa: E402
from playground.data.conllu import ConllU  # noqa: E402
from playground.data.json_lines import JsonLines  # noqa: E402
from playground.data.pairs import TextPairs  # noqa: E402
from playground.data.running import RunningText  # noqa: E402
from playground.presets import open_named  # noqa: E402
from playground.text import Refusal  # noqa: E402
from playground.training import Trainer  # noqa: E402

CLASSIFIERS = ("sentiment-lstm", "transformer-classifier")

ODD = [
    "Straße naïve café",
    "nai\u0308ve cafe\u0301",  # the same letters with combining characters
    "我爱 Berlin и Москву",
    "👍🏽 👩‍👩‍👧‍👦 🇩🇪 ok",
    "שלום עולם مرحبا",
    "a\u200bb \ufeff \u00a0 \u202e",
    "Z\u0335\u0321\u0322\u0327a\u0337\u0316lgo",
    "𝔘𝔫𝔦𝔠𝔬𝔡𝔢 𠀀",
]
"""Scripts side by side, signs of several code points, marks that stand alone, what cannot be seen."""


def preset(name, source, batch=4, **preparation):
    """Return a preset that learns from other data, in small batches."""
    experiment, _ = open_named(name)
    return dataclasses.replace(
        experiment,
        source=source,
        preparation=experiment.preparation.replace(**preparation),
        training=experiment.training.replace(batch_size=batch, epochs=20),
    )


def learns(experiment, steps=3):
    """Take a few steps, judge all splits, demand numbers of all that is told, and return the run."""
    run = Trainer(experiment, device="cpu")
    assert all(math.isfinite(step.loss) for step in run.steps(steps))
    for split, examples in run.data.splits.items():
        if len(examples):
            told = run.evaluate(split)
            assert "loss" in told.metrics and all(map(math.isfinite, told.metrics.values())), split
    return run


def rows(folder, train, validation=()):
    """Write texts with their classes, and return what reads them."""
    for name, texts in (("train", train), ("dev", validation)):
        if texts:
            lines = [json.dumps({"text": text, "label": label}) + "\n" for text, label in texts]
            (folder / f"{name}.jsonl").write_text("".join(lines), encoding="utf-8")
    return JsonLines(path=str(folder))


def treebank(folder, train, dev=()):
    """Write sentences of (word, tag) pairs, and return what reads them."""
    for name, sentences in (("train", train), ("dev", dev)):
        written = ""
        for sentence in sentences:
            words = ([str(at), word, "_", tag, *"_" * 6] for at, (word, tag) in enumerate(sentence, 1))
            written += "".join("\t".join(word) + "\n" for word in words) + "\n"
        if sentences:
            (folder / f"xx_y-ud-{name}.conllu").write_text(written, encoding="utf-8")
    return ConllU(path=str(folder))


def text(folder, content):
    path = folder / "text.txt"
    path.write_text(content, encoding="utf-8")
    return RunningText(path=str(path))


def pairs(folder, *lines):
    (folder / "pairs.tsv").write_text("".join(f"{one}\t{other}\n" for one, other in lines), encoding="utf-8")
    return TextPairs(path=str(folder / "pairs.tsv"))


TREES = [[("Dogs", "NOUN"), ("bark", "VERB")], [("Stop", "VERB")], [("the", "DET"), ("old", "ADJ"), ("dog", "NOUN")]]
OPINIONS = [("good", "yes"), ("bad", "no"), ("very good", "yes"), ("not good at all", "no"), ("so bad", "no")]
DATES = [("3 May 2020", "2020-05-03"), ("4 June 1999", "1999-06-04"), ("1 July 2001", "2001-07-01")] * 2


def seen(run, split="train", field="text"):
    """Return the tokens of a split, as the network gets them."""
    known = run.data.vocabularies[field]
    return [[known[at] for at in row if at] for row in run.data.splits[split].inputs[field]]


# -- nothing, and one word ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", CLASSIFIERS)
def test_texts_without_a_word_are_left_out_and_that_is_said(name, tmp_path):
    bad = [("", "yes"), (" \t", "no")]
    run = learns(preset(name, rows(tmp_path, [*OPINIONS, *bad], [("good", "yes"), *bad])))
    assert seen(run) == [words.split() for words, _ in OPINIONS]
    assert seen(run, "validation") == [["good"]]
    assert "4 objects lack a field and were left out" in map(str, run.data.remarks)


@pytest.mark.parametrize("name", [*CLASSIFIERS, "lstm-tagger", "date-transformer"])
def test_a_text_of_length_0_gives_numbers_all_the_same(name, tmp_path):
    source = {"lstm-tagger": treebank(tmp_path, TREES), "date-transformer": pairs(tmp_path, *DATES)}
    run = learns(preset(name, source.get(name) or rows(tmp_path, OPINIONS)))
    batch, _ = run.feeds.train.batch(torch.arange(2))
    (answer,) = run.network({field: torch.zeros_like(tokens) for field, tokens in batch.items()}).values()
    answer.square().sum().backward()
    assert answer.isfinite().all()
    assert all(one.grad is None or one.grad.isfinite().all() for one in run.network.parameters())


def test_sentences_without_words_are_none(tmp_path):
    source = treebank(tmp_path, TREES, TREES[:1])
    path = tmp_path / "xx_y-ud-train.conllu"
    path.write_text("\n\n# text = \n\n" + path.read_text(encoding="utf-8") + "\n\n", encoding="utf-8")
    run = learns(preset("lstm-tagger", source))
    assert seen(run, "train") and len(run.data.splits["train"]) == len(TREES)


def test_an_empty_file_of_any_kind_is_refused_with_a_sentence(tmp_path):
    for kind, name in ((ConllU, "a.conllu"), (JsonLines, "a.jsonl"), (TextPairs, "a.tsv"), (RunningText, "a.txt")):
        (tmp_path / name).write_text("\n", encoding="utf-8")
        with pytest.raises(Refusal) as refused:
            kind(path=str(tmp_path / name)).read()
        assert name in str(refused.value) and len(str(refused.value)) > len(name) + 10


@pytest.mark.parametrize("name", CLASSIFIERS)
def test_texts_of_one_word_and_batches_of_one_text(name, tmp_path):
    run = learns(preset(name, rows(tmp_path, OPINIONS[:2] * 2, OPINIONS[:1]), batch=1))
    assert run.data.splits["train"].inputs["text"].shape[1] == 1


def test_sentences_of_one_word_and_batches_of_one_sentence(tmp_path):
    one = [[("Stop", "VERB")], [("Dogs", "NOUN")]]
    run = learns(preset("lstm-tagger", treebank(tmp_path, one * 2, one), batch=1, rarest=1))
    assert run.data.splits["train"].inputs["text"].shape[1] == 1


def test_pairs_in_batches_of_one(tmp_path):
    learns(preset("date-transformer", pairs(tmp_path, *DATES), batch=1, validation=0.2))


def test_a_running_text_read_one_character_at_a_time(tmp_path):
    run = learns(preset("character-model", text(tmp_path, "to be or not to be, " * 10), batch=1, longest=1))
    assert run.data.splits["train"].inputs["text"].shape[1] == 1


# -- what was never seen -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", CLASSIFIERS)
def test_words_never_seen_are_unknown_ones(name, tmp_path):
    run = learns(preset(name, rows(tmp_path, OPINIONS, [("xyzzy plugh", "yes"), ("frobnicate", "no")])))
    assert seen(run, "validation") == [["<unk>", "<unk>"], ["<unk>"]]


def test_a_tag_that_only_validates_is_a_class_like_any_other(tmp_path):
    strange = [[("zut", "INTJ"), ("Dogs", "NOUN")]]
    run = learns(preset("lstm-tagger", treebank(tmp_path, TREES, strange), rarest=1))
    classes = run.data.facts.targets["tag"].classes
    assert "INTJ" in classes
    trained = run.data.splits["train"].targets["tag"]
    assert classes.index("INTJ") not in trained[trained != IGNORED]
    assert classes.index("INTJ") in run.data.splits["validation"].targets["tag"]


def test_characters_never_seen_are_unknown_ones(tmp_path):
    run = learns(preset("character-model", text(tmp_path, "ab" * 200 + "zq" * 20), longest=8))
    assert seen(run, "validation")[-1] == ["<unk>"] * 3


def test_tokens_never_written_are_unknown_in_what_validates(tmp_path):
    source = pairs(tmp_path, *DATES, ("5 Avgust 2030", "２０３０-08-05"))
    run = learns(preset("date-transformer", source, validation=0.3, split="end"))
    assert "<unk>" in {token for text in seen(run, "validation", "previous") for token in text}


# -- too long ----------------------------------------------------------------------------------------------------


def cut(run, steps):
    return [str(one) for one in run.data.remarks if f"cut after {steps} tokens" in str(one)]


@pytest.mark.parametrize("name", CLASSIFIERS)
def test_a_text_that_is_too_long_is_cut_and_that_is_said(name, tmp_path):
    run = learns(preset(name, rows(tmp_path, [*OPINIONS, ("very " * 400 + "good", "yes")], OPINIONS)))
    assert run.data.splits["train"].inputs["text"].shape[1] == 256
    assert cut(run, 256) == ["1 text is cut after 256 tokens"]


def test_a_sentence_that_is_too_long_is_cut_with_its_tags(tmp_path):
    endless = [("a", "DET"), ("dog", "NOUN")] * 200
    run = learns(preset("lstm-tagger", treebank(tmp_path, [*TREES, endless], TREES), longest=7))
    train = run.data.splits["train"]
    assert train.inputs["text"].shape == train.targets["tag"].shape == (4, 7)
    assert cut(run, 7) == ["1 text is cut after 7 tokens"]


def test_pairs_that_are_too_long_are_cut_on_both_sides(tmp_path):
    source = pairs(tmp_path, *DATES, ("1 May " * 100, "2020-" * 100))
    run = learns(preset("date-transformer", source, longest=30, validation=0.2))
    assert {cut_off.shape[1] for cut_off in run.data.splits["train"].inputs.values()} == {30}
    assert len(cut(run, 30)) == 1 and len(cut(run, 29)) == 1


# -- all scripts at once -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", CLASSIFIERS)
def test_texts_of_all_scripts_are_read(name, tmp_path):
    texts = [(odd, "yes" if at % 2 else "no") for at, odd in enumerate(ODD)]
    run = learns(preset(name, rows(tmp_path, texts, texts[::-1])))
    known = run.data.vocabularies["text"]
    assert {"我", "и", "👍🏽", "cafe\u0301", "café", "שלום"} <= set(known)
    assert seen(run, "validation") == seen(run)[::-1]


def test_words_of_all_scripts_are_tagged(tmp_path):
    sentences = [[(word, "X" if word.isalpha() else "SYM") for word in odd.split()] for odd in ODD]
    run = learns(preset("lstm-tagger", treebank(tmp_path, sentences, sentences), rarest=1))
    assert "👩‍👩‍👧‍👦" in run.data.vocabularies["text"] and "𠀀" in run.data.vocabularies["text"]


def test_characters_of_all_scripts_are_gone_on_with(tmp_path):
    run = learns(preset("character-model", text(tmp_path, "\n".join(ODD) * 3), longest=16, rarest=1))
    known = run.data.vocabularies["text"]
    assert {"👍🏽", "e\u0301", "我", "ש"} <= set(known), "an accent or a tone of skin stands by itself"


def test_pairs_of_all_scripts_are_written(tmp_path):
    learns(preset("date-transformer", pairs(tmp_path, *zip(ODD, ODD[::-1], strict=True)), validation=0.2))


# -- a vocabulary of one word ------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", CLASSIFIERS)
def test_a_vocabulary_of_one_word(name, tmp_path):
    texts = [("na", "yes"), ("na na", "no"), ("na na na", "yes"), ("na na", "no")]
    run = learns(preset(name, rows(tmp_path, texts, texts)))
    assert run.data.vocabularies["text"] == ("<pad>", "<unk>", "na")


@pytest.mark.parametrize("name", CLASSIFIERS)
def test_where_every_word_is_too_rare_all_are_unknown(name, tmp_path):
    run = learns(preset(name, rows(tmp_path, OPINIONS, OPINIONS), rarest=50))
    assert run.data.vocabularies["text"] == ("<pad>", "<unk>")


def test_a_treebank_of_one_word_and_one_tag(tmp_path):
    same = [[("na", "X")] * n for n in (1, 3, 2)]
    run = learns(preset("lstm-tagger", treebank(tmp_path, same, same)))
    assert run.data.vocabularies["text"] == ("<pad>", "<unk>", "na")


def test_a_running_text_of_one_character(tmp_path):
    run = learns(preset("character-model", text(tmp_path, "a" * 300), longest=16))
    assert run.data.vocabularies["text"] == ("<pad>", "<unk>", "a")


def test_pairs_of_one_word(tmp_path):
    learns(preset("date-transformer", pairs(tmp_path, *[("na", "na"), ("na na", "na na")] * 3), validation=0.3))
