"""Encodings: UTF-8 first, a few others by small rules, and what is wrong is found by its line."""

from __future__ import annotations

import io

import pytest

from playground.data._encoding import HoldsNul, NotInEncoding, TextStream, TooLong, encoding_of, is_in, said


@pytest.mark.parametrize(
    ("text", "encoding", "found"),
    [
        ("plain", "ascii", "utf-8"),
        ("", "ascii", "utf-8"),
        ("Größe, 尺寸", "utf-8", "utf-8"),
        ("Größe", "utf-8-sig", "utf-8"),
        ("Größe;Straße\n", "utf-16", "utf-16"),
        ("Größe;Straße\n", "utf-16-le", "utf-16-le"),
        ("Größe;Straße\n", "utf-16-be", "utf-16-be"),
        ("Größe;Straße\n", "utf-32", "utf-32"),
        ("café crème à la fin, déjà", "cp1252", "cp1252"),
        ("Größe;Straße;Übung", "cp1252", "cp1252"),
        ("“quoted” – dash", "cp1252", "cp1252"),
        ("性别,年龄,城市\n男,30,北京\n", "gb18030", "gb18030"),
        ("年,平均气温", "gb18030", "gb18030"),
    ],
)
def test_encodings_are_told_apart(text: str, encoding: str, found: str) -> None:
    assert encoding_of(text.encode(encoding)) == found


def test_a_head_that_ends_within_a_character_is_still_utf_8() -> None:
    assert encoding_of("尺寸".encode()[:-1]) == "utf-8"


def test_a_few_wrong_bytes_do_not_make_another_encoding() -> None:
    assert encoding_of("尺寸 大小 长短 宽窄".encode() * 9 + b"\xff") == "utf-8"


def test_bytes_that_windows_leaves_undefined_are_latin() -> None:
    assert encoding_of(b"caf\xe9 \x81 bar") == "latin-1"


def test_what_is_not_utf_8_is_said() -> None:
    assert said("utf-8") is None
    assert "GB18030" in str(said("gb18030"))
    assert "UTF-16" in str(said("utf-16-le"))


@pytest.mark.parametrize("size", [1, 2, 3, 5, 1000])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "gb18030", "cp1252"])
def test_pieces_give_the_text_in_utf_8_with_line_feeds_only(size: int, encoding: str) -> None:
    text = "a;é\r\nb;\r\rc" if encoding == "cp1252" else "a;尺寸\r\nb;é\r\rc\n尺"
    given = encoding if encoding in ("gb18030", "cp1252") else "auto"
    if size < 5:
        given = encoding.removesuffix("-sig")  # nothing can be guessed from so little
    stream = TextStream(io.BytesIO(text.encode(encoding)), given)
    pieces = list(stream.pieces(size))
    assert b"".join(pieces).decode() == text.replace("\r\n", "\n").replace("\r", "\n")


def test_the_encoding_of_a_plain_beginning_is_found_out_further_down() -> None:
    stream = TextStream(io.BytesIO(b"1,2\n" * 100 + "café,3\nà,4\n".encode("cp1252")))
    assert b"".join(stream.pieces(64)).decode().endswith("café,3\nà,4\n")
    assert stream.encoding == "cp1252"


def test_two_encodings_in_one_file_are_refused_by_line() -> None:
    stream = TextStream(io.BytesIO("é\né\né\n".encode() + b"x\n\xff\n"), "utf-8")
    with pytest.raises(NotInEncoding) as caught:
        list(stream.pieces())
    assert caught.value.lines == 4


def test_nul_and_too_much_are_refused() -> None:
    with pytest.raises(HoldsNul) as caught:
        list(TextStream(io.BytesIO(b"a\nb\n\0"), "utf-8").pieces())
    assert caught.value.lines == 2
    with pytest.raises(TooLong):
        list(TextStream(io.BytesIO(b"abc" * 100), "utf-8", most=200).pieces(50))


def test_utf_16_without_its_mark_can_be_asked_for() -> None:
    assert is_in("a,b".encode("utf-16-be"), "utf-16")
    assert not is_in("a,b".encode("utf-16-le") + b"\x00\xd8a\x00", "utf-16")
