"""A training loop on texts of one length, in a process of its own: ``-m widgets.bench._lengths PRESET LENGTH DEVICE``.

The preset's data is a delayed recall; the delay is chosen so that every text has so many tokens.
"""

from __future__ import annotations

import sys
from dataclasses import replace

from playground.presets import open_named
from widgets.bench._loop import on_command, trained, without_end

WARM_UP_STEPS = 5

EXAMPLES = 320
"""Few are enough: what they hold makes no difference to what a step costs."""


def main(preset: str, length: int, device: str) -> None:
    """Train when told to, for so many seconds; say how many steps that were."""
    experiment = without_end(open_named(preset)[0])
    source = experiment.source
    others = int(source.remembered) + 1  # type: ignore[attr-defined]  # the letters and the question
    source = source.replace(delay=length - others, count=EXAMPLES)
    preparation = experiment.preparation.replace(longest=length)
    experiment = replace(experiment, source=source, preparation=preparation)
    on_command(*trained(experiment, preset, device), device, WARM_UP_STEPS)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), sys.argv[3])
