"""Writes small image files for tests."""

from __future__ import annotations

import struct
import zlib
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image


def picture(height: int = 6, width: int = 6, seed: int = 0, mode: str = "RGB") -> Image.Image:
    """Return an image of random pixels."""
    channels = len(mode) if mode in ("RGB", "RGBA", "LA") else 1
    pixels = np.random.default_rng(seed).integers(0, 256, (height, width, channels), dtype=np.uint8)
    return Image.fromarray(pixels if channels > 1 else pixels[:, :, 0]).convert(mode)


def write_folder(root: Path, per_class: int = 3, classes: tuple[str, ...] = ("cat", "dog"), **how: Any) -> None:
    """Write a folder for each class with some PNGs in it."""
    suffix = how.pop("suffix", "png")
    for k, name in enumerate(classes):
        (root / name).mkdir(parents=True, exist_ok=True)
        for i in range(per_class):
            picture(seed=10 * k + i, **how).save(root / name / f"{i}.{suffix}")


def huge_png(height: int = 10_000, width: int = 10_000) -> bytes:
    """Return a PNG of a hundred megapixels, all black, in a few kilobytes."""
    rows = zlib.compressobj(9)
    row = bytes(1 + -(-width // 8))
    data = b"".join(rows.compress(row) for _ in range(height)) + rows.flush()
    header = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", header) + _chunk(b"IDAT", data) + _chunk(b"IEND", b"")


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
