"""Words that are spelt out: what reads texts reads the letters of each word by itself, as if it were a text of its own.

The values are (batch, time, letters, …). Their ends are not one number for each example but one for each word, how many
letters it has, (batch, time): 0 beyond the end of a text. So words that only fill up cost nothing and change nothing.
"""

from __future__ import annotations

from typing import Any, NamedTuple, cast

import torch
from torch import Tensor, nn


class Read(NamedTuple):
    """What a layer made of words at one of its outputs, and what is known of its end."""

    value: Tensor
    ends: Tensor


def letters_of(numbers: Tensor) -> Tensor:
    """Return how many letters each word has of the numbers of letters (batch, time, letters); 0 fills up.

    A text holds at least one word, of at least one letter.
    """
    letters = (numbers != 0).sum(dim=2)
    letters[:, 0].clamp_(min=1)
    return letters


def words_of(letters: Tensor) -> Tensor:
    """Return how many words each text has, (batch,)."""
    return (letters > 0).sum(dim=1)


def is_spelt(ends: Any) -> bool:
    """Whether these are the ends of words."""
    return isinstance(ends, Tensor) and ends.ndim == 2


def word_by_word(module: nn.Module, words: Tensor, ends: Any) -> list[Read]:
    """Let a layer read each word by itself; return what leaves each of its outputs, 0 where no word is."""
    letters = ends if is_spelt(ends) else torch.full(words.shape[:2], words.shape[2], device=words.device)
    if not getattr(module, "uses_lengths", False):  # it works letter by letter
        made: Tensor = module(words.flatten(0, 1)).unflatten(0, words.shape[:2])
        return [Read(made, letters)]
    there = letters > 0
    within = letters[there]
    several = module(words[there], lengths=[within])
    found = []
    for one in several if isinstance(several, tuple) else (several,):
        value = one.new_zeros(*letters.shape, *one.shape[1:])
        value[there] = one
        stays = one.ndim == words.ndim - 1  # it still has letters
        found.append(Read(value, _left(module, letters, there) if stays else words_of(letters)))
    return found


def _left(module: nn.Module, letters: Tensor, there: Tensor) -> Tensor:
    """Return how many letters, or windows over them, each word has after a layer."""
    if not hasattr(module, "out_lengths"):
        return letters
    left = torch.zeros_like(letters)
    left[there] = cast("Tensor", module.out_lengths(letters[there]))  # type: ignore[operator]  # any attribute may be a Tensor
    return left
