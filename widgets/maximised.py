"""A panel that fills the whole workspace for a while: it lies over everything else, whose layout stays as it is."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QSize, Qt, Signal
from PySide6.QtGui import QColor, QKeySequence, QPainter, QPaintEvent, QShortcut
from PySide6.QtWidgets import QApplication, QMainWindow, QVBoxLayout, QWidget

from widgets import theme
from widgets.banner import Banner
from widgets.panel_dock import PanelDock


class Maximised(QWidget):
    """Holds the title bar and the panel of a dock as long as they fill the workspace.

    The dock stays where it is with something of the same size in it, so that there is no layout to be restored.

    Signals:
        left(): the person has pressed Escape.
    """

    left = Signal()

    def __init__(self, dock: PanelDock, host: QMainWindow) -> None:
        super().__init__(host)
        self.setObjectName("maximised")
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)  # so that nothing beneath is painted
        self.dock, self.host = dock, host
        self.banner = Banner()
        held = QApplication.focusWidget()
        keep = held if held is not None and dock.isAncestorOf(held) else None
        self._places = _Place(dock.bar), _Place(dock.panel)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.banner)
        dock.setTitleBarWidget(self._places[0])
        dock.setWidget(self._places[1])
        column.addWidget(dock.bar)
        column.addWidget(dock.panel, 1)
        dock.bar.set_maximised(True)
        escape = QShortcut(QKeySequence(Qt.Key.Key_Escape), self)
        escape.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        escape.activated.connect(self.left)
        host.installEventFilter(self)
        self.setGeometry(host.rect())
        for widget in (dock.bar, dock.panel, self):
            widget.show()
        self.raise_()
        (keep or dock.bar.buttons["maximise"]).setFocus(Qt.FocusReason.OtherFocusReason)

    def give_back(self) -> None:
        """Put title bar and panel back into their dock."""
        dock, held = self.dock, QApplication.focusWidget()
        keep = held if held is not None and self.isAncestorOf(held) else None
        self.host.removeEventFilter(self)
        dock.bar.set_maximised(False)
        dock.setTitleBarWidget(dock.bar)
        dock.setWidget(dock.panel)
        for widget in (dock.bar, dock.panel):
            widget.show()
        for place in self._places:
            place.deleteLater()
        self.hide()
        self.deleteLater()
        if keep is not None:
            keep.setFocus(Qt.FocusReason.OtherFocusReason)

    # -- Qt ----------------------------------------------------------------------------------------------------

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Stay as large as the workspace."""
        if watched is self.host and event.type() == QEvent.Type.Resize:
            self.setGeometry(self.host.rect())
        return super().eventFilter(watched, event)

    def focusNextPrevChild(self, forward: bool) -> bool:
        """Let Tab go through the panel and the bar above the workspace, past all that lies beneath."""
        now = first = QApplication.focusWidget() or self
        while True:
            now = now.nextInFocusChain() if forward else now.previousInFocusChain()
            if now is first:
                return False
            beneath = self.host.isAncestorOf(now) and not self.isAncestorOf(now)
            tab = now.focusPolicy() & Qt.FocusPolicy.TabFocus
            if tab and not beneath and now.isEnabled() and now.isVisibleTo(self.window()):
                now.setFocus(Qt.FocusReason.TabFocusReason if forward else Qt.FocusReason.BacktabFocusReason)
                return True

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the ground of the panel."""
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor(theme.current().panel))
        painter.end()


class _Place(QWidget):
    """Keeps the room of a widget that is elsewhere."""

    def __init__(self, widget: QWidget) -> None:
        super().__init__()
        self._hint, self._least = widget.sizeHint(), widget.minimumSizeHint()

    # -- Qt ----------------------------------------------------------------------------------------------------

    def sizeHint(self) -> QSize:
        """Ask for what the widget asked for."""
        return self._hint

    def minimumSizeHint(self) -> QSize:
        """Need what the widget needed."""
        return self._least
