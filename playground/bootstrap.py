"""The front door: reads the command line, sees to the environment, runs one command.

Imported before any dependency exists, so only the standard library stands here, and little of it: this module
is paid for on every start. What a command needs is read from its file (see `playground.commands`), the
environment is made by `playground.environment`, system libraries are seen to by `playground.system`; only then
is the command imported. These sentences stay English because no catalogue can be read yet.
"""

from __future__ import annotations

import os
import sys

from playground import commands
from playground.system import Trouble

WINDOW = "open"
"""The command that opens the window; it runs when no command is named."""

INTERRUPTED = 130
SCREENLESS = ("offscreen", "minimal", "vnc", "linuxfb", "eglfs")


def main(arguments: list[str] | None = None) -> int:
    """Run the program with the given arguments and return its exit status."""
    _write_any_character()
    try:
        return _dispatch(sys.argv[1:] if arguments is None else arguments)
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:  # the reader went away: `… | head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        return 1
    except Trouble as trouble:
        return _complain(trouble)


def has_display() -> bool:
    """Tell whether Qt would find a screen, or was told to do without."""
    if not sys.platform.startswith(("linux", "freebsd")):
        return True
    if os.environ.get("QT_QPA_PLATFORM", "").split(":")[0] in SCREENLESS:
        return True
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


def _dispatch(arguments: list[str]) -> int:
    if not arguments:
        return _run(commands.find(WINDOW), []) if has_display() else _train_instead()
    first, rest = arguments[0], arguments[1:]
    if first in ("-h", "--help"):
        print(_help())
        return 0
    if first == "--version":
        from playground.environment import version

        print(f"network-playground {version()}")
        return 0
    try:
        command = commands.find(first)
    except LookupError:
        return _wrong_usage(first)
    return _run(command, rest)


def _run(command: commands.Command, rest: list[str]) -> int:
    """Run one command in an environment that has what it needs."""
    from playground.environment import Environment

    environment = Environment()
    choice = environment.choose(command.needs)
    if choice == "venv" and not command.asks_for_help(rest):
        return environment.go_on_inside([command.name, *rest])
    if choice == "build":
        # Wrong usage and --help are answered before anything is installed, where the file can be imported.
        try:
            command.parse(rest, _program())
        except ImportError:
            pass
        environment.build(command.needs)
        if not environment.is_current():
            return environment.go_on_inside([command.name, *rest])
    options = command.parse(rest, _program())
    _check_system(command)
    return _call(command, options)


def _check_system(command: commands.Command) -> None:
    """Refuse a window that could not open, in a sentence instead of Qt's abort."""
    if "qt" not in command.needs:
        return
    if command.name != WINDOW:
        from playground.system import require_platform

        require_platform("offscreen")
        return
    if not has_display():
        raise Trouble(
            f"There is no display to open a window on. Without one there are: {_others()} (see {_program()} --help)."
        )
    from playground.system import require_screen

    require_screen()


def _call(command: commands.Command, options: object) -> int:
    from playground import text

    text.set_language(text.system_language())
    try:
        return int(command.load().run(options) or 0)
    except text.Refusal as refusal:
        return _complain(refusal)
    except ModuleNotFoundError as failure:
        from playground.environment import distribution_of

        # In somebody's own environment only the minimum was asked for, and this went beyond it.
        name = distribution_of(failure.name or "")
        if name is None:
            raise
        return _complain(Trouble(f"This needs {name}; install it with: {sys.executable} -m pip install {name}"))


def _train_instead() -> int:
    """Do something real on a machine without a screen: train the first preset on the terminal."""
    print(
        "There is no display, so instead of the window the preset xor is trained here on the terminal; "
        f"without a window there are also: {_others()} (see {_program()} --help).",
        file=sys.stderr,
        flush=True,
    )
    return _run(commands.find("train"), ["xor"])


def _others() -> str:
    return ", ".join(name for name in commands.names() if name != WINDOW)


def _wrong_usage(word: str) -> int:
    from difflib import get_close_matches

    near = get_close_matches(word, commands.names(), 1)
    if near:
        hint = f"did you mean {near[0]}?"
    elif os.path.exists(word):
        hint = f"to open a file: {_program()} {WINDOW} {word}"
    else:
        hint = f"there are: {', '.join(commands.names())}"
    print(f"network-playground: {word} is not a command; {hint}", file=sys.stderr)
    return 2


def _help() -> str:
    from playground import text

    text.set_language(text.system_language())
    listed = [commands.find(name) for name in commands.names()]
    width = max((len(command.name) for command in listed), default=0)
    lines = "\n".join(f"  {command.name:{width}}  {text.Sentence(command.help)}" for command in listed)
    return (
        f"usage: {_program()} [COMMAND] [ARGUMENTS]\n\n"
        "Draw neural networks, train them in the background and watch them learn.\n"
        "Without a command the window opens.\n\n"
        f"commands:\n{lines}\n\n"
        f"  {_program()} COMMAND --help tells what a command takes.\n\n"
        "exit status: 0 done, 1 the input has problems, 2 wrong usage, 3 training failed"
    )


def _program() -> str:
    """Name the program as it was called, for usage lines."""
    return "python3 main.py" if os.path.basename(sys.argv[0]) == "main.py" else "network-playground"


def _complain(problem: Exception) -> int:
    print(f"network-playground: {problem}", file=sys.stderr)
    return 1


def _write_any_character() -> None:
    """Print a replacement rather than fail where the terminal's encoding lacks a character."""
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)  # absent where output is captured, or there is none
        if reconfigure is not None:
            reconfigure(errors="replace")
