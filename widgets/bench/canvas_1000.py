"""How the canvas bears a large network: 1,000 nodes and 1,300 wires built, shown, panned, dragged, edited, undone."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

from widgets.bench import Plan, median
from widgets.bench._worker import window

FIELDS = ("canvas_1000",)
WINDOW = True
LIMITS = {
    "create_s": 1.5,
    "pan_100_p99_ms": 16,
    "all_visible_p99_ms": 25,
    "drag_p99_ms": 16,
    "edit_200_ms": 20,
    "edit_1000_ms": 80,
    "undo_1000_ms": 80,
    "rss_mb": 350,
}
GOALS = {f"canvas_1000.{name}": f"<= {most:g}" for name, most in LIMITS.items()}
DIGITS = {"create_s": 2, "rss_mb": 0}


def measure(plan: Plan) -> dict[str, Any]:
    """Open the large network in the real window and work on it; every run in a window of its own."""
    found: list[dict[str, float]] = []
    for k in range(min(plan.runs, 3)):
        plan.tell(f"canvas_1000 {k}")
        with tempfile.TemporaryDirectory() as folder, window("", Path(folder)) as program:
            found.append(program.ask(do="canvas"))
    return {"canvas_1000": {name: median((one[name] for one in found), DIGITS.get(name, 1)) for name in found[0]}}
