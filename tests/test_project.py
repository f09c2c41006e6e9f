"""Projects: a zip with the document, the weights and the history, and none of it trusted when it is read."""

from __future__ import annotations

import json
import random
import zipfile
from dataclasses import replace

import pytest

from playground.experiment import Words
from playground.files import read
from playground.project import (
    HISTORY_NAME,
    Record,
    is_project,
    read_record,
    read_weights,
    update_document,
    write_project,
)
from playground.text import Refusal
from tests.examples import preset

RECORD = Record([0.5, 0.25], [(2, "train", {"loss": 0.25, "accuracy": 1.0})])


@pytest.fixture
def project(tmp_path):
    path = tmp_path / "net.zip"
    write_project(path, preset("xor"), b"weights" * 50, RECORD)
    return path


def exchange(path, name, data):
    """Put other bytes into a member of a zip."""
    with zipfile.ZipFile(path) as old:
        members = {one: old.read(one) for one in old.namelist()}
    with zipfile.ZipFile(path, "w") as new:
        for one, content in {**members, name: data}.items():
            new.writestr(one, content)


def test_a_project_gives_back_what_was_put_in(project):
    assert is_project(project)
    assert read(project) == preset("xor")
    assert read_weights(project) == b"weights" * 50
    assert read_record(project) == RECORD


def test_another_document_leaves_weights_and_history_as_they_are(project):
    renamed = replace(preset("xor"), title=Words("Mine"))
    update_document(project, renamed)
    assert (read(project), read_weights(project), read_record(project)) == (renamed, b"weights" * 50, RECORD)


def test_a_document_is_no_project(tmp_path):
    path = tmp_path / "net.json"
    path.write_text("{}")
    for other in (path, tmp_path, tmp_path / "none.zip", None):
        assert not is_project(other)
    for call in (read_weights, read_record, lambda path: update_document(path, preset("xor"))):
        with pytest.raises(Refusal):
            call(path)


@pytest.mark.parametrize(
    "history",
    [b"", b"[]", b"{}", b"\xff", b"[" * 100_000, b'{"losses": [1e999], "evaluations": []}', b'{"losses": 3}',
     b'{"losses": ["x"], "evaluations": []}', b'{"losses": [], "evaluations": [{"step": "x"}]}',
     json.dumps({"losses": [10**400], "evaluations": []}).encode(),
     b'{"losses": [], "evaluations": [{"step": 1, "split": "train", "metrics": 3}]}'],
)  # fmt: skip
def test_a_history_that_is_none_is_refused(project, history):
    exchange(project, HISTORY_NAME, history)
    with pytest.raises(Refusal, match=r"the history in net\.zip cannot be read"):
        read_record(project)


def test_a_damaged_project_is_read_or_refused_and_never_breaks_the_program(project):
    checkpoint = pytest.importorskip("playground.checkpoint")
    whole, rng = project.read_bytes(), random.Random(3)
    for n in range(200):
        damaged = bytearray(whole)
        if n % 4 == 0:
            del damaged[rng.randrange(len(damaged)) :]
        else:
            for _ in range(1 + n % 5):
                damaged[rng.randrange(len(damaged))] = rng.randrange(256)
        project.write_bytes(damaged)
        for call in (is_project, read, read_record, read_weights, checkpoint.Checkpoint.read):
            try:
                call(project)
            except Refusal as refusal:
                assert str(refusal)
