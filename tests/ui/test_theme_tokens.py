"""Tokens: every theme has all of them, every name leads somewhere, and all text can be read."""

from __future__ import annotations

import re

import pytest

from app.tools.builtin import SPECS
from ui.theme.icons import aliases, drawing_name, drawing_names, tinted
from ui.theme.stylesheet import names_in, render
from ui.theme.tokens import COLOR_THEMES, load_colors, load_metrics, read_resource

GROUNDS = ("background", "surface", "surface.raised", "surface.sunken", "hover", "pressed", "accent.soft")
TEXTS_ON_GROUNDS = ("text", "text.muted")
#: (text, ground): what is drawn on what, besides the pairs above.
PAIRS = [
    ("text.faint", "background"),
    ("text.faint", "surface"),
    ("text.faint", "surface.raised"),
    ("text.faint", "surface.sunken"),
    ("text.on_accent", "accent"),
    ("text.on_accent", "accent.hover"),
    ("text", "selection"),
    ("text", "code.background"),
    ("text.muted", "code.background"),
    ("accent", "background"),
    ("accent", "surface"),
    ("accent", "surface.raised"),
    ("accent", "accent.soft"),
    ("accent.hover", "background"),
    ("danger", "background"),
    ("danger", "surface"),
    ("danger", "surface.raised"),
    ("danger", "danger.soft"),
    ("warning", "background"),
    ("warning", "surface"),
    ("warning", "surface.raised"),
    ("warning", "warning.soft"),
    ("success", "background"),
    ("success", "surface"),
    ("success", "surface.raised"),
    ("success", "success.soft"),
    ("text", "danger.soft"),
    ("text", "warning.soft"),
    ("text", "success.soft"),
    ("text.muted", "danger.soft"),
    ("text.muted", "warning.soft"),
    ("text.muted", "success.soft"),
    ("text", "diff.added"),
    ("text", "diff.removed"),
    ("text", "token.even"),
    ("text", "token.odd"),
    *((text, ground) for text in TEXTS_ON_GROUNDS for ground in GROUNDS),
]
#: A focus ring, the bars of a timeline and icons must be seen, not read (WCAG 2.2, 1.4.11).
FILES = ("code", "data", "media", "script")
BARS = ("prompt", "reused", "generate", "tool", "waiting", "queue")
SEEN = [
    ("focus", "background"),
    ("focus", "surface"),
    ("focus", "surface.raised"),
    *((f"file.{kind}", ground) for kind in FILES for ground in ("background", "surface", "hover", "accent.soft")),
    *((f"timeline.{bar}", ground) for bar in BARS for ground in ("background", "surface", "surface.raised")),
]


def luminance(color: str) -> float:
    """Return the relative luminance of WCAG 2."""
    channels = [int(color[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """Return the contrast ratio of WCAG 2."""
    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def least(theme: str) -> float:
    """Return the contrast that text needs: level AAA in high contrast, AA otherwise."""
    return 7.0 if theme.startswith("high-contrast") else 4.5


def test_contrast_of_black_on_white_is_21():
    assert contrast("#000000", "#ffffff") == pytest.approx(21.0)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


@pytest.mark.parametrize("theme", COLOR_THEMES)
def test_text_can_be_read_on_every_ground_it_is_drawn_on(theme):
    colors = load_colors(theme).colors
    faint = {
        f"{text} on {ground}": round(contrast(colors[text], colors[ground]), 2)
        for text, ground in PAIRS
        if contrast(colors[text], colors[ground]) < least(theme)
    }
    assert not faint


@pytest.mark.parametrize("theme", COLOR_THEMES)
def test_code_can_be_read(theme):
    tokens = load_colors(theme)
    faint = {
        name: round(contrast(token.color, tokens.colors["code.background"]), 2)
        for name, token in tokens.code.items()
        if contrast(token.color, tokens.colors["code.background"]) < least(theme)
    }
    assert not faint


@pytest.mark.parametrize("theme", COLOR_THEMES)
def test_focus_and_bars_can_be_seen(theme):
    colors = load_colors(theme).colors
    assert not [pair for pair in SEEN if contrast(colors[pair[0]], colors[pair[1]]) < 3.0]


@pytest.mark.parametrize("theme", COLOR_THEMES)
def test_every_theme_has_every_token_as_a_colour(theme):
    tokens, light = load_colors(theme), load_colors("light")
    assert tokens.colors.keys() == light.colors.keys()
    assert tokens.code.keys() == light.code.keys()
    colors = [*tokens.colors.values(), *(token.color for token in tokens.code.values())]
    assert all(re.fullmatch("#[0-9a-f]{6}", color) for color in colors)


@pytest.mark.parametrize("theme", COLOR_THEMES)
def test_style_sheet_uses_only_tokens_that_exist(theme):
    template = read_resource("theme", "style.qss")
    asked = []

    def image(name: str, color: str) -> str:
        asked.append(drawing_name(name))
        return f"{name}-{color}"

    sheet = render(template, load_colors(theme), load_metrics(), image, text_scale=1.0, code_size=13)
    assert "$(" not in sheet
    assert asked
    assert len(names_in(template)) > 50


def test_style_sheet_has_no_literal_colours():
    template = re.sub(r"/\*.*?\*/", "", read_resource("theme", "style.qss"), flags=re.DOTALL)
    assert not re.findall(r"#[0-9a-fA-F]{3,8}\b(?=[^{]*[;}])", template)
    assert "rgb" not in template


def test_unknown_token_is_an_error_that_names_it():
    with pytest.raises(KeyError, match=r"text\.loud"):
        render("a { color: $(text.loud) }", load_colors("light"), load_metrics(), lambda *_: "", 1.0, 13)


def test_text_scale_multiplies_text_and_leaves_code():
    template = "$(size.body) $(size.mono) $(size.mono.small)"
    sheet = render(template, load_colors("light"), load_metrics(), lambda *_: "", 1.5, 16)
    assert sheet == "21px 16px 15px"


def test_every_alias_names_a_drawing_that_ships():
    assert {name: drawing_name(name) for name in aliases()}
    assert not aliases().keys() & drawing_names() - {"package"}


def test_every_tool_has_an_icon_that_ships():
    assert {drawing_name(spec.icon) for spec in SPECS} <= drawing_names()


def test_unknown_icon_is_an_error_that_names_it():
    with pytest.raises(KeyError, match="unicorn"):
        drawing_name("unicorn")


def test_every_drawing_takes_the_colour_it_is_given():
    plain = [name for name in drawing_names() if "currentColor" not in read_resource("icons", f"{name}.svg")]
    assert plain == ["app"]
    assert 'stroke="#123456"' in tinted(read_resource("icons", "copy.svg"), "#123456")


def test_icons_and_fonts_carry_their_licences():
    assert "ISC License" in read_resource("icons", "LICENSE-lucide.txt")
    assert "SIL OPEN FONT LICENSE" in read_resource("fonts", "LICENSE-fonts.txt")
