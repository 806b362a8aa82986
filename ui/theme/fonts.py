"""The fonts that ship with Sawhorse, made known to Qt."""

from __future__ import annotations

from importlib.resources import files

from PySide6.QtGui import QFont, QFontDatabase

from ui.theme.tokens import MetricTokens


def load_fonts() -> list[str]:
    """Register the shipped fonts and return the families that came of it.

    A font that cannot be read is left out: the next family of the token's list takes its place.
    """
    families: list[str] = []
    for entry in files("resources").joinpath("fonts").iterdir():
        if entry.name.endswith((".otf", ".ttf")):
            number = QFontDatabase.addApplicationFontFromData(entry.read_bytes())
            families += QFontDatabase.applicationFontFamilies(number)
    return sorted(set(families))


def make_font(metrics: MetricTokens, role: str, scale: float) -> QFont:
    """Return the font of a step of the type scale, its size multiplied by ``scale``."""
    token = metrics.type_scale[role]
    font = QFont(list(metrics.families[token.family]))
    font.setPixelSize(round(token.size * scale))
    font.setWeight(QFont.Weight(token.weight))
    # Both families would draw "!=" and "->" as other signs than those that were written.
    font.setFeature(QFont.Tag("calt"), 0)
    if token.family == "mono":
        font.setStyleHint(QFont.StyleHint.Monospace)
        font.setFixedPitch(True)
    else:
        font.setHintingPreference(QFont.HintingPreference.PreferVerticalHinting)
    return font
