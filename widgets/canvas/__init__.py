"""The canvas: where a network is drawn.

`scene` keeps cards and lines in step with the document, `navigation` looks around in it, `gestures` and `dropping`
are what a hand can do, `edits` what that does to the document, `layout` and `routing` where things stand.
"""

from widgets.canvas.dropping import MIME
from widgets.canvas.view import Canvas

__all__ = ["MIME", "Canvas"]
