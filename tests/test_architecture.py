"""The lines of the design, drawn where imports can cross them."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

from playground.environment import ROOT

CORE = sorted((ROOT / "playground").rglob("*.py"))
WINDOW = sorted((ROOT / "widgets").rglob("*.py"))

QT = {"PySide6", "shiboken6", "pyqtgraph", "superqt", "qtawesome"}
TORCH = {"torch", "safetensors"}
BELOW_THE_LINE = (
    *("devices", "layers", "stepwise", "recurrent", "attention", "initialising", "turned", "spelt", "network"),
    "decoding",
    *("trimming", "ordering", "carrying", "augmenting", "feeding", "judging", "optimising", "alternating", "training"),
    *("borrowing", "checkpoint", "surface", "copied", "walking", "connecting", "loading", "saving", "answering"),
    *("lab", "engine", "export", "plain", "updating"),
)
"""Modules of the core that may import torch when they are imported."""

ORDER = (
    {"text", "fuzzy", "machine", "progress", "inquiry", "diagnosis", "tidy"},
    {"failures"},
    {"declare", "shape", "picture"},
    {"facts", "downloads"},
    {"block", "choices"},
    {"graph", "frames"},
    {"blocks", "data"},
    {"preparation"},
    {"nesting", "grouping", "graph_json"},
    {"report"},
    {"checks", "receptive_field"},
    {"output_checks", "adversarial"},
    {"analysis"},
    {"experiment"},
    {"explaining"},
    {"document", "document_json", "probes", "differing"},
    {"files"},
    {"sheet", "costs", "fragment"},
    {"presets", "messages", "pipe", "project", "watching", "browsing", "recorded"},
    {"own_blocks", "ready_groups", "transfer"},
    {"suggest", "typed"},
    {"client", "outbox"},
    {"layers", "stepwise", "recurrent", "attention", "plain", "devices", "initialising"},
    {"turned", "spelt"},
    {"network"},
    {"borrowing", "augmenting", "judging", "optimising", "updating", "decoding", "trimming", "ordering", "carrying"},
    {"feeding", "alternating"},
    {"training"},
    {"checkpoint", "surface", "copied", "walking"},
    {"connecting"},
    {"loading", "saving", "answering"},
    {"lab", "export"},
    {"engine"},
)
"""A module imports from its own group and from those above it, never from one below."""

APART = {"bootstrap", "environment", "system", "commands"}
"""The front door: it runs before anything of the core can be imported, and nothing of the core imports it."""

LONGEST_MODULE = 450
LONGEST_FUNCTION = 60
"""The budget is 400 and 40; a little grace keeps a good function whole."""


def imports(path, everywhere=False):
    """List the modules that a file imports at its top level, TYPE_CHECKING blocks left out."""
    found = []
    todo = list(ast.parse(path.read_text(encoding="utf-8")).body)
    while todo:
        node = todo.pop()
        if isinstance(node, ast.Import):
            found += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            base = "." * node.level + (node.module or "")
            found.append(base)
            found += [f"{base}.{alias.name}" for alias in node.names]
        elif isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
            todo += node.orelse
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda) and not everywhere:
            continue
        else:
            todo += [child for child in ast.iter_child_nodes(node) if isinstance(child, ast.stmt | ast.ExceptHandler)]
    return found


def packages(path, everywhere=False):
    return {name.split(".")[0] for name in imports(path, everywhere)}


def name_of(path):
    """Return the module's name in the core: `blocks` for playground/blocks/dense.py."""
    return path.relative_to(ROOT / "playground").with_suffix("").parts[0]


def core_imports(path):
    """Return the modules of the core that a file imports, by their first name."""
    return {name.split(".")[1] for name in imports(path) if name.startswith("playground.")}


def shown(path):
    return str(path.relative_to(ROOT))


@pytest.mark.parametrize("path", CORE, ids=shown)
def test_the_core_knows_neither_qt_nor_the_window(path):
    assert not packages(path, everywhere=True) & (QT | {"widgets"})


@pytest.mark.parametrize("path", CORE, ids=shown)
def test_torch_is_imported_below_the_line_only(path):
    if name_of(path) not in BELOW_THE_LINE:
        assert not packages(path) & TORCH
        assert not core_imports(path) & set(BELOW_THE_LINE)


@pytest.mark.parametrize("path", [path for path in CORE if name_of(path) not in {*APART, "__init__"}], ids=shown)
def test_imports_point_one_way(path):
    levels = {name: level for level, group in enumerate(ORDER) for name in group}
    own = name_of(path)
    assert own in levels, f"say in ORDER where {own} belongs"
    wrong = {name for name in core_imports(path) if levels.get(name, 99) > levels[own]}
    assert not wrong, f"{own} imports {', '.join(sorted(wrong))}"
    assert not core_imports(path) & APART


def test_no_two_modules_of_one_group_import_each_other():
    arrows = {}
    for path in CORE:
        arrows.setdefault(name_of(path), set()).update(core_imports(path) - {name_of(path)})
    for group in ORDER:
        for one in group:
            for other in group - {one}:
                assert not (other in arrows.get(one, ()) and one in arrows.get(other, ())), f"{one} ↔ {other}"


@pytest.mark.parametrize("path", WINDOW, ids=shown)
def test_the_windows_process_never_imports_torch_or_what_stands_on_it(path):
    in_functions_too = not {"bench", "commands"} & set(path.parts)  # those start processes of their own
    assert not packages(path, in_functions_too) & TORCH
    inner = {name.split(".")[1] for name in imports(path, in_functions_too) if name.startswith("playground.")}
    assert not inner & set(BELOW_THE_LINE)


def part_of_window(name):
    """Return which of the parts that must not know each other a module of the window belongs to, if any."""
    parts = name.split(".")
    if len(parts) < 2 or parts[0] != "widgets":
        return None
    if parts[1] == "panels" and len(parts) > 2:
        return f"panels.{parts[2]}"
    return parts[1] if parts[1] in ("canvas", "inspector") else None


@pytest.mark.parametrize("path", WINDOW, ids=shown)
def test_panels_canvas_and_inspector_never_import_each_other(path):
    parts = path.relative_to(ROOT).with_suffix("").parts
    own = part_of_window(".".join(parts))
    if own is None:
        return
    known = {part for name in imports(path, everywhere=True) if (part := part_of_window(name)) is not None}
    real = {part for part in known if not part.startswith("panels.") or is_module(part)}
    assert real <= {own}


def is_module(part):
    """Tell a panel's module from something that widgets/panels/__init__.py holds."""
    return (ROOT / "widgets" / "panels" / f"{part.split('.')[1]}.py").exists()


@pytest.mark.parametrize("path", [*CORE, *WINDOW], ids=shown)
def test_imports_are_absolute(path):
    assert not [name for name in imports(path, everywhere=True) if name.startswith(".")]


@pytest.mark.parametrize("path", CORE, ids=shown)
def test_modules_and_functions_stay_readable(path):
    assert too_long(path) == []


def too_long(path):
    text = path.read_text(encoding="utf-8")
    found = [f"{path.name}: {n} lines"] if (n := text.count("\n")) > LONGEST_MODULE else []
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            length = (node.end_lineno or node.lineno) - node.lineno + 1
            if length > LONGEST_FUNCTION:
                found.append(f"{path.name}: {node.name} has {length} lines")
    return found


@pytest.mark.parametrize("path", CORE, ids=shown)
def test_every_module_says_what_it_is_for(path):
    assert ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))


def modules_above_the_line():
    for path in CORE:
        own = name_of(path)
        if own not in {*BELOW_THE_LINE, "engine"}:
            dotted = ".".join(path.relative_to(ROOT).with_suffix("").parts)
            yield dotted.removesuffix(".__init__")


def test_importing_everything_above_the_line_leaves_torch_and_qt_out():
    program = (
        "import importlib, sys\n"
        f"for name in {sorted(modules_above_the_line())!r}:\n"
        "    importlib.import_module(name)\n"
        f"print(sorted(set(sys.modules) & {TORCH | QT | {'sklearn'}!r}))\n"
    )
    result = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=False, timeout=60
    )
    assert (result.returncode, result.stdout.strip()) == (0, "[]"), result.stderr


def test_the_walk_sees_what_it_should(tmp_path):
    path = Path(tmp_path / "module.py")
    path.write_text(
        "from typing import TYPE_CHECKING\nimport a.b\nfrom c import d\nfrom . import e\n"
        "if TYPE_CHECKING:\n    import hidden\nelse:\n    import f\n"
        "try:\n    import g\nexcept ImportError:\n    import h\n"
        "class C:\n    import i\n    def m(self):\n        import late\n"
    )
    assert {"a.b", "c", "c.d", ".", "..e", "f", "g", "h", "i"} <= set(imports(path))
    assert not {"hidden", "late"} & set(imports(path))
    assert "late" in imports(path, everywhere=True)
