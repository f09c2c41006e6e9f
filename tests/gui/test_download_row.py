"""The row that fetches a well-known set: what it shows, and what its buttons do, against a real server."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from playground.data.downloaded import Downloaded
from playground.data.planar import Xor
from playground.document import Document
from playground.downloads import folder_of, is_here
from playground.experiment import Experiment
from playground.text import say, set_language
from tests.download_server import KEY, Handler, Server, answers, item, own_cache, publish, serving, silent_after
from tests.gui.inspecting import choose, click, inspect
from widgets.download_row import DownloadRow
from widgets.inspector import Inspector
from widgets.window import Window

CONTENT = bytes(range(256)) * 1000
OTHER = "kmnist"


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    own_cache(monkeypatch, tmp_path / "cache")
    with serving() as made:
        made.files = {"/one": CONTENT, "/two": CONTENT[:-1]}
        publish(monkeypatch, item("one", CONTENT, made.url))
        publish(monkeypatch, item("two", CONTENT[:-1], made.url), key=OTHER)
        yield made


@pytest.fixture
def inspector(server: Server, qtbot: QtBot) -> Inspector:
    return inspect(Document(Experiment(source=Downloaded(set=KEY))), qtbot)


@pytest.fixture
def row(inspector: Inspector) -> DownloadRow:
    return inspector.document_page.download


def transfers() -> list[threading.Thread]:
    return [thread for thread in threading.enumerate() if thread.name.startswith("download ")]


def test_only_sets_that_are_downloaded_have_the_row(inspector: Inspector, row: DownloadRow) -> None:
    assert row.isVisible()
    assert row.state.text() == "Not downloaded yet, 256 kB"
    assert row.about.text() == "70,000 handwritten digits of 28 × 28 pixels"
    assert row.button.text() == "Download"
    assert row.bar.isHidden()
    assert row.cancel.isHidden()
    choose(inspector.document_page.source.choice, "xor")
    assert row.isHidden()
    choose(inspector.document_page.source.choice, "download")
    assert row.isVisible()


def test_the_card_beside_it_tells_the_licence_of_the_chosen_set(inspector: Inspector) -> None:
    assert "Y. LeCun" in inspector.document_page.card.licence.text()
    inspector.document.edit(say("Change the data"), source=Downloaded(set=OTHER))
    assert "CC BY-SA 4.0" in inspector.document_page.card.licence.text()


def test_a_click_downloads_it_and_says_that_it_is_here(row: DownloadRow, qtbot: QtBot, server: Server) -> None:
    with qtbot.waitSignal(row.arrived, timeout=5000):
        click(qtbot, row.button)
        assert row.bar.isVisible()
        assert row.cancel.isVisible()
        assert row.button.isHidden()
    assert (folder_of(KEY) / "one").read_bytes() == CONTENT
    assert row.state.text() == "Downloaded, 256 kB"
    assert row.button.text() == "Download again"
    assert not row._timer.isActive()
    with qtbot.waitSignal(row.arrived, timeout=5000):
        click(qtbot, row.button)
    assert len(server.asked) == 1, "it was whole"


def test_the_bar_and_the_words_say_how_far_it_is(row: DownloadRow, qtbot: QtBot, server: Server) -> None:
    server.does["/one"] = silent_after(len(CONTENT) // 2)
    click(qtbot, row.button)
    qtbot.waitUntil(lambda: row.bar.value() == 500)
    assert row.state.text() == "128 kB of 256 kB"
    click(qtbot, row.cancel)


def test_cancel_ends_it_at_once_and_what_has_come_is_used_the_next_time(
    row: DownloadRow, qtbot: QtBot, server: Server
) -> None:
    server.does["/one"] = silent_after(len(CONTENT) // 2)
    click(qtbot, row.button)
    qtbot.waitUntil(lambda: row.bar.value() == 500)
    click(qtbot, row.cancel)
    assert row.button.isVisible()
    assert row.state.text() == "Not downloaded yet, 256 kB"
    qtbot.waitUntil(lambda: not transfers(), timeout=300)
    del server.does["/one"]
    with qtbot.waitSignal(row.arrived, timeout=5000):
        click(qtbot, row.button)
    assert server.asked[-1][1]["Range"] == f"bytes={len(CONTENT) // 2}-"
    assert is_here(KEY)


def test_a_failure_is_told_in_one_sentence_and_can_be_tried_again(
    row: DownloadRow, qtbot: QtBot, server: Server
) -> None:
    server.does["/one"] = answers(404, content_length=0)
    click(qtbot, row.button)
    qtbot.waitUntil(row.button.isVisible)
    assert row.state.text().endswith(": does not have the file); check the network and try again")
    assert row.state.property("role") == "bad"
    assert row.button.text() == "Try again"
    set_language("zh")
    row.relabel()
    assert row.state.property("role") == "bad"
    set_language("en")
    row.relabel()
    del server.does["/one"]
    with qtbot.waitSignal(row.arrived, timeout=5000):
        click(qtbot, row.button)
    assert row.state.text() == "Downloaded, 256 kB"
    assert row.state.property("role") == "dim"


def test_the_keys_alone_download_and_cancel(row: DownloadRow, qtbot: QtBot, server: Server) -> None:
    server.does["/one"] = Handler.wait
    row.button.setFocus()
    qtbot.keyClick(row.button, Qt.Key.Key_Space)
    assert row.cancel.hasFocus()
    qtbot.keyClick(row.cancel, Qt.Key.Key_Space)
    assert row.button.hasFocus()
    assert not row.transfers


def test_a_download_goes_on_while_another_set_is_shown(
    inspector: Inspector, row: DownloadRow, qtbot: QtBot, server: Server
) -> None:
    go_on = threading.Event()

    def later(handler: Handler) -> None:
        go_on.wait(5)
        answers(200, CONTENT, content_length=len(CONTENT))(handler)

    server.does["/one"] = later
    click(qtbot, row.button)
    inspector.document.edit(say("Change the data"), source=Downloaded(set=OTHER))
    assert row.button.isVisible(), "this one is not under way"
    with qtbot.waitSignal(row.arrived, timeout=5000):
        click(qtbot, row.button)
    assert is_here(OTHER)
    inspector.document.edit(say("Change the data"), source=Xor())
    arrived: list[bool] = []
    row.arrived.connect(lambda: arrived.append(True))
    go_on.set()
    qtbot.waitUntil(lambda: not row.transfers)
    assert is_here(KEY)
    assert not arrived, "the document uses another set"
    inspector.document.edit(say("Change the data"), source=Downloaded(set=KEY))
    assert row.state.text() == "Downloaded, 256 kB"


def test_a_row_that_goes_takes_its_download_along(server: Server, qtbot: QtBot) -> None:
    server.does["/one"] = Handler.wait
    made = DownloadRow()
    made.show_source(Downloaded(set=KEY))
    qtbot.mouseClick(made.button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: bool(server.asked))
    made.deleteLater()
    del made
    qtbot.waitUntil(lambda: not transfers(), timeout=500)


def test_the_run_begins_anew_when_the_data_have_come(
    server: Server, open_window: Callable[..., Window], qtbot: QtBot
) -> None:
    window = open_window("xor")
    session: Any = window.session
    window.document.edit(say("Change the data"), source=Downloaded(set=KEY))
    row = window.workspace.inspector.document_page.download  # type: ignore[union-attr]
    assert "reset" not in session.asked
    window.tell(say("MNIST is not here yet"))  # as the engine says of it
    with qtbot.waitSignal(row.arrived, timeout=5000):
        click(qtbot, row.button)
    assert session.asked.count("reset") == 1
    assert window.banner.isHidden()


@pytest.mark.parametrize("language", ["en", "zh"])
def test_everything_has_a_name_and_fits(row: DownloadRow, language: str) -> None:
    set_language(language)
    row.relabel()
    QApplication.processEvents()
    assert row.bar.accessibleName()
    for part in (row.button, row.cancel):
        assert part.text()
        assert part.toolTip()
        assert part.sizeHint().width() <= row.width()
    assert row.width() <= row.parentWidget().width()  # type: ignore[union-attr]
