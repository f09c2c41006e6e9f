"""Devices: which there are to train on, and how much memory they have."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import torch

from playground.text import Refusal, say


def resolve_device(name: str) -> torch.device:
    """Return the device of that name; ``auto`` is CUDA where there is one, else the CPU."""
    if name == "auto":
        return torch.device("cuda" if torch.cuda.is_available() else "cpu")
    kind, _, index = name.partition(":")
    there = {"cpu": True, "cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available()}
    if not there.get(kind, False) or (
        index and (not index.isdecimal() or kind != "cuda" or int(index) >= torch.cuda.device_count())
    ):
        raise Refusal(
            say("there is no device {name} here; this machine has: {devices}", name=name, devices=", ".join(devices()))
        )
    return torch.device(name)


def devices() -> tuple[str, ...]:
    """Return the names of the devices of this machine, the CPU first."""
    found = ["cpu", *(f"cuda:{i}" for i in range(torch.cuda.device_count()))]
    return (*found, "mps") if torch.backends.mps.is_available() else tuple(found)


@contextmanager
def random_kept(*places: torch.device) -> Iterator[None]:
    """Put the random numbers of the CPU and of these devices back afterwards, as if none had been drawn."""
    apples = torch.mps.get_rng_state() if any(place.type == "mps" for place in places) else None
    with torch.random.fork_rng(devices=[place for place in places if place.type == "cuda"]):
        try:
            yield
        finally:
            if apples is not None:
                torch.mps.set_rng_state(apples)


def memory_of(device: torch.device) -> int:
    """Return how many bytes of memory a device has of its own; 0 where it shares the machine's."""
    return int(torch.cuda.get_device_properties(device).total_memory) if device.type == "cuda" else 0
