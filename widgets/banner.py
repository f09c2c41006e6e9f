"""A message across the top of the canvas that waits until it is read: no box that has to be clicked away first."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QSizePolicy, QToolButton, QWidget

from playground.text import Sentence, tr
from widgets import theme
from widgets.icons import icon


class Banner(QWidget):
    """One sentence, perhaps a button that does something about it, and a cross to close it."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("banner")
        self.sentence: Sentence | None = None
        self.is_news = False
        self._act: Callable[[], object] | None = None
        self._act_words: Sentence | None = None
        self._icon = QLabel()
        self.text = QLabel(wordWrap=True, objectName="banner_text")
        self.text.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.text.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.text.setMinimumHeight(24)
        self.button = QPushButton(objectName="banner_button")
        self.button.clicked.connect(self._on_button_clicked)
        self.cross = QToolButton(icon=icon("mdi6.close"), iconSize=QSize(16, 16), objectName="banner_close")
        self.cross.clicked.connect(self.dismiss)
        row = QHBoxLayout(self)
        row.setContentsMargins(14, 8, 8, 8)
        row.setSpacing(10)
        row.addWidget(self._icon)
        row.addWidget(self.text, 1)
        row.addWidget(self.button)
        row.addWidget(self.cross)
        theme.APPEARANCE.changed.connect(self._sync)
        self.hide()

    def tell(
        self,
        sentence: Sentence,
        words: Sentence | None = None,
        act: Callable[[], object] | None = None,
        news: bool = False,
    ) -> None:
        """Show a sentence; `words` and `act` add a button; `news` says that nothing is wrong."""
        self.sentence, self._act_words, self._act, self.is_news = sentence, words, act, news
        self._sync()
        self.show()

    def dismiss(self) -> None:
        """Take the message away."""
        self.sentence = self._act = self._act_words = None
        self.hide()

    def _sync(self) -> None:
        glyph = icon("mdi6.information-outline", "accent") if self.is_news else icon("mdi6.alert-circle-outline", "bad")
        self._icon.setPixmap(glyph.pixmap(QSize(18, 18), self.devicePixelRatioF()))
        self.text.setText(str(self.sentence) if self.sentence else "")
        self.button.setText(str(self._act_words) if self._act_words else "")
        self.button.setVisible(self._act_words is not None)
        self.cross.setToolTip(tr("Close"))
        self.cross.setAccessibleName(tr("Close"))
        self.update()

    def _on_button_clicked(self) -> None:
        act = self._act
        self.dismiss()
        if act is not None:
            act()

    # -- Qt ----------------------------------------------------------------------------------------------------

    def changeEvent(self, event: QEvent) -> None:
        """Say it again when the language changed."""
        if event.type() == QEvent.Type.LanguageChange:
            self._sync()
        super().changeEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint a card with a line at its left, of warning unless it is news."""
        painter, colours = QPainter(self), theme.current()
        painter.fillRect(self.rect(), QColor(colours.card))
        painter.fillRect(0, 0, 4, self.height(), QColor(colours.accent if self.is_news else colours.bad))
        painter.fillRect(0, self.height() - 1, self.width(), 1, QColor(colours.line))
        painter.end()
