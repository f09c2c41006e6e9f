"""The example beside a map: the picture that can be moved, which one it is, and what the network takes it for."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from playground.probes._looking import Seen
from playground.text import tr
from widgets.focus import Focus
from widgets.panels.parts.example import MovedExample, as_picture
from widgets.panels.parts.plots import icon_button, row
from widgets.panels.parts.verdict import verdict


class ExampleColumn(QWidget):
    """Shows what was looked at, and lets a person turn to other examples and move them: all panels follow."""

    def __init__(self, name: str, focus: Focus) -> None:
        super().__init__()
        self._focus = focus
        self.seen: Seen | None = None
        self.picture = MovedExample(f"{name}_example")
        self.picture.setMinimumWidth(40)
        self.picture.pushed.connect(self._on_pushed)
        self.before = icon_button(f"{name}_before", "mdi6.chevron-left")
        self.before.clicked.connect(self._on_before_clicked)
        self.after = icon_button(f"{name}_after", "mdi6.chevron-right")
        self.after.clicked.connect(self._on_after_clicked)
        self.back = icon_button(f"{name}_back", "mdi6.image-refresh-outline")
        self.back.clicked.connect(self._on_back_clicked)
        self.place = QLabel(objectName=f"{name}_place")
        self.place.setProperty("role", "dim")
        self.verdict = QLabel(objectName=f"{name}_verdict")
        self.verdict.setWordWrap(True)
        self.verdict.setMinimumWidth(104)
        self.verdict.setAlignment(Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop)
        turning = row(QWidget(), self.before, self.place, self.after, self.back, QWidget(), stretch=0)
        turning.setStretch(5, 1)
        turning.setSpacing(4)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addWidget(self.picture, 1)
        column.addLayout(turning)
        column.addWidget(self.verdict)

    def show_seen(self, seen: Seen, called: Callable[[str], str]) -> bool:
        """Show a picture and what is said of it; return whether it is another picture than before."""
        before, self.seen = self.seen, seen
        fresh = before is None or not np.array_equal(before.image, seen.image)
        if fresh:
            self.picture.set_pixels(as_picture(seen.image))
        place = tr("your own") if seen.own else f"{seen.index + 1:,} / {seen.count:,}"
        said = verdict(seen.label, seen.predicted, seen.confidence, called)
        for label, text in ((self.place, place), (self.verdict, said)):
            if label.text() != text:
                label.setText(text)
        self.back.setVisible(bool(seen.down or seen.right))
        return fresh

    def relabel(self) -> None:
        """Say everything again in the present language."""
        for widget, words in (
            (self.before, tr("Previous example")),
            (self.after, tr("Next example")),
            (self.back, tr("Put the image back to where it was")),
        ):
            widget.setAccessibleName(words)
            widget.setToolTip(words)
        self.picture.setAccessibleName(tr("The example"))
        self.picture.setToolTip(tr("The example: drag it, or move it with the arrow keys"))

    # -- what happens ------------------------------------------------------------------------------------------

    def _turn(self, by: int) -> None:
        count = self.seen.count if self.seen is not None else 1
        index = (self._focus.now.index + by) % max(1, count)
        self.place.setText(f"{index + 1:,} / {count:,}")
        self._focus.move(index=index)

    def _on_before_clicked(self) -> None:
        self._turn(-1)

    def _on_after_clicked(self) -> None:
        self._turn(+1)

    def _on_back_clicked(self) -> None:
        self._focus.move(down=0, right=0)

    def _on_pushed(self, down: int, right: int) -> None:
        """Move the picture further, at most until nothing of it is left."""
        height, width = self.seen.image_size if self.seen is not None else (1, 1)
        spot = self._focus.now
        down, right = max(-height, min(spot.down + down, height)), max(-width, min(spot.right + right, width))
        self._focus.move(down=down, right=right)
