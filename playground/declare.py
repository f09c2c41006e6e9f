"""Declared things: a class whose attributes say what a person may set.

Blocks, optimisers, schedules, losses, data sets and training settings are all declared the same way:

    class Dense(Block):
        \"\"\"Mixes every input into every output.\"\"\"

        units: int = integer(8, low=1, high=65_536, help="How many outputs")
        bias: bool = switch(True, help="Add a learnable offset")

From that one text follow the form in the inspector, the fields of the JSON, their validation and the help.
Instances are frozen, compare by value and can only hold valid values.
"""

from __future__ import annotations

import dataclasses
import math
from base64 import b64decode
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar, Self, dataclass_transform

from playground.text import Refusal, Sentence, say

AUTO = "auto"

NAMED = 12
"""How many names a refusal lists."""


@dataclass(frozen=True)
class Parameter:
    """One thing a person may set: its kind, its limits and what it is for.

    `kind` is one of ``integer``, ``number``, ``switch``, ``choice``, ``sides`` (a height and a width),
    ``words`` (free text), ``several`` (a subset of the choices), ``member`` (another declared thing), ``rows`` (a table
    whose `columns` are parameters themselves, `high` rows at most) and ``packed`` (`high` bytes, written in base64).
    `auto` names the fact of the data that fills the parameter when it is left on ``"auto"``.
    """

    kind: str
    default: Any
    help: str
    name: str = ""
    label: str = ""
    low: float = -math.inf
    high: float = math.inf
    choices: tuple[str, ...] = ()
    labels: Mapping[str, str] = field(default_factory=dict)
    """What choices are called where their own name is not what a person would read (marked with `note`)."""
    auto: str = ""
    log: bool = False
    base: type[Declared] | None = None
    columns: tuple[Parameter, ...] = ()
    group: str = ""
    """The heading below which a form folds it away (marked with `note`); without one it is always shown."""

    def label_of(self, choice: str) -> Sentence:
        """Return what one of the choices is called."""
        return Sentence(self.labels.get(choice, choice))

    def read(self, value: Any) -> Any:
        """Turn a value from a file or a form into the value that is kept; refuse what does not fit."""
        if self.auto and value == AUTO:
            return AUTO
        return getattr(self, f"_read_{self.kind}")(value)

    def write(self, value: Any) -> Any:
        """Turn a kept value into plain JSON."""
        if isinstance(value, Declared):
            return {"name": type(value).key, **value.to_json()}
        if isinstance(value, tuple):
            if self.kind == "sides" and value[0] == value[1]:
                return value[0]
            return [list(one) if isinstance(one, tuple) else one for one in value]
        return value

    def _read_integer(self, value: Any) -> int:
        if isinstance(value, float) and value.is_integer():
            value = int(value)
        if isinstance(value, bool) or not isinstance(value, int):
            raise self._refuse(say("a whole number"), value)
        return int(self._limited(value))

    def _read_number(self, value: Any) -> float:
        if isinstance(value, bool) or not isinstance(value, int | float) or not is_finite(value):
            raise self._refuse(say("a number"), value)
        return float(self._limited(value))

    def _read_switch(self, value: Any) -> bool:
        if not isinstance(value, bool):
            raise self._refuse(say("true or false"), value)
        return value

    def _read_choice(self, value: Any) -> str:
        if not isinstance(value, str) or value not in self.choices:
            raise self._refuse(say("one of {choices}", choices=some_of(self.choices)), value)
        return value

    def _read_several(self, value: Any) -> tuple[str, ...]:
        if not isinstance(value, list | tuple) or not value or any(one not in self.choices for one in value):
            raise self._refuse(say("some of {choices}", choices=some_of(self.choices)), value)
        return tuple(one for one in self.choices if one in value)

    def _read_sides(self, value: Any) -> tuple[int, int]:
        if isinstance(value, list | tuple):
            if len(value) != 2:
                raise self._refuse(say("a whole number or two of them"), value)
            return self._read_integer(value[0]), self._read_integer(value[1])
        side = self._read_integer(value)
        return side, side

    def _read_words(self, value: Any) -> str:
        if not isinstance(value, str) or len(value) > self.high:
            raise self._refuse(say("a text"), value)
        return value

    def _read_rows(self, value: Any) -> tuple[tuple[Any, ...], ...]:
        if not isinstance(value, list | tuple):
            raise self._refuse(say("a list of rows"), value)
        if len(value) > self.high:
            told = say(
                "{name} can have {most} rows at most, not {n}", name=self.name, most=int(self.high), n=len(value)
            )
            raise Refusal(told)
        return tuple(self._row(number, row) for number, row in enumerate(value, start=1))

    def _row(self, number: int, row: Any) -> tuple[Any, ...]:
        if not isinstance(row, list | tuple) or len(row) != len(self.columns):
            names = ", ".join(column.name for column in self.columns)
            wanted = say("{n} values in each row ({names})", n=len(self.columns), names=names)
            raise self._refuse(wanted, row)
        try:
            return tuple(column.read(one) for column, one in zip(self.columns, row, strict=True))
        except Refusal as refusal:
            told = say("{name}, row {number}: {problem}", name=self.name, number=number, problem=refusal.sentence)
            raise Refusal(told) from refusal

    def _read_packed(self, value: Any) -> str:
        # Its length is looked at first: nothing is unpacked that is longer than it has to be.
        if isinstance(value, str) and len(value) == packed_length(int(self.high)):
            try:
                if len(b64decode(value, validate=True)) == self.high:
                    return value
            except ValueError:
                pass
        raise self._refuse(say("{n} bytes in base64", n=int(self.high)), value)

    def _read_member(self, value: Any) -> Declared:
        assert self.base is not None
        if isinstance(value, self.base):
            return value
        name = value.get("name") if isinstance(value, Mapping) else None
        if not isinstance(name, str) or name not in self.base.members:
            raise self._refuse(say("one of {choices}", choices=some_of(self.base.members)), value)
        chosen: type[Declared] = self.base.members[name]
        return chosen.from_json({k: v for k, v in value.items() if k != "name"})

    def _limited(self, value: float) -> float:
        if not self.low <= value <= self.high:
            raise Refusal(
                say(
                    "{name} must lie between {low} and {high}, not {value}",
                    name=self.name,
                    low=_plain(self.low),
                    high=_plain(self.high),
                    value=_plain(value),
                )
            )
        return value

    def _refuse(self, wanted: Sentence, value: Any) -> Refusal:
        return Refusal(say("{name} wants {wanted}, not {value}", name=self.name, wanted=wanted, value=_short(value)))


def integer(
    default: Any,
    *,
    help: str,
    low: int = 0,
    high: int = 2**31 - 1,
    auto: str = "",
    label: str = "",
    group: str = "",
) -> Any:
    """Declare a whole number; `auto` names the fact of the data that can fill it."""
    return Parameter("integer", default, help, low=low, high=high, auto=auto, label=label, group=group)


def number(
    default: float,
    *,
    help: str,
    low: float = -math.inf,
    high: float = math.inf,
    log: bool = False,
    label: str = "",
    group: str = "",
) -> Any:
    """Declare a real number; `log` says that it is set by factors (a learning rate), not by differences."""
    return Parameter("number", default, help, low=low, high=high, log=log, label=label, group=group)


def switch(default: bool, *, help: str, label: str = "") -> Any:
    """Declare something that is on or off."""
    return Parameter("switch", default, help, label=label)


def choice(
    default: str, *, choices: tuple[str, ...] | Mapping[str, str], help: str, label: str = "", group: str = ""
) -> Any:
    """Declare one of several names; a mapping also says what each is called."""
    labels = choices if isinstance(choices, Mapping) else {}
    return Parameter("choice", default, help, choices=tuple(choices), labels=labels, label=label, group=group)


def several(
    default: tuple[str, ...], *, choices: tuple[str, ...] | Mapping[str, str], help: str, label: str = ""
) -> Any:
    """Declare at least one of several names, kept in the order of the choices; a mapping also names them."""
    labels = choices if isinstance(choices, Mapping) else {}
    return Parameter("several", default, help, choices=tuple(choices), labels=labels, label=label)


def sides(default: int | tuple[int, int], *, help: str, low: int = 0, high: int = 4096, label: str = "") -> Any:
    """Declare a height and a width, written as one number when they are equal."""
    pair = default if isinstance(default, tuple) else (default, default)
    return Parameter("sides", pair, help, low=low, high=high, label=label)


def words(default: str, *, help: str, longest: int = 200, label: str = "") -> Any:
    """Declare a free text."""
    return Parameter("words", default, help, high=longest, label=label)


def rows(columns: Mapping[str, Any], *, most: int, help: str, label: str = "") -> Any:
    """Declare a table, empty at first: its columns are declared like parameters, each under its name."""
    named = tuple(dataclasses.replace(column, name=name) for name, column in columns.items())
    return Parameter("rows", (), help, high=most, columns=named, label=label)


def packed(size: int, *, help: str) -> Any:
    """Declare so many bytes, kept and written as base64; as a column of rows."""
    return Parameter("packed", "", help, high=size)


def packed_length(size: int) -> int:
    """Return how long the text is that stands for so many bytes in base64."""
    return 4 * -(-size // 3)


def member(default: Declared, *, base: type[Declared], help: str, label: str = "", group: str = "") -> Any:
    """Declare another declared thing: one of the members of `base` with parameters of its own."""
    return Parameter("member", default, help, base=base, label=label, group=group)


# No field specifiers are named: checkers take a default from a specifier by the keyword `default` only, while an
# attribute that is simply assigned (`units: int = integer(8)`) has one.
@dataclass_transform(frozen_default=True, kw_only_default=True)
@dataclass(frozen=True, kw_only=True)
class Declared:
    """The base of everything a person can pick from a list and set up.

    Class attributes:
        key: the name in files and lists; by default the class's own name.
        members: every member of this kind by key (a kind is a direct subclass that sets ``members = {}``).
        parameters: what can be set, by name, in the order of declaration.
    """

    key: ClassVar[str] = ""
    members: ClassVar[dict[str, type[Any]]] = {}
    parameters: ClassVar[Mapping[str, Parameter]] = {}

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        own: dict[str, Parameter] = {}
        for name, value in list(vars(cls).items()):
            if isinstance(value, Parameter):
                label = value.label or name.replace("_", " ").capitalize()
                own[name] = dataclasses.replace(value, name=name, label=label)
                setattr(cls, name, value.default)
        cls.parameters = {**cls.parameters, **own}
        dataclass(frozen=True, kw_only=True)(cls)
        if "members" not in vars(cls):
            if "key" not in vars(cls):
                cls.key = cls.__name__
            if cls.members.setdefault(cls.key, cls) is not cls:
                raise TypeError(f"{cls.key} is declared twice")

    def __post_init__(self) -> None:
        for name, parameter in self.parameters.items():
            value = getattr(self, name)
            if (kept := parameter.read(value)) is not value:
                object.__setattr__(self, name, kept)

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> Self:
        """Read the parameters from plain JSON; refuse a name that was never declared."""
        for name in values:
            if name not in cls.parameters:
                raise Refusal(say("{thing} has no parameter called {name}", thing=cls.key, name=_short(name)))
        return cls(**values)

    def to_json(self) -> dict[str, Any]:
        """Write every parameter as plain JSON, defaults included, so that a file says all it means."""
        return {name: parameter.write(getattr(self, name)) for name, parameter in self.parameters.items()}

    def replace(self, **changes: Any) -> Self:
        """Return a copy with some parameters changed."""
        return dataclasses.replace(self, **changes)

    @classmethod
    def purpose(cls) -> str:
        """Return the first paragraph of the docstring: what this is for, in a sentence to be translated."""
        return " ".join((cls.__doc__ or "").strip().split("\n\n")[0].split())


def is_finite(value: float) -> bool:
    """Whether a number is neither infinite nor NaN, nor a whole number too large for any float."""
    try:
        return math.isfinite(value)
    except OverflowError:
        return False


def _plain(value: float) -> str:
    if not is_finite(value):
        return _short(value)
    return f"{int(value):,}" if abs(value) < 1e15 and float(value).is_integer() else f"{value:g}"


def some_of(names: Iterable[str]) -> str:
    """List names, not more than a sentence can hold."""
    names = list(names)
    return ", ".join(names[:NAMED]) + (", …" if len(names) > NAMED else "")


def _short(value: Any) -> str:
    """Quote whatever a file held, never more than a glance of it."""
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "…"
