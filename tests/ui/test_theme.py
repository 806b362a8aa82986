"""The theme in use: it dresses the application, switches while widgets are on show, and follows the system."""

from __future__ import annotations

from pathlib import Path

import pytest
from pygments.token import Token
from PySide6.QtCore import QSize
from PySide6.QtGui import QFontInfo, QPalette
from PySide6.QtWidgets import QApplication, QLabel, QPushButton

from ui.theme import MODES, Theme
from ui.theme.tokens import load_colors, load_metrics
from ui.widgets.icon_button import IconButton


def darkest(icon) -> int:
    """Return the lightness of the darkest opaque pixel of an icon."""
    image = icon.pixmap(QSize(16, 16)).toImage()
    colors = [image.pixelColor(x, y) for x in range(image.width()) for y in range(image.height())]
    return min(color.lightness() for color in colors if color.alpha() > 200)


@pytest.mark.parametrize("mode", MODES)
def test_every_mode_dresses_the_application(theme, mode):
    theme.set_mode(mode)
    palette = QApplication.palette()
    assert palette.color(QPalette.ColorRole.Window) == theme.color("background")
    assert palette.color(QPalette.ColorRole.WindowText) == theme.color("text")
    assert theme.color("accent").name() in QApplication.instance().styleSheet()


def test_forced_modes_are_light_and_dark(theme):
    theme.set_mode("dark")
    assert theme.is_dark
    theme.set_mode("light")
    assert not theme.is_dark


def test_switch_reaches_widgets_on_show(theme, qtbot):
    label, button = QLabel("text"), IconButton(theme, "copy", "Copy")
    for widget in (label, button):
        qtbot.addWidget(widget)
        widget.show()
    light_text, light_icon = label.palette().color(QPalette.ColorRole.WindowText), darkest(button.icon())
    with qtbot.waitSignal(theme.changed):
        theme.set_mode("dark")
    assert label.palette().color(QPalette.ColorRole.WindowText).lightness() > light_text.lightness() + 100
    assert darkest(button.icon()) > light_icon + 50


def test_same_mode_again_changes_nothing(theme, qtbot):
    with qtbot.assertNotEmitted(theme.changed):
        theme.set_mode("light")


def test_system_mode_is_light_or_dark_as_the_system_is(qapp, icon_cache):
    theme = Theme("system", icon_cache)
    assert theme.mode == "system"
    assert theme.color("background").name() in {load_colors(name).colors["background"] for name in ("light", "dark")}


def test_fonts_that_ship_are_the_ones_used(theme):
    assert QFontInfo(theme.font("body")).family() == "Inter"
    assert QFontInfo(theme.font("mono")).family() == "JetBrains Mono"
    assert QFontInfo(theme.font("mono")).fixedPitch()


def test_type_scale_is_in_pixels(theme):
    metrics = load_metrics()
    assert theme.font("title").pixelSize() == metrics.type_scale["title"].size
    assert theme.font("heading").weight() == metrics.type_scale["heading"].weight


def test_larger_text_takes_code_along_until_code_has_a_size_of_its_own(theme, qtbot):
    with qtbot.waitSignal(theme.changed):
        theme.set_text(1.5)
    assert theme.font("body").pixelSize() == 21
    assert theme.font("mono").pixelSize() == theme.code_size == 20
    theme.set_text(1.5, 12)
    assert theme.font("body").pixelSize() == 21
    assert theme.font("mono").pixelSize() == theme.code_size == 12


def test_text_steps_stay_in_range_and_return(theme):
    for _ in range(20):
        theme.step_text(1)
    assert theme.text_scale == 1.5
    for _ in range(20):
        theme.step_text(-1)
    assert theme.text_scale == 0.85
    assert theme.step_text(0) == 1.0


def test_text_size_reaches_widgets_with_a_role(theme, qtbot):
    label = QLabel("Title")
    label.setProperty("role", "title")
    qtbot.addWidget(label)
    label.ensurePolished()
    before = label.fontMetrics().height()
    theme.set_text(1.5)
    label.ensurePolished()
    assert label.fontMetrics().height() > before


def test_font_set_by_a_widget_is_not_overruled(theme, qtbot):
    label = QLabel("text")
    label.setFont(theme.font("title"))
    qtbot.addWidget(label)
    label.ensurePolished()
    assert label.font().pixelSize() == 22


def test_code_style_knows_every_token_of_a_lexer(theme):
    styles = theme.code_style()
    assert styles[Token.Keyword].color == styles[Token.Keyword.Reserved].color
    assert styles[Token.Literal.String.Double].color == styles[Token.Literal.String].color
    assert styles[Token.Comment.Single].italic
    invented = Token.Name.Function.Of.A.Plugin
    assert styles[invented] == styles[Token.Name.Function]
    assert styles[Token.Keyword].color != styles[Token.Literal.String].color


def test_icons_come_from_files_in_the_cache_folder(theme, icon_cache):
    path = theme.icon_file("send")
    assert path.startswith(str(icon_cache).replace("\\", "/"))
    assert theme.color("text.muted").name() in Path(path).read_text(encoding="utf-8")


def test_damaged_icon_in_the_cache_is_mended(qapp, tmp_path):
    path = Theme("light", tmp_path).icon_file("send")
    Path(path).write_text("not a drawing", encoding="utf-8")
    mended = Theme("light", tmp_path)
    assert not mended.icon("send").pixmap(QSize(16, 16)).isNull()
    assert darkest(mended.icon("send")) < 150


def test_primary_button_is_painted_in_the_accent(theme, qtbot):
    button = QPushButton("Load")
    button.setProperty("role", "primary")
    qtbot.addWidget(button)
    button.resize(120, 32)
    image = button.grab().toImage()
    assert image.pixelColor(60, 4).name() == theme.color("accent").name()


def test_grid_and_radii_are_tokens(theme):
    assert theme.space(1) == 4
    assert theme.space(2.5) == 10
    assert theme.radius("card") == load_metrics().radii["card"]
