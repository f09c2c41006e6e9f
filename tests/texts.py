"""Collects every text that the program can show: the literals behind the four markers, and what is declared."""

from __future__ import annotations

import ast
from importlib import import_module
from pathlib import Path
from pkgutil import walk_packages

import playground
from playground import commands
from playground.declare import Declared

ROOT = Path(__file__).parents[1]
MARKERS = {"say": 1, "tr": 1, "note": 1, "count": 2}
"""The functions whose first arguments are literals to translate, and how many of them."""


def marked() -> dict[str, str]:
    """Return every marked literal and where it stands."""
    found: dict[str, str] = {}
    for path in [*ROOT.glob("playground/**/*.py"), *ROOT.glob("widgets/**/*.py")]:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in MARKERS:
                for argument in node.args[: MARKERS[node.func.id]]:
                    if isinstance(argument, ast.Constant) and isinstance(argument.value, str):
                        found[argument.value] = f"{path.relative_to(ROOT)}:{node.lineno}"
    found.pop("", None)
    return found


def unmarked_arguments() -> list[str]:
    """Return the places where a marker is called with something that cannot be collected."""
    found = []
    for path in [*ROOT.glob("playground/**/*.py"), *ROOT.glob("widgets/**/*.py")]:
        if path.name == "text.py":
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Name)
                and node.func.id in {"say", "tr", "count"}
            ):
                continue
            if not (node.args and isinstance(node.args[0], ast.Constant) and isinstance(node.args[0].value, str)):
                found.append(f"{path.relative_to(ROOT)}:{node.lineno}")
    return found


def declared() -> dict[str, str]:
    """Return the purposes, labels and helps of everything declared and where each comes from."""
    for module in walk_packages(playground.__path__, "playground."):
        if module.name.split(".")[1] in {"blocks", "data", "probes", "choices", "experiment"}:
            import_module(module.name)
    found: dict[str, str] = {}
    queue = Declared.__subclasses__()
    for cls in queue:
        queue.extend(cls.__subclasses__())
        if cls.members.get(cls.key) is not cls or not cls.__module__.startswith("playground"):
            continue  # a base: nobody can choose it
        found[cls.purpose()] = cls.__qualname__
        for parameter in cls.parameters.values():
            found[parameter.label] = found[parameter.help] = f"{cls.__qualname__}.{parameter.name}"
    return found


def commands_help() -> dict[str, str]:
    """Return what every command says about itself in one sentence."""
    return {commands.find(name).help: f"command {name}" for name in commands.names()}


def all_texts() -> dict[str, str]:
    """Return every text to be translated, with one place where it stands."""
    return declared() | commands_help() | marked()
