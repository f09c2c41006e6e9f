#!/usr/bin/env python3
"""Network Playground from a checkout: ``python3 main.py`` opens the window, ``--help`` lists the commands.

Nothing but the standard library is needed to start: the first run makes `.venv` and goes on in it. This file
also parses on Pythons that are too old, so that they get a sentence instead of a syntax error.
"""

import sys

# The engine is a process that imports this file again, so nothing may happen on import.
if __name__ == "__main__":
    if sys.version_info < (3, 11):  # noqa: UP036 - this is the check itself
        sys.exit("network-playground: Python 3.11 or newer is needed; this is %d.%d." % sys.version_info[:2])  # noqa: UP031
    from playground.bootstrap import main

    sys.exit(main())
