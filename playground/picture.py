"""A picture of a person's own that the network looks at in place of an example: drawn, or opened from a file."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from playground.text import Refusal, say

if TYPE_CHECKING:
    import numpy as np

    Array = np.ndarray[Any, Any]

LARGEST_SIDE, MOST_CHANNELS = 1024, 16
"""Height and width, and the channels, that a picture can have."""

MOST_BYTES = 2**21
"""The most numbers of one picture: more would not be sent along with every question."""


@dataclass(frozen=True)
class Picture:
    """Pixels of eight bits, from black (0) to white (255): channel by channel, each row by row.

    What 0 and 255 stand for is a matter of the data, see `playground.probes._entering`.
    """

    height: int
    width: int
    channels: int
    pixels: bytes

    def __post_init__(self) -> None:
        bounds = (self.height, LARGEST_SIDE), (self.width, LARGEST_SIDE), (self.channels, MOST_CHANNELS)
        whole = all(type(n) is int and 1 <= n <= most for n, most in bounds) and type(self.pixels) is bytes
        if not whole or not self.height * self.width * self.channels == len(self.pixels) <= MOST_BYTES:
            raise Refusal(
                say("This is no picture that the network could be shown: its sides and its pixels do not agree")
            )

    @classmethod
    def of(cls, pixels: Array) -> Picture:
        """Keep pixels, uint8 (channels, height, width)."""
        channels, height, width = pixels.shape
        return cls(height, width, channels, pixels.astype("uint8").tobytes())

    @property
    def sizes(self) -> tuple[int, int, int]:
        """Channels, height and width."""
        return self.channels, self.height, self.width

    def array(self) -> Array:
        """Return the pixels, uint8 (channels, height, width), not to be written to."""
        import numpy as np

        return np.frombuffer(self.pixels, dtype=np.uint8).reshape(self.sizes)


def fits(channels: int, height: int, width: int) -> bool:
    """Say whether a picture can have these sizes."""
    within = max(height, width) <= LARGEST_SIDE and channels <= MOST_CHANNELS
    return within and channels * height * width <= MOST_BYTES
