"""How many there are of what: classes, tags, pixels, numbers in ranges, tokens."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from playground.browsing._content import unfilled
from playground.browsing._targets import LONGEST, is_box, is_next
from playground.browsing.answers import Tally, Vocabulary
from playground.data import Data, Examples
from playground.facts import Target

if TYPE_CHECKING:
    import numpy as np

    Array = np.ndarray[Any, Any]

MOST_NAMED = 500
"""How many classes are counted by name; of more, the most frequent."""

MOST_TOKENS = 50
"""How many of the most frequent tokens are told."""

RANGES = 16
MOST_NUMBERS = 4
"""Of how many numbers of a target it is told how they spread."""

MOST_COUNTED = 20_000_000
"""How many numbers of a split are counted: beyond that, only those of the first examples."""


def tallies_of(data: Data) -> tuple[Tally, ...]:
    """Count the targets, then the tokens."""
    found: list[Tally] = []
    for name, target in data.facts.targets.items():
        if is_next(data, name):
            continue
        if target.is_class:
            found.append(_of_classes(data, name, target))
        elif not is_box(data, name):
            found += _of_numbers(data, name)
    return (*found, *(_of_tokens(data, name) for name in data.vocabularies if _is_read(data, name)))


def vocabularies_of(data: Data) -> tuple[Vocabulary, ...]:
    """Say of each vocabulary how large it is, and how much it misses."""
    import numpy as np

    found = []
    for name, known in data.vocabularies.items():
        if not _is_read(data, name):
            continue
        unknown, lengths = {}, [0]
        for split, one in data.splits.items():
            ids = unfilled(data, name, _first(np.asarray(one.inputs[name])))
            unknown[split] = int(np.count_nonzero(ids == 1)) / max(1, int(np.count_nonzero(ids)))
            lengths += [int(np.count_nonzero(row)) for row in ids] if split == "train" else []
        mean = sum(lengths) / max(1, len(lengths) - 1)
        found.append(Vocabulary(name, len(known), unknown, mean, max(lengths)))
    return tuple(found)


def _is_read(data: Data, name: str) -> bool:
    return all(name in one.inputs for one in data.splits.values())


def _first(values: Array) -> Array:
    """Return the values of as many examples as are counted."""
    per = max(1, values.size // max(1, len(values)))
    return values[: max(1, MOST_COUNTED // per)]


def _is_part(values: list[Array]) -> bool:
    return any(len(_first(one)) < len(one) for one in values)


def _targets(data: Data, name: str) -> dict[str, Array]:
    return {split: one.targets[name] for split, one in data.splits.items() if _has(one, name)}


def _has(examples: Examples, name: str) -> bool:
    return len(examples) > 0 and name in examples.targets


def _of_classes(data: Data, name: str, target: Target) -> Tally:
    import numpy as np

    values = _targets(data, name)
    n = len(target.classes)
    counts = {}
    for split, one in values.items():
        known = _first(one)
        counts[split] = np.bincount(known[(known >= 0) & (known < n)].ravel(), minlength=n)
    kept = _largest(counts, n, MOST_NAMED)
    kind = {0: "classes", 1: "steps"}.get(len(target.shape.sizes), "pixels")
    return _tally(kind, name, counts, kept, target.classes, n, _is_part(list(values.values())))


def _of_tokens(data: Data, name: str) -> Tally:
    import numpy as np

    known = data.vocabularies[name]
    values = {split: np.asarray(one.inputs[name]) for split, one in data.splits.items() if len(one)}
    counts = {}
    for split, one in values.items():
        counts[split] = np.bincount(unfilled(data, name, _first(one)).ravel(), minlength=len(known))
        counts[split][:2] = 0  # padding is no token, and what is unknown is told apart
    ranked = sorted(_largest(counts, len(known), MOST_TOKENS), key=lambda at: -_sum(counts, at))
    kept = [at for at in ranked if _sum(counts, at)]
    there = sum(bool(_sum(counts, at)) for at in range(len(known)))
    return _tally("tokens", name, counts, kept, known, there, _is_part(list(values.values())))


def _tally(
    kind: str,
    name: str,
    counts: dict[str, Array],
    kept: list[int],
    names: tuple[str, ...],
    there: int,
    partly: bool,
) -> Tally:
    return Tally(
        kind,
        name,
        {split: found[kept] for split, found in counts.items()},
        tuple(kept),
        tuple(names[at][:LONGEST] for at in kept),
        more=there - len(kept),
        partly=partly,
    )


def _largest(counts: dict[str, Array], n: int, most: int) -> list[int]:
    """Return the numbers of the most frequent, in their own order."""
    import numpy as np

    total = sum(counts.values(), np.zeros(n, dtype=np.int64))
    return sorted(np.argsort(-total, kind="stable")[:most].tolist())


def _sum(counts: dict[str, Array], at: int) -> int:
    return sum(int(found[at]) for found in counts.values())


def _of_numbers(data: Data, name: str) -> list[Tally]:
    """Count numbers in ranges that are the same for all splits."""
    import numpy as np

    values = {split: _first(one.reshape(len(one), -1)) for split, one in _targets(data, name).items()}
    if not values:
        return []
    found = []
    width = next(iter(values.values())).shape[1]
    for at in range(min(width, MOST_NUMBERS)):
        columns = {split: one[:, at][np.isfinite(one[:, at])].astype(np.float64) for split, one in values.items()}
        there = np.concatenate(list(columns.values()))
        if not there.size:
            continue
        edges = np.histogram_bin_edges(
            there, bins=min(RANGES, max(1, len(np.unique(there[:: max(1, len(there) // 5000)]))))
        )
        counts = {split: np.histogram(one, edges)[0] for split, one in columns.items()}
        label = f"{name}{at + 1}" if width > 1 else name
        found.append(
            Tally("numbers", label, counts, edges=tuple(map(float, edges)), partly=_is_part(list(values.values())))
        )
    return found
