"""Documents as files: JSON that a person can read, or a project (a zip with that JSON, weights and history).

What is read is not trusted: sizes are limited before anything is built, and nothing is executed. What the JSON
says is read and checked by `document_json`.
"""

from __future__ import annotations

import json
import os
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from itertools import chain
from pathlib import Path
from typing import Any

from playground.data import FileSource
from playground.document_json import Unreadable, from_json, to_json
from playground.experiment import Experiment
from playground.text import Refusal, say

LARGEST_FILE = 32 * 2**20
DEEPEST = 64
DOCUMENT_NAME = "document.json"
DAMAGED = (OSError, EOFError, ValueError, RuntimeError, zipfile.BadZipFile, zipfile.LargeZipFile, zlib.error)
"""All that reading a damaged zip raises."""


# -- reading -----------------------------------------------------------------------------------------------------


def read(path: Path) -> Experiment:
    """Read a document or a project from a file."""
    try:
        if path.stat().st_size > LARGEST_FILE and not zipfile.is_zipfile(path):
            raise Unreadable(path.name, [("", say("it is larger than any document"))])
        text = _from_zip(path) if zipfile.is_zipfile(path) else _from_text(path)
    except FileNotFoundError as error:
        raise Unreadable(path.name, [("", say("there is no such file"))]) from error
    except UnicodeDecodeError as error:
        raise Unreadable(path.name, [("", say("it is not a text in UTF-8"))]) from error
    except DAMAGED as error:
        raise Unreadable(path.name, [("", say("it cannot be read: {error}", error=error))]) from error
    return _located(parse(text, path.name), path.parent)


def parse(text: str, name: str = "document") -> Experiment:
    """Read a document from its JSON text; `name` is what to call it when something is wrong."""
    return from_json(loads(text, name), name)


def loads(text: str, name: str) -> Any:
    """Read JSON that can be walked and saved again, as plain values."""
    try:
        value = json.loads(text, parse_constant=_refuse_constant)
    except json.JSONDecodeError as error:
        place = str(say("line {line}, column {column}", line=error.lineno, column=error.colno))
        raise Unreadable(name, [(place, say("this is not JSON: {error}", error=error.msg))]) from error
    except (RecursionError, ValueError) as error:
        raise Unreadable(name, [("", say("this is not JSON that a document could have"))]) from error
    if not _is_writable(value):
        raise Unreadable(name, [("", say("this is not JSON that a document could have"))])
    return value


def _located(experiment: Experiment, folder: Path) -> Experiment:
    """Say where the files lie that the document names as seen from its own folder."""
    if (start := experiment.start) is not None:
        experiment = replace(experiment, start=replace(start, file=str((folder / start.file).resolve())))
    if isinstance(source := experiment.source, FileSource) and source.path:
        with suppress(OSError, ValueError, RuntimeError, Refusal):  # no path at all: reading the data will say so
            path = Path(os.path.abspath(folder / source.path))  # noqa: PTH100  links stay as they are called
            experiment = replace(experiment, source=source.replace(path=str(path)))
    return experiment


def _from_text(path: Path) -> str:
    with path.open("rb") as file:
        return file.read(LARGEST_FILE + 1).decode("utf-8-sig")  # never more, whatever the size was said to be


def _from_zip(path: Path) -> str:
    with zipfile.ZipFile(path) as archive:
        if DOCUMENT_NAME not in archive.namelist():
            raise Unreadable(
                path.name, [("", say("it is a zip, but no project: there is no {file} in it", file=DOCUMENT_NAME))]
            )
        with archive.open(DOCUMENT_NAME) as file:
            data = file.read(LARGEST_FILE + 1)  # never more, whatever the directory of the zip promises
    if len(data) > LARGEST_FILE:
        raise Unreadable(path.name, [(DOCUMENT_NAME, say("it is larger than any document"))])
    return data.decode("utf-8-sig")


def _is_writable(value: Any) -> bool:
    """Whether a value can be walked and saved again: not nested without end, no halves of characters in its texts."""
    level = [value]
    for _ in range(DEEPEST):
        inner = [one for item in level if isinstance(item, dict | list) for one in _parts(item)]
        if not inner:
            return True
        if any(isinstance(one, str) and not one.isascii() and _is_broken(one) for one in inner):
            return False
        level = inner
    return False


def _parts(item: dict[str, Any] | list[Any]) -> Iterator[Any]:
    if isinstance(item, list):
        return iter(item)
    return chain(item, item.values())


def _is_broken(text: str) -> bool:
    return any("\ud800" <= character <= "\udfff" for character in text)


def _refuse_constant(name: str) -> float:
    raise ValueError(name)


# -- writing -----------------------------------------------------------------------------------------------------


def dumps(experiment: Experiment, folder: Path | None = None) -> str:
    """Return the document as JSON text: one line a node and a wire, so that a person can read and compare it.

    Other files that it needs are named as seen from `folder`, so that they can be moved together.
    """
    if folder is not None and experiment.start is not None:
        experiment = replace(experiment, start=replace(experiment.start, file=_near(experiment.start.file, folder)))
    if folder is not None and isinstance(source := experiment.source, FileSource) and source.path:
        experiment = replace(experiment, source=source.replace(path=_near(source.path, folder)))
    return pretty(to_json(experiment)) + "\n"


def _near(file: str, folder: Path) -> str:
    """Return the way from a folder to a file, the same on every system; the file as it is where there is none."""
    try:
        near = Path(os.path.relpath(file, folder)).as_posix()
    except ValueError:  # on Windows from one drive to another
        return file
    return near if len(near) <= 4096 else file


def pretty(value: Any, indent: str = "") -> str:
    """Write JSON with a line for every item, but whatever fits into a line on one line."""
    flat = json.dumps(value, ensure_ascii=False)
    if (indent and len(indent) + len(flat) <= 120) or not isinstance(value, dict | list) or not value:
        return flat
    inner = indent + "  "
    if isinstance(value, list) and not any(isinstance(one, dict | list) for one in value):
        return _filled(value, inner) + f"\n{indent}]"
    if isinstance(value, dict):
        items = [f"{inner}{json.dumps(key, ensure_ascii=False)}: {pretty(one, inner)}" for key, one in value.items()]
        return "{\n" + ",\n".join(items) + f"\n{indent}}}"
    return "[\n" + ",\n".join(inner + pretty(one, inner) for one in value) + f"\n{indent}]"


def _filled(values: list[Any], inner: str) -> str:
    """Begin a long list of names or numbers, with as many on a line as fit."""
    lines = [""]
    for text in json.dumps(values, ensure_ascii=False, separators=("\n", ": "))[1:-1].split("\n"):
        if len(inner) + len(lines[-1]) + len(text) > 118 and lines[-1]:
            lines.append("")
        lines[-1] += f", {text}" if lines[-1] else text
    return "[\n" + ",\n".join(inner + line for line in lines)


def write(experiment: Experiment, path: Path) -> None:
    """Write the document so that a crash in the middle leaves the old file whole."""
    text = dumps(experiment, path.parent)
    replace_file(path, text.encode(errors="replace"))  # half a character is no reason to lose the work


def replace_file(path: Path, data: bytes) -> None:
    """Write to a temporary file beside the path, sync it, and put it in place."""
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        with part.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
    except OSError as error:
        with suppress(OSError):  # not even the folder may be there
            part.unlink(missing_ok=True)
        raise Refusal(
            say("{path} could not be written: {error}", path=path.name, error=error.strerror or error)
        ) from error
