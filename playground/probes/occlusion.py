"""What a network misses when a part of the picture is covered: occlusion sensitivity (Zeiler and Fergus 2014)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from playground.declare import choice, integer
from playground.inquiry import Inquiry, Slice, Slices
from playground.picture import Picture
from playground.probes import Probe, Subject
from playground.probes._answers import probabilities
from playground.probes._looking import Asked, Seen, asked_of
from playground.probes._moving import FARTHEST
from playground.receptive_field import Patch, Span
from playground.text import Refusal, note, say

if TYPE_CHECKING:
    import numpy as np

    Array = np.ndarray[Any, Any]

MOST_ROWS = 64
"""Rows and columns of places at the most: the patch goes on by longer steps where there would be more."""

LIVE_WORK = 400_000_000
"""Multiply-accumulates up to which all places are tried again and again while the network trains."""

LIVE_PLACES = 400
"""Places up to which that is done."""

SLICE_WORK = 100_000_000
"""Multiply-accumulates that one slice may cost: a few hundredths of a second on one core."""

MOST_AT_ONCE = 64
"""Pictures that go through the network together."""

MEASURED = 256
"""Training pictures whose mean gives the grey."""

VALUES = {"probability": note("Probability"), "score": note("Score")}
"""What is watched while the patch slides."""


@dataclass(frozen=True)
class OcclusionAnswer:
    """How much less sure of a class the network is, by the place that is covered.

    `drop` is float32 (rows, columns): the probability of the class, or its score before softmax, on the whole picture
    minus that on the covered one; negative where covering helps, not a number where it is not known yet. A place is a
    cell of `stride` × `stride` pixels, covered by a patch of `patch` × `patch` pixels around it (`patch_at`).
    `live` says whether all places were tried in answering a probe; where that takes too long, none was.
    """

    axis_names = {"drop": ("row", "column")}

    step: int
    drop: Array
    patch: int
    stride: int
    value: str
    live: bool
    seen: Seen


class Occlusion(Probe):
    """Covers the picture with a grey patch, place by place, and watches what becomes of a class."""

    key = "occlusion"
    title = note("Occlusion")
    icon = "mdi6.image-filter-none"
    rate = 2.0
    once = True
    number: int = integer(-1, low=-1, label="Class", help="Which class; −1: the one that the network chooses")
    value: str = choice("probability", choices=VALUES, help="What is watched while the patch slides")
    patch: int = integer(0, high=4096, help="Height and width of the patch; 0: a quarter of the picture's shorter side")
    stride: int = integer(0, high=4096, help="By how many pixels the patch goes on; 0: half its width")
    split: str = choice("validation", choices=("validation", "train"), help="Where the example is taken from")
    index: int = integer(0, help="Which example")
    frame: int = integer(0, label="Frame of the clip", help="Which frame of a clip is shown; all are covered")
    down: int = integer(0, low=-FARTHEST, high=FARTHEST, help="By how many pixels the image is moved down")
    right: int = integer(0, low=-FARTHEST, high=FARTHEST, help="By how many pixels the image is moved to the right")
    own: Picture | None = None
    """A picture to be looked at in place of the example."""

    def measure(self, subject: Subject) -> OcclusionAnswer | None:
        """Try every place, where that is quick; else say only what the network makes of the whole picture."""
        asked = asked_of(subject, self.split, self.index, self.own, (self.down, self.right))
        if asked is None:
            return None
        keep = (asked.output.id, asked.scores)
        begun = self.begun(subject, asked, subject.look(asked.inputs, keep))
        places = begun.drop.size
        if places > LIVE_PLACES or places * subject.report.macs > LIVE_WORK:
            return begun
        for _ in self.tried(subject, asked, begun, lambda inputs: subject.look(inputs, keep)):
            pass
        return replace(begun, live=True)

    def begun(self, subject: Subject, asked: Asked, kept: dict[str, Any]) -> OcclusionAnswer:
        """Return the answer with no place tried yet; `kept` is what the network says of the whole picture."""
        import numpy as np

        height, width = asked.inputs[asked.field].shape[-2:]
        patch, stride = sizes(height, width, self.patch, self.stride)
        drop = np.full((-(-height // stride), -(-width // stride)), np.nan, dtype=np.float32)
        seen = asked.seen(subject, kept, self.number, self.frame)
        return OcclusionAnswer(subject.number, drop, patch, stride, self.value, False, seen)

    def tried(
        self,
        subject: Subject,
        asked: Asked,
        begun: OcclusionAnswer,
        look: Callable[[dict[str, Array]], dict[str, Any]],
    ) -> Iterator[float]:
        """Cover place after place, some in each slice, and fill them in; yield which share is done."""
        import numpy as np

        grey, picture = mean_colour(subject, asked.field), np.asarray(asked.inputs[asked.field], dtype=np.float32)
        whole = begun.seen.probability if self.value == "probability" else begun.seen.score
        n, columns = begun.drop.size, begun.drop.shape[1]
        at_once = max(1, min(MOST_AT_ONCE, SLICE_WORK // max(1, subject.report.macs)))
        for first in range(0, n, at_once):
            cells = [divmod(k, columns) for k in range(first, min(n, first + at_once))]
            covered = np.repeat(picture, len(cells), axis=0)
            for one, (row, column) in zip(covered, cells, strict=True):
                down, across = patch_at(begun.patch, begun.stride, begun.seen.image_size, row, column)
                one[..., down.first : down.last + 1, across.first : across.last + 1] = grey
            inputs = {name: np.repeat(values, len(cells), axis=0) for name, values in asked.inputs.items()}
            now = self._watched(asked, look({**inputs, asked.field: covered}), begun.seen.number)
            begun.drop.reshape(-1)[first : first + len(cells)] = whole - now
            yield (first + len(cells)) / n

    def _watched(self, asked: Asked, kept: dict[str, Any], number: int) -> Array:
        import torch

        with torch.no_grad():
            if self.value == "probability":
                found = probabilities(asked.output.block, kept[asked.output.id].float())[:, number]
            else:
                found = asked.score(kept[asked.scores].float(), number)
            made: Array = found.cpu().numpy()
            return made


@dataclass(frozen=True)
class Occluding(Inquiry):
    """Tries every place with the weights as they are when it begins, however long that takes."""

    probe: Occlusion = Occlusion()

    def work(self, subject: Subject) -> Slices:
        """Cover place after place; the answer so far comes along."""
        probe = self.probe
        asked = asked_of(subject, probe.split, probe.index, probe.own, (probe.down, probe.right))
        if asked is None:
            raise Refusal(say("no Output here tells classes of whole pictures apart"))
        look = _kept_as_it_is(subject, (asked.output.id, asked.scores))
        answer = probe.begun(subject, asked, look(asked.inputs))
        yield Slice(0.0, _copied(answer))
        for share in probe.tried(subject, asked, answer, look):
            yield Slice(share, _copied(answer))
        return answer


def _copied(answer: OcclusionAnswer) -> OcclusionAnswer:
    return replace(answer, drop=answer.drop.copy())


def _kept_as_it_is(subject: Any, keep: tuple[str, ...]) -> Callable[[dict[str, Array]], dict[str, Any]]:
    """Return a way to look into the network as it is now, whatever training makes of it meanwhile."""
    from torch import nn
    from torch.func import functional_call

    class Looking(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.network = subject.network

        def forward(self, inputs: dict[str, Array]) -> dict[str, Any]:
            found: dict[str, Any] = subject.look(inputs, keep)
            return found

    looking = Looking()
    named = (*looking.named_parameters(), *looking.named_buffers())
    now = {name: one.detach().clone() for name, one in named}
    return lambda inputs: functional_call(looking, now, (inputs,))


# -- places --------------------------------------------------------------------------------------------------------


def sizes(height: int, width: int, patch: int, stride: int) -> tuple[int, int]:
    """Return how large the patch is and by how much it goes on, where 0 leaves it open, for a picture of this size."""
    patch = min(patch, max(height, width)) or max(1, round(min(height, width) / 4))
    stride = min(stride or max(1, patch // 2), max(height, width))
    stride = max(stride, -(-max(height, width) // MOST_ROWS))
    return max(patch, stride), stride  # a smaller patch would leave pixels that are never covered


def patch_at(patch: int, stride: int, size: tuple[int, int], row: int, column: int) -> Patch:
    """Return the pixels that are covered at a place: those of its cell, and as many around it as the patch is larger.

    At the border of the picture, of such a height and width, the patch ends with it.
    """
    before = (patch - stride) // 2
    height, width = size
    down, across = row * stride - before, column * stride - before
    return Patch(Span(down, down + patch - 1), Span(across, across + patch - 1)).within(height, width)


def mean_colour(subject: Subject, field: str) -> Array:
    """Return the mean of each channel over training pictures, float32 (channels, 1, 1), as the data have it."""
    import numpy as np

    known: dict[str, Array] = subject.notes.setdefault("mean colours", {})
    if field not in known:
        examples = subject.data.splits["train"]
        some = examples.take(slice(None, None, -(-len(examples) // MEASURED))).inputs[field][:]
        means = some.mean(axis=tuple(axis for axis in range(some.ndim) if axis != some.ndim - 3), dtype=np.float64)
        known[field] = means.astype(np.float32)[:, None, None]
    return known[field]
