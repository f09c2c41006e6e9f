"""What went wrong, in a sentence: exceptions of torch are written for programmers."""

from __future__ import annotations

from playground.text import Refusal, Sentence, say


def what_happened(error: Exception) -> Sentence:
    """Turn an exception into a sentence; its class stands before a message that torch wrote for programmers."""
    if isinstance(error, Refusal):
        return error.sentence
    if "out of memory" in str(error).lower() or isinstance(error, MemoryError):
        return say("there was not enough memory for this step; choose a smaller batch or a smaller network")
    first = str(error).strip().split("\n")[0][:200]
    return say("training stopped: {kind}: {message}", kind=type(error).__name__, message=first)
