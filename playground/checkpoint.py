"""Checkpoints: everything a run needs to go on exactly where it was, in one safetensors file, no pickle.

The tensors are the weights (``network/…``), the optimiser's memory (``adam/<weight>/<key>``), the states of
the random generators and the order of the present epoch; the numbers (step, position) stand in the metadata.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path

import torch
from safetensors import SafetensorError
from safetensors.torch import load, save
from torch import Tensor, nn

from playground.files import replace_file
from playground.project import is_project, read_weights
from playground.text import Refusal, say
from playground.training import Trainer


@dataclass(frozen=True)
class Checkpoint:
    """A copy of a run's state on the CPU."""

    tensors: Mapping[str, Tensor]
    numbers: Mapping[str, int]

    def renamed(self, moved: Mapping[str, str]) -> Checkpoint:
        """Return it with the tensors of nodes that have another path now under that path."""
        if not moved:
            return self
        tensors = {_follow(name, moved): value for name, value in self.tensors.items()}
        return Checkpoint(tensors, self.numbers)

    def without(self, paths: Collection[str]) -> Checkpoint:
        """Return it without the weights of some nodes, and without what the optimiser remembers of them."""
        gone = {name for name in self.tensors for path in paths if f"/{path}." in name}
        return Checkpoint({name: value for name, value in self.tensors.items() if name not in gone}, self.numbers)

    def write(self, path: Path) -> None:
        """Write it to a temporary file, then put that in place: a crash leaves the old one whole."""
        replace_file(path, self.to_bytes())

    def to_bytes(self) -> bytes:
        """Return it in the safetensors format."""
        return save(dict(self.tensors), metadata={"numbers": json.dumps(dict(self.numbers))})

    @classmethod
    def read(cls, path: Path) -> Checkpoint:
        """Read a checkpoint file or the weights of a project; refuse a file that is neither."""
        try:
            data = read_weights(path) if is_project(path) else path.read_bytes()
            tensors = load(data)  # checks the header, so that it can be read again for the numbers
            header = json.loads(data[8 : 8 + int.from_bytes(data[:8], "little")])
            numbers = json.loads(header.get("__metadata__", {}).get("numbers", "{}"))
            missing = {"random/torch", "random/shuffle", "order"} - tensors.keys()
            if missing:
                raise ValueError(missing)
            return cls(tensors, {str(name): max(0, int(value)) for name, value in numbers.items()})
        except (OSError, SafetensorError, ValueError, TypeError, AttributeError) as error:
            raise Refusal(say("{path} is not a checkpoint that can be read", path=path.name)) from error


def capture(trainer: Trainer) -> Checkpoint:
    """Copy the state of a run, between two steps."""
    tensors = {f"network/{name}": _copy(value) for name, value in trainer.network.state_dict().items()}
    for name, parameter in trainer.network.named_parameters():
        kind, optimiser = _optimiser_of(trainer, parameter)
        for key, value in optimiser.state.get(parameter, {}).items():
            if isinstance(value, Tensor):
                tensors[f"{kind}/{name}/{key}"] = _copy(value)
    tensors["random/torch"] = torch.get_rng_state()
    if trainer.device.type == "cuda":  # dropout draws from the device's own generator
        tensors["random/cuda"] = torch.cuda.get_rng_state(trainer.device)
    tensors["random/shuffle"] = trainer._shuffle.get_state()
    if trainer.feeds.augment is not None:
        tensors["random/augment"] = trainer.feeds.augment.state()
    if trainer.carried is not None:
        tensors |= {f"carried/{name}": _copy(value) for name, value in trainer.carried.state().items()}
    tensors["pace"] = trainer.pace.state()
    tensors["order"] = trainer._order.clone()
    numbers = {
        "step": trainer.number,
        "batches": trainer.steps_per_epoch,
        "position": trainer._position,
        "evaluated": trainer._evaluated,
    }
    return Checkpoint(tensors, numbers)


def restore(trainer: Trainer, checkpoint: Checkpoint) -> None:
    """Put a fresh Trainer where the checkpoint was; what does not fit its network starts fresh.

    Weights and the optimiser's memory are taken where name and shape agree. The place in the epoch is taken
    where the number of training examples and of batches agree; else a new epoch begins.
    """
    tensors, numbers = checkpoint.tensors, checkpoint.numbers
    state = trainer.network.state_dict()
    with torch.no_grad():
        for name, value in state.items():
            saved = tensors.get(f"network/{name}")
            if saved is not None and saved.shape == value.shape:
                value.copy_(saved)
    for name, parameter in trainer.network.named_parameters():
        kind, optimiser = _optimiser_of(trainer, parameter)  # another one's memory is of no use
        memory = {key.rsplit("/", 1)[1]: value for key, value in tensors.items() if key.startswith(f"{kind}/{name}/")}
        if memory and all(value.shape in (parameter.shape, torch.Size([])) for value in memory.values()):
            optimiser.state[parameter] = {key: value.clone().to(parameter.device) for key, value in memory.items()}
    trainer.number = numbers.get("step", 0)
    trainer._evaluated = numbers.get("evaluated", 0)
    torch.set_rng_state(tensors["random/torch"])
    if trainer.device.type == "cuda" and "random/cuda" in tensors:
        torch.cuda.set_rng_state(tensors["random/cuda"], trainer.device)
    trainer._shuffle.set_state(tensors["random/shuffle"])
    if trainer.feeds.augment is not None and "random/augment" in tensors:
        trainer.feeds.augment.set_state(tensors["random/augment"])
    if "pace" in tensors and tensors["pace"].shape == (3,):
        trainer.pace.set_state(tensors["pace"])
    order = tensors["order"]
    if len(order) == trainer._count and numbers.get("batches", trainer.steps_per_epoch) == trainer.steps_per_epoch:
        trainer._take_up(order.clone())
        trainer._position = numbers.get("position", trainer.steps_per_epoch)
        if trainer.carried is not None:
            carried = {key.removeprefix("carried/"): one for key, one in tensors.items() if key.startswith("carried/")}
            trainer.carried.set_state(carried, trainer.device)


def _optimiser_of(trainer: Trainer, parameter: nn.Parameter) -> tuple[str, torch.optim.Optimizer]:
    """Return the optimiser that moves a weight, and what its kind is called: a discriminator's are its own."""
    contest = trainer.contest
    if contest is not None and contest.moves(parameter):
        return type(contest.choice).key, contest.optimiser
    return type(trainer.experiment.training.optimiser).key, trainer.optimiser


def _follow(name: str, moved: Mapping[str, str]) -> str:
    """Return ``network/new.weight`` for ``network/old.weight``."""
    kind, _, rest = name.partition("/")
    parts = rest.split(".")
    for cut in range(len(parts) - 1, 0, -1):
        if (path := moved.get(".".join(parts[:cut]))) is not None:
            return f"{kind}/{path}.{'.'.join(parts[cut:])}"
    return name


def _copy(value: Tensor) -> Tensor:
    return value.detach().to("cpu", copy=True).contiguous()
