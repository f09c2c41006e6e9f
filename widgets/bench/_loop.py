"""A training loop in a process of its own: ``python -m widgets.bench._loop trainer|plain PRESET DEVICE``."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from playground.choices import Constant
from playground.experiment import Experiment
from playground.presets import open_named
from widgets.bench import FOREVER

WARM_UP_STEPS = 50


def main(kind: str, preset: str, device: str) -> None:
    """Train when told to, for so many seconds; say how many steps that were."""
    experiment = without_end(open_named(preset)[0])
    steps, synchronise = {"trainer": trained, "plain": _plain}[kind](experiment, preset, device)
    on_command(steps, synchronise, device, WARM_UP_STEPS)


def on_command(steps: Iterator[float], synchronise: Any, device: str, warm_up: int) -> None:
    """Warm up, then take steps for as long as each line says, and answer how many they were."""
    losses = [next(steps) for _ in range(warm_up)]
    answer({"device": device, "losses": len(losses)})
    for line in sys.stdin:
        seconds = json.loads(line)["seconds"]
        losses.clear()
        synchronise()
        began = time.perf_counter()
        end = began + seconds
        while time.perf_counter() < end:
            losses.append(next(steps))
        synchronise()
        answer({"steps": len(losses), "seconds": time.perf_counter() - began})


def without_end(experiment: Experiment) -> Experiment:
    """Return the same experiment with more epochs than anybody waits for."""
    return replace(experiment, training=experiment.training.replace(epochs=FOREVER))


def answer(value: dict[str, Any]) -> None:
    """Write one line of JSON."""
    print(json.dumps(value), flush=True)


def trained(experiment: Experiment, preset: str, device: str) -> tuple[Iterator[float], Any]:
    """Return the losses of the Trainer, its evaluations at the ends of epochs included."""
    from playground.training import Trainer

    trainer = Trainer(experiment, device=device)
    return (step.loss for step in trainer.steps()), _synchroniser(device)


def _plain(experiment: Experiment, preset: str, device: str) -> tuple[Iterator[float], Any]:
    """Return the losses of the bare loop on the same examples."""
    import torch

    from playground import plain
    from playground.training import read_data

    torch.set_num_threads(experiment.training.threads)
    torch.manual_seed(experiment.training.seed)
    train = read_data(experiment).splits["train"]
    x = torch.as_tensor(train.inputs["x"]).to(device)
    if experiment.preparation.standardise:
        x = (x - x.mean()) / x.std(correction=0)
    y = torch.as_tensor(train.targets["label"]).to(device)
    if preset == "xor":
        y = y.float().reshape(-1, 1)
    network, optimiser, batch_size = plain.NETWORKS[preset]()
    network.to(device)  # its parameters stay the same objects, so the optimiser keeps them
    falls_over = 0 if isinstance(experiment.training.schedule, Constant) else FOREVER * -(-len(x) // batch_size)
    losses = plain.train(network, optimiser, batch_size, plain.LOSSES[preset], x, y, FOREVER, falls_over=falls_over)
    return losses, _synchroniser(device)


def _synchroniser(device: str) -> Any:
    import torch

    return torch.cuda.synchronize if device.startswith("cuda") else lambda: None


if __name__ == "__main__":
    main(*sys.argv[1:4])
