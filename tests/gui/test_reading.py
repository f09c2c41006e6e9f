"""While data are read that take long, the run bar says how far that has got."""

from __future__ import annotations

from PySide6.QtGui import QColor

from playground import messages
from playground.document import Document
from playground.presets import open_named
from playground.text import set_language
from tests.gui.driving import until
from widgets import theme
from widgets.session import Session


def line_of(bar) -> float:
    """Return how much of the bar's lower edge has the colour of progress."""
    image = bar.grab().toImage()
    row, accent = image.height() - 1, QColor(theme.current().accent)
    return sum(image.pixelColor(x, row) == accent for x in range(image.width())) / image.width()


def read_on(window, share: float | None) -> None:
    session = window.session
    session.state, session.step, session.reading = "loading", 0, share
    session.stateChanged.emit()
    session.readOn.emit()


def test_the_run_bar_says_how_much_of_the_data_has_been_read(open_window):
    window = open_window()
    bar = window.run_bar
    read_on(window, 0.4)
    assert bar.state.text() == "Reading the data… 40 %" and bar.state.isVisible()
    assert abs(line_of(bar) - 0.4) < 0.01
    read_on(window, 0.999)
    assert bar.state.text() == "Reading the data… 99 %"
    set_language("zh")
    bar.relabel()
    assert "99" in bar.state.text() and "读" in bar.state.text()
    set_language("en")
    bar.relabel()
    read_on(window, None)
    assert bar.state.text() == "Loading" and line_of(bar) == 0


def test_the_session_forgets_it_when_the_data_are_there_and_when_others_are_wanted(qapp):
    session = Session(Document(open_named("xor")[0]))
    try:
        until(lambda: session.state == "ready")
        shares = []
        session.readOn.connect(lambda: shares.append(session.reading))
        session._on_reading(messages.Reading(session._run, 0.25))
        assert shares == [0.25] == [session.reading]
        session._on_statechanged(messages.StateChanged(session._run, "ready", 5))
        assert session.reading is None
        session._on_reading(messages.Reading(session._run, 0.5))
        session.reset()
        assert session.reading is None
        until(lambda: session.state == "ready")
    finally:
        session.close()
