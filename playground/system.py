"""What the operating system must bring: the libraries Qt's plugins are linked to, and tools for the tests.

Qt aborts when a library is missing, and blames xcb-cursor whichever it is. So each platform plugin is loaded
beforehand the way Qt will load it (almost free: the same libraries are needed a moment later), and only when
that fails `ldd` is asked for everything that is missing. Standard library only, and imported where it is used:
every start reads this file.
"""

from __future__ import annotations

import os
import sys
from functools import cache
from pathlib import Path

PACKAGES = {
    "libGL.so.1": "libgl1",
    "libEGL.so.1": "libegl1",
    "libglib-2.0.so.0": "libglib2.0-0",
    "libgthread-2.0.so.0": "libglib2.0-0",
    "libdbus-1.so.3": "libdbus-1-3",
    "libfontconfig.so.1": "libfontconfig1",
    "libfreetype.so.6": "libfreetype6",
    "libxkbcommon.so.0": "libxkbcommon0",
    "libxkbcommon-x11.so.0": "libxkbcommon-x11-0",
    "libX11.so.6": "libx11-6",
    "libX11-xcb.so.1": "libx11-xcb1",
    "libxcb.so.1": "libxcb1",
    "libxcb-cursor.so.0": "libxcb-cursor0",
    "libxcb-icccm.so.4": "libxcb-icccm4",
    "libxcb-image.so.0": "libxcb-image0",
    "libxcb-keysyms.so.1": "libxcb-keysyms1",
    "libxcb-randr.so.0": "libxcb-randr0",
    "libxcb-render.so.0": "libxcb-render0",
    "libxcb-render-util.so.0": "libxcb-render-util0",
    "libxcb-shape.so.0": "libxcb-shape0",
    "libxcb-shm.so.0": "libxcb-shm0",
    "libxcb-sync.so.1": "libxcb-sync1",
    "libxcb-xfixes.so.0": "libxcb-xfixes0",
    "libxcb-xkb.so.1": "libxcb-xkb1",
    "libSM.so.6": "libsm6",
    "libICE.so.6": "libice6",
    "libwayland-client.so.0": "libwayland-client0",
    "libwayland-cursor.so.0": "libwayland-cursor0",
    "libwayland-egl.so.1": "libwayland-egl1",
}
"""Which Debian package brings which library. Newer releases know these names too (as provided names)."""


class Trouble(Exception):
    """The machine lacks something; the message is one sentence that says what to do."""


def platform_plugin(name: str) -> Path | None:
    """Find the library of one of Qt's platforms (``offscreen``, ``xcb``, ``wayland``) in PySide6's wheel."""
    from importlib.util import find_spec

    spec = find_spec("PySide6")
    for folder in (spec and spec.submodule_search_locations) or ():
        path = Path(folder, "Qt", "plugins", "platforms", f"libq{name}.so")
        if path.exists():
            return path
    return None


def missing_libraries(platform: str) -> list[str]:
    """List the system libraries without which this platform of Qt cannot start."""
    plugin = platform_plugin(platform)
    if plugin is None:  # not Linux, or Qt was packaged by a distribution that sees to its own libraries
        return []
    import ctypes

    try:
        ctypes.CDLL(str(plugin))
    except OSError as failure:
        return _not_found(plugin) or [str(failure).split(":")[0]]
    return []


def packages_for(platforms: list[str]) -> list[str]:
    """List the Debian packages that these platforms of Qt still lack."""
    libraries = [library for platform in platforms for library in missing_libraries(platform)]
    return sorted({PACKAGES[library] for library in libraries if library in PACKAGES})


def require_platform(*platforms: str) -> None:
    """Make sure that one of these platforms of Qt can start: install what it lacks, or say what is missing."""
    if any(not missing_libraries(platform) for platform in platforms):
        return
    if can_install():
        install(packages_for(list(platforms[:1])))
    missing = missing_libraries(platforms[0])
    if missing:
        raise Trouble(f"Qt cannot open a window without {', '.join(missing)}; {remedy(missing)}.")


def require_screen() -> None:
    """Make sure that a window can open on the screen this session has."""
    if not sys.platform.startswith("linux"):
        return
    chosen = os.environ.get("QT_QPA_PLATFORM", "")
    if chosen:
        require_platform(*(name.split(":")[0] for name in chosen.split(";")))
    elif os.environ.get("WAYLAND_DISPLAY"):  # Qt falls back to X11, which nearly every Wayland session offers
        require_platform("wayland", "xcb")
    else:
        require_platform("xcb")


def remedy(libraries: list[str]) -> str:
    """Say how to install these libraries."""
    packages = sorted({PACKAGES[library] for library in libraries if library in PACKAGES})
    if not packages or not _is_debian():
        return "install it with the system's package manager"
    return f"install it with: {'' if _is_root() else 'sudo '}apt install {' '.join(packages)}"


def missing_test_packages() -> dict[str, str]:
    """List the Debian packages that some tests want, and what is lost without each."""
    from shutil import which

    wanted = {
        "xvfb": (which("Xvfb"), "the tests with a real pointer are skipped"),
        "xdotool": (which("xdotool"), "the tests with a real pointer are skipped"),
        "fonts-noto-cjk": (_has_cjk_font(), "Chinese text shows as boxes in screenshots"),
    }
    return {package: lost for package, (there, lost) in wanted.items() if not there}


def can_install() -> bool:
    """Tell whether we may install system packages ourselves: root on Debian or Ubuntu."""
    from shutil import which

    return _is_root() and _is_debian() and which("apt-get") is not None


def install(packages: list[str]) -> bool:
    """Install Debian packages, showing apt's progress; tell whether it worked."""
    import subprocess

    if not packages:
        return True
    print(f"Installing system packages: {' '.join(packages)}", file=sys.stderr, flush=True)
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    apt = ["apt-get", "-q", "-o", "DPkg::Lock::Timeout=120", "-o", "Acquire::Retries=2"]

    def run(*arguments: str) -> int:
        # Output goes to stderr: stdout belongs to the command, whose --json must stay readable.
        return subprocess.call([*apt, *arguments], stdin=subprocess.DEVNULL, stdout=2, env=environment)

    run("update")  # may fail for one source of several; the install tells
    return run("install", "-y", "--no-install-recommends", *packages) == 0


def _not_found(library: Path) -> list[str]:
    import subprocess
    from shutil import which

    ldd = which("ldd")
    if ldd is None:
        return []
    report = subprocess.run([ldd, str(library)], capture_output=True, text=True, check=False).stdout
    lines = (line.split("=>") for line in report.splitlines() if "not found" in line)
    return sorted({parts[0].strip() for parts in lines if len(parts) == 2})


def _is_root() -> bool:
    return hasattr(os, "geteuid") and os.geteuid() == 0


@cache
def _is_debian() -> bool:
    return Path("/etc/debian_version").exists()


def _has_cjk_font() -> bool:
    folders = (Path("/usr/share/fonts"), Path("/usr/local/share/fonts"), Path.home() / ".local/share/fonts")
    marks = ("cjk", "wqy", "sourcehan", "droidsansfallback", "uming", "ukai")
    fonts = (font.name.lower() for folder in folders if folder.is_dir() for font in folder.rglob("*.[ot]t[cf]"))
    return any(mark in font for font in fonts for mark in marks)
