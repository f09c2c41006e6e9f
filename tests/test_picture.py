"""A picture of one's own holds together, or there is none."""

from __future__ import annotations

import pickle

import numpy as np
import pytest

from playground.picture import LARGEST_SIDE, MOST_BYTES, Picture, fits
from playground.text import Refusal


def test_pixels_come_back_as_they_were_given():
    pixels = np.random.default_rng(1).integers(0, 256, (3, 5, 4)).astype(np.uint8)
    picture = Picture.of(pixels)
    assert picture.sizes == (3, 5, 4) and np.array_equal(picture.array(), pixels)
    assert pickle.loads(pickle.dumps(picture)) == picture and hash(picture) == hash(Picture.of(pixels.copy()))


@pytest.mark.parametrize(
    ("height", "width", "channels", "pixels"),
    [
        (2, 2, 1, b"123"),
        (0, 2, 1, b""),
        (2, -2, -1, b"1234"),
        (LARGEST_SIDE + 1, 1, 1, bytes(LARGEST_SIDE + 1)),
        (1, 1, 17, bytes(17)),
        (1024, 1024, 3, bytes(3 * 2**20)),
        (2.0, 2, 1, b"1234"),
        (True, 1, 1, b"1"),
        (2, 2, 1, "1234"),
        (2, 2, 1, bytearray(4)),
    ],
)
def test_what_does_not_agree_is_refused(height, width, channels, pixels):
    with pytest.raises(Refusal, match="no picture"):
        Picture(height, width, channels, pixels)


def test_it_is_known_beforehand_which_sizes_can_be():
    assert fits(1, 28, 28) and fits(3, 512, 512) and fits(2, 1024, 1024)
    assert not fits(3, 1024, 1024) and not fits(1, 1025, 4) and not fits(17, 4, 4)
    assert MOST_BYTES == 2 * 1024 * 1024
