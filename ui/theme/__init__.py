"""How everything looks: tokens from ``resources/theme`` turned into colours, fonts, icons and one style sheet."""

from ui.theme.theme import MODE_TEXTS, MODES, Mode, Theme

__all__ = ["MODES", "MODE_TEXTS", "Mode", "Theme"]
