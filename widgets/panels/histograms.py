"""How the numbers of one node are spread: what comes in, what leaves, its weights, and what dropout silences."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QRectF, Qt, QTimer
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QComboBox, QFrame, QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from playground.blocks.normalisation import Dropout
from playground.probes.histograms import SMALL, Histograms, HistogramsAnswer, Spread
from playground.probes.weight_images import picture_of
from playground.text import Sentence, count, note, tr
from widgets.panels.parts.cells import Cells
from widgets.panels.parts.mosaics import best_columns, mosaic, mosaic_table, signed_table
from widgets.panels.parts.of_node import NodePicture
from widgets.panels.parts.plots import ColourBar, Plot, Readout, chip, readable, row
from widgets.panels.parts.ridge import Moment, Past, Ridge, nice_reach, outline
from widgets.panels.parts.shares import Moment as Shares
from widgets.panels.parts.shares import ShareLines, SharesPast
from widgets.panels.parts.spreads import briefly, in_words, named
from widgets.theme import Theme, current, font

Array = np.ndarray[Any, Any]

VIEWS = {
    "values": (note("Values"), note("What comes in and what leaves for the present batch")),
    "weights": (note("Weights"), note("What the node has learnt")),
    "dropped": (note("Dropped"), note("Which units are silenced for which examples")),
}
"""What there may be to be seen of a node, and what that is."""


class HistogramsPanel(NodePicture):
    """Shows how the numbers of one node are spread, now and over the steps."""

    key = "histograms"
    title = note("Distributions")
    help = note(
        "How often which value comes into the chosen node (orange) and leaves it (blue) for the present batch, as a "
        "step of training sees it; each is as high as its tallest bar, and what is exactly 0 stands as a line of its "
        "own. Weights shows the same of what the node has learnt, Dropped what dropout silences, and History the "
        "moments so far, the newest in front. Look for values that drift away from step to step, for units that are "
        "dead, and for weights that a penalty has pulled to 0."
    )
    icon = "mdi6.chart-histogram"
    per_node = True

    def compose(self, column: QVBoxLayout) -> None:
        """Create the choice of the node, the views of it and the lines of words."""
        self.answer: HistogramsAnswer | None = None
        self.pasts: dict[str, Past] = {}
        self._wanted = ""
        self.make_choice()
        self.side = QComboBox(objectName="histograms_side")
        self.side.activated.connect(self._on_side_activated)
        self._switch = chip("histograms_history")
        self._switch.toggled.connect(self._on_switch_toggled)
        column.addLayout(row(self._choice, self.side, QWidget(), self._switch, stretch=2))
        self._readout = Readout("histograms_readout")
        column.addWidget(self._readout)
        self._pages = QStackedWidget()
        self.plot, self.curves, self.zeros = self._make_plot()
        self.ridge = Ridge("histograms_ridge")
        self.cells = Cells("histograms_cells")
        for page in (self._make_now(), self.ridge, self.cells):
            self._pages.addWidget(page)
        column.addWidget(self._pages, 1)
        self.shares = ShareLines("histograms_shares")
        self.flat_pasts: dict[str, SharesPast] = {}
        column.addWidget(self.shares)
        self._named = Readout("histograms_named")
        column.addWidget(self._named)
        self._later = QTimer(self, interval=60, singleShot=True)
        self._later.timeout.connect(self._on_resized)
        self.destroyed.connect(self.session.document.subscribe(self._on_document_changed))
        self.session.restarted.connect(self._on_session_restarted)
        self.list_nodes()

    def _make_plot(self) -> tuple[Plot, dict[str, Any], dict[str, Any]]:
        plot = Plot("histograms_plot")
        plot.setMouseEnabled(False, False)
        plot.getPlotItem().getViewBox().setDefaultPadding(0)
        plot.hideAxis("left")
        plot.setYRange(0.0, 1.06, padding=0)
        curves = {side: pg.PlotCurveItem(fillLevel=0.0) for side in ("before", "after")}
        zeros = {side: pg.PlotCurveItem() for side in ("before", "after")}
        for item in (*curves.values(), *zeros.values()):
            plot.addItem(item)
        return plot, curves, zeros

    def _make_now(self) -> QWidget:
        """Put the distribution of this moment beside the weights one by one."""
        self.view = pg.GraphicsView(background=None)
        self.view.setObjectName("histograms_matrix")
        self.view.setFrameShape(QFrame.Shape.NoFrame)
        self.view.setMinimumSize(60, 40)
        self.box = pg.ViewBox(lockAspect=True, invertY=True, enableMouse=False, enableMenu=False, defaultPadding=0)
        self.view.setCentralItem(self.box)
        self.image = pg.ImageItem(axisOrder="row-major")
        self.box.addItem(self.image)
        self.bar = ColourBar("histograms_bar")
        now = QWidget()
        beside = QHBoxLayout(now)
        beside.setContentsMargins(0, 0, 0, 0)
        beside.setSpacing(8)
        for widget, stretch in ((self.plot, 1), (self.view, 1), (self.bar, 0)):
            beside.addWidget(widget, stretch)
        return now

    # -- what is shown -----------------------------------------------------------------------------------------

    def probe(self) -> Histograms | None:
        """Ask for the chosen node; for nothing where there is none."""
        node = self.chosen()
        return Histograms(node=node) if node else None

    def nodes(self) -> list[str]:
        return [id for id, node in self.session.document.report.nodes.items() if Histograms.accepts(node)]

    def first_of(self, nodes: list[str]) -> str:
        """Return the first node that is there to be seen here.

        A Dropout that is switched on, a normalisation, weights that a penalty pulls at, an activation, any other layer.
        """
        report = self.session.document.report
        known = {id: report.nodes[id].block for id in nodes if not report.graph.nodes[id].state}
        ways = [
            [id for id, block in known.items() if isinstance(block, Dropout)],
            [id for id, block in known.items() if block.family == "Normalisation" and not isinstance(block, Dropout)],
            [id for id in known if self._penalised and report.nodes[id].weights],
            [id for id, block in known.items() if block.family == "Activation"],
            [id for id, block in known.items() if block.family != "Data"],
        ]
        return next((way[0] for way in ways if way), super().first_of(nodes))

    def views(self) -> list[str]:
        """Return what there is to be seen of the chosen node."""
        known = self.session.document.report.nodes.get(self.chosen())
        if known is None:
            return ["values"]
        there = {"values": True, "weights": bool(known.weights), "dropped": isinstance(known.block, Dropout)}
        return [name for name in VIEWS if there[name]]

    @property
    def shown(self) -> str:
        """What is shown of the node: what the person wished, else what it is there for."""
        views = self.views()
        if self._wanted in views:
            return self._wanted
        if "dropped" in views:
            return "dropped"
        return "weights" if self._penalised and "weights" in views else "values"

    @property
    def _penalised(self) -> bool:
        """Whether weights are pulled towards 0."""
        training = self.session.document.now.training
        return bool(training.l1 or training.l2)

    def show_view(self, name: str) -> None:
        """Show the values, the weights or what is dropped."""
        self._wanted = name
        self._redraw()

    def set_node(self, id: str) -> None:
        """Show another node from now on."""
        self._readout.hurry()
        super().set_node(id)

    # -- drawing -----------------------------------------------------------------------------------------------

    def draw(self, answer: HistogramsAnswer | None) -> None:
        """Show what is known of the node now, and remember it."""
        if answer is not None and answer.node != self.chosen():
            return  # asked before another node was chosen
        self.answer = answer
        self.show_picture(answer is not None)
        if answer is not None:
            past = self.pasts.setdefault(answer.node, Past())
            past.add(Moment(answer.step, answer.after, answer.weights))
            for one in answer.flat:
                flat = self.flat_pasts.setdefault(one.node, SharesPast())
                flat.add(Shares(answer.step, one.saturated, one.dead / max(1, one.units)))
            self._redraw()

    def _redraw(self) -> None:
        """Draw what is shown, and offer what could be."""
        views, shown = self.views(), self.shown
        if [self.side.itemData(k) for k in range(self.side.count())] != views:
            self._name_sides()
        self.side.setVisible(len(views) > 1)
        self.side.setCurrentIndex(views.index(shown))
        self._switch.setEnabled(shown != "dropped")
        answer = self.answer
        if answer is None:
            return
        page = 2 if shown == "dropped" else 1 if self._switch.isChecked() else 0
        self._pages.setCurrentIndex(page)
        self._draw_shares(shown_here=page == 1 and shown == "values")
        if page == 2 and answer.dropped is not None:
            self.cells.set_cells(answer.dropped.came, answer.dropped.kept)
        elif page == 1:
            self._draw_past(answer, shown)
        else:
            weights = shown == "weights"
            self._draw_now(None if weights else answer.before, answer.weights if weights else answer.after)
            self._draw_matrix(answer.matrix if weights else None)
        self._tell()

    def _draw_now(self, before: Spread | None, after: Spread | None) -> None:
        there = [one for one in (before, after) if one is not None]
        if there:
            low, high = nice_reach(min(one.low for one in there), max(one.high for one in there))
            self.plot.setXRange(low, high, padding=0)
        for side, spread in (("before", before), ("after", after)):
            self.curves[side].setVisible(spread is not None)
            self.zeros[side].setVisible(spread is not None and spread.zeros > 0)
            if spread is None:
                continue
            self.curves[side].setData(*(np.array(part) for part in outline(spread)))
            tallest = max(1, int(spread.counts.max()))
            self.zeros[side].setData(np.zeros(2), np.array([0.0, min(1.0, spread.zeros / tallest)]))

    def _draw_matrix(self, matrix: Array | None) -> None:
        """Show the weights of a dense layer: of one that looks at a picture as pictures, else a row for each unit."""
        for widget in (self.view, self.bar):
            widget.setVisible(matrix is not None)
        if matrix is None or not matrix.size:
            return
        known = self.session.document.report
        shape = picture_of(known, self.chosen())
        reach = float(np.abs(matrix).max()) or 1.0
        if shape is not None and matrix.shape[1] == shape.count:
            tiles = matrix.reshape(len(matrix), -1, int(shape.width))
        else:
            tiles = matrix[None]
        columns = best_columns(*tiles.shape, self.view.width(), self.view.height())
        pixels = mosaic(tiles, columns, -reach, reach, gap=4)
        if self.image.image is None or self.image.image.shape != pixels.shape:
            self.box.setRange(QRectF(0, 0, pixels.shape[1], pixels.shape[0]), padding=0)
        self.box.setAspectLocked(len(tiles) > 1)
        self.image.setImage(pixels, autoLevels=False, levels=(0, 255))
        self.bar.set_range(-reach, reach)

    def _draw_past(self, answer: HistogramsAnswer, shown: str) -> None:
        moments = self.pasts[answer.node].moments
        kept = [(one.step, one.weights if shown == "weights" else one.after) for one in moments]
        self.ridge.set_spreads([(step, spread) for step, spread in kept if spread is not None])

    def _draw_shares(self, shown_here: bool) -> None:
        """Show below the history of an activation function how much of it was saturated, and how much dead."""
        past = self.flat_pasts.get(self.chosen())
        there = shown_here and past is not None and len(past.moments) > 1
        if there and past is not None:
            self.shares.show_moments(past.moments)
        self.shares.setVisible(there)

    # -- words -------------------------------------------------------------------------------------------------

    def _tell(self) -> None:
        """Say in words what is drawn, and which functions are flat."""
        answer = self.answer
        if answer is None:
            return
        told = {"values": self._tell_values, "weights": self._tell_weights, "dropped": self._tell_dropped}
        texts = told[self.shown](answer)
        self._readout.say(*texts)
        self._readout.setToolTip(self._counted(answer))
        self._named.say(*named(answer.flat))
        self._named.setVisible(bool(answer.flat))

    def _tell_values(self, answer: HistogramsAnswer) -> tuple[str, ...]:
        theme = current()
        sides = (answer.before, tr("in"), theme.validation_text), (answer.after, tr("out"), theme.accent_text)
        there = [(spread, word, colour) for spread, word, colour in sides if spread is not None]
        if not there:
            return (tr("No numbers pass here"),)
        full, short = (
            [f'<span style="color:{colour}">■ {word}</span> {words(spread)}' for spread, word, colour in there]
            for words in (in_words, briefly)
        )
        return " &nbsp; ".join(full), " &nbsp; ".join(short), short[-1]

    def _tell_weights(self, answer: HistogramsAnswer) -> tuple[str, ...]:
        spread = answer.weights
        if spread is None:
            return (tr("This node has only biases"),)
        small = tr("{share:.1%} smaller than {size}", share=spread.small, size=readable(SMALL))
        both = f"{in_words(spread)} · {small}"
        return both, f"{briefly(spread)} · {small}", small

    def _tell_dropped(self, answer: HistogramsAnswer) -> tuple[str, ...]:
        dropped = answer.dropped
        if dropped is None:
            return (tr("Nothing is dropped while this node is bypassed or muted"),)
        share = tr("p = {rate:g}: {n} of {total} silenced", rate=dropped.rate, n=dropped.silenced, total=dropped.total)
        rest = tr("the rest × {scale}", scale=readable(1 / (1 - dropped.rate)))
        both = tr("{one}, {other}", one=share, other=rest)
        return f"{both} · {_draw_of(answer)}", both, share

    def _counted(self, answer: HistogramsAnswer) -> str:
        """Say what was counted."""
        spread = answer.weights if self.shown == "weights" else answer.after or answer.before
        lines = []
        if self.shown != "weights":
            lines.append(str(count("{n} example of the batch", "{n} examples of the batch", answer.examples)))
        if spread is not None:
            lines.append(tr("{n} of {total} numbers counted", n=spread.values, total=spread.total))
            if spread.broken:
                lines.append(str(count("{n} is not finite", "{n} are not finite", spread.broken)))
        if self.shown == "dropped" and answer.dropped is not None:
            lines.append(_draw_of(answer))
            shown = answer.dropped.kept.shape
            lines.append(
                tr("{n} of {total} units shown, a row for each example", n=shown[1], total=answer.dropped.units)
            )
        return "\n".join(lines)

    def empty(self) -> str:
        """Say how to fill it."""
        if not self.nodes():
            return tr("There is no layer yet whose numbers could be counted. Add a Dense or a Conv2D.")
        return tr("Once the network is complete, the values that pass each node appear here.")

    def relabel(self) -> None:
        """Say everything again in the present language."""
        super().relabel()
        self._choice.setAccessibleName(tr("Node"))
        self._choice.setToolTip(tr("The node whose numbers are shown"))
        self._name_sides()
        self.side.setToolTip(tr("What is shown of the node"))
        self.side.setAccessibleName(tr("What is shown of the node"))
        self._switch.setText(tr("History"))
        self._switch.setToolTip(tr("Show the distribution over the steps"))
        self._switch.setAccessibleName(tr("Show the distribution over the steps"))
        for widget in (self.plot, self.ridge, self.view, self.cells):
            widget.setAccessibleName(str(Sentence(self.title)))
        self.recolour(current())

    def _name_sides(self) -> None:
        """List what there is to be seen of the node, in the present language."""
        self.side.clear()
        for at, name in enumerate(self.views()):
            text, tip = VIEWS[name]
            self.side.addItem(str(Sentence(text)), name)
            self.side.setItemData(at, str(Sentence(tip)), Qt.ItemDataRole.ToolTipRole)
        self.side.setCurrentIndex(self.side.findData(self.shown))

    def recolour(self, theme: Theme) -> None:
        """Take the colours of a theme."""
        self.plot.recolour(theme)
        self.plot.getAxis("bottom").label.setFont(font(8.5))
        for side, name in (("before", theme.validation), ("after", theme.training)):
            fill = QColor(name)
            fill.setAlphaF(0.30)
            self.curves[side].setBrush(pg.mkBrush(fill))
            self.curves[side].setPen(pg.mkPen(name, width=1.5))
            self.zeros[side].setPen(pg.mkPen(name, width=3 if side == "after" else 5))
        self.ridge.set_colour(theme.training)
        self.cells.recolour(theme)
        self.view.setBackground(theme.panel)
        table = signed_table(theme)
        self.image.setLookupTable(mosaic_table(table))
        self.bar.set_colours(table)
        self._tell()

    # -- what happens ------------------------------------------------------------------------------------------

    def sync(self) -> None:
        """Say what is missing while there is nothing to draw."""
        self.list_nodes()
        self.show_picture(self.answer is not None)
        self._redraw()

    def _on_session_restarted(self) -> None:
        self.pasts, self.flat_pasts = {}, {}
        self.draw(None)

    def _on_side_activated(self, at: int) -> None:
        self.show_view(self.side.itemData(at))

    def _on_switch_toggled(self, on: bool) -> None:
        self._redraw()

    def _on_resized(self) -> None:
        if self.answer is not None and self.shown == "weights":
            self._draw_matrix(self.answer.matrix)

    # -- Qt ----------------------------------------------------------------------------------------------------

    def resizeEvent(self, event: Any) -> None:
        """Lay the pictures of weights out anew once the size has settled."""
        super().resizeEvent(event)
        self._later.start()


def _draw_of(answer: HistogramsAnswer) -> str:
    """Say which draw of the random numbers it is."""
    return tr("the draw that the next step makes") if answer.whole else tr("a draw like that of the next step")
