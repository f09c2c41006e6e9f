"""The environment the program runs in: the interpreter at hand if it has what is needed, else `.venv`.

On a machine that has only Python, the first run makes `.venv` beside `main.py` and installs the dependencies of
`pyproject.toml` in the versions that `constraints.txt` says were tested. A stamp in `.venv` tells how far this
went: ``installing`` from before its first file until after its last, then ``complete`` with a fingerprint of the
requirements. So an interrupted installation is never believed, and changed requirements are installed on the
next start. Standard library only.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from playground import system
from playground.system import Trouble

ROOT = Path(__file__).resolve().parent.parent

MINIMUM = {
    "core": ("numpy",),
    "torch": ("torch",),
    "qt": ("PySide6-Essentials", "shiboken6", "pyqtgraph", "qtawesome", "ziamath"),
    "dev": ("pytest",),
}
"""What each need takes at the least, so that a headless machine with torch and pytest need not install Qt."""

_OFFLINE = re.compile(
    "NewConnectionError|ConnectTimeout|ReadTimeout|timed out|ProxyError|SSLError|Network is unreachable"
    "|Temporary failure in name resolution|Connection refused|Connection aborted"
)


class Environment:
    """The project's own virtual environment, beside `main.py`."""

    def __init__(self, root: Path = ROOT) -> None:
        self.root = root
        self.folder = root / ".venv"
        self.stamp = self.folder / "network-playground.stamp"
        windows = ("Scripts", "python.exe")
        self.python = self.folder.joinpath(*(windows if os.name == "nt" else ("bin", "python")))

    def choose(self, needs: tuple[str, ...]) -> str:
        """Decide where a command runs: ``here``, in the finished ``venv``, or after we ``build`` that."""
        if not (self.root / "pyproject.toml").exists():
            return "here"  # installed as a package: whoever installed it saw to the dependencies
        current, complete = self.is_current(), self.is_complete("dev" in needs)
        if current and complete:
            return "here"
        if not (current and self._state()[:1] == ["installing"]):
            have = installed(sys.path)
            if all(satisfied(requirement, have) for requirement in self.requirements("dev" in needs)):
                return "here"
            enough = self._has_minimum(needs, have)
            if enough and not current and (_is_chosen() or not (complete or self.stamp.exists())):
                return "here"
        return "venv" if complete and not current else "build"

    def is_current(self) -> bool:
        """Tell whether this very process runs in `.venv`."""
        return self.folder.is_dir() and self.folder.samefile(sys.prefix)

    def is_complete(self, dev: bool) -> bool:
        """Tell whether `.venv` was finished and has what the project asks for today."""
        state = self._state()
        return (
            state[:1] == ["complete"]
            and state[1:2] == [self.fingerprint()]
            and (not dev or "dev" in state)
            and self.python.exists()  # false when the Python it was made from is gone
        )

    def requirements(self, dev: bool) -> list[str]:
        """Read the project's requirements, those of its tests included where asked for."""
        import tomllib

        project = tomllib.loads((self.root / "pyproject.toml").read_text(encoding="utf-8"))["project"]
        return [*project["dependencies"], *(project["optional-dependencies"]["dev"] if dev else ())]

    def fingerprint(self) -> str:
        """Digest everything that decides what gets installed."""
        from zlib import crc32  # enough to notice a change, and unlike hashlib free to import

        constraints = self.root / "constraints.txt"
        pins = constraints.read_text(encoding="utf-8") if constraints.exists() else ""
        return f"{crc32(chr(10).join([*self.requirements(dev=True), pins]).encode()):08x}"

    def go_on_inside(self, arguments: list[str]) -> int:
        """Start over in `.venv` with these arguments; on POSIX this does not return."""
        os.environ.pop("__PYVENV_LAUNCHER__", None)  # macOS: would make the new Python believe it is the old one
        script = sys.orig_argv[1 : len(sys.orig_argv) - len(sys.argv[1:])]  # with the interpreter's own options
        command = [str(self.python), *script, *arguments]
        sys.stdout.flush()
        sys.stderr.flush()
        if os.name == "posix":
            os.execv(command[0], command)
        import subprocess

        child = subprocess.Popen(command)
        while True:
            try:
                return child.wait()
            except KeyboardInterrupt:  # the child got it as well and decides
                continue

    def build(self, needs: tuple[str, ...]) -> None:
        """Make `.venv` or bring it up to date; every failure is one sentence."""
        dev = "dev" in needs
        try:
            with _only_one(self.root / "pyproject.toml"):
                if not self.is_complete(dev):  # another process may just have done it
                    self._build(dev or "dev" in self._state())
        except OSError as failure:
            raise Trouble(f"{self.folder} could not be made: {failure.strerror or failure}.") from failure

    def _build(self, dev: bool) -> None:
        self._clear_remains()
        if self.python.exists():
            print("The requirements have changed: updating .venv. This takes a minute or two.", file=sys.stderr)
        else:
            print(
                f"First run: making {self.folder} and installing the libraries into it (PySide6, PyTorch and others). "
                "This happens once and takes a few minutes, longer where PyTorch comes with CUDA (several GB).",
                file=sys.stderr,
            )
        sys.stderr.flush()
        self.folder.mkdir(exist_ok=True)
        self._write_stamp("installing")
        if not self.python.exists():
            _make_venv(self.folder)
        self._install(self.requirements(dev))
        self._write_stamp(f"complete {self.fingerprint()} {'dev' if dev else 'runtime'}")

    def _clear_remains(self) -> None:
        """Remove what an interrupted run left, or a `.venv` whose Python is gone; never anything else."""
        if not self.folder.exists():
            return
        unfinished = self._state()[:1] == ["installing"]
        if self.python.exists() and not unfinished:
            return
        if self.is_current():
            raise Trouble(f"{self.folder} is unfinished; run the same command with the Python it was made from.")
        ours = unfinished or (self.folder / "pyvenv.cfg").exists() or not any(self.folder.iterdir())
        if not ours:
            raise Trouble(f"{self.folder} is not a virtual environment; move it away and run the same command again.")
        from shutil import rmtree

        rmtree(self.folder)

    def _install(self, requirements: list[str]) -> None:
        constraints = self.root / "constraints.txt"
        tested = ["--constraint", str(constraints)] if constraints.exists() else []
        status, log = self._pip(*tested, *requirements)
        if status and tested and "No matching distribution found" in log and not _OFFLINE.search(log):
            print("The tested versions do not exist for this Python; taking the newest that fit.", file=sys.stderr)
            status, log = self._pip(*requirements)
        if status:
            raise Trouble(_why_pip_failed(log))

    def _pip(self, *arguments: str) -> tuple[int, str]:
        """Run pip install with its own progress on stderr; return its status and its log."""
        import subprocess
        from tempfile import TemporaryDirectory

        with TemporaryDirectory() as folder:
            log = Path(folder, "pip.log")
            options = ["--disable-pip-version-check", "--no-input", "--log", str(log)]
            if not sys.stderr.isatty():
                options += ["--progress-bar", "off"]
            command = [str(self.python), "-m", "pip", "install", *options, *arguments]
            # Output goes to stderr: stdout belongs to the command, whose --json must stay readable.
            status = subprocess.call(command, stdin=subprocess.DEVNULL, stdout=2)
            return status, log.read_text(encoding="utf-8", errors="replace") if log.exists() else ""

    def _has_minimum(self, needs: tuple[str, ...], have: dict[str, str]) -> bool:
        least = {normal(name) for need in needs for name in MINIMUM[need]}
        wanted = [line for line in self.requirements(dev=True) if normal(split(line)[0]) in least]
        return all(satisfied(requirement, have) for requirement in wanted)

    def _state(self) -> list[str]:
        try:
            return self.stamp.read_text(encoding="utf-8").split()
        except OSError:
            return []

    def _write_stamp(self, state: str) -> None:
        draft = self.stamp.with_suffix(".draft")
        draft.write_text(state + "\n", encoding="utf-8")
        draft.replace(self.stamp)


def version() -> str:
    """Return the program's version, from the checkout or from the installed package."""
    try:
        import tomllib

        return str(tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"])
    except OSError:
        from importlib import metadata

        return metadata.version("network-playground")


def distribution_of(module: str) -> str | None:
    """Name the requirement of ours that brings a module, if one does."""
    top = module.split(".")[0]
    wanted = normal({"sklearn": "scikit-learn", "PySide6": "PySide6-Essentials", "PIL": "pillow"}.get(top, top))
    if not (ROOT / "pyproject.toml").exists():
        return None
    names = [split(line)[0] for line in Environment().requirements(dev=True)]
    return next((name for name in names if normal(name) == wanted), None)


def installed(paths: Iterable[str]) -> dict[str, str]:
    """Map every distribution on these paths to its version, by the names of their folders alone (2 ms, not 50)."""
    found: dict[str, str] = {}
    for path in paths:
        try:
            names = os.listdir(path or ".")
        except OSError:
            continue
        for name in names:
            stem, _, extension = name.rpartition(".")
            parts = stem.split("-")
            if extension in ("dist-info", "egg-info") and len(parts) > 1:
                found.setdefault(normal(parts[0]), parts[1])
    return found


def satisfied(requirement: str, have: dict[str, str]) -> bool:
    """Tell whether an installed version fits a requirement such as ``torch>=2.6`` or ``a>=1,!=1.2.0,<2``."""
    name, clauses = split(requirement)
    version = have.get(normal(name))
    return version is not None and all(_fits(version, clause) for clause in clauses)


def split(requirement: str) -> tuple[str, list[str]]:
    """Split a requirement into its name and its clauses."""
    match = re.match(r"\s*([A-Za-z0-9._-]+)\s*(?:\[[^]]*\])?\s*(.*)$", requirement)
    if match is None:
        raise ValueError(requirement)
    return match[1], [clause.strip() for clause in match[2].split(",") if clause.strip()]


def normal(name: str) -> str:
    """Spell a distribution's name as package indexes compare it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def _fits(version: str, clause: str) -> bool:
    match = re.match(r"(>=|<=|==|!=|>|<)\s*(.+)$", clause)
    if match is None:
        raise ValueError(clause)
    ours, theirs = _release(version), _release(match[2])
    return {
        ">=": ours >= theirs,
        "<=": ours <= theirs,
        "==": ours == theirs,
        "!=": ours != theirs,
        ">": ours > theirs,
        "<": ours < theirs,
    }[match[1]]


def _release(version: str) -> tuple[int, ...]:
    """Read the numbers of a version, padded; suffixes (rc1, +cpu) make no difference to our ranges."""
    match = re.match(r"\d+(?:\.\d+)*", version)
    numbers = [int(part) for part in match[0].split(".")] if match else []
    return tuple([*numbers, 0, 0, 0, 0][:4])


def _is_chosen() -> bool:
    """Tell whether someone activated an environment of their own, which is then respected."""
    return sys.prefix != sys.base_prefix or Path(sys.prefix, "conda-meta").is_dir()


def _make_venv(folder: Path) -> None:
    import subprocess
    from importlib.util import find_spec

    package = f"python3.{sys.version_info.minor}-venv"
    if find_spec("ensurepip") is None and system.can_install():  # Debian ships it apart
        system.install([package])
    if find_spec("ensurepip") is None:
        raise Trouble(
            "This Python cannot make a virtual environment because its venv module is incomplete; "
            f"on Debian and Ubuntu install it with: sudo apt install {package}"
        )
    made = subprocess.run([sys.executable, "-m", "venv", str(folder)], capture_output=True, text=True, check=False)
    if made.returncode:
        last = ([line for line in (made.stderr + made.stdout).splitlines() if line.strip()] or ["no reason given"])[-1]
        raise Trouble(f"{sys.executable} -m venv failed: {last.strip()}")


def _why_pip_failed(log: str) -> str:
    again = "then run the same command again"
    if "No space left on device" in log:
        return f"The libraries could not be installed because the disk is full; make room, {again}."
    if _OFFLINE.search(log):
        return f"The libraries could not be downloaded; check the network connection or the proxy, {again}."
    return f"pip could not install the libraries (its message is above); solve that, {again}."


@contextmanager
def _only_one(file: Path) -> Iterator[None]:
    """Let one process install at a time (a lock on a file that exists anyway); the others wait."""
    try:
        import fcntl
    except ImportError:  # Windows: two first runs at once are not guarded against
        yield
        return
    with file.open("rb") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX)
        except OSError:  # a file system without locks
            pass
        yield
