"""How long it takes to open and analyse the published networks, each in a process that has not seen it yet.

A file is read and followed from its image to its classes: shapes, weights, multiply-accumulates, receptive fields;
none of its millions of weights is allocated. The program itself has been loaded.
"""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

from playground.environment import ROOT
from widgets.bench import Plan, median

FIELDS = ("published_open_s",)
WINDOW = False
NETWORKS = ("alexnet", "zfnet", "vgg-11", "vgg-16", "googlenet", "resnet-18", "resnet-50", "densenet-121")
GOALS = {f"published_open_s.{name}": "<= 0.5" for name in NETWORKS}

SCRIPT = """
import json, sys, time
from playground.files import read
from playground.presets import built_in_folder
folder = built_in_folder()
read(folder / "xor.json").examined()
began = time.perf_counter()
read(folder / f"{sys.argv[1]}.json").examined()
print(json.dumps(time.perf_counter() - began))
"""


def measure(plan: Plan) -> dict[str, Any]:
    """Open each of them, every time in a process of its own."""
    found = {}
    for name in NETWORKS:
        times = []
        for k in range(min(plan.runs, 5)):
            plan.tell(f"published_open {name} {k}")
            command = [sys.executable, "-c", SCRIPT, name]
            asked = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
            times.append(json.loads(asked.stdout))
        found[name] = median(times, 3)
    return {"published_open_s": found}
