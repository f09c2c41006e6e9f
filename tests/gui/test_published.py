"""A published network has no data of its own: it opens whole, says what it needs, and trains on a folder of images."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QApplication

from playground.presets import open_named
from tests.gui.driving import banner, button, click, fresh, opened, pause, play_until, show, until
from widgets.start import _group
from widgets.window import Window

WANTED = "To train this network, drop its data on the window or choose them: Folders of images"


@pytest.fixture(scope="module")
def window(qapp: QApplication, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Window]:
    """One window with its engine for all of them."""
    with opened(tmp_path_factory.mktemp("home")) as made:
        yield made


@pytest.fixture
def animals(tmp_path: Path) -> Path:
    """A folder with two folders of small images."""
    from PIL import Image

    for number, name in enumerate(("cat", "dog")):
        (tmp_path / name).mkdir()
        for k in range(5):
            Image.new("RGB", (40, 30), (200 * number, 20 * k, 90)).save(tmp_path / name / f"{k}.png")
    return tmp_path


def drop(window: Window, path: Path) -> None:
    """Drop a folder on the window as a file manager does."""
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path))])
    at, copy = window.rect().center(), Qt.DropAction.CopyAction
    left, none = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    for event in (QDragEnterEvent(at, copy, data, left, none), QDropEvent(QPointF(at), copy, data, left, none)):
        QApplication.sendEvent(window.windowHandle(), event)


def test_it_opens_without_a_failure_and_says_what_it_needs_to_be_trained(window: Window) -> None:
    open_network(window, "densenet-121")
    assert window.document.report.problems == ()
    assert window.session.failure is None
    assert (banner(window), window.banner.is_news) == (WANTED, True)
    assert window.banner.button.text() == "My folder…"
    assert window.run_bar.state.text() == "Not ready to train"
    assert not window.document.dirty


def test_play_says_so_again(window: Window) -> None:
    open_network(window, "resnet-18")
    window.banner.dismiss()
    click(button(window.run_bar, "play"))
    until(window.banner.isVisible)
    assert (banner(window), window.session.failure, window.session.step) == (WANTED, None, 0)


def test_a_folder_of_images_that_is_dropped_is_brought_to_the_networks_size_and_trained_on(
    window: Window, animals: Path
) -> None:
    experiment = open_named("resnet-18")[0]
    show(window, experiment)
    until(lambda: window.session.state == "blocked")
    drop(window, animals)
    until(lambda: window.session.state == "ready")
    now = window.document.now
    assert (now.source.path, now.source.size, now.source.colours) == (str(animals), (224, 224), "colour")
    assert now.preparation == experiment.preparation
    assert now.facts.inputs["x"].sizes == (3, 224, 224)
    assert window.document.report.nodes["dense_1"].block.units == 2
    assert window.banner.is_news and "10 colour images of 224 × 224" in banner(window)
    play_until(window, 1)
    pause(window)
    assert window.session.failure is None


def test_another_document_takes_the_request_away(window: Window) -> None:
    open_network(window, "vgg-11")
    fresh(window, "xor")
    assert not window.banner.isVisible()


def test_the_start_page_has_a_place_for_them() -> None:
    from playground.presets import presets

    found = {preset.name: preset for preset in presets()}
    for name in ("alexnet", "vgg-16", "resnet-50", "densenet-121"):
        assert _group(found[name], found[name].experiment) == "published"
    assert _group(found["inception"], found["inception"].experiment) == "Convolution", "inside of its groups"


def open_network(window: Window, name: str) -> None:
    """Open a preset and wait until the engine has nothing more to say of it."""
    window.document.saved(Path("nowhere"))  # so that nothing is asked
    window.filing.open_path(name)
    until(lambda: window.session.state == "blocked" and window.banner.isVisible())
