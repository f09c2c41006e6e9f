"""A document as plain JSON values: every field is checked, and all that is wrong is reported together.

A file of a newer version is refused; an older one passes `MIGRATIONS` first. The graph is read by `graph_json`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from playground.data import SOURCES, Source
from playground.declare import some_of
from playground.experiment import (
    DIRECTIONS,
    KINDS,
    Experiment,
    Remark,
    Result,
    Start,
    Training,
    View,
    Words,
)
from playground.facts import SPLITS, DataFacts
from playground.graph_json import Findings, graph_json, read_graph
from playground.preparation import Preparation
from playground.text import Refusal, Sentence, say

FORMAT = "network-playground"

MIGRATIONS: tuple[Callable[[dict[str, Any]], dict[str, Any]], ...] = ()
"""How to read older files: the function at index ``v − 1`` turns a document of version v into one of version v + 1.

To change the format, append the function that brings the last version up to date, and keep one file of the old
version among the tests.
"""

VERSION = len(MIGRATIONS) + 1

MOST_REMARKS = 2_000
LONGEST_TEXT = 20_000


class Unreadable(Refusal):
    """A file cannot be opened. `problems` holds everything that is wrong with it, each with its place."""

    def __init__(self, name: str, problems: list[tuple[str, Sentence]]) -> None:
        place, first = problems[0]
        told = say("{place}: {problem}", place=place, problem=first) if place else first
        if len(problems) > 1:
            told = say("{first} (and {n} more problems)", first=told, n=len(problems) - 1)
        super().__init__(say("{name} cannot be opened: {problem}", name=name, problem=told))
        self.problems = problems


# -- reading -----------------------------------------------------------------------------------------------------


def from_json(value: Any, name: str) -> Experiment:
    """Read a document from plain JSON; `name` is what to call it when something is wrong."""
    return _Reader(name).experiment(value)


@dataclass
class _Reader:
    """Reads one document, collecting problems with their places instead of stopping at the first."""

    name: str
    findings: Findings = field(default_factory=Findings)

    def experiment(self, value: Any) -> Experiment:
        value = self._current(value)
        data, graph = self._object(value, "data"), self._object(value, "graph")
        made: dict[str, Any] = {}
        with self.findings.at("title"):
            made["title"] = _words(value.get("title", {}))
        with self.findings.at("about"):
            made["about"] = _words(value.get("about", {}))
        with self.findings.at("rows"):
            made["rows"] = _names(value.get("rows", []))
        with self.findings.at("data.source"):
            made["source"] = _source(data.get("source", {}))
        with self.findings.at("data.preparation"):
            made["preparation"] = Preparation.from_json(_mapping(data.get("preparation", {})))
        with self.findings.at("data.facts"):
            made["facts"] = DataFacts.from_json(data.get("facts", {}))
        with self.findings.at("training"):
            made["training"] = Training.from_json(_mapping(value.get("training", {})))
        made["graph"] = read_graph(graph, self.findings)
        with self.findings.at("view"):
            made["view"] = _view(_mapping(value.get("view", {})))
        with self.findings.at("start"):
            made["start"] = _start(value.get("start"))
        with self.findings.at("result"):
            made["result"] = _result(value.get("result"))
        if self.findings.problems:
            raise Unreadable(self.name, self.findings.problems)
        known = {"format", "version", "title", "about", "rows", "data", "graph", "training", "start", "view", "result"}
        made["extra"] = {key: value[key] for key in value if key not in known}
        return Experiment(**made)

    def _current(self, value: Any) -> dict[str, Any]:
        """Check what kind of file it is and bring it up to the present version."""
        if not isinstance(value, dict) or value.get("format") != FORMAT:
            raise Unreadable(self.name, [("format", say("this is not a Network Playground document"))])
        version = value.get("version")
        if not isinstance(version, int) or isinstance(version, bool) or version < 1:
            raise Unreadable(self.name, [("version", say("the version is not a number"))])
        if version > VERSION:
            told = say(
                "it was written by a newer Network Playground (format {version}); update the program to open it",
                version=version,
            )
            raise Unreadable(self.name, [("version", told)])
        for migrate in MIGRATIONS[version - 1 :]:
            value = migrate(value)
        return dict(value)

    def _object(self, value: Mapping[str, Any], key: str) -> Mapping[str, Any]:
        with self.findings.at(key):
            return _mapping(value.get(key, {}))
        return {}


def _mapping(value: Any) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise Refusal(say("this must be a JSON object"))
    return value


def _text(value: Any) -> str:
    if not isinstance(value, str) or len(value) > LONGEST_TEXT:
        raise Refusal(say("this must be a text of at most {n} characters", n=LONGEST_TEXT))
    return value


def _words(value: Any) -> Words:
    if isinstance(value, str):
        return Words(en=_text(value))
    found = _mapping(value)
    return Words(en=_text(found.get("en", "")), zh=_text(found.get("zh", "")))


def _names(value: Any) -> tuple[str, ...]:
    if not isinstance(value, list) or len(value) > 100:
        raise Refusal(say("this must be a list of names"))
    return tuple(_text(one) for one in value)


def _source(value: Any) -> Source:
    fields = _mapping(value)
    name = fields.get("name")
    if not isinstance(name, str) or name not in SOURCES:
        raise Refusal(
            say("there is no data set called {name}; there are: {names}", name=repr(name)[:60], names=some_of(SOURCES))
        )
    return SOURCES[name].from_json({key: one for key, one in fields.items() if key != "name"})


def _view(value: Mapping[str, Any]) -> View:
    positions, remarks = read_places(value.get("positions", {})), read_remarks(value.get("remarks", []))
    direction = value.get("direction", DIRECTIONS[0])
    if direction not in DIRECTIONS:
        raise Refusal(say("the direction must be one of {choices}", choices=", ".join(DIRECTIONS)))
    opened = _names(value.get("opened", []))
    return View(positions, _names(value.get("panels", [])), remarks, opened, direction)


def read_places(value: Any) -> dict[str, tuple[float, float]]:
    """Read where cards stand from plain JSON."""
    positions = {}
    for id, place in _mapping(value).items():
        if not isinstance(place, list) or len(place) != 2 or not all(_is_number(number) for number in place):
            raise Refusal(say("the position of {id} must be two numbers", id=repr(id[:80])))
        positions[id] = (float(place[0]), float(place[1]))
    return positions


def read_remarks(value: Any) -> tuple[Remark, ...]:
    """Read notes and frames from plain JSON; of two with the same id the last one stays."""
    if not isinstance(value, list) or len(value) > MOST_REMARKS:
        raise Refusal(say("remarks must be a list"))
    return tuple({remark.id: remark for remark in map(_remark, value)}.values())


def _remark(value: Any) -> Remark:
    fields = _mapping(value)
    rect, kind = fields.get("rect"), fields.get("kind")
    if kind not in KINDS:
        raise Refusal(say("a remark is one of {choices}", choices=", ".join(KINDS)))
    if not isinstance(rect, list) or len(rect) != 4 or not all(_is_number(number) for number in rect):
        raise Refusal(say("the place of a remark is four numbers: left, top, width and height"))
    left, top, width, height = (float(number) for number in rect)
    id, text, level = (_text(fields.get(key, "")) for key in ("id", "text", "level"))
    return Remark(id, kind, text, (left, top, max(width, 8.0), max(height, 8.0)), level)


def _start(value: Any) -> Start | None:
    if value is None:
        return None
    fields = _mapping(value)
    nodes = {_text(ours): _text(theirs) for ours, theirs in _mapping(fields.get("nodes", {})).items()}
    if not (file := _text(fields.get("file", ""))) or not nodes:
        raise Refusal(say("weights to begin with need a file and nodes"))
    return Start(file, nodes)


def _result(value: Any) -> Result | None:
    if value is None:
        return None
    fields = _mapping(value)
    if (
        not _is_number(fields.get("value"))
        or not _is_number(fields.get("baseline"))
        or fields.get("split") not in SPLITS
    ):
        raise Refusal(say("a result needs a metric, a split, a value and a baseline"))
    at_least = fields.get("at_least", True) is not False
    return Result(
        _text(fields.get("metric")), fields["split"], float(fields["value"]), float(fields["baseline"]), at_least
    )


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < 1e9


# -- writing -----------------------------------------------------------------------------------------------------


def to_json(experiment: Experiment) -> dict[str, Any]:
    """Return the document as plain JSON."""
    result = experiment.result
    return {
        "format": FORMAT,
        "version": VERSION,
        "title": {"en": experiment.title.en, "zh": experiment.title.zh},
        "about": {"en": experiment.about.en, "zh": experiment.about.zh},
        "rows": list(experiment.rows),
        "data": {
            "source": {"name": type(experiment.source).key, **experiment.source.to_json()},
            "preparation": experiment.preparation.to_json(),
            "facts": experiment.facts.to_json(),
        },
        "graph": graph_json(experiment.graph),
        "training": experiment.training.to_json(),
        **({"start": _start_json(experiment.start)} if experiment.start else {}),
        "view": _view_json(experiment.view),
        "result": result.to_json() if result else None,
        **experiment.extra,
    }


def _start_json(start: Start) -> dict[str, Any]:
    return {"file": start.file, "nodes": dict(start.nodes)}


def _view_json(view: View) -> dict[str, Any]:
    """Write how the document is shown; what is as it always is goes without saying."""
    found: dict[str, Any] = {
        "panels": list(view.panels),
        "positions": {path: list(place) for path, place in view.positions.items()},
    }
    if view.remarks:
        found["remarks"] = [remark_json(remark) for remark in view.remarks]
    if view.opened:
        found["opened"] = list(view.opened)
    if view.direction != DIRECTIONS[0]:
        found["direction"] = view.direction
    return found


def remark_json(remark: Remark) -> dict[str, Any]:
    """Write a note or a frame as plain JSON."""
    fields = {"id": remark.id, "kind": remark.kind, "text": remark.text, "rect": list(remark.rect)}
    return {**fields, "level": remark.level} if remark.level else fields
