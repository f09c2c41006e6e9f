"""The canvas: where a network is drawn.

It shows a `Sheet`. `scene` keeps its items in step with that: cards (`card`, what they say in `faces`), lines (`line`,
on ways that `routing` finds), notes and frames (`remarks`), groups that are open in place (`open_groups`).
`navigation` looks around in it, with `minimap` and `find`.

What a hand can do are gestures (`gestures`, `dropping`, `remark_gestures`, `opening`); what keys and menus can do are
commands, declared in `commands`. Both end in one edit of the sheet (`edits`, `editing`, `adding`, `clipboard`,
`arranging`). Where things stand when nobody has placed them is `layout`, with `layering`, `ordering` and `aligning`.
"""

from widgets.canvas.dropping import MIME
from widgets.canvas.view import Canvas

__all__ = ["MIME", "Canvas"]
