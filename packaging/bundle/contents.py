"""What a bundle holds, decided in one place for the three systems; ``sawhorse.spec`` asks it.

PyInstaller finds what the code imports and what that is linked to. This says what it cannot see (modules that are
named in text, files that are read) and what it finds without need.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from fnmatch import fnmatchcase
from pathlib import Path, PurePosixPath

#: All of their modules are taken: children and pages are named in text and imported late.
OWN_PACKAGES = ("app", "ui", "resources")
#: Packages whose version the program asks for at run time.
NAMED_PACKAGES = (
    "sawhorse",
    "PySide6-Essentials",
    "apsw",
    "jinja2",
    "llama-cpp-python",
    "markdown-it-py",
    "msgspec",
    "pygments",
)
#: What some package can do without: each import of these is guarded, or of a part we never use.
EXCLUDED_MODULES = (
    "PIL",  # pictures of code, by pygments
    "curses",
    "doctest",
    "hf_xet",  # transfers are our own (app/download); 11 MB
    "huggingface_hub.inference",
    "ipywidgets",
    "llama_cpp.server",
    "mypy",
    "openai",
    "pytest",
    "readline",
    "setuptools",
    "tkinter",
    "unittest.mock",
)
#: Qt's plugins that are of use, by folder; PyInstaller takes all that belong to the modules in use.
QT_PLUGINS = {
    "iconengines": ("qsvgicon",),
    "imageformats": ("qsvg", "qico", "qgif", "qjpeg", "qwebp"),
    "platforminputcontexts": ("composeplatforminputcontextplugin", "ibusplatforminputcontextplugin"),
    "platforms": ("qxcb", "qwayland", "qoffscreen", "qwindows", "qcocoa"),
    "platformthemes": ("qxdgdesktopportal",),
    "styles": ("qmodernwindowsstyle", "qmacstyle"),
    "wayland-decoration-client": ("adwaita", "bradient"),
    "wayland-shell-integration": ("xdg-shell",),
}
#: Libraries that must be the system's own, on Linux: they belong to its drivers, its display or its configuration.
#: It is the list that AppImages keep to, as far as it concerns us, and glib and D-Bus, which every desktop runs.
SYSTEM_LIBRARIES = (
    "libX11*.so*",
    "libcom_err.so*",
    "libdbus-1.so*",
    "libdrm.so*",
    "libexpat.so*",
    "libfontconfig.so*",
    "libfreetype.so*",
    "libgcc_s.so*",
    "libglib-2.0.so*",
    "libgthread-2.0.so*",
    "libstdc++.so*",
    "libuuid.so*",
    "libwayland-*.so*",
    "libxcb.so*",
    "libz.so*",
)
_PLUGIN = re.compile(r"PySide6/(?:Qt/)?plugins/([^/]+)/(?:lib)?([^/]+?)\.(?:so|dll|dylib)$")
_TRANSLATIONS = re.compile(r"PySide6/(?:Qt/)?translations/")
#: The number a library's name carries on Linux and macOS: libggml.so.0, libggml.0.dylib; and libggml.so.0.25.3.
_NUMBER = re.compile(r"(?<=\.so)\.\d+$|\.\d+(?=\.dylib$)")
_LONG_NUMBER = re.compile(r"\.so\.\d+\.\d|\.\d+\.\d+[\d.]*\.dylib$")
_LIBRARY = re.compile(r"\.(?:so(?:\.[0-9.]+)?|dll|dylib)$")
_EXTENSION = re.compile(r"\.(?:abi3|cpython-[^/]+|cp3[^/]+)\.(?:so|pyd)$|\.pyd$")


def resource_files(root: Path) -> list[tuple[str, str]]:
    """Return the files that ship with the program, as (source, folder in the bundle)."""
    files = (path for path in (root / "resources").rglob("*") if path.is_file())
    wanted = (path for path in files if path.suffix not in {".py", ".pyc"})
    return [(str(path), path.parent.relative_to(root).as_posix()) for path in sorted(wanted)]


def llama_libraries(package: Path) -> list[tuple[str, str]]:
    """Return llama.cpp's libraries in the installed package ``llama_cpp``, as (source, folder in the bundle).

    The wheel holds a library of ggml under three names, as links became files. The names that are asked for are that
    without a number, by Python and by ggml, and the short number, by the libraries themselves; of a backend, which
    nothing is linked to, the first alone.
    """
    folder = package / "lib"
    names = sorted(path.name for path in folder.iterdir() if path.is_file() and _is_asked_for(path.name))
    return [(str(folder / name), "llama_cpp/lib") for name in names]


def _is_asked_for(name: str) -> bool:
    if not _LIBRARY.search(name) or _LONG_NUMBER.search(name) or re.search("mtmd|llava|llama-common", name):
        return False
    is_backend = name.startswith("libggml-") and not name.startswith("libggml-base")
    return not (is_backend and _NUMBER.search(name))


def links_among(names: Iterable[str]) -> dict[str, str]:
    """Return which of these libraries should be links, and to which of the others: ``libggml.so`` to ``libggml.so.0``.

    ggml opened as two files, under the name Python asks for and that which libraries do, would be two ggmls.
    """
    present = set(names)
    numbered = {name: _NUMBER.sub("", name) for name in present if _NUMBER.search(name)}
    return {plain: name for name, plain in numbered.items() if plain in present}


def is_wanted(name: str, *, is_linux: bool) -> bool:
    """Tell whether an entry belongs in the bundle, by its path there."""
    name = name.replace("\\", "/")
    if plugin := _PLUGIN.search(name):
        return plugin[2] in QT_PLUGINS.get(plugin[1], ())
    if _TRANSLATIONS.search(name):
        return False
    base = PurePosixPath(name).name
    return not (is_linux and any(fnmatchcase(base, pattern) for pattern in SYSTEM_LIBRARIES))


def reachable(sources: dict[str, str], needs: Callable[[str], Iterable[str]]) -> set[str]:
    """Return which binaries are needed, by their paths in the bundle, once unwanted ones have been left out.

    Everything that is loaded by name is needed: extension modules, plugins, llama.cpp's libraries and Python's. Of the
    other libraries those are that some needed one is linked to.

    Args:
        sources: The file of each binary, by its path in the bundle.
        needs: Returns the names of the libraries a file is linked to.
    """
    by_name: dict[str, list[str]] = {}
    for entry in sources:
        by_name.setdefault(PurePosixPath(entry.replace("\\", "/")).name.lower(), []).append(entry)
    found: set[str] = set()
    left = [entry for entry in sources if _is_loaded_by_name(entry.replace("\\", "/"))]
    while left:
        entry = left.pop()
        if entry not in found:
            found.add(entry)
            left += _entries_of(needs(sources[entry]), by_name)
    return found


def _entries_of(names: Iterable[str], by_name: dict[str, list[str]]) -> Iterator[str]:
    for name in names:
        yield from by_name.get(PurePosixPath(name.replace("\\", "/")).name.lower(), ())


def _is_loaded_by_name(entry: str) -> bool:
    base = PurePosixPath(entry).name
    return (
        bool(_EXTENSION.search(base) or _PLUGIN.search(entry))
        or entry.startswith("llama_cpp/")
        or base.lower().startswith(("libpython", "python", "vcruntime", "msvcp"))
        or not _LIBRARY.search(base)
    )
