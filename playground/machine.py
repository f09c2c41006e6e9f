"""How much memory this machine has, and how much of it is free: standard library only, no torch."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import NamedTuple

PROC = Path("/proc/meminfo")
CGROUP = Path("/sys/fs/cgroup")
"""Where Linux tells what a container may take (version 2)."""


class Room(NamedTuple):
    """Bytes of a memory: all there are, and those that nobody uses now (None: not known)."""

    total: int
    free: int | None = None


def ram() -> Room | None:
    """Return the machine's memory, or None where it does not tell."""
    if sys.platform == "win32":
        return _windows()
    found = _proc(PROC) or _posix()
    return found and _within(found, CGROUP)


def _proc(path: Path) -> Room | None:
    """Read Linux's own account; the kernel estimates there what a program could still take without swapping."""
    try:
        lines = path.read_text(encoding="ascii").splitlines()
        sizes = {name: int(rest.split()[0]) * 1024 for name, _, rest in (line.partition(":") for line in lines)}
    except (OSError, ValueError, IndexError):
        return None
    return Room(sizes["MemTotal"], sizes.get("MemAvailable")) if "MemTotal" in sizes else None


def _posix() -> Room | None:
    try:
        total = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    except (AttributeError, ValueError, OSError):
        return None
    return Room(total) if total > 0 else None


def _within(room: Room, folder: Path) -> Room:
    """Narrow a machine's memory to what the container we may run in is allowed."""
    try:
        most = int((folder / "memory.max").read_text(encoding="ascii"))
        taken = int((folder / "memory.current").read_text(encoding="ascii"))
    except (OSError, ValueError):  # no container, or one without a limit ("max")
        return room
    if most >= room.total:
        return room
    left = max(0, most - taken)
    return Room(most, left if room.free is None else min(room.free, left))


def _windows() -> Room | None:
    if sys.platform != "win32":
        return None
    import ctypes

    class Status(ctypes.Structure):
        """MEMORYSTATUSEX."""

        _fields_ = (
            ("length", ctypes.c_ulong),
            ("load", ctypes.c_ulong),
            *((name, ctypes.c_ulonglong) for name in ("total", "free", "a", "b", "c", "d", "e")),
        )

    status = Status()
    status.length = ctypes.sizeof(status)
    if not ctypes.windll.kernel32.GlobalMemoryStatusEx(ctypes.byref(status)):
        return None
    return Room(int(status.total), int(status.free))
