"""Presets: ordinary saved documents that lie in `presets/` or in the user's own folder, found by being there."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from functools import cached_property
from importlib import resources
from pathlib import Path

import platformdirs

from playground.experiment import Experiment
from playground.files import read, write
from playground.text import Refusal, say


@dataclass(frozen=True)
class Preset:
    """A document with a name: where it lies, and whether it came with the program."""

    name: str
    path: Path
    built_in: bool

    @cached_property
    def experiment(self) -> Experiment:
        """Its content, read when first asked for."""
        return read(self.path)

    @property
    def picture(self) -> Path | None:
        """Its thumbnail, if there is one."""
        path = self.path.parent / "thumbnails" / f"{self.name}.png"
        return path if path.exists() else None


def home() -> Path:
    """Return the folder for everything the program keeps for its user; NETWORK_PLAYGROUND_HOME names another."""
    chosen = os.environ.get("NETWORK_PLAYGROUND_HOME")
    return Path(chosen) if chosen else Path(platformdirs.user_data_dir("network-playground", appauthor=False))


def user_folder() -> Path:
    """Return the folder of the user's own presets; it may not exist yet."""
    return home() / "presets"


def built_in_folder() -> Path:
    """Return the folder of the presets that came with the program."""
    return Path(str(resources.files("presets")))


def presets() -> list[Preset]:
    """Return all presets, the program's own first, each group by name; a name of the program's own wins."""
    found: dict[str, Preset] = {}
    for folder, built_in in ((built_in_folder(), True), (user_folder(), False)):
        for path in sorted(folder.glob("*.json"), key=lambda path: path.stem):
            found.setdefault(path.stem, Preset(path.stem, path, built_in))
    return list(found.values())


def open_named(name: str) -> tuple[Experiment, Path | None]:
    """Read a preset by its name or a document by its path; the path is None for a preset, which is not saved over."""
    path = Path(name)
    preset = next((p for p in presets() if p.name == name), None)
    if preset is not None and not path.is_file():
        return preset.experiment, None
    if not path.suffix and not path.exists():
        names = ", ".join(p.name for p in presets())
        raise Refusal(say("there is no preset or file called {name}; the presets are: {names}", name=name, names=names))
    return read(path), path


def save_as_preset(experiment: Experiment, name: str) -> Path:
    """Save into the user's own folder under a lower-case name with hyphens; refuse a name that is taken."""
    if not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", name) or len(name) > 60:
        raise Refusal(say("a preset's name is made of lower-case letters, digits and hyphens, like my-network"))
    if any(p.name == name and p.built_in for p in presets()):
        raise Refusal(say("{name} is a preset of the program; choose another name", name=name))
    folder = user_folder()
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise Refusal(say("{path} could not be written: {error}", path=str(folder), error=error)) from error
    path = folder / f"{name}.json"
    write(experiment, path)
    return path
