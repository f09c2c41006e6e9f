"""Large things for panels to show, as they come out of a long training or a wide layer."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from playground.probes.feature_maps import FeatureMapsAnswer

NEW_STEPS = 50
"""Steps that come between two paints of a fast network."""


def curve(panel: Any, points: int, turn: int) -> Callable[[], None]:
    """Have a loss curve of so many points grow a little and drawn again."""
    loss = panel.session.history.loss
    random = np.random.default_rng(turn)
    count = NEW_STEPS if loss.size >= points else points - loss.size
    steps = np.arange(loss.size + 1, loss.size + count + 1, dtype=float)
    loss.extend(steps, np.exp(-steps / points) + 0.1 * random.random(count))
    return lambda: panel.sync()


def mosaic(panel: Any, maps: int, turn: int) -> Callable[[], None]:
    """Have so many feature maps of 28 × 28 drawn."""
    random = np.random.default_rng(turn)
    answer = FeatureMapsAnswer(
        step=turn,
        node=panel.chosen(),
        maps=random.random((maps, 28, 28), dtype=np.float32),
        total=maps,
        size=(28, 28),
        low=0.0,
        high=1.0,
        image=random.random((1, 28, 28), dtype=np.float32),
        split="validation",
        index=0,
        count=1,
    )
    return lambda: panel.draw(answer)


FILL: dict[str, Callable[[Any, int, int], Callable[[], None]]] = {"loss": curve, "feature_maps": mosaic}
