"""Texts with one class each: by file, by folder, in the same line, in a column."""

from __future__ import annotations

from pathlib import Path

import pytest

from playground.data import Data
from playground.data.recognise import recognise
from playground.data.sentences import Sentences
from playground.data.tables import Table
from playground.preparation import Preparation, prepare
from playground.text import Refusal

SHARED = Path(__file__).parents[2] / ".." / "shared" / "data"

GOOD = "a fine film\nwarm , funny and wise\n\nthe best of the year\n"
BAD = "dull and far too long\nthe caf\u00e9 scene is a bore\n"
QUESTIONS = "".join(
    f"{label} {text} ?\n"
    for label, text in [
        ("DESC:manner", "How did serfdom develop"),
        ("ENTY:cremat", "What films featured Popeye"),
        ("DESC:def", "What is an atom"),
        ("HUM:ind", "Who was Galileo"),
        ("HUM:ind", "Who wrote Hamlet"),
        ("ENTY:cremat", "What book has the most pages"),
    ]
)
TABLE = (
    'text,label\n"warm, funny and wise",good\n"he said ""no"" to it",bad\n'
    + '"two\nlines of it",good\nall of it is dull,bad\n' * 3
)


def write(folder: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    return folder


def pairs(data: Data, split: str = "train") -> list[tuple[str, str]]:
    classes = data.facts.targets["label"].classes
    examples = data.splits[split]
    return [(text, classes[at]) for text, at in zip(examples.inputs["text"], examples.targets["label"], strict=True)]


# -- by file and by folder -------------------------------------------------------------------------------------------


def test_the_class_is_that_of_the_file_and_empty_lines_are_dropped(tmp_path: Path) -> None:
    write(tmp_path, {"rt.pos": GOOD, "rt.neg": BAD})
    for place in (tmp_path, tmp_path / "rt.pos", tmp_path / "rt.neg"):
        source = recognise(place)
        assert isinstance(source, Sentences)
        data = source.read()
        assert data.facts.counts == {"train": 5}
        assert data.facts.targets["label"].classes == ("neg", "pos")
        assert ("warm , funny and wise", "pos") in pairs(data)
        assert data.splits["train"].origin is None  # a file that is held back would be a class that is not learnt


def test_texts_beside_their_class_that_hold_nothing_are_counted(tmp_path: Path) -> None:
    path = tmp_path / "train.tsv"
    path.write_text("text\tlabel\ngood one\tpos\n\tneg\n  \tpos\nbad one\tneg\nso so\tneg\n", encoding="utf-8")
    data = Sentences(path=str(path)).read()
    assert data.facts.counts == {"train": 3}
    assert "2 texts hold nothing and are left out" in [str(one) for one in data.remarks]


def test_files_of_classes_say_what_they_are_for(tmp_path: Path) -> None:
    write(
        tmp_path,
        {"train-positive.txt": GOOD, "train-negative.txt": BAD, "test-positive.txt": GOOD, "test_neg.txt": BAD},
    )
    assert recognise(tmp_path).read().facts.counts == {"train": 5, "test": 5}


def test_of_several_sets_one_has_to_be_chosen(tmp_path: Path) -> None:
    write(tmp_path, {"films.pos": GOOD, "films.neg": BAD, "books.pos": GOOD, "books.neg": BAD})
    with pytest.raises(Refusal, match=r"holds several sets of texts; choose one of them: books\.neg, films\.neg"):
        recognise(tmp_path).read()
    assert recognise(tmp_path / "films.pos").read().facts.counts == {"train": 5}


def test_one_class_alone_is_refused(tmp_path: Path) -> None:
    write(tmp_path, {"rt.pos": GOOD})
    with pytest.raises(Refusal):
        Sentences(path=str(tmp_path / "rt.pos")).read()
    write(tmp_path, {"rt.neg": "\n\n"})
    with pytest.raises(Refusal, match="all texts are of one class, pos"):
        Sentences(path=str(tmp_path)).read()


def test_the_class_is_that_of_the_folder_and_texts_without_class_are_left_out(tmp_path: Path) -> None:
    for split in ("train", "test"):
        for label in ("pos", "neg"):
            write(tmp_path, {f"{split}/{label}/{k}_9.txt": f"{label} {k}\nin two lines\n" for k in range(3)})
    write(tmp_path, {"train/unsup/0_0.txt": "nobody knows", "train/urls_pos.txt": "http", "imdb.vocab": "the"})
    data = recognise(tmp_path).read()
    assert data.facts.counts == {"train": 6, "test": 6}
    assert data.facts.targets["label"].classes == ("neg", "pos")
    assert ("neg 0\nin two lines", "neg") in pairs(data)
    assert recognise(tmp_path / "train").read().facts.counts == {"train": 6}


def test_any_folders_of_texts_are_classes_where_there_are_enough(tmp_path: Path) -> None:
    for label in ("sci.space", "rec.autos"):
        write(tmp_path, {f"20news-train/{label}/{k}": f"about {label}" for k in range(100, 105)})
    data = recognise(tmp_path / "20news-train").read()
    assert data.facts.targets["label"].classes == ("rec.autos", "sci.space")
    assert data.facts.counts == {"train": 10}
    write(tmp_path, {f"books/{who}/1.txt": "A long story." for who in ("austen", "dickens")})
    assert not Sentences.holds(tmp_path / "books")


# -- in the same line ------------------------------------------------------------------------------------------------


def test_coarse_and_fine_classes_stand_before_the_question(tmp_path: Path) -> None:
    write(tmp_path, {"TREC.train": QUESTIONS, "TREC.test": QUESTIONS})
    source = recognise(tmp_path)
    assert isinstance(source, Sentences)
    data = source.read()
    assert data.facts.counts == {"train": 6, "test": 6}
    assert data.facts.targets["label"].classes == ("DESC", "ENTY", "HUM")
    assert pairs(data)[0] == ("How did serfdom develop ?", "DESC")
    fine = source.replace(fine="fine").read()
    assert fine.facts.targets["label"].classes == ("DESC:def", "DESC:manner", "ENTY:cremat", "HUM:ind")


def test_labels_of_fasttext_are_read_and_of_several_the_first_counts(tmp_path: Path) -> None:
    text = "__label__spam buy now\n__label__ham __label__work see you at noon\n__label__spam pills\n__label__ham ok\n"
    write(tmp_path, {"cooking.ft": text})
    data = recognise(tmp_path / "cooking.ft").read()
    assert pairs(data) == [("buy now", "spam"), ("see you at noon", "ham"), ("pills", "spam"), ("ok", "ham")]


@pytest.mark.parametrize("text_first", [False, True])
@pytest.mark.parametrize("header", [False, True])
def test_a_tab_parts_text_and_class_in_either_order(text_first: bool, header: bool, tmp_path: Path) -> None:
    rows = [
        ("ham", 'he said "hi'),
        ("spam", "win a prize, now"),
        ("ham", "see you at noon"),
        ("spam", "free for you"),
    ] * 6
    rows = [("v1", "v2")] * header + rows
    lines = ["\t".join(reversed(row) if text_first else row) for row in rows]
    write(tmp_path, {"SMSSpamCollection": "\n".join(lines) + "\n"})
    data = recognise(tmp_path / "SMSSpamCollection").read()
    assert pairs(data) == [(text, label) for label, text in rows[header:]]


def test_a_column_of_a_csv_file_may_hold_commas_quotes_and_lines(tmp_path: Path) -> None:
    write(tmp_path, {"reviews.csv": TABLE})
    source = recognise(tmp_path / "reviews.csv")
    assert isinstance(source, Sentences)
    assert pairs(source.read())[:3] == [
        ("warm, funny and wise", "good"),
        ('he said "no" to it', "bad"),
        ("two\nlines of it", "good"),
    ]


@pytest.mark.parametrize(
    ("name", "text", "first"),
    [
        (  # CoLA
            "in_domain_train.tsv",
            "gj04\t1\t\tOur friends won't buy this analysis\ngj04\t0\t*\tThey drank the pub\n"
            "cj99\t1\t\tThe more we study verbs\ncj99\t0\t*\tThe harder it the gets\n" * 3,
            ("Our friends won't buy this analysis", "1"),
        ),
        (  # AG News
            "train.csv",
            '"3","Wall St. Bears Claw Back","Short-sellers, Wall Street\'s band of cynics, are seeing green"\n'
            '"4","Carlyle Looks Toward Space","Private firm Carlyle Group has placed its bets on space"\n' * 8,
            ("Short-sellers, Wall Street's band of cynics, are seeing green", "3"),
        ),
        (  # IMDB
            "IMDB Dataset.csv",
            'review,sentiment\n"One of the other ""reviewers"" has said, it.<br />",positive\n'
            + 'A dull little film,negative\n"A wonderful, little production",positive\n' * 5,
            ('One of the other "reviewers" has said, it.<br />', "positive"),
        ),
        (  # Rotten Tomatoes
            "train.tsv",
            "PhraseId\tSentenceId\tPhrase\tSentiment\n"
            + "".join(f"{k}\t{k // 9}\tA series of {k}\t{k % 3}\n" for k in range(1, 40)),
            ("A series of 1", "1"),
        ),
    ],
)
def test_what_well_known_sets_look_like_is_understood(
    name: str, text: str, first: tuple[str, str], tmp_path: Path
) -> None:
    write(tmp_path, {name: text})
    source = recognise(tmp_path / name)
    assert isinstance(source, Sentences)
    assert pairs(source.read())[0] == first


def test_chinese_texts_without_spaces_are_texts(tmp_path: Path) -> None:
    rows = [
        "1,这家酒店的房间非常干净，服务也很好",
        "0,早餐太差了，再也不会来",
        "1,位置很方便，下次还住",
        "0,隔音不好，吵得睡不着",
    ]
    text = "label,review\n" + "".join(f'{row[:2]}"{row[2:]}"\n' for row in rows * 3)
    write(tmp_path, {"ChnSentiCorp.csv": text})
    source = recognise(tmp_path / "ChnSentiCorp.csv")
    assert isinstance(source, Sentences)
    assert pairs(source.read())[1] == ("早餐太差了，再也不会来", "0")


def test_the_columns_can_be_corrected(tmp_path: Path) -> None:
    text = (
        "id,topic,title,body,mood\n"
        + "1,a,one two three,four five six seven,x\n2,b,two three four,five six seven,y\n" * 4
    )
    write(tmp_path, {"news.csv": text})
    source = Sentences(path=str(tmp_path / "news.csv"))
    assert pairs(source.read())[0][0] == "four five six seven"
    said = source.replace(text="title, body", label="mood")
    assert pairs(said.read())[0] == ("one two three four five six seven", "x")
    assert pairs(source.replace(text="3", label="2").read())[0] == ("one two three", "a")
    for wrong in (source.replace(label="nothing"), source.replace(text="body", label="body")):
        with pytest.raises(Refusal, match="there are no such columns"):
            wrong.read()


def test_a_test_file_without_classes_is_left_out_and_this_is_said(tmp_path: Path) -> None:
    train = "sentence\tlabel\n" + "hide new secretions from us\t0\ncontains no wit at all\t1\n" * 4
    write(
        tmp_path, {"train.tsv": train, "dev.tsv": train, "test.tsv": "index\tsentence\n0\tuneasy mishmash of styles\n"}
    )
    data = recognise(tmp_path).read()
    assert data.facts.counts == {"train": 8, "validation": 8}
    assert [str(one) for one in data.remarks] == ["Left out: test.tsv (the answers are missing)"]


def test_several_files_to_train_on_are_told_apart(tmp_path: Path) -> None:
    write(tmp_path, {"train1.txt": QUESTIONS, "train2.txt": QUESTIONS})
    origin = recognise(tmp_path).read().splits["train"].origin
    assert origin is not None and origin.tolist() == [0] * 6 + [1] * 6


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (QUESTIONS * 3 + "no class here\n", "line 19: there is no class at the beginning: no class here"),
        ("a\tone two three\nb\tfour five six\n" * 20 + "a\tb\tc\n", "line 41: the row has 3 values instead of 2"),
        (TABLE + '"never closed,good\n' + "x y z,bad\n" * 20_000, "line 13: a value is too long; a quotation mark"),
        ("just a text\nof some lines\n", "it is not clear which class a text has"),
    ],
)
def test_what_is_wrong_is_said_with_file_and_line(text: str, said: str, tmp_path: Path) -> None:
    write(tmp_path, {"texts.csv": text})
    with pytest.raises(Refusal, match=f"texts.csv.*{said}"):
        Sentences(path=str(tmp_path / "texts.csv")).read()


def test_texts_without_class_and_long_ones_are_said(tmp_path: Path) -> None:
    write(tmp_path, {"a.tsv": "text\tlabel\n" + "one two three\tx\nfour five six\ty\n" * 3 + "seven eight nine\t\n"})
    write(tmp_path, {"b.pos": "x" * 100_001, "b.neg": "short"})
    data = Sentences(path=str(tmp_path / "a.tsv")).read()
    assert data.facts.counts == {"train": 6}
    assert [str(one) for one in data.remarks] == ["1 text has no class and is left out"]
    data = Sentences(path=str(tmp_path / "b.pos")).read()
    assert [str(one) for one in data.remarks] == ["1 text is cut after 100,000 characters"]


@pytest.mark.parametrize(
    "text",
    [
        "go.\tva !\nrun!\tcours !\nwho?\tqui ?\nwow!\tça alors !\n",
        "First Citizen:\nBefore we proceed any further, hear me speak.\n\nAll:\nSpeak, speak.\n",
        '{"text": "a fine film", "label": "good"}\n' * 3,
        "one line, with a comma\nand another, with one\nthen a third, as well\n",
        "",
    ],
)
def test_other_texts_are_not_taken(text: str, tmp_path: Path) -> None:
    write(tmp_path, {"text.txt": text})
    assert not Sentences.holds(tmp_path / "text.txt")


def test_tables_stay_tables(tmp_path: Path) -> None:
    people = "".join(f'{k % 2},"Braund, Mr. Owen {k}",{20 + k},{k % 3}\n' for k in range(60))
    write(
        tmp_path,
        {
            "titanic.csv": "survived,name,age,class\n" + people,
            "wage.csv": "name,age,wage\n" + people.replace("0,", "", 1),
        },
    )
    assert isinstance(recognise(tmp_path / "titanic.csv"), Table)
    flowers = "5.1,3.5,setosa\n4.9,3.0,virginica\n" * 20
    write(tmp_path, {"iris.csv": flowers})
    assert isinstance(recognise(tmp_path / "iris.csv"), Table)


# -- real ones -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("folder", "encoding"), [("mr_polarity", "utf-8"), ("mr_polarity_cp1252", "cp1252")])
def test_real_opinions_hold_what_their_makers_say_in_both_encodings(folder: str, encoding: str) -> None:
    if not (SHARED / folder).is_dir():
        pytest.skip("the shared data are not there")
    data = recognise(SHARED / folder).read()
    told = " ".join(map(str, data.remarks))
    assert ("Windows-1252" in told) == (encoding == "cp1252")
    found = pairs(data)
    for label, n in (("pos", 4_349), ("neg", 4_333)):
        texts = [text for text, own in found if own == label]
        assert len(texts) == n
        # A second way: the lines of the file.
        lines = (SHARED / folder / f"rt-polarity.{label}").read_bytes().decode(encoding).split("\n")
        assert texts == [line.strip() for line in lines if line.strip()]


def test_real_questions_hold_what_their_makers_say() -> None:
    if not (SHARED / "trec").is_dir():
        pytest.skip("the shared data are not there")
    source = recognise(SHARED / "trec")
    coarse, fine = source.read(), source.replace(fine="fine").read()
    lines = (SHARED / "trec" / "TREC.train").read_bytes().decode("latin-1").splitlines()
    assert len(coarse.facts.targets["label"].classes) == 6
    assert len(fine.facts.targets["label"].classes) == 50
    assert [f"{label} {text}" for text, label in pairs(fine)] == [line.strip() for line in lines]
    assert [label for _, label in pairs(coarse)] == [line.split(":")[0] for line in lines]
    data = prepare(coarse, Preparation(), 0)
    assert data.facts.counts == {"train": 4_362, "validation": 1_090}
    assert data.facts.targets["label"].classes == ("ABBR", "DESC", "ENTY", "HUM", "LOC", "NUM")
    assert data.facts.inputs["text"].time == 37
