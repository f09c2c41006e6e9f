"""What all tests share: which of them run on this machine, and that none leaves anything running behind."""

from __future__ import annotations

import ast
import gc
import multiprocessing
import os
import signal
import sys
import threading
import time
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import pytest

from playground import system, text

# Windows are painted into memory; the one test that needs a screen asks Xvfb's (pytest-xvfb sets DISPLAY) for it.
os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

HERE = Path(__file__).parent
WINDOWS = find_spec("PySide6") is not None and not system.missing_libraries("offscreen")
OPTIONAL = ("PySide6", "pytestqt", "hypothesis", "safetensors", "sklearn", "psutil", "polib", "platformdirs", "mypy")
PATIENCE = 3.0
"""Seconds a thread or process may take to end after its test."""

_started_qthreads: list[object] = []


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--slow", action="store_true", help="run the slow tests too")
    # A headless machine may lack these plugins; their settings in pyproject.toml must not be errors there.
    for module, names in {
        "pytest_timeout": ("timeout",),
        "pytestqt": ("qt_api",),
        "pytest_xvfb": ("xvfb_width", "xvfb_height", "xvfb_colordepth"),
    }.items():
        if find_spec(module) is None:
            for name in names:
                parser.addini(name, f"setting of {module}, which is not installed")


def pytest_configure(config: pytest.Config) -> None:
    if find_spec("pytest_timeout") is None:
        config.addinivalue_line("markers", "timeout: setting of pytest_timeout, which is not installed")
    if find_spec("pytest_xvfb") is None:
        config.addinivalue_line("markers", "no_xvfb: setting of pytest_xvfb, which is not installed")


def pytest_report_header() -> list[str]:
    lacking = [name for name in OPTIONAL if find_spec(name) is None]
    header = [f"not installed, so the tests that import them are left out: {', '.join(lacking)}"] if lacking else []
    if not WINDOWS:
        header.append("Qt cannot run here, so tests/gui is left out")
    return header


def pytest_ignore_collect(collection_path: Path) -> bool | None:
    if collection_path == HERE / "gui" and not WINDOWS:
        return True
    if collection_path.suffix == ".py" and collection_path.name.startswith("test_"):
        lacking = {name for name in OPTIONAL if find_spec(name) is None}
        if lacking and lacking & _imports(collection_path):
            return True
    return None


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    for item in items:
        if HERE / "gui" in item.path.parents:
            item.add_marker(pytest.mark.gui)
        if "slow" in item.keywords and not config.getoption("--slow"):
            item.add_marker(pytest.mark.skip(reason="slow: runs with --slow"))
    of_cuda = [item for item in items if "cuda" in item.keywords]
    if of_cuda and not _has_cuda():
        for item in of_cuda:
            item.add_marker(pytest.mark.skip(reason="there is no CUDA device"))


@pytest.fixture(autouse=True)
def english_again() -> Iterator[None]:
    """Let each test begin in English, whatever the one before spoke."""
    yield
    text.set_language("en")


@pytest.fixture(autouse=True)
def nothing_left_running() -> Iterator[None]:
    """Fail a test that leaves a thread, a QThread or a child process running."""
    _watch_qthreads()
    threads, children = set(threading.enumerate()), _children()
    _started_qthreads.clear()
    yield
    deadline = time.monotonic() + PATIENCE
    while leaked := _leaked(threads, children):
        if time.monotonic() > deadline:
            for pid in _children() - children:  # so that the tests after this one are not disturbed
                os.kill(pid, signal.SIGTERM)
            pytest.fail(f"left running: {'; '.join(leaked)}", pytrace=False)
        gc.collect()  # an owner without references ends what it owns
        time.sleep(0.02)


def _leaked(threads: set[threading.Thread], children: set[int]) -> list[str]:
    # A _DummyThread is not ours: Python's name for a thread that Qt or torch started and that once called back.
    found = [
        f"thread {thread.name}"
        for thread in set(threading.enumerate()) - threads
        if thread.is_alive() and not isinstance(thread, threading._DummyThread)
    ]
    found += [f"process {pid} ({_command_line(pid)})" for pid in _children() - children]
    if _started_qthreads:
        import shiboken6

        found += [
            f"QThread {thread!r}"
            for thread in _started_qthreads
            if shiboken6.isValid(thread) and thread.isRunning()  # type: ignore[attr-defined]
        ]
    return found


def _children() -> set[int]:
    """Return the ids of this process's children, without multiprocessing's own helper processes."""
    helpers = {
        getattr(getattr(sys.modules.get(f"multiprocessing.{module}"), name, None), pid, None)
        for module, name, pid in (
            ("resource_tracker", "_resource_tracker", "_pid"),
            ("forkserver", "_forkserver", "_forkserver_pid"),
        )
    }
    found = {child.pid for child in multiprocessing.active_children() if child.pid}
    for task in Path("/proc/self/task").glob("*/children"):
        try:
            found |= {int(pid) for pid in task.read_text().split() if _is_running(pid)}
        except OSError:  # that thread has just ended
            continue
    return found - helpers


def _is_running(pid: str) -> bool:
    """Tell a running child from one that has ended and only waits to be asked for its exit status."""
    try:
        return Path("/proc", pid, "stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def _command_line(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace").strip()[:120]
    except OSError:
        return "?"


def _watch_qthreads() -> None:
    """Note every QThread that is started from Python, once Qt has been imported."""
    core = sys.modules.get("PySide6.QtCore")
    if core is None or hasattr(core.QThread, "start_unwatched"):
        return
    start = core.QThread.start

    # A function, never a Mock: replacing a method of Qt by a bare Mock crashes since PySide6 6.10.
    def start_watched(self: object, *arguments: object) -> None:
        _started_qthreads.append(self)
        start(self, *arguments)

    core.QThread.start_unwatched = start
    core.QThread.start = start_watched


def _imports(path: Path) -> set[str]:
    """Return the packages that a test file imports at its top level."""
    names: set[str] = set()
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.Import):
            names |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names.add(node.module.split(".")[0])
    return names


def _has_cuda() -> bool:
    if find_spec("torch") is None:
        return False
    import torch

    return torch.cuda.is_available()
