"""Objects in JSON: how they are found in a file, what their fields are taken for, and what is said of them."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from playground.data import Data, _objects
from playground.data._lines import TextFile
from playground.data._objects import objects
from playground.data.json_lines import JsonLines
from playground.data.recognise import recognise
from playground.preparation import Preparation, prepare
from playground.shape import Shape
from playground.text import Refusal

FILMS = [
    {"text": "a fine film", "label": "pos"},
    {"text": "a dull film", "label": "neg"},
    {"text": "never a dull minute", "label": "pos"},
    {"text": "never mind", "label": "neg"},
]


def lines(*values: Any) -> str:
    return "".join(json.dumps(value, ensure_ascii=False) + "\n" for value in values)


def write(path: Path, *values: Any) -> Path:
    path.write_text(lines(*values), encoding="utf-8")
    return path


def read(path: Path, **said: str) -> Data:
    return JsonLines(path=str(path), **said).read()


def remarks(data: Data) -> str:
    return " | ".join(map(str, data.remarks))


def values(data: Data, split: str = "train") -> list[tuple[Any, ...]]:
    one = data.splits[split]
    return list(zip(*one.inputs.values(), *one.targets.values(), strict=True))


# -- objects in a text ------------------------------------------------------------------------------------------------


def found(text: str) -> list[tuple[int, dict[str, Any]]]:
    return [(one.line, one.values) for one in objects(TextFile(Path("set.json"), text, "utf-8"))]


@pytest.mark.parametrize(
    "text",
    [
        '{"a": 1}\n\n{"a": 2}\n',
        '[\n{"a": 1},\n\n{"a": 2}\n]\n',
        '\n[{"a":\n1},\n{"a": 2}]',
        '{"version": "1", "data": [{"a": 1}, {"a": 2}]}',
        '{"a": 1}{"a": 2}',
    ],
    ids=["lines", "array", "array over lines", "one list in an object", "one after the other"],
)
def test_objects_are_found_however_they_are_put_together(text: str) -> None:
    assert [values for _, values in found(text)] == [{"a": 1}, {"a": 2}]


def test_objects_know_their_lines() -> None:
    assert [line for line, _ in found('\n{"a":\n1}\n{"a": 2}\n\n{"a": 3}')] == [2, 4, 6]


def test_objects_are_found_across_the_pieces_that_a_text_is_cut_into(monkeypatch: pytest.MonkeyPatch) -> None:
    text = lines(*({"n": n, "text": "x" * (n % 50)} for n in range(500)))
    array = json.dumps([json.loads(line) for line in text.splitlines()], indent=1)
    for piece in (7, 64, 100, 1000):
        monkeypatch.setattr(_objects, "PIECE", piece)
        for written in (text, array):
            assert [values["n"] for _, values in found(written)] == list(range(500))


def test_what_json_allows_and_other_programs_write_is_read() -> None:
    text = (
        '{"a": NaN, "a": 1e999, "n": ' + "9" * 5_000 + ', "s": "\\ud800\\u0000", "deep": ' + "[" * 50 + "]" * 50 + "}"
    )
    ((_, one),) = found(text)
    assert one["a"] == float("inf")
    assert one["n"] == "9" * 5_000


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ('{"a": 1}\n{"a": x}\n', "line 2: this is no JSON: x}; correct the line"),
        ('{"a": 1}\n{"a": "unclosed}\n', "line 2: this is no JSON|line 2: it ends too early"),
        ('{"a": 1}\n{"a": 2', "line 2: it ends too early, inside an object; the file may be cut short"),
        ('[{"a": 1},\n{"a": 2}', "line 2: the list is not closed"),
        ('[{"a": 1}]\n{"a": 2}', "line 2: something follows the end of the list"),
        ("[[1, 2],\n[3, 4]]", r"line 1: an object with fields is needed, not \[1, 2\]"),
        ('{"a": 1}\n5\n', "line 2: an object with fields is needed, not 5"),
        ('{"a": ' + "[" * 100_000, "line 1: lists or objects are nested too deeply"),
        ('{"a": 1}\n' + "[" * 100_000 + "]" * 100_000, "line 2: lists or objects are nested too deeply"),
        ('{"a": [{"x": 1}], "b": [{"y": 2}]}', "line 1: it holds several lists: a, b; keep one of them"),
        ("hello", "line 1: this is no JSON: hello"),
    ],
)
def test_what_is_no_json_is_refused_with_its_line(text: str, problem: str) -> None:
    with pytest.raises(Refusal, match=r"set\.json, " + f"(?:{problem})"):
        found(text)


def test_objects_are_limited_in_length_and_number(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_objects, "PIECE", 50)
    monkeypatch.setattr(_objects, "LONGEST", 100)
    assert len(found(lines({"a": "x" * 80}, {"a": 1}))) == 2
    for long in ({"a": "x" * 200}, {"a": [1] * 100}):
        with pytest.raises(Refusal, match="line 2: an object is longer than 100 characters"):
            found(lines({"a": 1}, long, {"a": 2}))
    monkeypatch.setattr(_objects, "MOST_OBJECTS", 3)
    with pytest.raises(Refusal, match="line 5: there are more than 3 objects"):
        found(lines(*({"a": n} for n in range(9))))


# -- what fields are taken for ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["films.jsonl", "films.json", "films.ndjson", "films"])
def test_a_text_and_its_label_are_a_class_to_be_told(name: str, tmp_path: Path) -> None:
    source = recognise(write(tmp_path / name, *FILMS))
    assert isinstance(source, JsonLines)
    data = source.read()
    assert values(data) == [("a fine film", 1), ("a dull film", 0), ("never a dull minute", 1), ("never mind", 0)]
    assert data.facts.targets["label"].classes == ("neg", "pos")
    assert data.splits["train"].targets["label"].dtype == np.int64
    assert data.facts.counts == {"train": 4} and not data.facts.inputs and data.unit == "words" and not data.running
    assert remarks(data) == "The texts are in the field text, their classes in label"


@pytest.mark.parametrize(
    ("labels", "classes"),
    [
        ([1, 10, 2, 1], ("1", "2", "10")),
        ([True, False, True, False], ("false", "true")),
        ([1.0, 2.5, 1.0, 2.5], ("1", "2.5")),
        ([" b ", "a\n", "b", "a"], ("a", "b")),
        (["\ud800", "é", "é", "é"], ("é", "\ufffd")),
    ],
)
def test_classes_are_named_and_ordered_whatever_they_are_written_as(
    labels: list[Any], classes: tuple[str, ...], tmp_path: Path
) -> None:
    path = tmp_path / "set.jsonl"
    path.write_text("".join(json.dumps({"text": "a b", "label": one}) + "\n" for one in labels), encoding="utf-8")
    assert read(path).facts.targets["label"].classes == classes


def test_the_name_of_a_class_goes_before_its_number(tmp_path: Path) -> None:
    rows = [{"text": "x y", "label": k % 2, "label_text": ("bad", "good")[k % 2]} for k in range(4)]
    assert read(write(tmp_path / "set.jsonl", *rows)).facts.targets["label"].classes == ("bad", "good")


def test_tokens_and_tags_are_a_tag_for_each_token(tmp_path: Path) -> None:
    rows = [
        {"id": "0", "tokens": ["Ann", "is", "here"], "ner_tags": [1, 0, 0]},
        {"id": "1", "tokens": ["Hi"], "ner_tags": [0]},
        {"id": "2", "tokens": [], "ner_tags": []},
    ]
    data = read(write(tmp_path / "set.jsonl", *rows))
    assert list(data.splits["train"].inputs["text"]) == [("Ann", "is", "here"), ("Hi",)]
    assert [one.tolist() for one in data.splits["train"].targets["tag"]] == [[1, 0, 0], [0]]
    assert data.facts.targets["tag"].classes == ("0", "1") and data.facts.targets["tag"].shape == Shape(time=1)
    prepared = prepare(data, Preparation(validation=0), 0)
    assert prepared.facts.targets["tag"].shape == Shape(time=3)
    assert prepared.splits["train"].targets["tag"].tolist() == [[1, 0, 0], [0, -100, -100]]


def test_tags_that_do_not_fit_their_tokens_are_refused_with_the_line(tmp_path: Path) -> None:
    rows = [{"tokens": ["a", "b"], "tags": ["X", "Y"]}] * 3
    with pytest.raises(Refusal, match=r"set\.jsonl, line 4: there are 2 tokens, but 1 tags"):
        read(write(tmp_path / "set.jsonl", *rows, {"tokens": ["a", "b"], "tags": ["X"]}))
    with pytest.raises(Refusal, match="line 4: a token or a tag is neither a word nor a number"):
        read(write(tmp_path / "set.jsonl", *rows, {"tokens": ["a", "b"], "tags": ["X", {}]}))


@pytest.mark.parametrize(
    "row",
    [
        {"id": 3, "translation": {"de": "ein Hund", "en": "a dog"}},
        {"en": "a dog", "de": "ein Hund", "id": "x7"},
        {"source": "a dog", "target": "ein Hund"},
        {"Question": "a dog", "Answer": "ein Hund"},
        {"input": "a dog", "output": "ein Hund"},
    ],
)
def test_two_texts_that_answer_each_other_are_pairs(row: dict[str, Any], tmp_path: Path) -> None:
    data = read(write(tmp_path / "set.jsonl", row, row))
    assert values(data)[0] == ("a dog", "ein Hund")
    assert list(data.splits["train"].inputs) == ["source"] and list(data.splits["train"].targets) == ["target"]
    assert not data.facts.targets


def test_texts_alone_are_running_text(tmp_path: Path) -> None:
    data = read(write(tmp_path / "set.jsonl", {"url": "http://a/b", "text": "To be"}, {"url": "c", "text": "or not"}))
    assert values(data) == [("To be\n",), ("or not\n",)]
    assert data.running and data.unit == "characters"
    assert remarks(data) == "Running text from the field text"


POEM = {"title": "静夜思", "author": "李白", "paragraphs": ["床前明月光，", "疑是地上霜。"], "tags": ["唐诗"]}


def test_lines_in_a_list_become_a_text_with_its_title_above(tmp_path: Path) -> None:
    path = tmp_path / "poems.json"
    path.write_text(json.dumps([POEM, POEM], ensure_ascii=False, indent=1), encoding="utf-8")
    assert values(recognise(path).read())[0] == ("静夜思\n床前明月光，\n疑是地上霜。\n",)
    assert values(read(path, heading="-"))[0] == ("床前明月光，\n疑是地上霜。\n",)
    assert values(read(path, heading="author"))[0] == ("李白\n床前明月光，\n疑是地上霜。\n",)
    by_author = read(path, label="author")
    assert by_author.facts.targets["label"].classes == ("李白",)
    assert values(by_author)[0] == ("床前明月光，\n疑是地上霜。", 0)


def test_a_text_field_of_any_name_is_found_if_it_holds_prose(tmp_path: Path) -> None:
    path = write(tmp_path / "set.jsonl", {"id": "a81-" * 20, "n": 3, "msg": "hello to all of you"})
    assert values(read(path)) == [("hello to all of you\n",)]


def test_every_guess_can_be_corrected(tmp_path: Path) -> None:
    rows = [{**row, "other": "eine andere Welt", "meta": {"kind": str(k % 2)}} for k, row in enumerate(FILMS)]
    path = write(tmp_path / "set.jsonl", *rows)
    assert read(path, label="meta.kind").facts.targets["label"].classes == ("0", "1")
    assert values(read(path, text="other"))[0] == ("eine andere Welt", 1)
    assert values(read(path, target="other"))[0] == ("a fine film", "eine andere Welt")
    assert read(path, label="-").running and read(path, task="running").running
    assert read(path, task="pairs", text="other", target="text").splits["train"].targets["target"][0] == "a fine film"
    with pytest.raises(Refusal, match=r"set\.jsonl: there is no field called nothing; choose one of these: text, l"):
        read(path, text="nothing")


@pytest.mark.parametrize(
    ("row", "task", "problem"),
    [
        ({"name": "Ann", "age": 3}, "auto", "no field holds texts; its fields are: name, age; say which does"),
        ({"x": 1.5, "y": 2}, "auto", "no field holds texts; its fields are: x, y"),
        ({}, "auto", "no field holds texts; its fields are: none"),
        ({"text": "a b c", "id": "q"}, "classes", "no field holds classes; its fields are: text, id"),
        ({"text": "a b c"}, "tags", "no field holds lists of tags"),
        ({"text": "a b c"}, "pairs", "no two fields hold texts"),
    ],
)
def test_what_is_missing_is_said(row: dict[str, Any], task: str, problem: str, tmp_path: Path) -> None:
    with pytest.raises(Refusal, match=rf"set\.jsonl: {problem}"):
        read(write(tmp_path / "set.jsonl", row), task=task)


def test_objects_without_what_is_needed_are_left_out_and_counted(tmp_path: Path) -> None:
    more = [{"text": "", "label": "pos"}, {"text": "x y"}, {"text": "x y", "label": None}, {"text": 5, "label": "pos"}]
    data = read(write(tmp_path / "set.jsonl", *FILMS, *more, {"text": "x y", "label": float("nan")}))
    assert data.facts.counts == {"train": 4}
    assert "5 objects lack a field and were left out" in remarks(data)


def test_too_many_classes_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("playground.data.json_lines.MOST_CLASSES", 3)
    rows = [{"text": "a b", "name": str(k)} for k in range(5)]
    with pytest.raises(
        Refusal, match="line 4: the field name has more than 3 different values, too many to be classes"
    ):
        read(write(tmp_path / "set.jsonl", *rows), label="name")


def test_what_is_half_a_character_or_a_nul_is_marked(tmp_path: Path) -> None:
    (tmp_path / "set.jsonl").write_text('{"text": "a\\ud800b \\u0000", "label": 1}\n' * 2, encoding="utf-8")
    assert values(read(tmp_path / "set.jsonl"))[0][0] == "a\ufffdb \ufffd"


# -- files ------------------------------------------------------------------------------------------------------------


def test_files_say_by_their_names_what_they_are_for(tmp_path: Path) -> None:
    write(tmp_path / "train.jsonl", *FILMS)
    write(tmp_path / "dev.jsonl", FILMS[0], {"text": "new", "label": "so-so"})
    write(tmp_path / "test.jsonl", {"text": "without an answer"})
    for place in (tmp_path, tmp_path / "train.jsonl"):
        data = recognise(place).read()
        assert data.facts.counts == {"train": 4, "validation": 2}
        assert data.facts.targets["label"].classes == ("neg", "pos", "so-so")
        assert "Left out: test.jsonl (the answers are missing)" in remarks(data)


def test_lists_in_one_object_can_be_splits(tmp_path: Path) -> None:
    (tmp_path / "set.json").write_text(json.dumps({"train": FILMS, "test": FILMS[:1]}), encoding="utf-8")
    assert recognise(tmp_path / "set.json").read().facts.counts == {"train": 4, "test": 1}


def test_numbered_files_are_parts_of_one_set(tmp_path: Path) -> None:
    for n in (0, 1000):
        (tmp_path / f"poet.tang.{n}.json").write_text(json.dumps([POEM] * 2), encoding="utf-8")
    data = recognise(tmp_path).read()
    assert data.facts.counts == {"train": 4}
    origin = data.splits["train"].origin
    assert origin is not None and origin.tolist() == [0, 0, 1, 1]
    assert recognise(tmp_path / "poet.tang.0.json").read().facts.counts == {"train": 2}


def test_several_sets_are_refused_by_name(tmp_path: Path) -> None:
    for name in ("films", "books"):
        write(tmp_path / f"{name}.jsonl", *FILMS)
    with pytest.raises(Refusal, match=r"holds several sets in JSON; choose one of them: books\.jsonl, films\.jsonl"):
        recognise(tmp_path).read()


def test_compressed_files_are_read(tmp_path: Path) -> None:
    (tmp_path / "set.jsonl.gz").write_bytes(gzip.compress(lines(*FILMS).encode()))
    assert recognise(tmp_path).read().facts.counts == {"train": 4}


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_other_encodings_are_read(encoding: str, tmp_path: Path) -> None:
    (tmp_path / "set.json").write_bytes(lines(*FILMS).encode(encoding))
    assert recognise(tmp_path / "set.json").read().facts.counts == {"train": 4}


def test_other_json_in_a_folder_does_not_make_it_a_set(tmp_path: Path) -> None:
    (tmp_path / "package.json").write_text('{\n  "name": "x",\n  "files": ["a"]\n}\n', encoding="utf-8")
    assert not JsonLines.holds(tmp_path)
    with pytest.raises(Refusal, match=r"package\.json: no field holds texts"):
        recognise(tmp_path / "package.json").read()


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"{", "line 1: it ends too early"),
        (b"[]", "there is no object in it"),
        (b"\n\n", "there is no object in it"),
        (b'{"text": "a b"}\n\xff\xfe', "line 2: it is not all in the same encoding|line 2: this is no JSON"),
        (b'{"text": "a b"}\n\0', "line 2: it holds a NUL"),
        (gzip.compress(b" " * 100_000_000), "holds more than the .* bytes that can be read"),
        (b"12", "line 1: an object with fields is needed, not 12"),
    ],
    ids=["one byte", "nothing", "spaces", "encodings", "NUL", "bomb", "a number"],
)
def test_damaged_files_are_refused_with_file_and_line(content: bytes, problem: str, tmp_path: Path) -> None:
    (tmp_path / "set.jsonl").write_bytes(content)
    with pytest.raises(Refusal, match=r"set\.jsonl.*" + f"(?:{problem})"):
        JsonLines(path=str(tmp_path / "set.jsonl")).read()
