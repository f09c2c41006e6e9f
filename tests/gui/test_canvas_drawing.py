"""The drawing as a file: SVG, PDF and PNG of the whole network, without what belongs to the screen."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QFileDialog, QLineEdit

from playground.blocks.data import Input, Output
from playground.blocks.dense import Dense
from playground.document import Document
from playground.experiment import Experiment, Remark, View
from playground.graph import Graph
from playground.sheet import Sheet
from playground.text import Refusal
from tests.examples import chain
from tests.shapes import resnet
from widgets.canvas import Canvas
from widgets.canvas.drawing import MARGIN, SHARP, export
from widgets.canvas.look import Look
from widgets.canvas.scene import Scene
from widgets.theme import APPEARANCE, DARK, LIGHT
from widgets.window import Window

SVG = "{http://www.w3.org/2000/svg}"


def sheet_of(graph: Graph, *remarks: Remark) -> Sheet:
    return Sheet(Document(Experiment(graph=graph, view=View(remarks=remarks))))


def size_of(sheet: Sheet) -> tuple[float, float]:
    """Return how large the picture is at 100 %: what stands there, without what is wrong with it."""
    scene = Scene(sheet, Look())
    scene.sync()
    scene.clean()
    bounds = scene.bounds()
    return bounds.width() + 2 * MARGIN, bounds.height() + 2 * MARGIN


def words_in(path: Path) -> list[str]:
    return ["".join(one.itertext()).strip() for one in ElementTree.parse(path).iter(f"{SVG}text")]


def test_svg_is_xml_with_the_names_as_text_and_the_size_of_the_network(qapp, tmp_path: Path) -> None:
    sheet = sheet_of(chain(Input(), Dense(units=37), Output()), Remark("n", "note", "Read me", (0, -200, 180, 80)))
    export(sheet, path := tmp_path / "net.svg")
    words = words_in(path)
    assert {"Input", "Dense", "Output", "37", "Read me"} <= set(words)
    box = [float(side) for side in ElementTree.parse(path).getroot().get("viewBox").split()]
    wide, high = size_of(sheet)
    assert box[2] == pytest.approx(wide, abs=1) and box[3] == pytest.approx(high, abs=1)


def test_pdf_is_one_page_of_the_networks_proportions(qapp, tmp_path: Path) -> None:
    sheet = sheet_of(resnet(2))
    export(sheet, path := tmp_path / "net.pdf")
    data = path.read_bytes()
    assert data.startswith(b"%PDF-") and re.search(rb"/Count 1\b", data) and b"/Font" in data
    left, top, right, bottom = map(float, re.search(rb"/MediaBox \[([^\]]*)\]", data)[1].split())
    wide, high = size_of(sheet)
    assert (left, top) == (0, 0) and right / bottom == pytest.approx(wide / high, rel=0.01)
    assert right == pytest.approx(wide * 0.75, abs=1)  # at 100 %, where 96 units are an inch


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=["light", "dark"])
def test_png_has_the_expected_pixels(qapp, tmp_path: Path, theme) -> None:
    sheet = sheet_of(chain(Input(), Dense(), Output()))
    export(sheet, path := tmp_path / "net.png", theme)
    image = QImage(str(path))
    wide, high = size_of(sheet)
    assert image.width() == round(SHARP * wide) and image.height() == round(SHARP * high)
    assert image.pixelColor(3, 3).name() == theme.canvas.lower()
    card = image.pixelColor(round(SHARP * (MARGIN + 80)), round(SHARP * (MARGIN + 80)))
    assert card.name() == theme.card.lower()


def test_neither_selection_nor_problems_nor_the_window_show(qapp, qtbot, tmp_path: Path) -> None:
    graph = resnet(1)  # its shapes do not fit: problems, red wires
    canvas = Canvas(Document(Experiment(graph=graph)))
    qtbot.addWidget(canvas)
    export(canvas.sheet, tmp_path / "plain.svg")
    canvas.select_all()
    canvas.zoom_by(3.0)
    assert canvas.stage.callouts
    export(canvas.sheet, tmp_path / "selected.svg")
    plain = (tmp_path / "plain.svg").read_text(encoding="utf-8")
    assert plain == (tmp_path / "selected.svg").read_text(encoding="utf-8")
    assert LIGHT.bad.lower() not in plain.lower() and LIGHT.accent.lower() not in plain.lower()
    assert not any("Flatten" in words for words in words_in(tmp_path / "plain.svg") if " " in words)


def test_the_picture_is_light_in_a_dark_window(qapp, tmp_path: Path) -> None:
    APPEARANCE.choose("dark")
    try:
        export(sheet_of(chain(Input(), Output())), path := tmp_path / "net.svg")
    finally:
        APPEARANCE.choose("system")
    text = path.read_text(encoding="utf-8").lower()
    assert LIGHT.canvas.lower() in text and DARK.canvas.lower() not in text and DARK.card.lower() not in text


def test_a_large_network_becomes_a_png_that_can_be_opened(qapp, tmp_path: Path) -> None:
    graph = chain(Input(), *(Dense() for _ in range(3)))
    sheet = sheet_of(graph)
    sheet.document.note(view=View(positions={id: (40_000.0 * i, 0.0) for i, id in enumerate(graph.nodes)}))
    export(sheet, path := tmp_path / "net.png")
    assert 20_000 < QImage(str(path)).width() <= 30_000


@pytest.mark.parametrize("name", ["net.svg", "net.pdf", "net.png"])
def test_a_place_that_cannot_be_written_is_one_sentence(qapp, tmp_path: Path, name: str) -> None:
    with pytest.raises(Refusal, match=rf"^{name} cannot be written: .*directory"):
        export(sheet_of(chain(Input())), tmp_path / "missing" / name)


def test_a_failed_export_leaves_what_was_there(qapp, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "net.svg"
    path.write_text("before")

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", full)
    with pytest.raises(Refusal, match="No space left"):
        export(sheet_of(chain(Input())), path)
    assert path.read_text() == "before" and list(tmp_path.iterdir()) == [path]


def test_an_unknown_ending_and_an_empty_canvas_are_refused(qapp, tmp_path: Path) -> None:
    with pytest.raises(Refusal, match=r"must end in \.svg, \.pdf or \.png"):
        export(sheet_of(chain(Input())), tmp_path / "net.gif")
    with pytest.raises(Refusal, match="nothing on the canvas"):
        export(sheet_of(Graph()), tmp_path / "net.svg")


# -- from the menu -----------------------------------------------------------------------------------------------


def chosen(window: Window, qtbot, name: Path) -> None:
    window.actions_by_key["export_picture"].trigger()
    dialog = window.findChild(QFileDialog, "export_picture")
    qtbot.waitUntil(dialog.isVisible)
    field = dialog.findChild(QLineEdit, "fileNameEdit")
    field.setText(str(name))
    QTest.keyClick(field, Qt.Key.Key_Return)


def test_the_menu_asks_where_to_and_writes(open_window: Callable[..., Window], qtbot, tmp_path: Path) -> None:
    window = open_window("xor")
    chosen(window, qtbot, tmp_path / "picture")
    qtbot.waitUntil((tmp_path / "picture.svg").exists)
    assert "Dense" in words_in(tmp_path / "picture.svg")
    assert not window.document.dirty


def test_what_cannot_be_written_is_told_across_the_window(
    open_window: Callable[..., Window], qtbot, tmp_path: Path
) -> None:
    window = open_window("xor")
    chosen(window, qtbot, tmp_path / "picture.gif")
    qtbot.waitUntil(window.banner.isVisible)
    assert "must end in" in window.banner.text.text()
