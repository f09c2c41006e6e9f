"""Windows in which a person draws a data set of their own: points in the plane, small images.

They stay open beside the drawing of the network. Every gesture is one undoable step of the document, and what the
document says is what they show; while it trains, the run goes on with what is drawn.
"""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from playground.data import Source
from playground.data.drawn import DrawnDigits, DrawnPoints
from playground.document import Document
from widgets.drawing_sets._editor import SetEditor


def can_be_drawn(source: Source) -> bool:
    """Whether there is a window in which this set is drawn."""
    return isinstance(source, DrawnPoints | DrawnDigits)


def editor_for(document: Document, parent: QWidget | None = None) -> SetEditor:
    """Make the window in which the data set of a document is drawn."""
    from widgets.drawing_sets.digits import DigitsEditor
    from widgets.drawing_sets.points import PointsEditor

    kind = PointsEditor if isinstance(document.now.source, DrawnPoints) else DigitsEditor
    return kind(document, parent)


__all__ = ["SetEditor", "can_be_drawn", "editor_for"]
