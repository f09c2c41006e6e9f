"""Making up for classes that have fewer examples to train on than others."""

from __future__ import annotations

from playground.data import Data
from playground.text import Refusal, say

MOST_REPEATED = 20
"""How often an example is repeated at most, and how many times the examples may become more."""


def balanced(data: Data, how: str, seed: int) -> Data:
    """Return the data with as many examples of each class to train on: ``repeat`` rare ones, ``drop`` common ones."""
    if how == "none":
        return data
    import numpy as np

    name = next((name for name, one in data.facts.targets.items() if one.is_class and not one.shape.sizes), None)
    if name is None:
        raise Refusal(say("These data have no classes to be balanced; leave them as they are"))
    train = data.splits["train"]
    rng = np.random.default_rng(seed)
    parts = [rng.permutation(np.flatnonzero(train.targets[name] == one)) for one in np.unique(train.targets[name])]
    if how == "drop":
        fewest = min(map(len, parts))
        taken = [part[:fewest] for part in parts]
    else:
        most = max(map(len, parts))
        taken = [np.resize(part, min(most, MOST_REPEATED * len(part))) for part in parts]
    return data.with_splits({**data.splits, "train": train.take(np.sort(np.concatenate(taken)))})
