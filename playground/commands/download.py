"""List the well-known data sets that can be had, or download one of them into the cache folder."""

from __future__ import annotations

import argparse
import json
import sys
import time
from typing import Any

from playground.costs import sized
from playground.downloads import SETS, Downloadable, folder_of, is_here
from playground.progress import heard_by
from playground.text import Refusal, Sentence, tr

NEEDS = ("core",)

BAR = 24
"""How wide the bar on the terminal is."""


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("name", metavar="NAME", nargs="?", choices=list(SETS), help=", ".join(SETS))
    parser.add_argument("--json", action="store_true", help=tr("print one JSON value"))


def run(options: argparse.Namespace) -> int:
    """List or download; exit status 1 if it could not be had."""
    if options.name:
        return _download(SETS[options.name], options.json)
    answers = [_answer(one) for one in SETS.values()]
    if options.json:
        print(json.dumps(answers, ensure_ascii=False, indent=2))
    else:
        for answer in answers:
            state = tr("downloaded") if answer["here"] else tr("not downloaded")
            print(f"{answer['name']:<20}{sized(answer['bytes']):>8}  {state:<16}{answer['title']}; {answer['licence']}")
    return 0


def _download(chosen: Downloadable, as_json: bool) -> int:
    from playground.downloads.fetching import fetch

    bar = _Bar(chosen.size, quiet=as_json or not sys.stderr.isatty())
    began, problems = time.perf_counter(), []
    try:
        with heard_by(bar.show):
            fetch(chosen.key)
    except Refusal as refusal:
        problems = [str(refusal)]
    except KeyboardInterrupt:
        problems = [tr("It was broken off; what has come is kept for the next time")]
    bar.clear()
    answer = {**_answer(chosen), "problems": problems, "seconds": time.perf_counter() - began}
    if as_json:
        print(json.dumps(answer, ensure_ascii=False, indent=2))
    elif not problems:
        print(tr("{title} lies in {path}", title=answer["title"], path=answer["path"]))
    if not as_json:
        for problem in problems:
            print(f"network-playground: {problem}", file=sys.stderr)
    return 1 if problems else 0


def _answer(one: Downloadable) -> dict[str, Any]:
    return {
        "name": one.key,
        "title": str(Sentence(one.title)),
        "about": str(Sentence(one.about)),
        "bytes": one.size,
        "licence": str(Sentence(one.licence)),
        "here": is_here(one.key),
        "path": str(folder_of(one.key)),
    }


class _Bar:
    """A line on the terminal that is written over ten times a second."""

    def __init__(self, size: int, quiet: bool) -> None:
        self._size, self._quiet = size, quiet
        self._shown = 0.0

    def show(self, share: float) -> None:
        """Show how far it is."""
        now = time.perf_counter()
        if self._quiet or now - self._shown < 0.1:
            return
        self._shown = now
        filled = round(BAR * share)
        done = tr("{part} of {whole}", part=sized(share * self._size), whole=sized(self._size))
        print(f"\r{'█' * filled}{'·' * (BAR - filled)} {done}  ", end="", file=sys.stderr, flush=True)

    def clear(self) -> None:
        """Take the line away."""
        if not self._quiet:
            print("\r\033[K", end="", file=sys.stderr, flush=True)
