"""Which pixels of the input one pixel of a map sees: the exact rectangle, and how much of it lies beyond the edge.

Analysis says how large the receptive fields of a node are and how far those of neighbours lie apart. Where the one of
a single pixel lies follows from walking back to the Inputs, window by window.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from playground.blocks.arrange import Upsample
from playground.blocks.convolution import ConvTranspose2D
from playground.blocks.data import Input
from playground.blocks.group import Group
from playground.blocks.pooling import AdaptiveAvgPool2D, AdaptiveMaxPool2D
from playground.frames import at_once
from playground.report import NodeReport, Report


class Span(NamedTuple):
    """Pixels next to each other along one axis, from the first to the last; none where the last comes before."""

    first: int
    last: int

    @property
    def size(self) -> int:
        """How many pixels it is."""
        return max(0, self.last - self.first + 1)

    def within(self, size: int) -> Span:
        """Return the part that lies on a map of this size."""
        return Span(max(self.first, 0), min(self.last, size - 1)) if self.size else self

    def joined(self, other: Span | None) -> Span:
        """Return what holds both."""
        if other is None or not other.size:
            return self
        return Span(min(self.first, other.first), max(self.last, other.last)) if self.size else other


class Patch(NamedTuple):
    """A rectangle of pixels."""

    rows: Span
    columns: Span

    @property
    def size(self) -> tuple[int, int]:
        """Its height and width."""
        return self.rows.size, self.columns.size

    def within(self, height: int, width: int) -> Patch:
        """Return the part that lies on a map of this size."""
        return Patch(self.rows.within(height), self.columns.within(width))

    def joined(self, other: Patch | None) -> Patch:
        """Return the rectangle around both."""
        if other is None:
            return self
        return Patch(self.rows.joined(other.rows), self.columns.joined(other.columns))


class Seen(NamedTuple):
    """What a pixel sees of one Input: the rectangle on the image, and that with what lies on the padding around it."""

    patch: Patch
    whole: Patch

    @property
    def on_padding(self) -> bool:
        """Whether a part of it lies beyond the edge of the image."""
        return self.patch != self.whole


def seen_by(report: Report, id: str, row: int, column: int) -> dict[str, Seen]:
    """Return what a pixel of a node's maps sees of each Input, by its field; nothing where that is no rectangle.

    Windows may have holes (dilation), and what is muted lets nothing through: outside the rectangle nothing matters,
    inside not everything has to.
    """
    at = Patch(Span(row, row), Span(column, column))
    todo: dict[str, Seen] = {id: Seen(at, at)}
    found: dict[str, Seen] = {}
    for path in reversed(report.graph.order):
        node = report.nodes.get(path) or report.passages.get(path)
        if path not in todo or node is None or report.graph.nodes[path].state == "muted":
            continue
        if not (node.shape.is_image or node.shape.is_clip):
            return {}
        if isinstance(node.block, Input):
            found[node.block.field] = _both(todo[path], found.get(node.block.field))
            continue
        wires, bypassed = report.graph.incoming[path], report.graph.nodes[path].state == "bypassed"
        if bypassed:
            wires = tuple(wire for wire in wires if wire.target_port == node.block.ports()[0].name)[:1]
        for wire in wires:
            came = todo[path] if bypassed else _through(report, node, wire.source, todo[path])
            if came is None:
                return {}
            todo[wire.source] = _both(came, todo.get(wire.source))
    return found


def window_at(known: NodeReport, row: int, column: int) -> Patch | None:
    """Return what a pixel sees of the map that comes in, with what lies on the padding; None where it is no window."""
    return looked_at(known, Patch(Span(row, row), Span(column, column)))


def looked_at(known: NodeReport, patch: Patch) -> Patch | None:
    """Return what the pixels of a patch together see of the map that comes in; None where that is no rectangle."""
    block = known.block
    if isinstance(block, Group):
        return patch
    shapes = at_once(block, known.inputs)
    window = block.window(*shapes)
    if window is not None:
        spans = zip(patch, *window, strict=True)
        return _patch(Span(a * stride - pad, b * stride - pad + kernel - 1) for (a, b), kernel, stride, pad in spans)
    if isinstance(block, AdaptiveAvgPool2D | AdaptiveMaxPool2D):
        sizes = zip(patch, shapes[0].sizes[-2:], block.size, strict=True)
        return _patch(Span(a * n // parts, -(-(b + 1) * n // parts) - 1) for (a, b), n, parts in sizes)
    if isinstance(block, ConvTranspose2D):
        laid = zip(patch, block.kernel, block.stride, block.padding, strict=True)
        return _patch(Span(-((k - 1 - a - pad) // s), (b + pad) // s) for (a, b), k, s, pad in laid)
    if isinstance(block, Upsample):
        if block.mode == "nearest":
            return _patch(Span(a // block.factor, b // block.factor) for a, b in patch)
        return _patch(Span(_left_of(a, block.factor), _left_of(b, block.factor) + 1) for a, b in patch)
    return None


def _left_of(place: int, factor: int) -> int:
    """Return the pixel at whose right side, and that of the next one, a pixel lies that is drawn between the two."""
    return (2 * place + 1 - factor) // (2 * factor)


def _through(report: Report, node: NodeReport, source: str, seen: Seen) -> Seen | None:
    """Return what is seen of the map that comes in, for what is seen of the one that goes out."""
    before = report.nodes.get(source) or report.passages.get(source)
    patch, whole = looked_at(node, seen.patch), looked_at(node, seen.whole)
    if before is None or patch is None or whole is None or len(before.shape.names) < 3:
        return None
    if not all(seen.patch.size):  # it lies on the padding of a later map, and sees nothing
        patch = seen.patch
    height, width = before.shape.sizes[-2:]
    return Seen(patch.within(int(height), int(width)), whole)


def _patch(spans: Iterable[Span]) -> Patch:
    rows, columns = spans
    return Patch(rows, columns)


def _both(one: Seen, other: Seen | None) -> Seen:
    return one if other is None else Seen(one.patch.joined(other.patch), one.whole.joined(other.whole))


def shifts(known: NodeReport, down: int, right: int) -> tuple[int, int] | None:
    """Return by how many of its own pixels a map moves when the image does; None where that is no whole number."""
    if down % known.jump[0] or right % known.jump[1] or known.receptive_field is None:
        return None
    return down // known.jump[0], right // known.jump[1]
