"""Whether the numbers that a panel saves are those that it shows, digit by digit, for every panel there is."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from typing import Any

import numpy as np
import pytest
from PySide6.QtWidgets import QApplication

from playground.presets import open_named
from playground.text import Sentence, say, set_language
from playground.tidy import as_csv, tidy
from tests.gui import test_panels as plain
from tests.gui import test_panels_attention as attention
from tests.gui import test_panels_attention_steps as attention_steps
from tests.gui import test_panels_clip as clip
from tests.gui import test_panels_fitting as fitting
from tests.gui import test_panels_gates as gates
from tests.gui import test_panels_latent as latent
from tests.gui import test_panels_neuron_maps as neuron_maps
from tests.gui import test_panels_neurons as neurons
from tests.gui import test_panels_ngrams as ngrams
from tests.gui import test_panels_pictures as pictures
from tests.gui import test_panels_position as position
from tests.gui import test_panels_residual_stream as stream
from tests.gui import test_panels_samples as samples
from tests.gui import test_panels_tagging as tagging
from tests.gui import test_panels_through_time as through_time
from tests.gui import test_panels_writing as writing
from tests.gui.fake_session import FakeSession, planar
from widgets.panels import PANELS, Panel, load_panels
from widgets.panels.parts.mosaics import signed_table
from widgets.panels.parts.plots import ColourBar
from widgets.theme import current

load_panels()

MADE = {
    "attention": lambda: attention.answer(),
    "attention_steps": lambda: attention_steps.answer(masked=True),
    "boundary": lambda: plain.boundary(np.eye(4), points={"train": plain.some_points()}),
    "boxes": lambda: pictures.boxes([[0.5, 0.5, 0.2, 0.2]], [[0.4, 0.5, 0.2, np.nan]]),
    "clip": lambda: clip.clip(),
    "embedding": lambda: fitting.cloud(fitting.some()),
    "examples": lambda: neurons.table_answer(),
    "gates": lambda: gates.answer(),
    "latent": lambda: latent.plane(),
    "masks": lambda: pictures.masks(np.ones((2, 8, 8), np.uint8)),
    "neurons": lambda: neuron_maps.answer(),
    "ngrams": lambda: ngrams.answer(),
    "position": lambda: position.answer(),
    "reconstruction": lambda: latent.reconstruction(),
    "regression": lambda: fitting.line(),
    "residual_stream": lambda: stream.answer(),
    "samples": lambda: samples.points(),
    "tagging": lambda: tagging.answer(tagging.tagged(0), tagging.tagged(1), typed=tagging.tagged(-1)),
    "through_time": lambda: through_time.answer(),
    "word_by_word": lambda: tagging.curves(),
    "writing": lambda: writing.answered(),
}
"""An answer for each panel, made up by its own tests."""

REAL = {
    "activation": "activations",
    "attention": "self-attention",
    "attention_steps": "self-attention",
    "boundary": "xor",
    "boxes": "detection-one",
    "class_activation": "vgg-small",
    "clip": "action-recognition",
    "confusion": "digits-mlp",
    "convolution": "convolution-arithmetic",
    "embedding": "digits-embedding",
    "examples": "xor-truth-table",
    "explain": "back-propagation",
    "feature_maps": "lenet",
    "forecast": "forecast-horizon",
    "gates": "lstm-tagger",
    "gradients": "xor",
    "histograms": "with-dropout",
    "kernels": "lenet",
    "latent": "vae",
    "loss_surface": "saddle",
    "masks": "segmentation",
    "mistakes": "digits-mlp",
    "neurons": "xor",
    "ngrams": "textcnn",
    "own_input": "lenet",
    "phase_portrait": "pendulum",
    "position": "positions-sinusoidal",
    "reconstruction": "autoencoder",
    "regression": "regression-1d",
    "residual_stream": "encoder",
    "samples": "gan-points",
    "tagging": "lstm-tagger",
    "through_time": "delayed-recall-rnn",
    "weight_images": "digits-mlp",
    "word_by_word": "sentiment-lstm",
    "writing": "next-character-transformer",
}
"""A preset in which each probe has an answer."""


def read(table):
    return list(csv.DictReader(io.StringIO(as_csv(table).decode("utf-8-sig"), newline="")))


def arrays(value: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Go through every array of an answer, with its name: a second way, that knows nothing of tables."""
    if isinstance(value, np.ndarray):
        yield path, value
    elif is_dataclass(value):
        for field in fields(value):
            yield from arrays(getattr(value, field.name), f"{path}.{field.name}".lstrip("."))
    elif hasattr(value, "_fields"):
        for name in value._fields:
            yield from arrays(getattr(value, name), f"{path}.{name}")
    elif isinstance(value, dict):
        for key, one in value.items():
            yield from arrays(one, f"{path}.{key}")
    elif isinstance(value, tuple):
        for one in value:
            yield from arrays(one, path)


def compare(answer: Any) -> int:
    """Compare what a file holds with every array of the answer, bit by bit; return how many there are."""
    found: dict[str, list[str]] = {}
    for row in read(tidy(answer)):
        found.setdefault(row["quantity"], []).append(row["value"])
    together: dict[str, list[Any]] = {}
    for name, array in arrays(answer):
        together.setdefault(name, []).append(array)
    for name, several in together.items():
        wanted = np.concatenate([one.ravel() for one in several])
        got = np.array([float(value) for value in found.get(name, [])]).astype(wanted.dtype)
        assert np.array_equal(got, wanted, equal_nan=wanted.dtype.kind == "f"), name
    return len(together)


@pytest.mark.parametrize("key", sorted(MADE))
def test_every_array_of_an_answer_is_in_the_file(key):
    assert compare(MADE[key]()) or key == "writing"


@pytest.mark.slow
@pytest.mark.parametrize("key", sorted(REAL))
def test_what_a_real_network_answers_comes_back_from_the_file(key, qtbot):
    from playground.training import Trainer

    experiment = open_named(REAL[key])[0]
    trainer = Trainer(experiment, device="cpu")
    list(trainer.steps(2))
    session = FakeSession(experiment)
    panel = PANELS[key](session)
    qtbot.addWidget(panel)
    answer = panel.probe().measure(trainer)
    assert (answer is not None and compare(answer)) or key == "writing"
    panel.draw(answer)
    for bar in panel.findChildren(ColourBar):
        if (
            bar._table is not None
            and np.array_equal(bar._table[::-1, 0], signed_table(current()))
            and bar.isVisibleTo(panel)
        ):
            assert bar.low == -bar.high, "zero is in the middle"
    if type(panel).as_table is Panel.as_table:
        assert as_csv(panel.as_table()) == as_csv(tidy(answer))


def test_there_is_a_real_answer_for_every_panel_with_a_probe():
    without = {key for key, kind in PANELS.items() if kind.probe is Panel.probe}
    assert set(PANELS) - without == set(REAL)
    for key in without:  # these have tables of their own
        assert PANELS[key].as_table is not Panel.as_table, key


# -- tables of their own -------------------------------------------------------------------------------------------


@pytest.fixture
def shown(qtbot):
    """Make a panel over a fake session and show it."""
    kept = []

    def make(key, experiment):
        session = FakeSession(experiment)
        panel = PANELS[key](session)
        kept.append(session)
        qtbot.addWidget(panel)
        panel.resize(420, 240)
        panel.show()
        QApplication.processEvents()
        return panel, session

    yield make
    set_language("en")


def test_a_run_is_a_row_for_every_step_and_every_measurement(shown):
    panel, session = shown("loss", planar())
    session.lose([0.7, 0.6, np.nan, 0.25])
    session.evaluate("validation", "loss", {2: 0.65, 4: 0.3})
    panel.sync()
    rows = read(panel.as_table())
    train = [row for row in rows if row["split"] == "train"]
    assert [(row["step"], row["loss"]) for row in train] == [("1", "0.7"), ("2", "0.6"), ("3", "NaN"), ("4", "0.25")]
    assert all(row["smoothed"] for row in train)
    held_out = [(row["step"], row["loss"], row["smoothed"]) for row in rows if row["split"] == "validation"]
    assert held_out == [("2", "0.65", ""), ("4", "0.3", "")]


def test_every_word_is_a_row_with_its_tag(shown):
    panel, _ = shown("tagging", tagging.TAGGER)
    answer = tagging.answer(tagging.tagged(4, unknown=(0,)), typed=tagging.tagged(-1, "= x", (0, 1), (-1, -1)))
    panel.draw(answer)
    rows = read(panel.as_table())
    assert [(row["sentence"], row["word"]) for row in rows[:3]] == [("typed", "'="), ("typed", "x"), ("4", "Ann")]
    first, text = rows[2], answer.texts[0]
    assert (first["tag"], first["right"], first["known"]) == (tagging.TAGS[1], tagging.TAGS[1], "0")
    assert rows[0]["right"] == "" and np.float32(first["probability"]) == np.float32(text.sure[0])


def test_confusion_is_a_matrix_between_the_names_of_the_classes(shown):
    panel, _ = shown("confusion", plain.pictured())
    panel.draw(
        plain.ConfusionAnswer(7, ("cat", "dog", "owl"), np.arange(9, dtype=np.uint32).reshape(3, 3), "train", 36)
    )
    rows = read(panel.as_table())
    assert [list(row.values()) for row in rows] == [
        ["cat", "0", "1", "2"],
        ["dog", "3", "4", "5"],
        ["owl", "6", "7", "8"],
    ]


def test_points_are_saved_where_they_are_drawn(shown):
    panel, _ = shown("embedding", open_named("digits-embedding")[0])
    panel.draw(fitting.cloud(fitting.some(), node=panel.chosen()))
    panel.draw(fitting.cloud(-fitting.some(), node=panel.chosen(), step=2))  # it is turned back
    rows = read(panel.as_table())
    assert [[float(row["x"]), float(row["y"])] for row in rows] == panel.where.tolist()


def test_a_surface_is_saved_with_the_way_on_it(shown):
    panel, _ = shown("loss_surface", planar())
    from tests.gui import test_panel_loss_surface as surfaces

    assert panel.as_table() is None
    panel.draw(surfaces.path((0.5, 0.25), (0.0, 0.0)))
    panel._show_surface(surfaces.surface(3))
    rows = read(panel.as_table())
    losses = [float(row["value"]) for row in rows if row["quantity"] == "surface.losses"]
    assert np.array_equal(np.array(losses, np.float32), surfaces.surface(3).losses.ravel())
    way = [(row["moment"], row["direction"], row["value"]) for row in rows if row["quantity"] == "way.points"]
    assert way[:2] == [("0", "0", "0.5"), ("0", "1", "0.25")]


def test_messages_are_rows_in_the_language_of_the_moment(shown):
    panel, session = shown("messages", planar())
    session.step = 12
    panel.add(say("=HYPERLINK(1)"), "dense_1", bad=True)
    (row,) = read(panel.as_table())
    assert (row["step"], row["node"], row["problem"]) == ("12", "dense_1", "1")
    assert row["message"] == "'=HYPERLINK(1)" and isinstance(panel.entries[0].sentence, Sentence)


def test_a_recorded_experiment_stands_beside_the_present_run(shown):
    panel, session = shown("recorded", open_named("grokking")[0])
    session.evaluate("validation", panel._told.metric, {10: 0.5, 20: 0.75})
    panel.sync()
    rows = read(panel.as_table())
    known = [row for row in rows if row["recorded_validation"]]
    assert [float(row["recorded_validation"]) for row in known] == [y for _, y in panel._told.lines["validation"]]
    assert [row["now_validation"] for row in rows if row["now_validation"]] == ["0.5", "0.75"]
