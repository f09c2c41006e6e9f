"""Four points that a line separates and that the squared error of a sigmoid does not: one of them lies far away."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from playground.data import Data
from playground.data.planar import PlanarSource
from playground.declare import number
from playground.text import note

if TYPE_CHECKING:
    import numpy as np

    Array = np.ndarray[Any, Any]


class FarPoint(PlanarSource):
    """Three points near the middle and one far below it; a straight line separates them, however far it is.

    Brady, Raghavan and Slawny (1989) made such sets up: the perceptron rule finds the line, descending the squared
    error of a sigmoid need not. A network that learns them is validated on the same four.
    """

    key = "far-point"
    title = note("Three points and a far one")

    far: float = number(10.0, low=0.1, high=100.0, label="Distance", help="How far below the middle the far point lies")

    @property
    def extent(self) -> tuple[float, float]:  # type: ignore[override]  # here it follows from a parameter
        """The far point and a margin."""
        return -1.2 * max(self.far, 1.25), 1.2 * max(self.far, 1.25)

    def points(self) -> tuple[Array, Array]:
        import numpy as np

        where = np.array([(1, 0), (0, 1), (-1, 0), (0, -self.far)], dtype=np.float32)
        return where, np.array([1, 1, 0, 1], dtype=np.int64)

    def read(self) -> Data:
        # They are the whole truth: holding one back to validate would leave another question.
        return self._data(("train", "validation"))
