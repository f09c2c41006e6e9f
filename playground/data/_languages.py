"""The language that the name of a file tells: ``train.en``, ``europarl.de-en.de``, ``val_fr.txt``, ``test.src.gz``."""

from __future__ import annotations

import re
from collections.abc import Iterable

_CODES = """
aa ab ae af ak am an ar as av ay az ba be bg bh bi bm bn bo br bs ca ce ch co cr cs cu cv cy da de dv dz ee el en eo
es et eu fa ff fi fj fo fr fy ga gd gl gn gu gv ha he hi ho hr ht hu hy hz ia id ie ig ii ik io is it iu ja jv ka kg
ki kj kk kl km kn ko kr ks ku kv kw ky la lb lg li ln lo lt lu lv mg mh mi mk ml mn mr ms mt my na nb nd ne ng nl nn
no nr nv ny oc oj om or os pa pi pl ps pt qu rm rn ro ru rw sa sc sd se sg si sk sl sm sn so sq sr ss st su sv sw ta
te tg th ti tk tl tn to tr ts tt tw ty ug uk ur uz ve vi vo wa wo xh yi yo za zh zu ara bul ces chi cmn cze dan deu
dut ell eng est fin fra fre ger gre heb hin hrv hun ind ita jpn kor lat lav lit nld nob nor pol por ron rum rus slk
slv spa srp swe tha tur ukr vie yue zho
"""
CODES = frozenset(_CODES.split())
"""ISO 639-1, and of the codes of three letters those in use for sets of sentences."""

_NAMES = """
arabic chinese czech danish dutch english finnish french german greek hebrew hindi hungarian italian japanese korean
norwegian polish portuguese romanian russian spanish swedish turkish ukrainian vietnamese
英语 英文 中文 汉语 德语 法语 日语 俄语 西班牙语
"""
NAMES = frozenset(_NAMES.split())
FROM, TO = ("src", "source"), ("tgt", "trg", "target")
"""What stands in place of a language where a name only says which side is read and which is written."""

_ENGLISH = ("en", "eng", "english", "英语", "英文")
_REGION = re.compile(r"([a-z]{2,3})[-_](?:[A-Z]{2}|Han[st]|cn|tw|hk|br|us|gb)")
_PACKED = (".txt", ".text", ".tok")


def is_language(word: str) -> bool:
    """Whether a word names a language, or a side of a translation."""
    if found := _REGION.fullmatch(word):
        return found[1] in CODES
    lower = word.lower()
    return lower in CODES or lower in NAMES or lower in FROM or lower in TO


def parted(name: str) -> tuple[str, str]:
    """Part the name of a file into what the sides of a translation share, and the language; "" where none is told."""
    name = _without(name, ".gz")
    name = next((_without(name, one) for one in _PACKED if name.lower().endswith(one)), name)
    if is_language(name):
        return "", name
    for found in (re.fullmatch(r"(.*)\.([^.]+)", name), re.fullmatch(r"(.*?)[-_]([^.]+)", name), _last(name)):
        if found and is_language(found[2]):
            return found[1], found[2]
    return name, ""


def in_order(languages: Iterable[str]) -> list[str]:
    """Return languages as they are chosen where nobody does: a source and English first, then by the alphabet."""

    def key(language: str) -> tuple[int, str]:
        lower = language.lower()
        return (0 if lower in FROM else 1 if lower in _ENGLISH else 3 if lower in TO else 2), language

    return sorted(set(languages), key=key)


def _last(name: str) -> re.Match[str] | None:
    return re.fullmatch(r"(.*)[-_]([^-_.]+)", name)


def _without(name: str, ending: str) -> str:
    return name[: -len(ending)] if name.lower().endswith(ending) else name
