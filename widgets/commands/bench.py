"""Measure what the program reaches on this machine, against a bare PyTorch loop in the same run.

Everything is measured several times and reported as the median; what is compared takes turns. Without Qt the
measurements that need no window are made: python3 main.py bench --only plain-ratio engine-ready
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
from importlib.util import find_spec
from types import ModuleType
from typing import Any

from playground import system
from playground.text import Refusal, say, tr
from widgets.bench import PRESETS, Plan, measurements

NEEDS = ("core", "torch")  # Qt is asked for by the measurements that open a window


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    names = ", ".join(_name(field) for module in measurements().values() for field in module.FIELDS)
    parser.add_argument("--json", action="store_true", help=tr("print one JSON value"))
    parser.add_argument("--only", nargs="+", metavar="NAME", default=[], help=f"measure only these: {names}")
    parser.add_argument("--presets", nargs="+", choices=PRESETS, default=PRESETS, help=tr("train only these"))
    parser.add_argument("--runs", type=int, default=Plan.runs, help=tr("measure so often (default: %(default)s)"))
    parser.add_argument(
        "--seconds", type=float, default=Plan.seconds, help=tr("how long each time (default: %(default)s)")
    )


def run(options: argparse.Namespace) -> int:
    """Measure and print."""
    chosen = _chosen(options.only)
    if not _can_paint(chosen, options.only):
        chosen = {module: fields for module, fields in chosen.items() if not module.WINDOW}
    plan = Plan(max(1, options.runs), max(0.05, options.seconds), tuple(options.presets), _tell)
    answer: dict[str, Any] = {"machine": _machine()}
    for module, fields in chosen.items():
        found = module.measure(plan)
        answer.update({name: value for name, value in found.items() if name in fields})
    _tell("")
    if options.json:
        print(json.dumps(answer, ensure_ascii=False, indent=2))
    else:
        _print(answer, {name: goal for module in chosen for name, goal in getattr(module, "GOALS", {}).items()})
    return 0


def _chosen(only: list[str]) -> dict[ModuleType, tuple[str, ...]]:
    """Return the measurements to make, and which of their fields were asked for."""
    modules = measurements().values()
    if not only:
        return {module: module.FIELDS for module in modules}
    found: dict[ModuleType, tuple[str, ...]] = {}
    for wanted in only:
        hits = [(m, f) for m in modules for f in m.FIELDS if _name(f).startswith(wanted.replace("_", "-"))]
        if not hits:
            names = ", ".join(_name(field) for module in modules for field in module.FIELDS)
            raise Refusal(say("there is no measurement called {name}; there are: {names}", name=wanted, names=names))
        for module, field in hits:
            found[module] = (*found.get(module, ()), field)
    return found


def _can_paint(chosen: dict[ModuleType, tuple[str, ...]], only: list[str]) -> bool:
    """Tell whether windows can be opened; refuse where exactly those were asked for."""
    if not any(module.WINDOW for module in chosen):
        return True
    if find_spec("PySide6") is not None:
        system.require_platform("offscreen")
        return True
    if only:
        raise Refusal(say("PySide6 is not installed, so nothing that needs a window can be measured"))
    print(
        f"network-playground: {tr('PySide6 is not installed: only what needs no window is measured')}", file=sys.stderr
    )
    return False


def _name(field: str) -> str:
    return field.replace("_", "-")


def _machine() -> dict[str, Any]:
    from importlib.metadata import PackageNotFoundError, version

    versions = {}
    for package in ("torch", "PySide6-Essentials", "pyqtgraph", "numpy"):
        try:
            versions[package] = version(package)
        except PackageNotFoundError:
            continue
    return {
        "system": platform.platform(),
        "processor": _processor(),
        "cores": os.cpu_count(),
        "python": platform.python_version(),
        **versions,
    }


def _processor() -> str:
    try:
        with open("/proc/cpuinfo", encoding="utf-8") as file:  # noqa: PTH123 - a device, not a path of ours
            return next((line.partition(":")[2].strip() for line in file if line.startswith("model name")), "")
    except OSError:
        return platform.processor()


def _tell(line: str) -> None:
    """Say on the terminal what is being measured; the line is written over by the next."""
    if sys.stderr.isatty():
        print(f"\r\033[K{line}", end="", file=sys.stderr, flush=True)


def _print(answer: dict[str, Any], goals: dict[str, str]) -> None:
    for name, value in answer.items():
        rows = list(_rows(value))
        for k, (label, number) in enumerate(rows):
            wanted = goals.get(name) or goals.get(f"{name}.{label}")
            goal = f"   {wanted}" if wanted else ""
            print(f"{name if k == 0 else '':<24} {label:<28} {number:>12}{goal}".rstrip())


def _rows(value: Any, label: str = "") -> Any:
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from _rows(inner, f"{label} {key}".strip())
    else:
        yield label, f"{value:,}" if isinstance(value, float) else str(value)
