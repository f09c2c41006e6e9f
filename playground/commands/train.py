"""Train a document or preset on the terminal, with progress and result."""

from __future__ import annotations

import argparse
import json
import math
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

from playground.commands._reading import shown
from playground.data.recognise import in_place_of, recognise
from playground.experiment import Experiment
from playground.facts import changed
from playground.presets import open_named
from playground.project import Record, write_project
from playground.text import tr

NEEDS = ("core", "torch")

FIRST_LOSSES = 20


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("file", metavar="FILE", help=tr("a document's path or a preset's name"))
    parser.add_argument("--device", default="auto", help=tr("auto, cpu, cuda, cuda:N or mps (default: auto)"))
    length = parser.add_mutually_exclusive_group()
    length.add_argument("--epochs", type=_positive, help=tr("train so many epochs instead of the document's"))
    length.add_argument("--steps", type=_positive, help=tr("train so many steps"))
    parser.add_argument("--seed", type=_natural, help=tr("use another seed than the document's"))
    parser.add_argument("--data", type=Path, help=tr("train on this file or folder instead of the document's data"))
    parser.add_argument("--out", type=Path, help=tr("write a project with weights and history to this file"))
    parser.add_argument("--json", action="store_true", help=tr("print one JSON value"))


def run(options: argparse.Namespace) -> int:
    """Train and report; exit status 3 when training failed."""
    experiment, _ = open_named(options.file)
    experiment = _with_options(experiment, options)
    from playground.training import Diverged, Trainer  # imports torch

    with shown(quiet=options.json):
        trainer = Trainer(experiment, device=options.device)
    _tell_of_data(experiment, trainer, anew=bool(options.data))
    until = options.steps or experiment.training.epochs * trainer.steps_per_epoch
    progress = _Progress(until, quiet=options.json or not sys.stderr.isatty())
    losses: list[float] = []
    evaluations: list[Any] = []
    began = time.perf_counter()
    try:
        for step in trainer.steps(until):
            losses.append(step.loss)
            evaluations.extend(step.evaluations)
            progress.show(step.number, step.epoch, step.loss)
    except (Diverged, RuntimeError, ValueError, MemoryError) as error:
        progress.clear()
        print(f"network-playground: {error}", file=sys.stderr)
        return 3
    seconds = time.perf_counter() - began
    progress.clear()
    answer = _answer(options.file, trainer, losses, seconds)
    if options.out:
        _write_project(options.out, trainer, losses, evaluations)
    if options.json:
        print(json.dumps(answer, ensure_ascii=False, indent=2))
    else:
        _print(answer, experiment)
    return 0


def _write_project(path: Path, trainer: Any, losses: list[float], evaluations: list[Any]) -> None:
    from playground.checkpoint import capture

    experiment = replace(trainer.experiment, facts=trainer.data.facts)
    record = Record(losses, [(made.step, made.split, made.metrics) for made in evaluations])
    write_project(path, experiment, capture(trainer).to_bytes(), record)


def _with_options(experiment: Experiment, options: argparse.Namespace) -> Experiment:
    training = experiment.training
    if options.epochs:
        training = training.replace(epochs=options.epochs)
    if options.seed is not None:
        training = training.replace(seed=options.seed)
    source, preparation = experiment.source, experiment.preparation
    if options.data:
        source = in_place_of(source, recognise(options.data))
        if source.uneven and source.key != experiment.source.key:  # as it is, it could hardly be learnt
            preparation = preparation.replace(standardise=True)
    return replace(experiment, training=training, source=source, preparation=preparation)


def _tell_of_data(experiment: Experiment, trainer: Any, anew: bool) -> None:
    """Say what should be known of how the data were read, and whether they are those of the document."""
    told = [*trainer.data.problems, *trainer.data.remarks]
    if not anew and (sentence := changed(experiment.facts, trainer.data.facts)):
        told.insert(0, sentence)
    for sentence in told:
        print(f"network-playground: {sentence}", file=sys.stderr)


def _answer(name: str, trainer: Any, losses: list[float], seconds: float) -> dict[str, Any]:
    splits = {split: bool(len(trainer.data.splits.get(split, ()))) for split in ("train", "validation", "test")}
    return {
        "name": name,
        "device": str(trainer.device),
        "threads": trainer.experiment.training.threads,
        "seed": trainer.experiment.training.seed,
        "steps": trainer.number,
        "epochs": trainer.epoch,
        "seconds": seconds,
        "parameters": trainer.report.parameters,
        "losses": losses[:FIRST_LOSSES],
        **{split: _metrics(trainer, split) if there else None for split, there in splits.items()},
    }


def _metrics(trainer: Any, split: str) -> dict[str, float | None]:
    """Evaluate on a split; a number that JSON cannot hold (the last step overflowed) becomes null."""
    return {name: value if math.isfinite(value) else None for name, value in trainer.evaluate(split).metrics.items()}


def _print(answer: dict[str, Any], experiment: Experiment) -> None:
    print(
        tr(
            "{name}: {steps} steps in {seconds} s on {device}, {parameters} parameters",
            name=str(experiment.title) or answer["name"],
            steps=answer["steps"],
            seconds=f"{answer['seconds']:.1f}",
            device=answer["device"],
            parameters=answer["parameters"],
        )
    )
    for split in ("train", "validation", "test"):
        if answer[split]:
            print(
                f"  {split:<11}"
                + "  ".join(
                    f"{name} {math.nan if value is None else value:.4f}" for name, value in answer[split].items()
                )
            )


class _Progress:
    """A line on the terminal that is written over ten times a second."""

    def __init__(self, until: int, quiet: bool) -> None:
        self._until, self._quiet = until, quiet
        self._began = self._shown = time.perf_counter()

    def show(self, step: int, epoch: int, loss: float) -> None:
        """Show how far it is."""
        now = time.perf_counter()
        if self._quiet or now - self._shown < 0.1:
            return
        self._shown = now
        left = (now - self._began) / step * (self._until - step)
        filled = round(24 * step / self._until)
        bar = "█" * filled + "·" * (24 - filled)
        words = tr(
            "epoch {epoch}  step {step} of {until}  loss {loss}  {left} s left",
            epoch=epoch,
            step=step,
            until=self._until,
            loss=f"{loss:.4f}",
            left=round(left),
        )
        print(f"\r{bar} {words} ", end="", file=sys.stderr)

    def clear(self) -> None:
        """Take the line away."""
        if not self._quiet:
            print("\r\033[K", end="", file=sys.stderr, flush=True)


def _positive(text: str) -> int:
    if not text.isdecimal() or not 0 < int(text) < 2**31:
        raise argparse.ArgumentTypeError(f"{text!r} is not a positive whole number")
    return int(text)


def _natural(text: str) -> int:
    return 0 if text == "0" else _positive(text)
