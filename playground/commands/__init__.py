"""The subcommands, one file each, found by being there.

A command is a module in this folder, or in `widgets/commands` when it needs Qt:

    \"\"\"Say what networks weigh.\"\"\"            # the first sentence is the line in --help

    NEEDS = ("core", "torch")                  # among: core, torch, qt, dev
    PASSES_ON = False                          # True: arguments are not parsed but given as `options.rest`

    def arguments(parser: argparse.ArgumentParser) -> None: ...
    def run(options: argparse.Namespace) -> int: ...

The docstring and the two constants are read from the source without importing it, so ``--help`` is quick and
works before anything is installed. Keep module-level imports light: what is heavy belongs into `run`.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import argparse
    from types import ModuleType

_HERE = os.path.dirname(os.path.abspath(__file__))
_WIDGETS = os.path.join(os.path.dirname(os.path.dirname(_HERE)), "widgets", "commands")
FOLDERS = {"playground.commands": _HERE, "widgets.commands": _WIDGETS}


class Command:
    """What a subcommand's file says about it, read without importing it."""

    def __init__(self, package: str, path: str) -> None:
        import ast

        stem = os.path.splitext(os.path.basename(path))[0]
        self.name = stem.replace("_", "-")
        self.module = f"{package}.{stem}"
        with open(path, encoding="utf-8") as file:
            tree = ast.parse(file.read(), path)
        self._docstring = ast.get_docstring(tree, clean=False) or ""
        constants: dict[str, Any] = {"NEEDS": ("core",), "PASSES_ON": False}
        for node in tree.body:
            if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
                if node.targets[0].id in constants:
                    constants[node.targets[0].id] = ast.literal_eval(node.value)
        self.needs: tuple[str, ...] = tuple(constants["NEEDS"])
        self.passes_on = bool(constants["PASSES_ON"])

    @property
    def about(self) -> str:
        """The whole docstring."""
        from inspect import cleandoc  # 4 ms that only help needs

        return cleandoc(self._docstring)

    @property
    def help(self) -> str:
        """The first sentence of the docstring, on one line and without its full stop."""
        first_paragraph = " ".join(self.about.split("\n\n")[0].split())
        return first_paragraph.split(". ")[0].rstrip(".")

    def load(self) -> ModuleType:
        """Import the command."""
        from importlib import import_module

        return import_module(self.module)

    def asks_for_help(self, rest: list[str]) -> bool:
        """Tell whether these arguments only ask what the command takes."""
        asked = rest[:1] if self.passes_on else rest
        return "-h" in asked or "--help" in asked

    def parse(self, rest: list[str], program: str) -> argparse.Namespace:
        """Read the command's arguments; wrong usage and ``--help`` end the program, as argparse does."""
        import argparse

        from playground import text

        if self.passes_on and not self.asks_for_help(rest):
            return argparse.Namespace(rest=rest)
        text.set_language(text.system_language())
        parser = argparse.ArgumentParser(
            prog=f"{program} {self.name}",
            description=str(text.Sentence(self.help)),
            formatter_class=argparse.RawDescriptionHelpFormatter,
            allow_abbrev=False,
        )
        module: Any = self.load()
        module.arguments(parser)
        return parser.parse_args(rest)


def names() -> list[str]:
    """List the names of all commands."""
    return sorted(_paths())


def find(name: str) -> Command:
    """Return the command of this name; LookupError when there is none."""
    return Command(*_paths()[name])


def _paths() -> dict[str, tuple[str, str]]:
    """Map the name of every command to its package and file."""
    found = {}
    for package, folder in FOLDERS.items():
        files = os.listdir(folder) if os.path.isdir(folder) else ()
        for file in files:
            stem, extension = os.path.splitext(file)
            if extension == ".py" and not stem.startswith("_"):
                found[stem.replace("_", "-")] = (package, os.path.join(folder, file))
    return found
