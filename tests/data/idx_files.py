"""Writes small IDX files for tests."""

from __future__ import annotations

import gzip
import struct
from pathlib import Path

import numpy as np


def images(n: int = 6, height: int = 4, width: int = 3) -> bytes:
    """Return an image file whose pixels count up."""
    return struct.pack(">4I", 2051, n, height, width) + bytes(k % 256 for k in range(n * height * width))


def labels(values: tuple[int, ...] = (0, 1, 2, 0, 1, 2)) -> bytes:
    """Return a label file."""
    return struct.pack(">2I", 2049, len(values)) + bytes(values)


def write_set(folder: Path, prefix: str = "", role: str = "train", packed: bool = False, n: int = 6) -> None:
    """Write images and labels of one split, named as MNIST's are."""
    folder.mkdir(parents=True, exist_ok=True)
    values = tuple(int(k) for k in np.arange(n) % 3)
    for name, content in (("images-idx3", images(n)), ("labels-idx1", labels(values))):
        path = folder / f"{prefix}{role}-{name}-ubyte{'.gz' if packed else ''}"
        path.write_bytes(gzip.compress(content) if packed else content)
