"""Tagged sentences in columns: CoNLL-2003 and its kin."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from playground.data import Data
from playground.data.conll import Conll
from playground.data.recognise import recognise
from playground.data.tables import Table
from playground.preparation import Preparation, prepare
from playground.text import Refusal

SHARED = Path(__file__).parents[2] / ".." / "shared" / "data"

ENTITIES = """\
-DOCSTART- -X- -X- O

EU NNP B-NP B-ORG
rejects VBZ B-VP O
German JJ B-NP B-MISC
call NN I-NP O
. . O O

Peter NNP B-NP B-PER
Blackburn NNP I-NP I-PER

"""

POS = "He PRP B-NP O\nreckons VBZ B-VP O\nLondon NNP B-NP B-LOC\n\nYes UH O O\n. . O O\n\n"


def read(tmp_path: Path, text: str, name: str = "eng.train", **given: object) -> Data:
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    return Conll(path=str(path), **given).read()


def tags(data: Data, split: str = "train") -> list[list[str]]:
    classes = data.facts.targets["tag"].classes
    return [[classes[at] for at in one] for one in data.splits[split].targets["tag"]]


def test_tokens_and_the_last_column_are_read_and_documents_are_no_sentences(tmp_path: Path) -> None:
    data = read(tmp_path, ENTITIES)
    assert list(data.splits["train"].inputs["text"]) == [
        ("EU", "rejects", "German", "call", "."),
        ("Peter", "Blackburn"),
    ]
    assert tags(data) == [["B-ORG", "O", "B-MISC", "O", "O"], ["B-PER", "I-PER"]]
    assert data.facts.targets["tag"].classes == ("B-MISC", "B-ORG", "B-PER", "I-PER", "O")
    assert data.remarks == ()


@pytest.mark.parametrize(("column", "first"), [(2, "NNP"), (3, "B-NP"), (4, "B-ORG"), (0, "B-ORG")])
def test_another_column_can_hold_the_tags(column: int, first: str, tmp_path: Path) -> None:
    assert tags(read(tmp_path, ENTITIES, column=column))[0][0] == first


@pytest.mark.parametrize("between", ["", "\t", "  ", "\t\t"])
def test_sentences_are_parted_by_lines_that_hold_nothing_visible(between: str, tmp_path: Path) -> None:
    data = read(tmp_path, f"a\tO\nb\tB-x\n{between}\nc\tO\n")
    assert data.facts.counts == {"train": 2}


def test_iob1_becomes_iob2_and_this_is_said(tmp_path: Path) -> None:
    data = read(tmp_path, "A I-X\nb I-X\nc B-X\nd O\ne I-Y\nf I-X\n\ng I-X\nh O\n")
    assert tags(data) == [["B-X", "I-X", "B-X", "O", "B-Y", "B-X"], ["B-X", "O"]]
    assert [str(one) for one in data.remarks] == ["4 entities begin with I- (IOB1); they are read as B- (IOB2)"]
    assert data.facts.targets["tag"].classes == ("B-X", "B-Y", "I-X", "O")  # and none that no token has


def test_tags_that_say_where_entities_end_are_left_as_they_are(tmp_path: Path) -> None:
    data = read(tmp_path, "A B-X\nb I-X\nc E-X\nd S-Y\ne O\nf I-X\n")
    assert tags(data) == [["B-X", "I-X", "E-X", "S-Y", "O", "I-X"]]
    assert data.remarks == ()


def test_a_tag_outside_the_scheme_is_said(tmp_path: Path) -> None:
    data = read(tmp_path, "A B-X\n" + "b O\n" * 20 + "c nonsense\n")
    assert [str(one) for one in data.remarks] == [
        "These tags are neither O nor the beginning or inside of an entity: nonsense"
    ]


def test_parts_of_speech_are_no_entities_and_stay_as_they_are(tmp_path: Path) -> None:
    text = "I PRP\nsing VBP\n. .\n\nYou PRP\nsing VBP\n. .\n\n" * 2
    path = tmp_path / "brown.txt"
    path.write_text(text)
    assert isinstance(recognise(path), Conll)
    assert tags(recognise(path).read())[0] == ["PRP", "VBP", "."]


def test_spaces_that_are_no_white_space_of_ascii_belong_to_a_token(tmp_path: Path) -> None:
    data = read(tmp_path, "a\u00a0b B-x\n\u3000 O\n")
    assert data.splits["train"].inputs["text"][0] == ("a\u00a0b", "\u3000")


def test_comments_before_a_sentence_are_passed_over_but_the_token_is_not(tmp_path: Path) -> None:
    data = read(tmp_path, "# id 7 domain=en\nA _ _ B-x\nb _ _ O\n\n# # # O\nc _ _ O\n")
    assert list(data.splits["train"].inputs["text"]) == [("A", "b"), ("#", "c")]


@pytest.mark.parametrize(
    ("spoilt", "column", "said"),
    [
        ("a O\nb B-x c\n", 0, "line 2: it has 3 columns, not 2 as the lines before"),
        ("a\tO\nb\n", 0, "line 2: it has 1 column, not 2 as the lines before"),
        ("a\tO\nb\t\n", 0, "line 2: there is no token, or no tag"),
        ("\na\nb\n", 0, "line 2: there is only one column"),
        ("a O\n", 3, "line 1: there is no column 3, only 2"),
        ("a O\n", 1, "line 1: the first column holds the tokens"),
        ("\n\t\n-DOCSTART- O\n", 0, "there are no sentences in it"),
        ("a O\n" * 10_001, 0, "line 10,001: the sentence has more than 10,000 tokens"),
        ("".join(f"a T{k}\n\n" for k in range(10_001)), 0, "line 20,001: there are more than 10,000 different tags"),
    ],
)
def test_what_is_wrong_is_said_with_file_and_line(spoilt: str, column: int, said: str, tmp_path: Path) -> None:
    with pytest.raises(Refusal, match=f"eng.train.*{said}"):
        read(tmp_path, spoilt, column=column)


def test_files_are_joined_by_what_their_names_say(tmp_path: Path) -> None:
    for name in ("eng.train", "eng.testa", "eng.testb", "README"):
        (tmp_path / name).write_text("About these files.\n" if name == "README" else ENTITIES)
    for place in (tmp_path, tmp_path / "eng.train"):
        assert recognise(place).read().facts.counts == {"train": 2, "validation": 2, "test": 2}


def test_files_whose_names_share_nothing_are_joined_where_each_is_for_something_else(tmp_path: Path) -> None:
    for name in ("wnut17train.conll", "emerging.dev.conll", "emerging.test.annotated"):
        (tmp_path / name).write_text(ENTITIES)
    assert recognise(tmp_path).read().facts.counts == {"train": 2, "validation": 2, "test": 2}
    (tmp_path / "german.dev.conll").write_text(ENTITIES)
    with pytest.raises(Refusal, match="holds several sets of tagged sentences; choose one of them: "):
        recognise(tmp_path).read()


def test_a_table_is_not_taken_for_tagged_sentences_nor_these_for_a_table(tmp_path: Path) -> None:
    tagged = tmp_path / "train.tsv"
    tagged.write_text("Aspirin\tB-Drug\nhelps\tO\n\nIt\tO\nis\tO\n5\tO\n" * 20)
    assert isinstance(recognise(tagged), Conll)
    table = tmp_path / "sizes.tsv"
    table.write_text("size\tkind\n" + "1.5\tA\n2.5\tB\n" * 20)
    assert isinstance(recognise(table), Table)
    for text in ("1 2\n3 4\n\n5 6\n7 8\n", "two words\nin each\n\nof these\nfew lines\n"):
        (tmp_path / "other").write_text(text)
        assert not Conll.holds(tmp_path / "other")


def test_real_entities_hold_what_their_makers_say() -> None:
    if not (SHARED / "wnut17").is_dir():
        pytest.skip("the shared data are not there")
    data = recognise(SHARED / "wnut17").read()
    assert len(data.facts.targets["tag"].classes) == 13
    assert data.remarks == ()
    for split, name, n, tokens in (
        ("train", "wnut17train.conll", 3_394, 62_730),
        ("validation", "emerging.dev.conll", 1_009, 15_733),
    ):
        texts = data.splits[split].inputs["text"]
        assert (len(texts), sum(map(len, texts))) == (n, tokens)
        # A second way: all lines that hold a token and a tag.
        lines = (SHARED / "wnut17" / name).read_text(encoding="utf-8").split("\n")
        pairs = [tuple(line.split("\t")) for line in lines if line.strip()]
        found = [word for text in texts for word in text]
        assert list(zip(found, [tag for one in tags(data, split) for tag in one], strict=True)) == pairs


def test_real_entities_are_prepared_for_a_tagger() -> None:
    if not (SHARED / "wnut17").is_dir():
        pytest.skip("the shared data are not there")
    data = prepare(recognise(SHARED / "wnut17").read(), Preparation(), 0)
    assert data.facts.counts == {"train": 3_394, "validation": 1_009}
    assert data.facts.targets["tag"].shape == data.facts.inputs["text"]
    assert (data.splits["train"].lengths["text"] == (data.splits["train"].targets["tag"] >= 0).sum(1)).all()
    assert np.unique(data.splits["train"].targets["tag"]).size == 14
