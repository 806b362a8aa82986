"""Icons in a theme's colours: the shipped SVG files are written once per colour into a cache folder.

Qt's own SVG engine draws them from there, crisp at every size and scale; style sheets, which can only name
files, use the same ones.
"""

from __future__ import annotations

import tomllib
from functools import cache
from importlib.resources import files
from pathlib import Path

from ui.theme.tokens import read_resource

#: Bump when an icon's drawing changes, so that an old cache is not used.
_CACHE_VERSION = 1


class IconFiles:
    """Finds, or writes, the file of an icon in a colour."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder / f"icons-{_CACHE_VERSION}"
        self._folder.mkdir(parents=True, exist_ok=True)
        self._written: dict[tuple[str, str], Path] = {}

    def path(self, name: str, color: str) -> Path:
        """Return the SVG file of an icon drawn in ``#rrggbb``.

        Raises:
            KeyError: No icon has this name.
        """
        written = self._written.get((name, color))
        return written or self._write(name, color)

    def _write(self, name: str, color: str) -> Path:
        drawing = drawing_name(name)
        path = self._folder / f"{drawing}-{color.lstrip('#')}.svg"
        text = tinted(_drawing(drawing), color)
        if not path.is_file() or path.read_text(encoding="utf-8") != text:
            path.write_text(text, encoding="utf-8")
        self._written[name, color] = path
        return path


def drawing_name(name: str) -> str:
    """Return the drawing used for an icon's name, which may be what it stands for.

    Raises:
        KeyError: No icon has this name.
    """
    name = aliases().get(name, name)
    if name not in drawing_names():
        raise KeyError(f"there is no icon named {name!r}")
    return name


def tinted(svg: str, color: str) -> str:
    """Return a drawing with its strokes in ``color``."""
    return svg.replace("currentColor", color)


@cache
def aliases() -> dict[str, str]:
    """Return what icons stand for, mapped to the drawing that is used."""
    return dict(tomllib.loads(read_resource("icons", "aliases.toml")))


@cache
def drawing_names() -> frozenset[str]:
    """Return the names of the drawings that ship."""
    folder = files("resources").joinpath("icons")
    return frozenset(entry.name[:-4] for entry in folder.iterdir() if entry.name.endswith(".svg"))


@cache
def _drawing(name: str) -> str:
    return read_resource("icons", f"{name}.svg")
