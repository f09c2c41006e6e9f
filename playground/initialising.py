"""First weights: what the initialisations that can be chosen do to a layer, by torch's own functions."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from playground.choices import He, Identity, Initialisation, Normal, Orthogonal, Usual, Xavier, Zeros
from playground.stepwise import Recurrent


def initialise(module: nn.Module, how: Initialisation) -> None:
    """Give a layer its first weights: matrices and kernels as was chosen, biases 0; norms stay as they are."""
    if isinstance(how, Usual):
        return
    with torch.no_grad():
        for own in module.modules():
            for name, weight in own.named_parameters(recurse=False):
                if weight.ndim > 1:
                    for part in _matrices(own, weight):
                        _fill(part, how)
                    if isinstance(own, nn.Embedding) and own.padding_idx is not None:
                        weight[own.padding_idx] = 0.0
                elif "bias" in name and not _is_norm(own):
                    weight.zero_()
            if isinstance(own, Recurrent):
                own.begin()


def _matrices(module: nn.Module, weight: Tensor) -> tuple[Tensor, ...]:
    """Return what is a matrix of its own: a recurrent layer keeps those of all its gates in one, row below row."""
    return torch.split(weight, module.hidden_size) if isinstance(module, nn.RNNBase) else (weight,)


def _is_norm(module: nn.Module) -> bool:
    return isinstance(module, nn.modules.batchnorm._BatchNorm | nn.LayerNorm | nn.GroupNorm)


def _fill(weight: Tensor, how: Initialisation) -> None:
    match how:
        case Zeros():
            weight.zero_()
        case Normal():
            weight.normal_(0.0, how.spread)
        case Xavier():
            nn.init.xavier_uniform_(weight, how.gain)
        case He():
            nn.init.kaiming_normal_(weight, nonlinearity="relu")
        case Orthogonal():
            nn.init.orthogonal_(weight, how.gain)
        case Identity():
            weight.zero_()
            middle = tuple(size // 2 for size in weight.shape[2:])
            for at in range(min(weight.shape[:2])):
                weight[(at, at, *middle)] = 1.0
