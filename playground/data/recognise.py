"""What a file or folder holds: from a path to the data set that reads it, and what it is where none does."""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce
from pathlib import Path

from playground.data import SOURCES, FileSource, Source
from playground.data._places import is_file, is_folder, listed, opened, reading, shown, start_of
from playground.facts import SPLITS, DataFacts
from playground.text import Refusal, Sentence, count, note, say

MOST_FOLDERS = 100
"""How many folders of a folder are looked into for the one that was meant."""

KNOWN = (
    (b"\x1f\x8b", note("a compressed file")),
    (b"PK\x03\x04", note("a zip archive")),
    (b"PK\x05\x06", note("an empty zip archive")),
    (b"7z\xbc\xaf\x27\x1c", note("a 7z archive")),
    (b"Rar!", note("a RAR archive")),
    (b"BZh", note("a bzip2 archive")),
    (b"\xfd7zXZ", note("an xz archive")),
    (b"\x28\xb5\x2f\xfd", note("a zstd archive")),
    (b"%PDF", note("a PDF document")),
    (b"\x89HDF\r\n\x1a\n", note("an HDF5 file")),
    (b"PAR1", note("a Parquet table")),
    (b"ARROW1", note("an Arrow table")),
    (b"SQLite format 3", note("an SQLite database")),
    (b"\x80\x02", note("a Python pickle, which could run programs")),
    (b"\x80\x03", note("a Python pickle, which could run programs")),
    (b"\x80\x04", note("a Python pickle, which could run programs")),
    (b"\x80\x05", note("a Python pickle, which could run programs")),
    (b"\xd0\xcf\x11\xe0", note("an old Office document")),
    (b"MATLAB", note("a MATLAB file")),
    (b"\x89PNG", note("a single image")),
    (b"\xff\xd8\xff", note("a single image")),
    (b"BM", note("a single image")),
    (b"GIF8", note("a single image")),
    (b"ID3", note("a sound")),
    (b"\x7fELF", note("a program")),
    (b"MZ", note("a program")),
)
"""How files begin that are not read, and what they are."""


LOOKING = ("window", "ahead", "horizon")
"""How far back a series is looked at, and how far ahead it is forecast."""


def readers() -> list[type[FileSource]]:
    """Return the formats that can be read, those first that are surest of what they are."""
    return sorted((one for one in SOURCES.values() if issubclass(one, FileSource)), key=lambda one: one.rank)


def recognise(path: Path) -> FileSource:
    """Return the data set that reads this file or folder, or the one folder in it that holds data.

    Only headers are looked at; what is wrong further inside a file is said when it is read. Refuses what no reader
    knows, with a sentence that says what it is instead.
    """
    if not is_file(path) and not is_folder(path):
        raise Refusal(say("There is no file or folder at {path}; check the path", path=shown(path, whole=True)))
    path = path.absolute()
    if found := _read_by(path):
        return found
    inner = {name: one for name in _folders(path) if (one := _read_by(path / name))}
    if len(inner) == 1:
        return next(iter(inner.values()))
    if inner:
        names = ", ".join(list(inner)[:6]) + ("…" if len(inner) > 6 else "")
        raise Refusal(say("{path} holds several data sets; choose one of them: {names}", path=shown(path), names=names))
    raise _unknown(path)


def in_place_of(present: Source, source: FileSource) -> FileSource:
    """Return how a document reads its new files: as it says itself where only their place was still to be chosen."""
    if isinstance(present, type(source)) and not present.is_chosen:
        return present.replace(path=source.path, roles=source.roles)
    if getattr(source, "window", 0):  # another series is looked at and forecast as the one before it was
        kept = {
            name: getattr(present, name) for name in LOOKING if name in present.parameters.keys() & source.parameters
        }
        return source.replace(**kept)
    return source


def found(facts: DataFacts) -> Sentence:
    """Say what a data set holds: 14,000 images of 28 × 28, 10 classes; 9,600 to train, 2,400 to validate."""
    if not any(facts.counts.values()):
        return say("nothing")
    parts = [Sentence(TO[split], (("n", facts.counts[split]),)) for split in SPLITS if facts.counts.get(split)]
    splits = _together(parts)
    what, answers = _examples(facts), _answers(facts)
    if answers is None:
        return say("{what}; {splits}", what=what, splits=splits)
    return say("{what}, {answers}; {splits}", what=what, answers=answers, splits=splits)


TO = {"train": note("{n} to train"), "validation": note("{n} to validate"), "test": note("{n} to test")}


def _examples(facts: DataFacts) -> Sentence:
    total = sum(facts.counts.values())
    shape = next(iter(facts.inputs.values()), None)
    if facts.vocabularies and shape is not None:
        return _texts(facts, total)
    if shape is not None and shape.is_image:
        _, height, width = shape.sizes
        size = f"{height} × {width}"
        if shape.sizes[0] == 1:
            return count("{n} grey image of {size}", "{n} grey images of {size}", total, size=size)
        if shape.sizes[0] == 3:
            return count("{n} colour image of {size}", "{n} colour images of {size}", total, size=size)
        return count("{n} image of {size}", "{n} images of {size}", total, size=str(shape))
    if shape is not None and shape.names == ("features",):
        numbers = shape.count
        return count("{n} example of {numbers} numbers", "{n} examples of {numbers} numbers", total, numbers=numbers)
    if shape is not None and shape.names == ("time", "features"):
        steps, numbers = shape.sizes
        return count(
            "{n} window of {steps} steps, {numbers} at each",
            "{n} windows of {steps} steps, {numbers} at each",
            total,
            steps=steps,
            numbers=count("{n} number", "{n} numbers", numbers),
        )
    if shape is not None and shape.sizes:
        return count("{n} example of {size}", "{n} examples of {size}", total, size=str(shape))
    return count("{n} example", "{n} examples", total)


def _texts(facts: DataFacts, total: int) -> Sentence:
    """Say what texts there are: pairs, windows of a stream, or sentences."""
    name, known = next(iter(facts.vocabularies.items()))
    steps = facts.inputs[name].time
    if sum(not facts.inputs[text].is_spelt for text in facts.vocabularies) > 1:
        return count(
            "{n} pair of texts of up to {steps} tokens",
            "{n} pairs of texts of up to {steps} tokens",
            total,
            steps=steps,
        )
    if list(facts.targets) == ["next"]:
        return count(
            "{n} piece of {steps} tokens, of which {known} are different",
            "{n} pieces of {steps} tokens, of which {known} are different",
            total,
            steps=steps,
            known=known,
        )
    return count(
        "{n} text of up to {steps} tokens, of which {known} are different",
        "{n} texts of up to {steps} tokens, of which {known} are different",
        total,
        steps=steps,
        known=known,
    )


def _answers(facts: DataFacts) -> Sentence | None:
    target = next(iter(facts.targets.values()), None)
    if target is None:
        return None
    if target.is_class and target.shape.names == ("time",):
        return count("{n} class for each step", "{n} classes for each step", len(target.classes))
    if target.is_class and target.shape.sizes:
        return count("{n} class for each pixel", "{n} classes for each pixel", len(target.classes))
    if target.is_class:
        return count("{n} class", "{n} classes", len(target.classes))
    return count("{n} number to predict", "{n} numbers to predict", target.shape.count)


def _read_by(path: Path) -> FileSource | None:
    reader = next((one for one in readers() if one.holds(path)), None)
    return reader.at(path) if reader else None


def _folders(path: Path) -> list[str]:
    """List the folders of a folder."""
    if not is_folder(path):
        return []
    with reading(path):
        inner = [
            one.name for one, _ in zip(path.iterdir(), range(10_000), strict=False) if not one.name.startswith(".")
        ]
        return sorted(name for name in inner if is_folder(path / name))[:MOST_FOLDERS]


def _unknown(path: Path) -> Refusal:
    """Say what something is that nobody reads, and what can be read."""
    names = _together([Sentence(one.title) for one in readers()])
    if not is_folder(path):
        kind = _kind(path)
        return Refusal(
            say(
                "{path} cannot be read as data: it is {what}; choose one of these: {names}",
                path=shown(path),
                what=kind,
                names=names,
            )
        )
    empty = not listed(path, deepest=2, most=1, skip=True)
    return Refusal(
        say(
            "{path} cannot be read as data: {what}; choose one of these: {names}",
            path=shown(path),
            what=say("the folder is empty") if empty else say("there is no known file in it"),
            names=names,
        )
    )


def _together(sentences: Sequence[Sentence]) -> Sentence:
    """Say several things in a row."""
    return reduce(lambda one, other: say("{one}, {other}", one=one, other=other), sentences)


def _kind(path: Path) -> Sentence:
    """Say what kind of file it is, as far as its first bytes tell."""
    with reading(path), path.open("rb") as file:
        start = file.read(512)
    if not start:
        return say("an empty file")
    inner = start_of(path)
    for known, words in KNOWN:
        if inner.startswith(known):
            return Sentence(words)
    if inner[257:262] == b"ustar":
        return say("a tar archive; unpack it first")
    if b"network-playground" in inner:
        return say("a document of this program")
    if b"\0" in inner:
        return say("a binary file in an unknown format")
    with opened(path) as file:
        try:
            file.read(4096).decode("utf-8")
        except UnicodeDecodeError as error:
            if error.start < 4090:
                return say("a file in an unknown format")
    return say("a text")
