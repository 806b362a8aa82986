"""How everything looks: tokens from ``resources/theme`` turned into colours, fonts, icons and one style sheet."""

from ui.theme.theme import MODES, Theme

__all__ = ["MODES", "Theme"]
