"""The command line as people use it: help, wrong usage, exit statuses, and how little a start loads."""

import ast
import os
import subprocess
import sys

import pytest

from playground import bootstrap, commands, text
from playground.environment import ROOT


def program(*arguments, options=(), **variables):
    """Run main.py in a process of its own."""
    environment = {k: v for k, v in os.environ.items() if k not in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")}
    return subprocess.run(
        [sys.executable, *options, "main.py", *arguments],
        cwd=ROOT,
        env={**environment, "LANGUAGE": "en", **variables},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture
def command(tmp_path, monkeypatch):
    """Make a command `probe` out of a function body and run it through the front door."""
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(commands, "FOLDERS", {"probe_commands": str(tmp_path / "probe_commands")})
    (tmp_path / "probe_commands").mkdir()

    def run(body, *arguments):
        for name in [name for name in sys.modules if name.startswith("probe_commands")]:
            monkeypatch.delitem(sys.modules, name)
        (tmp_path / "probe_commands" / "probe.py").write_text(
            f'"""Try."""\nNEEDS = ()\ndef arguments(parser):\n    parser.add_argument("--n", type=int)\n'
            f"def run(options):\n    {body}\n"
        )
        return bootstrap.main(["probe", *arguments])

    return run


def test_help_lists_every_command_and_loads_only_the_standard_library():
    result = program("--help", options=("-S",))  # -S: no site-packages at all
    assert (result.returncode, result.stderr) == (0, "")
    for name in commands.names():
        assert f"\n  {name} " in result.stdout


def test_the_version_is_told():
    assert program("--version", options=("-S",)).stdout.startswith("network-playground ")


@pytest.mark.parametrize("name", commands.names())
def test_every_command_explains_itself(name):
    result = program(name, "--help")
    assert result.returncode == 0, result.stderr
    assert f"main.py {name}" in result.stdout


def test_a_mistyped_command_is_wrong_usage_and_gets_a_guess():
    result = program("tset")
    assert (result.returncode, result.stdout) == (2, "")
    assert "did you mean test?" in result.stderr


def test_a_file_instead_of_a_command_is_told_how_to_open_it():
    result = program("LICENSE")
    assert result.returncode == 2
    assert "main.py open LICENSE" in result.stderr


def test_nothing_heavy_is_imported_to_start():
    result = program("--help", options=("-X", "importtime"))
    loaded = {line.rpartition("|")[2].strip().split(".")[0] for line in result.stderr.splitlines()}
    assert not loaded & {"torch", "numpy", "PySide6", "polib"}


def test_main_can_be_parsed_by_pythons_that_are_too_old():
    ast.parse((ROOT / "main.py").read_text(), feature_version=(3, 7))


def test_a_command_returns_its_exit_status(command):
    assert command("return 3") == 3
    assert command("return None") == 0
    assert command("return options.n", "--n", "1") == 1


def test_wrong_arguments_exit_with_two(command, capsys):
    with pytest.raises(SystemExit) as ending:
        command("return 0", "--n", "many")
    assert ending.value.code == 2
    assert "usage:" in capsys.readouterr().err


def test_a_refusal_becomes_one_sentence_and_exit_one(command, capsys):
    body = 'from playground.text import Refusal, say; raise Refusal(say("{name} is odd", name="dense_1"))'
    assert command(body) == 1
    assert capsys.readouterr().err == "network-playground: dense_1 is odd\n"


def test_a_library_beyond_the_minimum_is_named_and_a_mistake_of_ours_is_not_hidden(command, capsys):
    assert command('raise ModuleNotFoundError("no", name="sklearn.datasets")') == 1
    assert "-m pip install scikit-learn" in capsys.readouterr().err
    with pytest.raises(ModuleNotFoundError):
        command('raise ModuleNotFoundError("no", name="playground.typo")')


def test_an_interrupt_ends_quietly(command, capsys):
    assert command("raise KeyboardInterrupt") == 130
    assert capsys.readouterr() == ("", "")


def test_the_commands_speak_the_language_of_the_system(command, monkeypatch, capsys):
    monkeypatch.setenv("LANGUAGE", "zh_CN")
    command("from playground.text import language; print(language()); return 0")
    assert capsys.readouterr().out == "zh\n"
    assert text.language() == "zh"


def test_without_a_display_xor_is_trained_instead(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(bootstrap, "has_display", lambda: False)
    monkeypatch.setattr(commands, "FOLDERS", {"probe_commands": str(tmp_path / "probe_commands")})
    monkeypatch.syspath_prepend(tmp_path)
    (tmp_path / "probe_commands").mkdir()
    (tmp_path / "probe_commands" / "train.py").write_text(
        '"""Train."""\nNEEDS = ()\ndef arguments(parser):\n    parser.add_argument("file")\n'
        'def run(options):\n    print("trained", options.file)\n    return 0\n'
    )
    assert bootstrap.main([]) == 0
    said = capsys.readouterr()
    assert said.out == "trained xor\n"
    assert "no display" in said.err
    assert "train" in said.err


@pytest.fixture
def pytest_arguments(monkeypatch):
    """Run `main.py test` with some arguments; return those that pytest would get."""
    asked = []

    def take_our_place(path, arguments):
        asked.extend(arguments)
        raise SystemExit(5)

    monkeypatch.setattr("playground.commands.test._prepare_system", lambda: None)
    monkeypatch.setattr(os, "execv", take_our_place)
    monkeypatch.setattr("subprocess.call", lambda arguments: take_our_place("", arguments))
    monkeypatch.setattr(os, "chdir", lambda folder: None)

    def run(*arguments):
        with pytest.raises(SystemExit) as ending:
            bootstrap.main(["test", *arguments])
        assert ending.value.code == 5
        assert asked[:3] == [sys.executable, "-m", "pytest"]
        return asked[3:]

    return run


def test_pytest_gets_its_arguments_verbatim(pytest_arguments):
    assert pytest_arguments("--co", "-k", "a or b", "--help") == ["--co", "-k", "a or b", "--help"]


@pytest.mark.parametrize("arguments", [(), ("--slow",), ("-q", "--slow")])
def test_all_tests_are_spread_over_the_processors(pytest_arguments, arguments):
    assert pytest_arguments(*arguments) == ["-n", "logical", "--maxprocesses", "4", "--dist", "worksteal", *arguments]
