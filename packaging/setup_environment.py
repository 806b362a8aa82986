"""Makes this checkout ready to run: system libraries, ``.venv`` and the Python packages in it.

Needs nothing but a Python to start with, an older one too, so that it can say which Python is missing.
A second run finds everything in place and returns at once.
"""

from __future__ import annotations

import argparse
import ctypes
import hashlib
import json
import os
import platform
import shlex
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
OLDEST_PYTHON = (3, 11)
KNOWN_PYTHONS = ("python3.14", "python3.13", "python3.12", "python3.11")
FONT_FOLDERS = ("/usr/share/fonts", "/usr/local/share/fonts", "~/.fonts", "~/.local/share/fonts")


class SetupError(Exception):
    """Something only a person can put right; the text says what and how."""


@dataclass(frozen=True)
class Need:
    """Something the system must offer, and the package that brings it on each family of Linux."""

    name: str
    apt: str
    dnf: str
    pacman: str


#: What Qt's "xcb", "wayland" and "offscreen" platforms link to and PySide6's wheels do not bring.
LIBRARIES = (
    Need("libEGL.so.1", "libegl1", "libglvnd-egl", "libglvnd"),
    Need("libGL.so.1", "libgl1", "libglvnd-glx", "libglvnd"),
    Need("libglib-2.0.so.0", "libglib2.0-0", "glib2", "glib2"),
    Need("libgthread-2.0.so.0", "libglib2.0-0", "glib2", "glib2"),
    Need("libfontconfig.so.1", "libfontconfig1", "fontconfig", "fontconfig"),
    Need("libfreetype.so.6", "libfreetype6", "freetype", "freetype2"),
    Need("libdbus-1.so.3", "libdbus-1-3", "dbus-libs", "dbus"),
    Need("libgssapi_krb5.so.2", "libgssapi-krb5-2", "krb5-libs", "krb5"),
    Need("libxkbcommon.so.0", "libxkbcommon0", "libxkbcommon", "libxkbcommon"),
    Need("libxkbcommon-x11.so.0", "libxkbcommon-x11-0", "libxkbcommon-x11", "libxkbcommon-x11"),
    Need("libX11-xcb.so.1", "libx11-xcb1", "libX11-xcb", "libx11"),
    Need("libxcb-cursor.so.0", "libxcb-cursor0", "xcb-util-cursor", "xcb-util-cursor"),
    Need("libxcb-glx.so.0", "libxcb-glx0", "libxcb", "libxcb"),
    Need("libxcb-icccm.so.4", "libxcb-icccm4", "xcb-util-wm", "xcb-util-wm"),
    Need("libxcb-image.so.0", "libxcb-image0", "xcb-util-image", "xcb-util-image"),
    Need("libxcb-keysyms.so.1", "libxcb-keysyms1", "xcb-util-keysyms", "xcb-util-keysyms"),
    Need("libxcb-randr.so.0", "libxcb-randr0", "libxcb", "libxcb"),
    Need("libxcb-render.so.0", "libxcb-render0", "libxcb", "libxcb"),
    Need("libxcb-render-util.so.0", "libxcb-render-util0", "xcb-util-renderutil", "xcb-util-renderutil"),
    Need("libxcb-shape.so.0", "libxcb-shape0", "libxcb", "libxcb"),
    Need("libxcb-shm.so.0", "libxcb-shm0", "libxcb", "libxcb"),
    Need("libxcb-sync.so.1", "libxcb-sync1", "libxcb", "libxcb"),
    Need("libxcb-xfixes.so.0", "libxcb-xfixes0", "libxcb", "libxcb"),
    Need("libxcb-xkb.so.1", "libxcb-xkb1", "libxcb", "libxcb"),
    Need("libwayland-client.so.0", "libwayland-client0", "libwayland-client", "wayland"),
    Need("libwayland-cursor.so.0", "libwayland-cursor0", "libwayland-cursor", "wayland"),
)
FONT = Need("a font", "fonts-dejavu-core", "dejavu-sans-fonts", "ttf-dejavu")
COMPILER = Need("a C and C++ compiler", "build-essential", "gcc-c++", "base-devel")


# --- deciding ---------------------------------------------------------------------------------------------


def is_recent(version: tuple[int, ...]) -> bool:
    """Tell whether a Python of this version can run Sawhorse."""
    return version[:2] >= OLDEST_PYTHON


def python_missing_text(found: str) -> str:
    """Say what to do where no Python is recent enough; ``found`` is the version that is there."""
    oldest = ".".join(map(str, OLDEST_PYTHON))
    return (
        f"Sawhorse needs Python {oldest} or newer, and the newest found here is {found}.\n"
        f"Install a newer one beside it (Debian and Ubuntu: apt-get install python{oldest} python{oldest}-venv, "
        f"Fedora: dnf install python{oldest}, macOS: brew install python@3.13) and run make again."
    )


def venv_need(version: tuple[int, ...]) -> Need:
    """Name the package that brings ``venv`` for a Python that came without it, as Debian's does."""
    name = f"python{version[0]}.{version[1]}-venv"
    return Need("Python's venv module", name, "python3", "python")


def install_command(manager: str, needs: list[Need]) -> list[str]:
    """Return the command that installs ``needs`` with "apt", "dnf" or "pacman", each package once."""
    packages = list(dict.fromkeys(getattr(need, manager) for need in needs))
    verbs = {
        "apt": ["apt-get", "install", "--yes", "--no-install-recommends"],
        "dnf": ["dnf", "install", "--assumeyes"],
        "pacman": ["pacman", "--sync", "--needed"],
    }
    return [*verbs[manager], *packages]


def find_manager() -> str | None:
    """Name the package manager of this system, if it is one we know the names for."""
    programs = {"apt": "apt-get", "dnf": "dnf", "pacman": "pacman"}
    return next((name for name, program in programs.items() if shutil.which(program)), None)


def needs_text(needs: list[Need], manager: str | None) -> str:
    """Say what is missing and which command brings it."""
    names = ", ".join(need.name for need in needs)
    if manager is None:
        return f"This system lacks {names}. Install them with its package manager and run make again."
    command = shlex.join(["sudo", *install_command(manager, needs)])
    return f"This system lacks {names}. Install them with\n\n    {command}\n\nand run make again."


def wanted_stamp(pyproject: bytes, version: tuple[int, ...]) -> str:
    """Return what names an installation: another Python or pyproject.toml makes another one."""
    return hashlib.sha256(repr(version[:2]).encode() + pyproject).hexdigest()


def missing_extras(stamp_text: str, wanted: str, extras: list[str]) -> list[str] | None:
    """Return the extras still to be installed, [] for nothing to do and None for everything.

    Args:
        stamp_text: What the last installation left behind, "" for none.
        wanted: The present ``wanted_stamp``.
        extras: The extras to have.
    """
    try:
        stamp = json.loads(stamp_text)
        is_current = stamp["installation"] == wanted
        return [extra for extra in extras if extra not in stamp["extras"]] if is_current else None
    except (ValueError, KeyError, TypeError):
        return None


# --- looking ----------------------------------------------------------------------------------------------


def can_load(library: str) -> bool:
    """Tell whether the dynamic linker finds ``library``."""
    try:
        ctypes.CDLL(library)
    except OSError:
        return False
    return True


def has_font() -> bool:
    """Tell whether any scalable font is installed; Sawhorse brings its own but leans on others for other scripts."""
    folders = [Path(folder).expanduser() for folder in FONT_FOLDERS]
    return any(path.suffix.lower() in {".ttf", ".otf", ".ttc"} for folder in folders for path in folder.rglob("*"))


def has_compiler() -> bool:
    """Tell whether C and C++ can be compiled."""
    compilers = (os.environ.get("CC", "cc"), os.environ.get("CXX", "c++"))
    return all(shutil.which(shlex.split(compiler)[0]) for compiler in compilers)


def version_of(python: str) -> tuple[int, ...]:
    """Ask a Python for its version; (0,) when it cannot answer."""
    code = "import sys; print(*sys.version_info[:3])"
    try:
        done = subprocess.run([python, "-c", code], capture_output=True, text=True, timeout=30, check=True)
        return tuple(int(number) for number in done.stdout.split())
    except (OSError, subprocess.SubprocessError, ValueError):
        return (0,)


def find_python() -> str:
    """Return a recent enough Python: the one that runs this, or the newest beside it.

    Raises:
        SetupError: There is none.
    """
    if is_recent(sys.version_info[:2]):
        return sys.executable
    for name in KNOWN_PYTHONS:
        path = shutil.which(name)
        if path and is_recent(version_of(path)):
            return path
    raise SetupError(python_missing_text(platform.python_version()))


def missing_needs(python: str) -> list[Need]:
    """List what this system lacks to make ``.venv`` with ``python``, build llama.cpp in it and show a window."""
    needs = []
    if not _runs([python, "-c", "import venv, ensurepip"]):
        needs.append(venv_need(version_of(python)))
    if not has_compiler() and not _runs([str(venv_python()), "-c", _FIND_LLAMA_CPP]):
        needs.append(COMPILER)
    if sys.platform.startswith("linux"):
        needs += [need for need in LIBRARIES if not can_load(need.name)]
        if not has_font():
            needs.append(FONT)
    return needs


_FIND_LLAMA_CPP = "import importlib.util as u, sys; sys.exit(u.find_spec('llama_cpp') is None)"


def venv_python() -> Path:
    """Return the Python of ``.venv``."""
    return VENV / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


def _runs(command: list[str]) -> bool:
    try:
        return subprocess.run(command, capture_output=True, check=False).returncode == 0
    except OSError:
        return False


# --- doing ------------------------------------------------------------------------------------------------


def provide(needs: list[Need]) -> None:
    """Install what the system lacks where that is allowed and customary: as root, with apt.

    Raises:
        SetupError: It is for the user to install.
    """
    manager = find_manager()
    if sys.platform == "darwin":
        raise SetupError("This system lacks a C and C++ compiler. Run\n\n    xcode-select --install\n\nand make again.")
    if manager != "apt" or os.geteuid() != 0:
        raise SetupError(needs_text(needs, manager))
    command = install_command("apt", needs)
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    has_lists = any(Path("/var/lib/apt/lists").glob("*_Packages*"))
    if has_lists and _call(command, environment):
        return
    if not (_call(["apt-get", "update"], environment) and _call(command, environment)):
        raise SetupError(
            f"apt could not install what is missing (its own words are above).\n{needs_text(needs, 'apt')}"
        )


def make_venv(python: str) -> None:
    """Make ``.venv``, anew where it is broken or of a Python that is too old.

    Raises:
        SetupError: Python could not make it.
    """
    if is_recent(version_of(str(venv_python()))) and _runs([str(venv_python()), "-c", "import pip"]):
        return
    if not _call([python, "-m", "venv", "--clear", str(VENV)]):
        raise SetupError(f"{python} could not make {VENV} (its own words are above).")


def install(extras: list[str], wanted: str, stamp: Path) -> None:
    """Install Sawhorse with ``extras`` into ``.venv``, editable, and note it in ``stamp``.

    Raises:
        SetupError: pip failed.
    """
    if not _runs([str(venv_python()), "-c", _FIND_LLAMA_CPP]):
        say("Building llama.cpp for this machine; this takes about five minutes on two cores, once.")
    cores = str(os.cpu_count() or 1)
    environment = {"CMAKE_BUILD_PARALLEL_LEVEL": cores, **os.environ}
    target = f"{ROOT}[{','.join(extras)}]" if extras else str(ROOT)
    pip = [str(venv_python()), "-m", "pip", "--disable-pip-version-check", "install", "--editable", target]
    if not _call(pip, environment):
        raise SetupError(
            "pip could not install Sawhorse's packages (its own words are above). The network and the disk are the "
            "usual reasons; if llama-cpp-python did not build, README.md says how to get it ready-made."
        )
    stamp.write_text(json.dumps({"installation": wanted, "extras": extras}), "ascii")


def set_up(extras: list[str]) -> None:
    """Bring this checkout to where ``.venv/bin/sawhorse`` runs.

    Raises:
        SetupError: Something is for the user to do first.
    """
    python = find_python()
    needs = missing_needs(python)
    if needs:
        provide(needs)
        needs = missing_needs(python)
        if needs:
            raise SetupError(needs_text(needs, find_manager()))
    make_venv(python)
    stamp = VENV / "sawhorse-installation.json"
    wanted = wanted_stamp((ROOT / "pyproject.toml").read_bytes(), version_of(str(venv_python())))
    stamp_text = stamp.read_text("ascii") if stamp.exists() else ""
    missing = missing_extras(stamp_text, wanted, extras)
    if missing or missing is None:
        kept = json.loads(stamp_text)["extras"] if missing else []
        install(sorted({*kept, *extras}), wanted, stamp)


def _call(command: list[str], environment: dict[str, str] | None = None) -> bool:
    say("+ " + shlex.join(command))
    return subprocess.run(command, env=environment, check=False).returncode == 0


def say(text: str) -> None:
    """Tell the user something, in order with what the programs called print."""
    sys.stderr.write(text + "\n")
    sys.stderr.flush()


def main() -> int:
    """Set up; return 0, or 1 after saying what to do."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--extras", default="starter", help="extras of pyproject.toml, comma separated")
    options = parser.parse_args()
    try:
        set_up([extra for extra in options.extras.split(",") if extra])
    except SetupError as error:
        say(f"\n{error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
