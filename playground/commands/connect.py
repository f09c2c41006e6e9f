"""Train a document twice, and list the loss on a straight and on a bent way between both solutions."""

from __future__ import annotations

import argparse
import json
import sys
import time

from playground.presets import open_named
from playground.text import tr

NEEDS = ("core", "torch")


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("file", metavar="FILE", help=tr("a document's path or a preset's name"))
    parser.add_argument("--device", default="auto", help=tr("auto, cpu, cuda, cuda:N or mps (default: auto)"))
    parser.add_argument("--json", action="store_true", help=tr("print one JSON value"))


def run(options: argparse.Namespace) -> int:
    """Train, connect, measure; exit status 3 when a run failed."""
    experiment, _ = open_named(options.file)
    from playground.connecting import connected  # imports torch
    from playground.training import Diverged

    began = time.perf_counter()
    try:
        ways = connected(experiment, options.device, _silent if options.json or not sys.stderr.isatty() else _show)
    except (Diverged, RuntimeError, ValueError, MemoryError) as error:
        print(f"network-playground: {error}", file=sys.stderr)
        return 3
    seconds = time.perf_counter() - began
    lines = {"straight": ways.straight, "curve": ways.curve}
    if options.json:
        told = {"name": options.file, "seconds": seconds, "lines": lines, "validation": ways.validation}
        print(json.dumps(told, ensure_ascii=False, indent=2))
        return 0
    print(tr("way       loss, straight    loss, bent"))
    for (t, straight), (_, curve) in zip(ways.straight, ways.curve, strict=True):
        print(f"{t:<10.2f}{straight:<18.4f}{curve:.4f}")
    return 0


def _silent(share: float) -> None:
    """Say nothing."""


def _show(share: float) -> None:
    """Write the share that is done over the last one."""
    print(f"\r{100 * share:3.0f} % ", end="\r\033[K" if share >= 1 else "", file=sys.stderr, flush=True)
