"""What the program remembers between two starts: language, theme, layout, recent files. One small JSON file.

The folder is the system's for settings, or what the environment variable NETWORK_PLAYGROUND_HOME names (tests).
A file that cannot be read means defaults, one that cannot be written is no reason to bother anybody.
"""

from __future__ import annotations

import contextlib
import json
import os
from pathlib import Path
from typing import Any

LONGEST_RECENT = 10
"""How many recent files are kept."""


def home() -> Path:
    """Return the folder in which the program keeps what it remembers."""
    if chosen := os.environ.get("NETWORK_PLAYGROUND_HOME"):
        return Path(chosen)
    import platformdirs

    return Path(platformdirs.user_config_dir("network-playground", appauthor=False))


class Settings:
    """Remembered values by name; each change is written at once."""

    def __init__(self, folder: Path | None = None) -> None:
        self.path = (folder or home()) / "settings.json"
        self._values: dict[str, Any] = {}
        with contextlib.suppress(OSError, ValueError):
            values = json.loads(self.path.read_text(encoding="utf-8"))
            self._values = values if isinstance(values, dict) else {}

    def get(self, name: str, default: Any = None) -> Any:
        """Return a remembered value; the default also where its kind is another one."""
        value = self._values.get(name, default)
        return value if default is None or isinstance(value, type(default)) else default

    def set(self, name: str, value: Any) -> None:
        """Remember a plain JSON value."""
        if self._values.get(name) == value:
            return
        self._values[name] = value
        self._write()

    def recent(self) -> list[Path]:
        """Return the files opened last that are still there, the newest first."""
        found = [Path(one) for one in self.get("recent", []) if isinstance(one, str)]
        return [path for path in found if path.is_file()]

    def remember(self, path: Path) -> None:
        """Put a file at the head of the recent ones."""
        name = str(path.absolute())
        others = [one for one in self.get("recent", []) if one != name]
        self.set("recent", [name, *others][:LONGEST_RECENT])

    def _write(self) -> None:
        with contextlib.suppress(OSError):
            self.path.parent.mkdir(parents=True, exist_ok=True)
            temporary = self.path.with_suffix(".part")
            temporary.write_text(json.dumps(self._values, ensure_ascii=False, indent=1), encoding="utf-8")
            temporary.replace(self.path)
