"""What the windows for drawing a set have in common: classes, what is said, undo, how they follow the document."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QKeySequence, QResizeEvent, QShortcut
from PySide6.QtWidgets import QDialog, QHBoxLayout, QLabel, QPushButton, QWidget

from playground.data.drawn import DrawnSource
from playground.document import Document
from playground.experiment import Experiment
from playground.text import Sentence, say, tr
from widgets import theme
from widgets.drawing_sets._classes import ClassChooser
from widgets.icons import icon
from widgets.sections import dim


class SetEditor(QDialog):
    """A window in which the data set of a document is drawn. It closes by itself when there is another set.

    A member lays out its own parts between the classes and the last row, and says what can be done with `hint`.

    Class attributes:
        marked: whether classes have a mark, by which examples are told apart.
    """

    marked = False

    def __init__(self, document: Document, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.document = document
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._kind = type(document.now.source)
        self._gesture = 0
        self.classes = ClassChooser(marked=self.marked)
        self.says = dim("drawing_says")
        self.wrong = QLabel(wordWrap=True, visible=False, objectName="drawing_wrong")
        self.wrong.setProperty("role", "bad")
        self.clear = QPushButton(objectName="clear_set", icon=icon("mdi6.delete-sweep-outline"))
        self.clear.clicked.connect(self._on_clear_clicked)
        self.done_button = QPushButton(objectName="close_drawing")
        self.done_button.clicked.connect(self.close)
        self.last = QHBoxLayout()
        self.last.setSpacing(8)
        self.build()
        for button in self.findChildren(QPushButton):
            button.setAutoDefault(False)  # Enter belongs to what is drawn
        self._ends = [document.subscribe(self._on_document_changed)]
        theme.APPEARANCE.changed.connect(self.recolour)
        for keys, slot in (
            (QKeySequence.StandardKey.Undo, self.undo),
            (QKeySequence.StandardKey.Redo, document.redo),
        ):
            shortcut = QShortcut(self)
            shortcut.setKeys(keys)
            shortcut.activated.connect(slot)
        self.relabel()
        self.sync()
        self.resize(self.sizeHint().boundedTo(self.screen().availableSize()))

    @property
    def source(self) -> DrawnSource:
        """The set as it is now."""
        source = self.document.now.source
        assert isinstance(source, DrawnSource)
        return source

    # -- to be said by members ---------------------------------------------------------------------------------

    def build(self) -> None:
        """Make and lay out the parts."""
        raise NotImplementedError

    def sync(self) -> None:
        """Show the set as it is."""
        self.classes.show_classes(self.source.names, self.source.counts())
        self.clear.setEnabled(bool(self.source.drawn))
        self.says.setText(self.hint())
        if len(self.source.drawn) < self.source.most:
            self.tell(None)
        self._keep_room()

    def hint(self) -> str:
        """Say what can be done."""
        raise NotImplementedError

    def recolour(self) -> None:
        """Take the colours of the theme."""
        self.classes.recolour()

    def undo(self) -> None:
        """Take the last step back."""
        self.document.undo()

    def relabel(self) -> None:
        """Say everything in the present language."""
        self.clear.setText(tr("Clear"))
        self.clear.setToolTip(tr("Take everything away; undo brings it back"))
        self.done_button.setText(tr("Close"))

    # -- editing -----------------------------------------------------------------------------------------------

    def tell(self, sentence: Sentence | None) -> None:
        """Say why something cannot be done; None: it can."""
        self.wrong.setText(str(sentence) if sentence else "")
        self.wrong.setVisible(sentence is not None)

    def edit(self, name: Sentence, drawn: Sequence[tuple[Any, ...]]) -> None:
        """Change what is drawn; all until `close_gesture` is one step."""
        merge = ("drawn", id(self), self._gesture)
        self.document.edit(name, source=self.source.with_drawn(drawn), merge=merge)

    def close_gesture(self) -> None:
        """End a step: what is drawn next is another one."""
        self._gesture += 1
        self.document.close_step()

    def tell_full(self) -> None:
        """Say that there is no more room."""
        self.tell(say("There is room for {n} of them; take some away first", n=self.source.most))

    def _keep_room(self) -> None:
        """Stay as high as everything needs at this width: Qt does not see to it where texts wrap."""
        if self.layout() is not None:
            self.setMinimumHeight(self.layout().totalMinimumHeightForWidth(self.width()))

    def _on_clear_clicked(self) -> None:
        self.close_gesture()
        self.edit(say("Clear the data set"), ())
        self.close_gesture()

    def _on_document_changed(self, old: Experiment, new: Experiment) -> None:
        if type(new.source) is not self._kind:
            self.close()
        elif old.source is not new.source:
            self.sync()

    # -- Qt ----------------------------------------------------------------------------------------------------

    def done(self, result: int) -> None:
        """Listen no longer once it is closed, by whatever way."""
        while self._ends:
            self._ends.pop()()
            theme.APPEARANCE.changed.disconnect(self.recolour)
        super().done(result)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keep room for texts that take more lines."""
        super().resizeEvent(event)
        self._keep_room()

    def changeEvent(self, event: QEvent) -> None:
        """Say everything again when the language changed."""
        if event.type() == QEvent.Type.LanguageChange:
            self.relabel()
            if self._ends:
                self.sync()
        super().changeEvent(event)
