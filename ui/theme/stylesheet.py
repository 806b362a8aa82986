"""The style sheet: ``resources/theme/style.qss`` with tokens put in for their names."""

from __future__ import annotations

import re
from collections.abc import Callable

from ui.theme.tokens import ColorTokens, MetricTokens

#: ``$(text.muted)``, ``$(space.2)``, ``$(radius.card)``, ``$(size.body)``, ``$(image.check@text.on_accent)``
_NAME = re.compile(r"\$\(([^)]+)\)")


def names_in(template: str) -> set[str]:
    """Return every token name that a template uses."""
    return set(_NAME.findall(template))


def render(
    template: str,
    colors: ColorTokens,
    metrics: MetricTokens,
    image: Callable[[str, str], str],
    text_scale: float,
    code_size: int,
) -> str:
    """Return the style sheet.

    Args:
        template: A Qt style sheet with ``$(name)`` where a token's value belongs.
        colors: The theme's colours.
        metrics: The sizes.
        image: Returns the path of an icon's file, given its name and a colour as ``#rrggbb``.
        text_scale: Multiplies every size of the type scale but code's.
        code_size: Size of code in pixels.

    Raises:
        KeyError: The template names a token that does not exist.
    """

    def value(match: re.Match[str]) -> str:
        return _value(match[1], colors, metrics, image, text_scale, code_size)

    return _NAME.sub(value, template)


def _value(
    name: str,
    colors: ColorTokens,
    metrics: MetricTokens,
    image: Callable[[str, str], str],
    text_scale: float,
    code_size: int,
) -> str:
    if name in colors.colors:
        return colors.colors[name]
    kind, _, rest = name.partition(".")
    match kind:
        case "space":
            return f"{round(float(rest) * metrics.space_unit)}px"
        case "radius":
            return f"{metrics.radii[rest]}px"
        case "control":
            return f"{metrics.control[rest]}px"
        case "size" if metrics.type_scale[rest].family == "mono":
            return f"{code_size - (metrics.type_scale['mono'].size - metrics.type_scale[rest].size)}px"
        case "size":
            return f"{round(metrics.type_scale[rest].size * text_scale)}px"
        case "weight":
            return str(metrics.type_scale[rest].weight)
        case "family":
            return ", ".join(f'"{family}"' for family in metrics.families[rest])
        case "image":
            icon, _, color = rest.partition("@")
            return f'url("{image(icon, colors.colors[color])}")'
    raise KeyError(f"there is no theme token named {name!r}")
