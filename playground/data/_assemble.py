"""Puts the files of a table together: the first file says what is made of its columns, all are read like it."""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from playground.data import Examples, Unlearnt
from playground.data._calendar import moments_of
from playground.data._features import Features
from playground.data._look import Look
from playground.data._places import wrong
from playground.data._plan import Plan, too_many_words
from playground.data._rows import MOST_CELLS, Block, Categories, Layout, Ragged, RowReader
from playground.data._series import Ahead, is_even, windows
from playground.data._values import glance
from playground.facts import LONGEST_NAME, MOST_NAMES, DataFacts, Target
from playground.shape import Shape
from playground.text import Refusal, Sentence, count, say

if TYPE_CHECKING:
    import numpy as np

    Array = np.ndarray[Any, Any]

MOST_CLASSES = 1_000
"""The most classes that are told apart."""

MOST_STRAYS = 0.1
"""If more than this share of a column's values are no numbers, they are not mistakes."""


@dataclass
class Assembly:
    """One data set in the making.

    Attributes:
        look, plan: the first file, and what is made of its columns.
        missing: ``drop``, ``mean`` or ``zero``.
        most_words: the most different words of a column that goes in.
        scaled: whether numbers to be predicted are shifted and scaled so that their mean is 0 and their spread 1.
        window, ahead, horizon: how many rows are looked at, how many later the target lies, and of how many rows it is
            predicted; a window of 0 is no series.
    """

    look: Look
    plan: Plan
    missing: str = "drop"
    most_words: int = 20
    scaled: bool = False
    window: int = 0
    ahead: int = 1
    horizon: int = 1
    remarks: list[Sentence] = field(default_factory=list)

    def __post_init__(self) -> None:
        columns, plan = self.look.columns, self.plan
        self._numbers = [columns[place] for place in plan.numbers]
        self._target = columns[plan.target]
        if not plan.is_class and plan.target not in plan.numbers:
            self._numbers.append(self._target)
        self._calendar = [columns[place].name for place in plan.calendar]
        self._numbers += [columns[place] for place in plan.calendar if columns[place] not in self._numbers]
        self._words = [columns[place] for place in plan.words] + ([self._target] if plan.is_class else [])
        self._clock = "" if plan.clock is None else columns[plan.clock].name
        self._dates = [columns[place] for place in plan.all_dates]
        self._categories = {column.name: Categories(most=self.most_words + 1) for column in self._words}
        if plan.is_class:
            self._categories[self._target.name].most = MOST_CLASSES
        if plan.is_class and self._target.kind == "number":
            self._categories[self._target.name].plain = _plain_number
        kinds = dict.fromkeys(plan.numbers, "number")
        kinds |= dict.fromkeys(plan.words, "word") | dict.fromkeys(plan.dates, "date")
        order = [(kinds[place], columns[place].name) for place in plan.inputs]
        if self.window:  # a forecast is compared with the last value of what it forecasts: it comes first
            order.sort(key=lambda one: one[1] != self._target.name)
        self._features = Features(order, [column.name for column in self._numbers])

    def read(self, files: Mapping[str, list[tuple[Path, Look]]]) -> tuple[DataFacts, dict[str, Examples]]:
        """Read the files of each split, those to train on first."""
        made: dict[str, tuple[Array, Array]] = {}
        for split, some in files.items():
            blocks = [self._blocks(path, look) for path, look in some]
            if not made:
                self._learn([block for of_file in blocks for block in of_file])
            parts = [self._arrays(of_file) for of_file in blocks]
            made[split] = parts[0] if len(parts) == 1 else _joined(parts)
            self._check_rows(some[0][0], made[split][0])
        target, answers = self._answers({split: y for split, (_, y) in made.items()}, next(iter(files.values()))[0][0])
        name = "label" if self.plan.is_class else "y"
        splits = {split: Examples({"x": x}, {name: answers[split]}) for split, (x, _) in made.items()}
        names = tuple(self._features.names())
        facts = DataFacts(
            {"x": Shape(time=self.window, features=len(names)) if self.window else Shape(features=len(names))},
            {name: target},
            {split: len(x) for split, (x, _) in made.items()},
            {"x": names},
        )
        return facts, splits

    @property
    def unlearnt(self) -> Unlearnt:
        """What is to be learnt from those examples that will train, which nobody knows yet."""
        scale = "y" if self.scaled and not self.plan.is_class else ""
        return Unlearnt(self.missing == "mean", scale, self._target.name)

    @property
    def series(self) -> Ahead | None:
        """What of a series is predicted, where it is one and numbers are."""
        if not self.window or self.plan.is_class:
            return None
        return Ahead(self.ahead, self.horizon, past=(0,) if self._past_comes_first() else ())

    # -- files -------------------------------------------------------------------------------------------------

    def _blocks(self, path: Path, look: Look) -> list[Block]:
        layout = self._layout(path, look)
        before = deepcopy(self._categories)
        reader = RowReader(path, layout, self._categories)
        try:
            blocks = list(reader.blocks())
        except Ragged as ragged:
            if layout.dialect.multiline:
                raise
            # Perhaps a quoted value goes over several lines, and none did so in the beginning of the file.
            self._categories = before
            try:
                layout = replace(layout, dialect=replace(layout.dialect, multiline=True))
                reader = RowReader(path, layout, self._categories)
                blocks = list(reader.blocks())
            except Refusal:
                raise ragged from None
        self._note_strays(reader)
        self._check_words(path)
        return blocks

    def _layout(self, path: Path, look: Look) -> Layout:
        """Find the columns of a file by the names they have in the first one, or by their place."""
        by_name = look.named and self.look.named
        if not by_name and look.width != self.look.width:
            raise wrong(
                path,
                say(
                    "it has {n} columns, but {other} has {m}; choose tables with the same columns",
                    n=look.width,
                    other=self.look.path.name,
                    m=self.look.width,
                ),
            )
        own = {column.name: place for place, column in enumerate(look.columns if by_name else self.look.columns)}
        for column in [*self._numbers, *self._words, *self._dates]:
            if column.name not in own:
                raise wrong(
                    path,
                    say(
                        "there is no column called {name} as in {other}; choose tables with the same columns",
                        name=column.name,
                        other=self.look.path.name,
                    ),
                )
        numbers = {
            own[one.name]: replace(one, grouped=one.grouped or look.columns[own[one.name]].grouped)
            for one in self._numbers
        }
        words, dates = ({own[one.name]: one for one in some} for some in (self._words, self._dates))
        return Layout(look.dialect, look.encoding, look.begin, look.width, numbers, words, dates)

    def _note_strays(self, reader: RowReader) -> None:
        """Say which values count as missing because they are no numbers; refuse where these are too many."""
        for name, stray in reader.strays.items():
            if stray.count > MOST_STRAYS * reader.rows:
                raise wrong(
                    reader.path,
                    say(
                        "in the column {name} stands “{value}” and more that is no number; correct it or leave it out",
                        name=name,
                        value=glance(stray.first),
                    ),
                    stray.line,
                )
            self.remarks.append(
                count(
                    "{n} value of {name} is no number and counts as missing: “{value}” in line {line}",
                    "{n} values of {name} are no numbers and count as missing, the first “{value}” in line {line}",
                    stray.count,
                    name=name,
                    value=glance(stray.first),
                    line=stray.line,
                )
            )

    def _check_words(self, path: Path) -> None:
        """Leave out a column whose words turn out to be many only further down; refuse too many classes."""
        for name, categories in self._categories.items():
            if not categories.full:
                continue
            if self.plan.is_class and name == self._target.name:
                raise wrong(
                    path,
                    say(
                        "the column {name} holds more than {most} different values; predict another, or a number",
                        name=name,
                        most=categories.most,
                    ),
                )
            kept = [one for one in self._features.order if one != ("word", name)]
            if not kept:
                raise wrong(path, say("the column {name} holds too many different words to be of use", name=name))
            if len(kept) < len(self._features.order):
                self._features.order = kept
                self.remarks.append(too_many_words([name]))

    # -- arrays ------------------------------------------------------------------------------------------------

    def _learn(self, blocks: list[Block]) -> None:
        """Find out from the training rows what all are treated by."""
        self._features.learn(blocks, self._categories, self.missing)
        self._check_width()

    def _check_width(self) -> None:
        width = len(self._features.names())
        if width > MOST_NAMES:
            raise wrong(
                self.look.path,
                say("it makes {n} features, more than {most}; choose fewer columns", n=width, most=MOST_NAMES),
            )

    def _check_rows(self, path: Path, x: Array) -> None:
        if len(x):
            return
        if self.window:
            raise wrong(
                path,
                say(
                    "no {n} rows without missing values follow each other; look back less, or fill what is missing",
                    n=self.window + self.ahead + self.horizon - 1,
                ),
            )
        raise wrong(path, say("no row is left: each has a missing value; fill them, or choose fewer columns"))

    def _arrays(self, blocks: list[Block]) -> tuple[Array, Array]:
        """Turn the rows of one file into features and answers; the blocks are used up, to save memory."""
        import numpy as np

        keeps = [self._kept(block) for block in blocks]
        kept, rows = sum(int(keep.sum()) for keep in keeps), sum(map(len, blocks))
        width = len(self._features.names())
        if kept * (width * max(1, self.window) + (self.horizon if self.window else 1)) > MOST_CELLS:
            raise wrong(
                self.look.path,
                say("it makes more than {most} numbers; choose fewer columns, or a smaller window", most=MOST_CELLS),
            )
        pairs = list(zip(blocks, keeps, strict=True))
        answers = [self._answered(block)[keep] for block, keep in pairs]
        moments = [when[keep] for block, keep in pairs if (when := self._when(block)) is not None]
        x = np.empty((kept, width), dtype=np.float32)
        del pairs
        at = 0
        for keep in keeps:
            block = blocks.pop(0)
            n = int(keep.sum())
            self._features.write(block, slice(None) if n == len(block) else keep, x[at : at + n])
            at += n
        if kept < rows:
            self.remarks.append(
                count(
                    "{n} row with missing values is left out", "{n} rows with missing values are left out", rows - kept
                )
            )
        y = np.concatenate(answers) if answers else np.empty(0, dtype=np.float32)
        if not self.window:
            return x, y
        if moments:
            x, y = self._in_order(x, y, np.concatenate(moments))
        found = windows(x, y, self.window, self.ahead, self.horizon, self._features.needed())
        if lost := max(0, len(x) - self.window - self.ahead - self.horizon + 2) - len(found[0]):
            self.remarks.append(
                count(
                    "{n} example is left out, since a value is missing in it",
                    "{n} examples are left out, since values are missing in them",
                    lost,
                )
            )
        return found

    def _past_comes_first(self) -> bool:
        """Whether the first number of each row is the one that is predicted."""
        return not self.plan.is_class and self._features.order[0] == ("number", self._target.name)

    def _kept(self, block: Block) -> Array:
        """Say which rows are used; in a series all that have their time, for each belongs to many examples."""
        import numpy as np

        if self.window:
            when = self._when(block)
            return np.ones(len(block), dtype=bool) if when is None else ~np.isnat(when)
        answered = self._answered(block)
        kept: Array = self._features.kept(block) & (answered >= 0 if self.plan.is_class else ~np.isnan(answered))
        return kept

    def _when(self, block: Block) -> Array | None:
        """Return the moments of a block's rows, NaT where one is missing; None where nothing tells them."""
        if self._calendar:
            names = [column.name for column in self._numbers]
            return moments_of({name: block.numbers[:, names.index(name)] for name in self._calendar})
        return block.dates[self._clock] if self._clock else None

    def _answered(self, block: Block) -> Array:
        """Return the answers of a block: numbers, NaN where missing, or the numbers of classes, then −1."""
        import numpy as np

        if not self.plan.is_class:
            return np.array(block.numbers[:, [column.name for column in self._numbers].index(self._target.name)])
        codes = block.words[self._target.name]
        nothing = self._categories[self._target.name].numbers.get("", -1)
        return np.where(codes == nothing, -1, codes).astype(np.int64)

    def _in_order(self, x: Array, answers: Array, moments: Array) -> tuple[Array, Array]:
        """Sort rows by their time, and say where that is not even."""
        import numpy as np

        seconds, clock = moments.astype(np.int64), self._clock or ", ".join(self._calendar)
        if (np.diff(seconds) < 0).any():
            order = np.argsort(seconds, kind="stable")
            x, answers, moments = x[order], answers[order], moments[order]
            self.remarks.append(say("The rows are put in the order of {column}", column=clock))
        if not is_even(moments):
            self.remarks.append(say("The steps of {column} are not all alike, but are taken to be", column=clock))
        return x, answers

    def _answers(self, found: dict[str, Array], path: Path) -> tuple[Target, dict[str, Array]]:
        """Return what is to be predicted, and the answers; classes are numbered in the order of their names."""
        import numpy as np

        if not self.plan.is_class:
            steps = self.horizon if self.window else 1
            return Target(shape=Shape(features=steps)), {split: y.reshape(-1, steps) for split, y in found.items()}
        numbers = self._categories[self._target.name].numbers
        used = {int(code) for y in found.values() for code in np.unique(y)}
        classes = sorted((word for word, code in numbers.items() if code in used), key=_by_value)
        if len(classes) < 2:
            raise wrong(
                path,
                say(
                    "in every row {name} is {value}, so there is nothing to learn; predict another column",
                    name=self._target.name,
                    value=glance(classes[0]),
                ),
            )
        own = np.zeros(max(numbers.values()) + 1, dtype=np.int64)
        own[[numbers[word] for word in classes]] = np.arange(len(classes))
        answers = {split: own[y.ravel()] for split, y in found.items()}
        return Target(tuple(word[:LONGEST_NAME] for word in classes)), answers


def _joined(parts: list[tuple[Array, Array]]) -> tuple[Array, Array]:
    import numpy as np

    return np.concatenate([x for x, _ in parts]), np.concatenate([y for _, y in parts])


def _plain_number(word: str) -> str:
    """Write 1, 1.0 and 1,00 alike."""
    try:
        value = float(word.replace(",", "."))
    except ValueError:
        return word
    return str(int(value)) if value.is_integer() and abs(value) < 1e15 else word


def _by_value(word: str) -> tuple[bool, float, str]:
    """Sort numbers by their value, before words by their letters."""
    try:
        return False, float(word), word
    except ValueError:
        return True, 0.0, word
