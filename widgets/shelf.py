"""The blocks that a person has at hand: those used last, and those given a star. Remembered between two starts."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal

from widgets.settings import Settings

MOST_RECENT = 6
"""How many blocks count as used recently."""


class Shelf(QObject):
    """Recent and favourite blocks by name; without settings they last as long as the object.

    Signals:
        changed(): a block was used, or got or lost its star.
    """

    changed = Signal()

    def __init__(self, settings: Settings | None = None, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._settings = settings
        self._kept: dict[str, list[str]] = {}

    @property
    def recent(self) -> tuple[str, ...]:
        """The blocks used last, the newest first."""
        return self._read("recent_blocks")[:MOST_RECENT]

    @property
    def favourites(self) -> tuple[str, ...]:
        """The blocks with a star, in the order in which they got it."""
        return self._read("favourite_blocks")

    def use(self, key: str) -> None:
        """Put a block at the head of the recent ones."""
        self._write("recent_blocks", [key, *(one for one in self.recent if one != key)][:MOST_RECENT])

    def star(self, key: str, on: bool) -> None:
        """Give a block its star, or take it away."""
        others = [one for one in self.favourites if one != key]
        self._write("favourite_blocks", [*others, key] if on else others)

    def _read(self, name: str) -> tuple[str, ...]:
        values = self._settings.get(name, []) if self._settings else self._kept.get(name, [])
        return tuple(dict.fromkeys(value for value in values if isinstance(value, str)))

    def _write(self, name: str, values: list[str]) -> None:
        if values == list(self._read(name)):
            return
        self._kept[name] = values
        if self._settings:
            self._settings.set(name, values)
        self.changed.emit()
