"""Projects: one zip with the document, the weights of a run and its history. No pickle in it."""

from __future__ import annotations

import json
import tempfile
import zipfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from playground import files
from playground.checkpoint import capture
from playground.training import Evaluation, Trainer

WEIGHTS_NAME = "weights.safetensors"
HISTORY_NAME = "history.json"


def write_project(path: Path, trainer: Trainer, losses: Sequence[float], evaluations: Sequence[Evaluation]) -> None:
    """Write what a Trainer has become, so that a crash in the middle leaves the old file whole."""
    experiment = replace(trainer.experiment, facts=trainer.data.facts)
    history = {
        "losses": list(losses),
        "evaluations": [{"step": e.step, "split": e.split, "metrics": dict(e.metrics)} for e in evaluations],
    }
    with tempfile.TemporaryDirectory(prefix="network-playground-") as folder:
        weights, packed = Path(folder) / WEIGHTS_NAME, Path(folder) / "project.zip"
        capture(trainer).write(weights)
        with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr(files.DOCUMENT_NAME, files.dumps(experiment))
            archive.write(weights, WEIGHTS_NAME)
            archive.writestr(HISTORY_NAME, json.dumps(history))
        files.replace_file(path, packed.read_bytes())
