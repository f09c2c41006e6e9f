"""Writing notes and frames: the editors that stand over them, and what adds, changes and removes them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QPointF, QRectF, Qt
from PySide6.QtGui import QFocusEvent, QFont, QKeyEvent
from PySide6.QtWidgets import QFrame, QLineEdit, QPlainTextEdit, QWidget

from playground.experiment import Remark
from playground.text import Sentence, count, say, tr
from widgets.bits import keeps_letters
from widgets.canvas.geometry import snapped
from widgets.canvas.remarks import INKS, PAD, SMALLEST, TITLE, changed, fresh_id, note_font, text_height

if TYPE_CHECKING:
    from widgets.canvas.view import Canvas

    _Widget = QWidget
else:
    _Widget = object  # the editors bring a class of Qt each, and two of them do not mix

LONGEST = 20_000
"""Characters that a note may hold."""
LONGEST_TITLE = 200
NEW = {"note": (208.0, 96.0), "frame": (336.0, 208.0)}
"""How large they begin."""
SEARCH_STEP = 32.0
ROOM = 24.0
"""How far a frame keeps from what it is drawn around."""
BORDER = 2
SMALLEST_TYPE = 11
"""Pixels that the type of an editor keeps however small the picture is."""
KEEPS_OPEN = (Qt.FocusReason.ActiveWindowFocusReason, Qt.FocusReason.PopupFocusReason)
"""Losing the keys to another window or to the editor's own menu ends no writing."""


# -- what can be done ----------------------------------------------------------------------------------------------


def add_note(canvas: Canvas, at: QPointF | None = None) -> None:
    """Let a note be written at a place, or in the middle of what is seen; it is there once it says something."""
    remark = _new(canvas, "note", at)
    _open(canvas, NoteEditor(canvas, remark, fresh=True))


def add_frame(canvas: Canvas, at: QPointF | None = None) -> None:
    """Draw a frame around what is selected, or an empty one, and let its title be typed."""
    stage, remarks = canvas.stage, canvas.sheet.remarks
    around = _around(canvas)
    remark = _new(canvas, "frame", at)
    if not around.isNull():
        box = around.adjusted(-ROOM, -ROOM - TITLE, ROOM, ROOM)
        remark = replace(remark, rect=(box.x(), box.y(), box.width(), box.height()))
    n = len(stage.selected)
    name = count("Frame {n} node", "Frame {n} nodes", n) if n else say("Add frame")
    canvas.sheet.edit(name, remarks=(*remarks, remark), merge=("frame", remark.id))
    stage.select((), (), [remark.id])
    canvas.stop_fitting()
    _open(canvas, TitleEditor(canvas, remark, fresh=True))


def edit_remark(canvas: Canvas, id: str) -> None:
    """Let the text of a note or the title of a frame be changed."""
    remark = canvas.stage.remarks.items[id].remark
    canvas.stage.select((), (), [id])
    _open(canvas, NoteEditor(canvas, remark) if remark.kind == "note" else TitleEditor(canvas, remark))


def edit_at(canvas: Canvas, at: QPointF) -> bool:
    """Open the editor of what lies at a place; False where there is nothing to write on."""
    id = canvas.stage.remarks.at(at.x(), at.y())
    if not id or canvas.stage.card_at(at.x(), at.y()):
        return False
    canvas.cancel_gesture()
    edit_remark(canvas, id)
    return True


def without(remarks: Iterable[Remark], ids: Iterable[str]) -> tuple[Remark, ...]:
    """Return the remarks with some taken away."""
    gone = set(ids)
    return tuple(remark for remark in remarks if remark.id not in gone)


def removing(canvas: Canvas) -> Sentence:
    """Name the step that takes away the selected remarks, where nothing else is selected."""
    kinds = [canvas.stage.remarks.items[id].remark.kind for id in canvas.stage.selected_remarks]
    if len(kinds) > 1:
        return say("Delete")
    return say("Delete note") if kinds == ["note"] else say("Delete frame")


def described(remark: Remark) -> str:
    """Say what a remark is, for a screen reader."""
    if remark.kind == "note":
        return tr("Note: {text}", text=remark.text[:200])
    return tr("Frame: {text}", text=remark.text)


def _new(canvas: Canvas, kind: str, at: QPointF | None) -> Remark:
    width, height = NEW[kind]
    if at is None:
        at = _free_ground(canvas, width, height)
    text = "" if kind == "note" else tr("Frame")
    id = fresh_id(kind, canvas.document.now.view.remarks)
    return Remark(id, kind, text, (snapped(at.x()), snapped(at.y()), width, height))


def _free_ground(canvas: Canvas, width: float, height: float) -> QPointF:
    """Find a place that is seen and where nothing stands, as near to the middle as can be."""
    seen = canvas.visible_rect()
    middle = seen.center() - QPointF(width / 2, height / 2)
    columns, rows = (int(side / 2 / SEARCH_STEP) for side in (seen.width() - width, seen.height() - height))
    tried = [
        QPointF(middle.x() + i * SEARCH_STEP, middle.y() + j * SEARCH_STEP)
        for i in range(-min(columns, 40), min(columns, 40) + 1)
        for j in range(-min(rows, 40), min(rows, 40) + 1)
    ]
    tried.sort(key=lambda at: (at - middle).manhattanLength())
    others = [item.rect for item in canvas.stage.remarks.items.values()]
    for at in tried:
        rect = QRectF(at.x() - 8, at.y() - 8, width + 16, height + 16)
        if not canvas.stage.cards_in((rect.left(), rect.top(), rect.right(), rect.bottom())) and not any(
            rect.intersects(other) for other in others
        ):
            return at
    return middle


def _around(canvas: Canvas) -> QRectF:
    """Return the rectangle around all that is selected."""
    stage, total = canvas.stage, QRectF()
    for id in stage.selected:
        total = total.united(stage.cards[id].rect)
        if id in stage.callouts:
            total = total.united(stage.callouts[id].sceneBoundingRect())
    for id in stage.selected_remarks:
        total = total.united(stage.remarks.items[id].rect)
    return total


def _open(canvas: Canvas, editor: RemarkEditor) -> None:
    if isinstance(canvas.editor, RemarkEditor):
        canvas.editor.take()
    elif canvas.editor is not None:
        canvas.editor.close_now()
    canvas.editor = editor
    editor.begin()


# -- editors -------------------------------------------------------------------------------------------------------


class RemarkEditor(_Widget):
    """What both editors share: they stand over the remark, and losing the focus takes what is written.

    Attributes:
        remark: what is being written; where it is `fresh`, Escape of a note leaves nothing behind.
    """

    canvas: Canvas
    remark: Remark
    fresh: bool

    def scene_font(self) -> QFont:
        """Return the font of the remark itself."""
        raise NotImplementedError

    def written(self) -> str:
        """Return the text so far."""
        raise NotImplementedError

    def stand_over(self, rect: QRectF) -> None:
        """Take the place of a remark that stands there in the scene."""
        raise NotImplementedError

    def begin(self) -> None:
        """Show up and take the keys."""
        self.follow()
        self.show()
        self.setFocus(Qt.FocusReason.OtherFocusReason)

    def follow(self) -> None:
        """Stand over the remark, wherever the view has gone; go away where it is gone."""
        item = self.canvas.stage.remarks.items.get(self.remark.id)
        if item is None and not (self.fresh and self.remark.kind == "note"):
            self.close_now()
            return
        rect = item.rect if item is not None else QRectF(*self.remark.rect)
        font = QFont(self.scene_font())
        font.setPixelSize(max(SMALLEST_TYPE, round(font.pixelSize() * self.canvas.zoom)))
        self.setFont(font)
        self.stand_over(rect)

    def close_now(self) -> None:
        """Go away without doing anything."""
        if self.canvas.editor is self:
            self.canvas.editor = None
        had_keys = self.hasFocus()
        self.hide()
        self.deleteLater()
        if had_keys:
            self.canvas.setFocus(Qt.FocusReason.OtherFocusReason)

    def take(self) -> None:
        """Go away and make one step of what was written."""
        if self.canvas.editor is not self:
            return
        text = self.written()
        self.close_now()
        item = self.canvas.stage.remarks.items.get(self.remark.id)
        remark = item.remark if item is not None else self.remark  # it may have been moved meanwhile
        if remark.kind == "note":
            write_note(self.canvas, remark, text, fresh=self.fresh)
        elif text and text != remark.text:
            write_title(self.canvas, remark, text, fresh=self.fresh)
        if self.fresh:
            self.canvas.document.close_step()

    def used(self, event: QKeyEvent) -> bool:
        """Whether a key ended the writing."""
        enter = event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter)
        if event.key() == Qt.Key.Key_Escape:
            self.close_now()
        elif enter and (self.remark.kind == "frame" or event.modifiers() & Qt.KeyboardModifier.ControlModifier):
            self.take()
        else:
            return False
        return True


class NoteEditor(RemarkEditor, QPlainTextEdit):
    """Writes a note: Ctrl+Enter or a click elsewhere takes it, Escape leaves what was there."""

    def __init__(self, canvas: Canvas, remark: Remark, *, fresh: bool = False) -> None:
        QPlainTextEdit.__init__(self, remark.text, canvas.viewport())
        self.canvas, self.remark, self.fresh = canvas, remark, fresh
        self.setObjectName("note_editor")
        self.setAccessibleName(tr("Text of the note"))
        self.setPlaceholderText(tr("Write a note; Ctrl+Enter ends, Esc cancels"))
        self.setTabChangesFocus(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.document().setDocumentMargin(0)
        inks = INKS[canvas.look.theme.name]
        self.setStyleSheet(
            f"QPlainTextEdit {{ background: {inks.paper.name()}; color: {inks.ink.name()}; border-radius: 4px;"
            f" placeholder-text-color: {inks.faint.name()};"
            f" border: {BORDER}px solid {canvas.look.accent.name()}; padding: 0px; }}"
        )
        self.selectAll()
        self.textChanged.connect(self.follow)

    def scene_font(self) -> QFont:
        return note_font(self.canvas.look)

    def written(self) -> str:
        return self.toPlainText().rstrip()[:LONGEST]

    def stand_over(self, rect: QRectF) -> None:
        """Grow with the text."""
        scale = max(self.canvas.zoom, self.font().pixelSize() / self.scene_font().pixelSize())
        pad = round(PAD * scale)
        width = round(rect.width() * scale)
        needed = text_height(self.toPlainText() or "x", self.font(), width - 2 * pad) + 2 * pad
        height = min(max(rect.height() * scale, needed), max(120.0, self.canvas.viewport().height() - 16.0))
        corner = self.canvas.view_point(rect.topLeft())
        self.setGeometry(round(corner.x()), round(corner.y()), width, round(height))
        self.setViewportMargins(pad - BORDER, pad - BORDER, pad - BORDER, 0)

    # -- Qt ------------------------------------------------------------------------------------------------------

    def event(self, event: QEvent) -> bool:
        return keeps_letters(event) or super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if not self.used(event):
            super().keyPressEvent(event)
            event.accept()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        if event.reason() not in KEEPS_OPEN:
            self.take()


class TitleEditor(RemarkEditor, QLineEdit):
    """Types the title of a frame: Enter or a click elsewhere takes it, Escape leaves what was there."""

    def __init__(self, canvas: Canvas, remark: Remark, *, fresh: bool = False) -> None:
        QLineEdit.__init__(self, remark.text, canvas.viewport())
        self.canvas, self.remark, self.fresh = canvas, remark, fresh
        self.setObjectName("title_editor")
        self.setAccessibleName(tr("Title of the frame"))
        self.setPlaceholderText(tr("Title of the frame"))
        self.setMaxLength(LONGEST_TITLE)
        self.selectAll()

    def scene_font(self) -> QFont:
        return self.canvas.look.name_font

    def written(self) -> str:
        return self.text().strip()

    def stand_over(self, rect: QRectF) -> None:
        """Take the place of the title bar only."""
        corner = self.canvas.view_point(rect.topLeft())
        width = max(160, round(rect.width() * self.canvas.zoom))
        self.setGeometry(int(corner.x()), int(corner.y()), width, max(28, round(TITLE * self.canvas.zoom)))

    # -- Qt ------------------------------------------------------------------------------------------------------

    def event(self, event: QEvent) -> bool:
        return keeps_letters(event) or super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if not self.used(event):
            super().keyPressEvent(event)
            event.accept()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        if event.reason() not in KEEPS_OPEN:
            self.take()


# -- the steps -----------------------------------------------------------------------------------------------------


def write_note(canvas: Canvas, remark: Remark, text: str, *, fresh: bool = False) -> None:
    """Give a note its text; it grows so that all of it is seen, and one without a text is no note."""
    remarks = canvas.sheet.remarks
    x, y, width, height = remark.rect
    needed = text_height(text, note_font(canvas.look), width - 2 * PAD) + 2 * PAD
    new = replace(remark, text=text, rect=(x, y, width, max(height, needed, SMALLEST["note"][1])))
    if not text.strip():
        if not fresh:
            canvas.sheet.edit(say("Delete note"), remarks=without(remarks, [remark.id]))
    elif fresh:
        canvas.sheet.edit(say("Add note"), remarks=(*remarks, new))
        canvas.stage.select((), (), [remark.id])
    elif text != remark.text:
        canvas.sheet.edit(say("Change note"), remarks=changed(remarks, {remark.id: new}))


def write_title(canvas: Canvas, remark: Remark, text: str, *, fresh: bool = False) -> None:
    """Give a frame its title; that of a new one belongs to the step that drew it."""
    new = changed(canvas.sheet.remarks, {remark.id: replace(remark, text=text)})
    merge = ("frame", remark.id) if fresh else None
    canvas.sheet.edit(say("Rename frame to {title}", title=text), remarks=new, merge=merge)
