"""The drawing of a network as a file: SVG, PDF or PNG, all of it, for papers and slides.

It is drawn anew in the colours of one theme, without what belongs to the screen only: selection, problems, the live
strips. Text stays text in SVG and PDF.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QMarginsF, QRect, QRectF, QSizeF, Qt
from PySide6.QtGui import QImage, QPageLayout, QPageSize, QPainter, QPdfWriter
from PySide6.QtWidgets import QFileDialog, QWidget

from playground.sheet import Sheet
from playground.text import Refusal, Sentence, note, say, tr
from widgets.canvas.look import Look
from widgets.canvas.scene import Scene
from widgets.theme import LIGHT, Theme

MARGIN = 32.0
"""The room around the network, in scene units."""
SHARP = 3.0
"""Pixels of a PNG per scene unit, as far as it does not become too large."""
MOST_PIXELS, LONGEST_SIDE = 120_000_000, 30_000
LONGEST_PAGE = 14_000.0
"""Points; PDF readers show no larger pages than 200 inches."""
DOTS = 1200
"""Units of the PDF per inch: fine enough that no letter is moved."""

KINDS = {"svg": note("SVG, for the web and for editing"), "pdf": note("PDF, for papers"), "png": note("PNG picture")}
"""What can be written, by the end of the file's name."""


def export(sheet: Sheet, path: Path, theme: Theme = LIGHT) -> None:
    """Write the drawing of a sheet to a file; the end of its name says in which format."""
    write = WRITERS.get(path.suffix.lower().lstrip("."))
    if write is None:
        raise Refusal(say("{name} must end in .svg, .pdf or .png", name=path.name))
    scene = _clean_scene(sheet, theme)
    if not scene.cards and not scene.remarks.items:
        raise Refusal(say("There is nothing on the canvas yet."))
    bounds = scene.bounds().adjusted(-MARGIN, -MARGIN, MARGIN, MARGIN)
    _save(path, write(scene, bounds, sheet.document.name))


def ask(sheet: Sheet, window: QWidget, name: str, tell: Callable[[Sentence], object]) -> QFileDialog:
    """Ask where the drawing goes and in which format; `tell` is given the sentence where that cannot be."""
    dialog = QFileDialog(window, tr("Export picture"))
    dialog.setObjectName("export_picture")
    dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
    filters = {kind: f"{Sentence(words)} (*.{kind})" for kind, words in KINDS.items()}
    dialog.setNameFilters(list(filters.values()))
    dialog.setDefaultSuffix("svg")
    dialog.selectFile(f"{name}.svg")

    def on_filter_selected(chosen: str) -> None:
        dialog.setDefaultSuffix(next(kind for kind, words in filters.items() if words == chosen))

    def on_file_selected(file: str) -> None:
        try:
            export(sheet, Path(file))
        except Refusal as refusal:
            tell(refusal.sentence)

    dialog.filterSelected.connect(on_filter_selected)
    dialog.fileSelected.connect(on_file_selected)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    dialog.open()
    return dialog


def _clean_scene(sheet: Sheet, theme: Theme) -> Scene:
    """Draw the sheet anew, in a theme's colours, without what is wrong with it."""
    look = Look()
    look.load(theme)
    scene = Scene(sheet, look)
    scene.sync()
    scene.clean()
    return scene


def _paint(painter: QPainter, scene: Scene, target: QRectF, bounds: QRectF) -> None:
    painter.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.TextAntialiasing)
    painter.fillRect(target, scene.look.canvas)
    scene.render(painter, target, bounds, Qt.AspectRatioMode.IgnoreAspectRatio)
    painter.end()


def _svg(scene: Scene, bounds: QRectF, title: str) -> bytes:
    from PySide6.QtSvg import QSvgGenerator

    buffer = _buffer()
    generator = QSvgGenerator()
    generator.setOutputDevice(buffer)
    generator.setTitle(title)
    generator.setDescription("Network Playground")
    generator.setResolution(96)  # so that a unit is a pixel of CSS
    size = bounds.size().toSize()
    generator.setSize(size)
    generator.setViewBox(QRect(0, 0, size.width(), size.height()))
    _paint(QPainter(generator), scene, QRectF(0, 0, size.width(), size.height()), bounds)
    return bytes(buffer.data().data())


def _pdf(scene: Scene, bounds: QRectF, title: str) -> bytes:
    buffer = _buffer()
    writer = QPdfWriter(buffer)
    writer.setTitle(title)
    writer.setCreator("Network Playground")
    writer.setResolution(DOTS)
    # A scene unit is a pixel of 1/96 inch on the screen; so the page is as large as the picture at 100 %.
    scale = min(72 / 96, LONGEST_PAGE / max(bounds.width(), bounds.height()))
    points = QSizeF(bounds.width() * scale, bounds.height() * scale)
    page = QPageSize(points, QPageSize.Unit.Point, "", QPageSize.SizeMatchPolicy.ExactMatch)
    writer.setPageLayout(QPageLayout(page, QPageLayout.Orientation.Portrait, QMarginsF(0, 0, 0, 0)))
    fine = DOTS / 72
    _paint(QPainter(writer), scene, QRectF(0, 0, points.width() * fine, points.height() * fine), bounds)
    return bytes(buffer.data().data())


def _png(scene: Scene, bounds: QRectF, title: str) -> bytes:
    area, side = bounds.width() * bounds.height(), max(bounds.width(), bounds.height())
    scale = min(SHARP, (MOST_PIXELS / area) ** 0.5, LONGEST_SIDE / side)
    image = QImage(round(bounds.width() * scale), round(bounds.height() * scale), QImage.Format.Format_RGB32)
    image.setText("Title", title)
    _paint(QPainter(image), scene, QRectF(image.rect()), bounds)
    buffer = _buffer()
    image.save(buffer, "PNG")  # type: ignore[call-overload]
    return bytes(buffer.data().data())


WRITERS: dict[str, Callable[[Scene, QRectF, str], bytes]] = {"svg": _svg, "pdf": _pdf, "png": _png}


def _buffer() -> QBuffer:
    buffer = QBuffer()
    buffer.setData(QByteArray())
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    return buffer


def _save(path: Path, data: bytes) -> None:
    """Write the file as a whole or not at all."""
    part = path.with_name(f".{path.name}.part")
    try:
        part.write_bytes(data)
        part.replace(path)
    except OSError as error:
        part.unlink(missing_ok=True)
        reason = error.strerror or str(error)
        raise Refusal(say("{name} cannot be written: {reason}", name=path.name, reason=reason)) from error
