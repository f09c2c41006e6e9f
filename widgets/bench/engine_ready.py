"""How long it takes from starting the engine until it can train: its process, the import of torch, a first step."""

from __future__ import annotations

import time
from typing import Any

from playground import messages
from playground.client import Client
from playground.text import Refusal, say
from widgets.bench import Plan, median

FIELDS = ("engine_ready_s",)
WINDOW = False
GOALS = {"engine_ready_s": "<= 4"}

PATIENCE = 120.0


def measure(plan: Plan) -> dict[str, Any]:
    """Start engines one after another; the first only warms the disk."""
    _ready()
    times = []
    for k in range(max(3, plan.runs) if plan.runs > 1 else 1):
        plan.tell(f"engine_ready {k + 1}")
        times.append(_ready())
    return {"engine_ready_s": median(times, 2)}


def _ready() -> float:
    began = time.monotonic()
    client = Client()
    try:
        while time.monotonic() - began < PATIENCE and client.alive:
            if any(isinstance(notice, messages.EngineReady) for notice in client.take()[0]):
                return time.monotonic() - began
            time.sleep(0.002)
    finally:
        client.close()
    raise Refusal(say("the engine did not become ready: {reason}", reason=client.last_words() or "time-out"))
