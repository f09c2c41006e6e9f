"""Whatever is done to files of sentences, their reader returns data or refuses with one sentence."""

from __future__ import annotations

import gzip
import os
import re
import time
from collections.abc import Callable
from pathlib import Path

import pytest

pytest.importorskip("PIL")

from playground.data import FileSource
from playground.data.conll import Conll
from playground.data.conllu import ConllU
from playground.data.recognise import recognise
from playground.data.sentences import Sentences
from playground.text import Refusal
from tests.data.test_conll import ENTITIES, POS
from tests.data.test_conllu import TREEBANK
from tests.data.test_fuzzing import SHARED, Files, fuzz, many, share_of
from tests.data.test_sentences import BAD, GOOD, QUESTIONS, TABLE


def beginning(path: str, n: int) -> bytes:
    """Return the first bytes of a real file, to the end of a sentence; nothing where it is not there."""
    try:
        head = (SHARED / path).read_bytes()[:n]
    except OSError:
        return b""
    end = max(head.rfind(b"\n\n"), head.rfind(b"\n\t\n"))
    return head[: end + 1] if end > 0 else head[: head.rfind(b"\n") + 1]


def treebank() -> Files:
    return {"en_x-ud-train.conllu": TREEBANK.encode(), "en_x-ud-dev.conllu": TREEBANK.encode()}


def real_treebank() -> Files:
    return {
        "en_x-ud-train.conllu": beginning("ud_english_ewt/en_ewt-ud-train.conllu", 6_000) or TREEBANK.encode(),
        "en_x-ud-dev.conllu.gz": gzip.compress(
            beginning("ud_chinese_gsdsimp/zh_gsdsimp-ud-dev.conllu", 6_000) or TREEBANK.encode()
        ),
    }


def entities() -> Files:
    return {"eng.train": ENTITIES.encode(), "eng.testa": POS.encode()}


def real_entities() -> Files:
    return {
        "wnut17train.conll": beginning("wnut17/wnut17train.conll", 3_000) or ENTITIES.encode(),
        "emerging.dev.conll": beginning("wnut17/emerging.dev.conll", 3_000) or ENTITIES.encode(),
    }


def sentiment() -> Files:
    return {"a.pos": GOOD.encode(), "a.neg": BAD.encode("cp1252")}


def real_sentiment() -> Files:
    return {
        "rt-polarity.pos": beginning("mr_polarity_cp1252/rt-polarity.pos", 3_000) or GOOD.encode(),
        "rt-polarity.neg": beginning("mr_polarity_cp1252/rt-polarity.neg", 3_000) or BAD.encode(),
    }


def questions() -> Files:
    return {"TREC.train": beginning("trec/TREC.train", 3_000) or QUESTIONS.encode()}


def table() -> Files:
    return {"train.csv": TABLE.encode(), "test.csv": TABLE.encode("utf-16")}


def reviews() -> Files:
    return {f"train/{label}/{k}.txt": f"a {label} film, number {k}".encode() for label in ("pos", "neg") for k in "123"}


KINDS: list[tuple[type[FileSource], Callable[[], Files]]] = [
    (ConllU, treebank),
    (ConllU, real_treebank),
    (Conll, entities),
    (Conll, real_entities),
    (Sentences, sentiment),
    (Sentences, real_sentiment),
    (Sentences, questions),
    (Sentences, table),
    (Sentences, reviews),
]
IDS = [make.__name__ for _, make in KINDS]


@pytest.mark.parametrize(("reader", "make"), KINDS, ids=IDS)
def test_whole_files_are_read(reader: type[FileSource], make: Callable[[], Files], tmp_path: Path) -> None:
    write(tmp_path, make())
    source = recognise(tmp_path)
    assert isinstance(source, reader)
    assert source.read().facts.counts["train"] > 0


@pytest.mark.parametrize(("reader", "make"), KINDS, ids=IDS)
def test_damaged_files_are_read_or_refused(reader: type[FileSource], make: Callable[[], Files]) -> None:
    fuzz(reader, make(), 200 // len(KINDS) + 1)


@pytest.mark.slow
@pytest.mark.timeout(1800)
@pytest.mark.parametrize(("reader", "make"), KINDS, ids=IDS)
def test_many_damaged_files_are_read_or_refused(reader: type[FileSource], make: Callable[[], Files]) -> None:
    many(reader, make(), share_of(reader, KINDS))


# -- bad input, one kind after the other -----------------------------------------------------------------------------

NAMES = {ConllU: "train.conllu", Conll: "train.conll", Sentences: "train.tsv"}
WHOLE = {
    ConllU: TREEBANK,
    Conll: ENTITIES,
    Sentences: "label\ttext\n" + "good\ta fine film it was\nbad\tno fun at all\n" * 5,
}

BAD_INPUTS: dict[str, tuple[Callable[[bytes], bytes], str]] = {
    "empty": (lambda whole: b"", r": (it is empty|there are no sentences in it)"),
    "one byte": (lambda whole: b"x", r"train\.\w+(, line 1)?: "),
    "truncated in a line": (lambda whole: whole[:-4].rstrip() + b"\ncut", r"train\.\w+, line \d+: "),
    "a NUL": (lambda whole: whole + b"x\0y\n", r"line \d+: it holds a NUL"),
    "mixed encodings": (
        lambda whole: whole + "é".encode() * 50 + b"\n\xff\xfe\n",
        r"line \d+: it is not all in the same",
    ),
    "ragged": (lambda whole: whole + b"\n1\ta\tb\tc\td\n\n", r"line \d+: .*(columns|values)"),
    "a million columns": (lambda whole: whole + b"x\t" * 1_000_000, r"line \d+: "),
    "a long line": (lambda whole: whole + b"x" * 3_000_000, r"line \d+: the line is longer than"),
    "a gzip bomb of nothing": (lambda whole: gzip.compress(bytes(100_000_000), 1), r"NUL|more than the \d|, line 1"),
    "a gzip bomb of lines": (
        lambda whole: gzip.compress(whole + b"\n" * 100_000_000, 1),
        r"holds more than the [\d,]+ bytes",
    ),
    "a gzip file cut short": (lambda whole: gzip.compress(whole * 50)[:-20], r"is damaged or cut short"),
}


@pytest.mark.parametrize("kind", BAD_INPUTS)
@pytest.mark.parametrize("reader", NAMES)
def test_bad_input_is_refused_with_file_and_line(reader: type[FileSource], kind: str, tmp_path: Path) -> None:
    spoil, said = BAD_INPUTS[kind]
    path = tmp_path / NAMES[reader]
    path.write_bytes(spoil(WHOLE[reader].encode()))
    began = time.process_time()
    with pytest.raises(Refusal) as caught:
        reader(path=str(path)).read()
    assert time.process_time() - began < 2
    assert re.search(said, str(caught.value)), str(caught.value)
    assert path.name in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("reader", NAMES)
def test_what_cannot_be_read_at_all_is_refused(reader: type[FileSource], tmp_path: Path) -> None:
    path = tmp_path / NAMES[reader]
    path.symlink_to(path)
    os.mkfifo(tmp_path / "pipe")
    for place in (path, tmp_path / "pipe", tmp_path / "missing", tmp_path):
        with pytest.raises(Refusal):
            reader(path=str(place)).read()


@pytest.mark.skipif(os.geteuid() == 0, reason="the superuser may read everything")
@pytest.mark.parametrize("reader", NAMES)
def test_an_unreadable_file_is_named(reader: type[FileSource], tmp_path: Path) -> None:
    path = tmp_path / NAMES[reader]
    path.write_text(WHOLE[reader])
    path.chmod(0)
    with pytest.raises(Refusal, match="cannot be read"):
        reader(path=str(path)).read()


def test_a_folder_that_leads_to_itself_ends(tmp_path: Path) -> None:
    write(tmp_path, reviews())
    (tmp_path / "train" / "pos" / "again").symlink_to(tmp_path)
    assert Sentences(path=str(tmp_path)).read().facts.counts == {"train": 6}


def write(folder: Path, files: Files) -> None:
    for name, content in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
