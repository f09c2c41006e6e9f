"""Single images: known by how they begin, opened by Pillow within limits, brought upright into one size."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from playground.text import Refusal, Sentence, say

if TYPE_CHECKING:
    import numpy as np
    from PIL import Image

    Array = np.ndarray[Any, Any]

FORMATS = ("PNG", "JPEG", "WEBP", "BMP")
SUFFIXES = (".png", ".jpg", ".jpeg", ".jpe", ".jfif", ".webp", ".bmp", ".dib")
STARTS = (b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"BM")
"""How the files of these formats begin; WebP is ``RIFF….WEBP``."""

MOST_PIXELS = {"JPEG": 60_000_000}
MOST_PIXELS_ELSE = 16_000_000
"""The most pixels of one image: a JPEG is unpacked smaller right away, others take up to 20 bytes a pixel meanwhile."""

GREY = {"1", "L", "LA", "I;16", "I;16B", "I;16L", "I;16N", "I", "F"}
"""Pillow's modes without colour."""

ORIENTATION = 0x0112
TURNS = {
    2: "FLIP_LEFT_RIGHT",
    3: "ROTATE_180",
    4: "FLIP_TOP_BOTTOM",
    5: "TRANSPOSE",
    6: "ROTATE_270",
    7: "TRANSVERSE",
    8: "ROTATE_90",
}
LYING = (5, 6, 7, 8)
"""How a camera was held, as EXIF writes it, and what stands the image upright again; half of it swaps its sides."""


@dataclass(frozen=True)
class Head:
    """What the header of an image says."""

    height: int
    width: int
    mode: str


def may_be(path: Path) -> bool:
    """Whether a file could be an image by its name: with the suffix of one, or without any."""
    return path.suffix.lower() in (*SUFFIXES, "")


def is_image(path: Path) -> bool:
    """Whether a file begins as an image does."""
    try:
        with path.open("rb") as file:
            start = file.read(16)
    except OSError:
        return False
    return start.startswith(STARTS) or (start[:4] == b"RIFF" and start[8:12] == b"WEBP")


def need_pillow() -> None:
    """Refuse where the library that unpacks images is missing."""
    from importlib.util import find_spec

    if find_spec("PIL") is None:
        raise Refusal(say("Images are read with Pillow, which is not installed; run pip install pillow"))


def opened(path: Path) -> Image.Image:
    """Open an image without unpacking it; refuse one with more pixels than are unpacked."""
    from PIL import Image

    try:
        image = Image.open(path, formats=FORMATS)
    except Image.DecompressionBombError as error:
        raise Refusal(say("it has too many pixels")) from error
    most = MOST_PIXELS.get(image.format or "", MOST_PIXELS_ELSE)
    if image.width * image.height > most:
        image.close()
        raise Refusal(
            say(
                "it has {height} × {width} pixels, more than the {most} that can be read",
                height=image.height,
                width=image.width,
                most=most,
            )
        )
    return image


def head_of(image: Image.Image) -> Head:
    """Return what the header of an open image says, as it will stand upright."""
    height, width = (image.width, image.height) if _lies(image) else (image.height, image.width)
    return Head(height, width, _mode(image))


def _lies(image: Image.Image) -> bool:
    """Whether an image is to be turned by a right angle; a PNG would be unpacked to know, and hardly ever is."""
    return image.format != "PNG" and image.getexif().get(ORIENTATION) in LYING


def _mode(image: Image.Image) -> str:
    """Return an image's mode; a palette without colours is grey."""
    if image.mode == "P":
        palette = image.getpalette() or []
        return "L" if palette[0::3] == palette[1::3] == palette[2::3] else "RGB"
    return image.mode


def pixels_of(image: Image.Image, channels: int, height: int, width: int) -> Array:
    """Return an image as bytes (channels, height, width): upright, on white paper, in one size."""
    import numpy as np
    from PIL import Image

    mode = "L" if channels == 1 else "RGB"
    image.draft(mode, (2 * max(height, width), 2 * max(height, width)))  # a JPEG can be unpacked smaller right away
    image.load()
    turn = image.getexif().get(ORIENTATION, 1)
    small = _plain(image)
    size = (height, width) if turn in LYING else (width, height)
    if small.size != size:
        small = small.resize(size, Image.Resampling.BILINEAR, reducing_gap=3.0)
    if turn in TURNS:
        small = small.transpose(Image.Transpose[TURNS[turn]])
    if small.mode == "RGBA":
        small = Image.alpha_composite(Image.new("RGBA", small.size, "white"), small)
    pixels: Array = np.asarray(small if small.mode == mode else small.convert(mode))
    return pixels[None] if channels == 1 else pixels.transpose(2, 0, 1)


def _plain(image: Image.Image) -> Image.Image:
    """Return an image with eight bits a channel, in a mode that can be resized."""
    import numpy as np
    from PIL import Image

    if image.mode[0] in "IF":  # more bits, which Pillow would cut off at 255
        values = np.asarray(image)
        most = 65_535 if values.max(initial=0) > 255 else 255
        return Image.fromarray((np.clip(values, 0, most) * np.float32(255 / most)).astype(np.uint8))
    if image.mode in ("L", "RGB") and "transparency" not in image.info:
        return image
    seen_through = "transparency" in image.info or image.mode in ("LA", "PA", "RGBA", "La", "RGBa")
    return image.convert("RGBA" if seen_through else "L" if image.mode == "1" else "RGB")


def reason_of(error: Exception) -> Sentence:
    """Say why an image cannot be read; Pillow's own words are for programmers."""
    if isinstance(error, PermissionError):
        return say("it may not be read; check its permissions")
    if isinstance(error, MemoryError):
        return say("there is not enough memory for it; choose a smaller file")
    return say("it is damaged, cut short or no image")
