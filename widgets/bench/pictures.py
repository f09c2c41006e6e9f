"""How long a panel takes to show something large, up to the finished picture: a long curve, a wide layer's maps."""

from __future__ import annotations

import statistics
import tempfile
from pathlib import Path
from typing import Any

from widgets.bench import Plan, median
from widgets.bench._worker import window

FIELDS = ("curve_100k_ms", "mosaic_64_ms")
WINDOW = True

REPEATS = 20
LARGE = {"curve_100k_ms": ("loss", 100_000), "mosaic_64_ms": ("feature_maps", 64)}


def measure(plan: Plan) -> dict[str, Any]:
    """Show each many times in the real window, and leave out the first of each series."""
    found = {}
    with tempfile.TemporaryDirectory() as folder, window("lenet", Path(folder)) as program:
        for field, (panel, points) in LARGE.items():
            plan.tell(field)
            series = [
                program.ask(do="picture", panel=panel, points=points, repeats=REPEATS)["seconds"][1:]
                for _ in range(plan.runs)
            ]
            found[field] = median((1000 * statistics.median(one) for one in series), 1)
    return found
