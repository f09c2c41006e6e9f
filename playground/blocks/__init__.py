"""The blocks, one file a family. A new block is one class in one of these files; being there lists it."""

from importlib import import_module
from pkgutil import iter_modules

for _module in iter_modules(__path__):
    import_module(f"{__name__}.{_module.name}")
