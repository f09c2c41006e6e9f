"""The tools with which a picture of one's own is made: the pad, a file, the example itself."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QColor, QIcon, QPixmap
from PySide6.QtWidgets import QComboBox, QFileDialog, QHBoxLayout, QSlider, QVBoxLayout, QWidget

from playground.data.drawn import centred
from playground.picture import Picture
from playground.text import Refusal, Sentence, note, tr
from widgets.panels.parts.pad import THICKEST, THICKNESS, THINNEST, Pad
from widgets.panels.parts.picture_file import FORMATS, ground_of, read_picture
from widgets.panels.parts.plots import chip, icon_button

Array = np.ndarray[Any, Any]

PENS = {
    "#FFFFFF": note("white"),
    "#E53935": note("red"),
    "#FDD835": note("yellow"),
    "#43A047": note("green"),
    "#1E88E5": note("blue"),
    "#808080": note("grey"),
    "#000000": note("black"),
}
"""The colours that can be drawn with."""

LEAST_PIXELS = 1.3
"""Pixels that a stroke is thick at first where there are only few of them."""

MIDDLE = 127.5
"""Half of white: brighter paper is light."""


class OwnPicture(QWidget):
    """The pad with its tools.

    Signals:
        changed(): the picture is another.
        refused(object): a Sentence that says why a file cannot be opened.
    """

    changed = Signal()
    refused = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("own_picture")
        self.sizes = (0, 0, 0)
        self.example: Array | None = None
        self._by_hand: tuple[bool, bool] | None = None  # how the switches stood before a picture was put on the pad
        self.pad = Pad()
        self.open = icon_button("own_open", "mdi6.image-plus-outline")
        self.copy = icon_button("own_copy", "mdi6.content-duplicate")
        self.undo = icon_button("own_undo", "mdi6.undo")
        self.clear = icon_button("own_clear", "mdi6.eraser")
        self.thickness = QSlider(Qt.Orientation.Vertical, objectName="own_thickness")
        self.thickness.setRange(round(1000 * THINNEST), round(1000 * THICKEST))
        self.thickness.setValue(round(1000 * THICKNESS))
        self.thickness.setMinimumHeight(32)
        self.pens = QComboBox(objectName="own_pen")
        self.invert, self.centre = chip("own_invert"), chip("own_centre")
        tools = QVBoxLayout()
        tools.setSpacing(2)
        for button in (self.open, self.copy, self.undo, self.clear):
            button.setAutoRepeat(False)
            tools.addWidget(button)
        tools.addWidget(self.thickness, 1, Qt.AlignmentFlag.AlignHCenter)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(4)
        row.addLayout(tools)
        row.addWidget(self.pad, 1)
        self.pad.changed.connect(self._on_pad_changed)
        self.open.clicked.connect(self._on_open_clicked)
        self.copy.clicked.connect(self._on_copy_clicked)
        self.undo.clicked.connect(self.pad.take_back)
        self.clear.clicked.connect(self.pad.begin_anew)
        self.thickness.valueChanged.connect(self._on_thickness_value_changed)
        self.pens.currentIndexChanged.connect(self._on_pens_current_index_changed)
        for one in (self.invert, self.centre):
            one.toggled.connect(self._on_switched)
        self._sync()

    def switches(self) -> tuple[tuple[QWidget, bool], ...]:
        """Return what stands above the pad, and whether it is of use for such pictures."""
        colours = self.sizes[0] == 3
        return (self.pens, colours), (self.invert, True), (self.centre, not colours)

    def fit(self, channels: int, height: int, width: int) -> bool:
        """Draw pictures of these sizes from now on; tell whether they are others than before."""
        if (channels, height, width) == self.sizes:
            return False
        self.sizes = channels, height, width
        self.example = self._by_hand = None
        self.invert.setChecked(False)
        self.centre.setChecked(channels != 3)
        self.pad.fit(channels, height, width)
        self.thickness.setValue(round(1000 * max(THICKNESS, LEAST_PIXELS / max(height, width))))
        self.relabel()
        return True

    def picture(self) -> Picture | None:
        """Return what is drawn as the network is to see it; None while nothing is."""
        if self.pad.is_empty:
            return None
        image = self.pad.image()
        if self.invert.isChecked():
            image = 255 - image
        if self.centre.isChecked() and len(image) == 1:
            image = centred(image[0].astype(np.float32)).astype(np.uint8)[None]
        channels = self.sizes[0]
        return Picture.of(image if len(image) == channels else np.broadcast_to(image, (channels, *image.shape[1:])))

    def show_example(self, pixels: Array | None) -> None:
        """Hear what the example looks like that would be copied, uint8 (channels, height, width)."""
        self.example = pixels
        self.copy.setEnabled(pixels is not None)

    def open_file(self, path: Path) -> None:
        """Put a picture from a file on the pad; of one that is light where the data are dark, light becomes dark."""
        try:
            image = read_picture(path, *self.sizes)
        except Refusal as refusal:
            self.refused.emit(refusal.sentence)
            return
        self.refused.emit(None)
        self._take(image)
        dark = self.example is None or float(ground_of(self.example).mean()) < MIDDLE
        if len(image) == 1:
            self.invert.setChecked((float(ground_of(image).mean()) > MIDDLE) == dark)

    def _take(self, image: Array) -> None:
        self._by_hand = self._by_hand or (self.invert.isChecked(), self.centre.isChecked())
        for one in (self.invert, self.centre):
            one.setChecked(False)
        self.pad.put(image if len(image) in (1, 3) else image[:1])

    # -- words -------------------------------------------------------------------------------------------------

    def relabel(self) -> None:
        """Say everything in the present language."""
        for widget, words in (
            (self.open, tr("Open a picture (PNG, JPEG); it can also be dropped here")),
            (self.copy, tr("Put the example on the pad, to change it")),
            (self.undo, tr("Take the last stroke back (Ctrl+Z on the pad)")),
            (self.clear, tr("Take everything away (Delete on the pad)")),
            (self.thickness, tr("How thick strokes are")),
            (self.pens, tr("The colour of the pen")),
            (self.invert, tr("Light becomes dark and dark light")),
            (self.centre, tr("Move the drawing so that its ink lies in the middle, as in MNIST")),
        ):
            widget.setAccessibleName(words)
            widget.setToolTip(words)
        self.invert.setText(tr("Invert"))
        self.centre.setText(tr("Centred"))
        self.pad.setAccessibleName(tr("The pad"))
        self.pad.setToolTip(
            tr("Left button draws, right button wipes; on the keyboard arrows, Space sets the pen down")
        )
        self._list_pens()

    def _list_pens(self) -> None:
        at = max(0, self.pens.currentIndex())
        self.pens.blockSignals(True)
        self.pens.clear()
        for colour, name in PENS.items():
            swatch = QPixmap(14, 14)
            swatch.fill(QColor(colour))
            self.pens.addItem(QIcon(swatch), str(Sentence(name)), colour)
        self.pens.setCurrentIndex(at)
        self.pens.blockSignals(False)

    # -- what happens ------------------------------------------------------------------------------------------

    def _sync(self) -> None:
        self.undo.setEnabled(bool(self.pad.strokes))
        self.clear.setEnabled(not self.pad.is_empty)

    def _on_pad_changed(self) -> None:
        self._sync()
        if self.pad.is_empty and self._by_hand is not None:  # what comes next is drawn by hand again
            (invert, centre), self._by_hand = self._by_hand, None
            self.invert.setChecked(invert)
            self.centre.setChecked(centre)
        self.changed.emit()

    def _on_switched(self, _on: bool) -> None:
        self.changed.emit()

    def _on_thickness_value_changed(self, value: int) -> None:
        self.pad.set_thickness(value / 1000)

    def _on_pens_current_index_changed(self, at: int) -> None:
        self.pad.pen = QColor(self.pens.itemData(at))

    def _on_copy_clicked(self) -> None:
        if self.example is not None:
            self._take(self.example)

    def _on_open_clicked(self) -> None:
        dialog = QFileDialog(self, tr("Open a picture"))
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        endings = " ".join(f"*.{form}" for form in (*FORMATS, "jpg"))
        dialog.setNameFilters([tr("Pictures ({endings})", endings=endings), tr("All files (*)")])
        dialog.fileSelected.connect(self._on_dialog_file_selected)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.open()

    def _on_dialog_file_selected(self, name: str) -> None:
        self.open_file(Path(name))
