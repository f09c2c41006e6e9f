"""Texts with their class in the same line: how such a file is written, guessed from its beginning, and its rows."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass

from playground.data._annotated import numbered_lines
from playground.data._columns import is_columns, is_conllu
from playground.data._lines import TextFile, head_of
from playground.data._look import Look
from playground.data._plan import LABELS, TARGETS, names_in
from playground.data._sniff import Given, sniff
from playground.data._values import MISSING, POINT_NUMBER, Column, glance
from playground.text import count, say

_EN = "text sentence review comment question tweet content message phrase document body utterance query headline sms"
_ZH = "文本 句子 评论 内容 评价 问题 正文"
TEXTS = frozenset([*_EN.split(), *(f"{name}s" for name in _EN.split()), *_ZH.split()])
"""Names of columns that hold texts."""

CLASSES = LABELS | TARGETS | frozenset(["sentiment", "polarity", "intent", "emotion", "topic", "情感", "意图", "情绪"])
"""Names of columns that hold their classes; where no name tells, the column of few different short values does."""

MOST_CLASSES = 1_000
LONGEST_LABEL = 100
MOST_COLUMNS = 100

FASTTEXT = re.compile(r"__label__(\S+)\s+(?=\S)")
COLON = re.compile(r"([A-Za-z][\w-]{0,29}):([A-Za-z][\w-]{0,29})\s+(?=\S)")
"""How a line begins: ``__label__good …`` (fastText), ``DESC:manner …`` (TREC)."""

_CJK = re.compile(r"[\u3400-\u9fff\u3040-\u30ff\uac00-\ud7af]")
_GLANCE = 2_000

Row = tuple[int, list[str]]


@dataclass(frozen=True)
class Wish:
    """What a person has said of the columns, by names or numbers from 1, and of the first line; the rest is guessed."""

    text: str = ""
    label: str = ""
    header: bool | None = None


@dataclass(frozen=True)
class Form:
    """How texts and classes are written.

    Attributes:
        begin: the pattern of a class that each line begins with; None where there are columns.
        delimiter, quote: what parts columns and stands around values; no quote where each line is a row.
        skipped: how many lines come before.
        header: whether the first row names the columns.
        names: what the columns are called: by number where they have no names.
        texts, label: the columns that hold the text, and its class.
    """

    begin: re.Pattern[str] | None = None
    delimiter: str = "\t"
    quote: str = ""
    skipped: int = 0
    header: bool = False
    names: tuple[str, ...] = ()
    texts: tuple[int, ...] = ()
    label: int = 0

    def wish(self) -> Wish:
        """Return the columns by what they are called, to be found in other files of the same set."""
        texts = ",".join(f'"{self.names[at]}"' for at in self.texts)
        return Wish(texts, self.names[self.label], self.header) if self.names else Wish()


def form_of(head: str, wish: Wish) -> Form | None:
    """Tell how the texts and classes of a file are written from its first lines; None where there are none."""
    lines = [line[:10_000] for line in head[: 2**20].split("\n", _GLANCE)[:_GLANCE] if line.strip()]
    if not lines:
        return None
    if not wish.text and not wish.label:
        for pattern in (FASTTEXT, COLON):
            found = [match for line in lines if (match := pattern.match(line))]
            kinds = {match[1] for match in found}
            if len(found) >= 0.9 * len(lines) and 2 <= len(kinds) <= max(2, len(found) / 2):
                return Form(pattern)
    return _columns(head, lines, wish)


def rows_in(file: TextFile, form: Form) -> Iterator[Row]:
    """Yield the values of each row and its line; refuse a row that is not like the others."""
    lines = ((number, line) for number, line in numbered_lines(file) if number > form.skipped)
    if form.begin is not None:
        yield from _begun(file, form.begin, lines)
        return
    first = form.header
    for number, values in _plain(lines, form.delimiter) if not form.quote else _quoted(file, form, lines):
        if first:
            first = False
            continue
        if len(values) != len(form.names):
            raise file.wrong(
                count(
                    "the row has {n} value instead of {expected}; correct it",
                    "the row has {n} values instead of {expected}; correct it",
                    len(values),
                    expected=len(form.names),
                ),
                number,
            )
        yield number, values


def _begun(file: TextFile, pattern: re.Pattern[str], lines: Iterable[tuple[int, str]]) -> Iterator[Row]:
    for number, line in lines:
        if not line.strip():
            continue
        match = pattern.match(line)
        if match is None:
            raise file.wrong(say("there is no class at the beginning: {line}", line=glance(line, 40)), number)
        text = line[match.end() :]
        while pattern is FASTTEXT and (more := pattern.match(text)):  # of several classes the first is taken
            text = text[more.end() :]
        yield number, [*match.groups(), text]


# -- columns -----------------------------------------------------------------------------------------------------


def _columns(head: str, lines: list[str], wish: Wish) -> Form | None:
    """Find the columns of a file."""
    if not (wish.text or wish.label) and (head.lstrip()[:1] in "{[<" or is_conllu(head) or is_columns(head)):
        return None
    tabs = lines[0].count("\t")
    if 0 < tabs < MOST_COLUMNS and sum(line.count("\t") == tabs for line in lines) >= 0.95 * len(lines):
        form = Form()
        rows = [values for _, values in _plain(enumerate(lines, 1), "\t")]
    else:
        sample = sniff(head, Given(), _GLANCE)
        dialect = sample.dialect
        if dialect.delimiter == " " or not 2 <= len(sample.names) <= MOST_COLUMNS:
            return None
        form = Form(delimiter=dialect.delimiter, quote=dialect.quote, skipped=dialect.skipped)
        rows = [list(sample.names) if sample.named else [], *sample.rows]
        rows = rows if sample.named else rows[1:]
    width = len(rows[0])
    fitting = [row for row in rows if len(row) == width]
    if width < 2 or len(fitting) < 0.9 * len(rows):
        return None
    return _placed(form, fitting, wish)


def _placed(form: Form, rows: list[list[str]], wish: Wish) -> Form | None:
    """Say which column holds the class, which the text, and whether the first row names them."""
    first, rest = rows[0], rows[1:]
    named = {at for at, value in enumerate(first) if value.strip().lower() in TEXTS | CLASSES}
    columns = list(zip(*rest, strict=True)) if rest else [()] * len(first)
    label = _said(first, wish.label) if wish.label else _label_in(first, columns, rows)
    if label is None:
        return None
    texts = [_said(first, one) for one in names_in(wish.text)] if wish.text else _texts_in(first, columns, label)
    if not texts or None in texts or label in texts:
        return None
    places = tuple(at for at in texts if at is not None)
    header = wish.header
    if header is None:
        told = first[label].strip() not in map(str.strip, columns[label]) and not POINT_NUMBER.fullmatch(first[label])
        short = all(len(first[at].split()) <= 2 and len(first[at]) <= 30 for at in places)
        header = bool(named) or (told and short and len(rows) > 2)
    names = _names(first) if header else tuple(str(at + 1) for at in range(len(first)))
    return Form(None, form.delimiter, form.quote, form.skipped, header, names, places, label)


def _names(first: Sequence[str]) -> tuple[str, ...]:
    return tuple(glance(name, 100) or str(at + 1) for at, name in enumerate(first))


def _said(first: Sequence[str], name: str) -> int | None:
    """Return the place of a column by its name, else by its number from 1."""
    names = [one.strip().casefold() for one in first]
    if name.strip().casefold() in names:
        return names.index(name.strip().casefold())
    number = int(name) if name.strip().isdecimal() and len(name) < 6 else 0
    return number - 1 if 0 < number <= len(first) else None


def _label_in(first: Sequence[str], columns: Sequence[Sequence[str]], rows: Sequence[Sequence[str]]) -> int | None:
    """Return the column of classes: by its name, else the one of few different values, the shortest."""
    for names in (LABELS, CLASSES):
        for at, name in enumerate(first):
            if name.strip().casefold() in names and _are_short(columns[at]):
                return at
    whole = list(zip(*rows, strict=True))
    able = [at for at, values in enumerate(columns) if _repeat(whole[at]) or _repeat(values)]
    return min(reversed(able), key=lambda at: sum(map(len, columns[at])), default=None)


def _texts_in(first: Sequence[str], columns: Sequence[Sequence[str]], label: int) -> list[int | None]:
    """Return the column of texts: by its name, else the one with the longest."""
    for at, name in enumerate(first):
        if name.strip().casefold() in TEXTS and at != label:
            return [at]
    able = [at for at, values in enumerate(columns) if at != label and are_texts(values)]
    return [max(able, key=lambda at: sum(map(len, columns[at])))] if able else []


def _repeat(values: Sequence[str]) -> bool:
    """Whether values are classes: short, few, and most of them there more than once."""
    there = [value.strip() for value in values if value not in MISSING]
    kinds = set(there)
    few = len(kinds) <= min(MOST_CLASSES, max(2, len(there) / 3)) and len(kinds) < len(there)
    return len(kinds) >= 2 and few and len(there) >= 0.9 * len(values) and _are_short(there)


def _are_short(values: Sequence[str]) -> bool:
    return all(len(value) <= LONGEST_LABEL and value.count(" ") < 5 for value in values)


def are_texts(values: Sequence[str]) -> bool:
    """Whether values are what people write, several words or Chinese characters, and not the names of things."""
    there = [value for value in values if value not in MISSING]
    if all(map(POINT_NUMBER.fullmatch, there[:20])):
        return False
    return sum(map(_words, there)) >= 2.5 * len(there)


def are_for_texts(look: Look, target: int, inputs: Collection[int]) -> bool:
    """Whether a table is one of texts with their classes, from which little else goes in."""
    prose = {at for at, one in enumerate(look.columns) if one.kind == "text" and _is_prose(one)}
    if prose and len(set(inputs) - prose) <= 1:
        return True
    texts = {at for at, one in enumerate(look.columns) if one.kind == "text" and are_texts(one.examples)}
    if not texts or (target not in texts and set(inputs) - texts):
        return False
    return form_of(head_of(look.path, look.encoding), Wish()) is not None


def _is_prose(column: Column) -> bool:
    """Whether a column holds sentences, by its name or its first values."""
    if column.name.casefold() in TEXTS and are_texts(column.examples):
        return True
    return all(_words(value) > 4 for value in column.examples)


def _words(value: str) -> float:
    """Count the words of a text; a word of Chinese has two characters."""
    return value.count(" ") + 1 + len(_CJK.findall(value)) / 2


# -- parting -----------------------------------------------------------------------------------------------------


def _plain(lines: Iterable[tuple[int, str]], delimiter: str) -> Iterator[Row]:
    """Part lines; quotation marks around a value are taken away, those inside mean nothing."""
    for number, line in lines:
        if line.strip():
            yield number, [_bare(value) for value in line.split(delimiter, MOST_COLUMNS)]


def _bare(value: str) -> str:
    if len(value) > 1 and value[0] == value[-1] == '"' and '"' not in value[1:-1].replace('""', ""):
        return value[1:-1].replace('""', '"')
    return value


def _quoted(file: TextFile, form: Form, lines: Iterable[tuple[int, str]]) -> Iterator[Row]:
    """Part rows as tables are written: quoted values may go over several lines."""
    at = begin = form.skipped + 1

    def counted() -> Iterator[str]:
        nonlocal at
        for number, line in lines:
            at = number
            yield f"{line}\n"

    reader = csv.reader(counted(), delimiter=form.delimiter, quotechar=form.quote)
    step: Callable[[], list[str]] = reader.__next__
    while True:
        begin = at + 1 if reader.line_num else at
        try:
            values = step()
        except StopIteration:
            return
        except csv.Error as error:
            raise file.wrong(say("a value is too long; a quotation mark is missing there or before"), begin) from error
        if any(value.strip() for value in values):
            yield begin, values
