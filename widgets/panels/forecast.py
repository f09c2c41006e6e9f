"""The forecast of a series beside what came, and beside forecasts that need no network."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QComboBox, QSizePolicy, QVBoxLayout

from playground.probes.forecast import LAST, NETWORK, SEASON, Forecast, ForecastAnswer
from playground.text import Sentence, count, note, tr
from widgets.panels.parts.of_node import offer
from widgets.panels.parts.plots import Picture, Plot, Readout, readable, row
from widgets.panels.parts.sentence import SentenceBar
from widgets.panels.parts.walked import WalkedPlot
from widgets.theme import Theme, current, font

Array = np.ndarray[Any, Any]

SPLITS = {"validation": note("validation"), "test": note("test"), "train": note("train")}
LEFT = 52
"""Pixels for the numbers at the left."""

ROOMY = 320
"""Pixels of height from which there is room for words below the curves."""

STRIDE = 20
"""Steps that a button goes on where the curves are all there is to see."""


class ForecastPanel(Picture):
    """Shows a stretch of the series, its forecast, and the errors by how far ahead they are made."""

    key = "forecast"
    title = note("Forecast")
    help = note(
        "What came, and what the network had forecast of it so many steps before, in the units of the data; the window "
        "that the first forecast was made from is shaded. Broken lines are forecasts that anybody could make: the last "
        "value again, and the value one season before. Where several steps are forecast, the dots are those of the "
        "first window and the curves below are the errors step by step; walk along the series with the arrow keys."
    )
    icon = "mdi6.chart-timeline-variant-shimmer"

    def compose(self, column: QVBoxLayout) -> None:
        """Create the lists, the curves, and the line of words."""
        self.answer: ForecastAnswer | None = None
        self._hover: QPointF | None = None
        self.split, self.quantity, self.ahead = (self._make_list(name) for name in ("split", "quantity", "ahead"))
        self.bar = SentenceBar("forecast", self.focus, self._on_bar_turned)
        self.bar.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Preferred)
        head = row(self.split, self.quantity, self.ahead, self.bar)
        head.addStretch(1)
        column.addLayout(head)
        self._compose_series()
        self._compose_errors()
        column.addWidget(self.plot, 3)
        column.addWidget(self.errors, 2)
        self._readout = Readout("forecast_readout")
        column.addWidget(self._readout)
        self.focus.changed.connect(self.rewatch)
        self.session.restarted.connect(self._on_session_restarted)

    def _make_list(self, name: str) -> QComboBox:
        made = QComboBox(objectName=f"forecast_{name}")
        made.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        made.activated.connect(self._on_list_activated)
        return made

    def _compose_series(self) -> None:
        self.plot = WalkedPlot("forecast_plot")
        self.window_shown = pg.LinearRegionItem(movable=False)
        self.window_shown.setZValue(-10)
        self.plot.addItem(self.window_shown)
        self.lines = {who: self.plot.plot([], [], antialias=True, connect="finite") for who in (LAST, SEASON)}
        self.truth = self.plot.plot([], [], antialias=True, connect="finite")
        self.past = self.plot.plot([], [], antialias=True)
        self.lines[NETWORK] = self.plot.plot([], [], antialias=True, connect="finite")
        self.fan = self.plot.plot([], [], antialias=True, symbolSize=5)
        self.plot.walked.connect(self._turn)
        self.plot.scene().sigMouseMoved.connect(self._on_mouse_moved)
        self.plot.pointerLeft.connect(self._on_pointer_left)

    def _compose_errors(self) -> None:
        self.errors = Plot("forecast_errors")
        self.errors.setMouseEnabled(False, False)
        self.bars = {
            who: self.errors.plot([], [], antialias=True, symbolSize=5 if who == NETWORK else 0)
            for who in (LAST, SEASON, NETWORK)
        }
        for plot in (self.plot, self.errors):
            plot.getAxis("left").setWidth(LEFT)

    def probe(self) -> Forecast:
        """Ask for the stretch that is looked at."""
        chosen = self._chosen_split()
        places = [max(0, one.currentIndex()) for one in (self.ahead, self.quantity)]
        return Forecast(split=chosen, index=max(0, self.focus.now.index), ahead=places[0], quantity=places[1])

    def _chosen_split(self) -> str:
        there = self.answer.splits if self.answer is not None else ()
        at = self.split.currentIndex()
        return there[at] if 0 <= at < len(there) else "validation"

    # -- drawing -----------------------------------------------------------------------------------------------

    def draw(self, answer: ForecastAnswer | None) -> None:
        """Show the stretch as it is forecast now."""
        self.answer = answer
        self.show_picture(answer is not None)
        if answer is None:
            return
        self._sync_lists(answer)
        at = answer.times + answer.ahead
        self.truth.setData(at, answer.truth)
        for who, item in self.lines.items():
            line = answer.lines.get(who)
            item.setData(at, line) if line is not None else item.setData([], [])
        self._draw_window(answer)
        several = len(answer.came) > 1
        self.errors.setVisible(several)
        if several:
            self._draw_errors(answer)
        self._set_range(answer)
        self._sync_readout()

    def _draw_window(self, answer: ForecastAnswer) -> None:
        now, length = float(answer.times[0]), len(answer.past)
        self.window_shown.setVisible(length > 0)
        self.window_shown.setRegion((now - max(length - 1, 0), now))
        self.past.setData(*_before(answer))
        if len(answer.fan) > 1:
            self.fan.setData(now + answer.first + np.arange(len(answer.fan)), answer.fan)
        else:
            self.fan.setData([], [])

    def _draw_errors(self, answer: ForecastAnswer) -> None:
        at = answer.first + np.arange(len(answer.came))
        for who, item in self.bars.items():
            made = answer.errors.get(who)
            item.setData(at, made) if made is not None else item.setData([], [])
        naive = [made for who, made in answer.errors.items() if who != NETWORK]
        top = max((float(np.nanmax(made)) for made in naive), default=0.0)
        top = max(top, min(float(answer.errors[NETWORK].max()), 2 * top or np.inf)) or 1.0
        self.errors.setYRange(0, top if np.isfinite(top) else 1.0, padding=0.05)
        self.errors.setXRange(at[0], at[-1], padding=0.02)

    def _set_range(self, answer: ForecastAnswer) -> None:
        """Show all that came; what is forecast wildly goes beyond the edge."""
        known = np.concatenate(
            [answer.truth, answer.past, *(answer.lines[who] for who in (LAST,) if who in answer.lines)]
        )
        known = known[np.isfinite(known)]
        low, high = (float(known.min()), float(known.max())) if len(known) else (0.0, 1.0)
        room = 0.1 * (high - low) or 1.0
        self.plot.setYRange(low - room, high + room, padding=0)
        last = float(np.nanmax(answer.times)) + max(answer.ahead, answer.first + len(answer.came) - 1)
        self.plot.setXRange(float(answer.times[0]) - max(len(answer.past) - 1, 0), last, padding=0.01)

    def _sync_lists(self, answer: ForecastAnswer) -> None:
        """Offer what there is now; lists of one thing are put away."""
        offer(self.split, [str(Sentence(SPLITS[name])) for name in answer.splits])
        self.split.setCurrentIndex(answer.splits.index(answer.split))
        offer(self.quantity, list(answer.names))
        offer(self.ahead, [f"t + {answer.first + k}" for k in range(len(answer.came))])
        for one in (self.split, self.quantity, self.ahead):
            one.setVisible(one.count() > 1)
        self.bar.show_place(answer.index, answer.count, typed=False, typable=False)
        self.plot.setLabel("left", answer.name)

    def _sync_readout(self) -> None:
        """Say how far off everybody is or, under the pointer, what came there."""
        answer = self.answer
        if answer is None:
            return
        if self._hover is not None and (said := self._said_there(answer)):
            self._readout.say(said)
            return
        at = answer.ahead - answer.first
        off = {who: readable(float(made[at])) for who, made in answer.errors.items()}
        steps = str(count("{n} step ahead", "{n} steps ahead", answer.ahead))
        told = {"steps": steps, "error": off[NETWORK], "last": off.get(LAST), "season": off.get(SEASON)}
        texts = [tr("{steps}: off by {error}", **told)]
        if SEASON in off:
            texts.insert(
                0, tr("{steps}: off by {error}; the last value by {last}, the season before by {season}", **told)
            )
            told["n"] = answer.season
            texts.insert(
                0,
                tr(
                    "{steps}: off by {error} (root mean square); repeating the last value by {last}, the one {n} steps "
                    "before by {season}",
                    **told,
                ),
            )
        elif LAST in off:
            texts.insert(0, tr("{steps}: off by {error}; the last value by {last}", **told))
            texts.insert(
                0, tr("{steps}: off by {error} (root mean square); repeating the last value by {last}", **told)
            )
        self._readout.say(*texts)

    def _said_there(self, answer: ForecastAnswer) -> str:
        """Say what came at the step under the pointer, and what was forecast."""
        assert self._hover is not None
        places = np.flatnonzero(answer.times + answer.ahead == round(self._hover.x()))
        if not len(places):
            return ""
        k = int(places[0])
        return tr(
            "step {n}: {came} came, {forecast} was forecast",
            n=f"{int(answer.times[k]) + answer.ahead:,}",
            came=readable(float(answer.truth[k])),
            forecast=readable(float(answer.lines[NETWORK][k])),
        )

    # -- words and colours -------------------------------------------------------------------------------------

    def title_detail(self) -> str:
        """Return the legend, in the colours of the curves (rich text)."""
        theme = current()
        season = self.answer is not None and self.answer.season
        return (
            f'<span style="color:{theme.accent_text}">— {tr("forecast")}</span> '
            f'<span style="color:{theme.text}">— {tr("what came")}</span> '
            f'<span style="color:{theme.dim}">– – {tr("last value")}</span>'
            + (f' <span style="color:{theme.validation_text}">– – {tr("season before")}</span>' if season else "")
        )

    def empty(self) -> str:
        """Say how to fill it."""
        if not Forecast.suits(self.session.document.now):
            return tr(
                "This panel shows the forecast of a series. Choose one of the series as data, or a table with a window "
                "to look back."
            )
        return tr("Once the network is complete, its forecast appears here.")

    def relabel(self) -> None:
        """Say everything again in the present language."""
        super().relabel()
        named = (
            (self.split, tr("Part of the series"), tr("Which part of the series is shown")),
            (self.quantity, tr("Quantity"), tr("Which of the quantities that are forecast is shown")),
            (self.ahead, tr("How far ahead"), tr("For how many steps ahead the curves were forecast")),
        )
        for one, name, tip in named:
            one.setAccessibleName(name)
            one.setToolTip(tip)
        self.bar.relabel()
        self.plot.setAccessibleName(str(Sentence(self.title)))
        self.plot.setToolTip(tr("Walk along the series with the arrow keys and Page up, Page down"))
        self.errors.setAccessibleName(tr("Error by how far ahead"))
        self.errors.setLabel("left", tr("error"))
        self._sync_labels()
        if self.answer is not None:
            self._sync_lists(self.answer)
            offer(self.split, [str(Sentence(SPLITS[name])) for name in self.answer.splits])
        self.recolour(current())
        self._sync_readout()

    def _sync_labels(self) -> None:
        """Name the steps below the curves where there is room for it."""
        roomy = self.height() >= ROOMY
        for plot, words in ((self.plot, tr("step")), (self.errors, tr("steps ahead"))):
            plot.setLabel("bottom", words if roomy else "")
            plot.getAxis("bottom").showLabel(roomy)

    def recolour(self, theme: Theme) -> None:
        """Take the colours of a theme."""
        thin = self.devicePixelRatioF()  # pens are cosmetic: their width counts in pixels of the device
        for plot in (self.plot, self.errors):
            plot.recolour(theme)
            for side in ("left", "bottom"):
                plot.getAxis(side).label.setFont(font(8.5))
        broken = Qt.PenStyle.DashLine
        pens = {
            NETWORK: pg.mkPen(theme.training, width=2 * thin),
            LAST: pg.mkPen(theme.dim, width=1.2 * thin, style=broken),
            SEASON: pg.mkPen(theme.validation, width=1.2 * thin, style=broken),
        }
        for who, pen in pens.items():
            self.lines[who].setPen(pen)
            self.bars[who].setPen(pen)
        for item in (self.truth, self.past):
            item.setPen(pg.mkPen(theme.text, width=1.4 * thin))
        for item in (self.fan, self.bars[NETWORK]):
            item.setSymbol("o")
            item.setSymbolBrush(pg.mkBrush(theme.training))
            item.setSymbolPen(pg.mkPen(theme.panel, width=thin))
        self.fan.setPen(pg.mkPen(theme.training, width=1.2 * thin))
        self.window_shown.setBrush(pg.mkBrush(theme.chip))
        for edge in self.window_shown.lines:
            edge.setPen(pg.mkPen(theme.line, width=thin))

    # -- what happens ------------------------------------------------------------------------------------------

    def _turn(self, by: int) -> None:
        if self.answer is not None:
            self.focus.move(index=min(max(self.answer.index + by, 0), self.answer.count - 1))

    def _on_bar_turned(self, by: int) -> None:
        several = self.answer is not None and len(self.answer.came) > 1
        self._turn(by if several else by * STRIDE)

    def _on_list_activated(self, _k: int) -> None:
        self.rewatch()

    def _on_session_restarted(self) -> None:
        self.draw(None)

    def _on_mouse_moved(self, at: QPointF) -> None:
        box = self.plot.getPlotItem().getViewBox()
        self._hover = box.mapSceneToView(at) if box.sceneBoundingRect().contains(at) else None
        self._readout.hurry()
        self._sync_readout()

    def _on_pointer_left(self) -> None:
        self._hover = None
        self._readout.hurry()
        self._sync_readout()

    # -- Qt ----------------------------------------------------------------------------------------------------

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Name the steps only where there is room."""
        super().resizeEvent(event)
        self._sync_labels()


def _before(answer: ForecastAnswer) -> tuple[Array, Array]:
    """Return what came up to where the curves begin: the first window, then what the windows after it end with."""
    length = len(answer.past)
    if not length:
        return np.zeros(0), np.zeros(0)
    follow = np.flatnonzero(np.diff(answer.times, append=np.nan) != 1)[0] + 1
    between = np.arange(1, min(answer.ahead, int(follow)))
    at = answer.times[0] + np.concatenate([np.arange(1 - length, 1), between])
    values = np.concatenate([answer.past, answer.lines[LAST][between]])
    if len(between) < answer.ahead - 1:
        return at, values
    return np.append(at, answer.times[0] + answer.ahead), np.append(values, answer.truth[0])
