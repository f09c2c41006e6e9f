"""The well-known sets that are fetched once from where they are published, and read by the reader of their format."""

from __future__ import annotations

from dataclasses import replace

from playground.data import Data, Source
from playground.declare import choice
from playground.downloads import SETS, check, folder_of
from playground.facts import Target
from playground.text import note


class Downloaded(Source):
    """A well-known data set, fetched once from where it is published and then kept on this computer."""

    key = "download"
    title = note("Downloaded sets")
    kind = note("Files")

    set: str = choice(
        "mnist",
        choices={key: one.title for key, one in SETS.items()},
        help="Which data set; it has to be downloaded before it can be used",
    )

    @property
    def licence(self) -> str:  # type: ignore[override]  # each set has its own
        """Who made the chosen set and what may be done with it."""
        return SETS[self.set].licence

    def read(self) -> Data:
        from playground.data.recognise import recognise

        check(self.set)
        data = recognise(folder_of(self.set)).read()
        classes, target = SETS[self.set].classes, data.facts.targets.get("label", Target())
        if len(classes) == len(target.classes):
            named = {**data.facts.targets, "label": replace(target, classes=classes)}
            data = replace(data, facts=replace(data.facts, targets=named))
        return data

    def picture(self) -> str:
        return "image" if SETS[self.set].is_image else ""
