"""The weights of a layer as a picture: what each unit adds up, by which factors, live."""

from __future__ import annotations

from typing import Any

import numpy as np
from PySide6.QtCore import QPointF
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from playground.probes.weight_images import WeightImages, WeightImagesAnswer, matrices_of, picture_of
from playground.shape import Shape
from playground.text import Sentence, note, tr
from widgets.panels.parts.mosaics import Mosaic, signed_table
from widgets.panels.parts.of_node import NodePicture, offer
from widgets.panels.parts.plots import ColourBar, Readout, chip, readable, row
from widgets.panels.parts.signed_map import SignedMap, counted
from widgets.theme import Theme

Array = np.ndarray[Any, Any]

BETWEEN = 6
"""Pixels between two pictures: wider than between maps, since numbers around zero have the colour of the gap."""


class WeightsPanel(NodePicture):
    """Shows the weights of one layer."""

    key = "weight_images"
    title = note("Weights")
    help = note(
        "The weights of a layer on one scale, orange above zero and blue below it: a row for each unit, a column for "
        "each number that comes in, and the bias (b) beside them. Behind a picture the weights of each unit are laid "
        "out as that picture, so that it can be seen what the unit looks for; recurrent layers have a band for each "
        "gate, embeddings a row for each word. Point at a number to read it; noise becomes a pattern as the layer "
        "learns, and rows that stay noise have found nothing."
    )
    choice_help = note("The layer whose weights are shown")
    icon = "mdi6.matrix"
    per_node = True

    def compose(self, column: QVBoxLayout) -> None:
        """Create the choices, the matrix, the pictures and their colour bar."""
        self.answer: WeightImagesAnswer | None = None
        self.make_choice()
        self.which = QComboBox(objectName="weight_images_name")
        self.which.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        self.which.activated.connect(self._on_which_activated)
        self.pictures = chip("weight_images_pictures")
        self.pictures.setChecked(True)
        self.pictures.toggled.connect(self._on_pictures_toggled)
        self._readout = Readout("weight_images_readout")
        column.addLayout(row(self._choice, self.which, self.pictures, self._readout))
        self.map = SignedMap("weight_images_map")
        self.map.pointed.connect(self._on_pointed)
        self.mosaic = Mosaic("weight_images_mosaic", gap=BETWEEN)
        self.mosaic.setMouseTracking(True)
        self.mosaic.scene().sigMouseMoved.connect(self._on_mosaic_mouse_moved)
        self._pixel: tuple[int, int, int] | None = None
        self._pages = QStackedWidget()
        for page in (self.map, self.mosaic):
            self._pages.addWidget(page)
        self.bar = ColourBar("weight_images_bar")
        body = QHBoxLayout()
        body.setSpacing(12)
        body.addWidget(self._pages, 1)
        body.addWidget(self.bar)
        holder = QWidget()
        holder.setLayout(body)
        body.setContentsMargins(0, 0, 0, 0)
        column.addWidget(holder, 1)
        self.destroyed.connect(self.session.document.subscribe(self._on_document_changed))
        self.session.restarted.connect(self._on_session_restarted)
        self.list_nodes()

    def probe(self) -> WeightImages | None:
        """Ask for the chosen weights; of nothing where nothing has any."""
        node = self.chosen()
        fit = "rows" if self._picture() is not None else "fields"
        return WeightImages(node=node, name=self.which.currentText(), fit=fit) if node else None

    def nodes(self) -> list[str]:
        return [id for id, node in self.session.document.report.nodes.items() if WeightImages.accepts(node)]

    def list_nodes(self) -> None:
        """Offer the nodes that there are now, and the weights of the chosen one."""
        super().list_nodes()
        known = self.session.document.report.nodes.get(self.chosen())
        names = [] if known is None else list(matrices_of(known))
        offer(self.which, names)
        self.which.setVisible(len(names) > 1)
        self.pictures.setVisible(self._shape() is not None)

    def set_node(self, id: str) -> None:
        """Show another node from now on."""
        self._readout.hurry()
        self._pixel = None
        super().set_node(id)

    def _shape(self) -> Shape | None:
        """Return the picture that the chosen layer looks at, if it does."""
        return picture_of(self.session.document.report, self.chosen())

    def _picture(self) -> Shape | None:
        """Return the picture that rows are laid out as, if they are."""
        return self._shape() if self.pictures.isChecked() else None

    # -- drawing -----------------------------------------------------------------------------------------------

    def draw(self, answer: WeightImagesAnswer | None) -> None:
        """Show the weights as they are now."""
        if answer is not None and (answer.node != self.chosen() or answer.name != self.which.currentText()):
            return  # asked before something else was chosen
        self.answer = answer
        self.show_picture(answer is not None)
        if answer is not None:
            self._draw_matrix(answer)
            self.bar.set_range(-answer.reach, answer.reach)
            self._tell()

    def _draw_matrix(self, answer: WeightImagesAnswer) -> None:
        shape = self._picture()
        laid_out = shape is not None and answer.matrix.shape[1] == shape.count
        self._pages.setCurrentWidget(self.mosaic if laid_out else self.map)
        if shape is not None and laid_out:
            tiles = answer.matrix.reshape(len(answer.matrix), -1, int(shape.width))
            self.mosaic.show_maps(tiles, -answer.reach, answer.reach)
            return
        self.map.show_matrix(answer.matrix, answer.bias, answer.reach)
        alone = answer.field == (1, 1)
        rows = answer.row_names if answer.field[0] == 1 and len(answer.row_names) == len(answer.matrix) else ()
        columns = answer.column_names if alone and len(answer.column_names) == answer.matrix.shape[1] else ()
        self.map.set_names(rows, columns, answer.bands, alone)

    # -- words and colours -------------------------------------------------------------------------------------

    def _tell(self) -> None:
        """Say how many weights there are and how many are seen, or what the one below the pointer is."""
        answer = self.answer
        if answer is None:
            return
        words = self._pointed_at(answer)
        if words:
            self._readout.say(*words)
            return
        rows, columns = answer.size
        size = tr("{rows} × {columns}, largest {value}", rows=rows, columns=columns, value=readable(answer.reach))
        part = ""
        if answer.field != (1, 1):
            high, wide = answer.field
            part = tr("each field the largest of {rows} × {columns}", rows=high, columns=wide)
        elif len(answer.matrix) < answer.size[0]:
            part = tr("the first {n} rows shown", n=len(answer.matrix))
        self._readout.say(*([f"{size} · {part}", part] if part else [size]))

    def _pointed_at(self, answer: WeightImagesAnswer) -> tuple[str, ...]:
        if self._pages.currentWidget() is self.mosaic:
            if self._pixel is None or self._pixel[0] >= len(answer.matrix):
                return ()
            unit, y, x = self._pixel
            tile = answer.matrix[unit].reshape(-1, int(self._width()))
            if y >= tile.shape[0] or x >= tile.shape[1]:
                return ()
            value = readable(float(tile[y, x]))
            name = counted(unit, 1, answer.size[0], answer.row_names)
            return (tr("unit {unit}, pixel {x}, {y}: {value}", unit=name, x=x + 1, y=y + 1, value=value), value)
        if self.map.cell is None:
            return ()
        at, column = self.map.cell
        unit = counted(at, answer.field[0], answer.size[0], answer.row_names)
        if answer.bands:
            units = answer.size[0] // len(answer.bands)
            first = at * answer.field[0]
            unit = f"{answer.bands[first // units]} {first % units + 1:,}"
        if column == answer.matrix.shape[1] and answer.bias is not None:
            return (tr("bias of {row}: {value}", row=unit, value=readable(float(answer.bias[at]))),)
        name = counted(column, answer.field[1], answer.size[1], answer.column_names)
        value = readable(float(answer.matrix[at, column]))
        return tr("{row} from {column}: {value}", row=unit, column=name, value=value), value

    def _width(self) -> int:
        shape = self._picture()
        return int(shape.width) if shape is not None else 1

    def empty(self) -> str:
        """Say how to fill it."""
        if not self.nodes():
            return tr("No layer here has a matrix of weights. Add a Dense, an Embedding or a recurrent layer.")
        return tr("Once the network is complete, its weights appear here. Press Play and watch them change.")

    def relabel(self) -> None:
        """Say everything again in the present language."""
        super().relabel()
        self.which.setAccessibleName(tr("Which weights of the layer"))
        self.which.setToolTip(tr("Which weights of the layer"))
        self.pictures.setText(tr("As pictures"))
        self.pictures.setToolTip(tr("Lay the weights of each unit out as the picture that it looks at"))
        self.pictures.setAccessibleName(tr("Lay the weights of each unit out as the picture that it looks at"))
        for picture in (self.map, self.mosaic):
            picture.setAccessibleName(str(Sentence(self.title)))
        self._tell()

    def recolour(self, theme: Theme) -> None:
        """Take the colours of a theme."""
        table = signed_table(theme)
        self.mosaic.set_colours(table, theme.panel)
        self.bar.set_colours(table)
        self.map.update()

    # -- what happens ------------------------------------------------------------------------------------------

    def sync(self) -> None:
        """Say what is missing while there is nothing to draw."""
        self.list_nodes()
        self.show_picture(self.answer is not None)

    def _on_session_restarted(self) -> None:
        self.draw(None)

    def _on_which_activated(self, k: int) -> None:
        self._readout.hurry()
        self.rewatch()

    def _on_pictures_toggled(self, on: bool) -> None:
        self._readout.hurry()
        self._pixel = None
        if self.answer is not None:
            self._draw_matrix(self.answer)
        self.rewatch()

    def _on_pointed(self) -> None:
        self._readout.hurry()
        self._tell()

    def _on_mosaic_mouse_moved(self, at: QPointF) -> None:
        self._pixel = self.mosaic.pixel_at(at)
        self._on_pointed()
