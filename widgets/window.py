"""The window: the run bar above, below it the start page or the workspace, and what each action does."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QByteArray, QEvent, Qt, QTimer
from PySide6.QtGui import QCloseEvent
from PySide6.QtWidgets import QApplication, QMainWindow, QStackedWidget, QVBoxLayout, QWidget

from playground.document import Document
from playground.experiment import Experiment
from playground.messages import Failed
from playground.text import Sentence, say, set_language, tr
from widgets import theme
from widgets.actions import Actions
from widgets.banner import Banner
from widgets.comparing import Comparing
from widgets.file_drop import FileDrop
from widgets.filing import Filing, slug
from widgets.menus import Menus
from widgets.qt_words import translate_qt
from widgets.run_bar import RunBar
from widgets.session import Session
from widgets.settings import Settings
from widgets.start import StartPage
from widgets.undoing import UndoKeys
from widgets.workspace import Workspace

if TYPE_CHECKING:
    from widgets.command_palette import CommandPalette

WORKING = (
    *("save", "save_as", "save_preset", "export_picture", "palette", "inspector", "problems", "analysis", "panels"),
    *("data", "play", "step", "pace", "take_weights", "maximise", "panel_help"),
    *("keep_run", "seeds", "compare"),
)
"""Actions that need the workspace."""

DEAF_MS = 2300
"""After how long without an answer to Pause or Stop the engine is said to hang."""


class Window(QMainWindow):
    """The one window of the program.

    Attributes:
        document, session, settings: what is edited, its run, what is remembered.
        actions: every `QAction` by key.
        workspace, start: the two pages.
        filing: opening and saving.
    """

    def __init__(self, document: Document, session: Session, settings: Settings) -> None:
        super().__init__()
        self.setObjectName("window")
        self.document, self.session, self.settings = document, session, settings
        self.actions_by_key = Actions(self)
        self.filing = Filing(self, document, settings)
        self.run_bar = RunBar(document, session, self.actions_by_key)
        self.start: StartPage | None = None
        self.workspace: Workspace | None = None
        self._closing = self._painted = False
        self._sheet: QWidget | None = None
        self._commands: CommandPalette | None = None
        self._undo_keys = UndoKeys(self)
        self._file_drop = FileDrop(self, self.filing.take, self._may_open)
        self._lay_out()
        self._connect()
        self._restore()
        self.run_bar.painted.connect(self._on_run_bar_painted)
        self._heavy_timer = QTimer(self, singleShot=True, interval=0)
        self._heavy_timer.timeout.connect(self._on_heavy_timeout)
        self._hang_timer = QTimer(self, singleShot=True, interval=DEAF_MS)
        self._hang_timer.timeout.connect(self._on_hang_timeout)
        self.relabel()

    # -- pages -------------------------------------------------------------------------------------------------

    def show_start(self) -> None:
        """Show the start page."""
        if self.start is None:
            self.start = StartPage(self.settings.recent())
            self.start.presetChosen.connect(self.filing.open_path)
            self.start.fileChosen.connect(self.filing.open_path)
            self.start.newChosen.connect(self.filing.new)
            self.start.openChosen.connect(self.filing.open)
            self.start.left.connect(self.show_workspace)
            self.pages.addWidget(self.start)
        else:
            self.start.refresh(self.settings.recent())
        self.pages.setCurrentWidget(self.start)
        self.run_bar.set_browsing(True)
        self.start.setFocus()
        self._sync()

    def show_workspace(self) -> Workspace:
        """Show the workspace, building it when it is first needed."""
        if self.workspace is None:
            self.workspace = Workspace(self.document, self.session, self.settings)
            self.pages.addWidget(self.workspace)
            self.actions_by_key.adopt(self.workspace.canvas.commands)
            self.workspace.weightsWanted.connect(self._on_weights_wanted)
            self.workspace.inspector.document_page.download.arrived.connect(self.banner.dismiss)
            page = self.workspace.inspector.document_page
            page.filesWanted.connect(self.filing.data.choose_files)
            page.folderWanted.connect(self.filing.data.choose_folder)
            for key in ("palette", "inspector", "problems", "analysis", "data"):
                self.workspace.docks[key].visibilityChanged.connect(self._sync_docks)
            if self._painted:
                self._heavy_timer.start()
        self.pages.setCurrentWidget(self.workspace)
        self.run_bar.set_browsing(False)
        self.workspace.canvas.setFocus()
        self._sync()
        return self.workspace

    def tell(self, sentence: Sentence, words: Sentence | None = None, act: Any = None) -> None:
        """Show a sentence that stays until it is read, wherever the person is."""
        self.banner.tell(sentence, words, act)

    def relabel(self) -> None:
        """Say everything in the present language."""
        self.actions_by_key.relabel()
        self._sync()

    # -- building ----------------------------------------------------------------------------------------------

    def _lay_out(self) -> None:
        self.banner, self.pages = Banner(), QStackedWidget()
        middle = QWidget()
        column = QVBoxLayout(middle)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        for widget in (self.run_bar, self.banner):
            column.addWidget(widget)
        column.addWidget(self.pages, 1)
        self.setCentralWidget(middle)
        self.setMinimumSize(900, 600)

    def _connect(self) -> None:
        run, file = self.session, self.filing
        self.actions_by_key.connect_to(
            {
                "new": file.new,
                "open": file.open,
                "start": self.show_start,
                "save": self._on_save,
                "save_as": self._on_save_as,
                "save_preset": file.save_preset,
                "export_picture": self._on_export_picture,
                "quit": self.close,
                "undo": self.document.undo,
                "redo": self.document.redo,
                "palette": self._on_palette,
                "inspector": self._on_inspector,
                "problems": self._on_problems,
                "analysis": self._on_analysis,
                "data": self._on_data,
                "maximise": self._on_maximise,
                "panel_help": self._on_panel_help,
                "play": self._on_play,
                "step": self._on_step,
                "stop": self._on_stop,
                "reset": self._on_reset,
                "evaluate": self._on_evaluate,
                "take_weights": self._on_take_weights,
                "force_stop": self._on_force_stop,
                "commands": self._on_commands,
                "keys": self._on_keys,
                "about": self._on_about,
            }
        )
        self.menus, self.comparing = Menus(self), Comparing(self)
        file.opened.connect(self._on_opened)
        file.refused.connect(self.tell)
        file.data.used.connect(self._on_data_used)
        file.data.found.connect(self._on_data_found)
        file.data.missing.connect(self._on_data_missing)
        run.found.connect(file.data.on_facts_found)
        run.dataWanted.connect(self._on_data_wanted)
        file.saved.connect(self._sync)
        self.run_bar.languageChosen.connect(self.choose_language)
        self.run_bar.themeChosen.connect(self.choose_theme)
        run.stateChanged.connect(self._sync_run)
        run.failed.connect(self._on_failed)
        run.engineLost.connect(self._on_engine_lost)
        self.document.subscribe(self._on_document_changed)

    def _restore(self) -> None:
        self.resize(1400, 900)
        stored = self.settings.get("geometry", "")
        if stored:
            self.restoreGeometry(QByteArray(base64.b64decode(stored)))

    # -- showing -----------------------------------------------------------------------------------------------

    def _sync(self) -> None:
        """Show what can be done now, and on what."""
        actions, document = self.actions_by_key, self.document
        self.setWindowTitle(f"{document.name}[*] – {tr('Network Playground')}")
        self.setWindowModified(document.dirty)
        undo, redo = document.undo_name, document.redo_name
        actions.say("undo", say("Undo {edit}", edit=undo) if undo else say("Undo"))
        actions.say("redo", say("Redo {edit}", edit=redo) if redo else say("Redo"))
        working = self.workspace is not None and self.pages.currentWidget() is self.workspace
        actions["undo"].setEnabled(working and undo is not None)
        actions["redo"].setEnabled(working and redo is not None)
        for key in WORKING:
            actions[key].setEnabled(working)
        actions.show_canvas(working)
        self._sync_run()

    def _sync_run(self) -> None:
        actions, state = self.actions_by_key, self.session.state
        working = self.workspace is not None and self.pages.currentWidget() is self.workspace
        begun = self.session.step > 0 or state in ("playing", "finished", "failed")
        actions["stop"].setEnabled(working and state in ("playing", "paused"))
        actions["reset"].setEnabled(working and begun)
        actions["evaluate"].setEnabled(working and state != "loading")
        actions["force_stop"].setEnabled(working and state in ("playing", "loading"))
        if state != "playing":
            self._hang_timer.stop()

    def _sync_docks(self, _visible: bool = False) -> None:
        if self.workspace is not None:
            for key, dock in self.workspace.docks.items():
                self.actions_by_key[key].setChecked(not dock.isHidden())

    # -- what the person asks for ------------------------------------------------------------------------------

    def choose_language(self, code: str) -> None:
        """Say everything in another language, now and the next time."""
        set_language(code)
        self.settings.set("language", code)
        if not translate_qt(code):  # otherwise Qt tells every widget itself
            for widget in QApplication.topLevelWidgets():
                QApplication.sendEvent(widget, QEvent(QEvent.Type.LanguageChange))

    def choose_theme(self, choice: str) -> None:
        """Show another theme, now and the next time."""
        theme.APPEARANCE.choose(choice)
        self.settings.set("theme", choice)

    def _on_save(self) -> None:
        self.filing.save()

    def _on_save_as(self) -> None:
        self.filing.save_as()

    def _on_export_picture(self) -> None:
        from widgets.canvas.drawing import ask

        if self.workspace is not None:
            ask(self.workspace.canvas.sheet, self, slug(self.document.name), self.tell)

    def _on_palette(self) -> None:
        self._show_dock("palette")

    def _on_inspector(self) -> None:
        self._show_dock("inspector")

    def _on_problems(self) -> None:
        self._show_dock("problems")

    def _on_analysis(self) -> None:
        self._show_dock("analysis")

    def _on_data(self) -> None:
        self._show_dock("data")

    def _on_maximise(self) -> None:
        if self.workspace is not None:
            self.workspace.panels.toggle_maximised()

    def _on_panel_help(self) -> None:
        if self.workspace is not None:
            self.workspace.panels.show_help()

    def _show_dock(self, key: str) -> None:
        if self.workspace is not None:
            self.workspace.show_dock(key, self.actions_by_key[key].isChecked())

    def _on_play(self) -> None:
        if self.session.state == "playing":
            self.session.pause()
            self._hang_timer.start()
        else:
            self.session.play()

    def _on_step(self) -> None:
        self.session.step_once()

    def _on_stop(self) -> None:
        self.session.stop()
        self._hang_timer.start()

    def _on_reset(self) -> None:
        self.comparing.before_reset()
        self.session.reset()

    def _on_evaluate(self) -> None:
        self.session.evaluate_test()

    def _on_take_weights(self) -> None:
        self._on_weights_wanted(())

    def _on_weights_wanted(self, places: tuple[str, ...]) -> None:
        from widgets.take_weights import ask

        ask(self.document, self, self.tell, places)

    def _on_force_stop(self) -> None:
        self.session.force_stop()

    def _on_commands(self) -> None:
        from widgets.command_palette import CommandPalette

        if self._commands is None:
            self._commands = CommandPalette(self, self.actions_by_key, self.settings)
        self._commands.toggle()

    def _on_keys(self) -> None:
        from widgets.help import KeySheet

        if self._sheet is None:
            self._sheet = KeySheet(self.actions_by_key, self)
        self._sheet.show()
        self._sheet.raise_()

    def _on_about(self) -> None:
        from widgets.help import About

        About(self).open()

    # -- what happens ------------------------------------------------------------------------------------------

    def _may_open(self) -> bool:
        """Say whether a file may be dropped: not while a question waits for its answer."""
        return self.filing.question is None

    def _on_document_changed(self, old: Experiment, new: Experiment) -> None:
        self._sync()

    def _on_opened(self) -> None:
        self.session.open_document()
        self.banner.dismiss()
        workspace = self.show_workspace()
        workspace.canvas.fit()

    def _on_data_used(self) -> None:
        self.banner.dismiss()
        if self.workspace is None or self.pages.currentWidget() is not self.workspace:
            self.show_workspace()

    def _on_data_found(self, sentence: Sentence, news: bool) -> None:
        self.banner.tell(sentence, news=news)

    def _on_data_missing(self, sentence: Sentence) -> None:
        self.tell(sentence, say("Find…"), self.filing.data.find)

    def _on_data_wanted(self) -> None:
        title = Sentence(self.document.now.source.title)
        sentence = say("To train this network, drop its data on the window or choose them: {format}", format=title)
        self.banner.tell(sentence, say("My folder…"), self.filing.data.choose_folder, news=True)

    def _on_failed(self, failure: Failed) -> None:
        node = self.workspace.canvas.sheet.shown(failure.node) if self.workspace is not None and failure.node else ""
        if self.workspace is None or not node:  # else it stands at the node, see Strips
            self.tell(failure.sentence)
        else:
            self.workspace.canvas.reveal(node)

    def _on_engine_lost(self, sentence: Sentence) -> None:
        if self.session.can_resume:
            words = say("Go on from the last checkpoint")
            self.tell(sentence, words, self.session.resume_from_checkpoint)
        else:
            self.tell(sentence)

    def _on_hang_timeout(self) -> None:
        if self.session.hangs:
            sentence = say("The present step does not end. Force stop replaces the engine; your network is untouched.")
            self.tell(sentence, say("Force stop"), self.session.force_stop)

    def _on_run_bar_painted(self) -> None:
        """Load what is heavy only after the first picture is on the screen."""
        if not self._painted:
            self._painted = True
            self._heavy_timer.start()

    def _on_heavy_timeout(self) -> None:
        if self.workspace is not None:
            self.workspace.panels.load()

    def _close_now(self) -> None:
        self._closing = True
        self.close()

    # -- Qt ----------------------------------------------------------------------------------------------------

    def changeEvent(self, event: QEvent) -> None:
        """Say everything again when the language changed; watch nothing while minimised."""
        if event.type() == QEvent.Type.LanguageChange:
            self.relabel()
        elif event.type() == QEvent.Type.WindowStateChange and self.workspace is not None:
            paused = bool(self.windowState() & Qt.WindowState.WindowMinimized)
            self.workspace.panels.pause(paused)
            self.workspace.strips.watch(not paused and self.workspace.canvas.isVisible())
        super().changeEvent(event)

    def closeEvent(self, event: QCloseEvent) -> None:
        """Ask for what is unsaved, then end the run and everything that belongs to it."""
        if self.document.dirty and not self._closing:
            event.ignore()
            self.filing.when_safe(self._close_now)
            return
        if self.workspace is not None:
            self.workspace.panels.leave()
        self.settings.set("geometry", base64.b64encode(bytes(self.saveGeometry())).decode())
        self.session.close()
        self._undo_keys.stop()
        super().closeEvent(event)
