"""How long it takes from the start of the process to the first painted window: the start page, and a preset."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

from widgets.bench import Plan, median
from widgets.bench._worker import window

FIELDS = ("first_window_s", "first_preset_s")
WINDOW = True
GOALS = {"first_window_s": "<= 1.0"}


def measure(plan: Plan) -> dict[str, Any]:
    """Start the program again and again; the first start of each kind only warms the disk."""
    found = {}
    for field, file in (("first_window_s", ""), ("first_preset_s", "lenet")):
        times = []
        for k in range(plan.runs + 1):
            plan.tell(f"{field} {k}")
            with tempfile.TemporaryDirectory() as folder, window(file, Path(folder)) as program:
                times.append(program.hello["painted"] - program.started)
        found[field] = median(times[1:], 2)
    return found
