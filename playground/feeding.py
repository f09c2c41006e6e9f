"""Feeding: how the examples of a data set come to the network, batch by batch.

What fits is held as tensors on the device that trains and batched there by index. What does not stays where it lies
(`playground.data._stored`, or simply the machine's memory): the next batch is put together by a thread of its own
while the step before it runs. Both give the same numbers.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, NamedTuple

import numpy as np
import torch
from torch import Tensor

from playground.augmenting import Augment
from playground.data import Data, Examples, Scaling
from playground.data._stored import StoredColumn
from playground.machine import ram
from playground.preparation import Preparation
from playground.trimming import Cut

SHARE = 4
"""A split is held where it takes at most one part in so many of the memory that is free there."""

ALWAYS = 2**24
"""Bytes that are held without asking how much memory is free."""

Batch = tuple[dict[str, Tensor], list[Tensor]]
Scale = Callable[[str, Tensor], Tensor]


class Wanted(NamedTuple):
    """A target that is to be predicted: its name, and what brings it into the form that its loss wants."""

    target: str
    prepare: Callable[[Tensor], Tensor]


class Feeds:
    """What brings the examples of each split.

    Attributes:
        splits: by split what brings its examples as they are, to be judged and looked at.
        train: what brings those that a step learns from, augmented if they are to be.
        augment: what does that, or None.
        lengths: how many steps the texts have that train, (n,) for each input that is cut off behind them.
    """

    def __init__(
        self,
        data: Data,
        preparation: Preparation,
        wanted: Sequence[Wanted],
        device: torch.device,
        seed: int,
        cuts: Sequence[Cut] = (),
    ) -> None:
        self._device = device
        self._scaling = _measured(data, preparation, device)
        self.augment = Augment.of(preparation, data.facts, [one.target for one in wanted], seed, device)
        self.splits: dict[str, Feed] = {}
        room: float | None = None
        for split, examples in data.splits.items():
            if not len(examples):
                continue
            raw = split == "train" and self.augment is not None  # scaled only once it is augmented
            cost = _cost(examples, device, () if raw else self._scaling)
            if cost > ALWAYS:
                room = free_of(device) / SHARE if room is None else room
            held = cost <= ALWAYS or (room is not None and cost <= room)
            if held and room is not None:
                room -= cost
            scale = _as_it_is if raw else self._scaled
            feed: Feed = Streamed(examples, wanted, device, scale)
            if held:
                feed = Held.of(examples, wanted, device, scale)
            if raw and self.augment:
                feed = Augmented(feed, self.augment, self._scaled)
            self.splits[split] = Trimmed(feed, examples, wanted, cuts) if cuts else feed
        self.train: Feed = self.splits["train"]
        self.lengths = self.train.lengths if isinstance(self.train, Trimmed) else []

    def entering(self, name: str, values: Any) -> Tensor:
        """Bring one input, as the data have it, into the form that enters the network."""
        if isinstance(values, StoredColumn):
            values = values[:]
        return self._scaled(name, torch.as_tensor(values).to(self._device))

    def close(self) -> None:
        """End what prepares batches in the background."""
        for feed in self.splits.values():
            feed.close()

    def _scaled(self, name: str, tensor: Tensor) -> Tensor:
        if name not in self._scaling:
            return tensor
        shift, scale = self._scaling[name]
        return (tensor - shift) / scale


class Feed:
    """What brings the examples of one split to the network.

    Class attributes:
        ahead: whether it is of use to say with `expect` which batch comes next.
    """

    ahead = False

    def batch(self, index: Tensor) -> Batch:
        """Return the examples of these numbers, to be learnt from; `index` lies where `place` says."""
        raise NotImplementedError

    def piece(self, start: int, end: int) -> Batch:
        """Return the examples from one number to before another, to be judged."""
        raise NotImplementedError

    def expect(self, index: Tensor) -> None:
        """Hear which batch will be asked for next."""

    def close(self) -> None:
        """End what goes on in the background."""

    @property
    def place(self) -> torch.device:
        """Where the numbers of examples are wanted."""
        return torch.device("cpu")


class Held(Feed):
    """Examples as tensors on the device that trains."""

    def __init__(self, inputs: Mapping[str, Tensor], targets: Sequence[Tensor], device: torch.device) -> None:
        self._inputs, self._targets, self._device = dict(inputs), list(targets), device

    @classmethod
    def of(cls, examples: Examples, wanted: Sequence[Wanted], device: torch.device, scale: Scale) -> Held:
        """Bring examples to the device, all of them."""
        inputs = {name: scale(name, _whole(values, device)) for name, values in examples.inputs.items()}
        targets = [one.prepare(torch.as_tensor(_answers(examples, one.target)[:])).to(device) for one in wanted]
        return cls(inputs, targets, device)

    @property
    def place(self) -> torch.device:
        return self._device

    def batch(self, index: Tensor) -> Batch:
        batch = {name: values.index_select(0, index) for name, values in self._inputs.items()}
        return batch, [t.index_select(0, index) for t in self._targets]

    def piece(self, start: int, end: int) -> Batch:
        return {name: values[start:end] for name, values in self._inputs.items()}, [t[start:end] for t in self._targets]


class Streamed(Feed):
    """Examples that stay where they lie; the batch that comes next is read by a thread while the last one trains.

    The thread ends with `close`, or when nobody holds the feed any more.
    """

    ahead = True

    def __init__(self, examples: Examples, wanted: Sequence[Wanted], device: torch.device, scale: Scale) -> None:
        self._examples, self._wanted, self._device, self._scale = examples, tuple(wanted), device, scale
        self._pinned = device.type == "cuda"  # from there the copy runs beside what the device computes
        self._reader: ThreadPoolExecutor | None = None
        self._coming: tuple[Tensor, Future[Batch]] | None = None

    def batch(self, index: Tensor) -> Batch:
        coming, self._coming = self._coming, None
        if coming is not None and torch.equal(coming[0], index):
            return self._arrived(coming[1].result())
        return self._arrived(_read(self._examples, self._wanted, index.numpy(), self._pinned))

    def piece(self, start: int, end: int) -> Batch:
        return self._arrived(_read(self._examples, self._wanted, slice(start, end), self._pinned))

    def expect(self, index: Tensor) -> None:
        if self._reader is None:
            self._reader = ThreadPoolExecutor(1, thread_name_prefix="feeding")
        # Not a method of this object: what waits to be read must not keep it, nor with it the thread, alive.
        self._coming = index, self._reader.submit(_read, self._examples, self._wanted, index.numpy(), self._pinned)

    def close(self) -> None:
        self._coming = None
        if self._reader is not None:
            self._reader.shutdown(wait=True, cancel_futures=True)
            self._reader = None

    def _arrived(self, batch: Batch) -> Batch:
        inputs, targets = batch
        there = {n: v.to(self._device, non_blocking=self._pinned) for n, v in inputs.items()}
        return (
            {name: self._scale(name, values) for name, values in there.items()},
            [t.to(self._device, non_blocking=self._pinned) for t in targets],
        )


class Augmented(Feed):
    """Another feed's examples, augmented anew whenever they are to be learnt from, and only then."""

    def __init__(self, feed: Feed, augment: Augment, scale: Scale) -> None:
        self._feed, self._augment, self._scale = feed, augment, scale
        self.ahead = feed.ahead

    @property
    def place(self) -> torch.device:
        return self._feed.place

    def batch(self, index: Tensor) -> Batch:
        inputs, targets = self._augment(*self._feed.batch(index))
        return {name: self._scale(name, values) for name, values in inputs.items()}, targets

    def piece(self, start: int, end: int) -> Batch:
        inputs, targets = self._feed.piece(start, end)
        return {name: self._scale(name, values) for name, values in inputs.items()}, targets

    def expect(self, index: Tensor) -> None:
        self._feed.expect(index)

    def close(self) -> None:
        self._feed.close()


class Trimmed(Feed):
    """Another feed's examples, their texts cut off behind the longest of a batch."""

    def __init__(self, feed: Feed, examples: Examples, wanted: Sequence[Wanted], cuts: Sequence[Cut]) -> None:
        self._feed = feed
        self.ahead = feed.ahead
        self._cuts = list(cuts)
        self._targets = [[k for k, one in enumerate(wanted) if one.target in cut.targets] for cut in cuts]
        self.lengths = [lengths_of(examples.inputs[cut.name]) for cut in cuts]

    def batch(self, index: Tensor) -> Batch:
        # The lengths are looked up where nothing waits for the device.
        there = index.to(self._feed.place, non_blocking=True)
        return self._cut(self._feed.batch(there), index)

    def piece(self, start: int, end: int) -> Batch:
        return self._cut(self._feed.piece(start, end), slice(start, end))

    def expect(self, index: Tensor) -> None:
        self._feed.expect(index)

    def close(self) -> None:
        self._feed.close()

    def _cut(self, batch: Batch, which: Tensor | slice) -> Batch:
        inputs, targets = batch
        for cut, bound, lengths in zip(self._cuts, self._targets, self.lengths, strict=True):
            steps = max(cut.least, int(lengths[which].max()))
            for name in cut.inputs:
                inputs[name] = inputs[name][:, :steps]
            for k in bound:
                targets[k] = targets[k][:, :steps]
        return inputs, targets


def lengths_of(tokens: Any) -> Tensor:
    """Return how many steps of texts (n, time), or words (n, time, letters), are there, as a network counts them."""
    first = tokens[:, :, 0] if tokens.ndim == 3 else tokens  # of words that are spelt out the first letters
    return torch.as_tensor((first != 0).sum(axis=1)).clamp(min=1)


def free_of(device: torch.device) -> float:
    """Return how many bytes of memory are free where a device has its tensors; endless where that is not known."""
    if device.type == "cuda":
        return float(torch.cuda.mem_get_info(device)[0])
    room = ram()
    return float("inf") if room is None or room.free is None else float(room.free)


def _measured(data: Data, preparation: Preparation, device: torch.device) -> dict[str, tuple[Tensor, Tensor]]:
    """Return shift and scale of every input that is to be standardised, measured on the training examples."""
    if not preparation.standardise:
        return {}
    train = data.splits["train"].inputs
    scaling = {name: Scaling.of(values) for name, values in train.items() if values.dtype.kind == "f"}
    return {
        name: (torch.as_tensor(one.shift).to(device), torch.as_tensor(one.scale).to(device))
        for name, one in scaling.items()
    }


def _as_it_is(name: str, tensor: Tensor) -> Tensor:
    return tensor


def _cost(examples: Examples, device: torch.device, scaled: Sequence[str] | Mapping[str, Any]) -> int:
    """Return how many more bytes it takes to hold examples; on the CPU, arrays are taken as they are."""
    if device.type != "cpu":
        return sum(values.nbytes for values in (*examples.inputs.values(), *examples.targets.values()))
    total = 0
    for name, values in examples.inputs.items():
        if isinstance(values, StoredColumn) and not values.is_held:
            total += values.nbytes
        if name in scaled:
            total += values.nbytes
    return total


def _answers(examples: Examples, name: str) -> Any:
    """Return what is to be predicted: a target, or an input that is to be reconstructed."""
    return examples.targets[name] if name in examples.targets else examples.inputs[name]


def _whole(values: Any, device: torch.device) -> Tensor:
    """Return all of an input on the device."""
    if not isinstance(values, StoredColumn):
        return torch.as_tensor(values).to(device)
    here = torch.device("cpu")
    if device == here or values.is_held or values.nbytes * SHARE <= free_of(here):
        return torch.as_tensor(values.held()).to(device)  # kept there, so that it is not read again after an edit
    there, at = torch.empty(values.shape, dtype=torch.float32, device=device), 0
    for piece in values.pieces():
        there[at : at + len(piece)] = torch.as_tensor(piece)
        at += len(piece)
    return there


def _read(examples: Examples, wanted: Sequence[Wanted], rows: Any, pinned: bool) -> Batch:
    """Read some examples into the machine's memory, ready to be moved."""
    inputs = {name: torch.as_tensor(np.ascontiguousarray(values[rows])) for name, values in examples.inputs.items()}
    targets = [one.prepare(torch.as_tensor(_answers(examples, one.target)[rows])) for one in wanted]
    if not pinned:
        return inputs, targets
    return {name: values.pin_memory() for name, values in inputs.items()}, [t.pin_memory() for t in targets]
