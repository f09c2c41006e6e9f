"""LeNet-5 from the start page to Play with mouse and keyboard, in at most forty actions."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QComboBox, QWidget

from playground.blocks.activation import Tanh
from playground.blocks.combine import Flatten
from playground.blocks.convolution import Conv2D
from playground.blocks.data import Input, Output
from playground.blocks.dense import Dense
from playground.blocks.pooling import AvgPool2D
from playground.shape import Shape
from tests.gui.driving import LEFT, NONE, SHIFT, losses, opened, pause, until
from widgets.canvas.geometry import box, overlap
from widgets.canvas.search import SearchBox
from widgets.window import Window

MOST_ACTIONS = 40
BLOCKS = (
    Input(),
    Conv2D(channels=6, kernel=5, padding=2),
    Tanh(),
    AvgPool2D(),
    Conv2D(channels=16, kernel=5),
    Tanh(),
    AvgPool2D(),
    Flatten(),
    Dense(units=120),
    Tanh(),
    Dense(units=84),
    Tanh(),
    Dense(units=10),
    Output(),
)


@dataclass
class Hand:
    """Does what a person does with real events, and counts: a click, a typed word with its Enter, a chord of keys."""

    window: Window
    actions: list[str] = field(default_factory=list)

    def click(self, what: str, target: QWidget, at: QPoint | None = None) -> None:
        assert target.isVisible() and target.isEnabled(), f"{what} cannot be clicked"
        self.actions.append(f"click {what}")
        QTest.mouseMove(target, at or target.rect().center())  # the hand goes there first
        QTest.mouseClick(target, LEFT, NONE, at or target.rect().center())

    def choose(self, name: str, words: str) -> None:
        """Choose from a list: one click opens it, another takes a row."""
        box = until(lambda: next((one for one in self.window.findChildren(QComboBox, name) if one.isVisible()), None))
        self.click(name, box)
        rows = box.view()
        until(rows.isVisible)
        index = box.model().index(box.findText(words), 0)
        assert index.isValid(), [box.itemText(i) for i in range(box.count())]
        rows.scrollTo(index)
        self.click(words, rows.viewport(), rows.visualRect(index).center())
        until(lambda: not rows.isVisible())

    def key(self, code: Qt.Key, what: str) -> None:
        self.actions.append(what)
        QTest.keyClick(self.focus, code)

    def type(self, text: str, *, going_on: bool = True) -> None:
        """Type into the search box and end with Enter, or with Shift+Enter where more is to follow."""
        assert isinstance(self.focus.parentWidget(), SearchBox), "there is no search box to type into"
        self.actions += text.split()
        QTest.keyClicks(self.focus, text)
        QTest.keyClick(self.focus, Qt.Key.Key_Return, SHIFT if going_on else NONE)

    @property
    def focus(self) -> QWidget:
        found = QApplication.focusWidget()
        assert found is not None and found.window() is self.window
        return found


@pytest.mark.slow
def test_lenet_from_the_start_page_to_play_takes_at_most_forty_actions(qapp: QApplication, tmp_path: Path) -> None:
    """Thirty actions: six to begin and to choose the data, one Space, 22 words, and F5.

    Start page: click *New*. Inspector: click *Data set*, click *Handwritten digits*, click *Size*, click *28*.
    Click the canvas, which says “press Space to search”. Space. Then, each with Shift+Enter, as the search box says:

        input · conv 6 5 p2 · tanh · avgpool · conv 16 5 · tanh · avgpool · flatten · dense 120 · tanh · dense 84 ·
        tanh · dense 10

    and *output* with Enter. F5 plays.
    """
    with opened(tmp_path) as window:
        hand = Hand(window)
        until(lambda: window.start is not None and window.start.isVisible())
        hand.click("New", window.findChild(QWidget, "start_new"))
        until(lambda: window.workspace is not None and window.workspace.panels.ready)
        assert window.workspace is not None
        canvas = window.workspace.canvas
        assert not window.document.now.graph.nodes
        hand.choose("field_source", "Handwritten digits")
        hand.choose("field_size", "28")
        until(lambda: window.document.now.facts.inputs["x"] == Shape(channels=1, height=28, width=28))
        hand.click("canvas", canvas.viewport())
        hand.key(Qt.Key.Key_Space, "Space")
        words = "input|conv 6 5 p2|tanh|avgpool|conv 16 5|tanh|avgpool|flatten|dense 120|tanh|dense 84|tanh|dense 10"
        for text in words.split("|"):
            hand.type(text)
        hand.type("output", going_on=False)
        graph, report = window.document.now.graph, window.document.report
        assert tuple(graph.nodes[id].block for id in graph.order) == BLOCKS
        assert [(wire.source, wire.target) for wire in graph.wires] == list(
            zip(graph.order, graph.order[1:], strict=False)
        )
        assert report.parameters == 61_706
        assert report.problems == ()
        boxes = [box(place) for place in canvas.stage.places().values()]
        assert not any(overlap(a, b) for i, a in enumerate(boxes) for b in boxes[:i])
        hand.key(Qt.Key.Key_F5, "F5")
        until(lambda: window.session.step >= 3)
        pause(window)
        assert len(losses(window.session)) == window.session.step
        assert len(hand.actions) <= MOST_ACTIONS, hand.actions
        assert len(hand.actions) == 30, hand.actions
