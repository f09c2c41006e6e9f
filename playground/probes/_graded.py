"""What probes share that go back through the network once more: what is wanted of some examples.

It holds no probe of its own; importing it does nothing.
"""

from __future__ import annotations

from typing import Any


def wanted_of(run: Any, some: Any) -> list[Any]:
    """Return what is wanted of some examples, as the losses take it."""
    import torch

    made = []
    for one in run.judges:
        name = one.block.target
        if name in some.targets:
            made.append(one.prepare(torch.as_tensor(some.targets[name]).to(run.device)))
        else:  # an input that is to be reconstructed
            made.append(one.prepare(run.feeds.entering(name, some.inputs[name])))
    return made
