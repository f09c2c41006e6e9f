"""The strip under the Analyse table: what all nodes cost together, and whether training fits into memory."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLabel, QSizePolicy, QVBoxLayout, QWidget

from playground.choices import Optimiser
from playground.costs import Memory, Totals, sized, warning
from playground.machine import Room
from playground.text import Sentence, count, note, say, tr
from widgets import theme
from widgets.bits import Elided
from widgets.icons import icon

NARROW = 215
"""How wide a figure has to be to stand beside the others."""


class Figure(QWidget):
    """One number with what it is above it and what belongs to it behind it."""

    def __init__(self, name: str, title: str) -> None:
        super().__init__()
        self.setObjectName(name)
        self._title = title
        self.caption, self.value, self.detail = QLabel(), QLabel(), Elided()
        self.value.setFont(theme.font(11, semibold=True))
        for label in (self.caption, self.detail):
            label.setProperty("role", "dim")
        self.detail.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        line = QHBoxLayout()
        line.setSpacing(8)
        line.addWidget(self.value)
        line.addWidget(self.detail, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(1)
        column.addWidget(self.caption)
        column.addLayout(line)

    def show_figure(self, value: str, detail: str, tip: str) -> None:
        """Show a number and its detail; the tooltip says what it is made of."""
        self.caption.setText(str(Sentence(self._title)))
        self.value.setText(value)
        self.detail.show_text(detail)
        self.detail.setToolTip(tip)
        self.setToolTip(tip)
        self.setAccessibleName(f"{self.caption.text()}: {value} {detail}".rstrip())
        self.setAccessibleDescription(tip)


class TotalsStrip(QWidget):
    """The four figures, and below them the warning where there is one."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("analysis_totals")
        self.parameters = Figure("total_parameters", note("Parameters"))
        self.macs = Figure("total_macs", note("MACs per example"))
        self.largest = Figure("largest_activation", note("Largest activation"))
        self.memory = Figure("training_memory", note("Training memory"))
        self.figures = (self.parameters, self.macs, self.largest, self.memory)
        self.mark, self.warning = QLabel(), QLabel(wordWrap=True, objectName="memory_warning")
        self.mark.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.warning.setProperty("role", "bad")
        line = QHBoxLayout()
        line.setSpacing(8)
        line.addWidget(self.mark)
        line.addWidget(self.warning, 1)
        self._grid = QGridLayout()
        self._grid.setHorizontalSpacing(24)
        self._grid.setVerticalSpacing(8)
        self._columns = 0
        column = QVBoxLayout(self)
        column.setContentsMargins(14, 8, 14, 10)
        column.setSpacing(8)
        column.addLayout(self._grid)
        column.addLayout(line)
        self._arrange()

    def show_costs(
        self, totals: Totals, memory: Memory, optimiser: Optimiser, room: Room | None, device: str, *, running: bool
    ) -> None:
        """Show what a network costs, held against the memory of a device."""
        self._show_parameters(totals)
        self.macs.show_figure(f"{totals.macs:,}", "", tr("Multiply-accumulates of one example, forward"))
        self._show_largest(totals)
        self._show_memory(memory, optimiser, room, device)
        told = warning(memory, room, device, running=running) if room else None
        self.warning.setText(str(told or ""))
        self.mark.setPixmap(icon("mdi6.memory", "bad").pixmap(QSize(16, 16), self.devicePixelRatioF()))
        for label in (self.mark, self.warning):
            label.setVisible(told is not None)

    def _show_parameters(self, totals: Totals) -> None:
        if totals.frozen:
            detail = tr("{trainable} trainable, {frozen} frozen", trainable=totals.trainable, frozen=totals.frozen)
        else:
            detail = tr("all trainable") if totals.parameters else ""
        tip = detail
        if totals.unknown:
            missing = count("without {n} node that is not known yet", "without {n} nodes not known yet", totals.unknown)
            detail = tip = str(missing)
        self.parameters.show_figure(f"{totals.parameters:,}", detail, tip)

    def _show_largest(self, totals: Totals) -> None:
        row = totals.largest
        if row is None or row.activation is None:
            self.largest.show_figure("–", "", "")
            return
        tip = tr("{node} gives {shape} for one example: {n} bytes", node=row.id, shape=row.shape, n=row.activation)
        self.largest.show_figure(sized(row.activation), row.id, tip)

    def _show_memory(self, memory: Memory, optimiser: Optimiser, room: Room | None, device: str) -> None:
        name = (device or "cpu").upper()
        if room is None:
            detail = name
        elif room.free is None:
            detail = tr("of {total} · {device}", total=sized(room.total), device=name)
        else:
            free, total = sized(room.free), sized(room.total)
            detail = tr("{free} of {total} free · {device}", free=free, total=total, device=name)
        value = tr("about {size}", size=sized(memory.step))
        self.memory.show_figure(value, detail, "\n".join(map(str, made_of(memory, optimiser))))

    def _arrange(self) -> None:
        """Put the figures side by side, or two by two where it is narrow."""
        columns = 4 if self.width() >= 4 * NARROW + 100 else 2
        if columns == self._columns:
            return
        self._columns = columns
        for at, figure in enumerate(self.figures):
            self._grid.addWidget(figure, at // columns, at % columns)
        for at in range(4):
            self._grid.setColumnStretch(at, 1 if at < columns else 0)

    # -- Qt ----------------------------------------------------------------------------------------------------

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Use the width there is."""
        super().resizeEvent(event)
        self._arrange()


def made_of(memory: Memory, optimiser: Optimiser) -> list[Sentence]:
    """Say what the memory of training consists of, a line each."""
    lines = [
        say("Memory of one training step, estimated:"),
        say("weights: {size}", size=sized(memory.weights)),
        say("gradients: {size}", size=sized(memory.gradients)),
    ]
    if memory.slots:
        words = count(
            "{optimiser}: {size} ({n} number for each weight)",
            "{optimiser}: {size} ({n} numbers for each weight)",
            memory.slots,
            optimiser=optimiser.title,
            size=sized(memory.state),
        )
        lines.append(words)
    activations = sized(memory.activations)
    lines.append(
        count(
            "activations of {n} example, kept for the backward pass: {size}",
            "activations of {n} examples, kept for the backward pass: {size}",
            memory.batch,
            size=activations,
        )
    )
    if memory.data:
        lines.append(say("The data set stays on the device too: {size}", size=sized(memory.data)))
    lines.append(say("PyTorch itself comes on top."))
    return lines
