"""CoNLL-U, the format of the Universal Dependencies: ten columns, a word in every line."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from playground.data import Data, FileSource
from playground.data._annotated import LONGEST_SENTENCE, NOTHING, Tagged, gathered, mark_of, numbered_lines, too_long
from playground.data._columns import is_conllu
from playground.data._encoding import AUTO, ENCODINGS
from playground.data._lines import TextFile, head_of
from playground.data._places import Roles, family_of, is_file, listed
from playground.data._together import MOST_FILES, Sought, suffix_of, together
from playground.data._values import glance
from playground.declare import choice
from playground.text import note, say

SUFFIX = ".conllu"
COLUMNS = {"upos": 3, "xpos": 4, "feats": 5, "deprel": 7}
"""The columns that can be predicted, counted from 0."""

UNSAID = "_"
"""What stands where nothing is said; of features it says that there are none."""


class ConllU(FileSource):
    """Sentences of a treebank (Universal Dependencies), each word with its part of speech."""

    key = "conll-u"
    title = note("Treebank (CoNLL-U)")
    rank = 50

    column: str = choice(
        "upos",
        choices={
            "upos": note("part of speech (UPOS)"),
            "xpos": note("part of speech of the language (XPOS)"),
            "feats": note("morphological features (FEATS)"),
            "deprel": note("dependency relation (DEPREL)"),
        },
        label="Predict",
        help="Which column holds the tag of each word",
    )
    encoding: str = choice(AUTO, choices=ENCODINGS, help="How letters are written as bytes")

    @classmethod
    def holds(cls, path: Path) -> bool:
        """Say whether a file, or one of a folder, is a treebank or claims to be one by its name."""
        if is_file(path):
            head = head_of(path)
            return is_conllu(head) or (suffix_of(path) == SUFFIX and bool(head))
        return any(suffix_of(one) == SUFFIX and bool(head_of(one)) for one in listed(path, most=MOST_FILES))

    def read(self) -> Data:
        files = together(self.place, Roles.parse(self.roles), SOUGHT)
        found = gathered(files, self._sentences_in, self.encoding)
        return found.data(mark_of(files, self.place))

    def _sentences_in(self, file: TextFile) -> Iterator[Tagged]:
        """Yield the sentences of a file; multiword tokens (3-4) and empty nodes (5.1) are no words."""
        at, unsaid = COLUMNS[self.column], NOTHING if self.column != "feats" else UNSAID
        words: list[str] = []
        tags: list[str] = []
        number = 0
        for number, line in numbered_lines(file):
            if line.startswith("#"):
                continue
            if not line or line.isspace():
                if words:
                    yield words, tags, number - 1
                    words, tags = [], []
                continue
            values = line.split("\t", 10)
            if len(values) != 10:
                raise file.wrong(say("it has {n} columns, not the ten of CoNLL-U; correct it", n=_width(line)), number)
            if not _is_word(file, number, values[0], len(words)):
                continue
            if not values[1] or not values[at]:
                raise file.wrong(say("a column is empty; write _ where nothing is said"), number)
            words.append(values[1])
            tags.append(values[at] if values[at] != UNSAID else unsaid)
            if len(words) > LONGEST_SENTENCE:
                raise too_long(file, number)
        if words:
            yield words, tags, number


def _is_word(file: TextFile, line: int, written: str, before: int) -> bool:
    """Whether a line is a word, by the number that it begins with; refuse one that is out of order."""
    if written == str(before + 1):
        return True
    for mark, first in (("-", before + 1), (".", before)):
        one, between, other = written.partition(mark)
        if between and one == str(first) and other.isdecimal():
            return False
    raise file.wrong(
        say(
            "the words of a sentence are numbered from 1, but {found} stands where {expected} should",
            found=glance(repr(written), 20),
            expected=before + 1,
        ),
        line,
    )


def _width(line: str) -> int:
    return line.count("\t") + 1


def _treebank(stem: str) -> str:
    """Return the treebank that a file is of: ``en_ewt`` of ``en_ewt-ud-train``, ``cs_pdt`` of ``cs_pdt-ud-train-a``."""
    name, between, _ = stem.lower().partition("-ud-")
    return name if between else family_of(stem)


def _is_treebank(path: Path) -> bool:
    return suffix_of(path) == SUFFIX


SOUGHT = Sought(
    _is_treebank,
    note("There are no treebanks in {path}; choose a CoNLL-U file"),
    note("{path} holds several treebanks; choose one of them: {files}"),
    note("{path} holds no treebank that may be used; change what the files are for"),
    _treebank,
    "",
)
