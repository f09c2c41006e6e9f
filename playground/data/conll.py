"""Tagged sentences in columns, as the shared tasks of CoNLL have them: a token in every line, its tag in the last."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from playground.data import Data, FileSource
from playground.data._annotated import LONGEST_SENTENCE, Gathered, Tagged, gathered, mark_of, numbered_lines, too_long
from playground.data._columns import DOCUMENT, ENTITY, MOST_COLUMNS, Columns, is_columns, is_conllu
from playground.data._encoding import AUTO, ENCODINGS
from playground.data._lines import TextFile, head_of
from playground.data._places import Roles, is_file, listed
from playground.data._together import Sought, ending_of, suffix_of, together
from playground.data._values import glance
from playground.declare import choice, integer
from playground.text import count, note, say

if TYPE_CHECKING:
    import numpy as np

    Array = np.ndarray[Any, Any]

CLAIMING = (".conll", ".conll03", ".conll2003", ".iob", ".iob2", ".bio", ".bioes", ".ner")
ALSO = ("", ".txt", ".tsv", ".tab", ".pos", ".annotated", ".data", ".dat", ".tags", ".csv")
"""What names of such files end in: some say what they are, others only do not say that they are something else."""

MOST_LOOKED_AT = 50
"""How many files of a folder are looked into."""

NAMED = 5
"""How many tags a sentence names."""


class Conll(FileSource):
    """Sentences in columns, each token with its tag in a line: named entities or parts of speech (CoNLL-2003, IOB2)."""

    key = "conll"
    title = note("Tagged sentences (CoNLL)")
    rank = 52

    column: int = integer(
        0, high=MOST_COLUMNS, label="Tag column", help="The column that holds the tags, from 1; 0 takes the last"
    )
    encoding: str = choice(AUTO, choices=ENCODINGS, help="How letters are written as bytes")

    @classmethod
    def holds(cls, path: Path) -> bool:
        """Say whether a file, or one of a folder, holds tokens with tags, or claims to by its name."""
        if is_file(path):
            return _is_tagged(path) or (suffix_of(path) in CLAIMING and bool(head_of(path)))
        return any(map(_fits, listed(path, most=MOST_LOOKED_AT)))

    def read(self) -> Data:
        files = together(self.place, Roles.parse(self.roles), SOUGHT)
        found = gathered(files, self._sentences_in, self.encoding)
        _begin_entities(found)
        return found.data(mark_of(files, self.place))

    def _sentences_in(self, file: TextFile) -> Iterator[Tagged]:
        """Yield the sentences of a file: a line that holds nothing, or begins a document, ends one."""
        columns = Columns.of(line for _, line in numbered_lines(file))
        if columns is None:
            return
        at = self._place_of_tag(file, columns)
        tokens: list[str] = []
        tags: list[str] = []
        number = 0
        for number, line in numbered_lines(file):
            if line.startswith(DOCUMENT) or not line.strip(" \t"):
                if tokens:
                    yield tokens, tags, number - 1
                    tokens, tags = [], []
                continue
            values = columns.parted(line)
            if not tokens and columns.is_comment(line, values):
                continue
            if len(values) != columns.width:
                raise _ragged(file, number, len(values), columns)
            if not values[0] or not values[at]:
                raise file.wrong(say("there is no token, or no tag; correct it"), number)
            tokens.append(values[0])
            tags.append(values[at])
            if len(tokens) > LONGEST_SENTENCE:
                raise too_long(file, number)
        if tokens:
            yield tokens, tags, number

    def _place_of_tag(self, file: TextFile, columns: Columns) -> int:
        """Return the column of the tags, from 0; refuse one that is not there."""
        number = next(number for number, line in numbered_lines(file) if columns == Columns.of([line]))
        if columns.width < 2:
            raise file.wrong(say("there is only one column; put a tag behind each token"), number)
        if columns.width > MOST_COLUMNS:
            raise file.wrong(say("it has more than {most} columns; choose another file", most=MOST_COLUMNS), number)
        if self.column > columns.width:
            raise file.wrong(
                say("there is no column {column}, only {n}; choose another", column=self.column, n=columns.width),
                number,
            )
        if self.column == 1:
            raise file.wrong(say("the first column holds the tokens; choose another for the tags"), number)
        return (self.column or columns.width) - 1


def _ragged(file: TextFile, line: int, n: int, columns: Columns) -> Exception:
    problem = count(
        "it has {n} column, not {width} as the lines before; correct it",
        "it has {n} columns, not {width} as the lines before; correct it",
        n,
        width=columns.width,
    )
    return file.wrong(problem, line)


def _begin_entities(found: Gathered) -> None:
    """Write the first tag of every entity with B-, as IOB2 does; say where that changed something (IOB1)."""
    if not _is_scheme(found):
        return
    if strange := [tag for tag in found.tags if not ENTITY.fullmatch(tag)]:
        names = ", ".join(glance(tag, 30) for tag in strange[:NAMED]) + ("…" if len(strange) > NAMED else "")
        found.remarks.append(
            say("These tags are neither O nor the beginning or inside of an entity: {names}", names=names)
        )
    if any(tag.startswith(("E-", "S-", "L-", "U-", "M-")) for tag in found.tags):
        return  # where an entity ends is marked too, so that its beginning is
    changed = sum(_begun(found, split) for split in found.texts)
    if changed:
        found.remarks.append(
            count(
                "{n} entity begins with I- (IOB1); it is read as B- (IOB2)",
                "{n} entities begin with I- (IOB1); they are read as B- (IOB2)",
                changed,
            )
        )


def _is_scheme(found: Gathered) -> bool:
    """Whether nearly all tokens have a tag that says where entities begin."""
    total = fitting = 0
    import numpy as np

    fits = np.array([ENTITY.fullmatch(tag) is not None for tag in found.tags])
    for numbers in found.numbers.values():
        total += len(numbers)
        fitting += int(fits[np.frombuffer(numbers, dtype=np.int64)].sum())
    return fitting >= 0.9 * total and any(tag.startswith(("B-", "I-")) for tag in found.tags)


def _begun(found: Gathered, split: str) -> int:
    """Let the entities of a split begin with B-; return how many did not."""
    import numpy as np

    numbers: Array = np.frombuffer(found.numbers[split], dtype=np.int64)  # shares its memory: changed in place
    inside = [tag for tag in found.tags if tag.startswith("I-")]
    beginning = {tag: found.tags.setdefault(f"B-{tag[2:]}", len(found.tags)) for tag in inside}
    kinds: dict[str, int] = {}
    kind = np.array([kinds.setdefault(tag[2:], len(kinds)) if tag[:2] in ("B-", "I-") else -1 for tag in found.tags])
    other = np.array([beginning.get(tag, at) for at, tag in enumerate(found.tags)])
    starts = np.cumsum([0, *map(len, found.texts[split])])[:-1]
    before = np.concatenate([[-1], kind[numbers][:-1]])
    before[starts] = -1
    wrong = (other[numbers] != numbers) & (kind[numbers] != before)
    numbers[wrong] = other[numbers][wrong]
    return int(wrong.sum())


def _is_tagged(path: Path) -> bool:
    head = head_of(path)
    return is_columns(head) and not is_conllu(head)


def _fits(path: Path) -> bool:
    """Whether a file in a folder is one of them."""
    ending = ending_of(path)
    if ending in CLAIMING:
        return bool(head_of(path))
    return ending in ALSO and _is_tagged(path)


SOUGHT = Sought(
    _fits,
    note("There are no tagged sentences in {path}; choose a file with a token and its tag in every line"),
    note("{path} holds several sets of tagged sentences; choose one of them: {files}"),
    note("{path} holds no tagged sentences that may be used; change what the files are for"),
    differing="parted",
)
