"""Tables: CSV and TSV files and what is written like them, as rows of features or as a series in time."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from playground.data import Data, FileSource
from playground.data._columns import is_annotated
from playground.data._encoding import AUTO, ENCODINGS
from playground.data._labelled import are_for_texts
from playground.data._look import Look, look
from playground.data._parted import is_parted
from playground.data._places import Roles, fingerprint, is_file, listed, shown, start_of
from playground.data._plan import Plan, Wish, names_in, planned
from playground.data._sniff import DELIMITERS, Given
from playground.data._together import MOST_FILES, SUFFIXES, suffix_of, together
from playground.declare import choice, integer, switch, words
from playground.text import Refusal, Sentence, note, say

USUAL_WINDOW = 12
"""How many steps a series is first looked back: a year of months."""


class Table(FileSource):
    """Rows of measurements in a CSV or TSV file: one column is predicted from the others, or from its own past."""

    key = "table"
    title = note("Table (CSV, TSV)")
    rank = 40
    uneven = True

    target: str = words(
        "", help="The column to be predicted; empty: one called label, class, target, species or y, else the last"
    )
    task: str = choice(
        "auto",
        choices={"auto": note("as its values suggest"), "class": note("a class"), "number": note("a number")},
        label="Predict",
        help="Words and few different whole numbers are taken for classes, everything else for a number",
    )
    columns: str = words("", longest=100_000, help="The columns that go in, separated by commas; empty: all others")
    without: str = words("", longest=100_000, label="Leave out", help="Columns that do not go in, separated by commas")
    named: str = words(
        "",
        longest=100_000,
        label="Numbers as words",
        help="Columns whose numbers only name things, such as postal codes, separated by commas",
    )
    values: int = integer(
        20,
        low=0,
        high=1000,
        label="Different words",
        help="A column of words goes in as a switch for each, if there are no more different ones than this",
    )
    dates: bool = switch(True, help="Dates go in as years since 2000 and the angle of the season, and of the hour")
    missing: str = choice(
        "drop",
        choices={
            "drop": note("leave out the row"),
            "mean": note("fill with the mean"),
            "zero": note("fill with 0 and mark"),
        },
        label="Missing values",
        help="What is done where a number is missing; a mark is one more feature that is 1 there",
    )
    scaled: bool = switch(
        True, label="Scale answers", help="Shift and scale numbers to be predicted so that their mean is 0 and spread 1"
    )
    window: int = integer(
        0, high=10_000, help="How many rows, the present one and those before it, go in; 0 if rows are no series"
    )
    ahead: int = integer(1, low=1, high=100_000, help="How many rows later the value lies that is predicted")
    horizon: int = integer(
        1, low=1, high=1000, help="How many values are predicted at once, of the row that many later and those after it"
    )
    delimiter: str = choice(
        "auto",
        choices={
            "auto": note("detect"),
            "comma": note("comma"),
            "semicolon": note("semicolon"),
            "tab": note("tab"),
            "bar": note("bar |"),
            "space": note("spaces"),
        },
        help="What separates the values of a row",
    )
    header: str = choice(
        "auto",
        choices={"auto": note("detect"), "yes": note("column names"), "no": note("a row of data")},
        label="First line",
        help="Whether the first line names the columns or is already a row",
    )
    decimal: str = choice(
        "auto",
        choices={"auto": note("detect"), "point": note("decimal point"), "comma": note("decimal comma")},
        label="Decimals",
        help="How the decimals of a number are written",
    )
    encoding: str = choice(AUTO, choices=ENCODINGS, help="How letters are written as bytes")

    @classmethod
    def holds(cls, path: Path) -> bool:
        """Say whether a file, or one of a folder, is a table from which something can be predicted."""
        if is_file(path):
            return cls(path=str(path)).is_plausible(path)
        files = [one for one in listed(path, most=MOST_FILES) if suffix_of(one) in SUFFIXES][:5]
        return any(cls(path=str(one)).is_plausible(one) for one in files)

    @classmethod
    def at(cls, path: Path) -> Table:
        """Return the table at a path; a series, where it looks like one, with a window to look back."""
        table = cls(path=str(path))
        try:
            seen = table.look()
        except Refusal:
            return table
        numbers = [one for one in seen.columns if one.kind == "number"]
        dates = [one for one in seen.columns if one.kind == "date"]
        steady = seen.width == len(numbers) + len(dates) and (dates[0].steady if dates else len(numbers) == 1)
        steady = steady or (bool(seen.calendar) and not dates)
        if steady and numbers and numbers[0].seen > 3 * USUAL_WINDOW:
            return table.replace(window=USUAL_WINDOW)
        return table

    def look(self, path: Path | None = None) -> Look:
        """Look at the beginning of the table, or of another file as if it were this one; needs no library."""
        if path is None:
            path = self.place
            if not is_file(path):
                path = next(iter(self._files().values()))[0]
        header = {"yes": True, "no": False}.get(self.header)
        comma = {"comma": True, "point": False}.get(self.decimal)
        given = Given(DELIMITERS.get(self.delimiter), header, comma)
        return look(path, given, self.encoding, names_in(self.named))

    def plan(self, seen: Look) -> Plan:
        """Say what is made of each column of a file."""
        wish = Wish(
            self.target,
            self.task,
            self.columns,
            self.without,
            self.dates,
            self.values,
            self.missing != "drop",
            self.window > 0,
        )
        return planned(seen, wish)

    def is_plausible(self, path: Path) -> bool:
        """Whether a file looks like a table, and not like a text with commas; claims by name are believed of a text."""
        try:
            seen = self.look(path)
        except Refusal:
            return suffix_of(path) in SUFFIXES and b"\0" not in start_of(path, 4096) and bool(start_of(path, 1))
        claimed = suffix_of(path) in SUFFIXES
        numbers = sum(one.kind in ("number", "date") for one in seen.columns)
        if not claimed and (not numbers or not _is_tidy(seen)):
            return False
        try:
            plan = self.plan(seen)
        except Refusal:
            return seen.width == numbers == 1
        # Sentences with their class, their translation, or with a tag for each word, are for readers of texts.
        return not are_for_texts(seen, plan.target, plan.inputs) and not is_annotated(path) and not is_parted(path)

    def read(self) -> Data:
        files = self._files()
        try:
            import pyarrow.csv  # noqa: F401
        except ImportError as error:
            raise Refusal(
                say("Tables are read with pyarrow, which is not installed; run pip install pyarrow")
            ) from error
        from playground.data._assemble import Assembly

        first = self.look(next(iter(files.values()))[0])
        seen = {path: self.look(path) for some in files.values() for path in some}
        plan = self.plan(first)
        remarks = [*first.told(), *plan.told(first)]
        _leave_out_unanswered(files, seen, first.columns[plan.target].name, remarks)
        if self.window and self.horizon > 1 and plan.is_class:
            raise Refusal(say("A class is predicted for one row only; set the horizon to 1, or predict a number"))
        assembly = Assembly(
            first, plan, self.missing, self.values, self.scaled, self.window, self.ahead, self.horizon, remarks
        )
        facts, splits = assembly.read({split: [(path, seen[path]) for path in some] for split, some in files.items()})
        place = self.place
        used = sorted(path for some in files.values() for path in some)
        facts = replace(facts, fingerprint=fingerprint(used, place.parent if is_file(place) else place))
        apart = self.horizon - 1 if self.window else 0
        return Data(
            facts,
            splits,
            tuple(remarks),
            in_time=self.window > 0,
            apart=apart,
            ahead=assembly.series,
            unlearnt=assembly.unlearnt,
        )

    def _files(self) -> dict[str, list[Path]]:
        return together(self.place, Roles.parse(self.roles))


def _leave_out_unanswered(
    files: dict[str, list[Path]], seen: dict[Path, Look], target: str, remarks: list[Sentence]
) -> None:
    """Leave out what is not for training and lacks the answers, as the test files of competitions do."""
    for split, some in list(files.items())[1:]:
        if any(seen[path].named and seen[path].place(target) is None for path in some):
            del files[split]
            names = ", ".join(shown(path) for path in some)
            remarks.append(say("Left out: {columns} ({reason})", columns=names, reason=say("the answers are missing")))


def _is_tidy(seen: Look) -> bool:
    """Whether nothing speaks against a table where a file's name does not say that it is one."""
    beginning = " ".join(seen.rows[0]) if not seen.named else seen.columns[0].name
    return seen.tidy and seen.width > 1 and not beginning.lstrip().startswith(("{", "[", "<"))
