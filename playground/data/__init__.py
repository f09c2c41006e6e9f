"""Data sets: what a person can choose to train on. One file a kind; a new set is one class in one place.

A `Source` is declared like a block: its attributes are what a person may set (noise, count, a path). It answers
two questions: `facts`, cheap, what the shape rules need to know; and `read`, the examples themselves as arrays.
Reading happens in the engine, never in the window.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules
from typing import TYPE_CHECKING, Any, ClassVar

from playground.data._series import Ahead
from playground.data._stored import StoredColumn
from playground.declare import Declared, words
from playground.facts import DataFacts
from playground.text import Refusal, Sentence, note, say

if TYPE_CHECKING:
    import numpy as np

    Array = np.ndarray[Any, Any]


IGNORED = -100
"""In place of a class where there is nothing to predict: beyond the end of a sequence. Losses and metrics skip it."""


@dataclass(frozen=True)
class Examples:
    """Some examples: arrays by input name and by target name, the examples along the first axis of each.

    Inputs are float32, physical order as in `Shape`, or int64: the numbers of tokens (n, time), 0 beyond the end.
    Class targets are int64, one for each example, or one for each step (n, time) or pixel (n, height, width), `IGNORED`
    where there is nothing to predict. Number targets are float32. Inputs that are too large for memory are a
    `StoredColumn`, which is indexed like an array and read when it is.

    As read, before they are prepared (`playground.preparation`), they may also be a `column` of texts: strings not yet
    parted into tokens, or tuples of tokens; as a target, a sequence to be written. A target may be a column of int64
    arrays, the classes of the steps of each example.

    Attributes:
        lengths: how many steps of each example there are (n,), by the name of an input or target where they differ.
        origin: the number of the file that each comes from (n,), where there are several.
        follows: whether each goes on where the one before it ends (n,), where they are cut from running texts.
    """

    inputs: Mapping[str, Array]
    targets: Mapping[str, Array]
    lengths: Mapping[str, Array] = field(default_factory=dict)
    origin: Array | None = None
    follows: Array | None = None

    def __len__(self) -> int:
        return len(next(iter(self.inputs.values()), ()))

    def take(self, index: Any) -> Examples:
        """Return some of the examples, by an index array or a slice."""
        return Examples(
            {
                name: values.some(index).as_inputs() if isinstance(values, StoredColumn) else values[index]
                for name, values in self.inputs.items()
            },
            {name: values[index] for name, values in self.targets.items()},
            {name: values[index] for name, values in self.lengths.items()},
            None if self.origin is None else self.origin[index],
            None if self.follows is None else self.follows[index],
        )


def column(values: Sequence[Any]) -> Array:
    """Return what each example has one of, a text or an array of its own, as an array of objects (n,)."""
    import numpy as np

    made = np.empty(len(values), dtype=object)
    for at, value in enumerate(values):
        made[at] = value
    return made


@dataclass(frozen=True)
class Scaling:
    """What standardising does to one input: ``(values − shift) / scale``, per channel or feature."""

    shift: Array
    scale: Array

    @classmethod
    def of(cls, values: Array) -> Scaling:
        """Measure examples (batch first): their mean and spread along every axis but channels or features.

        Images (n, channels, height, width) and clips of them (n, time, channels, height, width) are measured per
        channel, everything else along its last axis.
        What does not vary is only shifted.
        """
        import numpy as np

        kept = values.ndim - 3 if values.ndim in (4, 5) else values.ndim - 1
        axes = tuple(axis for axis in range(values.ndim) if axis != kept)
        if isinstance(values, StoredColumn):
            shift, spread = (found[0] for found in values.moments(axes))
        else:
            spread = values.std(axis=axes, keepdims=True, dtype=np.float64)[0]
            shift = values.mean(axis=axes, keepdims=True, dtype=np.float64)[0]
        return cls(shift.astype(np.float32), np.where(spread > 0, spread, 1.0).astype(np.float32))


@dataclass(frozen=True)
class Unlearnt:
    """What a table still lacks before it can be trained on, to be learnt from those examples that train.

    Attributes:
        fill: whether missing values among the inputs, NaN, become the mean of their column.
        scale: the numbers to be predicted that are shifted and scaled so that their mean is 0 and their spread 1.
        called: what these are called where a person reads of them.
    """

    fill: bool = False
    scale: str = ""
    called: str = ""


@dataclass(frozen=True)
class Data:
    """A data set: its examples by split, and its facts.

    `validation` and `test` may be missing. `train` is missing only where files hold none of it, which is refused
    as soon as somebody wants to train. Test examples are never used to choose anything.

    Attributes:
        facts: what the shape rules need to know. Of columns of texts they say nothing until these are prepared.
        splits: the examples of each split.
        remarks: what a person should hear of how it was read: an encoding that was detected, values that were filled.
        problems: what is wrong with the files although the rest could be read: an image that was left out.
        in_time: whether the examples follow each other in time, so that those that validate must be the last.
        ahead: what of a series is predicted, where it is one.
        unlearnt: what preparation still has to learn and do.
        scaled: the shift and the scale of numbers to be predicted, by target: ``values · scale + shift`` is as read.
        apart: how many examples must lie between those that train and those that validate, since what is predicted of
            them overlaps.
        running: whether each text is a stream whose next token is to be predicted, and which may be cut anywhere.
        unit: what texts are parted into where nobody says otherwise: ``words`` or ``characters``.
        vocabularies: the tokens by their numbers, by the name of an input of tokens; known once it is prepared.
        letters: the letters by their numbers, where the words of a text are spelt out too.
        spoilt_by: which ways to augment would make the answers wrong, by the parameter of `Preparation`, and why.
    """

    facts: DataFacts
    splits: Mapping[str, Examples] = field(default_factory=dict)
    remarks: tuple[Sentence, ...] = ()
    problems: tuple[Sentence, ...] = ()
    in_time: bool = False
    ahead: Ahead | None = None
    unlearnt: Unlearnt = Unlearnt()
    scaled: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    apart: int = 0
    running: bool = False
    unit: str = "words"
    vocabularies: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    letters: tuple[str, ...] = ()
    spoilt_by: Mapping[str, Sentence] = field(default_factory=dict)

    def with_splits(self, splits: Mapping[str, Examples]) -> Data:
        """Return the same data with other examples, counted anew."""
        counts = {split: len(examples) for split, examples in splits.items()}
        return replace(self, facts=replace(self.facts, counts=counts), splits=dict(splits))


KINDS = (
    note("Points"),
    note("Functions"),
    note("Tables"),
    note("Images"),
    note("Texts"),
    note("Sequences"),
    note("Series"),
    note("Files"),
)
"""The headings under which data sets are listed, in their order."""

MADE = note("Made by this program; free for any use")
"""The licence of data sets that are drawn from a seed."""


class Source(Declared):
    """The base of all data sets; `members` lists them by the name that files use.

    Class attributes:
        title: what it is called.
        kind: one of `KINDS`, the heading under which it is listed.
        licence: who made it and what may be done with it; empty for a person's own files.
        uneven: whether the inputs' ranges differ so much that they should be standardised.
        class_names: what classes are called where a person reads them, marked with `note`; files and facts keep the
            name itself. Classes that have no entry, above all those of a person's own files, are called as they are.
    """

    members: ClassVar[dict[str, type[Any]]] = {}
    title: ClassVar[str]
    kind: ClassVar[str] = note("Files")
    licence: ClassVar[str] = ""
    uneven: ClassVar[bool] = False
    class_names: ClassVar[Mapping[str, str]] = {}

    def class_name(self, name: str) -> str:
        """Return what a class is called in the present language."""
        return str(Sentence(self.class_names[name])) if name in self.class_names else name

    def read(self) -> Data:
        """Return the examples; refuse with one sentence where they cannot be had."""
        raise NotImplementedError

    @property
    def is_chosen(self) -> bool:
        """Whether it is known where the data lie; until a person has said so, there is nothing to read."""
        return True

    def goes_on(self, before: Source) -> bool:
        """Say whether a run on another set goes on with this one, instead of beginning anew."""
        return self == before

    def picture(self) -> str:
        """Say how an example is best drawn: ``points`` (two features), ``image``, ``clip``, or nothing special."""
        return ""


class FileSource(Source):
    """The base of what reads files of the user's own: one format a member.

    `read` says all that is wrong with a file in one `Refusal` that names it (see `_places` for the common sentences),
    believes nothing that a header promises before it has compared it with the length of the file, and puts a
    `_places.fingerprint` of what it read into the facts. Saved documents name the path as seen from their own folder.

    Class attributes:
        rank: of several formats that a file could have, the one with the lowest is taken: 10 where a magic number
            tells, 20 where sizes or the structure of a folder do, 40 for tables, 60 for texts.
    """

    members = Source.members  # a base for data sets, not one of them
    rank: ClassVar[int] = 20

    path: str = words("", longest=4096, label="File or folder", help="Where the data lie")
    roles: str = words(
        "",
        longest=1000,
        help="What files are for where their names do not tell: name=train, validation, test or none, parted by commas",
    )

    @classmethod
    def holds(cls, path: Path) -> bool:
        """Say by its content whether this file or folder is in the format; only a look at the beginning of files.

        A name may decide which files are looked at and which of two formats is meant, never that it is this one.
        May refuse what cannot be read at all.
        """
        raise NotImplementedError

    @classmethod
    def at(cls, path: Path) -> FileSource:
        """Return what reads this file or folder, set up as its content suggests."""
        return cls(path=str(path))

    @property
    def is_chosen(self) -> bool:
        return bool(self.path)

    @property
    def place(self) -> Path:
        """The path; refuses while none has been chosen, which Path would take for the present folder."""
        if not self.path:
            raise Refusal(say("No file or folder has been chosen yet; choose where the data lie"))
        return Path(self.path)


SOURCES: Mapping[str, type[Source]] = Source.members


for _module in iter_modules(__path__):
    import_module(f"{__name__}.{_module.name}")
