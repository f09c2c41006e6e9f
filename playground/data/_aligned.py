"""Texts and their translations in files of their own, one a language, which are the same line by line."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from playground.data._languages import in_order, parted
from playground.data._lines import TextFile, head_of, read_text
from playground.data._places import Roles, family_of, is_file, listed, shown, split_in, wrong
from playground.data._together import MOST_FILES, Sought, together
from playground.data._values import glance
from playground.progress import part
from playground.text import Sentence, note, say

LARGEST = 2**27
"""The most bytes of one file."""

MOST_PAIRS = 2**22

NONE = note("There are no texts with their translations in {path}; choose another folder")
SEVERAL = note("{path} holds several sets of translations; choose one of them: {files}")
UNUSED = note("{path} holds no translations that may be used; change what the files are for")


@dataclass(frozen=True)
class Sides:
    """Files by what the sides of a translation share in their names, and by language."""

    files: dict[str, dict[str, Path]]

    @classmethod
    def of(cls, folder: Path, chosen: Path | None = None) -> Sides:
        """Sort the files of a folder; of two that differ only in being compressed the plain or chosen one counts."""
        paths = sorted(listed(folder, most=MOST_FILES), key=lambda path: (path != chosen, path.name.endswith(".gz")))
        found: dict[str, dict[str, Path]] = {}
        for path in paths:
            stem, language = parted(path.name)
            if language:
                found.setdefault(stem, {}).setdefault(language, path)
        return cls(found)

    def are_aligned(self, stem: str) -> bool:
        """Whether files that share a stem are there in several languages, and are texts."""
        some = list(self.files.get(stem, {}).values())
        return len(some) > 1 and all(map(head_of, some[:2]))


def is_aligned(place: Path) -> bool:
    """Whether a file has a translation beside it, or any file of a folder has."""
    if is_file(place):
        stem, language = parted(place.name)
        return bool(language) and Sides.of(place.parent, place).are_aligned(stem)
    sides = Sides.of(place)
    return any(map(sides.are_aligned, sides.files))


class Aligned:
    """Two files for each set of pairs, one a language."""

    def __init__(self, place: Path, roles: Roles, source: str, target: str, encoding: str) -> None:
        self._encoding = encoding
        self._lines: tuple[list[str], list[str]] = [], []
        self._chosen, own = parted(place.name) if is_file(place) else ("", "")
        self._sides = Sides.of(root_of(place), place).files
        self._there = self._trained(place, roles)
        self.languages = in_order(language for some in self._there for language in some)
        self.source, self.target = self._languages(place, source, target, own)
        both = {self.source, self.target}
        self._stems = {some[self.source]: stem for stem, some in self._sides.items() if both <= some.keys()}
        self.splits, self._left = self._together(place, roles)

    def _trained(self, place: Path, roles: Roles) -> list[dict[str, Path]]:
        """Return the files that decide which languages there are: those that were chosen, else those to train on."""
        if is_file(place):
            return [self._sides[self._chosen]]
        several = [some for some in self._sides.values() if len(some) > 1]
        return [some for some in several if roles.of(next(iter(some.values())), place) == "train"] or several

    def _languages(self, place: Path, source: str, target: str, own: str) -> tuple[str, str]:
        """Return the two languages: those that were said, that of the file that was chosen, the first ones."""
        known = {language.lower(): language for language in self.languages}
        if unknown := [said for said in (source, target) if said and said.lower() not in known]:
            problem = say(
                "there is no text in {language}; choose from these: {languages}",
                language=glance(unknown[0]),
                languages=", ".join(self.languages),
            )
            raise wrong(place, problem)
        source, target = known.get(source.lower(), ""), known.get(target.lower(), "")
        if not target and own and own != (source or self.languages[0]):
            target = own
        source = source or self._first_beside(target)
        target = target or self._first_beside(source)
        if source == target:
            raise wrong(place, say("a text is no translation of itself; choose two languages"))
        return source, target

    def _first_beside(self, language: str) -> str:
        """Return the first language into which there are translations from this one, or to it."""
        beside = {one for some in self._there if not language or language in some for one in some}
        return next(one for one in self.languages if one in beside and one != language)

    def _together(self, place: Path, roles: Roles) -> tuple[dict[str, list[Path]], list[Path]]:
        """Return the files to be read from, by split, and those that are of other sets."""
        fits = self._stems.__contains__
        sought = Sought(fits, NONE, SEVERAL, UNUSED, family=lambda name: family_of(parted(name)[0]))
        if is_file(place):
            found = together(self._sides[self._chosen][self.source], roles, sought)
            return {split: kept for split, some in found.items() if (kept := list(filter(fits, some)))}, []
        found = together(place, roles, sought)
        left = [path for path in self._stems if not any(path in some for some in found.values())]
        for path in left[:]:  # test_2016_flickr belongs to the one set there is although it has a name of its own
            split = roles.of(path, place)
            if split in ("validation", "test") and split_in(self._stems[path]) == split:
                found.setdefault(split, []).append(path)
            if split in ("validation", "test", ""):
                left.remove(path)
        return found, left

    def texts(self, path: Path) -> tuple[TextFile, TextFile]:
        """Read the two sides; refuse where they cannot belong together."""
        other = self._other(path)
        with part(0.0, 0.5):
            one = read_text(path, self._encoding, LARGEST)
        with part(0.5, 1.0):
            two = read_text(other, self._encoding, LARGEST)
        self._lines = one.lines, two.lines
        n, m = map(len, self._lines)
        if n != m:
            raise wrong(
                path,
                say(
                    "it has {n} lines, but {other} has {m}, so they are no translations of each other line by line; "
                    "choose two files with as many lines",
                    n=n,
                    m=m,
                    other=shown(other),
                ),
            )
        if n > MOST_PAIRS:
            raise wrong(path, say("it has more than the {most} lines that can be read", most=MOST_PAIRS))
        return one, two

    def pairs(self, path: Path) -> Iterator[tuple[str, str]]:
        """Return the pairs of what was read last."""
        return zip(*self._lines, strict=True)

    def used(self) -> list[Path]:
        """Return all files that are read."""
        found = [path for some in self.splits.values() for path in some]
        return sorted([*found, *map(self._other, found)])

    def told(self) -> Iterator[Sentence]:
        """Say what is translated into what."""
        others = [one for one in self.languages if one not in (self.source, self.target)]
        if others:
            yield say(
                "From {source} to {target}; there is also {others}",
                source=self.source,
                target=self.target,
                others=", ".join(others),
            )
        else:
            yield say("From {source} to {target}", source=self.source, target=self.target)
        if self._left:
            names = ", ".join(map(shown, self._left[:6])) + ("…" if len(self._left) > 6 else "")
            yield say("Left out: {columns} ({reason})", columns=names, reason=say("of another set"))

    def _other(self, path: Path) -> Path:
        return self._sides[self._stems[path]][self.target]


def root_of(place: Path) -> Path:
    """Return the folder below which names count."""
    return place.parent if is_file(place) else place
