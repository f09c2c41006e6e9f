"""Projects: one zip with the document, the weights of a run and its history. No pickle in it, and no torch here."""

from __future__ import annotations

import io
import json
import math
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from playground import files
from playground.experiment import Experiment
from playground.text import Refusal, say

WEIGHTS_NAME = "weights.safetensors"
HISTORY_NAME = "history.json"
LARGEST_HISTORY = 256 * 2**20
LARGEST_WEIGHTS = 8 * 2**30
LARGEST_HEADER = 64 * 2**20


@dataclass(frozen=True)
class Record:
    """What a run has said: the loss of every step, and evaluations as (step, split, metrics)."""

    losses: Sequence[float] = ()
    evaluations: Sequence[tuple[int, str, Mapping[str, float]]] = field(default_factory=tuple)


def write_project(path: Path, experiment: Experiment, weights: bytes, record: Record) -> None:
    """Write a project, so that a crash in the middle leaves the old file whole."""
    history = {
        "losses": list(record.losses),
        "evaluations": [{"step": step, "split": split, "metrics": dict(m)} for step, split, m in record.evaluations],
    }
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(files.DOCUMENT_NAME, files.dumps(experiment, path.parent))
        archive.writestr(WEIGHTS_NAME, weights)
        archive.writestr(HISTORY_NAME, json.dumps(history))
    files.replace_file(path, packed.getvalue())


def update_document(path: Path, experiment: Experiment) -> None:
    """Put another document into a project; its weights and history stay as they are."""
    packed = io.BytesIO()
    try:
        with zipfile.ZipFile(path) as old, zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as new:
            new.writestr(files.DOCUMENT_NAME, files.dumps(experiment, path.parent))
            for name, limit in ((WEIGHTS_NAME, LARGEST_WEIGHTS), (HISTORY_NAME, LARGEST_HISTORY)):
                if name in old.namelist():
                    new.writestr(name, _member(path, name, limit))
    except files.DAMAGED as error:
        raise Refusal(say("{name} is not a project with weights", name=path.name)) from error
    files.replace_file(path, packed.getvalue())


def is_project(path: Path | None) -> bool:
    """Whether a file is a project with weights in it."""
    if path is None or not zipfile.is_zipfile(path):
        return False
    try:
        with zipfile.ZipFile(path) as archive:
            return WEIGHTS_NAME in archive.namelist()
    except files.DAMAGED:
        return False


def read_weights(path: Path) -> bytes:
    """Return the weights of a project, to be read as safetensors."""
    return _member(path, WEIGHTS_NAME, LARGEST_WEIGHTS)


def weights_in(path: Path) -> dict[str, dict[str, tuple[int, ...]]]:
    """List what weights a project holds: by node, the name and shape of each; read from the header alone.

    The format is that of safetensors: eight bytes with the length of a JSON object, then that object.
    """
    found: dict[str, dict[str, tuple[int, ...]]] = {}
    try:
        with zipfile.ZipFile(path) as archive, archive.open(WEIGHTS_NAME) as file:
            length = int.from_bytes(file.read(8), "little")
            header = json.loads(file.read(min(length, LARGEST_HEADER)))
        for name, entry in header.items():
            kind, _, rest = name.partition("/")
            if kind == "network":
                node, _, weight = rest.rpartition(".")
                found.setdefault(node, {})[weight] = tuple(int(size) for size in entry["shape"])
    except (*files.DAMAGED, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise Refusal(say("{name} is not a project with weights", name=path.name)) from error
    return found


def read_record(path: Path) -> Record:
    """Return the history of a project; one that is no history is refused."""
    try:
        value = json.loads(_member(path, HISTORY_NAME, LARGEST_HISTORY))
        losses = [_number(loss) for loss in value["losses"]]
        evaluations = [
            (int(e["step"]), str(e["split"]), {str(name): _number(v) for name, v in e["metrics"].items()})
            for e in value["evaluations"]
        ]
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError, OverflowError) as error:
        raise Refusal(say("the history in {name} cannot be read", name=path.name)) from error
    return Record(losses, evaluations)


def _number(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise ValueError(value)
    return float(value)


def _member(path: Path, name: str, limit: int) -> bytes:
    try:
        with zipfile.ZipFile(path) as archive, archive.open(name) as file:
            data = file.read(limit + 1)  # never more, whatever the directory of the zip promises
    except (*files.DAMAGED, KeyError) as error:
        raise Refusal(say("{name} is not a project with weights", name=path.name)) from error
    if len(data) > limit:
        raise Refusal(say("{file} in {name} is too large", file=name, name=path.name))
    return data
