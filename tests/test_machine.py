"""How much memory there is, from what Linux writes down and from what other systems tell."""

from __future__ import annotations

import sys

import pytest

from playground import machine
from playground.machine import Room


def test_the_memory_of_this_machine_is_known():
    room = machine.ram()
    assert room is not None and room.total > 2**28
    assert room.free is None or 0 < room.free <= room.total


def test_linux_says_what_a_program_could_still_take(tmp_path):
    path = tmp_path / "meminfo"
    path.write_text("MemTotal:    16000 kB\nMemFree:   100 kB\nMemAvailable: 8000 kB\nHugePages_Total: 0\n")
    assert machine._proc(path) == Room(16000 * 1024, 8000 * 1024)
    path.write_text("MemTotal: 16000 kB\n")  # before Linux 3.14
    assert machine._proc(path) == Room(16000 * 1024, None)


@pytest.mark.parametrize("text", ["", "MemTotal: many kB\n", "nonsense\n"])
def test_an_account_that_cannot_be_read_is_none(tmp_path, text):
    path = tmp_path / "meminfo"
    path.write_text(text)
    assert machine._proc(path) is None
    assert machine._proc(tmp_path / "missing") is None


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no sysconf")
def test_systems_without_that_account_tell_the_whole():
    known = machine._posix()
    assert known is not None and known.free is None
    assert known.total == pytest.approx(machine.ram().total, rel=0.2)


def test_a_container_has_what_it_is_allowed(tmp_path):
    whole = Room(1000, 800)
    assert machine._within(whole, tmp_path) == whole
    (tmp_path / "memory.max").write_text("max\n")
    (tmp_path / "memory.current").write_text("100\n")
    assert machine._within(whole, tmp_path) == whole
    (tmp_path / "memory.max").write_text("400\n")
    assert machine._within(whole, tmp_path) == Room(400, 300)
    (tmp_path / "memory.current").write_text("500\n")
    assert machine._within(whole, tmp_path) == Room(400, 0)
    (tmp_path / "memory.max").write_text("9223372036854771712\n")
    assert machine._within(whole, tmp_path) == whole
