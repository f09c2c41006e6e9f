"""Taking weights from a trained project instead of random ones: transfer learning."""

from __future__ import annotations

from pathlib import Path

import torch
from safetensors import SafetensorError
from safetensors.torch import load

from playground.experiment import Start
from playground.graph import Graph
from playground.network import Network
from playground.project import read_weights
from playground.text import Refusal, say


def begin_with(network: Network, start: Start, graph: Graph) -> None:
    """Give nodes the weights of a trained project, but those that were set by hand since; refuse what does not fit.

    `graph` is the unfolded one that the network was made of.
    """
    path = Path(start.file)
    if not path.exists():
        raise Refusal(
            say(
                "the network begins with weights from {file}, and there is no such file: put it back into {folder}, "
                "or take the weights of another project",
                file=path.name,
                folder=path.parent,
            )
        )
    try:
        tensors = load(read_weights(path))
    except (SafetensorError, ValueError) as error:
        raise Refusal(say("{name} is not a project with weights", name=path.name)) from error
    state = network.state_dict()
    with torch.no_grad():
        for ours, theirs in start.nodes.items():
            by_hand = graph.nodes[ours].weights if ours in graph else ()
            for name in (name for name in state if name.startswith(f"{ours}.")):
                if name[len(ours) + 1 :] in by_hand:
                    continue
                saved = tensors.get(f"network/{theirs}{name[len(ours) :]}")
                if saved is None or saved.shape != state[name].shape:
                    raise Refusal(say("{file} has no weights that fit {node}", file=path.name, node=ours))
                state[name].copy_(saved)
