"""The Trainer's speed against a bare PyTorch loop of the same network on the CPU, and on CUDA where there is one.

Each runs in a process of its own with the preset's number of threads. They take turns, the Trainer's evaluations
at the ends of epochs included in its time; the ratio is taken pair by pair.
"""

from __future__ import annotations

import subprocess
import sys
from typing import Any

from widgets.bench import PLAIN, Plan, median
from widgets.bench._taking_turns import Turns
from widgets.bench._worker import loop

FIELDS = ("plain_ratio", "steps_per_s", "cuda")
WINDOW = False
GOALS = {"plain_ratio": ">= 0.95"}


def measure(plan: Plan) -> dict[str, Any]:
    """Let them take turns, preset by preset, device by device."""
    found: dict[str, Any] = _on("cpu", plan)
    if name := cuda():
        found["cuda"] = {"device": name, **_on("cuda", plan)}
    return found


def _on(device: str, plan: Plan) -> dict[str, Any]:
    ratios, speeds = {}, {}
    for preset in (one for one in plan.presets if one in PLAIN):
        plan.tell(f"plain_ratio {preset} {device}")
        with loop("trainer", preset, device) as trainer, loop("plain", preset, device) as plain:
            turns = Turns(
                lambda: trainer.ask(seconds=plan.seconds),
                lambda: plain.ask(seconds=plan.seconds),
                (trainer, plain),
                plan.runs,
            )
        pairs = [(_speed(ours), _speed(theirs)) for ours, theirs in turns.pairs]
        ratios[preset] = median(ours / theirs for ours, theirs in pairs)
        speeds[preset] = {
            "trainer": median((ours for ours, _ in pairs), 1),
            "plain": median((theirs for _, theirs in pairs), 1),
            "others_cores": median(turns.elsewhere, 2),
        }
    return {"plain_ratio": ratios, "steps_per_s": speeds}


def _speed(answer: dict[str, Any]) -> float:
    return float(answer["steps"] / answer["seconds"])


def cuda() -> str:
    """Return the name of the first CUDA device, or nothing."""
    script = "import torch; print(torch.cuda.get_device_name(0) if torch.cuda.is_available() else '')"
    asked = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    return asked.stdout.strip()
