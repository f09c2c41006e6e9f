"""Open the window, with a file or a preset by its name.

Without FILE the start page shows what there is.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from playground.text import tr

if TYPE_CHECKING:
    import argparse

NEEDS = ("core", "torch", "qt")


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what may be given."""
    parser.add_argument("file", metavar="FILE", nargs="?", default="", help=tr("a document, or the name of a preset"))


def run(options: argparse.Namespace) -> int:
    """Open the window and stay until it is closed."""
    from widgets import app

    return app.run(getattr(options, "file", "") or "")
