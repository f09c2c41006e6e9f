"""Say what a file or folder holds, as the readers of data see it: format, shapes, classes, splits and problems."""

from __future__ import annotations

import argparse
import json
import time
from pathlib import Path
from typing import Any

from playground.commands._reading import shown
from playground.data import Data, FileSource
from playground.data.recognise import found, recognise
from playground.facts import SPLITS, DataFacts
from playground.preparation import to_look_at
from playground.text import Refusal, Sentence, count, tr

NEEDS = ("core",)

SHOWN = 12
"""How many classes or names are written out."""


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("path", metavar="PATH", type=Path, help=tr("a file or a folder"))
    parser.add_argument("--roles", default="", help=tr("what files are for: name=train, validation, test or none"))
    parser.add_argument("--json", action="store_true", help=tr("print one JSON value"))


def run(options: argparse.Namespace) -> int:
    """Read it all and tell; exit status 1 if anything is wrong with it."""
    began = time.perf_counter()
    source: FileSource | None = None
    data = Data(DataFacts())
    problems: list[str] = []
    try:
        source = recognise(options.path).replace(roles=options.roles)
        with shown(quiet=options.json):
            data = to_look_at(source.read())
        problems = [str(problem) for problem in data.problems]
    except Refusal as refusal:
        problems = [str(refusal)]
    answer = {
        "format": type(source).key if source else None,
        "facts": data.facts.to_json(),
        "splits": {split: data.facts.counts.get(split, 0) for split in SPLITS},
        "problems": problems,
        "remarks": [str(remark) for remark in data.remarks],
        "seconds": time.perf_counter() - began,
    }
    if options.json:
        print(json.dumps(answer, ensure_ascii=False, indent=2))
    else:
        _print(options.path, source, data, answer)
    return 1 if problems else 0


def _print(path: Path, source: FileSource | None, data: Data, answer: dict[str, Any]) -> None:
    if source is not None:
        print(f"{path}: {Sentence(source.title)}")
    if data.splits:
        print(f"  {found(data.facts)}")
        for name, shape in data.facts.inputs.items():
            axes = ", ".join(f"{Sentence(axis)} {size:,}" for axis, size in shape)
            known = data.facts.vocabularies.get(name)
            if known is not None:
                axes = str(count("{axes}, {n} token", "{axes}, {n} different tokens", known, axes=axes))
            print(f"  {tr('input {name}: {axes}', name=name, axes=axes)}{_listed(data.facts.names.get(name, ()))}")
        for name, target in data.facts.targets.items():
            if target.is_class:
                words = tr("target {name}: {n} classes", name=name, n=len(target.classes))
                print(f"  {words}{_listed(target.classes)}")
            else:
                axes = ", ".join(f"{Sentence(axis)} {size:,}" for axis, size in target.shape)
                print(f"  {tr('target {name}: numbers, {axes}', name=name, axes=axes)}")
        print(f"  {tr('read in {seconds} s', seconds=format(answer['seconds'], '.2f'))}")
    for remark in answer["remarks"]:
        print(f"  {remark}")
    for problem in answer["problems"]:
        print(f"  ! {problem}")


def _listed(names: tuple[str, ...]) -> str:
    if not names:
        return ""
    shown = [name if name.isprintable() and name.strip() else repr(name) for name in names[:SHOWN]]
    return " (" + ", ".join(shown) + (", …" if len(names) > SHOWN else "") + ")"
