"""How a picture is covered place by place: the patch, its way, and asking for what takes too long to be live."""

from __future__ import annotations

import math
from functools import partial
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QComboBox, QPushButton, QWidget

from playground import messages
from playground.probes.occlusion import VALUES, Occluding, Occlusion, OcclusionAnswer, sizes
from playground.text import Sentence, tr
from widgets.panels.parts.of_node import offer
from widgets.panels.parts.plots import readable, row
from widgets.session import Session

SHARES = (8, 6, 4, 3, 2)
"""Which parts of the picture's shorter side the patches are that can be chosen."""

USUAL = 4
"""The one that is chosen at first."""


class Covering(QWidget):
    """The controls, and the question while it is under way.

    Signals:
        changed(): the patch is another, or what is watched.
        wentOn(): more of what was asked for is known, or nothing will come any more.

    Attributes:
        button: computes, and cancels; whoever has these controls finds a place for it.
        found: what was asked for, as far as it is known, and the probe that it answers; None where it was given up.
    """

    changed = Signal()
    wentOn = Signal()

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session
        self.found: tuple[Occlusion, OcclusionAnswer] | None = None
        self.failure: Sentence | None = None
        self.words = ""
        self._asked: int | None = None
        self._wanted: Occlusion | None = None
        self._number = 0
        self._picture = (0, 0)
        self.patch, self.stride, self.value = (self._list(name) for name in ("patch", "stride", "value"))
        self.button = QPushButton()
        self.button.setObjectName("class_activation_compute")
        self.button.clicked.connect(self._on_button_clicked)
        line = row(self.patch, self.stride, self.value, QWidget(), stretch=3)
        line.setContentsMargins(0, 0, 0, 0)
        self.setLayout(line)
        session.engineLost.connect(self._on_session_engine_lost)

    def _list(self, name: str) -> QComboBox:
        made = QComboBox(objectName=f"class_activation_{name}")
        made.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        made.setMinimumWidth(48)
        made.activated.connect(self._on_list_activated)
        return made

    # -- what is asked -----------------------------------------------------------------------------------------

    def asked(self, probe: Occlusion) -> Occlusion:
        """Return a question with the patch that is chosen."""
        chosen = {"patch": self.patch.currentData() or 0, "stride": self.stride.currentData() or 0}
        return probe.replace(value=self.value.currentData() or "probability", **chosen)

    def offer_sizes(self, height: int, width: int) -> None:
        """List the patches that suit a picture of this size, and by how many pixels each can go on."""
        if (height, width) != self._picture:
            self._picture = height, width
            self._list_sizes(fresh=True)

    def _list_sizes(self, fresh: bool = False) -> None:
        height, width = self._picture
        side = min(height, width)
        patches = list(dict.fromkeys(max(1, round(side / share)) for share in SHARES))
        at = patches.index(max(1, round(side / USUAL))) if fresh else self.patch.currentIndex()
        self._fill(self.patch, {n: tr("patch {n} × {n}", n=n) for n in patches}, at)
        patch, usual = sizes(height, width, self.patch.currentData(), 0)
        steps = sorted({sizes(height, width, patch, n)[1] for n in (1, 2, max(1, patch // 4), usual, patch)})
        before = None if fresh else self.stride.currentData()
        self._fill(
            self.stride, {n: tr("step {n} px", n=n) for n in steps}, steps.index(before if before in steps else usual)
        )

    @staticmethod
    def _fill(box: QComboBox, items: dict[Any, str], at: int) -> None:
        offer(box, list(items.values()))
        for k, value in enumerate(items):
            box.setItemData(k, value)
        box.setCurrentIndex(min(at, len(items) - 1))

    @property
    def busy(self) -> bool:
        """Whether the answer to a question is under way."""
        return self._asked is not None

    def want(self, probe: Occlusion | None, live: bool) -> None:
        """Say what is looked at now: what was asked for something else is given up, what is live needs no button."""
        if probe != self._wanted:
            self.forget()
            self._wanted = probe
        self.button.setVisible(probe is not None and not live)

    def forget(self) -> None:
        """Give up what is under way, and what is known."""
        self.cancel()
        self.found = self.failure = None
        self.words = ""

    def compute(self) -> None:
        """Have every place tried, with the weights as they are now."""
        if self.busy or self._wanted is None:
            return
        self.found = self.failure = None
        self._number += 1  # the reply to one that was cancelled may come after the next was asked
        replied = partial(self._on_replied, self._number, self._wanted)
        self._asked = self._session.ask(Occluding(self._wanted), replied, partial(self._on_underway, self._wanted))
        self.words = tr("computing…")
        self._sync()

    def cancel(self) -> None:
        """Give up what is under way; what is known already stays."""
        if self._asked is not None:
            self._session.cancel(self._asked)
            self._end()

    def _end(self) -> None:
        self._asked, self.words = None, ""
        self._sync()

    def _sync(self) -> None:
        self._label_button()
        for box in (self.patch, self.stride, self.value):
            box.setEnabled(not self.busy)
        self.wentOn.emit()

    def _label_button(self) -> None:
        self.button.setText(tr("Cancel") if self.busy else tr("Compute"))
        self.button.setToolTip(
            tr("Give up computing; what is there already stays")
            if self.busy
            else tr("Cover the picture place by place, with the weights as they are now")
        )

    def relabel(self) -> None:
        """Say everything again in the present language."""
        for box, words in (
            (self.patch, tr("How large the grey patch is")),
            (self.stride, tr("By how many pixels the patch goes on")),
            (self.value, tr("What is watched while the patch slides")),
        ):
            box.setAccessibleName(words)
            box.setToolTip(words)
        self._fill(self.value, {key: str(Sentence(title)) for key, title in VALUES.items()}, self.value.currentIndex())
        self.value.setCurrentIndex(max(0, self.value.currentIndex()))
        if any(self._picture):
            self._list_sizes()
        self._label_button()

    # -- what happens ------------------------------------------------------------------------------------------

    def _on_underway(self, probe: Occlusion, notice: messages.Underway) -> None:
        if notice.id != self._asked:
            return
        if notice.partial is not None:
            self.found = probe, notice.partial
        percent = f"{math.floor(100 * notice.share)} %"
        left = notice.seconds * (1 - notice.share) / notice.share if notice.share > 0.02 else None
        self.words = percent if left is None else tr("{share}, {time} s left", share=percent, time=_whole(left))
        self.wentOn.emit()

    def _on_replied(
        self, number: int, probe: Occlusion, answer: OcclusionAnswer | None, failure: Sentence | None
    ) -> None:
        if self._asked is None or number != self._number:
            return  # given up here
        self.failure = failure
        if answer is not None:
            self.found = probe, answer
        self._end()

    def _on_session_engine_lost(self, _: Any) -> None:
        self._end()

    def _on_button_clicked(self) -> None:
        if self.busy:
            self.cancel()
        else:
            self.compute()

    def _on_list_activated(self, _: int) -> None:
        if any(self._picture):
            self._list_sizes()
        self.changed.emit()


def _whole(seconds: float) -> str:
    return readable(math.ceil(seconds))
