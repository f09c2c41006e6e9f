"""Whatever is done to pairs, running text and JSON, their reader returns data that can be prepared, or refuses."""

from __future__ import annotations

import gzip
import json
import os
import re
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("PIL")

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from playground.data import Data, FileSource
from playground.data.json_lines import JsonLines
from playground.data.pairs import TextPairs
from playground.data.recognise import recognise
from playground.data.running import RunningText
from playground.preparation import Preparation, prepare
from playground.progress import heard_by
from playground.text import Refusal
from tests.data.test_fuzzing import SHARED, Files, check, fuzz, many, outcome, share_of
from tests.data.test_json_lines import FILMS, POEM, lines
from tests.data.test_pairs import ENGLISH, FRENCH, GERMAN, TATOEBA
from tests.data.test_running import POEM as VERSES


def beginning(path: str, n: int) -> bytes:
    """Return the first bytes of a real file, unpacked, to the end of a line; nothing where it is not there."""
    try:
        content = (SHARED / path).read_bytes()
    except OSError:
        return b""
    head = (gzip.decompress(content) if path.endswith(".gz") else content)[:n]
    return head[: head.rfind(b"\n") + 1]


def first_lines(path: str, n: int) -> bytes:
    return b"".join(beginning(path, 200 * n).splitlines(keepends=True)[:n])


def translations() -> Files:
    sides = {"en": ENGLISH, "de": GERMAN, "fr": FRENCH}
    return {f"{split}.{one}": "\n".join(some).encode() for split in ("train", "val") for one, some in sides.items()}


def real_translations() -> Files:
    sides = {one: first_lines(f"multi30k/train.{one}.gz", 20) for one in ("en", "de")}
    if not all(sides.values()):
        return translations()
    return {"train.en": sides["en"], "train.de.gz": gzip.compress(sides["de"])}


def two_columns() -> Files:
    return {"fra.txt": "\n".join(TATOEBA).encode()}


def verses() -> Files:
    return {"train.txt": VERSES.encode(), "valid.txt": VERSES.encode("utf-16")}


def real_verses() -> Files:
    return {"input.txt": beginning("tinyshakespeare/input.txt", 3_000) or VERSES.encode()}


def real_poems() -> Files:
    return {"poems.txt": beginning("chinese_poetry/songci300.txt", 3_000) or VERSES.encode()}


def films() -> Files:
    return {"train.jsonl": lines(*FILMS * 3).encode(), "dev.jsonl": lines(*FILMS).encode()}


def annotated() -> Files:
    return {"train.jsonl": lines(*[{"tokens": ["Ann", "is", "here"], "tags": ["B", "O", "O"]}] * 5).encode()}


def translated() -> Files:
    return {"set.json": json.dumps([{"translation": {"en": "a dog", "de": "ein Hund"}}] * 5, indent=1).encode()}


def poems() -> Files:
    return {"poet.tang.0.json": json.dumps([POEM] * 3, ensure_ascii=False, indent=1).encode()}


def real_objects() -> Files:
    text = beginning("chinese_poetry/poet.tang.0.json", 4_000).decode()
    return {"poet.tang.0.json": (text[: text.rfind("}") + 1] + "]").encode()} if text else poems()


KINDS: list[tuple[type[FileSource], Callable[[], Files]]] = [
    (TextPairs, translations),
    (TextPairs, real_translations),
    (TextPairs, two_columns),
    (RunningText, verses),
    (RunningText, real_verses),
    (RunningText, real_poems),
    (JsonLines, films),
    (JsonLines, annotated),
    (JsonLines, translated),
    (JsonLines, poems),
    (JsonLines, real_objects),
]
IDS = [make.__name__ for _, make in KINDS]


def write(folder: Path, files: Files) -> None:
    for name, content in files.items():
        (folder / name).write_bytes(content)


@pytest.mark.parametrize(("reader", "make"), KINDS, ids=IDS)
def test_whole_files_are_read_and_prepared(reader: type[FileSource], make: Callable[[], Files], tmp_path: Path) -> None:
    write(tmp_path, make())
    source = recognise(tmp_path)
    assert isinstance(source, reader)
    data = source.read()
    assert data.facts.counts["train"] > 0
    prepared = prepare(data, Preparation(), 0)
    assert all(examples.inputs and examples.targets for examples in prepared.splits.values())


@pytest.mark.parametrize(("reader", "make"), KINDS, ids=IDS)
def test_damaged_files_are_read_or_refused(reader: type[FileSource], make: Callable[[], Files]) -> None:
    fuzz(reader, make(), 200 // len(KINDS) + 1)


@pytest.mark.slow
@pytest.mark.timeout(1800)
@pytest.mark.parametrize(("reader", "make"), KINDS, ids=IDS)
def test_many_damaged_files_are_read_or_refused(reader: type[FileSource], make: Callable[[], Files]) -> None:
    many(reader, make(), share_of(reader, KINDS))


@pytest.mark.parametrize(("reader", "make"), KINDS, ids=IDS)
def test_progress_never_goes_back(reader: type[FileSource], make: Callable[[], Files], tmp_path: Path) -> None:
    write(tmp_path, make())
    heard: list[float] = []
    with heard_by(heard.append):
        reader(path=str(tmp_path)).read()
    assert heard and heard == sorted(heard) and heard[0] >= 0 and heard[-1] <= 1


# -- objects that nobody thought of ------------------------------------------------------------------------------------

NAMES = st.sampled_from(
    ["text", "label", "tokens", "tags", "translation", "en", "de", "source", "target", "title", "paragraphs", "", "a.b"]
)
LEAVES = (
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20) | st.sampled_from(["a b", "pos"])
)
VALUES = st.recursive(
    LEAVES, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(NAMES, inner, max_size=3), max_leaves=12
)
OBJECTS = st.dictionaries(NAMES | st.text(max_size=5), VALUES, max_size=5)


def any_objects(reader: type[FileSource], n: int) -> None:
    check(reader, films())

    @settings(max_examples=n, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(st.lists(OBJECTS, max_size=6), st.booleans(), st.booleans())
    def one(objects: list[dict[str, Any]], array: bool, ascii: bool) -> None:
        text = json.dumps(objects) if array else "\n".join(json.dumps(one, ensure_ascii=ascii) for one in objects)
        check(reader, {"set.jsonl": text.encode("utf-8", "surrogatepass")})

    one()


def test_any_objects_are_read_or_refused() -> None:
    any_objects(JsonLines, 60)


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_many_more_objects_are_read_or_refused() -> None:
    any_objects(JsonLines, 3_000)


def test_whatever_objects_are_read_can_be_prepared(tmp_path: Path) -> None:
    @settings(max_examples=60, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(st.lists(OBJECTS, min_size=1, max_size=6))
    def one(objects: list[dict[str, Any]]) -> None:
        (tmp_path / "set.jsonl").write_text("\n".join(map(json.dumps, objects)), encoding="utf-8")
        data = outcome(JsonLines(path=str(tmp_path / "set.jsonl")).read)
        if isinstance(data, Data):
            prepared = outcome(lambda: prepare(data, Preparation(), 0))
            if isinstance(prepared, Data):
                assert prepared.facts.inputs and prepared.facts.targets

    one()


# -- bad input, one kind after the other -----------------------------------------------------------------------------

WHOLE = {
    TextPairs: ("set.tsv", "\n".join(TATOEBA) + "\n"),
    RunningText: ("set.txt", VERSES),
    JsonLines: ("set.jsonl", lines(*FILMS)),
}
BAD_INPUTS: dict[str, tuple[Callable[[bytes], bytes], str]] = {
    "a NUL": (lambda whole: whole + b"x\0y\n", r"line \d+: it holds a NUL"),
    "mixed encodings": (
        lambda whole: whole + "é".encode() * 50 + b"\n\xff\xfe\n",
        r"line \d+: it is not all in the same",
    ),
    "a gzip bomb of nothing": (lambda whole: gzip.compress(bytes(300_000_000)), r"NUL|holds more than the"),
    "a gzip bomb of lines": (lambda whole: gzip.compress(whole + b"\n" * 200_000_000), r"holds more than the [\d,]+ b"),
    "a gzip file cut short": (
        lambda whole: gzip.compress(os.urandom(9) + whole * 50)[:-20],
        r"damaged or cut short|enc",
    ),
    "empty": (lambda whole: b"", r"empty|no object|only 0 characters"),
    "one byte": (lambda whole: b"x", r"line 1: |only 1 character"),
}


@pytest.mark.parametrize("bad", BAD_INPUTS)
@pytest.mark.parametrize("reader", WHOLE, ids=lambda reader: reader.key)
def test_bad_input_is_refused_in_one_sentence(reader: type[FileSource], bad: str, tmp_path: Path) -> None:
    name, whole = WHOLE[reader]
    spoil, problem = BAD_INPUTS[bad]
    (tmp_path / name).write_bytes(spoil(whole.encode()))
    began = time.process_time()
    with pytest.raises(Refusal) as refused:
        reader(path=str(tmp_path / name)).read()
    assert time.process_time() - began < 2.0
    sentence = str(refused.value)
    assert sentence.startswith(name) and "\n" not in sentence
    assert re.search(problem, sentence), sentence


@pytest.mark.parametrize("reader", WHOLE, ids=lambda reader: reader.key)
def test_circles_of_links_and_what_cannot_be_read_are_refused(reader: type[FileSource], tmp_path: Path) -> None:
    name, _ = WHOLE[reader]
    (tmp_path / "circle").symlink_to(tmp_path)
    (tmp_path / name).symlink_to(tmp_path / name)
    with pytest.raises(Refusal):
        recognise(tmp_path).read()
    (tmp_path / name).unlink()
    os.mkfifo(tmp_path / name)
    for place in (tmp_path, tmp_path / name):
        with pytest.raises(Refusal):
            reader(path=str(place)).read()


def test_a_million_columns_in_a_line_are_passed_over(tmp_path: Path) -> None:
    (tmp_path / "set.tsv").write_text(
        "\n".join(TATOEBA) + "\nWhy?\tQuoi ?" + "\tx" * 1_000_000 + "\n", encoding="utf-8"
    )
    assert TextPairs(path=str(tmp_path / "set.tsv")).read().facts.counts == {"train": len(TATOEBA) + 1}


def test_a_line_of_nothing_but_tabs_is_soon_refused(tmp_path: Path) -> None:
    (tmp_path / "set.tsv").write_text("\t" * 10_000_000, encoding="utf-8")
    began = time.process_time()
    with pytest.raises(Refusal):
        TextPairs(path=str(tmp_path / "set.tsv")).read()
    assert time.process_time() - began < 1.0


def test_a_million_fields_in_an_object_are_passed_over(tmp_path: Path) -> None:
    wide = {**{f"f{k}": 1 for k in range(300_000)}, "text": "a film", "label": "pos"}
    (tmp_path / "set.jsonl").write_text(lines(*FILMS, wide), encoding="utf-8")
    assert JsonLines(path=str(tmp_path / "set.jsonl")).read().facts.counts == {"train": 5}
