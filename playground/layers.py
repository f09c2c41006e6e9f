"""The layers that torch lacks, each a plain `nn.Module` with its formula beside it.

What a layer returns from `penalty()` after a batch has gone through is added to the loss of that batch.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn


class Step(nn.Module):
    """Fires when the input reaches the threshold: 1 where x ≥ θ, else `low` (McCulloch and Pitts 1943).

    Its gradient is 0, or with `through` that of a straight line of slope 1 (the straight-through estimator).
    """

    def __init__(self, threshold: float = 0.0, low: float = 0.0) -> None:
        super().__init__()
        self.threshold = threshold
        self.low = low
        self.through = False

    def forward(self, x: Tensor) -> Tensor:
        fired = (x >= self.threshold).to(x.dtype) * (1.0 - self.low) + self.low  # 1 or low
        return fired + (x - x.detach()) if self.through else fired

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


class Multiply(nn.Module):
    """Multiplies tensors of one shape, number by number."""

    def forward(self, *xs: Tensor) -> Tensor:
        product = xs[0]
        for x in xs[1:]:
            product = product * x
        return product


class Concat(nn.Module):
    """Puts tensors side by side along an axis (counted with the batch as axis 0)."""

    def __init__(self, dim: int = 1) -> None:
        super().__init__()
        self.dim = dim

    def forward(self, *xs: Tensor) -> Tensor:
        return torch.cat(xs, dim=self.dim)

    def extra_repr(self) -> str:
        return f"dim={self.dim}"


class SeparableConv2d(nn.Module):
    """A convolution of each channel by itself, then one of 1 × 1 that mixes them (Chollet 2017, without activation)."""

    def __init__(
        self,
        inputs: int,
        outputs: int,
        kernel: tuple[int, int],
        stride: tuple[int, int] = (1, 1),
        padding: tuple[int, int] = (0, 0),
        bias: bool = True,
    ) -> None:
        super().__init__()
        self.depthwise = nn.Conv2d(inputs, inputs, kernel, stride=stride, padding=padding, groups=inputs, bias=False)
        self.pointwise = nn.Conv2d(inputs, outputs, 1, bias=bias)

    def forward(self, x: Tensor) -> Tensor:
        mixed: Tensor = self.pointwise(self.depthwise(x))
        return mixed


def beyond(x: Tensor, lengths: Tensor) -> Tensor:
    """Say which steps of (batch, time, …) lie beyond the end of their example: (batch, time), True where they do."""
    return torch.arange(x.shape[1], device=x.device) >= lengths[:, None]


def last_step(x: Tensor, lengths: Tensor | None) -> Tensor:
    """Return the last real step of each example of (batch, time, …)."""
    return x[:, -1] if lengths is None else x[torch.arange(len(x), device=x.device), lengths - 1]


class Conv1d(nn.Conv1d):
    """torch's convolution along time, for sequences (batch, time, features).

    What lies beyond the end of an example counts as zero, as what lies beyond both ends of the time axis does.
    """

    uses_lengths = True

    def forward(self, x: Tensor, lengths: Sequence[Tensor | None] = (None,)) -> Tensor:
        if lengths[0] is not None:
            x = x.masked_fill(beyond(x, lengths[0])[..., None], 0.0)
        return super().forward(x.transpose(1, 2)).transpose(1, 2)

    def out_lengths(self, lengths: Tensor) -> Tensor:
        """Return how many windows begin within an example; at least the first, which zeros fill up."""
        reach = self.dilation[0] * (self.kernel_size[0] - 1) + 1
        room = lengths + 2 * int(self.padding[0]) - reach
        return (room.div(self.stride[0], rounding_mode="floor") + 1).clamp(min=1)


class LpPool2d(nn.Module):
    """The p-norm of every window, (Σ |x|ᵖ)^(1/p); torch's own takes negative numbers for what they are not.

    Its gradient where a whole window is 0 is 0, as the smallest subgradient is.
    """

    def __init__(self, power: float, kernel: tuple[int, int], stride: tuple[int, int]) -> None:
        super().__init__()
        self.power, self.kernel, self.stride = power, kernel, stride

    def forward(self, x: Tensor) -> Tensor:
        size = self.kernel[0] * self.kernel[1]
        # Divided by the largest of each window first, so that high powers neither overflow nor vanish.
        most = nn.functional.max_pool2d(x.detach().abs(), self.kernel, self.stride)
        scale = torch.where(most > 0, most, torch.ones_like(most))
        height, width = most.shape[2:]
        patches = x.unfold(2, self.kernel[0], self.stride[0]).unfold(3, self.kernel[1], self.stride[1])
        patches = patches[:, :, :height, :width].reshape(*most.shape, size)
        shares = (patches / scale[..., None]).abs() ** self.power
        total = shares.sum(dim=-1)
        safe = torch.where(total > 0, total, torch.ones_like(total))
        return torch.where(total > 0, scale * safe ** (1.0 / self.power), torch.zeros_like(total))

    def extra_repr(self) -> str:
        return f"power={self.power}, kernel={self.kernel}, stride={self.stride}"


class AdaptiveMaxPool2d(nn.Module):
    """torch's adaptive max pooling, also where it is asked for an image of the size that comes in."""

    def __init__(self, size: tuple[int, int]) -> None:
        super().__init__()
        self.size = size

    def forward(self, x: Tensor) -> Tensor:
        return nn.functional.adaptive_max_pool2d(x, self.size)

    def extra_repr(self) -> str:
        return f"size={self.size}"


class GlobalAvgPool2d(nn.Module):
    """The mean of each channel: (batch, channels, height, width) → (batch, channels)."""

    def forward(self, x: Tensor) -> Tensor:
        return x.mean(dim=(2, 3))


class MaxOverTime(nn.Module):
    """The largest value of each feature over time: (batch, time, features) → (batch, features)."""

    uses_lengths = True

    def forward(self, x: Tensor, lengths: Sequence[Tensor | None] = (None,)) -> Tensor:
        if lengths[0] is not None:
            x = x.masked_fill(beyond(x, lengths[0])[..., None], -torch.inf)
        return x.amax(dim=1)


class MeanOverTime(nn.Module):
    """The mean of each feature over time: (batch, time, features) → (batch, features)."""

    uses_lengths = True

    def forward(self, x: Tensor, lengths: Sequence[Tensor | None] = (None,)) -> Tensor:
        if lengths[0] is None:
            return x.mean(dim=1)
        return x.masked_fill(beyond(x, lengths[0])[..., None], 0.0).sum(dim=1) / lengths[0][:, None]


class LastStep(nn.Module):
    """The last real step of each example: (batch, time, features) → (batch, features)."""

    uses_lengths = True

    def forward(self, x: Tensor, lengths: Sequence[Tensor | None] = (None,)) -> Tensor:
        return last_step(x, lengths[0])


class Reshape(nn.Module):
    """Lays the numbers of each example out anew."""

    def __init__(self, *sizes: int) -> None:
        super().__init__()
        self.sizes = sizes

    def forward(self, x: Tensor) -> Tensor:
        return x.reshape(len(x), *self.sizes)

    def extra_repr(self) -> str:
        return ", ".join(map(str, self.sizes))


class Permute(nn.Module):
    """Puts the axes into another order; they are counted with the batch as axis 0, which stays."""

    def __init__(self, *order: int) -> None:
        super().__init__()
        self.order = order
        self.moves_steps = order[0] != 1

    def forward(self, x: Tensor) -> Tensor:
        return x.permute(0, *self.order).contiguous()

    def extra_repr(self) -> str:
        return ", ".join(map(str, self.order))


class Slice(nn.Module):
    """Cuts a piece out along an axis (counted with the batch as axis 0)."""

    def __init__(self, dim: int, first: int, length: int) -> None:
        super().__init__()
        self.dim, self.first, self.length = dim, first, length

    def forward(self, x: Tensor) -> Tensor:
        return x.narrow(self.dim, self.first, self.length)

    def out_lengths(self, lengths: Tensor) -> Tensor:
        """Return how many of the steps that are left each example has; at least the first."""
        return (lengths - self.first).clamp(1, self.length) if self.dim == 1 else lengths

    def extra_repr(self) -> str:
        return f"{self.dim}, {self.first}, {self.length}"


class Sample(nn.Module):
    """Draws z = μ + exp(s/2) ε with a standard normal ε, given μ and the log-variance s; in eval mode z = μ.

    `penalty` is what the loss takes up besides (Kingma and Welling 2014, appendix B).
    """

    def __init__(self, beta: float = 1.0) -> None:
        super().__init__()
        self.beta = beta
        self._last: tuple[Tensor, Tensor] | None = None

    def forward(self, mean: Tensor, log_variance: Tensor) -> Tensor:
        self._last = (mean, log_variance)
        if not self.training:
            return mean
        return mean + torch.exp(0.5 * log_variance) * torch.randn_like(mean)

    def penalty(self) -> Tensor:
        """Return β KL(N(μ, exp s) ‖ N(0, 1)) of the last batch, once: summed over the code, the mean over examples."""
        assert self._last is not None, "nothing has gone through yet"
        (mean, log_variance), self._last = (one.float() for one in self._last), None
        divergence = -0.5 * (1.0 + log_variance - mean.square() - log_variance.exp())
        return self.beta * divergence.flatten(1).sum(dim=1).mean()

    def extra_repr(self) -> str:
        return f"{self.beta}"


class Noise(nn.Module):
    """Draws a row of standard normal numbers for every example of what comes in, which is not looked at further.

    In training the rows are drawn from torch's global generator. In eval mode they are always the same, so that looking
    draws nothing: those from the number `first` on of a list that belongs to the seed it was made under.
    """

    PIECE = 256
    """Rows that are drawn at once: so the first ones do not depend on how many are asked for."""

    def __init__(self, size: int) -> None:
        super().__init__()
        self.size = size
        self.first = 0
        self._seed = torch.initial_seed()
        self._rows = torch.empty(0, size)

    def forward(self, like: Tensor) -> Tensor:
        if self.training:
            return torch.randn(len(like), self.size, device=like.device)
        end = self.first + len(like)
        if end > len(self._rows):
            drawn = torch.Generator().manual_seed(self._seed)
            pieces = -(-end // self.PIECE)
            self._rows = torch.cat([torch.randn(self.PIECE, self.size, generator=drawn) for _ in range(pieces)])
        return self._rows[self.first : end].to(like.device)

    def extra_repr(self) -> str:
        return f"{self.size}"


class RealOrGenerated(nn.Module):
    """Puts generated examples behind the real ones: (batch, …) twice → (2 · batch, …)."""

    def forward(self, real: Tensor, generated: Tensor) -> Tensor:
        return torch.cat([real, generated])
