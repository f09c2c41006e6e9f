"""Treebanks in CoNLL-U: words with their parts of speech."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from playground.data import IGNORED
from playground.data.conllu import ConllU
from playground.data.recognise import recognise
from playground.preparation import Preparation, prepare
from playground.text import Refusal

SHARED = Path(__file__).parents[2] / ".." / "shared" / "data"

TREEBANK = """\
# newdoc
# sent_id = 1
# text = She doesn't sing here
1	She	she	PRON	PRP	Case=Nom|Number=Sing	4	nsubj	_	_
2-3	doesn't	_	_	_	_	_	_	_	SpaceAfter=No
2	does	do	AUX	VBZ	_	4	aux	_	_
3	n't	not	PART	RB	_	4	advmod	_	_
4	sing	sing	VERB	VB	VerbForm=Inf	0	root	_	_
4.1	sing	sing	VERB	VB	_	_	_	0:root	_
5	here	here	ADV	_	_	4	advmod	_	_

# sent_id = 2
1	Birds	bird	NOUN	NNS	Number=Plur	2	nsubj	_	_
2	sing	sing	VERB	VBP	_	0	root	_	_

"""


def line(*values: str) -> str:
    return "\t".join(values) + "\n"


def read(tmp_path: Path, text: str, **given: str) -> ConllU:
    path = tmp_path / "en_x-ud-train.conllu"
    path.write_text(text, encoding="utf-8")
    return ConllU(path=str(path), **given)


def test_words_and_their_parts_of_speech_are_read_without_what_is_no_word(tmp_path: Path) -> None:
    data = read(tmp_path, TREEBANK).read()
    assert data.facts.counts == {"train": 2}
    target = data.facts.targets["tag"]
    assert target.classes == ("ADV", "AUX", "NOUN", "PART", "PRON", "VERB")
    train = data.splits["train"]
    assert list(train.inputs["text"]) == [("She", "does", "n't", "sing", "here"), ("Birds", "sing")]
    tags = [[target.classes[at] for at in one] for one in train.targets["tag"]]
    assert tags == [["PRON", "AUX", "PART", "VERB", "ADV"], ["NOUN", "VERB"]]
    assert all(one.dtype == np.int64 for one in train.targets["tag"])
    assert train.origin is None


@pytest.mark.parametrize(
    ("column", "first"),
    [
        ("xpos", ["PRP", "VBZ", "RB", "VB", None]),
        ("deprel", ["nsubj", "aux", "advmod", "root", "advmod"]),
        ("feats", ["Case=Nom|Number=Sing", "_", "_", "VerbForm=Inf", "_"]),
    ],
)
def test_another_column_can_be_predicted(column: str, first: list[str | None], tmp_path: Path) -> None:
    data = read(tmp_path, TREEBANK, column=column).read()
    classes = data.facts.targets["tag"].classes
    found = data.splits["train"].targets["tag"][0]
    assert [None if at == IGNORED else classes[at] for at in found] == first


@pytest.mark.parametrize(
    ("spoilt", "said"),
    [
        (line("1", "a", "a", "X"), "line 1: it has 4 columns, not the ten of CoNLL-U"),
        (
            line("2", "a", "a", "X", *"_" * 6),
            "line 1: the words of a sentence are numbered from 1, but '2' stands where 1",
        ),
        (TREEBANK.replace("\n2\tsing", "\n3\tsing"), "line 14: .* '3' stands where 2 should"),
        (TREEBANK.replace("2-3\t", "3-4\t"), "line 5: .* '3-4' stands where 2 should"),
        (TREEBANK.replace("4.1\t", "7.1\t"), "line 9: .* '7.1' stands where 5 should"),
        (line("1", "", "a", "X", *"_" * 6), "line 1: a column is empty"),
        ("# only a comment\n\n\n", "there are no sentences in it"),
        (line("1", "a", "a", "_", *"_" * 6), "no token has a tag in this column"),
        (
            "".join(line(str(k + 1), "a", "a", "X", *"_" * 6) for k in range(10_001)),
            "line 10,001: .* more than 10,000 tokens",
        ),
        (line("1", "a", "a", "X" * 300, *"_" * 6), "the tag X+… is longer than 200 characters"),
    ],
)
def test_what_is_wrong_is_said_with_file_and_line(spoilt: str, said: str, tmp_path: Path) -> None:
    with pytest.raises(Refusal, match="en_x-ud-train.conllu.*" + said):
        read(tmp_path, spoilt).read()


def test_files_of_one_treebank_are_joined_by_their_names(tmp_path: Path) -> None:
    for name in ("de_x-ud-train-a", "de_x-ud-train-b", "de_x-ud-dev", "de_x-ud-test"):
        (tmp_path / f"{name}.conllu").write_text(TREEBANK)
    (tmp_path / "stats.xml").write_text("<treebank/>")
    (tmp_path / "de_x-ud-dev.txt").write_text("She does n't sing here")
    for place in (tmp_path, tmp_path / "de_x-ud-dev.conllu"):
        data = recognise(place).read()
        assert data.facts.counts == {"train": 4, "validation": 2, "test": 2}
    origin = data.splits["train"].origin
    assert origin is not None and origin.tolist() == [0, 0, 1, 1]
    assert data.splits["test"].origin is None


def test_what_a_file_is_for_can_be_said(tmp_path: Path) -> None:
    (tmp_path / "zh_x-ud-dev.conllu").write_text(TREEBANK)
    data = ConllU(path=str(tmp_path), roles="zh_x-ud-dev.conllu=train").read()
    assert data.facts.counts == {"train": 2}


def test_of_several_treebanks_one_has_to_be_chosen(tmp_path: Path) -> None:
    (tmp_path / "en_x-ud-train.conllu").write_text(TREEBANK)
    (tmp_path / "zh_y-ud-dev.conllu").write_text(TREEBANK)
    with pytest.raises(
        Refusal, match=r"several treebanks; choose one of them: en_x-ud-train.conllu, zh_y-ud-dev.conllu"
    ):
        recognise(tmp_path).read()


def test_the_last_sentence_needs_no_empty_line(tmp_path: Path) -> None:
    assert read(tmp_path, TREEBANK.rstrip("\n")).read().facts.counts == {"train": 2}


def test_a_treebank_is_known_by_its_content_even_where_it_could_be_a_table(tmp_path: Path) -> None:
    for name in ("one.txt", "one.tsv", "one.conll"):
        path = tmp_path / name
        path.write_text("\n".join(TREEBANK.split("\n")[11:13]) + "\n")
        assert isinstance(recognise(path), ConllU), name


@pytest.mark.parametrize(
    ("folder", "file", "split", "counts"),
    [
        ("ud_english_ewt", "en_ewt-ud-train.conllu", "train", (3_142, 52_627, 17)),
        ("ud_english_ewt", "en_ewt-ud-dev.conllu", "validation", (2_001, 25_147, 17)),
        ("ud_chinese_gsdsimp", "zh_gsdsimp-ud-dev.conllu", "validation", (500, 12_663, 16)),
    ],
)
def test_real_treebanks_hold_what_their_makers_say(
    folder: str, file: str, split: str, counts: tuple[int, int, int]
) -> None:
    if not (SHARED / folder).is_dir():
        pytest.skip("the shared data are not there")
    data = recognise(SHARED / folder).read()
    texts = data.splits[split].inputs["text"]
    tags = np.concatenate(data.splits[split].targets["tag"])
    classes = data.facts.targets["tag"].classes
    assert (len(texts), sum(map(len, texts)), len(np.unique(tags))) == counts
    # A second way: what `grep -P '^\d+\t' | cut -f 2,4` gives.
    lines = (SHARED / folder / file).read_text(encoding="utf-8").split("\n")
    words = [one.split("\t") for one in lines if one.split("\t")[0].isdigit()]
    assert [word for text in texts for word in text] == [word[1] for word in words]
    assert [classes[at] for at in tags] == [word[3] for word in words]


def test_a_real_treebank_is_prepared_for_a_tagger() -> None:
    if not (SHARED / "ud_english_ewt").is_dir():
        pytest.skip("the shared data are not there")
    data = prepare(recognise(SHARED / "ud_english_ewt").read(), Preparation(), 0)
    steps = data.facts.inputs["text"].time
    assert data.facts.targets["tag"].shape.time == steps == 159
    train = data.splits["train"]
    assert train.inputs["text"].shape == train.targets["tag"].shape == (3_142, steps)
    assert ((train.inputs["text"] == 0) == (train.targets["tag"] == IGNORED)).all()
    assert 5_000 < data.facts.vocabularies["text"] < 20_000
