"""Two processes taking turns, and how much of the machine somebody else used meanwhile.

A ratio measured while other programs compute says more about them: with two cores and three busy processes somebody
waits. So turns that were disturbed are taken again, a few times; the least disturbed ones count, and the answer says
how disturbed they were (Linux; elsewhere every turn counts).
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from widgets.bench._worker import Worker

QUIET = 0.15
"""Cores that others may use in a turn that counts as undisturbed."""

MOST = 3
"""So many times the turns that are wanted are taken at the most."""

Turn = Callable[[], dict[str, Any]]


class Turns:
    """Pairs of answers of the least disturbed turns; `elsewhere`: the cores that others used, turn by turn."""

    def __init__(self, first: Turn, second: Turn, workers: tuple[Worker, ...], wanted: int) -> None:
        taken: list[tuple[float, int, dict[str, Any], dict[str, Any]]] = []
        for k in range(MOST * wanted):
            began, busy = time.monotonic(), _elsewhere(workers)
            if k % 2 == 0:
                one = first()
                two = second()
            else:
                two = second()
                one = first()
            used = (_elsewhere(workers) - busy) / (time.monotonic() - began)
            taken.append((max(0.0, used), k, one, two))
            if sum(others <= QUIET for others, *_ in taken) >= wanted:
                break
        best = sorted(taken, key=lambda turn: turn[:2])[:wanted]
        self.pairs = [(one, two) for _, _, one, two in best]
        self.elsewhere = [others for others, *_ in best]


def _elsewhere(workers: tuple[Worker, ...]) -> float:
    """Return the seconds of processor time used so far by everybody but these processes, their children and us."""
    try:
        ours = sum(_used(pid) for worker in workers for pid in _family(worker.pid)) + sum(os.times()[:2])
        fields = Path("/proc/stat").read_text(encoding="utf-8").split("\n", 1)[0].split()[1:]
        user, nice, kernel, _idle, _wait, interrupts, soft = (int(field) for field in fields[:7])
        return (user + nice + kernel + interrupts + soft) / os.sysconf("SC_CLK_TCK") - ours
    except (OSError, ValueError):
        return 0.0


def _family(pid: int) -> list[int]:
    found = [pid]
    for one in found:  # grows while it is read
        for task in Path(f"/proc/{one}/task").glob("*/children"):
            found += [int(child) for child in task.read_text(encoding="utf-8").split()]
    return found


def _used(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
