"""Aligned texts: which files and columns belong together, what is dropped, and what is said."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from playground.data import Data
from playground.data._languages import in_order, parted
from playground.data._parted import sides_of
from playground.data.pairs import TextPairs
from playground.data.recognise import recognise
from playground.data.tables import Table
from playground.preparation import Preparation, prepare
from playground.text import Refusal

SHARED = Path(__file__).parents[2] / ".." / "shared" / "data"

ENGLISH = ["A dog runs .", "Two men sit .", "The cat sleeps .", "A girl reads .", "Nobody is here ."]
GERMAN = ["Ein Hund rennt .", "Zwei Männer sitzen .", "Die Katze schläft .", "Ein Mädchen liest .", "Niemand ist da ."]
FRENCH = ["Un chien court .", "Deux hommes .", "Le chat dort .", "Une fille lit .", "Il n'y a personne ."]


def write(folder: Path, **files: list[str]) -> Path:
    """Write files by name, `__` for a full stop."""
    for name, lines in files.items():
        (folder / name.replace("__", ".")).write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    return folder


def pairs(data: Data, split: str = "train") -> list[tuple[str, str]]:
    one = data.splits[split]
    return list(zip(one.inputs["source"], one.targets["target"], strict=True))


def remarks(data: Data) -> str:
    return " | ".join(map(str, data.remarks))


# -- names -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "stem", "language"),
    [
        ("train.en", "train", "en"),
        ("train.de.gz", "train", "de"),
        ("train.en.txt", "train", "en"),
        ("train.en.tok", "train", "en"),
        ("europarl-v7.de-en.en", "europarl-v7.de-en", "en"),
        ("val_fr.txt", "val", "fr"),
        ("train-zh", "train", "zh"),
        ("corpus.zh_CN", "corpus", "zh_CN"),
        ("corpus_pt-BR.txt", "corpus", "pt-BR"),
        ("test.src", "test", "src"),
        ("en.txt", "", "en"),
        ("Chinese.txt", "", "Chinese"),
        ("rt-polarity.pos", "rt-polarity.pos", ""),
        ("wnut17train.conll", "wnut17train.conll", ""),
        ("input.txt", "input", ""),
    ],
)
def test_a_name_tells_the_language_and_what_the_sides_share(name: str, stem: str, language: str) -> None:
    assert parted(name) == (stem, language)


def test_english_and_sources_come_first_and_targets_last() -> None:
    assert in_order(["fr", "de", "en"]) == ["en", "de", "fr"]
    assert in_order(["tgt", "src"]) == ["src", "tgt"]
    assert in_order(["zh", "de"]) == ["de", "zh"]


# -- two files ---------------------------------------------------------------------------------------------------


def test_two_files_that_differ_in_their_language_are_pairs(tmp_path: Path) -> None:
    write(tmp_path, train__en=ENGLISH, train__de=GERMAN, val__en=ENGLISH[:2], val__de=GERMAN[:2])
    source = recognise(tmp_path)
    assert source == TextPairs(path=str(tmp_path))
    data = source.read()
    assert pairs(data) == list(zip(ENGLISH, GERMAN, strict=True))
    assert pairs(data, "validation") == pairs(data)[:2]
    assert data.facts.counts == {"train": 5, "validation": 2}
    assert data.unit == "words" and not data.running and not data.facts.inputs and not data.facts.targets
    assert data.facts.fingerprint
    assert remarks(data) == "From en to de"


def test_of_three_languages_english_and_the_first_other_are_taken_unless_others_are_named(tmp_path: Path) -> None:
    write(tmp_path, train__en=ENGLISH, train__de=GERMAN, train__fr=FRENCH)
    data = TextPairs(path=str(tmp_path)).read()
    assert pairs(data)[0] == (ENGLISH[0], GERMAN[0])
    assert remarks(data) == "From en to de; there is also fr"
    assert pairs(TextPairs(path=str(tmp_path), source="FR").read())[0] == (FRENCH[0], ENGLISH[0])
    assert pairs(TextPairs(path=str(tmp_path), target="fr").read())[0] == (ENGLISH[0], FRENCH[0])
    assert pairs(TextPairs(path=str(tmp_path), source="fr", target="de").read())[0] == (FRENCH[0], GERMAN[0])


def test_languages_that_are_not_there_or_twice_the_same_are_refused(tmp_path: Path) -> None:
    write(tmp_path, train__en=ENGLISH, train__de=GERMAN)
    with pytest.raises(Refusal, match="there is no text in es; choose from these: en, de"):
        TextPairs(path=str(tmp_path), target="es").read()
    with pytest.raises(Refusal, match="no translation of itself"):
        TextPairs(path=str(tmp_path), source="en", target="en").read()


@pytest.mark.parametrize(("chosen", "first"), [("fr", (0, 2)), ("de", (0, 1)), ("en", (0, 1))])
def test_a_chosen_file_is_one_of_the_sides(chosen: str, first: tuple[int, int], tmp_path: Path) -> None:
    write(tmp_path, train__en=ENGLISH, train__de=GERMAN, train__fr=FRENCH, val__en=ENGLISH[:1], val__fr=FRENCH[:1])
    source = recognise(tmp_path / f"train.{chosen}")
    assert isinstance(source, TextPairs)
    data = source.read()
    sides = ENGLISH, GERMAN, FRENCH
    assert pairs(data)[0] == (sides[first[0]][0], sides[first[1]][0])
    assert data.facts.counts == ({"train": 5, "validation": 1} if chosen == "fr" else {"train": 5})


def test_the_languages_are_those_of_the_training_files(tmp_path: Path) -> None:
    write(tmp_path, train__en=ENGLISH, train__fr=FRENCH, test__en=ENGLISH, test__de=GERMAN, test__fr=FRENCH)
    data = TextPairs(path=str(tmp_path)).read()
    assert remarks(data) == "From en to fr"
    assert data.facts.counts == {"train": 5, "test": 5}


def test_languages_that_never_stand_beside_each_other_are_not_paired(tmp_path: Path) -> None:
    write(tmp_path, a__de=GERMAN, a__es=GERMAN, train__en=ENGLISH, train__fr=FRENCH)
    assert remarks(TextPairs(path=str(tmp_path), roles="a=none").read()) == "From en to fr"


def test_test_files_with_names_of_their_own_belong_to_the_one_set_there_is(tmp_path: Path) -> None:
    write(tmp_path, train__en=ENGLISH, train__de=GERMAN, test_2016_flickr__en=ENGLISH, test_2016_flickr__de=GERMAN)
    write(tmp_path, other__en=ENGLISH, other__de=GERMAN)
    data = TextPairs(path=str(tmp_path)).read()
    assert data.facts.counts == {"train": 5, "test": 5}
    assert remarks(data) == "From en to de | Left out: other.en (of another set)"


def test_several_sets_are_refused_by_name_and_one_can_be_chosen(tmp_path: Path) -> None:
    write(tmp_path, news__en=ENGLISH, news__de=GERMAN, talks__en=ENGLISH[:3], talks__de=GERMAN[:3])
    with pytest.raises(Refusal, match=r"holds several sets of translations; choose one of them: news.en, talks.en"):
        TextPairs(path=str(tmp_path)).read()
    assert TextPairs(path=str(tmp_path / "talks.de")).read().facts.counts == {"train": 3}


def test_different_numbers_of_lines_are_refused_with_both(tmp_path: Path) -> None:
    write(tmp_path, train__en=ENGLISH, train__de=GERMAN[:3])
    with pytest.raises(Refusal, match=r"train\.en: it has 5 lines, but train\.de has 3"):
        TextPairs(path=str(tmp_path)).read()


def test_pairs_with_an_empty_side_are_left_out_and_told(tmp_path: Path) -> None:
    write(tmp_path, train__en=["a", "", "c", " ", ""], train__de=["x", "y", "", "z", ""])
    data = TextPairs(path=str(tmp_path)).read()
    assert pairs(data) == [("a", "x")]
    assert "3 lines were left out" in remarks(data)  # both sides empty is no loss


def test_an_unusual_separator_of_lines_does_not_shift_the_sides(tmp_path: Path) -> None:
    write(tmp_path, train__en=["one\u2028still one", "two\x0c", "three\x85"], train__de=["eins", "zwei", "drei"])
    assert pairs(TextPairs(path=str(tmp_path)).read())[1] == ("two", "zwei")


def test_compressed_files_and_other_encodings_are_read(tmp_path: Path) -> None:
    (tmp_path / "train.en.gz").write_bytes(gzip.compress("\n".join(ENGLISH).encode()))
    (tmp_path / "train.de").write_bytes("\n".join(GERMAN).encode("cp1252"))
    data = TextPairs(path=str(tmp_path)).read()
    assert pairs(data)[1] == (ENGLISH[1], GERMAN[1])
    assert "Windows-1252" in remarks(data)


def test_a_compressed_twin_is_not_read_a_second_time(tmp_path: Path) -> None:
    write(tmp_path, train__en=ENGLISH, train__de=GERMAN)
    (tmp_path / "train.en.gz").write_bytes(gzip.compress(b"other\n"))
    assert len(pairs(TextPairs(path=str(tmp_path)).read())) == 5


def test_several_training_files_tell_where_examples_come_from(tmp_path: Path) -> None:
    write(tmp_path, train1__en=ENGLISH, train1__de=GERMAN, train2__en=ENGLISH[:2], train2__de=GERMAN[:2])
    train = TextPairs(path=str(tmp_path)).read().splits["train"]
    assert train.origin is not None and train.origin.tolist() == [0] * 5 + [1] * 2


# -- a subset ----------------------------------------------------------------------------------------------------


def test_short_sentences_and_only_so_many_can_be_taken(tmp_path: Path) -> None:
    write(tmp_path, train__en=["a b", "a b c d", "a", "b"], train__de=["x y", "x", "x y z", "x"])
    data = TextPairs(path=str(tmp_path), longest_words=2).read()
    assert pairs(data) == [("a b", "x y"), ("b", "x")]
    assert "2 pairs were left out: a side has more than 2 words" in remarks(data)
    assert pairs(TextPairs(path=str(tmp_path), most=3).read())[-1] == ("a", "x y z")
    assert len(pairs(TextPairs(path=str(tmp_path), most=1, longest_words=2).read())) == 1


def test_a_chinese_character_counts_as_a_word(tmp_path: Path) -> None:
    write(tmp_path, train__en=["I see you", "Hello"], train__zh=["我看见你们了", "你好"])
    assert pairs(TextPairs(path=str(tmp_path), longest_words=5).read()) == [("Hello", "你好")]


def test_nothing_left_is_refused(tmp_path: Path) -> None:
    write(tmp_path, train__en=["a b", "c d"], train__de=["x", "y"])
    with pytest.raises(Refusal, match="no pair is left"):
        TextPairs(path=str(tmp_path), longest_words=1).read()


# -- two columns -------------------------------------------------------------------------------------------------

SHORT = [("Go.", "Va !"), ("Go.", "Marche."), ("Hi.", "Salut !"), ("Run!", "Cours !"), ("Who?", "Qui ?"), ("Oh", "Ah")]
WHENCE = "CC-BY 2.0 (France) Attribution: tatoeba.org #2877272 (CM) & #1158250 (Wittydev)"
TATOEBA = [f"{one}\t{other}\t{WHENCE}" for one, other in SHORT]


@pytest.mark.parametrize("name", ["fra.txt", "fra.tsv", "fra"])
def test_two_sentences_a_line_are_pairs_and_further_columns_are_ignored(name: str, tmp_path: Path) -> None:
    (tmp_path / name).write_text("\n".join(TATOEBA), encoding="utf-8")
    source = recognise(tmp_path / name)
    assert source == TextPairs(path=str(tmp_path / name))
    assert pairs(source.read())[:2] == [("Go.", "Va !"), ("Go.", "Marche.")]
    turned = TextPairs(path=str(tmp_path / name), source="2", target="1").read()
    assert pairs(turned)[0] == ("Va !", "Go.")


def test_a_folder_with_such_a_file_and_its_description_is_read(tmp_path: Path) -> None:
    (tmp_path / "fra.txt").write_text("\n".join(TATOEBA), encoding="utf-8")
    (tmp_path / "_about.txt").write_text("** Info **\n\nCheck for newest version here:\n", encoding="utf-8")
    assert recognise(tmp_path).read().facts.counts == {"train": 6}


def test_numbers_of_sentences_are_passed_over(tmp_path: Path) -> None:
    lines = [
        f"{k + 1276}\t{one}\t{k + 2481}\t{other}" for k, (one, other) in enumerate(zip(ENGLISH, FRENCH, strict=True))
    ]
    (tmp_path / "pairs.tsv").write_text("\n".join(lines), encoding="utf-8")
    assert pairs(recognise(tmp_path / "pairs.tsv").read()) == list(zip(ENGLISH, FRENCH, strict=True))


def test_a_first_line_of_languages_names_the_columns(tmp_path: Path) -> None:
    lines = ["english\tfrench", *map("\t".join, zip(ENGLISH, FRENCH, strict=True))]
    (tmp_path / "set.tsv").write_text("\n".join(lines), encoding="utf-8")
    data = TextPairs(path=str(tmp_path / "set.tsv"), source="french").read()
    assert pairs(data)[0] == (FRENCH[0], ENGLISH[0])
    assert data.facts.counts == {"train": 5}
    with pytest.raises(Refusal, match="there is no column called es; choose one of these: english, french"):
        TextPairs(path=str(tmp_path / "set.tsv"), source="es").read()


def test_a_line_without_its_translation_is_refused_by_number(tmp_path: Path) -> None:
    (tmp_path / "fra.txt").write_text("\n".join([*TATOEBA, "", "Alone."]), encoding="utf-8")
    with pytest.raises(Refusal, match=r"fra\.txt, line 8: two texts parted by a tab are needed, but there are 1"):
        TextPairs(path=str(tmp_path / "fra.txt")).read()


@pytest.mark.parametrize(
    "lines",
    [
        ["1.5\t2.5", "3.5\t4.5"],
        ["pos\ta fine film, all in all", "neg\ta film to be forgotten", "pos\ta joy to look at"],
        [f"{'pos' if k % 2 else 'neg'}\tsentence number {'x' * k}" for k in range(50)],
        ["a sentence", "another sentence"],
        ["name\tcity\tprice", "Ann\tRome\t1.5", "Bob\tOslo\t2.5"],
        ["\t".join("abcdefgh")] * 2,
        [],
    ],
    ids=["numbers", "few classes", "classes", "no tab", "a table", "wide", "nothing"],
)
def test_what_is_no_pair_of_sentences_is_left_to_others(lines: list[str]) -> None:
    assert sides_of(lines) is None


def test_scripts_with_signs_above_letters_are_texts() -> None:
    assert sides_of(["नमस्ते दुनिया\tHello, world", "मैं ठीक हूँ\tI am fine", "คุณอยู่ที่ไหน\tWhere are you?"]) == (0, 1)


def test_a_table_stays_a_table(tmp_path: Path) -> None:
    (tmp_path / "people.tsv").write_text("name\tcity\tprice\nAnn\tRome\t1.5\nBob\tOslo\t2.5\n", encoding="utf-8")
    assert isinstance(recognise(tmp_path / "people.tsv"), Table)


# -- real files --------------------------------------------------------------------------------------------------


@pytest.mark.skipif(not (SHARED / "multi30k").is_dir(), reason="the shared data are not here")
def test_multi30k_is_read_as_its_description_says() -> None:
    place = SHARED / "multi30k"
    source = recognise(place)
    assert isinstance(source, TextPairs)
    data = source.read()
    assert data.facts.counts == {"train": 29_000, "validation": 1_014}
    sides = [gzip.decompress((place / f"train.{one}.gz").read_bytes()).split(b"\n")[:-1] for one in ("en", "de")]
    assert pairs(data) == [(one.decode().strip(), other.decode().strip()) for one, other in zip(*sides, strict=True)]
    french = source.replace(target="fr", longest_words=8, most=500).read()
    assert french.facts.counts == {"train": 500, "validation": min(500, french.facts.counts["validation"])}
    assert max(len(one.split()) for pair in pairs(french) for one in pair) <= 8


@pytest.mark.skipif(not (SHARED / "multi30k").is_dir(), reason="the shared data are not here")
def test_multi30k_can_be_trained_on() -> None:
    data = prepare(TextPairs(path=str(SHARED / "multi30k"), most=2_000).read(), Preparation(vocabulary=500), 0)
    assert data.facts.vocabularies == {"source": 502, "previous": 504}
    assert len(data.facts.targets["next"].classes) == 504
    assert data.splits["train"].inputs["previous"].shape == data.splits["train"].targets["next"].shape
