"""What a panel shows, taken out of the program: its picture as PNG or SVG, its numbers as CSV."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QPoint, QPointF, QRect, QSize, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QTextDocument
from PySide6.QtWidgets import QFileDialog, QWidget

from playground.text import Refusal, Sentence, note, say, tr
from playground.tidy import Table, as_csv, save
from widgets import theme
from widgets.panels import Panel

TIMES = 2.0
"""Pixels of a PNG for each pixel of the screen."""

MARGIN = 8

KINDS = {"png": note("PNG picture"), "svg": note("SVG, for the web and for editing")}
"""What a picture can be written as, by the end of the file's name."""


def as_png(panel: Panel) -> bytes:
    """Paint a panel under its title, at twice the resolution of the screen."""
    image = as_image(panel)
    buffer = _buffer()
    image.save(buffer, "PNG")  # type: ignore[call-overload]
    return bytes(buffer.data().data())


def as_image(panel: Panel) -> QImage:
    """Paint a panel under its title into an image of twice the resolution of the screen."""
    head = _head(panel)
    size = _size(panel, head)
    times = TIMES * panel.devicePixelRatioF()
    image = QImage(round(size.width() * times), round(size.height() * times), QImage.Format.Format_RGB32)
    image.setDevicePixelRatio(times)
    image.setText("Title", str(Sentence(panel.title)))
    with _sharper(panel, times):
        _paint(QPainter(image), panel, head, size)
    return image


@contextmanager
def _sharper(panel: Panel, times: float) -> Iterator[None]:
    """Have lines drawn as wide as they are on the screen: panels choose their widths by how many pixels it has."""
    panel.devicePixelRatioF = lambda: times  # type: ignore[method-assign]
    panel.recolour(theme.current())
    yield
    del panel.devicePixelRatioF
    panel.recolour(theme.current())


def as_svg(panel: Panel) -> bytes:
    """Draw a panel under its title: lines stay lines and text stays text."""
    from PySide6.QtSvg import QSvgGenerator

    head = _head(panel)
    size = _size(panel, head)
    buffer = _buffer()
    generator = QSvgGenerator()
    generator.setOutputDevice(buffer)
    generator.setTitle(str(Sentence(panel.title)))
    generator.setDescription("Network Playground")
    generator.setResolution(panel.logicalDpiX())  # else its letters would be larger or smaller than on the screen
    generator.setSize(size)
    generator.setViewBox(QRect(QPoint(0, 0), size))
    _paint(QPainter(generator), panel, head, size)
    return bytes(buffer.data().data())


def save_picture(panel: Panel, path: Path) -> None:
    """Write the picture of a panel; the end of the file's name says in which format."""
    write = {"png": as_png, "svg": as_svg}.get(path.suffix.lower().lstrip("."))
    if write is None:
        raise Refusal(say("{name} must end in .png or .svg", name=path.name))
    save(path, write(panel))


def table_of(panel: Panel) -> Table:
    """Return the numbers of a panel; say so where it has none yet."""
    table = panel.as_table() if panel.filled else None
    if table is None or not table.rows:
        raise Refusal(say("{panel} shows no numbers yet.", panel=Sentence(panel.title)))
    return table


def save_numbers(panel: Panel, path: Path) -> None:
    """Write the numbers of a panel."""
    save(path, as_csv(table_of(panel)))


def ask_picture(panel: Panel, window: QWidget, name: str, tell: Callable[[Sentence], object]) -> QFileDialog:
    """Ask where the picture goes; `tell` is given the sentence where that cannot be."""
    kinds = {kind: f"{Sentence(words)} (*.{kind})" for kind, words in KINDS.items()}
    return _ask(window, tr("Save picture"), kinds, name, lambda path: save_picture(panel, path), tell)


def ask_numbers(panel: Panel, window: QWidget, name: str, tell: Callable[[Sentence], object]) -> QFileDialog | None:
    """Ask where the numbers go; `tell` is given the sentence where that cannot be.

    They are taken at once: while a person thinks of a name, training goes on.
    """
    try:
        data = as_csv(table_of(panel))
    except Refusal as refusal:
        tell(refusal.sentence)
        return None
    kinds = {"csv": tr("Table (*.csv)")}
    return _ask(window, tr("Save numbers"), kinds, name, lambda path: save(path, data), tell)


def _ask(
    window: QWidget,
    title: str,
    kinds: dict[str, str],
    name: str,
    write: Callable[[Path], None],
    tell: Callable[[Sentence], object],
) -> QFileDialog:
    dialog = QFileDialog(window, title)
    dialog.setObjectName("save_panel")
    dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
    dialog.setNameFilters(list(kinds.values()))
    first = next(iter(kinds))
    dialog.setDefaultSuffix(first)
    dialog.selectFile(f"{name}.{first}")

    def on_filter_selected(chosen: str) -> None:
        dialog.setDefaultSuffix(next(kind for kind, words in kinds.items() if words == chosen))

    def on_file_selected(file: str) -> None:
        try:
            write(Path(file))
        except Refusal as refusal:
            tell(refusal.sentence)

    dialog.filterSelected.connect(on_filter_selected)
    dialog.fileSelected.connect(on_file_selected)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    dialog.open()
    return dialog


def _head(panel: Panel) -> QTextDocument:
    """Set the line above the picture: the title, and what it is about or which colour is what."""
    made = QTextDocument()
    made.setDefaultFont(theme.font(10))
    made.setDocumentMargin(MARGIN)
    look = theme.current()
    made.setHtml(
        f'<span style="color:{look.text}; font-weight:600">{Sentence(panel.title)}</span> &nbsp; '
        f'<span style="color:{look.dim}">{panel.title_detail()}</span>'
    )
    made.setTextWidth(max(panel.width(), 1))
    return made


def _size(panel: Panel, head: QTextDocument) -> QSize:
    return QSize(panel.width(), panel.height() + round(head.size().height()))


def _paint(painter: QPainter, panel: Panel, head: QTextDocument, size: QSize) -> None:
    painter.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.TextAntialiasing)
    painter.fillRect(QRect(QPoint(0, 0), size), QColor(theme.current().panel))
    head.drawContents(painter)
    painter.translate(QPointF(0, round(head.size().height())))
    panel.render(painter, QPoint(0, 0), renderFlags=QWidget.RenderFlag.DrawChildren)
    painter.end()


def _buffer() -> QBuffer:
    buffer = QBuffer()
    buffer.setData(QByteArray())
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    return buffer
