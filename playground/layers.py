"""The layers that torch lacks, each a plain `nn.Module` with its formula beside it."""

from __future__ import annotations

import torch
from torch import Tensor, nn


class Step(nn.Module):
    """Fires when the input reaches the threshold: 1 where x ≥ θ, else `low` (McCulloch and Pitts 1943)."""

    def __init__(self, threshold: float = 0.0, low: float = 0.0) -> None:
        super().__init__()
        self.threshold = threshold
        self.low = low

    def forward(self, x: Tensor) -> Tensor:
        fired = (x >= self.threshold).to(x.dtype)
        return fired * (1.0 - self.low) + self.low  # 1 or low

    def extra_repr(self) -> str:
        return f"threshold={self.threshold}, low={self.low}"


class SlopedSigmoid(nn.Module):
    """The logistic function with a slope: 1 / (1 + exp(−α x))."""

    def __init__(self, slope: float = 1.0) -> None:
        super().__init__()
        self.slope = slope

    def forward(self, x: Tensor) -> Tensor:
        return torch.sigmoid(self.slope * x)

    def extra_repr(self) -> str:
        return f"slope={self.slope}"


class Add(nn.Module):
    """Adds tensors of one shape, number by number."""

    def forward(self, *xs: Tensor) -> Tensor:
        total = xs[0]
        for x in xs[1:]:
            total = total + x
        return total


class Concat(nn.Module):
    """Puts tensors side by side along an axis (counted with the batch as axis 0)."""

    def __init__(self, dim: int = 1) -> None:
        super().__init__()
        self.dim = dim

    def forward(self, *xs: Tensor) -> Tensor:
        return torch.cat(xs, dim=self.dim)

    def extra_repr(self) -> str:
        return f"dim={self.dim}"
