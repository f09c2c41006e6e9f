"""Run the tests. All arguments go to pytest, for example: -k shape, --slow, tests/gui, -x."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

from playground import system
from playground.environment import ROOT

if TYPE_CHECKING:
    import argparse

NEEDS = ("core", "torch", "dev")
PASSES_ON = True

SPREAD = ("-n", "logical", "--maxprocesses", "4", "--dist", "worksteal")
"""One process for each processor, but no more than fit into 8 GB beside each other."""

WHOLE = {"--slow", "-q", "-v", "--durations=0"}
"""Arguments with which all tests are meant; whoever asks for a few is answered sooner by a single process."""


def arguments(parser: argparse.ArgumentParser) -> None:
    """Show in the help that everything is pytest's."""
    parser.usage = "%(prog)s [PYTEST ARGUMENTS]"


def run(options: argparse.Namespace) -> int:
    """Run pytest in the project's folder; its exit status is ours."""
    if not (ROOT / "tests").is_dir():
        raise system.Trouble("The tests are not part of the installed package; run them from a checkout.")
    _prepare_system()
    spread = SPREAD if WHOLE.issuperset(options.rest) else ()
    command = [sys.executable, "-m", "pytest", *spread, *options.rest]
    os.chdir(ROOT)
    sys.stdout.flush()
    if os.name == "posix":
        # pytest takes our place, so that Ctrl+C and signals reach it as if it had been called by name.
        os.execv(command[0], command)
    return subprocess.call(command)


def _prepare_system() -> None:
    """Install what windows need in tests, or say what will be skipped without it."""
    if not sys.platform.startswith("linux") or system.platform_plugin("offscreen") is None:
        return
    packages = [*system.packages_for(["offscreen", "xcb"]), *system.missing_test_packages()]
    if packages and system.can_install() and not system.install(packages):
        print("network-playground: apt-get could not install everything (its message is above)", file=sys.stderr)
    if missing := system.missing_libraries("offscreen"):
        sentence = f"{', '.join(missing)} is missing, so no window can be tested; {system.remedy(missing)}"
        if os.environ.get("CI"):  # a green run that tested no window would be a lie
            raise system.Trouble(sentence)
        print(f"network-playground: {sentence}. The tests in tests/gui are skipped.", file=sys.stderr)
    elif missing := system.missing_libraries("xcb"):
        sentence = f"{', '.join(missing)} is missing, so the tests with a real pointer are skipped"
        print(f"network-playground: {sentence}; {system.remedy(missing)}.", file=sys.stderr)
    for package, lost in system.missing_test_packages().items():
        print(f"network-playground: {package} is missing: {lost} (apt install {package}).", file=sys.stderr)
