"""Train a document once for each value of a setting, and list what each run reaches."""

from __future__ import annotations

import argparse
import json
import math
import sys
import time
from typing import Any

from playground.experiment import Experiment
from playground.presets import open_named
from playground.recorded import Sweep, recorded, varied
from playground.text import Refusal, say, tr

NEEDS = ("core", "torch")

MOST_VALUES = 200


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("file", metavar="FILE", help=tr("a document's path or a preset's name"))
    parser.add_argument(
        "--vary",
        metavar="SETTING=VALUES",
        help=tr("such as dense_1.units=2,4,8 (default: what the document has recorded)"),
    )
    parser.add_argument("--seeds", type=_positive, help=tr("train with so many seeds and take the mean (default: 1)"))
    parser.add_argument("--device", default="auto", help=tr("auto, cpu, cuda, cuda:N or mps (default: auto)"))
    parser.add_argument("--json", action="store_true", help=tr("print one JSON value"))


def run(options: argparse.Namespace) -> int:
    """Train once for each value; exit status 3 when a run failed."""
    experiment, _ = open_named(options.file)
    wished = _wished(options.vary, experiment)
    path, seeds = wished.path, options.seeds or wished.seeds
    from playground.training import Diverged  # imports torch

    runs = []
    for value in wished.values:
        try:
            made = _mean([_reached(_seeded(varied(experiment, path, value), k), options.device) for k in range(seeds)])
        except (Diverged, RuntimeError, ValueError, MemoryError) as error:
            print(f"network-playground: {path} = {value:g}: {error}", file=sys.stderr)
            return 3
        runs.append({"value": value, **made})
        if not options.json:
            _print(path, value, made)
    if options.json:
        told = {"name": options.file, "setting": path, "seeds": seeds, "runs": runs}
        print(json.dumps(told, ensure_ascii=False, indent=2))
    return 0


def _wished(vary: str | None, experiment: Experiment) -> Sweep:
    """Return what is to be varied, and through which values."""
    if vary is None:
        told = recorded(experiment)
        if told is None or told.sweep is None:
            raise Refusal(say("this document does not say what to vary; say it, like --vary dense_1.units=2,4,8"))
        return told.sweep
    path, _, words = vary.partition("=")
    try:
        values = tuple(_number(word) for word in words.split(","))
    except ValueError as error:
        raise Refusal(say("{values} are not numbers parted by commas", values=repr(words[:80]))) from error
    if len(values) > MOST_VALUES:
        raise Refusal(say("that would be {n} runs; {most} at most", n=len(values), most=MOST_VALUES))
    return Sweep(path.strip(), values)


def _number(word: str) -> float:
    value = float(word)
    return int(value) if value.is_integer() else value


def _seeded(experiment: Experiment, later: int) -> Experiment:
    """Return the document with a seed so much later than its own."""
    return varied(experiment, "training.seed", experiment.training.seed + later)


def _reached(experiment: Experiment, device: str) -> dict[str, Any]:
    from playground.training import Trainer

    trainer = Trainer(experiment, device=device)
    began = time.perf_counter()
    for _ in trainer.steps():
        pass
    seconds = time.perf_counter() - began
    trainer.close()
    metrics = {split: trainer.evaluate(split).metrics for split, held in trainer.data.splits.items() if len(held)}
    return {
        "parameters": trainer.report.parameters,
        "examples": len(trainer.data.splits["train"]),
        "seconds": seconds,
        **{
            split: {name: value if math.isfinite(value) else None for name, value in found.items()}
            for split, found in metrics.items()
        },
    }


def _mean(runs: list[dict[str, Any]]) -> dict[str, Any]:
    """Return the mean of numbers that runs of different seeds have reached; time is added up."""
    first = runs[0]
    found: dict[str, Any] = {**first, "seconds": sum(run["seconds"] for run in runs)}
    for split in (name for name, value in first.items() if isinstance(value, dict)):
        for name in first[split]:
            values = [run[split][name] for run in runs]
            found[split] = {**found[split], name: None if None in values else sum(values) / len(values)}
    return found


def _positive(text: str) -> int:
    if not text.isdecimal() or not 0 < int(text) <= 100:
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number from 1 to 100")
    return int(text)


def _print(path: str, value: float, made: dict[str, Any]) -> None:
    splits = (split for split in ("train", "validation", "test") if split in made)
    words = (
        split + " " + " ".join(f"{name} {math.nan if v is None else v:.4f}" for name, v in made[split].items())
        for split in splits
    )
    told = tr("{n} parameters, {m} examples", n=made["parameters"], m=made["examples"])
    print(f"{path} = {value:g}: {told}: {'  '.join(words)}", flush=True)
