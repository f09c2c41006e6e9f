"""Training with the window open against training alone, and how evenly the window is painted meanwhile.

The program itself runs, its window painted into memory at 1200 × 800 with all panels of the preset; beside it waits
a process with the same Trainer, unwatched. They take turns; the ratio is taken pair by pair. Steps and seconds of
the watched run are those of the engine's clock between the first and the last frame shown: measuring for the
panels, evaluations and the window's load are all in them. A gap between two paints may be the training's (an evaluation
tells nothing new while it lasts) or the window's: `paint_wait` is how long what had arrived waited to be painted.
"""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

from playground.files import write
from playground.presets import open_named
from playground.text import Refusal, say
from widgets.bench import Plan, median, percentile
from widgets.bench._loop import without_end
from widgets.bench._taking_turns import Turns
from widgets.bench._worker import Worker, loop, window

FIELDS = ("watched_ratio", "paint_gap_p99_ms", "step_to_pixel_p99_ms", "torch_in_window_process", "watched")
WINDOW = True
GOALS = {
    "watched_ratio": ">= 0.85 xor, 0.90 all others",
    "paint_gap_p99_ms": "<= 50",
    "step_to_pixel_p99_ms": "<= 150",
    "torch_in_window_process": "False",
}


def measure(plan: Plan) -> dict[str, Any]:
    """Let them take turns, preset by preset."""
    found: dict[str, Any] = {field: {} for field in FIELDS}
    torch = False
    for preset in plan.presets:
        plan.tell(f"watched_ratio {preset}")
        with tempfile.TemporaryDirectory() as folder:
            experiment = without_end(open_named(preset)[0])
            path = Path(folder, f"{preset}.json")
            write(experiment, path)
            with window(path, Path(folder)) as program, loop("trainer", preset) as alone:
                turns = _turns(program, alone, plan)
        watched = [one for one, _ in turns.pairs]
        torch |= any(one["torch"] for one in watched)
        if missing := set(experiment.view.panels) - set(watched[0]["panels"]):
            raise Refusal(say("these panels were not visible: {panels}", panels=", ".join(sorted(missing))))
        for field, value in _figures(turns).items():
            found[field][preset] = value
    return {**found, "torch_in_window_process": torch}


def _turns(program: Worker, alone: Worker, plan: Plan) -> Turns:
    return Turns(
        lambda: program.ask(do="train", seconds=plan.seconds),
        lambda: alone.ask(seconds=plan.seconds),
        (program, alone),
        plan.runs,
    )


def _figures(turns: Turns) -> dict[str, Any]:
    speeds = [(w["steps"] / w["seconds"], a["steps"] / a["seconds"]) for w, a in turns.pairs]
    watched = [w for w, _ in turns.pairs]
    return {
        "watched_ratio": median(ours / theirs for ours, theirs in speeds),
        "paint_gap_p99_ms": median((1000 * percentile(w["paint_gaps"], 0.99) for w in watched), 1),
        "step_to_pixel_p99_ms": median((1000 * percentile(w["delays"], 0.99) for w in watched), 1),
        "watched": {
            "steps_per_s": median((ours for ours, _ in speeds), 1),
            "unwatched_steps_per_s": median((theirs for _, theirs in speeds), 1),
            "paints_per_s": median((w["paints_per_s"] for w in watched), 1),
            "frames_per_s": median((w["frames_per_s"] for w in watched), 1),
            "turn_gap_p99_ms": median((1000 * w["turn_gap_p99"] for w in watched), 1),
            "paint_wait_p99_ms": median((1000 * w["paint_wait_p99"] for w in watched), 1),
            "others_cores": median(turns.elsewhere, 2),
        },
    }
