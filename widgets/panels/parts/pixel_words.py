"""What is said of one pixel of a map: what it sees, how a pooling came by it, how far the map moved with the image."""

from __future__ import annotations

import re
from typing import Any

import numpy as np

from playground.blocks.pooling import AdaptiveAvgPool2D, AvgPool2D, LpPool2D
from playground.probes.feature_maps import FeatureMapsAnswer, OneMap
from playground.receptive_field import Patch, Seen, window_at
from playground.report import NodeReport
from playground.text import tr
from widgets.panels.parts.enlarged import Window
from widgets.panels.parts.grids import signed
from widgets.panels.parts.plots import readable

Array = np.ndarray[Any, Any]

MOST_TERMS = 9
"""A sum of more terms than these is not written out."""

WIDEST_WINDOW = 12
"""Windows with longer sides are not shown as tables."""


def of_pixel(pixel: tuple[int, int], value: float | None, seen: Seen | None) -> tuple[str, ...]:
    """Say where a pixel is, its value, and what it sees of the image; the longest text first."""
    place = tr("row {row}, column {column}", row=pixel[0] + 1, column=pixel[1] + 1)
    short = place if value is None else f"{place}: <b>{readable(value)}</b>"
    if seen is None:
        return f"{short} · {tr('no single window on the image')}", short
    (height, width), (tall, wide), (rows, columns) = seen.whole.size, seen.patch.size, seen.patch
    field = tr("sees {height} × {width} pixels", height=height, width=width)
    if not (tall and wide):
        return f"{short} · {field}{tr(', all on the padding')}", short
    where = tr(
        "rows {top}–{bottom}, columns {left}–{right}",
        top=rows.first + 1,
        bottom=rows.last + 1,
        left=columns.first + 1,
        right=columns.last + 1,
    )
    part = tr(", {height} × {width} on the image", height=tall, width=wide) if seen.on_padding else ""
    return f"{short} · {field}{part} ({where})", f"{short} · {field}{part}", f"{short} · {field}", short


def pooling_window(known: NodeReport, one: OneMap, pixel: tuple[int, int]) -> Window | None:
    """Cut out what a pixel was pooled from; None where it is too large for that, or was not sent as it is."""
    pooled, patch = one.pooled, window_at(known, *pixel)
    if pooled is None or patch is None or pooled.before.shape != pooled.size or max(patch.size) > WIDEST_WINDOW:
        return None
    numbers = np.zeros(patch.size, dtype=np.float32)
    inside = np.zeros(patch.size, dtype=bool)
    rows, columns = patch.within(*pooled.size)
    top, left = rows.first - patch.rows.first, columns.first - patch.columns.first
    here = slice(top, top + rows.size), slice(left, left + columns.size)
    numbers[here] = pooled.before[rows.first : rows.last + 1, columns.first : columns.last + 1]
    inside[here] = True
    return Window(patch, numbers, inside, _shares(known, numbers))


def of_pooling(known: NodeReport, one: OneMap, window: Window, pixel: tuple[int, int], value: float) -> tuple[str, ...]:
    """Say how a pooling came by a pixel, with the numbers; the longest text first."""
    found, result = window.numbers[window.inside].astype(float), signed(value)
    n = len(found)
    if one.pooled is not None and one.pooled.winners is not None:
        row, column = one.pooled.winners[pixel]
        where = tr("row {row}, column {column}", row=int(row) + 1, column=int(column) + 1)
        most = tr("largest of {n}: <b>{value}</b>", n=n, value=result)
        return tr("{most}, from {where} of the map before", most=most, where=where), most
    block = known.block
    if isinstance(block, LpPool2D):
        p = f"{block.power:g}".translate(str.maketrans("0123456789.", "⁰¹²³⁴⁵⁶⁷⁸⁹·"))
        terms = " + ".join(f"|{signed(one)}|{p}" for one in found) if n <= MOST_TERMS else f"Σ |x|{p}"
        root = f"√({terms})" if block.power == 2 else f"({terms})^(1/{block.power:g})"
        return f"{root} ≈ <b>{result}</b>", f"p = {block.power:g}: <b>{result}</b>"
    size = divisor(known, window.patch)
    terms = " + ".join(signed(one) for one in found) if n <= MOST_TERMS else f"Σ {signed(float(found.sum()))}"
    short = tr("mean of {n}: <b>{value}</b>", n=size, value=result)
    return f"({terms}) / {size} ≈ <b>{result}</b>", short


def divisor(known: NodeReport, patch: Patch) -> int:
    """Return by what the sum over a window is divided: its pixels, zeros of the padding included."""
    if isinstance(known.block, AvgPool2D):  # a partial window ends where the padding does
        (height, width), (down, right) = known.inputs[0].sizes[-2:], known.block.padding
        rows, columns = min(patch.rows.last, int(height) + down - 1), min(patch.columns.last, int(width) + right - 1)
        return (rows - patch.rows.first + 1) * (columns - patch.columns.first + 1)
    return patch.rows.size * patch.columns.size


def of_shift(answer: FeatureMapsAnswer, known: NodeReport) -> tuple[str, ...]:
    """Say how far the image was moved and the map with it; the longest text first."""
    image = tr("Image moved {way}", way=way(answer.down, answer.right))
    one = answer.one
    if one is None or known.receptive_field is None:
        return (image,)
    if one.by is None:
        step = f"{known.jump[0]} × {known.jump[1]}"
        reason = tr("a pixel here is {step} pixels of it, so the map cannot follow by whole pixels", step=step)
        return f"{image}; {reason}", image
    both = tr("{image}, map {way}", image=image, way=way(*one.by))
    share = tr("{n} of {total} pixels are the same", n=f"{one.alike:,}", total=f"{one.alike + one.differing:,}")
    edge = tr(", those at the border (hatched) differ") if one.differing else ""
    short = tr("Map moved {way}", way=way(*one.by))
    return f"{both}: {share}{edge}", f"{both}: {share}", f"{short}: {share}", both, image


def way(down: int, right: int) -> str:
    """Say a movement in words: 4 right, 2 down."""
    parts = []
    if right:
        parts.append(tr("{n} right", n=right) if right > 0 else tr("{n} left", n=-right))
    if down:
        parts.append(tr("{n} down", n=down) if down > 0 else tr("{n} up", n=-down))
    return tr(", ").join(parts) or "0"


def _shares(known: NodeReport, numbers: Array) -> Array | None:
    """Return the share of each number of a window in what comes out; None where there are no shares to speak of."""
    block = known.block
    if isinstance(block, LpPool2D):
        weights = np.abs(numbers.astype(float)) ** block.power
    elif isinstance(block, AvgPool2D | AdaptiveAvgPool2D) and numbers.min() >= 0:
        weights = numbers.astype(float)
    else:
        return None
    total = weights.sum()
    shares: Array | None = weights / total if np.isfinite(total) and total > 0 else None
    return shares


def scale(answer: FeatureMapsAnswer) -> tuple[float, float]:
    """Return the values at the ends of the colours: with negative values among them, equally far from zero."""
    low, high = answer.low, answer.high
    if answer.one is not None and answer.one.pooled is not None:  # one scale for the map before and the one after
        known = answer.one.pooled.before[np.isfinite(answer.one.pooled.before)]
        low, high = min(low, float(known.min(initial=low))), max(high, float(known.max(initial=high)))
    if low >= 0:
        return low, high
    reach = max(-low, high)
    return -reach, reach


def value_at(answer: FeatureMapsAnswer, pixel: tuple[int, int]) -> float | None:
    """Return the value of a pixel of the map that is enlarged; None where it did not come along."""
    if answer.maps.shape[1:] == answer.size:
        return float(answer.maps[0][pixel])
    return answer.one.value if answer.one is not None and answer.one.at == pixel else None


def plain(text: str) -> str:
    """Return rich text without its marks."""
    return re.sub("<[^>]*>", "", text)
