"""The handwritten digits that scikit-learn carries: real data that is there without any download."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from playground.data import Data, Examples, Source
from playground.declare import choice
from playground.facts import DataFacts, Target
from playground.shape import Shape
from playground.text import Refusal, note, say

if TYPE_CHECKING:
    import numpy as np

    Array = np.ndarray[Any, Any]

COUNT, SIDE, DARKEST = 1797, 8, 16
"""How many images there are, their height and width, and the value of full ink."""


class Digits(Source):
    """1,797 real handwritten digits of 8 × 8 pixels, to be told apart."""

    key = "digits"
    title = note("Handwritten digits")
    kind = note("Images")
    licence = note("Optical Recognition of Handwritten Digits, E. Alpaydin and C. Kaynak, UCI; CC BY 4.0")

    size: str = choice(
        "8", choices=("8", "28"), help="Height and width; 28 enlarges the digits and frames them as MNIST does"
    )

    def read(self) -> Data:
        import numpy as np

        pixels, labels = load()
        images = pixels.astype(np.float32) / np.float32(DARKEST)
        if self.size == "28":
            images = _enlarged(images)
        height, width = images.shape[1:]
        facts = DataFacts(
            {"x": Shape(channels=1, height=height, width=width)},
            {"label": Target(tuple(str(digit) for digit in range(10)))},
            {"train": len(labels)},
        )
        return Data(facts, {"train": Examples({"x": images[:, None]}, {"label": labels.copy()})})

    def picture(self) -> str:
        return "image"


@cache
def load() -> tuple[Array, Array]:
    """Return the images (1797, 8, 8) uint8 and their digits (1797,) int64.

    Importing scikit-learn takes two seconds, reading the file that lies in its folder a fiftieth of one.
    """
    table = _from_file()
    if table is None:
        table = _from_package()
    return table[:, :-1].reshape(-1, SIDE, SIDE), table[:, -1].astype("int64")


def _from_file() -> Array | None:
    """Read the table of 64 pixels and a digit per row, or return None where scikit-learn keeps it otherwise."""
    import gzip
    from importlib.util import find_spec
    from pathlib import Path

    import numpy as np

    spec = find_spec("sklearn")
    for folder in (spec.submodule_search_locations or ()) if spec else ():
        try:
            with gzip.open(Path(folder, "datasets", "data", "digits.csv.gz"), "rt", encoding="ascii") as file:
                lines = file.readlines(2**20)
            if len(lines) != COUNT:
                continue
            table = np.loadtxt(lines, delimiter=",", dtype=np.uint8)
        except (OSError, EOFError, ValueError):
            continue
        if table.shape == (COUNT, SIDE * SIDE + 1) and table[:, :-1].max() == DARKEST and table[:, -1].max() == 9:
            return table
    return None


def _from_package() -> Array:
    """Ask scikit-learn itself."""
    import numpy as np

    try:
        from sklearn.datasets import load_digits
    except ImportError as error:
        raise Refusal(
            say("The handwritten digits come with scikit-learn, which is not installed; run pip install scikit-learn")
        ) from error
    bunch = load_digits()
    return np.column_stack([bunch.data, bunch.target]).astype(np.uint8)


def _enlarged(images: Array) -> Array:
    """Enlarge (n, 8, 8) to (n, 28, 28): the digit 20 pixels high in the middle, as in MNIST.

    Each output pixel is a weighted mean of the nearest four by four (the cubic of Catmull and Rom, which keeps
    strokes crisper than the bilinear), and beyond the frame there is empty paper.
    """
    import numpy as np

    outer, inner, border = 28, 20, 4
    centre = (np.arange(outer) - border + 0.5) * SIDE / inner - 0.5  # of every output pixel, in input pixels
    away = np.abs(centre[:, None] - np.arange(SIDE))
    near = 1.5 * away**3 - 2.5 * away**2 + 1
    far = -0.5 * away**3 + 2.5 * away**2 - 4 * away + 2
    weights = np.where(away <= 1, near, np.where(away < 2, far, 0.0))
    enlarged: Array = np.clip(weights @ images @ weights.T, 0.0, 1.0).astype(np.float32)
    return enlarged
