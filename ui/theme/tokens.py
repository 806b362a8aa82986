"""Theme tokens: colours, sizes and code colours as values, read from ``resources/theme/*.toml``."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any


@dataclass(frozen=True)
class CodeToken:
    """How one kind of code token is drawn; ``color`` is ``#rrggbb``."""

    color: str
    bold: bool = False
    italic: bool = False


@dataclass(frozen=True)
class TypeToken:
    """One step of the type scale; ``size`` in device-independent pixels, ``weight`` as in CSS."""

    family: str
    size: int
    weight: int


@dataclass(frozen=True)
class ColorTokens:
    """The colours of one theme, by token name, as ``#rrggbb``."""

    name: str
    is_dark: bool
    colors: Mapping[str, str]
    code: Mapping[str, CodeToken]


@dataclass(frozen=True)
class MetricTokens:
    """Sizes that every theme shares, in device-independent pixels."""

    space_unit: int
    radii: Mapping[str, int]
    control: Mapping[str, int]
    type_scale: Mapping[str, TypeToken]
    families: Mapping[str, tuple[str, ...]]


#: The colour themes that ship; each is a file in ``resources/theme``.
COLOR_THEMES = ("light", "dark", "high-contrast-light", "high-contrast-dark")


def read_resource(folder: str, name: str) -> str:
    """Return the text of a file that ships with Sawhorse."""
    return files("resources").joinpath(folder, name).read_text(encoding="utf-8")


@cache
def load_colors(theme: str) -> ColorTokens:
    """Return the colours of one of ``COLOR_THEMES``."""
    table = _table(f"{theme}.toml")
    code = {name: CodeToken(**value) for name, value in table["code"].items()}
    return ColorTokens(table["name"], table["dark"], table["color"], code)


@cache
def load_metrics() -> MetricTokens:
    """Return the sizes."""
    table = _table("metrics.toml")
    return MetricTokens(
        space_unit=table["space"]["unit"],
        radii=table["radius"],
        control=table["control"],
        type_scale={name: TypeToken(**value) for name, value in table["type"].items()},
        families={name: tuple(value) for name, value in table["family"].items()},
    )


def _table(name: str) -> dict[str, Any]:
    return tomllib.loads(read_resource("theme", name))
