"""What a file or folder holds: from a path to the data set that reads it."""

from __future__ import annotations

from pathlib import Path

from playground.data import Source
from playground.data.idx import IdxFolder, holds_idx
from playground.text import Refusal, say


def recognise(path: Path) -> Source:
    """Return the data set that reads this file or folder; refuse what no reader knows.

    Only headers are looked at; what is wrong further inside a file is said when it is read.
    """
    if holds_idx(path):
        return IdxFolder(path=str(path.absolute()))
    raise Refusal(say("{path} holds nothing that can be read; choose a folder of MNIST-family files (IDX)", path=path))
