"""The window in which images of one's own are drawn, each of a class."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QKeySequence, QPixmap, QShortcut
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QVBoxLayout

from playground.data.drawn import DrawnDigits, centred, packed_ink, shrunk
from playground.text import count, say, tr
from widgets import theme
from widgets.drawing_sets._editor import SetEditor
from widgets.drawing_sets.paper import Paper, inked
from widgets.drawing_sets.thumbnails import Thumbnails
from widgets.icons import icon
from widgets.sections import dim

PREVIEW = 84
"""Height and width of the picture that shows the image as the network will see it."""


class DigitsEditor(SetEditor):
    """Paper to draw on, the classes, and what has been drawn."""

    def build(self) -> None:
        """Make and lay out the parts."""
        self.setObjectName("digits_editor")
        self.paper = Paper()
        self.paper.changed.connect(self._on_paper_changed)
        self.paper.changed.connect(lambda: self.tell(None))
        self.preview = QLabel(objectName="preview")
        self.preview.setFixedSize(QSize(PREVIEW, PREVIEW))
        self.preview_says = dim("preview_says")
        self.add = QPushButton(objectName="add_image", icon=icon("mdi6.plus", "on_accent"))
        self.add.setProperty("kind", "accent")
        self.add.clicked.connect(self._on_add)
        self.anew = QPushButton(objectName="paper_anew", icon=icon("mdi6.refresh"))
        self.anew.clicked.connect(self.paper.begin_anew)
        self.list = Thumbnails()
        self.list.deleted.connect(self._on_delete)
        self.list.chosen.connect(self._on_list_chosen)
        self.empty = dim("no_images")
        self.empty.setMinimumWidth(self.list.minimumWidth())
        self.empty.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.delete = QPushButton(objectName="delete_images", icon=icon("mdi6.delete-outline"))
        self.delete.clicked.connect(self._on_delete)
        for key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            QShortcut(QKeySequence(key), self).activated.connect(self._on_add)
        self._lay_out()
        self.paper.setFocus()

    def _lay_out(self) -> None:
        seen = QHBoxLayout()
        seen.setSpacing(8)
        seen.addWidget(self.preview)
        seen.addWidget(self.preview_says, 1)
        buttons = QHBoxLayout()
        buttons.setSpacing(8)
        buttons.addWidget(self.add, 1)
        buttons.addWidget(self.anew, 1)
        left = QVBoxLayout()
        left.setSpacing(8)
        left.addWidget(self.paper)
        left.addLayout(buttons)
        left.addLayout(seen)
        left.addStretch(1)
        right = QVBoxLayout()
        right.setSpacing(8)
        right.addWidget(self.empty)
        right.addWidget(self.list, 1)
        middle = QHBoxLayout()
        middle.setSpacing(16)
        middle.addLayout(left)
        middle.addLayout(right, 1)
        self.last.addWidget(self.delete)
        self.last.addWidget(self.clear)
        self.last.addStretch(1)
        self.last.addWidget(self.done_button)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 16, 16, 16)
        column.setSpacing(8)
        column.addWidget(self.classes)
        column.addLayout(middle, 1)
        column.addWidget(self.says)
        column.addWidget(self.wrong)
        column.addLayout(self.last)

    def sync(self) -> None:
        """Show the set as it is."""
        super().sync()
        source = self.source
        self.list.show_images(source.drawn, source.names)
        self.list.setVisible(bool(source.drawn))
        self.empty.setVisible(not source.drawn)
        self._on_list_chosen()
        self._on_paper_changed()

    def hint(self) -> str:
        """Say how many images there are and what can be done."""
        return tr(
            "{images}. Draw with the left button, wipe with the right one. "
            "On the keyboard: arrows, Space sets the pen down.",
            images=count("{n} image", "{n} images", len(self.source.drawn)),
        )

    def recolour(self) -> None:
        """Take the colours of the theme."""
        super().recolour()
        self.paper.update()
        self.list.viewport().update()
        self._on_paper_changed()

    def undo(self) -> None:
        """Take the last stroke on the paper back, or else the last step of the document."""
        if self.paper.strokes:
            self.paper.take_back()
        else:
            super().undo()

    def relabel(self) -> None:
        """Say everything in the present language."""
        super().relabel()
        self.setWindowTitle(tr("Images of your own"))
        self.paper.setAccessibleName(tr("The paper"))
        self.list.setAccessibleName(tr("Images drawn"))
        self.add.setText(tr("Add"))
        self.add.setToolTip(tr("Put this drawing into the set, in the chosen class (Enter)"))
        self.anew.setText(tr("Start over"))
        self.anew.setToolTip(tr("Take a fresh sheet (Delete on the paper)"))
        self.delete.setText(tr("Take away"))
        self.delete.setToolTip(tr("Take the chosen images out of the set (Delete in the list)"))
        self.empty.setText(tr("What you add stands here. Choose a class above, draw one of it, and press Enter."))

    # -- what happens ------------------------------------------------------------------------------------------

    def _on_add(self) -> None:
        if self.paper.is_empty or not self.source.names:
            self.tell(say("Draw something on the paper first") if self.source.names else say("There is no class"))
            return
        if len(self.source.drawn) >= self.source.most:
            self.tell_full()
            return
        label = self.classes.chosen
        row = (packed_ink(self.paper.pixels()), label)
        self.edit(say("Draw an image of class {name}", name=self.source.names[label]), (*self.source.drawn, row))
        self.close_gesture()
        self.paper.begin_anew()

    def _on_delete(self) -> None:
        gone = self.list.chosen_rows()
        if gone:
            kept = tuple(row for at, row in enumerate(self.source.drawn) if at not in gone)
            self.edit(say("Take images away"), kept)
            self.close_gesture()

    def _on_list_chosen(self) -> None:
        self.delete.setEnabled(bool(self.list.chosen_rows()))

    def _on_paper_changed(self) -> None:
        """Show the drawing as the network will see it."""
        source = self.source
        assert isinstance(source, DrawnDigits)
        self.anew.setEnabled(not self.paper.is_empty)
        ink, side = self.paper.pixels().astype(np.float32), int(source.size)
        image = shrunk((centred(ink) if source.centre else ink)[None], side)[0]
        self.preview.setPixmap(QPixmap.fromImage(inked(np.rint(image), theme.current())).scaled(PREVIEW, PREVIEW))
        self.preview_says.setText(
            tr("As the network sees it: {n} × {n} pixels, moved into the middle", n=side)
            if source.centre
            else tr("As the network sees it: {n} × {n} pixels", n=side)
        )
