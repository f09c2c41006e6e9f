"""How blocks stand in a list: their icon in the family's colour, their name, what they are for; and how they are found.

The palette and the search box of the canvas show the same rows. An entry need not be a block of the catalogue.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace

from PySide6.QtCore import QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen, QPolygonF

from playground import fuzzy
from playground.block import CATALOGUE, FAMILIES, Block
from playground.blocks.group import Group
from playground.own_blocks import own_blocks
from playground.ready_groups import READY, titled
from playground.text import Sentence, tr
from widgets import theme
from widgets.icons import paint_icon
from widgets.names import block_name

ICONS: Mapping[str, str] = {
    "Data": "database-outline",
    "Dense": "vector-polygon",
    "Convolution": "grid",
    "Pooling": "arrow-collapse",
    "Activation": "chart-bell-curve-cumulative",
    "Normalisation": "chart-bell-curve",
    "Recurrent": "sync",
    "Attention": "eye-outline",
    "Combine": "call-merge",
    "Input": "login-variant",
    "Output": "bullseye",
    "MaxPool2D": "arrow-collapse-up",
    "AvgPool2D": "approximately-equal",
    "Softmax": "percent-outline",
    "PositionalEncoding": "sine-wave",
    "Dropout": "grain",
    "Flatten": "view-sequential-outline",
    "Add": "plus",
    "Concat": "format-list-group",
    "Group": "group",
    "GroupInput": "arrow-right-circle-outline",
    "GroupOutput": "arrow-right-bold-circle-outline",
}
"""The glyph of a block, by its name or else its family."""

CURVES: Mapping[str, Callable[[float], float]] = {
    "Step": lambda x: float(x >= 0),
    "Sigmoid": lambda x: 1 / (1 + math.exp(-x)),
    "Tanh": math.tanh,
    "ReLU": lambda x: max(0.0, x),
    "LeakyReLU": lambda x: max(0.15 * x, x),
    "ELU": lambda x: x if x > 0 else math.exp(x) - 1,
    "GELU": lambda x: x * (1 + math.erf(x / math.sqrt(2))) / 2,
    "SiLU": lambda x: x / (1 + math.exp(-x)),
    "Softplus": lambda x: math.log(1 + math.exp(x)),
}
"""Functions that are their own best picture."""

REACH = 3.0
"""From where to where a function is drawn."""
INK = QColor("#14161B")
"""What is drawn on a family's colour: dark, for all of them are light enough."""
BY_FAMILY, BY_PURPOSE = 0.6, 1.5
"""What finding a word in the family's name is worth beside the block's own, and in what the block is for."""


@dataclass(frozen=True)
class Entry:
    """One row: what is chosen, what it is called, its family, and what it is for; in the present language."""

    key: str
    name: str
    family: str
    purpose: str


@dataclass(frozen=True)
class Section:
    """Rows under a title; `family` gives the title its coloured dot."""

    title: str
    entries: tuple[Entry, ...]
    family: str = ""


def entry(block: type[Block] | Block) -> Entry:
    """Make the row of a block of the catalogue."""
    key = block.name if isinstance(block, Block) else block.key
    if isinstance(block, Group) and block.title:
        ready = titled(block.title)
        family, purpose = (ready.family, ready.purpose) if ready else (block.family, block.purpose())
        return Entry(key, block.title, family, str(Sentence(purpose)))
    return Entry(key, block_name(block), block.family, str(Sentence(block.purpose())))


def own() -> list[Section]:
    """List the blocks that the user has saved."""
    rows = [replace(entry(one.group), key=one.key, name=one.title) for one in own_blocks()]
    return [Section(tr("My blocks"), tuple(rows))] if rows else []


def ready_made() -> list[Section]:
    """List the groups that lie ready."""
    rows = (Entry(one.key, str(Sentence(one.title)), one.family, str(Sentence(one.purpose))) for one in READY.values())
    return [Section(tr("Ready-made groups"), tuple(rows))]


def ports() -> list[Section]:
    """List what stands only inside groups: where data come into one and leave it."""
    rows = tuple(entry(block) for block in CATALOGUE.values() if block.edge)
    return [Section(tr("Ports of the group"), rows)]


def families() -> list[Section]:
    """List what can be chosen anywhere, by family; for the ports of a group see `ports`."""
    found = []
    for family in FAMILIES:
        blocks = [block for block in CATALOGUE.values() if block.family == family and not block.edge]
        if blocks:
            found.append(Section(str(Sentence(family)), tuple(entry(block) for block in blocks), family))
    return found


def score(query: str, one: Entry) -> float | None:
    """Say how well an entry matches what was typed, in English or in the present language; None is not at all."""
    found = [fuzzy.score(query, name) for name in (one.key, one.name)]
    for name in (one.family, str(Sentence(one.family))):
        value = fuzzy.score(query, name)
        found.append(value * BY_FAMILY if value is not None and value >= fuzzy.INSIDE else None)
    english = CATALOGUE[one.key].purpose() if one.key in CATALOGUE else ""
    for text in (english.casefold(), one.purpose.casefold()):
        if all(word in text for word in query.casefold().split()):
            found.append(BY_PURPOSE)
    return max((value for value in found if value is not None), default=None)


def search(query: str, entries: Iterable[Entry]) -> list[Entry]:
    """Return the entries that match, best first and else in their order; strewn letters count only without better."""
    if not query.strip():
        return list(entries)
    found = [(value, one) for one in entries if (value := score(query, one)) is not None]
    least = 1.0 if any(value >= 1.0 for value, _ in found) else 0.0
    found.sort(key=lambda pair: -pair[0])
    return [one for value, one in found if value >= least]


# -- painting --------------------------------------------------------------------------------------------------


def paint_badge(painter: QPainter, rect: QRect, key: str, family: str) -> None:
    """Paint a block's icon: a glyph, or the curve of its function, on the colour of its family."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(theme.family_colour(family))
    painter.drawRoundedRect(rect, 5, 5)
    if key in CURVES:
        painter.setPen(QPen(INK, max(1.4, rect.width() / 12), Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
        painter.drawPolyline(_curve(CURVES[key], QRectF(rect).adjusted(3.5, 4.5, -3.5, -4.5)))
    else:
        glyph = ICONS.get(key) or ICONS.get(family) or ICONS["Combine"]
        paint_icon(painter, rect.adjusted(2, 2, -2, -2), glyph, INK)
    painter.restore()


def _curve(function: Callable[[float], float], rect: QRectF) -> QPolygonF:
    steps = 24
    values = [function(REACH * (2 * i / steps - 1)) for i in range(steps + 1)]
    low, high = min(values), max(values)
    return QPolygonF(
        [
            QPointF(
                rect.left() + rect.width() * i / steps, rect.bottom() - rect.height() * (value - low) / (high - low)
            )
            for i, value in enumerate(values)
        ]
    )
