"""Running text: which files are read, how lines end, and what is refused."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import numpy as np
import pytest

from playground.data import Data, running
from playground.data.json_lines import JsonLines
from playground.data.recognise import recognise
from playground.data.running import RunningText, joined
from playground.preparation import Preparation, prepare
from playground.text import Refusal

SHARED = Path(__file__).parents[2] / ".." / "shared" / "data"

POEM = "Shall I compare thee to a summer’s day?\nThou art more lovely and more temperate:\n" * 3


def put(path: Path, text: str = POEM, encoding: str = "utf-8") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text.encode(encoding))
    return path


def texts(data: Data, split: str = "train") -> list[str]:
    return list(data.splits[split].inputs["text"])


@pytest.mark.parametrize("name", ["poem.txt", "poem", "poem.md", "poem.py", "poem.tokens"])
def test_a_text_of_any_name_is_one_stream_of_characters(name: str, tmp_path: Path) -> None:
    source = recognise(put(tmp_path / name))
    assert source == RunningText(path=str(tmp_path / name))
    data = source.read()
    assert texts(data) == [POEM]
    assert data.running and data.unit == "characters"
    assert data.facts.counts == {"train": 1} and not data.facts.inputs and not data.facts.targets
    assert data.facts.fingerprint
    assert [str(one) for one in data.remarks] == [f"{len(POEM)} characters, {len(set(POEM))} different"]


def test_the_ends_of_lines_are_kept_or_joined(tmp_path: Path) -> None:
    path = put(tmp_path / "poem.txt", POEM.replace("\n", "\r\n"))
    assert texts(RunningText(path=str(path)).read()) == [POEM]
    assert texts(RunningText(path=str(path), breaks=False).read()) == [POEM.replace("\n", " ").strip()]


def test_lines_of_chinese_are_joined_without_a_space() -> None:
    assert joined("秦川雄帝宅，\n函谷壯皇居。\n\nfirst \n  second\n帝") == "秦川雄帝宅，函谷壯皇居。 first second 帝"
    assert joined(" \n ") == ""


def test_a_long_run_of_spaces_is_joined_at_once() -> None:
    assert joined("a" + " " * 1_000_000 + "b\n" + " " * 1_000_000) == "a" + " " * 1_000_000 + "b"


def test_files_beside_a_text_join_it_where_their_names_say_what_they_are_for(tmp_path: Path) -> None:
    put(tmp_path / "ptb.train.txt")
    put(tmp_path / "ptb.valid.txt", POEM[:50])
    put(tmp_path / "ptb.test.txt", POEM[:40])
    put(tmp_path / "readme.txt", "x")
    data = recognise(tmp_path / "ptb.train.txt").read()
    assert {split: texts(data, split) for split in data.splits} == {
        "train": [POEM],
        "validation": [POEM[:50]],
        "test": [POEM[:40]],
    }
    assert recognise(tmp_path).read().facts.counts == data.facts.counts


def test_the_files_of_wikitext_are_texts(tmp_path: Path) -> None:
    for name in ("train", "valid", "test"):
        put(tmp_path / f"wiki.{name}.tokens")
    assert recognise(tmp_path).read().facts.counts == {"train": 1, "validation": 1, "test": 1}


def test_every_text_of_a_folder_is_a_stream_of_its_own(tmp_path: Path) -> None:
    put(tmp_path / "b.txt", "b" + POEM)
    put(tmp_path / "a.txt", "a" + POEM)
    put(tmp_path / "c.txt.gz").write_bytes(gzip.compress(("c" + POEM).encode()))
    put(tmp_path / "a.txt.gz").write_bytes(gzip.compress(b"the same again"))
    put(tmp_path / "LICENSE.txt")
    put(tmp_path / "cover.png", "\x89PNG")
    put(tmp_path / "test" / "d.txt")
    put(tmp_path / "drafts" / "e.txt")
    source = recognise(tmp_path)
    assert isinstance(source, RunningText)
    data = source.read()
    assert [text[0] for text in texts(data)] == ["a", "b", "c"]
    assert data.facts.counts == {"train": 3, "test": 1}
    origin = data.splits["train"].origin
    assert origin is not None and origin.tolist() == [0, 1, 2]
    assert source.replace(roles="b=validation, c=none").read().facts.counts == {"train": 1, "validation": 1, "test": 1}


def test_a_folder_in_which_texts_are_the_exception_is_not_taken(tmp_path: Path) -> None:
    put(tmp_path / "notes.txt")
    for k in range(3):
        put(tmp_path / f"{k}.dat", "\0\1")
    assert not RunningText.holds(tmp_path)
    with pytest.raises(Refusal, match="there is no known file in it"):
        recognise(tmp_path)


def test_a_text_too_short_to_learn_from_is_refused(tmp_path: Path) -> None:
    for refused in (recognise, lambda path: RunningText(path=str(path)).read()):
        with pytest.raises(Refusal, match=r"note\.txt: it holds only 11 characters, at least 100 are needed"):
            refused(put(tmp_path / "note.txt", "hello world"))


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"\0\1\2" * 100, "a binary file in an unknown format"),
        (POEM.encode() + b"\0" + POEM.encode(), "line 7: it holds a NUL, so it is no text"),
        (
            POEM.encode() + "\N{SNOWMAN}é".encode() * 20 + b"\n\xff\xfe\xfa\n",
            "line 8: it is not all in the same encoding",
        ),
        (b"", "an empty file"),
        (b"a", "it holds only 1 character"),
        (gzip.compress(b" " * 100_000_000), "holds more than the .* bytes that can be read"),
    ],
    ids=["binary", "NUL", "mixed", "empty", "one byte", "bomb"],
)
def test_what_is_no_text_is_refused_with_file_and_line(content: bytes, problem: str, tmp_path: Path) -> None:
    (tmp_path / "poem.txt").write_bytes(content)
    with pytest.raises(Refusal, match=problem):
        recognise(tmp_path / "poem.txt").read()


def test_all_texts_together_are_limited(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put(tmp_path / "a.txt")
    put(tmp_path / "b.txt")
    monkeypatch.setattr(running, "LARGEST", int(1.5 * len(POEM.encode())))
    with pytest.raises(Refusal, match=r"b\.txt holds more than the"):
        RunningText(path=str(tmp_path)).read()


def test_another_encoding_is_said_and_can_be_chosen(tmp_path: Path) -> None:
    put(tmp_path / "poem.txt", "帝京篇十首\n秦川雄帝宅，函谷壮皇居。\n" * 20, "gb18030")
    data = recognise(tmp_path / "poem.txt").read()
    assert texts(data)[0].startswith("帝京篇")
    assert "GB18030" in str(data.remarks[0])
    put(tmp_path / "poem.txt", "ここから始まる物語です。\n" * 20, "shift_jis")
    assert texts(RunningText(path=str(tmp_path / "poem.txt"), encoding="shift_jis").read())[0].startswith("ここから")


@pytest.mark.parametrize(
    "name, text",
    [
        ("project.json", '{"format": "network-playground", "version": 1, "title": "' + "x" * 200 + '"}'),
        ("project", '{"format": "network-playground", "version": 1, "title": "' + "x" * 200 + '"}'),
        ("page.html", "<html>" + "x" * 200),
        ("note.rtf", "{\\rtf1 " + "x" * 200),
    ],
)
def test_what_only_looks_like_a_text_is_not_taken_for_one(name: str, text: str, tmp_path: Path) -> None:
    with pytest.raises(Refusal, match=f"{name} cannot be read as data"):
        recognise(put(tmp_path / name, text))


def test_the_next_character_has_the_vocabulary_as_its_classes(tmp_path: Path) -> None:
    data = prepare(recognise(put(tmp_path / "poem.txt")).read(), Preparation(longest=16), 0)
    classes = data.facts.targets["next"].classes
    assert set(classes[2:]) <= set(POEM) and len(classes) == data.facts.vocabularies["text"]
    train = data.splits["train"]
    assert np.array_equal(train.inputs["text"][0, 1:], train.targets["next"][0, :-1])
    assert "".join(classes[k] for k in train.inputs["text"][0]) == POEM[:16]


# -- real files --------------------------------------------------------------------------------------------------


@pytest.mark.skipif(not (SHARED / "tinyshakespeare").is_dir(), reason="the shared data are not here")
def test_tinyshakespeare_is_read_as_its_description_says() -> None:
    for place in (SHARED / "tinyshakespeare", SHARED / "tinyshakespeare" / "input.txt"):
        source = recognise(place)
        assert isinstance(source, RunningText)
        (text,) = texts(source.read())
        assert text == (SHARED / "tinyshakespeare" / "input.txt").read_bytes().decode("ascii")
        assert len(text) == 1_003_857 and len(set(text)) == 65


@pytest.mark.skipif(not (SHARED / "chinese_poetry").is_dir(), reason="the shared data are not here")
@pytest.mark.parametrize(("name", "verses", "n"), [("poet.tang.0", 50_472, 1_000), ("songci300", 20_190, 200)])
def test_poems_are_read_from_text_and_from_json(name: str, verses: int, n: int) -> None:
    source = recognise(SHARED / "chinese_poetry" / f"{name}.txt")
    assert isinstance(source, RunningText)
    (text,) = texts(source.read())
    poems = text.strip().split("\n\n")
    assert len(poems) == n
    assert sum(len(line) for poem in poems for line in poem.split("\n")[1:]) == verses
    objects = recognise(SHARED / "chinese_poetry" / f"{name}.json")
    assert isinstance(objects, JsonLines)
    assert [poem.rstrip("\n") for poem in texts(objects.read())] == poems
    written = json.loads((SHARED / "chinese_poetry" / f"{name}.json").read_text(encoding="utf-8"))
    assert sum(len("".join(one["paragraphs"])) for one in written) == verses
