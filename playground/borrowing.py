"""Taking weights from a trained project instead of random ones: transfer learning."""

from __future__ import annotations

from pathlib import Path

import torch
from safetensors import SafetensorError
from safetensors.torch import load

from playground.experiment import Start
from playground.network import Network
from playground.project import read_weights
from playground.text import Refusal, say


def begin_with(network: Network, start: Start) -> None:
    """Give nodes the weights of a trained project; refuse a file that is none, and weights that do not fit."""
    path = Path(start.file)
    try:
        tensors = load(read_weights(path))
    except (SafetensorError, ValueError) as error:
        raise Refusal(say("{name} is not a project with weights", name=path.name)) from error
    state = network.state_dict()
    with torch.no_grad():
        for ours, theirs in start.nodes.items():
            for name in (name for name in state if name.startswith(f"{ours}.")):
                saved = tensors.get(f"network/{theirs}{name[len(ours) :]}")
                if saved is None or saved.shape != state[name].shape:
                    raise Refusal(say("{file} has no weights that fit {node}", file=path.name, node=ours))
                state[name].copy_(saved)
