"""Icons that are painted in the theme's colours at the moment they are shown, so a new theme needs no new icons.

The glyphs are Material Design Icons from the font that qtawesome brings. Its package is not imported: it loads
every font it has, which would cost a tenth of a second before the first window is painted.
"""

from __future__ import annotations

import json
from functools import cache
from importlib.util import find_spec
from pathlib import Path

from PySide6.QtCore import QPoint, QPointF, QRect, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontDatabase, QIcon, QIconEngine, QPainter, QPainterPath, QPixmap

from widgets import theme


def icon(name: str, role: str = "text") -> QIcon:
    """Return an icon by its name (``mdi6.play``) in a colour of the theme (a field of `widgets.theme.Theme`)."""
    return QIcon(GlyphEngine(name, role))


@cache
def glyph(name: str, size: int) -> QPainterPath:
    """Return the outline of an icon in a square of this size: for scenes, where it has to scale."""
    family, characters = _font()
    font = QFont(family)
    font.setPixelSize(size)
    path = QPainterPath()
    path.addText(0, 0, font, characters.get(name.rpartition(".")[2], "?"))
    return path.translated(QPointF(size / 2, size / 2) - path.boundingRect().center())


def paint_icon(painter: QPainter, rect: QRect, name: str, colour: QColor) -> None:
    """Paint one glyph into a rectangle."""
    family, characters = _font()
    font = QFont(family)
    font.setPixelSize(max(1, round(min(rect.width(), rect.height()))))
    painter.setFont(font)
    painter.setPen(colour)
    painter.drawText(rect, Qt.AlignmentFlag.AlignCenter, characters.get(name.rpartition(".")[2], "?"))


class GlyphEngine(QIconEngine):
    """Paints one glyph in the present theme's colour."""

    def __init__(self, name: str, role: str) -> None:
        super().__init__()
        self.name, self.role = name, role

    # -- Qt ----------------------------------------------------------------------------------------------------

    def paint(self, painter: QPainter, rect: QRect, mode: QIcon.Mode, state: QIcon.State) -> None:
        """Paint the glyph, paler where it is disabled."""
        colour = QColor(getattr(theme.current(), self.role))
        if mode == QIcon.Mode.Disabled:
            colour = QColor(theme.current().dim)
            colour.setAlpha(120)
        elif mode == QIcon.Mode.Selected:  # a menu entry under the pointer
            colour = QColor(theme.current().on_accent)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.TextAntialiasing)
        paint_icon(painter, rect, self.name, colour)
        painter.restore()

    def pixmap(self, size: QSize, mode: QIcon.Mode, state: QIcon.State) -> QPixmap:
        """Return the glyph on a transparent ground."""
        made = QPixmap(size)
        made.fill(Qt.GlobalColor.transparent)
        painter = QPainter(made)
        self.paint(painter, QRect(QPoint(0, 0), size), mode, state)
        painter.end()
        return made

    def clone(self) -> QIconEngine:
        """Return another engine for the same glyph."""
        return GlyphEngine(self.name, self.role)


@cache
def _font() -> tuple[str, dict[str, str]]:
    """Load the font once; return its family and its characters by name."""
    spec = find_spec("qtawesome")
    for folder in (spec and spec.submodule_search_locations) or ():
        for font in sorted(Path(folder, "fonts").glob("materialdesignicons6-webfont-[0-9]*.ttf")):
            table = font.with_name(font.name.replace("webfont-", "webfont-charmap-")).with_suffix(".json")
            number = QFontDatabase.addApplicationFont(str(font))
            families = QFontDatabase.applicationFontFamilies(number) if number >= 0 else []
            if families:
                codes = json.loads(table.read_text(encoding="utf-8"))
                return families[0], {name: chr(int(code, 16)) for name, code in codes.items()}
    return "", {}
