"""Opening a picture from a file for the network to look at: known by its content, within limits, in the data's size."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QColor, QImage, QImageReader, QPainter

from playground.text import Refusal, say

Array = np.ndarray[Any, Any]

FORMATS = ("png", "jpeg", "bmp", "gif", "webp")
SUFFIXES = (".png", ".jpg", ".jpeg", ".jpe", ".jfif", ".bmp", ".gif", ".webp")

MOST_BYTES, MOST_PIXELS = 64 * 2**20, 40_000_000
"""What a file may hold: unpacked, 160 MB."""

TAIL = 2**16
"""Bytes at the end of a JPEG in which its end mark must be; without it, it has been cut short."""


def is_picture(path: Path) -> bool:
    """Whether a file may be a picture by its name."""
    return path.suffix.lower() in SUFFIXES and path.is_file()


def read_picture(path: Path, channels: int, height: int, width: int) -> Array:
    """Read a picture, uint8 (1 or 3, height, width); refuse in one sentence what cannot be shown.

    It keeps its proportions: at its sides stands what it has along its border. What is seen through is white.
    """
    image = _unpacked(path)
    if (image.width(), image.height()) != (width, height):
        smooth = Qt.TransformationMode.SmoothTransformation
        small = image.scaled(width, height, Qt.AspectRatioMode.KeepAspectRatio, smooth)
        image = QImage(width, height, QImage.Format.Format_RGB32)
        image.fill(QColor(*(int(one) for one in ground_of(_pixels(small)))))
        painter = QPainter(image)
        painter.drawImage(QPoint((width - small.width()) // 2, (height - small.height()) // 2), small)
        painter.end()
    pixels = _pixels(image)
    return pixels if channels == 3 else grey(pixels)


def grey(pixels: Array) -> Array:
    """Turn colours (3, h, w) into light and dark (1, h, w), with the weights of ITU-R 601, as Pillow does."""
    red, green, blue = pixels.astype(np.uint32)
    made: Array = ((red * 19595 + green * 38470 + blue * 7471 + 0x8000) >> 16).astype(np.uint8)
    return made[None]


def ground_of(pixels: Array) -> Array:
    """Return what stands along the border of a picture (channels, h, w): the median of each channel."""
    edges = (pixels[:, 0], pixels[:, -1], pixels[:, :, 0], pixels[:, :, -1])
    return np.median(np.concatenate(edges, axis=1), axis=1)


def _unpacked(path: Path) -> QImage:
    """Return the picture upright, without transparency."""
    name = path.name
    try:
        size = path.stat().st_size
    except OSError as error:
        raise Refusal(say("{name} cannot be read: {reason}", name=name, reason=error.strerror or error)) from error
    if size > MOST_BYTES:
        raise Refusal(say("{name} is larger than {n} MB; choose a smaller picture", name=name, n=MOST_BYTES // 2**20))
    reader = QImageReader(str(path))
    reader.setDecideFormatFromContent(True)
    reader.setAutoTransform(True)  # cameras write how they were held
    form = bytes(reader.format().data()).decode("ascii", "replace") if reader.canRead() else ""
    if form not in FORMATS:
        raise Refusal(say("{name} is no picture that can be opened; take a PNG or a JPEG", name=name))
    sides = reader.size()
    if sides.isValid() and sides.width() * sides.height() > MOST_PIXELS:
        raise Refusal(
            say(
                "{name} has {height} × {width} pixels, too many to be opened; make it smaller",
                name=name,
                height=sides.height(),
                width=sides.width(),
            )
        )
    image = reader.read()
    if image.isNull() or (form == "jpeg" and not _ends(path, size)):
        raise Refusal(say("{name} is damaged or was cut short", name=name))
    if not image.hasAlphaChannel():
        return image.convertToFormat(QImage.Format.Format_RGB32)
    paper = QImage(image.size(), QImage.Format.Format_RGB32)
    paper.fill(Qt.GlobalColor.white)
    painter = QPainter(paper)
    painter.drawImage(0, 0, image)
    painter.end()
    return paper


def _ends(path: Path, size: int) -> bool:
    """Whether a JPEG has its end mark; Qt fills up what is missing with grey and says nothing."""
    with path.open("rb") as file:
        file.seek(max(0, size - TAIL))
        return b"\xff\xd9" in file.read()


def _pixels(image: QImage) -> Array:
    """Return an image as uint8 (3, height, width)."""
    plain = image.convertToFormat(QImage.Format.Format_RGB32)
    whole = np.frombuffer(plain.constBits(), dtype=np.uint8).reshape(plain.height(), plain.width(), 4)
    return np.ascontiguousarray(whole[..., 2::-1].transpose(2, 0, 1))
