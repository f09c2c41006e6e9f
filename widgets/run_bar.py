"""The bar at the top: which document, how the run goes, and how to drive it.

Left the document, in the middle the transport with what changes while it runs, right what the run amounts to and
where it happens. Numbers change at most five times a second, so that they can be read; the line moves smoothly.
"""

from __future__ import annotations

import os

from PySide6.QtCore import QEvent, QRectF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QColor, QKeyEvent, QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLabel, QMenu, QToolButton, QWidget

from playground.choices import Optimiser
from playground.document import Document
from playground.experiment import Experiment
from playground.messages import STATES
from playground.text import LANGUAGES, Sentence, count, language, note, say, tr
from widgets import theme
from widgets.actions import Actions
from widgets.bits import Elided, clock, fill_choices, pace_label
from widgets.icons import icon
from widgets.metrics import METRICS, NAMED, TOLD
from widgets.number_fields import StepField
from widgets.session import Session

TEXT_MS = 200
GLYPHS = {"reset": "restart", "play": "play", "step": "skip-next", "stop": "stop"}
PACES: tuple[float | None, ...] = (1, 2, 5, 10, 30, 100, None)
THEMES = {"system": note("Like the system"), "dark": note("Dark"), "light": note("Light")}
THEME_ICONS = {"system": "mdi6.theme-light-dark", "dark": "mdi6.weather-night", "light": "mdi6.white-balance-sunny"}


class RunBar(QWidget):
    """The run at a glance, and its controls.

    Signals:
        painted(): it has been painted for the first time, and with it the window.
        languageChosen(str): a key of `playground.text.LANGUAGES`.
        themeChosen(str): ``system``, ``dark`` or ``light``.
    """

    painted = Signal()
    languageChosen = Signal(str)
    themeChosen = Signal(str)

    def __init__(self, document: Document, session: Session, actions: Actions, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.document, self.session, self.actions = document, session, actions
        self.setObjectName("run_bar")
        self.setFixedHeight(52)
        self.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        self._build_left()
        self._build_middle()
        self._build_right()
        self._lay_out()
        self._text_timer = QTimer(self, singleShot=True, interval=TEXT_MS)
        self._text_timer.timeout.connect(self._sync)
        self._widest: dict[QLabel, int] = {}
        self._forget = document.subscribe(self._on_document_changed)
        session.stateChanged.connect(self._sync)
        session.progressed.connect(self._on_session_progressed)
        session.restarted.connect(self._sync)
        session.readOn.connect(self._on_session_read_on)
        theme.APPEARANCE.changed.connect(self._on_theme_changed)
        self.relabel()

    def set_browsing(self, browsing: bool) -> None:
        """Hide all that belongs to a run while presets are being looked at."""
        for widget in (self.transport, self.result, self.test, self.device, self.saved):
            widget.setVisible(not browsing)
        self._browsing = browsing
        self._sync()

    def relabel(self) -> None:
        """Say everything in the present language."""
        self._widest.clear()
        for label in (self.epoch, self.steps, self.speed, self.left_time):
            label.setMinimumWidth(0)
        for key, button in self.buttons.items():
            self._tip(button, self.actions.tip(key))
        self._tip(self.menu_button, tr("Menu"))
        self._tip(self.language, tr("Language"))
        self._tip(self.theme, tr("Theme: {theme}", theme=str(Sentence(THEMES[theme.APPEARANCE.choice]))))
        self._tip(self.pace_button, tr("How many steps a second at most"))
        self._tip(self.rate, tr("Learning rate; it may be changed while it runs"))
        self.rate_label.setText(tr("rate"))
        self._tip(self.device, tr("Where the network is computed, and on how many threads"))
        self.language.setText("中文" if language() == "zh" else "EN")
        self._sync()

    # -- building ----------------------------------------------------------------------------------------------

    def _build_left(self) -> None:
        self.menu_button = self._icon_button("menu", "mdi6.menu")
        menu = QMenu(self)
        for one in self.actions.menus.values():
            menu.addMenu(one)
        self.menu_button.setMenu(menu)
        self.menu_button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.name = Elided(objectName="document_name")
        self.name.setFont(theme.font(10, semibold=True))
        self.saved = QLabel(objectName="document_saved")
        self.saved.setProperty("role", "dim")
        self.problems = self._chip("problem_count")
        self.problems.setIcon(icon("mdi6.alert-circle-outline", "bad"))
        self.problems.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.problems.clicked.connect(self.actions["problems"].trigger)

    def _build_middle(self) -> None:
        self.transport = QWidget(self)
        self.buttons: dict[str, QToolButton] = {}
        row = QHBoxLayout(self.transport)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(4)
        for key in ("reset", "play", "step", "stop"):
            button = self._icon_button(key, f"mdi6.{GLYPHS[key]}")
            button.clicked.connect(self.actions[key].trigger)
            self.buttons[key] = button
            row.addWidget(button)
        play = self.buttons["play"]
        play.setProperty("kind", "accent")
        play.setFixedSize(36, 36)
        play.setIconSize(QSize(20, 20))
        self.pace_button = QToolButton(objectName="pace", icon=icon("mdi6.speedometer", "dim"))
        self.pace_button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.pace_button.setMenu(self.actions.fillable["pace"])
        self.pace_button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        row.addSpacing(4)
        row.addWidget(self.pace_button)
        self.rate_label = QLabel()
        self.rate_label.setProperty("role", "dim")
        self.rate = StepField(Optimiser.members["adam"].parameters["learning_rate"])
        self.rate.setObjectName("learning_rate")
        self.rate.setFixedWidth(76)
        self.rate.edited.connect(self._on_rate_edited)
        self.rate.closed.connect(self.document.close_step)
        row.addSpacing(4)
        row.addWidget(self.rate_label)
        row.addWidget(self.rate)
        row.addSpacing(8)
        self.state = QLabel(objectName="run_state")
        self.epoch, self.steps = QLabel(objectName="run_epoch"), QLabel(objectName="run_step")
        self.speed, self.left_time = QLabel(objectName="run_speed"), QLabel(objectName="run_left")
        for label in (self.state, self.epoch, self.steps, self.speed, self.left_time):
            label.setProperty("role", "dim")
            row.addWidget(label)
            row.addSpacing(6)

    def _build_right(self) -> None:
        self.result = QLabel(objectName="result")
        self.result.setProperty("kind", "chip")
        self.test = self._chip("evaluate", "mdi6.clipboard-check-outline")
        self.test.clicked.connect(self.actions["evaluate"].trigger)
        self.buttons["evaluate"] = self.test
        self.device = self._chip("device")
        self.device.setMenu(QMenu(self))
        self.device.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.device.menu().aboutToShow.connect(self._on_device_menu_shown)
        self.language = self._chip("language")
        self.language.clicked.connect(self._on_language_clicked)
        self.theme = self._icon_button("theme", THEME_ICONS[theme.APPEARANCE.choice])
        self.theme.clicked.connect(self._on_theme_clicked)

    def _lay_out(self) -> None:
        self._browsing, self._was_painted, self._device_choice = False, False, "auto"
        left, right = QHBoxLayout(), QHBoxLayout()
        left.setSpacing(8)
        right.setSpacing(8)
        for widget in (self.menu_button, self.name, self.saved, self.problems):
            left.addWidget(widget)
        left.addStretch(1)
        right.addStretch(1)
        for widget in (self.result, self.test, self.device, self.language, self.theme):
            right.addWidget(widget)
        grid = QGridLayout(self)
        grid.setContentsMargins(8, 0, 10, 3)
        grid.setHorizontalSpacing(12)
        grid.addLayout(left, 0, 0)
        grid.addWidget(self.transport, 0, 1)
        grid.addLayout(right, 0, 2)
        grid.setColumnStretch(0, 1)
        grid.setColumnStretch(2, 1)

    def _icon_button(self, name: str, glyph: str) -> QToolButton:
        button = QToolButton(self, icon=icon(glyph), iconSize=QSize(18, 18), objectName=name)
        button.setFixedSize(32, 32)
        return button

    def _chip(self, name: str, glyph: str = "") -> QToolButton:
        button = QToolButton(self, objectName=name)
        button.setProperty("kind", "chip")
        if glyph:
            button.setIcon(icon(glyph))
            button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        return button

    # -- showing -----------------------------------------------------------------------------------------------

    def _sync(self) -> None:
        """Show what document and session say now."""
        playing = self.session.state == "playing"
        self.name.show_text(tr("Network Playground") if self._browsing else self.document.name)
        self.saved.setText(tr("edited") if self.document.dirty else tr("saved") if self.document.path else "")
        problems = len(self.document.report.problems)
        self.problems.setVisible(problems > 0 and not self._browsing)
        self.problems.setText(str(count("{n} problem", "{n} problems", problems)))
        self._tip(self.problems, self.actions.tip("problems"))
        self.actions.say("play", say("Pause") if playing else say("Play"))
        if self.buttons["play"].objectName() != ("pause" if playing else "play"):
            self.buttons["play"].setObjectName("pause" if playing else "play")
        self.buttons["play"].setIcon(icon("mdi6.pause" if playing else "mdi6.play", "on_accent"))
        self._tip(self.buttons["play"], self.actions.tip("play"))
        self._sync_state()
        self._sync_numbers()
        self._sync_chips()
        self.rate.show_value(self.document.now.training.optimiser.learning_rate)
        self.update()

    def _sync_state(self) -> None:
        """Say in which state the run is; of reading that takes long, how far it has got."""
        session, playing = self.session, self.session.state == "playing"
        if session.reading is not None:
            words = tr("Reading the data… {n} %", n=int(100 * session.reading))
        else:
            words = "" if playing else str(Sentence(STATES.get(session.state, "")))
        self.state.setText(words)
        self.state.setVisible(not playing)

    def _sync_numbers(self) -> None:
        session, playing = self.session, self.session.state == "playing"
        known = session.steps_per_epoch > 1 or session.step > 0
        epoch = tr("epoch {n} / {all}", n=max(1, session.epoch), all=session.epochs) if session.epochs else ""
        self._number(self.epoch, epoch)
        self._number(self.steps, tr("step {n}", n=session.step) if known else "")
        rate = int(float(f"{session.samples_per_second:.3g}"))
        self._number(self.speed, tr("{n} samples/s", n=rate) if playing and rate else "")
        left = session.seconds_left if playing else None
        self._number(self.left_time, tr("{time} left", time=clock(left)) if left and left > 0 else "")

    def _number(self, label: QLabel, text: str) -> None:
        """Show a number that changes, in a label that only grows: nothing may jump."""
        if label.text() == text:
            return
        label.setText(text)
        label.setVisible(bool(text))
        label.setMinimumWidth(0)
        self._widest[label] = max(self._widest.get(label, 0), label.sizeHint().width())
        label.setMinimumWidth(self._widest[label])

    def _sync_chips(self) -> None:
        parts, told = [], [tr("How well it does on examples it was not trained on")]
        for split, word in (("validation", tr("val")), ("test", tr("test"))):
            for metric in METRICS:
                if (value := self.session.history.latest(split, metric)) is not None:
                    shown = f"{value:.3f}" if abs(value) < 100 else f"{value:.4g}"
                    name = str(Sentence(NAMED[metric])) if metric in NAMED else metric
                    parts.append(f"{word} {shown}" if metric == "accuracy" else f"{word} {name} {shown}")
                    if metric in TOLD and len(told) == 1:
                        told.append(str(Sentence(TOLD[metric])))
                    break
        self.result.setText("  ·  ".join(parts))
        self._tip(self.result, "\n".join(told))
        self.result.setVisible(bool(parts) and not self._browsing)
        right = (self.result, self.device, self.language, self.theme)
        taken = sum(widget.sizeHint().width() + 8 for widget in right if not widget.isHidden())
        wide = (self.width() - self.transport.sizeHint().width()) // 2 - taken > 190
        self.test.setText(self.actions["evaluate"].text())
        style = Qt.ToolButtonStyle.ToolButtonTextBesideIcon if wide else Qt.ToolButtonStyle.ToolButtonIconOnly
        self.test.setToolButtonStyle(style)
        self.rate_label.setVisible(self.width() >= 1440)
        device = (self.session.device or "…").upper()
        threads = self.session.threads or self.document.now.training.threads
        words = count("{device} · {n} thread", "{device} · {n} threads", threads, device=device)
        self.device.setText(str(words) if device.startswith(("CPU", "…")) else device)
        self.device.setAccessibleName(tr("Device: {device}", device=self.device.text()))
        self.pace_button.setText(pace_label(self.session.pace))

    def _tip(self, widget: QWidget, text: str) -> None:
        if widget.toolTip() != text:
            widget.setToolTip(text)
            widget.setAccessibleName(text)

    def _share(self) -> float:
        """Return how much of what is under way is done: of reading the data, or else of the steps."""
        session = self.session
        if self._browsing:
            return 0.0
        if session.reading is not None:
            return session.reading
        return min(1.0, session.step / session.until) if session.until else 0.0

    # -- what happens ------------------------------------------------------------------------------------------

    def _on_document_changed(self, old: Experiment, new: Experiment) -> None:
        self._sync()

    def _on_session_progressed(self) -> None:
        self.update(0, self.height() - 3, self.width(), 3)
        if not self._text_timer.isActive():
            self._text_timer.start()

    def _on_session_read_on(self) -> None:
        self._sync_state()
        self.update(0, self.height() - 3, self.width(), 3)

    def _on_theme_changed(self) -> None:
        self.theme.setIcon(icon(THEME_ICONS[theme.APPEARANCE.choice]))
        self.relabel()

    def _on_rate_edited(self, value: float) -> None:
        self.session.set_learning_rate(value)

    def _on_language_clicked(self) -> None:
        codes = list(LANGUAGES)
        self.languageChosen.emit(codes[(codes.index(language()) + 1) % len(codes)])

    def _on_theme_clicked(self) -> None:
        choices = list(THEMES)
        self.themeChosen.emit(choices[(choices.index(theme.APPEARANCE.choice) + 1) % len(choices)])

    def _on_device_menu_shown(self) -> None:
        menu = self.device.menu()
        devices = [("auto", tr("Automatic")), *((d, d.upper()) for d in self.session.devices)]
        chosen = self._device_choice
        fill_choices(menu, [(label, device) for device, label in devices], chosen)
        for action in menu.actions():
            action.triggered.connect(self._on_device_chosen)
        menu.addSeparator()
        threads = menu.addMenu(tr("Threads"))
        choices = [(f"{n}", n) for n in range(1, min(os.cpu_count() or 1, 32) + 1)]
        fill_choices(threads, choices, self.document.now.training.threads)
        for action in threads.actions():
            action.triggered.connect(self._on_threads_chosen)

    def _on_device_chosen(self) -> None:
        self._device_choice = self.sender().data()
        self.session.set_device(self._device_choice)

    def _on_threads_chosen(self) -> None:
        training = self.document.now.training.replace(threads=self.sender().data())
        self.document.edit(say("Change threads"), training=training)

    # -- Qt ----------------------------------------------------------------------------------------------------

    def changeEvent(self, event: QEvent) -> None:
        """Say everything again when the language changed."""
        if event.type() == QEvent.Type.LanguageChange:
            self.relabel()
        super().changeEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Space plays and pauses, wherever on the bar the focus is."""
        if event.key() == Qt.Key.Key_Space:
            self.actions["play"].trigger()
            return
        super().keyPressEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Drop words where there is no room for them."""
        super().resizeEvent(event)
        self._sync_chips()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the ground, and under it the line of progress."""
        painter, colours = QPainter(self), theme.current()
        painter.fillRect(event.rect(), QColor(colours.panel))
        bottom = self.height() - 1
        painter.setPen(QPen(QColor(colours.line), 1))
        painter.drawLine(0, bottom, self.width(), bottom)
        if share := self._share():
            painter.fillRect(QRectF(0, self.height() - 2, self.width() * share, 2), QColor(colours.accent))
        painter.end()
        if not self._was_painted:
            self._was_painted = True
            self.painted.emit()
