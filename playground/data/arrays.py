"""Arrays that were saved with numpy: one .npz, or .npy files side by side.

What an array is for follows from its name (`x_train`, `y_test`, `images`, `labels`, `X`, `y`), what it means from its
shape and type. Both can be corrected.
"""

from __future__ import annotations

import math
from pathlib import Path

from playground.data import Data, Examples, FileSource
from playground.data._axes import LAYOUTS, Loaded, Pair, as_inputs, as_targets
from playground.data._npy import Stored, is_npy, is_npz, product, stored
from playground.data._places import Roles, beside, family_of, fingerprint, is_file, part_in, wrong
from playground.data._stored import stays
from playground.declare import choice, words
from playground.facts import SPLITS, DataFacts
from playground.progress import part
from playground.text import Refusal, Sentence, note, say

MOST_FILES = 1_000


class Arrays(FileSource):
    """Arrays that were saved with numpy, as one .npz file or as .npy files side by side."""

    key = "arrays"
    title = note("Numpy arrays")
    rank = 11

    layout: str = choice(
        "auto", choices=LAYOUTS, help="What the axes of the inputs mean; the first is always the example"
    )
    answers: str = choice(
        "auto",
        choices={"auto": note("as their type suggests"), "classes": note("classes"), "numbers": note("numbers")},
        help="Whether the targets are classes or numbers; few different whole numbers are taken for classes",
    )
    inputs: str = words(
        "", help="The array that goes into the network, where names do not tell: its name, without split"
    )
    targets: str = words("", help="The array that should come out, where names do not tell: its name, without split")

    @classmethod
    def holds(cls, path: Path) -> bool:
        """Say whether a file, or any file of a folder, holds arrays, or claims to by its name."""
        if is_file(path):
            return path.suffix.lower() in (".npy", ".npz") or is_npy(path) or is_npz(path)
        return any(_claims(one) for one in beside(path, MOST_FILES))

    def read(self) -> Data:
        place = self.place
        root = place.parent if is_file(place) else place
        sets = self._sets(_together(place), root)
        far = stays(sum(math.prod(pair.inputs.shape) for pair in sets.values()))
        with part(0.0, 0.5):
            loaded = {split: Loaded.of(pair, far) for split, pair in sets.items()}
        remarks: list[Sentence] = []
        with part(0.5, 0.8):
            shape, inputs = as_inputs(loaded, self.layout, remarks)
            targets, answers = as_targets(loaded, self.answers)
        counts = {split: len(one.inputs) for split, one in loaded.items()}
        used = sorted({one.path for pair in sets.values() for one in pair.both})
        with part(0.8, 1.0):
            facts = DataFacts({"x": shape}, targets, counts, fingerprint=fingerprint(used, root))
        splits = {
            split: Examples({"x": inputs[split]}, dict.fromkeys(targets, answers[split]) if targets else {})
            for split in SPLITS
            if split in loaded
        }
        if not targets:
            remarks.append(say("There is no array of targets, so there is nothing to predict"))
        return Data(facts, splits, tuple(remarks))

    def picture(self) -> str:
        return "image" if self.layout in ("auto", "images", "channels-first") else ""

    def _sets(self, found: list[Stored], root: Path) -> dict[str, Pair]:
        """Put inputs and targets of each split together."""
        roles = Roles.parse(self.roles)
        by_split: dict[str, list[Stored]] = {}
        for one in found:
            split = _split_of(one, roles, root)
            if split:
                by_split.setdefault(split, []).append(one)
        if not by_split:
            raise Refusal(say("{path} holds no arrays that may be used; change what they are for", path=root.name))
        pairs = {split: self._pair(by_split[split]) for split in SPLITS if split in by_split}
        for pair in pairs.values():
            one, other = pair.inputs, pair.targets
            if other is not None and one.shape[0] != other.shape[0]:
                raise wrong(
                    one.path,
                    say(
                        "{one} holds {n} examples, but {other} {m}; save two that belong together",
                        one=one.name,
                        n=one.shape[0],
                        other=other.name,
                        m=other.shape[0],
                    ),
                )
        if len({pair.targets is None for pair in pairs.values()}) > 1:
            lone = next(pair.inputs for pair in pairs.values() if pair.targets is None)
            raise wrong(lone.path, say("there are no targets for {name}; save them beside it", name=lone.name))
        return pairs

    def _pair(self, found: list[Stored]) -> Pair:
        """Choose which of the arrays of a split goes in and which should come out."""
        named = {one: self._part(one) for one in found}
        inputs = [one for one, part in named.items() if part == "inputs"]
        targets = [one for one, part in named.items() if part == "targets"]
        if len(inputs) == 2 and not targets:  # numpy.savez without names: arr_0, arr_1
            inputs, targets = inputs[:1], inputs[1:]
        unnamed = [one for one, part in named.items() if not part]
        if not inputs and len(wide := [one for one in unnamed if len(one.shape) > 1]) == 1:
            inputs = wide
        if not inputs and len(unnamed) == 1:
            inputs = unnamed
        rest = [one for one in unnamed if one not in inputs and inputs and one.shape[0] == inputs[0].shape[0]]
        if not targets and len(rest) == 1:
            targets = rest
        if len(inputs) != 1 or len(targets) > 1:
            raise wrong(
                found[0].path,
                say(
                    "it is not clear which array is what: {names}; name them x and y, or choose them under Inputs and "
                    "Targets",
                    names=", ".join(f"{one.name} ({product(one.shape)})" for one in found[:8]),
                ),
            )
        return Pair(inputs[0], targets[0] if targets else None)

    def _part(self, one: Stored) -> str:
        stem = family_of(one.name) or one.name
        chosen = {self.inputs.strip(): "inputs", self.targets.strip(): "targets"}
        chosen.pop("", None)
        if chosen:
            return next((part for name, part in chosen.items() if name in (one.name, stem)), "other")
        return part_in(one.name)


def _claims(path: Path) -> bool:
    return path.suffix.lower() in (".npy", ".npz")


def _together(place: Path) -> list[Stored]:
    """List the arrays that belong together: of one .npz, of all files in a folder, or of a .npy and its partners."""
    if not is_file(place):
        files = [one for one in beside(place, MOST_FILES) if _claims(one)]
        if not files:
            raise Refusal(
                say("There are no arrays in {path}; choose a .npz file or the folder of .npy files", path=place.name)
            )
        return [one for file in files for one in stored(file)]
    if place.suffix.lower() == ".npz" or not is_npy(place):
        return stored(place)
    family = family_of(place.name)
    partners = [
        one for one in beside(place, MOST_FILES) if one.suffix.lower() == ".npy" and family_of(one.name) == family
    ]
    return [one for file in sorted({place, *partners}) for one in stored(file)]


def _split_of(one: Stored, roles: Roles, root: Path) -> str:
    """Return the split of an array: its own name counts before that of its file."""
    inner = Path(one.name)
    return roles.of(one.path / inner, root) if one.member else roles.of(one.path, root)
