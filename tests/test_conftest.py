"""The guard around every test is itself tested: it must notice what is left running, and nothing else."""

import os
import subprocess
import sys

import pytest

from playground.environment import ROOT

LEAKY = """
import multiprocessing, subprocess, sys, threading, time
import pytest
from playground import text

kept = []

def test_thread():
    threading.Thread(target=time.sleep, args=(5,), daemon=True, name="trainer").start()

def test_process():
    kept.append(subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"]))

def test_what_ends_in_time():
    threading.Thread(target=time.sleep, args=(0.1,)).start()
    subprocess.Popen([sys.executable, "-c", ""]).wait()

def test_multiprocessing_helpers():
    process = multiprocessing.get_context("spawn").Process(target=print)
    process.start()
    process.join()
    process.close()

def test_language():
    text.set_language("zh")

def test_language_after():
    assert text.language() == "en"

def test_qthread():
    core = pytest.importorskip("PySide6.QtCore")
    class Sleeper(core.QThread):
        def run(self):
            time.sleep(2)
    kept.append(Sleeper())
    kept[-1].start()

@pytest.mark.slow
def test_slow():
    pass
"""


@pytest.mark.skipif(sys.platform != "linux", reason="children of other programs are read from /proc")
def test_what_is_left_running_fails_its_test_and_no_other(tmp_path):
    guard = (ROOT / "tests" / "conftest.py").read_text().replace("PATIENCE = 3.0", "PATIENCE = 0.5")
    (tmp_path / "conftest.py").write_text(guard)
    (tmp_path / "test_leaky.py").write_text(LEAKY)
    (tmp_path / "pytest.ini").write_text("[pytest]\nmarkers =\n  slow: s\n  gui: g\n  cuda: c\n")
    options = ["--rootdir", str(tmp_path), "-rA", "-p", "no:cacheprovider", "-W", "ignore"]
    if "pytest_xvfb" in sys.modules:
        options.append("--no-xvfb")
    result = subprocess.run(
        [sys.executable, "-m", "pytest", *options, str(tmp_path)],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    lines = result.stdout.splitlines()
    failed = {line.split("::")[1].split(" ")[0] for line in lines if line.startswith("ERROR ") and "::" in line}
    expected = {"test_thread", "test_process"}
    if "PASSED test_leaky.py::test_qthread" in lines:
        expected.add("test_qthread")
    assert failed == expected, result.stdout
    assert "left running: thread trainer" in result.stdout
    assert "1 skipped" in lines[-1] or "2 skipped" in lines[-1]
