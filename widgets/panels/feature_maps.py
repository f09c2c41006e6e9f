"""What a convolution, a pooling or an activation makes of one image: all its maps side by side."""

from __future__ import annotations

import html

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLabel, QStackedWidget, QVBoxLayout, QWidget

from playground.probes.convolution import Convolution
from playground.probes.feature_maps import ONE_NUMBERS, FeatureMaps, FeatureMapsAnswer
from playground.receptive_field import seen_by
from playground.text import Sentence, note, tr
from widgets.panels.parts.enlarged import Enlarged
from widgets.panels.parts.example import MovedExample, as_picture
from widgets.panels.parts.mosaics import Mosaic, signed_table
from widgets.panels.parts.of_node import FrameChoice, NodePicture, offer
from widgets.panels.parts.pixel_words import of_pixel, of_pooling, of_shift, plain, pooling_window, scale, value_at
from widgets.panels.parts.plots import ColourBar, Readout, colour_table, icon_button, row
from widgets.theme import Theme, current

ROOMY = 400
"""Pixels from which on the panel is wide enough for a map that is enlarged, and its colour bar and place beside."""


class FeatureMapsPanel(NodePicture):
    """Shows the maps that leave one node, for one example."""

    key = "feature_maps"
    title = note("Feature maps")
    help = note(
        "What leaves the chosen node when one image goes in: each small picture is one channel, all on the same "
        "scale, bright where the value is large, or orange above zero and blue below it. Click a map, then its pixels: "
        "what they see of the image is framed, and behind a pooling the dots mark the pixels that won. Drag the image, "
        "or push it with Shift and the arrow keys, and watch the maps move along."
    )
    choice_help = note("The node whose maps are shown")
    icon = "mdi6.grid"
    per_node = True

    def compose(self, column: QVBoxLayout) -> None:
        """Create the controls, the example's image, the mosaic and its colour bar."""
        self.answer: FeatureMapsAnswer | None = None
        self.map = -1
        self._hovered: tuple[int, int] | None = None
        self._make_controls(column)
        self.mosaic = Mosaic("feature_maps_mosaic")
        self.mosaic.viewport().setCursor(Qt.CursorShape.PointingHandCursor)
        self.mosaic.clicked.connect(self._on_mosaic_clicked)
        self.enlarged = Enlarged("feature_maps_enlarged")
        self.enlarged.chosen.connect(self.go)
        self.enlarged.hovered.connect(self._on_hovered)
        self.enlarged.pushed.connect(self._on_pushed)
        self.enlarged.turned.connect(self._on_turned)
        self.enlarged.left.connect(self._on_left)
        self.bar = ColourBar("feature_maps_bar")
        self.signed = False
        self._colour()
        self._lay_out(column)
        self.destroyed.connect(self.session.document.subscribe(self._on_document_changed))
        self.focus.changed.connect(self._on_focus_changed)
        self.list_nodes()

    def _make_controls(self, column: QVBoxLayout) -> None:
        self.make_choice()
        self._maps = QComboBox(objectName="feature_maps_map")
        self._maps.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        self._maps.setMinimumWidth(76)  # it gives way where the panel is narrow
        self._maps.activated.connect(self._on_map_activated)
        self._before = icon_button("feature_maps_before", "mdi6.chevron-left")
        self._before.clicked.connect(self._on_before_clicked)
        self._after = icon_button("feature_maps_after", "mdi6.chevron-right")
        self._after.clicked.connect(self._on_after_clicked)
        self._place = QLabel()
        self._place.setObjectName("feature_maps_place")
        self._place.setProperty("role", "dim")
        self._frames = FrameChoice("feature_maps_frame")
        self._frames.activated.connect(self._on_frame_activated)
        self._back = icon_button("feature_maps_back", "mdi6.image-refresh-outline")
        self._back.clicked.connect(self._on_back_clicked)
        self._apart = icon_button("feature_maps_apart", "mdi6.select-drag")
        self._apart.clicked.connect(self._on_apart_clicked)
        controls = (self._choice, self._maps, self._before, self._place, self._after, self._frames)
        column.addLayout(row(*controls, QWidget(), self._back, self._apart, stretch=6))

    def _lay_out(self, column: QVBoxLayout) -> None:
        self.example = MovedExample("feature_maps_example")
        self.example.setMinimumWidth(40)
        self.example.pushed.connect(self._on_pushed)
        self._verdict = QLabel()
        self._verdict.setObjectName("feature_maps_verdict")
        self._verdict.setWordWrap(True)
        self._verdict.setMinimumWidth(96)
        self._verdict.setAlignment(Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop)
        beside = QVBoxLayout()
        beside.addWidget(self.example, 1)
        beside.addWidget(self._verdict)
        self._pages = QStackedWidget()
        self._pages.addWidget(self.mosaic)
        self._pages.addWidget(self.enlarged)
        self._body = QHBoxLayout()
        self._body.setSpacing(12)
        self._body.addLayout(beside, 1)
        self._body.addWidget(self._pages, 3)
        self._body.addWidget(self.bar)
        column.addLayout(self._body, 1)
        self._says = tuple(Readout(f"feature_maps_{name}") for name in ("pixel", "pooling", "shift"))
        for line in self._says:
            line.setAlignment(Qt.AlignmentFlag.AlignCenter)
            column.addWidget(line)

    def probe(self) -> FeatureMaps | None:
        """Ask for the chosen node's maps, or one of them; of nothing where there are no images."""
        node, spot = self.chosen(), self.focus.now
        if not node:
            return None
        asked = FeatureMaps(
            node=node,
            index=spot.index,
            frame=self._frames.frame(),
            down=spot.down,
            right=spot.right,
            map=self.map,
            own=spot.picture,
        )
        height, width = self._size()
        if self.map >= 0 and height * width > ONE_NUMBERS:  # its values do not come along: ask for this one
            asked = asked.replace(row=self.pixel()[0], column=self.pixel()[1])
        return asked

    def pixel(self) -> tuple[int, int]:
        """Return the pixel that is shown: the one chosen here or in another panel, else the one in the middle."""
        height, width = self._size()
        spot = self.focus.now
        if spot.node != self.chosen():
            return height // 2, width // 2
        return min(spot.row, height - 1), min(spot.column, width - 1)

    def go(self, row: int, column: int) -> None:
        """Choose a pixel of the map that is enlarged."""
        self.focus.move(node=self.chosen(), map=self.map, row=row, column=column)

    def set_node(self, id: str) -> None:
        """Show another node from now on."""
        self._hovered = None
        super().set_node(id)

    def show_map(self, number: int) -> None:
        """Enlarge a map, the pixel staying where it is; -1: show all of them."""
        self.map, self._hovered = number, None
        self._maps.setCurrentIndex(number + 1)
        if number >= 0:
            self.go(*self.pixel())
        self.rewatch()

    def _size(self) -> tuple[int, int]:
        height, width = self.session.document.report.nodes[self.chosen()].shape.sizes[-2:]
        return int(height), int(width)

    def first_of(self, nodes: list[str]) -> str:
        """Return the first convolution, or else the first node out of which images come."""
        known = self.session.document.report.nodes
        return next((id for id in nodes if known[id].block.family == "Convolution"), super().first_of(nodes))

    def nodes(self) -> list[str]:
        return [id for id, node in self.session.document.report.nodes.items() if FeatureMaps.accepts(node)]

    def list_nodes(self) -> None:
        """Offer the nodes that there are now, the maps of the one chosen, and of a clip its frames."""
        super().list_nodes()
        known = self.session.document.report.nodes.get(self.chosen())
        total = int(known.shape.channels) if known is not None else 0
        self.map = min(self.map, total - 1)
        maps = [tr("map {n}", n=n + 1) for n in range(total)]
        offer(self._maps, [tr("all {n} maps", n=total), *maps])
        self._maps.setCurrentIndex(self.map + 1)
        self._frames.offer(known)

    # -- drawing -----------------------------------------------------------------------------------------------

    def draw(self, answer: FeatureMapsAnswer | None) -> None:
        """Show what leaves the node now."""
        if answer is not None and (answer.node != self.chosen() or (answer.one is None) == (self.map >= 0)):
            return  # asked before another node was chosen, or a map enlarged
        before, self.answer = self.answer, answer
        self.show_picture(answer is not None)
        if answer is None:
            return
        if (signed := scale(answer)[0] < 0) != self.signed:
            self.signed = signed
            self._colour()
        if before is None or not np.array_equal(before.image, answer.image):
            self.example.set_pixels(as_picture(answer.image))
        self.bar.set_range(*scale(answer))
        self._pages.setCurrentWidget(self.mosaic if answer.one is None else self.enlarged)
        if answer.one is None:
            self.mosaic.show_maps(answer.maps, *scale(answer))
        else:
            self.enlarged.show_answer(answer, (self._table, *scale(answer)))
        self._sync_words(answer)
        self._sync_pixel()

    def _sync_pixel(self) -> None:
        """Frame the pixel and what it sees, and say so; where all maps are shown, say only how the image was moved."""
        answer, report = self.answer, self.session.document.report
        if answer is None or (known := report.nodes.get(answer.node)) is None:
            return
        texts: list[tuple[str, ...]] = [(), (), ()]
        frame, size = None, answer.image.shape[-2:]
        moved = answer.down or answer.right
        if answer.one is not None:
            pixel = self._hovered or self.pixel()
            seen = seen_by(report, answer.node, *pixel).get(answer.field)
            value = value_at(answer, pixel)
            frame, size = seen.patch if seen else None, answer.image_size
            window = None if moved else pooling_window(known, answer.one, pixel)
            self.enlarged.show_pixel(pixel, window)
            texts[0] = of_pixel(pixel, value, seen)
            if window is not None and value is not None:
                texts[1] = of_pooling(known, answer.one, window, pixel, value)
        if moved:
            texts[2] = of_shift(answer, known)
        self.example.show_frame(frame, size)
        for line, said in zip(self._says, texts, strict=True):
            line.setVisible(bool(said))
            line.say(*said or ("",))
            line.setToolTip(said[0] if said else "")
        self.enlarged.setAccessibleDescription("; ".join(plain(said[0]) for said in texts if said))
        self._back.setVisible(bool(moved))
        self._apart.setVisible(answer.one is not None and self._can_be_taken_apart())
        self._sync_room()

    def _sync_room(self) -> None:
        """Share the width between the image and the maps; a map that is enlarged needs it more than numbers beside."""
        shown = len(self.enlarged.parts()) if self.answer is not None and self.answer.one is not None else 0
        self._body.setStretch(0, 2 if shown else 1)
        self._body.setStretch(1, 2 * shown or 3)
        roomy = not shown or self.width() >= ROOMY
        self._place.setVisible(roomy)
        self.bar.setVisible(roomy)

    def _can_be_taken_apart(self) -> bool:
        report, node = self.session.document.report, self.chosen()
        return Convolution.accepts(report.nodes[node]) and not report.graph.nodes[node].state

    def _colour(self) -> None:
        """Choose the colours: magnitudes from dark to bright, signed values to either side of nothing."""
        self._table = signed_table(current()) if self.signed else colour_table("inferno")
        self.mosaic.set_colours(self._table, current().panel)
        self.bar.set_colours(self._table)

    def _sync_words(self, answer: FeatureMapsAnswer) -> None:
        """Say which example it is, what it is, and what the network takes it for."""
        place = tr("your own picture") if answer.own else f"{answer.index + 1:,} / {answer.count:,}"
        if self._place.text() != place:
            self._place.setText(place)
        if self._verdict.text() != (verdict := self._said(answer)):
            self._verdict.setText(verdict)

    def _said(self, answer: FeatureMapsAnswer) -> str:
        if not answer.predicted:
            return ""
        theme = current()
        guess = tr("prediction {name}", name=html.escape(self.class_name(answer.predicted)))
        share = f'<span style="color:{theme.dim}">{answer.confidence:.2f}</span>'
        if not answer.label:  # of a picture of one's own nobody has said what it is
            return f"{guess}<br/>{share}"
        right = answer.label == answer.predicted
        colour, mark = (theme.good_text, "✓") if right else (theme.bad_text, "✗")
        truth = tr("label {name}", name=html.escape(self.class_name(answer.label)))
        return f'{truth}<br/><span style="color:{colour}">{mark} {guess}</span><br/>{share}'

    # -- words and colours -------------------------------------------------------------------------------------

    def empty(self) -> str:
        """Say how to fill it."""
        if not self.nodes():
            return tr("Nothing here carries an image. Choose images as data, or open the preset lenet.")
        return tr("Once the network is complete, its maps appear here. Press Play and watch them sharpen.")

    def relabel(self) -> None:
        """Say everything again in the present language."""
        super().relabel()
        self.list_nodes()
        for widget, words in (
            (self._before, tr("Previous example")),
            (self._after, tr("Next example")),
            (self._maps, tr("Which map is enlarged (Page Up, Page Down; Escape: all of them)")),
            (self._back, tr("Put the image back to where it was")),
            (self._apart, tr("Take this pixel apart: kernel, window, products, sum")),
        ):
            widget.setAccessibleName(words)
            widget.setToolTip(words)
        self.mosaic.setAccessibleName(str(Sentence(self.title)))
        self.mosaic.setToolTip(tr("Click a map to enlarge it"))
        self.enlarged.setAccessibleName(tr("The enlarged map"))
        self.enlarged.setToolTip(tr("Click a pixel, or walk with the arrow keys; with Shift they move the image"))
        self.example.setAccessibleName(tr("The example"))
        self.example.setToolTip(tr("The example: drag it, or move it with the arrow keys"))
        if self.answer is not None:
            self._sync_words(self.answer)
            self._sync_pixel()

    def recolour(self, theme: Theme) -> None:
        """Take the colours of a theme."""
        self._colour()
        self.example.update()
        if self.answer is not None:
            self._sync_words(self.answer)
            if self.answer.one is not None:
                self.enlarged.show_answer(self.answer, (self._table, *scale(self.answer)))

    # -- what happens ------------------------------------------------------------------------------------------

    def sync(self) -> None:
        """Say what is missing while there is nothing to draw."""
        self.list_nodes()
        self.show_picture(self.answer is not None)

    def _on_frame_activated(self, _: int) -> None:
        self.rewatch()

    def _on_before_clicked(self) -> None:
        self._show_example(-1)

    def _on_after_clicked(self) -> None:
        self._show_example(+1)

    def _show_example(self, by: int) -> None:
        count = self.answer.count if self.answer is not None else 1
        index = (self.focus.now.index + by) % max(1, count)
        self._place.setText(f"{index + 1:,} / {count:,}")
        self.focus.move(index=index)

    def _on_focus_changed(self) -> None:
        """Follow to the example and the pixel that were chosen, here or in another panel."""
        spot = self.focus.now
        if self.map >= 0 and spot.node == self.chosen() and spot.map != self.map:
            self.map = spot.map
            self._maps.setCurrentIndex(spot.map + 1)
        self.rewatch()
        for line in self._says:
            line.hurry()
        self._sync_pixel()

    def _on_map_activated(self, k: int) -> None:
        self.show_map(k - 1)

    def _on_turned(self, by: int) -> None:
        self.show_map((self.map + by) % (self._maps.count() - 1))

    def _on_left(self) -> None:
        self.show_map(-1)
        self._maps.setFocus()

    def _on_hovered(self, pixel: tuple[int, int] | None) -> None:
        if pixel != self._hovered:
            self._hovered = pixel
            self._sync_pixel()

    def _on_pushed(self, down: int, right: int) -> None:
        """Move the image further, at most until nothing of it is left."""
        height, width = self.answer.image_size if self.answer is not None else (1, 1)
        spot = self.focus.now
        down, right = max(-height, min(spot.down + down, height)), max(-width, min(spot.right + right, width))
        self.focus.move(down=down, right=right)

    def _on_back_clicked(self) -> None:
        self.focus.move(down=0, right=0)

    def _on_apart_clicked(self) -> None:
        self.go(*self.pixel())
        self.focus.panelWanted.emit("convolution", self.chosen())

    def _on_mosaic_clicked(self, number: int) -> None:
        self.show_map(number)
        self.enlarged.setFocus()

    # -- Qt ----------------------------------------------------------------------------------------------------

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Leave out what there is no room for."""
        super().resizeEvent(event)
        self._sync_room()
