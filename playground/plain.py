"""Two presets as bare PyTorch, the way a teacher writes them on the board: what `bench` measures the Trainer against.

Nothing of the program is used here. `tests/test_plain.py` proves that these loops take the same steps to the same
losses as the Trainer does.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import torch
from torch import Tensor, nn


def xor() -> tuple[nn.Module, torch.optim.Optimizer, int]:
    """Make the network, the optimiser and the batch size of the preset ``xor``."""
    network = nn.Sequential(
        nn.Linear(2, 4),
        nn.Tanh(),
        nn.Linear(4, 2),
        nn.Tanh(),
        nn.Linear(2, 1),
    )
    return network, torch.optim.Adam(network.parameters(), lr=0.02), 10


def lenet() -> tuple[nn.Module, torch.optim.Optimizer, int]:
    """Make the network, the optimiser and the batch size of the preset ``lenet``."""
    network = nn.Sequential(
        nn.Conv2d(1, 6, kernel_size=5, padding=2),  # (B, 6, 28, 28)
        nn.Tanh(),
        nn.AvgPool2d(2),  # (B, 6, 14, 14)
        nn.Conv2d(6, 16, kernel_size=5),  # (B, 16, 10, 10)
        nn.Tanh(),
        nn.AvgPool2d(2),  # (B, 16, 5, 5)
        nn.Flatten(),  # (B, 400)
        nn.Linear(400, 120),
        nn.Tanh(),
        nn.Linear(120, 84),
        nn.Tanh(),
        nn.Linear(84, 10),
    )
    return network, torch.optim.AdamW(network.parameters(), lr=0.006, weight_decay=0.3), 32


NETWORKS = {"xor": xor, "lenet": lenet}
LOSSES: dict[str, Callable[[Tensor, Tensor], Tensor]] = {
    "xor": nn.BCEWithLogitsLoss(),  # scores (B, 1), targets float (B, 1)
    "lenet": nn.CrossEntropyLoss(),  # scores (B, 10), targets int64 (B,)
}


def train(
    network: nn.Module,
    optimiser: torch.optim.Optimizer,
    batch_size: int,
    loss_function: Callable[[Tensor, Tensor], Tensor],
    x: Tensor,
    y: Tensor,
    epochs: int,
    seed: int = 1,
    falls_over: int = 0,
) -> Iterator[float]:
    """Train on all examples in a new order every epoch; yield the loss of every step.

    The learning rate falls along half a cosine over `falls_over` steps; 0 leaves it as it is.
    """
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, falls_over) if falls_over else None
    generator = torch.Generator().manual_seed(seed)
    network.train()
    for _ in range(epochs):
        order = torch.randperm(len(x), generator=generator).to(x.device)
        for start in range(0, len(x), batch_size):
            index = order[start : start + batch_size]
            optimiser.zero_grad()
            loss = loss_function(network(x[index]), y[index])
            loss.backward()  # type: ignore[no-untyped-call]
            optimiser.step()
            if schedule is not None:
                schedule.step()
            yield loss.item()
