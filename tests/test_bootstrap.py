"""The first run: what is installed where, when it is believed, and what is said when it fails."""

import base64
import hashlib
import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from playground import bootstrap, commands, environment, system
from playground.environment import ROOT, Environment, installed, satisfied
from playground.system import Trouble

PROJECT = """
[project]
name = "network-playground"
version = "9.9"
dependencies = ["tinything>=1.2,!=1.3.0,<2"]
[project.optional-dependencies]
dev = ["tinytest"]
"""


@pytest.fixture
def home(tmp_path, monkeypatch):
    """A checkout with nothing but its requirements."""
    monkeypatch.setattr(environment, "MINIMUM", {"core": ("tinything",), "dev": ("tinytest",)})
    (tmp_path / "pyproject.toml").write_text(PROJECT)
    (tmp_path / "constraints.txt").write_text("tinything==1.2.1\n")
    return Environment(tmp_path)


@pytest.fixture
def fake_tools(monkeypatch):
    """Make `.venv` and run pip without doing either; `calls` tells what pip was asked for."""
    calls = []

    def make_venv(folder):
        python = folder / "bin" / "python"
        python.parent.mkdir(parents=True, exist_ok=True)
        python.touch()
        (folder / "pyvenv.cfg").touch()

    def pip(self, *arguments):
        calls.append(arguments)
        return 0, ""

    monkeypatch.setattr(environment, "_make_venv", make_venv)
    monkeypatch.setattr(Environment, "_pip", pip)
    return calls


@pytest.mark.parametrize(
    ("requirement", "version", "fits"),
    [
        ("torch>=2.6", "2.13.0+cpu", True),
        ("torch>=2.6", "2.5.1", False),
        ("torch>=2.6", "2.6.0a0+abc", True),
        ("numpy", "1", True),
        ("A_b.c>=1", "1.0", True),
        ("PySide6-Essentials>=6.8,!=6.12.0,<7", "6.11.3", True),
        ("PySide6-Essentials>=6.8,!=6.12.0,<7", "6.12.0", False),
        ("PySide6-Essentials>=6.8,!=6.12.0,<7", "7.0", False),
        ("thing[extra] >= 1, <= 1.0", "1.0.0", True),
    ],
)
def test_an_installed_version_is_compared_with_the_range(requirement, version, fits):
    name = environment.normal(environment.split(requirement)[0])
    assert satisfied(requirement, {name: version}) is fits
    assert not satisfied(requirement, {})


def test_every_requirement_of_the_project_can_be_read():
    for requirement in Environment().requirements(dev=True):
        satisfied(requirement, {environment.normal(environment.split(requirement)[0]): "1.0"})


def test_every_minimum_is_among_the_requirements():
    names = {environment.normal(environment.split(line)[0]) for line in Environment().requirements(dev=True)}
    assert {environment.normal(name) for group in environment.MINIMUM.values() for name in group} <= names


def test_every_requirement_has_a_tested_version_within_its_range():
    pins = (line.split("==") for line in (ROOT / "constraints.txt").read_text().splitlines() if "==" in line)
    tested = {environment.normal(name): version for name, version in pins}
    assert [line for line in Environment().requirements(dev=True) if not satisfied(line, tested)] == []


def test_the_constraints_hold_only_names_and_public_versions():
    lines = (ROOT / "constraints.txt").read_text().splitlines()
    assert all(line.startswith("#") or line.replace("==", "").isascii() for line in lines)
    assert not any(mark in line for line in lines for mark in ("://", "@", "+", " /"))


def test_distributions_are_found_by_the_names_of_their_folders(tmp_path):
    for name in ("PySide6_Essentials-6.11.3.dist-info", "old-1.0-py3.11.egg-info", "torch", "x.egg-info"):
        (tmp_path / name).mkdir()
    found = installed([str(tmp_path), str(tmp_path / "absent")])
    assert found == {"pyside6-essentials": "6.11.3", "old": "1.0"}


def test_an_interpreter_that_has_everything_is_used_as_it_is(home, monkeypatch):
    monkeypatch.setattr(environment, "installed", lambda paths: {"tinything": "1.2.5", "tinytest": "1"})
    assert home.choose(("core", "dev")) == "here"
    assert not home.folder.exists()


def test_an_environment_of_ones_own_with_the_minimum_is_respected(monkeypatch):
    have = {"numpy": "2.0", "torch": "2.11.0", "pytest": "9.0"}
    monkeypatch.setattr(environment, "installed", lambda paths: have)
    monkeypatch.setattr(environment, "_is_chosen", lambda: True)
    monkeypatch.setattr(Environment, "is_current", lambda self: False)
    assert Environment().choose(("core", "torch", "dev")) == "here"
    assert Environment().choose(("core", "qt")) != "here"


def test_a_package_without_a_checkout_is_used_as_it_is(tmp_path):
    assert Environment(tmp_path).choose(("core", "qt")) == "here"


def test_a_finished_environment_is_believed_until_the_requirements_change(home, fake_tools):
    assert home.choose(("core",)) == "build"
    home.build(("core",))
    assert home.choose(("core",)) == "venv"
    assert home.choose(("core", "dev")) == "build", "the tests' requirements were not installed"
    home.build(("core", "dev"))
    assert home.choose(("core", "dev")) == "venv"
    (home.root / "constraints.txt").write_text("tinything==1.2.2\n")
    assert home.choose(("core",)) == "build"
    home.build(("core",))
    assert "tinytest" in fake_tools[-1], "an update keeps the tests' requirements"
    assert home.choose(("core", "dev")) == "venv"


def test_settings_of_tools_do_not_cause_an_installation(home, fake_tools):
    home.build(("core",))
    with (home.root / "pyproject.toml").open("a") as file:
        file.write("[tool.ruff]\nline-length = 100\n")
    assert home.choose(("core",)) == "venv"


def test_an_interrupted_installation_is_not_believed_and_started_afresh(home, fake_tools, monkeypatch):
    def interrupt(self, *arguments):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(Environment, "_pip", interrupt)
        with pytest.raises(KeyboardInterrupt):
            home.build(("core",))
    (home.folder / "half-a-library").touch()
    assert home.choose(("core",)) == "build"
    home.build(("core",))
    assert home.choose(("core",)) == "venv"
    assert not (home.folder / "half-a-library").exists()


def test_an_environment_whose_python_is_gone_is_made_again(home, fake_tools):
    home.build(("core",))
    home.python.unlink()
    assert home.choose(("core",)) == "build"
    home.build(("core",))
    assert home.choose(("core",)) == "venv"


def test_a_folder_that_is_no_environment_is_never_removed(home, fake_tools):
    home.folder.mkdir()
    (home.folder / "thesis.txt").touch()
    with pytest.raises(Trouble, match="move it away"):
        home.build(("core",))
    assert (home.folder / "thesis.txt").exists()


def test_versions_that_do_not_exist_for_this_python_give_way_to_the_newest(home, fake_tools, monkeypatch, capsys):
    def pip(self, *arguments):
        fake_tools.append(arguments)
        return (1, "ERROR: No matching distribution found for x") if "--constraint" in arguments else (0, "")

    monkeypatch.setattr(Environment, "_pip", pip)
    home.build(("core",))
    assert fake_tools[-1] == ("tinything>=1.2,!=1.3.0,<2",)
    assert "newest that fit" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("log", "sentence"),
    [
        ("NewConnectionError: Temporary failure in name resolution", "network connection"),
        ("OSError: [Errno 28] No space left on device", "disk is full"),
        ("error: something else", "its message is above"),
    ],
)
def test_a_failed_installation_says_why_and_is_not_believed(home, fake_tools, monkeypatch, log, sentence):
    monkeypatch.setattr(Environment, "_pip", lambda self, *arguments: (1, log))
    with pytest.raises(Trouble, match=sentence):
        home.build(("core",))
    assert home.choose(("core",)) == "build"


def test_a_folder_that_cannot_be_written_is_said(home, fake_tools, monkeypatch):
    def refuse(self, **options):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "mkdir", refuse)
    with pytest.raises(Trouble, match="Permission denied"):
        home.build(("core",))


def test_a_python_without_venv_names_the_package(tmp_path, monkeypatch):
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    monkeypatch.setattr(system, "can_install", lambda: False)
    with pytest.raises(Trouble, match=rf"apt install python3\.{sys.version_info.minor}-venv"):
        environment._make_venv(tmp_path / ".venv")


@pytest.fixture
def broken_plugin(tmp_path, monkeypatch):
    """A platform plugin that cannot be loaded, and an ldd that says why."""
    plugin = tmp_path / "libqxcb.so"
    plugin.write_bytes(b"not a library")
    ldd = tmp_path / "ldd"
    ldd.write_text("#!/bin/sh\necho 'libxcb-icccm.so.4 => not found'\necho 'libQt.so => /x/libQt.so (0x1)'\n")
    ldd.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    monkeypatch.setattr(system, "platform_plugin", lambda name: plugin)
    monkeypatch.setattr(system, "_is_debian", lambda: True)
    monkeypatch.setattr(system, "_is_root", lambda: False)


@pytest.mark.skipif(os.name != "posix", reason="system libraries are Linux's matter")
def test_a_missing_library_is_named_with_its_remedy(broken_plugin):
    with pytest.raises(Trouble, match=r"without libxcb-icccm\.so\.4; .*sudo apt install libxcb-icccm4"):
        system.require_platform("xcb")


@pytest.mark.skipif(os.name != "posix", reason="system libraries are Linux's matter")
def test_root_on_debian_installs_a_missing_library(broken_plugin, monkeypatch):
    asked = []
    monkeypatch.setattr(system, "can_install", lambda: True)
    monkeypatch.setattr(system, "install", asked.extend)
    with pytest.raises(Trouble):
        system.require_platform("xcb")
    assert asked == ["libxcb-icccm4"]


@pytest.mark.parametrize(
    ("platform", "variables", "expected"),
    [
        ("linux", {}, False),
        ("linux", {"DISPLAY": ":0"}, True),
        ("linux", {"WAYLAND_DISPLAY": "wayland-0"}, True),
        ("linux", {"QT_QPA_PLATFORM": "offscreen"}, True),
        ("linux", {"QT_QPA_PLATFORM": "vnc:size=800x600"}, True),
        ("linux", {"QT_QPA_PLATFORM": "xcb"}, False),
        ("win32", {}, True),
        ("darwin", {}, True),
    ],
)
def test_a_display_is_recognised(monkeypatch, platform, variables, expected):
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"):
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(sys, "platform", platform)
    assert bootstrap.has_display() is expected


def test_commands_are_found_by_being_there_and_read_without_import(tmp_path, monkeypatch):
    (tmp_path / "loss_surface.py").write_text(
        '"""Draw the loss. Around\nhere."""\nimport absent\nNEEDS = ("core", "qt")\nPASSES_ON = True\n'
    )
    (tmp_path / "_private.py").touch()
    monkeypatch.setattr(commands, "FOLDERS", {"absent": str(tmp_path)})
    assert commands.names() == ["loss-surface"]
    command = commands.find("loss-surface")
    assert (command.help, command.needs, command.passes_on) == ("Draw the loss", ("core", "qt"), True)


def test_every_command_declares_known_needs_and_a_help_line():
    for name in commands.names():
        command = commands.find(name)
        assert set(command.needs) <= set(environment.MINIMUM), name
        assert command.help, name


def _wheel(folder, name):
    """Write the smallest wheel there is."""
    folder.mkdir(exist_ok=True)
    info = f"{name}-1.2.1.dist-info"
    files = {
        f"{name}.py": "",
        f"{info}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.2.1\n",
        f"{info}/WHEEL": "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    digests = {
        path: base64.urlsafe_b64encode(hashlib.sha256(body.encode()).digest()).rstrip(b"=").decode()
        for path, body in files.items()
    }
    record = "".join(f"{path},sha256={digests[path]},{len(body)}\n" for path, body in files.items())
    with zipfile.ZipFile(folder / f"{name}-1.2.1-py3-none-any.whl", "w") as wheel:
        for path, body in {**files, f"{info}/RECORD": record + f"{info}/RECORD,,\n"}.items():
            wheel.writestr(path, body)


@pytest.mark.slow
def test_the_first_run_recovers_from_a_failure_and_the_second_is_quick(home, tmp_path):
    (tmp_path / "playground" / "commands").mkdir(parents=True)
    shutil.copy(ROOT / "main.py", tmp_path)
    for name in ("__init__", "bootstrap", "environment", "system", "text", "commands/__init__"):
        source = ROOT / "playground" / f"{name}.py"
        code = source.read_text() if source.exists() else ""
        (tmp_path / "playground" / f"{name}.py").write_text(code.replace('("numpy",)', '("tinything",)'))
    (tmp_path / "playground" / "commands" / "where.py").write_text(
        '"""Say where."""\nNEEDS = ("core",)\ndef arguments(parser): parser.add_argument("word")\n'
        "def run(options):\n    import sys, tinything\n    print(options.word, sys.prefix)\n    return 0\n"
    )
    variables = {k: v for k, v in os.environ.items() if not k.startswith("PIP_")}
    variables |= {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": str(tmp_path / "wheels"), "PIP_CONFIG_FILE": os.devnull}

    def where(*arguments):
        main = [getattr(sys, "_base_executable", sys.executable), "main.py", "where", *arguments]
        return subprocess.run(main, cwd=tmp_path, env=variables, capture_output=True, text=True, check=False)

    wrong = where()
    assert wrong.returncode == 2, "wrong usage installs nothing"
    assert not home.folder.exists()

    _wheel(tmp_path / "wheels", "other")
    failed = where("here")
    assert failed.returncode == 1
    assert "pip could not install the libraries" in failed.stderr
    assert "Traceback" not in failed.stderr

    _wheel(tmp_path / "wheels", "tinything")
    first = where("here")
    assert (first.returncode, first.stdout.strip()) == (0, f"here {home.folder}"), first.stderr
    assert "First run" in first.stderr

    second = where("here")
    assert (second.returncode, second.stdout, second.stderr) == (0, first.stdout, "")
