"""One person at a real screen: the pointer and the keyboard of an X server drive the program in its own process."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from playground import files, system
from playground.environment import ROOT
from playground.graph import Wire

LACKING = [tool for tool in ("Xvfb", "xdotool") if shutil.which(tool) is None]
pytestmark = [
    pytest.mark.skipif(bool(LACKING), reason=f"not installed: {', '.join(LACKING)}"),
    pytest.mark.skipif(bool(system.missing_libraries("xcb")), reason="Qt cannot use an X server here"),
]
SHOTS = ROOT / "shots"
PATIENCE = 20.0

TAKE = """
import sys
from PySide6.QtGui import QGuiApplication
app = QGuiApplication([])
app.primaryScreen().grabWindow(0).save(sys.argv[1])
"""
"""Takes a picture of the whole screen, from a process of its own: the program may not answer any more."""


class Person:
    """A hand on the mouse, another on the keyboard, and eyes that know where things are."""

    def __init__(self, display: str, home: Path) -> None:
        self.variables = {
            **{name: value for name, value in os.environ.items() if name != "WAYLAND_DISPLAY"},
            "DISPLAY": display,
            "QT_QPA_PLATFORM": "xcb",
            "QT_SCALE_FACTOR": "1",
            "LANGUAGE": "en",
            "NETWORK_PLAYGROUND_HOME": str(home),
        }
        self.errors = (home / "stderr.txt").open("w+")
        self.program = subprocess.Popen(
            [sys.executable, "-m", "tests.gui.pointer_window"],
            cwd=ROOT,
            env=self.variables,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self.errors,
            text=True,
        )

    # -- eyes --------------------------------------------------------------------------------------------------

    def ask(self, *question: Any) -> Any:
        """Ask the program one question."""
        assert self.program.stdin is not None
        assert self.program.stdout is not None
        print(json.dumps(question), file=self.program.stdin, flush=True)
        answer = json.loads(self.program.stdout.readline())
        assert not (isinstance(answer, dict) and "error" in answer), answer
        return answer

    def sees(self, condition: Callable[[dict[str, Any]], Any], what: str) -> dict[str, Any]:
        """Wait until the program stands like this."""
        end = time.monotonic() + PATIENCE
        while True:
            state = self.ask("state")
            if condition(state):
                return state
            if time.monotonic() > end:
                pytest.fail(f"{what}; instead: {state}\nthe screen as it was: {self.picture('pointer')}")
            time.sleep(0.03)

    def find(self, *what: Any) -> tuple[int, int]:
        """Return where something is, once it has come to rest."""
        before = None
        while (now := tuple(self.ask(*what))) != before:
            before = now
            time.sleep(0.06)
        return now[0], now[1]

    def picture(self, name: str) -> Path:
        """Keep a picture of the screen."""
        SHOTS.mkdir(exist_ok=True)
        path = SHOTS / f"{name}.png"
        subprocess.run([sys.executable, "-c", TAKE, str(path)], env=self.variables, timeout=30, check=False)
        return path

    # -- hands -------------------------------------------------------------------------------------------------

    def does(self, *words: Any) -> None:
        """Give xdotool one chain of orders."""
        subprocess.run(["xdotool", *map(str, words)], env=self.variables, timeout=20, check=True)

    def click(self, place: tuple[int, int]) -> None:
        self.does("mousemove", *place, "sleep", 0.05, "click", 1)

    def drag(self, start: tuple[int, int], end: tuple[int, int]) -> None:
        """Press, move on a straight line, linger, release."""
        orders: list[Any] = ["mousemove", *start, "sleep", 0.05, "mousedown", 1]
        for part in (0.02, 0.1, 0.25, 0.5, 0.75, 0.9, 1.0):
            x, y = (round(a + (b - a) * part) for a, b in zip(start, end, strict=True))
            orders += ["mousemove", x, y, "sleep", 0.04]
        self.does(*orders, "mousemove_relative", 1, 0, "sleep", 0.15, "mouseup", 1)

    def presses(self, keys: str) -> None:
        self.does("key", "--clearmodifiers", keys)


@pytest.fixture
def screen() -> Iterator[str]:
    """An X server of its own, so that nobody's pointer moves by itself."""
    reading, writing = os.pipe()
    command = ["Xvfb", "-displayfd", str(writing), "-screen", "0", "1680x1050x24", "-nolisten", "tcp", "-noreset"]
    server = subprocess.Popen(command, pass_fds=[writing], stderr=subprocess.DEVNULL)
    os.close(writing)
    try:
        with os.fdopen(reading) as told:
            number = told.readline().strip()
        assert number, "Xvfb did not start"
        yield f":{number}"
    finally:
        server.terminate()
        server.wait(10)


@pytest.fixture
def person(screen: str, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Person]:
    made = Person(screen, tmp_path)
    failed = request.session.testsfailed
    try:
        yield made
    finally:
        if request.session.testsfailed > failed:
            print(f"the screen at the end: {made.picture('pointer-end')}")
        with suppress(subprocess.TimeoutExpired):
            made.program.kill() if made.program.poll() is None else None
            made.program.wait(10)
        for stream in (made.program.stdin, made.program.stdout, made.errors):
            with suppress(OSError):
                stream.close()  # type: ignore[union-attr]


def test_a_person_with_a_mouse_builds_connects_trains_and_saves(person: Person, tmp_path: Path) -> None:
    state = person.sees(lambda s: s["ready"], "the window opens")
    person.does("windowfocus", "--sync", state["window"])
    person.sees(lambda s: s["active"], "the window has the keyboard")

    person.drag(person.find("block", "Dropout"), person.find("wire", "dense_2", "tanh_2"))
    person.sees(lambda s: "dropout_1" in s["nodes"], "a block from the palette falls onto the canvas")
    state = person.sees(lambda s: s["selected"] == ["dropout_1"], "what was dropped is selected")
    assert {str(Wire("dense_2", "dropout_1")), str(Wire("dropout_1", "tanh_2"))} <= set(state["wires"])

    person.click(person.find("wire", "dropout_1", "tanh_2"))
    person.sees(lambda s: s["chosen_wires"] == [str(Wire("dropout_1", "tanh_2"))], "a click selects a wire")
    person.presses("Delete")
    person.sees(lambda s: str(Wire("dropout_1", "tanh_2")) not in s["wires"], "Delete takes it away")
    person.drag(person.find("port", "dropout_1", "out", True), person.find("port", "tanh_2", "x", False))
    person.sees(lambda s: str(Wire("dropout_1", "tanh_2")) in s["wires"], "a wire is drawn from port to port")
    person.presses("ctrl+z")
    person.sees(lambda s: str(Wire("dropout_1", "tanh_2")) not in s["wires"], "Ctrl+Z takes it back")
    person.presses("ctrl+shift+z")
    person.sees(lambda s: str(Wire("dropout_1", "tanh_2")) in s["wires"], "Ctrl+Shift+Z does it again")

    person.click(person.find("button", "play"))
    person.sees(lambda s: s["run"] == "playing" and s["step"] > 20, "Play trains")
    person.presses("F5")
    person.sees(lambda s: s["run"] in ("paused", "finished"), "F5 pauses")

    path = tmp_path / "by-hand.json"
    person.presses("ctrl+s")
    state = person.sees(lambda s: s["dialog"], "Ctrl+S asks where to")
    person.does("windowfocus", "--sync", state["dialog"])
    person.sees(lambda s: s["dialog_active"], "the dialog has the keyboard")
    person.presses("ctrl+a")
    person.does("type", "--delay", 15, str(path))
    person.presses("Return")
    person.sees(lambda s: not s["dialog"] or person.presses("Return"), "Enter saves")
    person.sees(lambda s: not s["dirty"], "the document is saved")
    saved = files.read(path).graph
    assert {Wire("dense_2", "dropout_1"), Wire("dropout_1", "tanh_2")} <= set(saved.wires)
    assert Wire("dense_2", "tanh_2") not in saved.wires

    person.does("windowfocus", "--sync", person.ask("state")["window"])
    person.presses("ctrl+q")
    assert person.program.wait(5) == 0
    assert "Traceback" not in (tmp_path / "stderr.txt").read_text()
