"""The theme in use: hands out its colours, sizes, fonts and icons, and dresses the application in it."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Literal, cast

from pygments.token import _TokenType
from PySide6.QtCore import QObject, Qt, QTemporaryDir, Signal
from PySide6.QtGui import QColor, QFont, QGuiApplication, QIcon
from PySide6.QtWidgets import QApplication

from ui.theme.code_style import CodeStyle, make_code_styles
from ui.theme.fonts import load_fonts, make_font
from ui.theme.icons import IconFiles
from ui.theme.palette import make_palette
from ui.theme.stylesheet import render
from ui.theme.tokens import load_colors, load_metrics, read_resource

Mode = Literal["system", "light", "dark", "high-contrast"]
MODES: tuple[Mode, ...] = ("system", "light", "dark", "high-contrast")
MODE_TEXTS: dict[Mode, str] = {
    "system": "Follow the system",
    "light": "Light",
    "dark": "Dark",
    "high-contrast": "High contrast",
}

#: What all text can be multiplied by.
TEXT_SCALES = (0.85, 0.92, 1.0, 1.1, 1.25, 1.5)


class Theme(QObject):
    """Built once, after the QApplication, and handed to every widget.

    Signals:
        changed(): Colours, fonts or icons are others than before; the application is already dressed in them.
    """

    changed = Signal()

    def __init__(self, mode: Mode = "system", cache_folder: Path | None = None, parent: QObject | None = None) -> None:
        """Dress the application.

        Args:
            mode: One of ``MODES``; "system" and "high-contrast" follow the system between light and dark.
            cache_folder: Where tinted icons are kept; None: a temporary folder that goes with the theme.
            parent: Qt's owner.
        """
        super().__init__(parent)
        self._metrics = load_metrics()
        self._temporary = None if cache_folder else QTemporaryDir()
        folder = cache_folder or Path(cast("QTemporaryDir", self._temporary).path())
        self._icon_files = IconFiles(folder)
        self._mode: Mode = mode
        self._text_scale = 1.0
        self._code_size = 0
        self._reduce_motion = False
        load_fonts()
        # The same ground on every system; the style sheet paints over it.
        QApplication.setStyle("Fusion")
        self._ask_system_for_scheme()
        self._dress()
        QGuiApplication.styleHints().colorSchemeChanged.connect(self._on_system_color_scheme_changed)

    # --- what is asked of it ----------------------------------------------------------------------------

    @property
    def mode(self) -> Mode:
        """What was chosen, one of ``MODES``."""
        return self._mode

    @property
    def is_dark(self) -> bool:
        """Whether text is light on dark now."""
        return self._colors.is_dark

    @property
    def reduce_motion(self) -> bool:
        """Whether nothing should fade, slide or pulse."""
        return self._reduce_motion

    @property
    def text_scale(self) -> float:
        """What the type scale is multiplied by."""
        return self._text_scale

    @property
    def code_size(self) -> int:
        """Size of code in pixels."""
        return self._code_size or round(self._metrics.type_scale["mono"].size * self._text_scale)

    def color(self, token: str) -> QColor:
        """Return a colour by token name, such as "text.muted"."""
        return QColor(self._colors.colors[token])

    def space(self, steps: float) -> int:
        """Return a distance of so many steps of the 4 px grid, in pixels."""
        return round(steps * self._metrics.space_unit)

    def radius(self, token: str) -> int:
        """Return the radius of "small", "control", "card", "panel" or "pill" corners, in pixels."""
        return self._metrics.radii[token]

    def control(self, token: str) -> int:
        """Return a size of controls, in pixels: "height", "icon", "icon_button", "focus"."""
        return self._metrics.control[token]

    def font(self, role: str) -> QFont:
        """Return a font of the type scale: caption, small, control, strong, body, heading, title, mono, mono.small."""
        is_mono = self._metrics.type_scale[role].family == "mono"
        scale = self.code_size / self._metrics.type_scale["mono"].size if is_mono else self._text_scale
        return make_font(self._metrics, role, scale)

    def icon(self, name: str, color: str = "text.muted", on_color: str = "accent") -> QIcon:
        """Return an icon in today's colours; ask again after ``changed``.

        Args:
            name: A file of ``resources/icons`` without its ending, or an alias of ``aliases.toml``.
            color: Colour token; disabled icons have a colour of their own.
            on_color: Colour token while a checkable button is on.
        """
        key = (name, color, on_color)
        if key not in self._icons:
            self._icons[key] = self._make_icon(name, color, on_color)
        return self._icons[key]

    def _make_icon(self, name: str, color: str, on_color: str) -> QIcon:
        size_any = QIcon()
        files = {
            (QIcon.Mode.Normal, QIcon.State.Off): color,
            (QIcon.Mode.Normal, QIcon.State.On): on_color,
            (QIcon.Mode.Selected, QIcon.State.Off): color,
            (QIcon.Mode.Disabled, QIcon.State.Off): "disabled",
        }
        for (mode, state), token in files.items():
            size_any.addFile(self.icon_file(name, token), mode=mode, state=state)
        return size_any

    def app_icon(self) -> QIcon:
        """Return Sawhorse's own icon."""
        return QIcon(self.icon_file("app"))

    def icon_file(self, name: str, color: str = "text.muted") -> str:
        """Return the path of an icon's SVG file in a colour token."""
        return self._icon_path(name, self._colors.colors[color])

    def code_style(self) -> Mapping[_TokenType, CodeStyle]:
        """Return (colour, bold, italic) for any Pygments token type."""
        return self._code_styles

    # --- what changes it --------------------------------------------------------------------------------

    def set_mode(self, mode: Mode) -> None:
        """Switch to a mode of ``MODES``."""
        if mode != self._mode:
            self._mode = mode
            self._ask_system_for_scheme()
            self._change()

    def set_text(self, scale: float, code_size: int = 0) -> None:
        """Set the size of all text (1.0 is the design's) and of code, in pixels (0: it goes with the text)."""
        if (scale, code_size) != (self._text_scale, self._code_size):
            self._text_scale = scale
            self._code_size = code_size
            self._change()

    def step_text(self, direction: int) -> float:
        """Make all text one step larger (1) or smaller (-1), or as designed (0); return the new scale."""
        steps = TEXT_SCALES
        nearest = min(range(len(steps)), key=lambda place: abs(steps[place] - self._text_scale))
        scale = steps[max(0, min(len(steps) - 1, nearest + direction))] if direction else 1.0
        self.set_text(scale, self._code_size)
        return scale

    def set_reduce_motion(self, reduce: bool) -> None:
        """Say whether things may move."""
        self._reduce_motion = reduce

    # --- how ----------------------------------------------------------------------------------------------

    def _ask_system_for_scheme(self) -> None:
        """Have the system's own parts, title bars and file dialogs, go with a forced mode."""
        forced = {"light": Qt.ColorScheme.Light, "dark": Qt.ColorScheme.Dark}
        QGuiApplication.styleHints().setColorScheme(forced.get(self._mode, Qt.ColorScheme.Unknown))

    def _on_system_color_scheme_changed(self) -> None:
        if self._mode in {"system", "high-contrast"} and load_colors(self._color_theme()) is not self._colors:
            self._change()

    def _change(self) -> None:
        self._dress()
        self.changed.emit()

    def _dress(self) -> None:
        self._icons: dict[tuple[str, str, str], QIcon] = {}
        self._colors = load_colors(self._color_theme())
        self._code_styles = make_code_styles(self._colors.code)
        application = cast("QApplication", QApplication.instance())
        application.setFont(self.font("control"))
        application.setPalette(make_palette(self._colors))
        template = read_resource("theme", "style.qss")
        application.setStyleSheet(
            render(template, self._colors, self._metrics, self._icon_path, self._text_scale, self.code_size)
        )

    def _color_theme(self) -> str:
        dark = QGuiApplication.styleHints().colorScheme() == Qt.ColorScheme.Dark
        match self._mode:
            case "light" | "dark":
                return self._mode
            case "high-contrast":
                return "high-contrast-dark" if dark else "high-contrast-light"
            case "system":
                return "dark" if dark else "light"

    def _icon_path(self, name: str, color: str) -> str:
        # A style sheet wants forward slashes on every system.
        return str(self._icon_files.path(name, color)).replace(os.sep, "/")
