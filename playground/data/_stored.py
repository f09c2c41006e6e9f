"""Examples that are too many for memory: columns that stay where they lie and are read batch by batch.

A `StoredColumn` can stand wherever an array of inputs can: it has a shape and a length, an index array or a slice
gives float32 arrays, `some` (which `Examples.take` asks for) another column of some of its examples. What becomes of
the raw values is said once, as a function of any rows of them, so that a column read in pieces and one that was read
whole hold the same numbers bit for bit.
"""

from __future__ import annotations

import math
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, cast

from playground.machine import ram
from playground.progress import part, progress

if TYPE_CHECKING:
    import numpy as np

    Array = np.ndarray[Any, Any]

MOST_HELD = 2**30
"""The most bytes, as float32, that the inputs of a data set take in memory when it is read; more stay in the files."""

FREE_SHARE = 4
"""Nor more than one part in so many of the memory that is free."""

PIECE = 2**24
"""About how many bytes of a column are read at a time where all of it is gone through."""

KEPT = 2**28
"""How many bytes of images a column keeps that it has decoded last."""


def stays(numbers: int) -> bool:
    """Whether so many numbers are left in their files instead of being read into memory."""
    size = 4 * numbers
    if size > MOST_HELD:
        return True
    if size <= MOST_HELD // 16:  # there is always as much, and asking takes time
        return False
    room = ram()
    return room is not None and room.free is not None and size > room.free // FREE_SHARE


class StoredColumn:
    """What each example has one of, read when it is wanted. Its kinds say how in `_read`.

    Attributes:
        shape: of all examples together, as an array's: the number of examples first.
    """

    def __init__(self, shape: Sequence[int]) -> None:
        self.shape = tuple(int(n) for n in shape)
        self._held: Array | None = None

    def as_inputs(self) -> Array:
        """Return it as what the inputs of `Examples` are said to be; whoever indexes them need not know better."""
        return cast("Array", self)

    @property
    def dtype(self) -> np.dtype[Any]:
        """The type of the numbers that come out: float32."""
        import numpy as np

        return np.dtype(np.float32)

    @property
    def ndim(self) -> int:
        """How many axes there are, the examples' included."""
        return len(self.shape)

    @property
    def size(self) -> int:
        """How many numbers there are."""
        return math.prod(self.shape)

    @property
    def nbytes(self) -> int:
        """How many bytes they would take in memory."""
        return 4 * self.size

    @property
    def is_held(self) -> bool:
        """Whether all of it is in memory by now."""
        return self._held is not None

    def __len__(self) -> int:
        return self.shape[0]

    def __getitem__(self, index: Any) -> Array:
        import numpy as np

        if self._held is not None:
            found: Array = self._held[index]
            return found
        rows = np.arange(len(self))[index]
        return self._read(rows) if rows.ndim else self._read(rows[None])[0]

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> Array:
        values = self[:]
        return values if dtype is None else values.astype(dtype)

    def some(self, index: Any) -> StoredColumn:
        """Return a column of some of the examples, by an index array or a slice."""
        import numpy as np

        return Chosen(self, np.arange(len(self))[index])

    def pieces(self) -> Iterator[Array]:
        """Go through all of it, a few examples at a time, and say how far that is."""
        step = max(1, PIECE // max(1, self.nbytes // max(1, len(self))))
        for start in range(0, len(self), step):
            end = min(start + step, len(self))
            progress(start / len(self))
            with part(start / len(self), end / len(self)):
                piece = self[start:end]
            yield piece

    def held(self) -> Array:
        """Return all of it as an array, which is kept: what is asked for from now on comes from there."""
        import numpy as np

        if self._held is None:
            values, at = np.empty(self.shape, dtype=np.float32), 0
            for piece in self.pieces():
                values[at : at + len(piece)] = piece
                at += len(piece)
            self._held = values
        return self._held

    def moments(self, axes: tuple[int, ...]) -> tuple[Array, Array]:
        """Return mean and spread along these axes (kept, of length 1) without holding all of it at once.

        The pieces' own means and squares are put together as Chan, Golub and LeVeque do, which loses no digits.
        """
        import numpy as np

        n, mean, squares = 0, np.zeros(()), np.zeros(())
        for piece in self.pieces():
            own = math.prod(piece.shape[axis] for axis in axes)
            middle = piece.mean(axis=axes, keepdims=True, dtype=np.float64)
            away = middle - mean
            squares = squares + np.square(piece - middle).sum(axis=axes, keepdims=True)
            squares = squares + away**2 * (n * own / (n + own))
            mean = mean + away * (own / (n + own))
            n += own
        return mean, np.sqrt(squares / max(1, n))

    def _read(self, rows: Array) -> Array:
        """Return the examples of these numbers, float32."""
        raise NotImplementedError


class Mapped(StoredColumn):
    """Rows of an array, most often a map of a file into memory: raw as they are there, converted when wanted."""

    def __init__(self, raw: Array, convert: Callable[[Array], Array]) -> None:
        super().__init__((len(raw), *convert(raw[:1]).shape[1:]))
        self._raw, self._convert = raw, convert

    def _read(self, rows: Array) -> Array:
        import numpy as np

        # Examples in a row are read at one go; an index array would gather them one by one.
        in_a_row = len(rows) > 0 and rows[-1] - rows[0] == len(rows) - 1 and bool((rows[1:] > rows[:-1]).all())
        return self._convert(np.asarray(self._raw[rows[0] : rows[-1] + 1] if in_a_row else self._raw[rows]))


class Decoded(StoredColumn):
    """Images of 8 bits that are decoded one by one when they are wanted; those decoded last are kept.

    Values reach from 0 to 1. What `decode` refuses, reading refuses.
    """

    def __init__(self, shape: Sequence[int], decode: Callable[[int], Array]) -> None:
        super().__init__(shape)
        self._decode = decode
        self._known: OrderedDict[int, Array] = OrderedDict()
        self._most = max(1, KEPT // max(1, math.prod(self.shape[1:])))
        self._lock = threading.Lock()  # the next batch is decoded while this one is looked at

    def _read(self, rows: Array) -> Array:
        import numpy as np

        pixels = np.empty((len(rows), *self.shape[1:]), dtype=np.uint8)
        for at, row in enumerate(rows.tolist()):
            pixels[at] = self._image(row)
        return np.divide(pixels, np.float32(255), dtype=np.float32)

    def _image(self, row: int) -> Array:
        with self._lock:
            if (known := self._known.get(row)) is not None:
                self._known.move_to_end(row)
                return known
        image = self._decode(row)
        with self._lock:
            self._known[row] = image
            while len(self._known) > self._most:
                self._known.popitem(last=False)
        return image


class Joined(StoredColumn):
    """Several columns, one behind the other: the files of one split."""

    def __init__(self, parts: Sequence[StoredColumn]) -> None:
        import numpy as np

        super().__init__((sum(map(len, parts)), *parts[0].shape[1:]))
        self._parts = tuple(parts)
        self._ends = np.cumsum([len(part) for part in parts])

    def _read(self, rows: Array) -> Array:
        import numpy as np

        made = np.empty((len(rows), *self.shape[1:]), dtype=np.float32)
        which = np.searchsorted(self._ends, rows, side="right")
        for k in np.unique(which).tolist():
            here, part = which == k, self._parts[k]
            made[here] = part[rows[here] - (self._ends[k] - len(part))]
        return made


class Chosen(StoredColumn):
    """Some examples of a column, in an order of their own."""

    def __init__(self, column: StoredColumn, rows: Array) -> None:
        super().__init__((len(rows), *column.shape[1:]))
        self._column, self._rows = column, rows

    def some(self, index: Any) -> StoredColumn:
        return Chosen(self._column, self._rows[index])

    def _read(self, rows: Array) -> Array:
        return self._column[self._rows[rows]]


class Derived(StoredColumn):
    """A column with something done to every example: images brought to another size."""

    def __init__(self, column: StoredColumn, example: Sequence[int], made: Callable[[Array], Array]) -> None:
        super().__init__((len(column), *example))
        self._column, self._made = column, made

    def _read(self, rows: Array) -> Array:
        return self._made(self._column[rows])
