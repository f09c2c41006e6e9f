"""What a training step costs by the length of the texts, of an LSTM and of a Transformer with as many parameters.

The twins order-lstm and order-transformer learn from batches of 32 texts that all have so many tokens; milliseconds a
step, on the CPU and on CUDA where there is one. An LSTM takes one token after the other, so its cost grows with the
length; attention compares each token with each, so its cost grows with the square, but all at once.
"""

from __future__ import annotations

from typing import Any

from widgets.bench import Plan, median
from widgets.bench._worker import Worker
from widgets.bench.plain_ratio import cuda

FIELDS = ("length_cost",)
WINDOW = False

TWINS = {"lstm": "order-lstm", "transformer": "order-transformer"}
LENGTHS = (16, 64, 256, 500)


def measure(plan: Plan) -> dict[str, Any]:
    """Measure twin by twin and length by length."""
    devices = ["cpu", *(["cuda"] if cuda() else [])]
    return {"length_cost": {device: {twin: _of(twin, device, plan) for twin in TWINS} for device in devices}}


def _of(twin: str, device: str, plan: Plan) -> dict[str, float]:
    found = {}
    for length in LENGTHS:
        plan.tell(f"length_cost {twin} {length} {device}")
        with Worker("_lengths", TWINS[twin], str(length), device) as worker:
            answers = [worker.ask(seconds=plan.seconds) for _ in range(plan.runs)]
        found[str(length)] = median((1000 * one["seconds"] / one["steps"] for one in answers), 3)
    return found
