"""One panel in its dock: its title bar, its menu, its help, and what of it can be saved."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QPoint, QRect, Qt, Signal
from PySide6.QtGui import QGuiApplication, QKeySequence, QShortcut
from PySide6.QtWidgets import QDockWidget, QFileDialog, QMainWindow, QMenu

from playground.text import Refusal, Sentence, tr
from playground.tidy import as_tabs
from widgets import panel_files, theme
from widgets.filing import slug
from widgets.help_card import HelpCard
from widgets.icons import icon
from widgets.panels import Panel
from widgets.title_bar import TitleBar


class PanelDock(QDockWidget):
    """One panel in the row.

    Attributes:
        beneath: whether it lies under a panel that fills the workspace.
        behind: whether another one lies in front of it in the same place; Qt calls it visible all the same.

    Signals:
        closed(str): the person closed it.
        maximiseWanted(str): the person wants it to fill the workspace, or to go back to its place.
        told(Sentence): something that the person asked for could not be done.
    """

    closed = Signal(str)
    maximiseWanted = Signal(str)
    told = Signal(object)

    def __init__(self, panel: Panel, parent: QMainWindow) -> None:
        super().__init__(parent)
        self.panel, self.host = panel, parent
        self.setObjectName(f"panel_{panel.key}")
        self.bar = TitleBar(self, ("help", "more", "maximise", "float", "close"))
        self.setTitleBarWidget(self.bar)
        self.setWidget(panel)
        self.setMinimumWidth(180)
        self.beneath = self.behind = False
        self._before: QRect | None = None
        self._escape = QShortcut(QKeySequence(Qt.Key.Key_Escape), self, enabled=False)
        self._escape.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        self._escape.activated.connect(self.toggle_maximised)
        panel.installEventFilter(self)
        self.bar.buttons["help"].clicked.connect(self.show_help)
        self.bar.buttons["maximise"].clicked.connect(self.toggle_maximised)
        self.bar.buttons["float"].clicked.connect(self._on_float_clicked)
        self.bar.doubleClicked.connect(self.toggle_maximised)
        self.bar.menuWanted.connect(self._on_menu_wanted)
        self.topLevelChanged.connect(self._on_top_level_changed)
        self.visibilityChanged.connect(self._on_visibility_changed)
        theme.APPEARANCE.changed.connect(self._on_theme_changed)
        self.relabel()

    def relabel(self) -> None:
        """Say everything in the present language, the panel included."""
        title = str(Sentence(self.panel.title))
        self.setWindowTitle(title)
        self.setAccessibleName(title)
        self.panel.setAccessibleName(title)
        self.bar.title.setText(title)
        self.bar.relabel()
        self.panel.relabel()
        self.sync_detail()

    def sync_detail(self) -> None:
        """Show which node the panel is about."""
        if self.bar.detail.text() != (detail := self.panel.title_detail()):
            self.bar.detail.setText(detail)

    def show_help(self) -> HelpCard:
        """Say what the panel shows and how it is read."""
        card = HelpCard(str(Sentence(self.panel.title)), str(Sentence(self.panel.help)), self.bar.buttons["help"])
        card.show()
        return card

    def toggle_maximised(self) -> None:
        """Fill the workspace, or, in a window of its own, the screen; or be as large as before."""
        if not self.isFloating():
            self.maximiseWanted.emit(self.panel.key)
        elif self._before is None:
            self._before = self.geometry()
            self.setGeometry(self.screen().availableGeometry())
            self._say_maximised(True)
        else:
            self.setGeometry(self._before)
            self._say_maximised(False)

    def sync_covered(self) -> None:
        """Have the panel measured and drawn only where it can be seen."""
        covered = (self.beneath or self.behind) and not self.bar.maximised
        if covered != self.panel.covered:
            self.panel.covered = covered
            self.panel.rewatch()
            if self.panel.seen:
                self.panel.sync()

    # -- what can be taken out -----------------------------------------------------------------------------------

    def save_picture(self) -> QFileDialog:
        """Ask where the picture goes, and write it."""
        return panel_files.ask_picture(self.panel, self.window(), self._file_name(), self.told.emit)

    def save_numbers(self) -> QFileDialog | None:
        """Ask where the numbers go, and write them."""
        return panel_files.ask_numbers(self.panel, self.window(), self._file_name(), self.told.emit)

    def copy_picture(self) -> None:
        """Put the picture on the clipboard."""
        QGuiApplication.clipboard().setImage(panel_files.as_image(self.panel))

    def copy_numbers(self) -> None:
        """Put the numbers on the clipboard, as spreadsheets take them."""
        try:
            QGuiApplication.clipboard().setText(as_tabs(panel_files.table_of(self.panel)))
        except Refusal as refusal:
            self.told.emit(refusal.sentence)

    def _file_name(self) -> str:
        return f"{slug(self.panel.session.document.name)}-{self.panel.key}".replace("_", "-")

    # -- the menu ------------------------------------------------------------------------------------------------

    def menu(self) -> QMenu:
        """Make the menu of what can be done with it now."""
        menu = QMenu(self.bar)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        filled = self.panel.filled
        for key, words, glyph, slot, possible in (
            ("save_picture", tr("Save picture…"), "mdi6.image-outline", self.save_picture, True),
            ("save_numbers", tr("Save numbers…"), "mdi6.table-arrow-down", self.save_numbers, filled),
            ("copy_picture", tr("Copy picture"), "mdi6.content-copy", self.copy_picture, True),
            ("copy_numbers", tr("Copy numbers"), "mdi6.table", self.copy_numbers, filled),
        ):
            action = menu.addAction(icon(glyph), words, slot)
            action.setObjectName(key)
            action.setEnabled(possible)
        menu.addSeparator()
        large = tr("Back to its place") if self.bar.maximised else tr("Maximise")
        maximise = menu.addAction(icon("mdi6.arrow-expand"), f"{large}\tF11", self.toggle_maximised)
        maximise.setObjectName("maximise")
        if not self.bar.maximised:
            words = tr("Back into the window") if self.isFloating() else tr("Float")
            menu.addAction(icon("mdi6.dock-window"), words, self._on_float_clicked).setObjectName("float")
            self._add_tabs(menu)
        menu.addSeparator()
        help = menu.addAction(icon("mdi6.help-circle-outline"), f"{tr('What this shows')}\tShift+F1", self.show_help)
        help.setObjectName("help")
        menu.addAction(icon("mdi6.close"), tr("Close"), self.close).setObjectName("close")
        return menu

    def _add_tabs(self, menu: QMenu) -> None:
        """Offer the other panels in the window, to lie in one place with."""
        together = self.host.tabifiedDockWidgets(self)
        others = [
            dock
            for dock in self.host.findChildren(PanelDock)
            if dock is not self and not dock.isHidden() and not dock.isFloating() and dock not in together
        ]
        tabs = menu.addMenu(icon("mdi6.tab"), tr("Move to a tab with"))
        tabs.setObjectName("tab_with")
        tabs.menuAction().setEnabled(bool(others))
        for other in others:
            action = tabs.addAction(icon(other.panel.icon), other.windowTitle().replace("&", "&&"))
            action.setData(other.panel.key)
            action.triggered.connect(self._on_tab_chosen)

    def tab_with(self, other: PanelDock) -> None:
        """Lie in one place with another panel, and in front of it."""
        if self.isFloating():
            self.setFloating(False)
        self.host.tabifyDockWidget(other, self)
        self.show()
        self.raise_()

    # -- what happens ----------------------------------------------------------------------------------------------

    def _say_maximised(self, maximised: bool) -> None:
        self._before = self._before if maximised else None
        self._escape.setEnabled(maximised)
        self.bar.set_maximised(maximised)

    def _on_tab_chosen(self) -> None:
        key = self.sender().data()
        self.tab_with(next(dock for dock in self.host.findChildren(PanelDock) if dock.panel.key == key))

    def _on_menu_wanted(self, at: QPoint) -> None:
        self.menu().popup(at)

    def _on_float_clicked(self) -> None:
        self.setFloating(not self.isFloating())

    def _on_top_level_changed(self, floating: bool) -> None:
        if not floating and self._before is not None:
            self._say_maximised(False)

    def _on_visibility_changed(self, visible: bool) -> None:
        self.behind = not visible and not self.isHidden()
        self.sync_covered()

    def _on_theme_changed(self) -> None:
        self.panel.recolour(theme.current())

    # -- Qt ----------------------------------------------------------------------------------------------------

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Have measured what is seen, and only that."""
        if watched is self.panel and event.type() in (QEvent.Type.Show, QEvent.Type.Hide) and not event.spontaneous():
            self.panel.rewatch()
            if event.type() == QEvent.Type.Show:
                self.panel.sync()
        return super().eventFilter(watched, event)

    def closeEvent(self, event: QEvent) -> None:
        """Tell that the person wants it away (and not merely that the window closes), while it still stands there."""
        self.closed.emit(self.panel.key)
        super().closeEvent(event)
