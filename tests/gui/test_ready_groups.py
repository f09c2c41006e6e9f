"""Ready-made groups in the palette and on the canvas; what is asserted is the document."""

from __future__ import annotations

from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from playground.blocks.data import Input, Output
from playground.blocks.dense import Dense
from playground.blocks.embedding import Embedding
from playground.blocks.group import Group
from playground.facts import DataFacts, Target
from playground.graph import Graph
from playground.ready_groups import READY, decoder_block, encoder_block, multi_head_attention
from playground.shape import Shape
from tests.examples import chain
from tests.gui.driving import drop_block, on_wire
from widgets import app
from widgets.block_rows import ready_made
from widgets.canvas.search import SearchBox
from widgets.palette import Palette

FACTS = DataFacts({"x": Shape(time=6)}, {"label": Target(("a", "b"), Shape(time=6))}, {}, {}, {"x": 9})


def tagger(width: int = 24) -> Graph:
    return chain(Input(), Embedding(size=width), Dense(units=2), Output())


def test_the_palette_lists_them_below_the_families_and_finds_them(qtbot: QtBot) -> None:
    app.application()
    palette = Palette()
    qtbot.addWidget(palette)
    palette.add_sections(ready_made, below=True)
    assert palette.visible_keys()[-len(READY) :] == list(READY)
    assert palette.sections()[-1].title == "Ready-made groups"
    qtbot.keyClicks(palette.search, "encoder")
    assert palette.visible_keys()[:2] == ["ready:encoder-block", "ready:encoder-block-pre-norm"]


def test_one_that_falls_onto_a_wire_is_as_wide_as_what_flows_there(open_canvas) -> None:
    canvas = open_canvas(tagger(), FACTS)
    wire = canvas.sheet.graph.wires[1]
    drop_block(canvas, "ready:encoder-block", on_wire(canvas, wire))
    made = canvas.selected_ids[0]
    assert canvas.sheet.graph.nodes[made].block == encoder_block(24)
    assert canvas.document.report.problems == ()
    assert canvas.document.report.at(made).shape == Shape(time=6, features=24)
    canvas.document.undo()
    assert canvas.sheet.graph == tagger()


def test_one_on_empty_canvas_is_as_it_lies_in_the_palette_and_opens(open_canvas) -> None:
    canvas = open_canvas(tagger(), FACTS)
    drop_block(canvas, "ready:decoder-block", QPoint(60, canvas.height() - 60))
    made = canvas.selected_ids[0]
    assert canvas.sheet.graph.nodes[made].block == decoder_block()
    QTest.keyClick(canvas.viewport(), Qt.Key.Key_Return)
    assert canvas.sheet.level == made and "cross_attention" in canvas.sheet.graph
    canvas.sheet.enter(f"{made}.cross_attention")
    assert {"q", "k", "v", "attention_1"} <= set(canvas.sheet.graph.nodes)


def test_the_search_box_puts_one_behind_a_node_as_wide_as_what_comes_out(open_canvas) -> None:
    canvas = open_canvas(chain(Input(), Embedding(size=24)), FACTS)
    canvas.select(["embed_1"])
    QTest.keyClick(canvas, Qt.Key.Key_Space)
    (box,) = (one for one in canvas.window().findChildren(SearchBox) if one.isVisible())
    QTest.keyClicks(box.field, "multi-head")
    QTest.keyClick(box.field, Qt.Key.Key_Return)
    (made,) = (id for id, node in canvas.sheet.graph.nodes.items() if isinstance(node.block, Group))
    assert canvas.sheet.graph.nodes[made].block == multi_head_attention(24)
    assert [wire.source for wire in canvas.sheet.graph.incoming[made]] == ["embed_1"]
