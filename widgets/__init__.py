"""The window: PySide6 views over the core. Nothing here computes what is shown; the core does."""
